//! Guarantees: what a released table claims about its columns, compared with every staged value.
//!
//! Staging begins with the contract's promises, and the values it sees decide. There is no NULL
//! where readers are told that there is none, and no minimum or maximum is kept of floats that hold
//! a NaN: Parquet's ignore it, and readers that skip rows by them would skip its rows.

use std::collections::BTreeSet;

use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Float32Type, Float64Type, Schema};
use parquet::arrow::ArrowSchemaConverter;
use parquet::basic::Type;
use parquet::schema::types::ColumnPath;

use crate::contract::model::Table;
use crate::error::{Error, Result};

/// What is guaranteed about the columns of one table, as far as it has been staged.
pub(super) struct Guarantees {
    /// Float columns, by index, whose minima and maxima are kept.
    measured: BTreeSet<usize>,
    /// Columns that readers are told hold no NULL, by index and declared name.
    not_null: Vec<(usize, String)>,
    /// The table's name.
    table: String,
}

/// Whether what was guaranteed before still holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Guaranteed {
    /// It does.
    Still,
    /// Less is guaranteed now: files written under the earlier guarantee claim too much.
    Less,
}

impl Guarantees {
    /// What the contract promises about a table that is stored in this schema, column by column.
    pub fn of(table: &Table, schema: &Schema) -> Self {
        let columns = || table.stored_columns().enumerate();
        let is_float = |n: usize| schema.fields().get(n).is_some_and(|f| float(f.data_type()));
        Self {
            measured: columns()
                .filter(|(n, column)| column.bounded_without_nan() && is_float(*n))
                .map(|(n, _)| n)
                .collect(),
            not_null: columns()
                .filter(|(_, column)| column.not_null())
                .map(|(n, column)| (n, column.name.value.clone()))
                .collect(),
            table: table.name.value.clone(),
        }
    }

    /// Looks at rows before they are written.
    ///
    /// # Errors
    /// When a column holds NULL but must not: a passing check never lets it through.
    pub fn see(&mut self, batch: &RecordBatch) -> Result<Guaranteed> {
        let holds_null = |n: &usize| batch.column(*n).logical_null_count() > 0;
        if let Some((_, name)) = self.not_null.iter().find(|(n, _)| holds_null(n)) {
            let message =
                format!("column '{name}' holds NULL, and the contract says that it does not");
            return Err(Error::mend("null-staged", message)
                .at(format!("table {}", self.table))
                .hint("nothing was released; deliver the column without NULL"));
        }
        let before = self.measured.len();
        self.measured.retain(|n| !holds_nan(batch.column(*n)));
        Ok(if self.measured.len() < before { Guaranteed::Less } else { Guaranteed::Still })
    }

    /// The Parquet columns of which no minimum and maximum is kept: floats that may hold a NaN, those
    /// inside other values always.
    ///
    /// # Errors
    /// When the schema has no form in Parquet.
    pub fn unmeasured(&self, schema: &Schema) -> Result<Vec<ColumnPath>> {
        let parquet = ArrowSchemaConverter::new().convert(schema)?;
        let floats = (0..parquet.num_columns()).filter(|leaf| {
            // A value inside another has the outer one's index, which is never that of a float.
            let is_measured = self.measured.contains(&parquet.get_column_root_idx(*leaf));
            let physical = parquet.column(*leaf).physical_type();
            matches!(physical, Type::FLOAT | Type::DOUBLE) && !is_measured
        });
        Ok(floats.map(|leaf| parquet.column(leaf).path().clone()).collect())
    }
}

/// Delta has no half floats: no other float is ever staged.
fn float(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Float32 | DataType::Float64)
}

fn holds_nan(array: &ArrayRef) -> bool {
    match array.data_type() {
        DataType::Float32 => any::<Float32Type>(array, f32::is_nan),
        DataType::Float64 => any::<Float64Type>(array, f64::is_nan),
        // Values that cannot be inspected may hold anything.
        _ => true,
    }
}

fn any<T: ArrowPrimitiveType>(array: &ArrayRef, is: fn(T::Native) -> bool) -> bool {
    let array = array.as_primitive::<T>();
    match array.null_count() {
        0 => array.values().iter().any(|value| is(*value)),
        _ => array.iter().flatten().any(is),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Float32Array, Float64Array, Int64Array};
    use arrow::datatypes::Field;

    use super::*;
    use crate::contract::parse;
    use crate::diagnostic::Source;

    const COLUMNS: &str = "{name: id, logicalType: integer, primaryKey: true}, \
        {name: low, logicalType: number, logicalTypeOptions: {minimum: 0}}, \
        {name: flag, logicalType: number, logicalTypeOptions: {exclusiveMinimum: false}}, \
        {name: free, logicalType: number}, \
        {name: box, logicalType: object, properties: [{name: inner, logicalType: number, \
         logicalTypeOptions: {minimum: 0}}]}";

    fn table() -> Table {
        let text = format!(
            "version: 1.0.0\napiVersion: v3.1.0\nkind: DataContract\nid: t\nstatus: active\n\
             schema: [{{name: t, properties: [{COLUMNS}]}}]"
        );
        parse(&Arc::new(Source::new("t", text))).contract.unwrap().tables[0].clone()
    }

    fn schema() -> Schema {
        let inner = vec![Field::new("inner", DataType::Float32, true)];
        Schema::new(vec![
            Field::new("id", DataType::Int64, true),
            Field::new("low", DataType::Float64, true),
            Field::new("flag", DataType::Float64, true),
            Field::new("free", DataType::Float32, true),
            Field::new("box", DataType::Struct(inner.into()), true),
        ])
    }

    fn rows(ids: Vec<Option<i64>>, low: Vec<Option<f64>>) -> RecordBatch {
        let count = ids.len();
        let schema = Arc::new(schema());
        let columns: Vec<ArrayRef> = vec![
            Arc::new(Int64Array::from(ids)),
            Arc::new(Float64Array::from(low)),
            Arc::new(Float64Array::from(vec![f64::NAN; count])),
            Arc::new(Float32Array::from(vec![f32::NAN; count])),
            arrow::array::new_null_array(schema.field(4).data_type(), count),
        ];
        RecordBatch::try_new(schema, columns).unwrap()
    }

    fn unmeasured(guarantees: &Guarantees) -> Vec<String> {
        guarantees.unmeasured(&schema()).unwrap().iter().map(ColumnPath::string).collect()
    }

    #[test]
    fn a_nan_ends_the_guarantee_of_its_column_and_no_other() {
        let mut guarantees = Guarantees::of(&table(), &schema());
        let not_bounded = ["flag", "free", "box.inner"];
        assert_eq!(unmeasured(&guarantees), not_bounded);
        let plain = rows(vec![Some(1), Some(2)], vec![Some(0.5), None]);
        assert_eq!(guarantees.see(&plain).unwrap(), Guaranteed::Still);
        assert_eq!(unmeasured(&guarantees), not_bounded);
        let odd = rows(vec![Some(1), Some(2)], vec![Some(-f64::NAN), None]);
        assert_eq!(guarantees.see(&odd).unwrap(), Guaranteed::Less);
        assert_eq!(unmeasured(&guarantees), ["low", "flag", "free", "box.inner"]);
        assert_eq!(guarantees.see(&odd).unwrap(), Guaranteed::Still, "it is no longer guaranteed");
    }

    #[test]
    fn a_null_where_none_may_be_is_refused() {
        let mut guarantees = Guarantees::of(&table(), &schema());
        let error = guarantees.see(&rows(vec![Some(1), None], vec![None, None])).unwrap_err();
        assert_eq!(error.code(), "null-staged");
        assert_eq!(error.remedy(), crate::error::Remedy::Mend);
        assert!(error.message().contains("'id'"), "{error}");
    }
}
