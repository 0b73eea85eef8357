//! Bounds that are likely meant: nothing below zero, shares from 0 to 1, marks on a known scale.
//!
//! What a file happens to hold is not a bound. A least value binds where the numbers reach zero and
//! stop there; a greatest one only where the scale is known.

use serde_json::Value;

use crate::profile::ColumnProfile;
use crate::profile::words::{is_identifier, is_mark, is_period, is_share, may_be_negative};

use super::types::logical;

/// Distinct values that are too few to tell where others would lie.
pub(super) const HANDFUL: u64 = 10;
/// A least number up to this part of the greatest touches zero.
const TOUCHES_ZERO: f64 = 0.05;
/// Scales that marks are given on.
const SCALES: &[(f64, f64)] = &[(0.0, 10.0), (1.0, 10.0), (0.0, 100.0), (1.0, 100.0)];

/// What is declared of a column's range: keys and values of `logicalTypeOptions`.
pub(super) fn bounds(column: &ColumnProfile) -> Vec<(&'static str, f64)> {
    let Some((low, high)) = range(column) else { return Vec::new() };
    // A bound would let NaN and infinities fail; and beyond 2^53 a double is not the number itself.
    let inexact = low.abs().max(high.abs()) > 9e15;
    let few = column.distinct.is_none_or(|distinct| distinct < HANDFUL);
    let untyped = logical(&column.data_type).word.is_empty();
    if column.nan + column.infinite > 0 || inexact || few || untyped || is_period(&column.name) {
        return Vec::new();
    }
    if let Some((least, most)) = scale(column, low, high) {
        return vec![("minimum", least), ("maximum", most)];
    }
    if may_be_negative(&column.name) || low < 0.0 {
        return Vec::new();
    }
    let whole = column.data_type.is_integer();
    match is_identifier(&column.name) && whole {
        true if low >= 1.0 => vec![("minimum", 1.0)],
        false if low <= 1.0 && whole || low <= high * TOUCHES_ZERO => vec![("minimum", 0.0)],
        _ => Vec::new(),
    }
}

/// The least and the greatest number, of a column of numbers.
fn range(column: &ColumnProfile) -> Option<(f64, f64)> {
    if !column.data_type.is_numeric() {
        return None;
    }
    let number = |value: &Option<Value>| match value {
        Some(Value::Number(n)) => n.as_f64(),
        Some(Value::String(text)) => text.parse().ok(),
        _ => None,
    };
    number(&column.min).zip(number(&column.max))
}

/// The scale that numbers lie on, where it is known.
fn scale(column: &ColumnProfile, low: f64, high: f64) -> Option<(f64, f64)> {
    let within = |least: f64, most: f64| low >= least && high <= most;
    let whole = column.data_type.is_integer() || column.whole;
    if !whole && within(0.0, 1.0) && (is_share(&column.name) || fills(column)) {
        return Some((0.0, 1.0));
    }
    // A mark that nobody gave yet leaves the scale open.
    let reached = |(least, most): &&(f64, f64)| low == *least && high == *most;
    SCALES.iter().find(reached).copied().filter(|_| is_mark(&column.name))
}

/// Whether fractions lie everywhere from 0 to 1: a quantity that merely is small lies at one end.
fn fills(column: &ColumnProfile) -> bool {
    let range = range(column);
    let spread = column.quartiles.as_ref().is_some_and(|q| q.values[2] - q.values[0] >= 0.2);
    range.is_some_and(|(low, high)| low <= 0.1 && high >= 0.9) && spread
}
