//! ## What it does
//! Reports tables of a contract, or columns of a table, whose names differ only by case, and an
//! alias that is a name or an alias of the same table already. Case covers all alphabets: `K` and
//! the Kelvin sign are one letter.
//!
//! ## Why it matters
//! SQL matches names in any case: one of the two could not be read. What an alias means must be one
//! column.
//!
//! ## Example
//! ```yaml
//! properties:
//! - {name: Score}
//! - {name: score}
//! ```
//!
//! ## What to do instead
//! Rename one; remove an alias that is a column's name.

use std::collections::HashMap;

use crate::contract::column_names::{renamed, suggested, taken};
use crate::contract::model::{Column, Contract, Spanned, Table};
use crate::contract::names::{folded, shown};
use crate::diagnostic::{Diagnostic, Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L012", name: "name-case-clash", severity: Severity::Error, since: "0.1.0" };

/// A name within its list, and whether it is an alias of an element.
struct Named<'a> {
    name: &'a Spanned<String>,
    is_alias: bool,
}

/// Finds every case in a contract.
pub fn check(contract: &Contract, found: &mut Vec<Diagnostic>) {
    let name = |name| Named { name, is_alias: false };
    clashes(contract, "table", contract.tables.iter().map(|t| name(&t.name)), found);
    for table in &contract.tables {
        let names = table.columns.iter().map(|c| name(&c.name));
        let aliases = table.columns.iter().flat_map(|c| &c.aliases);
        let aliases = aliases.map(|alias| Named { name: alias, is_alias: true });
        clashes(contract, "column", names.chain(aliases), found);
        table.columns.iter().for_each(|column| nested(contract, column, found));
    }
}

/// The fields of objects, however deep.
fn nested(contract: &Contract, column: &Column, found: &mut Vec<Diagnostic>) {
    let fields = column.properties.iter().map(|c| Named { name: &c.name, is_alias: false });
    clashes(contract, "field", fields, found);
    let map = column.map.iter().flat_map(|map| [&map.0, &map.1]);
    let inside = column.properties.iter().chain(column.items.as_deref()).chain(map);
    inside.for_each(|column| nested(contract, column, found));
}

/// How one of two names is changed; a column keeps the name that files have.
fn renaming(contract: &Contract, what: &str, name: &Spanned<String>) -> String {
    let why = "SQL matches names in any case: rename one of the two";
    let of = |table: &&Table| table.columns.iter().any(|column| column.name.span == name.span);
    match contract.tables.iter().find(of) {
        Some(table) if what == "column" => {
            let column = table.columns.iter().find(|column| column.name.span == name.span);
            let physical = column.map_or(name.value.as_str(), |column| column.physical());
            let new = suggested(&name.value, &mut taken(table));
            format!("{why}, as in {}", renamed(&new, physical))
        }
        _ => why.to_owned(),
    }
}

fn clashes<'a>(
    contract: &Contract,
    what: &str,
    names: impl Iterator<Item = Named<'a>>,
    found: &mut Vec<Diagnostic>,
) {
    let mut seen: HashMap<String, Named<'a>> = HashMap::new();
    for named in names {
        let Some(first) = seen.get(&folded(&named.name.value)) else {
            seen.insert(folded(&named.name.value), named);
            continue;
        };
        let (one, other) = (&first.name.value, &named.name.value);
        let (message, hint) = if named.is_alias {
            let (one, other) = (shown(one), shown(other));
            let message = match first.is_alias {
                true => format!("alias '{other}' is taken: '{one}' is an alias already"),
                false => format!("alias '{other}' is taken: a column is named '{one}'"),
            };
            let hint = "remove it, or choose another one: a name means one column";
            (message, hint.to_owned())
        } else if one == other {
            // Another rule handles equal names.
            continue;
        } else {
            let message =
                format!("{what} names '{}' and '{}' differ only by case", shown(one), shown(other));
            let renaming = renaming(contract, what, named.name);
            let place = format!("{renaming}; the first one is at line {}", first.name.span.line);
            (message, if what == "table" { place } else { renaming })
        };
        found.push(Diagnostic::new(&META, &contract.source, named.name.span, message).hint(hint));
    }
}
