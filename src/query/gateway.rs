//! The gateway: the one place where SQL is admitted, planned and run.
//!
//! Only queries pass: one statement, a plan of allow-listed nodes over tables of the catalog. A
//! query sees one snapshot of releases from its first row to its last.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::common::{ParamValues, ScalarValue};
use datafusion::dataframe::DataFrame;
use datafusion::logical_expr::LogicalPlan;

use crate::engine::damage::watched;
use crate::engine::dialect::SCHEMA;
use crate::engine::{Limits, Runtime, TimeLimit, aside, places, sql};
use crate::error::Result;

use super::admission::admit;
use super::answer::Answer;
use super::blamed::Blamed;
use super::catalog::{Catalog, Served};
use super::deadline::{Abort, Deadline};
use super::naming::declared_schema;
use super::parameters::{self, MissingParameter};
use super::request::{Given, Parameters, Principal, Request};
use super::resolve::scanned;
use super::snapshot::CatalogSnapshot;
use super::types_to_declare::types_to_declare;
use super::veiled_plan::explains;

/// Admits, plans and runs queries over one snapshot, in one runtime. A copy shares both.
#[derive(Debug, Clone)]
pub struct Gateway {
    runtime: Arc<Runtime>,
    snapshot: Arc<CatalogSnapshot>,
}

/// A query that was admitted and planned.
pub struct Prepared {
    /// The reader's own, for places in it.
    text: String,
    frame: DataFrame,
    schema: SchemaRef,
    /// The tables that it reads.
    reads: Vec<Blamed>,
}

impl Gateway {
    /// A gateway over a snapshot.
    pub fn new(runtime: Arc<Runtime>, snapshot: Arc<CatalogSnapshot>) -> Self {
        Self { runtime, snapshot }
    }

    /// A gateway that only plans: over a catalog of contracts, of which some have no release.
    ///
    /// # Errors
    /// When there is nowhere to spill to.
    pub fn planning(catalog: Catalog, limits: &Limits) -> Result<Self> {
        let snapshot = CatalogSnapshot::planning(catalog);
        Ok(Self::new(Arc::new(Runtime::new(limits)?), Arc::new(snapshot)))
    }

    /// The catalog.
    pub fn catalog(&self) -> &Catalog {
        self.snapshot.catalog()
    }

    /// Answers a request: admits it, plans it, and hands over what runs it.
    ///
    /// The caller has an answer or an error at the deadline, whatever planning does until then.
    ///
    /// # Errors
    /// As [`Gateway::prepare`], and `timeout`.
    pub async fn answer(&self, request: Request) -> Result<Answer> {
        let deadline = Deadline::within(request.limits.timeout);
        let (limits, gateway) = (request.limits, self.clone());
        let time = limits.timeout.map_or_else(TimeLimit::never, TimeLimit::after);
        let (guard, within) = (time.guard(), time.clone());
        // Planning does not pause: the clock must not wait for it.
        let planned =
            aside(
                &time,
                async move { gateway.prepare_within(&request, within).await?.run().await },
            );
        // Nobody else can end it before the answer is there.
        let (_abort, stop) = Abort::pair();
        let answer = deadline.hold(&stop, planned).await?;
        Ok(answer.within(deadline, limits, guard))
    }

    /// Admits and plans a request; parameters are bound as values, never pasted as text.
    ///
    /// # Errors
    /// When the text is not one query, reads something missing, or does not plan.
    pub async fn prepare(&self, request: &Request) -> Result<Prepared> {
        self.prepare_within(request, TimeLimit::never()).await
    }

    async fn prepare_within(&self, request: &Request, time: TimeLimit) -> Result<Prepared> {
        let frame = self.plan(&request.sql, &request.principal, time).await?;
        admit(frame.logical_plan())?;
        let open = frame.logical_plan().get_parameter_names()?;
        let open = open.iter().map(|name| name.trim_start_matches('$'));
        let open: BTreeSet<&str> =
            open.filter(|name| !request.parameters.contains_key(*name)).collect();
        if let Some(name) = open.first() {
            let types = types_to_declare(frame.logical_plan(), &open);
            let error = MissingParameter::undeclared(name, types);
            return Err(match places::of_parameter(&request.sql, name) {
                Some((start, end)) => error.marked(start, end),
                None => error,
            });
        }
        let values = values(&request.parameters, frame.logical_plan())?;
        let frame = match values.is_empty() {
            true => frame,
            false => frame.with_param_values(ParamValues::from(values))?,
        };
        let tables = scanned(frame.logical_plan());
        let text = &request.sql;
        let announced = match sql::announced(&frame) {
            Ok(announced) => announced,
            Err(error) => return Err(places::located(&frame.into_parts().0, text, error).await),
        };
        let (schema, _) = declared_schema(&announced, &tables);
        let reads =
            tables.iter().filter_map(|(schema, name)| Blamed::of(self.served(schema)?, name));
        let reads = reads.collect();
        Ok(Prepared { text: text.clone(), frame, schema, reads })
    }

    /// Plans a query without binding its parameters.
    ///
    /// # Errors
    /// As [`Gateway::prepare`].
    pub(super) async fn plan(
        &self,
        text: &str,
        principal: &Principal,
        time: TimeLimit,
    ) -> Result<DataFrame> {
        let shown = self.snapshot.query_of_shown(text)?;
        let text = shown.as_deref().unwrap_or(text);
        let session = self.runtime.session(SCHEMA)?.until(time);
        session.asked_by(&principal.name);
        let known = self.snapshot.offer(text, &session, &self.runtime).await?;
        let folded = sql::fold_identifiers(text, &known)?;
        let frame = sql::plan_query(session.context(), &folded).await;
        let frame = frame.map_err(|e| self.snapshot.explain(e))?;
        self.snapshot.refuse_unreleased(&scanned(frame.logical_plan()))?;
        Ok(frame)
    }

    /// The contract that a schema name in lower case means; one with a release in it means the contract
    /// of that name.
    pub(super) fn served(&self, schema: &str) -> Option<&Served> {
        let own = self.snapshot.served(schema);
        own.or_else(|| self.snapshot.served(sql::without_release(schema)))
    }
}

/// The values of parameters, typed by the plan where they are texts.
fn values(parameters: &Parameters, plan: &LogicalPlan) -> Result<HashMap<String, ScalarValue>> {
    let mut values = HashMap::new();
    if parameters.is_empty() {
        return Ok(values);
    }
    let types = plan.get_parameter_types()?;
    for (name, given) in parameters {
        let value = match given {
            Given::Typed(value) => value.clone(),
            Given::Text(text) => {
                let data_type = types.get(&format!("${name}")).cloned().flatten();
                parameters::read(name, text, data_type.as_ref())?
            }
        };
        values.insert(name.clone(), value);
    }
    Ok(values)
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

    /// Plans how the query is run.
    ///
    /// # Errors
    /// When that is impossible; runtime errors come with the rows.
    pub async fn run(self) -> Result<Answer> {
        let context = Arc::new(self.frame.task_ctx());
        let (state, plan) = self.frame.into_parts();
        let planned = watched(async { Ok(state.create_physical_plan(&plan).await?) }).await;
        match planned {
            Ok(planned) => {
                let answer = Answer::new(self.schema, planned, context);
                Ok(answer.told(explains(&plan), self.reads))
            }
            Err(error) => Err(places::located(&state, &self.text, error).await),
        }
    }
}
