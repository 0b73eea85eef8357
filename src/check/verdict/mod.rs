//! Verdicts: from what was found to the report of each clause.

pub(super) mod counted;
pub(super) mod judge;
mod keys;
mod measured;
pub(super) mod rows;
pub(super) mod secrecy;
pub(super) mod table_report;
pub(super) mod waive;
