//! What becomes of a consumer, by its plans.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::contract::names::quote;
use crate::contract::types::sql_type;
use crate::diagnostic::Span;
use crate::error::Error;
use crate::project::Consumer;
use crate::query::{
    ConsumerPlan, Numbered, OutputColumn, Positions, ReadTable, numbered, place, place_of_word,
    span_of,
};

use super::super::contracts::Matched;
use super::super::facts::pair::Moment;
use super::super::finding::{Effect, Finding, Place, Touches};
use super::super::report::{ConsumerReport, Fate, Reason, beside_name};
use super::lists::missed_values;
use super::meaning;
use super::plans::Plans;
use super::{Between, Findings, Flip, NextMajor, Subject};

/// Judges one consumer.
pub(super) struct Judge<'a> {
    /// The contracts of both moments.
    pub matched: &'a [Matched],
    pub findings: &'a Findings<'a>,
    /// Contracts that differ.
    pub changed: &'a HashSet<&'a str>,
    /// Next majors by the ids of their contracts.
    pub next: &'a HashMap<&'a str, NextMajor<'a>>,
    /// Names that now mean another major, in lower case.
    pub flips: &'a HashMap<String, Flip>,
    pub subject: &'a Subject<'a>,
    pub plans: &'a Plans,
}

type Verdict = (Fate, Vec<Reason>);

/// What is reported of a finding, and where it affects the consumer's text.
struct Told<'a> {
    finding: &'a Finding,
    words: String,
    place: Option<Positions>,
}

impl Judge<'_> {
    /// What becomes of it, and why.
    pub fn report(&self) -> ConsumerReport {
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
                _ => self.to_migrate(head).unwrap_or((Fate::New, Vec::new())),
            },
            (Some(base), Some(head)) if self.subject.is_edited() => self.edited(base, head),
            // Where nothing was edited, places refer to the head's file.
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
            let mut reason = reason(head, error);
            let before = plans.base.as_ref().and_then(|p| p.as_ref().ok());
            let kept = before.and_then(|before| self.replaced(before));
            reason.hint = kept.or_else(|| self.which_major()).or(reason.hint);
            return (fate, vec![reason]);
        }
        let (Some(Ok(before)), Some(Ok(after))) = (&plans.base, &plans.edited) else {
            return (Fate::Changed, vec![note("it plans now, and did not before")]);
        };
        let mut reasons = Vec::new();
        if let Some(Err(error)) = &plans.moved {
            reasons.push(reason(base, error));
        }
        reasons.extend(differences(&before.outputs, &after.outputs));
        reasons.extend(self.felt(head, before, after));
        // A list of all values that the edit left unchanged.
        let missed = self.missed_by(before, after, Moment::Head);
        if !missed.is_empty() {
            return (Fate::Broken, self.reasons_of(head, missed));
        }
        if let Some((fate, later)) = self.to_migrate(head) {
            return (fate, later.into_iter().chain(reasons).collect());
        }
        let mut tables = before.tables.iter().chain(&after.tables);
        let reads_change = tables.any(|t| self.changed.contains(t.contract.as_str()));
        match (reads_change, reasons.is_empty()) {
            (true, _) => (Fate::ChangedTogether, reasons),
            (false, false) => (Fate::Changed, reasons),
            (false, true) => (Fate::Changed, vec![note("its own SQL or parameters were edited")]),
        }
    }

    /// Why it would not plan if bare names meant the next majors.
    fn to_migrate(&self, consumer: &Consumer) -> Option<Verdict> {
        let Some(Err(error)) = &self.plans.next else { return None };
        let mut reason = reason(consumer, error);
        reason.message = format!("under the next major: {}", reason.message);
        reason.hint = self.which_major().or(reason.hint);
        Some((Fate::ToMigrate, vec![reason]))
    }

    /// Columns that were added and that the consumer reads without naming them: through NATURAL, `*`, or
    /// a name that meant something else.
    fn drawn_in(&self, after: &ConsumerPlan) -> Vec<Reason> {
        let own = self.findings_of(after);
        let added =
            own.filter(|(_, f)| matches!(f.meta.name, "column-added" | "required-column-added"));
        let before = self.plans.base.as_ref().and_then(|p| p.as_ref().ok());
        let read = added.filter(|((was, now), f)| {
            after.reads.iter().any(|r| {
                let same = r.of.contract == f.contract && Some(r.of.major) == *now;
                // The name that the consumer writes meant the other version before.
                let moved = before.is_some_and(|p| {
                    p.tables.iter().any(|t| {
                        t.contract == f.contract && t.schema == r.of.schema && t.major == *was
                    })
                });
                same && moved && f.element == format!("{}.{}", r.of.table, r.column)
            })
        });
        read.map(|(_, f)| note(&format!("it reads {}, which was added", f.element))).collect()
    }

    /// The new name of a column that an error reports missing.
    fn renamed(&self, before: &ConsumerPlan, error: &Error) -> Option<String> {
        let name = error.message().strip_prefix("there is no column '")?.strip_suffix('\'')?;
        let own = self.findings_of(before);
        let renames = own.filter(|(_, f)| f.meta.name == "column-renamed");
        let same =
            |old: &Option<String>| old.as_ref().is_some_and(|o| o.eq_ignore_ascii_case(name));
        let new = renames.filter(|(_, f)| same(&f.old)).find_map(|(_, f)| f.new.clone())?;
        Some(format!("it is called '{new}' now"))
    }

    /// Where it reads a major that its next one replaced and that is not served: what to keep.
    fn replaced(&self, before: &ConsumerPlan) -> Option<String> {
        let reads = |m: &&Matched| {
            let base = m.base.as_ref().filter(|_| m.is_next_major());
            base.is_some_and(|b| {
                let same = |t: &ReadTable| t.contract == b.id && t.major == b.version.major;
                before.tables.iter().any(same) && !self.next.contains_key(b.id.as_str())
            })
        };
        let (base, head) =
            self.matched.iter().find(reads).and_then(|m| m.base.as_ref().zip(m.head.as_ref()))?;
        let major = base.version.major;
        Some(format!(
            "keep the document of major {major} as {} beside the next one until nobody reads it",
            beside_name(&head.source.name, major)
        ))
    }

    /// A name that it uses and that now means another major.
    fn other_major(&self) -> Option<Reason> {
        let plan = self.first_plan()?;
        let flip = plan.tables.iter().find_map(|t| self.flips.get(&t.schema))?;
        Some(note(&format!(
            "'{}' means major {} now, and meant {}",
            flip.name, flip.after, flip.before
        )))
    }

    /// Every finding of the contracts that a plan reads.
    fn findings_of(&self, plan: &ConsumerPlan) -> impl Iterator<Item = &Between<'_>> {
        let ids: BTreeSet<&str> = plan.tables.iter().map(|t| t.contract.as_str()).collect();
        ids.into_iter().filter_map(|id| self.findings.get(id)).flatten()
    }

    /// Which major its bare names mean, and how to name the other one.
    fn which_major(&self) -> Option<String> {
        let plan = self.first_plan()?;
        let next = plan.tables.iter().find_map(|t| {
            let next = self.next.get(t.contract.as_str())?;
            (t.schema == next.bare).then_some(next)
        })?;
        let NextMajor { bare, name, major, .. } = next;
        Some(format!(
            "'{bare}' means major {major} until default_major says otherwise: '{name}' names the next"
        ))
    }

    /// What to deploy first: a consumer or the contracts that it reads.
    fn deploy(&self) -> &'static str {
        let Plans { base, moved, ahead, .. } = self.plans;
        let old_works = match (base, moved) {
            (Some(Ok(before)), Some(Ok(after))) => {
                self.missed_by(before, after, Moment::Base).is_empty()
            }
            _ => false,
        };
        match (old_works, matches!(ahead, Some(Ok(_)))) {
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
            // It names nothing that differs: one plan covers both moments.
            return match moved {
                Ok(_) => (Fate::Unaffected, Vec::new()),
                Err(error) => (Fate::NotPlanned, vec![reason(consumer, error)]),
            };
        };
        match (base, moved) {
            (Err(_), Err(error)) => (Fate::NotPlanned, vec![reason(consumer, error)]),
            (Err(_), Ok(_)) => (Fate::Changed, vec![note("it plans now, and did not before")]),
            (Ok(before), Err(error)) => {
                let mut reason = reason(consumer, error);
                let hint = self.renamed(before, error).or(reason.hint);
                reason.hint = self.replaced(before).or(hint);
                let meant = self.other_major();
                (Fate::Broken, std::iter::once(reason).chain(meant).collect())
            }
            (Ok(before), Ok(after)) => self.compared(consumer, before, after),
        }
    }

    fn compared(
        &self,
        consumer: &Consumer,
        before: &ConsumerPlan,
        after: &ConsumerPlan,
    ) -> Verdict {
        let felt = self.felt(consumer, before, after);
        if !self.missed_by(before, after, Moment::Base).is_empty() {
            return (Fate::Broken, felt);
        }
        if let Some(verdict) = self.to_migrate(consumer) {
            return verdict;
        }
        let mut reasons = differences(&before.outputs, &after.outputs);
        let meant = meaning::differences(
            before,
            after,
            self.findings_of(before).map(|(_, finding)| *finding),
        );
        reasons.extend(meant.iter().map(|message| note(message)));
        reasons.extend(self.drawn_in(after));
        let changed = !reasons.is_empty();
        reasons.extend(self.other_major());
        reasons.extend(felt);
        if let Some(Ok(next)) = &self.plans.next
            && next.tables != after.tables
        {
            let later = differences(&after.outputs, &next.outputs);
            let felt = self.felt(consumer, before, next);
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

    /// What was loosened among the things that the consumer reads.
    fn felt(
        &self,
        consumer: &Consumer,
        before: &ConsumerPlan,
        after: &ConsumerPlan,
    ) -> Vec<Reason> {
        let own = self.findings_of(before);
        let felt = own.filter(|((major, now), finding)| {
            finding.reader != Effect::Safe
                && self.follows(before, after, finding, (*major, *now))
                && touches(before, *major, finding)
        });
        // Breaking findings come first; where it was edited, those of its old SQL.
        let missed = self.missed_by(before, after, Moment::Base);
        let is_missed = |f: &Finding| missed.iter().any(|told| std::ptr::eq(told.finding, f));
        let rest = felt.map(|(_, finding)| *finding).filter(|finding| !is_missed(finding));
        let rest =
            rest.map(|finding| Told { finding, words: finding.message.clone(), place: None });
        let rest = self.reasons_of(consumer, rest.collect());
        let old = self.subject.base.filter(|_| self.subject.is_edited()).unwrap_or(consumer);
        self.reasons_of(old, missed).into_iter().chain(rest).collect()
    }

    /// Whether a finding is about something that the consumer reads on both sides: under the name
    /// that it writes, where its SQL is the same.
    fn follows(
        &self,
        before: &ConsumerPlan,
        after: &ConsumerPlan,
        finding: &Finding,
        (major, now): (u64, Option<u64>),
    ) -> bool {
        let of = |plan: &ConsumerPlan, major: Option<u64>| -> BTreeSet<String> {
            let own = |t: &&ReadTable| t.contract == finding.contract && Some(t.major) == major;
            plan.tables.iter().filter(own).map(|t| t.schema.clone()).collect()
        };
        let (old, new) = (of(before, Some(major)), of(after, now));
        match self.subject.is_edited() {
            true => !new.is_empty(),
            // A contract may have changed its SQL name, which breaks the consumer anyway.
            false => !old.is_disjoint(&new),
        }
    }

    fn reasons_of(&self, consumer: &Consumer, all: Vec<Told<'_>>) -> Vec<Reason> {
        let reason = |told: Told<'_>| {
            let Told { finding, words, place } = told;
            let span = match place {
                Some(place) => span_of(&consumer.source.text, place),
                None => word(consumer, finding),
            };
            Reason {
                message: format!("{}: {words} ({})", finding.element, finding.meta.code),
                place: Some(Place { source: consumer.source.clone(), span }),
                hint: None,
            }
        };
        all.into_iter().map(reason).collect()
    }

    /// Values that were added and that a list of all values misses, of what the consumer reads on both
    /// sides; `by` says which plan's lists, by whose names.
    fn missed_by(&self, before: &ConsumerPlan, after: &ConsumerPlan, by: Moment) -> Vec<Told<'_>> {
        let own = self.findings_of(before);
        let follows = own.filter(|(majors, finding)| self.follows(before, after, finding, *majors));
        let missed = follows.filter_map(|((major, now), finding)| {
            let (plan, major) = match by {
                Moment::Base => (before, *major),
                Moment::Head => (after, (*now)?),
            };
            let (words, place) = missed_values(plan, by, major, finding)?;
            Some(Told { finding, words, place })
        });
        missed.collect()
    }

    /// Contract and element of the values that the consumer finally misses.
    pub fn missed(&self) -> Vec<(String, String)> {
        let Plans { base, moved, edited, .. } = self.plans;
        let (after, by) = match self.subject.is_edited() {
            true => (edited, Moment::Head),
            false => (moved, Moment::Base),
        };
        let (Some(Ok(before)), Some(Ok(after))) = (base, after) else { return Vec::new() };
        let missed = self.missed_by(before, after, by).into_iter();
        missed.map(|t| (t.finding.contract.clone(), t.finding.element.clone())).collect()
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
    place_of_word(text, &word)
}

/// How result columns differ.
fn differences(before: &[OutputColumn], after: &[OutputColumn]) -> Vec<Reason> {
    let (old, new) = (numbered(before), numbered(after));
    let mut found: Vec<String> = Vec::new();
    for (key, column) in &old {
        let name = quote(&column.name);
        let Some(now) = new.iter().find(|(k, _)| k == key).map(|(_, c)| c) else {
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
    let is_in = |all: &[Numbered<'_>], key: &(&str, usize)| all.iter().any(|(k, _)| k == key);
    let added = new.iter().filter(|(key, _)| !is_in(&old, key));
    found.extend(added.map(|(_, c)| format!("result column {} is new", quote(&c.name))));
    let order = |columns: &[Numbered<'_>], others: &[Numbered<'_>]| -> Vec<String> {
        let both = columns.iter().filter(|(key, _)| is_in(others, key));
        both.map(|(_, c)| c.name.clone()).collect()
    };
    if order(&old, &new) != order(&new, &old) {
        found.push("result columns are in another order".to_owned());
    }
    found.iter().map(|message| note(message)).collect()
}
