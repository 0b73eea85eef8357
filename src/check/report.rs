//! The report: every clause with its verdict, what was measured, and where it fails.
//!
//! Its JSON is a format that lasts: what `--format json` prints and what a release keeps.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What stands in place of a classified value.
pub const REDACTED: &str = "(classified)";

/// How a clause ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It holds.
    Passed,
    /// It does not hold.
    Failed,
    /// Its table was kept from an earlier release, where it was checked.
    Carried,
    /// It does not hold, and an approved exception says so.
    Waived,
    /// It could not be tested; the reason says why.
    NotExecuted,
    /// Nothing to test in a file; listed so that nothing is left out.
    Informational,
}

impl Verdict {
    /// The word in reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Carried => "carried",
            Self::Waived => "waived",
            Self::NotExecuted => "not-executed",
            Self::Informational => "informational",
        }
    }
}

/// A whole run's verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Overall {
    /// Every error-level clause holds.
    Passed,
    /// One does not, or could not be tested.
    Failed,
}

/// Whether a failing clause fails the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// It fails the run.
    Error,
    /// It is reported.
    Warning,
}

/// What a publish came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// A new release.
    Released,
    /// The content and contract of the current release again.
    Unchanged,
    /// A clause failed: nothing changed.
    Rejected,
    /// Another publisher was faster: nothing changed.
    Conflict,
}

/// The report of a check or of a publish.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The contract's id.
    pub contract: String,
    /// The contract's schema name in SQL.
    pub sql_name: String,
    /// The contract's version.
    pub contract_version: String,
    /// Whether every error-level clause in scope holds.
    pub verdict: Overall,
    /// What a publish came to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub outcome: Option<Outcome>,
    /// The number of the new release.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub release: Option<u64>,
    /// The publish id.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub attempt: Option<String>,
    /// The tables in scope.
    pub tables: Vec<TableReport>,
    /// The releases of other contracts that clauses looked at.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub depends_on: BTreeMap<String, u64>,
    /// Findings beside the clauses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<Notice>,
}

/// One table's part of a report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TableReport {
    /// The table's name.
    pub name: String,
    /// Rows of all files.
    pub rows: u64,
    /// Files delivered.
    pub files: u64,
    /// Every clause in scope.
    pub clauses: Vec<ClauseReport>,
}

/// One clause's part of a report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClauseReport {
    /// The clause's id.
    pub id: String,
    /// What kind of statement it is.
    pub kind: String,
    /// The column, on a column.
    pub column: Option<String>,
    /// Whether its failure fails the run.
    pub severity: Level,
    /// How it ended.
    pub verdict: Verdict,
    /// What was measured, in the clause's unit.
    pub measured: Option<Value>,
    /// What is required, in words.
    pub expected: String,
    /// Rows that fail; absent where rows are not what is counted.
    pub failing_rows: Option<u64>,
    /// Some of the failing rows.
    pub samples: Vec<Sample>,
    /// Why, where the verdict does not say it all.
    pub reason: Option<String>,
    /// How it was answered: `schema` (by the physical schema alone), `scanned`, `dictionary` (by the
    /// values of dictionaries that all rows refer to), `statistics` or `query`.
    #[serde(default)]
    pub answered: Option<String>,
    /// Where the contract states it: file:line:column.
    #[serde(default)]
    pub place: String,
    /// The verdict by group, where the clause has one for each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<Groups>,
    /// Whether it looks at a classified column.
    #[serde(skip)]
    pub classified: bool,
}

/// The verdicts of a clause's groups.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Groups {
    /// All groups.
    pub total: u64,
    /// Those that fail.
    pub failing: u64,
    /// The groups that fail, the worst first, cut short.
    pub worst: Vec<GroupReport>,
}

/// One group's part of a clause.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GroupReport {
    /// The group's values.
    pub key: Map<String, Value>,
    /// Its rows.
    pub rows: u64,
    /// What was measured of it, in the clause's unit.
    pub measured: Value,
    /// How it ended.
    pub verdict: Verdict,
    /// How far the measured value is from being good.
    #[serde(skip)]
    pub distance: f64,
}

/// A finding about the run beside its clauses, such as an expired waiver.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// The rule that found it.
    pub code: String,
    /// Whether it fails the run.
    pub severity: Level,
    /// What happened.
    pub message: String,
    /// Where: file:line:column.
    pub place: String,
    /// What to do next.
    pub hint: Option<String>,
}

/// One failing row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// The file, as it was named.
    pub file: String,
    /// The row in that file, from zero; absent where the whole file fails.
    pub row: Option<u64>,
    /// The row's primary key.
    pub key: Map<String, Value>,
    /// The offending value.
    pub value: Value,
}

impl Report {
    /// Whether the run holds.
    pub fn passed(&self) -> bool {
        self.verdict == Overall::Passed
    }

    /// Every clause.
    pub fn clauses(&self) -> impl Iterator<Item = &ClauseReport> {
        self.tables.iter().flat_map(|t| &t.clauses)
    }

    /// Rows of all tables.
    pub fn rows(&self) -> u64 {
        self.tables.iter().map(|t| t.rows).sum()
    }

    /// The report as evidence: of classified columns counts only.
    ///
    /// `classified` says of a table and a column whether its values must not be kept, whatever was
    /// shown.
    pub fn evidence(&self, classified: impl Fn(&str, &str) -> bool) -> Self {
        let mut kept = self.clone();
        let clauses = kept.tables.iter_mut().flat_map(|t| {
            let name = t.name.clone();
            t.clauses.iter_mut().map(move |clause| (name.clone(), clause))
        });
        for (table, clause) in clauses {
            if clause.classified {
                clause.samples.clear();
                // What a query answers may be one of the values; a count of rows is not.
                if clause.answered.as_deref() == Some("query") && clause.failing_rows.is_none() {
                    clause.measured = None;
                }
                if let Some(groups) = &mut clause.groups {
                    groups.worst.clear();
                }
            }
            for sample in &mut clause.samples {
                sample.key.retain(|column, _| !classified(&table, column));
            }
        }
        kept
    }
}

impl ClauseReport {
    /// Whether this clause fails the run: it failed or was not executed, at error level.
    pub fn fails_run(&self) -> bool {
        self.severity == Level::Error
            && matches!(self.verdict, Verdict::Failed | Verdict::NotExecuted)
    }
}
