//! From a contract and the footers of a delivery to clauses.

use crate::contract::Contract;
use crate::contract::model::Table;
use crate::diagnostic::{Diagnostic, Severity};
use crate::engine::Limits;
use crate::error::{Error, Result};
use crate::project::rule_plan;
use crate::query::planned_table;

use super::clauses::{Gap, Planning, plan};
use super::plan::clause::{Clause, Other, Test};
use super::released::read_by_rules;
use super::sql::session::Tables;

/// Plans the SQL of a contract's rules against its own tables and those of the project's other
/// contracts, without any delivery.
///
/// # Errors
/// When no session can be made.
pub async fn lint_rules(
    contract: &Contract,
    neighbours: &[Contract],
    external_engines: &[String],
    limits: &Limits,
) -> Result<Vec<Diagnostic>> {
    let mut tables = Tables::new(contract, limits)?.beside(contract, neighbours.iter());
    for table in &contract.tables {
        tables.add_released(table, planned_table(table)?)?;
    }
    for other in read_by_rules(contract, neighbours) {
        for table in &other.tables {
            tables.add_other(&Other::of(other), &table.name.value, planned_table(table)?)?;
        }
    }
    let mut found = Vec::new();
    for table in &contract.tables {
        for rule in &planned(contract, table) {
            let wrong = match (&rule.test, &rule.scope.filter) {
                (Test::Sql(query), _) => match Gap::of(query) {
                    Some(gap) => Some(Wrong::Gap(gap)),
                    None => tables.plan(query).await.err().map(Wrong::Unplanned),
                },
                (_, Some(filter)) => {
                    tables.plan_filter(table, filter).await.err().map(Wrong::Unplanned)
                }
                _ => None,
            };
            let Some(wrong) = wrong else { continue };
            let is_query = matches!(rule.test, Test::Sql(_));
            let engines = if is_query { tables.engines() } else { &[] };
            if engines.iter().any(|engine| external_engines.contains(engine)) {
                continue;
            }
            let new = not_planned(contract, rule, &wrong, engines);
            // A rule of two levels has one text.
            if !found.iter().any(|known: &Diagnostic| known.span == new.span) {
                found.push(new);
            }
        }
    }
    Ok(found)
}

/// Why a rule's SQL is not executed.
enum Wrong {
    /// It lacks something that another tool may fill.
    Gap(Gap),
    /// It does not plan.
    Unplanned(Error),
}

/// A rule in the dialect of a server, or with a gap that another tool fills, is not executed here, and
/// that is said; any other one is wrong.
fn not_planned(
    contract: &Contract,
    rule: &Clause,
    wrong: &Wrong,
    engines: &[String],
) -> Diagnostic {
    let id = &rule.id;
    let new =
        |message: String| Diagnostic::new(&rule_plan::META, &contract.source, rule.span, message);
    let error = match wrong {
        Wrong::Unplanned(error) => error,
        Wrong::Gap(gap) => {
            return new(format!("the SQL of {id} is not executed: {}", gap.why()))
                .severity(Severity::Warning)
                .hint(gap.hint());
        }
    };
    let why = error.message();
    match engines.first() {
        None => new(format!("the SQL of {id} does not plan: {why}"))
            .maybe_hint(error.next_step().map(str::to_owned)),
        Some(engine) => new(format!(
            "the SQL of {id} is not executed: the contract's server is {}, and here it does not \
             plan: {why}",
            engines.join(" or ")
        ))
        .severity(Severity::Warning)
        .hint(format!("if {engine} runs it, write in pactum.yaml: external_engines: [{engine}]")),
    }
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
