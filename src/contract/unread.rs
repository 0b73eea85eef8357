//! What a column states and nothing can execute: options without a type that has them, bounds that
//! cannot be read, and parts that its type does not have.
//!
//! Lint warns of it, and a check lists it as not executed: both ask here.

use super::model::{Column, LogicalType, Options};
use super::odcs::options_of;
use super::temporal;
use super::types::{Kept, format_range, kept};
use super::yaml::Node;

/// The options that bound values.
pub const BOUNDS: &[&str] = &["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"];

/// Why an option is not executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The column has no logical type, which says what options mean.
    NoType,
    /// The logical type has no such option.
    NotOfType(LogicalType),
    /// The format of a number says no width.
    NoWidth,
    /// The flag of version 3.0 stands without the bound that it is on.
    Flag,
    /// The bound is not a value of the logical type, which orders points in time.
    Unreadable(LogicalType),
}

impl Why {
    /// The reason in words, for an option of a name.
    pub fn words(self, option: &str) -> String {
        match self {
            Self::NoType => "the column has no logicalType".to_owned(),
            Self::NotOfType(logical) => {
                format!("logicalType {} has no option '{option}'", logical.word())
            }
            Self::NoWidth => "the standard has no such format of numbers".to_owned(),
            Self::Flag => "the bound that it would exclude is not declared".to_owned(),
            Self::Unreadable(logical) => format!("it cannot be read as a {}", logical.word()),
        }
    }
}

/// Why an option of a column is not executed; `None` for one that is.
pub fn option(column: &Column, key: &str, node: &Node) -> Option<Why> {
    let Some(logical) = column.logical_type.as_ref().map(|t| t.value) else {
        return Some(Why::NoType);
    };
    if !options_of(logical.word()).contains(&key) {
        return Some(Why::NotOfType(logical));
    }
    if BOUNDS.contains(&key) && node.as_bool().is_some() {
        return Some(Why::Flag);
    }
    if key == "format" && !widths(logical).is_empty() {
        let word = node.as_str().unwrap_or_default();
        // A bigint holds every `int64`.
        let is_width = widths(logical).contains(&word) || word == "int64";
        return (!is_width && format_range(column).is_none()).then_some(Why::NoWidth);
    }
    let is_unreadable = logical.is_temporal()
        && BOUNDS.contains(&key)
        && kept(column) != Some(Kept::Epoch)
        && !is_moment(logical, column.open_moment, node);
    is_unreadable.then_some(Why::Unreadable(logical))
}

/// The formats that say how wide a number is; none of other types.
pub fn widths(logical: LogicalType) -> &'static [&'static str] {
    match logical {
        LogicalType::Integer => {
            &["i8", "i16", "i32", "i64", "i128", "u8", "u16", "u32", "u64", "u128"]
        }
        LogicalType::Number => &["f32", "f64"],
        _ => &[],
    }
}

/// Every option of a column that is not executed, and why.
pub fn options(column: &Column) -> impl Iterator<Item = (&str, &Node, Why)> {
    let why = |(key, node)| Some((key, node, option(column, key, node)?));
    column.options.iter().filter_map(why)
}

/// The options of a column that are executed.
pub fn executed(column: &Column) -> Options {
    let keys: Vec<String> = options(column).map(|(key, ..)| key.to_owned()).collect();
    column.options.without(&keys)
}

/// Whether a bound can be read. `is_open` where a date may have a time of day.
fn is_moment(logical: LogicalType, is_open: bool, node: &Node) -> bool {
    let text = node.scalar_text().unwrap_or_default();
    match logical {
        LogicalType::Date if is_open => temporal::timestamp(&text).is_some(),
        LogicalType::Date => temporal::date(&text).is_some(),
        LogicalType::Timestamp => temporal::timestamp(&text).is_some(),
        LogicalType::Time => temporal::time(&text).is_some(),
        _ => true,
    }
}

/// The parts of a column that its logical type does not have: `items`, `properties`, `map`.
pub fn parts(column: &Column) -> Vec<&'static str> {
    let Some(logical) = column.logical_type.as_ref().map(|t| t.value) else { return Vec::new() };
    let has = [
        ("items", column.items.is_some(), &[LogicalType::Array, LogicalType::Vector][..]),
        ("properties", !column.properties.is_empty(), &[LogicalType::Object]),
        ("map", column.map.is_some(), &[LogicalType::Map]),
    ];
    has.into_iter()
        .filter(|(_, is_there, types)| *is_there && !types.contains(&logical))
        .map(|(part, ..)| part)
        .collect()
}
