//! Check: proves a delivery of files against a contract, clause by clause.
//!
//! Owns the plan (contract to clauses), the scan, uniqueness, foreign keys, SQL rules and the
//! report. Writes only what is asked for (`quarantine`): what follows from a verdict is `publish`'s
//! business.

mod checked;
mod clauses;
mod declared;
mod delivery;
mod expr;
mod forgotten;
mod only_null;
mod options;
mod pieces;
mod places;
mod plan;
mod quarantine;
mod released;
pub mod report;
mod run;
mod scan;
mod served;
mod sql;
mod statements;
mod unique;
mod unread;
mod verdict;
mod work;

pub use checked::{Checked, CheckedTable};
pub(crate) use delivery::find_table;
pub use delivery::{DeliveredTable, Delivery, inputs};
pub use expr::predicates::TextFormat;
pub use options::Options;
pub(crate) use pieces::{Piece, pieces};
pub use places::without_path_values;
pub use quarantine::{Quarantine, quarantine};
pub use released::Released;
pub use report::{ClauseReport, Report, TableReport, Verdict};
pub use run::check;
pub(crate) use served::told;
pub use sql::session::RULE_TIME;
pub use statements::{Statement, clause_list, lint_rules};
pub(crate) use unique::search::{is_unique, unique_in_sample};
