//! Reports for people: what fails first, with failing rows, then a summary.

use serde_json::Value;

use crate::check::report::{
    ClauseReport, Groups, Level, Notice, Outcome, Report, Sample, TableReport, Verdict,
};
use crate::error::Result;

use crate::cli::output::{Out, count, printable, thousands};

use super::values::of_sample;
pub(in crate::cli) use super::values::shown as text;

/// Draws a whole report.
pub(in crate::cli) fn show(report: &Report, out: &Out, verbose: bool) -> Result<()> {
    let report = &super::cleaned(report);
    for table in &report.tables {
        for clause in troubles(table) {
            show_clause(report, clause, out)?;
        }
    }
    for notice in &report.notices {
        show_notice(notice, out)?;
    }
    for table in &report.tables {
        summary(report, table, out, verbose)?;
    }
    verdict(report, out)
}

/// Clauses that deserve attention, the worst first.
fn troubles(table: &TableReport) -> Vec<&ClauseReport> {
    let rank = |c: &&ClauseReport| match (c.fails_run(), c.verdict) {
        (true, Verdict::Failed) => 0,
        (true, _) => 1,
        (false, Verdict::Waived) => 3,
        (false, _) => 2,
    };
    let mut found: Vec<&ClauseReport> = table
        .clauses
        .iter()
        .filter(|c| matches!(c.verdict, Verdict::Failed | Verdict::NotExecuted | Verdict::Waived))
        // Clauses that could not run because a file is unreadable are reported once.
        .filter(|c| c.reason.as_deref() != Some("a file of this table cannot be read"))
        .collect();
    found.sort_by_key(rank);
    found
}

fn show_notice(notice: &Notice, out: &Out) -> Result<()> {
    let paint = out.paint();
    let mark = match notice.severity {
        Level::Error => paint.bad("✗"),
        Level::Warning => paint.warn("!"),
    };
    out.line(format!("{mark} {}", notice.message))?;
    out.line(format!("    at: {}", notice.place))?;
    if let Some(hint) = &notice.hint {
        out.line(format!("    help: {hint}"))?;
    }
    out.line("")
}

fn show_groups(groups: &Groups, out: &Out) -> Result<()> {
    let paint = out.paint();
    for group in &groups.worst {
        let key: Vec<String> =
            group.key.iter().map(|(name, value)| format!("{name} = {}", text(value))).collect();
        out.line(format!(
            "      {}: {} in {}",
            key.join(", "),
            text(&group.measured),
            count(group.rows, "row", "rows")
        ))?;
    }
    let more = groups.failing.saturating_sub(groups.worst.len() as u64);
    if more > 0 {
        out.line(paint.dim(&format!("      … and {} groups more", thousands(more))))?;
    }
    Ok(())
}

fn show_clause(report: &Report, clause: &ClauseReport, out: &Out) -> Result<()> {
    let paint = out.paint();
    let mark = match (clause.verdict, clause.severity) {
        (Verdict::Waived, _) => paint.dim("~ waived"),
        (Verdict::Failed, Level::Error) => paint.bad("✗ failed"),
        (Verdict::Failed, Level::Warning) => paint.warn("! warning"),
        _ if clause.severity == Level::Error => paint.bad("? not executed"),
        _ => paint.warn("? not executed"),
    };
    out.line(format!("{mark}  {}", paint.bold(&format!("{}.{}", report.sql_name, clause.id))))?;
    out.line(format!("    expected: {}", clause.expected))?;
    if let Some(found) = found(clause) {
        out.line(format!("    found:    {found}"))?;
    }
    if let Some(reason) = &clause.reason {
        out.line(format!("    {}  {reason}", paint.dim("because:")))?;
    }
    let shown: Vec<&Sample> = clause.samples.iter().filter(|s| s.row.is_some()).collect();
    for sample in &shown {
        out.line(format!("      {}", row(clause, sample)))?;
    }
    if let Some(groups) = &clause.groups {
        show_groups(groups, out)?;
    }
    let more = clause.failing_rows.unwrap_or(0).saturating_sub(shown.len() as u64);
    if more > 0 && !shown.is_empty() && clause.kind != "primaryKey" && clause.kind != "unique" {
        out.line(paint.dim(&format!("      … and {} more", thousands(more))))?;
    }
    out.line("")
}

pub(super) fn found(clause: &ClauseReport) -> Option<String> {
    if let Some(groups) = &clause.groups {
        let of = thousands(groups.total);
        return Some(format!("{} of {of} groups fail", thousands(groups.failing)));
    }
    match (clause.failing_rows, &clause.measured) {
        (Some(rows), Some(Value::Number(n))) if n.as_u64() == Some(rows) => {
            let words = match clause.kind.as_str() {
                "nullValues" | "missingValues" | "invalidValues" | "duplicateValues" => {
                    count(rows, "row", "rows")
                }
                "primaryKey" if clause.column.is_some() => count(rows, "NULL", "NULLs"),
                "primaryKey" | "unique" if clause.verdict == Verdict::Failed => count(
                    rows,
                    "row beyond the first of its key",
                    "rows beyond the first of their key",
                ),
                _ => count(rows, "failing row", "failing rows"),
            };
            Some(words)
        }
        (Some(rows), Some(measured)) => {
            let percent = measured.as_f64().unwrap_or_default();
            Some(format!("{percent:.4} % ({})", count(rows, "row", "rows")))
        }
        (Some(rows), None) => Some(count(rows, "failing row", "failing rows")),
        (None, Some(Value::Number(n))) if n.is_f64() => {
            Some(super::cells::number(n.as_f64().unwrap_or_default()))
        }
        (None, Some(Value::String(measured))) => Some(printable(measured)),
        (None, Some(measured)) => Some(text(measured)),
        (None, None) => None,
    }
}

pub(super) fn row(clause: &ClauseReport, sample: &Sample) -> String {
    let key = key(sample);
    let key = if key.is_empty() { key } else { format!("  ({key})") };
    let value = match (&sample.value, &clause.column) {
        (Value::Null, None) => String::new(),
        // The key says it already.
        (_, None) if clause.kind == "primaryKey" => String::new(),
        (value, Some(column)) => format!("  {column} = {}", of_sample(sample, column, value)),
        (value, None) => format!("  {}", text(value)),
    };
    format!("{} row {}{key}{value}", sample.file, sample.row.unwrap_or_default())
}

/// `course_id=12, learner_id=3`
pub(in crate::cli) fn key(sample: &Sample) -> String {
    let parts = sample.key.iter();
    let parts = parts.map(|(name, value)| format!("{name}={}", of_sample(sample, name, value)));
    parts.collect::<Vec<_>>().join(", ")
}

fn summary(report: &Report, table: &TableReport, out: &Out, verbose: bool) -> Result<()> {
    let paint = out.paint();
    let of =
        |verdict: Verdict| table.clauses.iter().filter(|c| c.verdict == verdict).count() as u64;
    let mut parts = vec![paint.good(&format!("{} passed", of(Verdict::Passed)))];
    let warned = table.clauses.iter().filter(|c| !c.fails_run() && c.verdict == Verdict::Failed);
    let warned = warned.count() as u64;
    let failed = of(Verdict::Failed) - warned;
    for (n, word, bad) in [
        (failed, "failed", true),
        (warned, "warned", false),
        (of(Verdict::NotExecuted), "not executed", true),
        (of(Verdict::Waived), "waived", false),
        (of(Verdict::Carried), "carried", false),
        (of(Verdict::Informational), "informational", false),
    ] {
        if n > 0 {
            let words = format!("{n} {word}");
            parts.push(if bad { paint.bad(&words) } else { paint.dim(&words) });
        }
    }
    out.line(format!(
        "{}  {} in {}: {}",
        paint.bold(&format!("{}.{}", report.sql_name, table.name)),
        count(table.rows, "row", "rows"),
        count(table.files, "file", "files"),
        parts.join(", "),
    ))?;
    if verbose {
        for clause in &table.clauses {
            let words =
                format!("  {:<13} {}  {}", clause.verdict.word(), clause.id, clause.expected);
            out.line(paint.dim(&words))?;
        }
    }
    Ok(())
}

/// Whether nothing failed, but a required clause could not be executed.
fn unproven(report: &Report) -> bool {
    let failed = |c: &ClauseReport| c.fails_run() && c.verdict == Verdict::Failed;
    let noticed = report.notices.iter().any(|n| n.severity == Level::Error);
    !noticed && !report.clauses().any(failed)
}

fn verdict(report: &Report, out: &Out) -> Result<()> {
    let paint = out.paint();
    let contract = format!("{} {}", report.contract, report.contract_version);
    let line = match (report.outcome, report.passed()) {
        (None, true) => paint.good(&format!("✓ the delivery keeps contract {contract}")),
        (None, false) if unproven(report) => {
            paint.bad(&format!("✗ the delivery is not proven to keep contract {contract}"))
        }
        (None, false) => paint.bad(&format!("✗ the delivery breaks contract {contract}")),
        (Some(Outcome::Released), _) => paint.good(&format!(
            "✓ released: {} release {}",
            report.contract,
            report.release.unwrap_or_default()
        )),
        (Some(Outcome::Unchanged), _) => paint.good(&format!(
            "✓ unchanged: this is release {} already",
            report.release.unwrap_or_default()
        )),
        (Some(Outcome::Rejected), _) => paint.bad(&format!(
            "✗ rejected: nothing was changed; the delivery breaks contract {contract}"
        )),
        (Some(Outcome::Conflict), _) => paint
            .bad("✗ conflict: another publisher committed first; nothing was changed, try again"),
    };
    out.line(line)?;
    match (report.outcome, &report.attempt) {
        (Some(Outcome::Rejected), Some(attempt)) => {
            let again =
                format!("its report again: pactum releases show {} {attempt}", report.contract);
            out.line(paint.dim(&again))
        }
        _ => Ok(()),
    }
}
