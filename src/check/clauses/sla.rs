//! `slaProperties`: latency, frequency and retention are judged by a timestamp element; the rest is
//! listed.
//!
//! An entry belongs to the tables of its element, or to the first table where it names none.

use arrow::datatypes::DataType;
use chrono::{DateTime, Utc};
use datafusion::prelude::lit;

use crate::check::plan::clause::{Clause, Measure, RowTest, Settled, Test};
use crate::check::plan::threshold::Threshold;
use crate::check::report::Verdict;
use crate::contract::clause_id::sla_kind;
use crate::contract::decimal::Decimal;
use crate::contract::model::{Column, Operator, Sla, Table};
use crate::contract::sla::{Period, Property};
use crate::contract::temporal::Timestamp;
use crate::contract::types::plain;
use crate::engine::literal::{scalar, scale_of};

use super::planning::Planning;

pub(super) fn plan(planning: &Planning<'_>, out: &mut Vec<Clause>) {
    let first = planning.contract.tables.first();
    for sla in &planning.contract.sla {
        let element = element(planning, sla).unwrap_or_default();
        let elements: Vec<&str> = element.split(',').map(str::trim).collect();
        let of_table = |e: &&str| {
            let table = e.split('.').next().and_then(|name| planning.contract.table(name));
            // An entry that names no table of the contract is reported once, with the first table.
            table.or(first).is_some_and(|t: &Table| std::ptr::eq(t, planning.table))
        };
        let own: Vec<&str> = elements.into_iter().filter(of_table).collect();
        if !own.is_empty() {
            out.push(clause(planning, sla, &own));
        }
    }
}

fn element(planning: &Planning<'_>, sla: &Sla) -> Option<String> {
    let own = sla.element.as_ref().map(|e| e.value.clone());
    own.or_else(|| planning.contract.sla_element.clone())
}

fn clause(planning: &Planning<'_>, sla: &Sla, elements: &[&str]) -> Clause {
    let kind = sla_kind(sla);
    let unit = sla.unit.as_deref().unwrap_or_default();
    let value = sla.value.as_deref().unwrap_or_default();
    let stated = format!("{value} {unit}").trim().to_owned();
    let (expected, threshold, test) = match Property::of(sla) {
        None => {
            let reason = "a service level that the files of a delivery do not answer";
            (stated, Threshold::none_failing(), settled(Verdict::Informational, reason))
        }
        Some(_) if elements.iter().all(|e| e.is_empty()) => {
            let reason = "it names no element to be judged by";
            (stated, Threshold::none_failing(), settled(Verdict::Informational, reason))
        }
        Some(property) => match judged(planning, sla, property, elements) {
            Ok(found) => found,
            Err(reason) => {
                (stated, Threshold::none_failing(), settled(Verdict::NotExecuted, &reason))
            }
        },
    };
    let mut clause = Clause::new(planning.table, None, &kind, sla.span, expected, test);
    clause.threshold = threshold;
    clause.kind = sla.property.clone();
    clause
}

fn judged(
    planning: &Planning<'_>,
    sla: &Sla,
    property: Property,
    elements: &[&str],
) -> Result<(String, Threshold, Test), String> {
    let period = Period::of(sla)?;
    let columns: Vec<&Column> = elements
        .iter()
        .map(|element| {
            let (table, name) = element.split_once('.').unwrap_or_default();
            let own = planning.table.name.value.eq_ignore_ascii_case(table);
            let column = planning.table.column(name).filter(|_| own);
            column.ok_or_else(|| format!("'{element}' is not a column"))
        })
        .collect::<Result<_, String>>()?;
    let names = columns.iter().map(|c| c.name.value.to_ascii_lowercase()).collect();
    let at_most =
        |limit: f64| Threshold::of(vec![Operator::MustBeLessOrEqualTo(limit.to_string())], false);
    let cutoff = period.before(planning.now).ok_or("a length of time beyond the calendar")?;
    Ok(match property {
        Property::Latency => (
            format!("the newest row is at most {} old", period.words()),
            at_most(period.in_unit((planning.now - cutoff).as_seconds_f64())),
            Test::Measure(Measure::Latency { columns: names, unit_seconds: period.unit_seconds() }),
        ),
        Property::Frequency => (
            format!("rows at most {} apart", period.words()),
            at_most(period.in_unit(period.seconds())),
            Test::Measure(Measure::Frequency {
                columns: names,
                unit_seconds: period.unit_seconds(),
            }),
        ),
        Property::Retention => {
            let [column] = columns.as_slice() else {
                return Err("retention is judged by one element".to_owned());
            };
            let words = format!("no row older than {}", period.words());
            (words, Threshold::none_failing(), Test::Rows(older_than(column, cutoff)))
        }
    })
}

/// Rows before an instant; a reading without zone is taken in the column's zone, by default UTC.
fn older_than(column: &Column, cutoff: DateTime<Utc>) -> RowTest {
    let zone = column.options.text("defaultTimezone");
    RowTest::new(column, move |value, data_type| {
        let instant = Timestamp::Instant(cutoff.fixed_offset());
        let plain = plain(data_type);
        let units = match &plain {
            DataType::Timestamp(_, Some(_)) => instant.nanoseconds(None),
            DataType::Timestamp(_, None) => Some(instant.local_nanoseconds(zone.as_deref())),
            // A date is as old as its end: the whole day must lie before.
            DataType::Date32 => {
                let days = instant.local_nanoseconds(zone.as_deref()).div_euclid(DAY);
                Some(days * 1_000_000_000)
            }
            other => return Err(format!("{other} is not a point in time")),
        };
        let scale = scale_of(&plain).unwrap_or_default();
        let limit = units.and_then(|n| Decimal::units(n, 9).ceil_at(scale));
        let limit = limit.and_then(|n| scalar(n, &plain)).ok_or("beyond the type's range")?;
        Ok(value.clone().lt(lit(limit)))
    })
}

/// Nanoseconds.
const DAY: i128 = 86_400_000_000_000;

fn settled(verdict: Verdict, reason: &str) -> Test {
    let reason = Some(reason.to_owned());
    Test::Settled(Settled { verdict, measured: None, failing_rows: None, reason })
}
