//! One HTML page: verdicts, what fails with its rows, distributions of the columns.

use maud::{Markup, html};
use serde_json::Value;

use crate::check::Report;
use crate::check::report::{ClauseReport, Groups, Level, Outcome, Sample, TableReport, Verdict};
use crate::cli::output::{count, printable, thousands};
use crate::profile::TableProfile;

use super::columns::{Beside, columns};
use super::page::{breakable, page as whole, short, shown};
use super::provenance::{anchor, provenance, strip};
use super::values::of_sample;
use super::{Page, human, trouble};

/// The page.
pub(super) fn page(report: &Report, beside: &Page) -> String {
    let release =
        beside.release.as_ref().map(|(number, tables)| (format!("release {number}"), tables));
    let body = html! {
        h1 { (mark(report)) " " (conclusion(report)) }
        (provenance(report, beside))
        (strip(report))
        @for notice in &report.notices {
            div class={ "card " (if notice.severity == Level::Error { "" } else { "warn" }) } {
                p { (notice.message) }
                p class="quiet" { code { (breakable(&notice.place)) } }
                @if let Some(hint) = &notice.hint { p { (hint) } }
            }
        }
        @for table in &report.tables {
            @let behind = release.as_ref().and_then(|(name, tables)| {
                Some((name.as_str(), tables.iter().find(|p| p.name == table.name)?))
            });
            @let around = Beside { bounds: Some(&beside.bounds), release: behind };
            (one_table(table, beside.profiles.iter().find(|p| p.name == table.name), &around))
        }
    };
    whole(&format!("{}: {}", report.contract, conclusion(report)), &body)
}

fn mark(report: &Report) -> Markup {
    match report.passed() {
        true => html! { span class="good" { "✓" } },
        false => html! { span class="bad" { "✗" } },
    }
}

fn conclusion(report: &Report) -> &'static str {
    match (report.outcome, report.passed()) {
        (Some(Outcome::Released), _) => "Released",
        (Some(Outcome::Unchanged), _) => "Unchanged",
        (Some(Outcome::Conflict), _) => "Conflict: another publisher committed first",
        (_, true) => "The delivery keeps its contract",
        (_, false) => "The delivery breaks its contract",
    }
}

fn one_table(table: &TableReport, profile: Option<&TableProfile>, beside: &Beside<'_>) -> Markup {
    let shown = |c: &&ClauseReport| trouble(c).is_some() || c.verdict == Verdict::Waived;
    let mut troubles: Vec<&ClauseReport> = table.clauses.iter().filter(shown).collect();
    troubles.sort_by_key(|c| (!c.fails_run(), c.verdict == Verdict::Waived));
    html! {
        h2 { (table.name) }
        p class="quiet" {
            (count(table.rows, "row", "rows")) " in " (count(table.files, "file", "files")) ", "
            (count(table.clauses.len() as u64, "clause", "clauses"))
        }
        @for clause in troubles { (card(clause)) }
        details id=(anchor(table)) {
            summary { "All " (count(table.clauses.len() as u64, "clause", "clauses")) }
            div class="scroll" { (clauses(table)) }
        }
        @if let Some(profile) = profile { (columns(profile, beside)) }
    }
}

fn card(clause: &ClauseReport) -> Markup {
    let class = match (clause.verdict, clause.severity) {
        (Verdict::Waived, _) => "card waived",
        (_, Level::Warning) => "card warn",
        _ => "card",
    };
    html! {
        section class=(class) id=(clause.id) {
            h3 { (word(clause)) " " code { (breakable(&clause.id)) } }
            p { "expected " (clause.expected) }
            @if let Some(found) = human::found(clause) { p { "found " (found) } }
            @if let Some(reason) = &clause.reason { p class="quiet" { (reason) } }
            @if let Some(groups) = &clause.groups { (worst(groups)) }
            @let located: Vec<&Sample> = clause.samples.iter().filter(|s| s.row.is_some()).collect();
            @if !located.is_empty() { div class="scroll" { (samples(clause, &located)) } }
            p class="quiet" { code { (breakable(&clause.place)) } }
        }
    }
}

fn word(clause: &ClauseReport) -> Markup {
    let class = match (clause.verdict, clause.severity) {
        (Verdict::Passed, _) => "good",
        (Verdict::Failed | Verdict::NotExecuted, Level::Error) => "bad",
        (Verdict::Failed | Verdict::NotExecuted, Level::Warning) => "warn",
        _ => "quiet",
    };
    let words = match (clause.verdict, clause.severity) {
        (Verdict::Failed, Level::Warning) => "warning",
        (verdict, _) => verdict.word(),
    };
    html! { span class={ "verdict " (class) } { (words) } }
}

fn samples(clause: &ClauseReport, located: &[&Sample]) -> Markup {
    html! {
        table {
            thead { tr { th { "value" } th { "key" } th { "row" } th { "file" } } }
            tbody {
                @for sample in located {
                    tr {
                        td { (value(clause, sample)) }
                        td { (of_key(sample)) }
                        td class="number" { (sample.row.unwrap_or_default()) }
                        td title=(sample.file) { (last(&sample.file)) }
                    }
                }
            }
        }
    }
}

fn worst(groups: &Groups) -> Markup {
    html! {
        p { (thousands(groups.failing)) " of " (thousands(groups.total)) " groups fail" }
        div class="scroll" {
            table {
                thead { tr { th { "group" } th { "rows" } th { "measured" } } }
                tbody {
                    @for group in &groups.worst {
                        tr {
                            td { (pairs(&group.key)) }
                            td class="number" { (thousands(group.rows)) }
                            td class="number" { (shown(&group.measured)) }
                        }
                    }
                }
            }
        }
    }
}

/// Several columns are distinguished by name.
fn value(clause: &ClauseReport, sample: &Sample) -> String {
    match (&sample.value, &clause.column) {
        (Value::Object(object), _) => pairs(object),
        (value, Some(column)) => short(of_sample(sample, column, value)),
        (value, None) => shown(value),
    }
}

fn of_key(sample: &Sample) -> String {
    let pair = |(name, value): (&String, &Value)| {
        format!("{} = {}", printable(name), short(of_sample(sample, name, value)))
    };
    sample.key.iter().map(pair).collect::<Vec<_>>().join(", ")
}

/// A file's name without its folders.
fn last(file: &str) -> &str {
    file.rsplit('/').next().unwrap_or(file)
}

fn pairs(key: &serde_json::Map<String, Value>) -> String {
    let pairs: Vec<String> =
        key.iter().map(|(k, v)| format!("{} = {}", printable(k), shown(v))).collect();
    pairs.join(", ")
}

fn clauses(table: &TableReport) -> Markup {
    html! {
        table {
            thead {
                tr { th { "verdict" } th { "clause" } th { "expected" } th { "found" } th { "answered" } }
            }
            tbody {
                @for clause in &table.clauses {
                    tr {
                        td { (word(clause)) }
                        td class="id" { (clause.id) }
                        td { (clause.expected) }
                        td { (human::found(clause).unwrap_or_default()) }
                        td class="quiet" { (clause.answered.as_deref().unwrap_or_default()) }
                    }
                }
            }
        }
    }
}
