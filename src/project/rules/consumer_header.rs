//! ## What it does
//! Reports a consumer whose leading comment block is not the YAML header that it should be: unknown
//! keys, a missing owner, invalid types.
//!
//! ## Why it matters
//! Without an owner nobody can be told that a change breaks them; a misspelled parameter is never bound.
//!
//! ## Example
//! ```sql
//! -- ownr: home-page
//! select 1
//! ```
//!
//! ## What to do instead
//! Begin the file with `-- owner: <team>`; further keys are summary, params, endpoint.

use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "C001", name: "consumer-header", severity: Severity::Error, since: "0.1.0" };
