//! One diff: rules, consumers, policy, waivers, backtest, verdict.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::check::report::{Level, Notice, Overall};
use crate::contract::Contract;
use crate::contract::hash::contract_hash;
use crate::diagnostic::{Diagnostic, Severity, Span};
use crate::engine::in_parallel;
use crate::error::{Error, Result};
use crate::project::{Mode, Snapshot};
use crate::query::{Catalog, ConsumerPlan};

use super::backtest::Backtesting;
use super::consumers::{Decided, Findings, Planning, decide, touches};
use super::contracts::{Base, Matched, matched};
use super::facts::pair::Pair;
use super::finding::{Bump, Effect, Finding, Place};
use super::notices;
use super::policy;
use super::report::{ConsumerSummary, ContractReport, DiffReport, JudgedFinding, NotExecuted};
use super::request::Request;
use super::rules::{contract_removed, status_withdrawn};
use super::semver::{VersionStep, exemption};
use super::unplanned;
use super::unread::{Readable, plannable};
use super::verdict;
use super::waive::Waiving;

/// Compares, plans, judges.
///
/// # Errors
/// When a ledger cannot be read.
pub async fn diff(request: &Request<'_>) -> Result<DiffReport> {
    let readable = Readable::of(request.base, request.head);
    let limits = request.limits.clone();
    let request = &Request { head: &readable.head, limits, ..*request };
    let matched = matched(&request.base.contracts, &request.head.contracts, request.kind);
    let mut contracts = compare_all(&matched, None, request);
    if !request.served.is_empty() {
        let served =
            super::contracts::matched(request.served, &request.head.contracts, Base::Served);
        let name = |m: &Matched| {
            m.base.as_ref().map(|b| format!("{} as served", b.version_text)).unwrap_or_default()
        };
        // What the base itself says is reported already.
        let is_told = |m: &Matched| {
            let same = |b: &Arc<Contract>, served: &Contract| {
                b.id == served.id && contract_hash(b) == contract_hash(served)
            };
            let told = |served: &Contract| request.base.contracts.iter().any(|b| same(b, served));
            m.base.as_deref().is_none_or(told)
        };
        for one in served.iter().filter(|m| !is_told(m)) {
            contracts.extend(compare_all(std::slice::from_ref(one), Some(name(one)), request));
        }
    }
    for report in &mut contracts {
        unplanned::judge(request, report).await;
    }
    let (planned, kept) = plannable(request.base, request.head);
    let decided = consumers(request, &planned, &matched, &mut contracts)?;
    let waiving = Waiving::new(request.waivers, request.today);
    let mut report = DiffReport {
        verdict: Overall::Passed,
        base: request.base.name.clone(),
        head: request.head.name.clone(),
        mode: request.settings.diff.mode,
        contracts,
        consumers: ConsumerSummary::default(),
        violations: Vec::new(),
        raised: Vec::new(),
        not_executed: readable.not_executed.into_iter().chain(kept).collect(),
        notices: readable.errors,
    };
    verdict::count(request, &mut report, &decided, &waiving);
    verdict::gone(&mut report, &waiving);
    verdict::versions(request.head, &mut report, &waiving);
    verdict::approvals(&mut report, &waiving);
    verdict::removals(request, &mut report, &waiving).await?;
    report.violations.extend(policy::reserved_names(request.head, request.settings, &waiving));
    verdict::endpoints(&mut report, decided.endpoints, &waiving);
    let labels = request.registered.map(|_| decided.consumers.iter().map(|c| c.label()).collect());
    report.consumers = verdict::summary(decided.consumers, &mut report.violations, &waiving);
    notices::notices(request, &mut report, labels, &waiving);
    notices::replaced_documents(request, &mut report);
    report.settle();
    Ok(report)
}

/// The reports of the contracts that changed.
fn compare_all(
    matched: &[Matched],
    against: Option<String>,
    request: &Request<'_>,
) -> Vec<ContractReport> {
    // A contract that was not touched may be read differently where the settings changed.
    let everything = request.public().differs();
    let changed: Vec<&Matched> =
        matched.iter().filter(|m| everything || !m.is_untouched()).collect();
    let mut reports: Vec<Option<ContractReport>> = changed.iter().map(|_| None).collect();
    let beside =
        |m: &Matched| {
            let old = m.base.as_deref();
            m.is_next_major()
                && request.head.contracts.iter().any(|h| {
                    old.is_some_and(|b| h.id == b.id && h.version.major == b.version.major)
                })
        };
    let work = |m: &&Matched| contract_report(m, against.clone(), beside(m), request);
    in_parallel(&changed, request.limits.threads, work, |n, report| reports[n] = Some(report));
    let is_said = |r: &ContractReport| {
        !r.findings.is_empty() || r.base_version.is_none() || r.made != Some(VersionStep::None)
    };
    let mut reports: Vec<ContractReport> = reports.into_iter().flatten().filter(is_said).collect();
    reports.sort_by(|a, b| (&a.contract, &a.base_version).cmp(&(&b.contract, &b.base_version)));
    reports
}

fn contract_report(
    matched: &Matched,
    against: Option<String>,
    is_beside: bool,
    request: &Request<'_>,
) -> ContractReport {
    let (settings, terms) = (request.settings, request.terms());
    let (base, head) = (matched.base.as_deref(), matched.head.as_deref());
    let findings = match (base, head) {
        (Some(base), Some(head)) => {
            let mut found = super::compare(base, head, terms);
            // Under a status that the policy exempts, nothing is promised.
            let exempts = |c: &Contract| settings.diff.exempts(c.status.as_deref());
            let known = |f: &Finding| f.meta == &status_withdrawn::META;
            if exempts(head) && !exempts(base) && !found.iter().any(known) {
                found.push(status_withdrawn::of(&Pair::new(base, head, terms)));
            }
            found
        }
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
        made: base.zip(head).map(|(b, h)| VersionStep::between(b.version, h.version)),
        needs_version: None,
        exempt: base.and_then(|b| exemption(b, &settings.diff)),
        findings: findings.into_iter().map(JudgedFinding::of).collect(),
        version_place: place,
        note: None,
        base_major: base.map(|b| b.version.major),
        head_major: head.map(|h| h.version.major),
        is_beside,
    }
}

/// Changes between the majors that a bare name means on the two sides, where they are two documents.
fn changed_places(
    request: &Request<'_>,
    matched: &[Matched],
) -> Vec<((u64, Option<u64>), Finding)> {
    let defaults = |side: &Snapshot, kept: Vec<Arc<Contract>>| -> HashMap<String, Arc<Contract>> {
        let all = side.contracts.iter().chain(request.beside).cloned().chain(kept);
        let served = Catalog::declared(all, &side.settings).served;
        let defaults = served.into_iter().filter(|s| s.is_default);
        defaults.map(|s| (s.contract.id.clone(), s.contract)).collect()
    };
    let kept = replaced(request, matched);
    let (before, after) = (defaults(request.base, Vec::new()), defaults(request.head, kept));
    let mut found = Vec::new();
    for (id, base) in &before {
        let other = |h: &&Arc<Contract>| h.version.major != base.version.major;
        // Matched contracts are compared already.
        let told = |h: &Arc<Contract>| {
            matched.iter().any(|m| {
                m.base.as_ref().is_some_and(|b| Arc::ptr_eq(b, base))
                    && m.head.as_ref().is_some_and(|own| Arc::ptr_eq(own, h))
            })
        };
        let Some(head) = after.get(id).filter(other).filter(|h| !told(h)) else { continue };
        let majors = (base.version.major, Some(head.version.major));
        let changes = super::compare(base, head, request.terms()).into_iter();
        // The status was not changed: the name means another document.
        let changes = changes.filter(|finding| finding.element != "status");
        found.extend(changes.map(|finding| (majors, finding)));
    }
    found
}

/// Contracts that were replaced by their next major and are served beside it.
fn replaced(request: &Request<'_>, matched: &[Matched]) -> Vec<Arc<Contract>> {
    let bases = matched.iter().filter(|m| m.is_next_major()).filter_map(|m| m.base.clone());
    bases.filter(|base| request.keeps(base)).collect()
}

/// Plans the consumers, and notes with each finding whom it affects.
fn consumers(
    request: &Request<'_>,
    head: &Snapshot,
    matched: &[Matched],
    contracts: &mut [ContractReport],
) -> Result<Decided> {
    let planning = Planning {
        base: request.base,
        head,
        matched,
        beside: request.beside,
        replaced: &replaced(request, matched),
        concerns_all: request.public().differs(),
        registered: request.registered.unwrap_or_default(),
        limits: request.limits.clone(),
    };
    let majors = |c: &ContractReport| (c.base_major.unwrap_or_default(), c.head_major);
    let findings: Vec<((u64, Option<u64>), Finding)> = contracts
        .iter()
        .filter(|c| c.against.is_none())
        .flat_map(|c| c.findings.iter().map(|f| (majors(c), f.finding.clone())))
        .collect();
    let mut known: Findings<'_> = HashMap::new();
    for (majors, finding) in &findings {
        known.entry(finding.contract.as_str()).or_default().push((*majors, finding));
    }
    let moved = changed_places(request, matched);
    for (majors, finding) in &moved {
        known.entry(finding.contract.as_str()).or_default().push((*majors, finding));
    }
    let decided = decide(&planning, &known)?;
    let mut readers: HashMap<&str, Vec<(&String, &ConsumerPlan)>> = HashMap::new();
    for (name, plan) in &decided.readers {
        let ids: BTreeSet<&str> = plan.tables.iter().map(|t| t.contract.as_str()).collect();
        for id in ids {
            readers.entry(id).or_default().push((name, plan));
        }
    }
    for contract in contracts {
        let major = contract.base_major.unwrap_or_default();
        // Where the old major stays, the new one affects no consumer.
        let own = readers.get(contract.contract.as_str()).filter(|_| !contract.is_beside);
        let own = own.map(Vec::as_slice).unwrap_or_default();
        for judged in &mut contract.findings {
            let reads = own.iter().filter(|(_, p)| touches(p, major, &judged.finding));
            judged.felt_by = reads.map(|(name, _)| (*name).clone()).collect();
            let element = (contract.contract.clone(), judged.element.clone());
            if judged.finding.allowed.is_some() && decided.missed.contains(&element) {
                judged.reader = Effect::Breaking;
                judged.finding.reader = Effect::Breaking;
            }
        }
    }
    Ok(decided)
}

impl DiffReport {
    /// The report of a comparison that could not be made.
    pub fn of_error(error: &Error) -> Self {
        let mut notices: Vec<Notice> =
            error.diagnostics().iter().cloned().map(Into::into).collect();
        if notices.is_empty() {
            notices.push(Notice {
                code: error.code().to_owned(),
                severity: Level::Error,
                place: error.place().unwrap_or_default().to_owned(),
                message: error.message().to_owned(),
                hint: error.next_step().map(str::to_owned),
            });
        }
        let mut report = Self {
            verdict: Overall::Failed,
            base: String::new(),
            head: String::new(),
            mode: Mode::default(),
            contracts: Vec::new(),
            consumers: ConsumerSummary::default(),
            violations: Vec::new(),
            raised: Vec::new(),
            not_executed: Vec::new(),
            notices,
        };
        report.settle();
        report
    }

    /// Checks tightened and added clauses against the last releases, where there is a warehouse.
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
                let is_own = |d: &&Diagnostic| {
                    d.severity == Severity::Error && d.source.name == contract.source.name
                };
                if head.diagnostics.iter().any(|d| is_own(&d)) {
                    let reason = format!("{} has errors", contract.source.name);
                    self.not_executed.push(NotExecuted { what: "backtest", reason });
                    continue;
                }
                let major = report.base_major.unwrap_or(contract.version.major);
                backtesting.run(contract, major, &mut report.findings).await?;
            }
        }
        Ok(())
    }
}
