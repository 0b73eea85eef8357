//! A clause: one verifiable statement of a contract, and how it is tested.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::Expr;
use serde_json::Value;

use crate::check::report::Verdict;
use crate::contract::Contract;
use crate::contract::clause_id::clause_id;
use crate::contract::model::{Column, Table};
use crate::contract::types::planned;
use crate::diagnostic::Span;

use super::threshold::Threshold;

/// One clause of one table.
#[derive(Clone)]
pub(in crate::check) struct Clause {
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
    /// The second threshold, whose failure is only reported (`warn`).
    pub warning: Option<Threshold>,
    /// Which rows it looks at, and against what.
    pub scope: Scope,
    /// How it is measured.
    pub test: Test,
    /// Whether the measure may be shown although classified columns are read.
    pub is_public: bool,
}

/// Which rows a clause looks at, and against what.
#[derive(Debug, Clone, Default)]
pub(in crate::check) struct Scope {
    /// Custom property `where`: an SQL predicate over the table's columns.
    pub filter: Option<String>,
    /// Custom property `groupBy`: a verdict for each group of these columns, by name.
    pub group_by: Vec<String>,
    /// Custom property `compareTo: previous`: the change since the current release is measured.
    pub previous: bool,
}

/// A step from a value into what it holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::check) enum Step {
    /// The field of a struct.
    Field(String),
    /// Every item of a list.
    Items,
    /// Every key of a map.
    Keys,
    /// Every value of a map.
    Values,
}

/// Builds the expression that is true for a failing row, given a column and its type.
///
/// # Errors
/// Why the clause cannot be tested on a column of that type.
pub(in crate::check) type Build =
    Arc<dyn Fn(&Expr, &DataType) -> Result<Expr, String> + Send + Sync>;

/// A test of single rows.
#[derive(Clone)]
pub(in crate::check) struct RowTest {
    /// The column's name in files.
    pub column: String,
    /// The way into the column's values; empty for the column itself. A row fails when any value
    /// at the end of the way does.
    pub path: Vec<Step>,
    /// The type at the end of the way, for a file whose structs have no such field.
    pub planned: DataType,
    /// The failing rows.
    pub failing: Build,
    /// Rows that are counted under a separate name, such as `NaN`.
    pub notes: Vec<Note>,
    /// What a footer's statistics would have to say to prove that no row fails.
    pub proof: Option<Proof>,
    /// Whether a text that did not parse fails this test and no other.
    pub parses: bool,
    /// Texts that did not parse because they stand for a missing value, as the contract says. They
    /// are not faults of the type, and fail the tests that ask for a value.
    pub placeholders: Vec<String>,
    /// What explains rows that fail; it quotes no value.
    pub because: Option<String>,
}

/// Rows among those that fail which are counted under a name of their own.
#[derive(Clone)]
pub(in crate::check) struct Note {
    /// What they are called behind their number.
    pub name: String,
    /// Why they fail, where the name does not explain it.
    pub why: Option<&'static str>,
    /// Which they are.
    pub rows: Build,
}

/// What proves a test without its rows, where statistics may be trusted.
#[derive(Clone)]
pub(in crate::check) enum Proof {
    /// There is no NULL.
    NoNull,
    /// The least value is not below the limit that a column of the type has.
    AtLeast(Limit),
    /// The greatest value is not above it.
    AtMost(Limit),
}

/// The limit as a value of a type; `None` where the type has none.
pub(in crate::check) type Limit = Arc<dyn Fn(&DataType) -> Option<ScalarValue> + Send + Sync>;

/// How a clause is measured.
#[derive(Clone)]
pub(in crate::check) enum Test {
    /// Decided before any row was read: by footers, or because nothing can decide it.
    Settled(Settled),
    /// Counts failing rows.
    Rows(RowTest),
    /// Counts rows.
    RowCount,
    /// Counts rows beyond the first of each key.
    Unique(Vec<String>),
    /// Counts values beyond the first of each, inside the values of a column.
    UniqueWithin(Place),
    /// Measures what a query over the table answers: an age, a gap, a drift.
    Measure(Measure),
    /// Counts rows whose key is not in the parent.
    ForeignKey(ForeignKey),
    /// Evaluates a query to one number or boolean.
    Sql(String),
}

/// A place inside a column's values.
#[derive(Debug, Clone)]
pub(in crate::check) struct Place {
    /// The column's name in SQL.
    pub column: String,
    /// The way into its values.
    pub path: Vec<Step>,
}

/// What is measured of a whole table besides row counts.
#[derive(Debug, Clone)]
pub(in crate::check) enum Measure {
    /// How long before `now` the newest value of these columns lies, in a unit.
    Latency { columns: Vec<String>, unit_seconds: f64 },
    /// The longest time between neighbouring values of these columns, in a unit.
    Frequency { columns: Vec<String>, unit_seconds: f64 },
    /// How a table differs from the current release's.
    Drift(Drift),
}

/// How a table, or one of its numeric columns, differs from the current release's.
#[derive(Debug, Clone)]
pub(in crate::check) enum Drift {
    /// The mean of a column, less that of the release.
    Mean(String),
    /// A quantile of a column, less that of the release.
    Quantile(String, f64),
    /// The population stability index of a column.
    StabilityIndex(String),
    /// The percentage of the release's keys that are still there.
    KeysKept,
    /// The percentage of the kept keys whose row changed.
    RowsChanged,
}

/// A verdict that needed no rows.
#[derive(Clone)]
pub(in crate::check) struct Settled {
    /// The verdict.
    pub verdict: Verdict,
    /// What was measured.
    pub measured: Option<Value>,
    /// Rows that fail, where that is known.
    pub failing_rows: Option<u64>,
    /// Why.
    pub reason: Option<String>,
}

/// Another contract, or another major of the same one, that a relationship refers to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::check) struct Other {
    /// The contract's id.
    pub id: String,
    /// The major of the document that is named.
    pub major: u64,
}

impl Other {
    /// The contract of a document.
    pub fn of(contract: &Contract) -> Self {
        Self { id: contract.id.clone(), major: contract.version.major }
    }

    /// The schema of its tables in the session: no SQL name begins like this.
    pub fn schema(&self) -> String {
        format!("pactum_other {} {}", self.major, self.id)
    }
}

/// Columns that point to columns of another table.
#[derive(Clone)]
pub(in crate::check) struct ForeignKey {
    /// Names of the child's columns, in SQL.
    pub from: Vec<String>,
    /// Names of the child's columns, in files.
    pub from_physical: Vec<String>,
    /// The contract of the parent table, where it is another one.
    pub contract: Option<Other>,
    /// The place of the child's values, where it is inside a column.
    pub within: Option<Place>,
    /// The parent's name.
    pub table: String,
    /// Names of the parent's columns in SQL, each with the names in files of the fields behind it.
    pub to: Vec<(String, Vec<String>)>,
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
            warning: None,
            scope: Scope::default(),
            test,
            is_public: false,
        }
    }

    /// A clause that was decided without rows.
    pub fn settled(
        table: &Table,
        column: Option<&Column>,
        kind: &str,
        span: Span,
        expected: impl Into<String>,
        settled: Settled,
    ) -> Self {
        Self::new(table, column, kind, span, expected, Test::Settled(settled))
    }

    /// Leaves it unexecuted, whatever rows it looks at: it is compared with nothing.
    pub fn leave_unexecuted(&mut self, reason: impl Into<String>) {
        self.scope = Scope::default();
        self.warning = None;
        self.test = Test::Settled(Settled::not_executed(reason));
    }
}

impl Settled {
    /// A verdict on what has no count, and why.
    pub fn of(verdict: Verdict, reason: impl Into<String>) -> Self {
        Self { verdict, measured: None, failing_rows: None, reason: Some(reason.into()) }
    }

    /// What nothing here can execute, and why.
    pub fn not_executed(reason: impl Into<String>) -> Self {
        Self::of(Verdict::NotExecuted, reason)
    }

    /// What is listed and asks nothing of the rows, and why.
    pub fn informational(reason: impl Into<String>) -> Self {
        Self::of(Verdict::Informational, reason)
    }
}

impl RowTest {
    /// A test of one column.
    pub fn new(
        column: &Column,
        failing: impl Fn(&Expr, &DataType) -> Result<Expr, String> + Send + Sync + 'static,
    ) -> Self {
        Self {
            column: column.physical().to_owned(),
            path: Vec::new(),
            planned: planned(column),
            failing: Arc::new(failing),
            notes: Vec::new(),
            proof: None,
            parses: false,
            placeholders: Vec::new(),
            because: None,
        }
    }

    /// Explains rows that fail.
    pub fn explained(mut self, because: Option<String>) -> Self {
        self.because = because;
        self
    }

    /// Adds what would prove it without rows.
    pub fn proven_by(mut self, proof: Proof) -> Self {
        self.proof = Some(proof);
        self
    }

    /// Treats some texts that did not parse as missing values.
    pub fn without(mut self, placeholders: Vec<String>) -> Self {
        self.placeholders = placeholders;
        self
    }

    /// Counts some rows under a separate name.
    pub fn note(
        mut self,
        name: impl Into<String>,
        rows: impl Fn(&Expr, &DataType) -> Result<Expr, String> + Send + Sync + 'static,
    ) -> Self {
        self.notes.push(Note { name: name.into(), why: None, rows: Arc::new(rows) });
        self
    }

    /// Counts some rows under a separate name, and says why they fail.
    pub fn note_because(
        mut self,
        name: &str,
        why: &'static str,
        rows: impl Fn(&Expr, &DataType) -> Result<Expr, String> + Send + Sync + 'static,
    ) -> Self {
        self.notes.push(Note { name: name.to_owned(), why: Some(why), rows: Arc::new(rows) });
        self
    }
}
