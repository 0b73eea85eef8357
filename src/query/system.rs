//! System tables: what exists, in SQL. Their columns are a stable format.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::catalog::TableProvider;
use datafusion::datasource::MemTable;
use serde_json::{Value, json};

use crate::contract::model::Table;
use crate::contract::types::sql_type;
use crate::diagnostic::Source;
use crate::error::{Error, Result};
use crate::project::{Consumer, parse_consumer};
use crate::warehouse::{Attempt, Entry, Ledger, Registration, Warehouse};

use super::catalog::{Catalog, Served};
use super::published_table::stored_types;
use super::system_columns::definitions;

/// The system tables that a text names.
pub(super) async fn tables(
    catalog: &Catalog,
    consumers: &[Consumer],
    words: &HashSet<String>,
) -> Result<HashMap<String, Arc<dyn TableProvider>>> {
    let mut tables: HashMap<String, Arc<dyn TableProvider>> = HashMap::new();
    for (name, columns) in definitions() {
        if !words.contains(name) {
            continue;
        }
        let rows = match name {
            "releases" => release_rows(catalog.warehouse.as_ref(), None).await?,
            "attempts" => attempt_rows(catalog.warehouse.as_ref()).await?,
            "clauses" => clause_rows(catalog.warehouse.as_ref()).await?,
            "tables" => table_rows(catalog),
            "columns" => column_rows(catalog).await?,
            _ => consumer_rows(consumers, catalog.warehouse.as_ref())?,
        };
        let schema: SchemaRef = Arc::new(Schema::new(
            columns.into_iter().map(|(n, t)| Field::new(n, t, true)).collect::<Vec<_>>(),
        ));
        let batches = batch(&schema, &rows)?;
        tables.insert(name.to_owned(), Arc::new(MemTable::try_new(schema, vec![batches])?));
    }
    Ok(tables)
}

/// Rows as JSON objects become a batch by the names of the columns.
fn batch(schema: &SchemaRef, rows: &[Value]) -> Result<Vec<RecordBatch>> {
    let mut text = Vec::new();
    for row in rows {
        serde_json::to_writer(&mut text, row)
            .map_err(|e| Error::try_again("system", e.to_string()))?;
        text.push(b'\n');
    }
    let reader = arrow::json::ReaderBuilder::new(Arc::clone(schema)).build(text.as_slice())?;
    reader.map(|batch| batch.map_err(Error::from)).collect()
}

/// One object for each release, oldest first; of one contract, or of all.
///
/// # Errors
/// When a ledger cannot be read.
pub async fn release_rows(
    warehouse: Option<&Warehouse>,
    contract: Option<&str>,
) -> Result<Vec<Value>> {
    let mut rows = Vec::new();
    for (id, entries) in all_entries(warehouse, contract).await? {
        for entry in entries.iter().filter(|e| e.is_release()) {
            rows.push(json!({
                "contract": id,
                "release": entry.release,
                "kind": entry.kind,
                "time": time(entry.time),
                "contract_version": entry.contract_version,
                "major": entry.major,
                "tables": entry.tables.len(),
                "rows": entry.tables.values().map(|t| t.rows).sum::<u64>(),
                "publisher": entry.publisher,
                "publish_id": entry.publish_id,
                "base_release": entry.base_release,
                "run_id": entry.run_id,
                "sources": serde_json::to_string(&entry.sources).unwrap_or_default(),
                "labels": serde_json::to_string(&entry.labels).unwrap_or_default(),
            }));
        }
    }
    Ok(rows)
}

async fn all_entries(
    warehouse: Option<&Warehouse>,
    contract: Option<&str>,
) -> Result<Vec<(String, Vec<Entry>)>> {
    let mut all = Vec::new();
    let Some(warehouse) = warehouse else { return Ok(all) };
    for id in warehouse.contracts()? {
        if contract.is_none_or(|wanted| wanted == id) {
            let entries = Ledger::read(&warehouse.contract(&id)).await?.entries()?;
            all.push((id, entries));
        }
    }
    Ok(all)
}

/// Rejected attempts and the releases, oldest first.
async fn attempt_rows(warehouse: Option<&Warehouse>) -> Result<Vec<Value>> {
    let mut rows = Vec::new();
    for (id, entries) in all_entries(warehouse, None).await? {
        for entry in entries.iter().filter(|e| e.is_release()) {
            rows.push(json!({
                "contract": id,
                "publish_id": entry.publish_id,
                "outcome": "released",
                "time": time(entry.time),
                "release": entry.release,
                "contract_version": entry.contract_version,
                "publisher": entry.publisher,
                "rows": entry.tables.values().map(|t| t.rows).sum::<u64>(),
                "failed_clauses": failed_clauses(&report_of(entry)),
            }));
        }
        let Some(warehouse) = warehouse else { continue };
        for attempt in Attempt::all(&warehouse.contract(&id))? {
            let checked = tables_of(&attempt.report);
            rows.push(json!({
                "contract": id,
                "publish_id": attempt.publish_id,
                "outcome": attempt.outcome,
                "time": time(attempt.time),
                "release": null,
                "contract_version": attempt.contract_version,
                "publisher": attempt.publisher,
                "rows": checked.iter().map(|t| number(t, "rows")).sum::<u64>(),
                "failed_clauses": failed_clauses(&attempt.report),
            }));
        }
    }
    rows.sort_by_key(|row| row["time"].as_str().map(str::to_owned));
    Ok(rows)
}

fn report_of(entry: &Entry) -> Value {
    entry.report.as_deref().and_then(|r| serde_json::from_str(r).ok()).unwrap_or_default()
}

fn tables_of(report: &Value) -> Vec<Value> {
    report["tables"].as_array().cloned().unwrap_or_default()
}

fn number(value: &Value, key: &str) -> u64 {
    value[key].as_u64().unwrap_or_default()
}

fn failed_clauses(report: &Value) -> usize {
    let clauses = |t: &Value| t["clauses"].as_array().cloned().unwrap_or_default();
    tables_of(report).iter().flat_map(clauses).filter(|c| c["verdict"] == "failed").count()
}

/// Verdicts of every release and attempt.
async fn clause_rows(warehouse: Option<&Warehouse>) -> Result<Vec<Value>> {
    let mut rows = Vec::new();
    for (id, entries) in all_entries(warehouse, None).await? {
        for entry in entries.iter().filter(|e| e.is_release()) {
            let run = json!([id, entry.publish_id, entry.release, time(entry.time)]);
            push_clauses(&mut rows, &run, &report_of(entry));
        }
        let Some(warehouse) = warehouse else { continue };
        for attempt in Attempt::all(&warehouse.contract(&id))? {
            let run = json!([id, attempt.publish_id, null, time(attempt.time)]);
            push_clauses(&mut rows, &run, &attempt.report);
        }
    }
    Ok(rows)
}

fn push_clauses(rows: &mut Vec<Value>, run: &Value, report: &Value) {
    for table in tables_of(report) {
        for clause in table["clauses"].as_array().into_iter().flatten() {
            let measured = match &clause["measured"] {
                Value::Null => Value::Null,
                Value::String(text) => json!(text),
                other => json!(other.to_string()),
            };
            rows.push(json!({
                "contract": run[0],
                "publish_id": run[1],
                "release": run[2],
                "time": run[3],
                "table": table["name"],
                "clause": clause["id"],
                "kind": clause["kind"],
                "column": clause["column"],
                "severity": clause["severity"],
                "verdict": clause["verdict"],
                "measured": measured,
                "expected": clause["expected"],
                "failing_rows": clause["failing_rows"],
                "reason": clause["reason"],
            }));
        }
    }
}

fn time(time: chrono::DateTime<chrono::Utc>) -> String {
    time.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
}

/// One object for each table.
pub fn table_rows(catalog: &Catalog) -> Vec<Value> {
    each_table(catalog)
        .map(|(served, schema, table)| {
            let key: Vec<&str> =
                table.primary_key().iter().map(|c| c.name.value.as_str()).collect();
            let entry = served.release.as_ref().map(|r| &r.entry);
            let released = entry.and_then(|e| e.tables.get(&table.name.value));
            json!({
                "contract": served.contract.id,
                "schema": schema,
                "table": table.name.value,
                "business_name": table.business_name,
                "description": table.description,
                "columns": table.stored_columns().count(),
                "primary_key": (!key.is_empty()).then(|| key.join(", ")),
                "owner": served.contract.owner,
                "support": served.contract.support,
                "status": served.contract.status,
                "contract_version": served.contract.version_text,
                "release": entry.and_then(|e| e.release),
                "released_at": entry.map(|e| time(e.time)),
                "rows": released.map(|t| t.rows),
            })
        })
        .collect()
}

/// One object for each column.
///
/// # Errors
/// When a release cannot be read.
pub async fn column_rows(catalog: &Catalog) -> Result<Vec<Value>> {
    let mut rows = Vec::new();
    for (served, schema, table) in each_table(catalog) {
        let key = table.primary_key();
        let types = stored_types(served.release.as_ref(), table).await?;
        for (n, (column, (_, stored))) in table.stored_columns().zip(types).enumerate() {
            let position = key.iter().position(|k| std::ptr::eq(*k, column));
            rows.push(json!({
                "contract": served.contract.id,
                "schema": schema,
                "table": table.name.value,
                "column": column.name.value,
                "position": n + 1,
                "type": sql_type(&stored),
                "nullable": !column.not_null(),
                "key_position": position.map(|p| p + 1),
                "is_unique": column.unique.is_some() || (key.len() == 1 && position.is_some()),
                "classification": column.classification,
                "business_name": column.business_name,
                "description": column.description,
            }));
        }
    }
    Ok(rows)
}

/// Every table with the schema name that queries use for it.
fn each_table(catalog: &Catalog) -> impl Iterator<Item = (&Served, String, &Table)> {
    catalog.served.iter().flat_map(|served| {
        let schema = match served.is_default {
            true => served.contract.sql_name.value.clone(),
            false => served.contract.sql_name_with_major(),
        };
        served.contract.tables.iter().map(move |table| (served, schema.clone(), table))
    })
}

/// One object for each consumer: the project's own, then those that repositories have registered.
fn consumer_rows(own: &[Consumer], warehouse: Option<&Warehouse>) -> Result<Vec<Value>> {
    let mut rows: Vec<Value> = own.iter().map(|c| consumer_row(c, None)).collect();
    let registrations = match warehouse {
        Some(warehouse) => warehouse.registrations()?,
        None => Vec::new(),
    };
    for registration in &registrations {
        for sql in &registration.consumers {
            let source = Arc::new(Source::new(sql.file.clone(), sql.text.clone()));
            // A header that was valid when pushed is valid now.
            let (consumer, _) = parse_consumer(&sql.name, &source);
            rows.extend(consumer.map(|c| consumer_row(&c, Some(registration))));
        }
    }
    Ok(rows)
}

fn consumer_row(consumer: &Consumer, registration: Option<&Registration>) -> Value {
    let parameters: serde_json::Map<String, Value> = consumer
        .parameters
        .iter()
        .map(|p| {
            let about = json!({
                "type": p.type_name,
                "required": p.required,
                "default": p.default.as_ref().map(|d| d.to_json()),
                "description": p.description,
            });
            (p.name.clone(), about)
        })
        .collect();
    json!({
        "consumer": consumer.name,
        "owner": consumer.owner,
        "summary": consumer.summary,
        "endpoint": consumer.endpoint,
        "parameters": Value::Object(parameters).to_string(),
        "file": consumer.source.name,
        "repository": registration.map(|r| &r.repository),
        "commit": registration.and_then(|r| r.commit.as_ref()),
        "declared": registration.map(|r| r.declared),
    })
}
