//! The head of a page: what was checked, when and by whom, and how many clauses ended how.

use maud::{Markup, html};

use crate::check::Report;
use crate::check::report::{ClauseReport, Level, TableReport, Verdict};
use crate::cli::output::{count, printable};

use super::Page;
use super::page::breakable;

/// Files of a table that are listed; more are behind a line to open.
const FILES: usize = 3;

/// Contract, release or attempt, publisher, time and files.
pub(super) fn provenance(report: &Report, page: &Page) -> Markup {
    html! {
        dl class="provenance" {
            dt { "contract" }
            dd { code { (breakable(&report.contract)) } " " (report.contract_version) }
            @if let Some(release) = report.release { dt { "release" } dd { (release) } }
            @if let Some(attempt) = &report.attempt { dt { "attempt" } dd { code { (breakable(attempt)) } } }
            @if let Some((number, _)) = &page.release { dt { "compared with" } dd { "release " (number) } }
            @for (contract, release) in &report.depends_on {
                dt { "beside" } dd { "release " (release) " of " code { (breakable(contract)) } }
            }
            @if let Some(publisher) = &page.publisher { dt { "publisher" } dd { (printable(publisher)) } }
            @if let Some(time) = page.time { dt { "checked" } dd { (time.format("%Y-%m-%d %H:%M:%S UTC")) } }
            @for table in &report.tables {
                dt { (breakable(&table.name)) }
                dd { (files(table, page)) }
            }
        }
    }
}

/// A table's size and its files, without classified values in their names.
fn files(table: &TableReport, page: &Page) -> Markup {
    let names = page.files.iter().find(|(name, _)| *name == table.name);
    let shown = |name: &String| printable(table.secret_names.get(name).unwrap_or(name));
    let names: Vec<String> = names.iter().flat_map(|(_, files)| files.iter().map(shown)).collect();
    let lines = html! { @for name in &names { div { code { (breakable(name)) } } } };
    html! {
        (count(table.rows, "row", "rows")) " in " (count(table.files, "file", "files"))
        @if names.len() > FILES {
            details { summary { "the files" } (lines) }
        } @else { (lines) }
    }
}

/// How a clause ended, as it is counted.
fn kind(clause: &ClauseReport) -> usize {
    match (clause.verdict, clause.severity) {
        (Verdict::Failed, Level::Error) => 0,
        (Verdict::Failed, Level::Warning) => 1,
        (Verdict::NotExecuted, _) => 2,
        (Verdict::Waived, _) => 3,
        (Verdict::Passed, _) => 4,
        (Verdict::Carried, _) => 5,
        (Verdict::Informational, _) => 6,
    }
}

/// Words and colours of the kinds.
const KINDS: [(&str, &str, &str); 7] = [
    ("failed", "failed", "bad"),
    ("warning", "warnings", "warn"),
    ("not executed", "not executed", "warn"),
    ("waived", "waived", "quiet"),
    ("passed", "passed", "good"),
    ("carried", "carried", "quiet"),
    ("for information", "for information", "quiet"),
];

/// Every verdict with its count, each leading to the first clause that ended so.
pub(super) fn strip(report: &Report) -> Markup {
    let mut counts: [(u64, String); 7] = Default::default();
    for table in &report.tables {
        for clause in &table.clauses {
            let n = kind(clause);
            if let Some((count, link)) = counts.get_mut(n) {
                *count += 1;
                if *count == 1 {
                    // What needs a look has a card of its own.
                    *link = if n < 4 { clause.id.clone() } else { anchor(table) };
                }
            }
        }
    }
    html! {
        nav class="strip" aria-label="verdicts" {
            @for ((count, link), (one, several, class)) in counts.iter().zip(KINDS) {
                @if *count > 0 {
                    a href={ "#" (link) } class=(class) { b { (count) } " " (if *count == 1 { one } else { several }) }
                }
            }
        }
    }
}

/// Where a table's clauses are listed.
pub(super) fn anchor(table: &TableReport) -> String {
    format!("{}/all", table.name)
}
