//! What a column is called where the name that files have cannot be used: in Delta tables, and in
//! SQL.
//!
//! Files may call a column anything. A Delta table cannot hold some of these names, and SQL would
//! have to quote most of them, so a contract gives such a column a `name` of its own.

use std::collections::HashSet;

use super::model::{Column, Table};
use super::names::{DELTA_FORBIDDEN, folded, is_reserved, is_unprintable};

/// Whether a Delta table without column mapping cannot hold a column of this name.
pub fn is_forbidden_by_delta(name: &str) -> bool {
    name.contains(DELTA_FORBIDDEN) || name.chars().any(is_unprintable)
}

/// Whether a name can be written in SQL and shown in reports.
pub fn is_usable(name: &str) -> bool {
    !name.trim().is_empty() && !name.chars().any(is_unprintable)
}

/// Settles the names that a table's columns have in Delta: those of the files, else `name` where
/// Delta forbids that one, or an earlier column has it in another case.
pub(super) fn settle(columns: &mut [Column]) {
    let mut taken = HashSet::new();
    for column in columns.iter_mut().filter(|column| !column.measure) {
        let physical = column.physical().to_owned();
        let is_free = taken.insert(physical.to_ascii_lowercase());
        let keeps = is_free && !is_forbidden_by_delta(&physical);
        column.stored_name = (!keeps).then(|| column.name.value.clone());
    }
}

/// A name for a column that files call so: in lower case, of letters, digits and `_`, unlike any
/// name that is taken. Taken names are folded; the new one is added to them.
pub fn suggested(physical: &str, taken: &mut HashSet<String>) -> String {
    let mut name = String::new();
    for c in physical.to_lowercase().chars() {
        match c.is_alphanumeric() {
            true => name.push(c),
            false if name.ends_with('_') || name.is_empty() => {}
            false => name.push('_'),
        }
    }
    let mut name = name.trim_end_matches('_').to_owned();
    if name.is_empty() {
        name = "column".to_owned();
    }
    if name.starts_with(|c: char| c.is_numeric()) {
        name.insert_str(0, "column_");
    }
    if is_reserved(&name) {
        name.push('_');
    }
    let base = name.clone();
    let mut number = 2_u32;
    while !taken.insert(folded(&name)) {
        name = format!("{base}_{number}");
        number += 1;
    }
    name
}

/// Every name that a table's columns have, folded: in SQL, in files and of old.
pub fn taken(table: &Table) -> HashSet<String> {
    let own = table.columns.iter().flat_map(|column| [&column.name.value[..], column.physical()]);
    let old = table.columns.iter().flat_map(|column| &column.aliases);
    own.chain(old.map(|alias| alias.value.as_str())).map(folded).collect()
}

/// The two keys with which a contract gives a column of a file a name of its own.
pub fn renamed(name: &str, physical: &str) -> String {
    format!("name: {}, physicalName: {}", yaml_text(name), yaml_text(physical))
}

/// A text as a YAML scalar of one line: bare where it is a plain word, in single quotes where it
/// can be shown as it is, else in double quotes with escapes.
pub fn yaml_text(text: &str) -> String {
    if text.chars().any(is_unprintable) {
        return escaped(text);
    }
    let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let begins = text.starts_with(|c: char| c.is_alphabetic() || c == '_');
    match begins && text.chars().all(word) && !is_yaml_word(text) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', "''")),
    }
}

/// Words that YAML, in one version or another, reads as something else than a text.
fn is_yaml_word(text: &str) -> bool {
    let words = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"];
    words.iter().any(|word| word.eq_ignore_ascii_case(text))
}

fn escaped(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if is_unprintable(c) => quoted.push_str(&format!("\\U{:08X}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::contract::{parse, yaml};
    use crate::diagnostic::Source;

    #[test]
    fn a_suggested_name_needs_no_quotes_and_is_unlike_every_other() {
        let mut taken = HashSet::from(["size".to_owned()]);
        for (physical, name) in [
            ("Phone No.", "phone_no"),
            ("Body Mass (g)", "body_mass_g"),
            ("body mass, g", "body_mass_g_2"),
            ("SIZE", "size_2"),
            ("  (%)  ", "column"),
            (" ", "column_2"),
            ("2020 (EUR)", "column_2020_eur"),
            ("Order ", "order_"),
            ("Gr\u{f6}\u{df}e {cm}", "gr\u{f6}\u{df}e_cm"),
            ("a\nb", "a_b"),
            ("it's", "it_s"),
        ] {
            assert_eq!(suggested(physical, &mut taken), name, "{physical:?}");
        }
    }

    #[test]
    fn every_text_survives_as_a_yaml_scalar() {
        for text in [
            "plain",
            "Phone No.",
            "it's",
            "a: b",
            "# x",
            "yes",
            "1.5",
            "",
            " ",
            "a\nb",
            "\t",
            "\"",
            "\\",
            "\u{feff}id",
            "\u{e0041}",
            "a\r\n'b\"",
            "{}",
            "[x]",
            "- a",
            "Gr\u{f6}\u{df}e",
        ] {
            let document = format!("a: {{ k: {}, l: 1 }}", yaml_text(text));
            let tree = yaml::parse(&Arc::new(Source::new("t", document))).unwrap();
            let found = tree.get("a").and_then(|a| a.get("k")).and_then(|k| k.as_str());
            assert_eq!(found, Some(text));
        }
    }

    #[test]
    fn delta_has_the_name_of_the_files_unless_it_forbids_that_one() {
        let text = "apiVersion: v3.2.0\nkind: DataContract\nid: t\nname: t\nversion: 1.0.0\n\
                    status: active\nschema:\n- name: t\n  properties:\n\
                    \x20 - { name: id, physicalName: ID }\n\
                    \x20 - { name: phone_no, physicalName: 'Phone No.' }\n\
                    \x20 - { name: line, physicalName: \"a\\nb\" }\n\
                    \x20 - { name: other, physicalName: iD }\n\
                    \x20 - { name: a.b }\n\
                    \x20 - { name: 'x y' }\n";
        let contract = parse(&Arc::new(Source::new("t", text))).contract.unwrap();
        let columns = &contract.tables[0].columns;
        let stored: Vec<&str> = columns.iter().map(Column::stored).collect();
        assert_eq!(stored, ["ID", "phone_no", "line", "other", "a.b", "x y"]);
    }
}
