//! What a declared type says about values beyond the type of the file: `varchar(3)`,
//! `enum('a', 'b')`, `uuid`, `timestamp(3)`, `number(5)`, `format: int32`.
//!
//! Each is a clause of its own beside `physicalType` or `format`, which answer for the type of the
//! file. NULL passes.

use arrow::datatypes::{DataType, TimeUnit};
use datafusion::functions::expr_fn::character_length;
use datafusion::logical_expr::{Expr, cast};
use datafusion::prelude::lit;

use crate::check::expr::predicates::{Predicate, TextFormat, holds};
use crate::check::plan::clause::{Clause, RowTest, Test};
use crate::contract::clause_id::limit_kind;
use crate::contract::model::{Column, LogicalType};
use crate::contract::types::{Limits, Physical, bound, instead, physical_limits, plain};
use crate::diagnostic::Span;
use crate::engine::literal::scalar;

use super::allowed::listed;
use super::planning::Planning;

/// A limit: the kind of its clause, what it requires in words, and the rows that fail.
type ValueLimit = (&'static str, String, RowTest);

pub(super) fn plan(planning: &Planning<'_>, column: &Column, out: &mut Vec<Clause>) {
    let mut add = |span: Span, (kind, words, test): ValueLimit| {
        out.push(Clause::new(planning.table, Some(column), kind, span, words, Test::Rows(test)));
    };
    if let Some(physical) = &column.physical_type {
        of_physical(column).into_iter().for_each(|limit| add(physical.span, limit));
    }
    if let Some(node) = column.options.get("format") {
        of_format(column, node.as_str().unwrap_or_default())
            .into_iter()
            .for_each(|limit| add(node.span, limit));
    }
}

fn of_physical(column: &Column) -> Vec<ValueLimit> {
    let limits = physical_limits(column);
    let mut found = Vec::new();
    if let Some(kind) = limit_kind(&limits) {
        found.extend(of_limits(column, limits).map(|(words, test)| (kind, words, test)));
    }
    if let Some(most) = whole_digits(column) {
        let expected = counted(most.into(), "digit");
        let greatest = 10_i64.pow(most.into()) - 1;
        found.push(("physicalTypePrecision", expected, within(column, -greatest, greatest)));
    }
    found
}

/// A spelling states one limit; none where an option states the same.
fn of_limits(column: &Column, limits: Limits) -> Option<(String, RowTest)> {
    let is_told = column.options.text("format").as_deref() == Some("uuid");
    match limits {
        Limits { characters: Some(most), .. } => {
            Some((counted(most, "character"), characters(column, most)))
        }
        Limits { bytes: Some(most), .. } => Some((counted(most, "byte"), bytes(column, most))),
        Limits { values: Some(words), .. } => {
            let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
            let expected = format!("one of {}", listed(quoted.into_iter()));
            Some((expected, among(column, words)))
        }
        Limits { fraction: Some(digits), .. } => {
            Some((fraction_words(digits), fraction(column, digits)))
        }
        Limits { uuid: true, .. } if !is_told => Some(("uuid".to_owned(), uuid(column))),
        _ => None,
    }
}

/// `format: int32` of an integer is a range of values; `i32` is a type of the file.
fn of_format(column: &Column, format: &str) -> Option<ValueLimit> {
    if column.logical_type.as_ref().map(|t| t.value) != Some(LogicalType::Integer) {
        return None;
    }
    let (least, greatest) = match format {
        "int8" => (i8::MIN.into(), i8::MAX.into()),
        "int16" => (i16::MIN.into(), i16::MAX.into()),
        "int32" => (i32::MIN.into(), i32::MAX.into()),
        "int64" => (i64::MIN, i64::MAX),
        "uint8" => (0, u8::MAX.into()),
        "uint16" => (0, u16::MAX.into()),
        "uint32" => (0, u32::MAX.into()),
        "uint64" => (0, i64::MAX),
        _ => return None,
    };
    let words = match format {
        "uint64" => "≥ 0".to_owned(),
        _ => format!("{least} to {greatest}"),
    };
    Some(("formatRange", words, within(column, least, greatest)))
}

/// The digits of an integer that is declared as a decimal without a fraction, where a file's
/// integers may have more.
fn whole_digits(column: &Column) -> Option<u8> {
    let is_integer = column.logical_type.as_ref().map(|t| t.value) == Some(LogicalType::Integer);
    match bound(column) {
        Some(Physical::Decimal { precision, scale: 0 }) if is_integer && precision < 19 => {
            Some(precision)
        }
        _ => None,
    }
}

fn counted(most: u64, what: &str) -> String {
    format!("at most {most} {what}{}", if most == 1 { "" } else { "s" })
}

fn characters(column: &Column, most: u64) -> RowTest {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    RowTest::new(column, move |value, data_type| match plain(data_type) {
        DataType::Utf8 => Ok(character_length(value.clone()).gt(lit(most))),
        DataType::Null => Ok(lit(false)),
        other => Err(instead(&other, "text")),
    })
}

fn bytes(column: &Column, most: u64) -> RowTest {
    RowTest::new(column, move |value, data_type| match plain(data_type) {
        DataType::Utf8 | DataType::Binary => Ok(!holds(Predicate::Bytes(most), value)),
        DataType::Null => Ok(lit(false)),
        other => Err(instead(&other, "text or bytes")),
    })
}

fn among(column: &Column, words: Vec<String>) -> RowTest {
    RowTest::new(column, move |value, data_type| match plain(data_type) {
        DataType::Utf8 => {
            let words = words.iter().map(|word| lit(word.as_str())).collect();
            Ok(value.clone().in_list(words, true))
        }
        DataType::Null => Ok(lit(false)),
        other => Err(instead(&other, "text")),
    })
}

fn uuid(column: &Column) -> RowTest {
    RowTest::new(column, |value, data_type| match plain(data_type) {
        DataType::Utf8 => Ok(!holds(Predicate::Format(TextFormat::Uuid), value)),
        // Sixteen bytes are a UUID by their type, which `physicalType` answers for.
        DataType::Null | DataType::Binary => Ok(lit(false)),
        other => Err(instead(&other, "text")),
    })
}

fn fraction_words(digits: u8) -> String {
    match digits {
        0 => "whole seconds".to_owned(),
        3 => "whole milliseconds".to_owned(),
        1 => "at most 1 digit after the decimal point of a second".to_owned(),
        _ => format!("at most {digits} digits after the decimal point of a second"),
    }
}

fn fraction(column: &Column, digits: u8) -> RowTest {
    RowTest::new(column, move |value, data_type| {
        let unit = match data_type {
            DataType::Timestamp(unit, _) | DataType::Time32(unit) | DataType::Time64(unit) => unit,
            DataType::Null => return Ok(lit(false)),
            other => return Err(instead(other, "timestamps")),
        };
        let held: u8 = match unit {
            TimeUnit::Second => 0,
            TimeUnit::Millisecond => 3,
            TimeUnit::Microsecond => 6,
            TimeUnit::Nanosecond => 9,
        };
        let Some(beyond) = held.checked_sub(digits).filter(|beyond| *beyond > 0) else {
            return Ok(lit(false));
        };
        let number = match data_type {
            DataType::Time32(_) => cast(cast(value.clone(), DataType::Int32), DataType::Int64),
            _ => cast(value.clone(), DataType::Int64),
        };
        Ok((number % lit(10_i64.pow(beyond.into()))).not_eq(lit(0_i64)))
    })
}

fn within(column: &Column, least: i64, greatest: i64) -> RowTest {
    RowTest::new(column, move |value, data_type| {
        let plain = plain(data_type);
        let is_whole = plain.is_integer() || matches!(plain, DataType::Decimal128(_, 0));
        match &plain {
            DataType::Null => Ok(lit(false)),
            _ if is_whole => {
                // A limit beyond the type is one that no value passes.
                let limit = |units: i64| scalar(units.into(), &plain).map(lit);
                let below = limit(least).map(|limit| value.clone().lt(limit));
                let above = limit(greatest).map(|limit| value.clone().gt(limit));
                Ok(below.into_iter().chain(above).reduce(Expr::or).unwrap_or_else(|| lit(false)))
            }
            other => Err(instead(other, "integers")),
        }
    })
}
