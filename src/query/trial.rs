//! Trial: a consumer's query planned down to its operators, with values for its parameters, so that what
//! lint and diff approve runs.

use std::collections::HashMap;

use arrow::datatypes::DataType;
use datafusion::common::{ParamValues, ScalarValue};
use datafusion::execution::SessionState;
use datafusion::logical_expr::LogicalPlan;

use crate::engine::runnable::{runnable, runnable_analyzed};
use crate::error::Result;
use crate::project::{Consumer, Parameter};

use super::parameters;

/// Tries a plan whose parameters are of these types: first as it was analyzed, with values of its own.
///
/// # Errors
/// What every run would end with, whatever the tables hold and its callers give.
pub(super) async fn tried(
    state: &SessionState,
    (plan, analyzed): (&LogicalPlan, &LogicalPlan),
    consumer: &Consumer,
    types: &HashMap<String, DataType>,
) -> Result<()> {
    let first = runnable_analyzed(state, analyzed.clone()).await;
    if first.is_ok() || types.is_empty() {
        return first;
    }
    // Some functions want a value where others take NULL, and a value may be one that fails.
    if runnable(state, &bound(plan, consumer, types, &|_, _| None)?).await.is_ok() {
        return Ok(());
    }
    let sampled = |declared: Option<&Parameter>, data_type: &DataType| {
        declared.and_then(parameters::least).or_else(|| sample(data_type))
    };
    runnable(state, &bound(plan, consumer, types, &sampled)?).await
}

/// A value for a parameter that has no default.
type Choose<'a> = &'a dyn Fn(Option<&Parameter>, &DataType) -> Option<ScalarValue>;

/// The plan with the default of each parameter, else with the value that is chosen, else with NULL.
fn bound(
    plan: &LogicalPlan,
    consumer: &Consumer,
    types: &HashMap<String, DataType>,
    choose: Choose<'_>,
) -> Result<LogicalPlan> {
    let mut values = HashMap::new();
    for (name, data_type) in types {
        let declared = consumer.parameters.iter().find(|p| p.name == *name);
        let own = declared.and_then(parameters::usual);
        let value = match own.or_else(|| choose(declared, data_type)) {
            Some(value) => value,
            None => ScalarValue::try_new_null(data_type)?,
        };
        values.insert(name.clone(), value);
    }
    Ok(plan.clone().with_param_values(ParamValues::from(values))?)
}

/// A value of a type that few functions refuse.
fn sample(data_type: &DataType) -> Option<ScalarValue> {
    match data_type {
        DataType::Utf8 => Some(ScalarValue::from("a")),
        DataType::List(item) => {
            let values: Vec<ScalarValue> = sample(item.data_type()).into_iter().collect();
            Some(ScalarValue::List(ScalarValue::new_list(&values, item.data_type(), true)))
        }
        t if t.is_numeric() => ScalarValue::new_one(t).ok(),
        other => ScalarValue::new_default(other).ok(),
    }
}
