//! A report that is safe to show: words of data and documents stay on their line and are not
//! obeyed. A line that begins with a column's name could be a command to the log's reader.

use serde_json::{Map, Value};

use crate::check::Report;
use crate::check::report::{ClauseReport, Notice, Sample};
use crate::cli::output::printable;

/// The report without line ends and other characters that control how text is shown.
pub(super) fn cleaned(report: &Report) -> Report {
    let mut report = report.clone();
    for text in [&mut report.contract, &mut report.sql_name, &mut report.contract_version] {
        clean(text);
    }
    report.attempt.iter_mut().for_each(clean);
    report.depends_on =
        report.depends_on.into_iter().map(|(id, release)| (printable(&id), release)).collect();
    report.notices.iter_mut().for_each(notice);
    for table in &mut report.tables {
        clean(&mut table.name);
        table.clauses.iter_mut().for_each(clause);
    }
    report
}

fn clean(text: &mut String) {
    *text = printable(text);
}

fn notice(notice: &mut Notice) {
    for text in [&mut notice.code, &mut notice.message, &mut notice.place] {
        clean(text);
    }
    notice.hint.iter_mut().for_each(clean);
}

fn clause(clause: &mut ClauseReport) {
    for text in [&mut clause.id, &mut clause.kind, &mut clause.place, &mut clause.expected] {
        clean(text);
    }
    clause.column.iter_mut().chain(&mut clause.reason).for_each(clean);
    clause.samples.iter_mut().for_each(sample);
    for group in clause.groups.iter_mut().flat_map(|groups| &mut groups.worst) {
        group.key = keys(&group.key);
    }
}

fn sample(sample: &mut Sample) {
    clean(&mut sample.file);
    sample.key = keys(&sample.key);
    sample.texts.iter_mut().for_each(clean);
}

/// Names of columns; values are cleaned as they are drawn.
fn keys(key: &Map<String, Value>) -> Map<String, Value> {
    key.iter().map(|(name, value)| (printable(name), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::report::{Level, Overall, Secrecy, TableReport, Verdict};
    use crate::cli::report::{github, html, human, junit};
    use serde_json::json;

    const BAD: &str = "u\n::error::pwned\u{1b}]0;t\u{7}\u{202e}";

    fn report() -> Report {
        let bad = || BAD.to_owned();
        let value = json!({ BAD: BAD });
        let sample =
            Sample { file: bad(), row: Some(1), key: keys_of(), value, texts: vec![bad()] };
        let clause = ClauseReport {
            id: bad(),
            kind: "sql".to_owned(),
            column: Some(bad()),
            severity: Level::Error,
            verdict: Verdict::Failed,
            measured: Some(json!([BAD])),
            expected: bad(),
            failing_rows: Some(1),
            samples: vec![sample],
            reason: Some(bad()),
            answered: None,
            place: format!("{BAD}:1:1"),
            groups: None,
            secrecy: Secrecy::Open,
            quotes: false,
        };
        let table = TableReport {
            name: bad(),
            rows: 1,
            files: 1,
            clauses: vec![clause],
            secret_names: std::collections::BTreeMap::new(),
        };
        Report {
            contract: bad(),
            sql_name: bad(),
            contract_version: bad(),
            verdict: Overall::Failed,
            outcome: None,
            release: None,
            attempt: Some(bad()),
            tables: vec![table],
            depends_on: std::collections::BTreeMap::from([(bad(), 1)]),
            notices: vec![Notice {
                code: bad(),
                severity: Level::Error,
                message: bad(),
                place: bad(),
                hint: Some(bad()),
            }],
        }
    }

    fn keys_of() -> Map<String, Value> {
        Map::from_iter([(BAD.to_owned(), json!(BAD))])
    }

    #[track_caller]
    fn assert_shown(text: &str) {
        for line in text.lines() {
            assert!(!line.trim_start().starts_with("::error::pwned"), "{text:?}");
        }
        assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{text:?}");
        assert!(text.contains("pwned"), "{text:?}");
    }

    #[test]
    fn no_line_of_a_report_begins_with_what_data_say() {
        let clean = cleaned(&report());
        github::annotations(&clean).iter().for_each(|line| {
            assert!(!line.contains('\n'), "{line:?}");
            assert!(!line.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{line:?}");
        });
        assert_shown(&github::summary(&clean));
        assert_shown(&html::page(&clean, &crate::cli::report::Page::default()));
        assert_shown(&junit::document(&clean).unwrap());
        let clause = &clean.tables[0].clauses[0];
        assert_shown(&human::row(clause, &clause.samples[0]));
        assert_shown(&clause.expected);
        assert_shown(clause.reason.as_deref().unwrap());
    }
}
