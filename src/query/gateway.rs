//! The gateway: the one place where SQL is admitted, planned and run.
//!
//! Only queries pass: one statement, a plan of allow-listed nodes over tables of the catalog. A
//! query sees one snapshot of releases from its first row to its last.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::catalog::TableProvider;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{ParamValues, ScalarValue};
use datafusion::dataframe::DataFrame;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::logical_expr::LogicalPlan;

use crate::contract::model::Column;
use crate::engine::parquet_table::DECLARED_NAME;
use crate::engine::{Limits, Session, sql};
use crate::error::{Error, Result};
use crate::project::Consumer;

use super::catalog::{Catalog, Served};
use super::published_table::{planned_table, published_table};
use super::system;

/// Admits, plans and runs queries over one snapshot of a catalog.
#[derive(Debug)]
pub struct Gateway {
    catalog: Catalog,
    consumers: Vec<Consumer>,
    limits: Limits,
}

/// A query that was admitted and planned.
pub struct Prepared {
    frame: DataFrame,
    schema: SchemaRef,
    renamed: bool,
}

/// A running query.
pub struct Answer {
    /// The result's columns, in their declared spelling.
    pub schema: SchemaRef,
    /// The rows.
    pub stream: SendableRecordBatchStream,
}

impl Gateway {
    /// A gateway over a catalog; the consumers are those that `pactum.consumers` lists.
    pub fn new(catalog: Catalog, consumers: Vec<Consumer>, limits: Limits) -> Self {
        Self { catalog, consumers, limits }
    }

    /// The catalog.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// Admits and plans a query; parameters are bound as values, never pasted as text.
    ///
    /// # Errors
    /// When the text is not one query, reads what is not there, or does not plan.
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
            return Err(Error::usage("missing-parameter", format!("parameter '{name}' is not given"))
                .hint(format!("-p {name}=VALUE")));
        }
        let (schema, renamed) = declared_schema(frame.schema().as_arrow());
        Ok(Prepared { frame, schema, renamed })
    }

    /// Plans a query without binding its parameters.
    ///
    /// # Errors
    /// As [`Gateway::prepare`].
    pub(super) async fn plan(&self, text: &str) -> Result<DataFrame> {
        let words = sql::words(text)?;
        let session = Session::new(&self.limits, "public")?;
        let mut known = HashSet::new();
        for served in &self.catalog.served {
            let names = [served.contract.sql_name.value.to_lowercase(),
                served.contract.sql_name_with_major().to_lowercase()];
            if names.iter().any(|name| words.contains(name)) {
                known.extend(names.iter().cloned());
                self.register(&session, served, &words, &mut known).await?;
            }
        }
        if words.contains("pactum") {
            let tables = system::tables(&self.catalog, &self.consumers, &words).await?;
            session.register_all("pactum", tables)?;
        }
        let folded = sql::fold_identifiers(text, &known)?;
        sql::plan_query(session.context(), &folded).await.map_err(|e| self.explain(e))
    }

    /// Registers the tables of a contract that the text names.
    async fn register(
        &self,
        session: &Session,
        served: &Served,
        words: &HashSet<String>,
        known: &mut HashSet<String>,
    ) -> Result<()> {
        let mut tables: HashMap<String, Arc<dyn TableProvider>> = HashMap::new();
        for table in &served.contract.tables {
            let name = table.name.value.to_lowercase();
            if !words.contains(&name) {
                continue;
            }
            known.insert(name.clone());
            known.extend(table.columns.iter().map(|c| c.name.value.to_lowercase()));
            let aliases = named_aliases(&table.columns, words);
            known.extend(aliases.iter().map(|(alias, _)| alias.clone()));
            let provider: Arc<dyn TableProvider> = match &served.release {
                Some(release) => published_table(release, table).await?,
                None => planned_table(table)?,
            };
            tables.insert(name, with_aliases(provider, &aliases)?);
        }
        if served.is_default {
            let schema = served.contract.sql_name.value.to_lowercase();
            session.register_all(&schema, tables.clone())?;
        }
        session.register_all(&served.contract.sql_name_with_major().to_lowercase(), tables)
    }

    /// DataFusion's words for a missing table, with the nearest that is there.
    fn explain(&self, error: Error) -> Error {
        let message = error.message().to_owned();
        let Some(rest) = message.split_once("table 'pactum.").map(|(_, rest)| rest) else {
            return match explain_column(&message) {
                Some(hint) => error.hint(hint),
                None => error,
            };
        };
        let name = rest.split('\'').next().unwrap_or_default().trim_start_matches("public.");
        let tables: Vec<String> = self.catalog.served.iter().flat_map(|s| {
            let schema = s.contract.sql_name.value.clone();
            s.contract.tables.iter().map(move |t| format!("{schema}.{}", t.name.value))
        }).collect();
        let same_end = tables.iter().find(|t| t.rsplit('.').next() == Some(name));
        let near = crate::diagnostic::nearest(name, tables.iter().map(String::as_str));
        let explained = Error::usage("unknown-table", format!("there is no table '{name}'"));
        match near.or(same_end.map(String::as_str)) {
            Some(near) => explained.hint(format!("did you mean {near}?")),
            None => explained.hint("pactum tables lists what is there"),
        }
    }
}

/// DataFusion lists valid fields; the nearest is the hint.
fn explain_column(message: &str) -> Option<String> {
    let (head, fields) = message.split_once("Valid fields are ")?;
    let wanted = head.split("named ").nth(1)?.trim().trim_end_matches(['.', ' ']);
    let bare = |name: &str| {
        name.rsplit('.').next().unwrap_or(name).trim_matches(['"', '.', ' ']).to_owned()
    };
    let names: Vec<String> = fields.split(", ").map(bare).collect();
    let near = crate::diagnostic::nearest(&bare(wanted), names.iter().map(String::as_str))?;
    Some(format!("did you mean '{near}'?"))
}

/// Old names of columns that the text uses, with the columns they mean.
fn named_aliases(columns: &[Column], words: &HashSet<String>) -> Vec<(String, String)> {
    columns
        .iter()
        .flat_map(|column| {
            let name = column.name.value.to_lowercase();
            column.aliases.iter().map(move |alias| (alias.value.to_lowercase(), name.clone()))
        })
        .filter(|(alias, _)| words.contains(alias))
        .collect()
}

/// The table with old names of columns beside the new ones.
fn with_aliases(
    table: Arc<dyn TableProvider>,
    aliases: &[(String, String)],
) -> Result<Arc<dyn TableProvider>> {
    use datafusion::datasource::{ViewTable, provider_as_source};
    use datafusion::logical_expr::LogicalPlanBuilder;
    use datafusion::prelude::ident;
    if aliases.is_empty() {
        return Ok(table);
    }
    let schema = table.schema();
    let scan = LogicalPlanBuilder::scan("t", provider_as_source(table), None)?;
    let own = schema.fields().iter().map(|f| ident(f.name()));
    let old = aliases.iter().map(|(alias, name)| ident(name).alias(alias));
    let plan = scan.project(own.chain(old).collect::<Vec<_>>())?.build()?;
    Ok(Arc::new(ViewTable::new(plan, None)))
}

/// Refuses plans with nodes that are no part of a query.
fn admit(plan: &LogicalPlan) -> Result<()> {
    let mut refused = None;
    plan.apply_with_subqueries(|node| {
        let allowed = matches!(
            node,
            LogicalPlan::Projection(_)
                | LogicalPlan::Filter(_)
                | LogicalPlan::Window(_)
                | LogicalPlan::Aggregate(_)
                | LogicalPlan::Sort(_)
                | LogicalPlan::Join(_)
                | LogicalPlan::Repartition(_)
                | LogicalPlan::Union(_)
                | LogicalPlan::TableScan(_)
                | LogicalPlan::EmptyRelation(_)
                | LogicalPlan::Subquery(_)
                | LogicalPlan::SubqueryAlias(_)
                | LogicalPlan::Limit(_)
                | LogicalPlan::Values(_)
                | LogicalPlan::Explain(_)
                | LogicalPlan::Analyze(_)
                | LogicalPlan::Distinct(_)
                | LogicalPlan::Unnest(_)
                | LogicalPlan::RecursiveQuery(_)
        );
        if allowed {
            return Ok(TreeNodeRecursion::Continue);
        }
        refused = Some(node.display().to_string());
        Ok(TreeNodeRecursion::Stop)
    })?;
    match refused {
        None => Ok(()),
        Some(node) => Err(Error::usage("not-a-query", format!("{node} is not allowed in a query"))),
    }
}

/// The result's columns in their declared spelling, where a column kept its name.
fn declared_schema(schema: &Schema) -> (SchemaRef, bool) {
    let mut renamed = false;
    let fields: Vec<Field> = schema
        .fields()
        .iter()
        .map(|field| {
            let mut metadata = field.metadata().clone();
            let declared = metadata.remove(DECLARED_NAME);
            let name = match declared {
                Some(name) if name.to_lowercase() == *field.name() => name,
                _ => field.name().clone(),
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

    /// Whether a result column is spelled otherwise than the plan has it.
    pub fn is_renamed(&self) -> bool {
        self.renamed
    }

    /// Runs the query.
    ///
    /// # Errors
    /// When execution cannot begin; later errors come through the stream.
    pub async fn run(self) -> Result<Answer> {
        let stream = self.frame.execute_stream().await?;
        Ok(Answer { schema: self.schema, stream })
    }
}
