//! `pactum describe`

use arrow::datatypes::DataType;
use clap::Args as ClapArgs;
use serde_json::{Value, json};

use crate::check::clause_list;
use crate::contract::model::{Column, Table};
use crate::contract::names::quote;
use crate::contract::types::{planned, sql_type};
use crate::engine::Footers;
use crate::engine::text_table;
use crate::error::{Error, Result};
use crate::project::{Consumer, Project};
use crate::query::{Catalog, Gateway, ReadTable, Served, plan_consumer, stored_types};

use super::Format;
use super::context::Global;
use super::output::{Out, count};

/// Describe a contract, a table or a column.
///
/// Shows what it means, what is guaranteed, and whom to ask.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:
  pactum describe learning
  pactum describe learning.scores
  pactum describe learning.scores.score")]
pub(super) struct Args {
    /// <contract>, <contract>.<table> or <contract>.<table>.<column>
    #[arg(value_name = "CONTRACT[.TABLE[.COLUMN]]")]
    target: String,
    /// For people or for programs
    #[arg(long, value_enum, default_value = "human")]
    pub(super) format: Format,
}

pub(super) async fn run(args: &Args, global: &Global, out: &Out) -> Result<u8> {
    let project = global.project()?;
    let warehouse = global.warehouse_to_read(project.as_ref())?;
    let catalog = Catalog::read(warehouse.as_ref(), project.as_ref()).await?;
    let consumers = project.as_ref().map(Project::consumers).transpose()?.unwrap_or_default().0;
    let gateway = Gateway::planning(catalog, &global.limits())?;
    let (served, table, column) = find(gateway.catalog(), &args.target)?;
    let schema = schema_name(served, &args.target);
    let types = match table {
        Some(table) => stored_types(served.release.as_ref(), table, &Footers::default()).await?,
        None => Vec::new(),
    };
    let document = match (table, column) {
        (Some(table), Some(column)) => describe_column(&schema, served, table, column, &types),
        (Some(table), None) => {
            let readers = readers(&gateway, &consumers, served, Some(table)).await;
            describe_table(&schema, served, table, &types, &readers)
        }
        _ => {
            let readers = readers(&gateway, &consumers, served, None).await;
            describe_contract(&schema, served, &readers)
        }
    };
    match args.format {
        Format::Json => out.json(&document)?,
        Format::Human => show(&document, out)?,
    }
    Ok(0)
}

/// The schema's name in SQL: with its major where it was asked for so, and where the name without
/// one means another major.
fn schema_name(served: &Served, target: &str) -> String {
    let contract = &served.contract;
    let with_major = contract.sql_name_with_major();
    let asked = target.get(..with_major.len()).is_some_and(|begin| {
        let rest = target.get(with_major.len()..).unwrap_or_default();
        begin.eq_ignore_ascii_case(&with_major) && (rest.is_empty() || rest.starts_with('.'))
    });
    if asked { with_major } else { served.listed_name() }
}

type Found<'a> = (&'a Served, Option<&'a Table>, Option<&'a Column>);

fn find<'a>(catalog: &'a Catalog, target: &str) -> Result<Found<'a>> {
    let whole = catalog.find(target);
    let (contract, rest) = match (&whole, target.split_once('.')) {
        (Ok(served), _) => return Ok((served, None, None)),
        (Err(_), Some(parts)) => parts,
        (Err(_), None) => return whole.map(|served| (served, None, None)),
    };
    let served = catalog.find(contract)?;
    let (table, column) = match rest.split_once('.') {
        Some((table, column)) => (table, Some(column)),
        None => (rest, None),
    };
    let table = crate::check::find_table(&served.contract, table)?;
    let Some(name) = column else { return Ok((served, Some(table), None)) };
    match table.column(name) {
        Some(column) => Ok((served, Some(table), Some(column))),
        None => {
            let names = table.columns.iter().map(|c| c.name.value.as_str());
            let message = format!("table '{}' has no column '{name}'", table.name.value);
            let error = Error::usage("unknown-column", message);
            Err(match crate::diagnostic::nearest(name, names.clone()) {
                Some(near) => error.hint(format!("did you mean '{near}'?")),
                None => error.hint(format!("columns: {}", names.collect::<Vec<_>>().join(", "))),
            })
        }
    }
}

/// Consumers that read a contract, or one table of it.
async fn readers(
    gateway: &Gateway,
    consumers: &[Consumer],
    served: &Served,
    table: Option<&Table>,
) -> Vec<Value> {
    let contract = &served.contract;
    let mut found = Vec::new();
    for consumer in consumers {
        let Ok(plan) = plan_consumer(gateway, consumer).await else { continue };
        let own = |read: &&ReadTable| {
            read.contract == contract.id && read.major == contract.version.major
        };
        let named = |read: &ReadTable| table.is_none_or(|t| t.name.value == read.table);
        if plan.tables.iter().filter(own).any(named) {
            found.push(json!({ "consumer": consumer.name, "owner": consumer.owner }));
        }
    }
    found
}

fn describe_contract(schema: &str, served: &Served, consumers: &[Value]) -> Value {
    let contract = &served.contract;
    let tables: Vec<Value> = contract
        .tables
        .iter()
        .map(|table| json!({ "table": table.name.value, "description": table.description }))
        .collect();
    json!({
        "contract": contract.id,
        "schema": schema,
        "version": contract.version_text,
        "status": contract.status,
        "domain": contract.domain,
        "description": contract.description,
        "owner": contract.owner,
        "support": contract.support,
        "release": release(served),
        "tables": tables,
        "consumers": consumers,
    })
}

fn describe_table(
    schema: &str,
    served: &Served,
    table: &Table,
    types: &Types,
    consumers: &[Value],
) -> Value {
    let contract = &served.contract;
    let name = format!("{schema}.{}", table.name.value);
    let key: Vec<&str> = table.primary_key().iter().map(|c| c.name.value.as_str()).collect();
    let columns: Vec<Value> =
        table.stored_columns().map(|c| column_object(table, c, types)).collect();
    let clauses: Vec<Value> = clause_list(contract, table)
        .into_iter()
        .map(|s| json!({ "id": s.id, "expected": s.expected, "line": s.line }))
        .collect();
    let rows = served.release.as_ref().and_then(|r| r.entry.tables.get(&table.name.value));
    json!({
        "table": name,
        "business_name": table.business_name,
        "description": table.description,
        "primary_key": key,
        "owner": contract.owner,
        "support": contract.support,
        "contract": format!("{} {}", contract.id, contract.version_text),
        "release": release(served),
        "rows": rows.map(|t| t.rows),
        "columns": columns,
        "clauses": clauses,
        "consumers": consumers,
        "example": example(&name, table),
    })
}

fn describe_column(
    schema: &str,
    served: &Served,
    table: &Table,
    column: &Column,
    types: &Types,
) -> Value {
    let contract = &served.contract;
    let mine: Vec<Value> = clause_list(contract, table)
        .into_iter()
        .filter(|s| s.column.as_deref() == Some(&column.name.value))
        .map(|s| json!({ "id": s.id, "expected": s.expected, "line": s.line }))
        .collect();
    let mut document = column_object(table, column, types);
    let name = format!("{schema}.{}.{}", table.name.value, column.name.value);
    document["column"] = json!(name);
    document["owner"] = json!(contract.owner);
    document["clauses"] = json!(mine);
    document
}

/// Declared names with stored types.
type Types = [(String, DataType)];

fn column_object(table: &Table, column: &Column, types: &Types) -> Value {
    let stored = types.iter().find(|(name, _)| *name == column.name.value).map(|(_, t)| t.clone());
    let position = table.primary_key().iter().position(|k| std::ptr::eq(*k, column));
    json!({
        "column": column.name.value,
        "type": sql_type(&stored.unwrap_or_else(|| planned(column))),
        "nullable": !column.not_null(),
        "key_position": position.map(|p| p + 1),
        "business_name": column.business_name,
        "classification": column.classification,
        "description": column.description,
    })
}

fn release(served: &Served) -> Value {
    match &served.release {
        Some(release) => json!({
            "number": release.number(),
            "time": release.entry.time.to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
            "publisher": release.entry.publisher,
        }),
        None => Value::Null,
    }
}

/// A query to start from: one key, all columns.
fn example(name: &str, table: &Table) -> String {
    let columns: Vec<String> =
        table.stored_columns().take(4).map(|c| quote(&c.name.value)).collect();
    let order: Vec<String> = table.primary_key().iter().map(|c| quote(&c.name.value)).collect();
    let order =
        if order.is_empty() { String::new() } else { format!(" order by {}", order.join(", ")) };
    format!("select {} from {name}{order} limit 10", columns.join(", "))
}

fn show(document: &Value, out: &Out) -> Result<()> {
    let paint = out.paint();
    let title = ["column", "table", "contract"].iter().find_map(|k| document[*k].as_str());
    out.line(paint.bold(title.unwrap_or_default()))?;
    if let Some(text) = document["description"].as_str() {
        for line in text.trim().lines() {
            out.line(format!("  {}", line.trim()))?;
        }
    }
    out.line("")?;
    facts(document, out)?;
    if let Some(columns) = document["columns"].as_array() {
        out.line("")?;
        show_columns(columns, out)?;
    }
    list(document, "tables", "tables", |t| pair(&t["table"], &t["description"]), out)?;
    list(document, "clauses", "guaranteed", |c| pair(&c["id"], &c["expected"]), out)?;
    list(document, "consumers", "consumers", |c| pair(&c["consumer"], &c["owner"]), out)?;
    if let Some(example) = document["example"].as_str() {
        out.line(format!("\nexample\n  pactum query \"{}\"", example.replace('"', "\\\"")))?;
    }
    Ok(())
}

fn facts(document: &Value, out: &Out) -> Result<()> {
    let text = |key: &str| match &document[key] {
        Value::String(text) => Some(text.clone()),
        Value::Bool(truth) => Some(if *truth { "yes" } else { "no" }.to_owned()),
        Value::Number(n) => Some(n.to_string()),
        _ => None,
    };
    let key: Vec<&str> = document["primary_key"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let release = &document["release"];
    let released = match release["number"].as_u64() {
        Some(number) => {
            let time = release["time"].as_str().unwrap_or_default();
            Some(format!("release {number}, {} ({time})", age(time)))
        }
        None if document.get("release").is_some() => Some("not released yet".to_owned()),
        None => None,
    };
    let rows = document["rows"].as_u64().map(|n| count(n, "row", "rows"));
    let known_title = document["table"].is_string() || document["column"].is_string();
    let facts = [
        ("business name", text("business_name")),
        ("type", text("type")),
        ("nullable", text("nullable")),
        ("key position", text("key_position")),
        ("classification", text("classification")),
        ("schema in SQL", text("schema")),
        ("version", text("version")),
        ("status", text("status")),
        ("domain", text("domain")),
        ("contract", text("contract").filter(|_| known_title)),
        ("primary key", (!key.is_empty()).then(|| key.join(", "))),
        ("current", released),
        ("size", rows),
        ("owner", text("owner")),
        ("support", text("support")),
    ];
    for (name, value) in facts {
        if let Some(value) = value {
            out.line(format!("  {:<15} {value}", format!("{name}:")))?;
        }
    }
    Ok(())
}

fn show_columns(columns: &[Value], out: &Out) -> Result<()> {
    let cells = columns.iter().map(|column| {
        let text = |key: &str| column[key].as_str().unwrap_or_default().to_owned();
        let mut notes = Vec::new();
        notes.extend(column["key_position"].as_u64().map(|n| format!("key {n}")));
        if column["nullable"] == json!(false) {
            notes.push("not null".to_owned());
        }
        notes.extend(column["classification"].as_str().map(str::to_owned));
        vec![text("column"), text("type"), notes.join(", "), text("description")]
    });
    let header = ["column", "type", "", "description"].map(str::to_owned).to_vec();
    out.line(text_table(header, cells.collect(), &[]))
}

fn list(
    document: &Value,
    key: &str,
    title: &str,
    words: impl Fn(&Value) -> String,
    out: &Out,
) -> Result<()> {
    let items: Vec<&Value> = document[key].as_array().into_iter().flatten().collect();
    if items.is_empty() {
        return Ok(());
    }
    out.line(format!("\n{title}"))?;
    items.iter().try_for_each(|item| out.line(format!("  {}", words(item))))
}

fn pair(a: &Value, b: &Value) -> String {
    match (a.as_str().unwrap_or_default(), b.as_str()) {
        (a, Some(b)) => format!("{a}: {}", b.trim().replace('\n', " ")),
        (a, None) => a.to_owned(),
    }
}

/// How long ago an instant was.
pub(super) fn age(time: &str) -> String {
    let Ok(then) = chrono::DateTime::parse_from_rfc3339(time) else { return time.to_owned() };
    let seconds = (chrono::Utc::now() - then.to_utc()).num_seconds().max(0);
    let (n, unit) = match seconds {
        0..60 => return "just now".to_owned(),
        60..3_600 => (seconds / 60, "minute"),
        3_600..86_400 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{n} {unit}{} ago", if n == 1 { "" } else { "s" })
}
