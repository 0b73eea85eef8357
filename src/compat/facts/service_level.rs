//! Service levels on both sides: which entry is which, and whether it promises more or less.

use std::cmp::Ordering;

use crate::contract::Contract;
use crate::contract::decimal::Decimal;
use crate::contract::element;
use crate::contract::model::Sla;
use crate::contract::sla::Period;
use crate::contract::temporal;
use crate::diagnostic::{Meta, Span};

pub use super::elements::SlaPair;
use super::pair::{Moment, Pair, Pass, matched_in_passes};
use super::relation::Relation;
use crate::compat::finding::Finding;

/// What a property promises, by the standard's names and their synonyms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Promise {
    /// More is better: availability, throughput, retention.
    More,
    /// Less is better: latency, frequency, error rate, times to detect, notify, repair.
    Less,
    /// The day that support or life ends: later is better.
    End,
    /// The day that something begins: earlier is better.
    Begin,
    /// The author's own property.
    Own,
}

/// The standard's name of a property, in lower case; its own name where the standard has none.
pub fn property(sla: &Sla) -> String {
    let lower = sla.property.to_lowercase();
    match lower.as_str() {
        "av" => "availability",
        "th" => "throughput",
        "er" => "errorrate",
        "ga" => "generalavailability",
        "es" => "endofsupport",
        "el" => "endoflife",
        "re" => "retention",
        "fy" => "frequency",
        "ly" | "freshness" => "latency",
        "td" => "timetodetect",
        "tn" => "timetonotify",
        "tr" => "timetorepair",
        other => other,
    }
    .to_owned()
}

/// What the property of an entry promises.
pub fn promise(sla: &Sla) -> Promise {
    match property(sla).as_str() {
        "availability" | "throughput" | "retention" => Promise::More,
        "latency" | "frequency" | "errorrate" | "timetodetect" | "timetonotify"
        | "timetorepair" => Promise::Less,
        "endofsupport" | "endoflife" => Promise::End,
        "generalavailability" => Promise::Begin,
        _ => Promise::Own,
    }
}

/// Whether an entry says no more than its absence: an end that does not come.
fn is_never(sla: &Sla) -> bool {
    let value = sla.value.as_deref().unwrap_or_default().trim().to_lowercase();
    let never = matches!(value.as_str(), "" | "never" | "none" | "n/a" | "null");
    promise(sla) == Promise::End && (never || value.starts_with("9999-"))
}

impl SlaPair<'_> {
    /// `slaProperties/latency`: what findings and waivers call it.
    pub fn element(&self) -> String {
        let sla = self.head.or(self.base);
        let own = |s: &Sla| match (&s.id, &s.element) {
            (Some(id), _) => id.clone(),
            // Entries may share a property.
            (None, Some(element)) => format!("{}/{}", property(s), element.value),
            (None, None) => property(s),
        };
        format!("slaProperties/{}", sla.map(own).unwrap_or_default())
    }
}

/// The entries of two contracts, matched by id, by property with element and driver, by property.
/// Entries that share a property stay apart; equal ones are matched first. An end that does not come
/// is the default, written out or not.
pub fn pairs<'a>(pair: &Pair<'a>) -> Vec<SlaPair<'a>> {
    let (base, head) = (pair.base, pair.head);
    let element = |of: Moment, sla: &Sla| elements(pair, of, sla);
    let place = |of: Moment, s: &&Sla| {
        Some(format!("{:?}", (property(s), element(of, s), s.driver.clone())))
    };
    // Two different ids are two entries, whatever else is equal.
    let apart = |b: &Sla, h: &Sla| b.id.is_some() && h.id.is_some() && b.id != h.id;
    let passes: [Pass<'_, &Sla>; 5] = [
        // With another property an entry is a different promise, whatever its id.
        Pass {
            key: &|_, s| Some(format!("{:?}", (s.id.as_ref()?, property(s)))),
            same: &|_, _| true,
        },
        Pass {
            key: &place,
            same: &|b, h| compare(b, h) == Relation::Same && b.unit == h.unit && !apart(b, h),
        },
        Pass { key: &place, same: &|b, h| !apart(b, h) },
        Pass {
            key: &|of, s| Some(format!("{:?}", (property(s), element(of, s)))),
            same: &|b, h| !apart(b, h),
        },
        // Two named elements have separate promises.
        Pass {
            key: &|_, s| Some(property(s)),
            same: &|b, h| (b.element.is_none() || h.element.is_none()) && !apart(b, h),
        },
    ];
    let told = |sla: &&Sla| !is_never(sla);
    let now: Vec<&Sla> = head.sla.iter().filter(told).collect();
    let before: Vec<&Sla> = base.sla.iter().filter(told).collect();
    let (found, left) = matched_in_passes(before, &now, &passes);
    let both = now.iter().zip(found).map(|(sla, base)| (base, Some(*sla)));
    let gone = left.into_iter().map(|sla| (Some(sla), None));
    let moved = |(b, h): (&Sla, &Sla)| element(Moment::Base, b) != element(Moment::Head, h);
    // One with a variable that nothing fills promises nothing.
    let is_idle = |sla: &Sla, of: &Contract| of.unfilled.contains_key(&sla.span.start);
    let promised = both.chain(gone).map(|(base, head): (Option<&'a Sla>, Option<&'a Sla>)| {
        let is_unexecuted = head.is_some_and(|sla| is_idle(sla, pair.head));
        let base = base.filter(|sla| !is_idle(sla, pair.base));
        let head = head.filter(|_| !is_unexecuted);
        SlaPair { base, head, is_moved: base.zip(head).is_some_and(moved), is_unexecuted }
    });
    promised.filter(|sla| sla.base.is_some() || sla.head.is_some()).collect()
}

/// The columns that an entry is judged by, by the names of the head, in whatever order and spelling.
fn elements(pair: &Pair<'_>, of: Moment, sla: &Sla) -> Vec<String> {
    let contract = pair.of(of);
    let Some(written) = element::written(contract, sla) else { return Vec::new() };
    let path = |name| pair.path(of, &element::qualified(contract, name)).to_ascii_lowercase();
    let mut all: Vec<String> = element::listed(written).into_iter().map(path).collect();
    all.sort();
    all.dedup();
    all
}

/// How the value of an entry changed: tighter is a stronger promise.
pub fn compare(base: &Sla, head: &Sla) -> Relation {
    let order = order(base, head);
    match (order, promise(head)) {
        (Some(Ordering::Equal), _) => Relation::Same,
        (_, Promise::More | Promise::End) => Relation::falling(order),
        (_, Promise::Less | Promise::Begin) => Relation::rising(order),
        (_, Promise::Own) => Relation::Other,
    }
}

/// How the head's value compares with the base's.
fn order(base: &Sla, head: &Sla) -> Option<Ordering> {
    if (&base.value, &base.unit) == (&head.value, &head.unit) {
        return Some(Ordering::Equal);
    }
    if let (Ok(old), Ok(new)) = (Period::of(base), Period::of(head)) {
        if let (Some(old), Some(new)) = (old.months(), new.months()) {
            return new.partial_cmp(&old);
        }
        return new.seconds().partial_cmp(&old.seconds());
    }
    let text = |sla: &Sla| sla.value.clone().unwrap_or_default();
    let (old, new) = (text(base), text(head));
    if let (Some(a), Some(b)) = (temporal::timestamp(&old), temporal::timestamp(&new)) {
        let at = |t: temporal::Timestamp| t.nanoseconds(Some("Etc/UTC"));
        return Some(at(b)?.cmp(&at(a)?));
    }
    let (old, old_percent) = number(&old, base.unit.as_deref())?;
    let (new, new_percent) = number(&new, head.unit.as_deref())?;
    (old_percent == new_percent).then(|| new.cmp(&old))
}

/// A number with its unit, where `99.9%` and `99.9` with unit percent are one.
fn number(text: &str, unit: Option<&str>) -> Option<(Decimal, String)> {
    let percent = text.trim().strip_suffix('%');
    let unit = match (percent, unit.map(str::to_lowercase)) {
        (Some(_), _) => "percent".to_owned(),
        (None, Some(unit)) if unit == "%" => "percent".to_owned(),
        (None, unit) => unit.unwrap_or_default(),
    };
    Some((percent.unwrap_or(text).trim().parse().ok()?, unit))
}

impl SlaPair<'_> {
    /// The property as it is written.
    pub fn name(&self) -> String {
        self.head.or(self.base).map(|s| s.property.clone()).unwrap_or_default()
    }

    /// A finding at the entry's places; on the side that lacks it, at the list.
    pub fn finding(&self, pair: &Pair<'_>, meta: &'static Meta, message: String) -> Finding {
        let words = |sla: &Sla, contract: &Contract| {
            let time = [sla.value.clone(), sla.unit.clone()];
            let element = element::written(contract, sla).map(|e| format!("of {e}"));
            let driver = sla.driver.as_ref().map(|d| format!("({d})"));
            let parts = time.into_iter().chain([element, driver]).flatten();
            parts.collect::<Vec<_>>().join(" ")
        };
        let list = |c: &Contract| c.tree.get("slaProperties").map_or(Span::START, |n| n.span);
        pair.finding(meta, self.element(), message)
            .was(
                self.base.map(|s| words(s, pair.base)),
                self.base.map_or_else(|| list(pair.base), |s| s.span),
            )
            .is(
                self.head.map(|s| words(s, pair.head)),
                self.head.map_or_else(|| list(pair.head), |s| s.span),
            )
    }
}

impl<'a> Pair<'a> {
    /// Service levels, side by side.
    pub fn service_levels(&self) -> &[SlaPair<'a>] {
        self.facts.service_levels.get_or_init(|| pairs(self))
    }
}
