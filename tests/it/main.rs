//! Integration tests: one binary, since each one links DataFusion anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod check;
mod clause_ids;
mod cli;
mod documents;
mod faults;
mod invariants;
mod layering;
mod lint;
mod python;
mod query;
mod real;
mod support;
mod types;
