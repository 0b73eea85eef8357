//! From a contract and the footers of a delivery to clauses.

use crate::contract::Contract;
use crate::contract::model::Table;

use super::clause::Clause;
use super::clauses::{self, PlannedFile, Planning};

/// The clauses of one table for files with these schemas.
pub(super) fn plan(
    contract: &Contract,
    table: &Table,
    files: &[PlannedFile],
    external_engines: &[String],
) -> Vec<Clause> {
    clauses::plan(&Planning { contract, table, files, external_engines })
}

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
    plan(contract, table, &[], &[])
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
