//! The gateway: the one place where SQL is admitted, planned and run.
//!
//! Only queries pass: one statement, a plan of allow-listed nodes over tables of the catalog. A
//! query sees one snapshot of releases from its first row to its last.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::catalog::TableProvider;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{ParamValues, ScalarValue, TableReference};
use datafusion::dataframe::DataFrame;
use datafusion::logical_expr::LogicalPlan;

use crate::contract::model::Column;
use crate::engine::damage::watched;
use crate::engine::parquet_table::DECLARED_NAME;
use crate::engine::{Limits, Session, dialect, sql};
use crate::error::{Error, Result};
use crate::project::Consumer;

use super::admission::admit;
use super::answer::Answer;
use super::catalog::{Catalog, Served};
use super::parameters;
use super::published_table::{planned_table, published_table};
use super::readable::readable;
use super::system;

/// Admits, plans and runs queries over one snapshot of a catalog.
#[derive(Debug)]
pub struct Gateway {
    catalog: Catalog,
    consumers: Vec<Consumer>,
    /// Places in the catalog of what a schema name may mean.
    index: HashMap<String, Vec<usize>>,
    limits: Limits,
    /// Whether unreleased tables are read as empty ones: for planning, not for answers.
    plans_unreleased: bool,
}

/// Stands for every column among the words of a query.
const EVERYTHING: &str = "*";

/// A query that was admitted and planned.
pub struct Prepared {
    frame: DataFrame,
    schema: SchemaRef,
    renamed: bool,
}

impl Gateway {
    /// A gateway over a catalog; `pactum.consumers` lists the given consumers.
    pub fn new(catalog: Catalog, consumers: Vec<Consumer>, limits: Limits) -> Self {
        let index = catalog.index();
        Self { catalog, consumers, index, limits, plans_unreleased: true }
    }

    /// Refuses unreleased tables: an answer without rows would be wrong.
    #[must_use]
    pub fn refusing_unreleased(mut self) -> Self {
        self.plans_unreleased = false;
        self
    }

    /// The catalog.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// Admits and plans a query; parameters are bound as values, never pasted as text.
    ///
    /// # Errors
    /// When the text is not one query, reads something missing, or does not plan.
    pub async fn prepare(
        &self,
        text: &str,
        parameters: &BTreeMap<String, ScalarValue>,
    ) -> Result<Prepared> {
        let frame = self.plan(text).await?;
        admit(frame.logical_plan())?;
        let frame = match parameters.is_empty() {
            true => frame,
            false => {
                let values: HashMap<String, ScalarValue> =
                    parameters.iter().map(|(k, v)| (k.clone(), v.clone())).collect();
                frame.with_param_values(ParamValues::from(values))?
            }
        };
        let open = frame.logical_plan().get_parameter_names()?;
        if let Some(name) = open.iter().min() {
            let name = name.trim_start_matches('$');
            return Err(Error::usage(
                "missing-parameter",
                format!("parameter '{name}' is not given"),
            )
            .hint(format!("-p {name}=VALUE")));
        }
        let tables = scanned(frame.logical_plan());
        let (schema, renamed) = declared_schema(frame.schema().as_arrow(), &tables);
        Ok(Prepared { frame, schema, renamed })
    }

    /// As [`Gateway::prepare`], with values as texts: the plan gives their types.
    ///
    /// # Errors
    /// As [`Gateway::prepare`], and when a text is not a value of its type.
    pub async fn prepare_texts(
        &self,
        text: &str,
        texts: &BTreeMap<String, String>,
    ) -> Result<Prepared> {
        let plan = self.plan(text).await?;
        let types = plan.logical_plan().get_parameter_types()?;
        let mut values = BTreeMap::new();
        for (name, text) in texts {
            let data_type = types.get(&format!("${name}")).cloned().flatten();
            values.insert(name.clone(), parameters::read(name, text, data_type.as_ref())?);
        }
        self.prepare(text, &values).await
    }

    /// Plans a query without binding its parameters.
    ///
    /// # Errors
    /// As [`Gateway::prepare`].
    pub(super) async fn plan(&self, text: &str) -> Result<DataFrame> {
        let mut words = sql::words(text)?;
        if text.replace("(*)", "").contains('*') {
            words.insert(EVERYTHING.to_owned());
        }
        let session = Session::new(&self.limits, "public")?;
        let mut known = HashSet::new();
        self.refuse_ambiguous(&words)?;
        for served in self.named(&words) {
            known.insert(served.contract.sql_name.value.to_ascii_lowercase());
            known.insert(served.contract.sql_name_with_major().to_ascii_lowercase());
            self.register(&session, served, &words, &mut known).await?;
        }
        if words.contains("pactum") {
            let tables = system::tables(&self.catalog, &self.consumers, &words).await?;
            session.register_all("pactum", tables)?;
        }
        let folded = sql::fold_identifiers(text, &known)?;
        let frame =
            sql::plan_query(session.context(), &folded).await.map_err(|e| self.explain(e))?;
        if !self.plans_unreleased {
            self.refuse_unreleased(&scanned(frame.logical_plan()))?;
        }
        Ok(frame)
    }

    /// Before the first release, an answer without rows would be wrong.
    fn refuse_unreleased(&self, scanned: &BTreeSet<(String, String)>) -> Result<()> {
        for (schema, table) in scanned {
            let Some(served) = self.catalog.schema(schema).filter(|s| s.release.is_none()) else {
                continue;
            };
            let message = format!("table '{schema}.{table}' is declared, but not released yet");
            return Err(Error::usage("not-released", message)
                .hint(format!("pactum publish {} …", served.contract.sql_name.value)));
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
    async fn register(
        &self,
        session: &Session,
        served: &Served,
        words: &HashSet<String>,
        known: &mut HashSet<String>,
    ) -> Result<()> {
        let mut tables: Vec<Provided> = Vec::new();
        for table in &served.contract.tables {
            let name = table.name.value.to_ascii_lowercase();
            if !words.contains(&name) {
                continue;
            }
            known.insert(name.clone());
            known.extend(table.columns.iter().map(|c| c.name.value.to_ascii_lowercase()));
            let aliases = named_aliases(&table.columns, words);
            known.extend(aliases.iter().map(|(alias, _)| alias.clone()));
            let provider = match &served.release {
                Some(release) => published_table(release, table).await?,
                None => planned_table(table)?,
            };
            // Long texts are handled a few at a time: those that the query names.
            let named = |physical: &str| {
                let column = table.columns.iter().find(|c| c.physical() == physical);
                words.contains(EVERYTHING)
                    || column.is_some_and(|c| {
                        let aliases = named_aliases(std::slice::from_ref(c), words);
                        words.contains(&c.name.value.to_lowercase()) || !aliases.is_empty()
                    })
            };
            session.narrow(provider.row_bytes(named)?, &self.limits);
            let provider: Arc<dyn TableProvider> = provider;
            tables.push(Provided { name, provider, aliases });
        }
        let bare = served.is_default.then(|| served.contract.sql_name.value.to_ascii_lowercase());
        let with_major = served.contract.sql_name_with_major().to_ascii_lowercase();
        for schema in bare.into_iter().chain([with_major]) {
            // A plan identifies a table by the query's name for it.
            let named = tables.iter().map(|table| Ok((table.name.clone(), table.under(&schema)?)));
            session.register_all(&schema, named.collect::<Result<_>>()?)?;
        }
        Ok(())
    }

    /// DataFusion's message about a missing name, with the nearest existing one.
    fn explain(&self, error: Error) -> Error {
        let message = error.message().to_owned();
        if let Some(rest) = message.split_once("table 'pactum.").map(|(_, rest)| rest) {
            let name = rest.split('\'').next().unwrap_or_default();
            return self.missing_table(name.trim_start_matches("public.")).caused_by(error);
        }
        readable(error)
    }

    fn missing_table(&self, name: &str) -> Error {
        let schema = name.split('.').next().unwrap_or_default();
        let claim = self.catalog.claimed.iter().find(|c| c.name.eq_ignore_ascii_case(schema));
        if let Some(claim) = claim.filter(|_| name.contains('.')) {
            let message = format!(
                "'{schema}' is the SQL name of contract '{}', which has released nothing",
                claim.id
            );
            return Error::usage("unknown-table", message)
                .at(claim.file.display().to_string())
                .hint("publish the contract; the file holds its claim of the name");
        }
        let tables: Vec<String> = self
            .catalog
            .served
            .iter()
            .flat_map(|s| {
                let schema = s.contract.sql_name.value.as_str();
                s.contract.tables.iter().map(move |t| format!("{schema}.{}", t.name.value))
            })
            .collect();
        let same_end = tables.iter().find(|t| t.rsplit('.').next() == Some(name));
        let near = crate::diagnostic::nearest(name, tables.iter().map(String::as_str));
        let error = Error::usage("unknown-table", format!("there is no table '{name}'"));
        match near.or(same_end.map(String::as_str)) {
            Some(near) => error.hint(format!("did you mean {near}?")),
            None => error.hint("pactum tables lists what is there"),
        }
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

/// The name of an expression without the engine's types and tables: `max(score) + 1`, not
/// `max(recommendations.scores.score) + Int64(1)`.
fn plain_name(name: &str, tables: &BTreeSet<(String, String)>) -> String {
    const TYPES: &[&str] = &["Int64(", "Float64(", "Utf8(", "Boolean(", "Int32("];
    let mut plain = name.to_owned();
    for (schema, table) in tables {
        plain = plain.replace(&format!("{schema}.{table}."), "");
    }
    for mark in TYPES {
        while let Some(at) = plain.find(mark) {
            let Some(end) = plain[at..].find(')') else { break };
            let value = plain[at + mark.len()..at + end].to_owned();
            plain.replace_range(at..=at + end, &value);
        }
    }
    plain
}

/// The result's columns in their declared spelling, where a column kept its name.
pub(super) fn declared_schema(
    schema: &Schema,
    tables: &BTreeSet<(String, String)>,
) -> (SchemaRef, bool) {
    let mut renamed = false;
    let fields: Vec<Field> = schema
        .fields()
        .iter()
        .map(|field| {
            let mut metadata = field.metadata().clone();
            let declared = metadata.remove(DECLARED_NAME);
            let spoken = dialect::spoken(field.name());
            let name = match declared {
                Some(name) if name.to_ascii_lowercase() == spoken => name,
                _ => plain_name(spoken, tables),
            };
            renamed |= name != *field.name();
            field.as_ref().clone().with_name(name).with_metadata(metadata)
        })
        .collect();
    (Arc::new(Schema::new(fields)), renamed)
}

impl Prepared {
    /// The result's columns, in their declared spelling.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The plan.
    pub fn plan(&self) -> &LogicalPlan {
        self.frame.logical_plan()
    }

    /// Whether a result column's spelling differs from the plan's.
    pub fn is_renamed(&self) -> bool {
        self.renamed
    }

    /// Plans how the query is run.
    ///
    /// # Errors
    /// When that is impossible; runtime errors come with the rows.
    pub async fn run(self) -> Result<Answer> {
        let context = Arc::new(self.frame.task_ctx());
        let planned = watched(async { Ok(self.frame.create_physical_plan().await?) }).await;
        Ok(Answer::new(self.schema, planned.map_err(readable)?, context))
    }
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::DataType;

    use super::*;

    #[test]
    fn a_result_column_has_its_declared_spelling_unless_the_query_renamed_it() {
        let field = |name: &str, declared: &str| {
            let metadata = HashMap::from([(DECLARED_NAME.to_owned(), declared.to_owned())]);
            Field::new(name, DataType::Int64, true).with_metadata(metadata)
        };
        let planned = Schema::new(vec![field("datavalue", "DataValue"), field("mine", "Kept")]);
        let (schema, renamed) = declared_schema(&planned, &BTreeSet::new());
        let names: Vec<&str> = schema.fields().iter().map(|f| f.name().as_str()).collect();
        assert_eq!((names, renamed), (vec!["DataValue", "mine"], true));
    }
}
