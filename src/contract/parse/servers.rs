//! What the standard requires of each type of server. Pactum reads no servers: what is missing here
//! is a warning, for other tools refuse the document.

use std::sync::Arc;

use crate::contract::lint::rules::{
    missing_key, newer_than_declared, unknown_key, unknown_word, wrong_type,
};
use crate::contract::odcs::Since;
use crate::contract::yaml::{Node, Value};
use crate::diagnostic::{Diagnostic, Severity, Source};

/// A type of server: first version that has it, the keys that it requires, those that it may have.
struct Kind {
    name: &'static str,
    since: Since,
    required: &'static [&'static str],
    optional: &'static [&'static str],
}

const fn server(
    name: &'static str,
    since: Since,
    required: &'static [&'static str],
    optional: &'static [&'static str],
) -> Kind {
    Kind { name, since, required, optional }
}

/// Every type of server, by name.
const KINDS: &[Kind] = &[
    server("api", (3, 0), &["location"], &[]),
    server("athena", (3, 0), &["schema"], &["stagingDir", "catalog", "regionName", "workgroup"]),
    server("azure", (3, 0), &["location", "format"], &["encoding", "delimiter"]),
    server("bigquery", (3, 0), &["project", "dataset"], &[]),
    server("btrieve", (3, 2), &["host", "database"], &["port"]),
    server("clickhouse", (3, 0), &["host", "port", "database"], &[]),
    server("cloudsql", (3, 0), &["host", "port", "database", "schema"], &[]),
    server(
        "custom",
        (3, 0),
        &[],
        &[
            "account",
            "catalog",
            "database",
            "dataset",
            "delimiter",
            "endpointUrl",
            "format",
            "encoding",
            "host",
            "location",
            "path",
            "port",
            "project",
            "region",
            "regionName",
            "schema",
            "serviceName",
            "stagingDir",
            "warehouse",
            "stream",
        ],
    ),
    server("databricks", (3, 0), &["catalog", "schema"], &["host"]),
    server("db2", (3, 0), &["host", "port", "database"], &["schema"]),
    server("denodo", (3, 0), &["host", "port"], &["database"]),
    server("dremio", (3, 0), &["host", "port"], &["schema"]),
    server("duckdb", (3, 0), &["database"], &["schema"]),
    server("exasol", (3, 2), &["host"], &["port", "schema"]),
    server("fastobjects", (3, 2), &["database"], &["host", "port"]),
    server("glue", (3, 0), &["account", "database"], &["location", "format", "encoding"]),
    server("hana", (3, 2), &["host"], &["port", "database", "schema"]),
    server("hive", (3, 1), &["host", "database"], &["port"]),
    server("iceberg", (3, 2), &["catalog", "catalogUrl"], &["namespace", "warehouse"]),
    server("impala", (3, 1), &["host", "database"], &["port"]),
    server("informix", (3, 0), &["host", "database"], &["port"]),
    server("ingres", (3, 2), &["database", "host"], &["port"]),
    server("kafka", (3, 0), &["host"], &["format", "encoding"]),
    server("kinesis", (3, 0), &[], &["region", "format", "encoding"]),
    server("local", (3, 0), &["path", "format"], &["encoding"]),
    server("mysql", (3, 0), &["host", "port", "database"], &[]),
    server("oracle", (3, 0), &["host", "port", "serviceName"], &[]),
    server("poet", (3, 2), &["database"], &["host", "port"]),
    server("postgres", (3, 0), &["host", "port", "database", "schema"], &[]),
    server("postgresql", (3, 0), &["host", "port", "database", "schema"], &[]),
    server("presto", (3, 0), &["host"], &["catalog", "schema"]),
    server("pubsub", (3, 0), &["project"], &[]),
    server("redshift", (3, 0), &["database", "schema"], &["host", "region", "account"]),
    server("s3", (3, 0), &["location"], &["endpointUrl", "format", "encoding", "delimiter"]),
    server("sftp", (3, 0), &["location"], &["format", "encoding", "delimiter"]),
    server("snowflake", (3, 0), &["account", "database", "schema"], &["host", "port", "warehouse"]),
    server("sqlserver", (3, 0), &["host", "database", "schema"], &["port"]),
    server("synapse", (3, 0), &["host", "port", "database"], &[]),
    server("teradata", (3, 2), &["host"], &["port", "database"]),
    server("trino", (3, 0), &["host", "port", "catalog", "schema"], &[]),
    server("vectorwise", (3, 2), &["database", "host"], &["port"]),
    server("versant", (3, 2), &["database"], &["host", "port"]),
    server("vertica", (3, 0), &["host", "port", "database", "schema"], &[]),
    server("zen", (3, 1), &["host", "database"], &["port"]),
];

/// Keys of every server.
const COMMON: &[&str] =
    &["id", "server", "type", "description", "environment", "roles", "customProperties"];

/// What the standard misses in a server, or does not have there.
pub(super) fn check(node: &Node, declared: Since, source: &Arc<Source>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    port(node, declared, source, &mut found);
    let Some((written, word)) = node.get("type").and_then(|t| Some((t, t.as_str()?))) else {
        return found;
    };
    let Some(kind) = KINDS.iter().find(|kind| kind.name == word) else {
        let words: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
        let unknown = unknown_word::diagnose(source, written, "type", word, &words);
        found.push(unknown.severity(Severity::Warning));
        return found;
    };
    if kind.since > declared {
        let what = format!("server type '{word}'");
        found.push(newer_than_declared::diagnose(
            source,
            written.span,
            &what,
            kind.since,
            declared,
        ));
    }
    for key in kind.required.iter().filter(|key| node.get(key).is_none()) {
        let message = format!("a server of type {word} needs the key '{key}'");
        found.push(missing_key::of_server(source, node, message));
    }
    // It became optional.
    if word == "athena" && declared < (3, 2) && node.get("stagingDir").is_none() {
        let message = "a server of type athena needs the key 'stagingDir' before version 3.2";
        found.push(missing_key::of_server(source, node, message.to_owned()));
    }
    // In 3.0 a server may have any key.
    if declared >= (3, 1) {
        let has =
            |kind: &Kind, key: &str| kind.required.contains(&key) || kind.optional.contains(&key);
        // A key that no server has is reported as such.
        let elsewhere = |key: &str| KINDS.iter().any(|other| has(other, key));
        for (key, _) in node.entries() {
            let text = key.text.as_str();
            if !COMMON.contains(&text) && !has(kind, text) && elsewhere(text) {
                found.push(unknown_key::of_server(source, key, word));
            }
        }
    }
    found
}

/// A port is a number; from 3.2 on it may be a text, such as a variable.
fn port(node: &Node, declared: Since, source: &Arc<Source>, found: &mut Vec<Diagnostic>) {
    let Some(port) = node.get("port") else { return };
    let (fits, expected) = match &port.value {
        Value::Number(n) => (n.parse::<i64>().is_ok(), "a whole number"),
        Value::String(_) => (declared >= (3, 2), "a whole number"),
        Value::Null => return,
        _ => (false, "a whole number"),
    };
    if !fits {
        let wrong = wrong_type::diagnose(source, port, "port", expected);
        found.push(wrong.severity(Severity::Warning));
    }
}
