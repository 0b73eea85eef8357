//! ## What it does
//! Reports a consumer that the change breaks: its SQL no longer plans, or a list of all values in it is no
//! longer complete.
//!
//! ## Why it matters
//! It would fail, or miss rows, when the contract is published.
//!
//! ## Example
//! ```yaml
//! # select scroe …: there is no column 'scroe'
//! ```
//!
//! ## What to do instead
//! Edit the consumer in the same change, keep the old name as an alias, raise the major version so that
//! both stand side by side, or have it waived: rule `consumer-broken` with the consumer's name.

use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D072", name: "consumer-broken", severity: Severity::Error, since: "0.1.0" };
