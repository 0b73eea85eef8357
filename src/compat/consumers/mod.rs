//! Consumers decide: each is planned against the contracts of both moments, and what becomes of it
//! follows from the plans.

mod fate;
mod plans;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use crate::contract::Contract;
use crate::diagnostic::Source;
use crate::engine::{Limits, sql};
use crate::error::Result;
use crate::project::{Consumer, Snapshot, Unreadable, parse_consumer};
use crate::query::{ConsumerPlan, Served};
use crate::warehouse::Warehouse;

use super::contracts::Matched;
use super::endpoints;
use super::finding::{Finding, Place};
use super::report::{ConsumerReport, Fate, Reason, Violation};

use fate::Judge;
use plans::plan;

pub use fate::touches;

/// A consumer of another repository, registered in the warehouse.
#[derive(Debug, Clone)]
pub struct Registered {
    /// The repository.
    pub repository: String,
    /// The consumer, or why its header cannot be read.
    pub consumer: std::result::Result<Consumer, Unreadable>,
}

impl Registered {
    /// The consumers that repositories other than this one have registered.
    ///
    /// # Errors
    /// When a registration cannot be read.
    pub fn all(warehouse: &Warehouse, own: Option<&str>) -> Result<Vec<Self>> {
        let mut found = Vec::new();
        for registration in warehouse.registrations()? {
            if Some(registration.repository.as_str()) == own {
                continue;
            }
            for sql in &registration.consumers {
                let name = format!("{}:{}", registration.repository, sql.file);
                let source = Arc::new(Source::new(name, sql.text.clone()));
                // What another version of Pactum pushed may be read otherwise by this one.
                let (consumer, diagnostics) = parse_consumer(&sql.name, &source);
                let unreadable = || Unreadable {
                    name: sql.name.clone(),
                    source: source.clone(),
                    diagnostics,
                    is_second: false,
                };
                let repository = registration.repository.clone();
                found.push(Self { repository, consumer: consumer.ok_or_else(unreadable) });
            }
        }
        Ok(found)
    }
}

/// What consumers are planned against.
pub struct Planning<'a> {
    /// The base.
    pub base: &'a Snapshot,
    /// The head.
    pub head: &'a Snapshot,
    /// The contracts of both, side by side.
    pub matched: &'a [Matched],
    /// Contracts that are released and stand in neither.
    pub beside: &'a [Arc<Contract>],
    /// Consumers of other repositories.
    pub registered: &'a [Registered],
    /// Memory and threads.
    pub limits: Limits,
}

/// Everything that planning told.
pub struct Decided {
    /// Every consumer, the unaffected too.
    pub consumers: Vec<ConsumerReport>,
    /// For each consumer what it read before, where it planned.
    pub readers: Vec<(String, ConsumerPlan)>,
    /// Values that were added and that a consumer's list of all values misses: contract and element.
    pub missed: HashSet<(String, String)>,
    /// What breaks clients of endpoints.
    pub endpoints: Vec<EndpointBreak>,
    /// Whether every consumer could be planned against the base.
    pub is_whole: bool,
}

/// What breaks clients of an endpoint.
pub struct EndpointBreak {
    /// What is wrong.
    pub violation: Violation,
    /// The consumer, as reports call it.
    pub consumer: String,
    /// The contracts that it reads.
    pub reads: Vec<String>,
}

/// One consumer on both sides.
struct Subject<'a> {
    name: &'a str,
    repository: Option<&'a str>,
    base: Option<&'a Consumer>,
    head: Option<&'a Consumer>,
}

/// Findings by contract, each with the majors of base and head that it lies between.
pub type Findings<'a> = HashMap<&'a str, Vec<((u64, Option<u64>), &'a Finding)>>;

/// Plans every consumer and tells what becomes of it.
pub fn decide(planning: &Planning<'_>, findings: &Findings<'_>) -> Decided {
    let subjects = subjects(planning);
    let plans = plan(planning, &subjects);
    let changed = planning.matched.iter().filter(|m| !m.is_untouched());
    let changed: HashSet<&str> =
        changed.flat_map(|m| m.base.iter().chain(&m.head)).map(|c| c.id.as_str()).collect();
    let next: HashMap<&str, NextMajor> =
        next_majors(planning).into_iter().map(|next| (next.id, next)).collect();
    let mut decided = Decided {
        consumers: Vec::new(),
        readers: Vec::new(),
        missed: HashSet::new(),
        endpoints: Vec::new(),
        is_whole: true,
    };
    for (subject, plans) in subjects.iter().zip(plans) {
        let judge = Judge { findings, changed: &changed, next: &next, subject, plans: &plans };
        let report = judge.report();
        decided.missed.extend(judge.missed());
        let mut breaks: Vec<Violation> = moved_endpoint(subject).into_iter().collect();
        if let (Some(base), Some(head)) = (subject.base, subject.head) {
            let now = plans.edited.as_ref().or(plans.moved.as_ref());
            let both = plans.base.as_ref().and_then(|p| p.as_ref().ok());
            let both = both.zip(now.and_then(|p| p.as_ref().ok()));
            breaks.extend(endpoints::compare(base, head, both));
        }
        decided.endpoints.extend(breaks.into_iter().map(|violation| EndpointBreak {
            violation,
            consumer: report.label(),
            reads: report.reads.clone(),
        }));
        match plans.base {
            Some(Ok(plan)) => decided.readers.push((report.label(), plan)),
            Some(Err(_)) => decided.is_whole = false,
            None => {}
        }
        // Nobody can say what it reads.
        decided.is_whole &= report.fate != Fate::NotPlanned;
        decided.consumers.push(report);
    }
    // One that stands in the head as it stood in the base is told of once.
    let mut told: HashSet<(&str, &str)> = HashSet::new();
    for unreadable in planning.head.unreadable.iter().chain(&planning.base.unreadable) {
        let of_other = |c: &ConsumerReport| {
            c.consumer == unreadable.name && c.repository.is_none() && !unreadable.is_second
        };
        if decided.consumers.iter().any(of_other) {
            continue;
        }
        decided.is_whole = false;
        if told.insert((&unreadable.name, &unreadable.source.text)) {
            decided.consumers.push(of_unreadable(unreadable, None));
        }
    }
    for registered in planning.registered {
        if let Err(unreadable) = &registered.consumer {
            decided.is_whole = false;
            decided.consumers.push(of_unreadable(unreadable, Some(&registered.repository)));
        }
    }
    decided
}

/// A contract whose next major takes the place of the one that a bare name means.
pub(super) struct NextMajor<'a> {
    /// The contract's id.
    id: &'a str,
    /// Its bare name in SQL, in lower case.
    bare: String,
    /// The name of the next major.
    name: String,
    /// What the bare name means until settings say otherwise.
    major: u64,
    /// The next one.
    next: u64,
}

fn next_majors<'a>(planning: &'a Planning<'_>) -> Vec<NextMajor<'a>> {
    let before = plans::catalog(&planning.base.contracts, planning.beside, &planning.base.settings);
    let is_default = |c: &Contract| {
        let same =
            |s: &&Served| s.contract.id == c.id && s.contract.version.major == c.version.major;
        before.served.iter().find(same).is_some_and(|s| s.is_default)
    };
    let next = planning.matched.iter().filter(|m| m.is_next_major());
    next.filter_map(|m| Some((m.base.as_ref()?, m.head.as_ref()?)))
        .filter(|(base, _)| is_default(base))
        .map(|(base, head)| NextMajor {
            id: &head.id,
            bare: head.sql_name.value.to_lowercase(),
            name: head.sql_name_with_major(),
            major: base.version.major,
            next: head.version.major,
        })
        .collect()
}

fn of_unreadable(unreadable: &Unreadable, repository: Option<&str>) -> ConsumerReport {
    let reasons = unreadable.diagnostics.iter().map(|d| Reason {
        message: d.message.clone(),
        place: Some(Place { source: d.source.clone(), span: d.span }),
        hint: d.hint.clone(),
    });
    ConsumerReport {
        consumer: unreadable.name.clone(),
        owner: "unknown".to_owned(),
        repository: repository.map(str::to_owned),
        file: unreadable.source.name.clone(),
        fate: Fate::NotPlanned,
        reasons: reasons.collect(),
        deploy: None,
        waived: None,
        reads: Vec::new(),
    }
}

fn subjects<'a>(planning: &'a Planning<'_>) -> Vec<Subject<'a>> {
    let mut own: BTreeMap<&str, (Option<&Consumer>, Option<&Consumer>)> = BTreeMap::new();
    for consumer in &planning.base.consumers {
        own.entry(&consumer.name).or_default().0 = Some(consumer);
    }
    for consumer in &planning.head.consumers {
        own.entry(&consumer.name).or_default().1 = Some(consumer);
    }
    // A file that moved is the same consumer under another name.
    let gone = own.values().filter(|(_, head)| head.is_none());
    let gone: HashMap<String, &Consumer> =
        gone.filter_map(|(base, _)| Some((body((*base)?), (*base)?))).collect();
    let mut moved: HashSet<&str> = HashSet::new();
    for (base, head) in own.values_mut().filter(|(base, _)| base.is_none()) {
        let old = head.and_then(|h| gone.get(&body(h)).copied());
        if let Some(old) = old.filter(|old| moved.insert(old.name.as_str())) {
            *base = Some(old);
        }
    }
    let own = own
        .into_iter()
        .filter(|(name, (_, head))| head.is_some() || !moved.contains(name))
        .map(|(name, (base, head))| Subject { name, repository: None, base, head });
    let readable = planning.registered.iter().filter_map(|r| Some((r, r.consumer.as_ref().ok()?)));
    let registered = readable.map(|(r, consumer)| Subject {
        name: &consumer.name,
        repository: Some(&r.repository),
        base: Some(consumer),
        head: Some(consumer),
    });
    own.chain(registered).collect()
}

impl Subject<'_> {
    fn is_edited(&self) -> bool {
        let same = |b: &Consumer, h: &Consumer| {
            let header = |c: &Consumer| format!("{:?} {}", c.parameters, c.endpoint);
            // Comments and layout are no edit.
            b.source.text == h.source.text || (body(b) == body(h) && header(b) == header(h))
        };
        matches!((self.base, self.head), (Some(b), Some(h)) if !same(b, h))
    }
}

/// An endpoint that is no longer served under its path.
fn moved_endpoint(subject: &Subject<'_>) -> Option<Violation> {
    let base = subject.base.filter(|c| c.endpoint)?;
    let moved = subject.head.filter(|h| h.name != base.name).map(|h| h.name.clone());
    let stays = subject.head.is_some_and(|c| c.endpoint) && moved.is_none();
    (!stays).then(|| endpoints::path_changed(base, subject.head, moved))
}

/// The query without comments and layout: what tells a consumer that was moved, or edited.
fn body(consumer: &Consumer) -> String {
    sql::without_layout(&consumer.source.text)
}
