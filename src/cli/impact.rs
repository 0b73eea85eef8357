//! `pactum impact`

use clap::Args as ClapArgs;
use serde_json::{Value, json};

use crate::check::clause_list;
use crate::contract::Contract;
use crate::contract::clause_id::{clause_id, relationship_kind, rule_kind};
use crate::contract::lint::all_rules;
use crate::contract::model::{Column, Table};
use crate::contract::reference::{Resolved, resolve};
use crate::error::{Error, Result};
use crate::project::Consumer;
use crate::query::{ConsumerPlan, Served};

use super::Format;
use super::context::Global;
use super::lineage::{Landscape, Reader};
use super::output::{Out, count};

/// List what depends on a column, table or contract: consumers, endpoints, clauses.
///
/// Consumers are planned, so that a column is found wherever it is read: through CTEs, `select *`,
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

/// What is asked about.
struct Target<'a> {
    served: &'a Served,
    table: Option<&'a Table>,
    column: Option<&'a Column>,
}

pub(super) async fn run(args: &Args, global: &Global, out: &Out) -> Result<u8> {
    let landscape = Landscape::read(global).await?;
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
    clauses: &[Value],
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
    out.line(paint.bold(&summary))?;
    for reader in readers {
        let Consumer { name, owner, endpoint, source, .. } = &reader.consumer;
        let kind = if *endpoint { "endpoint" } else { "consumer" };
        let of = reader.repository.as_ref().map(|r| format!(" of {r}")).unwrap_or_default();
        let place = paint.dim(&source.name);
        out.line(format!("  {kind}  {name}{of} (owner {owner})  {place}"))?;
    }
    for clause in clauses {
        let text = |key: &str| clause[key].as_str().unwrap_or_default().to_owned();
        let line = format!("  clause    {}: {}", text("clause"), text("expected"));
        out.line(format!("{line}  {}", paint.dim(&text("where"))))?;
    }
    for reader in unknown {
        let name = &reader.consumer.name;
        out.line(paint.warn(&format!("  ! {name} does not plan: nobody can say what it reads")))?;
    }
    Ok(())
}

impl<'a> Target<'a> {
    fn find(landscape: &'a Landscape, name: &str) -> Result<Self> {
        let catalog = landscape.gateway.catalog();
        // An id may have dots of its own: the longest name that there is.
        let ends = name.match_indices('.').map(|(at, _)| at).chain([name.len()]);
        let known = ends.filter_map(|end| Some((catalog.find(&name[..end]).ok()?, end)));
        let (served, end) = match known.reduce(|_, longer| longer) {
            Some(known) => known,
            None => (catalog.find(name.split('.').next().unwrap_or(name))?, name.len()),
        };
        let rest: Vec<&str> = name[end..].split('.').filter(|part| !part.is_empty()).collect();
        if rest.len() > 2 {
            return Err(Error::usage("bad-name", format!("'{name}' has too many parts"))
                .hint("contract, contract.table or contract.table.column"));
        }
        let table = match rest.first() {
            Some(table) => Some(crate::check::find_table(&served.contract, table)?),
            None => None,
        };
        let column = match (table, rest.get(1)) {
            (Some(table), Some(column)) => Some(find_column(table, column)?),
            _ => None,
        };
        Ok(Self { served, table, column })
    }

    fn is_read(&self, reader: &Reader) -> bool {
        let Ok(plan) = &reader.plan else { return false };
        let contract = &self.served.contract;
        let own = |id: &str, major: u64| id == contract.id && major == contract.version.major;
        match (self.table, self.column) {
            (Some(table), Some(column)) => reads_column(plan, &own, table, column),
            (table, _) => plan.tables.iter().any(|t| {
                own(&t.contract, t.major) && table.is_none_or(|table| table.name.value == t.table)
            }),
        }
    }

    /// The clauses about it; those of SQL rules and tables are named with their table.
    fn clauses(&self) -> Vec<Value> {
        let contract = &self.served.contract;
        let tables = contract.tables.iter();
        let tables = tables.filter(|t| self.table.is_none_or(|own| std::ptr::eq(own, *t)));
        let mut found = Vec::new();
        for table in tables {
            for clause in clause_list(contract, table) {
                let own = match self.column {
                    None => true,
                    Some(column) => mentions(&clause, table, column),
                };
                if own {
                    found.push(json!({
                        "clause": clause.id,
                        "expected": clause.expected,
                        "where": format!("{}:{}:1", contract.source.name, clause.line),
                    }));
                }
            }
        }
        if let (Some(table), Some(column)) = (self.table, self.column) {
            found.extend(around(contract, table, column));
        }
        found
    }
}

/// What speaks of a column without being a clause of its own: rules that look at some rows by it, service
/// levels, foreign keys that lead to it.
fn around(contract: &Contract, table: &Table, column: &Column) -> Vec<Value> {
    let mut found = Vec::new();
    let mut push = |clause: String, expected: String, line: usize| {
        let place = format!("{}:{line}:1", contract.source.name);
        found.push(json!({ "clause": clause, "expected": expected, "where": place }));
    };
    for (of, own, rule) in all_rules(contract).filter(|(of, ..)| std::ptr::eq(*of, table)) {
        let filter = rule.filter.as_ref().filter(|f| has_word(&f.value, &column.name.value));
        if let Some(filter) = filter.filter(|_| !own.is_some_and(|own| std::ptr::eq(own, column))) {
            let id = clause_id(of, own, &rule_kind(rule));
            push(id, format!("rows where {}", filter.value), filter.span.line);
        }
    }
    let name = format!("{}.{}", table.name.value, column.name.value);
    for sla in &contract.sla {
        let element =
            sla.element.as_ref().map(|e| e.value.as_str()).or(contract.sla_element.as_deref());
        let own =
            element.is_some_and(|e| e.split(',').any(|e| e.trim().eq_ignore_ascii_case(&name)));
        if own {
            let value = format!(
                "{} {}",
                sla.value.clone().unwrap_or_default(),
                sla.unit.clone().unwrap_or_default()
            );
            push(format!("slaProperties/{}", sla.property), value.trim().to_owned(), sla.span.line);
        }
    }
    let of_tables = contract.tables.iter().flat_map(|t| {
        let of_columns = t.columns.iter().flat_map(|c| &c.relationships);
        t.relationships.iter().chain(of_columns).map(move |r| (t, r))
    });
    for (child, relationship) in of_tables {
        for to in &relationship.to {
            let leads = matches!(resolve(contract, &to.value), Resolved::Column(_, key) if std::ptr::eq(key, column));
            if leads {
                let id = clause_id(child, None, &relationship_kind(relationship));
                push(id, format!("foreign key to {name}"), to.span.line);
            }
        }
    }
    found
}

fn has_word(text: &str, word: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    text.split(|c| !is_word(c)).any(|part| part.eq_ignore_ascii_case(word))
}

/// Whether a clause is about a column: its own, a key that it is part of, or SQL that names it.
fn mentions(clause: &crate::check::Statement, table: &Table, column: &Column) -> bool {
    let name = &column.name.value;
    let inside = |own: &str| own == name || own.starts_with(&format!("{name}."));
    if clause.column.as_deref().is_some_and(inside) {
        return true;
    }
    if clause.kind == "primaryKey" {
        return table.primary_key().iter().any(|c| std::ptr::eq(*c, column));
    }
    clause.column.is_none() && has_word(&clause.expected, name)
}

fn reads_column(
    plan: &ConsumerPlan,
    own: &dyn Fn(&str, u64) -> bool,
    table: &Table,
    column: &Column,
) -> bool {
    plan.reads.iter().any(|read| {
        own(&read.of.contract, read.of.major)
            && read.of.table == table.name.value
            && read.column == column.name.value
    })
}

fn find_column<'a>(table: &'a Table, name: &str) -> Result<&'a Column> {
    let alias = |c: &&Column| c.aliases.iter().any(|a| a.value.eq_ignore_ascii_case(name));
    table.column(name).or_else(|| table.columns.iter().find(alias)).ok_or_else(|| {
        let names = table.columns.iter().map(|c| c.name.value.as_str());
        let message = format!("table '{}' has no column '{name}'", table.name.value);
        let error = Error::usage("unknown-column", message);
        match crate::diagnostic::nearest(name, names.clone()) {
            Some(near) => error.hint(format!("did you mean '{near}'?")),
            None => error.hint(format!("columns: {}", names.collect::<Vec<_>>().join(", "))),
        }
    })
}
