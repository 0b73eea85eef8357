//! The columns of a table: numbers and a plot each.

use arrow::datatypes::DataType;
use chrono::{DateTime, NaiveDate, TimeDelta};
use maud::{Markup, html};

use crate::cli::output::{count, printable, thousands};
use crate::contract::types::words;
use crate::profile::{ColumnProfile, TableProfile};

use super::cells::{breakable, number, shown};
use super::declared::Bounds;
use super::distribution::distribution;
use super::plot;

/// What stands beside a table's numbers.
#[derive(Debug, Default)]
pub(super) struct Beside<'a> {
    /// The declared bounds.
    pub bounds: Option<&'a Bounds>,
    /// The release that drift rules look at: its name, and its numbers of their columns.
    pub release: Option<(&'a str, &'a TableProfile)>,
}

/// The columns of a table.
pub(super) fn columns(table: &TableProfile, beside: &Beside<'_>) -> Markup {
    html! {
        div class="columns" {
            @for column in &table.columns {
                @let bounds = beside.bounds.map(|b| b.of(&table.name, &column.name)).unwrap_or_default();
                section class="column" {
                    h3 { (breakable(&printable(&column.name))) " " span class="type" { (words(&column.data_type)) } }
                    (drawn(column, &table.name, &bounds, beside))
                    dl { @for (name, value) in numbers(column, &bounds) { dt { (name) } dd { (breakable(&value)) } } }
                }
            }
        }
    }
}

fn drawn(
    column: &ColumnProfile,
    table: &str,
    bounds: &[(&'static str, f64)],
    beside: &Beside<'_>,
) -> Markup {
    let of_lengths = column.lengths.as_deref();
    let few = column.values.as_ref().filter(|v| {
        let words = column.text.is_some() || column.data_type == DataType::Boolean;
        words || (v.len() <= 6 && column.numbers.values.is_empty() && of_lengths.is_none())
    });
    let release = beside.release.filter(|(_, released)| released.name == table);
    let behind = release.and_then(|(_, t)| t.columns.iter().find(|c| c.name == column.name));
    let found = distribution(of_lengths.unwrap_or(column), behind, bounds);
    let name = release.map(|(name, _)| name).unwrap_or_default();
    let label = |value: f64| match of_lengths {
        Some(_) => number(value),
        None => on_axis(value, &column.data_type),
    };
    html! {
        @if let Some(values) = few {
            (shares(column, values))
        } @else if let Some(found) = found {
            @if of_lengths.is_some() { p class="quiet" { "items in a row" } }
            (plot::histogram(&found, name, label))
            @if behind.is_some() {
                p class="quiet legend" { span class="key own" {} " this delivery " span class="key" {} " " (name) }
            }
            @if found.is_sample { p class="quiet" { "drawn from a sample" } }
        }
    }
}

fn shares(column: &ColumnProfile, values: &[(serde_json::Value, u64)]) -> Markup {
    let rows = column.rows - column.nulls.min(column.rows);
    let more = values.len().saturating_sub(6) as u64;
    html! {
        @for (value, count) in values.iter().take(6) { (plot::share(*count, rows, &shown(value))) }
        @if more > 0 { p class="quiet" { "and " (count(more, "more value", "more values")) } }
    }
}

/// A number of the axis as the column's values are written.
fn on_axis(value: f64, data_type: &DataType) -> String {
    #[allow(clippy::cast_possible_truncation, reason = "to be shown")]
    let whole = value.round() as i64;
    match data_type {
        DataType::Date32 => {
            let day =
                TimeDelta::try_days(whole).and_then(|d| NaiveDate::default().checked_add_signed(d));
            day.map_or_else(|| number(value), |day| day.to_string())
        }
        DataType::Timestamp(..) => DateTime::from_timestamp_micros(whole)
            .map_or_else(|| number(value), |time| time.format("%Y-%m-%d %H:%M").to_string()),
        _ => number(value),
    }
}

/// The numbers that characterize a column.
fn numbers(column: &ColumnProfile, bounds: &[(&'static str, f64)]) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    let share = |n: u64| {
        #[allow(clippy::cast_precision_loss, reason = "to be shown")]
        let percent = n as f64 * 100.0 / column.rows.max(1) as f64;
        format!("{} ({percent:.2} %)", thousands(n))
    };
    found.push(("NULL", share(column.nulls)));
    for (word, n) in [("NaN", column.nan), ("infinite", column.infinite)] {
        if n > 0 {
            found.push((word, share(n)));
        }
    }
    for (text, rows) in &column.placeholders {
        found.push(("missing", format!("{} in {}", printable(text), share(*rows))));
    }
    if let Some(distinct) = column.distinct {
        let about = if column.distinct_is_exact { "" } else { "about " };
        found.push(("distinct", format!("{about}{}", thousands(distinct))));
    }
    measures(column, &mut found);
    if let Some(lengths) = &column.lengths {
        measures(lengths, &mut found);
    }
    for (name, bound) in bounds {
        found.push(("declared", format!("{name} {}", on_axis(*bound, &column.data_type))));
    }
    if let Some(text) = &column.text {
        found.push(("characters", format!("{} to {}", text.shortest, text.longest)));
        found.extend(text.format.map(|format| ("format", format.to_owned())));
        found.extend(text.pattern.clone().map(|pattern| ("pattern", printable(&pattern))));
    }
    found
}

fn measures(column: &ColumnProfile, found: &mut Vec<(&'static str, String)>) {
    if let Some((min, max)) = column.min.as_ref().zip(column.max.as_ref()) {
        found.push(("min", shown(min)));
        found.push(("max", shown(max)));
    }
    if let Some(mean) = column.mean {
        found.push(("mean", number(mean)));
    }
    if let Some(deviation) = column.deviation {
        found.push(("std dev", number(deviation)));
    }
    if let Some(quartiles) = &column.quartiles {
        let about = if quartiles.is_exact { "" } else { "about " };
        let [first, median, third] = quartiles.values.map(number);
        found.push(("quartiles", format!("{about}{first}, {median}, {third}")));
    }
}
