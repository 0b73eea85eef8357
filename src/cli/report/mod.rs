//! Reports: one file per format. Each is drawn from the report alone.

mod clean;
mod columns;
mod declared;
mod distribution;
mod gather;
pub(super) mod github;
mod html;
pub(in crate::cli) mod human;
mod junit;
mod page;
mod plot;
mod provenance;
pub(super) mod sarif;
mod values;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use chrono::{DateTime, Utc};
use clap::ValueEnum;

use crate::check::Report;
use crate::check::report::{ClauseReport, Level, Sample, Verdict};
use crate::error::{Error, Result};
use crate::profile::TableProfile;
use crate::project::Repository;

use super::output::Out;
use clean::cleaned;

pub(super) use gather::{delivered, of_release};
pub(super) use human::show;
pub(super) use page::{number, profiles as profile_page, shown as cell};

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For people
    Human,
    /// One JSON document
    Json,
    /// JUnit XML, for CI servers
    Junit,
    /// SARIF 2.1.0, for code scanning: points at the lines of the contract
    Sarif,
    /// Annotations and a step summary of GitHub Actions
    Github,
    /// One self-contained HTML page
    Html,
}

/// What a page shows besides the report.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// The numbers of the delivery.
    pub profiles: Vec<TableProfile>,
    /// The declared bounds.
    pub bounds: declared::Bounds,
    /// The current release, and the numbers of its columns that drift rules compare.
    pub release: Option<(u64, Vec<TableProfile>)>,
    /// The delivered files, by table.
    pub files: Vec<(String, Vec<String>)>,
    /// When the delivery was read.
    pub time: Option<DateTime<Utc>>,
    /// Who publishes.
    pub publisher: Option<String>,
}

/// Writes a report.
pub(super) fn render(
    report: &Report,
    page: &Page,
    format: ReportFormat,
    verbose: bool,
    out: &Out,
) -> Result<()> {
    match format {
        ReportFormat::Human => human::show(report, out, verbose),
        ReportFormat::Json => out.json(report),
        ReportFormat::Junit => out.document(junit::document(&cleaned(report))?.trim_end()),
        ReportFormat::Sarif => out.json(&sarif::document(report)),
        ReportFormat::Github => {
            let report = cleaned(report);
            github::annotations(&report).iter().try_for_each(|line| out.line(line))?;
            github::write_summary(&report)
        }
        ReportFormat::Html => out.document(html::page(&cleaned(report), page)),
    }
}

/// A clause's outcome as a word of severity: none where there is nothing to look at.
fn trouble(clause: &ClauseReport) -> Option<Level> {
    match clause.verdict {
        Verdict::Failed | Verdict::NotExecuted => Some(clause.severity),
        _ => None,
    }
}

/// A clause's trouble in one line.
fn message(clause: &ClauseReport) -> String {
    let mut text = format!("{}: expected {}", clause.id, clause.expected);
    if let Some(found) = human::found(clause) {
        text.push_str(&format!(", found {found}"));
    }
    if let Some(reason) = &clause.reason {
        text.push_str(&format!(" ({reason})"));
    }
    text
}

/// Samples as lines.
fn rows(clause: &ClauseReport) -> Vec<String> {
    let located = |s: &&Sample| s.row.is_some();
    clause.samples.iter().filter(located).map(|s| human::row(clause, s)).collect()
}

/// A path as the platform that shows the repository knows it: from the top of the repository.
/// `None` for a document that is not a file here, such as one of an earlier commit.
pub(super) fn in_repository(file: &str) -> Option<String> {
    static PREFIX: OnceLock<String> = OnceLock::new();
    static TOP: OnceLock<Option<PathBuf>> = OnceLock::new();
    if Path::new(file).is_absolute() {
        let top = TOP.get_or_init(|| Repository::of(Path::new(".")).ok()?.top().ok());
        let inside = top.as_ref().and_then(|top| Path::new(file).strip_prefix(top).ok());
        return Some(inside.unwrap_or(Path::new(file)).display().to_string());
    }
    if !Path::new(file).exists() {
        return None;
    }
    let prefix = PREFIX.get_or_init(|| {
        let repository = Repository::of(Path::new("."));
        repository.map(|r| r.prefix().to_owned()).unwrap_or_default()
    });
    let mut parts: Vec<&str> = prefix.split('/').filter(|part| !part.is_empty()).collect();
    for part in file.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// File, line and column of a clause's statement.
fn place(place: &str) -> (String, u64, u64) {
    let mut parts = place.rsplitn(3, ':');
    let mut number = || parts.next().and_then(|n| n.parse().ok()).unwrap_or(1);
    let (column, line) = (number(), number());
    (parts.next().unwrap_or(place).to_owned(), line, column)
}

pub(super) fn unwritable(error: impl std::fmt::Display) -> Error {
    Error::try_again("output", error.to_string())
}
