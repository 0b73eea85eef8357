//! `storable`: instants and dates that the warehouse does not hold: finer than its microseconds,
//! beyond their range, infinite, or readings of a clock that are not one instant.

use arrow::array::{ArrayRef, BooleanArray};
use arrow::datatypes::{DataType, TimeUnit};
use datafusion::logical_expr::Expr;

use crate::check::expr::function::{ValueTest, tested};
use crate::check::plan::clause::{Clause, RowTest, Test};
use crate::contract::model::Column;
use crate::contract::types::with_zone;
use crate::engine::instants::{Unkept, unkept};

use super::planning::Planning;

pub(super) fn plan(planning: &Planning<'_>, column: &Column, out: &mut Vec<Clause>) {
    let zone = column.options.text("defaultTimezone").filter(|_| with_zone(column));
    let types = planning.files.iter().filter_map(|file| planning.type_in(file, column));
    // What is declared inside has clauses of its own.
    let is_declared =
        column.items.is_some() || column.map.is_some() || !column.properties.is_empty();
    let mut expected = types
        .filter(|found| !(is_declared && found.is_nested()))
        .filter_map(|found| expected(&found, zone.as_deref()));
    let Some(expected) = expected.next() else { return };
    let told = |why: Unkept| {
        let zone = zone.clone();
        move |value: &Expr, _: &DataType| Ok(tested(Unstorable { zone: zone.clone(), why }, value))
    };
    let test = RowTest::new(column, told(Unkept::Any))
        .note("infinite: deliver NULL for what has no end", told(Unkept::Infinite))
        .note(
            "skipped or shown twice where the clocks change: deliver instants, with a time zone in \
             their type",
            told(Unkept::NotOneInstant),
        );
    out.push(Clause::new(
        planning.table,
        Some(column),
        "storable",
        column.name.span,
        expected,
        Test::Rows(test),
    ));
}

/// What values of a type must be, where not all of them can be stored.
fn expected(data_type: &DataType, zone: Option<&str>) -> Option<String> {
    match (data_type, zone) {
        (DataType::Timestamp(_, None), Some(zone)) => Some(format!("one instant in {zone}")),
        (DataType::Timestamp(TimeUnit::Nanosecond, _), _) => Some("whole microseconds".to_owned()),
        (DataType::Timestamp(..), _) => Some("an instant that microseconds reach".to_owned()),
        (DataType::Date32, _) => Some("a finite date".to_owned()),
        (DataType::Dictionary(_, value), _) => expected(value, zone),
        (DataType::Struct(fields), _) => {
            fields.iter().find_map(|field| expected(field.data_type(), zone))
        }
        (
            DataType::List(item)
            | DataType::LargeList(item)
            | DataType::FixedSizeList(item, _)
            | DataType::Map(item, _),
            _,
        ) => expected(item.data_type(), zone),
        _ => None,
    }
}

/// The values that cannot be stored, for one reason or for any.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Unstorable {
    zone: Option<String>,
    why: Unkept,
}

impl ValueTest for Unstorable {
    const NAME: &'static str = "pactum_unstorable";

    fn test(&self, values: &ArrayRef) -> datafusion::error::Result<BooleanArray> {
        Ok(unkept(values, self.zone.as_deref(), self.why)?)
    }
}
