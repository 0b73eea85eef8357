//! What becomes of a consumer, by its plans.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::contract::names::quote;
use crate::contract::types::sql_type;
use crate::diagnostic::Span;
use crate::error::{Error, Result};
use crate::project::Consumer;
use crate::query::{ConsumerPlan, Listing, OutputColumn, place, place_of_word};

use super::super::finding::{Effect, Finding, Place, Touches};
use super::super::report::{ConsumerReport, Fate, Reason};
use super::plans::Plans;
use super::{Findings, Subject};

/// Judges one consumer.
pub(super) struct Judge<'a> {
    pub findings: &'a Findings<'a>,
    /// Contracts that differ.
    pub changed: &'a HashSet<&'a str>,
    /// Of contracts with a next major, its name in SQL and the major before.
    pub next: &'a HashMap<&'a str, (String, u64)>,
    pub subject: &'a Subject<'a>,
    pub plans: &'a Plans,
}

type Verdict = (Fate, Vec<Reason>);

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
            let mut reason = reason(head, error);
            reason.hint = self.which_major().or(reason.hint);
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
        // A list that was complete before the edit, and is not after it.
        let (_, felt) = self.felt(head, before, after);
        let (misses, _) = self.felt(head, after, after);
        reasons.extend(felt);
        if misses {
            return (Fate::Broken, reasons);
        }
        let mut tables = before.tables.iter().chain(&after.tables);
        let reads_change = tables.any(|t| self.changed.contains(t.contract.as_str()));
        match (reads_change, reasons.is_empty()) {
            (true, _) => (Fate::ChangedTogether, reasons),
            (false, false) => (Fate::Changed, reasons),
            (false, true) => (Fate::Unaffected, reasons),
        }
    }

    /// Columns that were added and that the consumer reads without naming them: through NATURAL, `*`, or
    /// a name that meant something else.
    fn drawn_in(&self, after: &ConsumerPlan) -> Vec<Reason> {
        let ids: BTreeSet<&str> = after.tables.iter().map(|t| t.contract.as_str()).collect();
        let own = ids.iter().filter_map(|id| self.findings.get(id)).flatten();
        let added =
            own.filter(|(_, f)| matches!(f.meta.name, "column-added" | "required-column-added"));
        let read = added.filter(|((_, now), f)| {
            after.reads.iter().any(|r| {
                let same = r.of.contract == f.contract && Some(r.of.major) == *now;
                same && f.element == format!("{}.{}", r.of.table, r.column)
            })
        });
        read.map(|(_, f)| note(&format!("it reads {}, which was added", f.element))).collect()
    }

    /// Which major its bare names mean, and how to name the other.
    fn which_major(&self) -> Option<String> {
        let plan = self.first_plan()?;
        let own = plan.tables.iter().find_map(|t| Some((t, self.next.get(t.contract.as_str())?)));
        let (table, (next, major)) = own?;
        Some(format!(
            "'{}' means major {major} until default_major says otherwise: '{next}' names the next",
            table.schema
        ))
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
            reason.hint = self.which_major().or(reason.hint);
            return (Fate::ToMigrate, vec![reason]);
        }
        let mut reasons = differences(&before.outputs, &after.outputs);
        reasons.extend(self.drawn_in(after));
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
        let own = ids.iter().filter_map(|id| self.findings.get(id)).flatten();
        for ((major, now), finding) in own {
            let follows = after
                .tables
                .iter()
                .any(|t| t.contract == finding.contract && Some(t.major) == *now);
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
        // Who lists some of the values has chosen; who lists all of them means all.
        let means_all = |values: &BTreeSet<String>| old.iter().all(|v| values.contains(v));
        match listing {
            Listing::Case(values) if !covers(values) && means_all(values) => Some(format!(
                "its CASE lists every old value and has no ELSE: {} becomes NULL",
                added.join(", ")
            )),
            Listing::In(values) if !covers(values) && means_all(values) => {
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
    place_of_word(text, &word)
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
