//! The mark of columns that hold texts which did not parse.

/// Prefix of columns that hold the text of values that did not parse; none of them is data.
pub const UNPARSED: &str = "__pactum_unparsed__";
