//! Publish: turns a delivery that passes into a release, atomically, or changes nothing.
//!
//! Staged files lie at their final paths and are visible by commits alone. The ledger's append is
//! the commit point: a crash before it is invisible to readers, and the next publish works without
//! repair.

mod checksum;
mod claims;
mod commit;
mod convert;
mod provenance;
mod stage;
mod version;
mod writer;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::check::report::Outcome;
use crate::check::{Checked, Delivery, Options, Released, Report, check};
use crate::contract::hash::{contract_hash, marks};
use crate::contract::{Contract, types, yaml};
use crate::diagnostic::Source;
use crate::error::{Error, Result};
use crate::project::{Consumer, Settings};
use crate::warehouse::{Attempt, ContractFolder, Entry, Ledger, Release, Warehouse};

pub use provenance::{Provenance, publisher};
pub use writer::StageLimits;

use stage::Staged;

/// What is to be published.
pub struct Request<'a> {
    /// The contract.
    pub contract: &'a Contract,
    /// The files of every table of the contract.
    pub delivery: &'a Delivery,
    /// Where to.
    pub warehouse: &'a Warehouse,
    /// How to check.
    pub options: &'a Options<'a>,
    /// What changes of contracts need.
    pub settings: &'a Settings,
    /// The project's consumers: a policy may ask who feels a change.
    pub consumers: &'a [Consumer],
    /// Sizes of staged files.
    pub stage: StageLimits,
    /// Who, from where, with which labels.
    pub provenance: Provenance,
    /// Check and say what would happen, but change nothing.
    pub dry_run: bool,
}

/// Publishes a delivery.
///
/// # Errors
/// When the call is off, the contract may not be published as it is, or the run could not be
/// finished. A delivery that fails its check is no error: the report says `rejected`.
pub async fn publish(request: &Request<'_>) -> Result<Report> {
    let contract = request.contract;
    require_every_table(contract, request.delivery)?;
    let folder = request.warehouse.contract(&contract.id);
    request.warehouse.check_readable()?;
    let ledger = Ledger::read(folder.ledger()).await?;
    let hash = contract_hash(contract);
    let base = Base::of(&ledger)?;
    match base.of_major(contract.version.major) {
        Some(previous) => version::refuse(request, &folder, previous, &hash).await?,
        None => version::refuse_lower_major(contract, &base.releases)?,
    }
    let id = request.provenance.publish_id.clone();
    if let Some(known) = base.published_as(&id) {
        refuse_other_contract(known, contract, &hash)?;
        commit::settle(contract, &folder, &id).await?;
        return Ok(already_published(contract, known));
    }
    refuse_taken_name(request).await?;
    let neighbours = request.options.neighbours;
    let released = Released::read(contract, neighbours, Some(request.warehouse)).await?;
    // Staging reads every value, and readers are told what it saw: no footer is believed.
    let options = Options { trust_statistics: false, ..request.options.clone() };
    let checked = check(contract, request.delivery, &released, &options).await?;
    if !checked.report.passed() {
        let report = reject(request, &folder, checked)?;
        if !request.dry_run && base.current.is_some() {
            // A head that a dead publisher left is put right by whoever comes next.
            commit::settle(contract, &folder, &id).await?;
        }
        return Ok(report);
    }
    let schemas = stage::schemas(contract, &checked)?;
    if request.dry_run {
        let mut report = checked.report;
        report.attempt = Some(id);
        return Ok(report);
    }
    request.warehouse.prepare()?;
    let staged = match Staged::write(request, &folder, &checked, schemas).await {
        Ok(staged) => staged,
        // A file that changed meanwhile explains whatever went wrong.
        Err(error) => return request.delivery.verify_unchanged().and(Err(error)),
    };
    if let Err(changed) = request.delivery.verify_unchanged() {
        staged.remove();
        return Err(changed);
    }
    let (outcome, number) = if base.is_same(&staged, contract, &hash) {
        staged.remove();
        commit::settle(contract, &folder, &id).await?;
        (Outcome::Unchanged, base.number())
    } else {
        commit::commit(request, &folder, &staged, &checked, &hash, ledger).await?
    };
    let mut report = checked.report;
    report.outcome = Some(outcome);
    report.release = number;
    report.attempt = Some(id);
    if outcome == Outcome::Conflict {
        keep(request, &folder, &report, "conflict");
    }
    Ok(report)
}

fn require_every_table(contract: &Contract, delivery: &Delivery) -> Result<()> {
    if contract.tables.is_empty() {
        return Err(Error::mend("nothing-to-publish", "the contract declares no table")
            .at(contract.source.name.clone()));
    }
    let missing: Vec<&str> = contract
        .tables
        .iter()
        .map(|t| t.name.value.as_str())
        .filter(|name| delivery.files(name).is_none())
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(", ");
    Err(Error::usage("missing-table", format!("the delivery lacks {list}")).hint(format!(
        "a release holds every table of its contract: add {}=FILES",
        missing.first().unwrap_or(&"table")
    )))
}

/// What a publish stands on.
struct Base {
    /// The current release.
    current: Option<Entry>,
    /// Every release, oldest first; read only where one must be looked up.
    releases: Vec<Entry>,
}

impl Base {
    fn of(ledger: &Ledger) -> Result<Self> {
        let releases: Vec<Entry> =
            ledger.entries()?.into_iter().filter(Entry::is_release).collect();
        let current = releases.last().cloned();
        Ok(Self { current, releases })
    }

    /// The newest release of the contract's major.
    fn of_major(&self, major: u64) -> Option<&Entry> {
        self.releases.iter().rev().find(|e| e.major == Some(major))
    }

    fn number(&self) -> Option<u64> {
        self.current.as_ref().and_then(|e| e.release)
    }

    fn published_as(&self, id: &str) -> Option<&Entry> {
        self.releases.iter().find(|e| e.publish_id == id)
    }

    /// Whether content and contract are those of the current release.
    fn is_same(&self, staged: &Staged, contract: &Contract, hash: &str) -> bool {
        let Some(current) = &self.current else { return false };
        let checksums: BTreeMap<&str, &str> =
            staged.tables.iter().map(|t| (t.name.as_str(), t.checksum.as_str())).collect();
        let released: BTreeMap<&str, &str> =
            current.tables.iter().map(|(n, t)| (n.as_str(), t.checksum.as_str())).collect();
        current.contract_version.as_deref() == Some(&contract.version_text)
            && current.contract_hash.as_deref() == Some(hash)
            && current.contract.as_deref().is_none_or(|text| says_the_same(text, contract))
            && checksums == released
    }
}

/// Whether a released document tells later changes what a contract tells them: its elements are followed
/// by the ids, and their deprecation is counted by the marks, that were released.
fn says_the_same(text: &str, contract: &Contract) -> bool {
    let source = Arc::new(Source::new("release", text));
    text == contract.source.text
        || yaml::parse(&source).is_ok_and(|tree| marks(&tree) == marks(&contract.tree))
}

/// A publish id names one publish; the same contract is what a retry brings.
fn refuse_other_contract(known: &Entry, contract: &Contract, hash: &str) -> Result<()> {
    let same = known.contract_version.as_deref() == Some(&contract.version_text)
        && known.contract_hash.as_deref() == Some(hash);
    if same {
        return Ok(());
    }
    let number = known.release.unwrap_or_default();
    let version = known.contract_version.clone().unwrap_or_default();
    Err(Error::usage(
        "used-publish-id",
        format!(
            "publish id '{}' is that of release {number}, of contract {version}",
            known.publish_id
        ),
    )
    .hint("give this publish an id of its own"))
}

/// Two contracts of one warehouse with one SQL name could not both be read.
async fn refuse_taken_name(request: &Request<'_>) -> Result<()> {
    let own = &request.contract;
    for id in request.warehouse.contracts()?.iter().filter(|id| **id != own.id) {
        let Some(other) = Release::current(&request.warehouse.contract(id)).await? else {
            continue;
        };
        let name = &other.contract.sql_name.value;
        if name.eq_ignore_ascii_case(&own.sql_name.value) {
            return Err(Error::mend(
                "taken-name",
                format!("the warehouse has another contract with the SQL name '{name}': '{id}'"),
            )
            .at(own.source.name.clone())
            .hint("set custom property sqlName"));
        }
    }
    Ok(())
}

fn already_published(contract: &Contract, entry: &Entry) -> Report {
    let kept = entry.report.as_deref().and_then(|r| serde_json::from_str::<Report>(r).ok());
    let mut report = kept.unwrap_or_else(|| Report {
        contract: contract.id.clone(),
        sql_name: contract.sql_name.value.clone(),
        contract_version: entry.contract_version.clone().unwrap_or_default(),
        verdict: crate::check::report::Overall::Passed,
        outcome: None,
        release: None,
        attempt: None,
        tables: Vec::new(),
        depends_on: BTreeMap::new(),
        notices: Vec::new(),
    });
    report.outcome = Some(Outcome::Unchanged);
    report.release = entry.release;
    report.attempt = Some(entry.publish_id.clone());
    report
}

fn reject(request: &Request<'_>, folder: &ContractFolder, checked: Checked) -> Result<Report> {
    let mut report = checked.report;
    report.outcome = Some(Outcome::Rejected);
    report.attempt = Some(request.provenance.publish_id.clone());
    if !request.dry_run {
        request.warehouse.prepare()?;
        keep(request, folder, &report, "rejected");
    }
    Ok(report)
}

/// Keeps the report of an attempt; that it could not be kept does not change what came of it.
fn keep(request: &Request<'_>, folder: &ContractFolder, report: &Report, outcome: &str) {
    let attempt = Attempt {
        publish_id: request.provenance.publish_id.clone(),
        outcome: outcome.to_owned(),
        time: chrono::Utc::now(),
        publisher: request.provenance.publisher.clone(),
        contract_version: request.contract.version_text.clone(),
        report: serde_json::to_value(evidence(request, report)).unwrap_or_default(),
    };
    let _ = attempt.keep(folder);
}

/// A report as it may be kept.
fn evidence(request: &Request<'_>, report: &Report) -> Report {
    let public = request.options.public_classifications;
    report.evidence(|table, column| {
        let table = request.contract.table(table);
        table.and_then(|t| t.column(column)).is_some_and(|c| c.classified(public))
    })
}

/// The columns of a table that hold classified values, by their names in files.
fn classified(contract: &Contract, table: &str, public: &[String]) -> Vec<String> {
    contract
        .table(table)
        .map(|t| {
            let secret = t.stored_columns().filter(|c| c.classified(public));
            secret.map(|c| c.physical().to_owned()).collect()
        })
        .unwrap_or_default()
}

/// The stored type of a delivered one, as a refusal that names the column.
fn stored_type(
    table: &str,
    column: &str,
    delivered: &arrow::datatypes::DataType,
) -> Result<arrow::datatypes::DataType> {
    types::stored(delivered).map_err(|refusal| {
        Error::mend("unstorable-type", format!("column '{column}': {}", refusal.message))
            .at(format!("table {table}"))
            .hint(refusal.hint)
    })
}
