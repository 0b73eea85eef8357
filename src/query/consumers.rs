//! Consumers planned against a catalog: does their SQL still mean something?

use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::Duration;

use arrow::datatypes::DataType;
use datafusion::common::{Location, ParamValues, ScalarValue, Span as EngineSpan};
use datafusion::logical_expr::LogicalPlan;

use crate::diagnostic::{Diagnostic, Span};
use crate::engine::{TimeLimit, in_parallel, places};
use crate::error::{Error, Position, Result, SqlState};

pub use crate::error::Positions;
use crate::project::{Consumer, consumer_plan};

use super::admission::admit;
use super::comparable::{self, Incomparable, incomparable};
use super::gateway::Gateway;
use super::lineage::{SourceColumn, lineage};
use super::listed::Listing;
use super::naming::declared_schema;
use super::request::Principal;
use super::trial::tried;

/// A table of a contract's major.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReadTable {
    /// The contract's id.
    pub contract: String,
    /// Its major.
    pub major: u64,
    /// Its name in SQL, as the consumer wrote it, in lower case: with the major where it names one.
    pub schema: String,
    /// The table, in its declared spelling.
    pub table: String,
}

/// A column of such a table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReadColumn {
    /// The table.
    pub of: ReadTable,
    /// The column, in its declared spelling; an alias stands for its column.
    pub column: String,
}

/// A result column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputColumn {
    /// Its name.
    pub name: String,
    /// Its type.
    pub data_type: DataType,
    /// Whether it may be NULL.
    pub nullable: bool,
    /// The columns that its values come from.
    pub sources: BTreeSet<ReadColumn>,
}

/// A result column with its name and its place among those of that name.
pub type Numbered<'a> = ((&'a str, usize), &'a OutputColumn);

/// Result columns by name; several of one name are distinguished by their order.
pub fn numbered(columns: &[OutputColumn]) -> Vec<Numbered<'_>> {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let mut all = Vec::with_capacity(columns.len());
    for column in columns {
        let count = seen.entry(&column.name).or_default();
        all.push(((column.name.as_str(), *count), column));
        *count += 1;
    }
    all
}

/// Values of a column that a consumer lists.
#[derive(Debug, Clone)]
pub struct ReadValues {
    /// The column.
    pub of: ReadColumn,
    /// The fields inside it that lead to the values; none for the column itself.
    pub path: Vec<String>,
    /// The values.
    pub listing: Listing,
    /// Where the text names the column, as far as the engine knows.
    pub place: Option<Positions>,
}

/// What a consumer reads and returns.
#[derive(Debug, Clone, Default)]
pub struct ConsumerPlan {
    /// The result columns.
    pub outputs: Vec<OutputColumn>,
    /// Every column that affects the result.
    pub reads: BTreeSet<ReadColumn>,
    /// Every table that is read.
    pub tables: BTreeSet<ReadTable>,
    /// Where it lists the values of a column.
    pub listings: Vec<ReadValues>,
    /// Comparisons of types that have nothing in common.
    pub incomparable: Vec<Incomparable>,
}

/// How long the planning of one consumer may take.
const PLANNED_WITHIN: Duration = Duration::from_secs(60);

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
    let outputs = declared.fields().iter().zip(&found.outputs).map(|(field, sources)| {
        let data_type = crate::contract::types::plain(field.data_type());
        OutputColumn {
            name: field.name().clone(),
            data_type,
            nullable: field.is_nullable(),
            sources: sources.iter().filter_map(|s| resolve.column(s)).collect(),
        }
    });
    Ok(ConsumerPlan {
        outputs: outputs.collect(),
        reads: found.reads.iter().filter_map(|s| resolve.column(s)).collect(),
        tables: found.tables.iter().filter_map(|(s, t)| resolve.table(s, t)).collect(),
        listings: found
            .listings
            .iter()
            .filter_map(|l| {
                let (path, listing) = (l.path.clone(), l.listing.clone());
                Some(ReadValues { of: resolve.column(&l.of)?, path, listing, place: l.place })
            })
            .collect(),
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

/// The engine's mark, in the text.
pub fn span_of(text: &str, ((line, column), (last, end)): (Position, Position)) -> Span {
    let word = Span::of_position(text, line, column);
    if (line, column) == (last, end) {
        return word;
    }
    let end = Span::of_position(text, last, end).start.max(word.start + 1);
    // In a qualified name, the last part is missing.
    let named = text.get(word.start..end).and_then(|words| words.rfind('.'));
    let from = word.start + named.map_or(0, |dot| dot + 1);
    Span::of_bytes(text, from, end)
}

/// Where a text first names something; its beginning where it does not.
pub fn place_of_word(text: &str, word: &str) -> Span {
    let body = body(text);
    match find_word(&text[body..], word).filter(|_| !word.is_empty()) {
        Some(at) => Span::of_bytes(text, body + at, body + at + word.len()),
        None => Span::of_bytes(text, body, body + 1),
    }
}

/// The first byte after the header.
fn body(text: &str) -> usize {
    let lines = text.split_inclusive('\n');
    lines.take_while(|line| line.starts_with("--")).map(str::len).sum()
}

/// Start and end of what the engine marks.
pub(super) fn positions(span: EngineSpan) -> Option<Positions> {
    let place =
        |at: Location| Some((usize::try_from(at.line).ok()?, usize::try_from(at.column).ok()?));
    let found = (place(span.start)?, place(span.end)?);
    Some(found).filter(|((line, _), _)| *line > 0)
}

/// Where the name at fault stands: a position in the message, else the first such word.
pub(super) fn place_of_words(text: &str, message: &str) -> Span {
    let quoted = message
        .split(['\'', '"', ' ', '.', ',', '(', ')'])
        .filter(|word| word.len() > 2 && word.chars().all(|c| c.is_alphanumeric() || c == '_'));
    let body = body(text);
    let names = ["named", "there", "table", "field", "schema", "error", "invalid", "function"];
    for word in quoted.filter(|w| !names.contains(&w.to_ascii_lowercase().as_str())) {
        if let Some(at) = find_word(&text[body.min(text.len())..], word) {
            let start = body + at;
            return Span::of_bytes(text, start, start + word.len());
        }
    }
    Span::of_bytes(text, body, body + 1)
}

/// Where a word stands in a text, in any case.
fn find_word(text: &str, word: &str) -> Option<usize> {
    let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let same = |at: usize| {
        let rest = text[at..].chars().flat_map(char::to_lowercase);
        rest.take(word.chars().flat_map(char::to_lowercase).count())
            .eq(word.chars().flat_map(char::to_lowercase))
    };
    text.char_indices().map(|(at, _)| at).find(|at| {
        let before = text[..*at].chars().next_back();
        let after = text[*at..].chars().nth(word.chars().count());
        !is_part(before) && !is_part(after) && same(*at)
    })
}
