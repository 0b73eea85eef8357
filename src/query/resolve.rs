//! Resolving: the names in a text become tables of the catalog, and nothing else can be read.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use datafusion::catalog::TableProvider;
use datafusion::common::TableReference;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::logical_expr::LogicalPlan;

use crate::contract::Contract;
use crate::contract::model::{Column, Table};
use crate::engine::sql::{AtRelease, Which};
use crate::engine::{Runtime, Session, sql};
use crate::error::{Error, Result};
use crate::project::publish_command;

use super::blamed::{Blamed, blame};
use super::catalog::Served;
use super::information_schema;
use super::snapshot::CatalogSnapshot;
use super::system_columns::definitions;

/// Stands for every column among the words of a query.
const EVERYTHING: &str = "*";

impl CatalogSnapshot {
    /// Gives a session the tables that a text names, and no others; returns the names of tables and
    /// columns that match in any case.
    ///
    /// # Errors
    /// When a name means two contracts, or a released table cannot be read.
    pub(super) async fn offer(
        &self,
        text: &str,
        session: &Session,
        runtime: &Runtime,
    ) -> Result<HashSet<String>> {
        let mut words = sql::words(text)?;
        if text.replace("(*)", "").contains('*') {
            words.insert(EVERYTHING.to_owned());
        }
        self.refuse_ambiguous(&words)?;
        let mut offer = Offer { session, runtime, words: &words, known: HashSet::new() };
        for served in self.named(&words) {
            self.register(&mut offer, served).await?;
        }
        // A text that cannot be parsed is refused when it is planned, with the reason.
        if words.contains("release")
            && let Ok(reads) = sql::releases(text)
        {
            self.register_releases(&mut offer, reads).await?;
        }
        let known = offer.known;
        if words.contains("pactum") {
            let mut tables: HashMap<String, Arc<dyn TableProvider>> = HashMap::new();
            for (name, _) in definitions().into_iter().filter(|(name, _)| words.contains(*name)) {
                tables.insert(name.to_owned(), self.system_table(name, runtime.footers()).await?);
            }
            session.register_all("pactum", tables)?;
        }
        if words.contains(information_schema::NAME) {
            let mut views: HashMap<String, Arc<dyn TableProvider>> = HashMap::new();
            for view in information_schema::VIEWS.into_iter().filter(|v| words.contains(*v)) {
                views.insert(view.to_owned(), self.information(view, runtime.footers()).await?);
            }
            session.register_all(information_schema::NAME, views)?;
        }
        Ok(known)
    }

    /// Before the first release, an answer without rows would be wrong.
    pub(super) fn refuse_unreleased(&self, scanned: &BTreeSet<(String, String)>) -> Result<()> {
        if self.is_planning {
            return Ok(());
        }
        for (schema, table) in scanned {
            if let Some(served) = self.served(schema).filter(|s| s.release.is_none()) {
                return Err(not_released(&served.contract, schema, table));
            }
        }
        Ok(())
    }

    /// Two contracts with one SQL name: neither is read in the other's place.
    fn refuse_ambiguous(&self, words: &HashSet<String>) -> Result<()> {
        for name in words {
            let means =
                |s: &&Served| s.is_default && s.contract.sql_name.value.eq_ignore_ascii_case(name);
            let places = self.index.get(name).into_iter().flatten();
            let mut defaults = places.filter_map(|n| self.catalog.served.get(*n)).filter(means);
            if let (Some(other), Some(one)) = (defaults.next(), defaults.next()) {
                let message = format!(
                    "'{name}' is the SQL name of two contracts, '{}' and '{}'",
                    other.contract.id, one.contract.id
                );
                return Err(Error::usage("ambiguous-contract", message)
                    .hint("set custom property sqlName in one of them"));
            }
        }
        Ok(())
    }

    /// The contract that a schema name in lower case means.
    pub(super) fn served(&self, schema: &str) -> Option<&Served> {
        let places = self.index.get(schema)?;
        let mut all = places.iter().filter_map(|n| self.catalog.served.get(*n));
        let bare =
            |s: &&Served| s.is_default && s.contract.sql_name.value.eq_ignore_ascii_case(schema);
        all.clone()
            .find(bare)
            .or_else(|| all.find(|s| s.contract.sql_name_with_major().eq_ignore_ascii_case(schema)))
    }

    /// The contracts whose schema names stand among these words.
    fn named(&self, words: &HashSet<String>) -> Vec<&Served> {
        let places: BTreeSet<usize> =
            words.iter().filter_map(|word| self.index.get(word)).flatten().copied().collect();
        places.into_iter().filter_map(|n| self.catalog.served.get(n)).collect()
    }

    /// Registers the tables of a contract that the text names.
    async fn register(&self, offer: &mut Offer<'_>, served: &Served) -> Result<()> {
        let bare = served.contract.sql_name.value.to_ascii_lowercase();
        let with_major = served.contract.sql_name_with_major().to_ascii_lowercase();
        offer.known.extend([bare.clone(), with_major.clone()]);
        let mut tables: Vec<Provided> = Vec::new();
        for table in &served.contract.tables {
            if offer.words.contains(&table.name.value.to_ascii_lowercase()) {
                tables.push(self.provide(offer, served, table).await?);
            }
        }
        for schema in served.is_default.then_some(bare).into_iter().chain([with_major]) {
            offer.register(&schema, &tables)?;
        }
        Ok(())
    }

    /// A table with what the text needs of it.
    async fn provide(
        &self,
        offer: &mut Offer<'_>,
        served: &Served,
        table: &Table,
    ) -> Result<Provided> {
        let words = offer.words;
        let name = table.name.value.to_ascii_lowercase();
        offer.known.insert(name.clone());
        offer.known.extend(table.columns.iter().map(|c| c.name.value.to_ascii_lowercase()));
        let aliases = named_aliases(&table.columns, words);
        offer.known.extend(aliases.iter().map(|(alias, _)| alias.clone()));
        let provider = self
            .table(served, table, offer.runtime.footers())
            .await
            .map_err(|error| blame(&Vec::from_iter(Blamed::of(served, &name)), error))?;
        // Long texts are handled a few at a time: those that the query names.
        let named = |stored: &str| {
            let column = table.columns.iter().find(|c| c.stored() == stored);
            words.contains(EVERYTHING)
                || column.is_some_and(|c| {
                    let aliases = named_aliases(std::slice::from_ref(c), words);
                    words.contains(&c.name.value.to_lowercase()) || !aliases.is_empty()
                })
        };
        offer.session.narrow(provider.row_bytes(named)?, offer.runtime.limits());
        Ok(Provided { name, provider, aliases })
    }

    /// Registers the tables that the text reads at releases of its own.
    async fn register_releases(&self, offer: &mut Offer<'_>, reads: Vec<AtRelease>) -> Result<()> {
        let mut schemas: BTreeMap<String, Vec<Provided>> = BTreeMap::new();
        for read in reads.into_iter().collect::<BTreeSet<_>>() {
            let schema = read.schema_of_release();
            if self.served(&schema).is_some() {
                let message = format!("'{schema}' is the SQL name of a contract");
                let error = Error::usage("ambiguous-contract", message);
                return Err(error.marked(read.at, read.at));
            }
            // What is missing is reported when the text is planned.
            let Some(own) = self.served(&read.schema) else { continue };
            let served = self.served_at(own, &read).await.map_err(|e| at_place(e, &read))?;
            let tables = &served.contract.tables;
            let Some(table) =
                tables.iter().find(|t| t.name.value.eq_ignore_ascii_case(&read.table))
            else {
                return Err(at_place(no_table(&served, &read), &read));
            };
            let provided = self.provide(offer, &served, table).await?;
            let others = schemas.entry(schema).or_default();
            if others.iter().all(|other| other.name != provided.name) {
                others.push(provided);
            }
        }
        schemas.iter().try_for_each(|(schema, tables)| offer.register(schema, tables))
    }

    /// A contract at a release that the text names: of the major that the text names.
    async fn served_at(&self, own: &Served, read: &AtRelease) -> Result<Served> {
        let (id, major) = (&own.contract.id, own.contract.version.major);
        let all = self.at_release(id, read.which).await?;
        if all.is_empty() {
            // Nothing was released: a plan is made by the contract, an answer is refused.
            return match self.is_planning {
                true => Ok(own.clone()),
                false => Err(not_released(&own.contract, &read.schema, &read.table)),
            };
        }
        let is_bare = own.contract.sql_name.value.eq_ignore_ascii_case(&read.schema);
        let same = all.iter().find(|s| s.contract.version.major == major);
        let any = all.first().filter(|_| is_bare && matches!(read.which, Which::Number(_)));
        same.or(any).cloned().ok_or_else(|| {
            let message = match read.which {
                Which::Number(number) => format!("release {number} of '{id}' is of another major"),
                which => format!("major {major} of '{id}' has no release {which}"),
            };
            Error::usage("unknown-release", message)
        })
    }
}

/// What a text is given.
struct Offer<'a> {
    session: &'a Session,
    runtime: &'a Runtime,
    words: &'a HashSet<String>,
    /// Names of tables and columns that match in any case.
    known: HashSet<String>,
}

impl Offer<'_> {
    /// Makes tables readable in a schema.
    fn register(&self, schema: &str, tables: &[Provided]) -> Result<()> {
        // A plan identifies a table by the query's name for it.
        let named = tables.iter().map(|table| Ok((table.name.clone(), table.under(schema)?)));
        self.session.register_all(schema, named.collect::<Result<_>>()?)
    }
}

pub(super) fn not_released(contract: &Contract, schema: &str, table: &str) -> Error {
    let message = format!("table '{schema}.{table}' is declared, but not released yet");
    let command = publish_command(contract, &[]);
    Error::usage("not-released", message).hint(format!("{command} makes the first release"))
}

fn no_table(served: &Served, read: &AtRelease) -> Error {
    let (id, table) = (&served.contract.id, &read.table);
    let number = served.release.as_ref().map(|r| format!("release {} of ", r.number()));
    let message = format!("{}'{id}' has no table '{table}'", number.unwrap_or_default());
    let names = served.contract.tables.iter().map(|t| t.name.value.as_str());
    Error::usage("unknown-table", message)
        .hint(format!("it has {}", names.collect::<Vec<_>>().join(", ")))
}

/// The error with the place in the text that it is about.
fn at_place(error: Error, read: &AtRelease) -> Error {
    match error.code() {
        "unknown-release" | "not-released" | "unknown-table" => error.marked(read.at, read.at),
        _ => error,
    }
}

/// Old names of columns that the text uses, with the columns they mean.
fn named_aliases(columns: &[Column], words: &HashSet<String>) -> Vec<(String, String)> {
    columns
        .iter()
        .flat_map(|column| {
            let name = column.name.value.to_ascii_lowercase();
            column.aliases.iter().map(move |alias| (alias.value.to_ascii_lowercase(), name.clone()))
        })
        .filter(|(alias, _)| words.contains(alias))
        .collect()
}

/// A table of a contract, with the old names of its columns that a query uses.
struct Provided {
    name: String,
    provider: Arc<dyn TableProvider>,
    aliases: Vec<(String, String)>,
}

impl Provided {
    /// The table in a schema, with old names of columns beside the new ones.
    fn under(&self, schema: &str) -> Result<Arc<dyn TableProvider>> {
        use datafusion::datasource::{ViewTable, provider_as_source};
        use datafusion::logical_expr::LogicalPlanBuilder;
        use datafusion::prelude::ident;
        if self.aliases.is_empty() {
            return Ok(Arc::clone(&self.provider));
        }
        let place = TableReference::partial(schema.to_owned(), self.name.clone());
        let columns = self.provider.schema();
        let source = provider_as_source(Arc::clone(&self.provider));
        let scan = LogicalPlanBuilder::scan(place, source, None)?;
        let own = columns.fields().iter().map(|f| ident(f.name()));
        let old = self.aliases.iter().map(|(alias, name)| ident(name).alias(alias));
        let plan = scan.project(own.chain(old).collect::<Vec<_>>())?.build()?;
        Ok(Arc::new(ViewTable::new(plan, None)))
    }
}

/// Schema and name of every table that a plan scans.
pub(super) fn scanned(plan: &LogicalPlan) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    // The walk itself cannot fail: the visitor never does.
    let _ = plan.apply_with_subqueries(|node| {
        if let LogicalPlan::TableScan(scan) = node {
            let schema = scan.table_name.schema().unwrap_or_default().to_owned();
            found.insert((schema, scan.table_name.table().to_owned()));
        }
        Ok(TreeNodeRecursion::Continue)
    });
    found
}
