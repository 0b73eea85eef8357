//! ## What it does
//! Reports a service level that changed in an unknown direction: other units, another element or
//! driver, the author's own property. Dangerous on both sides, bump minor. A new property of one's own
//! takes nothing from anybody: safe, bump patch.
//!
//! ## Why it matters
//! Consumers that rely on it have to check.
//!
//! ## Example
//! ```yaml
//! slaProperties:
//! - {property: latency, value: 1, unit: d, element: scores.scored_at} # was scores.made_at
//! ```
//!
//! ## What to do instead
//! Write the value so that it can be compared, and tell the consumers that rely on it.

use crate::compat::facts::pair::Pair;
use crate::compat::facts::relation::Relation;
use crate::compat::facts::service_level::{Promise, compare, promise};
use crate::compat::finding::{Bump, Effect, Finding, Touches};
use crate::contract::model::Sla;
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta = Meta {
    code: "D036",
    name: "service-level-changed",
    severity: Severity::Warning,
    since: "0.1.0",
};

/// Whether a service level is for another driver; one that names its driver for the first time is not.
fn is_of_other(base: &Sla, head: &Sla) -> bool {
    base.driver.as_ref().zip(head.driver.as_ref()).is_some_and(|(old, new)| old != new)
}

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    for sla in pair.service_levels() {
        let own = |s: Option<&Sla>| s.is_some_and(|s| promise(s) == Promise::Own);
        let ends = sla.base.is_none() && sla.head.is_some_and(|h| promise(h) == Promise::End);
        let alone = sla.base.is_none() != sla.head.is_none() && (own(sla.base) || own(sla.head));
        let alone = alone || ends;
        let other = sla.base.zip(sla.head).is_some_and(|(b, h)| {
            compare(b, h) == Relation::Other || sla.is_moved || is_of_other(b, h)
        });
        if !alone && !other {
            continue;
        }
        let message = format!("service level '{}' changed", sla.name());
        let (effect, bump) = match sla.base.is_none() && own(sla.head) {
            true => (Effect::Safe, Bump::Patch),
            false => (Effect::Dangerous, Bump::Minor),
        };
        found.push(
            sla.finding(pair, &META, message)
                .effect(effect, effect, bump)
                .touching(Touches::Contract),
        );
    }
}
