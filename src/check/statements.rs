//! From a contract and the footers of a delivery to clauses.

use crate::contract::Contract;
use crate::contract::model::Table;
use crate::diagnostic::Diagnostic;
use crate::engine::Limits;
use crate::error::Result;
use crate::project::rule_plan;
use crate::query::planned_table;

use super::clauses::{Planning, plan};
use super::plan::clause::{Clause, Test};
use super::sql::session::Tables;

/// Plans the SQL of a contract's rules against its own tables, without any delivery.
///
/// # Errors
/// When no session can be made.
pub async fn lint_rules(contract: &Contract, limits: &Limits) -> Result<Vec<Diagnostic>> {
    let mut tables = Tables::new(contract, limits)?;
    for table in &contract.tables {
        tables.add_released(table, planned_table(table)?)?;
    }
    let mut found = Vec::new();
    for table in &contract.tables {
        for rule in &planned(contract, table) {
            let planned = match (&rule.test, &rule.scope.filter) {
                (Test::Sql(query), _) => tables.plan(query).await,
                (_, Some(filter)) => tables.plan_filter(table, filter).await,
                _ => Ok(()),
            };
            if let Err(error) = planned {
                let message = format!("the SQL of {} does not plan: {}", rule.id, error.message());
                let new = Diagnostic::new(&rule_plan::META, &contract.source, rule.span, message);
                // A rule of two levels has one text.
                let same = |d: &Diagnostic| d.span == new.span;
                if !found.iter().any(same) {
                    found.push(new.maybe_hint(error.next_step().map(str::to_owned)));
                }
            }
        }
    }
    Ok(found)
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
    /// The line of the contract that states it, counted from one.
    pub line: usize,
}

/// Every clause of a table, as the contract's text alone determines them.
pub fn clause_list(contract: &Contract, table: &Table) -> Vec<Statement> {
    planned(contract, table)
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

fn planned(contract: &Contract, table: &Table) -> Vec<Clause> {
    plan(&Planning {
        contract,
        table,
        files: &[],
        external_engines: &[],
        neighbours: &[],
        now: chrono::DateTime::UNIX_EPOCH,
        inside: None,
    })
}
