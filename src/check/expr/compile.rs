//! From clauses to physical expressions over one file's schema.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{Column as ColumnName, DFSchema, ScalarValue};
use datafusion::execution::SessionState;
use datafusion::logical_expr::{Expr, lit};
use datafusion::physical_expr::PhysicalExpr;

use crate::check::plan::clause::{Clause, RowTest, Test};
use crate::contract::model::Table;
use crate::contract::types::{plain, planned};
use crate::engine::sql;
use crate::engine::unparsed::UNPARSED;
use crate::error::{Result, plain_message};

use super::dictionary::ByValue;
use super::nested;
use super::shown::Shown;

/// What to do with each batch of a file.
#[derive(Clone)]
pub(in crate::check) struct Program {
    /// Columns of the file's schema to read, ascending.
    pub projection: Vec<usize>,
    /// Of these, the text columns whose tests can all be made value by value.
    pub texts: Vec<usize>,
    /// Tests of rows.
    pub steps: Vec<ClauseTest>,
    /// The primary key, for samples.
    pub key: Vec<Shown>,
    /// Clauses that cannot be tested on this file's types, and why.
    pub blocked: Vec<(usize, String)>,
}

/// One test.
#[derive(Clone)]
pub(in crate::check) struct ClauseTest {
    /// The clause's index.
    pub clause: usize,
    /// True for failing rows.
    pub failing: Arc<dyn PhysicalExpr>,
    /// The same for the values of a dictionary, where the test looks at one column of text.
    pub by_value: Option<ByValue>,
    /// True for the rows that the clause looks at, where it does not look at all.
    pub filter: Option<Arc<dyn PhysicalExpr>>,
    /// The columns that samples show.
    pub values: Vec<Shown>,
    /// True for rows that are counted under a separate name.
    pub notes: Vec<Arc<dyn PhysicalExpr>>,
}

/// Compiles programs for the files of one table.
pub(in crate::check) struct Compiler<'a> {
    pub state: &'a SessionState,
    pub table: &'a Table,
    pub public: &'a [String],
}

/// What a clause tests of single rows.
enum Tested<'a> {
    /// Whether they fail a test of one column.
    Column(&'a RowTest),
    /// Whether the clause's filter lets them count.
    Counted,
}

impl Compiler<'_> {
    /// The program of all row tests over a file's schema; `keys` are read as well.
    pub fn program(
        &self,
        clauses: &[Clause],
        skipped: &[usize],
        keys: &[Vec<String>],
        schema: &SchemaRef,
    ) -> Result<Program> {
        let mut tests = Vec::new();
        for (n, clause) in clauses.iter().enumerate() {
            if !clause.scope.group_by.is_empty() || clause.scope.previous || skipped.contains(&n) {
                continue;
            }
            match &clause.test {
                Test::Rows(test) => tests.push((n, clause, Tested::Column(test))),
                Test::RowCount if clause.scope.filter.is_some() => {
                    tests.push((n, clause, Tested::Counted));
                }
                _ => {}
            }
        }
        let mut names: Vec<String> = keys.iter().flatten().cloned().collect();
        for (_, clause, tested) in &tests {
            if let Tested::Column(test) = tested {
                names.push(test.column.clone());
                names.push(format!("{UNPARSED}{}", test.column));
            }
            if let Some(filter) = &clause.scope.filter {
                names.extend(
                    sql::words(filter)
                        .unwrap_or_default()
                        .iter()
                        .filter_map(|word| Some(self.table.column(word)?.physical().to_owned())),
                );
            }
        }
        let frame = self.frame(names.iter(), schema)?;
        let mut program = self.empty(&frame);
        for (clause, stated, tested) in tests {
            match self.step(clause, stated, &tested, &frame)? {
                Ok(step) => program.steps.push(step),
                Err(reason) => program.blocked.push((clause, reason)),
            }
        }
        program.texts = texts(&program, keys, &frame);
        Ok(program)
    }

    /// The program of one expression over named columns, which samples show.
    pub fn locate(&self, failing: Expr, columns: &[String], schema: &SchemaRef) -> Result<Program> {
        let frame = self.frame(columns.iter(), schema)?;
        let mut program = self.empty(&frame);
        let values = columns.iter().filter_map(|name| self.shown(&frame, name)).collect();
        let failing = self.state.create_physical_expr(failing, &frame.names)?;
        program.steps.push(ClauseTest {
            clause: 0,
            failing,
            by_value: None,
            filter: None,
            values,
            notes: Vec::new(),
        });
        Ok(program)
    }

    fn empty(&self, frame: &Frame) -> Program {
        let key = self.table.primary_key();
        Program {
            projection: frame.projection.clone(),
            texts: Vec::new(),
            steps: Vec::new(),
            key: key.iter().filter_map(|c| self.shown(frame, c.physical())).collect(),
            blocked: Vec::new(),
        }
    }

    fn shown(&self, frame: &Frame, physical: &str) -> Option<Shown> {
        let index = frame.batch.index_of(physical).ok()?;
        Some(Shown::new(self.table, physical, index, self.public))
    }

    /// The columns that a program reads: those named, and the primary key.
    fn frame<'n>(
        &self,
        names: impl Iterator<Item = &'n String>,
        schema: &SchemaRef,
    ) -> Result<Frame> {
        let mut projection: Vec<usize> =
            names.filter_map(|name| schema.index_of(name).ok()).collect();
        let key = self.table.primary_key();
        projection.extend(key.iter().filter_map(|c| schema.index_of(c.physical()).ok()));
        projection.sort_unstable();
        projection.dedup();
        let fields: Vec<Field> = projection
            .iter()
            .map(|n| {
                let field = schema.field(*n);
                Field::new(field.name(), field.data_type().clone(), true)
            })
            .collect();
        let batch = Arc::new(Schema::new(fields));
        let names = DFSchema::try_from(Arc::clone(&batch))?;
        Ok(Frame { projection, batch, names })
    }

    fn step(
        &self,
        clause: usize,
        stated: &Clause,
        tested: &Tested<'_>,
        frame: &Frame,
    ) -> Result<std::result::Result<ClauseTest, String>> {
        let filter = match stated.scope.filter.as_ref().map(|f| self.filter(f, frame)) {
            None => None,
            Some(Ok(filter)) => Some(filter),
            Some(Err(reason)) => return Ok(Err(reason)),
        };
        let test = match tested {
            Tested::Column(test) => test,
            Tested::Counted => {
                let failing = self.state.create_physical_expr(lit(true), &frame.names)?;
                let (values, notes) = (Vec::new(), Vec::new());
                return Ok(Ok(ClauseTest {
                    clause,
                    failing,
                    by_value: None,
                    filter,
                    values,
                    notes,
                }));
            }
        };
        let (value, data_type) = self.value(test, frame)?;
        let expression = match self.failing(test, &value, &data_type, frame) {
            Ok(expression) => expression,
            Err(reason) => return Ok(Err(reason)),
        };
        let failing = match self.state.create_physical_expr(expression, &frame.names) {
            Ok(failing) => failing,
            Err(error) => return Ok(Err(plain_message(&error))),
        };
        let mut notes = Vec::new();
        // Of texts that did not parse, the text is looked at.
        let unparsed = test.parses.then(|| self.unparsed(test, frame)).flatten();
        let (value, data_type) = unparsed.map_or((value, data_type), |text| (text, DataType::Utf8));
        for note in &test.notes {
            let within = |build| {
                nested::failing(self.state, &value, &data_type, (&test.path, &test.planned), build)
            };
            let expr = within(&note.rows).unwrap_or_else(|_| lit(false));
            notes.push(self.state.create_physical_expr(expr, &frame.names)?);
        }
        let shown = match test.parses {
            true => format!("{UNPARSED}{}", test.column),
            false => test.column.clone(),
        };
        let mut values: Vec<Shown> = self.shown(frame, &shown).into_iter().collect();
        if let (true, Some(shown)) = (test.parses, values.first_mut()) {
            *shown = Shown::new(self.table, &test.column, shown.index, self.public);
        }
        let by_value = match &filter {
            None => self.by_value(test, frame),
            Some(_) => None,
        };
        Ok(Ok(ClauseTest { clause, failing, by_value, filter, values, notes }))
    }

    /// The column's value in a file, or NULL where the file has no such column.
    fn value(&self, test: &RowTest, frame: &Frame) -> Result<(Expr, DataType)> {
        if let Ok(field) = frame.batch.field_with_name(&test.column) {
            let name = ColumnName::new_unqualified(&test.column);
            return Ok((Expr::Column(name), field.data_type().clone()));
        }
        let declared = self.table.columns.iter().find(|c| c.physical() == test.column);
        let data_type = declared.map_or(DataType::Null, planned);
        Ok((lit(ScalarValue::try_from(&plain(&data_type))?), data_type))
    }

    /// True for failing rows; a text that does not parse fails the test of its type and no other,
    /// unless it stands for a missing value.
    fn failing(
        &self,
        test: &RowTest,
        value: &Expr,
        data_type: &DataType,
        frame: &Frame,
    ) -> Result<Expr, String> {
        let unparsed = self.unparsed(test, frame);
        let missing = |text: &Expr| {
            let listed = test.placeholders.iter().map(|text| lit(text.as_str())).collect();
            text.clone().is_not_null().and(text.clone().in_list(listed, false))
        };
        let is_plain = test.placeholders.is_empty();
        if test.parses {
            return Ok(match unparsed {
                None => lit(false),
                Some(text) if is_plain => text.is_not_null(),
                Some(text) => text.clone().is_not_null().and(!missing(&text)),
            });
        }
        let failing = nested::failing(
            self.state,
            value,
            data_type,
            (&test.path, &test.planned),
            &test.failing,
        )?;
        Ok(match unparsed {
            Some(text) if is_plain => text.is_null().and(failing),
            Some(text) => missing(&text).or(text.is_null().and(failing)),
            None => failing,
        })
    }

    /// The texts of a column's values that did not parse, where it was parsed from texts.
    fn unparsed(&self, test: &RowTest, frame: &Frame) -> Option<Expr> {
        let name = format!("{UNPARSED}{}", test.column);
        let found = frame.batch.index_of(&name).is_ok();
        found.then(|| Expr::Column(ColumnName::new_unqualified(name)))
    }

    /// The test of a column of text by itself, where nothing else is looked at.
    fn by_value(&self, test: &RowTest, frame: &Frame) -> Option<ByValue> {
        let column = frame.batch.index_of(&test.column).ok()?;
        let text = plain(frame.batch.field(column).data_type()) == DataType::Utf8;
        let alone = test.path.is_empty()
            && !test.parses
            && frame.batch.index_of(&format!("{UNPARSED}{}", test.column)).is_err();
        if !text || !alone {
            return None;
        }
        let value = Expr::Column(ColumnName::new_unqualified("value"));
        let failing = (test.failing)(&value, &DataType::Utf8).ok()?;
        let schema = Schema::new(vec![Field::new("value", DataType::Utf8, true)]);
        let names = DFSchema::try_from(schema).ok()?;
        let failing = self.state.create_physical_expr(failing, &names).ok()?;
        Some(ByValue { column, failing })
    }

    /// The rows that a clause looks at. A column that a file lacks is NULL in it.
    fn filter(&self, filter: &str, frame: &Frame) -> Result<Arc<dyn PhysicalExpr>, String> {
        let words = |e: datafusion::error::DataFusionError| plain_message(&e);
        let found = |name: &str| frame.batch.field_with_name(name).ok();
        let mut fields = Vec::new();
        for column in self.table.stored_columns() {
            let data_type = found(column.physical())
                .map_or_else(|| planned(column), |field| field.data_type().clone());
            fields.push(Field::new(column.name.value.to_ascii_lowercase(), data_type, true));
        }
        let names = DFSchema::try_from(Schema::new(fields)).map_err(words)?;
        let expression =
            sql::row_predicate(self.state, filter, &names).map_err(|e| e.to_string())?;
        let physical = expression.transform(|expr| {
            let Expr::Column(name) = &expr else { return Ok(Transformed::no(expr)) };
            let Some(column) = self.table.column(&name.name) else {
                return Ok(Transformed::no(expr));
            };
            Ok(Transformed::yes(match found(column.physical()) {
                Some(_) => Expr::Column(ColumnName::new_unqualified(column.physical())),
                None => lit(ScalarValue::try_from(&plain(&planned(column)))?),
            }))
        });
        let physical = physical.map_err(words)?.data;
        self.state.create_physical_expr(physical, &frame.names).map_err(words)
    }
}

/// The columns that may be read by their dictionary.
fn texts(program: &Program, keys: &[Vec<String>], frame: &Frame) -> Vec<usize> {
    let free = |index: &usize| {
        let field = frame.batch.field(*index);
        let followed = keys.iter().flatten().any(|name| name == field.name());
        let mut steps = program.steps.iter();
        let filtered = program.steps.iter().any(|step| step.filter.is_some());
        // A test of another shape needs the values row by row.
        let otherwise = steps.any(|step| {
            let shown = step.values.iter().any(|v| v.index == *index);
            shown && step.by_value.as_ref().is_none_or(|b| b.column != *index)
        });
        let text = matches!(field.data_type(), DataType::Utf8);
        text && !followed && !filtered && !otherwise
    };
    (0..frame.projection.len()).filter(free).map(|n| frame.projection[n]).collect()
}

struct Frame {
    projection: Vec<usize>,
    batch: SchemaRef,
    names: DFSchema,
}
