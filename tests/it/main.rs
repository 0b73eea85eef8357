//! Integration tests: one binary, since each one links DataFusion anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod blocks;
mod changes;
mod check;
mod clause_ids;
mod cli;
mod commit_point;
mod decisions;
mod diff;
mod differential;
mod documents;
mod edits;
mod faults;
mod formats;
mod fuzz;
mod held;
mod hostile;
mod inputs;
mod invariants;
mod layering;
mod leaks;
mod lint;
mod paths;
mod python;
mod query;
mod readers;
mod real;
mod recovery;
mod revisions;
mod scope;
mod support;
mod temporary;
mod types;
mod unusable_names;
