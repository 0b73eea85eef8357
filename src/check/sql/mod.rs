//! What single rows cannot answer: queries over whole tables.

pub(super) mod drift;
mod ends;
pub(super) mod keys;
pub(super) mod measures;
pub(super) mod releases;
pub(super) mod rule_names;
pub(super) mod rules;
pub(super) mod session;
