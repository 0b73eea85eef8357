//! Real deliveries: OULAD and MovieTweetings.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Int32Array, RecordBatch};
use arrow::compute::concat_batches;
use arrow::datatypes::{Int32Type, Int64Type};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::{Value, json};

use crate::support::{Run, clause, pactum, root, shared};

pub const OULAD: &[&str] =
    &["courses", "assessments", "studentInfo", "studentRegistration", "studentAssessment", "vle"];
pub const DAYS: std::ops::RangeInclusive<u32> = 19..=26;

fn run(project: &str, warehouse: &Path, arguments: &[&str]) -> Run {
    let project = root().join("examples").join(project);
    let all = ["--project", project.to_str().unwrap(), "--warehouse", warehouse.to_str().unwrap()];
    pactum(&root(), &[&all[..], arguments].concat())
}

fn oulad_files(folder: &Path) -> Vec<String> {
    OULAD.iter().map(|t| format!("{t}={}", folder.join(format!("{t}.parquet")).display())).collect()
}

#[test]
fn oulad_is_checked_published_as_one_release_and_joined() {
    let Some(folder) = shared("data/oulad") else { return };
    let warehouse = tempfile::tempdir().unwrap();
    let files = oulad_files(&folder);
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let checked = run(
        "oulad",
        warehouse.path(),
        &[&["check", "oulad"], &files[..], &["--format", "json"]].concat(),
    );
    let report = checked.expect(0).json();
    assert_eq!(clause(&report, "studentInfo/of-course")["verdict"], "passed");
    assert_eq!(clause(&report, "studentAssessment/score/maximum")["measured"], 0);
    let published = run(
        "oulad",
        warehouse.path(),
        &[&["publish", "oulad"], &files[..], &["--format", "json"]].concat(),
    );
    let report = published.expect(0).json();
    let rows: Vec<u64> =
        report["tables"].as_array().unwrap().iter().map(|t| t["rows"].as_u64().unwrap()).collect();
    assert_eq!(rows, [22, 206, 32_593, 32_593, 173_912, 6_364]);
    let released = run("oulad", warehouse.path(), &["query", "mean_scores", "--format", "json"])
        .expect(0)
        .json();
    assert_eq!(rounded(&released), rounded(&raw_means(&folder)));
    assert_eq!(released.as_array().unwrap().len(), 22);
}

/// Means differ in the last digits with the order of addition.
fn rounded(rows: &Value) -> Vec<String> {
    let row = |r: &Value| {
        let text = |key: &str| r[key].as_str().unwrap_or_default().to_owned();
        let mean = r["mean_score"].as_f64();
        format!(
            "{} {} {} {:?}",
            text("code_module"),
            text("code_presentation"),
            r["submissions"],
            mean.map(|m| format!("{m:.9}"))
        )
    };
    rows.as_array().unwrap().iter().map(row).collect()
}

/// The same query by DataFusion over the raw files.
fn raw_means(folder: &Path) -> Value {
    use datafusion::prelude::{ParquetReadOptions, SessionContext};
    let sql = std::fs::read_to_string(root().join("examples/oulad/sql/mean_scores.sql")).unwrap();
    let sql = sql.replace("oulad.", "");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let context = SessionContext::new();
        for table in OULAD {
            let path = folder.join(format!("{table}.parquet"));
            let options = ParquetReadOptions::default();
            context
                .register_parquet(table.to_lowercase(), path.to_str().unwrap(), options)
                .await
                .unwrap();
        }
        let batches = context.sql(&sql).await.unwrap().collect().await.unwrap();
        let mut rows = Vec::new();
        for batch in &batches {
            for row in 0..batch.num_rows() {
                let value = |n: usize| pactum::engine::json::value_at(batch.column(n), row);
                rows.push(json!({
                    "code_module": value(0), "code_presentation": value(1),
                    "submissions": value(2), "mean_score": value(3),
                }));
            }
        }
        Value::Array(rows)
    })
}

pub fn day(folder: &Path, day: u32) -> PathBuf {
    folder.join(format!("ratings-2013-08-{day}.parquet"))
}

fn publish_day(warehouse: &Path, file: &Path) -> Run {
    let pair = format!("ratings={}", file.display());
    run("movietweetings", warehouse, &["publish", "movietweetings", &pair, "--format", "json"])
}

#[test]
fn eight_days_of_movietweetings_are_eight_releases_and_bad_days_change_nothing() {
    let Some(folder) = shared("data/movietweetings") else { return };
    let warehouse = tempfile::tempdir().unwrap();
    let mut rows = Vec::new();
    for number in DAYS {
        let report = publish_day(warehouse.path(), &day(&folder, number)).expect(0).json();
        assert_eq!(report["release"], number - 18);
        rows.push(report["tables"][0]["rows"].as_u64().unwrap());
    }
    assert_eq!(rows.first(), Some(&90_830));
    let count = |release: usize| {
        let sql = "select count(*) n, count(distinct user_id) u from movietweetings.ratings";
        let release = release.to_string();
        let asked = run(
            "movietweetings",
            warehouse.path(),
            &["query", sql, "--release", &release, "--format", "json"],
        );
        asked.expect(0).json()[0]["n"].as_u64().unwrap()
    };
    for (n, rows) in rows.iter().enumerate() {
        assert_eq!(count(n + 1), *rows, "release {}", n + 1);
    }
    let empty =
        publish_day(warehouse.path(), &folder.join("ratings-2015-09-19.parquet")).expect(1).json();
    assert_eq!(empty["outcome"], "rejected");
    let readable = clause(&empty, "ratings/readable");
    assert_eq!(readable["verdict"], "failed");
    assert!(
        readable["reason"].as_str().unwrap().contains("the file is empty (0 bytes)"),
        "{readable}"
    );

    let spoiled = warehouse.path().join("spoiled.parquet");
    spoil(&day(&folder, 26), &spoiled);
    let report = publish_day(warehouse.path(), &spoiled).expect(1).json();
    assert_eq!(report["outcome"], "rejected");
    let maximum = clause(&report, "ratings/rating/maximum");
    assert_eq!(
        (&maximum["failing_rows"], &maximum["samples"][0]["row"], &maximum["samples"][0]["value"]),
        (&json!(1), &json!(1234), &json!(11))
    );
    let key = clause(&report, "ratings/primaryKey");
    assert_eq!(key["failing_rows"], 1);
    let found: Vec<u64> =
        key["samples"].as_array().unwrap().iter().map(|s| s["row"].as_u64().unwrap()).collect();
    assert_eq!(found, [500, 501]);
    let releases =
        run("movietweetings", warehouse.path(), &["releases", "--format", "json"]).expect(0).json();
    assert_eq!(releases.as_array().unwrap().len(), 8);
    let attempts =
        run("movietweetings", warehouse.path(), &["releases", "--all", "--format", "json"])
            .expect(0)
            .json();
    assert_eq!(attempts.as_array().unwrap().len(), 10);
    assert_eq!(count(8), rows[7]);
}

/// One rating becomes 11, one key occurs twice.
fn spoil(from: &Path, to: &Path) {
    let reader =
        ParquetRecordBatchReaderBuilder::try_new(std::fs::File::open(from).unwrap()).unwrap();
    let schema = reader.schema().clone();
    let batches: Vec<RecordBatch> = reader.build().unwrap().map(Result::unwrap).collect();
    let batch = concat_batches(&schema, &batches).unwrap();
    let mut columns = batch.columns().to_vec();
    let ratings = columns[2].as_primitive::<Int32Type>();
    let ratings: Int32Array = (0..ratings.len())
        .map(|row| Some(if row == 1234 { 11 } else { ratings.value(row) }))
        .collect();
    columns[2] = Arc::new(ratings) as ArrayRef;
    let users = columns[0].as_primitive::<Int64Type>().clone();
    columns[0] = Arc::new(arrow::array::Int64Array::from_iter_values(
        (0..users.len()).map(|row| users.value(if row == 501 { 500 } else { row })),
    ));
    let indices: arrow::array::UInt32Array =
        (0..batch.num_rows() as u32).map(|row| Some(if row == 501 { 500 } else { row })).collect();
    columns[1] = arrow::compute::take(&columns[1], &indices, None).unwrap();
    let spoiled = RecordBatch::try_new(schema, columns).unwrap();
    let mut writer =
        ArrowWriter::try_new(std::fs::File::create(to).unwrap(), spoiled.schema(), None).unwrap();
    writer.write(&spoiled).unwrap();
    writer.close().unwrap();
}

#[test]
fn movietweetings_drift_is_what_no_single_file_shows() {
    let Some(folder) = shared("data/movietweetings") else { return };
    let text = std::fs::read_to_string(
        root().join("examples/movietweetings/contracts/movietweetings.odcs.yaml"),
    )
    .unwrap();
    let more = "      - { id: keys-stay, type: custom, engine: pactum, severity: warning, implementation: { metric: keysKept, mustBeGreaterOrEqualTo: 90 } }\n\
                \x20     - { id: grows, metric: rowCount, mustBeGreaterOrEqualTo: 0, customProperties: [{ property: compareTo, value: previous }] }\n";
    let project = crate::support::Project::new(&[("m", &(text + more))]);
    let day = |day: u32| format!("ratings={}/ratings-2013-08-{day}.parquet", folder.display());
    project.run(&["publish", "movietweetings", &day(19)]).expect(0);
    let report =
        project.run(&["check", "movietweetings", &day(20), "--format", "json"]).expect(0).json();
    let kept = clause(&report, "ratings/keys-stay");
    assert_eq!(kept["verdict"], "failed");
    let share = kept["measured"].as_f64().unwrap();
    assert!(share < 10.0, "{share} % of the keys survive");
    assert!(clause(&report, "ratings/grows")["measured"].as_i64().unwrap() > 0);
}
