//! What the standard's own schema accepts is refused only where no data could satisfy it; everything
//! else is told as a warning, and what is not executed is listed.

use std::collections::HashSet;
use std::sync::Arc;

use pactum::check::clause_list;
use pactum::contract::parse;
use pactum::diagnostic::{Diagnostic, Severity, Source};

use crate::support::{Project, clause, contract, longs, texts};

/// A document: its version of the standard, further keys of the contract, those of its table `t`, and
/// the columns of the table.
type Document<'a> = (&'a str, &'a str, &'a str, &'a str);

fn text((version, more, table, columns): Document<'_>) -> String {
    format!(
        "apiVersion: {version}\nkind: DataContract\nid: c\nversion: 1.0.0\nstatus: active\n{more}\n\
         schema:\n- {{name: t, {table}properties: [{columns}]}}\n"
    )
}

fn linted(document: Document<'_>) -> Vec<Diagnostic> {
    parse(&Arc::new(Source::new("c.odcs.yaml", text(document)))).diagnostics
}

/// Refuses any error in a document, and asks for a warning of a code; for none where it is empty.
#[track_caller]
fn warns(document: Document<'_>, code: &str) {
    let found = linted(document);
    let told: Vec<(&str, Severity, &str)> =
        found.iter().map(|d| (d.meta.code, d.severity, d.message.as_str())).collect();
    assert!(!told.iter().any(|(_, s, _)| *s == Severity::Error), "{document:?}: {told:?}");
    let warned: Vec<&str> =
        told.iter().filter(|(_, s, _)| *s == Severity::Warning).map(|(c, ..)| *c).collect();
    match code {
        "" => assert!(warned.is_empty(), "{document:?}: {told:?}"),
        code => assert!(warned.contains(&code), "{document:?}: {told:?}"),
    }
}

#[track_caller]
fn refuses(document: Document<'_>, code: &str) {
    let found = linted(document);
    let is_it = |d: &Diagnostic| d.meta.code == code && d.severity == Severity::Error;
    assert!(found.iter().any(is_it), "{document:?}: {found:?}");
}

const V30: &str = "v3.0.2";
const V31: &str = "v3.1.0";
const V32: &str = "v3.2.0";

#[test]
fn free_values_may_repeat_ids_and_names() {
    for column in [
        "{name: a, examples: [{id: x}, {id: x}]}",
        "{name: a, customProperties: [{property: x, value: {schema: [{name: a}, {name: a}]}}]}",
        "{name: a, quality: [{type: custom, engine: e, implementation: \
         {properties: [{name: a}, {name: a}]}}]}",
    ] {
        for version in [V30, V31, V32] {
            warns((version, "", "", column), "");
        }
    }
    for column in ["{name: a}, {name: a}", "{name: a, id: x}, {name: b, id: x}"] {
        refuses((V32, "", "", column), "L011");
    }
    refuses((V32, "roles: [{role: a, id: x}, {role: b, id: x}]", "", "{name: a}"), "L011");
}

#[test]
fn a_custom_property_has_its_meaning_only_where_it_is_read() {
    let of = |name: &str, value: &str| {
        format!("customProperties: [{{property: {name}, value: {value}}}]")
    };
    for (name, value) in [
        ("warn", "true"),
        ("where", "5"),
        ("groupBy", "7"),
        ("compareTo", "x"),
        ("public", "x"),
        ("additionalColumns", "x"),
        ("sqlName", "5"),
    ] {
        warns((V32, "", "", &format!("{{name: a, {}}}", of(name, value))), "");
    }
    for (name, value) in [("allowNaN", "x"), ("aliases", "5"), ("warn", "x"), ("sqlName", "5")] {
        warns((V32, "", &format!("{}, ", of(name, value)), "{name: a}"), "");
    }
    for (name, value) in [("allowNaN", "x"), ("additionalColumns", "x"), ("warn", "x")] {
        warns((V32, &of(name, value), "", "{name: a}"), "");
    }
    // In its place, a value that it does not take leaves it unused.
    warns((V32, &of("sqlName", "5"), "", "{name: a}"), "L030");
    warns((V32, "", &format!("{}, ", of("additionalColumns", "x")), "{name: a}"), "L030");
    for (name, value) in [("allowNaN", "x"), ("aliases", "5"), ("deprecatedSince", "soon")] {
        warns((V32, "", "", &format!("{{name: a, {}}}", of(name, value))), "L030");
    }
    let rule = format!("quality: [{{metric: rowCount, mustBe: 1, {}}}], ", of("warn", "x"));
    refuses((V32, "", &rule, "{name: a}"), "L030");
}

#[test]
fn a_whole_number_may_be_written_with_a_fraction_of_zeros() {
    for column in [
        "{name: a, primaryKey: true, primaryKeyPosition: 1.0}",
        "{name: a, logicalType: string, logicalTypeOptions: {minLength: 3.0}}",
        "{name: a, logicalType: array, items: {logicalType: string}, logicalTypeOptions: {maxItems: 2.0}}",
    ] {
        warns((V32, "", "", column), "");
    }
    refuses(
        (V32, "", "", "{name: a, logicalType: string, logicalTypeOptions: {minLength: 3.5}}"),
        "L005",
    );
    let project = Project::of_columns(
        "- { name: a, logicalType: string, logicalTypeOptions: { minLength: 3.0 } }",
    );
    project.parquet("f.parquet", vec![("a", texts([Some("abcd"), Some("ab")]))]);
    let report = project.check("f.parquet");
    assert_eq!(clause(&report, "t/a/minLength")["verdict"], "failed");
}

#[test]
fn options_that_the_type_does_not_have_are_told_and_not_executed() {
    for (column, code) in [
        ("{name: a, logicalType: boolean, logicalTypeOptions: {maxLength: 3}}", "L014"),
        ("{name: a, logicalType: boolean, logicalTypeOptions: {whatever: 3}}", "L004"),
        ("{name: a, logicalType: boolean, logicalTypeOptions: {pattern: '['}}", "L014"),
        (
            "{name: a, logicalType: boolean, logicalTypeOptions: {minLength: 3, maxLength: 1}}",
            "L014",
        ),
        ("{name: a, logicalType: boolean, logicalTypeOptions: {defaultTimezone: x}}", "L014"),
        (
            "{name: a, logicalType: map, map: {key: {logicalType: string}, value: \
             {logicalType: string}}, logicalTypeOptions: {minItems: 1}}",
            "L014",
        ),
    ] {
        warns((V32, "", "", column), code);
    }
    refuses(
        (V32, "", "", "{name: a, logicalType: string, logicalTypeOptions: {whatever: 3}}"),
        "L004",
    );
    refuses((V32, "", "", "{name: a, logicalTypeOptions: {minLength: 1}}"), "L014");
    let project = Project::of_columns(
        "- { name: b, logicalType: integer, logicalTypeOptions: { maxLength: 3 } }\n\
         - { name: n, logicalType: number, logicalTypeOptions: { format: foo } }",
    );
    project.parquet("f.parquet", vec![("b", longs([1]))]);
    let report = project.check("f.parquet");
    for id in ["t/b/maxLength", "t/n/format"] {
        assert_eq!(clause(&report, id)["verdict"], "not-executed", "{id}");
    }
}

#[test]
fn a_rule_that_compares_with_nothing_is_told_and_not_executed() {
    for operand in ["[]", "{}"] {
        for version in [V31, V32] {
            let rule = format!("quality: [{{metric: rowCount, mustBe: {operand}}}], ");
            warns((version, "", &rule, "{name: a}"), "L005");
        }
        let rule = format!("quality: [{{type: sql, query: SELECT 1, mustBe: {operand}}}], ");
        warns((V32, "", &rule, "{name: a}"), "L005");
    }
    // Version 3.0 says nothing about operators beside a query.
    let rule = "quality: [{type: sql, query: SELECT 1, mustBeLessThan: ten}], ";
    warns((V30, "", rule, "{name: a}"), "L005");
    refuses((V31, "", rule, "{name: a}"), "L005");
    let columns = "- { name: a, logicalType: integer }";
    let quality = "quality:\n- { id: none, metric: rowCount, mustBe: [] }\n\
                   - { id: query, type: sql, query: SELECT true, mustBe: {} }";
    let project = Project::new(&[("t", &contract("1.0.0", columns, quality))]);
    project.parquet("f.parquet", vec![("a", longs([1]))]);
    let report = project.check("f.parquet");
    for id in ["t/none", "t/query"] {
        assert_eq!(clause(&report, id)["verdict"], "not-executed", "{id}");
    }
}

/// The ids of a document's clauses; each must be one of a kind.
#[track_caller]
fn ids(document: Document<'_>) -> Vec<String> {
    let contract = parse(&Arc::new(Source::new("c", text(document)))).contract.unwrap();
    let listed = contract.tables.iter().flat_map(|table| clause_list(&contract, table));
    let ids: Vec<String> = listed.map(|clause| clause.id).collect();
    let unique: HashSet<&String> = ids.iter().collect();
    assert_eq!(unique.len(), ids.len(), "{document:?}: {ids:?}");
    ids
}

#[test]
fn a_relationship_that_is_written_twice_is_one_clause() {
    let column = "{name: a, relationships: [{to: t.b}, {to: t.b}]}, {name: b, unique: true}";
    warns((V32, "", "", column), "L024");
    let ids = ids((V32, "", "", column));
    assert_eq!(ids.iter().filter(|id| id.contains("foreignKey")).count(), 1, "{ids:?}");
    let table = "relationships: [{from: t.a, to: t.b}, {from: [t.a], to: [t.b]}], ";
    warns((V32, "", table, "{name: a}, {name: b, unique: true}"), "L024");
}

#[test]
fn every_clause_has_an_id_of_its_own() {
    for (table, column) in [
        ("", "{name: a, required: true, quality: [{id: required, metric: nullValues, mustBe: 0}]}"),
        ("", "{name: a, quality: [{id: storable, metric: nullValues, mustBe: 0}]}"),
        (
            "",
            "{name: a, logicalType: integer, logicalTypeOptions: {minimum: 0}, \
             quality: [{id: minimum, metric: nullValues, mustBe: 0}]}",
        ),
        (
            "",
            "{name: a, logicalType: string, physicalType: varchar(3), \
             quality: [{id: physicalTypeLength, metric: nullValues, mustBe: 0}]}",
        ),
        (
            "",
            "{name: o, logicalType: object, properties: [{name: f, required: true, \
             quality: [{id: required, metric: nullValues, mustBe: 0}]}]}",
        ),
        (
            "",
            "{name: o.f, logicalType: integer}, \
             {name: o, logicalType: object, properties: [{name: f, logicalType: integer}]}",
        ),
        (
            "quality: [{id: y, metric: rowCount, mustBe: 1, customProperties: \
             [{property: warn, value: {mustBe: 2}}]}, \
             {name: y-warning, metric: rowCount, mustBe: 3}], ",
            "{name: a}",
        ),
        (
            "",
            "{name: a, quality: [{id: x, metric: nullValues, mustBe: 0}], \
             relationships: [{id: x, to: t.b}]}, {name: b, unique: true}",
        ),
    ] {
        warns((V32, "", table, column), "L024");
        ids((V32, "", table, column));
    }
    let latency = "{property: latency, value: 4, unit: d, element: t.ts}";
    let twice = format!("slaProperties: [{latency}, {}]", latency.replace('4', "5"));
    let column = "{name: ts, logicalType: timestamp}";
    warns((V32, &twice, "", column), "L024");
    ids((V32, &twice, "", column));
    let once = format!("slaProperties: [{latency}]");
    let table = "quality: [{name: sla-latency-t.ts, metric: rowCount, mustBe: 1}], ";
    warns((V32, &once, table, column), "L024");
    ids((V32, &once, table, column));
    // An id keeps its clause beside a name.
    let table =
        "quality: [{id: x, metric: rowCount, mustBe: 1}, {name: x, metric: rowCount, mustBe: 2}], ";
    assert!(ids((V32, "", table, "{name: a}")).contains(&"t/x".to_owned()));
}

#[test]
fn the_hint_for_a_taken_id_says_what_works() {
    let hint = |document| {
        let found = linted(document);
        let found = found.into_iter().find(|d| d.meta.code == "L024").unwrap();
        found.hint.unwrap()
    };
    let twice = "quality: [{metric: rowCount, mustBe: 1}, {metric: rowCount, mustBe: 2}], ";
    assert!(hint((V31, "", twice, "{name: a}")).starts_with("give it an id"));
    let twice = "quality: [{rule: rowCount, mustBe: 1}, {rule: rowCount, mustBe: 2}], ";
    assert!(hint((V30, "", twice, "{name: a}")).starts_with("give it a name"));
    let named = "quality: [{id: readable, metric: rowCount, mustBe: 1}], ";
    assert!(hint((V31, "", named, "{name: a}")).starts_with("choose another id"));
}

#[test]
fn an_empty_version_is_no_more_readable_than_another() {
    let document = text((V32, "", "", "{name: a}")).replace("version: 1.0.0", "version: ''");
    let found = parse(&Arc::new(Source::new("c", document))).diagnostics;
    assert!(found.iter().any(|d| d.meta.code == "L010" && d.severity == Severity::Error));
}

#[test]
fn dates_and_times_are_read_in_every_form_that_has_one_meaning() {
    let of = |logical: &str, options: &str| {
        format!("{{name: a, logicalType: {logical}, logicalTypeOptions: {{{options}}}}}")
    };
    for (logical, options) in [
        ("timestamp", "minimum: '2020-01-01 00:00'"),
        ("timestamp", "minimum: '2020-01-01T00:00Z'"),
        ("date", "minimum: '20200101'"),
        ("date", "minimum: 20200101"),
        ("timestamp", "defaultTimezone: Z"),
        ("timestamp", "defaultTimezone: GMT+2"),
    ] {
        warns((V32, "", "", &of(logical, options)), "");
    }
    for logical in ["date", "timestamp", "time"] {
        warns((V32, "", "", &of(logical, "minimum: now")), "L015");
    }
    let listed = "{name: a, logicalType: date, logicalTypeOptions: {format: MM/dd/yyyy}, \
                  enum: [{value: 01/31/2020}], quality: [{metric: invalidValues, mustBe: 0, \
                  arguments: {validValues: [01/31/2020]}}]}";
    warns((V32, "", "", listed), "");
    let project = Project::of_columns(
        "- { name: a, logicalType: date, logicalTypeOptions: { minimum: now, maximum: '20200131' } }",
    );
    project.write("f.csv", "a\n2020-02-01\n");
    let report = project.check("f.csv");
    assert_eq!(clause(&report, "t/a/minimum")["verdict"], "not-executed");
    assert_eq!(clause(&report, "t/a/maximum")["verdict"], "failed");
}

#[test]
fn what_a_version_does_not_know_is_free_where_its_objects_are_open() {
    for more in [
        "roles: [{role: a, id: 'x y'}, {role: b, id: 'x y'}]",
        "roles: [{role: a, id: 5}]",
        "support: [{channel: a, url: 'https://a.b', id: 'x y'}]",
        "team: [{username: a, id: 'x y'}]",
        "customProperties: [{property: a, value: b, id: 'x y', vendor: 7}]",
    ] {
        let found = linted((V30, more, "", "{name: a}"));
        assert!(!found.iter().any(|d| d.severity == Severity::Error), "{more}: {found:?}");
    }
    refuses((V31, "roles: [{role: a, id: 'x y'}]", "", "{name: a}"), "L005");
}

#[test]
fn parts_that_a_type_does_not_have_are_told_and_not_executed() {
    for column in [
        "{name: a, logicalType: string, items: {logicalType: integer}}",
        "{name: a, logicalType: integer, properties: [{name: f}]}",
        "{name: a, logicalType: array, properties: [{name: f}]}",
        "{name: a, logicalType: boolean, map: {key: {logicalType: string}, \
         value: {logicalType: string}}}",
    ] {
        warns((V32, "", "", column), "L014");
    }
    let project = Project::of_columns(
        "- { name: a, logicalType: string, items: { logicalType: integer, required: true } }",
    );
    project.parquet("f.parquet", vec![("a", texts([Some("x")]))]);
    let report = project.check("f.parquet");
    assert_eq!(clause(&report, "t/a.items/required")["verdict"], "not-executed");
}

#[test]
fn what_the_schema_refuses_is_told() {
    for (version, more, table, column, code) in [
        (V32, "", "deprecated: 'yes', ", "{name: a}", "L005"),
        (V32, "context: 5", "", "{name: a}", "L005"),
        (V32, "slaProperties: [{property: x, value: 1, valueExt: [1]}]", "", "{name: a}", "L005"),
        (V32, "", "quality: [{metric: rowCount, mustBeBetween: [1, 1]}], ", "{name: a}", "L013"),
        (V32, "", "", "{name: a, logicalType: map}", "L006"),
        (V32, "", "", "{name: a, logicalType: vector}", "L006"),
        (
            V32,
            "",
            "",
            "{name: a, logicalType: object, properties: [{name: f}], \
             logicalTypeOptions: {required: []}}",
            "L005",
        ),
        (
            V32,
            "",
            "",
            "{name: a, logicalType: object, properties: [{name: f}], \
             logicalTypeOptions: {required: [f, f]}}",
            "L005",
        ),
        (
            V32,
            "",
            "",
            "{name: a, logicalType: vector, logicalTypeOptions: {dimensions: 3, elementType: x}}",
            "L007",
        ),
        (
            V32,
            "",
            "",
            "{name: a, logicalType: vector, logicalTypeOptions: {dimensions: 3, distanceMetric: x}}",
            "L007",
        ),
        (
            V30,
            "",
            "",
            "{name: a, logicalType: integer, logicalTypeOptions: {exclusiveMinimum: true}}",
            "L015",
        ),
    ] {
        warns((version, more, table, column), code);
    }
    warns((V32, "context: read with care", "deprecated: true, ", "{name: a}"), "");
    for (column, code) in [
        ("{name: a, enum: []}", "L031"),
        (
            "{name: a, logicalType: object, properties: [{name: f}], \
             logicalTypeOptions: {minProperties: -1}}",
            "L013",
        ),
        (
            "{name: a, logicalType: object, properties: [{name: f}], \
             logicalTypeOptions: {maxProperties: -1}}",
            "L013",
        ),
        ("{name: a, logicalType: vector, logicalTypeOptions: {dimensions: 0}}", "L013"),
        ("{name: a, logicalType: vector, logicalTypeOptions: {dimensions: -1}}", "L013"),
    ] {
        refuses((V32, "", "", column), code);
    }
}

#[test]
fn a_value_that_can_never_occur_is_told_with_its_place() {
    let column = "{name: r, logicalType: array, items: {logicalType: string, enum: [{value: 1}]}}";
    let found = linted((V32, "", "", column));
    let found = found.iter().find(|d| d.meta.code == "L031").unwrap();
    assert!(found.message.contains("'r.items'"), "{}", found.message);
}
