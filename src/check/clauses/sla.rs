//! `slaProperties`: latency, frequency and retention are judged by a timestamp element; the rest is
//! listed.
//!
//! An entry belongs to the tables of its elements, or to the first table where it names none.

use arrow::datatypes::DataType;
use chrono::{DateTime, Utc};
use datafusion::prelude::lit;

use crate::check::plan::clause::{Clause, Measure, RowTest, Settled, Test};
use crate::check::plan::threshold::Threshold;
use crate::contract::decimal::Decimal;
use crate::contract::element::{self, Element};
use crate::contract::model::{Column, Operator, Sla};
use crate::contract::sla::{Period, Property};
use crate::contract::temporal::Timestamp;
use crate::contract::types::{instead, plain};
use crate::engine::literal::{scalar, scale_of};

use super::planning::Planning;

pub(super) fn plan(planning: &Planning<'_>, out: &mut Vec<Clause>) {
    for sla in &planning.contract.sla {
        for (kind, elements) in element::clauses(planning.contract, planning.table, sla) {
            out.push(clause(planning, sla, &kind, &elements));
        }
    }
}

fn clause(planning: &Planning<'_>, sla: &Sla, kind: &str, elements: &[&str]) -> Clause {
    let unit = sla.unit.as_deref().unwrap_or_default();
    let value = sla.value.as_deref().unwrap_or_default();
    let stated = format!("{value} {unit}").trim().to_owned();
    let listed =
        |words: String, settled| (words, Threshold::none_failing(), Test::Settled(settled));
    let (expected, threshold, test) = match Property::of(sla) {
        None => {
            let reason = "a service level that the files of a delivery do not answer";
            listed(stated, Settled::informational(reason))
        }
        Some(_) if elements.is_empty() => {
            let reason = "it names no element to be judged by";
            listed(stated, Settled::informational(reason))
        }
        Some(property) => match judged(planning, sla, property, elements) {
            Ok(found) => found,
            Err(reason) => listed(stated, Settled::not_executed(reason)),
        },
    };
    let mut clause = Clause::new(planning.table, None, kind, sla.span, expected, test);
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
    let led = |name: &&str| Element::of(planning.contract, name).column(name);
    let columns: Vec<&Column> = elements.iter().map(led).collect::<Result<_, String>>()?;
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
            // Of several elements each has a clause.
            let column = columns.first().ok_or("it names no element to be judged by")?;
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
            other => return Err(instead(other, "points in time")),
        };
        let scale = scale_of(&plain).unwrap_or_default();
        let limit = units.and_then(|n| Decimal::units(n, 9).ceil_at(scale));
        let limit = limit.and_then(|n| scalar(n, &plain)).ok_or("beyond the type's range")?;
        Ok(value.clone().lt(lit(limit)))
    })
}

/// Nanoseconds.
const DAY: i128 = 86_400_000_000_000;
