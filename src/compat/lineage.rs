//! Lineage: contracts, tables and consumers, column by column.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::contract::Contract;
use crate::contract::model::Table;
use crate::contract::reference::{Resolved, resolve};
use crate::query::ReadColumn;

use super::landscape::{Landscape, Reader};

/// What is drawn.
pub struct Graph {
    /// Tables by `contract.table`, with their columns.
    tables: BTreeMap<String, Vec<String>>,
    /// Consumers by name, with their result columns.
    consumers: BTreeMap<String, Vec<String>>,
    /// From a column to a result column, or to the consumer that only decides by it.
    edges: BTreeSet<(End, End)>,
    /// From a child's column to its parent's.
    keys: BTreeSet<(End, End)>,
    /// Consumers that do not plan.
    unknown: Vec<String>,
}

/// A node, and a column of it.
type End = (String, Option<String>);

impl Graph {
    /// The graph of everything, or of one contract and its readers.
    pub fn of(landscape: &Landscape, only: Option<&Contract>) -> Self {
        let mut graph = Self {
            tables: BTreeMap::new(),
            consumers: BTreeMap::new(),
            edges: BTreeSet::new(),
            keys: BTreeSet::new(),
            unknown: Vec::new(),
        };
        for served in &landscape.gateway.catalog().served {
            let shown = |c: &Contract| only.is_none_or(|only| only.id == c.id);
            if shown(&served.contract) {
                graph.add_contract(&served.contract, served.is_default);
            }
        }
        for reader in &landscape.readers {
            graph.add_reader(reader, landscape, only);
        }
        graph
    }

    fn add_contract(&mut self, contract: &Contract, is_default: bool) {
        for table in &contract.tables {
            let name = table_name(contract, is_default, table);
            let columns = table.columns.iter().map(|c| c.name.value.clone()).collect();
            self.tables.insert(name.clone(), columns);
            for relationship in &table.relationships {
                for (from, to) in relationship.from.iter().zip(&relationship.to) {
                    let both = (resolve(contract, &from.value), resolve(contract, &to.value));
                    if let (Resolved::Column(_, child), Resolved::Column(parent, key)) = both {
                        let parent = table_name(contract, is_default, parent);
                        self.keys.insert((
                            (name.clone(), Some(child.name.value.clone())),
                            (parent, Some(key.name.value.clone())),
                        ));
                    }
                }
            }
            for column in &table.columns {
                for to in column.relationships.iter().flat_map(|r| &r.to) {
                    if let Resolved::Column(parent, key) = resolve(contract, &to.value) {
                        let parent = table_name(contract, is_default, parent);
                        self.keys.insert((
                            (name.clone(), Some(column.name.value.clone())),
                            (parent, Some(key.name.value.clone())),
                        ));
                    }
                }
            }
        }
    }

    fn add_reader(&mut self, reader: &Reader, landscape: &Landscape, only: Option<&Contract>) {
        let name = match &reader.repository {
            Some(repository) => format!("{} of {repository}", reader.consumer.name),
            None => reader.consumer.name.clone(),
        };
        let Ok(plan) = &reader.plan else {
            self.unknown.push(name);
            return;
        };
        let of = |read: &ReadColumn| -> Option<End> {
            let catalog = landscape.gateway.catalog();
            let served = catalog.served.iter().find(|s| {
                s.contract.id == read.of.contract && s.contract.version.major == read.of.major
            })?;
            if only.is_some_and(|only| only.id != served.contract.id) {
                return None;
            }
            let table = served.contract.table(&read.of.table)?;
            let table = table_name(&served.contract, served.is_default, table);
            Some((table, Some(read.column.clone())))
        };
        let mut edges: BTreeSet<(End, End)> = BTreeSet::new();
        let mut shown: BTreeSet<&ReadColumn> = BTreeSet::new();
        for output in &plan.outputs {
            for source in &output.sources {
                shown.insert(source);
                let to = (name.clone(), Some(output.name.clone()));
                edges.extend(of(source).map(|from| (from, to)));
            }
        }
        for read in plan.reads.iter().filter(|read| !shown.contains(read)) {
            edges.extend(of(read).map(|from| (from, (name.clone(), None))));
        }
        let reads_table = plan.tables.iter().any(|t| only.is_none_or(|only| only.id == t.contract));
        if reads_table || only.is_none() {
            let outputs = plan.outputs.iter().map(|o| o.name.clone()).collect();
            self.consumers.insert(name, outputs);
            self.edges.extend(edges);
        }
    }

    /// Columns without edges stay out of drawings: they would hide the others.
    fn drawn(&self, node: &str, columns: &[String]) -> Vec<String> {
        let ends = self.edges.iter().chain(&self.keys).flat_map(|(a, b)| [a, b]);
        let touched: BTreeSet<&str> =
            ends.filter(|(of, _)| of == node).filter_map(|(_, c)| c.as_deref()).collect();
        columns.iter().filter(|c| touched.contains(c.as_str())).cloned().collect()
    }

    /// As a Mermaid flowchart.
    pub fn mermaid(&self) -> String {
        let mut text = "flowchart LR\n".to_owned();
        let nodes = self.tables.iter().chain(&self.consumers);
        for (name, columns) in nodes {
            let id = id("n", name);
            text.push_str(&format!("  subgraph {id}[\"{}\"]\n", quoted(name)));
            for column in self.drawn(name, columns) {
                let id = self::id("c", &format!("{name}/{column}"));
                text.push_str(&format!("    {id}[\"{}\"]\n", quoted(&column)));
            }
            text.push_str("  end\n");
        }
        let end = |(node, column): &End| match column {
            Some(column) => id("c", &format!("{node}/{column}")),
            None => id("n", node),
        };
        for (from, to) in &self.edges {
            text.push_str(&format!("  {} --> {}\n", end(from), end(to)));
        }
        for (from, to) in &self.keys {
            text.push_str(&format!("  {} -.-> {}\n", end(from), end(to)));
        }
        for name in &self.unknown {
            let id = id("n", name);
            text.push_str(&format!("  {id}[\"{} (does not plan)\"]\n", quoted(name)));
        }
        text
    }

    /// For Graphviz.
    pub fn dot(&self) -> String {
        let mut text = "digraph lineage {\n  rankdir=LR;\n  node [shape=plain];\n".to_owned();
        for (name, columns) in self.tables.iter().chain(&self.consumers) {
            let rows: String = self
                .drawn(name, columns)
                .iter()
                .map(|c| format!("<tr><td port=\"{}\">{}</td></tr>", id("c", c), quoted(c)))
                .collect();
            text.push_str(&format!(
                "  {} [label=<<table border=\"0\" cellborder=\"1\" cellspacing=\"0\">\
                 <tr><td port=\"name\"><b>{}</b></td></tr>{rows}</table>>];\n",
                id("n", name),
                quoted(name)
            ));
        }
        let end = |(node, column): &End| match column {
            Some(column) => format!("{}:{}", id("n", node), id("c", column)),
            None => format!("{}:name", id("n", node)),
        };
        for (from, to) in &self.edges {
            text.push_str(&format!("  {} -> {};\n", end(from), end(to)));
        }
        for (from, to) in &self.keys {
            text.push_str(&format!("  {} -> {} [style=dashed];\n", end(from), end(to)));
        }
        for name in &self.unknown {
            let label = quoted(name);
            text.push_str(&format!("  {} [label=<{label} (does not plan)>];\n", id("n", name)));
        }
        text.push_str("}\n");
        text
    }

    /// As a JSON document.
    pub fn json(&self) -> Value {
        let end = |(node, column): &End| json!({"of": node, "column": column});
        let edges = |set: &BTreeSet<(End, End)>| -> Vec<Value> {
            set.iter().map(|(a, b)| json!({"from": end(a), "to": end(b)})).collect()
        };
        let nodes = |of: &BTreeMap<String, Vec<String>>| -> Vec<Value> {
            of.iter().map(|(name, columns)| json!({"name": name, "columns": columns})).collect()
        };
        json!({
            "tables": nodes(&self.tables),
            "consumers": nodes(&self.consumers),
            "reads": edges(&self.edges),
            "foreign_keys": edges(&self.keys),
            "not_planned": self.unknown,
        })
    }
}

fn table_name(contract: &Contract, is_default: bool, table: &Table) -> String {
    let schema = match is_default {
        true => contract.sql_name.value.clone(),
        false => contract.sql_name_with_major(),
    };
    format!("{schema}.{}", table.name.value)
}

/// An identifier that differs for different names.
fn id(prefix: &str, name: &str) -> String {
    let mut id = prefix.to_owned();
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => id.push(char::from(byte)),
            other => id.push_str(&format!("_{other:02x}")),
        }
    }
    id
}

fn quoted(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}
