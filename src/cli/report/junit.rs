//! JUnit XML: a suite per table, a case per clause.

use quick_junit::{NonSuccessKind, Report as Document, TestCase, TestCaseStatus, TestSuite};

use crate::check::Report;
use crate::check::report::{ClauseReport, Level, Verdict};
use crate::error::Result;

use super::{message, rows, unwritable};

/// The document.
pub(super) fn document(report: &Report) -> Result<String> {
    let mut document = Document::new(format!("{} {}", report.contract, report.contract_version));
    for table in &report.tables {
        let name = format!("{}.{}", report.sql_name, table.name);
        let mut suite = TestSuite::new(name.clone());
        for clause in &table.clauses {
            let mut case = TestCase::new(clause.id.clone(), status(clause));
            case.set_classname(name.clone());
            if clause.verdict == Verdict::Failed && clause.severity == Level::Warning {
                case.set_system_out(format!("warning: {}", message(clause)));
            }
            suite.add_test_case(case);
        }
        document.add_test_suite(suite);
    }
    if !report.notices.is_empty() {
        let mut suite = TestSuite::new("waivers");
        for notice in &report.notices {
            let status = match notice.severity {
                Level::Error => {
                    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
                    status.set_message(notice.message.clone());
                    status
                }
                Level::Warning => TestCaseStatus::success(),
            };
            let mut case = TestCase::new(notice.place.clone(), status);
            case.set_classname(notice.code.clone());
            case.set_system_out(notice.message.clone());
            suite.add_test_case(case);
        }
        document.add_test_suite(suite);
    }
    document.to_string().map_err(unwritable)
}

fn status(clause: &ClauseReport) -> TestCaseStatus {
    let bad = |kind| {
        let mut status = TestCaseStatus::non_success(kind);
        status.set_message(message(clause));
        status.set_description(rows(clause).join("\n"));
        status
    };
    let skipped = || {
        let mut status = TestCaseStatus::skipped();
        let reason = clause.reason.clone().unwrap_or_default();
        status.set_message(format!("{}: {reason}", clause.verdict.word()));
        status
    };
    match (clause.verdict, clause.severity) {
        (Verdict::Failed, Level::Error) => bad(NonSuccessKind::Failure),
        (Verdict::NotExecuted, Level::Error) => bad(NonSuccessKind::Error),
        // A warning does not fail a build: it goes into the case's output.
        (Verdict::Passed | Verdict::Failed, _) => TestCaseStatus::success(),
        _ => skipped(),
    }
}
