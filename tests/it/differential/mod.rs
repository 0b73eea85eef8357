//! Counts equal those of a plain oracle that looks at one row after the other.

mod row;
mod rules;
mod write;

use std::collections::HashMap;

use arrow::array::{Array, AsArray};
use arrow::datatypes::{Float64Type, Int64Type};
use serde_json::Value;

use crate::support::{Project, Random, clause, contract, note, times};
use row::{Column, Input, Row, Shape, Within, row};
use rules::{Stated, rules};

/// The files of one table: their rows, and how they are written.
fn delivery(random: &mut Random) -> Vec<(Shape, Vec<Row>)> {
    let mut rows: Vec<Row> = (0..random.below(150)).map(|_| row(random)).collect();
    if random.below(3) == 0 {
        rows.sort_by_key(|r| (r.whole.get().is_none(), r.whole.get()));
    }
    let input = match random.below(5) {
        0 => Input::Csv,
        // Without an object there is nothing to read.
        1 if !rows.is_empty() => Input::Ndjson,
        _ => Input::Parquet,
    };
    let most = rows.len() as u64;
    let cut = match input {
        Input::Ndjson if most > 1 => 1 + random.below(most - 1) as usize,
        Input::Ndjson => 1,
        _ => random.below(most + 1) as usize,
    };
    let right = rows.split_off(cut);
    let mut files = Vec::new();
    for mut rows in [rows, right] {
        if rows.is_empty() && input == Input::Ndjson {
            continue;
        }
        let shape = Shape::any(input, random);
        rows.iter_mut().for_each(|row| shape.keep(row));
        files.push((shape, rows));
    }
    files
}

#[test]
fn counts_equal_those_of_a_plain_oracle() {
    let count = times("PACTUM_TEST_TABLES", 100);
    let mut random = Random(times("PACTUM_TEST_SEED", 17) as u64);
    let mut failing = 0;
    for n in 0..count {
        let (columns, stated) = rules(&mut random);
        let project = Project::new(&[("t", &contract("1.0.0", &columns, ""))]);
        let files = delivery(&mut random);
        for (at, (shape, rows)) in files.iter().enumerate() {
            write::write(rows, shape, &project.path().join("d"), &at.to_string(), &mut random);
        }
        let report = project.check("d");
        let shapes: Vec<&Shape> = files.iter().map(|(shape, _)| shape).collect();
        let told = format!("table {n}, {shapes:?}\n{columns}");
        assert!(report["tables"].is_array(), "{told}\n{report:#}");
        let rows: Vec<&Row> = files.iter().flat_map(|(_, rows)| rows).collect();
        for Stated { id, fails } in &stated {
            let expected = rows.iter().filter(|row| fails(row)).count();
            let found = clause(&report, id);
            // What was decided without rows counts none.
            let failed = found["failing_rows"].as_u64().unwrap_or(0);
            assert_eq!(failed, expected as u64, "{id}: {found:#}\n{told}");
            let verdict = if expected > 0 { &["failed"][..] } else { &["passed", "informational"] };
            assert!(
                verdict.contains(&found["verdict"].as_str().unwrap()),
                "{id}: {found:#}\n{told}"
            );
            failing += usize::from(expected > 0);
        }
        let unique = clause(&report, "t/whole/unique");
        assert_eq!(unique["measured"], duplicates(&rows), "{unique:#}\n{told}");
        no_other_trouble(&report, &stated, &told);
    }
    assert!(failing > count * 8, "the rules are too mild: {failing}");
    note("random tables against a plain oracle", count, "every count is the oracle's");
}

fn duplicates(rows: &[&Row]) -> u64 {
    let mut seen: HashMap<i64, u64> = HashMap::new();
    rows.iter().filter_map(|r| r.whole.get()).for_each(|v| *seen.entry(v).or_default() += 1);
    seen.values().map(|n| n - 1).sum()
}

/// No clause fails, or cannot be tested, that the oracle does not know.
fn no_other_trouble(report: &Value, stated: &[Stated], told: &str) {
    for found in report["tables"][0]["clauses"].as_array().unwrap() {
        let id = found["id"].as_str().unwrap();
        let known = id == "t/whole/unique" || stated.iter().any(|s| s.id == id);
        let trouble = ["failed", "not-executed"].contains(&found["verdict"].as_str().unwrap());
        assert!(known || !trouble, "{found:#}\n{told}");
    }
}

/// The builders make what they are meant to.
#[test]
fn the_oracles_rows_are_the_files_rows() {
    let mut random = Random(1);
    let shape = Shape {
        input: Input::Parquet,
        place: Column::Typed,
        within: Within::All,
        items: Column::Typed,
        visits: Column::Typed,
        counts: Column::Null,
        note: Column::Null,
        must: Column::Typed,
    };
    let mut rows: Vec<Row> = (0..50).map(|_| row(&mut random)).collect();
    rows.iter_mut().for_each(|row| shape.keep(row));
    let folder = tempfile::tempdir().unwrap();
    write::write(&rows, &shape, folder.path(), "a", &mut random);
    let open = std::fs::File::open(folder.path().join("a.parquet")).unwrap();
    let reader = parquet::arrow::arrow_reader::ParquetRecordBatchReader::try_new(open, 7).unwrap();
    let mut at = 0;
    for batch in reader {
        let batch = batch.unwrap();
        let column = |name: &str| batch.column_by_name(name).unwrap();
        for n in 0..batch.num_rows() {
            let whole = column("whole").as_primitive::<Int64Type>();
            let number = column("number").as_primitive::<Float64Type>();
            assert_eq!(whole.is_valid(n).then(|| whole.value(n)), rows[at].whole.get());
            let same = number.is_valid(n).then(|| number.value(n).to_bits());
            assert_eq!(same, rows[at].number.get().map(f64::to_bits));
            let place = column("place").as_struct();
            assert_eq!(place.is_valid(n), rows[at].place.is_some());
            let city = place.column(0).as_string::<i32>();
            let found = (place.is_valid(n) && city.is_valid(n)).then(|| city.value(n));
            let expected = rows[at].place.as_ref().and_then(|place| place.city.as_deref());
            assert_eq!(found, expected);
            assert_eq!(column("note").logical_null_count(), batch.num_rows());
            at += 1;
        }
    }
    assert_eq!(at, 50);
}
