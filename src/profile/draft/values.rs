//! Values that are listed: few, each frequent, and not bound to the file's period.

use crate::profile::ColumnProfile;
use crate::profile::words::{is_identifier, is_period, is_period_code};

use super::lines::{Lines, quoted};

/// Values of an enum, at most.
const MOST_VALUES: usize = 20;
/// Rows of each value of an enum, on average at least.
const ROWS_A_VALUE: u64 = 10;
/// Rows of the rarest value: where one was met once, others were not met yet.
const RAREST: u64 = 2;

/// Whether the values can be listed.
pub(super) fn enumerable(column: &ColumnProfile, is_key: bool) -> bool {
    let (Some(values), Some(_)) = (&column.values, &column.text) else { return false };
    let rows: u64 = values.iter().map(|(_, rows)| rows).sum();
    let few = (2..=MOST_VALUES).contains(&values.len());
    let frequent = rows >= values.len() as u64 * ROWS_A_VALUE
        && values.iter().all(|(_, rows)| *rows >= RAREST);
    // New things get new ids, and new periods new codes.
    let grows =
        is_key || is_identifier(&column.name) || is_period(&column.name) || of_periods(column);
    few && frequent && column.placeholders.is_empty() && !grows
}

/// Whether most of the values name periods.
fn of_periods(column: &ColumnProfile) -> bool {
    let texts = || column.values.iter().flatten().filter_map(|(value, _)| value.as_str());
    texts().filter(|text| is_period_code(text)).count() * 2 > texts().count()
}

/// Lists the values, or says how many there are.
pub(super) fn values(column: &ColumnProfile, is_key: bool, out: &mut Lines) {
    let Some(distinct) = column.distinct else { return };
    let list = column.values.as_ref().filter(|_| enumerable(column, is_key));
    let Some(list) = list else {
        let about = if column.distinct_is_exact { "" } else { "about " };
        let words = if distinct == 1 { "distinct value" } else { "distinct values" };
        if distinct > 0 {
            out.comment(4, &format!("{about}{distinct} {words}"));
        }
        return;
    };
    out.comment(4, &format!("{distinct} values in {} rows", column.rows - column.nulls));
    out.line(4, "enum:");
    for (value, rows) in list {
        let text = value.as_str().map_or_else(|| value.to_string(), quoted);
        out.line(5, &format!("- value: {text} # {rows} rows"));
    }
}
