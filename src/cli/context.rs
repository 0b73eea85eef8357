//! Global options, resolved with the project's settings.

use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::{OsStringValueParser, TypedValueParser};

use crate::contract::Contract;
use crate::diagnostic::{veil, veiled};
use crate::engine::Limits;
use crate::error::{Error, Result};
use crate::project::{Project, Settings};
use crate::warehouse::Warehouse;

/// Options of every command.
#[derive(Debug, Args)]
pub(super) struct Global {
    /// Folder of the project [default: the nearest folder upward with a pactum.yaml]
    #[arg(
        long,
        global = true,
        help_heading = "Options of every command",
        value_name = "DIR",
        env = "PACTUM_PROJECT"
    )]
    pub project: Option<PathBuf>,
    /// Where releases live: a folder or a file:// URL [default: from pactum.yaml]
    #[arg(
        long,
        global = true,
        help_heading = "Options of every command",
        value_name = "URL",
        env = "PACTUM_WAREHOUSE"
    )]
    pub warehouse: Option<String>,
    /// Environment of pactum.yaml to use
    #[arg(
        long,
        global = true,
        help_heading = "Options of every command",
        value_name = "NAME",
        env = "PACTUM_ENV"
    )]
    pub env: Option<String>,
    /// Memory for sorting, grouping and joining, such as 512MB; more spills to disk
    #[arg(
        long,
        global = true,
        help_heading = "Options of every command",
        value_name = "SIZE",
        env = "PACTUM_MEMORY_LIMIT",
        default_value = "1GB",
        value_parser = parse_size
    )]
    pub memory_limit: usize,
    /// Threads that work in parallel [default: the number of cores]
    #[arg(
        long,
        global = true,
        help_heading = "Options of every command",
        value_name = "N",
        env = "PACTUM_THREADS"
    )]
    pub threads: Option<usize>,
    /// Folder for temporary copies of deliveries and for spilling [default: TMPDIR, else /tmp]
    #[arg(
        long,
        global = true,
        help_heading = "Options of every command",
        value_name = "DIR",
        env = "PACTUM_TEMP_DIR",
        value_parser = possibly_empty()
    )]
    pub temp_dir: Option<PathBuf>,
}

/// A path; an empty one is as good as none.
fn possibly_empty() -> impl TypedValueParser<Value = PathBuf> {
    OsStringValueParser::new().map(PathBuf::from)
}

fn parse_size(text: &str) -> Result<usize, String> {
    let text = text.trim();
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(split);
    let factor: usize = match unit.trim().to_uppercase().as_str() {
        "" | "B" => 1,
        "K" | "KB" => 1_000,
        "KIB" => 1 << 10,
        "M" | "MB" => 1_000_000,
        "MIB" => 1 << 20,
        "G" | "GB" => 1_000_000_000,
        "GIB" => 1 << 30,
        _ => return Err("a size is a number with B, KB, MB or GB".to_owned()),
    };
    let number: usize = digits.parse().map_err(|_| "a size begins with a number".to_owned())?;
    let bytes = number.checked_mul(factor).ok_or("too large")?;
    if bytes < 16_000_000 { Err("at least 16MB are needed".to_owned()) } else { Ok(bytes) }
}

impl Global {
    /// The limits of a run.
    pub fn limits(&self) -> Limits {
        let defaults = Limits::default();
        let threads = self.threads.filter(|n| *n > 0).unwrap_or(defaults.threads);
        Limits { memory: self.memory_limit, threads }
    }

    /// The project, if there is one.
    pub fn project(&self) -> Result<Option<Project>> {
        match &self.project {
            Some(folder) => {
                let folder = std::path::absolute(folder).map_err(|e| Error::io(folder, e))?;
                Project::open(&folder).map(Some)
            }
            None => Project::discover(Path::new(".")),
        }
    }

    /// The project.
    pub fn require_project(&self) -> Result<Project> {
        self.project()?.ok_or_else(|| {
            Error::usage("no-project", "there is no pactum.yaml here or in a folder above")
                .hint("pactum init makes this folder a project; --project DIR names another")
        })
    }

    /// The warehouse, if one is named: by flag or variable, by environment, by pactum.yaml.
    pub fn warehouse(&self, project: Option<&Project>) -> Result<Option<Warehouse>> {
        if let Some(location) = &self.warehouse {
            return Warehouse::at(location).map(Some);
        }
        let Some(project) = project else {
            return match &self.env {
                Some(env) => {
                    Err(Error::usage("no-project", format!("--env {env} needs a project")))
                }
                None => Ok(None),
            };
        };
        let location = match &self.env {
            Some(env) => Some(environment(&project.settings, env)?),
            None => match &project.settings.warehouse {
                Some(raw) => Some(expanded(raw, "warehouse".to_owned())?),
                None => None,
            },
        };
        location
            .map(|(location, raw)| {
                let whole = from_root(&project.root, &location);
                // A complete location is shown as written.
                let written = match whole == location {
                    true => raw,
                    false => from_root(&project.root, &raw),
                };
                let warehouse = Warehouse::of_setting(&whole, &written)?;
                // Resolving links may change the path, which still reveals the variable's value.
                if veiled(&location) != location {
                    veil(&warehouse.root().display().to_string(), &written);
                }
                Ok(warehouse)
            })
            .transpose()
    }

    /// The warehouse to read from: one named by flag or variable must exist.
    pub fn warehouse_to_read(&self, project: Option<&Project>) -> Result<Option<Warehouse>> {
        let warehouse = match project {
            Some(project) => self.warehouse(Some(project))?,
            None => Some(self.require_warehouse(None)?),
        };
        match &warehouse {
            Some(missing) if self.warehouse.is_some() && !missing.exists()? => {
                Err(Error::usage("no-warehouse", "there is no warehouse (no pactum.json)")
                    .at(missing.root().display().to_string())
                    .hint("the first pactum publish makes one"))
            }
            _ => Ok(warehouse),
        }
    }

    /// The warehouse.
    pub fn require_warehouse(&self, project: Option<&Project>) -> Result<Warehouse> {
        self.warehouse(project)?.ok_or_else(|| {
            Error::usage("no-warehouse", "no warehouse is named")
                .hint("write `warehouse: ./warehouse` into pactum.yaml, or give --warehouse DIR")
        })
    }
}

fn environment(settings: &Settings, name: &str) -> Result<(String, String)> {
    let unknown = || {
        let names: Vec<&str> = settings.environments.keys().map(String::as_str).collect();
        let error =
            Error::usage("unknown-environment", format!("pactum.yaml has no environment '{name}'"));
        match crate::diagnostic::nearest(name, names.iter().copied()) {
            Some(near) => error.hint(format!("did you mean '{near}'?")),
            None if names.is_empty() => error.hint("add it under environments"),
            None => error.hint(format!("environments: {}", names.join(", "))),
        }
    };
    let raw = settings.environments.get(name).ok_or_else(unknown)?;
    let raw = raw.as_ref().or(settings.warehouse.as_ref()).ok_or_else(|| {
        Error::usage("no-warehouse", format!("environment '{name}' names no warehouse"))
    })?;
    expanded(raw, format!("environments.{name}.warehouse"))
}

/// A setting with its variables filled in, and as it is written.
fn expanded(raw: &str, place: String) -> Result<(String, String)> {
    let filled = crate::project::expand(raw, crate::project::variable).map_err(|message| {
        Error::usage("unset-variable", message)
            .at(format!("pactum.yaml, {place}"))
            .hint("set it, or name another warehouse with --warehouse")
    })?;
    Ok((filled, raw.to_owned()))
}

/// A relative folder starts at the project's folder, not at the working directory.
fn from_root(root: &Path, location: &str) -> String {
    // An empty one would mean the project's own folder; the warehouse refuses it.
    let is_empty = location.trim().is_empty();
    if is_empty || location.contains("://") || Path::new(location).is_absolute() {
        return location.to_owned();
    }
    root.join(location).display().to_string()
}

/// `<contract>` or `<contract>.<table>`; a path to a document names its contract.
pub(super) fn contract_and_table(
    project: Option<&Project>,
    name: &str,
) -> Result<(Contract, Option<String>)> {
    let path = Path::new(name);
    if crate::project::is_contract(path) && path.is_file() {
        let parsed = crate::contract::parse(&crate::project::read(path)?);
        return parsed.valid().map(|contract| (contract, None)).map_err(Error::invalid);
    }
    let document = path.extension().is_some_and(|e| e == "yaml" || e == "yml");
    if document && path.is_file() {
        return Err(Error::usage("contract-name", "a contract's file is named *.odcs.yaml")
            .at(name)
            .hint("rename the file"));
    }
    let project = project.ok_or_else(|| {
        Error::usage("no-project", "there is no pactum.yaml here or in a folder above")
            .hint("give the path of a .odcs.yaml document, or --project DIR")
    })?;
    let whole = project.contract(name);
    let unknown = |e: &Error| e.code() == "unknown-contract";
    match (whole, name.rsplit_once('.')) {
        (Err(error), Some((contract, table))) if unknown(&error) => {
            let contract = project.contract(contract)?;
            let table = crate::check::find_table(&contract, table)?.name.value.clone();
            Ok((contract, Some(table)))
        }
        (whole, _) => whole.map(|contract| (contract, None)),
    }
}
