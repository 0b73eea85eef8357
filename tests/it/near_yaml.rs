//! Texts that YAML reads, but not as they were meant: the hint shows how to write them.

use std::sync::Arc;

use pactum::contract::parse;
use pactum::diagnostic::Source;

/// `line: message | hint` of the first thing that is said about a description and the options of a
/// column.
fn said(purpose: &str, options: &str) -> String {
    let text = format!(
        "apiVersion: v3.2.0\nkind: DataContract\nid: c\nversion: 1.0.0\nstatus: active\n\
         description:\n  purpose: {purpose}\nschema:\n- name: t\n  properties:\n  \
         - {{name: a, logicalType: string, logicalTypeOptions: {options}}}\n"
    );
    let found = parse(&Arc::new(Source::new("c", text))).diagnostics;
    found.first().map_or_else(String::new, |found| {
        let hint = found.hint.clone().unwrap_or_default();
        format!("{}: {} | {hint}", found.span.line, found.message)
    })
}

#[test]
fn a_text_that_yaml_passes_over_is_shown_in_quotes() {
    for text in ["&all", "!important", "#1 in sales"] {
        let found = said(text, "{maxLength: 3}");
        assert!(found.starts_with("7: 'purpose' has no value"), "{found}");
        assert!(found.ends_with(&format!(" | put the text in quotes: '{text}'")), "{found}");
        assert_eq!(said(&format!("'{text}'"), "{maxLength: 3}"), "");
    }
    let found = said("# to be written", "{maxLength: 3}");
    assert!(found.ends_with(" | remove the key, or give it a value"), "{found}");
}

#[test]
fn a_key_in_braces_that_holds_its_value_is_shown_with_a_colon_and_a_space() {
    for options in ["{maxLength:3}", "{maxLength 3}"] {
        let found = said("x", options);
        let hint = " | write a colon and a space between key and value: maxLength: 3";
        assert!(found.starts_with("11: unknown key ") && found.ends_with(hint), "{found}");
    }
}
