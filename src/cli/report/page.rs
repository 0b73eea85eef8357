//! What every page has: one style, no script, nothing fetched; and the tables of profiles.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::Value;

use crate::cli::output::{count, printable, thousands};
use crate::profile::{ColumnProfile, TableProfile};

use super::{plot, values};

const STYLE: &str = include_str!("page.css");

/// A whole page.
pub(super) fn page(title: &str, body: &Markup) -> String {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="generator" content=(concat!("pactum ", env!("CARGO_PKG_VERSION")));
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { main { (body) } }
        }
    }
    .into_string()
}

/// A page of profiles.
pub(in crate::cli) fn profiles(tables: &[TableProfile]) -> String {
    let body = html! {
        h1 { "Profile" }
        @for table in tables {
            h2 { (printable(&table.name)) }
            p class="quiet" {
                (count(table.rows, "row", "rows")) " in " (count(table.files, "file", "files")) ", "
                (table.columns.len()) " columns"
            }
            (columns(table))
        }
    };
    page("Profile", &body)
}

/// The columns of a table: numbers and a plot each.
pub(super) fn columns(table: &TableProfile) -> Markup {
    html! {
        div class="columns" {
            @for column in &table.columns {
                section class="column" {
                    h3 { (printable(&column.name)) " " span class="type" { (column.data_type.to_string()) } }
                    (distribution(column))
                    dl { @for (name, value) in numbers(column) { dt { (name) } dd { (value) } } }
                }
            }
        }
    }
}

fn distribution(column: &ColumnProfile) -> Markup {
    let few = column.values.as_ref().filter(|v| column.text.is_some() || v.len() <= 6);
    let rows = column.rows - column.nulls.min(column.rows);
    html! {
        @if let Some(values) = few {
            @for (value, count) in values.iter().take(6) {
                (plot::share(*count, rows, &shown(value)))
            }
            @if values.len() > 6 {
                p class="quiet" { "and " (count(values.len() as u64 - 6, "more value", "more values")) }
            }
        } @else if let Some(found) = &column.histogram {
            @let low = column.min.as_ref().map(shown).unwrap_or_default();
            @let high = column.max.as_ref().map(shown).unwrap_or_default();
            (plot::histogram(found, &low, &high))
            @if !found.is_exact { p class="quiet" { "drawn from a sample" } }
        }
    }
}

/// The numbers that characterize a column.
fn numbers(column: &ColumnProfile) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    let about = if column.distinct_is_exact { "" } else { "about " };
    let share = |n: u64| {
        #[allow(clippy::cast_precision_loss, reason = "to be shown")]
        let percent = n as f64 * 100.0 / column.rows.max(1) as f64;
        format!("{} ({percent:.2} %)", thousands(n))
    };
    found.push(("NULL", share(column.nulls)));
    if column.nan > 0 {
        found.push(("NaN", share(column.nan)));
    }
    if column.infinite > 0 {
        found.push(("infinite", share(column.infinite)));
    }
    if !column.data_type.is_nested() {
        found.push((
            "distinct",
            format!("{about}{}", thousands(column.distinct.unwrap_or_default())),
        ));
    }
    let both = column.min.as_ref().zip(column.max.as_ref());
    if let Some((min, max)) = both {
        found.push(("least", shown(min)));
        found.push(("greatest", shown(max)));
    }
    if let Some(mean) = column.mean {
        found.push(("mean", number(mean)));
    }
    if let Some(deviation) = column.deviation {
        found.push(("deviation", number(deviation)));
    }
    if let Some(text) = &column.text {
        found.push(("characters", format!("{} to {}", text.shortest, text.longest)));
        found.extend(text.format.map(|format| ("format", format.to_owned())));
        found.extend(text.pattern.clone().map(|pattern| ("pattern", printable(&pattern))));
    }
    found
}

/// A number for people: six digits.
pub(in crate::cli) fn number(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        return format!("{value}");
    }
    let magnitude = value.abs();
    if (1e-4..1e6).contains(&magnitude) { format!("{value:.4}") } else { format!("{value:.4e}") }
}

/// A value cut to a line.
pub(in crate::cli) fn shown(value: &Value) -> String {
    short(match value {
        Value::Number(n) if n.is_f64() => number(n.as_f64().unwrap_or_default()),
        value => values::shown(value),
    })
}

/// The beginning of a text that is too long for a line.
pub(super) fn short(text: String) -> String {
    if text.chars().count() <= 40 {
        return text;
    }
    text.chars().take(39).chain(['…']).collect()
}
