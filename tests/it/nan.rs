//! A released table claims about its columns what staging has seen: NaN, NULL, zeros, lying footers.

use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float32Array, Float64Array, Int64Array, ListArray, StructArray};
use arrow::datatypes::{DataType, Field, Float64Type};
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::statistics::Statistics;
use serde_json::{Value, json};

use crate::support::{Project, clause, contract, longs};

fn floats(values: impl IntoIterator<Item = f64>) -> ArrayRef {
    Arc::new(Float64Array::from_iter_values(values))
}

/// The data files of table `t`.
fn files(project: &Project) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(project.path().join("warehouse/t/v1/t")) else {
        return Vec::new();
    };
    let paths = entries.map(|e| e.unwrap().path());
    paths.filter(|p| p.extension().is_some_and(|e| e == "parquet")).collect()
}

/// Minimum and maximum that the footers hold of a leaf, by its dotted path; none where one file or row
/// group holds none.
fn footer_range(project: &Project, leaf: &str) -> Option<(Vec<u8>, Vec<u8>)> {
    let mut found = None;
    let files = files(project);
    assert!(!files.is_empty());
    for path in files {
        let reader = SerializedFileReader::new(std::fs::File::open(path).unwrap()).unwrap();
        for group in reader.metadata().row_groups() {
            let column = group.columns().iter().find(|c| c.column_path().string() == leaf).unwrap();
            let statistics: Option<&Statistics> = column.statistics();
            let statistics = statistics.filter(|s| s.min_bytes_opt().is_some());
            // The index of pages says the same, or nothing.
            assert_eq!(column.column_index_offset().is_some(), statistics.is_some(), "{leaf}");
            let statistics = statistics?;
            found =
                Some((statistics.min_bytes_opt()?.to_vec(), statistics.max_bytes_opt()?.to_vec()));
        }
    }
    found
}

/// The statistics of the only `add` of the table's newest version.
fn delta_statistics(project: &Project) -> Value {
    let log = project.path().join("warehouse/t/v1/t/_delta_log");
    let mut versions: Vec<PathBuf> =
        std::fs::read_dir(log).unwrap().map(|e| e.unwrap().path()).collect();
    versions.retain(|p| p.extension().is_some_and(|e| e == "json"));
    versions.sort();
    let text = std::fs::read_to_string(versions.last().unwrap()).unwrap();
    let lines = text.lines().map(|l| serde_json::from_str::<Value>(l).unwrap());
    let adds: Vec<Value> = lines.filter(|l| !l["add"].is_null()).collect();
    assert_eq!(adds.len(), 1);
    assert_eq!(
        files(project)
            .iter()
            .map(|p| p.file_name().unwrap().to_str().unwrap().to_owned())
            .collect::<Vec<_>>(),
        [adds[0]["add"]["path"].as_str().unwrap()],
        "nothing of an earlier pass is left"
    );
    serde_json::from_str(adds[0]["add"]["stats"].as_str().unwrap()).unwrap()
}

fn number(project: &Project, sql: &str) -> Value {
    project.query(sql)[0]["n"].clone()
}

const WAIVED: &str = "check:\n- { contract: t, clause: t/score/minimum, reason: known, approved_by: ann, expires: 2999-01-01 }\n";

fn bounded(options: &str) -> Project {
    let columns = format!(
        "- {{ name: id, logicalType: integer, primaryKey: true }}\n\
         - {{ name: score, logicalType: number, logicalTypeOptions: {options} }}"
    );
    Project::of_columns(&columns)
}

#[test]
fn a_nan_under_a_waived_bound_costs_the_column_its_statistics_and_no_reader_a_row() {
    // In the first batch; far behind it, so that staging has begun; out of order, so that it is sorted.
    let rows = 40_000;
    for (name, nan, step) in [("early", 1, 1), ("late", rows - 2, 1), ("sorted", rows - 2, -1)] {
        let project = bounded("{ minimum: 0 }");
        project.write("waivers.yaml", WAIVED);
        let value = |n: i64| if n == nan { f64::NAN } else { n as f64 / rows as f64 };
        let ids: Vec<i64> = match step {
            1 => (0..rows).collect(),
            _ => (0..rows).rev().collect(),
        };
        let scores = floats(ids.iter().copied().map(value));
        project.parquet("a.parquet", vec![("id", longs(ids)), ("score", scores)]);
        let report = project.publish("a.parquet");
        assert_eq!(report["outcome"], "released", "{name}: {report:#}");
        assert_eq!(clause(&report, "t/score/minimum")["verdict"], "waived");
        assert_eq!(footer_range(&project, "score"), None, "{name}");
        assert!(footer_range(&project, "id").is_some(), "{name}");
        let statistics = delta_statistics(&project);
        assert_eq!(statistics["maxValues"], json!({ "id": rows - 1 }), "{name}");
        assert_eq!(statistics["numRecords"], rows, "{name}");
        // In PostgreSQL NaN is greater than every number.
        let sql = "select count(*) n from t.t where score > 1000";
        assert_eq!(number(&project, sql), 1, "{name}");
        assert_eq!(number(&project, "select count(*) n from t.t"), rows, "{name}");
    }
}

#[test]
fn a_flag_beside_no_bound_promises_nothing() {
    for options in
        ["{ exclusiveMinimum: false }", "{ exclusiveMaximum: false, exclusiveMinimum: false }"]
    {
        let text = contract(
            "1.0.0",
            &format!(
                "- {{ name: id, logicalType: integer, primaryKey: true }}\n\
                 - {{ name: score, logicalType: number, logicalTypeOptions: {options} }}"
            ),
            "",
        );
        let project = Project::new(&[("t", &text.replace("v3.2.0", "v3.0.2"))]);
        project.parquet(
            "a.parquet",
            vec![("id", longs(0..3)), ("score", floats([1.0, f64::NAN, 2.0]))],
        );
        let report = project.publish("a.parquet");
        assert_eq!(report["outcome"], "released", "{report:#}");
        assert_eq!(footer_range(&project, "score"), None);
        assert_eq!(number(&project, "select count(*) n from t.t where score > 1000"), 1);
        assert_eq!(delta_statistics(&project)["maxValues"], json!({ "id": 2 }));
    }
}

#[test]
fn bounded_floats_without_nan_keep_their_statistics_and_zeros_are_in_them() {
    let project = bounded("{ minimum: 0 }");
    for (file, values, greatest) in [("a", [-0.0, -0.0], 0.0), ("b", [0.0, 0.5], 0.5)] {
        let name = format!("{file}.parquet");
        project.parquet(&name, vec![("id", longs(0..2)), ("score", floats(values))]);
        assert_eq!(project.publish(&name)["outcome"], "released");
        let project_files = files(&project);
        if project_files.len() > 1 {
            // The older release's file stays.
            assert_eq!(number(&project, "select count(*) n from t.t where score >= 0"), 2);
            continue;
        }
        let least = delta_statistics(&project)["minValues"]["score"].as_f64().unwrap();
        assert!(least == 0.0 && least.is_sign_negative(), "{least}");
        let (low, high) = footer_range(&project, "score").unwrap();
        assert_eq!(low, (-0.0_f64).to_le_bytes(), "the least zero is the negative one");
        assert_eq!(high, f64::to_le_bytes(greatest), "the greatest zero is the positive one");
        for (condition, rows) in
            [("score >= 0", 2), ("score <= 0", 2), ("score < 0", 0), ("score > 0", 0)]
        {
            let sql = format!("select count(*) n from t.t where {condition}");
            assert_eq!(number(&project, &sql), rows, "{condition}");
        }
    }
}

#[test]
fn floats_inside_other_values_have_no_statistics() {
    let columns = "- { name: id, logicalType: integer, primaryKey: true }\n\
        - { name: box, logicalType: object, properties: [{ name: inner, logicalType: number, logicalTypeOptions: { minimum: 0 } }, { name: n, logicalType: integer }] }\n\
        - { name: list, logicalType: array, items: { logicalType: number, logicalTypeOptions: { minimum: 0 } } }";
    let project = Project::of_columns(columns);
    let inner: ArrayRef = Arc::new(Float32Array::from(vec![1.0, 2.0]));
    let boxed: ArrayRef = Arc::new(StructArray::from(vec![
        (Arc::new(Field::new("inner", DataType::Float32, true)), inner),
        (Arc::new(Field::new("n", DataType::Int64, true)), longs([1, 2])),
    ]));
    let list: ArrayRef = Arc::new(ListArray::from_iter_primitive::<Float64Type, _, _>([
        Some(vec![Some(1.0)]),
        Some(vec![Some(2.0)]),
    ]));
    project.parquet("a.parquet", vec![("id", longs(0..2)), ("box", boxed), ("list", list)]);
    let report = project.publish("a.parquet");
    assert_eq!(report["outcome"], "released", "{report:#}");
    assert_eq!(footer_range(&project, "box.inner"), None);
    assert_eq!(footer_range(&project, "list.list.element"), None);
    assert!(footer_range(&project, "box.n").is_some());
}

/// Writes `a` and `id`, four rows of a key each, as one plain page a column.
fn plain_pages(project: &Project, name: &str) -> Vec<u8> {
    let a: ArrayRef = Arc::new(Int64Array::from(vec![7; 4]));
    let columns = vec![("a", a, true), ("id", longs(0..4), true)];
    let batch = arrow::array::RecordBatch::try_from_iter_with_nullable(columns).unwrap();
    let properties = WriterProperties::builder()
        .set_compression(Compression::UNCOMPRESSED)
        .set_dictionary_enabled(false)
        .build();
    let path = project.path().join(name);
    let file = std::fs::File::create(&path).unwrap();
    let mut writer =
        parquet::arrow::ArrowWriter::try_new(file, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    std::fs::read(path).unwrap()
}

#[test]
fn a_publish_takes_no_verdict_from_a_footer() {
    let columns = "- { name: id, logicalType: integer, primaryKey: true, required: true }\n\
        - { name: a, logicalType: integer, required: true, logicalTypeOptions: { maximum: 9 } }";
    // Four levels that say "there is a value", as one run; the footer counts no NULL.
    let run = [2, 0, 0, 0, 8, 1];
    for (column, clause_id) in [(0, "t/a/required"), (1, "t/id/required")] {
        let project = Project::of_columns(columns);
        let mut bytes = plain_pages(&project, "a.parquet");
        let pages: Vec<usize> =
            (0..bytes.len() - run.len()).filter(|n| bytes[*n..].starts_with(&run)).collect();
        assert_eq!(pages.len(), 2);
        bytes[pages[column] + 5] = 0;
        std::fs::write(project.path().join("a.parquet"), bytes).unwrap();
        let trusted =
            project.run(&["check", "t", "a.parquet", "--trust-statistics", "--format", "json"]);
        assert_eq!(clause(&trusted.json(), clause_id)["answered"], "statistics", "the footer lies");
        let arguments = ["publish", "t", "t=a.parquet", "--trust-statistics", "--format", "json"];
        let report = project.run(&arguments).expect(1).json();
        assert_eq!(report["outcome"], "rejected");
        let found = clause(&report, clause_id);
        assert_eq!((&found["failing_rows"], &found["answered"]), (&json!(4), &json!("scanned")));
        assert!(!project.path().join("warehouse/t/v1").exists());
    }
    // Nor of a bound: the values are others than the footer says.
    let project = Project::of_columns(columns);
    let bytes = plain_pages(&project, "a.parquet");
    let values: Vec<u8> = [7_i64; 4].iter().flat_map(|v| v.to_le_bytes()).collect();
    let at = (0..bytes.len()).find(|n| bytes[*n..].starts_with(&values)).unwrap();
    let mut lying = bytes;
    lying[at] = 77;
    std::fs::write(project.path().join("a.parquet"), lying).unwrap();
    let arguments = ["publish", "t", "t=a.parquet", "--trust-statistics", "--format", "json"];
    let report = project.run(&arguments).expect(1).json();
    assert_eq!(clause(&report, "t/a/maximum")["failing_rows"], 1);
    assert!(!project.path().join("warehouse/t/v1").exists());
}
