//! Integration tests: one binary, since each one links DataFusion anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod changes;
mod check;
mod claims;
mod clause_ids;
mod cli;
mod decisions;
mod diff;
mod differential;
mod documents;
mod edits;
mod faults;
mod formats;
mod fuzz;
mod hostile;
mod inputs;
mod invariants;
mod layering;
mod lint;
mod python;
mod query;
mod readers;
mod real;
mod revisions;
mod scope;
mod streams;
mod support;
mod swallow;
mod types;
