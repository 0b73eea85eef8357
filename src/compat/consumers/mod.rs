//! Consumers decide: each is planned against the contracts of both moments, and what becomes of it
//! follows from the plans.

mod fate;
mod plans;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::contract::Contract;
use crate::diagnostic::Source;
use crate::engine::Limits;
use crate::error::Result;
use crate::project::{Consumer, Snapshot, Unreadable, parse_consumer};
use crate::query::ConsumerPlan;
use crate::warehouse::Warehouse;

use super::contracts::Matched;
use super::endpoints;
use super::finding::{Finding, Place};
use super::report::{ConsumerReport, Fate, Reason, Violation};

use fate::{Judge, Majors};
use plans::plan;

pub use fate::touches;

/// A consumer of another repository, registered in the warehouse.
#[derive(Debug, Clone)]
pub struct Registered {
    /// The repository.
    pub repository: String,
    /// The consumer.
    pub consumer: Consumer,
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
                // A header that was sound when it was pushed is sound now.
                if let (Some(consumer), _) = parse_consumer(&sql.name, &source) {
                    let repository = registration.repository.clone();
                    found.push(Self { repository, consumer });
                }
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
    /// What breaks clients of endpoints.
    pub endpoints: Vec<Violation>,
    /// Whether every consumer could be planned against the base.
    pub is_whole: bool,
}

/// One consumer on both sides.
struct Subject<'a> {
    name: &'a str,
    repository: Option<&'a str>,
    base: Option<&'a Consumer>,
    head: Option<&'a Consumer>,
}

/// Findings by contract, each with the base's major.
pub type Findings<'a> = HashMap<&'a str, Vec<(u64, &'a Finding)>>;

/// Plans every consumer and tells what becomes of it.
pub fn decide(planning: &Planning<'_>, findings: &Findings<'_>) -> Decided {
    let subjects = subjects(planning);
    let plans = plan(planning, &subjects);
    let majors = Majors::of(planning.matched);
    let mut decided = Decided {
        consumers: Vec::new(),
        readers: Vec::new(),
        endpoints: Vec::new(),
        is_whole: true,
    };
    for (subject, plans) in subjects.iter().zip(plans) {
        let report = Judge { findings, majors: &majors, subject, plans: &plans }.report();
        decided.endpoints.extend(moved_endpoints(subject, &subjects));
        if let (Some(base), Some(head)) = (subject.base, subject.head) {
            let now = plans.edited.as_ref().or(plans.moved.as_ref());
            let both = plans.base.as_ref().and_then(|p| p.as_ref().ok());
            let both = both.zip(now.and_then(|p| p.as_ref().ok()));
            decided.endpoints.extend(endpoints::compare(base, head, both));
        }
        match plans.base {
            Some(Ok(plan)) => decided.readers.push((report.label(), plan)),
            Some(Err(_)) => decided.is_whole = false,
            None => {}
        }
        // Nobody can say what it reads.
        decided.is_whole &= report.fate != Fate::NotPlanned;
        decided.consumers.push(report);
    }
    for unreadable in planning.head.unreadable.iter().chain(&planning.base.unreadable) {
        let known = |c: &ConsumerReport| c.consumer == unreadable.name;
        if !decided.consumers.iter().any(known) {
            decided.is_whole = false;
            decided.consumers.push(of_unreadable(unreadable));
        }
    }
    decided
}

fn of_unreadable(unreadable: &Unreadable) -> ConsumerReport {
    let reasons = unreadable.diagnostics.iter().map(|d| Reason {
        message: d.message.clone(),
        place: Some(Place { source: d.source.clone(), span: d.span }),
        hint: d.hint.clone(),
    });
    ConsumerReport {
        consumer: unreadable.name.clone(),
        owner: "unknown".to_owned(),
        repository: None,
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
    let own =
        own.into_iter().map(|(name, (base, head))| Subject { name, repository: None, base, head });
    let registered = planning.registered.iter().map(|r| Subject {
        name: &r.consumer.name,
        repository: Some(&r.repository),
        base: Some(&r.consumer),
        head: Some(&r.consumer),
    });
    own.chain(registered).collect()
}

impl Subject<'_> {
    fn is_edited(&self) -> bool {
        matches!((self.base, self.head), (Some(b), Some(h)) if b.source.text != h.source.text)
    }
}

/// An endpoint that is gone from its path, and where it may have moved.
fn moved_endpoints(subject: &Subject<'_>, subjects: &[Subject<'_>]) -> Option<Violation> {
    let base = subject.base.filter(|c| c.endpoint)?;
    if subject.head.is_some_and(|c| c.endpoint) {
        return None;
    }
    let body = |c: &Consumer| -> String {
        let sql = c.source.text.lines().filter(|l| !l.starts_with("--"));
        sql.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
    };
    let new = subjects.iter().filter(|s| s.base.is_none()).filter_map(|s| s.head);
    let moved = new.filter(|c| body(c) == body(base)).map(|c| c.name.clone()).next();
    Some(endpoints::path_changed(base, subject.head, moved))
}
