//! `unique` and `primaryKey`: no two rows with the same key.
//!
//! As in SQL, NULLs of a unique column are distinct; a primary key holds none. A field that is the key of
//! its object is unique in the table; a key of the items of a list, or of several fields, is not tested.

use crate::check::plan::clause::{Clause, RowTest, Settled, Step, Test};
use crate::check::report::Verdict;
use crate::contract::model::Column;

use super::planning::{Inside, Planning};
use super::required::{missing, written_as_null};

pub(super) fn plan(planning: &Planning<'_>, column: &Column, out: &mut Vec<Clause>) {
    if let Some(span) = column.unique {
        let test = Test::Unique(vec![column.physical().to_owned()]);
        let words = "no value twice";
        out.push(Clause::new(planning.table, Some(column), "unique", span, words, test));
    }
    // NULLs of a key column that is not declared required are judged by the key's clause.
    if column.primary_key && column.required.is_none() && !planning.is_absent(column) {
        let test = RowTest::new(column, |value, _| Ok(value.clone().is_null()));
        let test = Test::Rows(test.explained(written_as_null(planning, column)));
        let span = column.name.span;
        let words = "no NULL in the primary key";
        out.push(Clause::new(planning.table, Some(column), "primaryKey", span, words, test));
    }
    if let (true, Some(inside)) = (column.primary_key && column.unique.is_none(), &planning.inside)
    {
        let test = match is_key_alone(inside) {
            true => Test::Unique(vec![column.physical().to_owned()]),
            false => Test::Settled(Settled::informational(
                "a key of a list's items, or of several fields, is not tested",
            )),
        };
        let (span, words) = (column.name.span, "no key twice");
        out.push(Clause::new(planning.table, Some(column), "primaryKeyUnique", span, words, test));
    }
}

/// Whether a place inside a column is the one key field of an object that each row has once.
fn is_key_alone(inside: &Inside<'_>) -> bool {
    let mut parent = inside.root;
    for (n, step) in inside.path.iter().enumerate() {
        let Step::Field(name) = step else { return false };
        let Some(field) = parent.properties.iter().find(|c| c.physical() == name) else {
            return false;
        };
        if n + 1 == inside.path.len() {
            return parent.properties.iter().filter(|c| c.primary_key).count() == 1;
        }
        parent = field;
    }
    false
}

/// The primary key of the table, as a tuple.
pub(super) fn plan_key(planning: &Planning<'_>, out: &mut Vec<Clause>) {
    let key = planning.table.primary_key();
    let Some(first) = key.first() else { return };
    let names: Vec<&str> = key.iter().map(|c| c.name.value.as_str()).collect();
    let words = format!("no key twice: ({})", names.join(", "));
    let span = first.name.span;
    let clause = match key.iter().find(|column| planning.is_absent(column)) {
        Some(absent) => Clause::settled(
            planning.table,
            None,
            "primaryKey",
            span,
            words,
            Settled::of(Verdict::Failed, missing(planning, absent)),
        ),
        None => {
            let columns = key.iter().map(|c| c.physical().to_owned()).collect();
            Clause::new(planning.table, None, "primaryKey", span, words, Test::Unique(columns))
        }
    };
    out.push(clause);
}
