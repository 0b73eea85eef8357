//! Uniqueness: whether keys repeat, wherever their rows are.

pub(super) mod hashes;
pub(super) mod key;
pub(super) mod search;
