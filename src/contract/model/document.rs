//! A whole document: identity, tables, service levels.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::contract::yaml::Node;
use crate::diagnostic::Source;

use super::service_level::Sla;
use super::spanned::Spanned;
use super::table::Table;
use super::version::Version;

/// One ODCS document.
#[derive(Debug, Clone)]
pub struct Contract {
    /// `id`: names the contract.
    pub id: String,
    /// `version` as written, or completed where it is short of a semantic version.
    pub version_text: String,
    /// `version` as a semantic version.
    pub version: Version,
    /// `apiVersion`: the version of the standard that the document declares.
    pub api_version: (u64, u64),
    /// `status`, in lower case.
    pub status: Option<String>,
    /// `name`.
    pub name: Option<String>,
    /// `domain`.
    pub domain: Option<String>,
    /// The schema name in SQL: custom property `sqlName`, else `name`, else `id`.
    pub sql_name: Spanned<String>,
    /// `description.purpose`, else `description.usage`.
    pub description: Option<String>,
    /// `team.name`, else the member whose role is owner, else the first member.
    pub owner: Option<String>,
    /// The first support channel: its URL where it has one, else its name.
    pub support: Option<String>,
    /// The tables: objects of `schema`.
    pub tables: Vec<Table>,
    /// `slaProperties`.
    pub sla: Vec<Sla>,
    /// `slaDefaultElement`: the element of service levels that name none.
    pub sla_element: Option<String>,
    /// What holds variables that nothing fills, by where it begins in the document: an option, a
    /// list of allowed values, a rule, a relationship, a service level. Its clause is not executed.
    pub unfilled: BTreeMap<usize, Vec<String>>,
    /// The document.
    pub source: Arc<Source>,
    /// The document's tree, with the defaults of its variables filled in.
    pub tree: Arc<Node>,
}

impl Contract {
    /// The table of a name, in any case.
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|t| t.name.value.eq_ignore_ascii_case(name))
    }

    /// Whether the contract is still a draft, so that it may change without a new version.
    pub fn is_draft(&self) -> bool {
        self.version.major == 0 || matches!(self.status.as_deref(), Some("draft" | "proposed"))
    }

    /// Whether the contract's data should no longer be read.
    pub fn is_retired(&self) -> bool {
        self.status.as_deref() == Some("retired")
    }

    /// The SQL schema name of this exact major, such as `recommendations_v2`.
    pub fn sql_name_with_major(&self) -> String {
        format!("{}_v{}", self.sql_name.value, self.version.major)
    }

    /// Both schema names by which SQL may read this major.
    pub fn schema_names(&self) -> [String; 2] {
        [self.sql_name.value.clone(), self.sql_name_with_major()]
    }
}
