//! Shared settings: the file or address that a `pactum.yaml` builds on.
//!
//! What comes from an address is named by its checksum, so it is kept once it was fetched: commands
//! work without a network, and nobody changes a team's policy unseen.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::contract::clause_id::hex;
use crate::contract::model::Spanned;
use crate::diagnostic::Source;
use crate::engine::temporary;
use crate::error::{Error, Result};

use super::document;
use super::settings::Settings;

/// How a file of the project is read, by its path from the project's folder.
type Read<'a> = &'a dyn Fn(&str) -> Result<Arc<Source>>;

/// The settings that a file builds on; the defaults where it names none.
pub(super) fn below(source: &Arc<Source>, read: Read<'_>) -> Result<Settings> {
    let Some(extends) = Settings::builds_on(source) else { return Ok(Settings::default()) };
    let shared = match extends.value.contains("://") {
        true => remote(source, &extends)?,
        false => local(source, &extends, read)?,
    };
    if Settings::builds_on(&shared).is_some() {
        return Err(fault(source, &extends, "shared settings cannot build on others themselves"));
    }
    Settings::parse(&shared)
}

fn local(source: &Arc<Source>, extends: &Spanned<String>, read: Read<'_>) -> Result<Arc<Source>> {
    let (path, wanted) = split(&extends.value);
    let shared = read(path).map_err(|error| {
        fault(source, extends, format!("the shared settings cannot be read: {error}"))
    })?;
    match wanted {
        Some(wanted) if !sums(&shared.text).iter().any(|sum| sum == wanted) => {
            let [found, _] = sums(&shared.text);
            Err(fault(source, extends, "the shared settings have another checksum")
                .hint(format!("look at what changed, then write #sha256={found}")))
        }
        _ => Ok(shared),
    }
}

fn remote(source: &Arc<Source>, extends: &Spanned<String>) -> Result<Arc<Source>> {
    let (address, wanted) = split(&extends.value);
    let Some(wanted) = wanted else {
        return Err(fault(source, extends, "an address needs a checksum").hint(format!(
            "extends: {address}#sha256=<64 hexadecimal digits>: shared settings must not change unseen"
        )));
    };
    if let Some(kept) = kept(wanted) {
        return document(address.to_owned(), kept);
    }
    let bytes = fetch(address)?;
    let found = checksum(&bytes);
    if found != wanted {
        return Err(fault(source, extends, "what is at the address has another checksum")
            .hint(format!("look at what changed, then write #sha256={found}")));
    }
    keep(wanted, &bytes);
    document(address.to_owned(), bytes)
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
    let place = format!("{}:{}:{}", source.name, extends.span.line, extends.span.column);
    Error::usage("bad-setting", message).at(place)
}

fn fetch(address: &str) -> Result<Vec<u8>> {
    let runtime = tokio::runtime::Handle::try_current()
        .map_err(|e| Error::try_again("runtime", e.to_string()))?;
    tokio::task::block_in_place(|| runtime.block_on(crate::engine::input::fetch_small(address)))
}

/// What was fetched before under this checksum, still whole.
fn kept(wanted: &str) -> Option<Vec<u8>> {
    let bytes = std::fs::read(cache()?.join(wanted)).ok()?;
    (checksum(&bytes) == wanted).then_some(bytes)
}

/// Keeps it for the next command; that it cannot be kept only means that it is fetched again.
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
