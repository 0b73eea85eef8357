//! The changelog in Markdown: what a reader of the tables needs to know.

use crate::compat::report::{ContractReport, DiffReport, Fate, JudgedFinding, Raised};
use crate::compat::{Bump, Effect};
use crate::engine::text_table;

use super::human::backtest_words;

/// The document.
pub(super) fn document(report: &DiffReport) -> String {
    let mark = if report.passed() { "✅" } else { "❌" };
    let mut text = format!("## {mark} Data contracts\n\n");
    if report.is_empty() && report.contracts.is_empty() && report.notices.is_empty() {
        text.push_str(&format!("Nothing changed between {} and {}.\n", report.base, report.head));
        return text;
    }
    if report.consumers.total > 0 {
        text.push_str(&format!("This change {}.\n\n", inline(&report.headline())));
    }
    for Raised { file, from, to } in &report.raised {
        let line = format!("- raised `{}` from {} to {}\n", code(file), inline(from), inline(to));
        text.push_str(&line);
    }
    text.push_str(&violations(report));
    for contract in &report.contracts {
        text.push_str(&of_contract(contract, report));
    }
    text.push_str(&consumers(report));
    for undone in &report.not_executed {
        text.push_str(&format!("> {}\n\n", inline(&undone.line())));
    }
    for notice in &report.notices {
        let place = inline(&notice.place);
        let place = if place.is_empty() { place } else { format!("{place}, ") };
        let hint = notice.hint.as_ref().map(|h| format!(" *{}*", inline(h))).unwrap_or_default();
        let message = inline(&notice.message);
        text.push_str(&format!("> {message} ({place}{}){hint}\n\n", notice.code));
    }
    if report.is_unread() {
        return text;
    }
    let (base, head) = (inline(&report.base), inline(&report.head));
    text.push_str(&format!("<sub>{base} → {head}; `pactum explain CODE` explains a code.</sub>\n"));
    text
}

fn violations(report: &DiffReport) -> String {
    let mut text = String::new();
    for violation in &report.violations {
        let line = format!("{} ({})", inline(&violation.message), violation.code);
        match &violation.waived {
            Some(words) => text.push_str(&format!("- ~~{line}~~ {}\n", inline(words))),
            None => {
                let hint = violation.hint.as_ref().map(|h| format!(" *{}*", inline(h)));
                text.push_str(&format!("- **{line}**{}\n", hint.unwrap_or_default()));
            }
        }
    }
    let title = if report.passed() { "What was waived" } else { "What blocks it" };
    if text.is_empty() { text } else { format!("### {title}\n\n{text}\n") }
}

fn of_contract(contract: &ContractReport, report: &DiffReport) -> String {
    let versions = match (&contract.base_version, &contract.head_version) {
        (Some(base), Some(head)) if base == head => format!("{}, version not raised", inline(base)),
        (Some(base), Some(head)) => format!("{} → {}", inline(base), inline(head)),
        (None, Some(head)) => format!("{}, new", inline(head)),
        (Some(base), None) => format!("{}, removed", inline(base)),
        (None, None) => String::new(),
    };
    let against =
        contract.against.as_ref().map(|a| format!(" (against {})", inline(a))).unwrap_or_default();
    let mut text = format!("### `{}` {versions}{against}\n\n", code(&contract.sql_name));
    if let Some(version) = &contract.needs_version {
        let (step, mode) = (contract.needed.word(), report.mode.word());
        let line = format!("The changes need a {step} step: **{version}** (mode {mode}).\n\n");
        text.push_str(&line);
    }
    if let Some(note) = &contract.note {
        text.push_str(&format!("{}.\n\n", inline(note)));
    }
    if let Some(exempt) = &contract.exempt {
        text.push_str(&format!("Exempt from versions: {}.\n\n", inline(exempt)));
    }
    let parts: [Part; 4] = [
        ("Breaks readers", |f| f.reader == Effect::Breaking),
        ("May change what results mean", |f| f.reader == Effect::Dangerous && f.bump > Bump::Patch),
        ("New or stricter", |f| f.reader == Effect::Safe && f.bump > Bump::Patch),
        ("Small print", |f| f.bump <= Bump::Patch && f.reader != Effect::Breaking),
    ];
    for (title, belongs) in parts {
        let lines: String = contract.findings.iter().filter(|f| belongs(f)).map(line).collect();
        if !lines.is_empty() {
            text.push_str(&format!("**{title}**\n\n{lines}\n"));
        }
    }
    text
}

/// A heading, and which findings belong under it.
type Part = (&'static str, fn(&JudgedFinding) -> bool);

fn line(finding: &JudgedFinding) -> String {
    let mut text = format!("- `{}`: {}", code(&finding.element), inline(&finding.message));
    if let (Some(old), Some(new)) = (&finding.old, &finding.new) {
        text.push_str(&format!(" (`{}` → `{}`)", code(old), code(new)));
    }
    text.push_str(&format!(" · {}", finding.code));
    if finding.writer == Effect::Breaking {
        text.push_str(" · producers have to follow");
    }
    if !finding.felt_by.is_empty() {
        text.push_str(&format!(" · read by {}", inline(&finding.felt_by.join(", "))));
    }
    if finding.counts_as != finding.bump {
        text.push_str(&format!(" · counts as {}", finding.counts_as.word()));
    }
    if let Some(because) = &finding.because {
        text.push_str(&format!(" · {}", inline(because)));
    }
    if let Some(backtest) = &finding.backtest {
        text.push_str(&format!(" · {}", inline(&backtest_words(backtest))));
    }
    text.push('\n');
    text
}

fn consumers(report: &DiffReport) -> String {
    let list = &report.consumers.list;
    if list.is_empty() {
        return String::new();
    }
    let rows = list.iter().map(|c| {
        let reasons: Vec<String> = c
            .reasons
            .iter()
            .map(|r| r.message.clone())
            .chain(c.deploy.clone())
            .chain(c.waived.clone())
            .collect();
        let name = c.label();
        let fate = match c.fate {
            Fate::Broken => "**broken**".to_owned(),
            other => other.word().to_owned(),
        };
        vec![fate, inline(&name), inline(&c.owner), inline(&reasons.join("; "))]
    });
    let header = ["", "consumer", "owner", "because"].map(str::to_owned).to_vec();
    format!("### Consumers\n\n{}\n\n", text_table(header, rows.collect(), &[]))
}

/// Text of a document as text of a comment: without markup, on one line.
fn inline(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if c.is_control() => plain.push(' '),
            '<' => plain.push_str("&lt;"),
            '>' => plain.push_str("&gt;"),
            '&' => plain.push_str("&amp;"),
            '*' | '_' | '`' | '|' | '[' | ']' | '~' | '\\' | '#' | '@' => {
                plain.push('\\');
                plain.push(c);
            }
            c => plain.push(c),
        }
    }
    plain
}

/// Text between backticks.
fn code(text: &str) -> String {
    text.replace('`', "'").replace(char::is_control, " ")
}
