//! SARIF 2.1.0: a result for each clause that does not hold, at the line of the contract that
//! states it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::check::Report;
use crate::check::report::{ClauseReport, Level, Verdict};

use super::{in_repository, message, place, rows};

/// The document.
pub(super) fn document(report: &Report) -> Value {
    let clauses = report.tables.iter().flat_map(|t| &t.clauses);
    let shown: Vec<&ClauseReport> = clauses
        .filter(|c| matches!(c.verdict, Verdict::Failed | Verdict::NotExecuted | Verdict::Waived))
        .collect();
    let mut rules: BTreeMap<String, String> = BTreeMap::new();
    for clause in &shown {
        rules.insert(clause.kind.clone(), format!("The contract states '{}'", clause.kind));
    }
    for notice in &report.notices {
        rules.insert(notice.code.clone(), "An approved exception is in order".to_owned());
    }
    let rules: Vec<Value> = rules
        .into_iter()
        .map(|(id, text)| json!({"id": id, "shortDescription": {"text": text}}))
        .collect();
    let results = shown.into_iter().map(|c| result(report, c));
    let notices = report.notices.iter().map(|notice| {
        let text = match &notice.hint {
            Some(hint) => format!("{}; {hint}", notice.message),
            None => notice.message.clone(),
        };
        json!({
            "ruleId": notice.code,
            "level": level(notice.severity),
            "message": {"text": text},
            "locations": location(&notice.place).into_iter().collect::<Vec<_>>(),
        })
    });
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "pactum",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results.chain(notices).collect::<Vec<Value>>(),
        }],
    })
}

fn result(report: &Report, clause: &ClauseReport) -> Value {
    let mut text = message(clause);
    for row in rows(clause) {
        text.push_str(&format!("\n{row}"));
    }
    let mut result = json!({
        "ruleId": clause.kind,
        "level": level(clause.severity),
        "message": {"text": text},
        "locations": location(&clause.place).into_iter().collect::<Vec<_>>(),
        "partialFingerprints": {"clause/v1": format!("{}/{}", report.contract, clause.id)},
        "properties": {
            "clause": clause.id,
            "verdict": clause.verdict,
            "measured": clause.measured,
            "failingRows": clause.failing_rows,
        },
    });
    if clause.verdict == Verdict::Waived {
        let why = clause.reason.clone().unwrap_or_default();
        result["suppressions"] = json!([{"kind": "external", "justification": why}]);
    }
    result
}

pub(in crate::cli) fn level(severity: Level) -> &'static str {
    match severity {
        Level::Error => "error",
        Level::Warning => "warning",
    }
}

/// A place as a location; `None` for a document that is not a file here, such as one of an earlier
/// commit.
pub(in crate::cli) fn location(stated: &str) -> Option<Value> {
    let (file, line, column) = place(stated);
    let file = in_repository(&file)?;
    Some(json!({"physicalLocation": {
        "artifactLocation": {"uri": uri(&file)},
        "region": {"startLine": line, "startColumn": column},
    }}))
}

/// A path as a URI reference: relative where it is.
fn uri(path: &str) -> String {
    let encode = |c: char| match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' | '.' | '~' | '/' => c.to_string(),
        other => other.to_string().bytes().map(|b| format!("%{b:02X}")).collect(),
    };
    let encoded: String = path.chars().map(encode).collect();
    if path.starts_with('/') { format!("file://{encoded}") } else { encoded }
}
