//! Pactum: data contracts that are enforced, published and served.

pub mod contract;
pub mod diagnostic;
