//! Which releases a command reads: `--release` and `--as-of` mean the same for every command.

use chrono::{DateTime, Utc};

use crate::contract::Contract;
use crate::contract::temporal;
use crate::engine::sql::Which;
use crate::error::{Error, Result};
use crate::project::publish_command;
use crate::query::Pin;

/// The release that a word means.
///
/// # Errors
/// `bad-release`, with the forms that are accepted.
pub(super) fn release(text: &str) -> Result<Which> {
    text.parse().map_err(|()| {
        Error::usage("bad-release", format!("'{text}' is not a release"))
            .hint("--release 3, --release latest (or current), or --release -1")
    })
}

/// The releases that a query is pinned to.
///
/// # Errors
/// When a word is not a release or not an instant, or a contract is named twice.
pub(super) fn pin(releases: &[String], as_of: Option<&str>) -> Result<Pin> {
    let mut pin = Pin::default();
    for text in releases {
        let (contract, number) = match text.split_once('=') {
            Some((contract, number)) => (Some(contract), number),
            None => (None, text.as_str()),
        };
        let which: Which = number.parse().map_err(|()| {
            Error::usage("bad-release", format!("'{text}' is not a release")).hint(
                "--release 3, --release latest (or current), --release -1, or --release learning=3",
            )
        })?;
        let again = match contract {
            Some(contract) => pin.by_contract.insert(contract.to_owned(), which).is_some(),
            None => pin.release.replace(which).is_some(),
        };
        if again {
            return Err(Error::usage(
                "bad-release",
                "--release names two releases of one contract",
            ));
        }
    }
    pin.as_of = as_of.map(instant).transpose()?;
    Ok(pin)
}

fn instant(text: &str) -> Result<DateTime<Utc>> {
    let instant = temporal::timestamp(text).and_then(|t| t.nanoseconds(None));
    let instant = instant.and_then(|n| i64::try_from(n.div_euclid(1_000)).ok());
    instant.and_then(DateTime::from_timestamp_micros).ok_or_else(|| {
        Error::usage("bad-timestamp", format!("'{text}' is not a timestamp")).hint(
            "write an instant, such as 2026-01-31T12:00:00Z, or a date, such as 2026-01-31, which \
             means the start of that day in UTC",
        )
    })
}

/// A contract without a release, and how it gets one.
pub(super) fn never_released(id: &str, contract: Option<&Contract>) -> Error {
    let error = Error::usage("not-released", format!("contract '{id}' has not been released yet"));
    match contract {
        Some(contract) => {
            let command = publish_command(contract, &[]);
            error.hint(format!("{command} makes the first release"))
        }
        None => error.hint("the first publish that passes makes one"),
    }
}
