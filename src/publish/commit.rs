//! Commit: the Delta heads, then the ledger. The append to the ledger is what makes a release.

use chrono::{DateTime, Duration, Utc};

use crate::check::report::Outcome;
use crate::check::{Checked, Report};
use crate::contract::Contract;
use crate::error::{Error, Result};
use crate::warehouse::{Append, ContractFolder, Entry, Head, Ledger, TableVersion};

use super::stage::Staged;
use super::{Request, evidence, version};

/// Times that a publish takes up a newer base before it gives way.
const REBASES: usize = 8;

/// Commits staged tables as the next release.
///
/// A full replace whose clauses look at no other release may be rebased on whatever is current. When it
/// cannot, or fails, every head is put back to the current release, and only then are the staged
/// files removed. Where the ledger cannot be read, nothing is removed: it may name them.
pub(super) async fn commit(
    request: &Request<'_>,
    folder: &ContractFolder,
    staged: &Staged,
    checked: &Checked,
    hash: &str,
    ledger: Ledger,
) -> Result<(Outcome, Option<u64>)> {
    let attempt = try_commit(request, folder, staged, checked, hash, ledger).await;
    let entries = match settle(request.contract, folder, &request.provenance.publish_id).await {
        Ok(entries) => entries,
        Err(error) => return attempt.and(Err(error)),
    };
    // The ledger decides, not the error that came back.
    let id = &request.provenance.publish_id;
    if let Some(entry) = entries.iter().find(|e| e.is_release() && &e.publish_id == id) {
        return Ok((Outcome::Released, entry.release));
    }
    staged.remove();
    attempt
}

/// Makes the head of each of the contract's tables that of the newest release of its major, and
/// returns the ledger's entries.
///
/// A release that comes in between has settled its own heads, and these may undo it: whoever
/// commits last looks at the ledger last.
pub(super) async fn settle(
    contract: &Contract,
    folder: &ContractFolder,
    id: &str,
) -> Result<Vec<Entry>> {
    let mut ledger = Ledger::read(folder.ledger()).await?;
    loop {
        let entries = ledger.entries()?;
        settle_heads(contract, folder, id, &entries).await?;
        let newer = Ledger::read(folder.ledger()).await?;
        if newer.next_sequence() == ledger.next_sequence() {
            return Ok(entries);
        }
        ledger = newer;
    }
}

async fn try_commit(
    request: &Request<'_>,
    folder: &ContractFolder,
    staged: &Staged,
    checked: &Checked,
    hash: &str,
    mut ledger: Ledger,
) -> Result<(Outcome, Option<u64>)> {
    let start = ledger.next_sequence();
    for _ in 0..REBASES {
        let entries = ledger.entries()?;
        let base = entries.iter().rev().find(|e| e.is_release());
        if entries.iter().any(|e| e.kind == "gc" && e.sequence >= start) {
            return Err(Error::try_again("gc", "a clean-up began during this publish"));
        }
        // What was compared with a release that is no longer current proves nothing.
        let newer = entries.iter().any(|e| e.is_release() && e.sequence >= start);
        if newer && checked.looked_back {
            return Ok((Outcome::Conflict, None));
        }
        let major = Some(request.contract.version.major);
        let same_major = entries.iter().rev().find(|e| e.is_release() && e.major == major);
        if let Some(newer) = same_major.filter(|e| e.sequence >= start)
            && version::refuse(request, folder, newer, hash).await.is_err()
        {
            return Ok((Outcome::Conflict, None));
        }
        let tables = put_heads(request, folder, staged).await?;
        let time = entries
            .last()
            .map_or_else(now, |last| now().max(last.time + Duration::microseconds(1)));
        let number = base.and_then(|e| e.release).unwrap_or(0) + 1;
        let entry = Entry {
            sequence: ledger.next_sequence(),
            kind: "release".to_owned(),
            release: Some(number),
            base_release: base.and_then(|e| e.release),
            major,
            publish_id: request.provenance.publish_id.clone(),
            tables,
            contract_version: Some(request.contract.version_text.clone()),
            contract_hash: Some(hash.to_owned()),
            contract: Some(request.contract.source.text.clone()),
            report: Some(kept(request, &checked.report, number)),
            depends_on: checked.report.depends_on.clone(),
            time,
            publisher: request.provenance.publisher.clone(),
            run_id: request.provenance.run_id.clone(),
            sources: request.provenance.sources.clone(),
            labels: request.provenance.labels.clone(),
            format_version: 1,
        };
        match ledger.append(&entry).await? {
            Append::Appended => return Ok((Outcome::Released, Some(number))),
            Append::Conflict => ledger = Ledger::read(folder.ledger()).await?,
        }
    }
    Ok((Outcome::Conflict, None))
}

/// Microseconds are what the ledger keeps.
fn now() -> DateTime<Utc> {
    let now = Utc::now();
    DateTime::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now)
}

fn kept(request: &Request<'_>, report: &Report, number: u64) -> String {
    let mut kept = evidence(request, report);
    kept.outcome = Some(Outcome::Released);
    kept.release = Some(number);
    kept.attempt = Some(request.provenance.publish_id.clone());
    serde_json::to_string(&kept).unwrap_or_default()
}

async fn put_heads(
    request: &Request<'_>,
    folder: &ContractFolder,
    staged: &Staged,
) -> Result<std::collections::BTreeMap<String, TableVersion>> {
    let mut tables = std::collections::BTreeMap::new();
    for table in &staged.tables {
        let head = Head::new(folder.table(&table.path));
        let id = &request.provenance.publish_id;
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

async fn settle_heads(
    contract: &Contract,
    folder: &ContractFolder,
    id: &str,
    entries: &[Entry],
) -> Result<()> {
    let major = contract.version.major;
    let current = entries.iter().rev().find(|e| e.is_release() && e.major == Some(major));
    for table in &contract.tables {
        let path = ContractFolder::table_path(major, table);
        let head = Head::new(folder.table(&path));
        match current.and_then(|e| e.tables.values().find(|t| t.path == path)) {
            Some(released) => head.restore(released.version, id).await?,
            None => head.clear(id).await?,
        }
    }
    Ok(())
}
