//! SARIF 2.1.0: a result for each finding at the head's line, with the base's as a related place.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::check::report::Level;
use crate::compat::report::{ContractReport, DiffReport, JudgedFinding, Violation};
use crate::compat::rules::RULES;
use crate::diagnostic::Severity;

use super::super::report::sarif::{level, location};
use super::human::asides;

/// The document.
pub(super) fn document(report: &DiffReport) -> Value {
    let findings =
        report.contracts.iter().flat_map(|c| c.findings.iter().map(move |f| of_finding(c, f)));
    let results: Vec<Value> = findings
        .chain(report.violations.iter().map(of_violation))
        .chain(of_notices(report))
        .collect();
    let mut used: BTreeMap<String, Value> = BTreeMap::new();
    for result in &results {
        let id = result["ruleId"].as_str().unwrap_or_default().to_owned();
        used.entry(id.clone()).or_insert_with(|| rule(&id));
    }
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "pactum",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": used.into_values().collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
            "invocations": [{
                "executionSuccessful": !report.is_unread(),
                "toolExecutionNotifications": report.not_executed.iter().map(|undone| json!({
                    "level": "warning",
                    "message": {"text": undone.line()},
                })).collect::<Vec<_>>(),
            }],
        }],
    })
}

/// The text of a rule's page.
fn rule(code: &str) -> Value {
    let Some(rule) = RULES.iter().find(|r| r.doc.meta.code == code) else {
        return json!({"id": code});
    };
    let page = rule.doc.page();
    let paragraph = page.lines().skip_while(|l| l.is_empty() || l.starts_with('#'));
    let first: Vec<&str> = paragraph.take_while(|l| !l.is_empty()).collect();
    let first = first.join(" ");
    json!({
        "id": code,
        "name": rule.doc.meta.name,
        "shortDescription": {"text": first},
        "help": {"text": page, "markdown": page},
    })
}

fn of_finding(contract: &ContractReport, finding: &JudgedFinding) -> Value {
    let shown = finding.head.as_ref().or(finding.base.as_ref());
    let words = vec![format!("{}: {}", finding.element, finding.message)];
    let text = [words, asides(finding)].concat().join("; ");
    let mut result = json!({
        "ruleId": finding.code,
        // Only violations fail the run; a change by itself is at most a warning.
        "level": match finding.finding.severity() {
            Severity::Error | Severity::Warning => "warning",
            Severity::Note => "note",
        },
        "message": {"text": text},
        "locations": shown.and_then(|p| location(&p.position())).into_iter().collect::<Vec<_>>(),
        "partialFingerprints": {
            "change/v1": format!("{}/{}/{}", contract.contract, finding.rule, finding.element),
        },
        "properties": {
            "contract": contract.contract,
            "reader": finding.reader,
            "writer": finding.writer,
            "bump": finding.counts_as,
            "old": finding.old,
            "new": finding.new,
            "base": finding.base,
        },
    });
    if let Some(because) = finding.because.as_ref().filter(|b| b.starts_with("waived")) {
        result["suppressions"] = json!([{"kind": "external", "justification": because}]);
    }
    result
}

fn of_violation(violation: &Violation) -> Value {
    let place = violation.place.as_ref().and_then(|p| location(&p.position()));
    let hint = violation.hint.as_ref().map(|h| format!("; {h}")).unwrap_or_default();
    let mut result = json!({
        "ruleId": violation.code,
        "level": level(Level::Error),
        "message": {"text": format!("{}{hint}", violation.message)},
        "locations": place.into_iter().collect::<Vec<_>>(),
        "partialFingerprints": {
            "violation/v1": format!(
                "{}/{}/{}",
                violation.contract.as_deref().unwrap_or_default(), violation.rule, violation.element
            ),
        },
    });
    if let Some(words) = &violation.waived {
        result["suppressions"] = json!([{"kind": "external", "justification": words}]);
    }
    result
}

fn of_notices(report: &DiffReport) -> impl Iterator<Item = Value> {
    report.notices.iter().map(|notice| {
        let hint = notice.hint.as_ref().map(|h| format!("; {h}")).unwrap_or_default();
        let text = format!("{}{hint}", notice.message);
        json!({
            "ruleId": notice.code,
            "level": level(notice.severity),
            "message": {"text": text},
            "locations": location(&notice.place).into_iter().collect::<Vec<_>>(),
        })
    })
}
