//! Pactum: data contracts that are enforced, published and served.
//!
//! The layers, from the top down. A layer may use any below it and none above; a test reads the
//! `use` lines and enforces this.
//!
//! | layer | owns |
//! |-------|------|
//! | [`cli`] | one file a subcommand: arguments, a call, rendering; no logic |
//! | [`publish`] | a delivery becomes staged files, Delta commits, an entry of the ledger |
//! | [`compat`] | what a change of contract breaks, and whom: rules, consumers, policy, backtests |
//! | [`profile`] | the numbers of data, and the contract that they suggest |
//! | [`check`] | a contract becomes clauses; scan, uniqueness, queries, report |
//! | [`query`] | the gateway that all SQL passes, catalog, released tables, consumers |
//! | [`warehouse`] | layout, ledger, Delta tables; the only user of deltalake |
//! | [`project`] | `pactum.yaml`, the contracts and consumers of a folder |
//! | [`engine`] | the only builder of sessions and memory pools; readers of files |
//! | [`contract`] | parsing with positions, the model, types, names, lint; pure |
//! | [`error`] | what a caller can do about a failure |
//! | [`diagnostic`] | code, severity, place, hint, and how they are drawn; pure |
//!
//! Invariants, each proved by a test of its name in `tests/it/invariants.rs`:
//!
//! 1. Only a passing check makes a release.
//! 2. A release is atomic across its tables, and a query sees one.
//! 3. Every clause in scope gets a verdict.
//! 4. Verdicts come from the delivery as delivered, and storing is lossless or refused.
//! 5. One gateway admits queries only.
//! 6. Released tables are ordinary Delta tables whose head is the release.
//! 7. An unreleased version never enters a release.
//! 8. A failed or killed publish leaves the previous release readable and complete.
//! 9. Bad input gets a diagnostic and has no effect.
//! 10. Evidence leaks nothing.
//!
//! Deliberately absent: a server with its own state, a second path to data, renames of data files,
//! and any reading of a table's Delta head to find out what is released.

pub mod check;
pub mod cli;
pub mod compat;

pub mod contract;
pub mod diagnostic;
pub mod engine;
pub mod error;
pub mod profile;
pub mod project;
pub mod publish;
pub mod query;
pub mod warehouse;
