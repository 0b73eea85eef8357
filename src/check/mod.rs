//! Check: proves a delivery of files against a contract, clause by clause.
//!
//! Owns the plan (contract to clauses), the scan, uniqueness, foreign keys, SQL rules and the
//! report. Writes only what is asked for (`quarantine`): what follows from a verdict is `publish`'s
//! business.

mod clause;
mod clauses;
mod compile;
mod counted;
mod declared;
mod delivery;
mod dictionary;
mod drift;
mod function;
mod hashes;
mod judge;
mod keys;
mod measures;
mod merge;
mod nested;
mod pieces;
mod places;
mod plan;
mod predicates;
mod quarantine;
mod queries;
mod ranges;
mod released;
pub mod report;
mod rows;
mod rule_names;
mod run;
mod sample;
mod scan;
mod secrecy;
mod statistics;
mod table_report;
mod threshold;
mod uniqueness;
mod waive;

pub(crate) use delivery::find_table;
pub use delivery::{DeliveredTable, Delivery, inputs};
pub(crate) use pieces::{Piece, pieces};
pub use places::without_path_values;
pub use plan::{Statement, clause_list, lint_rules};
pub use predicates::TextFormat;
pub use quarantine::{Quarantine, quarantine};
pub use queries::RULE_TIME;
pub use released::Released;
pub use report::{ClauseReport, Report, TableReport, Verdict};
pub use run::{Checked, CheckedTable, Options, check};
pub(crate) use uniqueness::{is_unique, unique_in_sample};
