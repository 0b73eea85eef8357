//! Check: proves a delivery of files against a contract, clause by clause.
//!
//! Owns the plan (contract to clauses), the scan, uniqueness, foreign keys, SQL rules and the
//! report. Never writes: what becomes of a verdict is `publish`'s business.

mod clause;
mod clauses;
mod compile;
mod delivery;
mod judge;
mod keys;
mod plan;
mod predicates;
mod queries;
pub mod report;
mod run;
mod sample;
mod scan;
mod threshold;

pub(crate) use delivery::find_table;
pub use delivery::{DeliveredTable, Delivery};
pub use plan::clause_list;
pub use queries::Released;
pub use report::{ClauseReport, Report, TableReport, Verdict};
pub use run::{Checked, CheckedTable, Options, check};
