//! `slaProperties`: listed with the table of their element, or with the first table.

use crate::check::clause::Clause;
use crate::check::report::Verdict;
use crate::contract::model::{Sla, Table};

use super::Planning;

pub(super) fn plan(planning: &Planning<'_>, out: &mut Vec<Clause>) {
    let first = planning.contract.tables.first();
    let mut taken: Vec<String> = Vec::new();
    for sla in &planning.contract.sla {
        let table = table_of(planning, sla).or(first);
        if !table.is_some_and(|t| std::ptr::eq(t, planning.table)) {
            continue;
        }
        // Two entries may share a property: a driver or a number tells them apart.
        let name = sla.id.clone().unwrap_or_else(|| format!("sla-{}", sla.property));
        let count = taken.iter().filter(|t| **t == name).count();
        taken.push(name.clone());
        let kind = if count == 0 { name } else { format!("{name}-{}", count + 1) };
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

fn table_of<'a>(planning: &Planning<'a>, sla: &Sla) -> Option<&'a Table> {
    let element = sla.element.as_ref()?.value.split(',').next()?.trim();
    planning.contract.table(element.split('.').next()?)
}
