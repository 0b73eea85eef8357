//! Candidate keys: columns that distinguish every row from every other, verified on every row.
//!
//! Ids, texts and dates are meant to tell rows apart; a measure does so by accident, until the next
//! file. What only measures tell apart is therefore kept separately.

use arrow::datatypes::DataType;

use crate::check::{is_unique, unique_in_sample};
use crate::engine::Limits;
use crate::engine::parquet_file::ParquetFile;
use crate::error::Result;

use super::row_index::is_row_index;
use super::words::{is_identifier, is_period, is_place};
use super::{ColumnProfile, TableProfile};

/// Columns of a key, at most.
pub(super) const WIDEST: usize = 3;
/// Columns that keys are sought among.
const MOST_COLUMNS: usize = 16;
/// Choices of one width that are verified on every row, at most.
const MOST: usize = 12;
/// Keys that are named, at most.
const NAMED: usize = 4;

/// What was found of a table's keys, and what was tried.
#[derive(Debug, Clone, Default)]
pub struct Keys {
    /// The narrowest keys of ids, texts and dates, the best first.
    pub meant: Vec<Vec<String>>,
    /// Columns that tell all rows apart, though one of them is a measure.
    pub accidental: Vec<Vec<String>>,
    /// The columns that choices were made of.
    pub tried: Vec<String>,
    /// Columns that no key can have, each with the reason.
    pub left_out: Vec<(String, &'static str)>,
    /// Whether some choices were not verified, because there were too many.
    pub cut_short: bool,
}

/// How well a column tells rows apart by what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Id,
    Text,
    Date,
    Measure,
}

/// The keys of a table.
///
/// # Errors
/// When a file cannot be read.
pub fn candidate_keys(
    profile: &TableProfile,
    files: &[ParquetFile],
    limits: &Limits,
) -> Result<Keys> {
    let mut keys = Keys::default();
    let columns = usable(profile, &mut keys);
    keys.tried = columns.iter().map(|(_, column)| column.name.clone()).collect();
    let search = Search { rows: profile.rows, files, limits, columns };
    let widest = if profile.rows < 2 { 0 } else { WIDEST.min(search.columns.len()) };
    for width in 1..=widest {
        let mut found = search.of_width(width, &mut keys)?;
        if !keys.meant.is_empty() {
            // A moment by itself is often unique by accident: ids win, though they are wider.
            found.retain(|(rank, _)| *rank < Rank::Date);
            if !found.is_empty() {
                keys.meant = names(found);
            }
            break;
        }
        keys.meant = names(found);
        if !keys.meant.is_empty() && !is_moment(profile, &keys.meant) {
            break;
        }
    }
    keys.meant.truncate(NAMED);
    keys.accidental.truncate(NAMED);
    Ok(keys)
}

type Ranked<'a> = (Rank, &'a ColumnProfile);

fn names(found: Vec<(Rank, Vec<String>)>) -> Vec<Vec<String>> {
    found.into_iter().map(|(_, names)| names).collect()
}

/// Whether the only key is one timestamp.
fn is_moment(profile: &TableProfile, keys: &[Vec<String>]) -> bool {
    let [key] = keys else { return false };
    let [only] = key.as_slice() else { return false };
    let mut columns = profile.columns.iter();
    columns.any(|c| c.name == *only && matches!(c.data_type, DataType::Timestamp(..)))
}

/// A table whose keys are sought.
struct Search<'a> {
    rows: u64,
    files: &'a [ParquetFile],
    limits: &'a Limits,
    columns: Vec<Ranked<'a>>,
}

impl Search<'_> {
    /// The keys of one width that are meant, the best first; accidental ones are noted.
    fn of_width(&self, width: usize, keys: &mut Keys) -> Result<Vec<(Rank, Vec<String>)>> {
        let mut choices = combinations(&self.columns, width);
        // The best columns first, then the leftmost.
        choices.sort_by_key(|choice| {
            let ranks = || choice.iter().map(|(rank, _)| *rank);
            (ranks().max(), ranks().map(|rank| rank as usize).sum::<usize>())
        });
        let (mut found, mut verified) = (Vec::new(), 0);
        for choice in choices {
            let rank = choice.iter().map(|(rank, _)| *rank).max().unwrap_or(Rank::Measure);
            let names: Vec<String> = choice.iter().map(|(_, column)| column.name.clone()).collect();
            let holds = |key: &Vec<String>| key.iter().all(|name| names.contains(name));
            let is_wider = keys.accidental.iter().chain(&keys.meant).any(holds);
            if is_wider || !self.may_be_key(&choice, &names)? {
                continue;
            }
            if verified == MOST {
                keys.cut_short = true;
                break;
            }
            verified += 1;
            if is_unique(self.files, &names, self.limits)? {
                match rank {
                    Rank::Measure => keys.accidental.push(names),
                    rank => found.push((rank, names)),
                }
            }
        }
        Ok(found)
    }

    fn may_be_key(&self, choice: &[Ranked<'_>], names: &[String]) -> Result<bool> {
        let counts = choice.iter().map(|(_, c)| u128::from(c.distinct.unwrap_or_default()));
        // Estimates may fall short by a few percent.
        let enough = counts.product::<u128>() * 100 >= u128::from(self.rows) * 90;
        Ok(enough && unique_in_sample(self.files, names)?)
    }
}

/// The columns that a key may have, in the order of the table; the others are noted.
fn usable<'a>(profile: &'a TableProfile, keys: &mut Keys) -> Vec<Ranked<'a>> {
    let mut usable = Vec::new();
    for (place, column) in profile.columns.iter().enumerate() {
        match unusable(column) {
            Some(reason) => keys.left_out.push((column.name.clone(), reason)),
            None => usable.push((rank(column), place, column)),
        }
    }
    usable.sort_by_key(|(rank, place, _)| (*rank, *place));
    for (_, _, column) in usable.drain(MOST_COLUMNS.min(usable.len())..) {
        keys.left_out.push((column.name.clone(), "16 other columns come first"));
    }
    usable.sort_by_key(|(_, place, _)| *place);
    usable.into_iter().map(|(rank, _, column)| (rank, column)).collect()
}

/// Why a column cannot be in a key: NULL distinguishes nothing, and scores and long texts are not
/// keys.
fn unusable(column: &ColumnProfile) -> Option<&'static str> {
    let text = column.text.as_ref();
    match &column.data_type {
        _ if is_row_index(column) => Some("a row number"),
        t if t.is_nested() => Some("nested"),
        t if t.is_floating() => Some("a floating-point number"),
        DataType::Boolean => Some("a boolean"),
        DataType::Binary => Some("binary"),
        DataType::Null => Some("only NULL"),
        _ if column.nulls > 0 => Some("has NULL"),
        _ if !column.placeholders.is_empty() => Some("has missing values"),
        _ if text.is_some_and(|t| t.longest > 64 || t.blanks >= 2.0) => Some("long text"),
        _ => None,
    }
}

fn rank(column: &ColumnProfile) -> Rank {
    let is_uuid = column.text.as_ref().is_some_and(|text| text.format == Some("uuid"));
    match &column.data_type {
        t if is_uuid
            || (is_identifier(&column.name) && (t.is_integer() || *t == DataType::Utf8)) =>
        {
            Rank::Id
        }
        DataType::Utf8 => Rank::Text,
        DataType::Date32 | DataType::Timestamp(..) => Rank::Date,
        t if t.is_integer() && is_counted_through(column) => Rank::Text,
        t if t.is_integer() && (is_period(&column.name) || is_place(&column.name)) => Rank::Date,
        _ => Rank::Measure,
    }
}

/// Whether integers count the rows: every number from the least to the greatest, once.
fn is_counted_through(column: &ColumnProfile) -> bool {
    let bound = |value: &Option<serde_json::Value>| value.as_ref().and_then(|v| v.as_i64());
    let span = bound(&column.min).zip(bound(&column.max)).map(|(low, high)| high.abs_diff(low));
    span.is_some_and(|span| span + 1 == column.rows && column.rows > 1)
        && bound(&column.min).is_some_and(|low| low == 0 || low == 1)
        && !(column.distinct_is_exact && column.distinct != Some(column.rows))
}

/// Every choice of this many columns, the leftmost first.
fn combinations<'a>(columns: &[Ranked<'a>], width: usize) -> Vec<Vec<Ranked<'a>>> {
    if width == 0 {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for (n, first) in columns.iter().enumerate() {
        for mut rest in combinations(&columns[n + 1..], width - 1) {
            rest.insert(0, *first);
            all.push(rest);
        }
    }
    all
}

impl Keys {
    /// What was tried, where no key was found.
    pub fn tried(&self) -> Vec<String> {
        let mut lines = Vec::new();
        match self.tried.len() {
            0 => lines.push("no key was found: no column can be part of one".to_owned()),
            n => {
                let widest = match n.min(WIDEST) {
                    1 => "alone".to_owned(),
                    widest => format!("alone and in groups of up to {widest}"),
                };
                let names = listed(&self.tried);
                lines.push(format!("no key was found; tried, {widest}: {names}"));
            }
        }
        if self.cut_short {
            lines.push("not every group was verified: there are too many".to_owned());
        }
        if !self.left_out.is_empty() {
            let one = |(name, reason): &(String, &str)| {
                format!("{} ({reason})", listed(std::slice::from_ref(name)))
            };
            let names: Vec<String> = self.left_out.iter().map(one).collect();
            lines.push(format!("not tried: {}", names.join(", ")));
        }
        lines
    }
}

/// Names in a comment: on one line, whatever they hold.
pub(super) fn listed(names: &[String]) -> String {
    let shown = |name: &String| if name.is_empty() { "(no name)".to_owned() } else { name.clone() };
    let names: Vec<String> = names.iter().map(shown).collect();
    names.join(", ").replace(char::is_control, " ")
}
