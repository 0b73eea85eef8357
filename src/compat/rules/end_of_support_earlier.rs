//! ## What it does
//! Reports an end of support or of life that comes earlier. Reader breaking, writer safe, bump major.
//!
//! ## Why it matters
//! Consumers plan their own replacement by that day.
//!
//! ## Example
//! ```yaml
//! slaProperties:
//! - {property: endOfSupport, value: 2027-01-01} # was 2028-01-01
//! ```
//!
//! ## What to do instead
//! Keep the day, or raise the major version.

use crate::compat::facts::pair::Pair;
use crate::compat::facts::relation::Relation;
use crate::compat::facts::service_level::{Promise, compare, promise};
use crate::compat::finding::{Bump, Effect, Finding, Touches};
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta = Meta {
    code: "D037",
    name: "end-of-support-earlier",
    severity: Severity::Error,
    since: "0.1.0",
};

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    for sla in pair.service_levels() {
        let earlier = sla
            .base
            .zip(sla.head)
            .is_some_and(|(b, h)| promise(h) == Promise::End && compare(b, h) == Relation::Looser);
        if !earlier {
            continue;
        }
        let message = format!("service level '{}' comes earlier", sla.name());
        found.push(
            sla.finding(pair, &META, message)
                .effect(Effect::Breaking, Effect::Safe, Bump::Major)
                .touching(Touches::Contract),
        );
    }
}
