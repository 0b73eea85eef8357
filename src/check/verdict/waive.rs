//! Waivers: approved exceptions, applied to what failed.

use chrono::NaiveDate;

use crate::check::report::{ClauseReport, Notice, TableReport, Verdict};
use crate::contract::Contract;
use crate::diagnostic::Diagnostic;
use crate::project::{CheckWaiver, Waivers, expired_waiver, unused_waiver, unwaivable};

/// Kinds of clauses that cannot be waived: readers build on what they state.
const NEVER: &[&str] =
    &["logicalType", "physicalType", "required", "primaryKey", "unique", "readable"];

/// Turns failures with a valid waiver into `waived`, and reports waivers that are not in order.
pub(in crate::check) fn apply(
    contract: &Contract,
    tables: &mut [TableReport],
    waivers: &Waivers,
    today: NaiveDate,
) -> Vec<Notice> {
    let own = waivers.check.iter().filter(|w| w.contract.value == contract.id);
    own.filter_map(|waiver| one(waiver, contract, waivers, tables, today))
        .map(Notice::from)
        .collect()
}

fn one(
    waiver: &CheckWaiver,
    contract: &Contract,
    waivers: &Waivers,
    tables: &mut [TableReport],
    today: NaiveDate,
) -> Option<Diagnostic> {
    let id = &waiver.clause.value;
    let at = |meta, span, message: String| Diagnostic::new(meta, &waivers.source, span, message);
    if waiver.expires.value < today {
        let message = format!("the waiver of {id} expired on {}", waiver.expires.value);
        return Some(
            at(&expired_waiver::META, waiver.expires.span, message)
                .hint("fix the data, or have the waiver approved again and set a later date"),
        );
    }
    // A table that is not delivered is not in the run's scope.
    let element = id.split('/').next().unwrap_or_default();
    let in_scope = |t: &&mut TableReport| {
        t.name == element || t.clauses.iter().any(|c| c.id.split('/').next() == Some(element))
    };
    let unknown = || {
        let message = format!("the waiver names '{id}', which is not a clause of this contract");
        at(&unused_waiver::META, waiver.clause.span, message)
            .hint("clause ids are in the report: pactum check … --verbose")
    };
    if !contract.tables.iter().any(|table| table.element() == element) {
        return Some(unknown());
    }
    let table = tables.iter_mut().find(in_scope)?;
    let Some(clause) = table.clauses.iter_mut().find(|c| &c.id == id) else {
        return Some(unknown());
    };
    // The format of a number is part of its type; that of a text is not.
    let of_type = clause.kind == "format" && clause.answered.as_deref() == Some("schema");
    if of_type || NEVER.contains(&clause.kind.as_str()) {
        let message = format!("{id} cannot be waived: readers build on types, keys and required");
        return Some(
            at(&unwaivable::META, waiver.clause.span, message)
                .hint("fix the data, or change the contract"),
        );
    }
    if clause.verdict != Verdict::Failed {
        let message = format!("the waiver of {id} is not needed: the clause {}", state(clause));
        return Some(at(&unused_waiver::META, waiver.clause.span, message).hint("remove it"));
    }
    clause.verdict = Verdict::Waived;
    let words = format!(
        "waived until {}: {} (approved by {})",
        waiver.expires.value, waiver.reason, waiver.approved_by
    );
    clause.reason = Some(match clause.reason.take() {
        Some(reason) => format!("{reason}; {words}"),
        None => words,
    });
    None
}

fn state(clause: &ClauseReport) -> String {
    match clause.verdict {
        Verdict::Passed => "passed".to_owned(),
        other => format!("is {}", other.word()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::{Value, json};

    use super::*;
    use crate::contract::parse;
    use crate::diagnostic::Source;

    /// What becomes of clause `t/a/q` under a waiver of it for this contract that ends on May 1, on a day
    /// of that year; and the codes of the notices.
    fn waived(clause: &Value, contract: &str, (month, day): (u32, u32)) -> (Verdict, Vec<String>) {
        let text = "version: 1.0.0\napiVersion: v3.2.0\nkind: DataContract\nid: t\nstatus: active\n\
            schema: [{ name: t, properties: [{ name: a, logicalType: integer }] }]\n";
        let own = parse(&Arc::new(Source::new("t", text))).contract.unwrap();
        let waivers = format!(
            "check:\n- {{contract: {contract}, clause: t/a/q, reason: known, approved_by: ann, \
             expires: 2026-05-01}}\n"
        );
        let waivers = Waivers::parse(&Arc::new(Source::new("waivers.yaml", waivers))).unwrap();
        let mut report = json!({
            "id": "t/a/q", "kind": "minimum", "column": "a", "severity": "error",
            "verdict": "failed", "measured": 1, "expected": "", "failing_rows": 1, "samples": [],
            "reason": null, "answered": "scanned"
        });
        for (name, value) in clause.as_object().unwrap() {
            report[name] = value.clone();
        }
        let table = json!({ "name": "t", "rows": 1, "files": 1, "clauses": [report] });
        let mut tables: Vec<TableReport> = vec![serde_json::from_value(table).unwrap()];
        let today = NaiveDate::from_ymd_opt(2026, month, day).unwrap();
        let notices = apply(&own, &mut tables, &waivers, today);
        (tables[0].clauses[0].verdict, notices.into_iter().map(|notice| notice.code).collect())
    }

    #[test]
    fn a_waiver_holds_until_the_end_of_its_last_day() {
        let failed = json!({});
        assert_eq!(waived(&failed, "t", (4, 30)), (Verdict::Waived, Vec::new()));
        assert_eq!(waived(&failed, "t", (5, 1)), (Verdict::Waived, Vec::new()));
        let expired = vec!["P003".to_owned()];
        assert_eq!(waived(&failed, "t", (5, 2)), (Verdict::Failed, expired));
    }

    #[test]
    fn a_waiver_of_another_contract_is_not_looked_at() {
        assert_eq!(waived(&json!({}), "other", (4, 30)), (Verdict::Failed, Vec::new()));
        assert_eq!(waived(&json!({}), "other", (5, 2)), (Verdict::Failed, Vec::new()));
    }

    #[test]
    fn only_a_failure_can_be_waived() {
        for (word, verdict) in [
            ("passed", Verdict::Passed),
            ("not-executed", Verdict::NotExecuted),
            ("informational", Verdict::Informational),
        ] {
            let found = waived(&json!({ "verdict": word }), "t", (4, 30));
            assert_eq!(found, (verdict, vec!["P004".to_owned()]));
        }
    }

    #[test]
    fn types_and_keys_cannot_be_waived_and_neither_can_the_format_of_a_number() {
        let refused = || (Verdict::Failed, vec!["P005".to_owned()]);
        for kind in NEVER {
            assert_eq!(waived(&json!({ "kind": kind }), "t", (4, 30)), refused(), "{kind}");
        }
        let width = json!({ "kind": "format", "answered": "schema" });
        assert_eq!(waived(&width, "t", (4, 30)), refused());
        let text = json!({ "kind": "format" });
        assert_eq!(waived(&text, "t", (4, 30)), (Verdict::Waived, Vec::new()));
    }
}
