//! ## What it does
//! Reports a column of an endpoint's result that has no name of its own (`?column?`, `case`), or the
//! name of another one.
//!
//! ## Why it matters
//! Clients read the columns of an answer by their names. `?column?` says nothing, and of two columns
//! called `id` the second one is answered as `id_2`: it changes its name when the first one does.
//!
//! ## Example
//! ```sql
//! -- owner: home-page
//! -- params: {}
//! select r.course_id, c.course_id, r.score * 100
//! from recommendations.results r join recommendations.courses c using (course_id)
//! ```
//!
//! ## What to do instead
//! Give the column an alias: `r.score * 100 as percent`.

use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "C008", name: "unnamed-column", severity: Severity::Warning, since: "0.1.0" };
