//! Rules of engine `pactum`: how a table differs from the current release's.
//!
//! ```yaml
//! type: custom
//! engine: pactum
//! implementation: {metric: keysKept, mustBeGreaterOrEqualTo: 90}
//! ```

use crate::check::plan::clause::{Clause, Drift, Measure, Settled, Test};
use crate::contract::drift::{Metric, of_rule as metric_of};
use crate::contract::model::{Column, QualityRule};

use super::planning::Planning;
use super::rules::of_rule;

pub(super) fn plan(
    planning: &Planning<'_>,
    column: Option<&Column>,
    rules: &[QualityRule],
    out: &mut Vec<Clause>,
) {
    for rule in rules.iter().filter(|r| r.engine.as_deref() == Some("pactum")) {
        let (words, test) = match metric_of(rule, column.is_some()) {
            Ok(metric) => {
                let name = column.map(|c| c.name.value.to_ascii_lowercase()).unwrap_or_default();
                (metric.words(), Test::Measure(Measure::Drift(drift(metric, name))))
            }
            Err(reason) => {
                ("a metric of Pactum".to_owned(), Test::Settled(Settled::not_executed(reason)))
            }
        };
        let mut clause = of_rule(planning.table, column, rule, "drift", test);
        clause.expected = format!("{words} {} since the current release", clause.threshold.words());
        clause.scope.previous = false;
        out.push(clause);
    }
}

fn drift(metric: Metric, column: String) -> Drift {
    match metric {
        Metric::Mean => Drift::Mean(column),
        Metric::Quantile(q) => Drift::Quantile(column, q),
        Metric::StabilityIndex => Drift::StabilityIndex(column),
        Metric::KeysKept => Drift::KeysKept,
        Metric::RowsChanged => Drift::RowsChanged,
    }
}
