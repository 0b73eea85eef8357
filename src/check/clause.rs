//! A clause: one verifiable statement of a contract, and how it is tested.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::logical_expr::Expr;
use serde_json::Value;

use crate::contract::clause_id::clause_id;
use crate::contract::model::{Column, Table};
use crate::diagnostic::Span;

use super::report::Verdict;
use super::threshold::Threshold;

/// One clause of one table.
#[derive(Clone)]
pub(super) struct Clause {
    /// Stable id, as the contract's text determines it.
    pub id: String,
    /// What kind of statement it is, such as `required` or `rowCount`.
    pub kind: String,
    /// The column's name, on a column.
    pub column: Option<String>,
    /// Whether its failure fails the run.
    pub is_error: bool,
    /// Where the contract states it.
    pub span: Span,
    /// What it requires, in words.
    pub expected: String,
    /// When the measured value is good.
    pub threshold: Threshold,
    /// How it is measured.
    pub test: Test,
}

/// Builds the expression that is true for a failing row, given a column and its type.
///
/// # Errors
/// Why the clause cannot be tested on a column of that type.
pub(super) type Build = Arc<dyn Fn(&Expr, &DataType) -> Result<Expr, String> + Send + Sync>;

/// A test of single rows.
#[derive(Clone)]
pub(super) struct RowTest {
    /// The column's name in files.
    pub column: String,
    /// The failing rows.
    pub failing: Build,
    /// Rows that are counted under a name of their own, such as `NaN`.
    pub notes: Vec<(&'static str, Build)>,
}

/// How a clause is measured.
#[derive(Clone)]
pub(super) enum Test {
    /// Decided before any row was read: by footers, or because nothing can decide it.
    Settled(Settled),
    /// Counts failing rows.
    Rows(RowTest),
    /// Counts rows.
    RowCount,
    /// Counts rows beyond the first of each key; `primary` keys hold no NULL.
    Unique(Vec<String>),
    /// Counts rows whose key is not in the parent.
    ForeignKey(ForeignKey),
    /// Evaluates a query to one number or boolean.
    Sql(String),
}

/// A verdict that needed no rows.
#[derive(Clone)]
pub(super) struct Settled {
    /// The verdict.
    pub verdict: Verdict,
    /// What was measured.
    pub measured: Option<Value>,
    /// Rows that fail, where that is known.
    pub failing_rows: Option<u64>,
    /// Why.
    pub reason: Option<String>,
}

/// Columns that point to columns of another table.
#[derive(Clone)]
pub(super) struct ForeignKey {
    /// Names of the child's columns, in SQL.
    pub from: Vec<String>,
    /// Names of the child's columns, in files.
    pub from_physical: Vec<String>,
    /// The parent's name.
    pub table: String,
    /// Names of the parent's columns, in SQL.
    pub to: Vec<String>,
}

impl Clause {
    /// A clause that requires that no row fails, of error level.
    pub fn new(
        table: &Table,
        column: Option<&Column>,
        kind: &str,
        span: Span,
        expected: impl Into<String>,
        test: Test,
    ) -> Self {
        Self {
            id: clause_id(table, column, kind),
            kind: kind.to_owned(),
            column: column.map(|c| c.name.value.clone()),
            is_error: true,
            span,
            expected: expected.into(),
            threshold: Threshold::none_failing(),
            test,
        }
    }

    /// A clause that was decided without rows.
    pub fn settled(
        table: &Table,
        column: Option<&Column>,
        kind: &str,
        span: Span,
        expected: impl Into<String>,
        verdict: Verdict,
        reason: Option<String>,
    ) -> Self {
        let settled = Settled { verdict, measured: None, failing_rows: None, reason };
        Self::new(table, column, kind, span, expected, Test::Settled(settled))
    }
}

impl RowTest {
    /// A test of one column.
    pub fn new(
        column: &Column,
        failing: impl Fn(&Expr, &DataType) -> Result<Expr, String> + Send + Sync + 'static,
    ) -> Self {
        Self { column: column.physical().to_owned(), failing: Arc::new(failing), notes: Vec::new() }
    }

    /// Counts some rows under a name of their own.
    pub fn note(
        mut self,
        name: &'static str,
        rows: impl Fn(&Expr, &DataType) -> Result<Expr, String> + Send + Sync + 'static,
    ) -> Self {
        self.notes.push((name, Arc::new(rows)));
        self
    }
}
