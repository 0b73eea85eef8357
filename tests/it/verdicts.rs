//! Verdicts where a condition decides that no other test looks at.

use std::sync::Arc;

use arrow::array::{ArrayRef, TimestampMicrosecondArray};
use serde_json::{Value, json};

use crate::support::{Project, clause, contract, longs, texts};

#[test]
fn a_percentage_of_no_rows_is_judged_where_an_error_allows_no_rows_and_not_where_a_warning_does() {
    let nulls = "- { name: a, logicalType: string, quality: [{ id: q, metric: nullValues, unit: percent, mustBe: 0 }] }";
    let verdict = |severity: &str, filter: &str| {
        let more = format!(
            "quality: [{{ id: n, metric: rowCount, mustBeGreaterOrEqualTo: 0, severity: {severity}{filter} }}]"
        );
        let project = Project::new(&[("t", &contract("1.0.0", nulls, &more))]);
        project.parquet("a.parquet", vec![("a", texts([]))]);
        clause(&project.check("a.parquet"), "t/a/q")["verdict"].clone()
    };
    assert_eq!(verdict("error", ""), "passed");
    assert_eq!(verdict("warning", ""), "not-executed");
    let filter = ", customProperties: [{ property: where, value: \"a = 'x'\" }]";
    assert_eq!(verdict("error", filter), "not-executed");
}

#[test]
fn an_sql_rule_in_percent_of_no_rows_is_not_executed() {
    let more = "quality: [{ id: q, type: sql, query: 'select count(*) from {table}', unit: percent, mustBe: 0 }]";
    let columns = "- { name: a, logicalType: string }";
    let project = Project::new(&[("t", &contract("1.0.0", columns, more))]);
    project.parquet("a.parquet", vec![("a", texts([]))]);
    let found = clause(&project.check("a.parquet"), "t/q").clone();
    assert_eq!(found["verdict"], "not-executed");
    assert_eq!(found["reason"], "no rows to take a percentage of");
}

#[test]
fn a_foreign_key_whose_parent_is_nowhere_says_so() {
    let text = "apiVersion: v3.2.0\nkind: DataContract\nid: two\nname: two\nversion: 1.0.0\nstatus: active\nschema:\n\
         - name: child\n  properties: [{ name: p, logicalType: integer, relationships: [{ to: parent.id }] }]\n\
         - name: parent\n  properties: [{ name: id, logicalType: integer, primaryKey: true }]\n";
    let project = Project::new(&[("two", text)]);
    project.parquet("c.parquet", vec![("p", longs([1]))]);
    let report =
        project.run(&["check", "two.child", "c.parquet", "--format", "json"]).expect(1).json();
    let clauses = report["tables"][0]["clauses"].as_array().unwrap();
    let found = clauses.iter().find(|c| c["id"].as_str().unwrap().contains("parent")).unwrap();
    assert_eq!(found["verdict"], "not-executed");
    let reason = found["reason"].as_str().unwrap();
    assert_eq!(reason, "table 'parent' is neither delivered nor in the current release");
}

#[test]
fn of_several_columns_the_oldest_tells_the_latency() {
    let text = contract(
        "1.0.0",
        "- { name: old, logicalType: timestamp }\n- { name: new, logicalType: timestamp }",
        "",
    ) + "slaProperties:\n  - { property: latency, value: 2, unit: d, element: 't.old, t.new' }\n";
    let project = Project::new(&[("t", &text)]);
    let at = |days: i64| -> ArrayRef {
        let start = 1_767_225_600_000_000;
        let time = TimestampMicrosecondArray::from(vec![start + days * 86_400_000_000]);
        Arc::new(time.with_timezone("UTC"))
    };
    project.parquet("a.parquet", vec![("old", at(0)), ("new", at(4))]);
    let now = "2026-01-06T00:00:00Z";
    let run = project.run(&["check", "t", "a.parquet", "--format", "json", "--now", now]);
    let report: Value = run.json();
    let clauses = report["tables"][0]["clauses"].as_array().unwrap();
    let latency = clauses.iter().find(|c| c["id"].as_str().unwrap().contains("latency")).unwrap();
    assert_eq!((&latency["verdict"], &latency["measured"]), (&json!("failed"), &json!(5.0)));
}
