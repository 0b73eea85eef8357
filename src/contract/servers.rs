//! What a contract's `servers` say about SQL: in whose dialect rules are written, and by which
//! further names tables are read there.

use super::Contract;
use super::model::Table;
use super::yaml::Node;

/// Types of servers that hold files or messages, and answer no SQL of their own.
const WITHOUT_SQL: &[&str] = &["api", "azure", "kafka", "kinesis", "local", "pubsub", "s3", "sftp"];

/// Keys whose value is put before a table's name, the outer ones first.
const OUTER: &[&str] = &["catalog", "project", "database"];
const INNER: &[&str] = &["database", "schema", "dataset"];

/// The engines that the contract's servers name, in lower case.
pub fn engines(contract: &Contract) -> Vec<String> {
    let mut engines: Vec<String> = Vec::new();
    for server in servers(contract) {
        let Some(engine) = server.get("type").and_then(Node::as_str) else { continue };
        let engine = engine.to_lowercase();
        if !WITHOUT_SQL.contains(&engine.as_str()) && !engines.contains(&engine) {
            engines.push(engine);
        }
    }
    engines
}

/// Every name, in lower case and split at its points, that SQL of the contract's servers may give a
/// table besides its own: its physical name, and either of both behind what a server calls the
/// place of its tables.
pub fn table_names(contract: &Contract, table: &Table) -> Vec<Vec<String>> {
    let physical: Vec<String> =
        table.physical().split('.').map(|part| part.to_ascii_lowercase()).collect();
    let mut names: Vec<Vec<String>> = (0..physical.len())
        .map(|from| physical.iter().skip(from).cloned().collect())
        .filter(|parts: &Vec<String>| parts.len() <= 3)
        .collect();
    let own = [table.name.value.to_ascii_lowercase(), physical.last().cloned().unwrap_or_default()];
    for server in servers(contract) {
        let value = |key: &&str| Some(server.get(key)?.as_str()?.to_ascii_lowercase());
        for name in &own {
            for inner in INNER.iter().filter_map(value) {
                let outer = OUTER.iter().filter_map(value).filter(|outer| *outer != inner);
                names.extend(outer.map(|outer| vec![outer, inner.clone(), name.clone()]));
                names.push(vec![inner, name.clone()]);
            }
        }
    }
    names.sort();
    names.dedup();
    names
}

fn servers(contract: &Contract) -> impl Iterator<Item = &Node> {
    contract.tree.get("servers").into_iter().flat_map(Node::items)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::contract::parse;
    use crate::diagnostic::Source;

    fn contract(servers: &str, physical: &str) -> Contract {
        let text = format!(
            "apiVersion: v3.2.0\nkind: DataContract\nid: t\nname: t\nversion: 1.0.0\nstatus: active\n\
             servers: {servers}\nschema: [{{name: Orders, physicalName: {physical}}}]\n"
        );
        parse(&Arc::new(Source::new("t", text))).contract.unwrap()
    }

    #[test]
    fn servers_that_hold_files_have_no_dialect() {
        let of = |servers: &str| engines(&contract(servers, "o"));
        assert_eq!(of("[{server: a, type: local}, {server: b, type: s3}]"), Vec::<String>::new());
        assert_eq!(
            of(
                "[{server: a, type: Snowflake}, {server: b, type: s3}, {server: c, type: snowflake}, {server: d, type: postgres}]"
            ),
            ["snowflake", "postgres"]
        );
        assert_eq!(of("[]"), Vec::<String>::new());
    }

    #[test]
    fn a_table_has_the_names_that_its_servers_give_it() {
        let joined = |contract: &Contract| {
            let names = table_names(contract, &contract.tables[0]);
            names.iter().map(|parts| parts.join(".")).collect::<Vec<_>>()
        };
        assert_eq!(
            joined(&contract(
                "[{server: a, type: snowflake, database: DB, schema: Public}]",
                "tbl"
            )),
            [
                "db.orders",
                "db.public.orders",
                "db.public.tbl",
                "db.tbl",
                "public.orders",
                "public.tbl",
                "tbl"
            ]
        );
        assert_eq!(joined(&contract("[]", "db.dbo.o")), ["db.dbo.o", "dbo.o", "o"]);
    }
}
