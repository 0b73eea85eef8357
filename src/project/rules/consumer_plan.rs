//! ## What it does
//! Reports a consumer whose SQL does not plan against the contracts.
//!
//! ## Why it matters
//! It would fail when it runs; a renamed column is found here before it is found in production.
//!
//! ## Example
//! ```sql
//! -- owner: home-page
//! select scroe from recommendations.results
//! ```
//!
//! ## What to do instead
//! Correct the name; `pactum describe <contract>.<table>` lists what is there.

use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "C003", name: "consumer-plan", severity: Severity::Error, since: "0.1.0" };
