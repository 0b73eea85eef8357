//! Metric `duplicateValues`: rows beyond the first of each key, on a column or on several.

use crate::check::plan::clause::{Clause, Settled, Test};
use crate::contract::clause_id::rule_kind;
use crate::contract::library::unexecuted;
use crate::contract::model::{Column, QualityRule};

use super::planning::Planning;
use super::rules::{of_rule, rules_of};

/// Rules of a column: of the column itself, or of the columns in `arguments.properties`.
pub(super) fn plan(planning: &Planning<'_>, column: &Column, out: &mut Vec<Clause>) {
    for rule in rules_of(&column.quality, "duplicateValues") {
        out.push(match properties(rule) {
            None => {
                let test = Test::Unique(vec![column.physical().to_owned()]);
                of_rule(planning.table, Some(column), rule, "duplicateValues", test)
            }
            Some(_) if planning.inside.is_some() => {
                let why = "arguments.properties names columns, and the rule is inside one";
                unanswered(planning, Some(column), rule, why)
            }
            Some(names) => combined(planning, Some(column), rule, &names),
        });
    }
}

/// Rules of the table, whose columns are in `arguments.properties`.
pub(super) fn plan_table(planning: &Planning<'_>, out: &mut Vec<Clause>) {
    let executed = |rule: &&QualityRule| unexecuted(rule, false).is_none();
    for rule in rules_of(&planning.table.quality, "duplicateValues").filter(executed) {
        out.push(combined(planning, None, rule, &properties(rule).unwrap_or_default()));
    }
}

/// What the argument lists; an item that is not a name is an empty one, which no column has.
fn properties(rule: &QualityRule) -> Option<Vec<&str>> {
    let list = rule.argument("properties")?;
    Some(list.items().iter().map(|item| item.as_str().unwrap_or_default()).collect())
}

/// The columns of a list as one key.
fn combined(
    planning: &Planning<'_>,
    column: Option<&Column>,
    rule: &QualityRule,
    names: &[&str],
) -> Clause {
    let table = planning.table;
    let columns: Option<Vec<String>> =
        names.iter().map(|name| Some(table.argument_column(name)?.physical().to_owned())).collect();
    let Some(columns) = columns.filter(|columns| !columns.is_empty()) else {
        let why = "arguments.properties names no columns of this table";
        return unanswered(planning, column, rule, why);
    };
    let mut clause = of_rule(table, column, rule, "duplicateValues", Test::Unique(columns));
    clause.expected = format!("{} of ({})", clause.expected, names.join(", "));
    clause
}

fn unanswered(
    planning: &Planning<'_>,
    column: Option<&Column>,
    rule: &QualityRule,
    why: &str,
) -> Clause {
    Clause::settled(
        planning.table,
        column,
        &rule_kind(rule),
        rule.node.span,
        "no duplicates",
        Settled::not_executed(why),
    )
}
