//! Waivers: approved exceptions from the rules of change.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::NaiveDate;

use crate::check::report::Notice;
use crate::contract::model::Spanned;
use crate::diagnostic::{Diagnostic, Severity, nearest};
use crate::project::{
    Consumer, DiffWaiver, Waivers, consumer_plan, expired_waiver, unused_waiver, unwaivable,
    waiver_of_change,
};

use crate::query::Catalog;

use super::rules::{CompatRule, RULES, bump_too_small, consumer_broken, version_lowered};

/// The waivers of a run, and which of them were needed.
pub struct Waiving<'a> {
    waivers: Option<&'a Waivers>,
    today: NaiveDate,
    used: RefCell<BTreeSet<usize>>,
    /// Waivers requested.
    asked: RefCell<BTreeSet<Asked>>,
}

/// What a waiver was requested for.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Asked {
    rule: String,
    contract: String,
    element: String,
    consumer: Option<String>,
}

/// How long a waiver in a hint lasts.
const DAYS: chrono::TimeDelta = chrono::TimeDelta::days(90);

/// What a waiver may name.
#[derive(Debug, Default)]
pub struct Known {
    /// Ids of contracts.
    pub contracts: BTreeSet<String>,
    /// Consumers, as reports call them; `None` where not all could be asked.
    pub consumers: Option<BTreeSet<String>>,
}

/// What an exception is requested for.
pub struct Case<'a> {
    /// The rule's name.
    pub rule: &'a str,
    /// The contracts concerned: one of them must be the waiver's.
    pub contracts: &'a [String],
    /// The element.
    pub element: &'a str,
    /// The consumer, where it is about one.
    pub consumer: Option<&'a str>,
}

impl<'a> Waiving<'a> {
    /// The waivers of a project, on a day.
    pub fn new(waivers: Option<&'a Waivers>, today: NaiveDate) -> Self {
        Self { waivers, today, used: RefCell::default(), asked: RefCell::default() }
    }

    /// The words of the waiver that lets a case pass.
    pub fn of(&self, case: &Case<'_>) -> Option<String> {
        let waivers = self.waivers?;
        let asked = |id: &String| Asked {
            rule: case.rule.to_owned(),
            contract: id.clone(),
            element: case.element.to_owned(),
            consumer: case.consumer.map(str::to_owned),
        };
        self.asked.borrow_mut().extend(case.contracts.iter().map(asked));
        let fits = |w: &DiffWaiver| {
            let named = |own: &Option<Spanned<String>>, other: Option<&str>| {
                own.as_ref().is_some_and(|own| Some(own.value.as_str()) == other)
            };
            let one = match case.consumer {
                Some(consumer) => {
                    let element = w.element.is_none() || named(&w.element, Some(case.element));
                    named(&w.consumer, Some(consumer)) && element
                }
                None => named(&w.element, Some(case.element)) && w.consumer.is_none(),
            };
            is_named(&w.rule.value, case.rule) && case.contracts.contains(&w.contract.value) && one
        };
        let found: Vec<(usize, &DiffWaiver)> =
            waivers.diff.iter().enumerate().filter(|(_, w)| fits(w)).collect();
        self.used.borrow_mut().extend(found.iter().map(|(n, _)| *n));
        let valid = found.iter().find(|(_, w)| w.expires.value >= self.today);
        valid.map(|(_, waiver)| {
            format!(
                "waived until {}: {} (approved by {})",
                waiver.expires.value, waiver.reason, waiver.approved_by
            )
        })
    }

    /// How to have a case approved: the waiver to write, and where.
    pub fn approval(&self, case: &Case<'_>) -> String {
        let contract = case.contracts.first().map(String::as_str).unwrap_or_default();
        let subject = match case.consumer {
            Some(consumer) => ("consumer", consumer),
            None => ("element", case.element),
        };
        let waiver = self.written(contract, case.rule, subject);
        format!("it needs an approval: in the list diff of waivers.yaml, - {waiver}")
    }

    /// A waiver as the list `diff` holds it.
    fn written(&self, contract: &str, rule: &str, subject: (&str, &str)) -> String {
        let until = self.today.checked_add_signed(DAYS).unwrap_or(self.today);
        waiver_of_change(contract, rule, subject, &until.to_string())
    }

    /// What is wrong with the waivers of these contracts, given what exists.
    pub fn notices(&self, changed: &BTreeSet<String>, known: &Known) -> Vec<Notice> {
        let Some(waivers) = self.waivers else { return Vec::new() };
        let used = self.used.borrow();
        let all = waivers.diff.iter().enumerate();
        all.filter_map(|(n, waiver)| {
            let of = &waiver.contract;
            let in_scope = changed.contains(&of.value) || used.contains(&n);
            unknown(waivers, "contract", of, &known.contracts)
                .or_else(|| self.expired(waivers, waiver))
                .or_else(|| {
                    let (all, name) = known.consumers.as_ref().zip(waiver.consumer.as_ref())?;
                    unknown(waivers, "consumer", name, all)
                })
                .or_else(|| self.one(waivers, waiver, used.contains(&n), in_scope))
        })
        .map(Notice::from)
        .collect()
    }

    /// What a waiver of its rule may have meant: `element 'scores.score'`.
    fn nearest_subject(&self, waiver: &DiffWaiver) -> Option<String> {
        let asked = self.asked.borrow();
        let own: Vec<&Asked> = asked.iter().filter(|a| is_asked(waiver, a)).collect();
        let meant = &waiver.element.as_ref().or(waiver.consumer.as_ref())?.value;
        // A consumer is named as one, whatever key the waiver has.
        let consumers = own.iter().filter_map(|a| a.consumer.as_deref());
        let close = |names: Vec<&str>| -> Option<String> {
            let part =
                |e: &&&str| meant.ends_with(&format!(".{e}")) || e.ends_with(&format!(".{meant}"));
            let longer = names.iter().find(part).copied();
            longer.or_else(|| nearest(meant, names.iter().copied())).map(str::to_owned)
        };
        if let Some(near) = close(consumers.collect()) {
            return Some(match waiver.consumer.is_some() {
                true => format!("did you mean consumer '{near}'?"),
                false => format!("it is named by consumer: '{near}'"),
            });
        }
        let elements = own.iter().filter(|a| a.consumer.is_none()).map(|a| a.element.as_str());
        let near = close(elements.collect())?;
        Some(match waiver.element.is_some() {
            true => format!("did you mean element '{near}'?"),
            false => format!("it is named by element: '{near}'"),
        })
    }

    /// A whole waiver of a rule: of what the report has, else of what the rule is about.
    fn whole(&self, waiver: &DiffWaiver) -> String {
        let (contract, rule) = (waiver.contract.value.as_str(), waiver.rule.value.as_str());
        let asked = self.asked.borrow();
        let subject = match asked.iter().find(|a| is_asked(waiver, a)) {
            Some(Asked { consumer: Some(consumer), .. }) => ("consumer", consumer.as_str()),
            Some(asked) => ("element", asked.element.as_str()),
            None if is_named(rule, consumer_broken::META.name) => ("consumer", "home_page"),
            None if [&bump_too_small::META, &version_lowered::META]
                .iter()
                .any(|meta| is_named(rule, meta.name)) =>
            {
                ("element", "version")
            }
            None => ("element", "scores.score"),
        };
        self.written(contract, rule, subject)
    }

    fn expired(&self, waivers: &Waivers, waiver: &DiffWaiver) -> Option<Diagnostic> {
        let day = &waiver.expires;
        (day.value < self.today).then(|| {
            let message = format!("the waiver of {} expired on {}", waiver.rule.value, day.value);
            Diagnostic::new(&expired_waiver::META, &waivers.source, day.span, message)
                .hint("remove it, or have it approved again and set a later date")
        })
    }

    fn one(
        &self,
        waivers: &Waivers,
        waiver: &DiffWaiver,
        used: bool,
        in_scope: bool,
    ) -> Option<Diagnostic> {
        let rule = &waiver.rule;
        let at =
            |meta, span, message: String| Diagnostic::new(meta, &waivers.source, span, message);
        let names = || RULES.iter().map(|r| r.doc.meta.name);
        if !names().any(|name| is_named(&rule.value, name)) {
            let hint = nearest(&rule.value, names()).map(|near| format!("did you mean '{near}'?"));
            let message =
                format!("the waiver names '{}', which is not a rule of change", rule.value);
            return Some(at(&unused_waiver::META, rule.span, message).maybe_hint(hint));
        }
        if waiver.element.is_none() && waiver.consumer.is_none() {
            let message =
                format!("the waiver of {} names neither element nor consumer", rule.value);
            return Some(at(&unwaivable::META, rule.span, message).hint(format!(
                "a waiver is for one rule and one element: {}",
                self.whole(waiver)
            )));
        }
        (in_scope && !used).then(|| {
            let of = waiver.element.as_ref().or(waiver.consumer.as_ref());
            let of = of.map(|of| format!(" for '{}'", of.value)).unwrap_or_default();
            let message = format!("the waiver of {}{of} is not needed", rule.value);
            let hint = self.nearest_subject(waiver);
            let hint =
                hint.unwrap_or_else(|| "remove it: the report has no such finding".to_owned());
            at(&unused_waiver::META, rule.span, message).hint(hint)
        })
    }
}

/// Whether a waiver is of the rule and the contract that one was requested for.
fn is_asked(waiver: &DiffWaiver, asked: &Asked) -> bool {
    is_named(&waiver.rule.value, &asked.rule) && asked.contract == waiver.contract.value
}

/// Whether a waiver's word, a name or a code, means a rule.
fn is_named(word: &str, rule: &str) -> bool {
    let of_code = |r: &&CompatRule| r.doc.meta.code == word && r.doc.meta.name == rule;
    word == rule || RULES.iter().any(|r| of_code(&r))
}

/// A waiver of something that does not exist.
fn unknown(
    waivers: &Waivers,
    what: &str,
    name: &Spanned<String>,
    known: &BTreeSet<String>,
) -> Option<Diagnostic> {
    if known.contains(&name.value) {
        return None;
    }
    let message = format!("the waiver names {what} '{}', which is not there", name.value);
    let near = nearest(&name.value, known.iter().map(String::as_str));
    let found = Diagnostic::new(&unused_waiver::META, &waivers.source, name.span, message);
    Some(found.maybe_hint(near.map(|near| format!("did you mean '{near}'?"))))
}

/// What is wrong with the waivers of changes, whatever changes.
pub fn lint_waivers(
    waivers: &Waivers,
    today: NaiveDate,
    contracts: BTreeSet<String>,
) -> Vec<Diagnostic> {
    let waiving = Waiving::new(Some(waivers), today);
    let one = |waiver: &DiffWaiver| {
        unknown(waivers, "contract", &waiver.contract, &contracts)
            .or_else(|| waiving.expired(waivers, waiver))
            .or_else(|| waiving.one(waivers, waiver, true, false))
    };
    waivers.diff.iter().filter_map(one).collect()
}

/// A consumer that a waiver of `consumer-broken` lets pass is not an error until the waiver
/// expires.
pub fn waive_broken(
    found: &mut [Diagnostic],
    consumers: &[Consumer],
    waivers: Option<&Waivers>,
    today: NaiveDate,
    catalog: &Catalog,
) {
    let Some(waivers) = waivers else { return };
    let waiving = Waiving::new(Some(waivers), today);
    for diagnostic in found.iter_mut().filter(|d| d.meta == &consumer_plan::META) {
        let own = |c: &&Consumer| Arc::ptr_eq(&c.source, &diagnostic.source);
        let Some(consumer) = consumers.iter().find(own) else { continue };
        let name = consumer.name.as_str();
        // A consumer that does not plan reveals no tables: its words count as names.
        let contracts = catalog.named_in(&consumer.source.text);
        let rule = consumer_broken::META.name;
        let case = Case { rule, contracts: &contracts, element: name, consumer: Some(name) };
        if let Some(words) = waiving.of(&case) {
            diagnostic.severity = Severity::Warning;
            diagnostic.message.push_str(&format!("; {words}"));
        }
    }
}
