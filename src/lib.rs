//! Pactum: data contracts that are enforced, published and served.

pub mod check;
pub mod cli;
pub mod contract;
pub mod diagnostic;
pub mod engine;
pub mod error;
pub mod project;
pub mod publish;
pub mod query;
pub mod warehouse;
