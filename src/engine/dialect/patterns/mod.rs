//! Patterns: regular expressions as PostgreSQL reads them, SIMILAR TO, and LIKE.
//!
//! A pattern is read here and handed to a machine that matches in linear time. Its matches are compared
//! with the ends that PostgreSQL chooses, the longest or the shortest; where groups cannot be told as
//! PostgreSQL tells them, the query fails.

mod brackets;
mod certain;
mod compiled;
mod ends;
mod escapes;
mod functions;
mod matches;
mod parser;
mod reader;
mod replaced;
mod similar;
mod syntax;
mod written;

pub(in crate::engine::dialect) use functions::{MATCHES, SUBSTRING};
pub(in crate::engine::dialect) use similar::{ends_in_escape, like_pattern};

use super::scalars::Function;

/// Every function of patterns.
pub(super) fn all() -> impl Iterator<Item = &'static Function> {
    let others =
        [&functions::LIKE, &functions::MATCHES, &functions::SIMILAR, &functions::SUBSTRING];
    functions::FUNCTIONS.iter().chain(others)
}
