//! Relationships: every key of a row exists in the table that it points to.
//!
//! A key with a NULL part points to nothing and is good, as in SQL.

use crate::check::plan::clause::{Clause, ForeignKey, Other, Place, Settled, Step, Test};
use crate::contract::clause_id::relationship_kind;
use crate::contract::model::{Column, Contract, Relationship, Table};
use crate::contract::reference::{Resolved, fields, neighbour, resolve};

use super::planning::Planning;
use super::required::missing;

pub(super) fn plan(planning: &Planning<'_>, column: &Column, out: &mut Vec<Clause>) {
    for relationship in &column.relationships {
        out.push(clause(planning, Some(column), relationship));
    }
}

/// Relationships of the table.
pub(super) fn plan_table(planning: &Planning<'_>, out: &mut Vec<Clause>) {
    for relationship in &planning.table.relationships {
        out.push(clause(planning, None, relationship));
    }
}

fn clause(planning: &Planning<'_>, column: Option<&Column>, relationship: &Relationship) -> Clause {
    let targets: Vec<&str> = relationship.to.iter().map(|r| r.value.as_str()).collect();
    let expected = format!("every key exists in {}", targets.join(", "));
    let kind = relationship_kind(relationship);
    let table = planning.table;
    match resolved(planning, column, relationship) {
        Ok(key) => {
            let test = Test::ForeignKey(key);
            let mut clause = Clause::new(table, column, &kind, relationship.span, expected, test);
            clause.kind = "foreignKey".to_owned();
            clause
        }
        Err(settled) => {
            let span = relationship.span;
            let mut clause = Clause::settled(table, column, &kind, span, expected, settled);
            clause.kind = "foreignKey".to_owned();
            clause
        }
    }
}

fn resolved(
    planning: &Planning<'_>,
    column: Option<&Column>,
    relationship: &Relationship,
) -> Result<ForeignKey, Settled> {
    let mut from: Vec<&Column> = column.into_iter().collect();
    let mut inner = Vec::new();
    if from.is_empty() {
        for reference in &relationship.from {
            match resolve(planning.contract, &reference.value) {
                Resolved::Column(_, column) => {
                    from.push(column);
                    inner = steps(column, &reference.value).map_err(Settled::not_executed)?;
                }
                _ => {
                    return Err(Settled::not_executed(format!(
                        "'{}' is not a column",
                        reference.value
                    )));
                }
            }
        }
    }
    let mut to = Vec::new();
    let mut parent = None;
    let mut other = None;
    for reference in &relationship.to {
        let (contract, path) = match reference.value.split_once('#') {
            None | Some(("", _)) => (planning.contract, reference.value.as_str()),
            Some((document, path)) => {
                let found = neighbour(planning.contract, planning.neighbours, document)
                    .map_err(Settled::not_executed)?;
                let is_own = Other::of(found) == Other::of(planning.contract);
                other = (!is_own).then(|| Other::of(found));
                (found, path)
            }
        };
        match resolve(contract, path) {
            Resolved::Column(table, column) => {
                let here: (&Contract, &Table) = (contract, table);
                let is_apart = |(c, t): (&Contract, &Table)| {
                    Other::of(c) != Other::of(contract) || t.name.value != table.name.value
                };
                if parent.replace(here).is_some_and(is_apart) {
                    return Err(Settled::not_executed(
                        "the columns that it points to are in several tables",
                    ));
                }
                let steps = steps(column, path).map_err(Settled::not_executed)?;
                to.push((column.name.value.to_ascii_lowercase(), steps));
            }
            Resolved::Elsewhere | Resolved::NoTable(_) => {
                return Err(Settled::not_executed(format!(
                    "'{}' is in no table of contract '{}'",
                    reference.value, contract.id
                )));
            }
            _ => {
                return Err(Settled::not_executed(format!(
                    "'{}' is not a column",
                    reference.value
                )));
            }
        }
    }
    if let Some(absent) = from.iter().find(|column| planning.is_absent(column)) {
        // All NULL: it points to nothing.
        return Err(Settled::informational(missing(planning, absent)));
    }
    let mut written = from.iter().zip(&relationship.from);
    if from.len() > 1 && written.any(|(column, r)| !fields(column, &r.value).is_empty()) {
        return Err(Settled::not_executed("a key of several parts cannot begin inside a column"));
    }
    let place = Place {
        column: from.first().map(|c| c.name.value.to_ascii_lowercase()).unwrap_or_default(),
        path: inner.into_iter().map(Step::Field).collect(),
    };
    let (_, parent) = parent.ok_or_else(|| Settled::not_executed("it points to nothing"))?;
    Ok(ForeignKey {
        from: from.iter().map(|c| c.name.value.to_ascii_lowercase()).collect(),
        from_physical: from.iter().map(|c| c.physical().to_owned()).collect(),
        contract: other,
        within: (!place.path.is_empty()).then_some(place),
        table: parent.name.value.clone(),
        to,
    })
}

/// The names in files of the fields that a reference leads to inside a column.
fn steps(column: &Column, reference: &str) -> Result<Vec<String>, String> {
    let mut at = column;
    let mut steps = Vec::new();
    for name in fields(column, reference) {
        let named = |c: &&Column| c.id.as_deref() == Some(name) || c.name.value == name;
        let found = at.properties.iter().find(named);
        at = found.ok_or_else(|| format!("'{}' has no field '{name}'", at.name.value))?;
        steps.push(at.physical().to_owned());
    }
    Ok(steps)
}
