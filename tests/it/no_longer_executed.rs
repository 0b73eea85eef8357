//! What a contract says and nothing executes: it promises nothing, so that only what comes to be
//! executed, or is executed no longer, changes a promise.

use std::sync::Arc;

use pactum::compat::{Bump, Public, compare};
use pactum::contract::{Contract, parse};
use pactum::diagnostic::Source;

use crate::changes::rules;
use crate::support::pactum;

fn read(text: &str) -> Contract {
    let parsed = parse(&Arc::new(Source::new("c", text)));
    parsed.contract.unwrap_or_else(|| panic!("{:?}\n{text}", parsed.diagnostics))
}

/// A contract of one table: more keys of the contract, of the table, of its second column.
fn document([of_contract, of_table, of_column]: [&str; 3]) -> String {
    format!(
        "apiVersion: v3.2.0\nkind: DataContract\nid: t\nname: t\nversion: 1.0.0\nstatus: active\n\
         {of_contract}\nschema:\n- name: t\n  {of_table}\n  properties:\n  \
         - {{name: id, logicalType: integer, primaryKey: true, required: true}}\n  \
         - {{name: a{of_column}}}\n"
    )
}

/// The rules of a change, and the step that it needs.
fn judged(old: [&str; 3], new: [&str; 3]) -> (String, Bump) {
    let found = compare(&read(&document(old)), &read(&document(new)), Public::default());
    let mut names: Vec<_> = found.iter().map(|f| f.meta.name).collect();
    names.sort_unstable();
    (names.join(" "), found.iter().map(|f| f.bump).max().unwrap_or(Bump::None))
}

fn of_column(text: &str) -> [&str; 3] {
    ["", "", text]
}

fn of_table(text: &str) -> [&str; 3] {
    ["", text, ", logicalType: string"]
}

fn of_contract(text: &str) -> [&str; 3] {
    [text, "", ", logicalType: string"]
}

/// What a document says of the contract, of its table and of a column.
type Texts = [&'static str; 3];

/// The kind of a statement; the statement as it is executed, as nothing executes it, and without it.
fn idle() -> Vec<(&'static str, Texts, Texts, Texts)> {
    let text = of_column(", logicalType: string");
    vec![
        (
            "quality-rule",
            of_column(", logicalType: string, quality: [{type: sql, mustBe: 0, query: select 0}]"),
            of_column(
                ", logicalType: string, quality: [{type: sql, mustBe: 0, query: 'select ${X}'}]",
            ),
            text,
        ),
        (
            "quality-rule",
            of_table("quality: [{type: sql, mustBe: 0, query: 'select count(*) from {table}'}]"),
            of_table(
                "quality: [{type: sql, mustBe: 0, query: 'select sum({column}) from {table}'}]",
            ),
            of_table(""),
        ),
        (
            "quality-rule",
            of_table(
                "quality: [{metric: duplicateValues, mustBe: 0, arguments: {properties: [a, id]}}]",
            ),
            of_table(
                "quality: [{metric: duplicateValues, mustBe: 0, arguments: {properties: [a, b]}}]",
            ),
            of_table(""),
        ),
        (
            "quality-rule",
            of_column(
                ", logicalType: string, quality: [{metric: invalidValues, mustBe: 0, arguments: {validValues: [a, b]}}]",
            ),
            of_column(
                ", logicalType: string, quality: [{metric: invalidValues, mustBe: 0, arguments: {validValues: [a, '${X}']}}]",
            ),
            text,
        ),
        (
            "quality-rule",
            of_column(
                ", logicalType: string, quality: [{metric: invalidValues, mustBe: 0, arguments: {pattern: '^x'}}]",
            ),
            of_column(
                ", logicalType: string, quality: [{metric: invalidValues, mustBe: 0, arguments: {pattern: '(?i)^x'}}]",
            ),
            text,
        ),
        (
            "quality-rule",
            of_column(
                ", logicalType: string, quality: [{metric: nullValues, mustBe: 0, customProperties: [{property: where, value: 'id > 1'}]}]",
            ),
            of_column(
                ", logicalType: string, quality: [{metric: nullValues, mustBe: 0, customProperties: [{property: where, value: 'id > ${X}'}]}]",
            ),
            text,
        ),
        (
            "limit",
            of_column(", logicalType: string, enum: [{value: a}, {value: b}]"),
            of_column(", logicalType: string, enum: [{value: a}, {value: '${X}'}]"),
            text,
        ),
        (
            "limit",
            of_column(
                ", logicalType: array, items: {logicalType: string}, logicalTypeOptions: {uniqueItems: true}",
            ),
            of_column(
                ", logicalType: array, items: {logicalType: string}, logicalTypeOptions: {uniqueItems: '${X}'}",
            ),
            of_column(", logicalType: array, items: {logicalType: string}"),
        ),
        (
            "foreign-key",
            of_column(", logicalType: integer, relationships: [{to: t.id}]"),
            of_column(", logicalType: integer, relationships: [{to: '${T}.id'}]"),
            of_column(", logicalType: integer"),
        ),
        (
            "service-level",
            of_contract("slaProperties: [{property: retention, value: 3, unit: y}]"),
            of_contract("slaProperties: [{property: retention, value: '${N}', unit: y}]"),
            of_contract(""),
        ),
    ]
}

#[test]
fn what_nothing_executes_any_more_is_removed() {
    for (kind, executed, idle, absent) in idle() {
        let gone = judged(executed, absent);
        assert!(gone.1 >= Bump::Minor, "{kind}: {gone:?}");
        assert_eq!(judged(executed, idle), gone, "{}", document(idle));
    }
}

#[test]
fn what_comes_to_be_executed_is_added() {
    for (kind, executed, idle, absent) in idle() {
        let come = judged(absent, executed);
        assert_eq!(come.1, Bump::Minor, "{kind}: {come:?}");
        assert_eq!(judged(idle, executed), come, "{}", document(idle));
    }
}

#[test]
fn what_nothing_executes_comes_goes_and_changes_with_a_patch_at_most() {
    for (kind, _, idle, absent) in idle() {
        let other = idle.map(|text| {
            let texts =
                [("${X}", "${Y}"), ("${T}", "${U}"), ("${N}", "${M}"), ("[a, b]", "[a, c]")];
            texts.iter().fold(text.to_owned(), |text, (old, new)| text.replace(old, new))
        });
        let other = [other[0].as_str(), other[1].as_str(), other[2].as_str()];
        for (old, new) in [(idle, absent), (absent, idle), (idle, other)] {
            let (found, step) = judged(old, new);
            assert!(step <= Bump::Patch, "{kind}: {found}\n{}\n{}", document(old), document(new));
        }
    }
}

#[test]
fn an_option_or_a_part_that_no_type_has_is_documentation() {
    for (without, with) in [
        ("logicalType: string", "logicalType: string, logicalTypeOptions: {uniqueItems: true}"),
        ("logicalType: string", "logicalType: string, logicalTypeOptions: {required: [b]}"),
        ("logicalType: string", "logicalType: string, logicalTypeOptions: {minimum: 3}"),
        ("logicalType: integer", "logicalType: integer, logicalTypeOptions: {maxLength: 3}"),
        ("description: x", "description: x, logicalTypeOptions: {uniqueItems: true}"),
        ("logicalType: date", "logicalType: date, logicalTypeOptions: {maximum: soon}"),
        (
            "logicalType: string",
            "logicalType: string, properties: [{name: b, logicalType: string}]",
        ),
        ("logicalType: string", "logicalType: string, items: {logicalType: integer}"),
        (
            "logicalType: string",
            "logicalType: string, properties: [{name: b, required: true, quality: [{metric: nullValues, mustBe: 0}]}]",
        ),
        (
            "logicalType: string, enum: [{value: '${A}'}]",
            "logicalType: string, enum: [{value: '${B}'}]",
        ),
    ] {
        let (without, with) = (format!(", {without}"), format!(", {with}"));
        for (old, new) in [(&without, &with), (&with, &without)] {
            let found = judged(of_column(old), of_column(new));
            assert_eq!(found, ("documentation-changed".to_owned(), Bump::Patch), "{old}\n{new}");
        }
    }
}

#[test]
fn a_finding_says_that_nothing_executes_what_the_head_still_has() {
    let rule = |query: &str| {
        format!(", logicalType: string, quality: [{{type: sql, mustBe: 0, query: '{query}'}}]")
    };
    let (old, new) = (rule("select 0"), rule("select ${X}"));
    let (old, new) = (read(&document(of_column(&old))), read(&document(of_column(&new))));
    let found = compare(&old, &new, Public::default());
    let said: Vec<_> = found.iter().map(|f| (f.message.as_str(), f.new.as_deref())).collect();
    assert_eq!(said, [("nothing executes the quality rule any more", Some("select ${X} = 0"))]);
    let found = compare(&new, &old, Public::default());
    assert_eq!(found[0].message, "the quality rule is executed from now on");
}

/// The rules that `pactum diff` reports between two files.
fn of_files(old: &str, new: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("old.yaml"), old).unwrap();
    std::fs::write(folder.path().join("new.yaml"), new).unwrap();
    let run = pactum(folder.path(), &["diff", "old.yaml", "new.yaml", "--format", "json"]);
    rules(&run.json())
}

#[test]
fn a_rule_that_comes_to_read_an_unknown_column_is_removed() {
    let servers = "servers: [{server: s, type: snowflake, account: a, database: d, schema: s}]";
    let of = |servers: &str, query: &str| {
        let rule = format!("quality: [{{type: sql, mustBe: 0, query: '{query}'}}]");
        document([servers, &rule, ", logicalType: integer"])
    };
    let (known, other) =
        ("select count(*) from t where a < 0", "select count(*) from t where a < 1");
    let (unknown, odd) =
        ("select count(*) from t where b < 0", "select count(*) from t where b < 1");
    for servers in ["", servers] {
        for (old, new, rule) in [
            (known, unknown, "quality-rule-removed"),
            (known, other, "quality-rule-changed"),
            // Whether what plans on neither side is executed elsewhere is not known.
            (unknown, odd, "quality-rule-changed"),
        ] {
            assert_eq!(of_files(&of(servers, old), &of(servers, new)), [rule], "{old} {new}");
        }
    }
}
