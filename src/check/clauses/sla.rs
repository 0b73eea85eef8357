//! `slaProperties`: listed with the table of their element, or with the first table.

use crate::check::clause::Clause;
use crate::check::report::Verdict;
use crate::contract::model::{Sla, Table};

use super::Planning;

pub(super) fn plan(planning: &Planning<'_>, out: &mut Vec<Clause>) {
    let first = planning.contract.tables.first();
    for sla in &planning.contract.sla {
        let table = table_of(planning, sla).or(first);
        if !table.is_some_and(|t| std::ptr::eq(t, planning.table)) {
            continue;
        }
        let kind = sla.id.clone().unwrap_or_else(|| name(sla));
        let unit = sla.unit.as_deref().unwrap_or_default();
        let value = sla.value.as_deref().unwrap_or_default();
        let mut clause = Clause::settled(
            planning.table,
            None,
            &kind,
            sla.span,
            format!("{value} {unit}").trim(),
            Verdict::Informational,
            Some("a service level: the files of one delivery do not answer it".to_owned()),
        );
        clause.kind = sla.property.clone();
        out.push(clause);
    }
}

/// Two entries may share a property: driver and element tell them apart.
fn name(sla: &Sla) -> String {
    let element = sla.element.as_ref().map(|e| e.value.as_str());
    let parts = [Some("sla"), Some(sla.property.as_str()), sla.driver.as_deref(), element];
    parts.into_iter().flatten().collect::<Vec<_>>().join("-")
}

fn table_of<'a>(planning: &Planning<'a>, sla: &Sla) -> Option<&'a Table> {
    let element = sla.element.as_ref()?.value.split(',').next()?.trim();
    planning.contract.table(element.split('.').next()?)
}
