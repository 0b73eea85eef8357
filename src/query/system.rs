//! System tables: what exists, in SQL. Their columns are a stable format.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::catalog::TableProvider;
use datafusion::datasource::MemTable;
use serde_json::{Value, json};

use crate::contract::model::Table;
use crate::contract::types::sql_type;
use crate::diagnostic::Source;
use crate::engine::Footers;
use crate::engine::dialect::{Admitted, Bound, By, FUNCTIONS};
use crate::error::{Error, Result};
use crate::project::{Consumer, parse_consumer};
use crate::warehouse::{Entry, Registration, Warehouse};

use super::catalog::{Catalog, Served};
use super::history::History;
use super::published_table::stored_types;
use super::system_columns::definitions;

/// A system table of these rows.
pub(super) fn table(name: &str, rows: &[Value]) -> Result<Arc<dyn TableProvider>> {
    let columns = definitions().into_iter().find(|(known, _)| *known == name);
    let columns = columns.map(|(_, columns)| columns).unwrap_or_default();
    let fields: Vec<Field> = columns.into_iter().map(|(n, t)| Field::new(n, t, true)).collect();
    rows_as_table(&Arc::new(Schema::new(fields)), rows)
}

/// JSON objects as a table of these columns.
pub(super) fn rows_as_table(schema: &SchemaRef, rows: &[Value]) -> Result<Arc<dyn TableProvider>> {
    Ok(Arc::new(MemTable::try_new(Arc::clone(schema), vec![batch(schema, rows)?])?))
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

/// One object for each release, oldest first.
pub fn release_rows(history: &History) -> Vec<Value> {
    let mut rows = Vec::new();
    for contract in &history.contracts {
        let id = &contract.id;
        for entry in contract.releases() {
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
    rows
}

/// Rejected attempts and the releases, oldest first.
pub(super) fn attempt_rows(history: &History) -> Vec<Value> {
    let mut rows = Vec::new();
    for contract in &history.contracts {
        let id = &contract.id;
        for entry in contract.releases() {
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
        for attempt in &contract.attempts {
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
    rows
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
pub(super) fn clause_rows(history: &History) -> Vec<Value> {
    let mut rows = Vec::new();
    for contract in &history.contracts {
        let id = &contract.id;
        for entry in contract.releases() {
            let run = json!([id, entry.publish_id, entry.release, time(entry.time)]);
            push_clauses(&mut rows, &run, &report_of(entry));
        }
        for attempt in &contract.attempts {
            let run = json!([id, attempt.publish_id, null, time(attempt.time)]);
            push_clauses(&mut rows, &run, &attempt.report);
        }
    }
    rows
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

pub(super) fn time(time: chrono::DateTime<chrono::Utc>) -> String {
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
pub async fn column_rows(catalog: &Catalog, footers: &Footers) -> Result<Vec<Value>> {
    let mut rows = Vec::new();
    for (served, schema, table) in each_table(catalog) {
        let key = table.primary_key();
        let types = stored_types(served.release.as_ref(), table, footers).await?;
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

/// One object for each function that SQL may call.
pub(super) fn function_rows() -> Vec<Value> {
    let row = |function: &Admitted| {
        json!({
            "function": function.name,
            "meaning": function.meaning,
            "implementation": match function.by {
                By::Engine => "engine",
                By::Ours => "pactum",
            },
            "result": match function.bound {
                Bound::Fixed => "fixed width",
                Bound::Arguments => "no longer than the arguments",
                Bound::Longer => "may be longer than the arguments",
                Bound::State => "one value for each group",
                Bound::Rows => "from all values of a group",
            },
        })
    };
    FUNCTIONS.iter().map(row).collect()
}

/// Every table with the schema name that queries use for it.
fn each_table(catalog: &Catalog) -> impl Iterator<Item = (&Served, String, &Table)> {
    catalog.served.iter().flat_map(|served| {
        let schema = served.listed_name();
        served.contract.tables.iter().map(move |table| (served, schema.clone(), table))
    })
}

/// One object for each consumer: the project's own, then those that repositories have registered.
pub(super) fn consumer_rows(own: &[Consumer], warehouse: Option<&Warehouse>) -> Result<Vec<Value>> {
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
                "required": p.must_be_given(),
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
