//! ## What it does
//! Warns about service levels that are not executed: their value is not a length of time, or their
//! element is not a column.
//!
//! ## Why it matters
//! Latency, frequency and retention are executed where they name an element; one that cannot be
//! judged is listed as `not-executed`, and the check does not pass.
//!
//! ## Example
//! ```yaml
//! slaProperties:
//! - {property: latency, value: soon, unit: d, element: scores.computed_at}
//! ```
//!
//! ## What to do instead
//! Write a number with one of the units `ms`, `s`, `min`, `h`, `d`, `w`, `month`, `y`, both in one
//! text (`24h`), a duration of ISO 8601 (`PT24H`) or a word (`daily`), and `table.column`.

use crate::contract::model::Contract;
use crate::contract::reference::{Resolved, resolve};
use crate::contract::sla::{Period, Property};
use crate::diagnostic::{Diagnostic, Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L036", name: "bad-service-level", severity: Severity::Warning, since: "0.1.0" };

/// Finds every case in a contract.
pub fn check(contract: &Contract, found: &mut Vec<Diagnostic>) {
    for sla in contract.sla.iter().filter(|sla| Property::of(sla).is_some()) {
        if let Err(message) = Period::of(sla) {
            let message = format!("the service level is not executed: {message}");
            found.push(
                Diagnostic::new(&META, &contract.source, sla.span, message).hint(
                    "write a number and a unit: value: 2, unit: d; or a duration: value: P2D",
                ),
            );
        }
        let Some(element) = &sla.element else { continue };
        let names = element.value.split(',').map(str::trim);
        for name in names.filter(|n| !matches!(resolve(contract, n), Resolved::Column(..))) {
            let message = format!("'{name}' is not a column of this contract");
            // The check cannot judge it; readers of the contract may understand it.
            found.push(
                Diagnostic::new(&META, &contract.source, element.span, message)
                    .hint("an element is written as table.column"),
            );
        }
    }
}
