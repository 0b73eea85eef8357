//! The contract's version against the last released one: versions rise, and by as much as the
//! changes need.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::compat::{self, Base, Registered};
use crate::contract::Contract;
use crate::contract::hash::contract_hash;
use crate::contract::model::Version;
use crate::error::{Error, Result};
use crate::project::Snapshot;
use crate::query::Catalog;
use crate::warehouse::{ContractFolder, Entry, Release};

use super::Request;

/// Refuses a contract whose version is older than the released one, or whose step is too small for
/// what changed: the rules of `pactum diff`.
pub(super) async fn refuse(
    request: &Request<'_>,
    folder: &ContractFolder,
    previous: &Entry,
    hash: &str,
) -> Result<()> {
    refuse_older(request, previous)?;
    if previous.contract_hash.as_deref() == Some(hash) {
        return Ok(());
    }
    let released = Release::of_entry(folder, previous.clone())?;
    // The ledger's hash may come from an earlier algorithm.
    if contract_hash(&released.contract) == hash {
        return Ok(());
    }
    refuse_small_step(request, released).await
}

/// A major that was never released does not begin below one that was: bare names would fall back to it.
pub(super) fn refuse_lower_major(contract: &Contract, entries: &[Entry]) -> Result<()> {
    let releases = entries.iter().filter(|e| e.is_release());
    let greatest = releases.filter_map(|e| e.major).max().unwrap_or_default();
    if contract.version.major >= greatest {
        return Ok(());
    }
    let message =
        format!("major {greatest} is released, and major {} never was", contract.version.major);
    Err(Error::mend("older-version", message)
        .at(contract.source.name.clone())
        .hint("versions only rise: publish under a higher one"))
}

fn refuse_older(request: &Request<'_>, previous: &Entry) -> Result<()> {
    let contract = request.contract;
    let text = previous.contract_version.clone().unwrap_or_default();
    let released: Version = text.parse().unwrap_or(contract.version);
    let number = previous.release.unwrap_or_default();
    if contract.version >= released {
        return Ok(());
    }
    let message = format!(
        "release {number} has contract version {text}, this one is {}",
        contract.version_text
    );
    Err(Error::mend("older-version", message)
        .at(contract.source.name.clone())
        .hint("publish with the newest contract"))
}

async fn refuse_small_step(request: &Request<'_>, released: Release) -> Result<()> {
    let contract = request.contract;
    let number = released.number();
    let base = Snapshot {
        consumers: request.consumers.to_vec(),
        settings: request.settings.clone(),
        ..Snapshot::of_contracts(format!("release {number}"), vec![Arc::new(released.contract)])
    };
    let head = Snapshot {
        name: contract.source.name.clone(),
        contracts: vec![Arc::new(contract.clone())],
        ..base.clone()
    };
    let catalog = Catalog::read(Some(request.warehouse), None).await?;
    let others = catalog.served.into_iter().map(|s| s.contract).filter(|c| c.id != contract.id);
    let neighbours = request.options.neighbours.iter().filter(|c| c.id != contract.id);
    let beside: Vec<_> = neighbours.cloned().map(Arc::new).chain(others).collect();
    let registered = Registered::all(request.warehouse, None)?;
    let report = compat::diff(&compat::Request {
        base: &base,
        head: &head,
        kind: Base::Served,
        served: &[],
        beside: &beside,
        released: &BTreeSet::new(),
        registered: Some(&registered),
        settings: request.settings,
        waivers: request.options.waivers,
        today: request.options.today,
        warehouse: Some(request.warehouse),
        limits: request.options.limits.clone(),
    })
    .await?;
    // Besides versions, the policy.
    let agreed = |v: &&compat::report::Violation| {
        v.waived.is_none()
            && v.contract.as_deref() == Some(contract.id.as_str())
            && v.rule != "bump-too-small"
    };
    if let Some(violation) = report.violations.iter().find(agreed) {
        let place = violation.place.as_ref().map(|p| p.position());
        let error = Error::mend(violation.rule, violation.message.clone())
            .at(place.unwrap_or_else(|| contract.source.name.clone()));
        return Err(match &violation.hint {
            Some(hint) => error.hint(hint.clone()),
            None => error,
        });
    }
    let Some(changed) = report.contracts.iter().find(|c| c.needs_version.is_some()) else {
        return Ok(());
    };
    let due = changed.findings.iter().filter(|f| f.counts_as == changed.needed);
    let due: Vec<String> =
        due.map(|f| format!("{}: {} ({})", f.element, f.message, f.code)).collect();
    let more = match due.len() {
        0..=3 => String::new(),
        n => format!("; and {} more", n - 3),
    };
    let first = due.iter().take(3).cloned().collect::<Vec<_>>().join("; ");
    let base_version = changed.base_version.clone().unwrap_or_default();
    let message = format!(
        "release {number} has contract version {base_version}, and what changed needs a {} step: {first}{more}",
        changed.needed.word()
    );
    let place = changed.version_place.as_ref().map(|p| p.position());
    let version = changed.needs_version.clone().unwrap_or_default();
    Err(Error::mend("bump-too-small", message)
        .at(place.unwrap_or_else(|| contract.source.name.clone()))
        .hint(format!(
            "set version: {version}; pactum diff --against release tells of every change"
        )))
}
