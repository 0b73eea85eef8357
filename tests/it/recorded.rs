//! Answers that PostgreSQL gave once, as `tests/postgres/run.py record` wrote them: the first line names
//! columns and types, then comes a line for each row.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array};
use arrow::datatypes::{
    DataType, Date32Type, Field, Float32Type, IntervalMonthDayNanoType, IntervalUnit,
    Time64MicrosecondType, TimeUnit, TimestampMicrosecondType,
};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use chrono::{Datelike, NaiveDate, TimeDelta};
use sqllogictest::{DBOutput, DefaultColumnType, Normalizer, Runner};

use crate::door::Door;
use crate::postgres::project;
use crate::python::interpreter;
use crate::support::root;

#[test]
fn recorded_answers_of_postgresql_are_ours() {
    let Some(python) = interpreter() else { return };
    let folder = project(&python);
    let door = Arc::new(Door::open(&folder.path().join("tour")));
    let mut failures = Vec::new();
    let mut scripts = 0;
    for entry in std::fs::read_dir(root().join("tests/sql/postgres")).unwrap() {
        let path = entry.unwrap().path();
        scripts += 1;
        for record in sqllogictest::parse_file::<DefaultColumnType>(&path).unwrap() {
            let door = door.clone();
            let mut runner = Runner::new(|| async { Ok(Asked(door.clone())) });
            runner.with_validator(are_equal);
            failures.extend(runner.run(record).err().map(|error| error.display(false).to_string()));
        }
    }
    assert!(scripts >= 15, "{scripts} scripts");
    assert!(failures.is_empty(), "{}\n{} differ", failures.join("\n\n"), failures.len());
}

/// The door, asked by a script.
struct Asked(Arc<Door>);

impl sqllogictest::DB for Asked {
    type Error = std::io::Error;
    type ColumnType = DefaultColumnType;

    fn run(&mut self, sql: &str) -> Result<DBOutput<DefaultColumnType>, Self::Error> {
        let rows = self.0.ask(sql).map_err(|error| {
            let hint = error.next_step().map(|hint| format!(" ({hint})")).unwrap_or_default();
            std::io::Error::other(format!("{}{hint} [{}]", error.message(), error.sqlstate()))
        })?;
        let mut lines = vec![vec![line(rows.schema.fields().iter().map(|field| header(field)))]];
        for batch in &rows.batches {
            for row in 0..batch.num_rows() {
                lines.push(vec![line(batch.columns().iter().map(|column| cell(column, row)))]);
            }
        }
        Ok(DBOutput::Rows { types: vec![DefaultColumnType::Text], rows: lines })
    }
}

fn line(cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<String> = cells.collect();
    if cells.is_empty() { "(no columns)".to_owned() } else { cells.join(RULE) }
}

/// Between two cells of a line.
const RULE: &str = " | ";

fn header(field: &Field) -> String {
    format!("{}:{}", word(field.name()).to_lowercase(), type_name(field.data_type()))
}

/// PostgreSQL's name of a type.
fn type_name(data_type: &DataType) -> String {
    let name = match data_type {
        DataType::Boolean => "boolean",
        DataType::Int16 => "smallint",
        DataType::Int32 => "integer",
        DataType::Int64 => "bigint",
        DataType::Float32 => "real",
        DataType::Float64 => "double precision",
        DataType::Decimal128(..) | DataType::Decimal256(..) => "numeric",
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "text",
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => "bytea",
        DataType::Date32 => "date",
        DataType::Time64(_) => "time",
        DataType::Timestamp(_, None) => "timestamp",
        DataType::Timestamp(_, Some(_)) => "timestamptz",
        DataType::Interval(IntervalUnit::MonthDayNano) => "interval",
        DataType::Struct(_) => "record",
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => {
            let item = type_name(item.data_type());
            return if item.ends_with("[]") { item } else { format!("{item}[]") };
        }
        other => return other.to_string(),
    };
    name.to_owned()
}

fn cell(array: &ArrayRef, row: usize) -> String {
    if array.is_null(row) || array.data_type() == &DataType::Null {
        return "NULL".to_owned();
    }
    match array.data_type() {
        DataType::Utf8 => word(array.as_string::<i32>().value(row)),
        DataType::LargeUtf8 => word(array.as_string::<i64>().value(row)),
        DataType::Utf8View => word(array.as_string_view().value(row)),
        DataType::Binary => bytes(array.as_binary::<i32>().value(row)),
        DataType::LargeBinary => bytes(array.as_binary::<i64>().value(row)),
        DataType::BinaryView => bytes(array.as_binary_view().value(row)),
        DataType::Float32 => {
            // As the double it widens to, which PostgreSQL's is compared as.
            let value = f64::from(array.as_primitive::<Float32Type>().value(row));
            shown(&(Arc::new(Float64Array::from(vec![value])) as ArrayRef), 0)
        }
        DataType::Interval(IntervalUnit::MonthDayNano) => {
            let value = array.as_primitive::<IntervalMonthDayNanoType>().value(row);
            let micros = value.nanoseconds / 1000;
            format!("{} mons {} days {micros} us", value.months, value.days)
        }
        DataType::Date32 => date(array.as_primitive::<Date32Type>().value(row).into()),
        DataType::Time64(TimeUnit::Microsecond) => {
            time(array.as_primitive::<Time64MicrosecondType>().value(row))
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            let micros = array.as_primitive::<TimestampMicrosecondType>().value(row);
            format!("{} {}", date(micros.div_euclid(DAY)), time(micros.rem_euclid(DAY)))
        }
        DataType::List(_) => items(&array.as_list::<i32>().value(row)),
        DataType::LargeList(_) => items(&array.as_list::<i64>().value(row)),
        DataType::FixedSizeList(..) => items(&array.as_fixed_size_list().value(row)),
        DataType::Struct(_) => {
            let columns = array.as_struct().columns();
            braced(columns.iter().map(|column| cell(column, row)))
        }
        _ => shown(array, row),
    }
}

fn items(array: &ArrayRef) -> String {
    braced((0..array.len()).map(|row| cell(array, row)))
}

fn braced(cells: impl Iterator<Item = String>) -> String {
    format!("{{{}}}", cells.collect::<Vec<_>>().join(","))
}

fn bytes(value: &[u8]) -> String {
    value.iter().fold("\\x".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}

/// Numbers and booleans, which Arrow shows.
fn shown(array: &ArrayRef, row: usize) -> String {
    let options = FormatOptions::default();
    let text = ArrayFormatter::try_new(array, &options).unwrap().value(row).to_string();
    if array.data_type() == &DataType::Float64 { text.replace("inf", "Infinity") } else { text }
}

/// ISO 8601; what a calendar of four digits does not reach is a count of days.
fn date(days: i64) -> String {
    let first = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap();
    match first.checked_add_signed(TimeDelta::days(days)) {
        Some(date) if (1..=9999).contains(&date.year()) => date.format("%Y-%m-%d").to_string(),
        _ => format!("day {days}"),
    }
}

/// The time of a day, without trailing zeros.
fn time(micros: i64) -> String {
    let seconds = micros / 1_000_000;
    let clock = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    match micros % 1_000_000 {
        0 => clock,
        rest => format!("{clock}.{rest:06}").trim_end_matches('0').to_owned(),
    }
}

const DAY: i64 = 86_400_000_000;

/// A text on one line, told apart from NULL, from the rule between cells and from its own margins.
fn word(text: &str) -> String {
    match text {
        "" => return "(empty)".to_owned(),
        "NULL" => return "(null)".to_owned(),
        _ => {}
    }
    let quoted = serde_json::Value::from(text).to_string();
    let bare = quoted[1..quoted.len() - 1].replace("\\\"", "\"").replace('|', "\\u007c");
    let inner = bare.trim_start_matches(' ');
    let left = bare.len() - inner.len();
    let inner = inner.trim_end_matches(' ');
    let right = bare.len() - left - inner.len();
    format!("{}{inner}{}", "␠".repeat(left), "␠".repeat(right))
}

/// Whether an answer is the recorded one: numerics to the scale of the one that has less, floats within
/// a tolerance.
fn are_equal(_: Normalizer, actual: &[Vec<String>], expected: &[String]) -> bool {
    let floats: Vec<bool> = match expected.first() {
        Some(header) => header.split(RULE).map(is_float).collect(),
        None => return actual.is_empty(),
    };
    let is_same = |(ours, theirs): (&Vec<String>, &String)| {
        let (ours, theirs) = (ours[0].split(RULE), theirs.split(RULE));
        let pairs: Vec<_> = ours.zip(theirs.clone()).collect();
        pairs.len() == theirs.count()
            && pairs.iter().zip(&floats).all(|((a, b), float)| is_same_cell(a, b, *float))
    };
    actual.len() == expected.len() && actual.iter().zip(expected).all(is_same)
}

fn is_float(header: &str) -> bool {
    let kind = header.rsplit(':').next().unwrap_or_default();
    kind.starts_with("double precision") || kind.starts_with("real")
}

/// Arrays piece by piece.
fn is_same_cell(ours: &str, theirs: &str, float: bool) -> bool {
    let pieces = |text: &str| text.split(['{', '}', ',']).map(str::to_owned).collect::<Vec<_>>();
    let (ours, theirs) = (pieces(ours), pieces(theirs));
    ours.len() == theirs.len()
        && ours
            .iter()
            .zip(&theirs)
            .all(|(a, b)| a == b || if float { is_same_float(a, b) } else { is_same_numeric(a, b) })
}

fn is_same_float(ours: &str, theirs: &str) -> bool {
    match (ours.parse::<f64>(), theirs.parse::<f64>()) {
        (Ok(a), Ok(b)) => a == b || (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1e-3),
        _ => false,
    }
}

/// Whether two numerics are one, rounded half away from zero to the places of the one that has fewer. A
/// number without a point is exact, unless it has so many digits that it may be a rounded mean.
fn is_same_numeric(ours: &str, theirs: &str) -> bool {
    let (Some(ours), Some(theirs)) = (decimal(ours), decimal(theirs)) else { return false };
    let (fine, coarse) = if ours.1 > theirs.1 { (ours, theirs) } else { (theirs, ours) };
    let Some(unit) = 10i128.checked_pow(fine.1 - coarse.1) else { return false };
    let is_rounded = fine == theirs || coarse.0.abs() >= 10i128.pow(15);
    let rounded = (fine.0 + fine.0.signum() * (unit / 2)) / unit;
    if is_rounded { rounded == coarse.0 } else { coarse.0.checked_mul(unit) == Some(fine.0) }
}

/// A decimal number without its point, and its places behind it.
fn decimal(text: &str) -> Option<(i128, u32)> {
    let (whole, places) = text.split_once('.').unwrap_or((text, ""));
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    if digits.is_empty() || !digits.bytes().chain(places.bytes()).all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some((format!("{whole}{places}").parse().ok()?, u32::try_from(places.len()).ok()?))
}

#[test]
fn answers_of_other_values_are_told_apart() {
    for (ours, theirs) in
        [("2.5000000000000000", "2.5"), ("0.3333333333333333", "0.33333333333333333333")]
    {
        assert!(is_same_cell(ours, theirs, false), "{ours} {theirs}");
    }
    for (ours, theirs) in
        [("2.4", "2"), ("2.5", "2.6"), ("NULL", "(null)"), ("{1,2}", "{1,3}"), ("{1}", "1")]
    {
        assert!(!is_same_cell(ours, theirs, false), "{ours} {theirs}");
    }
    assert!(is_same_cell("0.30000000000000004", "0.3", true));
    assert!(!is_same_cell("0.3001", "0.3", true));
    assert_eq!(word(" a|\nb "), "␠a\\u007c\\nb␠");
}
