//! The report of a diff: its JSON is a stable format.

use serde::Serialize;

use crate::check::report::{Level, Notice, Overall, Sample};
use crate::project::Mode;

use super::finding::{Bump, Effect, Finding, Place};
use super::semver::VersionStep;

/// The outcome of a diff.
#[derive(Debug, Serialize)]
pub struct DiffReport {
    /// Whether it passes.
    pub verdict: Overall,
    /// What the base is.
    pub base: String,
    /// What the head is.
    pub head: String,
    /// Whose breaking changes need a major version.
    pub mode: Mode,
    /// Every contract that changed.
    pub contracts: Vec<ContractReport>,
    /// What happens to consumers.
    pub consumers: ConsumerSummary,
    /// What fails the run, or would without a waiver.
    pub violations: Vec<Violation>,
    /// Versions that were raised before this report was made.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub raised: Vec<Raised>,
    /// What could not be done, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_executed: Vec<NotExecuted>,
    /// Findings about waivers, and about documents that could not be read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<Notice>,
}

/// A version that was raised in its document.
#[derive(Debug, Serialize)]
pub struct Raised {
    /// The document.
    pub file: String,
    /// The version that it had.
    pub from: String,
    /// The version that it has.
    pub to: String,
}

/// Something requested that could not be done.
#[derive(Debug, Serialize)]
pub struct NotExecuted {
    /// What.
    pub what: &'static str,
    /// Why.
    pub reason: String,
}

impl NotExecuted {
    /// `not executed: backtest: there is no warehouse …`
    pub fn line(&self) -> String {
        format!("not executed: {}: {}", self.what, self.reason)
    }
}

/// The name of an older major's document beside that of the next one.
pub(super) fn beside_name(file: &str, major: u64) -> String {
    file.replace(".odcs.", &format!(".v{major}.odcs."))
}

/// One contract's changes.
#[derive(Debug, Serialize)]
pub struct ContractReport {
    /// The contract's id.
    pub contract: String,
    /// Its schema name in SQL.
    pub sql_name: String,
    /// The head's document; the base's where the contract is gone.
    pub file: String,
    /// What it is compared with, where that is not the base of the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub against: Option<String>,
    /// The base's version; none for a new contract.
    pub base_version: Option<String>,
    /// The head's version; none for a removed contract.
    pub head_version: Option<String>,
    /// The step that its findings need.
    pub needed: Bump,
    /// The step that was made.
    pub made: Option<VersionStep>,
    /// The least version that would do, where the step is too small.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub needs_version: Option<String>,
    /// Why it may change without a version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exempt: Option<String>,
    /// What else needs attention besides its findings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The changes.
    pub findings: Vec<JudgedFinding>,
    /// Where the head says its version.
    #[serde(skip)]
    pub version_place: Option<Place>,
    /// The base's major, which findings are about.
    #[serde(skip)]
    pub base_major: Option<u64>,
    /// The head's major.
    #[serde(skip)]
    pub head_major: Option<u64>,
    /// Whether the head has the base's major too.
    #[serde(skip)]
    pub is_beside: bool,
}

/// A finding, and what consumers, policy and releases say about it.
#[derive(Debug, Serialize)]
pub struct JudgedFinding {
    /// The rule's code.
    pub code: &'static str,
    /// The rule's name.
    pub rule: &'static str,
    /// What changed.
    pub element: String,
    /// What happened.
    pub message: String,
    /// The old value.
    pub old: Option<String>,
    /// The new value.
    pub new: Option<String>,
    /// What it does to readers.
    pub reader: Effect,
    /// What it does to the writer.
    pub writer: Effect,
    /// The step that the rule asks for.
    pub bump: Bump,
    /// The step that counts, after mode, policy and waivers.
    pub counts_as: Bump,
    /// Where the base says it.
    #[serde(rename = "where_base")]
    pub base: Option<Place>,
    /// Where the head says it.
    #[serde(rename = "where")]
    pub head: Option<Place>,
    /// What to do next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Consumers that read what it touches.
    pub felt_by: Vec<String>,
    /// Why it counts less than the rule asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// What the last releases say about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backtest: Option<Backtest>,
    /// The finding itself.
    #[serde(skip)]
    pub finding: Finding,
}

impl JudgedFinding {
    /// A finding that nothing has judged yet.
    pub(super) fn of(finding: Finding) -> Self {
        Self {
            code: finding.meta.code,
            rule: finding.meta.name,
            element: finding.element.clone(),
            message: finding.message.clone(),
            old: finding.old.clone(),
            new: finding.new.clone(),
            reader: finding.reader,
            writer: finding.writer,
            bump: finding.bump,
            counts_as: finding.bump,
            base: finding.base.clone(),
            head: finding.head.clone(),
            hint: finding.hint.clone(),
            felt_by: Vec::new(),
            because: None,
            backtest: None,
            finding,
        }
    }
}

/// What the last releases say about a clause.
#[derive(Debug, Clone, Serialize)]
pub struct Backtest {
    /// The clause.
    pub clause: String,
    /// Releases that it was tried on.
    pub releases: usize,
    /// Releases that it would have rejected.
    pub rejected: Vec<Rejected>,
    /// Releases on which it could not be executed, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_executed: Vec<(u64, String)>,
}

/// A release that a clause would have rejected.
#[derive(Debug, Clone, Serialize)]
pub struct Rejected {
    /// The release's number.
    pub release: u64,
    /// What was measured.
    pub measured: Option<serde_json::Value>,
    /// Rows that fail, where rows are tested.
    pub failing_rows: Option<u64>,
    /// Some of them.
    pub samples: Vec<Sample>,
}

/// What happens to consumers.
#[derive(Debug, Default, Serialize)]
pub struct ConsumerSummary {
    /// How many there are.
    pub total: usize,
    /// How many of them break.
    pub broken: usize,
    /// How many have to move before the old major goes.
    pub to_migrate: usize,
    /// How many the same change edits.
    pub changed_together: usize,
    /// How many return something else.
    pub changed: usize,
    /// How many read something whose meaning or guarantee was loosened.
    pub affected: usize,
    /// How many do not plan, whatever the change.
    pub not_planned: usize,
    /// How many are new or gone.
    pub new_or_removed: usize,
    /// How many are unaffected.
    pub unaffected: usize,
    /// All but the unaffected.
    pub list: Vec<ConsumerReport>,
}

/// What happens to a consumer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// It no longer works.
    Broken,
    /// It would not plan under the next major, which stands beside its own.
    ToMigrate,
    /// The same change edits it.
    ChangedTogether,
    /// Its result columns differ.
    Changed,
    /// It reads something whose meaning or guarantee was loosened.
    Affected,
    /// It does not plan, and did not before.
    NotPlanned,
    /// The change adds it.
    New,
    /// The change removes it.
    Removed,
    /// Nothing happens to it.
    Unaffected,
}

impl Fate {
    /// The word of reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Broken => "broken",
            Self::ToMigrate => "to migrate",
            Self::ChangedTogether => "changed together",
            Self::Changed => "changed",
            Self::Affected => "affected",
            Self::NotPlanned => "not planned",
            Self::New => "new",
            Self::Removed => "removed",
            Self::Unaffected => "unaffected",
        }
    }
}

/// One consumer.
#[derive(Debug, Clone, Serialize)]
pub struct ConsumerReport {
    /// Its name.
    pub consumer: String,
    /// The team to tell.
    pub owner: String,
    /// The repository that registered it; none for the project's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    /// Its file.
    pub file: String,
    /// What happens to it.
    pub fate: Fate,
    /// Why, each with its place in the SQL.
    pub reasons: Vec<Reason>,
    /// What to deploy first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deploy: Option<String>,
    /// The waiver that lets it break.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waived: Option<String>,
    /// The contracts that it reads.
    pub reads: Vec<String>,
}

/// Why something happens to a consumer.
#[derive(Debug, Clone, Serialize)]
pub struct Reason {
    /// What happens, lower case and without a full stop.
    pub message: String,
    /// Where in its file.
    #[serde(rename = "where")]
    pub place: Option<Place>,
    /// What to do next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// What fails a run.
#[derive(Debug, Serialize)]
pub struct Violation {
    /// The rule's code.
    pub code: &'static str,
    /// The rule's name.
    pub rule: &'static str,
    /// The contract, where it is about one.
    pub contract: Option<String>,
    /// The element or consumer.
    pub element: String,
    /// What is wrong.
    pub message: String,
    /// Where.
    #[serde(rename = "where")]
    pub place: Option<Place>,
    /// What to do next.
    pub hint: Option<String>,
    /// The waiver that lets it pass.
    pub waived: Option<String>,
}

impl ConsumerReport {
    /// Its name, with the repository that registered it.
    pub fn label(&self) -> String {
        match &self.repository {
            Some(repository) => format!("{} of {repository}", self.consumer),
            None => self.consumer.clone(),
        }
    }
}

impl DiffReport {
    /// How many contracts changed; a contract compared with several bases counts once.
    pub fn changed(&self) -> usize {
        let ids = self.contracts.iter().map(|c| c.contract.as_str());
        ids.collect::<std::collections::BTreeSet<_>>().len()
    }

    /// Whether documents could not be read, so that nothing was compared.
    pub fn is_unread(&self) -> bool {
        self.contracts.is_empty()
            && self.consumers.total == 0
            && self.notices.iter().any(|n| n.severity == Level::Error)
    }

    /// Whether the run passes.
    pub fn passed(&self) -> bool {
        self.verdict == Overall::Passed
    }

    /// Whether anything at all was found.
    pub fn is_empty(&self) -> bool {
        self.contracts.iter().all(|c| c.findings.is_empty())
            && self.consumers.list.is_empty()
            && self.violations.is_empty()
    }

    /// `breaks 2 of 41 consumers: home_page (owner home-page), …`
    pub fn headline(&self) -> String {
        let of = &self.consumers;
        let broken: Vec<String> = of
            .list
            .iter()
            .filter(|c| c.fate == Fate::Broken)
            .map(|c| format!("{} (owner {})", c.label(), c.owner))
            .collect();
        match (broken.len(), of.total) {
            (_, 0) => "there are no consumers".to_owned(),
            (0, 1) => "breaks none of 1 consumer".to_owned(),
            (0, n) => format!("breaks none of {n} consumers"),
            (b, n) => {
                let noun = if n == 1 { "consumer" } else { "consumers" };
                format!("breaks {b} of {n} {noun}: {}", broken.join(", "))
            }
        }
    }

    pub(super) fn settle(&mut self) {
        let violated = self.violations.iter().any(|v| v.waived.is_none());
        let noticed = self.notices.iter().any(|n| n.severity == Level::Error);
        self.verdict = if violated || noticed { Overall::Failed } else { Overall::Passed };
    }
}
