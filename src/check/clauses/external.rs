//! Rules that no file can answer here: prose, rules of other engines, and library rules that have no
//! meaning in the metrics of the standard.

use crate::check::plan::clause::{Clause, Settled, Test};
use crate::contract::library::{Unexecuted, unexecuted};
use crate::contract::model::{Column, QualityRule, RuleType};

use super::planning::Planning;
use super::rules::of_rule;

pub(super) fn plan(
    planning: &Planning<'_>,
    column: Option<&Column>,
    rules: &[QualityRule],
    out: &mut Vec<Clause>,
) {
    for rule in rules {
        let engine = rule.engine.as_deref().unwrap_or_default();
        let unknown = unexecuted(rule, column.is_some());
        let (kind, settled) = match rule.rule_type {
            RuleType::Library if runs_elsewhere(planning, "library") && unknown.is_some() => {
                ("library", Settled::informational("something else runs it"))
            }
            RuleType::Library => match unknown {
                Some(Unexecuted { why, hint }) => (
                    "library",
                    Settled::not_executed(format!(
                        "{why}; {hint}; where something else runs such rules, add 'library' to \
                         external_engines in pactum.yaml"
                    )),
                ),
                None => continue,
            },
            RuleType::Text => ("text", Settled::informational("prose")),
            RuleType::Custom if engine == "pactum" => continue,
            RuleType::Custom if runs_elsewhere(planning, engine) => {
                ("custom", Settled::informational(format!("{engine} runs it")))
            }
            RuleType::Custom => (
                "custom",
                Settled::not_executed(format!(
                    "a rule of engine '{engine}'; where something else runs it, add '{engine}' to \
                     external_engines in pactum.yaml"
                )),
            ),
            RuleType::Sql => continue,
        };
        let test = Test::Settled(settled);
        let mut clause = of_rule(planning.table, column, rule, kind, test);
        let word = rule.metric.as_ref().map(|metric| metric.value.clone());
        let words = rule.description.clone().or(word);
        clause.expected = words.unwrap_or_else(|| kind.to_owned());
        out.push(clause);
    }
}

fn runs_elsewhere(planning: &Planning<'_>, engine: &str) -> bool {
    planning.external_engines.iter().any(|known| known == engine)
}
