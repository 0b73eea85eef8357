//! `information_schema`: the schemas, tables and columns of a snapshot, as PostgreSQL's views of these
//! names list them, with the same columns.
//!
//! Beside the released tables they list the system tables and themselves, as views.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema};
use datafusion::catalog::TableProvider;
use serde_json::{Value, json};

use crate::engine::Footers;
use crate::engine::dialect::{DATABASE, SCHEMA, type_name};
use crate::error::Result;

use super::catalog::{Catalog, Served};
use super::published_table::stored_types;
use super::system::rows_as_table;
use super::system_columns::definitions;

/// The schema's name.
pub(super) const NAME: &str = "information_schema";

/// The views, in the order of names.
pub(super) const VIEWS: [&str; 3] = ["columns", "schemata", "tables"];

/// A view, with its rows.
///
/// # Errors
/// When a released table cannot be read.
pub(super) async fn view(
    name: &str,
    catalog: &Catalog,
    footers: &Footers,
) -> Result<Arc<dyn TableProvider>> {
    let rows = match name {
        "schemata" => schemata(catalog),
        "tables" => tables(catalog),
        _ => columns(catalog, footers).await?,
    };
    let fields: Vec<Field> =
        columns_of(name).map(|(name, data_type)| Field::new(name, data_type, true)).collect();
    rows_as_table(&Arc::new(Schema::new(fields)), &rows)
}

/// The columns of a view.
fn columns_of(view: &str) -> impl Iterator<Item = (&'static str, DataType)> {
    let names: &[&str] = match view {
        "schemata" => &SCHEMATA,
        "tables" => &TABLES,
        _ => &COLUMNS,
    };
    names.iter().map(|name| {
        let is_number = INTEGERS.contains(name);
        (*name, if is_number { DataType::Int32 } else { DataType::Utf8 })
    })
}

const SCHEMATA: [&str; 7] = [
    "catalog_name",
    "schema_name",
    "schema_owner",
    "default_character_set_catalog",
    "default_character_set_schema",
    "default_character_set_name",
    "sql_path",
];

const TABLES: [&str; 12] = [
    "table_catalog",
    "table_schema",
    "table_name",
    "table_type",
    "self_referencing_column_name",
    "reference_generation",
    "user_defined_type_catalog",
    "user_defined_type_schema",
    "user_defined_type_name",
    "is_insertable_into",
    "is_typed",
    "commit_action",
];

const COLUMNS: [&str; 44] = [
    "table_catalog",
    "table_schema",
    "table_name",
    "column_name",
    "ordinal_position",
    "column_default",
    "is_nullable",
    "data_type",
    "character_maximum_length",
    "character_octet_length",
    "numeric_precision",
    "numeric_precision_radix",
    "numeric_scale",
    "datetime_precision",
    "interval_type",
    "interval_precision",
    "character_set_catalog",
    "character_set_schema",
    "character_set_name",
    "collation_catalog",
    "collation_schema",
    "collation_name",
    "domain_catalog",
    "domain_schema",
    "domain_name",
    "udt_catalog",
    "udt_schema",
    "udt_name",
    "scope_catalog",
    "scope_schema",
    "scope_name",
    "maximum_cardinality",
    "dtd_identifier",
    "is_self_referencing",
    "is_identity",
    "identity_generation",
    "identity_start",
    "identity_increment",
    "identity_maximum",
    "identity_minimum",
    "identity_cycle",
    "is_generated",
    "generation_expression",
    "is_updatable",
];

const INTEGERS: [&str; 9] = [
    "ordinal_position",
    "character_maximum_length",
    "character_octet_length",
    "numeric_precision",
    "numeric_precision_radix",
    "numeric_scale",
    "datetime_precision",
    "interval_precision",
    "maximum_cardinality",
];

/// The contracts that can be read.
fn readable(catalog: &Catalog) -> impl Iterator<Item = &Served> {
    catalog.served.iter().filter(|served| served.release.is_some())
}

fn schemata(catalog: &Catalog) -> Vec<Value> {
    let own = [SCHEMA, "pactum", NAME].map(str::to_owned);
    let mut names: Vec<String> = readable(catalog).map(Served::listed_name).chain(own).collect();
    names.sort_unstable();
    names.dedup();
    let one =
        |name| json!({ "catalog_name": DATABASE, "schema_name": name, "schema_owner": DATABASE });
    names.into_iter().map(one).collect()
}

fn tables(catalog: &Catalog) -> Vec<Value> {
    let one = |schema: &str, name: &str, kind: &str| {
        json!({
            "table_catalog": DATABASE,
            "table_schema": schema,
            "table_name": name,
            "table_type": kind,
            "is_insertable_into": "NO",
            "is_typed": "NO",
        })
    };
    let mut rows = Vec::new();
    for served in readable(catalog) {
        let schema = served.listed_name();
        rows.extend(served.released_tables().map(|t| one(&schema, &t.name.value, "BASE TABLE")));
    }
    rows.extend(definitions().iter().map(|(name, _)| one("pactum", name, "VIEW")));
    rows.extend(VIEWS.iter().map(|name| one(NAME, name, "VIEW")));
    rows
}

async fn columns(catalog: &Catalog, footers: &Footers) -> Result<Vec<Value>> {
    let mut rows = Vec::new();
    for served in readable(catalog) {
        let schema = served.listed_name();
        for table in served.released_tables() {
            let stored = stored_types(served.release.as_ref(), table, footers).await?;
            let stored = table.stored_columns().zip(stored);
            rows.extend(stored.enumerate().map(|(n, (column, (name, data_type)))| {
                let of = (schema.as_str(), table.name.value.as_str());
                column_row(of, n, &name, &data_type, !column.not_null())
            }));
        }
    }
    for (table, columns) in definitions() {
        let columns = columns.into_iter().enumerate();
        rows.extend(columns.map(|(n, (name, t))| column_row(("pactum", table), n, name, &t, true)));
    }
    for view in VIEWS {
        let columns = columns_of(view).enumerate();
        rows.extend(columns.map(|(n, (name, t))| column_row((NAME, view), n, name, &t, true)));
    }
    Ok(rows)
}

fn column_row(
    (schema, table): (&str, &str),
    place: usize,
    name: &str,
    data_type: &DataType,
    nullable: bool,
) -> Value {
    let spelled = type_name(data_type);
    let (precision, radix, scale) = numeric(data_type);
    json!({
        "table_catalog": DATABASE,
        "table_schema": schema,
        "table_name": table,
        "column_name": name,
        "ordinal_position": place + 1,
        "is_nullable": if nullable { "YES" } else { "NO" },
        "data_type": if spelled.ends_with("[]") { "ARRAY" } else { &spelled },
        "character_octet_length": (spelled == "text").then_some(1_073_741_824),
        "numeric_precision": precision,
        "numeric_precision_radix": radix,
        "numeric_scale": scale,
        "datetime_precision": datetime_precision(data_type),
        "udt_catalog": DATABASE,
        "udt_schema": "pg_catalog",
        "udt_name": udt_name(&spelled),
        "dtd_identifier": (place + 1).to_string(),
        "is_self_referencing": "NO",
        "is_identity": "NO",
        "identity_cycle": "NO",
        "is_generated": "NEVER",
        "is_updatable": "NO",
    })
}

/// Precision, its radix, and scale of a number.
fn numeric(data_type: &DataType) -> (Option<u8>, Option<u8>, Option<i8>) {
    let binary = |bits, scale| (Some(bits), Some(2), scale);
    match type_name(data_type).as_str() {
        "smallint" => binary(16, Some(0)),
        "integer" => binary(32, Some(0)),
        "bigint" => binary(64, Some(0)),
        "real" => binary(24, None),
        "double precision" => binary(53, None),
        _ => match data_type {
            DataType::Decimal128(precision, scale) | DataType::Decimal256(precision, scale) => {
                (Some(*precision), Some(10), Some(*scale))
            }
            _ => (None, None, None),
        },
    }
}

fn datetime_precision(data_type: &DataType) -> Option<u8> {
    match data_type {
        DataType::Date32 | DataType::Date64 => Some(0),
        DataType::Timestamp(..) | DataType::Time32(_) | DataType::Time64(_) => Some(6),
        _ => None,
    }
}

/// PostgreSQL's own name of a type: `_int8` of a list.
fn udt_name(spelled: &str) -> String {
    if let Some(item) = spelled.strip_suffix("[]") {
        // PostgreSQL's arrays have one type for all dimensions.
        return format!("_{}", udt_name(item).trim_start_matches('_'));
    }
    match spelled {
        "smallint" => "int2",
        "integer" => "int4",
        "bigint" => "int8",
        "real" => "float4",
        "double precision" => "float8",
        "boolean" => "bool",
        "timestamp without time zone" => "timestamp",
        "timestamp with time zone" => "timestamptz",
        "time without time zone" => "time",
        other => other,
    }
    .to_owned()
}
