//! What every page has: one style, no script, nothing fetched; and the page of profiles.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::Value;

use crate::cli::output::{count, printable};
use crate::profile::TableProfile;

use super::columns::{Beside, columns};
use super::values;

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
            (columns(table, &Beside::default()))
        }
    };
    page("Profile", &body)
}

/// A text that breaks between its words, not within them: behind each sign that parts them.
pub(super) fn breakable(text: &str) -> Markup {
    let parts = text.split_inclusive(['/', '_', '.', '-', ':', ',', '}', ']']);
    html! { @for (n, part) in parts.enumerate() { @if n > 0 { wbr; } (part) } }
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
