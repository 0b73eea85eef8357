//! ## What it does
//! Reports ids, names, physical names and aliases that are empty or blank, hold control characters,
//! line ends or other invisible characters, or are too long for a folder; ids and tables whose
//! folder would begin with `_` or `.`; tables whose name holds `=`; and ids and names of quality
//! rules with invisible characters.
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
use crate::contract::lint::all_columns;
use crate::contract::model::{Column, Contract, QualityRule, Table};
use crate::contract::names::{folded, is_unprintable, path_segment, shown};
use crate::diagnostic::{Diagnostic, Meta, Severity, Span};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L037", name: "unusable-name", severity: Severity::Error, since: "0.1.0" };

/// Most bytes of a file's or a folder's name, as file systems have it.
const LONGEST: usize = 255;

/// Bytes that a file's name grows by while it is written: a mark, an id, an ending.
const STAGING: usize = 42;

/// Finds every case in a contract.
pub fn check(contract: &Contract, found: &mut Vec<Diagnostic>) {
    let mut names = Names { contract, found };
    let span = contract.tree.get("id").map_or(contract.tree.span, |node| node.span);
    if names.sound("the contract's id", &contract.id, span) {
        names.begins("choose an id that does not begin with '_' or '.'", &contract.id, span);
        names.fits("the contract's id", &path_segment(&contract.id), LONGEST, span);
    }
    let sql = &contract.sql_name;
    // Ids and names are reported as such already.
    let is_own = sql.span != span;
    if !is_own || names.sound("the contract's SQL name", &sql.value, sql.span) {
        let file = path_segment(&folded(&contract.sql_name_with_major()));
        names.fits("the contract's SQL name", &file, LONGEST - STAGING, sql.span);
    }
    for table in &contract.tables {
        names.table(table);
        names.rules(&table.quality);
    }
    all_columns(contract).into_iter().for_each(|column| names.rules(&column.quality));
}

struct Names<'a> {
    contract: &'a Contract,
    found: &'a mut Vec<Diagnostic>,
}

impl Names<'_> {
    fn table(&mut self, table: &Table) {
        let span = table.name.span;
        let is_named = self.sound("a table's name", &table.name.value, span);
        if table.name.value.contains('=') {
            let message = format!("a table's name holds '=': '{}'", shown(&table.name.value));
            self.report(span, message, "choose another name: deliveries are given as table=FILES");
        }
        let is_stored = match &table.physical_name {
            Some(physical) => self.sound("a table's physicalName", physical, span),
            None => is_named,
        };
        if is_stored {
            self.folder(table);
        }
        if let Some(id) = &table.id {
            self.sound("a table's id", id, span);
        }
        table.columns.iter().for_each(|column| self.column(column, true));
    }

    fn folder(&mut self, table: &Table) {
        let (span, physical) = (table.name.span, table.physical());
        self.begins("physicalName: a name that does not begin with '_' or '.'", physical, span);
        self.fits("a table's physical name", &path_segment(physical), LONGEST, span);
    }

    /// Refuses names that readers of tables skip.
    fn begins(&mut self, hint: &str, name: &str, span: Span) {
        if name.starts_with(['_', '.']) {
            let message = format!("readers of Delta tables pass over a folder '{}'", shown(name));
            self.report(span, message, hint);
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

    /// Whether a name can be written and read.
    fn sound(&mut self, what: &str, name: &str, span: Span) -> bool {
        self.sound_or(what, name, span, "choose a name of visible characters")
    }

    fn sound_or(&mut self, what: &str, name: &str, span: Span, hint: &str) -> bool {
        let fault = if name.is_empty() {
            "is empty".to_owned()
        } else if name.chars().all(|c| c.is_whitespace() && !is_unprintable(c)) {
            "is blank".to_owned()
        } else if let Some(c) = name.chars().find(|c| is_unprintable(*c)) {
            format!("holds the character U+{:04X}: '{}'", u32::from(c), shown(name))
        } else {
            return true;
        };
        self.report(span, format!("{what} {fault}"), hint);
        false
    }

    fn fits(&mut self, what: &str, segment: &str, most: usize, span: Span) {
        if segment.len() <= most {
            return;
        }
        let bytes = segment.len();
        let message = format!("{what} is too long to be stored: {bytes} bytes, at most {most} fit");
        let hint = "choose a shorter one; a character outside of A-Z, a-z, 0-9, '_' and '-' takes \
                    three bytes or more";
        self.report(span, message, hint);
    }

    fn report(&mut self, span: Span, message: String, hint: &str) {
        self.found.push(Diagnostic::new(&META, &self.contract.source, span, message).hint(hint));
    }
}
