//! JUnit XML: a suite per contract, a case per finding; consumers and policy have their own suites.

use quick_junit::{NonSuccessKind, Report as Document, TestCase, TestCaseStatus, TestSuite};

use crate::check::report::Level;
use crate::compat::report::{DiffReport, Fate};
use crate::error::Result;

use super::super::report::unwritable;
use super::human::asides;

/// The document.
pub(super) fn document(report: &DiffReport) -> Result<String> {
    let title = match report.is_unread() {
        true => "diff".to_owned(),
        false => format!("{} to {}", report.base, report.head),
    };
    let mut document = Document::new(title);
    for contract in &report.contracts {
        let mut suite = TestSuite::new(contract.contract.clone());
        for finding in &contract.findings {
            // A change is not a failure: the step of the version may allow it.
            let name = format!("{} {}", finding.element, finding.rule);
            let mut case = TestCase::new(name, TestCaseStatus::success());
            case.set_classname(contract.contract.clone());
            let text = format!(
                "{} (reader {}, writer {}, step {})",
                finding.message,
                finding.reader.word(),
                finding.writer.word(),
                finding.counts_as.word()
            );
            case.set_system_out([vec![text], asides(finding)].concat().join("\n"));
            suite.add_test_case(case);
        }
        document.add_test_suite(suite);
    }
    let mut suite = TestSuite::new("consumers");
    for consumer in &report.consumers.list {
        let messages: Vec<String> = consumer.reasons.iter().map(|r| r.message.clone()).collect();
        let failed = consumer.fate == Fate::Broken && consumer.waived.is_none();
        let status = if failed { failure(&messages.join("; ")) } else { TestCaseStatus::success() };
        let mut case = TestCase::new(consumer.label(), status);
        case.set_classname(consumer.owner.clone());
        let told: Vec<String> = messages.into_iter().chain(consumer.deploy.clone()).collect();
        case.set_system_out(format!("{}: {}", consumer.fate.word(), told.join("; ")));
        suite.add_test_case(case);
    }
    document.add_test_suite(suite);
    let mut suite = TestSuite::new("policy");
    for violation in report.violations.iter().filter(|v| v.rule != "consumer-broken") {
        let status = match &violation.waived {
            None => {
                let mut status = failure(&violation.message);
                let place = violation.place.as_ref().map(|p| p.position());
                let more: Vec<String> = place.into_iter().chain(violation.hint.clone()).collect();
                status.set_description(more.join("\n"));
                status
            }
            Some(words) => {
                let mut status = TestCaseStatus::skipped();
                status.set_message(words.clone());
                status
            }
        };
        let mut case = TestCase::new(format!("{} {}", violation.element, violation.rule), status);
        case.set_classname(violation.contract.clone().unwrap_or_else(|| "endpoints".to_owned()));
        suite.add_test_case(case);
    }
    for notice in &report.notices {
        let status = match notice.severity {
            Level::Error => {
                let mut status = failure(&notice.message);
                status.set_description(notice.hint.clone().unwrap_or_default());
                status
            }
            Level::Warning => TestCaseStatus::success(),
        };
        let mut case = TestCase::new(
            if notice.place.is_empty() { &notice.code } else { &notice.place }.clone(),
            status,
        );
        case.set_classname(notice.code.clone());
        case.set_system_out(notice.message.clone());
        suite.add_test_case(case);
    }
    for undone in &report.not_executed {
        let mut status = TestCaseStatus::skipped();
        status.set_message(undone.reason.clone());
        suite.add_test_case(TestCase::new(undone.what, status));
    }
    document.add_test_suite(suite);
    document.to_string().map_err(unwritable)
}

fn failure(message: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_message(message);
    status
}
