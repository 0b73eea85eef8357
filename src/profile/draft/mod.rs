//! The draft of a contract: what data suggest, each suggestion with its evidence.
//!
//! The next files of a series keep it unless they really differ: what one file merely happens to
//! hold is a comment, never a clause.

mod bounds;
mod column;
mod lines;
mod types;
mod values;

use super::keys::listed;
use super::naming::named;
use super::row_index::{explained, is_row_index};
use super::{ColumnProfile, Keys, TableProfile};

use lines::{Lines, quoted};

/// A draft as an ODCS document of version 3.2.
pub fn draft(name: &str, tables: &[(TableProfile, Keys)]) -> String {
    let mut out = Lines::default();
    out.comment(0, "Drafted from data. Every suggestion carries its evidence: keep what is meant,");
    out.comment(0, "drop what is true by chance.");
    out.line(0, "apiVersion: v3.2.0");
    out.line(0, "kind: DataContract");
    out.line(0, &format!("id: {}", quoted(name)));
    out.line(0, &format!("name: {}", quoted(name)));
    out.line(0, "version: 0.1.0");
    out.line(0, "status: draft");
    out.line(0, "schema:");
    for (profile, keys) in tables {
        table(profile, keys, &mut out);
    }
    out.text
}

fn table(profile: &TableProfile, keys: &Keys, out: &mut Lines) {
    out.line(1, &format!("- name: {}", quoted(&profile.name)));
    let files = if profile.files == 1 { "file" } else { "files" };
    out.comment(2, &format!("{} rows in {} {files}", profile.rows, profile.files));
    let key = keys.meant.first();
    of_keys(profile, keys, out);
    let (left_out, declared): (Vec<&ColumnProfile>, Vec<&ColumnProfile>) =
        profile.columns.iter().partition(|column| is_row_index(column));
    for column in &left_out {
        out.comment(2, &explained(column));
    }
    if !left_out.is_empty() {
        out.line(2, "customProperties:");
        out.line(3, "- { property: additionalColumns, value: warn }");
    }
    out.line(2, "properties:");
    let names: Vec<&str> = declared.iter().map(|column| column.name.as_str()).collect();
    for (column, name) in declared.iter().zip(named(&names)) {
        column::column((column, &name), profile, key, out);
    }
    out.line(2, "quality:");
    out.comment(3, &format!("{} rows", profile.rows));
    let least = u64::from(profile.rows > 0);
    out.line(3, &format!("- {{ metric: rowCount, mustBeGreaterOrEqualTo: {least} }}"));
}

fn of_keys(profile: &TableProfile, keys: &Keys, out: &mut Lines) {
    match keys.meant.split_first() {
        Some((key, others)) => {
            out.comment(2, &format!("key ({}): verified on every row", listed(key)));
            for other in others {
                let list = listed(other);
                out.comment(2, &format!("also unique, verified on every row: ({list})"));
            }
        }
        None if profile.rows < 2 => {
            out.comment(2, "no key was searched for: that takes at least two rows")
        }
        None => keys.tried().iter().for_each(|line| out.comment(2, line)),
    }
    for key in &keys.accidental {
        let list = listed(key);
        out.comment(
            2,
            &format!("unique in this data, perhaps by accident, as it measures: ({list})"),
        );
    }
}

/// Whether a format has no types of its own for a column's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Texts {
    /// Every value is a text: CSV.
    All,
    /// Dates and times are texts, the rest is typed: JSON.
    Times,
}

/// A draft of nothing but types, with those that texts look like; `None` where texts look like
/// texts. Columns are named by their numbers, and by their physical names in the file.
pub fn typed_draft(profile: &TableProfile, texts: Texts) -> Option<String> {
    let reads_as = |column: &ColumnProfile| {
        let word = column.text.as_ref().and_then(|text| text.reads_as)?;
        (texts == Texts::All || matches!(word, "date" | "timestamp")).then_some(word)
    };
    profile.columns.iter().find_map(reads_as)?;
    let mut out = Lines::default();
    for line in ["apiVersion: v3.2.0", "kind: DataContract", "id: draft", "version: 0.1.0"] {
        out.line(0, line);
    }
    out.line(0, "status: draft");
    out.line(0, "schema:");
    out.line(1, "- name: draft");
    out.line(2, "properties:");
    for (n, column) in profile.columns.iter().enumerate() {
        out.line(3, &format!("- name: c{n}"));
        out.line(4, &format!("physicalName: {}", quoted(&column.name)));
        let Some(word) = reads_as(column) else {
            types::typed(&column.data_type, 4, &mut out);
            continue;
        };
        out.line(4, &format!("logicalType: {word}"));
        let text = column.text.as_ref();
        if let Some(physical) = text.and_then(|text| text.physical.as_ref()) {
            out.line(4, &format!("physicalType: '{physical}'"));
        }
        if word == "timestamp" && !text.is_some_and(|text| text.zoned) {
            out.line(4, "logicalTypeOptions: { timezone: false }");
        }
    }
    Some(out.text)
}
