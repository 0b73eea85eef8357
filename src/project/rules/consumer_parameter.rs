//! ## What it does
//! Reports parameters that the SQL uses without a declaration, and warns about declared ones that
//! it never uses.
//!
//! ## Why it matters
//! An undeclared parameter has no type and cannot be given; an unused one is a promise without meaning.
//!
//! ## Example
//! ```sql
//! -- owner: home-page
//! select * from learning.courses where course_id = $id
//! ```
//!
//! ## What to do instead
//! Declare it: `-- params:` and `--   id: {type: bigint, required: true}`.

use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "C002", name: "consumer-parameter", severity: Severity::Error, since: "0.1.0" };
