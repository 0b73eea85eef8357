//! Waivers: approved exceptions, applied to what failed.

use chrono::NaiveDate;

use crate::contract::Contract;
use crate::diagnostic::{Diagnostic, Severity};
use crate::project::{CheckWaiver, Waivers, expired_waiver, unused_waiver, unwaivable};

use super::report::{ClauseReport, Level, Notice, TableReport, Verdict};

/// Kinds of clauses that nobody can except: what they state is what readers build on.
const NEVER: &[&str] =
    &["logicalType", "physicalType", "required", "primaryKey", "unique", "readable"];

/// Turns failures with a valid waiver into `waived`, and tells of waivers that are not in order.
pub(super) fn apply(
    contract: &Contract,
    tables: &mut [TableReport],
    waivers: &Waivers,
    today: NaiveDate,
) -> Vec<Notice> {
    let own = waivers.check.iter().filter(|w| w.contract.value == contract.id);
    own.filter_map(|waiver| one(waiver, contract, waivers, tables, today)).map(notice).collect()
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
                .hint("mend the data, or have the waiver approved anew and set a later date"),
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
    // The format of a number is its type; that of a text is not.
    let of_type = clause.kind == "format" && clause.answered.as_deref() == Some("schema");
    if of_type || NEVER.contains(&clause.kind.as_str()) {
        let message = format!("{id} cannot be waived: readers build on types, keys and required");
        return Some(
            at(&unwaivable::META, waiver.clause.span, message)
                .hint("mend the data, or change the contract"),
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

fn notice(found: Diagnostic) -> Notice {
    Notice {
        code: found.meta.code.to_owned(),
        severity: match found.severity {
            Severity::Error => Level::Error,
            _ => Level::Warning,
        },
        place: found.position(),
        message: found.message,
        hint: found.hint,
    }
}
