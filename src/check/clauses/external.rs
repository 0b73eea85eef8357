//! Rules that no file can answer here: prose, and rules of other engines.

use crate::check::plan::clause::{Clause, Settled, Test};
use crate::check::report::Verdict;
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
        let (kind, verdict, reason) = match rule.rule_type {
            RuleType::Text => ("text", Verdict::Informational, "prose".to_owned()),
            RuleType::Custom if engine == "pactum" => continue,
            RuleType::Custom if planning.external_engines.iter().any(|e| e == engine) => {
                ("custom", Verdict::Informational, format!("{engine} runs it"))
            }
            RuleType::Custom => (
                "custom",
                Verdict::NotExecuted,
                format!(
                    "a rule of engine '{engine}'; where something else runs it, add '{engine}' to \
                     external_engines in pactum.yaml"
                ),
            ),
            RuleType::Library | RuleType::Sql => continue,
        };
        let settled = Settled { verdict, measured: None, failing_rows: None, reason: Some(reason) };
        let test = Test::Settled(settled);
        let mut clause = of_rule(planning.table, column, rule, kind, test);
        clause.expected = rule.description.clone().unwrap_or_else(|| kind.to_owned());
        out.push(clause);
    }
}
