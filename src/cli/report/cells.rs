//! Numbers, values and words as cells of a page.

use maud::{Markup, html};
use serde_json::Value;

use super::values;

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
