//! Whether a publish may follow a ledger's entries. Pure: evaluated again on every reading that the
//! publish tries to append to, since an answer holds only for those entries.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};

use crate::contract::Contract;
use crate::error::{Error, Result};
use crate::warehouse::Entry;

use super::says_the_same;

/// A publish that is about to commit.
pub(super) struct Bid<'a> {
    pub publish_id: &'a str,
    pub contract: &'a Contract,
    pub hash: &'a str,
    /// The checksum of each staged table, by name.
    pub checksums: BTreeMap<&'a str, &'a str>,
    /// Whether a clause looked at the current release of the contract's major.
    pub looked_back: bool,
    /// The ledger as it was when the publish began.
    pub begun: &'a Begun,
    /// A release whose data are lost: the same data again are not `unchanged`, they repair it.
    pub lost: Option<u64>,
}

/// What a publish remembers of the ledger that it began with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Begun {
    /// The newest entry's sequence and publish id.
    newest: Option<(u64, String)>,
}

impl Begun {
    pub fn with(entries: &[Entry]) -> Self {
        let newest = entries.iter().max_by_key(|e| e.sequence);
        Self { newest: newest.map(|e| (e.sequence, e.publish_id.clone())) }
    }

    /// Whether an entry came after the publish began.
    pub fn precedes(&self, entry: &Entry) -> bool {
        self.newest.as_ref().is_none_or(|(sequence, _)| entry.sequence > *sequence)
    }

    /// Whether the entries still hold what the publish began with: a ledger restored from a backup
    /// meanwhile does not.
    fn is_among(&self, entries: &[Entry]) -> bool {
        self.newest.as_ref().is_none_or(|(sequence, id)| {
            entries.iter().any(|e| e.sequence == *sequence && &e.publish_id == id)
        })
    }
}

/// Where a publish stands.
#[derive(Debug, PartialEq)]
pub(super) enum Standing<'e> {
    /// It is among the entries: another process with its id has released the same data.
    Published(&'e Entry),
    /// The current release of its major has the same content and contract.
    Unchanged(&'e Entry),
    /// The data of its check, or its beginning state, is no longer current.
    Overtaken,
    /// It may append this.
    Next(Next),
}

/// The number and date of the next entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Next {
    pub sequence: u64,
    pub release: u64,
    pub base_release: Option<u64>,
    pub time: DateTime<Utc>,
}

/// What these entries, oldest first, say to a publish at this time.
///
/// # Errors
/// When its id belongs to other data, a clean-up began meanwhile, or the newest entry's time cannot
/// be followed.
pub(super) fn standing<'e>(
    entries: &'e [Entry],
    bid: &Bid<'_>,
    now: DateTime<Utc>,
) -> Result<Standing<'e>> {
    if let Some(own) = published_as(entries, bid.publish_id) {
        refuse_other_contract(own, bid.contract, bid.hash)?;
        return match has_checksums(own, &bid.checksums) {
            true => Ok(Standing::Published(own)),
            false => Err(other_data(own)),
        };
    }
    refuse_clean_up(entries, bid.begun)?;
    let current = current_of_major(entries, bid.contract.version.major);
    if let Some(current) = current.filter(|current| is_same(current, bid)) {
        return Ok(Standing::Unchanged(current));
    }
    if !bid.begun.is_among(entries) || !may_rebase(current, bid) {
        return Ok(Standing::Overtaken);
    }
    Ok(Standing::Next(Next {
        sequence: entries.iter().map(|e| e.sequence + 1).max().unwrap_or(0),
        release: entries.iter().filter_map(|e| e.release).max().unwrap_or(0) + 1,
        base_release: current.and_then(|e| e.release),
        time: next_time(entries, now)?,
    }))
}

/// The release that was published under an id.
pub(super) fn published_as<'e>(entries: &'e [Entry], id: &str) -> Option<&'e Entry> {
    entries.iter().find(|e| e.is_release() && e.publish_id == id)
}

/// The newest release of a major.
pub(super) fn current_of_major(entries: &[Entry], major: u64) -> Option<&Entry> {
    let of_major = entries.iter().filter(|e| e.is_release() && e.major == Some(major));
    of_major.max_by_key(|e| e.sequence)
}

/// A publish id names one publish; the same contract is what a retry brings.
pub(super) fn refuse_other_contract(known: &Entry, contract: &Contract, hash: &str) -> Result<()> {
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
    .hint("give this publish a different id"))
}

/// A publish whose id was released with other data: a retry must bring the same data.
pub(super) fn other_data(known: &Entry) -> Error {
    let number = known.release.unwrap_or_default();
    let id = &known.publish_id;
    Error::usage(
        "used-publish-id",
        format!("publish id '{id}' is that of release {number}, which has other data"),
    )
    .hint("give this publish a different id")
}

/// Whether a release has exactly these tables with these checksums.
pub(super) fn has_checksums(entry: &Entry, checksums: &BTreeMap<&str, &str>) -> bool {
    let released = entry.tables.iter().map(|(name, t)| (name.as_str(), t.checksum.as_str()));
    released.eq(checksums.iter().map(|(name, checksum)| (*name, *checksum)))
}

/// A full replace may follow a release that its check did not see, unless a clause looked at the
/// release before: what was compared with one that is no longer current proves nothing.
fn may_rebase(current: Option<&Entry>, bid: &Bid<'_>) -> bool {
    let newer = current.is_some_and(|current| bid.begun.precedes(current));
    !(newer && bid.looked_back)
}

/// A clean-up that began after this publish may remove the files that it has staged.
fn refuse_clean_up(entries: &[Entry], begun: &Begun) -> Result<()> {
    match entries.iter().any(|e| e.kind == "gc" && begun.precedes(e)) {
        true => Err(Error::try_again("gc", "a clean-up began during this publish")
            .hint("run the publish again")),
        false => Ok(()),
    }
}

fn is_same(current: &Entry, bid: &Bid<'_>) -> bool {
    (current.release.is_none() || current.release != bid.lost)
        && current.contract_version.as_deref() == Some(&bid.contract.version_text)
        && current.contract_hash.as_deref() == Some(bid.hash)
        && current.contract.as_deref().is_none_or(|text| says_the_same(text, bid.contract))
        && has_checksums(current, &bid.checksums)
}

/// How far an entry may be ahead of this machine's clock.
const MOST_AHEAD: Duration = Duration::days(1);

/// The time of the next entry: now, but strictly after every entry before, so that an instant means
/// one release. An entry far in the future would date all that follow it.
pub(super) fn next_time(entries: &[Entry], now: DateTime<Utc>) -> Result<DateTime<Utc>> {
    let now = DateTime::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now);
    let Some(last) = entries.iter().max_by_key(|e| e.time) else { return Ok(now) };
    if last.time - now > MOST_AHEAD {
        let message = format!(
            "the ledger has an entry of {}, more than a day ahead of this machine's clock ({})",
            last.time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            now.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
        );
        return Err(Error::try_again("clock", message).hint(format!(
            "correct this machine's clock; if the clock of the publisher of entry {} was wrong, \
             restore the contract's folder from before that entry, or move it away to start over",
            last.sequence
        )));
    }
    Ok(now.max(last.time + Duration::microseconds(1)))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::contract::parse;
    use crate::diagnostic::Source;
    use crate::warehouse::TableVersion;

    fn contract(version: &str) -> Contract {
        let text = format!(
            "version: {version}\napiVersion: v3.1.0\nkind: DataContract\nid: t\nstatus: active\n\
             schema: [{{name: t, properties: [{{name: a, logicalType: integer}}]}}]"
        );
        parse(&Arc::new(Source::new("t", text))).contract.unwrap()
    }

    fn time(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000 + seconds, 0).unwrap()
    }

    fn release(sequence: u64, id: &str, major: u64, checksum: &str) -> Entry {
        let table = TableVersion {
            path: format!("v{major}/t"),
            version: sequence,
            rows: 1,
            checksum: checksum.to_owned(),
        };
        Entry {
            sequence,
            kind: "release".to_owned(),
            release: Some(sequence + 1),
            base_release: None,
            major: Some(major),
            publish_id: id.to_owned(),
            tables: BTreeMap::from([("t".to_owned(), table)]),
            contract_version: Some(format!("{major}.0.0")),
            contract_hash: Some("h".to_owned()),
            contract: None,
            report: None,
            depends_on: BTreeMap::new(),
            time: time(i64::try_from(sequence).unwrap()),
            publisher: None,
            run_id: None,
            sources: Vec::new(),
            labels: BTreeMap::new(),
            format_version: 1,
        }
    }

    fn gc(sequence: u64) -> Entry {
        Entry {
            kind: "gc".to_owned(),
            release: None,
            tables: BTreeMap::new(),
            ..release(sequence, "gc", 1, "")
        }
    }

    /// Where publish `mine` of 1.0.0 with checksum `x` stands, having begun with some entries.
    fn where_stands(begun: &[Entry], now: &[Entry], looked_back: bool) -> Result<String> {
        where_stands_after_loss(begun, now, looked_back, None)
    }

    fn where_stands_after_loss(
        begun: &[Entry],
        now: &[Entry],
        looked_back: bool,
        lost: Option<u64>,
    ) -> Result<String> {
        let contract = contract("1.0.0");
        let begun = Begun::with(begun);
        let bid = Bid {
            publish_id: "mine",
            contract: &contract,
            hash: "h",
            checksums: BTreeMap::from([("t", "x")]),
            looked_back,
            begun: &begun,
            lost,
        };
        Ok(match standing(now, &bid, time(100))? {
            Standing::Published(e) => format!("published {}", e.release.unwrap()),
            Standing::Unchanged(e) => format!("unchanged {}", e.release.unwrap()),
            Standing::Overtaken => "overtaken".to_owned(),
            Standing::Next(next) => format!("next {} on {:?}", next.release, next.base_release),
        })
    }

    #[test]
    fn the_first_publish_is_release_one() {
        assert_eq!(where_stands(&[], &[], true).unwrap(), "next 1 on None");
    }

    #[test]
    fn a_publish_finds_its_own_id_however_late_it_comes() {
        let first = release(0, "a", 1, "old");
        let own = release(1, "mine", 1, "x");
        let newer = release(2, "b", 1, "new");
        let now = [first.clone(), own, newer];
        assert_eq!(where_stands(&[first], &now, false).unwrap(), "published 2");
    }

    #[test]
    fn an_id_with_other_data_is_refused() {
        let now = [release(0, "mine", 1, "other")];
        assert_eq!(where_stands(&[], &now, false).unwrap_err().code(), "used-publish-id");
        let mut more = release(0, "mine", 1, "x");
        let table = more.tables["t"].clone();
        more.tables.insert("u".to_owned(), table);
        assert_eq!(where_stands(&[], &[more], false).unwrap_err().code(), "used-publish-id");
    }

    #[test]
    fn an_id_that_another_version_of_the_contract_has_used_is_refused() {
        let mut own = release(0, "mine", 1, "x");
        own.contract_version = Some("1.1.0".to_owned());
        assert_eq!(where_stands(&[], &[own], false).unwrap_err().code(), "used-publish-id");
        let mut own = release(0, "mine", 2, "x");
        own.contract_hash = Some("other".to_owned());
        assert_eq!(where_stands(&[], &[own], false).unwrap_err().code(), "used-publish-id");
    }

    #[test]
    fn a_publish_that_looked_at_an_older_release_is_not_rebased() {
        let first = release(0, "a", 1, "old");
        let now = [first.clone(), release(1, "b", 1, "new")];
        assert_eq!(where_stands(std::slice::from_ref(&first), &now, true).unwrap(), "overtaken");
        assert_eq!(
            where_stands(std::slice::from_ref(&first), &now, false).unwrap(),
            "next 3 on Some(2)"
        );
        // Another major's release is not what the clauses looked at.
        let now = [first.clone(), release(1, "b", 2, "new")];
        assert_eq!(where_stands(&[first], &now, true).unwrap(), "next 3 on Some(1)");
    }

    #[test]
    fn a_publish_whose_beginning_is_gone_from_the_ledger_gives_way() {
        let begun = [release(0, "a", 1, "old"), release(1, "b", 1, "new")];
        assert_eq!(where_stands(&begun, &begun[..1], false).unwrap(), "overtaken");
        let rewritten = [begun[0].clone(), release(1, "c", 1, "other")];
        assert_eq!(where_stands(&begun, &rewritten, false).unwrap(), "overtaken");
    }

    #[test]
    fn a_clean_up_during_a_publish_ends_it_and_one_before_does_not() {
        let first = release(0, "a", 1, "old");
        let now = [first.clone(), gc(1)];
        assert_eq!(where_stands(&[first], &now, false).unwrap_err().code(), "gc");
        assert_eq!(where_stands(&now, &now, false).unwrap(), "next 2 on Some(1)");
    }

    #[test]
    fn only_the_current_release_of_the_same_major_makes_a_publish_unchanged() {
        let one = release(0, "a", 1, "x");
        let two = release(1, "b", 2, "x");
        let all = [one.clone(), two.clone()];
        assert_eq!(where_stands(&all, &all, false).unwrap(), "unchanged 1");
        let all = [one, release(1, "b", 1, "y")];
        assert_eq!(where_stands(&all, &all, false).unwrap(), "next 3 on Some(2)");
        assert_eq!(
            where_stands(std::slice::from_ref(&two), std::slice::from_ref(&two), false).unwrap(),
            "next 3 on None"
        );
    }

    #[test]
    fn the_data_of_a_lost_release_are_released_again() {
        let all = [release(0, "a", 1, "x")];
        let stands = |lost| where_stands_after_loss(&all, &all, false, lost).unwrap();
        assert_eq!(stands(None), "unchanged 1");
        assert_eq!(stands(Some(7)), "unchanged 1");
        assert_eq!(stands(Some(1)), "next 2 on Some(1)");
    }

    #[test]
    fn the_same_data_under_another_contract_or_version_are_a_new_release() {
        let mut version = release(0, "a", 1, "x");
        version.contract_version = Some("1.1.0".to_owned());
        let mut hash = release(0, "a", 1, "x");
        hash.contract_hash = Some("other".to_owned());
        for current in [version, hash] {
            let all = [current];
            assert_eq!(where_stands(&all, &all, false).unwrap(), "next 2 on Some(1)");
        }
    }

    #[test]
    fn an_entry_that_is_not_a_release_does_not_use_up_its_id() {
        let attempt = Entry { publish_id: "mine".to_owned(), ..gc(1) };
        let all = [release(0, "a", 1, "old"), attempt];
        assert_eq!(where_stands(&all, &all, false).unwrap(), "next 2 on Some(1)");
    }

    #[test]
    fn sequences_and_numbers_go_on_from_the_greatest_and_not_from_a_count() {
        let entries = [release(2, "a", 1, "old"), gc(7)];
        let (contract, begun) = (contract("1.0.0"), Begun::with(&entries));
        let bid = Bid {
            publish_id: "mine",
            contract: &contract,
            hash: "h",
            checksums: BTreeMap::from([("t", "x")]),
            looked_back: false,
            begun: &begun,
            lost: None,
        };
        let next = Next { sequence: 8, release: 4, base_release: Some(3), time: time(100) };
        assert_eq!(standing(&entries, &bid, time(100)).unwrap(), Standing::Next(next));
    }

    #[test]
    fn no_two_entries_have_one_time() {
        let at = |n: i64| next_time(&[release(0, "a", 1, "x")], time(n)).unwrap();
        assert_eq!(at(5), time(5));
        assert_eq!(at(0), time(0) + Duration::microseconds(1));
        assert_eq!(at(-3_600), time(0) + Duration::microseconds(1));
        assert_eq!(next_time(&[], time(0)).unwrap(), time(0));
        // The newest by time counts, wherever it lies.
        let entries = [release(9, "a", 1, "x"), release(3, "b", 1, "x")];
        assert_eq!(next_time(&entries, time(0)).unwrap(), time(9) + Duration::microseconds(1));
    }

    #[test]
    fn an_entry_far_in_the_future_is_not_followed() {
        let entries = [release(0, "a", 1, "x")];
        let day = 24 * 3_600;
        assert!(next_time(&entries, time(-day)).is_ok());
        let error = next_time(&entries, time(-day - 1)).unwrap_err();
        assert_eq!(error.code(), "clock");
        assert!(error.next_step().unwrap().contains("entry 0"));
    }
}
