//! Notices besides changes and consumers: about waivers, settings, documents that could not be
//! read, and documents that should stay.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::check::report::{Level, Notice};
use crate::contract::Contract;
use crate::diagnostic::{Diagnostic, Severity};

use super::contracts::Base;
use super::policy;
use super::report::{ConsumerReport, DiffReport, Fate, NotExecuted, beside_name};
use super::request::Request;
use super::rules::policy_changed;
use super::semver::VersionStep;
use super::waive::{Known, Waiving};

/// A major that is still served but no longer has a document: lint and later diffs would not know
/// it.
pub(super) fn replaced_documents(request: &Request<'_>, report: &mut DiffReport) {
    let to_migrate: Vec<&ConsumerReport> =
        report.consumers.list.iter().filter(|c| c.fate == Fate::ToMigrate).collect();
    for contract in &mut report.contracts {
        let replaced = contract.made == Some(VersionStep::Major) && !contract.is_beside;
        if !replaced || contract.against.is_some() || request.kind != Base::Whole {
            continue;
        }
        let reads = to_migrate.iter().filter(|c| c.reads.contains(&contract.contract)).count();
        let Some(major) = contract.base_major.filter(|_| reads > 0) else { continue };
        let file = beside_name(&contract.file, major);
        let who = if reads == 1 {
            "1 consumer reads it".to_owned()
        } else {
            format!("{reads} consumers read it")
        };
        contract.note = Some(format!(
            "major {major} no longer has a document, and {who}: keep the old one as {file} until nobody does"
        ));
    }
}

/// The notices of a request.
pub(super) fn notices(
    request: &Request<'_>,
    report: &mut DiffReport,
    consumers: Option<BTreeSet<String>>,
    waiving: &Waiving<'_>,
) {
    let changed: BTreeSet<String> = report.contracts.iter().map(|c| c.contract.clone()).collect();
    let both = request.base.contracts.iter().chain(&request.head.contracts);
    let contracts =
        both.chain(request.beside).map(|c| c.id.clone()).chain(changed.clone()).collect();
    let known = Known { contracts, consumers };
    report.notices.extend(waiving.notices(&changed, &known));
    let unknown = policy::unknown_rules(request.settings);
    report.notices.extend(unknown.into_iter().map(Notice::from));
    let (base, head) = (request.base, request.head);
    if base.is_project && head.is_project && base.unread_settings.is_none() {
        let changed = policy_changed::of(&base.settings, &head.settings);
        report.notices.extend(changed.into_iter().map(Notice::from));
    }
    if let Some(why) = &request.base.unread_settings {
        report.not_executed.push(NotExecuted {
            what: "settings",
            reason: format!("the base's cannot be read, so today's are used instead: {why}"),
        });
    }
    for (side, words) in [(request.base, "base"), (request.head, "head")] {
        report.not_executed.extend(side.unseen.iter().map(|unseen| NotExecuted {
            what: "comparison",
            reason: format!("of the {words}, {unseen}: nothing was compared with it"),
        }));
    }
    // Unreadable parts of the base were not compared.
    let unread = request.base.diagnostics.iter().filter(|d| {
        // A document that is the same on both sides bears the head's name.
        let same = |c: &Arc<Contract>| c.source.name == d.source.name;
        d.severity == Severity::Error && !request.head.contracts.iter().any(same)
    });
    let unread: Vec<&Diagnostic> = unread.collect();
    let whole =
        |d: &&&Diagnostic| !request.base.contracts.iter().any(|c| c.source.name == d.source.name);
    report.not_executed.extend(unread.iter().filter(whole).map(|d| NotExecuted {
        what: "comparison",
        reason: format!("{} cannot be read: nothing was compared with it", d.source.name),
    }));
    report.notices.extend(unread.into_iter().map(|d| {
        let mut notice = Notice::from(d.clone());
        notice.severity = Level::Warning;
        notice.message = format!("the base's document has errors: {}", notice.message);
        notice
    }));
}
