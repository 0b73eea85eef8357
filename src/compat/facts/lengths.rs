//! What physical types say about values, on both sides: lengths, words, fractions of a second.

use std::cmp::Ordering;

use crate::contract::model::Column;
use crate::contract::types::{Limits, format_range, physical_limits as limits, stated_limits};

use super::relation::Relation;

/// How what physical types say about values changed, where `maxLength` or `format` do not say it.
pub fn physical_limits(base: &Column, head: &Column) -> Relation {
    let relations = each(base, head).map(|(relation, _)| relation);
    let is = |relation| relations.contains(&relation);
    match (is(Relation::Other), is(Relation::Tighter), is(Relation::Looser)) {
        (true, ..) | (_, true, true) => Relation::Other,
        (_, true, _) => Relation::Tighter,
        (_, _, true) => Relation::Looser,
        _ => Relation::Same,
    }
}

/// The kind of the clause that tests the first limit that lets fewer values through.
pub fn tightened_kind(base: &Column, head: &Column) -> Option<&'static str> {
    let tighter = |(relation, _): &(Relation, &str)| *relation == Relation::Tighter;
    each(base, head).into_iter().find(tighter).map(|(_, kind)| kind)
}

/// Each limit: how it changed, and the kind of the clause that tests it.
fn each(base: &Column, head: &Column) -> [(Relation, &'static str); 6] {
    let (old, new) = (stated_limits(base), stated_limits(head));
    [
        (characters(base, head, Said::ByTypes), "physicalTypeLength"),
        (most(old.bytes, new.bytes), "physicalTypeLength"),
        (most(old.fraction, new.fraction), "physicalTypePrecision"),
        (words(&old, &new), "physicalTypeValues"),
        (uuid(base, head), "physicalTypeFormat"),
        (range(base, head), "formatRange"),
    ]
}

/// `format: int32` of an integer is a range of values.
fn range(base: &Column, head: &Column) -> Relation {
    let within = |inner: Option<(i64, i64)>, outer: Option<(i64, i64)>| match (inner, outer) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(inner), Some(outer)) => outer.0 <= inner.0 && inner.1 <= outer.1,
    };
    let (old, new) = (format_range(base), format_range(head));
    Relation::of_subsets(within(old, new), within(new, old))
}

/// How `maxLength` changed, where it decides rather than a physical type.
pub fn max_length(base: &Column, head: &Column) -> Relation {
    characters(base, head, Said::ByOptions)
}

/// Who says how long a text may be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Said {
    ByTypes,
    ByOptions,
}

/// How the longest text changed, told once: a tighter limit where the new one is stated, a looser one
/// where the old one was.
fn characters(base: &Column, head: &Column, said: Said) -> Relation {
    let relation = most(stated_limits(base).characters, stated_limits(head).characters);
    let decisive = match relation {
        Relation::Tighter => head,
        Relation::Looser => base,
        other => return other,
    };
    let option = decisive.options.text("maxLength").and_then(|text| text.parse().ok());
    let longest = stated_limits(decisive).characters;
    let is_option = option.is_some() && option == longest;
    // Where both say it, a looser limit is the option's, and a tighter one is told once as well.
    let by = if is_option { Said::ByOptions } else { Said::ByTypes };
    if by == said { relation } else { Relation::Same }
}

fn most<T: Ord>(old: Option<T>, new: Option<T>) -> Relation {
    Relation::rising(Some(match (old, new) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Less,
        (Some(_), None) => Ordering::Greater,
        (Some(old), Some(new)) => new.cmp(&old),
    }))
}

fn words(old: &Limits, new: &Limits) -> Relation {
    let within = |these: &Option<Vec<String>>, those: &Option<Vec<String>>| match (these, those) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(these), Some(those)) => these.iter().all(|word| those.contains(word)),
    };
    Relation::of_subsets(within(&old.values, &new.values), within(&new.values, &old.values))
}

fn uuid(base: &Column, head: &Column) -> Relation {
    // `format: uuid` is compared as a format.
    match (stated_limits(base).uuid, stated_limits(head).uuid) {
        (false, true) if limits(head).uuid => Relation::Tighter,
        (true, false) if limits(base).uuid => Relation::Looser,
        _ => Relation::Same,
    }
}
