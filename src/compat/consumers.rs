//! Consumers decide: each is planned against the contracts of both moments, and what becomes of it
//! follows from the plans.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use crate::contract::types::sql_type;
use crate::contract::{Contract, names::quote};
use crate::diagnostic::{Source, Span};
use crate::engine::{Limits, sql};
use crate::error::{Error, Result};
use crate::project::{Consumer, Settings, Snapshot, parse_consumer};
use crate::query::{Catalog, ConsumerPlan, Gateway, Listing, OutputColumn, place, plan_each};

use crate::warehouse::Warehouse;

use super::contracts::Matched;
use super::endpoints;
use super::finding::{Effect, Finding, Place, Touches};
use super::report::{ConsumerReport, Fate, Reason, Violation};

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

/// What planning one subject told.
#[derive(Default)]
struct Plans {
    /// Its SQL of the base against the base's contracts.
    base: Option<Result<ConsumerPlan>>,
    /// Its SQL of the base against the head's contracts.
    moved: Option<Result<ConsumerPlan>>,
    /// Its SQL of the head against the head's contracts, where it was edited or is new.
    edited: Option<Result<ConsumerPlan>>,
    /// Its SQL of the head against the base's contracts, where it was edited.
    ahead: Option<Result<ConsumerPlan>>,
    /// Its SQL of the base against the head's contracts with their newest majors as the default.
    next: Option<Result<ConsumerPlan>>,
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
            Some(Ok(plan)) => decided.readers.push((report.consumer.clone(), plan)),
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

fn of_unreadable(unreadable: &crate::project::Unreadable) -> ConsumerReport {
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

/// The gateways of both moments.
fn gateways(planning: &Planning<'_>) -> (Gateway, Gateway, Option<Gateway>) {
    let gateway = |contracts: Vec<Arc<Contract>>, settings: &Settings| {
        Gateway::new(Catalog::declared(contracts, settings), Vec::new(), planning.limits.clone())
    };
    let with_beside = |contracts: &[Arc<Contract>]| -> Vec<Arc<Contract>> {
        contracts.iter().chain(planning.beside).cloned().collect()
    };
    let base = gateway(with_beside(&planning.base.contracts), &planning.base.settings);
    // Under a major bump the base's contract stays beside the head's, as its tables do.
    let head_has = |c: &Contract| {
        let same = |h: &&Arc<Contract>| h.id == c.id && h.version.major == c.version.major;
        planning.head.contracts.iter().any(|h| same(&h))
    };
    let replaced = planning.matched.iter().filter(|m| m.is_next_major());
    let kept = replaced.filter_map(|m| m.base.clone()).filter(|b| !head_has(b));
    let contracts: Vec<Arc<Contract>> =
        with_beside(&planning.head.contracts).into_iter().chain(kept).collect();
    let mut newest = planning.head.settings.clone();
    for matched in planning.matched.iter().filter(|m| m.is_next_major()) {
        if let Some(head) = &matched.head {
            newest.default_major.insert(head.id.clone(), head.version.major);
        }
    }
    let next = planning.matched.iter().any(Matched::is_next_major);
    let next = next.then(|| gateway(contracts.clone(), &newest));
    (base, gateway(contracts, &planning.head.settings), next)
}

fn plan(planning: &Planning<'_>, subjects: &[Subject<'_>]) -> Vec<Plans> {
    let (base, head, next) = gateways(planning);
    let changed = changed_names(planning);
    let concerned: Vec<bool> = subjects.iter().map(|s| is_concerned(s, &changed)).collect();
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
        run(next, &|n, _| concerned[n], false, |p, plan| p.next = Some(plan));
    }
    plans
}

/// SQL names of contracts that differ on the two sides, in lower case.
fn changed_names(planning: &Planning<'_>) -> HashSet<String> {
    let names = |contract: &Contract| {
        [contract.sql_name.value.to_lowercase(), contract.sql_name_with_major().to_lowercase()]
    };
    let changed = planning.matched.iter().filter(|m| !m.is_untouched());
    let mut all: HashSet<String> = changed
        .flat_map(|m| m.base.iter().chain(&m.head))
        .flat_map(|contract| names(contract))
        .collect();
    // A contract's other majors change places with it, and so does what settings call the default.
    let ids: BTreeSet<&str> = planning
        .matched
        .iter()
        .filter(|m| {
            let majors = |s: &Snapshot| s.settings.default_major.clone();
            !m.is_untouched() || majors(planning.base) != majors(planning.head)
        })
        .flat_map(|m| m.base.iter().chain(&m.head))
        .map(|c| c.id.as_str())
        .collect();
    let both = planning.base.contracts.iter().chain(&planning.head.contracts);
    all.extend(both.filter(|c| ids.contains(c.id.as_str())).flat_map(|c| names(c)));
    all
}

/// Whether a consumer names a contract that differs. What cannot be read may.
fn is_concerned(subject: &Subject<'_>, changed: &HashSet<String>) -> bool {
    let names = |c: &Consumer| match sql::words(&c.source.text) {
        Ok(words) => words.iter().any(|word| changed.contains(word)),
        Err(_) => true,
    };
    subject.base.is_some_and(names)
}

/// What a contract's majors have become.
struct Majors<'a> {
    /// From the base's major to the head's, by contract.
    moved: HashMap<(&'a str, u64), u64>,
    /// Contracts that differ.
    changed: HashSet<&'a str>,
}

impl<'a> Majors<'a> {
    fn of(matched: &'a [Matched]) -> Self {
        let (mut moved, mut changed) = (HashMap::new(), HashSet::new());
        for one in matched {
            if let (Some(base), Some(head)) = (&one.base, &one.head) {
                moved.entry((base.id.as_str(), base.version.major)).or_insert(head.version.major);
            }
            if !one.is_untouched() {
                changed.extend(one.base.iter().chain(&one.head).map(|c| c.id.as_str()));
            }
        }
        Self { moved, changed }
    }
}

struct Judge<'a> {
    findings: &'a Findings<'a>,
    majors: &'a Majors<'a>,
    subject: &'a Subject<'a>,
    plans: &'a Plans,
}

type Verdict = (Fate, Vec<Reason>);

impl Judge<'_> {
    fn report(&self) -> ConsumerReport {
        let subject = self.subject;
        let consumer = subject.head.or(subject.base);
        let (fate, reasons) = self.fate();
        let deploy = match fate {
            Fate::ChangedTogether => Some(self.deploy().to_owned()),
            _ => None,
        };
        let plan = self.first_plan();
        ConsumerReport {
            consumer: subject.name.to_owned(),
            owner: consumer.map(|c| c.owner.clone()).unwrap_or_default(),
            repository: subject.repository.map(str::to_owned),
            file: consumer.map(|c| c.source.name.clone()).unwrap_or_default(),
            fate,
            reasons,
            deploy,
            waived: None,
            reads: plan
                .map(|p| p.tables.iter().map(|t| t.contract.clone()).collect::<BTreeSet<_>>())
                .unwrap_or_default()
                .into_iter()
                .collect(),
        }
    }

    fn first_plan(&self) -> Option<&ConsumerPlan> {
        let all = [&self.plans.base, &self.plans.moved, &self.plans.edited];
        all.into_iter().flatten().find_map(|p| p.as_ref().ok())
    }

    fn fate(&self) -> Verdict {
        match (self.subject.base, self.subject.head) {
            (Some(_), None) => (Fate::Removed, Vec::new()),
            (None, Some(head)) => match &self.plans.edited {
                Some(Err(error)) => (Fate::NotPlanned, vec![reason(head, error)]),
                _ => (Fate::New, Vec::new()),
            },
            (Some(base), Some(head)) if self.subject.is_edited() => self.edited(base, head),
            // Where nothing was edited, places are those of the head's file.
            (Some(_), Some(head)) => self.unedited(head),
            (None, None) => (Fate::Unaffected, Vec::new()),
        }
    }

    /// A consumer that the same change edits.
    fn edited(&self, base: &Consumer, head: &Consumer) -> Verdict {
        let plans = self.plans;
        if let Some(Err(error)) = &plans.edited {
            let was_sound = matches!(plans.base, Some(Ok(_)));
            let fate = if was_sound { Fate::Broken } else { Fate::NotPlanned };
            return (fate, vec![reason(head, error)]);
        }
        let (Some(Ok(before)), Some(Ok(after))) = (&plans.base, &plans.edited) else {
            return (Fate::Changed, vec![note("it plans now, and did not before")]);
        };
        let mut reasons = Vec::new();
        if let Some(Err(error)) = &plans.moved {
            reasons.push(reason(base, error));
        }
        reasons.extend(differences(&before.outputs, &after.outputs));
        reasons.extend(self.felt(head, before, after).1);
        let mut tables = before.tables.iter().chain(&after.tables);
        let reads_change = tables.any(|t| self.majors.changed.contains(t.contract.as_str()));
        match (reads_change, reasons.is_empty()) {
            (true, _) => (Fate::ChangedTogether, reasons),
            (false, false) => (Fate::Changed, reasons),
            (false, true) => (Fate::Unaffected, reasons),
        }
    }

    /// What to deploy first, of a consumer and the contracts that it reads.
    fn deploy(&self) -> &'static str {
        let works = |plan: &Option<Result<ConsumerPlan>>| matches!(plan, Some(Ok(_)));
        match (works(&self.plans.moved), works(&self.plans.ahead)) {
            (true, true) => "either may be deployed first",
            (false, true) => "deploy the consumer first, then publish under the new contract",
            (true, false) => "publish under the new contract first, then deploy the consumer",
            (false, false) => {
                "neither may be deployed first: keep what the old SQL reads for one more release \
                 (custom property aliases keeps an old name readable)"
            }
        }
    }

    fn unedited(&self, consumer: &Consumer) -> Verdict {
        let plans = self.plans;
        let Some(moved) = &plans.moved else { return (Fate::Unaffected, Vec::new()) };
        let Some(base) = &plans.base else {
            // It names nothing that differs: one plan tells of both moments.
            return match moved {
                Ok(_) => (Fate::Unaffected, Vec::new()),
                Err(error) => (Fate::NotPlanned, vec![reason(consumer, error)]),
            };
        };
        match (base, moved) {
            (Err(_), Err(error)) => (Fate::NotPlanned, vec![reason(consumer, error)]),
            (Err(_), Ok(_)) => (Fate::Changed, vec![note("it plans now, and did not before")]),
            (Ok(_), Err(error)) => (Fate::Broken, vec![reason(consumer, error)]),
            (Ok(before), Ok(after)) => self.compared(consumer, before, after),
        }
    }

    fn compared(
        &self,
        consumer: &Consumer,
        before: &ConsumerPlan,
        after: &ConsumerPlan,
    ) -> Verdict {
        let (breaks, felt) = self.felt(consumer, before, after);
        if breaks {
            return (Fate::Broken, felt);
        }
        if let Some(Err(error)) = &self.plans.next {
            let mut reason = reason(consumer, error);
            reason.message = format!("under the next major: {}", reason.message);
            return (Fate::ToMigrate, vec![reason]);
        }
        let mut reasons = differences(&before.outputs, &after.outputs);
        let changed = !reasons.is_empty();
        reasons.extend(felt);
        if let Some(Ok(next)) = &self.plans.next
            && next.tables != after.tables
        {
            let later = differences(&after.outputs, &next.outputs);
            let (_, felt) = self.felt(consumer, before, next);
            reasons.extend(later.into_iter().chain(felt).map(|mut reason| {
                reason.message = format!("under the next major: {}", reason.message);
                reason
            }));
        }
        match (changed, reasons.is_empty()) {
            (true, _) => (Fate::Changed, reasons),
            (false, false) => (Fate::Affected, reasons),
            (false, true) => (Fate::Unaffected, reasons),
        }
    }

    /// What was loosened of that which the consumer reads; whether a list of all values in it is no
    /// longer complete.
    fn felt(
        &self,
        consumer: &Consumer,
        before: &ConsumerPlan,
        after: &ConsumerPlan,
    ) -> (bool, Vec<Reason>) {
        let (mut breaks, mut reasons) = (false, Vec::new());
        let ids: BTreeSet<&str> = before.tables.iter().map(|t| t.contract.as_str()).collect();
        for (major, finding) in ids.iter().filter_map(|id| self.findings.get(id)).flatten() {
            let now = self.majors.moved.get(&(finding.contract.as_str(), *major)).copied();
            let follows =
                after.tables.iter().any(|t| t.contract == finding.contract && Some(t.major) == now);
            if finding.reader == Effect::Safe || !follows || !touches(before, *major, finding) {
                continue;
            }
            let missed = missed_values(before, *major, finding);
            breaks |= missed.is_some();
            let what = missed.unwrap_or_else(|| finding.message.clone());
            let span = word(consumer, finding);
            reasons.push(Reason {
                message: format!("{}: {what} ({})", finding.element, finding.meta.code),
                place: Some(Place { source: consumer.source.clone(), span }),
                hint: None,
            });
        }
        (breaks, reasons)
    }
}

/// Whether a plan reads what a finding touches.
pub fn touches(plan: &ConsumerPlan, major: u64, finding: &Finding) -> bool {
    let own = |contract: &str, of: u64| contract == finding.contract && of == major;
    match &finding.touches {
        Touches::Nothing => false,
        Touches::Contract => plan.tables.iter().any(|t| own(&t.contract, t.major)),
        Touches::Table(table) => {
            plan.tables.iter().any(|t| own(&t.contract, t.major) && t.table == *table)
        }
        Touches::Column(table, column) => plan.reads.iter().any(|read| {
            own(&read.of.contract, read.of.major)
                && read.of.table == *table
                && read.column == *column
        }),
    }
}

/// What becomes of values that are new, where the consumer lists the old ones.
fn missed_values(plan: &ConsumerPlan, major: u64, finding: &Finding) -> Option<String> {
    let (old, added) = finding.allowed.as_ref()?;
    let Touches::Column(table, column) = &finding.touches else { return None };
    plan.listings.iter().find_map(|(read, listing)| {
        let own = read.of.contract == finding.contract
            && read.of.major == major
            && read.of.table == *table
            && read.column == *column;
        if !own {
            return None;
        }
        let covers = |values: &BTreeSet<String>| added.iter().all(|v| values.contains(v));
        match listing {
            Listing::Case(values) if !covers(values) => {
                Some(format!("its CASE has no ELSE: {} becomes NULL", added.join(", ")))
            }
            // Who lists some of the values has chosen; who lists all of them means all.
            Listing::In(values) if !covers(values) && old.iter().all(|v| values.contains(v)) => {
                Some(format!("its IN lists every old value: {} is passed over", added.join(", ")))
            }
            _ => None,
        }
    })
}

fn reason(consumer: &Consumer, error: &Error) -> Reason {
    let span = place(&consumer.source.text, error);
    Reason {
        message: error.message().to_owned(),
        place: Some(Place { source: consumer.source.clone(), span }),
        hint: error.next_step().map(str::to_owned),
    }
}

fn note(message: &str) -> Reason {
    Reason { message: message.to_owned(), place: None, hint: None }
}

/// Where the consumer's text names what a finding is about.
fn word(consumer: &Consumer, finding: &Finding) -> Span {
    let text = &consumer.source.text;
    let word = match &finding.touches {
        Touches::Column(_, column) => column.clone(),
        Touches::Table(table) => table.clone(),
        _ => String::new(),
    };
    crate::query::place_of_word(text, &word)
}

/// How result columns differ.
fn differences(before: &[OutputColumn], after: &[OutputColumn]) -> Vec<Reason> {
    let index = |columns: &[OutputColumn]| -> HashMap<String, usize> {
        columns.iter().enumerate().map(|(n, c)| (c.name.clone(), n)).collect()
    };
    let (old, new) = (index(before), index(after));
    let mut found: Vec<String> = Vec::new();
    for column in before {
        let name = quote(&column.name);
        let Some(now) = new.get(&column.name).and_then(|n| after.get(*n)) else {
            found.push(format!("result column {name} is gone"));
            continue;
        };
        let (was, is) = (sql_type(&column.data_type), sql_type(&now.data_type));
        if column.data_type != now.data_type {
            found.push(format!("result column {name} is {is} now, and was {was}"));
        }
        match (column.nullable, now.nullable) {
            (false, true) => found.push(format!("result column {name} may be NULL now")),
            (true, false) => found.push(format!("result column {name} is never NULL now")),
            _ => {}
        }
    }
    let added = after.iter().filter(|c| !old.contains_key(&c.name));
    found.extend(added.map(|c| format!("result column {} is new", quote(&c.name))));
    let order = |columns: &[OutputColumn], others: &HashMap<String, usize>| -> Vec<String> {
        columns.iter().filter(|c| others.contains_key(&c.name)).map(|c| c.name.clone()).collect()
    };
    if order(before, &new) != order(after, &old) {
        found.push("result columns stand in another order".to_owned());
    }
    found.iter().map(|message| note(message)).collect()
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
