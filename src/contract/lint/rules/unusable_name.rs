//! ## What it does
//! Reports ids, names, physical names and aliases that are empty or blank, or hold control
//! characters, line ends or other invisible characters; and ids and names of quality rules with
//! invisible characters. Warns of names under which data can be checked and not published: those
//! that are too long for a folder, ids and tables whose folder would begin with `_` or `.`, and
//! tables whose name holds `=`. Warns of an empty `name` of the contract and of empty physical
//! names, which count as absent.
//!
//! ## Why it matters
//! The id and a table's physical name become folders of the warehouse: an empty one is not a
//! separate folder, file systems take 255 bytes at most, and readers of Delta tables skip names
//! that begin with `_` or `.`. A name with a line end can neither be written in SQL nor shown in a
//! report, and names that differ only in invisible characters look the same to people. A delivery
//! is given as `table=FILES`, so a table with a `=` in its name cannot be delivered.
//!
//! ## Example
//! ```yaml
//! schema:
//! - {name: scores, physicalName: _delta_log}
//! ```
//!
//! ## What to do instead
//! Choose a name of visible characters; a table keeps its `name` in SQL when its `physicalName`
//! differs.

use crate::contract::column_names::{is_usable, renamed, suggested, taken};
use crate::contract::mappings;
use crate::contract::lint::all_columns;
use crate::contract::model::{Column, Contract, QualityRule, Table};
use crate::contract::names::{LONGEST_SEGMENT, folded, is_unprintable, path_segment, shown};
use crate::contract::odcs::CONTRACT;
use crate::diagnostic::{Diagnostic, Meta, Severity, Span};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L037", name: "unusable-name", severity: Severity::Error, since: "0.1.0" };

/// Bytes that a file's name grows by while it is written: a mark, an id, an ending.
const STAGING: usize = 42;

/// Finds every case in a contract.
pub fn check(contract: &Contract, found: &mut Vec<Diagnostic>) {
    let mut names = Names { contract, found };
    names.sound("the contract's id", &contract.id, id_span(contract));
    let sql = &contract.sql_name;
    // Ids and names are reported as such already.
    if sql.span != id_span(contract) {
        names.sound("the contract's SQL name", &sql.value, sql.span);
    }
    for table in &contract.tables {
        names.table(table);
        names.rules(&table.quality);
    }
    all_columns(contract).into_iter().for_each(|column| names.rules(&column.quality));
    unpublishable(contract, found);
    absent(contract, found);
}

/// Names under which data can be checked, but not published.
pub fn unpublishable(contract: &Contract, found: &mut Vec<Diagnostic>) {
    let mut names = Names { contract, found };
    let span = id_span(contract);
    if fault(&contract.id).is_none() {
        names.begins("choose an id that does not begin with '_' or '.'", &contract.id, span);
        names.fits("the contract's id", &path_segment(&contract.id), LONGEST_SEGMENT, span);
    }
    let sql = &contract.sql_name;
    if fault(&sql.value).is_none() {
        let file = path_segment(&folded(&contract.sql_name_with_major()));
        names.fits("the contract's SQL name", &file, LONGEST_SEGMENT - STAGING, sql.span);
    }
    for table in &contract.tables {
        if table.name.value.contains('=') {
            let message = format!("a table's name holds '=': '{}'", shown(&table.name.value));
            let span = table.name.span;
            names.warn(span, message, "choose another name: deliveries are given as table=FILES");
        }
        if fault(table.physical()).is_none() {
            names.folder(table);
        }
    }
}

/// Names that are empty and so count as absent.
fn absent(contract: &Contract, found: &mut Vec<Diagnostic>) {
    mappings::visit(&contract.tree, &mut |node, object| {
        let key = match object.title {
            title if title == CONTRACT.title => "name",
            _ if object.is_of_data() => "physicalName",
            _ => return,
        };
        let Some(value) = node.get(key).filter(|value| value.as_str() == Some("")) else { return };
        let message = format!("{key} is empty: it counts as absent");
        let new = Diagnostic::new(&META, &contract.source, value.span, message);
        found.push(new.severity(Severity::Warning).hint("remove it, or write a name"));
    });
}

fn id_span(contract: &Contract) -> Span {
    contract.tree.get("id").map_or(contract.tree.span, |node| node.span)
}

struct Names<'a> {
    contract: &'a Contract,
    found: &'a mut Vec<Diagnostic>,
}

impl Names<'_> {
    fn table(&mut self, table: &Table) {
        let span = table.name.span;
        self.sound("a table's name", &table.name.value, span);
        if let Some(physical) = &table.physical_name {
            self.sound("a table's physicalName", physical, span);
        }
        if let Some(id) = &table.id {
            self.sound("a table's id", id, span);
        }
        table.columns.iter().for_each(|column| self.column(column, true));
    }

    fn folder(&mut self, table: &Table) {
        let (span, physical) = (table.name.span, table.physical());
        self.begins("physicalName: a name that does not begin with '_' or '.'", physical, span);
        self.fits("a table's physical name", &path_segment(physical), LONGEST_SEGMENT, span);
    }

    /// Names that readers of tables skip.
    fn begins(&mut self, hint: &str, name: &str, span: Span) {
        if name.starts_with(['_', '.']) {
            let name = shown(name);
            self.warn(span, format!("readers of Delta tables pass over a folder '{name}'"), hint);
        }
    }

    /// Quality rules: reports call clauses by their ids and names.
    fn rules(&mut self, rules: &[QualityRule]) {
        for rule in rules {
            let named = [("id", &rule.id), ("name", &rule.name)];
            for (key, name) in
                named.into_iter().filter_map(|(key, name)| Some((key, name.as_ref()?)))
            {
                if name.chars().any(is_unprintable) {
                    let span = rule.node.get(key).map_or(rule.node.span, |node| node.span);
                    self.sound(&format!("a quality rule's {key}"), name, span);
                }
            }
        }
    }

    /// A column, or anything inside one; items of lists and maps need no name.
    fn column(&mut self, column: &Column, is_named: bool) {
        let span = column.name.span;
        if is_named || !column.name.value.is_empty() {
            self.column_name(column, span);
        }
        if let Some(id) = &column.id {
            self.sound("a column's id", id, span);
        }
        if let Some(physical) = &column.physical_name {
            self.of_files(physical, span);
        }
        for alias in &column.aliases {
            self.sound("an alias", &alias.value, alias.span);
        }
        column.properties.iter().for_each(|column| self.column(column, true));
        let map = column.map.iter().flat_map(|map| [&map.0, &map.1]);
        column.items.as_deref().into_iter().chain(map).for_each(|item| self.column(item, false));
    }

    fn column_name(&mut self, column: &Column, span: Span) {
        let name = &column.name.value;
        let is_renamed = column.physical_name.is_some() || name.is_empty();
        if is_renamed || is_usable(name) {
            self.sound("a column's name", name, span);
            return;
        }
        let tables = &self.contract.tables;
        let table = tables.iter().find(|t| t.columns.iter().any(|c| c.name.span == span));
        let Some(table) = table else {
            self.sound("a column's name", name, span);
            return;
        };
        let better = suggested(name, &mut taken(table));
        let hint = format!("choose a name of visible characters: {}", renamed(&better, name));
        self.sound_or("a column's name", name, span, &hint);
    }

    /// A column's name in files, which may have been written by anything: blanks, line ends and
    /// characters that nobody sees are part of it.
    fn of_files(&mut self, physical: &str, span: Span) {
        let what = "a column's physicalName";
        let is_text = |c: char| !c.is_control() || matches!(c, '\t' | '\n' | '\r');
        if physical.is_empty() || !physical.chars().all(is_text) {
            self.sound(what, physical, span);
        }
    }

    /// Refuses a name that cannot be written and read.
    fn sound(&mut self, what: &str, name: &str, span: Span) {
        self.sound_or(what, name, span, "choose a name of visible characters");
    }

    fn sound_or(&mut self, what: &str, name: &str, span: Span, hint: &str) {
        if let Some(fault) = fault(name) {
            let message = format!("{what} {fault}");
            let new = Diagnostic::new(&META, &self.contract.source, span, message);
            self.found.push(new.hint(hint));
        }
    }

    fn fits(&mut self, what: &str, segment: &str, most: usize, span: Span) {
        if segment.len() <= most {
            return;
        }
        let bytes = segment.len();
        let message = format!("{what} is too long to be stored: {bytes} bytes, at most {most} fit");
        let hint = "choose a shorter one; a character outside of A-Z, a-z, 0-9, '_' and '-' takes \
                    three bytes or more";
        self.warn(span, message, hint);
    }

    fn warn(&mut self, span: Span, message: String, hint: &str) {
        let message =
            format!("{message}: data can be checked, but not published under this name");
        let new = Diagnostic::new(&META, &self.contract.source, span, message);
        self.found.push(new.severity(Severity::Warning).hint(hint));
    }
}

/// Why a name cannot be written and read.
fn fault(name: &str) -> Option<String> {
    if name.is_empty() {
        Some("is empty".to_owned())
    } else if name.chars().all(|c| c.is_whitespace() && !is_unprintable(c)) {
        Some("is blank".to_owned())
    } else {
        let c = name.chars().find(|c| is_unprintable(*c))?;
        Some(format!("holds the character U+{:04X}: '{}'", u32::from(c), shown(name)))
    }
}
