//! The plan: what a clause is, and when its measured value is good.

pub(super) mod clause;
pub(super) mod threshold;
