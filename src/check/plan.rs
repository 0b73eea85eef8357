//! From a contract and the footers of a delivery to clauses.

use crate::contract::Contract;
use crate::contract::model::Table;

use super::clauses::Planning;
pub(super) use super::clauses::plan;

/// What a contract states about a table, without any delivery: id, kind, column and requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The clause's id.
    pub id: String,
    /// What kind of statement it is.
    pub kind: String,
    /// The column, on a column.
    pub column: Option<String>,
    /// What it requires, in words.
    pub expected: String,
    /// The line of the contract that states it, from one.
    pub line: usize,
}

/// Every clause of a table, as the contract's text alone determines them.
pub fn clause_list(contract: &Contract, table: &Table) -> Vec<Statement> {
    let planning = Planning {
        contract,
        table,
        files: &[],
        external_engines: &[],
        neighbours: &[],
        now: chrono::DateTime::UNIX_EPOCH,
        inside: None,
    };
    plan(&planning)
        .into_iter()
        .map(|c| Statement {
            id: c.id,
            kind: c.kind,
            column: c.column,
            expected: c.expected,
            line: c.span.line,
        })
        .collect()
}
