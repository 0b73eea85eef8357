//! `pactum impact`

use clap::Args as ClapArgs;
use serde_json::{Value, json};

use crate::compat::{Mention, Reader, Target};
use crate::error::Result;
use crate::project::Consumer;

use super::Format;
use super::context::Global;
use super::lineage::landscape;
use super::output::{Out, count};

/// List what depends on a column, table or contract.
///
/// That is consumers, endpoints and clauses. Consumers are planned, so that a column is found wherever it is read: through CTEs, `select *`,
/// USING and subqueries.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:
  pactum impact learning.scores.score
  pactum impact learning.scores
  pactum impact learning --format json")]
pub(super) struct Args {
    /// <contract>, <contract>.<table> or <contract>.<table>.<column>
    #[arg(value_name = "CONTRACT[.TABLE[.COLUMN]]")]
    target: String,
    /// For people or for programs
    #[arg(long, value_enum, default_value = "human")]
    pub(super) format: Format,
}

pub(super) async fn run(args: &Args, global: &Global, out: &Out) -> Result<u8> {
    let landscape = landscape(global).await?;
    let target = Target::find(&landscape, &args.target)?;
    let readers: Vec<&Reader> = landscape.readers.iter().filter(|r| target.is_read(r)).collect();
    let clauses = target.clauses();
    let unknown: Vec<&Reader> = landscape.readers.iter().filter(|r| r.plan.is_err()).collect();
    if args.format == Format::Json {
        out.json(&json!({
            "element": args.target,
            "consumers": readers.iter().map(|r| consumer_json(r)).collect::<Vec<_>>(),
            "clauses": clauses,
            "not_planned": unknown.iter().map(|r| &r.consumer.name).collect::<Vec<_>>(),
        }))?;
        return Ok(0);
    }
    show(&args.target, &readers, &clauses, &unknown, out)?;
    Ok(0)
}

fn consumer_json(reader: &Reader) -> Value {
    json!({
        "consumer": reader.consumer.name,
        "owner": reader.consumer.owner,
        "endpoint": reader.consumer.endpoint,
        "repository": reader.repository,
        "file": reader.consumer.source.name,
    })
}

fn show(
    target: &str,
    readers: &[&Reader],
    clauses: &[Mention],
    unknown: &[&Reader],
    out: &Out,
) -> Result<()> {
    let paint = out.paint();
    let is_endpoint = |r: &&&Reader| r.consumer.endpoint;
    let endpoints = readers.iter().filter(is_endpoint).count() as u64;
    let summary = format!(
        "{target}: read by {} ({}), stated by {}",
        count(readers.len() as u64, "consumer", "consumers"),
        count(endpoints, "endpoint", "endpoints"),
        count(clauses.len() as u64, "clause", "clauses")
    );
    out.row(paint.bold(&summary))?;
    for reader in readers {
        let Consumer { name, owner, endpoint, source, .. } = &reader.consumer;
        let kind = if *endpoint { "endpoint" } else { "consumer" };
        let of = reader.repository.as_ref().map(|r| format!(" of {r}")).unwrap_or_default();
        let place = paint.dim(&source.name);
        out.row(format!("  {kind}  {name}{of} (owner {owner})  {place}"))?;
    }
    for clause in clauses {
        let line = format!("  clause    {}: {}", clause.clause, clause.expected);
        out.row(format!("{line}  {}", paint.dim(&clause.place)))?;
    }
    for reader in unknown {
        let name = &reader.consumer.name;
        out.row(paint.warn(&format!("  ! {name} does not plan: what it reads is unknown")))?;
    }
    Ok(())
}
