//! A clause is tested, or it is told that it is not: keys inside values, units, operands, arguments
//! without a value, parts of a type.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, StructArray};
use arrow::datatypes::{Field, Fields};
use serde_json::{Value, json};

use crate::support::{Project, clause, contract, longs, texts};

fn lint(project: &Project) -> Vec<Value> {
    project.run(&["lint", "--format", "json"]).json()["diagnostics"].as_array().unwrap().clone()
}

/// The report on a file with these columns.
fn checked(project: &Project, columns: Vec<(&str, ArrayRef)>) -> Value {
    project.parquet("a.parquet", columns);
    project.check("a.parquet")
}

/// What lint says of a contract with these columns.
fn linted(columns: &str) -> Vec<Value> {
    lint(&Project::of_columns(columns))
}

fn says(found: &[Value], words: &str) -> bool {
    found.iter().any(|d| d["message"].as_str().is_some_and(|message| message.contains(words)))
}

/// An object in each row, of texts.
fn objects(fields: &[(&str, ArrayRef)]) -> ArrayRef {
    let of =
        |(name, values): &(&str, ArrayRef)| Field::new(*name, values.data_type().clone(), true);
    let types: Fields = fields.iter().map(of).collect();
    let values = fields.iter().map(|(_, values)| Arc::clone(values)).collect();
    Arc::new(StructArray::new(types, values, None))
}

#[test]
fn the_key_of_an_object_is_unique_in_the_table() {
    let project = Project::of_columns(
        "- name: o
  logicalType: object
  properties:
  - { name: f, logicalType: string, primaryKey: true }
  - { name: g, logicalType: string }",
    );
    let object = |keys: [Option<&str>; 3]| {
        objects(&[("f", texts(keys)), ("g", texts([Some("x"), Some("x"), Some("x")]))])
    };
    let keys = object([Some("p"), Some("p"), Some("q")]);
    let report = checked(&project, vec![("o", keys)]);
    let found = clause(&report, "t/o.f/primaryKeyUnique");
    assert_eq!((&found["verdict"], &found["failing_rows"]), (&json!("failed"), &json!(1)));
    let keys = object([Some("p"), None, Some("q")]);
    let report = checked(&project, vec![("o", keys)]);
    assert_eq!(clause(&report, "t/o.f/primaryKey")["failing_rows"], 1);
    assert_eq!(clause(&report, "t/o.f/primaryKeyUnique")["verdict"], "passed");
}

#[test]
fn a_key_of_several_fields_or_of_items_is_told_as_not_tested() {
    let project = Project::of_columns(
        "- { name: a, logicalType: integer }
- name: o
  logicalType: object
  properties:
  - { name: f, logicalType: string, primaryKey: true, primaryKeyPosition: 1 }
  - { name: g, logicalType: string, primaryKey: true, primaryKeyPosition: 2 }
- name: l
  logicalType: array
  items: { logicalType: object, properties: [{ name: n, logicalType: integer, primaryKey: true }] }",
    );
    let report = checked(&project, vec![("a", longs([1]))]);
    for id in ["t/o.f/primaryKeyUnique", "t/o.g/primaryKeyUnique", "t/l.items.n/primaryKeyUnique"] {
        let found = clause(&report, id);
        assert_eq!(found["verdict"], "informational", "{found}");
        assert!(found["reason"].as_str().unwrap().contains("is not tested"), "{found}");
    }
}

#[test]
fn a_rule_that_counts_in_an_unknown_unit_or_compares_with_no_number_is_not_executed() {
    for (rule, told) in [
        ("metric: nullValues, mustBeLessThan: 2, unit: days", "rows are not counted in 'days'"),
        ("metric: nullValues, mustBe: abc", "a count of rows is not compared with 'abc'"),
        ("metric: nullValues, mustNotBe: true", "a count of rows is not compared with 'true'"),
        ("metric: missingValues, mustBe: 0, arguments: { missingValues: [] }", "lists nothing"),
        ("metric: invalidValues, mustBe: 0, arguments: { validValues: null }", "what is valid"),
    ] {
        let columns =
            format!("- {{ name: b, logicalType: string, quality: [{{ id: r, {rule} }}] }}");
        let project = Project::of_columns(&columns);
        assert!(says(&lint(&project), told), "{rule}: {:?}", lint(&project));
        let report = checked(&project, vec![("b", texts([Some("x"), None]))]);
        let found = clause(&report, "t/b/r");
        assert_eq!(found["verdict"], "not-executed", "{rule}: {found}");
        assert!(found["reason"].as_str().unwrap().contains(told), "{rule}: {found}");
    }
}

#[test]
fn percent_has_many_names_and_a_null_argument_is_none() {
    let rules = "- name: b
  logicalType: string
  quality:
  - { id: share, metric: nullValues, mustBeLessThan: 40, unit: percentage }
  - { id: short, metric: nullValues, mustBeLessThan: 40, unit: pct }
  - { id: missing, metric: missingValues, mustBe: 0, arguments: { missingValues: null } }
  logicalTypeOptions: { pattern: null, minLength: 1 }";
    let project = Project::of_columns(rules);
    let report = checked(&project, vec![("b", texts([Some("x"), None]))]);
    assert_eq!(clause(&report, "t/b/share")["measured"], 50.0);
    assert_eq!(clause(&report, "t/b/short")["verdict"], "failed");
    assert_eq!(clause(&report, "t/b/missing")["failing_rows"], 1);
    let ids = report["tables"][0]["clauses"].as_array().unwrap();
    assert!(ids.iter().all(|c| c["id"] != "t/b/pattern"), "{report:#}");
}

#[test]
fn all_rows_are_not_a_share_of_themselves() {
    let rule = "quality: [{ id: all, metric: rowCount, mustBeGreaterThan: 50, unit: percent }]";
    let text = contract("1.0.0", "- { name: a, logicalType: integer }", rule);
    let project = Project::new(&[("t", &text)]);
    assert!(says(&lint(&project), "rowCount in percent is always 100"), "{:?}", lint(&project));
    let report = checked(&project, vec![("a", longs([1]))]);
    assert_eq!(clause(&report, "t/all")["verdict"], "not-executed");
}

#[test]
fn what_a_type_says_and_no_clause_tests_is_told() {
    for (spelling, told) in [
        ("varchar(9) not null", "'not null' of physicalType 'varchar(9) not null' is not tested"),
        ("set('q')", "the list of words of physicalType 'set('q')' is not tested"),
    ] {
        let column = format!("- {{ name: a, logicalType: string, physicalType: \"{spelling}\" }}");
        let found = linted(&column);
        assert!(says(&found, told), "{spelling}: {found:?}");
        let required = column.replace(" }", ", required: true }");
        let found = linted(&required);
        assert_eq!(says(&found, told), spelling.starts_with("set"), "{found:?}");
    }
}

#[test]
fn a_measure_inside_an_object_is_in_no_file() {
    let project = Project::of_columns(
        "- { name: a, logicalType: integer }
- name: o
  logicalType: object
  properties:
  - { name: f, logicalType: string }
  - { name: m, logicalType: number, semanticType: measure, required: true }",
    );
    let columns = vec![("a", longs([1])), ("o", objects(&[("f", texts([Some("x")]))]))];
    let report = checked(&project, columns);
    assert_eq!(report["verdict"], "passed", "{report:#}");
    assert_eq!(clause(&report, "t/o.m/required")["verdict"], "informational");
}

#[test]
fn what_another_engine_reads_of_a_rule_is_its_own() {
    for kind in ["type: text, description: x", "type: custom, engine: soda, implementation: x"] {
        for property in [
            "{ property: where, value: only German shops }",
            "{ property: warn, value: when > 5 }",
            "{ property: groupBy, value: [region] }",
            "{ property: compareTo, value: yesterday }",
            "{ property: public, value: maybe }",
        ] {
            let found = linted(&format!(
                "- {{ name: a, logicalType: string, quality: [{{ {kind}, customProperties: [{property}] }}] }}"
            ));
            let errors: Vec<_> = found.iter().filter(|d| d["severity"] == "error").collect();
            assert!(errors.is_empty(), "{kind} {property}: {errors:?}");
        }
    }
}
