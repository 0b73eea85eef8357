//! The table of functions of JSON: names, arguments, results.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanBuilder, Int32Builder, ListArray, StringArray, StringBuilder,
};
use arrow::buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{DataType, Field, Int32Type};
use datafusion::common::{ScalarValue, exec_datafusion_err, exec_err};
use datafusion::error::Result;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use super::data_types::{JSON, JSONB, is_jsonb};
use super::parse::parse;
use super::path::Path;
use super::tree::Tree;
use super::types::{of_texts, text_of};
use super::{access, build, contains, rows};

/// What a function of JSON does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in super::super) enum Function {
    /// `->` and, as text, `->>`.
    Get {
        as_text: bool,
    },
    /// `#>` and `#>>`.
    Follow {
        as_text: bool,
    },
    /// The same with each step as an argument.
    Extract {
        as_text: bool,
    },
    /// `?`, `?|` and `?&`.
    Has,
    HasAny,
    HasAll,
    Contains,
    Equal,
    Merged,
    TypeOf,
    Length,
    PathExists,
    PathFirst,
    Items,
    ItemTexts,
    Keys,
    Values,
    ValueTexts,
    /// Of any value.
    To,
    BuildArray,
    BuildObject,
    /// Of the array of a group's values.
    Aggregate,
    /// Of the arrays of a group's keys and values.
    AggregatePairs,
}

/// What a function takes in a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Argument {
    /// JSON: of the function's own type, or of either.
    Json,
    /// A text, or an integer.
    Step,
    Text,
    /// An array of texts.
    Texts,
    Any,
    /// An array.
    Array,
}

/// A function, and which of the two types it takes and gives; an operator is of the type on its left.
type Row = (&'static str, Function, Option<bool>);

use Function as F;

const TABLE: &[Row] = &[
    ("json_get", F::Get { as_text: false }, None),
    ("json_get_text", F::Get { as_text: true }, None),
    ("json_follow", F::Follow { as_text: false }, None),
    ("json_follow_text", F::Follow { as_text: true }, None),
    ("json_has", F::Has, Some(true)),
    ("json_has_any", F::HasAny, Some(true)),
    ("json_has_all", F::HasAll, Some(true)),
    ("json_extract_path", F::Extract { as_text: false }, Some(false)),
    ("json_extract_path_text", F::Extract { as_text: true }, Some(false)),
    ("jsonb_extract_path", F::Extract { as_text: false }, Some(true)),
    ("jsonb_extract_path_text", F::Extract { as_text: true }, Some(true)),
    ("jsonb_contains", F::Contains, Some(true)),
    ("jsonb_equal", F::Equal, Some(true)),
    ("jsonb_merged", F::Merged, Some(true)),
    ("json_typeof", F::TypeOf, Some(false)),
    ("jsonb_typeof", F::TypeOf, Some(true)),
    ("json_array_length", F::Length, Some(false)),
    ("jsonb_array_length", F::Length, Some(true)),
    ("jsonb_path_exists", F::PathExists, Some(true)),
    ("jsonb_path_query_first", F::PathFirst, Some(true)),
    ("json_elements", F::Items, Some(false)),
    ("jsonb_elements", F::Items, Some(true)),
    ("json_element_texts", F::ItemTexts, Some(false)),
    ("jsonb_element_texts", F::ItemTexts, Some(true)),
    ("json_keys", F::Keys, Some(false)),
    ("jsonb_keys", F::Keys, Some(true)),
    ("json_values", F::Values, Some(false)),
    ("jsonb_values", F::Values, Some(true)),
    ("json_value_texts", F::ValueTexts, Some(false)),
    ("jsonb_value_texts", F::ValueTexts, Some(true)),
    ("to_json", F::To, Some(false)),
    ("to_jsonb", F::To, Some(true)),
    ("json_build_array", F::BuildArray, Some(false)),
    ("jsonb_build_array", F::BuildArray, Some(true)),
    ("json_build_object", F::BuildObject, Some(false)),
    ("jsonb_build_object", F::BuildObject, Some(true)),
    ("json_of_group", F::Aggregate, Some(false)),
    ("jsonb_of_group", F::Aggregate, Some(true)),
    ("json_of_pairs", F::AggregatePairs, Some(false)),
    ("jsonb_of_pairs", F::AggregatePairs, Some(true)),
];

/// The function of a name, and its type of JSON.
pub(in super::super) fn by_name(name: &str) -> Option<(Function, Option<bool>)> {
    TABLE.iter().find(|(own, ..)| *own == name).map(|(_, function, own)| (*function, *own))
}

/// What a function takes: first, then in all further places; and how many must be given.
pub(in super::super) fn arguments(
    function: Function,
) -> (&'static [Argument], std::ops::RangeInclusive<usize>) {
    use Argument::{Any, Array, Json, Step, Text, Texts};
    match function {
        F::Get { .. } => (&[Json, Step], 2..=2),
        F::Follow { .. } => (&[Json, Texts], 2..=2),
        F::Extract { .. } => (&[Json, Text], 1..=64),
        F::Has | F::PathExists | F::PathFirst => (&[Json, Text], 2..=2),
        F::HasAny | F::HasAll => (&[Json, Texts], 2..=2),
        F::Contains | F::Equal | F::Merged => (&[Json, Json], 2..=2),
        F::To => (&[Any], 1..=1),
        F::BuildArray | F::BuildObject => (&[Any], 0..=100),
        F::Aggregate => (&[Array], 1..=1),
        F::AggregatePairs => (&[Array, Array], 2..=2),
        _ => (&[Json], 1..=1),
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct OfJson {
    name: &'static str,
    function: Function,
    own: Option<bool>,
    signature: Signature,
}

fn udf(name: &str) -> Option<Arc<ScalarUDF>> {
    let (name, function, own) = TABLE.iter().find(|(own, ..)| *own == name)?;
    let volatility = Volatility::Immutable;
    let signature = match arguments(*function).1.start() {
        0 => Signature::one_of(
            vec![
                datafusion::logical_expr::TypeSignature::VariadicAny,
                datafusion::logical_expr::TypeSignature::Nullary,
            ],
            volatility,
        ),
        _ => Signature::variadic_any(volatility),
    };
    let function = OfJson { name, function: *function, own: *own, signature };
    Some(Arc::new(ScalarUDF::new_from_impl(function)))
}

/// Every function.
pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    TABLE.iter().filter_map(|(name, ..)| udf(name)).collect()
}

/// A call of a function of the table with settled arguments.
pub(in super::super) fn call(name: &str, arguments: Vec<Expr>) -> Option<Expr> {
    Some(Expr::ScalarFunction(ScalarFunction::new_udf(udf(name)?, arguments)))
}

impl ScalarUDFImpl for OfJson {
    fn name(&self) -> &'static str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        let own = match self.own {
            Some(is_binary) => is_binary,
            None => types.first().is_some_and(is_jsonb),
        };
        let json = if own { JSONB.clone() } else { JSON.clone() };
        Ok(match self.function {
            F::Get { as_text: true }
            | F::Follow { as_text: true }
            | F::Extract { as_text: true }
            | F::TypeOf => DataType::Utf8,
            F::Has | F::HasAny | F::HasAll | F::Contains | F::Equal | F::PathExists => {
                DataType::Boolean
            }
            F::Length => DataType::Int32,
            F::Items | F::Values => DataType::new_list(json, true),
            F::ItemTexts | F::Keys | F::ValueTexts => DataType::new_list(DataType::Utf8, true),
            _ => json,
        })
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let wanted = arguments.return_type().clone();
        let is_scalar = arguments.args.iter().all(|a| matches!(a, ColumnarValue::Scalar(_)));
        let rows = if is_scalar { 1 } else { arguments.number_rows };
        let arrays = arguments.args.iter().map(|a| a.to_array(rows));
        let arrays = arrays.collect::<Result<Vec<_>>>()?;
        let found = evaluated(self.function, &arrays, rows, &wanted)?;
        Ok(match is_scalar {
            true => ColumnarValue::Scalar(ScalarValue::try_from_array(&found, 0)?),
            false => ColumnarValue::Array(found),
        })
    }
}

fn evaluated(
    function: Function,
    arrays: &[ArrayRef],
    rows: usize,
    wanted: &DataType,
) -> Result<ArrayRef> {
    match (function, arrays) {
        (F::To, [values]) => built(build::values(values)?, nulls_of(values), wanted),
        (F::BuildArray, values) => {
            let each = values.iter().map(build::values).collect::<Result<Vec<_>>>()?;
            let row =
                |row: usize| each.iter().filter_map(|v| v.get(row)).cloned().collect::<Vec<_>>();
            let texts = (0..rows).map(|n| format!("[{}]", row(n).join(", "))).collect();
            built(texts, None, wanted)
        }
        (F::BuildObject, given) => built_objects(given, rows, wanted),
        (F::Aggregate, [groups]) => aggregated(groups, wanted),
        (F::AggregatePairs, [keys, values]) => aggregated_pairs(keys, values, wanted),
        (F::Items | F::ItemTexts | F::Keys | F::Values | F::ValueTexts, [json]) => {
            listed(function, json, wanted)
        }
        (_, [json, rest @ ..]) => looked_up(function, json, rest, wanted),
        _ => exec_err!("no value of type {wanted}"),
    }
}

fn nulls_of(values: &ArrayRef) -> Option<NullBuffer> {
    values.logical_nulls()
}

/// Texts of JSON that were built here as values of a type.
fn built(texts: Vec<String>, nulls: Option<NullBuffer>, wanted: &DataType) -> Result<ArrayRef> {
    let valid = |row: usize| nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row));
    let normal = |(row, text): (usize, String)| match (valid(row), is_jsonb(wanted)) {
        (false, _) => Ok(None),
        (true, true) => parse(&text, true)?.normal().map(Some),
        (true, false) => Ok(Some(text)),
    };
    let texts = texts.into_iter().enumerate().map(normal).collect::<Result<StringArray>>()?;
    of_texts(texts, wanted)
}

fn built_objects(given: &[ArrayRef], rows: usize, wanted: &DataType) -> Result<ArrayRef> {
    if !given.len().is_multiple_of(2) {
        return exec_err!("argument list must have even number of elements");
    }
    let keys = given.iter().step_by(2).map(super::super::texts::spelled);
    let keys = keys.collect::<Result<Vec<_>>>()?;
    let values = given.iter().skip(1).step_by(2).map(build::values).collect::<Result<Vec<_>>>()?;
    let mut texts = Vec::with_capacity(rows);
    for row in 0..rows {
        let mut pairs = Vec::with_capacity(keys.len());
        for (place, (key, value)) in keys.iter().zip(&values).enumerate() {
            let key = key.as_string::<i32>();
            if key.is_null(row) {
                return match is_jsonb(wanted) {
                    true => exec_err!("argument {}: key must not be null", 2 * place + 1),
                    false => exec_err!("argument {} cannot be null", 2 * place + 1),
                };
            }
            pairs.push((key.value(row).to_owned(), value.get(row).cloned().unwrap_or_default()));
        }
        texts.push(build::object(&pairs, ("{", "}")));
    }
    built(texts, None, wanted)
}

/// Where the items of each list lie.
fn ends(list: &ListArray, row: usize) -> std::ops::Range<usize> {
    let at =
        |n: usize| list.value_offsets().get(n).and_then(|n| usize::try_from(*n).ok()).unwrap_or(0);
    at(row)..at(row + 1)
}

fn aggregated(groups: &ArrayRef, wanted: &DataType) -> Result<ArrayRef> {
    let Some(lists) = groups.as_list_opt::<i32>() else {
        return built(
            vec![String::new(); groups.len()],
            Some(NullBuffer::new_null(groups.len())),
            wanted,
        );
    };
    let items = build::values(lists.values())?;
    // Arrays stand on lines of their own.
    let between =
        if matches!(lists.values().data_type(), DataType::List(_)) { ", \n " } else { ", " };
    let text = |row: usize| {
        let items = items.get(ends(lists, row)).unwrap_or_default();
        format!("[{}]", items.join(between))
    };
    built((0..lists.len()).map(text).collect(), lists.nulls().cloned(), wanted)
}

fn aggregated_pairs(keys: &ArrayRef, values: &ArrayRef, wanted: &DataType) -> Result<ArrayRef> {
    let (Some(keys), Some(values)) = (keys.as_list_opt::<i32>(), values.as_list_opt::<i32>())
    else {
        return exec_err!("pairs are given as two arrays");
    };
    let names = super::super::texts::spelled(keys.values())?;
    let names = names.as_string::<i32>();
    let items = build::values(values.values())?;
    let mut texts = Vec::with_capacity(keys.len());
    for row in 0..keys.len() {
        let mut pairs = Vec::new();
        let range = if keys.is_valid(row) { ends(keys, row) } else { 0..0 };
        for (name, item) in range.zip(ends(values, row)) {
            if names.is_null(name) {
                return exec_err!("field name must not be null");
            }
            let value = items.get(item).cloned().unwrap_or_default();
            pairs.push((names.value(name).to_owned(), value));
        }
        texts.push(build::object(&pairs, ("{ ", " }")));
    }
    built(texts, keys.nulls().cloned(), wanted)
}

/// Items, keys or values of each row.
fn listed(function: Function, json: &ArrayRef, wanted: &DataType) -> Result<ArrayRef> {
    let texts = text_of(json)?;
    let is_binary = is_jsonb(json.data_type());
    let mut found: Vec<Option<String>> = Vec::new();
    let mut ends = vec![0_i32];
    for text in &texts {
        if let Some(text) = text {
            let tree = parse(text, is_binary)?;
            match function {
                F::Items => {
                    found.extend(rows::items(&tree)?.iter().map(|i| Some(i.written.clone())))
                }
                F::ItemTexts => {
                    for item in rows::items(&tree)? {
                        found.push(item.plain()?);
                    }
                }
                _ => {
                    for (key, value) in rows::pairs(&tree)? {
                        found.push(match function {
                            F::Keys => Some(key.to_owned()),
                            F::Values => Some(value.written.clone()),
                            _ => value.plain()?,
                        });
                    }
                }
            }
        }
        let end = i32::try_from(found.len());
        ends.push(end.map_err(|_| exec_datafusion_err!("JSON has too many items"))?);
    }
    let DataType::List(item) = wanted else { return exec_err!("no list of type {wanted}") };
    let found = StringArray::from(found);
    let values: ArrayRef = match item.data_type() {
        DataType::Utf8 => Arc::new(found),
        json => of_texts(found, json)?,
    };
    let field = Arc::new(Field::new_list_field(item.data_type().clone(), true));
    let ends = OffsetBuffer::new(ScalarBuffer::from(ends));
    Ok(Arc::new(ListArray::try_new(field, ends, values, texts.nulls().cloned())?))
}

/// A second argument, as each row has it.
enum Second<'a> {
    Texts(Vec<&'a StringArray>),
    /// Places, and whether they are asked of `jsonb`.
    Place(&'a ArrayRef, bool),
    Lists(&'a ListArray, ArrayRef),
    Json(StringArray),
    None,
}

impl<'a> Second<'a> {
    fn of(arrays: &'a [ArrayRef], is_binary: bool) -> Result<Self> {
        let Some(first) = arrays.first() else { return Ok(Self::None) };
        Ok(match first.data_type() {
            DataType::Utf8 => {
                Self::Texts(arrays.iter().filter_map(|a| a.as_string_opt()).collect())
            }
            DataType::Int32 => Self::Place(first, is_binary),
            DataType::List(_) => {
                let lists = first.as_list::<i32>();
                Self::Lists(lists, Arc::clone(lists.values()))
            }
            _ => Self::Json(text_of(first)?),
        })
    }

    /// Whether a row's argument is NULL, or one of several is.
    fn is_null(&self, row: usize) -> bool {
        match self {
            Self::Texts(all) => all.iter().any(|texts| texts.is_null(row)),
            Self::Place(places, _) => places.is_null(row),
            Self::Lists(lists, _) => lists.is_null(row),
            Self::Json(texts) => texts.is_null(row),
            Self::None => false,
        }
    }

    fn words(&self, row: usize) -> Vec<Option<String>> {
        match self {
            Self::Texts(all) => all.iter().map(|t| Some(t.value(row).to_owned())).collect(),
            Self::Lists(lists, values) => {
                let Some(values) = values.as_string_opt::<i32>() else { return Vec::new() };
                let word = |n: usize| values.is_valid(n).then(|| values.value(n).to_owned());
                ends(lists, row).map(word).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// What a row's answer is made of.
enum Answer {
    Text(Option<String>),
    Bool(bool),
    Count(Option<i32>),
}

fn looked_up(
    function: Function,
    json: &ArrayRef,
    rest: &[ArrayRef],
    wanted: &DataType,
) -> Result<ArrayRef> {
    let texts = text_of(json)?;
    let is_binary = is_jsonb(json.data_type());
    let second = Second::of(rest, is_binary)?;
    let mut path: Option<(String, Path)> = None;
    let (mut words, mut bools, mut counts) =
        (StringBuilder::new(), BooleanBuilder::new(), Int32Builder::new());
    for row in 0..texts.len() {
        let answer = match texts.is_null(row) || second.is_null(row) {
            true => None,
            false => {
                let tree = parse(texts.value(row), is_binary)?;
                Some(answered(function, &tree, &second, row, &mut path)?)
            }
        };
        match answer {
            Some(Answer::Text(text)) => words.append_option(text),
            Some(Answer::Bool(found)) => bools.append_value(found),
            Some(Answer::Count(count)) => counts.append_option(count),
            None => match wanted {
                DataType::Boolean => bools.append_null(),
                DataType::Int32 => counts.append_null(),
                _ => words.append_null(),
            },
        }
    }
    Ok(match wanted {
        DataType::Boolean => Arc::new(bools.finish()),
        DataType::Int32 => Arc::new(counts.finish()),
        DataType::Utf8 => Arc::new(words.finish()),
        json => of_texts(words.finish(), json)?,
    })
}

fn answered(
    function: Function,
    tree: &Tree,
    second: &Second<'_>,
    row: usize,
    path: &mut Option<(String, Path)>,
) -> Result<Answer> {
    let told = |found: Option<&Tree>, as_text: bool| match (found, as_text) {
        (None, _) => Ok(Answer::Text(None)),
        (Some(found), true) => found.plain().map(Answer::Text),
        (Some(found), false) => Ok(Answer::Text(Some(found.written.clone()))),
    };
    match function {
        F::Get { as_text } => {
            let found = match second {
                Second::Place(places, is_binary) => {
                    let place = places.as_primitive::<Int32Type>().value(row).into();
                    access::item(tree, place, *is_binary)
                }
                _ => second.words(row).first().cloned().flatten().and_then(|k| tree.field(&k)),
            };
            told(found, as_text)
        }
        F::Follow { as_text } | F::Extract { as_text } => {
            let steps: Option<Vec<String>> = second.words(row).into_iter().collect();
            told(steps.and_then(|steps| access::at(tree, &steps)), as_text)
        }
        F::Has => {
            let key = second.words(row).first().cloned().flatten();
            Ok(Answer::Bool(key.is_some_and(|key| contains::has(tree, &key))))
        }
        F::HasAny => {
            let mut keys = second.words(row).into_iter().flatten();
            Ok(Answer::Bool(keys.any(|key| contains::has(tree, &key))))
        }
        F::HasAll => {
            let mut keys = second.words(row).into_iter().flatten();
            Ok(Answer::Bool(keys.all(|key| contains::has(tree, &key))))
        }
        F::Contains | F::Equal | F::Merged => {
            let Second::Json(others) = second else {
                return exec_err!("the other side is not JSON");
            };
            let other = parse(others.value(row), true)?;
            Ok(match function {
                F::Contains => Answer::Bool(contains::contains(tree, &other)),
                F::Equal => Answer::Bool(contains::equal(tree, &other)),
                _ => Answer::Text(Some(contains::merged(tree, &other)?)),
            })
        }
        F::TypeOf => Ok(Answer::Text(Some(tree.kind().to_owned()))),
        F::Length => match tree.kind() {
            "array" => Ok(Answer::Count(i32::try_from(rows::items(tree)?.len()).ok())),
            "object" => exec_err!("cannot get array length of a non-array"),
            _ => exec_err!("cannot get array length of a scalar"),
        },
        F::PathExists | F::PathFirst => {
            let text = second.words(row).first().cloned().flatten().unwrap_or_default();
            if path.as_ref().is_none_or(|(known, _)| *known != text) {
                *path = Some((text.clone(), Path::read(&text)?));
            }
            let found = path.as_ref().map(|(_, path)| path.find(tree)).unwrap_or_default();
            Ok(match function {
                F::PathExists => Answer::Bool(!found.is_empty()),
                _ => Answer::Text(found.first().map(|found| found.written.clone())),
            })
        }
        other => exec_err!("{other:?} is not a look into JSON"),
    }
}
