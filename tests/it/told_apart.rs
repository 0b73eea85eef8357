//! NULL, NaN and texts that read like them look different in every report.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array};
use arrow::util::pretty::pretty_format_batches;
use parquet::arrow::arrow_reader::ParquetRecordBatchReader;
use serde_json::{Value, json};

use crate::support::{Project, clause, longs, texts};

const COLUMNS: &str = "\
- { name: id, logicalType: integer, primaryKey: true }
- { name: score, logicalType: number, required: true, logicalTypeOptions: { minimum: 0 } }
- { name: note, logicalType: string, required: true, enum: [{ value: good }] }";

fn project() -> Project {
    let project = Project::of_columns(COLUMNS);
    let score: ArrayRef =
        Arc::new(Float64Array::from(vec![Some(f64::NAN), None, Some(1.0), Some(1.0), Some(1.0)]));
    let note = texts([Some("NULL"), Some("NaN"), None, Some("nan"), Some("")]);
    project.parquet(
        "a.parquet",
        vec![("id", longs([1, 2, 3, 4, 5])), ("score", score), ("note", note)],
    );
    project
}

#[test]
fn null_nan_and_texts_look_different_for_people() {
    let said = project().run(&["check", "t", "a.parquet", "--samples", "9"]).expect(1).stdout;
    for line in [
        "row 0  (id=1)  score = NaN\n",
        "row 1  (id=2)  score = NULL\n",
        "row 0  (id=1)  note = 'NULL'\n",
        "row 1  (id=2)  note = 'NaN'\n",
        "row 2  (id=3)  note = NULL\n",
        "row 3  (id=4)  note = 'nan'\n",
        "row 4  (id=5)  note = ''\n",
    ] {
        assert!(said.contains(line), "{line}{said}");
    }
}

#[test]
fn null_nan_and_texts_look_different_in_json_and_on_the_page() {
    let project = project();
    let run = |format: &str| {
        project.run(&["check", "t", "a.parquet", "--samples", "9", "--format", format]).expect(1)
    };
    let report = run("json").json();
    let values = |id: &str| -> Vec<(Value, Value)> {
        let samples = clause(&report, id)["samples"].as_array().unwrap().clone();
        samples.iter().map(|s| (s["value"].clone(), s["texts"].clone())).collect()
    };
    assert_eq!(values("t/score/minimum"), [(json!("NaN"), Value::Null)]);
    assert_eq!(values("t/score/required"), [(Value::Null, Value::Null)]);
    assert_eq!(values("t/note/required"), [(Value::Null, Value::Null)]);
    let notes = values("t/note/enum");
    assert_eq!(notes[0], (json!("NULL"), Value::Null));
    assert_eq!(notes[1], (json!("NaN"), json!(["note"])));
    let page = run("html").stdout;
    let page = page.replace("&#39;", "'");
    for cell in
        ["<td>NaN</td>", "<td>NULL</td>", "<td>'NULL'</td>", "<td>'NaN'</td>", "<td>''</td>"]
    {
        assert!(page.contains(cell), "{cell}: {page}");
    }
    let junit = run("junit").stdout;
    assert!(junit.contains("score = NaN") && junit.contains("note = NULL"), "{junit}");
}

#[test]
fn a_quarantine_keeps_the_texts_that_are_not_values() {
    let project = Project::of_columns(COLUMNS);
    project.write(
        "a.csv",
        "id,score,note\n1,NULL,good\n2,,good\n3,NaN,good\n4,0.5,NULL\nNULL,1,good\n6,1,good\n",
    );
    project.run(&["check", "t", "a.csv", "--quarantine", "bad", "--pass", "good"]).expect(1);
    let file = std::fs::File::open(project.path().join("bad/t/0-a.csv.parquet"))
        .or_else(|_| std::fs::File::open(project.path().join("bad/t/0-a.parquet")))
        .unwrap();
    let batches: Vec<_> =
        ParquetRecordBatchReader::try_new(file, 100).unwrap().map(Result::unwrap).collect();
    let schema = batches[0].schema();
    let wanted = ["id", "score", "note", "pactum_row", "pactum_texts"];
    let indices: Vec<usize> = wanted.iter().map(|name| schema.index_of(name).unwrap()).collect();
    let shown =
        pretty_format_batches(&[batches[0].project(&indices).unwrap()]).unwrap().to_string();
    insta::assert_snapshot!("quarantined-texts", shown);
    // Of typed files there are none.
    let typed = self::project();
    typed.run(&["check", "t", "a.parquet", "--quarantine", "bad"]).expect(1);
    let file = std::fs::File::open(typed.path().join("bad/t/0-a.parquet")).unwrap();
    let reader = ParquetRecordBatchReader::try_new(file, 100).unwrap();
    assert!(arrow::array::RecordBatchReader::schema(&reader).index_of("pactum_texts").is_err());
}
