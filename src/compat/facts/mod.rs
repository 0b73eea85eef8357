//! Facts of a pair of contracts: what differs, found once and read by every rule that speaks of it.
//!
//! Pure: the two documents in, differences out. Whether one breaks anybody is for the rules to say.

pub mod allowed;
pub mod classification;
pub mod foreign_keys;
pub mod limits;
pub mod pair;
pub mod quality;
pub mod relation;
pub mod rest;
pub mod roles;
pub mod service_level;
pub mod types;
