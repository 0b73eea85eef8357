//! Which entries of a ledger are read: the newest releases, one by its number, those of a moment.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::engine::sql::Which;
use crate::error::{Error, Result};
use crate::warehouse::Entry;

/// Which releases of a contract are read.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wanted {
    /// The newest of each major.
    Current,
    /// One by its number.
    Number(u64),
    /// Of each major, the release so many before its newest.
    Before(u64),
    /// The last of each major at or before an instant.
    AsOf(DateTime<Utc>),
}

impl From<Which> for Wanted {
    fn from(which: Which) -> Self {
        match which {
            Which::Number(number) => Self::Number(number),
            Which::Latest => Self::Current,
            Which::Before(count) => Self::Before(count),
        }
    }
}

/// The entry of each major that is wanted.
///
/// # Errors
/// `unknown-release`: there is none of that number, or no major has one so far back.
pub(super) fn chosen(id: &str, entries: &[Entry], wanted: Wanted) -> Result<Vec<Entry>> {
    let releases: Vec<&Entry> = entries.iter().filter(|e| e.is_release()).collect();
    let mut majors: BTreeMap<u64, Vec<&Entry>> = BTreeMap::new();
    for entry in &releases {
        majors.entry(entry.major.unwrap_or_default()).or_default().push(entry);
    }
    let chosen: Vec<&Entry> = match wanted {
        Wanted::Number(number) => {
            let found = releases.iter().rfind(|e| e.release == Some(number)).copied();
            found.into_iter().collect()
        }
        Wanted::Current => majors.values().filter_map(|all| all.last().copied()).collect(),
        Wanted::Before(count) => {
            let back = usize::try_from(count).unwrap_or(usize::MAX);
            majors.values().filter_map(|all| all.iter().rev().nth(back).copied()).collect()
        }
        Wanted::AsOf(instant) => {
            let by_then = majors.values().map(|all| all.iter().rfind(|e| e.time <= instant));
            by_then.flatten().copied().collect()
        }
    };
    match (chosen.is_empty(), wanted) {
        (true, Wanted::Number(number)) => Err(unknown(id, &format!("release {number}"), &releases)),
        (true, Wanted::Before(count)) => {
            let message = format!("release {count} before the latest");
            Err(unknown(id, &message, &releases))
        }
        _ => Ok(chosen.into_iter().cloned().collect()),
    }
}

fn unknown(id: &str, what: &str, releases: &[&Entry]) -> Error {
    let last = releases.iter().filter_map(|e| e.release).max().unwrap_or_default();
    Error::usage("unknown-release", format!("contract '{id}' has no {what}")).hint(match last {
        0 => "nothing was released yet".to_owned(),
        1 => "it has release 1 only".to_owned(),
        last => format!("releases go from 1 to {last}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(release: u64, major: u64) -> Entry {
        let text = serde_json::json!({
            "sequence": release, "kind": "release", "release": release, "base_release": null,
            "major": major, "publish_id": "p", "tables": {}, "contract_version": null,
            "contract_hash": null, "contract": null, "report": null, "depends_on": {},
            "time": format!("2026-01-0{release}T00:00:00.000001Z"), "publisher": null,
            "run_id": null, "sources": [], "labels": {}, "format_version": 1,
        });
        serde_json::from_value(text).unwrap()
    }

    fn numbers(wanted: Wanted) -> Result<Vec<u64>> {
        let entries = [entry(1, 1), entry(2, 1), entry(3, 2), entry(4, 1)];
        let found = chosen("c", &entries, wanted)?;
        Ok(found.iter().filter_map(|e| e.release).collect())
    }

    #[test]
    fn releases_are_counted_back_within_their_major() {
        assert_eq!(numbers(Wanted::Current).unwrap(), [4, 3]);
        assert_eq!(numbers(Wanted::Before(1)).unwrap(), [2]);
        assert_eq!(numbers(Wanted::Before(2)).unwrap(), [1]);
        let error = numbers(Wanted::Before(3)).unwrap_err();
        assert_eq!(error.next_step(), Some("releases go from 1 to 4"));
    }

    #[test]
    fn a_moment_is_exact_and_a_number_exists() {
        let at = |text: &str| Wanted::AsOf(text.parse().unwrap());
        assert_eq!(numbers(at("2026-01-02T00:00:00.000001Z")).unwrap(), [2]);
        assert_eq!(numbers(at("2026-01-02T00:00:00Z")).unwrap(), [1]);
        assert!(numbers(at("2025-01-01T00:00:00Z")).unwrap().is_empty());
        assert_eq!(numbers(Wanted::Number(3)).unwrap(), [3]);
        assert_eq!(numbers(Wanted::Number(9)).unwrap_err().code(), "unknown-release");
    }
}
