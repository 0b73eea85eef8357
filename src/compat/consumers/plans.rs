//! Plans of every consumer: its SQL of both moments against the contracts of both.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::contract::Contract;
use crate::engine::sql;
use crate::error::Result;
use crate::project::{Consumer, Snapshot};
use crate::query::{Catalog, ConsumerPlan, Gateway, plan_each};

use super::{NextMajor, Planning, Subject};

/// What planning one subject found.
#[derive(Default)]
pub(super) struct Plans {
    /// Its SQL of the base against the base's contracts.
    pub base: Option<Result<ConsumerPlan>>,
    /// Its SQL of the base against the head's contracts.
    pub moved: Option<Result<ConsumerPlan>>,
    /// Its SQL of the head against the head's contracts, where it was edited or is new.
    pub edited: Option<Result<ConsumerPlan>>,
    /// Its SQL of the head against the base's contracts, where it was edited.
    pub ahead: Option<Result<ConsumerPlan>>,
    /// Its SQL of the head against the head's contracts with their newest majors as the default.
    pub next: Option<Result<ConsumerPlan>>,
}

/// The gateways of both moments, and of the head where bare names mean the next majors.
fn gateways(
    planning: &Planning<'_>,
    (before, after): (&Catalog, &Catalog),
    majors: &[NextMajor<'_>],
) -> Result<(Gateway, Gateway, Option<Gateway>)> {
    let gateway = |catalog: Catalog| Gateway::planning(catalog, &planning.limits);
    let mut newest = planning.head.settings.clone();
    newest.default_major.extend(majors.iter().map(|next| (next.id.to_owned(), next.next)));
    let contracts = after.served.iter().map(|s| s.contract.clone());
    let next = (!majors.is_empty()).then(|| gateway(Catalog::declared(contracts, &newest)));
    Ok((gateway(before.clone())?, gateway(after.clone())?, next.transpose()?))
}

fn with_beside(planning: &Planning<'_>, side: &Snapshot) -> Vec<Arc<Contract>> {
    side.contracts.iter().chain(planning.beside).cloned().collect()
}

/// The head's contracts, those that are released beside them, and those replaced by their next
/// major.
fn contracts_of_head(planning: &Planning<'_>) -> Vec<Arc<Contract>> {
    // What is released of the base's major stays beside the head's, as its tables do.
    let head_has = |c: &Contract| {
        let same = |h: &&Arc<Contract>| h.id == c.id && h.version.major == c.version.major;
        planning.head.contracts.iter().any(|h| same(&h))
    };
    let kept = planning.replaced.iter().filter(|b| !head_has(b)).cloned();
    with_beside(planning, planning.head).into_iter().chain(kept).collect()
}

/// What names mean in SQL, before and after.
pub(super) fn catalogs(planning: &Planning<'_>) -> (Catalog, Catalog) {
    let base = with_beside(planning, planning.base);
    let head = contracts_of_head(planning);
    (
        Catalog::declared(base, &planning.base.settings),
        Catalog::declared(head, &planning.head.settings),
    )
}

/// Plans every consumer against the head, and against the base too where it names what differs.
pub(super) fn plan(
    planning: &Planning<'_>,
    catalogs: (&Catalog, &Catalog),
    majors: &[NextMajor<'_>],
    subjects: &[Subject<'_>],
) -> Result<Vec<Plans>> {
    let (base, head, next) = gateways(planning, catalogs, majors)?;
    let changed = changed_names(planning, base.catalog(), head.catalog());
    let is_concerned = |s: &Subject<'_>| planning.concerns_all || is_concerned(s, &changed);
    let concerned: Vec<bool> = subjects.iter().map(is_concerned).collect();
    let mut plans: Vec<Plans> = subjects.iter().map(|_| Plans::default()).collect();
    let threads = planning.limits.threads;
    let mut run = |gateway: &Gateway,
                   choose: &dyn Fn(usize, &Subject<'_>) -> bool,
                   of_head: bool,
                   keep: fn(&mut Plans, Result<ConsumerPlan>)| {
        let chosen: Vec<(usize, &Consumer)> = subjects
            .iter()
            .enumerate()
            .filter(|(n, s)| choose(*n, s))
            .filter_map(|(n, s)| Some((n, if of_head { s.head? } else { s.base? })))
            .collect();
        let consumers: Vec<&Consumer> = chosen.iter().map(|(_, c)| *c).collect();
        for ((n, _), plan) in chosen.iter().zip(plan_each(gateway, &consumers, threads)) {
            keep(&mut plans[*n], plan);
        }
    };
    run(&head, &|_, _| true, false, |p, plan| p.moved = Some(plan));
    run(&head, &|_, s| s.is_edited() || s.base.is_none(), true, |p, plan| p.edited = Some(plan));
    run(&base, &|n, s| concerned[n] || s.is_edited(), false, |p, plan| p.base = Some(plan));
    run(&base, &|_, s| s.is_edited(), true, |p, plan| p.ahead = Some(plan));
    if let Some(next) = &next {
        run(next, &|n, _| concerned[n], true, |p, plan| p.next = Some(plan));
    }
    Ok(plans)
}

/// Names in SQL, in lower case, that mean something else on the two sides.
fn changed_names(planning: &Planning<'_>, base: &Catalog, head: &Catalog) -> HashSet<String> {
    let (before, after) = (meanings(base), meanings(head));
    let names = before.keys().chain(after.keys());
    let differs = |name: &&String| match (before.get(*name), after.get(*name)) {
        (Some(old), Some(new)) => !Arc::ptr_eq(old, new),
        _ => true,
    };
    let mut all: HashSet<String> = names.filter(differs).cloned().collect();
    let changed = planning.matched.iter().filter(|m| !m.is_untouched());
    for contract in changed.flat_map(|m| m.base.iter().chain(&m.head)) {
        all.insert(contract.sql_name.value.to_ascii_lowercase());
        all.insert(contract.sql_name_with_major().to_ascii_lowercase());
    }
    all
}

/// What each name in SQL means.
fn meanings(catalog: &Catalog) -> HashMap<String, &Arc<Contract>> {
    let mut all = HashMap::new();
    for served in &catalog.served {
        let contract = &served.contract;
        all.insert(contract.sql_name_with_major().to_ascii_lowercase(), contract);
        if served.is_default {
            all.insert(contract.sql_name.value.to_ascii_lowercase(), contract);
        }
    }
    all
}

/// Whether a consumer names a contract that differs. An unreadable one may.
fn is_concerned(subject: &Subject<'_>, changed: &HashSet<String>) -> bool {
    let names = |c: &Consumer| match sql::words(&c.source.text) {
        Ok(words) => words.iter().any(|word| changed.contains(word)),
        Err(_) => true,
    };
    subject.base.is_some_and(names) || subject.head.is_some_and(names)
}
