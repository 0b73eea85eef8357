//! `pactum tables`

use clap::Args as ClapArgs;
use serde_json::Value;

use crate::engine::Footers;
use crate::engine::text_table;
use crate::error::Result;
use crate::query::{Catalog, column_rows, table_rows};

use super::Format;
use super::context::Global;
use super::describe::age;
use super::output::{Out, thousands};

/// List the tables that can be read.
///
/// `pactum.tables` in SQL lists the same.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:
  pactum tables
  pactum tables --search score
  pactum --warehouse /data/warehouse tables --format json")]
pub(super) struct Args {
    /// Only tables whose names, columns or descriptions contain this text
    #[arg(long, short, value_name = "TEXT")]
    search: Option<String>,
    /// For people or for programs
    #[arg(long, value_enum, default_value = "human")]
    pub(super) format: Format,
}

pub(super) async fn run(args: &Args, global: &Global, out: &Out) -> Result<u8> {
    let project = global.project()?;
    let warehouse = global.warehouse_to_read(project.as_ref())?;
    let catalog = Catalog::read(warehouse.as_ref(), project.as_ref()).await?;
    let columns = column_rows(&catalog, &Footers::default()).await?;
    let mut rows = table_rows(&catalog);
    if let Some(text) = &args.search {
        rows.retain(|row| matches(row, &columns, &text.to_lowercase()));
    }
    if args.format == Format::Json {
        out.json(&rows)?;
        return Ok(0);
    }
    if rows.is_empty() {
        out.line(match &args.search {
            Some(text) => format!("no table matches '{text}'"),
            None => "there is no table yet: write a contract, then pactum publish".to_owned(),
        })?;
        return Ok(0);
    }
    let cells = rows.iter().map(|row| {
        let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
        let released = row["released_at"].as_str().map(age);
        vec![
            format!("{}.{}", text("schema"), text("table")),
            row["rows"].as_u64().map(thousands).unwrap_or_default(),
            row["release"].as_u64().map(|n| n.to_string()).unwrap_or_default(),
            released.unwrap_or_else(|| "not released".to_owned()),
            text("owner"),
            shorten(&text("description")),
        ]
    });
    let header = ["table", "rows", "release", "released", "owner", "description"];
    let right = [false, true, true, false, false, false];
    out.line(text_table(header.map(str::to_owned).to_vec(), cells.collect(), &right))?;
    out.line(out.paint().dim("pactum describe <table> says more"))?;
    Ok(0)
}

/// The first sentence, cut where a line would break.
fn shorten(text: &str) -> String {
    let first = text.split(". ").next().unwrap_or_default().trim().trim_end_matches('.');
    let line = first.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= 60 {
        return line;
    }
    format!("{}…", line.chars().take(59).collect::<String>())
}

fn matches(table: &Value, columns: &[Value], text: &str) -> bool {
    let holds = |row: &Value, keys: &[&str]| {
        keys.iter().any(|k| row[*k].as_str().is_some_and(|v| v.to_lowercase().contains(text)))
    };
    let own =
        |column: &&Value| column["schema"] == table["schema"] && column["table"] == table["table"];
    holds(table, &["contract", "schema", "table", "business_name", "description", "owner"])
        || columns
            .iter()
            .filter(own)
            .any(|column| holds(column, &["column", "business_name", "description"]))
}
