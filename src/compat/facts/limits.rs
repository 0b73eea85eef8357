//! Limits of columns on both sides: ranges, lengths, numbers of items, patterns, formats.

use std::cmp::Ordering;

use crate::contract::clause_id::{clause_id, option_kind};
use crate::contract::decimal::Decimal;
use crate::contract::model::{Column, LogicalType};
use crate::contract::pattern;
use crate::contract::types::stated_limits;
use crate::contract::yaml::Node;
use crate::diagnostic::Meta;

pub use super::elements::{LimitChange, Stated};
use super::executed;
use super::lengths::{max_length, physical_limits, tightened_kind};
use super::pair::{ColumnPair, ColumnSide, Pair};
use super::relation::{Relation, Side, side};
use super::types;
use crate::compat::finding::Finding;

/// Options that decide about a value by one comparison.
type Compare = fn(&ColumnPair<'_>, &str) -> Relation;

const OPTIONS: &[(&str, Compare)] = &[
    ("minLength", least),
    ("maxLength", longest),
    ("minItems", least),
    ("maxItems", most),
    ("minProperties", least),
    ("maxProperties", most),
    ("multipleOf", multiple),
    ("pattern", pattern_change),
    ("format", format_change),
    ("uniqueItems", flag),
    ("required", names),
    ("defaultTimezone", zone),
];

/// Every limit that changed.
pub fn changes<'a>(pair: &Pair<'a>) -> Vec<LimitChange<'a>> {
    let mut all = Vec::new();
    for column in &pair.columns {
        let mut add = |relation: Relation, stated: &dyn Fn() -> Stated| {
            if relation != Relation::Same {
                all.push(LimitChange { column: column.clone(), relation, stated: stated() });
            }
        };
        for (option, compare) in OPTIONS {
            add(compare(column, option), &|| of_options(column, option, &[option]));
        }
        for end in [Side::Lower, Side::Upper] {
            let options = end.options();
            let relation = side(column.base.column, column.head.column, end);
            add(relation, &|| of_options(column, options[0], &options));
        }
        // A wider type is a change of the type.
        let relation = physical_limits(column.base.column, column.head.column);
        if relation != Relation::Looser && !is_another_type(column) {
            add(relation, &|| of_physical(column));
        }
        add(allowed(column), &|| of_enum(column));
        add(not_a_number(column), &|| of_nan(column));
    }
    all
}

impl LimitChange<'_> {
    /// A finding at the limit's places.
    pub fn finding(&self, pair: &Pair<'_>, meta: &'static Meta, message: String) -> Finding {
        let stated = &self.stated;
        let mut finding = pair
            .of_column(meta, &self.column, "logicalTypeOptions", message)
            .was(stated.old.clone(), stated.old_span)
            .is(stated.new.clone(), stated.new_span);
        finding.clause = stated.clause.clone();
        finding
    }
}

fn of_options(column: &ColumnPair<'_>, words: &str, options: &[&str]) -> Stated {
    let of = |side: ColumnSide<'_>| {
        let written = options.iter().filter_map(|o| Some((*o, side.column.options.get(o)?)));
        let texts: Vec<String> = written
            .clone()
            .map(|(o, node)| match options.len() {
                1 => shown(node),
                _ => format!("{o} {}", shown(node)),
            })
            .collect();
        let span = written.map(|(_, node)| node.span).next();
        let span = span.unwrap_or_else(|| side.span("logicalTypeOptions"));
        ((!texts.is_empty()).then(|| texts.join(", ")), span)
    };
    let ((old, old_span), (new, new_span)) = (of(column.base), of(column.head));
    let head = column.head.column;
    let stated = options.iter().find(|o| head.options.get(o).is_some());
    let clause = stated
        .filter(|_| column.is_top)
        .map(|option| clause_id(column.table.head.table, Some(head), option_kind(option)));
    Stated { words: words.to_owned(), old, new, old_span, new_span, clause }
}

fn of_enum(column: &ColumnPair<'_>) -> Stated {
    let of = |side: ColumnSide<'_>| {
        let values = side.column.allowed.as_ref();
        let text = values.map(|v| v.value.iter().map(shown).collect::<Vec<_>>().join(", "));
        (text, side.span("enum"))
    };
    let ((old, old_span), (new, new_span)) = (of(column.base), of(column.head));
    let head = column.head.column;
    let clause = (column.is_top && executed::allowed(head).is_some())
        .then(|| clause_id(column.table.head.table, Some(head), "enum"));
    Stated { words: "enum".to_owned(), old, new, old_span, new_span, clause }
}

/// A limit that a type states: `varchar(10)`, or `format: int32` of an integer.
fn of_physical(column: &ColumnPair<'_>) -> Stated {
    let kind = tightened_kind(column.base.column, column.head.column);
    let words = if kind == Some("formatRange") { "format" } else { "physicalType" };
    let text = |side: ColumnSide<'_>| match words {
        "format" => side.column.options.text("format"),
        _ => side.column.physical_type.as_ref().map(|p| p.value.clone()),
    };
    let head = column.head.column;
    let clause = kind
        .filter(|_| column.is_top)
        .map(|kind| clause_id(column.table.head.table, Some(head), kind));
    let key = if words == "format" { "logicalTypeOptions" } else { words };
    Stated {
        words: words.to_owned(),
        old: text(column.base),
        new: text(column.head),
        old_span: column.base.span(key),
        new_span: column.head.span(key),
        clause,
    }
}

/// Whether the type changed otherwise, so that its limits are not compared.
fn is_another_type(column: &ColumnPair<'_>) -> bool {
    use types::TypeChange::{Changed, Unknown};
    matches!(column.type_change().0, Changed | Unknown)
}

fn of_nan(column: &ColumnPair<'_>) -> Stated {
    let text = |column: &Column| column.allow_nan.to_string();
    Stated {
        words: "allowNaN".to_owned(),
        old: Some(text(column.base.column)),
        new: Some(text(column.head.column)),
        old_span: column.base.span("customProperties"),
        new_span: column.head.span("customProperties"),
        clause: None,
    }
}

fn shown(node: &Node) -> String {
    node.scalar_text().unwrap_or_else(|| node.to_json().to_string())
}

/// The option where both sides have it; else what adding or removing it means.
fn both<'a>(column: &ColumnPair<'a>, option: &str) -> Result<(&'a Node, &'a Node), Relation> {
    let of = |side: ColumnSide<'a>| executed::option(side.column, option);
    match (of(column.base), of(column.head)) {
        (None, None) => Err(Relation::Same),
        (None, Some(_)) => Err(Relation::Tighter),
        (Some(_), None) => Err(Relation::Looser),
        (Some(old), Some(new)) => Ok((old, new)),
    }
}

fn numbers(old: &Node, new: &Node) -> Option<(Decimal, Decimal)> {
    Some((old.scalar_text()?.parse().ok()?, new.scalar_text()?.parse().ok()?))
}

fn order(old: &Node, new: &Node) -> Option<Ordering> {
    numbers(old, new).map(|(old, new)| new.cmp(&old))
}

/// Of lengths and counts, where zero limits nothing.
fn least(column: &ColumnPair<'_>, option: &str) -> Relation {
    let is_zero = |side: ColumnSide<'_>| {
        side.column.options.text(option).and_then(|text| text.parse().ok())
            == Some(Decimal::integer(0))
    };
    let otherwise = |relation| match relation {
        Relation::Tighter if is_zero(column.head) => Relation::Same,
        Relation::Looser if is_zero(column.base) => Relation::Same,
        relation => relation,
    };
    both(column, option).map_or_else(otherwise, |(old, new)| Relation::falling(order(old, new)))
}

fn most(column: &ColumnPair<'_>, option: &str) -> Relation {
    both(column, option).map_or_else(|r| r, |(old, new)| Relation::rising(order(old, new)))
}

/// `varchar(10)` and `maxLength: 10` are one limit.
fn longest(column: &ColumnPair<'_>, option: &str) -> Relation {
    let is_text = |side: ColumnSide<'_>| {
        side.column.logical_type.as_ref().is_some_and(|t| t.value == LogicalType::String)
    };
    match is_text(column.base) && is_text(column.head) {
        true => max_length(column.base.column, column.head.column),
        false => most(column, option),
    }
}

fn multiple(column: &ColumnPair<'_>, option: &str) -> Relation {
    let (old, new) = match both(column, option) {
        Ok(both) => both,
        Err(relation) => return relation,
    };
    let Some((old, new)) = numbers(old, new) else { return Relation::Other };
    match (new.is_multiple_of(old), old.is_multiple_of(new)) {
        (Some(true), Some(true)) => Relation::Same,
        (Some(true), _) => Relation::Tighter,
        (_, Some(true)) => Relation::Looser,
        _ => Relation::Other,
    }
}

fn pattern_change(column: &ColumnPair<'_>, option: &str) -> Relation {
    let (old, new) = match both(column, option) {
        Ok(both) => both,
        Err(relation) => return relation,
    };
    let (old, new) = (shown(old), shown(new));
    if old == new {
        return Relation::Same;
    }
    match (pattern::lets_through(&new, &old), pattern::lets_through(&old, &new)) {
        (Some(old_in_new), Some(new_in_old)) => Relation::of_subsets(old_in_new, new_in_old),
        _ => Relation::Other,
    }
}

/// The format of a text or of a date; that of a number or of bytes is its type.
fn format_change(column: &ColumnPair<'_>, option: &str) -> Relation {
    let is_type = |side: ColumnSide<'_>| {
        let format = side.column.options.text(option).unwrap_or_default();
        match side.column.logical_type.as_ref().map(|t| t.value) {
            Some(LogicalType::Integer | LogicalType::Number) => true,
            _ => matches!(format.as_str(), "binary" | "byte"),
        }
    };
    let is_uuid = |side: ColumnSide<'_>| stated_limits(side.column).uuid;
    let is_said_twice = is_uuid(column.base) && is_uuid(column.head);
    if is_type(column.base) || is_type(column.head) || is_said_twice {
        return Relation::Same;
    }
    exact(column, option, Relation::Other)
}

fn zone(column: &ColumnPair<'_>, option: &str) -> Relation {
    // The presence of a zone is part of the type.
    let typed =
        !matches!(column.type_change().0, types::TypeChange::Same | types::TypeChange::Respelled);
    both(column, option).map_or_else(
        |relation| same_or(typed || relation == Relation::Same, Relation::Other),
        |(old, new)| same_or(shown(old) == shown(new), Relation::Other),
    )
}

fn exact(column: &ColumnPair<'_>, option: &str, otherwise: Relation) -> Relation {
    both(column, option)
        .map_or_else(|r| r, |(old, new)| same_or(shown(old) == shown(new), otherwise))
}

fn same_or(same: bool, otherwise: Relation) -> Relation {
    if same { Relation::Same } else { otherwise }
}

fn flag(column: &ColumnPair<'_>, option: &str) -> Relation {
    let set = |side: ColumnSide<'_>| {
        executed::option(side.column, option).and_then(Node::as_bool).unwrap_or(false)
    };
    Relation::falling(Some(set(column.head).cmp(&set(column.base))))
}

fn names(column: &ColumnPair<'_>, option: &str) -> Relation {
    let of = |side: ColumnSide<'_>| -> Vec<String> {
        let list = executed::option(side.column, option);
        list.map(|n| n.items().iter().map(shown).collect()).unwrap_or_default()
    };
    let (old, new) = (of(column.base), of(column.head));
    let within = |these: &[String], those: &[String]| these.iter().all(|n| those.contains(n));
    // Requiring more fields lets fewer values through.
    Relation::of_subsets(within(&new, &old), within(&old, &new))
}

fn allowed(column: &ColumnPair<'_>) -> Relation {
    match (executed::allowed(column.base.column), executed::allowed(column.head.column)) {
        (None, Some(_)) => Relation::Tighter,
        (Some(_), None) => Relation::Looser,
        _ => Relation::Same,
    }
}

/// NaN fails a range unless it is allowed; without a range it passes anyway.
fn not_a_number(column: &ColumnPair<'_>) -> Relation {
    let (old, new) = (column.base.column, column.head.column);
    match (old.allow_nan, new.allow_nan) {
        (false, true) if old.bounded_without_nan() => Relation::Looser,
        (false, true) | (true, false) if !new.bounded_without_nan() => Relation::Other,
        (true, false) => Relation::Tighter,
        (false, true) => Relation::Other,
        _ => Relation::Same,
    }
}

impl<'a> Pair<'a> {
    /// Limits of columns that changed.
    pub fn limits(&self) -> &[LimitChange<'a>] {
        self.facts.limits.get_or_init(|| changes(self))
    }
}
