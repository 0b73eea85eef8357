//! One diff: rules, consumers, policy, waivers, backtest, verdict.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chrono::NaiveDate;

use crate::contract::Contract;
use crate::diagnostic::Span;
use crate::engine::{Limits, in_parallel};
use crate::error::{Error, Result};
use crate::project::{BreakingIf, Mode, Policy, Settings, Snapshot, Waivers};
use crate::query::ConsumerPlan;
use crate::warehouse::Warehouse;

use super::backtest::Backtesting;
use super::consumers::{Decided, Findings, Planning, Registered, decide, touches};
use super::contracts::{Base, Matched, matched};
use super::deprecation;
use super::finding::{Bump, Effect, Finding, Place};
use super::policy;
use super::report::{
    ConsumerSummary, ContractReport, DiffReport, Fate, JudgedFinding, NotExecuted, Violation,
};
use super::rules::{
    bump_too_small, classification_lowered, consumer_broken, contract_removed, status_retired,
    version_lowered,
};
use super::semver::{Step, exemption, needed, next};
use super::waive::{Case, Waiving};

/// What is compared, and how.
pub struct Request<'a> {
    /// The base.
    pub base: &'a Snapshot,
    /// The head.
    pub head: &'a Snapshot,
    /// What the base is.
    pub kind: Base,
    /// Other bases that the head is held against: every major still served.
    pub served: &'a [Arc<Contract>],
    /// Contracts that are released and stand in neither.
    pub beside: &'a [Arc<Contract>],
    /// Consumers of other repositories; `None` where nobody could be asked.
    pub registered: Option<&'a [Registered]>,
    /// The project's settings, with the policy.
    pub settings: &'a Settings,
    /// Approved exceptions.
    pub waivers: Option<&'a Waivers>,
    /// The day that waivers and deprecations are counted at.
    pub today: NaiveDate,
    /// Where releases are.
    pub warehouse: Option<&'a Warehouse>,
    /// Memory and threads.
    pub limits: Limits,
}

/// Compares, plans, judges.
///
/// # Errors
/// When the head's contracts have errors, or a ledger cannot be read.
pub async fn diff(request: &Request<'_>) -> Result<DiffReport> {
    refuse_errors(request)?;
    let matched = matched(&request.base.contracts, &request.head.contracts, request.kind);
    let mut contracts = compare_all(&matched, None, request);
    if !request.served.is_empty() {
        let served =
            super::contracts::matched(request.served, &request.head.contracts, Base::Served);
        let name = |m: &Matched| {
            m.base.as_ref().map(|b| format!("{} as served", b.version_text)).unwrap_or_default()
        };
        for one in served.iter().filter(|m| m.base.is_some()) {
            contracts.extend(compare_all(std::slice::from_ref(one), Some(name(one)), request));
        }
    }
    let decided = consumers(request, &matched, &mut contracts);
    let waiving = Waiving::new(request.waivers, request.today);
    let mut report = DiffReport {
        verdict: "passed",
        base: request.base.name.clone(),
        head: request.head.name.clone(),
        mode: request.settings.diff.mode,
        contracts,
        consumers: ConsumerSummary::default(),
        violations: Vec::new(),
        not_executed: Vec::new(),
        notices: Vec::new(),
    };
    count(request, &mut report, &decided, &waiving);
    gone(&mut report, &waiving);
    versions(&mut report, &waiving);
    approvals(&mut report, &waiving);
    removals(request, &mut report, &waiving).await?;
    report.violations.extend(policy::reserved_names(request.head, request.settings, &waiving));
    endpoints(&mut report, decided.endpoints, &decided.consumers, &waiving);
    report.consumers = summary(decided.consumers, &mut report.violations, &waiving);
    notices(request, &mut report, &waiving);
    report.settle();
    Ok(report)
}

/// A head with errors proves nothing; a base is what it is.
fn refuse_errors(request: &Request<'_>) -> Result<()> {
    match crate::diagnostic::has_errors(&request.head.diagnostics) {
        true => Err(Error::invalid(request.head.diagnostics.clone())),
        false => Ok(()),
    }
}

/// The reports of the contracts that changed.
fn compare_all(
    matched: &[Matched],
    against: Option<String>,
    request: &Request<'_>,
) -> Vec<ContractReport> {
    let changed: Vec<&Matched> = matched.iter().filter(|m| !m.is_untouched()).collect();
    let mut reports: Vec<Option<ContractReport>> = changed.iter().map(|_| None).collect();
    let work = |m: &&Matched| contract_report(m, against.clone(), &request.settings.diff);
    in_parallel(&changed, request.limits.threads, work, |n, report| reports[n] = Some(report));
    let is_said = |r: &ContractReport| {
        !r.findings.is_empty() || r.base_version.is_none() || r.made != Some(Step::None)
    };
    let mut reports: Vec<ContractReport> = reports.into_iter().flatten().filter(is_said).collect();
    reports.sort_by(|a, b| (&a.contract, &a.base_version).cmp(&(&b.contract, &b.base_version)));
    reports
}

fn contract_report(matched: &Matched, against: Option<String>, policy: &Policy) -> ContractReport {
    let (base, head) = (matched.base.as_deref(), matched.head.as_deref());
    let findings = match (base, head) {
        (Some(base), Some(head)) => super::compare(base, head),
        (Some(base), None) => vec![contract_removed::of(base)],
        _ => Vec::new(),
    };
    let shown = head.or(base);
    let place = head.map(|h| Place {
        source: h.source.clone(),
        span: h.tree.get("version").map_or(Span::START, |n| n.span),
    });
    ContractReport {
        contract: shown.map(|c| c.id.clone()).unwrap_or_default(),
        sql_name: shown.map(|c| c.sql_name.value.clone()).unwrap_or_default(),
        file: shown.map(|c| c.source.name.clone()).unwrap_or_default(),
        against,
        base_version: base.map(|b| b.version_text.clone()),
        head_version: head.map(|h| h.version_text.clone()),
        needed: Bump::None,
        made: base.zip(head).map(|(b, h)| Step::between(b.version, h.version)),
        needs_version: None,
        exempt: base.and_then(|b| exemption(b, policy)),
        findings: findings.into_iter().map(judged).collect(),
        version_place: place,
        base_major: base.map(|b| b.version.major),
    }
}

fn judged(finding: Finding) -> JudgedFinding {
    JudgedFinding {
        code: finding.meta.code,
        rule: finding.meta.name,
        element: finding.element.clone(),
        message: finding.message.clone(),
        old: finding.old.clone(),
        new: finding.new.clone(),
        reader: finding.reader,
        writer: finding.writer,
        bump: finding.bump,
        counts_as: finding.bump,
        base: finding.base.clone(),
        head: finding.head.clone(),
        hint: finding.hint.clone(),
        felt_by: Vec::new(),
        because: None,
        backtest: None,
        finding,
    }
}

/// Plans the consumers, and notes with each finding who feels it.
fn consumers(
    request: &Request<'_>,
    matched: &[Matched],
    contracts: &mut [ContractReport],
) -> Decided {
    let planning = Planning {
        base: request.base,
        head: request.head,
        matched,
        beside: request.beside,
        registered: request.registered.unwrap_or_default(),
        limits: request.limits.clone(),
    };
    let findings: Vec<(u64, Finding)> = contracts
        .iter()
        .filter(|c| c.against.is_none())
        .flat_map(|c| {
            c.findings.iter().map(|f| (c.base_major.unwrap_or_default(), f.finding.clone()))
        })
        .collect();
    let mut known: Findings<'_> = HashMap::new();
    for (major, finding) in &findings {
        known.entry(finding.contract.as_str()).or_default().push((*major, finding));
    }
    let decided = decide(&planning, &known);
    let mut readers: HashMap<&str, Vec<(&String, &ConsumerPlan)>> = HashMap::new();
    for (name, plan) in &decided.readers {
        let ids: BTreeSet<&str> = plan.tables.iter().map(|t| t.contract.as_str()).collect();
        for id in ids {
            readers.entry(id).or_default().push((name, plan));
        }
    }
    for contract in contracts {
        let major = contract.base_major.unwrap_or_default();
        let own = readers.get(contract.contract.as_str()).map(Vec::as_slice).unwrap_or_default();
        for judged in &mut contract.findings {
            let reads = own.iter().filter(|(_, p)| touches(p, major, &judged.finding));
            judged.felt_by = reads.map(|(name, _)| (*name).clone()).collect();
            let fails = decided
                .consumers
                .iter()
                .any(|c| c.fate == Fate::Broken && judged.felt_by.contains(&c.consumer));
            if fails && judged.finding.allowed.is_some() {
                judged.reader = Effect::Breaking;
            }
        }
    }
    decided
}

/// What each finding counts as, by mode, policy and waivers.
fn count(request: &Request<'_>, report: &mut DiffReport, decided: &Decided, waiving: &Waiving<'_>) {
    let policy = &request.settings.diff;
    // Where somebody could not be asked, nobody can say that nobody feels it.
    let all_asked = decided.is_whole && request.registered.is_some();
    if policy.breaking_if == BreakingIf::Used && !all_asked {
        let reason = match request.registered {
            None => "consumers of other repositories are not known without a warehouse",
            Some(_) => "not every consumer plans under the base",
        };
        report.not_executed.push(NotExecuted { what: "breaking_if", reason: reason.to_owned() });
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
            if let Some(words) = Some(()).filter(|()| matters).and_then(|()| waiving.of(&case)) {
                (judged.counts_as, judged.because) = (Bump::None, Some(words));
            }
        }
        let steps = contract.findings.iter().map(|f| f.counts_as);
        contract.needed = steps.max().unwrap_or(Bump::None);
    }
}

/// The major that takes the place of a retired one makes the step.
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

/// Contracts that are gone: no version makes room for that.
fn gone(report: &mut DiffReport, waiving: &Waiving<'_>) {
    let meta = &contract_removed::META;
    for contract in report.contracts.iter().filter(|c| c.head_version.is_none()) {
        if contract.exempt.is_some() || contract.needed < Bump::Major {
            continue;
        }
        let ids = [contract.contract.clone()];
        let element = &contract.sql_name;
        let case = Case { rule: meta.name, contracts: &ids, element, consumer: None };
        let found = contract.findings.first();
        report.violations.push(Violation {
            code: meta.code,
            rule: meta.name,
            contract: Some(contract.contract.clone()),
            element: element.clone(),
            message: found.map(|f| f.message.clone()).unwrap_or_default(),
            place: found.and_then(|f| f.base.clone()),
            hint: found.and_then(|f| f.hint.clone()),
            waived: waiving.of(&case),
        });
    }
}

/// Versions that are too small, or lowered.
fn versions(report: &mut DiffReport, waiving: &Waiving<'_>) {
    for contract in &mut report.contracts {
        let Some((made, base)) = contract.made.zip(contract.base_version.clone()) else { continue };
        let head = contract.head_version.clone().unwrap_or_default();
        if contract.exempt.is_some() {
            continue;
        }
        let ids = [contract.contract.clone()];
        let id = &contract.contract;
        let case = |rule| Case { rule, contracts: &ids, element: "version", consumer: None };
        if made == Step::Lowered {
            report.violations.push(Violation {
                code: version_lowered::META.code,
                rule: version_lowered::META.name,
                contract: Some(id.clone()),
                element: "version".to_owned(),
                message: format!("contract '{id}' goes back from version {base} to {head}"),
                place: contract.version_place.clone(),
                hint: Some(format!("versions only rise: keep {base}, or raise it")),
                waived: waiving.of(&case(version_lowered::META.name)),
            });
        }
        if made.suffices(contract.needed) {
            continue;
        }
        let least = base.parse().map(|v| next(v, contract.needed).to_string()).unwrap_or_default();
        contract.needs_version = Some(least.clone());
        report.violations.push(Violation {
            code: bump_too_small::META.code,
            rule: bump_too_small::META.name,
            contract: Some(id.clone()),
            element: "version".to_owned(),
            message: format!(
                "contract '{id}' needs a {} step, {base} to {least}; its version is {head}",
                contract.needed.word()
            ),
            place: contract.version_place.clone(),
            hint: Some("pactum diff --fix raises it, or take the change back".to_owned()),
            waived: None,
        });
    }
}

/// What needs somebody's approval whatever the version.
fn approvals(report: &mut DiffReport, waiving: &Waiving<'_>) {
    let meta = &classification_lowered::META;
    for contract in report.contracts.iter().filter(|c| c.exempt.is_none() && c.against.is_none()) {
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
                hint: judged.hint.clone(),
                waived: waiving.of(&case),
            });
        }
    }
}

/// Removals before their time.
async fn removals(
    request: &Request<'_>,
    report: &mut DiffReport,
    waiving: &Waiving<'_>,
) -> Result<()> {
    let Some(window) = request.settings.diff.deprecation else { return Ok(()) };
    let mut histories: BTreeMap<String, Vec<deprecation::Released>> = BTreeMap::new();
    let mut found = Vec::new();
    for contract in report.contracts.iter().filter(|c| c.exempt.is_none() && c.against.is_none()) {
        let same = |b: &&Arc<Contract>| {
            b.id == contract.contract && Some(b.version.major) == contract.base_major
        };
        let Some(base) = request.base.contracts.iter().find(same) else { continue };
        for judged in &contract.findings {
            let Some(element) = policy::removed(&judged.finding) else { continue };
            if let (None, Some(warehouse)) = (histories.get(&base.id), request.warehouse) {
                let history = deprecation::history(warehouse, &base.id).await?;
                histories.insert(base.id.clone(), history);
            }
            let history = histories.get(&base.id).map(Vec::as_slice).unwrap_or_default();
            let missing = deprecation::missing(base, element, window, history, request.today);
            let Some(reason) = missing else { continue };
            found.push(policy::too_early(judged, &contract.contract, &reason, waiving));
        }
    }
    report.violations.extend(found);
    Ok(())
}

/// Changes of endpoints, which no version makes room for.
fn endpoints(
    report: &mut DiffReport,
    found: Vec<Violation>,
    consumers: &[super::report::ConsumerReport],
    waiving: &Waiving<'_>,
) {
    for mut violation in found {
        let (consumer, element) =
            violation.element.rsplit_once('/').unwrap_or(("", &violation.element));
        let report_of = consumers.iter().find(|c| c.consumer == consumer || c.consumer == element);
        let reads = report_of.map(|c| c.reads.clone()).unwrap_or_default();
        let name = report_of.map(|c| c.consumer.as_str());
        let case = Case { rule: violation.rule, contracts: &reads, element, consumer: name };
        violation.waived = waiving.of(&case);
        report.violations.push(violation);
    }
}

/// Counts consumers by what becomes of them; broken ones fail the run.
fn summary(
    consumers: Vec<super::report::ConsumerReport>,
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
            let case = Case {
                rule: meta.name,
                contracts: &consumer.reads,
                element: &consumer.consumer,
                consumer: Some(&consumer.consumer),
            };
            consumer.waived = waiving.of(&case);
            violations.push(broken(&consumer));
        }
        summary.list.push(consumer);
    }
    summary.list.sort_by(|a, b| (a.fate, &a.consumer).cmp(&(b.fate, &b.consumer)));
    summary
}

fn broken(consumer: &super::report::ConsumerReport) -> Violation {
    let first = consumer.reasons.first();
    let why = first.map(|r| r.message.clone()).unwrap_or_default();
    Violation {
        code: consumer_broken::META.code,
        rule: consumer_broken::META.name,
        contract: None,
        element: consumer.consumer.clone(),
        message: format!("breaks {} (owner {}): {why}", consumer.consumer, consumer.owner),
        place: first.and_then(|r| r.place.clone()),
        hint: first.and_then(|r| r.hint.clone()),
        waived: consumer.waived.clone(),
    }
}

fn notices(request: &Request<'_>, report: &mut DiffReport, waiving: &Waiving<'_>) {
    let changed: BTreeSet<String> = report.contracts.iter().map(|c| c.contract.clone()).collect();
    let both = request.base.contracts.iter().chain(&request.head.contracts);
    let known: BTreeSet<String> =
        both.chain(request.beside).map(|c| c.id.clone()).chain(changed.clone()).collect();
    report.notices = waiving.notices(&changed, &known);
    let unknown = policy::unknown_rules(request.settings);
    report.notices.extend(unknown.into_iter().map(super::waive::notice));
    // What could not be read of the base was not compared.
    let unread = request.base.diagnostics.iter().filter(|d| {
        // A document that is the same on both sides bears the head's name.
        let same = |c: &Arc<Contract>| c.source.name == d.source.name;
        d.severity == crate::diagnostic::Severity::Error && !request.head.contracts.iter().any(same)
    });
    report.notices.extend(unread.map(|d| {
        let mut notice = super::waive::notice(d.clone());
        notice.severity = crate::check::report::Level::Warning;
        notice.message = format!("the base's document has errors: {}", notice.message);
        notice.hint = Some("it was compared as far as it can be understood".to_owned());
        notice
    }));
}

impl DiffReport {
    /// Holds tightened and added clauses against the last releases, where there is a warehouse.
    ///
    /// # Errors
    /// When a ledger or a released file cannot be read.
    pub async fn backtest(
        &mut self,
        head: &Snapshot,
        backtesting: Option<&Backtesting<'_>>,
    ) -> Result<()> {
        let Some(backtesting) = backtesting else {
            self.not_executed.push(NotExecuted {
                what: "backtest",
                reason: "there is no warehouse with releases to hold the clauses against"
                    .to_owned(),
            });
            return Ok(());
        };
        for report in &mut self.contracts {
            let same = |h: &&Arc<Contract>| {
                h.id == report.contract && Some(&h.version_text) == report.head_version.as_ref()
            };
            if let Some(contract) = head.contracts.iter().find(same) {
                backtesting.run(contract, &mut report.findings).await?;
            }
        }
        Ok(())
    }
}
