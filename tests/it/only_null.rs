//! A column that is NULL in every row is said aloud, where nothing else says it and nothing expects it.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray, new_null_array};
use arrow::datatypes::DataType;
use arrow::ipc::writer::FileWriter;
use serde_json::{Value, json};

use crate::support::{Project, clause, longs, texts};

const COLUMNS: &str = "\
- { name: id, logicalType: integer, primaryKey: true }
- { name: note, logicalType: string }";

const SAID: &str = "! column 'note' is NULL in every row";

fn said(columns: &str, file: &str, text: &str) -> String {
    let project = Project::of_columns(columns);
    project.write(file, text);
    project.run(&["check", "t", file]).stdout
}

fn ipc(project: &Project, name: &str, columns: Vec<(&str, ArrayRef)>) {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let file = std::fs::File::create(project.path().join(name)).unwrap();
    let mut writer = FileWriter::try_new(file, &batch.schema()).unwrap();
    writer.write(&batch).unwrap();
    writer.finish().unwrap();
}

#[test]
fn a_column_that_is_null_in_every_row_is_said_aloud_in_every_format() {
    let project = Project::of_columns(COLUMNS);
    let columns = || vec![("id", longs([1, 2])), ("note", texts([None, None]))];
    project.parquet("a.parquet", columns());
    project.parquet(
        "null.parquet",
        vec![("id", longs([1, 2])), ("note", new_null_array(&DataType::Null, 2))],
    );
    project.write("a.csv", "id,note\n1,\n2,\n");
    project.write("a.ndjson", "{\"id\":1,\"note\":null}\n{\"id\":2}\n");
    ipc(&project, "a.arrow", columns());
    for file in ["a.parquet", "null.parquet", "a.csv", "a.ndjson", "a.arrow"] {
        let said = project.run(&["check", "t", file]).expect(0).stdout;
        assert!(said.contains(SAID), "{file}: {said}");
        assert!(said.contains("help: required: true says that there must be values"), "{said}");
    }
}

#[test]
fn nothing_is_said_of_a_delivery_without_rows_or_with_one() {
    let said = |text: &str| said(COLUMNS, "a.csv", text);
    for text in ["id,note\n", "id,note\n1,\n", "id,note\n1,\n2,x\n"] {
        assert!(!said(text).contains("NULL in every row"), "{text}");
    }
}

#[test]
fn one_value_in_any_file_is_enough() {
    let project = Project::of_columns(COLUMNS);
    project.write("in/a.csv", "id,note\n1,\n2,\n");
    project.write("in/b.csv", "id,note\n3,\n");
    assert!(project.run(&["check", "t", "in"]).expect(0).stdout.contains(SAID));
    project.write("in/c.csv", "id,note\n4,x\n");
    assert!(!project.run(&["check", "t", "in"]).expect(0).stdout.contains(SAID));
}

#[test]
fn a_null_column_that_fails_or_is_allowed_to_be_null_has_no_line_of_its_own() {
    let of = |note: &str| {
        let columns = format!("- {{ name: id, logicalType: integer, primaryKey: true }}\n{note}");
        said(&columns, "a.csv", "id,note\n1,\n2,\n")
    };
    let required = of("- { name: note, logicalType: string, required: true }");
    assert!(required.contains("t.t/note/required") && !required.contains(SAID), "{required}");
    let rule = |bound: &str| {
        of(&format!(
            "- {{ name: note, logicalType: string, quality: [{{ metric: nullValues, {bound} }}] }}"
        ))
    };
    let (strict, loose) = (rule("mustBe: 0"), rule("mustBeLessOrEqualTo: 100, unit: percent"));
    assert!(!strict.contains(SAID) && strict.contains("found:"), "{strict}");
    assert!(!loose.contains(SAID) && loose.contains("✓"), "{loose}");
    let deprecated = of("- { name: note, logicalType: string, deprecated: true }");
    assert!(!deprecated.contains(SAID) && deprecated.contains("✓"), "{deprecated}");
}

#[test]
fn many_null_columns_share_one_line() {
    let names: Vec<String> = (1..=10).map(|n| format!("c{n}")).collect();
    let columns: String =
        names.iter().map(|name| format!("\n- {{ name: {name}, logicalType: string }}")).collect();
    let columns = format!("- {{ name: id, logicalType: integer, primaryKey: true }}{columns}");
    let project = Project::of_columns(&columns);
    let null: ArrayRef = Arc::new(StringArray::new_null(2));
    let mut delivered = vec![("id", longs([1, 2]))];
    delivered.extend(names.iter().map(|name| (name.as_str(), Arc::clone(&null))));
    project.parquet("a.parquet", delivered);
    let report = project.check("a.parquet");
    let notices: Vec<&Value> = report["notices"].as_array().unwrap().iter().collect();
    assert_eq!(notices.len(), 1, "{report:#}");
    assert_eq!(
        notices[0]["message"],
        "10 columns of table 't' are NULL in every row: 'c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7', \
         'c8' and 2 more"
    );
}

#[test]
fn a_column_of_only_null_is_admitted_whatever_its_type_in_arrow_ipc_too() {
    let project = Project::of_columns(
        "- { name: id, logicalType: integer, primaryKey: true }\n\
         - { name: n, logicalType: integer }",
    );
    let ids = || ("id", longs([1, 2]));
    let float = |values: Vec<Option<f64>>| Arc::new(Float64Array::from(values)) as ArrayRef;
    ipc(&project, "null.arrow", vec![ids(), ("n", float(vec![None, None]))]);
    ipc(&project, "some.arrow", vec![ids(), ("n", float(vec![None, Some(1.0)]))]);
    let whole = Arc::new(Int64Array::from(vec![None, Some(1)]));
    ipc(&project, "whole.arrow", vec![ids(), ("n", whole)]);
    let verdict = |file: &str| clause(&project.check(file), "t/n/logicalType")["verdict"].clone();
    assert_eq!(verdict("null.arrow"), json!("informational"));
    assert_eq!(verdict("some.arrow"), json!("failed"));
    assert_eq!(verdict("whole.arrow"), json!("passed"));
}
