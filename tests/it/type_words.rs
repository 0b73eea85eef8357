//! Types of files are told in plain words, not by the names of a library.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, DurationMicrosecondArray, IntervalMonthDayNanoArray, RecordBatch, UInt64Array,
};
use arrow::datatypes::IntervalMonthDayNano;
use arrow::ipc::writer::FileWriter;

use crate::support::{Project, clause, contract, longs, texts};

#[test]
fn a_draft_says_in_words_which_type_no_logical_type_admits() {
    let project = Project::new(&[]);
    let key: ArrayRef = Arc::new(UInt64Array::from(vec![1, u64::MAX]));
    project.parquet("a.parquet", vec![("key", key)]);
    let draft = project.run(&["infer", "a.parquet"]).expect(0).stdout;
    assert!(draft.contains("no logical type admits unsigned 64-bit integer"), "{draft}");
}

#[test]
fn files_whose_types_differ_are_told_in_words() {
    let rule =
        "quality: [{ id: some, type: sql, query: 'select count(a) from {table}', mustBe: 2 }]";
    let project = Project::new(&[("t", &contract("1.0.0", "- { name: a }", rule))]);
    project.parquet("in/a.parquet", vec![("a", longs([1]))]);
    project.parquet("in/b.parquet", vec![("a", texts([Some("x")]))]);
    let report = project.check("in");
    let reason = clause(&report, "t/some")["reason"].as_str().unwrap();
    assert!(reason.contains("has the type integer in one file and text in another"), "{reason}");
}

#[test]
fn a_type_that_no_contract_admits_has_its_name_behind_its_words() {
    let project = Project::of_columns("- { name: a, logicalType: integer }");
    let durations: ArrayRef = Arc::new(DurationMicrosecondArray::from(vec![5]));
    project.parquet("a.parquet", vec![("a", durations)]);
    let report = project.check("a.parquet");
    let reason = clause(&report, "t/a/logicalType")["reason"].as_str().unwrap();
    assert!(reason.contains("duration (Duration("), "{reason}");
}

#[test]
fn a_type_of_arrow_ipc_that_is_not_written_is_a_verdict_that_names_the_column() {
    let project = Project::of_columns("- { name: a, logicalType: integer }");
    let spans: ArrayRef =
        Arc::new(IntervalMonthDayNanoArray::from(vec![IntervalMonthDayNano::new(1, 0, 0)]));
    let batch = RecordBatch::try_from_iter([("a", longs([1])), ("b", spans)]).unwrap();
    let file = std::fs::File::create(project.path().join("a.arrow")).unwrap();
    let mut writer = FileWriter::try_new(file, &batch.schema()).unwrap();
    writer.write(&batch).unwrap();
    writer.finish().unwrap();
    let report = project.check("a.arrow");
    let reason = clause(&report, "t/readable")["reason"].as_str().unwrap();
    assert!(reason.contains("column 'b' has the type interval ("), "{reason}");
    assert!(reason.contains("deliver an integer with its unit in the name"), "{reason}");
}
