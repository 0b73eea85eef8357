//! How the type of a column changed, by what it admits and what is stored; never by its spelling.

use arrow::datatypes::{DataType, TimeUnit};

use crate::contract::model::{Column, LogicalType};
use crate::contract::types::{
    admits_wholly, binding, container, element, planned, probes, unknown,
};
use crate::diagnostic::Meta;

pub use super::elements::TypeChange;
use super::lengths::physical_limits;
use super::pair::{ColumnPair, ColumnSide, Pair};
use super::relation::Relation;
use crate::compat::finding::Finding;

/// How a column's type changed, and whether files that passed still pass.
pub fn compare(base: &Column, head: &Column) -> (TypeChange, bool) {
    if base.open_moment != head.open_moment {
        // What 3.0 had no word for, a document that moves to 3.1 says.
        let closed = |column: &Column| Column { open_moment: false, ..column.clone() };
        return compare(&closed(base), &closed(head));
    }
    let zone = |column: &Column| column.options.get("defaultTimezone").is_some();
    let inside = |c: &Column| (c.items.is_some(), c.map.is_some());
    let written = |column: &Column| (column.dimensions, zone(column), inside(column));
    if spelling(base) == spelling(head) && written(base) == written(head) {
        return (TypeChange::Same, true);
    }
    if unknown(base) != unknown(head) && same_kind(base, head) {
        return (TypeChange::Unknown, false);
    }
    if let (Some(old), Some(new)) = (container(base), container(head)) {
        // Where nothing is declared inside, consumers are planned with texts.
        let same = old == new
            && base.dimensions == head.dimensions
            && inside(base) == inside(head)
            && same_elements(base, head)
            && planned(base) == planned(head);
        let is_said_once = old == new
            && base.dimensions == head.dimensions
            && inside(base) != inside(head)
            && planned(base) == planned(head);
        return match (same, is_said_once, inside(head) == (false, false)) {
            (true, ..) => (respelled(base, head), true),
            (false, true, false) => (TypeChange::Pinned, false),
            (false, true, true) if is_type_alone(base) => (TypeChange::Opened, true),
            _ => (TypeChange::Changed, false),
        };
    }
    if container(base).is_some() || container(head).is_some() {
        return (TypeChange::Changed, false);
    }
    let probes = probes(&[base, head]);
    let admitted = |column| -> Vec<&DataType> {
        probes.iter().filter(|t| admits_wholly(column, t).is_ok()).collect()
    };
    let (old, new) = (admitted(base), admitted(head));
    let kept = old.iter().all(|t| new.contains(t));
    let grown = new.iter().any(|t| !old.contains(t));
    let (was, is) = (planned(base), planned(head));
    // Where the base leaves the width open, one of its widths is left, also where readers were
    // planned with another.
    let is_part = !grown && !new.is_empty() && binding(base).is_none();
    let change = match (was == is, kept, grown) {
        (true, true, false) => respelled(base, head),
        (true, false, false) if !new.is_empty() => TypeChange::Pinned,
        (true, true, true) if new.iter().all(|t| family(t) == family(&was)) => TypeChange::Opened,
        (false, ..) if widens(&was, &is) && (kept || signs(&old) == signs(&new)) => {
            TypeChange::Widened
        }
        (false, false, false) if is_part && is_left_open(base, &was, &is) => TypeChange::Pinned,
        _ => TypeChange::Changed,
    };
    (change, kept)
}

/// Whether a base that left its type open spoke of the type that is left: it named no type at all, or
/// its family.
fn is_left_open(base: &Column, was: &DataType, is: &DataType) -> bool {
    let is_untyped = base.logical_type.is_none() && base.physical_type.is_none();
    let are_decimals = was.is_decimal() && is.is_decimal();
    is_untyped || are_decimals || family(was) == family(is)
}

/// One type, in other words: a longer text is a wider type, and a shorter one a tighter limit that
/// is told as such.
fn respelled(base: &Column, head: &Column) -> TypeChange {
    match physical_limits(base, head) {
        Relation::Looser => TypeChange::Widened,
        Relation::Same if spelling(base) != spelling(head) => TypeChange::Respelled,
        _ => TypeChange::Same,
    }
}

/// Whether what a list or a map holds is declared by its type, and nothing else is asked of it.
fn is_type_alone(column: &Column) -> bool {
    let map = column.map.iter().flat_map(|map| [&map.0, &map.1]);
    column.items.iter().map(AsRef::as_ref).chain(map).all(|inner| {
        let is_free = inner.required.is_none() && inner.unique.is_none() && !inner.primary_key;
        let is_any = inner.allowed.is_none() && inner.options.iter().next().is_none();
        is_free
            && is_any
            && inner.quality.is_empty()
            && inner.relationships.is_empty()
            && inner.properties.is_empty()
            && is_type_alone(inner)
    })
}

/// Whether two declarations have one logical type, as far as they have any.
fn same_kind(base: &Column, head: &Column) -> bool {
    let logical = |column: &Column| column.logical_type.as_ref().map(|t| t.value);
    logical(base).zip(logical(head)).is_none_or(|(old, new)| old == new)
}

/// Whether what two containers hold may be the same, as far as their physical types say it.
fn same_elements(base: &Column, head: &Column) -> bool {
    element(base).zip(element(head)).is_none_or(|(old, new)| old == new)
}

/// The types of a file that a declaration admits, by Arrow's names.
pub fn admitted(column: &Column) -> String {
    let all = probes(&[]);
    let names = all.iter().filter(|t| admits_wholly(column, t).is_ok());
    let names = names.map(|t| t.to_string().split('(').next().unwrap_or_default().to_lowercase());
    let mut names: Vec<String> = names.collect();
    names.dedup();
    names.join(", ")
}

/// Whether signed and unsigned integers are among the types.
fn signs(types: &[&DataType]) -> (bool, bool) {
    let any = |is: fn(&DataType) -> bool| types.iter().any(|t| is(t));
    (any(DataType::is_signed_integer), any(DataType::is_unsigned_integer))
}

/// A finding about the type of a column, at the most telling key; the message takes the old and the
/// new type.
pub fn finding(
    pair: &Pair<'_>,
    meta: &'static Meta,
    column: &ColumnPair<'_>,
    message: impl Fn(&str, &str) -> String,
) -> Finding {
    let key = |side: ColumnSide<'_>| match side.node.get("physicalType") {
        Some(_) => "physicalType",
        None => "logicalType",
    };
    let (old, new) = (words(column.base.column), words(column.head.column));
    pair.of_column(meta, column, "logicalType", message(&old, &new))
        .was(old, column.base.span(key(column.base)))
        .is(new, column.head.span(key(column.head)))
}

/// The type in words: `integer (bigint)`, `number (f32)`, `string`, `array of integer`.
fn words(column: &Column) -> String {
    let logical = column.logical_type.as_ref().map(|t| t.value.word().to_owned());
    let logical = logical.map(|word| word + &held(column));
    let physical = column.physical_type.as_ref().map(|p| p.value.clone());
    let zone = match column.options.text("timezone").as_deref() {
        Some("false") => Some("no zone".to_owned()),
        Some("true") => Some("with zone".to_owned()),
        _ => None,
    };
    let default = column.options.text("defaultTimezone").map(|zone| format!("by default {zone}"));
    let dimensions = column.dimensions.map(|n| format!("{n} dimensions"));
    let more = [width(column), zone, default, dimensions, physical].into_iter().flatten();
    // `integer (integer)` says no more than `integer`.
    let is_new = |word: &String| logical.as_ref().is_none_or(|l| !l.eq_ignore_ascii_case(word));
    let more = more.filter(is_new).collect::<Vec<_>>().join(", ");
    match (logical, more.as_str()) {
        (Some(logical), "") => logical,
        (Some(logical), more) => format!("{logical} ({more})"),
        (None, "") => "any type".to_owned(),
        (None, more) => more.to_owned(),
    }
}

/// What a list or a map holds, in words.
fn held(column: &Column) -> String {
    match (&column.items, &column.map) {
        (Some(item), _) => format!(" of {}", words(item)),
        (None, Some(map)) => format!(" of {} to {}", words(&map.0), words(&map.1)),
        (None, None) => String::new(),
    }
}

/// `format`, where it is part of the type.
fn width(column: &Column) -> Option<String> {
    let format = column.options.text("format")?;
    match column.logical_type.as_ref().map(|t| t.value) {
        Some(LogicalType::Integer | LogicalType::Number) => Some(format),
        Some(LogicalType::String) if matches!(format.as_str(), "binary" | "byte") => Some(format),
        _ => None,
    }
}

fn spelling(
    column: &Column,
) -> (Option<LogicalType>, Option<&str>, Option<String>, Option<String>) {
    (
        column.logical_type.as_ref().map(|t| t.value),
        column.physical_type.as_ref().map(|p| p.value.as_str()),
        width(column),
        column.options.text("timezone"),
    )
}

#[derive(PartialEq, Eq)]
enum Family {
    Integer,
    Float,
    Decimal(i8),
    Other(DataType),
}

fn family(data_type: &DataType) -> Family {
    use DataType as D;
    match data_type {
        D::Float32 | D::Float64 => Family::Float,
        D::Decimal128(_, scale) => Family::Decimal(*scale),
        t if t.is_integer() => Family::Integer,
        // A wall-clock reading in a declared zone is stored as the instant.
        D::Timestamp(..) => Family::Other(D::Timestamp(TimeUnit::Microsecond, None)),
        other => Family::Other(other.clone()),
    }
}

/// Whether every value of one stored type is the same value in the other.
pub fn widens(was: &DataType, is: &DataType) -> bool {
    use DataType as D;
    match (was, is) {
        (D::Float32, D::Float64) => true,
        (D::Decimal128(p, s), D::Decimal128(q, t)) => s == t && q > p,
        (a, b) => {
            let both = a.is_signed_integer() && b.is_signed_integer();
            both && a.primitive_width() < b.primitive_width()
        }
    }
}

impl ColumnPair<'_> {
    /// How its type changed, and whether files that passed still pass.
    pub fn type_change(&self) -> (TypeChange, bool) {
        *self.type_change.get_or_init(|| compare(self.base.column, self.head.column))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::contract::parse;
    use crate::diagnostic::Source;

    use super::*;

    /// The old type, the new one, the expected change, and whether files that passed still pass.
    const PAIRS: &str = r#"
number, physicalType: numeric | number, physicalType: "numeric(7,2)" | Pinned | no
integer | integer, physicalType: bigint | Pinned | no
integer | integer, physicalType: int | Pinned | no
integer | integer, physicalType: smallint | Pinned | no
integer, physicalType: int | integer | Widened | yes
integer, physicalType: int | integer, physicalType: bigint | Widened | no
integer, physicalType: INTEGER | integer, physicalType: int64 | Widened | no
integer, physicalType: bigint | integer, physicalType: int | Changed | no
integer, physicalType: int | integer, physicalType: int4 | Respelled | yes
integer, physicalType: int | integer, physicalType: "int(11)" | Respelled | yes
integer, physicalType: int | integer, physicalType: "INTEGER NOT NULL" | Respelled | yes
integer, physicalType: int | integer, physicalType: int unsigned | Changed | no
integer, physicalType: "NUMBER(10,0)" | integer, physicalType: "decimal(10)" | Respelled | yes
integer, physicalType: int | integer, physicalType: INTEGER | Respelled | yes
integer, physicalType: bigint | integer, physicalType: INT64 | Respelled | yes
integer, physicalType: bigint | integer, physicalType: LongType | Respelled | yes
integer, physicalType: bigint | integer, logicalTypeOptions: {format: i64} | Respelled | yes
integer, logicalTypeOptions: {format: i32} | integer, physicalType: int4 | Respelled | yes
integer, physicalType: bigint | integer | Opened | yes
integer, physicalType: int4 | integer, physicalType: bigint | Widened | no
integer, physicalType: smallint | integer, physicalType: int4 | Widened | no
integer, logicalTypeOptions: {format: i32} | integer, logicalTypeOptions: {format: i64} | Widened | no
integer, physicalType: bigint | integer, physicalType: int4 | Changed | no
integer, physicalType: int4 | integer, physicalType: smallint | Changed | no
integer, logicalTypeOptions: {format: u32} | integer, logicalTypeOptions: {format: i64} | Changed | no
integer, logicalTypeOptions: {format: u16} | integer, logicalTypeOptions: {format: i16} | Changed | no
integer | number | Changed | yes
integer, physicalType: bigint | number, physicalType: bigint | Respelled | yes
number | integer | Changed | no
integer, physicalType: bigint | number, physicalType: double | Changed | no
number, physicalType: double | integer, physicalType: bigint | Changed | no
number | number, physicalType: double | Pinned | no
number | number, logicalTypeOptions: {format: f64} | Pinned | no
number, physicalType: double | number, logicalTypeOptions: {format: f64} | Respelled | yes
number, physicalType: double | number, physicalType: Float64 | Respelled | yes
number, physicalType: double precision | number, physicalType: FLOAT8 | Respelled | yes
number, physicalType: real | number, physicalType: double | Widened | no
number, logicalTypeOptions: {format: f32} | number, logicalTypeOptions: {format: f64} | Widened | no
number, physicalType: double | number, physicalType: real | Changed | no
integer, logicalTypeOptions: {format: i32} | integer, logicalTypeOptions: {format: u32} | Changed | no
array, items: {logicalType: integer} | array | Changed | no
array | array, items: {logicalType: integer} | Changed | no
array | array, items: {logicalType: string} | Pinned | no
array, items: {logicalType: string} | array | Opened | yes
array, items: {logicalType: string, required: true} | array | Changed | no
array, items: {logicalType: array, items: {logicalType: string, unique: true}} | array | Changed | no
number, physicalType: float | number, physicalType: double | Widened | no
number, physicalType: float | number, physicalType: FLOAT64 | Widened | no
number, physicalType: double | number, physicalType: float | Changed | no
number, physicalType: float | number, physicalType: real | Respelled | yes
number, physicalType: "float(53)" | number, physicalType: double | Respelled | yes
number | number, physicalType: float | Pinned | no
number, physicalType: double | number | Changed | yes
number, physicalType: "decimal(10,2)" | number, physicalType: "NUMERIC(10, 2)" | Respelled | yes
number, physicalType: "decimal(10,2)" | number, physicalType: "Number( 10 , 2 )" | Respelled | yes
number, physicalType: "decimal(10)" | number, physicalType: "decimal(10,0)" | Respelled | yes
number, physicalType: "decimal(10,2)" | number, physicalType: "decimal(12,2)" | Widened | yes
number, physicalType: "decimal(12,2)" | number, physicalType: "decimal(10,2)" | Changed | no
number, physicalType: "decimal(10,2)" | number, physicalType: "decimal(10,3)" | Changed | no
number, physicalType: "decimal(10,2)" | number, physicalType: "decimal(12,4)" | Changed | no
number, physicalType: "decimal(10,2)" | number, physicalType: double | Changed | no
number, physicalType: double | number, physicalType: "decimal(18,6)" | Changed | no
string | string, physicalType: varchar | Respelled | yes
string, physicalType: varchar | string | Respelled | yes
string, physicalType: varchar | string, physicalType: VARCHAR(10) | Same | yes
string, physicalType: VARCHAR(10) | string, physicalType: VARCHAR(20) | Widened | yes
string, physicalType: VARCHAR(10) | string, physicalType: text | Widened | yes
string, physicalType: VARCHAR(10) | string, physicalType: NVARCHAR2(10 CHAR) | Respelled | yes
string, physicalType: VARCHAR(10) | string, logicalTypeOptions: {maxLength: 10} | Respelled | yes
string, logicalTypeOptions: {maxLength: 10} | string, physicalType: VARCHAR(10) | Respelled | yes
string, physicalType: uuid | string, physicalType: text | Widened | yes
string, physicalType: text | string, physicalType: uuid | Same | yes
string, physicalType: uuid | string, physicalType: uniqueidentifier | Respelled | yes
integer, logicalTypeOptions: {format: int32} | integer, logicalTypeOptions: {format: int64} | Widened | yes
integer, logicalTypeOptions: {format: int64} | integer, logicalTypeOptions: {format: int32} | Same | yes
string, physicalType: "enum('a')" | string, physicalType: "enum('a', 'b')" | Widened | yes
string, physicalType: "enum('a', 'b')" | string, physicalType: "ENUM('b','a')" | Respelled | yes
string, physicalType: "varbinary(16)" | string, physicalType: "binary(32)" | Widened | yes
string, physicalType: VARCHAR(20) | string, physicalType: VARCHAR(10) | Same | yes
string, physicalType: text | string, physicalType: StringType | Respelled | yes
string, physicalType: character varying(3) | string, physicalType: nvarchar(3) | Respelled | yes
string | string, logicalTypeOptions: {format: email} | Same | yes
string | string, logicalTypeOptions: {format: binary} | Changed | no
string, logicalTypeOptions: {format: binary} | string, physicalType: bytea | Respelled | yes
string | integer | Changed | no
string | date | Changed | no
boolean | boolean, physicalType: BOOL | Respelled | yes
boolean | string | Changed | no
date | date, physicalType: DATE | Respelled | yes
date | timestamp | Changed | no
timestamp | timestamp, physicalType: timestamptz | Respelled | yes
timestamp | timestamp, physicalType: timestamp | Respelled | yes
timestamp, logicalTypeOptions: {timezone: false} | timestamp, physicalType: timestamp, logicalTypeOptions: {timezone: false} | Respelled | yes
timestamp, physicalType: TIMESTAMP_NTZ | timestamp, physicalType: datetime | Respelled | yes
timestamp, physicalType: timestamp without time zone | timestamp, physicalType: "timestamp[us]" | Respelled | yes
timestamp, physicalType: timestamp | timestamp, physicalType: TIMESTAMP_NTZ | Changed | no
timestamp, physicalType: timestamptz | timestamp, physicalType: datetime | Changed | no
timestamp, physicalType: "timestamp(3)" | timestamp, physicalType: timestamp | Widened | yes
timestamp, physicalType: timestamp | timestamp, physicalType: "timestamp(3)" | Same | yes
timestamp, physicalType: "timestamp(6)" | timestamp, physicalType: timestamp | Respelled | yes
string, physicalType: geography | string, physicalType: geometry | Unknown | no
string, physicalType: geography | string, physicalType: GEOGRAPHY | Respelled | yes
string | string, physicalType: geography | Unknown | no
string, physicalType: geography | string | Unknown | no
integer, physicalType: frobnicate | string, physicalType: frobnicated | Changed | no
object, physicalType: geography | object, physicalType: geometry | Unknown | no
array, physicalType: "array<geography>" | array, physicalType: "array<geometry>" | Unknown | no
timestamp | timestamp, logicalTypeOptions: {timezone: true} | Respelled | yes
timestamp | timestamp, logicalTypeOptions: {timezone: false} | Changed | no
timestamp, logicalTypeOptions: {timezone: false} | timestamp, physicalType: timestamp_ntz | Respelled | yes
timestamp, physicalType: TIMESTAMP WITH TIME ZONE | timestamp, physicalType: timestamp_tz | Respelled | yes
timestamp | timestamp, logicalTypeOptions: {defaultTimezone: Etc/UTC} | Opened | yes
time | time, physicalType: TIME | Respelled | yes
time | timestamp | Changed | no
integer, physicalType: smallint | integer | Widened | yes
integer, physicalType: int4 | number, physicalType: double | Changed | no
array | array, physicalType: "varchar[]" | Respelled | yes
array, physicalType: "varchar[]" | array, physicalType: "bigint[]" | Changed | no
array, physicalType: "varchar[]" | array, physicalType: "ARRAY<STRING>" | Respelled | yes
array, physicalType: "array<array<bigint>>" | array, physicalType: "INT64[][]" | Respelled | yes
object, physicalType: "struct<a: int8, b: text>" | object, physicalType: "STRUCT<a:int8,b:text>" | Respelled | yes
object, physicalType: "struct<a: int8>" | object, physicalType: "struct<a: int8, b: text>" | Changed | no
array | object | Changed | no
object | object, physicalType: STRUCT | Respelled | yes
object | map | Changed | no
object | string | Changed | no
vector, vector: {dimensions: 3} | vector, logicalTypeOptions: {dimensions: 3} | Same | yes
vector, vector: {dimensions: 3} | vector, vector: {dimensions: 4} | Changed | no
vector, vector: {dimensions: 3} | array | Changed | no
"#;

    fn column(declared: &str) -> Column {
        let text = format!(
            "version: 1.0.0\napiVersion: v3.2.0\nkind: DataContract\nid: t\nstatus: active\n\
             schema:\n- name: t\n  properties:\n  - {{name: a, logicalType: {declared}}}\n"
        );
        let parsed = parse(&Arc::new(Source::new("t", text)));
        parsed.contract.unwrap().tables.remove(0).columns.remove(0)
    }

    #[test]
    fn a_column_without_any_type_is_pinned_to_one() {
        let text = "version: 1.0.0\napiVersion: v3.2.0\nkind: DataContract\nid: t\nstatus: active\n\
                    schema: [{name: t, properties: [{name: a}]}]\n";
        let parsed = parse(&Arc::new(Source::new("t", text)));
        let untyped = parsed.contract.unwrap().tables.remove(0).columns.remove(0);
        for declared in ["integer, physicalType: bigint", "boolean", "string"] {
            let change = compare(&untyped, &column(declared)).0;
            assert_eq!(change, TypeChange::Pinned, "{declared}");
        }
    }

    #[test]
    fn types_are_compared_by_meaning() {
        let pairs: Vec<&str> = PAIRS.trim().lines().collect();
        assert!(pairs.len() >= 60);
        for pair in pairs {
            let [old, new, change, kept] =
                pair.split(" | ").collect::<Vec<_>>().try_into().unwrap();
            let found = compare(&column(old), &column(new));
            let found = (format!("{:?}", found.0), if found.1 { "yes" } else { "no" });
            assert_eq!(found, (change.to_owned(), kept), "{pair}");
        }
    }
}
