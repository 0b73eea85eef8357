//! Consumers planned against a catalog: does their SQL still mean something?

use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::Duration;

use arrow::datatypes::DataType;
use datafusion::common::{ParamValues, ScalarValue};
use datafusion::logical_expr::LogicalPlan;

use crate::diagnostic::{Diagnostic, Span};
use crate::engine::{TimeLimit, in_parallel, places};
use crate::error::{Error, Result, SqlState};
use crate::project::{Consumer, consumer_plan};

use super::admission::admit;
use super::comparable::{self, Incomparable, incomparable};
use super::consumer_plan::{ConsumerPlan, OutputColumn, ReadColumn, ReadTable, ReadValues};
use super::gateway::Gateway;
use super::lineage::{SourceColumn, lineage};
use super::naming::declared_schema;
use super::request::Principal;
use super::trial::tried;
use super::words::{place_of_words, span_of};

/// How long the planning of one consumer may take.
pub(super) const PLANNED_WITHIN: Duration = Duration::from_secs(60);

/// Plans one consumer with its parameters.
///
/// # Errors
/// Why it does not plan.
pub async fn plan_consumer(gateway: &Gateway, consumer: &Consumer) -> Result<ConsumerPlan> {
    let time = TimeLimit::after(PLANNED_WITHIN);
    let planned = gateway.plan(&consumer.source.text, &Principal::local(), time).await?;
    let (state, plan) = planned.into_parts();
    admit(&plan)?;
    let types = parameter_types(consumer, &plan)?;
    let incomparable = incomparable(&plan, &types);
    let values = values(consumer, &types, &beside_texts(&plan)?)?;
    let bound = plan.clone().with_param_values(ParamValues::from(values))?;
    let analyzed = state.analyzer().execute_and_check(bound, state.config_options(), |_, _| {});
    let analyzed = match analyzed {
        Ok(analyzed) => analyzed,
        Err(error) => {
            let error = compared(error.into(), &incomparable);
            return Err(places::located(&state, &consumer.source.text, error).await);
        }
    };
    if let Err(error) = tried(&state, (&plan, &analyzed), consumer, &types).await {
        return Err(places::located(&state, &consumer.source.text, error).await);
    }
    let found = lineage(&analyzed);
    let resolve = Resolve { gateway };
    let (declared, _) = declared_schema(analyzed.schema().as_arrow(), &found.tables);
    let columns = |sources: &BTreeSet<SourceColumn>| -> BTreeSet<ReadColumn> {
        sources.iter().filter_map(|s| resolve.column(s)).collect()
    };
    let outputs = declared.fields().iter().zip(&found.outputs).map(|(field, sources)| {
        let data_type = crate::contract::types::plain(field.data_type());
        OutputColumn {
            name: field.name().clone(),
            data_type,
            nullable: field.is_nullable(),
            sources: columns(sources),
        }
    });
    Ok(ConsumerPlan {
        outputs: outputs.collect(),
        reads: columns(&found.reads),
        tables: found.tables.iter().filter_map(|(s, t)| resolve.table(s, t)).collect(),
        listings: found
            .listings
            .iter()
            .filter_map(|l| {
                let (path, listing) = (l.path.clone(), l.listing.clone());
                Some(ReadValues { of: resolve.column(&l.of)?, path, listing, place: l.place })
            })
            .collect(),
        bindings: found.bindings.iter().map(|(name, of)| (name.clone(), columns(of))).collect(),
        joins: found.joins.iter().map(|(a, b)| (columns(a), columns(b))).collect(),
        incomparable,
    })
}

/// An error of types that do not go together, with the plan's words and places for them.
fn compared(error: Error, incomparable: &[Incomparable]) -> Error {
    const TELLING: [&str; 4] = [
        "cannot be compared",
        "cannot be matched",
        "invalid input syntax",
        "operator does not exist",
    ];
    match incomparable.first() {
        Some(pair) if TELLING.iter().any(|words| error.message().contains(words)) => {
            let told = Error::usage("sql", pair.message())
                .state(SqlState::UndefinedFunction)
                .hint(comparable::HINT)
                .caused_by(Mismatched { pairs: incomparable.to_vec() });
            match pair.place {
                Some((start, end)) => told.marked(start, end),
                None => told,
            }
        }
        _ => error,
    }
}

/// The comparisons for whose sake a consumer does not plan.
#[derive(Debug, thiserror::Error)]
#[error("types do not go together")]
struct Mismatched {
    pairs: Vec<Incomparable>,
}

/// The comparisons for whose sake a consumer does not plan; none where it is something else.
fn mismatched(error: &Error) -> &[Incomparable] {
    let cause = std::error::Error::source(error);
    cause.and_then(|e| e.downcast_ref::<Mismatched>()).map_or(&[], |found| &found.pairs)
}

/// The type of each parameter, by name: as declared, else as the plan needs it.
fn parameter_types(consumer: &Consumer, plan: &LogicalPlan) -> Result<HashMap<String, DataType>> {
    let mut types = HashMap::new();
    for (name, inferred) in plan.get_parameter_types()? {
        let name = name.trim_start_matches('$').to_owned();
        let declared = consumer.parameters.iter().find(|p| p.name == name);
        let data_type = declared.map(|p| p.data_type.clone()).or(inferred);
        types.insert(name, data_type.unwrap_or(DataType::Utf8));
    }
    Ok(types)
}

/// The parameters that stand where texts do.
fn beside_texts(plan: &LogicalPlan) -> Result<HashSet<String>> {
    let inferred = plan.get_parameter_types()?.into_iter();
    let texts = inferred.filter(|(_, found)| *found == Some(DataType::Utf8));
    Ok(texts.map(|(name, _)| name.trim_start_matches('$').to_owned()).collect())
}

/// A value of each parameter's type: NULL where it may be left out.
fn values(
    consumer: &Consumer,
    types: &HashMap<String, DataType>,
    beside_texts: &HashSet<String>,
) -> Result<HashMap<String, ScalarValue>> {
    let mut values = HashMap::new();
    for (name, data_type) in types {
        let declared = consumer.parameters.iter().find(|p| p.name == *name);
        // A text beside a value of another type is read as one, and the least text is none.
        let is_there = declared.is_none_or(|p| !p.may_be_null())
            && (*data_type != DataType::Utf8 || beside_texts.contains(name));
        let value = match is_there {
            true => ScalarValue::new_default(data_type),
            false => ScalarValue::try_new_null(data_type),
        };
        values.insert(name.clone(), value?);
    }
    Ok(values)
}

/// Names of a plan as tables and columns of contracts.
struct Resolve<'a> {
    gateway: &'a Gateway,
}

impl Resolve<'_> {
    fn table(&self, schema: &str, table: &str) -> Option<ReadTable> {
        let served = self.gateway.served(schema)?;
        let declared =
            served.contract.tables.iter().find(|t| t.name.value.eq_ignore_ascii_case(table))?;
        Some(ReadTable {
            contract: served.contract.id.clone(),
            major: served.contract.version.major,
            schema: schema.to_owned(),
            table: declared.name.value.clone(),
        })
    }

    fn column(&self, source: &SourceColumn) -> Option<ReadColumn> {
        let of = self.table(&source.schema, &source.table)?;
        let served = self.gateway.served(&source.schema)?;
        let declared = |t: &&crate::contract::model::Table| t.name.value == of.table;
        let columns = &served.contract.tables.iter().find(declared)?.columns;
        let same = |name: &str| name.to_ascii_lowercase() == source.column;
        let column = columns.iter().find(|c| same(&c.name.value))?;
        Some(ReadColumn { of, column: column.name.value.clone() })
    }
}

/// Plans every consumer, on several threads; in their order.
///
/// Must be called on a runtime of several threads.
pub fn plan_each(
    gateway: &Gateway,
    consumers: &[&Consumer],
    threads: usize,
) -> Vec<Result<ConsumerPlan>> {
    let runtime = tokio::runtime::Handle::current();
    let mut plans: Vec<Option<Result<ConsumerPlan>>> = consumers.iter().map(|_| None).collect();
    tokio::task::block_in_place(|| {
        let work = |consumer: &&Consumer| runtime.block_on(plan_consumer(gateway, consumer));
        in_parallel(consumers, threads, work, |n, plan| plans[n] = Some(plan));
    });
    plans.into_iter().flatten().collect()
}

/// Plans every consumer; their faults come as diagnostics at the faulty place.
pub fn plan_all(gateway: &Gateway, consumers: &[Consumer], threads: usize) -> Vec<Diagnostic> {
    let all: Vec<&Consumer> = consumers.iter().collect();
    let plans = plan_each(gateway, &all, threads);
    let mut found = Vec::new();
    for (consumer, plan) in consumers.iter().zip(plans) {
        match plan {
            Ok(plan) => found.extend(super::consumer_lint::check(gateway, consumer, &plan)),
            Err(error) => match mismatched(&error) {
                [] => found.push(not_planned(consumer, &error)),
                pairs => found.extend(super::consumer_lint::incomparable(consumer, pairs)),
            },
        }
    }
    found
}

fn not_planned(consumer: &Consumer, error: &Error) -> Diagnostic {
    let span = place(&consumer.source.text, error);
    let message = format!("consumer '{}' does not plan: {}", consumer.name, error.message());
    Diagnostic::new(&consumer_plan::META, &consumer.source, span, message)
        .maybe_hint(error.next_step().map(str::to_owned))
}

/// Where the SQL is at fault: where the engine says, else the first word that its message names.
pub fn place(text: &str, error: &Error) -> Span {
    match error.mark() {
        Some(positions) => span_of(text, positions),
        None => place_of_words(text, error.message()),
    }
}
