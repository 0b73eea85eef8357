//! Facts about a pair of contracts: what differs, found once and read by every rule that needs it.
//!
//! Pure: the two documents in, differences out. Rules decide whether a difference breaks anybody.

pub mod allowed;
pub mod classification;
pub mod declared;
mod elements;
pub mod executed;
pub mod foreign_keys;
pub mod lengths;
pub mod limits;
pub mod pair;
pub mod quality;
pub mod relation;
pub mod rest;
pub mod roles;
pub mod rule_pairs;
pub mod service_level;
pub mod silent;
pub mod types;
mod walk;
