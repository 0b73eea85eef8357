//! `pactum query`

use std::collections::BTreeMap;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args as ClapArgs;
use datafusion::common::ScalarValue;
use futures::StreamExt;

use crate::contract::temporal;
use crate::diagnostic::Source;
use crate::error::{Error, Result};
use crate::project::{Consumer, parse_consumer};
use crate::query::{Catalog, Encoder, Format, Gateway, Pin, bind, infer};

use super::context::Global;
use super::output::Out;
use super::publish::parse_pair;

/// Read released tables with SQL, or run a consumer by name.
///
/// Tables are <contract>.<table>; <contract>_v2.<table> names a major. The system tables are
/// pactum.releases, pactum.attempts, pactum.clauses, pactum.tables, pactum.columns and
/// pactum.consumers. Only queries are admitted.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:
  pactum query \"select course_id, avg(score) from learning.scores group by 1\"
  pactum query home_page -p learner_id=42
  pactum query -f report.sql -p since=2026-01-01 --format csv
  pactum --warehouse /data/warehouse query \"select * from pactum.releases\"
  pactum query \"select count(*) from learning.learners\" --release 3")]
pub(super) struct Args {
    /// SQL, or the name of a consumer
    #[arg(value_name = "SQL|CONSUMER", required_unless_present = "file")]
    sql: Option<String>,
    /// A file of SQL
    #[arg(long, short, value_name = "FILE", conflicts_with = "sql")]
    file: Option<PathBuf>,
    /// A parameter's value, as name=value (repeatable)
    #[arg(long = "param", short, value_name = "NAME=VALUE", value_parser = parse_pair)]
    parameters: Vec<(String, String)>,
    /// Read release N, or contract=N (repeatable) [default: the current release]
    #[arg(long, value_name = "[CONTRACT=]N")]
    release: Vec<String>,
    /// Read the last releases at or before an instant, such as 2026-01-31T12:00:00Z
    #[arg(long, value_name = "TIMESTAMP", conflicts_with = "release")]
    as_of: Option<String>,
    /// How the result is written
    #[arg(long, value_enum, default_value = "table")]
    pub(super) format: Format,
    /// Write the result to a file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// SQL with the values of its parameters.
struct Statement {
    text: String,
    parameters: BTreeMap<String, ScalarValue>,
}

pub(super) async fn run(args: &Args, global: &Global, out: &Out) -> Result<u8> {
    let project = global.project()?;
    let consumers = match &project {
        Some(project) => project.consumers()?.0,
        None => Vec::new(),
    };
    let statement = statement(args, &consumers)?;
    let pin = pin(args)?;
    let warehouse = global.warehouse(project.as_ref())?;
    // Text without a qualified name reads no table: it needs no ledger.
    let catalog = match statement.text.contains('.') {
        true => Catalog::read(warehouse.as_ref(), project.as_ref(), &pin).await?,
        false => Catalog::default(),
    };
    if catalog.warehouse.is_none() && project.is_none() && statement.text.contains('.') {
        return Err(Error::usage("no-warehouse", "there is neither a project nor a warehouse")
            .hint("give --warehouse DIR, or run inside a project"));
    }
    let gateway = Gateway::new(catalog, consumers, global.limits());
    let prepared = gateway.prepare(&statement.text, &statement.parameters).await?;
    let answer = prepared.run().await?;
    let sink: Box<dyn Write + Send> = match &args.output {
        Some(path) => Box::new(std::fs::File::create(path).map_err(|e| Error::io(path, e))?),
        None => Box::new(std::io::stdout()),
    };
    let encoded = async {
        let mut stream = answer.stream;
        let mut encoder = Encoder::new(args.format, answer.schema, BufWriter::new(sink))?;
        while let Some(batch) = stream.next().await {
            encoder.write(&batch?)?;
        }
        encoder.finish()
    };
    encoded.await.map_err(|e| out.note(e))?;
    Ok(0)
}

fn statement(args: &Args, consumers: &[Consumer]) -> Result<Statement> {
    let given: BTreeMap<String, String> = args.parameters.iter().cloned().collect();
    if let Some(path) = &args.file {
        let source = crate::project::read(path)?;
        return of_text(source, &given);
    }
    let text = args.sql.clone().unwrap_or_default();
    if let Some(consumer) = consumers.iter().find(|c| c.name == text) {
        return Ok(Statement {
            text: consumer.source.text.clone(),
            parameters: bind(consumer, &given)?,
        });
    }
    let is_name = !text.is_empty() && !text.contains(char::is_whitespace);
    if is_name {
        let names: Vec<&str> = consumers.iter().map(|c| c.name.as_str()).collect();
        let error = Error::usage("unknown-consumer", format!("no consumer '{text}'"));
        return Err(match crate::diagnostic::nearest(&text, names.iter().copied()) {
            Some(near) => error.hint(format!("did you mean '{near}'?")),
            None if names.is_empty() => error.hint("consumers are .sql files under sql/"),
            None => error.hint(format!("consumers: {}", names.join(", "))),
        });
    }
    of_text(Arc::new(Source::new("query", text)), &given)
}

/// A text with a consumer's header has typed parameters; any other takes them as they look.
fn of_text(source: Arc<Source>, given: &BTreeMap<String, String>) -> Result<Statement> {
    let text = source.text.clone();
    if text.starts_with("--")
        && let (Some(consumer), _) = parse_consumer("query", &source)
    {
        return Ok(Statement { text, parameters: bind(&consumer, given)? });
    }
    let used = crate::engine::sql::placeholders(&text)?;
    if let Some(name) = given.keys().find(|name| !used.contains(*name)) {
        return Err(Error::usage("unknown-parameter", format!("the query has no parameter '{name}'"))
            .hint(format!("write ${name} where its value belongs")));
    }
    let parameters = given.iter().map(|(k, v)| (k.clone(), infer(v))).collect();
    Ok(Statement { text, parameters })
}

fn pin(args: &Args) -> Result<Pin> {
    let mut pin = Pin::default();
    for text in &args.release {
        let (contract, number) = match text.split_once('=') {
            Some((contract, number)) => (Some(contract), number),
            None => (None, text.as_str()),
        };
        let number: u64 = number.parse().map_err(|_| {
            Error::usage("bad-release", format!("'{text}' is no release"))
                .hint("--release 3, or --release learning=3")
        })?;
        match contract {
            Some(contract) => drop(pin.by_contract.insert(contract.to_owned(), number)),
            None => pin.number = Some(number),
        }
    }
    if let Some(text) = &args.as_of {
        let instant = temporal::timestamp(text).and_then(|t| t.nanoseconds(None));
        let instant = instant.and_then(|n| i64::try_from(n).ok());
        pin.as_of = Some(chrono::DateTime::from_timestamp_nanos(instant.ok_or_else(|| {
            Error::usage("bad-timestamp", format!("'{text}' is no timestamp"))
                .hint("such as 2026-01-31T12:00:00Z")
        })?));
    }
    Ok(pin)
}
