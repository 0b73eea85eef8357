//! ## What it does
//! Reports a service level that promises less: a longer latency, a shorter retention, a lower
//! availability, or none at all. Reader breaking, writer safe, bump major. A shorter retention breaks
//! the writer too: older rows fail.
//!
//! ## Why it matters
//! Products are built on how fresh the data are and how far back they go.
//!
//! ## Example
//! ```yaml
//! slaProperties:
//! - {property: latency, value: 7, unit: d} # was 1
//! ```
//!
//! ## What to do instead
//! Keep the promise, or raise the major version.

use crate::compat::facts::pair::Pair;
use crate::compat::facts::relation::Relation;
use crate::compat::facts::service_level::{Promise, compare, promise, property};
use crate::compat::finding::{Bump, Effect, Finding, Touches};
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta = Meta {
    code: "D034",
    name: "service-level-weakened",
    severity: Severity::Error,
    since: "0.1.0",
};

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    for sla in pair.service_levels() {
        let gone = sla
            .base
            .filter(|b| sla.head.is_none() && !matches!(promise(b), Promise::Own | Promise::End));
        let less = sla
            .base
            .zip(sla.head)
            .filter(|(b, h)| promise(h) != Promise::End && compare(b, h) == Relation::Looser);
        if gone.is_none() && less.is_none() {
            continue;
        }
        let shorter = less.is_some_and(|(_, h)| property(h) == "retention");
        let writer = if shorter { Effect::Breaking } else { Effect::Safe };
        let message = match sla.is_unexecuted {
            true => format!("nothing executes service level '{}' any more", sla.name()),
            false => format!("service level '{}' promises less", sla.name()),
        };
        found.push(
            sla.finding(pair, &META, message)
                .effect(Effect::Breaking, writer, Bump::Major)
                .touching(Touches::Contract),
        );
    }
}
