//! Metric `duplicateValues`: rows beyond the first of each key, on a column or on several.

use crate::check::plan::clause::{Clause, Test};
use crate::check::report::Verdict;
use crate::contract::clause_id::rule_kind;
use crate::contract::library::unexecuted;
use crate::contract::model::{Column, QualityRule};
use crate::contract::yaml::Node;

use super::planning::Planning;
use super::rules::{of_rule, rules_of};

pub(super) fn plan(planning: &Planning<'_>, column: &Column, out: &mut Vec<Clause>) {
    for rule in rules_of(&column.quality, "duplicateValues") {
        let test = Test::Unique(vec![column.physical().to_owned()]);
        out.push(of_rule(planning.table, Some(column), rule, "duplicateValues", test));
    }
}

/// Rules of the table, whose columns are in `arguments.properties`.
pub(super) fn plan_table(planning: &Planning<'_>, out: &mut Vec<Clause>) {
    let executed = |rule: &&QualityRule| unexecuted(rule, false).is_none();
    for rule in rules_of(&planning.table.quality, "duplicateValues").filter(executed) {
        let names: Vec<&str> = rule
            .arguments
            .as_ref()
            .and_then(|a| a.get("properties"))
            .map(|list| list.items().iter().filter_map(Node::as_str).collect())
            .unwrap_or_default();
        let columns: Option<Vec<String>> = names
            .iter()
            .map(|name| Some(planning.table.column(name)?.physical().to_owned()))
            .collect();
        match columns.filter(|c| !c.is_empty()) {
            Some(columns) => {
                let test = Test::Unique(columns);
                let mut clause = of_rule(planning.table, None, rule, "duplicateValues", test);
                clause.expected = format!("{} of ({})", clause.expected, names.join(", "));
                out.push(clause);
            }
            None => out.push(Clause::settled(
                planning.table,
                None,
                &rule_kind(rule),
                rule.node.span,
                "no duplicates",
                Verdict::NotExecuted,
                Some("arguments.properties names no columns of this table".to_owned()),
            )),
        }
    }
}
