//! Verdicts that depend on conditions that no other test covers.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, Float64Array, Int64Array, ListArray, RecordBatch, TimestampMicrosecondArray,
};
use arrow::datatypes::Int64Type;
use parquet::arrow::ArrowWriter;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use serde_json::{Value, json};

use crate::support::{Project, clause, contract, longs, texts};

/// Writes a file with these properties.
fn write(
    project: &Project,
    name: &str,
    columns: Vec<(&str, ArrayRef)>,
    properties: WriterProperties,
) {
    let nullable = columns.into_iter().map(|(name, array)| (name, array, true));
    let batch = RecordBatch::try_from_iter_with_nullable(nullable).unwrap();
    let file = std::fs::File::create(project.path().join(name)).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

/// Row groups of so many rows.
fn row_groups(rows: usize) -> WriterProperties {
    WriterProperties::builder().set_max_row_group_row_count(Some(rows)).build()
}

/// The report of a check that believes footers.
fn trusting(project: &Project, files: &str) -> Value {
    project.run(&["check", "t", files, "--trust-statistics", "--format", "json"]).json()
}

/// Of a clause that footers alone do not prove: it was scanned, and so many rows fail.
#[track_caller]
fn scanned(report: &Value, id: &str, failing: u64) {
    let found = clause(report, id);
    let told = (&found["verdict"], &found["failing_rows"], &found["answered"]);
    assert_eq!(told, (&json!("failed"), &json!(failing), &json!("scanned")), "{found:#}");
}

/// The rows that a clause shows.
fn rows(clause: &Value) -> Vec<u64> {
    let samples = clause["samples"].as_array().unwrap().iter();
    samples.map(|sample| sample["row"].as_u64().unwrap()).collect()
}

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

#[test]
fn a_filter_on_a_rule_that_has_none_is_not_passed_over() {
    let rule = "{ id: q, metric: duplicateValues, mustBe: 0, customProperties: [{ property: where, value: 'k > 1' }] }";
    let columns = format!(
        "- {{ name: k, logicalType: integer }}\n\
         - {{ name: l, logicalType: array, items: {{ logicalType: integer, quality: [{rule}] }} }}"
    );
    let project = Project::of_columns(&columns);
    let lists =
        ListArray::from_iter_primitive::<Int64Type, _, _>([Some([Some(1)]), Some([Some(2)])]);
    project.parquet("a.parquet", vec![("k", longs([1, 2])), ("l", Arc::new(lists))]);
    let found = clause(&project.check("a.parquet"), "t/l.items/q").clone();
    assert_eq!(found["verdict"], "not-executed", "{found:#}");
    assert_eq!(found["reason"], "where is not for this kind of rule");
}

#[test]
fn an_expired_waiver_fails_a_run_whose_clauses_all_hold() {
    let columns = "- { name: a, logicalType: integer, logicalTypeOptions: { minimum: 1 } }";
    let project = Project::of_columns(columns);
    project.parquet("a.parquet", vec![("a", longs([2]))]);
    let waiver = "{ contract: t, clause: t/a/minimum, reason: known, approved_by: ann, expires: 2020-01-01 }";
    project.write("waivers.yaml", &format!("check:\n- {waiver}\n"));
    let run = project.run(&["check", "t", "a.parquet", "--format", "json"]).expect(1);
    let report = run.json();
    assert_eq!(clause(&report, "t/a/minimum")["verdict"], "passed");
    let told = (&report["verdict"], &report["notices"][0]["code"]);
    assert_eq!(told, (&json!("failed"), &json!("P003")));
}

#[test]
fn a_parquet_file_with_two_columns_of_one_name_cannot_be_read() {
    let project = Project::of_columns("- { name: a, logicalType: integer }");
    project.parquet("a.parquet", vec![("a", longs([1])), ("a", longs([2]))]);
    let found = clause(&project.check("a.parquet"), "t/readable").clone();
    assert_eq!(found["verdict"], "failed", "{found:#}");
    assert_eq!(found["reason"], "a.parquet: two columns are named 'a'");
}

#[test]
fn columns_are_found_by_name_wherever_they_stand_in_each_file() {
    let columns = "- { name: a, logicalType: integer, logicalTypeOptions: { maximum: 5 } }\n\
        - { name: b, logicalType: integer, logicalTypeOptions: { maximum: 50 } }";
    let project = Project::of_columns(columns);
    project.parquet("d/a.parquet", vec![("a", longs([1, 2])), ("b", longs([40, 41]))]);
    project.parquet("d/b.parquet", vec![("b", longs([42, 51])), ("a", longs([3, 4]))]);
    let report = project.check("d");
    assert_eq!(clause(&report, "t/a/maximum")["failing_rows"], 0, "{report:#}");
    let found = clause(&report, "t/b/maximum");
    assert_eq!((&found["failing_rows"], rows(found)), (&json!(1), vec![1]));
}

#[test]
fn beside_a_file_that_cannot_be_read_no_clause_is_judged() {
    let columns =
        "- { name: a, logicalType: integer, unique: true, logicalTypeOptions: { minimum: 1 } }";
    let more = "quality: [{ id: n, metric: rowCount, mustBe: 2 }]";
    let project = Project::new(&[("t", &contract("1.0.0", columns, more))]);
    project.parquet("d/a.parquet", vec![("a", longs([1, 2]))]);
    project.write("d/b.parquet", "no Parquet");
    let report = project.check("d");
    let readable = clause(&report, "t/readable");
    assert_eq!((&readable["verdict"], &readable["measured"]), (&json!("failed"), &json!(1)));
    for id in ["t/a/minimum", "t/a/unique", "t/n"] {
        let found = clause(&report, id);
        assert_eq!(found["verdict"], "not-executed", "{found:#}");
        assert_eq!(found["reason"], "a file of this table cannot be read");
    }
}

#[test]
fn a_file_of_lists_that_holds_fewer_rows_than_its_footer_promises_cannot_be_read() {
    let project = Project::of_columns(
        "- { name: a, logicalType: array, items: { logicalType: integer, logicalTypeOptions: { minimum: 0 } } }",
    );
    let lists = vec![Some(vec![Some(1), Some(2)]); 77];
    let lists: ArrayRef = Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>(lists));
    project.parquet("a.parquet", vec![("a", lists)]);
    assert_eq!(project.check("a.parquet")["verdict"], "passed");
    let path = project.path().join("a.parquet");
    let mut bytes = std::fs::read(&path).unwrap();
    let end = bytes.len() - 8;
    let length = u32::from_le_bytes(bytes[end..end + 4].try_into().unwrap()) as usize;
    // In the footer the field after another one, a number: 77 rows become 80, of the row group and of the
    // file.
    let (rows, more) = ([0x16, 0x9a, 0x01], [0x16, 0xa0, 0x01]);
    let places: Vec<usize> =
        (end - length..end).filter(|at| bytes[*at..].starts_with(&rows)).collect();
    assert_eq!(places.len(), 2);
    for at in places {
        bytes[at..at + 3].copy_from_slice(&more);
    }
    std::fs::write(path, bytes).unwrap();
    let found = clause(&project.check("a.parquet"), "t/readable").clone();
    assert_eq!(found["verdict"], "failed", "{found:#}");
    let reason = found["reason"].as_str().unwrap();
    assert!(reason.contains("the footer promises 80 rows, the pages hold 77"), "{reason}");
}

#[test]
fn rows_of_later_row_groups_are_numbered_on() {
    let columns = "- { name: id, logicalType: integer, unique: true }\n\
        - { name: a, logicalType: integer, logicalTypeOptions: { minimum: 1 } }";
    let project = Project::of_columns(columns);
    let columns = vec![("id", longs([5, 1, 2, 3, 4, 5])), ("a", longs([1, 1, 1, 1, 0, 1]))];
    write(&project, "a.parquet", columns, row_groups(3));
    let report = project.check("a.parquet");
    assert_eq!(rows(clause(&report, "t/a/minimum")), [4]);
    let unique = clause(&report, "t/id/unique");
    assert_eq!((&unique["measured"], rows(unique)), (&json!(1), vec![0, 5]), "{unique:#}");
}

#[test]
fn footers_prove_a_clause_only_where_those_of_all_files_and_row_groups_do() {
    let project = Project::of_columns(
        "- { name: a, logicalType: integer, logicalTypeOptions: { maximum: 5 } }",
    );
    project.parquet("d/a.parquet", vec![("a", longs([1, 2]))]);
    project.parquet("d/b.parquet", vec![("a", longs([1, 9]))]);
    let proven = clause(&trusting(&project, "d/a.parquet"), "t/a/maximum").clone();
    assert_eq!((&proven["verdict"], &proven["answered"]), (&json!("passed"), &json!("statistics")));
    scanned(&trusting(&project, "d"), "t/a/maximum", 1);
    write(&project, "groups.parquet", vec![("a", longs([9, 1]))], row_groups(1));
    scanned(&trusting(&project, "groups.parquet"), "t/a/maximum", 1);
}

#[test]
fn a_footer_that_counts_no_nulls_and_one_that_passes_over_nan_prove_nothing() {
    let project = Project::of_columns("- { name: a, logicalType: integer, required: true }");
    let values: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), None]));
    let silent =
        WriterProperties::builder().set_statistics_enabled(EnabledStatistics::None).build();
    write(&project, "a.parquet", vec![("a", values)], silent);
    scanned(&trusting(&project, "a.parquet"), "t/a/required", 1);
    let project = Project::of_columns(
        "- { name: a, logicalType: number, logicalTypeOptions: { maximum: 1 } }",
    );
    let values: ArrayRef = Arc::new(Float64Array::from(vec![0.5, f64::NAN]));
    project.parquet("a.parquet", vec![("a", values)]);
    scanned(&trusting(&project, "a.parquet"), "t/a/maximum", 1);
}

#[test]
fn of_many_groups_that_fail_the_worst_are_shown() {
    let more = "quality: [{ id: n, metric: rowCount, mustBeLessThan: 1, customProperties: [{ property: groupBy, value: [a] }] }]";
    let columns = "- { name: a, logicalType: integer }";
    let project = Project::new(&[("t", &contract("1.0.0", columns, more))]);
    // The group of each number has as many rows, and the smallest comes first.
    let values = (1..=12).flat_map(|n| (0..n).map(move |_| n));
    project.parquet("a.parquet", vec![("a", longs(values))]);
    let report =
        project.run(&["check", "t", "a.parquet", "--samples", "3", "--format", "json"]).json();
    let groups = &clause(&report, "t/n")["groups"];
    assert_eq!((&groups["total"], &groups["failing"]), (&json!(12), &json!(12)));
    let worst = groups["worst"].as_array().unwrap().iter();
    let measured: Vec<u64> = worst.map(|group| group["measured"].as_u64().unwrap()).collect();
    assert_eq!(measured, [12, 11, 10]);
}

#[test]
fn the_key_of_a_group_shows_no_classified_value() {
    let more = "quality: [{ id: n, metric: rowCount, mustBe: 2, customProperties: [{ property: groupBy, value: [open, word] }] }]";
    let columns = "- { name: open, logicalType: integer }\n\
        - { name: word, logicalType: string, classification: secret }";
    let project = Project::new(&[("t", &contract("1.0.0", columns, more))]);
    project.parquet("a.parquet", vec![("open", longs([7])), ("word", texts([Some("hush")]))]);
    let run = project.run(&["check", "t", "a.parquet", "--format", "json"]).expect(1);
    let group = &clause(&run.json(), "t/n")["groups"]["worst"][0].clone();
    assert_eq!(group["key"], json!({ "open": 7, "word": "(classified)" }));
    assert!(!run.stdout.contains("hush"), "{}", run.stdout);
    let shown = ["check", "t", "a.parquet", "--show-classified", "--format", "json"];
    let group = &clause(&project.run(&shown).json(), "t/n")["groups"]["worst"][0].clone();
    assert_eq!(group["key"]["word"], "hush");
}

#[test]
fn a_file_that_is_named_twice_is_delivered_once() {
    let project = Project::of_columns("- { name: a, logicalType: integer, primaryKey: true }");
    project.parquet("a.parquet", vec![("a", longs([1, 2]))]);
    let files = ["check", "t", "a.parquet", "t=a.parquet", "--format", "json"];
    let table = project.run(&files).expect(0).json()["tables"][0].clone();
    assert_eq!((&table["rows"], &table["files"]), (&json!(2), &json!(1)));
}
