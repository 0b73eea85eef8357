//! Waivers: approved exceptions from the rules of change.

use std::cell::RefCell;
use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::check::report::{Level, Notice};
use crate::diagnostic::{Diagnostic, Severity, nearest};
use crate::project::{DiffWaiver, Waivers, expired_waiver, unused_waiver, unwaivable};

use super::rules::{CompatRule, RULES};

/// The waivers of a run, and which of them were needed.
pub struct Waiving<'a> {
    waivers: Option<&'a Waivers>,
    today: NaiveDate,
    used: RefCell<BTreeSet<usize>>,
}

/// What an exception is asked for.
pub struct Case<'a> {
    /// The rule's name.
    pub rule: &'a str,
    /// The contracts that it is about: one of them must be the waiver's.
    pub contracts: &'a [String],
    /// The element.
    pub element: &'a str,
    /// The consumer, where it is about one.
    pub consumer: Option<&'a str>,
}

impl<'a> Waiving<'a> {
    /// The waivers of a project, on a day.
    pub fn new(waivers: Option<&'a Waivers>, today: NaiveDate) -> Self {
        Self { waivers, today, used: RefCell::default() }
    }

    /// The words of the waiver that lets a case pass.
    pub fn of(&self, case: &Case<'_>) -> Option<String> {
        let waivers = self.waivers?;
        let fits = |w: &DiffWaiver| {
            let named = |own: &Option<crate::contract::model::Spanned<String>>,
                         other: Option<&str>| {
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

    /// What is wrong with the waivers of these contracts.
    pub fn notices(&self, changed: &BTreeSet<String>, known: &BTreeSet<String>) -> Vec<Notice> {
        let Some(waivers) = self.waivers else { return Vec::new() };
        let used = self.used.borrow();
        let all = waivers.diff.iter().enumerate();
        all.filter_map(|(n, waiver)| {
            if !known.contains(&waiver.contract.value) {
                return Some(unknown(waivers, waiver, known));
            }
            let in_scope = changed.contains(&waiver.contract.value) || used.contains(&n);
            self.one(waivers, waiver, used.contains(&n), in_scope)
        })
        .map(notice)
        .collect()
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
        if waiver.expires.value < self.today {
            let message =
                format!("the waiver of {} expired on {}", rule.value, waiver.expires.value);
            return Some(
                at(&expired_waiver::META, waiver.expires.span, message)
                    .hint("remove it, or have it approved anew and set a later date"),
            );
        }
        let names = || RULES.iter().map(|r| r.doc.meta.name);
        if !names().any(|name| is_named(&rule.value, name)) {
            let hint = nearest(&rule.value, names()).map(|near| format!("did you mean '{near}'?"));
            let message = format!("the waiver names '{}', which is no rule of change", rule.value);
            return Some(at(&unused_waiver::META, rule.span, message).maybe_hint(hint));
        }
        if waiver.element.is_none() && waiver.consumer.is_none() {
            let message =
                format!("the waiver of {} names neither element nor consumer", rule.value);
            return Some(
                at(&unwaivable::META, rule.span, message).hint(
                    "a waiver is for one rule and one element, such as element: scores.score",
                ),
            );
        }
        (in_scope && !used).then(|| {
            let of = waiver.element.as_ref().or(waiver.consumer.as_ref());
            let of = of.map(|of| format!(" for '{}'", of.value)).unwrap_or_default();
            let message = format!("the waiver of {}{of} is not needed", rule.value);
            at(&unused_waiver::META, rule.span, message)
                .hint("remove it, or correct its element: the report names what a finding is about")
        })
    }
}

/// Whether a waiver's word, a name or a code, means a rule.
fn is_named(word: &str, rule: &str) -> bool {
    let of_code = |r: &&CompatRule| r.doc.meta.code == word && r.doc.meta.name == rule;
    word == rule || RULES.iter().any(|r| of_code(&r))
}

/// A waiver of a contract that is not there.
fn unknown(waivers: &Waivers, waiver: &DiffWaiver, known: &BTreeSet<String>) -> Diagnostic {
    let id = &waiver.contract;
    let message = format!("the waiver names contract '{}', which is not there", id.value);
    let near = nearest(&id.value, known.iter().map(String::as_str));
    Diagnostic::new(&unused_waiver::META, &waivers.source, id.span, message)
        .maybe_hint(near.map(|near| format!("did you mean '{near}'?")))
}

pub(super) fn notice(found: Diagnostic) -> Notice {
    Notice {
        code: found.meta.code.to_owned(),
        severity: match found.severity {
            Severity::Error => Level::Error,
            _ => Level::Warning,
        },
        place: found.position(),
        message: found.message,
        hint: found.hint,
    }
}
