//! Usual mistakes, with what is said of each.

use std::sync::Arc;

use crate::contract::yaml;
use crate::diagnostic::Source;

const DOCUMENT: &str = "\
kind: DataContract
description:
  purpose: Scores
schema:
- name: t
  properties:
  - name: a
    logicalType: integer
    required: true
  - name: b
";

/// `line:column message | hint` of the document with another line of a number.
fn told(number: usize, line: &str) -> String {
    let mut lines: Vec<&str> = DOCUMENT.lines().collect();
    lines[number - 1] = line;
    let source = Arc::new(Source::new("t", lines.join("\n")));
    let Err(found) = yaml::parse(&source) else { return String::new() };
    let hint = found.hint.clone().unwrap_or_default();
    format!("{}:{} {} | {hint}", found.span.line, found.span.column, found.message)
}

#[test]
fn a_line_of_the_wrong_depth_is_told_where_it_may_begin() {
    for (number, line, expected) in [
        (
            8,
            "     logicalType: integer",
            "8:6 the indentation of this line (5 spaces) fits no key above | indent it by 4 spaces to \
             put it beside 'name' (line 7)",
        ),
        (
            8,
            "   logicalType: integer",
            "8:4 the indentation of this line (3 spaces) fits no key above | indent it by 4 spaces to \
             put it beside 'name' (line 7), or by 2 spaces to put it beside 'properties' (line 6)",
        ),
        (
            4,
            " schema:",
            "4:2 the indentation of this line (1 space) fits no key above | indent it by 2 spaces to \
             put it beside 'purpose' (line 3), or without any space to put it beside 'description' \
             (line 2)",
        ),
        (
            10,
            "    - name: b",
            "10:5 the indentation of this list item (4 spaces) fits no list above | indent it by 2 \
             spaces to put it beside the list item of line 7",
        ),
        (
            10,
            " - name: b",
            "10:2 the indentation of this list item (1 space) fits no list above | indent it by 2 \
             spaces to put it beside the list item of line 7, or without any space to put it beside \
             the list item of line 5",
        ),
        (
            1,
            " kind: DataContract",
            "2:1 this line is less indented than the first one, line 1, which has 1 space | indent all \
             keys of the document alike: without any space",
        ),
        (
            3,
            "  purpose: |\n    one\n   two",
            "5:4 this line is indented by 3 spaces, too few for the text that begins below line 3 | \
             indent it by 4 spaces, as a line of the text",
        ),
        (
            8,
            "\tlogicalType: integer",
            "8:1 a tab indents this line | indent with spaces; YAML does not allow tabs",
        ),
    ] {
        assert_eq!(told(number, line), expected);
    }
}

#[test]
fn a_missing_colon_or_space_is_told_where_it_belongs() {
    for (number, line, expected) in [
        (
            8,
            "    logicalType integer",
            "8:5 a colon is missing after 'logicalType' | write: logicalType: integer",
        ),
        (4, "schema", "4:1 a colon is missing after 'schema' | write: schema:"),
        (
            8,
            "    logicalType:integer",
            "8:5 a space is missing after the colon of 'logicalType' | write: logicalType: integer",
        ),
        (7, "  - name:a", "7:5 a space is missing after the colon of 'name' | write: name: a"),
        (
            7,
            "  -name: a",
            "7:3 a space is missing after the dash of this list item | write: - name: a",
        ),
    ] {
        assert_eq!(told(number, line), expected);
    }
}

#[test]
fn an_open_quote_or_bracket_is_told_where_it_opens() {
    for (line, expected) in [
        (
            "  purpose: \"Scores",
            "3:12 the quote that opens here is never closed | write \" at the end of the text",
        ),
        (
            "  purpose: 'Scores",
            "3:12 the quote that opens here is never closed | write ' at the end of the text",
        ),
        (
            "  purpose: x\ntags: [a, b",
            "4:7 the bracket '[' that opens here is never closed | write ']' at its end",
        ),
        (
            "  purpose: x\ntags: [a]]",
            "4:10 this bracket closes nothing | remove it, or put the value in quotes",
        ),
        ("  purpose: {a: 1]", "3:12 '{' is closed by ']' | close it with '}'"),
        (
            "  purpose: {a: 1 b: 2}",
            "3:18 a comma or '}' is missing before this | separate what is between '{' and '}' by \
             commas; put a text that holds a comma, a colon or a bracket in quotes",
        ),
        (
            "  purpose: 'learner's score'",
            "3:21 a text follows the closing quote of a value | write an apostrophe in single quotes \
             twice: 'learner''s score'",
        ),
        (
            "  purpose: [x] marks",
            "3:16 a text follows the closing bracket of a value | put the value in quotes: '[x] marks'",
        ),
    ] {
        assert_eq!(told(3, line), expected);
    }
}

#[test]
fn a_text_that_yaml_reads_otherwise_is_shown_in_quotes() {
    for (line, expected) in [
        (
            "  purpose: Scores: it's all",
            "3:18 the value of 'purpose' holds a colon, as if it were a key | put the value in quotes: \
             purpose: 'Scores: it''s all'",
        ),
        (
            "  purpose: @home",
            "3:12 a text cannot begin with '@', which has a meaning of its own in YAML | put it in \
             quotes: '@home'",
        ),
        (
            "  purpose: 100%\n  %x: 1",
            "4:3 a text cannot begin with '%', which has a meaning of its own in YAML | put it in \
             quotes: '%x'",
        ),
        (
            "  purpose: & more",
            "3:12 a text cannot begin with '&', which has a meaning of its own in YAML | put it in \
             quotes: '& more'",
        ),
        (
            "  purpose: *all",
            "3:12 '*all' refers to an anchor '&all', which the document does not have | put a text that \
             begins with '*' in quotes: '*all'",
        ),
        (
            "  purpose: | x",
            "3:12 a text follows '|', which begins a text of several lines | begin the text on the next \
             line, or put it in quotes: '| x'",
        ),
        (
            "  purpose: - x",
            "3:12 a list begins on the line of its key | write each item on a line of its own below the \
             key, or all in brackets: [a, b]",
        ),
        (
            "  purpose: \"a\\d\"",
            "3:14 a backslash in double quotes begins an escape, and YAML does not have this one | put \
             the text in single quotes, where a backslash stands for itself",
        ),
        ("  purpose: a\u{7}b", "3:13 YAML does not allow the control character U+0007 | remove it"),
    ] {
        assert_eq!(told(3, line), expected);
    }
}

#[test]
fn what_a_hint_writes_is_yaml() {
    for (number, line, kept) in [
        (8, "    logicalType integer", "    "),
        (8, "    logicalType:integer", "    "),
        (7, "  -name: a", "  "),
        (7, "  - name:a", "  - "),
        (3, "  purpose: Scores: it's all", "  "),
        (3, "  purpose: 'learner's score'", "  purpose: "),
        (3, "  purpose: \"Scores\" of all", "  purpose: "),
        (3, "  purpose: [x] marks", "  purpose: "),
        (3, "  purpose: @home", "  purpose: "),
        (3, "  purpose: *all", "  purpose: "),
        (3, "  purpose: > 3", "  purpose: "),
    ] {
        let said = told(number, line);
        let (_, hint) = said.split_once(" | ").unwrap();
        // Of a key and its value, both are shown.
        let (_, code) = hint.split_once(": ").unwrap();
        assert_eq!(told(number, &format!("{kept}{code}")), "", "{said}");
    }
}

#[test]
fn a_second_document_is_one_too_many() {
    let said = told(3, "  purpose: x\n---\nid: y");
    assert!(said.contains("more than one YAML document in one file"), "{said}");
}
