//! The report: every clause with its verdict, what was measured, and where it fails.
//!
//! Its JSON is a stable format: `--format json` prints it and a release keeps it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::diagnostic::{Diagnostic, Severity};
use crate::error::{Error, UNTOLD};

/// Replaces a classified value.
pub const REDACTED: &str = "(classified)";

/// How reports write numbers that JSON has no word for.
pub const WORDS_OF_NUMBERS: [&str; 3] = ["NaN", "Infinity", "-Infinity"];

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

/// Which of a clause's findings reports withhold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Secrecy {
    /// None: it looks at no classified column.
    #[default]
    Open,
    /// Values of rows. The measure is a count of rows, and stays.
    Values,
    /// The measure too: it is computed from classified values.
    Measure,
}

impl Secrecy {
    /// An error in words that reveal no classified value.
    pub fn told(self, error: Error) -> Error {
        match self {
            Self::Open => error,
            Self::Values | Self::Measure => error.without_values(),
        }
    }
}

/// The outcome of a publish.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// A new release.
    Released,
    /// Same content and contract as the current release.
    Unchanged,
    /// A clause failed: nothing changed.
    Rejected,
    /// Another publisher committed first: nothing changed.
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
    /// The outcome of a publish.
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
    /// Findings besides the clauses.
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
    /// Names of files that contain a classified value, each with the name to show instead.
    #[serde(skip)]
    pub secret_names: BTreeMap<String, String>,
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
    /// Rows that fail; absent where the clause does not count rows.
    pub failing_rows: Option<u64>,
    /// Some of the failing rows.
    pub samples: Vec<Sample>,
    /// Why, where the verdict alone does not explain it.
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
    /// Which findings reports withhold.
    #[serde(skip)]
    pub secrecy: Secrecy,
    /// Whether its reason may quote a value.
    #[serde(skip)]
    pub quotes: bool,
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

/// A finding about the run besides its clauses, such as an expired waiver.
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

impl From<Diagnostic> for Notice {
    fn from(found: Diagnostic) -> Self {
        Self {
            code: found.meta.code.to_owned(),
            severity: match found.severity {
                Severity::Error => Level::Error,
                _ => Level::Warning,
            },
            place: found.position(),
            message: found.message,
            hint: found.hint,
        }
    }
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
    /// The columns whose value here is a text, where it reads like a number that JSON has no word
    /// for: `NaN`, `Infinity`, `-Infinity`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub texts: Vec<String>,
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

    /// The report as evidence: only counts for classified columns.
    ///
    /// `classified` says whether the values of a table's column must not be kept, whatever was
    /// shown.
    pub fn evidence(&self, classified: impl Fn(&str, &str) -> bool) -> Self {
        let mut kept = self.clone();
        for table in &mut kept.tables {
            table.withhold();
            let name = &table.name;
            for clause in &mut table.clauses {
                if clause.secrecy > Secrecy::Open {
                    clause.samples.clear();
                    if let Some(groups) = &mut clause.groups {
                        groups.worst.clear();
                    }
                }
                for sample in &mut clause.samples {
                    sample.key.retain(|column, _| !classified(name, column));
                    sample.texts.retain(|column| !classified(name, column));
                }
            }
        }
        kept
    }
}

impl TableReport {
    /// Removes what reveals a classified value besides the rows themselves: what was computed from
    /// one, words that may quote one, and names of files that contain one.
    pub fn withhold(&mut self) {
        for clause in &mut self.clauses {
            if clause.secrecy == Secrecy::Measure && clause.measured.is_some() {
                clause.measured = Some(Value::String(REDACTED.to_owned()));
            }
            if clause.secrecy > Secrecy::Open && clause.quotes {
                clause.reason = Some(UNTOLD.to_owned());
            }
            if self.secret_names.is_empty() {
                continue;
            }
            let reason = &mut clause.reason;
            reason.iter_mut().for_each(|text| redact(text, &self.secret_names));
            for sample in &mut clause.samples {
                redact(&mut sample.file, &self.secret_names);
                // For a file that cannot be read, the value is the reason.
                if let (Value::String(text), None) = (&mut sample.value, sample.row) {
                    redact(text, &self.secret_names);
                }
            }
        }
    }
}

/// Replaces secret names by those to show.
fn redact(text: &mut String, names: &BTreeMap<String, String>) {
    if let Some(shown) = names.get(text.as_str()) {
        shown.clone_into(text);
        return;
    }
    // A name may be a prefix of another: the longest first.
    let mut found: Vec<(&String, &String)> =
        names.iter().filter(|(name, _)| text.contains(name.as_str())).collect();
    found.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    for (name, shown) in found {
        *text = text.replace(name.as_str(), shown);
    }
}

impl ClauseReport {
    /// Sets why it was not executed, in words that may quote a value.
    pub fn say_quoting(&mut self, reason: String) {
        self.reason = Some(reason);
        self.quotes = true;
    }

    /// Sets what went wrong.
    pub fn say_why(&mut self, error: &Error) {
        let hint = error.next_step().map(|hint| format!("; {hint}")).unwrap_or_default();
        self.reason = Some(format!("{error}{hint}"));
        self.quotes = error.may_quote();
    }

    /// Whether this clause fails the run: it failed or was not executed, at error level.
    pub fn fails_run(&self) -> bool {
        self.severity == Level::Error
            && matches!(self.verdict, Verdict::Failed | Verdict::NotExecuted)
    }
}
