//! GitHub Actions: annotations at the lines of contracts and consumers, and the changelog as the step
//! summary.

use crate::check::report::Level;
use crate::compat::report::{DiffReport, Fate};
use crate::compat::{Bump, Effect};
use crate::error::Result;

use super::super::output::Out;
use super::super::report::github::{append_summary, command};
use super::human::asides;
use super::markdown;

/// Writes annotations to standard output and the changelog to the summary.
pub(super) fn write(report: &DiffReport, out: &Out) -> Result<()> {
    for line in annotations(report) {
        out.line(line)?;
    }
    append_summary(&markdown::document(report))
}

fn annotations(report: &DiffReport) -> Vec<String> {
    let mut lines = Vec::new();
    for violation in &report.violations {
        let level = if violation.waived.is_some() { Level::Warning } else { Level::Error };
        let place = violation.place.as_ref().map(|p| p.position()).unwrap_or_default();
        let mut text = violation.message.clone();
        for more in violation.hint.iter().chain(&violation.waived) {
            text.push_str(&format!("\n{more}"));
        }
        let title = format!("{} {}", violation.code, violation.rule);
        lines.push(command(level, &place, &title, &text));
    }
    let all = report.contracts.iter().flat_map(|c| c.findings.iter().map(move |f| (c, f)));
    for (contract, finding) in all {
        // A violation at the same place says it already.
        let told = report.violations.iter().any(|v| {
            v.contract.as_deref().is_none_or(|id| id == contract.contract)
                && (v.code, &v.element) == (finding.code, &finding.element)
        });
        if told {
            continue;
        }
        let matters =
            finding.reader.max(finding.writer) != Effect::Safe && finding.bump > Bump::Patch;
        let place = finding.head.as_ref().map(|p| p.position());
        if let Some(place) = place.filter(|_| matters) {
            let text = format!(
                "{}: {} (reader {}, writer {}, step {})",
                finding.element,
                finding.message,
                finding.reader.word(),
                finding.writer.word(),
                finding.counts_as.word()
            );
            let text = [vec![text], asides(finding)].concat().join("\n");
            let title = format!("{} {}", finding.code, finding.rule);
            lines.push(command(Level::Warning, &place, &title, &text));
        }
    }
    for consumer in &report.consumers.list {
        if matches!(consumer.fate, Fate::Broken | Fate::New | Fate::Removed) {
            continue;
        }
        // One annotation per consumer: at the first place affected, with everything to say.
        let place = consumer.reasons.iter().find_map(|r| r.place.as_ref());
        let place = place.map_or_else(|| format!("{}:1:1", consumer.file), |p| p.position());
        let reasons = consumer.reasons.iter().map(|r| r.message.clone());
        let text: Vec<String> = reasons.chain(consumer.deploy.clone()).collect();
        let title = format!("{} {}", consumer.label(), consumer.fate.word());
        lines.push(command(Level::Warning, &place, &title, &text.join("\n")));
    }
    for notice in &report.notices {
        let text = [Some(&notice.message), notice.hint.as_ref()];
        let text: Vec<String> = text.into_iter().flatten().cloned().collect();
        lines.push(command(notice.severity, &notice.place, &notice.code, &text.join("\n")));
    }
    for contract in &report.contracts {
        let Some(note) = &contract.note else { continue };
        let place = contract.version_place.as_ref().map(|p| p.position()).unwrap_or_default();
        lines.push(command(Level::Warning, &place, &contract.sql_name, note));
    }
    for undone in &report.not_executed {
        let text = format!("{}: {}", undone.what, undone.reason);
        lines.push(command(Level::Warning, "", "not executed", &text));
    }
    if report.is_unread() {
        return lines;
    }
    // On one line: a new line could be a command.
    lines.push(report.headline().replace(char::is_control, " "));
    lines
}
