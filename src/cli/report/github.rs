//! GitHub Actions: annotations at the lines of the contract, and a step summary.

use std::io::Write;
use std::path::Path;

use crate::check::Report;
use crate::check::report::{Level, Verdict};
use crate::cli::output::printable;
use crate::engine::text_table;
use crate::error::{Error, Result};

use super::{human, in_repository, message, place, rows, trouble};

/// The workflow commands, one for each clause that does not hold; then the run's outcome.
pub(super) fn annotations(report: &Report) -> Vec<String> {
    let clauses = report.tables.iter().flat_map(|t| &t.clauses);
    let mut lines: Vec<String> = clauses
        .filter_map(|clause| {
            let mut text = message(clause);
            rows(clause).iter().for_each(|row| text.push_str(&format!("\n{row}")));
            Some(command(trouble(clause)?, &clause.place, &clause.id, &text))
        })
        .collect();
    lines.extend(report.notices.iter().map(|notice| {
        let text = match &notice.hint {
            Some(hint) => format!("{}; {hint}", notice.message),
            None => notice.message.clone(),
        };
        command(notice.severity, &notice.place, &notice.code, &text)
    }));
    lines.push(conclusion(report));
    lines
}

fn conclusion(report: &Report) -> String {
    let keeps = if report.passed() { "keeps" } else { "breaks" };
    format!("the delivery {keeps} contract {} {}", report.contract, report.contract_version)
}

pub(in crate::cli) fn command(level: Level, stated: &str, title: &str, text: &str) -> String {
    let word = match level {
        Level::Error => "error",
        Level::Warning => "warning",
    };
    let (file, line, column) = place(stated);
    let at = match in_repository(&file) {
        Some(file) => format!("file={},line={line},col={column},", property(&file)),
        None => String::new(),
    };
    format!("::{word} {at}title={}::{}", property(title), data(text))
}

/// Encodes the signs of workflow commands; other characters that control how text is shown are
/// escaped.
fn data(text: &str) -> String {
    let lines = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
    let lines: Vec<String> = lines.map(|line| printable(line).replace('%', "%25")).collect();
    lines.join("%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// Appends the summary to the file that the runner names.
pub(super) fn write_summary(report: &Report) -> Result<()> {
    append_summary(&summary(report))
}

/// Appends Markdown to the step summary, if a runner names a file for it.
pub(in crate::cli) fn append_summary(markdown: &str) -> Result<()> {
    let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|p| !p.is_empty()) else {
        return Ok(());
    };
    let path = Path::new(&path);
    let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
    let mut file = file.map_err(|e| Error::io(path, e))?;
    file.write_all(markdown.as_bytes()).map_err(|e| Error::io(path, e))
}

/// The summary in Markdown: what does not hold, then the tables.
pub(super) fn summary(report: &Report) -> String {
    let mark = if report.passed() { "✅" } else { "❌" };
    let mut text = format!("### {mark} {}\n\n", conclusion(report));
    let clauses = report.tables.iter().flat_map(|t| &t.clauses);
    let shown = clauses.filter(|c| trouble(c).is_some() || c.verdict == Verdict::Waived);
    let lines: Vec<Vec<String>> = shown
        .map(|c| {
            let found = human::found(c).unwrap_or_default();
            let cells = [
                c.verdict.word().to_owned(),
                format!("`{}`", c.id),
                c.expected.clone(),
                found,
                c.reason.clone().unwrap_or_default(),
            ];
            cells.map(|cell| cell.replace('|', "\\|").replace('\n', " ")).to_vec()
        })
        .collect();
    if !lines.is_empty() {
        let header = ["verdict", "clause", "expected", "found", "because"].map(str::to_owned);
        text.push_str(&text_table(header.to_vec(), lines, &[]));
        text.push_str("\n\n");
    }
    for table in &report.tables {
        let passed = table.clauses.iter().filter(|c| c.verdict == Verdict::Passed).count();
        text.push_str(&format!(
            "`{}.{}`: {} rows, {passed} of {} clauses passed\n\n",
            report.sql_name,
            table.name,
            table.rows,
            table.clauses.len()
        ));
    }
    text
}
