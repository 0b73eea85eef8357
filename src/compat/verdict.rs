//! What fails a run: versions, consumers, endpoints and policy, less what waivers let pass.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::contract::Contract;
use crate::contract::model::Version;
use crate::error::Result;
use crate::project::{BreakingIf, Mode, Policy, Snapshot};

use super::consumers::{Decided, EndpointBreak};
use super::deprecation;
use super::finding::{Bump, Effect};
use super::policy;
use super::report::{
    ConsumerReport, ConsumerSummary, ContractReport, DiffReport, Fate, JudgedFinding, NotExecuted,
    Violation,
};
use super::request::Request;
use super::rules::{
    bump_too_small, classification_lowered, consumer_broken, contract_removed, status_retired,
    version_lowered,
};
use super::semver::{VersionStep, needed, next};
use super::waive::{Case, Waiving};

/// What each finding counts as, by mode, policy and waivers.
pub(super) fn count(
    request: &Request<'_>,
    report: &mut DiffReport,
    decided: &Decided,
    waiving: &Waiving<'_>,
) {
    let policy = &request.settings.diff;
    // Where some consumers are unknown, no finding is certain to affect none.
    let all_asked = decided.is_whole && request.registered.is_some();
    if request.registered.is_none() {
        report.not_executed.push(NotExecuted {
            what: "consumers of other repositories",
            reason: "the warehouse that registers them is not there".to_owned(),
        });
    }
    if policy.breaking_if == BreakingIf::Used && !all_asked {
        report.not_executed.push(NotExecuted {
            what: "breaking_if: used",
            reason: "not every consumer could be asked, so what is declared counts".to_owned(),
        });
    }
    for contract in &mut report.contracts {
        let id = [contract.contract.clone()];
        for judged in &mut contract.findings {
            let (counts, because) = match succeeded(judged, request.head, contract.base_major) {
                Some(because) => (Bump::Minor, Some(because)),
                None => counted(judged, policy, all_asked),
            };
            (judged.counts_as, judged.because) = (counts, because);
            let case = Case {
                rule: judged.rule,
                contracts: &id,
                element: &judged.element,
                consumer: None,
            };
            let matters = judged.counts_as >= Bump::Minor;
            if let Some(words) = matters.then(|| waiving.of(&case)).flatten() {
                (judged.counts_as, judged.because) = (Bump::None, Some(words));
            }
        }
        let steps = contract.findings.iter().map(|f| f.counts_as);
        contract.needed = steps.max().unwrap_or(Bump::None);
    }
}

/// The major that replaces a retired one makes the step.
fn succeeded(judged: &JudgedFinding, head: &Snapshot, major: Option<u64>) -> Option<String> {
    let later = |c: &&Arc<Contract>| {
        c.id == judged.finding.contract && Some(c.version.major) > major && !c.is_retired()
    };
    let successor = head.contracts.iter().filter(|_| judged.rule == status_retired::META.name);
    let successor = successor.filter(later).max_by_key(|c| c.version)?;
    Some(format!("{} takes its place", successor.version_text))
}

fn counted(judged: &JudgedFinding, policy: &Policy, all_asked: bool) -> (Bump, Option<String>) {
    let asked = needed(&judged.finding, policy.mode);
    if policy.warnings.iter().any(|w| w.value == judged.rule || w.value == judged.code) {
        let words = "the policy reports this rule as a warning".to_owned();
        return (asked.min(Bump::Patch), Some(words));
    }
    let theory = policy.breaking_if == BreakingIf::Used
        && all_asked
        && asked == Bump::Major
        && judged.felt_by.is_empty()
        && !(policy.mode != Mode::Read && judged.writer == Effect::Breaking);
    match theory {
        true => (Bump::Minor, Some("no known consumer feels it (breaking_if: used)".to_owned())),
        false => (asked, None),
    }
}

/// Contracts that are gone: no version allows that.
pub(super) fn gone(report: &mut DiffReport, waiving: &Waiving<'_>) {
    let meta = &contract_removed::META;
    for contract in report.contracts.iter().filter(|c| c.head_version.is_none()) {
        let ids = [contract.contract.clone()];
        let element = &contract.sql_name;
        let case = Case { rule: meta.name, contracts: &ids, element, consumer: None };
        let waived = waiving.of(&case);
        if contract.exempt.is_some() || (waived.is_none() && contract.needed < Bump::Major) {
            continue;
        }
        let found = contract.findings.first();
        report.violations.push(Violation {
            code: meta.code,
            rule: meta.name,
            contract: Some(contract.contract.clone()),
            element: element.clone(),
            message: found.map(|f| f.message.clone()).unwrap_or_default(),
            place: found.and_then(|f| f.base.clone()),
            hint: found.and_then(|f| f.hint.clone()),
            waived,
        });
    }
}

/// Versions that are too small, or lowered.
pub(super) fn versions(head: &Snapshot, report: &mut DiffReport, waiving: &Waiving<'_>) {
    for contract in &mut report.contracts {
        let Some((made, base)) = contract.made.zip(contract.base_version.clone()) else { continue };
        let own = contract.head_version.clone().unwrap_or_default();
        if contract.exempt.is_some() {
            continue;
        }
        let ids = [contract.contract.clone()];
        let id = &contract.contract;
        let case = |rule| Case { rule, contracts: &ids, element: "version", consumer: None };
        // A version that cannot be read is not a step down: its document has an error.
        if made == VersionStep::Lowered && own.parse::<Version>().is_ok() {
            report.violations.push(Violation {
                code: version_lowered::META.code,
                rule: version_lowered::META.name,
                contract: Some(id.clone()),
                element: "version".to_owned(),
                message: format!("contract '{id}' goes back from version {base} to {own}"),
                place: contract.version_place.clone(),
                hint: Some(format!("versions only rise: keep {base}, or raise it")),
                waived: waiving.of(&case(version_lowered::META.name)),
            });
        }
        if made.suffices(contract.needed) {
            continue;
        }
        let Ok(least) = base.parse().map(|v| next(v, contract.needed)) else { continue };
        let waived = waiving.of(&case(bump_too_small::META.name));
        let taken = taken(head, contract, least);
        if waived.is_none() && taken.is_none() {
            contract.needs_version = Some(least.to_string());
        }
        report.violations.push(Violation {
            code: bump_too_small::META.code,
            rule: bump_too_small::META.name,
            contract: Some(id.clone()),
            element: "version".to_owned(),
            message: format!(
                "contract '{id}' needs a {} step, {base} to {least}; its version is {own}",
                contract.needed.word()
            ),
            place: contract.version_place.clone(),
            hint: Some(how_to_raise(contract, taken)),
            waived,
        });
    }
}

/// The document that already has the major of a version.
fn taken<'a>(head: &'a Snapshot, contract: &ContractReport, least: Version) -> Option<&'a str> {
    let other = head.contracts.iter().find(|c| {
        c.id == contract.contract
            && c.version.major == least.major
            && c.source.name != contract.file
    });
    other.map(|c| c.source.name.as_str())
}

fn how_to_raise(contract: &ContractReport, taken: Option<&str>) -> String {
    match (taken, contract.needed) {
        (Some(file), _) => {
            format!("{file} is the next major: make the change there, and take it back here")
        }
        (None, Bump::Major) if !contract.is_beside && contract.against.is_none() => {
            "pactum diff --fix raises it; keep the old document beside it while anybody reads the old \
             major, or take the change back"
                .to_owned()
        }
        _ => "pactum diff --fix raises it, or take the change back".to_owned(),
    }
}

/// Changes that need an approval whatever the version.
pub(super) fn approvals(report: &mut DiffReport, waiving: &Waiving<'_>) {
    let meta = &classification_lowered::META;
    // No status and no version exempts from it: what was shown once cannot be taken back.
    for contract in report.contracts.iter().filter(|c| c.against.is_none()) {
        let ids = [contract.contract.clone()];
        for judged in contract.findings.iter().filter(|f| f.rule == meta.name) {
            let case =
                Case { rule: meta.name, contracts: &ids, element: &judged.element, consumer: None };
            let (old, new) = (judged.old.clone(), judged.new.clone());
            report.violations.push(Violation {
                code: meta.code,
                rule: meta.name,
                contract: Some(contract.contract.clone()),
                element: judged.element.clone(),
                message: format!(
                    "the classification of {} goes from {} to {} without an approval",
                    judged.element,
                    old.unwrap_or_else(|| "none".to_owned()),
                    new.unwrap_or_else(|| "none".to_owned())
                ),
                place: judged.head.clone(),
                hint: Some(waiving.approval(&case)),
                waived: waiving.of(&case),
            });
        }
    }
}

/// Removals that come too early.
pub(super) async fn removals(
    request: &Request<'_>,
    report: &mut DiffReport,
    waiving: &Waiving<'_>,
) -> Result<()> {
    let Some(window) = request.settings.diff.deprecation else { return Ok(()) };
    let mut histories: BTreeMap<(String, u64), Vec<deprecation::Released>> = BTreeMap::new();
    let mut found = Vec::new();
    // Where the base's major stays, nothing was removed.
    let counts = |c: &&super::report::ContractReport| {
        c.exempt.is_none() && c.against.is_none() && !c.is_beside
    };
    for contract in report.contracts.iter().filter(counts) {
        let same = |b: &&Arc<Contract>| {
            b.id == contract.contract && Some(b.version.major) == contract.base_major
        };
        let Some(base) = request.base.contracts.iter().find(same) else { continue };
        for judged in &contract.findings {
            let Some(element) = policy::removed(&judged.finding) else { continue };
            let key = (base.id.clone(), base.version.major);
            if let (None, Some(warehouse)) = (histories.get(&key), request.warehouse) {
                let history = deprecation::history(warehouse, &key.0, key.1).await?;
                histories.insert(key.clone(), history);
            }
            let history = histories.get(&key).map(Vec::as_slice).unwrap_or_default();
            let missing = deprecation::missing(base, element, window, history, request.today);
            let Some(missing) = missing else { continue };
            found.push(policy::too_early(judged, &contract.contract, missing, waiving));
        }
    }
    report.violations.extend(found);
    Ok(())
}

/// Changes of endpoints, which no version allows.
pub(super) fn endpoints(report: &mut DiffReport, found: Vec<EndpointBreak>, waiving: &Waiving<'_>) {
    for EndpointBreak { mut violation, consumer, reads } in found {
        let element = violation.element.rsplit('/').next().unwrap_or_default();
        let case =
            Case { rule: violation.rule, contracts: &reads, element, consumer: Some(&consumer) };
        violation.waived = waiving.of(&case);
        report.violations.push(violation);
    }
}

/// Counts consumers by fate; broken ones fail the run.
pub(super) fn summary(
    consumers: Vec<ConsumerReport>,
    violations: &mut Vec<Violation>,
    waiving: &Waiving<'_>,
) -> ConsumerSummary {
    let mut summary = ConsumerSummary { total: consumers.len(), ..ConsumerSummary::default() };
    for mut consumer in consumers {
        let counter = match consumer.fate {
            Fate::Broken => &mut summary.broken,
            Fate::ToMigrate => &mut summary.to_migrate,
            Fate::ChangedTogether => &mut summary.changed_together,
            Fate::Changed => &mut summary.changed,
            Fate::Affected => &mut summary.affected,
            Fate::NotPlanned => &mut summary.not_planned,
            Fate::New | Fate::Removed => &mut summary.new_or_removed,
            Fate::Unaffected => &mut summary.unaffected,
        };
        *counter += 1;
        if consumer.fate == Fate::Unaffected {
            continue;
        }
        if consumer.fate == Fate::Broken {
            let meta = &consumer_broken::META;
            let label = consumer.label();
            let case = Case {
                rule: meta.name,
                contracts: &consumer.reads,
                element: &label,
                consumer: Some(&label),
            };
            consumer.waived = waiving.of(&case);
            violations.push(broken(&consumer));
        }
        summary.list.push(consumer);
    }
    summary.list.sort_by(|a, b| (a.fate, &a.consumer).cmp(&(b.fate, &b.consumer)));
    summary
}

fn broken(consumer: &ConsumerReport) -> Violation {
    let first = consumer.reasons.first();
    let why = first.map(|r| r.message.clone()).unwrap_or_default();
    Violation {
        code: consumer_broken::META.code,
        rule: consumer_broken::META.name,
        contract: None,
        element: consumer.label(),
        message: format!("breaks {} (owner {}): {why}", consumer.label(), consumer.owner),
        place: first.and_then(|r| r.place.clone()),
        hint: first.and_then(|r| r.hint.clone()),
        waived: consumer.waived.clone(),
    }
}
