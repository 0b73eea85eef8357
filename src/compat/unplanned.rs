//! SQL rules that changed and that the head no longer plans: what was executed is gone.
//!
//! Only a rule that the pure rules found changed is planned, on both sides.

use std::sync::Arc;

use crate::check::lint_rules;
use crate::contract::Contract;
use crate::contract::lint::{all_rules, refuse_unusable_names};
use crate::contract::model::QualityRule;
use crate::diagnostic::Span;
use crate::project::Snapshot;

use super::facts::quality::loosened;
use super::finding::{Finding, Place};
use super::report::{ContractReport, JudgedFinding};
use super::request::Request;
use super::rules::{quality_rule_changed, quality_rule_removed};

/// Finds the changed rules of a contract that nothing executes in the head, and judges them as
/// removed.
pub(super) async fn judge(request: &Request<'_>, report: &mut ContractReport) {
    let is_changed = |finding: &Finding| finding.meta == &quality_rule_changed::META;
    if !report.findings.iter().any(|judged| is_changed(&judged.finding)) {
        return;
    }
    let of = |all: &[Arc<Contract>], version: &Option<String>| {
        let same = |c: &&Arc<Contract>| {
            c.id == report.contract && Some(&c.version_text) == version.as_ref()
        };
        all.iter().find(same).cloned()
    };
    let base = of(&request.base.contracts, &report.base_version)
        .or_else(|| of(request.served, &report.base_version));
    let head = of(&request.head.contracts, &report.head_version);
    let Some((base, head)) = base.zip(head) else { return };
    let lost = unplanned(request, request.head, &head).await;
    if lost.is_empty() {
        return;
    }
    let never = unplanned(request, request.base, &base).await;
    for judged in report.findings.iter_mut().filter(|judged| is_changed(&judged.finding)) {
        let place = |place: &Option<Place>| place.as_ref().map(|p| p.span);
        let both = place(&judged.finding.base).zip(place(&judged.finding.head));
        let Some((old, new)) = both else { continue };
        let rule = rule_at(&base, old).filter(|_| lost.contains(&new) && !never.contains(&old));
        if let Some(rule) = rule {
            *judged = JudgedFinding::of(removed(judged.finding.clone(), rule));
        }
    }
}

fn rule_at(contract: &Contract, span: Span) -> Option<&QualityRule> {
    all_rules(contract).map(|(.., rule)| rule).find(|rule| rule.node.span == span)
}

/// The finding that nothing executes a rule of the base any more.
fn removed(finding: Finding, rule: &QualityRule) -> Finding {
    let (reader, writer, bump) = loosened(rule);
    let message = "nothing executes the quality rule any more: its SQL does not plan".to_owned();
    let meta = &quality_rule_removed::META;
    Finding { meta, message, reader, writer, bump, clause: None, ..finding }
}

/// Where the rules of a contract begin whose SQL does not plan beside the other contracts of its
/// side; none where that cannot be found out.
async fn unplanned(request: &Request<'_>, side: &Snapshot, contract: &Contract) -> Vec<Span> {
    if refuse_unusable_names(contract).is_err() {
        return Vec::new();
    }
    let others = side.contracts.iter().filter(|other| other.id != contract.id);
    let neighbours: Vec<Contract> = others
        .filter(|other| refuse_unusable_names(other).is_ok())
        .map(|other| Contract::clone(other))
        .collect();
    let external = &request.settings.external_engines;
    let found = lint_rules(contract, &neighbours, external, &request.limits).await;
    found.unwrap_or_default().into_iter().map(|diagnostic| diagnostic.span).collect()
}
