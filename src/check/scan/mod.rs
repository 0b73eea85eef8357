//! The scan: what one pass over the rows finds.

pub(super) mod found;
pub(super) mod keys;
pub(super) mod merge;
pub(super) mod samples;
pub(super) mod statistics;
pub(super) mod work;
