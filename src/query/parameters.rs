//! Parameters: given texts as typed values, within their declared limits.

use std::collections::BTreeMap;

use arrow::array::{Array, ArrayRef, StringArray};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use serde_json::Value;

use crate::contract::decimal::Decimal;
use crate::contract::yaml::Value::Null;
use crate::error::{Error, Result};
use crate::project::{Consumer, Parameter};

use super::request::{Given, Parameters};

/// Binds the given texts to a consumer's parameters.
///
/// # Errors
/// When one is missing, unknown, of another type, or outside its limits.
pub fn bind(consumer: &Consumer, given: &BTreeMap<String, String>) -> Result<Parameters> {
    let mut values = Parameters::new();
    for (name, text) in given {
        let is_declared = consumer.parameters.iter().any(|p| &p.name == name);
        if is_declared {
            continue;
        }
        if uses(consumer, name)? {
            // What has a number and no declaration is typed by the query. Any other name must be
            // declared: planning says how, by what the parameter is compared with.
            if is_number(name) {
                values.insert(name.clone(), Given::Text(text.clone()));
            }
        } else {
            let names = consumer.parameters.iter().map(|p| p.name.as_str());
            let error = Error::usage(
                "unknown-parameter",
                format!("consumer '{}' has no parameter '{name}'", consumer.name),
            );
            return Err(match crate::diagnostic::nearest(name, names.clone()) {
                Some(near) => error.hint(format!("did you mean '{near}'?")),
                None if consumer.parameters.is_empty() => error.hint("it has no parameters"),
                None => error.hint(format!("it has: {}", names.collect::<Vec<_>>().join(", "))),
            });
        }
    }
    for parameter in &consumer.parameters {
        let text = match (given.get(&parameter.name), &parameter.default) {
            (Some(text), _) => Some(text.clone()),
            (None, Some(default)) if default.value == Null => None,
            (None, Some(default)) => {
                Some(default.scalar_text().unwrap_or_else(|| default.to_json().to_string()))
            }
            (None, None) => {
                return Err(MissingParameter::declared(parameter));
            }
        };
        values.insert(parameter.name.clone(), Given::Typed(value(parameter, text)?));
    }
    Ok(values)
}

/// A parameter that was not given: the cause of such an error.
#[derive(Debug, thiserror::Error)]
#[error("parameter '{name}' is missing")]
pub struct MissingParameter {
    /// Its name, without the dollar sign.
    pub name: String,
    /// Its type, where the query declares it.
    pub type_name: Option<String>,
    /// Every parameter that is neither declared nor given, with the type that the query shows, else a
    /// usual one.
    pub undeclared: Vec<(String, String)>,
}

impl MissingParameter {
    /// One that the text names without declaring it.
    pub(super) fn undeclared(name: &str, undeclared: Vec<(String, String)>) -> Error {
        let message = format!("parameter '{name}' is not given");
        let missing = Self { name: name.to_owned(), type_name: None, undeclared };
        Error::usage("missing-parameter", message).caused_by(missing)
    }

    fn declared(parameter: &Parameter) -> Error {
        let name = &parameter.name;
        let message = match parameter.required {
            true => format!("parameter '{name}' is required"),
            false => format!("parameter '{name}' is not given, and has no default"),
        };
        let type_name = Some(parameter.type_name.clone());
        let missing = Self { name: name.clone(), type_name, undeclared: Vec::new() };
        Error::usage("missing-parameter", message).caused_by(missing)
    }
}

/// Whether a parameter is named by its place: `$1`.
fn is_number(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_digit())
}

fn uses(consumer: &Consumer, name: &str) -> Result<bool> {
    Ok(crate::engine::sql::placeholders(&consumer.source.text)?.contains(name))
}

/// The value of a parameter that is not given.
pub(super) fn usual(parameter: &Parameter) -> Option<ScalarValue> {
    let default = parameter.default.as_ref()?;
    let text = default.scalar_text().unwrap_or_else(|| default.to_json().to_string());
    value(parameter, Some(text)).ok()
}

/// The first value that a parameter allows, where it says which.
pub(super) fn least(parameter: &Parameter) -> Option<ScalarValue> {
    let first = parameter.allowed.as_ref().and_then(|words| words.first());
    let text = first.or(parameter.minimum.as_ref()).or(parameter.maximum.as_ref())?;
    value(parameter, Some(text.clone())).ok()
}

fn value(parameter: &Parameter, text: Option<String>) -> Result<ScalarValue> {
    let Some(text) = text else {
        return Ok(ScalarValue::try_from(&parameter.data_type)?);
    };
    let fault = || {
        let message = format!(
            "'{text}' is not of type {} (parameter '{}')",
            parameter.type_name, parameter.name
        );
        Error::usage("bad-parameter", message)
    };
    match &parameter.data_type {
        DataType::List(item) => {
            let items = list_items(&text);
            if parameter.max_items.is_some_and(|most| items.len() > most) {
                let message = format!(
                    "parameter '{}' takes at most {} items",
                    parameter.name,
                    parameter.max_items.unwrap_or_default()
                );
                return Err(Error::usage("bad-parameter", message));
            }
            let item = match parameter.keeps_digits {
                true => DataType::Decimal128(38, scale_of(&items)),
                false => item.data_type().clone(),
            };
            let values: Vec<ScalarValue> = items
                .iter()
                .map(|text| cast(text, &item))
                .collect::<Option<_>>()
                .ok_or_else(fault)?;
            Ok(ScalarValue::List(ScalarValue::new_list(&values, &item, true)))
        }
        data_type => {
            let value = match parameter.keeps_digits {
                true => exact(&text),
                false => cast(&text, data_type),
            };
            let value = value.ok_or_else(fault)?;
            check_limits(parameter, &text)?;
            Ok(value)
        }
    }
}

fn check_limits(parameter: &Parameter, text: &str) -> Result<()> {
    let fault = |what: String| {
        Err(Error::usage("bad-parameter", format!("parameter '{}' is {what}", parameter.name)))
    };
    let number = |text: &str| text.parse::<Decimal>().ok();
    let below = |a: &str, b: &str| match (number(a), number(b)) {
        (Some(a), Some(b)) => a < b,
        _ => a < b,
    };
    if let Some(least) = parameter.minimum.as_ref().filter(|least| below(text, least)) {
        return fault(format!("{text}; at least {least} is allowed"));
    }
    if let Some(most) = parameter.maximum.as_ref().filter(|most| below(most, text)) {
        return fault(format!("{text}; at most {most} is allowed"));
    }
    match &parameter.allowed {
        Some(words) if !words.iter().any(|w| w == text) => {
            fault(format!("'{text}'; one of {} is allowed", words.join(", ")))
        }
        _ => Ok(()),
    }
}

/// Items of a list, written as JSON or with commas.
fn list_items(text: &str) -> Vec<String> {
    if let Ok(Value::Array(items)) = serde_json::from_str::<Value>(text) {
        return items
            .into_iter()
            .map(|item| match item {
                Value::String(text) => text,
                other => other.to_string(),
            })
            .collect();
    }
    text.split(',').map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()).collect()
}

/// The value of a text where the query gives the type: a number keeps its digits, whatever column it is
/// compared with.
fn typed(text: &str, data_type: &DataType) -> Option<ScalarValue> {
    match data_type {
        DataType::Decimal128(..) | DataType::Decimal256(..) => exact(text),
        _ => cast(text, data_type),
    }
}

/// A numeric with the digits of a text.
fn exact(text: &str) -> Option<ScalarValue> {
    cast(text, &DataType::Decimal128(38, digits_behind_point(text)))
}

/// The digits behind the point that all of some texts need.
fn scale_of(texts: &[String]) -> i8 {
    texts.iter().map(|text| digits_behind_point(text)).max().unwrap_or_default()
}

fn digits_behind_point(text: &str) -> i8 {
    let (digits, exponent) = text.trim().split_once(['e', 'E']).unwrap_or((text.trim(), "0"));
    let behind = digits.split_once('.').map_or(0, |(_, behind)| behind.len());
    let needed = i64::try_from(behind).ok().zip(exponent.parse::<i64>().ok());
    let scale = needed.map_or(0, |(behind, exponent)| behind.saturating_sub(exponent).clamp(0, 38));
    i8::try_from(scale).unwrap_or_default()
}

/// A text as a value of a type, strictly: no digit of a number is rounded away.
fn cast(text: &str, data_type: &DataType) -> Option<ScalarValue> {
    if *data_type == DataType::Utf8 {
        return Some(ScalarValue::Utf8(Some(text.to_owned())));
    }
    if let DataType::Decimal128(precision, scale) = *data_type {
        let units = text.trim().parse::<Decimal>().ok()?;
        let units = units.floor_at(scale.into()).filter(|_| units.is_whole_at(scale.into()))?;
        let fits = units.unsigned_abs() < 10u128.pow(precision.into());
        return fits.then_some(ScalarValue::Decimal128(Some(units), precision, scale));
    }
    let array: ArrayRef = std::sync::Arc::new(StringArray::from(vec![text.trim()]));
    let options = CastOptions { safe: false, ..CastOptions::default() };
    let cast = cast_with_options(&array, data_type, &options).ok()?;
    if cast.is_null(0) {
        return None;
    }
    ScalarValue::try_from_array(&cast, 0).ok()
}

/// The value of a parameter of plain SQL: of the type that the plan gives it, else by its look (an
/// integer, a number, a boolean, a text).
pub(super) fn read(name: &str, text: &str, data_type: Option<&DataType>) -> Result<ScalarValue> {
    match data_type {
        Some(data_type) => typed(text, data_type).ok_or_else(|| {
            let wanted = crate::contract::types::sql_type(data_type);
            let message = format!("'{text}' is not of type {wanted} (parameter '{name}')");
            Error::usage("bad-parameter", message)
        }),
        None => Ok(as_it_looks(text)),
    }
}

fn as_it_looks(text: &str) -> ScalarValue {
    if let Ok(integer) = text.parse::<i64>() {
        return ScalarValue::Int64(Some(integer));
    }
    // More digits than a bigint or a double holds stay exact.
    let digits = text.strip_prefix('-').unwrap_or(text);
    if !digits.is_empty()
        && digits.bytes().all(|b| b.is_ascii_digit())
        && let Some(wide) = exact(text)
    {
        return wide;
    }
    if let Ok(number) = text.parse::<f64>()
        && text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+' | b'e' | b'E'))
    {
        return ScalarValue::Float64(Some(number));
    }
    match text {
        "true" => ScalarValue::Boolean(Some(true)),
        "false" => ScalarValue::Boolean(Some(false)),
        _ => ScalarValue::Utf8(Some(text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::diagnostic::Source;
    use crate::project::parse_consumer;

    /// Binds a text to a consumer's only parameter, which is declared so.
    fn bound(declared: &str, text: &str) -> Result<ScalarValue> {
        let sql = format!("-- owner: x\n-- params:\n--   p: {declared}\nselect $p");
        let (consumer, found) = parse_consumer("c", &Arc::new(Source::new("sql/c.sql", sql)));
        assert!(found.is_empty(), "{found:?}");
        let given = BTreeMap::from([("p".to_owned(), text.to_owned())]);
        bind(&consumer.unwrap(), &given).map(|values| match &values["p"] {
            Given::Typed(value) => value.clone(),
            Given::Text(text) => panic!("{text} has no type"),
        })
    }

    #[track_caller]
    fn refused(declared: &str, text: &str, words: &str) {
        let error = bound(declared, text).unwrap_err();
        assert_eq!(error.code(), "bad-parameter", "{text}: {error}");
        assert!(error.message().contains(words), "{text}: {error}");
    }

    #[test]
    fn the_least_and_the_greatest_number_are_allowed_themselves() {
        let declared = "{type: bigint, minimum: 5, maximum: 10}";
        // As texts, 10 would stand before 5.
        for number in [5, 7, 10] {
            let value = bound(declared, &number.to_string()).unwrap();
            assert_eq!(value, ScalarValue::Int64(Some(number)));
        }
        refused(declared, "4", "at least 5");
        refused(declared, "11", "at most 10");
    }

    #[test]
    fn a_word_is_one_of_those_that_are_allowed() {
        let declared = "{type: varchar, enum: [new, paid]}";
        bound(declared, "paid").unwrap();
        refused(declared, "gone", "one of new, paid");
    }

    #[test]
    fn a_list_has_at_most_so_many_items() {
        let declared = "{type: 'bigint[]', maxItems: 2}";
        bound(declared, "1, 2").unwrap();
        bound(declared, "[1, 2]").unwrap();
        refused(declared, "1, 2, 3", "at most 2 items");
        refused(declared, "[1, 2, 3]", "at most 2 items");
    }

    #[test]
    fn a_number_keeps_its_digits() {
        let decimal = |units, scale| ScalarValue::Decimal128(Some(units), 38, scale);
        let number = |text: &str| bound("{type: number, minimum: -10}", text);
        assert_eq!(number("1.50").unwrap(), decimal(150, 2));
        assert_eq!(number("-7").unwrap(), decimal(-7, 0));
        assert_eq!(number("1.5e-3").unwrap(), decimal(15, 4));
        assert_eq!(number("2e3").unwrap(), decimal(2000, 0));
        refused("{type: number}", "1.5x", "is not of type number");
        refused("{type: number}", "NaN", "is not of type number");
        refused("{type: number, minimum: -10}", "-10.5", "at least -10");
        let price = "{type: 'numeric(5,2)'}";
        assert_eq!(bound(price, "1.5").unwrap(), ScalarValue::Decimal128(Some(150), 5, 2));
        refused(price, "1.999", "is not of type numeric(5,2)");
        refused(price, "1000", "is not of type numeric(5,2)");
        let list = bound("{type: 'number[]'}", "1, 2.25").unwrap();
        assert_eq!(list.data_type(), DataType::new_list(DataType::Decimal128(38, 2), true));
        // As the query types it: what it is compared with takes no digit away.
        assert_eq!(
            typed("1.999", &DataType::Decimal128(10, 2)),
            Some(ScalarValue::Decimal128(Some(1999), 38, 3))
        );
    }

    #[test]
    fn only_a_default_of_null_is_null() {
        let missing = |declared: &str| {
            let sql = format!("-- owner: x\n-- params:\n--   p: {declared}\nselect $p, $1");
            let (consumer, _) = parse_consumer("c", &Arc::new(Source::new("sql/c.sql", sql)));
            bind(&consumer.unwrap(), &BTreeMap::from([("1".to_owned(), "7".to_owned())]))
        };
        let given = missing("{type: bigint, default: null}").unwrap();
        assert_eq!(given["p"], Given::Typed(ScalarValue::Int64(None)));
        assert_eq!(given["1"], Given::Text("7".to_owned()));
        let error = missing("{type: bigint}").unwrap_err();
        assert_eq!(error.message(), "parameter 'p' is not given, and has no default");
        let error = missing("{type: bigint, required: true}").unwrap_err();
        assert_eq!(error.message(), "parameter 'p' is required");
    }

    #[test]
    fn what_is_missing_or_unknown_is_told() {
        let sql = "-- owner: x\n-- params:\n--   p: {type: bigint, required: true}\nselect $p";
        let (consumer, _) = parse_consumer("c", &Arc::new(Source::new("sql/c.sql", sql)));
        let consumer = consumer.unwrap();
        assert_eq!(bind(&consumer, &BTreeMap::new()).unwrap_err().code(), "missing-parameter");
        let given = ["p", "q"].map(|name| (name.to_owned(), "1".to_owned()));
        let error = bind(&consumer, &BTreeMap::from(given)).unwrap_err();
        assert_eq!(error.code(), "unknown-parameter");
    }

    #[test]
    fn a_number_that_no_bigint_holds_stays_exact() {
        let wide = as_it_looks("-12345678901234567890");
        assert_eq!(wide, ScalarValue::Decimal128(Some(-12_345_678_901_234_567_890), 38, 0));
        assert_eq!(as_it_looks("12"), ScalarValue::Int64(Some(12)));
        assert_eq!(as_it_looks("1.5"), ScalarValue::Float64(Some(1.5)));
        assert_eq!(as_it_looks("1e300"), ScalarValue::Float64(Some(1e300)));
        assert_eq!(as_it_looks("1-2"), ScalarValue::Utf8(Some("1-2".to_owned())));
        assert_eq!(as_it_looks("-"), ScalarValue::Utf8(Some("-".to_owned())));
    }
}
