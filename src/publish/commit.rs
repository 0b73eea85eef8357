//! Commit: the SQL names, the Delta heads, then the ledger. The append to the ledger is what makes a
//! release.

use std::collections::BTreeMap;

use arrow::datatypes::DataType;
use chrono::Utc;

use crate::check::report::Outcome;
use crate::check::{Checked, Report};
use crate::contract::Contract;
use crate::contract::model::Column;
use crate::contract::types::plain;
use crate::engine::Footers;
use crate::error::{Error, Remedy, Result};
use crate::query::stored_types;
use crate::warehouse::{
    Append, ContractFolder, Entry, Head, Ledger, Release, TableVersion, is_lost,
};

use super::places::is_of;
use super::stage::Staged;
use super::standing::{Begun, Bid, Next, Standing, current_of_major, standing};
use super::{Request, evidence, names, version};

/// Times that a publish rebases before it gives up.
const REBASES: usize = 8;

/// The versions that a publish has made the heads of its tables, by table.
type Put = BTreeMap<String, TableVersion>;

/// The outcome of a commit.
pub(super) struct Committed {
    pub outcome: Outcome,
    pub release: Option<u64>,
    /// Why the Delta heads could not be set to the current release: the next publish does it.
    pub unsettled: Option<Error>,
}

/// Commits staged tables as the next release.
///
/// A full replace whose clauses look at no other release may be rebased on the current release.
/// When it cannot, or fails, every head is reset to the current release, and only then are the
/// staged files removed. Where the ledger cannot be read, nothing is removed: it may name them.
pub(super) async fn commit(
    request: &Request<'_>,
    folder: &ContractFolder,
    staged: &Staged,
    checked: &Checked,
    hash: &str,
    begun: &Begun,
) -> Result<Committed> {
    let id = &request.provenance.publish_id;
    let mut bid = Bid {
        publish_id: id,
        contract: request.contract,
        hash,
        checksums: staged.checksums(),
        looked_back: checked.looked_back,
        begun,
        lost: None,
    };
    let mut put = Put::new();
    let attempt = try_commit(request, folder, staged, &checked.report, &mut bid, &mut put).await;
    let settled = settle(request.contract, folder, id).await;
    let entries = match &settled {
        Ok(entries) => Ok(entries.clone()),
        Err(_) => read_entries(folder).await,
    };
    let unsettled = settled.err();
    // The ledger decides, not the answer that came back.
    match entries {
        Ok(entries) => {
            if let Some(entry) = entries.iter().find(|e| is_own(e, id, &put)) {
                let (outcome, release) = (Outcome::Released, entry.release);
                return Ok(Committed { outcome, release, unsettled });
            }
            staged.remove();
            let (outcome, release) = attempt?;
            Ok(Committed { outcome, release, unsettled })
        }
        Err(unreadable) => match attempt? {
            (Outcome::Released, release) => {
                let unsettled = Some(unreadable);
                Ok(Committed { outcome: Outcome::Released, release, unsettled })
            }
            _ => Err(unreadable),
        },
    }
}

/// Whether this process appended an entry: another one may have used the same id, but not made the
/// same versions of the tables.
fn is_own(entry: &Entry, id: &str, put: &Put) -> bool {
    entry.is_release() && entry.publish_id == id && &entry.tables == put
}

async fn read_entries(folder: &ContractFolder) -> Result<Vec<Entry>> {
    Ledger::read(folder).await?.entries()
}

/// Makes the head of each table that of the newest release of its major, and returns the ledger's
/// entries.
///
/// A publish may append its entry between the reading and the settling, and this would then undo the
/// heads that it has settled: so the ledger is read again, until nothing is new.
pub(super) async fn settle(
    contract: &Contract,
    folder: &ContractFolder,
    id: &str,
) -> Result<Vec<Entry>> {
    let mut ledger = Ledger::read(folder).await?;
    loop {
        let entries = ledger.entries()?;
        // Before there is a ledger no table has a head, and nothing is cleared without having read one.
        if ledger.exists() {
            settle_heads(contract, folder, id, &entries).await?;
        }
        let newer = Ledger::read(folder).await?;
        if newer.is_same_reading(&ledger) {
            return Ok(entries);
        }
        ledger = newer;
    }
}

async fn try_commit(
    request: &Request<'_>,
    folder: &ContractFolder,
    staged: &Staged,
    report: &Report,
    bid: &mut Bid<'_>,
    put: &mut Put,
) -> Result<(Outcome, Option<u64>)> {
    names::claim(request).await?;
    let mut ledger = Ledger::read(folder).await?.created(bid.publish_id).await?;
    for _ in 0..REBASES {
        let entries = ledger.entries()?;
        let next = match standing(&entries, bid, Utc::now())? {
            Standing::Published(entry) => return Ok((Outcome::Unchanged, entry.release)),
            Standing::Unchanged(entry) => match loss(folder, entry).await? {
                None => return Ok((Outcome::Unchanged, entry.release)),
                Some(_) => {
                    bid.lost = entry.release;
                    continue;
                }
            },
            Standing::Overtaken => return Ok((Outcome::Conflict, None)),
            Standing::Next(next) => next,
        };
        if !version_still_fits(request, folder, &entries, bid).await?
            || !types_still_fit(request, folder, staged, &entries, bid).await?
        {
            return Ok((Outcome::Conflict, None));
        }
        *put = put_heads(folder, staged, bid.publish_id).await?;
        let entry = entry(request, report, bid.hash, &next, put.clone());
        match ledger.append(&entry).await? {
            Append::Appended => return Ok((Outcome::Released, Some(next.release))),
            Append::Conflict => ledger = Ledger::read(folder).await?,
        }
    }
    Ok((Outcome::Conflict, None))
}

/// What is lost of a release: it is compared before it counts as existing.
pub(super) async fn loss(folder: &ContractFolder, entry: &Entry) -> Result<Option<Error>> {
    Release::of_entry(folder, entry.clone())?.loss().await
}

/// Whether the contract's version may follow a release that came after the publish began.
async fn version_still_fits(
    request: &Request<'_>,
    folder: &ContractFolder,
    entries: &[Entry],
    bid: &Bid<'_>,
) -> Result<bool> {
    let current = current_of_major(entries, request.contract.version.major);
    let Some(newer) = current.filter(|current| bid.begun.precedes(current)) else {
        return Ok(true);
    };
    match version::refuse(request, folder, newer, bid.hash).await {
        Ok(()) => Ok(true),
        Err(error) if error.remedy() == Remedy::Mend => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether a release that came after the publish began serves the types that are staged.
async fn types_still_fit(
    request: &Request<'_>,
    folder: &ContractFolder,
    staged: &Staged,
    entries: &[Entry],
    bid: &Bid<'_>,
) -> Result<bool> {
    let current = current_of_major(entries, request.contract.version.major);
    let Some(newer) = current.filter(|current| bid.begun.precedes(current)) else {
        return Ok(true);
    };
    let release = Release::of_entry(folder, newer.clone())?;
    for table in &staged.tables {
        let Some(declared) = release.contract.table(&table.name) else { continue };
        let known = match stored_types(Some(&release), declared, &Footers::default()).await {
            Ok(known) => known,
            // What is lost of it is published again.
            Err(error) if is_lost(&error) => continue,
            Err(error) => return Err(error),
        };
        let differs = |(column, data_type): &(String, DataType)| {
            let physical = declared.column(column).map_or(column.as_str(), Column::stored);
            let own = table.schema.field_with_name(physical);
            own.is_ok_and(|own| plain(own.data_type()) != plain(data_type))
        };
        if known.iter().any(differs) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn entry(request: &Request<'_>, report: &Report, hash: &str, next: &Next, tables: Put) -> Entry {
    Entry {
        sequence: next.sequence,
        kind: "release".to_owned(),
        release: Some(next.release),
        base_release: next.base_release,
        major: Some(request.contract.version.major),
        publish_id: request.provenance.publish_id.clone(),
        tables,
        contract_version: Some(request.contract.version_text.clone()),
        contract_hash: Some(hash.to_owned()),
        contract: Some(request.contract.source.text.clone()),
        report: Some(kept(request, report, next.release)),
        depends_on: report.depends_on.clone(),
        time: next.time,
        publisher: request.provenance.publisher.clone(),
        run_id: request.provenance.run_id.clone(),
        sources: request.provenance.sources.clone(),
        labels: request.provenance.labels.clone(),
        format_version: 1,
    }
}

fn kept(request: &Request<'_>, report: &Report, number: u64) -> String {
    let mut kept = evidence(request, report);
    kept.outcome = Some(Outcome::Released);
    kept.release = Some(number);
    kept.attempt = Some(request.provenance.publish_id.clone());
    serde_json::to_string(&kept).unwrap_or_default()
}

async fn put_heads(folder: &ContractFolder, staged: &Staged, id: &str) -> Result<Put> {
    let mut tables = Put::new();
    for table in &staged.tables {
        let head = Head::new(folder.table(&table.path));
        let version = head.put(&table.files, &table.schema, id).await?;
        tables.insert(
            table.name.clone(),
            TableVersion {
                path: table.path.clone(),
                version,
                rows: table.rows,
                checksum: table.checksum.clone(),
            },
        );
    }
    Ok(tables)
}

/// A publish that died may have been of any major: all are looked at, the own one first.
async fn settle_heads(
    contract: &Contract,
    folder: &ContractFolder,
    id: &str,
    entries: &[Entry],
) -> Result<()> {
    let heads = Heads { folder, id, entries };
    let own = contract.version.major;
    heads.restore(own).await?;
    let declared = contract.tables.iter().map(|table| ContractFolder::table_path(own, table));
    heads.clear(own, declared.collect()).await?;
    for major in folder.majors()?.into_iter().filter(|major| *major != own) {
        match heads.settle_other(major).await {
            // Damage of another major does not concern this publish: readers of that major are told.
            Err(error) if !is_lost(&error) => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// The heads of a contract's tables, and what its ledger says of them.
struct Heads<'a> {
    folder: &'a ContractFolder,
    id: &'a str,
    entries: &'a [Entry],
}

impl Heads<'_> {
    async fn settle_other(&self, major: u64) -> Result<()> {
        self.restore(major).await?;
        // Tables of a major that was never released are those of its first publish, which has died.
        match current_of_major(self.entries, major) {
            Some(_) => Ok(()),
            None => self.clear(major, self.folder.table_paths(major)?).await,
        }
    }

    /// The tables of a major's current release.
    fn released(&self, major: u64) -> impl Iterator<Item = &TableVersion> {
        current_of_major(self.entries, major).into_iter().flat_map(|e| e.tables.values())
    }

    /// Makes the heads of a major's current release those of that release.
    async fn restore(&self, major: u64) -> Result<()> {
        for table in self.released(major) {
            Head::new(self.folder.table(&table.path)).restore(table.version, self.id).await?;
        }
        Ok(())
    }

    /// Empties the heads of tables that the current release of their major does not have.
    async fn clear(&self, major: u64, paths: Vec<String>) -> Result<()> {
        for path in paths {
            let is_released = self.released(major).any(|table| is_of(&table.path, &path));
            if !is_released {
                Head::new(self.folder.table(&path)).clear(self.id).await?;
            }
        }
        Ok(())
    }
}
