//! Shared settings: the file or address that a `pactum.yaml` builds on.
//!
//! A file from an address is identified by its checksum, so it is kept once fetched: commands work
//! without a network, and nobody changes a team's policy unseen.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use sha2::{Digest, Sha256};
use url::Url;

use crate::contract::clause_id::hex;
use crate::contract::model::Spanned;
use crate::diagnostic::Source;
use crate::engine::{regular, temporary};
use crate::error::{Error, Remedy, Result};

use super::settings::Settings;
use super::{document, fetch};

/// How a file of the project is read, by its path from the project's folder.
type Read<'a> = &'a dyn Fn(&str) -> Result<Arc<Source>>;

/// The settings that a file builds on; the defaults where it names none.
pub(super) fn below(source: &Arc<Source>, read: Read<'_>) -> Result<Settings> {
    let Some(extends) = Settings::builds_on(source) else { return Ok(Settings::default()) };
    if extends.value.contains("${") {
        // A value would go to a server, or name a file that an error shows.
        return Err(fault(source, &extends, "extends takes no variables")
            .hint("write the path or the address out"));
    }
    let shared = match extends.value.contains("://") {
        true => remote(source, &extends)?,
        false => local(source, &extends, read)?,
    };
    if Settings::builds_on(&shared).is_some() {
        return Err(fault(source, &extends, "shared settings cannot build on others themselves"));
    }
    Settings::parse(&shared).map_err(|error| match shared.is_quoted() {
        true => error,
        // It may be any file of this machine: errors report places, never content.
        false => fault(source, &extends, "the shared settings are at fault").hint(format!(
            "{}: lint the project that they lie in",
            error.place().unwrap_or(&shared.name)
        )),
    })
}

fn local(source: &Arc<Source>, extends: &Spanned<String>, read: Read<'_>) -> Result<Arc<Source>> {
    let (path, wanted) = split(&extends.value);
    if !path.ends_with(".yaml") && !path.ends_with(".yml") {
        return Err(fault(source, extends, "shared settings are a YAML file")
            .hint("extends: a path that ends with .yaml or .yml"));
    }
    let shared = read(path).map_err(|error| {
        fault(source, extends, format!("the shared settings cannot be read: {error}"))
    })?;
    match wanted {
        Some(wanted) if !sums(&shared.text).iter().any(|sum| sum == wanted) => {
            Err(fault(source, extends, "the shared settings have another checksum")
                .hint(format!("{LOOK} `sha256sum {path}` gives")))
        }
        _ => Ok(shared),
    }
}

/// What to do about another checksum. It is not shown: anyone who can change the setting could
/// learn from it what is at any place that this machine reaches.
const LOOK: &str = "look at what changed, then write #sha256= and what";

fn remote(source: &Arc<Source>, extends: &Spanned<String>) -> Result<Arc<Source>> {
    let (address, wanted) = split(&extends.value);
    let url = fetch::address(address)
        .map_err(|error| located(fault(source, extends, error.message()), error))?;
    let Some(wanted) = wanted else {
        return Err(fault(source, extends, "an address needs a checksum").hint(format!(
            "extends: {url}#sha256=<64 hexadecimal digits>: shared settings must not change unseen"
        )));
    };
    if let Some(kept) = kept(wanted) {
        return document(url.to_string(), kept);
    }
    let bytes = fetched(&url).map_err(|error| {
        let message = format!("the shared settings cannot be fetched: {}", error.message());
        match error.remedy() {
            Remedy::TryAgain => {
                located(Error::try_again("store", message).at(place(source, extends)), error)
            }
            _ => located(fault(source, extends, message), error),
        }
    })?;
    if checksum(&bytes) != wanted {
        return Err(fault(source, extends, "the file at the address has another checksum")
            .hint(format!("{LOOK} `curl -sSf {url} | sha256sum` gives")));
    }
    keep(wanted, &bytes);
    document(url.to_string(), bytes)
}

/// An error with the next step of its cause.
fn located(error: Error, cause: Error) -> Error {
    let hint = cause.next_step().map(str::to_owned);
    let error = match hint {
        Some(hint) => error.hint(hint),
        None => error,
    };
    error.caused_by(cause)
}

/// `place#sha256=digits`
fn split(extends: &str) -> (&str, Option<&str>) {
    match extends.split_once("#sha256=") {
        Some((place, digits)) => (place, Some(digits)),
        None => (extends, None),
    }
}

/// The checksums of a text, without and with the byte-order mark that its file may begin with.
fn sums(text: &str) -> [String; 2] {
    [checksum(text.as_bytes()), checksum(format!("\u{feff}{text}").as_bytes())]
}

fn checksum(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn fault(source: &Source, extends: &Spanned<String>, message: impl Into<String>) -> Error {
    Error::usage("bad-setting", message).at(place(source, extends))
}

fn place(source: &Source, extends: &Spanned<String>) -> String {
    format!("{}:{}:{}", source.name, extends.span.line, extends.span.column)
}

fn fetched(url: &Url) -> Result<Vec<u8>> {
    let listed = fetch::Listed::of_environment()?;
    let runtime = tokio::runtime::Handle::try_current()
        .map_err(|e| Error::try_again("runtime", e.to_string()))?;
    tokio::task::block_in_place(|| runtime.block_on(fetch::fetch(url, &listed)))
}

/// What was fetched before under this checksum, still whole.
fn kept(wanted: &str) -> Option<Vec<u8>> {
    let is_sum = wanted.len() == 64 && wanted.bytes().all(|b| b.is_ascii_hexdigit());
    let path = cache().filter(|_| is_sum)?.join(wanted);
    let bytes = regular::read(&path, fetch::MOST_BYTES).ok()?;
    (checksum(&bytes) == wanted).then_some(bytes)
}

/// Keeps it for the next command; failing to keep it only means fetching it again.
fn keep(wanted: &str, bytes: &[u8]) {
    let Some(folder) = cache() else { return };
    let staged = folder.join(format!("{wanted}.{}", std::process::id()));
    let written = temporary::private_folder(&folder)
        .and_then(|()| temporary::private_file(&staged)?.write_all(bytes));
    if written.is_ok() {
        let _ = std::fs::rename(&staged, folder.join(wanted));
    }
}

fn cache() -> Option<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let base = variable("XDG_CACHE_HOME").or_else(|| Some(variable("HOME")?.join(".cache")))?;
    Some(base.join("pactum").join("settings"))
}
