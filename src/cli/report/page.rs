//! What every page has: one style, no script, nothing fetched; and the page of profiles.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::cli::output::{count, printable};
use crate::profile::TableProfile;

use super::columns::{Beside, columns};

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
