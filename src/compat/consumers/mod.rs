//! Consumers decide: each is planned against the contracts of both moments, and its fate follows
//! from the plans.

mod fate;
mod lists;
mod meaning;
mod plans;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use crate::contract::Contract;
use crate::diagnostic::Source;
use crate::engine::{Limits, sql};
use crate::error::Result;
use crate::project::{Consumer, Snapshot, Unreadable, parse_consumer};
use crate::query::{Catalog, ConsumerPlan, Served};
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
                // This version of Pactum may read differently what another version pushed.
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
    /// Contracts that are released and in neither side.
    pub beside: &'a [Arc<Contract>],
    /// Contracts that were replaced by their next major and are served beside it.
    pub replaced: &'a [Arc<Contract>],
    /// Whether every consumer may be affected by the change, whatever it names.
    pub concerns_all: bool,
    /// Consumers of other repositories.
    pub registered: &'a [Registered],
    /// Memory and threads.
    pub limits: Limits,
}

/// Everything that planning found.
pub struct Decided {
    /// Every consumer, including the unaffected.
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

/// Findings by contract.
pub type Findings<'a> = HashMap<&'a str, Vec<Between<'a>>>;

/// A finding, and the majors of base and head that it lies between.
pub type Between<'a> = ((u64, Option<u64>), &'a Finding);

/// Plans every consumer and decides its fate.
///
/// # Errors
/// When nothing can be planned: there is nowhere to spill to.
pub fn decide(planning: &Planning<'_>, findings: &Findings<'_>) -> Result<Decided> {
    let subjects = subjects(planning);
    let (before, after) = plans::catalogs(planning);
    let majors = next_majors(planning, &before);
    let plans = plan(planning, (&before, &after), &majors, &subjects)?;
    let changed = planning.matched.iter().filter(|m| !m.is_untouched());
    let flips = flips(&before, &after);
    let changed = changed.flat_map(|m| m.base.iter().chain(&m.head)).map(|c| c.id.as_str());
    let changed: HashSet<&str> =
        changed.chain(flips.values().map(|flip| flip.id.as_str())).collect();
    let next: HashMap<&str, NextMajor> = majors.into_iter().map(|next| (next.id, next)).collect();
    let mut decided = Decided {
        consumers: Vec::new(),
        readers: Vec::new(),
        missed: HashSet::new(),
        endpoints: Vec::new(),
        is_whole: true,
    };
    let unreadable = |side: &Snapshot, name: &str| side.unreadable.iter().any(|u| u.name == name);
    for (subject, plans) in subjects.iter().zip(plans) {
        let own = subject.repository.is_none();
        if own && subject.head.is_none() && unreadable(planning.head, subject.name) {
            // It exists, but what it reads now is unknown.
            decided.readers.extend(read_before(subject, plans.base));
            continue;
        }
        if own && subject.base.is_none() && unreadable(planning.base, subject.name) {
            decided.is_whole = false;
        }
        let judge = Judge {
            matched: planning.matched,
            findings,
            changed: &changed,
            next: &next,
            flips: &flips,
            subject,
            plans: &plans,
        };
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
        decided.is_whole &= !matches!(plans.base, Some(Err(_)));
        decided.readers.extend(read_before(subject, plans.base));
        // What it reads is unknown.
        decided.is_whole &= report.fate != Fate::NotPlanned;
        decided.consumers.push(report);
    }
    // One that is unchanged in the head is reported once.
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
    Ok(decided)
}

/// A contract whose next major replaces the one that a bare name means.
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

/// What a consumer read before, under the name that reports have for it.
fn read_before(
    subject: &Subject<'_>,
    base: Option<Result<ConsumerPlan>>,
) -> Option<(String, ConsumerPlan)> {
    let label = match subject.repository {
        Some(repository) => format!("{} of {repository}", subject.name),
        None => subject.name.to_owned(),
    };
    Some((label, base?.ok()?))
}

/// A name in SQL that now means another major.
pub(super) struct Flip {
    /// The contract's id.
    id: String,
    /// The name, as the contract spells it.
    name: String,
    /// The major that it meant.
    before: u64,
    /// The major that it means.
    after: u64,
}

/// Bare names that mean a different major under the head.
fn flips(before: &Catalog, after: &Catalog) -> HashMap<String, Flip> {
    let default = |s: &&Served| s.is_default;
    let mut flips = HashMap::new();
    for old in before.served.iter().filter(default) {
        let name = old.contract.sql_name.value.clone();
        let same = |s: &&Served| s.contract.id == old.contract.id;
        let Some(new) = after.served.iter().filter(default).find(same) else { continue };
        let (before, after) = (old.contract.version.major, new.contract.version.major);
        if before != after {
            let id = old.contract.id.clone();
            flips.insert(name.to_ascii_lowercase(), Flip { id, name, before, after });
        }
    }
    flips
}

fn next_majors<'a>(planning: &'a Planning<'_>, before: &Catalog) -> Vec<NextMajor<'a>> {
    let is_default = |c: &Contract| {
        let same =
            |s: &&Served| s.contract.id == c.id && s.contract.version.major == c.version.major;
        before.served.iter().find(same).is_some_and(|s| s.is_default)
    };
    let next = planning.matched.iter().filter(|m| m.is_next_major());
    let has_document = |base: &Arc<Contract>| {
        let same = |h: &Arc<Contract>| h.id == base.id && h.version.major == base.version.major;
        planning.head.contracts.iter().any(same)
    };
    let stays = |base: &Arc<Contract>| {
        has_document(base) || planning.replaced.iter().any(|kept| Arc::ptr_eq(kept, base))
    };
    next.filter_map(|m| Some((m.base.as_ref()?, m.head.as_ref()?)))
        .filter(|(base, _)| is_default(base) && stays(base))
        .map(|(base, head)| NextMajor {
            id: &head.id,
            bare: head.sql_name.value.to_ascii_lowercase(),
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
    let mut by_body: HashMap<String, Vec<&Consumer>> = HashMap::new();
    for base in gone.filter_map(|(base, _)| *base) {
        by_body.entry(body(base)).or_default().push(base);
    }
    let mut moved: HashSet<&str> = HashSet::new();
    for (base, head) in own.values_mut().filter(|(base, _)| base.is_none()) {
        let same = head.and_then(|h| by_body.get_mut(&body(h)));
        let Some(old) = same.filter(|same| !same.is_empty()).map(|same| same.remove(0)) else {
            continue;
        };
        moved.insert(old.name.as_str());
        *base = Some(old);
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
            // Changing comments or layout is not an edit.
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

/// The query without comments and layout: identifies a consumer that was moved, or edited.
fn body(consumer: &Consumer) -> String {
    sql::without_layout(&consumer.source.text)
}
