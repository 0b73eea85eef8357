//! ## What it does
//! Reports a service level that promises more, or is new. Reader safe, writer breaking, bump minor.
//!
//! ## Why it matters
//! Deliveries that kept the old promise may break the new one.
//!
//! ## Example
//! ```yaml
//! slaProperties:
//! - {property: latency, value: 1, unit: d} # was 7
//! ```
//!
//! ## What to do instead
//! Raise the minor version and tell the producer.

use crate::compat::facts::pair::Pair;
use crate::compat::facts::relation::Relation;
use crate::compat::facts::service_level::{Promise, compare, promise};
use crate::compat::finding::{Bump, Effect, Finding, Touches};
use crate::contract::element::sla_clause;
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta = Meta {
    code: "D035",
    name: "service-level-strengthened",
    severity: Severity::Warning,
    since: "0.1.0",
};

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    for sla in pair.service_levels() {
        // Withdrawing an announced end is a promise; announcing one is not.
        let unended = sla.base.filter(|b| sla.head.is_none() && promise(b) == Promise::End);
        let new = sla
            .head
            .filter(|h| sla.base.is_none() && !matches!(promise(h), Promise::Own | Promise::End));
        let more = sla.base.zip(sla.head).filter(|(b, h)| compare(b, h) == Relation::Tighter);
        if new.is_none() && more.is_none() && unended.is_none() {
            continue;
        }
        let message = format!("service level '{}' promises more", sla.name());
        let mut finding = sla
            .finding(pair, &META, message)
            .effect(Effect::Safe, Effect::Breaking, Bump::Minor)
            .touching(Touches::Contract);
        if let Some(id) = sla.head.and_then(|head| sla_clause(pair.head, head)) {
            finding = finding.of_clause(id);
        }
        found.push(finding);
    }
}
