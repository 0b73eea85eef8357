//! Policy: what the team has agreed about changes of contracts (`diff` in pactum.yaml).

use std::collections::BTreeSet;

use crate::contract::model::Spanned;

/// Whose breaking changes need a major version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Readers must not break.
    #[default]
    Read,
    /// Writers must not break either: what breaks them counts as major.
    Write,
    /// What breaks either side counts as major.
    Full,
}

impl Mode {
    /// The word of settings and reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Full => "full",
        }
    }
}

/// Which breaks count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BreakingIf {
    /// Everything that the contract declares, read or not.
    #[default]
    Declared,
    /// What affects a known consumer.
    Used,
}

/// How long an element must be deprecated before its removal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Deprecation {
    /// Days since it was first deprecated.
    pub days: i64,
    /// Versions of the contract, other than the one that removes it, in which it was deprecated.
    pub versions: usize,
}

/// What the team has agreed about changes of contracts.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// Whose breaking changes need a major version.
    pub mode: Mode,
    /// Whether the head is compared with every major still served, too.
    pub transitive: bool,
    /// Which breaks count.
    pub breaking_if: BreakingIf,
    /// The branch that changes are compared with.
    pub main: Option<String>,
    /// What a removal needs first.
    pub deprecation: Option<Deprecation>,
    /// Names that no contract may use again: `contract.table.column`, or a part of it.
    pub reserved_names: Vec<Spanned<String>>,
    /// Statuses, of the base, under which a contract may change without a version; `None` for the
    /// customary ones.
    pub exempt_statuses: Option<BTreeSet<String>>,
    /// Rules whose findings are reported and need no version.
    pub warnings: Vec<Spanned<String>>,
    /// Custom properties whose change may matter to readers or writers; that of any other needs a
    /// patch.
    pub meaningful_properties: Vec<String>,
}

impl Policy {
    /// Whether a contract of this status may change without a version.
    pub fn exempts(&self, status: Option<&str>) -> bool {
        let status = status.unwrap_or_default();
        match &self.exempt_statuses {
            Some(statuses) => statuses.contains(status),
            None => matches!(status, "draft" | "proposed"),
        }
    }
}
