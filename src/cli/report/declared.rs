//! What a contract declares that plots show: bounds of columns, and which columns drift rules
//! compare with the current release.

use std::collections::HashMap;

use crate::contract::Contract;
use crate::contract::drift::{Metric, is_own, of_rule};
use crate::contract::model::{Column, LogicalType};
use crate::contract::temporal;

/// Bounds on the axis of a column's values, each with its name.
type Named = Vec<(&'static str, f64)>;

/// Declared bounds, by table and by the column's name in files.
#[derive(Debug, Default)]
pub(in crate::cli) struct Bounds(HashMap<(String, String), Named>);

impl Bounds {
    /// The bounds that a contract declares.
    pub fn declared(contract: &Contract) -> Self {
        let tables = contract.tables.iter();
        let columns = tables.flat_map(|t| t.stored_columns().map(move |column| (t, column)));
        let one = |(table, column): (&crate::contract::model::Table, &Column)| {
            ((table.name.value.clone(), column.physical().to_owned()), bounds(column))
        };
        Self(columns.map(one).filter(|(_, bounds)| !bounds.is_empty()).collect())
    }

    /// The bounds of one column.
    pub fn of(&self, table: &str, column: &str) -> Named {
        self.0.get(&(table.to_owned(), column.to_owned())).cloned().unwrap_or_default()
    }
}

fn bounds(column: &Column) -> Named {
    const WORDS: &[&str] =
        &["minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "minItems", "maxItems"];
    let logical = column.logical_type.as_ref().map(|t| t.value);
    let one = |word: &&'static str| {
        let text = column.options.text(word)?;
        Some((*word, on_axis(&text, logical)?))
    };
    WORDS.iter().filter_map(one).collect()
}

/// A bound as plots have it: a number, a date's days, a timestamp's microseconds.
#[allow(clippy::cast_precision_loss, reason = "a line is drawn")]
fn on_axis(text: &str, logical: Option<LogicalType>) -> Option<f64> {
    match logical {
        Some(LogicalType::Date) => {
            let date = temporal::date(text)?;
            Some((date - chrono::NaiveDate::default()).num_days() as f64)
        }
        Some(LogicalType::Timestamp) => {
            let nanoseconds = temporal::timestamp(text)?.local_nanoseconds(None);
            Some(nanoseconds as f64 / 1e3)
        }
        _ => text.parse().ok(),
    }
}

/// The columns whose distribution a drift rule compares, by table and by their names in files.
pub(in crate::cli) fn compared(contract: &Contract) -> Vec<(String, String)> {
    let looks = |column: &Column| {
        column.quality.iter().filter(|rule| is_own(rule)).any(|rule| {
            let metric = of_rule(rule, true);
            matches!(metric, Ok(Metric::Mean | Metric::Quantile(_) | Metric::StabilityIndex))
        })
    };
    let tables = contract.tables.iter();
    let columns = tables.flat_map(|t| t.stored_columns().map(move |column| (t, column)));
    columns
        .filter(|(_, column)| looks(column))
        .map(|(table, column)| (table.name.value.clone(), column.physical().to_owned()))
        .collect()
}
