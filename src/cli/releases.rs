//! `pactum releases`

use clap::{Args as ClapArgs, Subcommand};
use serde_json::{Value, json};

use crate::diagnostic::veiled;
use crate::engine::text_table;
use crate::error::{Error, Result};
use crate::query::{Catalog, History, release_rows};
use crate::warehouse::{Attempt, Entry, Ledger, Warehouse};

use super::context::Global;
use super::output::{Out, count, thousands};
use super::{Format, report};

/// List releases, newest last; with --all rejected attempts too.
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
    /// Rejected attempts too
    #[arg(long)]
    all: bool,
    /// For people or for programs
    #[arg(long, value_enum, default_value = "human", global = true)]
    pub(super) format: Format,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print the evidence of one release, or the report of a rejected attempt
    Show {
        /// Contract id or SQL name
        contract: String,
        /// The release's number, or an attempt's id [default: the current release]
        #[arg(value_name = "RELEASE|ATTEMPT")]
        release: Option<String>,
    },
}

pub(super) async fn run(args: &Args, global: &Global, out: &Out) -> Result<u8> {
    let project = global.project()?;
    let warehouse = global.require_warehouse(project.as_ref())?;
    match &args.command {
        Some(Command::Show { contract, release }) => {
            let id = contract_id(&warehouse, contract).await?;
            show(&warehouse, &id, release.as_deref(), args.format, out).await
        }
        None => list(&warehouse, args, out).await,
    }
}

/// The id that a name means, among what was released.
async fn contract_id(warehouse: &Warehouse, name: &str) -> Result<String> {
    let ids = warehouse.contracts()?;
    if ids.iter().any(|id| id == name) {
        return Ok(name.to_owned());
    }
    if let Some(id) = warehouse.claimed_by(name)? {
        return Ok(id);
    }
    let catalog = Catalog::read(Some(warehouse), None).await?;
    catalog.find(name).map(|served| served.contract.id.clone())
}

async fn list(warehouse: &Warehouse, args: &Args, out: &Out) -> Result<u8> {
    let id = match &args.contract {
        Some(name) => Some(contract_id(warehouse, name).await?),
        None => None,
    };
    let history = History::read(warehouse, id.as_deref()).await?;
    let mut rows = release_rows(&history);
    if args.all {
        rows.extend(attempts(&history));
        rows.sort_by_key(|row| row["time"].as_str().map(str::to_owned));
    }
    if args.format == Format::Json {
        out.json(&rows)?;
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
    id: &str,
    wanted: Option<&str>,
    format: Format,
    out: &Out,
) -> Result<u8> {
    let entries = Ledger::read(&warehouse.contract(id)).await?.entries()?;
    let mut releases = entries.iter().rev().filter(|e| e.is_release());
    let found = releases.find(|e| match wanted {
        Some(wanted) => e.release.is_some_and(|n| n.to_string() == wanted),
        None => true,
    });
    let Some(entry) = found else {
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
        let last = entries.iter().filter_map(|e| e.release).max().unwrap_or(0);
        let message = format!("'{id}' has no release and no attempt '{wanted}'");
        return Err(Error::usage("unknown-release", message)
            .hint(format!("releases go from 1 to {last}; pactum releases {id} --all lists both")));
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
