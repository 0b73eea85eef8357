//! `pactum releases`

use std::sync::Arc;

use clap::{Args as ClapArgs, Subcommand};
use serde_json::{Value, json};

use crate::contract::Contract;
use crate::diagnostic::veiled;
use crate::engine::sql::Which;
use crate::engine::text_table;
use crate::error::{Error, Result};
use crate::project::Project;
use crate::query::{Catalog, History, release_rows};
use crate::warehouse::{Attempt, Entry, Ledger, Warehouse};

use super::context::Global;
use super::output::{Out, count, thousands};
use super::which::never_released;
use super::{Format, report};

/// List releases, or show the evidence of one.
///
/// The newest comes last. With --all, rejected attempts are listed too.
#[derive(Debug, ClapArgs)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:
  pactum releases
  pactum releases learning --all
  pactum releases show learning 3"
)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// Contract id or SQL name [default: all]
    #[arg(value_name = "CONTRACT")]
    contract: Option<String>,
    /// List rejected attempts too
    #[arg(long)]
    all: bool,
    /// For people or for programs
    #[arg(long, value_enum, default_value = "human", global = true)]
    pub(super) format: Format,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show the evidence of one release, or the report of a rejected attempt
    #[command(after_help = "Examples:
  pactum releases show learning
  pactum releases show learning 3
  pactum releases show learning -1 --format json")]
    Show {
        /// Contract id or SQL name
        contract: String,
        /// The release's number, latest (or current), or -1 for the one before the latest; or an attempt's
        /// id [default: latest]
        #[arg(value_name = "RELEASE|ATTEMPT", allow_negative_numbers = true)]
        release: Option<String>,
    },
}

pub(super) async fn run(args: &Args, global: &Global, out: &Out) -> Result<u8> {
    let project = global.project()?;
    let warehouse = global.require_warehouse(project.as_ref())?;
    let project = project.as_ref();
    match &args.command {
        Some(Command::Show { contract, release }) => {
            let asked = Asked::of(&warehouse, project, contract).await?;
            show(&warehouse, &asked, release.as_deref(), args.format, out).await
        }
        None => list(&warehouse, project, args, out).await,
    }
}

/// A contract that is asked for.
struct Asked {
    id: String,
    /// Its document in the project, where there is one.
    declared: Option<Arc<Contract>>,
}

impl Asked {
    /// The contract that a name means: one with releases first, else one that the project declares.
    async fn of(warehouse: &Warehouse, project: Option<&Project>, name: &str) -> Result<Self> {
        let ids = warehouse.contracts()?;
        let id = match ids.iter().find(|id| *id == name) {
            Some(id) => Some(id.clone()),
            None => warehouse.claimed_by(name)?,
        };
        if let Some(id) = id {
            let declared = project.and_then(|project| project.contract(&id).ok());
            return Ok(Self { id, declared: declared.map(Arc::new) });
        }
        let catalog = Catalog::read(Some(warehouse), project).await?;
        let served = catalog.find(name)?;
        let (id, declared) = (served.contract.id.clone(), Some(Arc::clone(&served.contract)));
        Ok(Self { id, declared })
    }

    fn never_released(&self) -> Error {
        never_released(&self.id, self.declared.as_deref())
    }
}

async fn list(
    warehouse: &Warehouse,
    project: Option<&Project>,
    args: &Args,
    out: &Out,
) -> Result<u8> {
    let asked = match &args.contract {
        Some(name) => Some(Asked::of(warehouse, project, name).await?),
        None => None,
    };
    let id = asked.as_ref().map(|asked| asked.id.as_str());
    let history = History::read(warehouse, id).await?;
    let mut rows = release_rows(&history);
    if args.all {
        rows.extend(attempts(&history));
        rows.sort_by_key(|row| row["time"].as_str().map(str::to_owned));
    }
    if args.format == Format::Json {
        out.json(&rows)?;
        return Ok(0);
    }
    if let Some(asked) = asked.filter(|_| rows.is_empty()) {
        // No release is an answer, too; how to make one is said as where it is missing.
        let told = asked.never_released();
        out.line(format!("{}: {}", told.message(), told.next_step().unwrap_or_default()))?;
        return Ok(0);
    }
    if rows.is_empty() {
        let place = warehouse.root().display().to_string();
        out.line(format!("nothing was released to {} yet", veiled(&place)))?;
        return Ok(0);
    }
    let header =
        ["contract", "release", "time", "tables", "rows", "version", "publisher", "outcome"];
    let cells = rows.iter().map(|row| {
        let text = |key: &str| cell(&row[key]);
        let rows_of = row["rows"].as_u64().map(thousands).unwrap_or_default();
        vec![
            text("contract"),
            text("release"),
            text("time"),
            text("tables"),
            rows_of,
            text("contract_version"),
            text("publisher"),
            match row.get("outcome") {
                Some(outcome) => format!("{} {}", cell(outcome), text("publish_id")),
                None => "released".to_owned(),
            },
        ]
    });
    let right = [false, true, false, true, true, false, false, false];
    out.line(text_table(header.map(str::to_owned).to_vec(), cells.collect(), &right))?;
    Ok(0)
}

fn attempts(history: &History) -> Vec<Value> {
    let mut rows = Vec::new();
    for contract in &history.contracts {
        for attempt in &contract.attempts {
            let tables = attempt.report["tables"].as_array().cloned().unwrap_or_default();
            rows.push(json!({
                "contract": contract.id,
                "release": null,
                "time": attempt.time.to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
                "tables": tables.len(),
                "rows": tables.iter().filter_map(|t| t["rows"].as_u64()).sum::<u64>(),
                "contract_version": attempt.contract_version,
                "publisher": attempt.publisher,
                "publish_id": attempt.publish_id,
                "outcome": attempt.outcome,
            }));
        }
    }
    rows
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

async fn show(
    warehouse: &Warehouse,
    asked: &Asked,
    wanted: Option<&str>,
    format: Format,
    out: &Out,
) -> Result<u8> {
    let id = asked.id.as_str();
    let entries = Ledger::read(&warehouse.contract(id)).await?.entries()?;
    let which = wanted.map_or(Ok(Which::Latest), str::parse::<Which>);
    if which.is_ok() && !entries.iter().any(Entry::is_release) {
        return Err(asked.never_released());
    }
    let Some(entry) = which.ok().and_then(|which| chosen(&entries, which)) else {
        return show_attempt(warehouse, id, wanted.unwrap_or_default(), &entries, format, out);
    };
    let evidence: Value =
        entry.report.as_deref().and_then(|r| serde_json::from_str(r).ok()).unwrap_or_default();
    match format {
        Format::Json => {
            let mut document = serde_json::to_value(entry)
                .map_err(|e| Error::try_again("output", e.to_string()))?;
            document["report"] = evidence;
            out.json(&document)?;
        }
        Format::Human => show_human(id, entry, evidence, out)?,
    }
    Ok(0)
}

/// The release that is meant; those before the latest are counted within its major.
fn chosen(entries: &[Entry], which: Which) -> Option<&Entry> {
    let mut newest_first = entries.iter().rev().filter(|e| e.is_release());
    match which {
        Which::Number(number) => newest_first.find(|e| e.release == Some(number)),
        Which::Latest => newest_first.next(),
        Which::Before(back) => {
            let latest = newest_first.next()?;
            let mut earlier = newest_first.filter(|e| e.major == latest.major);
            earlier.nth(usize::try_from(back).ok()?.checked_sub(1)?)
        }
    }
}

fn show_attempt(
    warehouse: &Warehouse,
    id: &str,
    wanted: &str,
    entries: &[Entry],
    format: Format,
    out: &Out,
) -> Result<u8> {
    let attempts = Attempt::all(&warehouse.contract(id))?;
    let Some(attempt) = attempts.into_iter().find(|a| a.publish_id == wanted) else {
        let message = format!("'{id}' has no release and no attempt '{wanted}'");
        let last = entries.iter().filter_map(|e| e.release).max();
        let range = last.map(|last| format!("releases go from 1 to {last}; ")).unwrap_or_default();
        return Err(Error::usage("unknown-release", message)
            .hint(format!("{range}pactum releases {id} --all lists releases and attempts")));
    };
    match (format, serde_json::from_value(attempt.report.clone())) {
        (Format::Human, Ok(report)) => report::show(&report, out, true)?,
        _ => out.json(&attempt)?,
    }
    Ok(0)
}

fn show_human(id: &str, entry: &Entry, evidence: Value, out: &Out) -> Result<()> {
    let paint = out.paint();
    let number = entry.release.unwrap_or_default();
    out.line(paint.bold(&format!("{id} release {number}")))?;
    let time = entry.time.to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
    let mut lines = vec![
        ("time", time),
        ("contract", entry.contract_version.clone().unwrap_or_default()),
        ("publisher", entry.publisher.clone().unwrap_or_default()),
        ("publish id", entry.publish_id.clone()),
    ];
    lines.extend(entry.base_release.map(|base| ("built on", format!("release {base}"))));
    lines.extend(entry.run_id.clone().map(|run| ("CI run", run)));
    for source in &entry.sources {
        let dirty = if source.dirty == Some(true) { " (with uncommitted changes)" } else { "" };
        let repo = source.repo.clone().unwrap_or_default();
        let commit = source.commit.clone().unwrap_or_default();
        lines.push(("source", format!("{repo} {commit}{dirty}").trim().to_owned()));
    }
    lines.extend(entry.labels.iter().map(|(k, v)| ("label", format!("{k}={v}"))));
    for (name, table) in &entry.tables {
        let rows = count(table.rows, "row", "rows");
        lines.push(("table", format!("{name}: {rows}, {} version {}", table.path, table.version)));
    }
    for (key, value) in lines.iter().filter(|(_, value)| !value.is_empty()) {
        out.line(format!("  {:<11} {value}", format!("{key}:")))?;
    }
    out.line("")?;
    match serde_json::from_value(evidence) {
        Ok(evidence) => report::show(&evidence, out, true),
        Err(_) => out.line("the evidence is of a format that this version does not know"),
    }
}
