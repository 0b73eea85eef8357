//! Dictionaries: a test of one text column runs once for each value of a chunk's dictionary, and
//! rows are judged by the value that they refer to.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, new_null_array};
use arrow::buffer::BooleanBuffer;
use arrow::datatypes::{DataType, Field, Int32Type, Schema};
use datafusion::physical_expr::PhysicalExpr;

use crate::error::Result;

/// A test of a column's values by themselves.
#[derive(Debug, Clone)]
pub(in crate::check) struct ByValue {
    /// The column's index in the batch.
    pub column: usize,
    /// True for failing values, over a batch of that one column as plain text.
    pub failing: Arc<dyn PhysicalExpr>,
}

/// The verdicts on the values of the dictionaries that were met last, by clause.
#[derive(Default)]
pub(in crate::check) struct Dictionaries {
    judged: HashMap<usize, Judged>,
}

struct Judged {
    /// Kept alive, so that no later dictionary has the same address.
    values: ArrayRef,
    failing: BooleanBuffer,
    any: bool,
    null_fails: bool,
}

impl Dictionaries {
    /// The failing rows, where the batch holds the column by its dictionary: `Some(None)` when no
    /// row fails, `None` when the column is not read by its dictionary.
    #[allow(clippy::option_option, reason = "no row fails is another answer than no answer")]
    pub fn judge(
        &mut self,
        clause: usize,
        test: &ByValue,
        batch: &RecordBatch,
    ) -> Result<Option<Option<BooleanArray>>> {
        let column = batch.column(test.column).as_dictionary_opt::<Int32Type>();
        let Some(column) = column.filter(|c| c.values().data_type() == &DataType::Utf8) else {
            return Ok(None);
        };
        let known = self.judged.get(&clause).is_some_and(|j| same(&j.values, column.values()));
        if !known {
            self.judged.insert(clause, judge(test, column.values())?);
        }
        let Some(judged) = self.judged.get(&clause) else { return Ok(None) };
        let nulls = column.keys().nulls().filter(|n| n.null_count() > 0);
        if !judged.any && (!judged.null_fails || nulls.is_none()) {
            return Ok(Some(None));
        }
        let keys = column.keys().values();
        let failing = BooleanBuffer::collect_bool(keys.len(), |row| {
            if nulls.is_some_and(|n| n.is_null(row)) {
                return judged.null_fails;
            }
            usize::try_from(keys[row]).is_ok_and(|key| judged.failing.value(key))
        });
        Ok(Some(Some(BooleanArray::new(failing, None))))
    }
}

/// Whether two arrays are the same memory; every batch of a chunk shares its dictionary.
fn same(a: &ArrayRef, b: &ArrayRef) -> bool {
    a.len() == b.len() && a.to_data().ptr_eq(&b.to_data())
}

fn judge(test: &ByValue, values: &ArrayRef) -> Result<Judged> {
    let failing = evaluate(test, values)?;
    let null = evaluate(test, &new_null_array(&DataType::Utf8, 1))?;
    let failing = match failing.nulls() {
        Some(nulls) => failing.values() & nulls.inner(),
        None => failing.values().clone(),
    };
    Ok(Judged {
        values: Arc::clone(values),
        any: failing.count_set_bits() > 0,
        failing,
        null_fails: null.is_valid(0) && null.value(0),
    })
}

fn evaluate(test: &ByValue, values: &ArrayRef) -> Result<BooleanArray> {
    let schema = Arc::new(Schema::new(vec![Field::new("value", DataType::Utf8, true)]));
    let batch = RecordBatch::try_new(schema, vec![Arc::clone(values)])?;
    let result = test.failing.evaluate(&batch)?.into_array(values.len())?;
    Ok(result.as_boolean().clone())
}
