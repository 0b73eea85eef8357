//! Streams that end before their rows do: a task that fails is not the end of a result.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array};

use crate::support::{Project, command, longs};

const FORMATS: [&str; 6] = ["table", "json", "ndjson", "csv", "arrow", "parquet"];

fn project() -> Project {
    let project = Project::of_columns("- { name: a, logicalType: integer, primaryKey: true }");
    let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(0..60_000));
    project.parquet("a.parquet", vec![("a", numbers)]);
    project.publish("a.parquet");
    project
}

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// Fails for the last of the rows.
const FALLS: &str = "10 / (59999 - a)";

/// Queries whose rows are computed by one task, or by several behind each other.
fn queries() -> Vec<String> {
    vec![
        format!("select a, {FALLS} as p from t.t"),
        format!("select count(*) as n from t.t where {FALLS} > 0"),
        format!("select {FALLS} as p, count(*) as n from t.t group by 1"),
        format!("select a from t.t order by {FALLS}, a"),
        format!("select x.a from t.t x join (select {FALLS} as p from t.t) y on x.a = y.p"),
        format!("select a from t.t union all select cast({FALLS} as bigint) from t.t"),
    ]
}

#[test]
fn a_late_failure_in_a_query_is_one_diagnostic_and_no_whole_result() {
    let project = project();
    for query in queries() {
        for format in FORMATS {
            let output = command(project.path())
                .args(["query", &query, "--format", format])
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(2), "{format} {query}: {said}");
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            for words in ["panicked", "RUST_BACKTRACE", "thread '"] {
                assert!(!said.contains(words) && !text.contains(words), "{said}");
            }
            match format {
                "json" if text.starts_with('{') => {
                    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
                    assert_eq!(document["error"]["sqlstate"], "22012", "{query}");
                    assert!(said.is_empty(), "{said}");
                    continue;
                }
                "json" => assert!(serde_json::from_str::<serde_json::Value>(&text).is_err()),
                "table" => assert!(text.is_empty(), "{text}"),
                "arrow" => assert!(!output.stdout.ends_with(&[0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0])),
                "parquet" => assert!(!output.stdout.ends_with(b"PAR1") || output.stdout.len() <= 4),
                // These formats have no end mark: the exit code tells.
                _ => {}
            }
            assert_eq!(said.matches("error:").count(), 1, "{format} {query}: {said}");
            assert!(said.contains("division by zero"), "{said}");
        }
    }
}

#[test]
fn a_file_that_a_failure_cuts_is_removed_and_the_one_before_stays() {
    let project = project();
    project.write("out/kept", "before");
    for (n, query) in queries().iter().enumerate() {
        // How rows are computed does not matter to the formats.
        let formats = if n == 0 { &FORMATS[..] } else { &FORMATS[1..2] };
        for (format, name) in formats.iter().flat_map(|f| [(f, "out/kept"), (f, "out/new")]) {
            let arguments = ["query", query, "--format", format, "-o", name];
            project.run(&arguments).expect(2);
            assert_eq!(files(&project.path().join("out")), ["kept"], "{format} {query}");
        }
    }
    assert_eq!(std::fs::read_to_string(project.path().join("out/kept")).unwrap(), "before");
    // The same without the row at fault.
    let query = format!("select a, {FALLS} as p from t.t where a < 59999");
    project.run(&["query", &query, "--format", "csv", "-o", "out/kept"]).expect(0);
    let text = std::fs::read_to_string(project.path().join("out/kept")).unwrap();
    assert_eq!(text.lines().count(), 60_000);
}

/// Needs memory for a text of 2 GiB and time to copy it: a part of the long run.
#[test]
fn a_text_beyond_two_gigabytes_is_an_error_whichever_function_makes_it() {
    let queries = [
        "length(t || t)",
        "length(encode(cast(t as bytea), 'hex'))",
        "length(array_to_string(array[t, t], ','))",
        "length(concat(t, t))",
    ];
    let doubled = "with recursive r as (select 'x' as t, 0 as n union all \
                   select t || t, n + 1 from r where n < 30)";
    let count = crate::support::times("PACTUM_TEST_LONG_TEXTS", 0).min(queries.len());
    let project = project();
    for query in &queries[..count] {
        let query = format!("{doubled} select {query} as l from r where n = 30");
        let run = project.run(&[
            "query",
            &query,
            "--format",
            "json",
            "--memory-limit",
            "16GB",
            "--timeout",
            "0",
        ]);
        assert_eq!(run.expect(3).json()["error"]["code"], "too-large", "{query}");
    }
    let refused = project.run(&["query", "select repeat('x', 2000000000)"]).expect(3);
    assert!(refused.stderr.contains("repeat"), "{}", refused.stderr);
    crate::support::note("texts beyond 2 GiB in a query", count, "an error each");
}

#[test]
fn an_arrow_stream_without_its_end_is_no_delivery() {
    let project = project();
    let batch = arrow::array::RecordBatch::try_from_iter([("a", longs([1, 2]))]).unwrap();
    let mut bytes = Vec::new();
    let mut writer =
        arrow::ipc::writer::StreamWriter::try_new(&mut bytes, &batch.schema()).unwrap();
    writer.write(&batch).unwrap();
    writer.write(&batch).unwrap();
    writer.finish().unwrap();
    drop(writer);
    let path = project.path().join("a.arrow");
    std::fs::write(&path, &bytes).unwrap();
    assert_eq!(project.check("a.arrow")["tables"][0]["rows"], 4);
    // Its writer died: between two messages, or within the mark.
    for cut in [8, 4] {
        std::fs::write(&path, &bytes[..bytes.len() - cut]).unwrap();
        let report = project.check("a.arrow");
        let readable = crate::support::clause(&report, "t/readable");
        assert!(readable["reason"].as_str().unwrap().contains("no end mark"), "{readable}");
    }
}
