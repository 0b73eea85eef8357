//! Publish: turns a delivery that passes into a release, atomically, or changes nothing.
//!
//! Staged files are at their final paths and become visible only by commits. The ledger's append is
//! the commit point: a crash before it is invisible to readers, and the next publish works without
//! repair.

mod checksum;
mod commit;
mod convert;
mod guarantees;
mod names;
mod places;
mod provenance;
mod stage;
mod staged_table;
mod standing;
mod version;
mod writer;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::check::report::{Level, Notice, Outcome};
use crate::check::{Checked, Delivery, Options, Released, Report, check};
use crate::contract::hash::{contract_hash, marks};
use crate::contract::lint::{refuse_unpublishable_names, refuse_unusable_names};
use crate::contract::{Contract, types, yaml};
use crate::diagnostic::Source;
use crate::error::{Error, Remedy, Result};
use crate::project::{Consumer, Settings};
use crate::warehouse::{Attempt, ContractFolder, Entry, Ledger, Warehouse};

pub use provenance::{Provenance, publisher};
pub use writer::StageLimits;

use commit::Committed;
use places::Places;
use stage::Staged;
use standing::{Begun, current_of_major, published_as};

/// What to publish.
pub struct Request<'a> {
    /// The contract.
    pub contract: &'a Contract,
    /// The files of every table of the contract.
    pub delivery: &'a Delivery,
    /// The destination.
    pub warehouse: &'a Warehouse,
    /// How to check.
    pub options: &'a Options<'a>,
    /// What changes of contracts need.
    pub settings: &'a Settings,
    /// The project's consumers: a policy may depend on whom a change affects.
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
/// When the call is wrong, the contract may not be published as it is, or the run could not be
/// finished. A delivery that fails its check is not an error: the report says `rejected`.
pub async fn publish(request: &Request<'_>) -> Result<Report> {
    let contract = request.contract;
    refuse_unusable_names(contract)?;
    refuse_unpublishable_names(contract)?;
    require_every_table(contract, request.delivery)?;
    let folder = request.warehouse.contract(&contract.id);
    let entries = Ledger::read(&folder).await?.entries()?;
    let begun = Begun::with(&entries);
    let hash = contract_hash(contract);
    let known = published_as(&entries, &request.provenance.publish_id);
    match known {
        // A retry is judged by its data, not by a version that was in order when it was released.
        Some(known) => standing::refuse_other_contract(known, contract, &hash)?,
        None => refuse_version(request, &folder, &entries, &hash).await?,
    }
    if known.is_none() {
        standing::next_time(&entries, chrono::Utc::now())?;
    }
    names::refuse_taken(request).await?;
    let neighbours = request.options.neighbours;
    let released = Released::read(contract, neighbours, Some(request.warehouse)).await?;
    // Staging reads every value, and readers get what it saw: no footer is believed.
    let options = Options { trust_statistics: false, ..request.options.clone() };
    let mut checked = check(contract, request.delivery, &released, &options).await?;
    if request.dry_run {
        return Ok(dry(request, checked));
    }
    if known.is_none() && !checked.report.passed() {
        return reject(request, &folder, checked, &entries).await;
    }
    request.warehouse.prepare()?;
    let places = Places::after(contract, &folder, &entries).await?;
    checked.report.notices.extend(places.notices.iter().cloned());
    if let Some(known) = known {
        return again(request, &folder, &places, (&checked, &released), known).await;
    }
    let staged = stage(request, &folder, &places, &checked, &released).await?;
    let committed = commit::commit(request, &folder, &staged, &checked, &hash, &begun).await?;
    Ok(finished(request, &folder, checked, committed))
}

/// What would happen, also for a rejected delivery.
fn dry(request: &Request<'_>, checked: Checked) -> Report {
    let mut report = checked.report;
    if !report.passed() {
        report.outcome = Some(Outcome::Rejected);
    }
    report.attempt = Some(request.provenance.publish_id.clone());
    report
}

/// A publish under an id that a release has: the same data again is that release, other data is a
/// mistake. What the clauses say today (of ages, of drift against what came since) does not matter.
async fn again(
    request: &Request<'_>,
    folder: &ContractFolder,
    places: &Places,
    (checked, released): (&Checked, &Released),
    known: &Entry,
) -> Result<Report> {
    let staged = match stage(request, folder, places, checked, released).await {
        Ok(staged) => staged,
        // A delivery that cannot be stored is not the released one.
        Err(error) if error.remedy() == Remedy::Mend => {
            return Err(standing::other_data(known).caused_by(error));
        }
        Err(error) => return Err(error),
    };
    let is_same = standing::has_checksums(known, &staged.checksums());
    staged.remove();
    if !is_same {
        return Err(standing::other_data(known));
    }
    let settled = commit::settle(request.contract, folder, &known.publish_id).await;
    let mut report = already_published(request.contract, known);
    report.notices.extend(settled.err().map(unsettled));
    report.notices.extend(commit::loss(folder, known).await?.map(|error| lost(known, &error)));
    Ok(report)
}

/// Stages the delivery; nothing is left of it when a file has changed since it was checked.
async fn stage(
    request: &Request<'_>,
    folder: &ContractFolder,
    places: &Places,
    checked: &Checked,
    released: &Released,
) -> Result<Staged> {
    let contract = request.delivery.naming(request.contract);
    let schemas = stage::schemas(&contract, checked, released)?;
    let staged = match Staged::write(request, folder, places, checked, schemas).await {
        Ok(staged) => staged,
        // A file that changed meanwhile explains any failure.
        Err(error) => return request.delivery.verify_unchanged().and(Err(error)),
    };
    // Unlike a check, a release outlives its delivery: file times are not enough to vouch for it.
    if let Err(changed) = request.delivery.verify_content() {
        staged.remove();
        return Err(changed);
    }
    Ok(staged)
}

fn finished(
    request: &Request<'_>,
    folder: &ContractFolder,
    checked: Checked,
    committed: Committed,
) -> Report {
    let mut report = checked.report;
    report.outcome = Some(committed.outcome);
    report.release = committed.release;
    report.attempt = Some(request.provenance.publish_id.clone());
    report.notices.extend(committed.unsettled.map(unsettled));
    if committed.outcome == Outcome::Conflict {
        keep(request, folder, &report, "conflict");
    }
    report
}

/// The release of a retried id stands, even where its data can no longer be read.
fn lost(known: &Entry, error: &Error) -> Notice {
    let number = known.release.unwrap_or_default();
    Notice {
        code: error.code().to_owned(),
        severity: Level::Warning,
        message: format!("release {number} is lost: {}", error.message()),
        place: error.place().unwrap_or_default().to_owned(),
        hint: Some("publish the data under another id".to_owned()),
    }
}

/// The outcome stands, although other readers of the Delta tables may see another state for a
/// while.
fn unsettled(error: Error) -> Notice {
    Notice {
        code: error.code().to_owned(),
        severity: Level::Warning,
        message: format!(
            "the Delta heads could not be made those of the current release: {}",
            error.message()
        ),
        place: error.place().unwrap_or_default().to_owned(),
        hint: Some("the next publish does it; queries through Pactum are not affected".to_owned()),
    }
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

/// Refuses a version that may not follow what was released.
async fn refuse_version(
    request: &Request<'_>,
    folder: &ContractFolder,
    entries: &[Entry],
    hash: &str,
) -> Result<()> {
    match current_of_major(entries, request.contract.version.major) {
        Some(previous) => version::refuse(request, folder, previous, hash).await,
        None => version::refuse_lower_major(request.contract, entries),
    }
}

/// Whether a released document serves later comparisons as well as the contract: elements are
/// followed by the released ids, and deprecation is counted by the released marks.
fn says_the_same(text: &str, contract: &Contract) -> bool {
    let source = Arc::new(Source::new("release", text));
    text == contract.source.text
        || yaml::parse(&source).is_ok_and(|tree| marks(&tree) == marks(&contract.tree))
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

async fn reject(
    request: &Request<'_>,
    folder: &ContractFolder,
    checked: Checked,
    entries: &[Entry],
) -> Result<Report> {
    let id = &request.provenance.publish_id;
    let mut report = checked.report;
    report.outcome = Some(Outcome::Rejected);
    report.attempt = Some(id.clone());
    request.warehouse.prepare()?;
    keep(request, folder, &report, "rejected");
    if entries.iter().any(Entry::is_release) {
        // A head that a dead publisher left is put right by the next one, whatever comes of it.
        let settled = commit::settle(request.contract, folder, id).await;
        report.notices.extend(settled.err().map(unsettled));
    }
    Ok(report)
}

/// Keeps the report of an attempt; failing to keep it does not change the outcome.
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

/// The columns of a table that hold classified values, by their stored names.
fn classified(contract: &Contract, table: &str, public: &[String]) -> Vec<String> {
    contract
        .table(table)
        .map(|t| {
            let secret = t.stored_columns().filter(|c| c.classified(public));
            secret.map(|c| c.stored().to_owned()).collect()
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
