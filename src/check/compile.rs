//! From clauses to physical expressions over one file's schema.

use std::sync::Arc;

use arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::common::{Column as ColumnName, DFSchema, ScalarValue};
use datafusion::execution::SessionState;
use datafusion::logical_expr::{Expr, lit};
use datafusion::physical_expr::PhysicalExpr;

use crate::contract::model::Table;
use crate::contract::types::{plain, planned};
use crate::error::Result;

use super::clause::{Clause, RowTest, Test};
use super::sample::Shown;

/// What to do with each batch of a file.
#[derive(Clone)]
pub(super) struct Program {
    /// Root columns to read, ascending.
    pub projection: Vec<usize>,
    /// Tests of rows.
    pub steps: Vec<Step>,
    /// The primary key, for samples.
    pub key: Vec<Shown>,
    /// Columns of each key whose order and repetitions are followed, as batch indices.
    pub tracked: Vec<Vec<usize>>,
    /// Clauses that this file's types do not let be tested, and why.
    pub blocked: Vec<(usize, String)>,
}

/// One test.
#[derive(Clone)]
pub(super) struct Step {
    /// The clause's index.
    pub clause: usize,
    /// True for failing rows.
    pub failing: Arc<dyn PhysicalExpr>,
    /// The columns that samples show.
    pub values: Vec<Shown>,
    /// True for rows that are counted under a name of their own.
    pub notes: Vec<Arc<dyn PhysicalExpr>>,
}

/// Compiles programs for the files of one table.
pub(super) struct Compiler<'a> {
    pub state: &'a SessionState,
    pub table: &'a Table,
    pub public: &'a [String],
}

impl Compiler<'_> {
    /// The program of all row tests and tracked keys over a file's schema.
    pub fn program(
        &self,
        clauses: &[Clause],
        tracked: &[Vec<String>],
        schema: &SchemaRef,
    ) -> Result<Program> {
        let tests = clauses.iter().enumerate().filter_map(|(n, clause)| match &clause.test {
            Test::Rows(test) => Some((n, test)),
            _ => None,
        });
        let tests: Vec<(usize, &RowTest)> = tests.collect();
        let names = tests.iter().map(|(_, test)| &test.column).chain(tracked.iter().flatten());
        let frame = self.frame(names, schema)?;
        let mut program = self.empty(&frame, tracked);
        for (clause, test) in tests {
            match self.step(clause, test, &frame)? {
                Ok(step) => program.steps.push(step),
                Err(reason) => program.blocked.push((clause, reason)),
            }
        }
        Ok(program)
    }

    /// The program of one expression over named columns, which samples show.
    pub fn locate(&self, failing: Expr, columns: &[String], schema: &SchemaRef) -> Result<Program> {
        let frame = self.frame(columns.iter(), schema)?;
        let mut program = self.empty(&frame, &[]);
        let values = columns.iter().filter_map(|name| self.shown(&frame, name)).collect();
        let failing = self.state.create_physical_expr(failing, &frame.names)?;
        program.steps.push(Step { clause: 0, failing, values, notes: Vec::new() });
        Ok(program)
    }

    fn empty(&self, frame: &Frame, tracked: &[Vec<String>]) -> Program {
        let key = self.table.primary_key();
        let index = |name: &String| frame.batch.index_of(name).ok();
        Program {
            projection: frame.projection.clone(),
            steps: Vec::new(),
            key: key.iter().filter_map(|c| self.shown(frame, c.physical())).collect(),
            tracked: tracked
                .iter()
                .map(|columns| {
                    let found: Option<Vec<usize>> = columns.iter().map(index).collect();
                    found.unwrap_or_default()
                })
                .collect(),
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
        test: &RowTest,
        frame: &Frame,
    ) -> Result<std::result::Result<Step, String>> {
        let (value, data_type) = match frame.batch.field_with_name(&test.column) {
            Ok(field) => {
                let name = ColumnName::new_unqualified(&test.column);
                (Expr::Column(name), field.data_type().clone())
            }
            Err(_) => {
                // Absent from the file: every value is NULL.
                let declared = self.table.columns.iter().find(|c| c.physical() == test.column);
                let data_type = declared.map_or(arrow::datatypes::DataType::Null, planned);
                (lit(ScalarValue::try_from(&plain(&data_type))?), data_type)
            }
        };
        let failing = match (test.failing)(&value, &data_type) {
            Ok(expr) => expr,
            Err(reason) => return Ok(Err(reason)),
        };
        let mut notes = Vec::new();
        for (_, build) in &test.notes {
            let expr = build(&value, &data_type).unwrap_or_else(|_| lit(false));
            notes.push(self.state.create_physical_expr(expr, &frame.names)?);
        }
        Ok(match self.state.create_physical_expr(failing, &frame.names) {
            Ok(failing) => {
                let values = self.shown(frame, &test.column).into_iter().collect();
                Ok(Step { clause, failing, values, notes })
            }
            Err(error) => Err(crate::error::plain_message(&error)),
        })
    }
}

struct Frame {
    projection: Vec<usize>,
    batch: SchemaRef,
    names: DFSchema,
}
