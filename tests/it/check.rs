//! Check: verdicts are exact, failures are located, nothing is skipped silently.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, Date32Array, Decimal128Array, DictionaryArray, Float32Array, Float64Array,
    Int32Array, Int64Array, ListArray, TimestampMicrosecondArray, TimestampMillisecondArray,
    TimestampNanosecondArray,
};
use arrow::datatypes::{DataType, Field, Float32Type, Int32Type, Schema};
use serde_json::{Value, json};

use crate::support::{Project, clause, contract, longs, texts};

fn floats(values: &[f64]) -> ArrayRef {
    Arc::new(Float64Array::from(values.to_vec()))
}

/// Checks one column `a` and returns the clause of a kind on it.
fn verdict(column: &str, array: ArrayRef, kind: &str) -> Value {
    let project = Project::of_columns(&format!("- {{ name: a, {column} }}"));
    project.parquet("a.parquet", vec![("a", array)]);
    let report = project.check("a.parquet");
    clause(&report, &format!("t/a/{kind}")).clone()
}

#[track_caller]
fn fails(clause: &Value, rows: &[u64]) {
    assert_ne!(clause["reason"], "a file of this table cannot be read", "{:?}", clause);
    assert_eq!(clause["verdict"], if rows.is_empty() { "passed" } else { "failed" }, "{clause:#}");
    assert_eq!(clause["failing_rows"], rows.len(), "{clause:#}");
    let found: Vec<u64> =
        clause["samples"].as_array().unwrap().iter().map(|s| s["row"].as_u64().unwrap()).collect();
    assert_eq!(found, rows, "{clause:#}");
}

#[test]
fn bounds_are_exact_and_nothing_is_cast_before_it_is_compared() {
    let number = "logicalType: number, logicalTypeOptions: { minimum: 0, maximum: 1 }";
    let values = floats(&[0.0, -0.0, 1.0, 1.0004, 1.000_000_000_000_000_2, -1e-300]);
    fails(&verdict(number, values.clone(), "maximum"), &[3, 4]);
    fails(&verdict(number, values, "minimum"), &[5]);
    let strict = "logicalType: number, logicalTypeOptions: { exclusiveMinimum: 0 }";
    fails(&verdict(strict, floats(&[0.0, -0.0, 5e-324]), "exclusiveMinimum"), &[0, 1]);
    let below = "logicalType: number, logicalTypeOptions: { exclusiveMaximum: 0 }";
    fails(&verdict(below, floats(&[0.0, -0.0, -5e-324]), "exclusiveMaximum"), &[0, 1]);
    let tenth = "logicalType: number, logicalTypeOptions: { maximum: 0.1 }";
    let singles: ArrayRef = Arc::new(Float32Array::from(vec![0.1, 0.100_000_01]));
    fails(&verdict(tenth, singles, "maximum"), &[1]);
    let cents: ArrayRef =
        Arc::new(Decimal128Array::from(vec![10, 11, 9]).with_precision_and_scale(10, 2).unwrap());
    fails(&verdict(tenth, cents, "maximum"), &[1]);
    let half = "logicalType: integer, logicalTypeOptions: { minimum: 1.5, exclusiveMaximum: 3.5 }";
    fails(&verdict(half, longs([1, 2, 3, 4]), "minimum"), &[0]);
    fails(&verdict(half, longs([1, 2, 3, 4]), "exclusiveMaximum"), &[3]);
    let beyond = "logicalType: integer, logicalTypeOptions: { maximum: 1e30, minimum: -1e30 }";
    fails(&verdict(beyond, longs([i64::MAX, i64::MIN]), "maximum"), &[]);
    let below = "logicalType: integer, logicalTypeOptions: { maximum: -1e30 }";
    fails(&verdict(below, longs([i64::MIN]), "maximum"), &[0]);
}

#[test]
fn nan_and_infinity_fail_a_range_and_are_counted_by_name() {
    let number = "logicalType: number, logicalTypeOptions: { minimum: 0 }";
    let values = floats(&[f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1.0]);
    let found = verdict(number, values.clone(), "minimum");
    fails(&found, &[0, 1, 2]);
    assert_eq!(
        found["reason"],
        "of them 1 NaN, 2 infinite; NaN is outside every bound, unless custom property allowNaN: true admits it; \
         infinite values are outside every bound, whatever their sign"
    );
    assert_eq!(found["samples"][0]["value"], "NaN");
    let allowed = format!("{number}, customProperties: [{{ property: allowNaN, value: true }}]");
    let found = verdict(&allowed, values.clone(), "minimum");
    fails(&found, &[1, 2]);
    assert_eq!(
        found["reason"],
        "of them 2 infinite; infinite values are outside every bound, whatever their sign"
    );
    let whole = "logicalType: number, logicalTypeOptions: { multipleOf: 1 }";
    let found = verdict(whole, values, "multipleOf");
    fails(&found, &[0, 1, 2]);
    assert_eq!(
        found["reason"],
        "of them 1 NaN, 2 infinite; NaN is not a multiple of any number; infinite values are not \
         multiples of any number"
    );
}

#[test]
fn null_is_no_invalid_value() {
    let nulls: ArrayRef = Arc::new(Int64Array::from(vec![None, Some(5), None]));
    for (column, kind) in [
        ("logicalType: integer, logicalTypeOptions: { minimum: 1 }", "minimum"),
        ("logicalType: integer, enum: [{ value: 5 }]", "enum"),
        ("logicalType: integer, logicalTypeOptions: { multipleOf: 5 }", "multipleOf"),
    ] {
        fails(&verdict(column, nulls.clone(), kind), &[]);
    }
    fails(&verdict("logicalType: integer, required: true", nulls, "required"), &[0, 2]);
}

#[test]
fn dates_and_timestamps_are_bounded_as_instants() {
    let day = "logicalType: date, logicalTypeOptions: { minimum: 1970-01-02, exclusiveMaximum: 1970-01-04 }";
    let days: ArrayRef = Arc::new(Date32Array::from(vec![0, 1, 2, 3]));
    fails(&verdict(day, days.clone(), "minimum"), &[0]);
    fails(&verdict(day, days, "exclusiveMaximum"), &[3]);
    let zoned =
        "logicalType: timestamp, logicalTypeOptions: { minimum: \"1970-01-01T02:00:00+02:00\" }";
    let micros = TimestampMicrosecondArray::from(vec![-1, 0, 1]);
    let berlin: ArrayRef = Arc::new(micros.clone().with_timezone("Europe/Berlin"));
    fails(&verdict(zoned, berlin, "minimum"), &[0]);
    let local = "logicalType: timestamp, logicalTypeOptions: { timezone: false, maximum: \"1970-01-01 00:00:00\" }";
    fails(&verdict(local, Arc::new(micros), "maximum"), &[2]);
    // A bound between two units of the type is not rounded over a value.
    let between =
        "logicalType: timestamp, logicalTypeOptions: { minimum: \"1970-01-01T00:00:00.0000005Z\" }";
    let utc: ArrayRef = Arc::new(TimestampMicrosecondArray::from(vec![0, 1]).with_timezone("UTC"));
    fails(&verdict(between, utc, "minimum"), &[0]);
}

#[test]
fn texts_are_measured_in_characters_and_patterns_search() {
    let column = "logicalType: string, logicalTypeOptions: { minLength: 2, maxLength: 3, pattern: \"[0-9]\" }";
    let values = texts([Some("é1"), Some("x"), Some("日本語2"), Some("ab"), None]);
    fails(&verdict(column, values.clone(), "minLength"), &[1]);
    fails(&verdict(column, values.clone(), "maxLength"), &[2]);
    fails(&verdict(column, values, "pattern"), &[1, 3]);
    let mail = "logicalType: string, logicalTypeOptions: { format: email }";
    fails(&verdict(mail, texts([Some("a@b.org"), Some("a@b")]), "format"), &[1]);
    let dictionary: DictionaryArray<Int32Type> =
        [Some("a1"), Some("b"), Some("a1"), None].into_iter().collect();
    fails(&verdict(column, Arc::new(dictionary), "pattern"), &[1]);
}

#[test]
fn multiples_enums_and_lists_of_values_are_exact() {
    let cents = "logicalType: number, logicalTypeOptions: { multipleOf: 0.01 }";
    fails(&verdict(cents, floats(&[0.07, 1.1, 0.005]), "multipleOf"), &[2]);
    let words = "logicalType: string, enum: [{ value: a }, { value: b }]";
    fails(&verdict(words, texts([Some("a"), Some("A"), None, Some("c")]), "enum"), &[1, 3]);
    let zero = "logicalType: number, enum: [{ value: 0 }, { value: 0.5 }]";
    fails(&verdict(zero, floats(&[-0.0, 0.5, 0.51]), "enum"), &[2]);
    let small: ArrayRef = Arc::new(Int32Array::from(vec![1, 2]));
    fails(
        &verdict(
            "logicalType: integer, enum: [{ value: 1 }, { value: 5000000000 }]",
            small,
            "enum",
        ),
        &[1],
    );
}

#[test]
fn metrics_measure_rows_and_percent_with_every_operator() {
    let array = texts([Some("a"), Some("n/a"), None, Some("b"), Some("b"), Some("")]);
    let rule = |rule: &str, expect: &str, measured: Value| {
        let column = format!("logicalType: string, quality: [{{ id: q, {rule} }}]");
        let found = verdict(&column, array.clone(), "q");
        assert_eq!(
            (&found["verdict"], &found["measured"]),
            (&json!(expect), &measured),
            "{found:#}"
        );
    };
    rule("metric: nullValues, mustBe: 1", "passed", json!(1));
    rule("metric: nullValues, mustNotBe: 1", "failed", json!(1));
    rule("metric: nullValues, unit: percent, mustBeLessThan: 16.7", "passed", json!(100.0 / 6.0));
    rule("metric: nullValues, unit: percent, mustBeLessThan: 16.6", "failed", json!(100.0 / 6.0));
    let missing = "metric: missingValues, arguments: { missingValues: [null, n/a, \"\"] }";
    rule(&format!("{missing}, mustBeBetween: [3, 4]"), "passed", json!(3));
    rule(&format!("{missing}, mustNotBeBetween: [3, 4]"), "failed", json!(3));
    let texts_only = "metric: missingValues, arguments: { missingValues: [n/a] }";
    rule(&format!("{texts_only}, mustBeGreaterOrEqualTo: 1"), "passed", json!(1));
    let invalid = "metric: invalidValues, arguments: { validValues: [a, b], pattern: \"^.$\" }";
    rule(&format!("{invalid}, mustBeLessOrEqualTo: 2"), "passed", json!(2));
    rule(&format!("{invalid}, mustBeGreaterThan: 2"), "failed", json!(2));
    rule("metric: duplicateValues, mustBe: 1", "passed", json!(1));
    rule("metric: duplicateValues, mustBe: 0, severity: warning", "failed", json!(1));
}

#[test]
fn a_warning_does_not_fail_the_run_and_an_unknown_severity_does() {
    let run = |severity: &str| {
        let rule =
            format!("quality: [{{ id: q, metric: nullValues, mustBe: 0, severity: {severity} }}]");
        let project = Project::of_columns(&format!("- {{ name: a, logicalType: string, {rule} }}"));
        project.parquet("a.parquet", vec![("a", texts([None]))]);
        project.run(&["check", "t", "a.parquet"]).code
    };
    for (severity, code) in
        [("error", 1), ("critical", 1), ("hight", 1), ("warning", 0), ("info", 0)]
    {
        assert_eq!(run(severity), code, "{severity}");
    }
}

#[test]
fn percent_of_no_rows_is_not_executed_unless_no_rows_are_allowed() {
    let rule = "quality: [{ id: q, metric: nullValues, unit: percent, mustBe: 0 }]";
    let column = format!("- {{ name: a, logicalType: string, {rule} }}");
    let empty = || vec![("a", texts([]))];
    let project = Project::of_columns(&column);
    project.parquet("a.parquet", empty());
    let report = project.check("a.parquet");
    assert_eq!(clause(&report, "t/a/q")["verdict"], "not-executed");
    assert_eq!(report["verdict"], "failed");
    let more = "quality: [{ id: n, metric: rowCount, mustBeGreaterOrEqualTo: 0 }]";
    let project = Project::new(&[("t", &contract("1.0.0", &column, more))]);
    project.parquet("a.parquet", empty());
    let report = project.check("a.parquet");
    assert_eq!(clause(&report, "t/a/q")["measured"], 0.0);
    assert_eq!(report["verdict"], "passed");
}

#[test]
fn duplicates_are_exact_sorted_or_not_and_nulls_are_distinct() {
    let columns = "- { name: a, logicalType: integer, unique: true }";
    let run = |files: &[(&str, ArrayRef)]| {
        let project = Project::of_columns(columns);
        for (name, array) in files {
            project.parquet(&format!("d/{name}.parquet"), vec![("a", array.clone())]);
        }
        clause(&project.check("d"), "t/a/unique").clone()
    };
    let sorted = run(&[("a", longs([1, 2, 2, 2])), ("b", longs([2, 3, 3]))]);
    assert_eq!((&sorted["measured"], &sorted["answered"]), (&json!(4), &json!("scanned")));
    assert_eq!(sorted["reason"], "2 keys occur more than once");
    let shuffled = run(&[("a", longs([2, 3, 2, 1])), ("b", longs([3, 2, 2]))]);
    assert_eq!((&shuffled["measured"], &shuffled["answered"]), (&json!(4), &json!("scanned")));
    assert_eq!(shuffled["reason"], "2 keys occur more than once");
    assert!(shuffled["samples"].as_array().unwrap().len() >= 2);
    // Files in another order than their keys are still sorted.
    let turned = run(&[("a", longs([5, 6])), ("b", longs([1, 5]))]);
    assert_eq!((&turned["measured"], &turned["answered"]), (&json!(1), &json!("scanned")));
    let nulls: ArrayRef = Arc::new(Int64Array::from(vec![None, None, Some(1), None]));
    assert_eq!(run(&[("a", nulls)])["measured"], 0);
}

#[test]
fn a_primary_key_is_a_tuple_in_the_order_of_its_positions_without_null() {
    let columns = "- { name: b, logicalType: integer, primaryKey: true, primaryKeyPosition: 2 }\n\
                   - { name: a, logicalType: integer, primaryKey: true, primaryKeyPosition: 1 }";
    let project = Project::of_columns(columns);
    let with_null: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), Some(1), None, Some(1)]));
    project.parquet("a.parquet", vec![("a", longs([1, 1, 2, 1])), ("b", with_null)]);
    let report = project.check("a.parquet");
    let key = clause(&report, "t/primaryKey");
    assert_eq!((&key["measured"], &key["expected"]), (&json!(2), &json!("no key twice: (a, b)")));
    assert_eq!(clause(&report, "t/b/primaryKey")["failing_rows"], 1);
    assert_eq!(key["samples"][0]["key"], json!({ "a": 1, "b": 1 }));
}

#[test]
fn foreign_keys_are_tested_against_the_delivery_else_the_current_release() {
    let text = "apiVersion: v3.2.0\nkind: DataContract\nid: f\nname: f\nversion: 1.0.0\nstatus: active\nschema:\n\
         - name: parent\n  properties:\n  - { name: id, logicalType: integer, primaryKey: true }\n\
         - name: child\n  properties:\n  - { name: id, logicalType: integer, primaryKey: true }\n\
         \u{20} - { name: parent_id, logicalType: integer, relationships: [{ to: parent.id }] }\n";
    let project = Project::new(&[("f", text)]);
    let refs: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), None, Some(9), Some(9)]));
    project.parquet("p.parquet", vec![("id", longs([1, 2]))]);
    project.parquet("c.parquet", vec![("id", longs([1, 2, 3, 4])), ("parent_id", refs)]);
    project.parquet("good.parquet", vec![("id", longs([1, 2])), ("parent_id", longs([1, 2]))]);
    let id = "child/parent_id/foreignKey-parent.id";
    let check = |arguments: &[&str]| {
        let all = [&["check"], arguments, &["--format", "json"]].concat();
        clause(&project.run(&all).json(), id).clone()
    };
    let found = check(&["f", "parent=p.parquet", "child=c.parquet"]);
    fails(&found, &[2, 3]);
    let alone = check(&["f.child", "c.parquet"]);
    assert_eq!(alone["verdict"], "not-executed");
    project.run(&["publish", "f", "parent=p.parquet", "child=good.parquet"]).expect(0);
    fails(&check(&["f.child", "c.parquet"]), &[2, 3]);
}

#[test]
fn sql_rules_answer_one_number_or_boolean_with_every_placeholder() {
    let answer = |query: &str, operator: &str| {
        let rule = format!("- {{ id: q, type: sql, query: \"{query}\", {operator} }}");
        let more = format!("quality:\n{rule}");
        let columns = "- { name: Amount, logicalType: integer }";
        let project = Project::new(&[("t", &contract("1.0.0", columns, &more))]);
        project.parquet("a.parquet", vec![("Amount", longs([1, 2, 3]))]);
        let report = project.check("a.parquet");
        let found = clause(&report, "t/q");
        (
            found["verdict"].as_str().unwrap().to_owned(),
            found["reason"].as_str().unwrap_or_default().to_owned(),
        )
    };
    for placeholder in ["{object}", "${table}", "{table}", "{model}", "{schema}.{object}", "t", "T"]
    {
        let query = format!("select sum(Amount) from {placeholder}");
        assert_eq!(answer(&query, "mustBe: 6").0, "passed", "{placeholder}");
    }
    assert_eq!(answer("select max(AMOUNT) < 4 from t", "mustBe: true").0, "passed");
    assert_eq!(answer("select avg(amount) from t", "mustBeBetween: [2, 2]").0, "passed");
    assert_eq!(answer("select sum(amount) from t", "mustBe: 7").0, "failed");
    for (query, why) in [
        ("select amount from t", "several rows"),
        ("select amont from t", "amont"),
        ("select null", "NULL"),
        ("drop table t", "not a query"),
        ("select 1; select 2", "more than one statement"),
        ("select * from '/etc/passwd'", ""),
    ] {
        let (verdict, reason) = answer(query, "mustBe: 0");
        assert_eq!(verdict, "not-executed", "{query}: {reason}");
        assert!(reason.contains(why), "{query}: {reason}");
    }
}

#[test]
fn undeclared_columns_fail_by_default_and_pandas_gets_its_hint() {
    let run = |mode: &str| {
        let more = match mode {
            "" => String::new(),
            mode => format!("customProperties: [{{ property: additionalColumns, value: {mode} }}]"),
        };
        let columns = "- { name: score, logicalType: integer }";
        let project = Project::new(&[("t", &contract("1.0.0", columns, &more))]);
        let extra =
            vec![("score", longs([1])), ("__index_level_0__", longs([1])), ("scores", longs([1]))];
        project.parquet("a.parquet", extra);
        let report = project.check("a.parquet");
        let found = clause(&report, "t/additionalColumns").clone();
        (report["verdict"].clone(), found)
    };
    let (overall, found) = run("");
    assert_eq!((&overall, &found["verdict"]), (&json!("failed"), &json!("failed")));
    assert!(found["reason"].as_str().unwrap().contains("to_parquet(index=False)"), "{found:#}");
    let (overall, found) = run("warn");
    assert_eq!(
        (&overall, &found["verdict"], &found["severity"]),
        (&json!("passed"), &json!("failed"), &json!("warning"))
    );
    let (overall, found) = run("allow");
    assert_eq!((&overall, &found["verdict"]), (&json!("passed"), &json!("passed")));
}

#[test]
fn a_missing_column_fails_only_where_it_is_required_and_the_run_goes_on() {
    let columns = "- { name: a, logicalType: integer, required: true }\n\
                   - { name: b, logicalType: integer, logicalTypeOptions: { minimum: 1 } }\n\
                   - { name: c, logicalType: integer, logicalTypeOptions: { minimum: 5 } }";
    let project = Project::of_columns(columns);
    project.parquet("a.parquet", vec![("aa", longs([1])), ("c", longs([3]))]);
    let report = project.check("a.parquet");
    assert_eq!(clause(&report, "t/a/required")["verdict"], "failed");
    assert!(clause(&report, "t/a/required")["reason"].as_str().unwrap().contains("'aa'"));
    assert_eq!(clause(&report, "t/b/logicalType")["verdict"], "informational");
    assert_eq!(clause(&report, "t/b/minimum")["verdict"], "passed");
    assert_eq!(clause(&report, "t/c/minimum")["failing_rows"], 1);
}

#[test]
fn rules_that_nothing_here_can_run_are_listed() {
    let columns = "- name: a\n  logicalType: integer\n  quality:\n\
                   \u{20} - { id: prose, type: text, description: looks plausible }\n\
                   \u{20} - { id: soda, type: custom, engine: soda, implementation: x }";
    let project = Project::of_columns(columns);
    project.parquet("a.parquet", vec![("a", longs([1]))]);
    let report = project.check("a.parquet");
    assert_eq!(clause(&report, "t/a/prose")["verdict"], "informational");
    assert_eq!(clause(&report, "t/a/soda")["verdict"], "not-executed");
    assert_eq!(report["verdict"], "failed");
    project.write("pactum.yaml", "warehouse: ./warehouse\nexternal_engines: [soda]\n");
    let report = project.check("a.parquet");
    assert_eq!(clause(&report, "t/a/soda")["verdict"], "informational");
    assert_eq!(report["verdict"], "passed");
}

#[test]
fn classified_values_and_keys_are_never_shown() {
    let columns = "- { name: id, logicalType: string, primaryKey: true, classification: secret }\n\
                   - { name: a, logicalType: integer, classification: Restricted, logicalTypeOptions: { minimum: 5 } }\n\
                   - { name: b, logicalType: integer, classification: PUBLIC, logicalTypeOptions: { minimum: 5 } }";
    let project = Project::of_columns(columns);
    let hidden = vec![
        ("id", texts([Some("hush-1"), Some("hush-1")])),
        ("a", longs([-77, -77])),
        ("b", longs([3, 9])),
    ];
    project.parquet("a.parquet", hidden);
    for format in ["json", "human"] {
        let run = project.run(&["check", "t", "a.parquet", "--format", format]).expect(1);
        assert!(!run.stdout.contains("hush") && !run.stdout.contains("-77"), "{}", run.stdout);
        assert!(run.stdout.contains("(classified)"), "{}", run.stdout);
    }
    let report = project.check("a.parquet");
    assert_eq!(clause(&report, "t/b/minimum")["samples"][0]["value"], 3);
}

#[test]
fn nanoseconds_pass_where_they_are_whole_microseconds() {
    let column = "logicalType: timestamp";
    let array: ArrayRef =
        Arc::new(TimestampNanosecondArray::from(vec![1_000, 1_001]).with_timezone("UTC"));
    fails(&verdict(column, array, "storable"), &[1]);
}

#[test]
fn instants_beyond_the_range_of_microseconds_fail_before_they_are_stored() {
    let column = "logicalType: timestamp";
    let last = i64::MAX / 1_000;
    let values = vec![0, last, last + 1, -last, -last - 1];
    let array: ArrayRef = Arc::new(TimestampMillisecondArray::from(values).with_timezone("UTC"));
    fails(&verdict(column, array, "storable"), &[2, 4]);
}

/// Rows of JSON objects as a Parquet file with this schema.
fn parquet_of_json(project: &Project, name: &str, schema: Schema, rows: &[Value]) {
    let schema = Arc::new(schema);
    let mut decoder = arrow::json::ReaderBuilder::new(Arc::clone(&schema)).build_decoder().unwrap();
    decoder.serialize(rows).unwrap();
    let batch = decoder.flush().unwrap().unwrap();
    let columns = schema.fields().iter().map(|f| f.name().as_str()).zip(batch.columns().to_vec());
    project.parquet(name, columns.collect());
}

#[test]
fn statements_inside_nested_values_are_tested_where_they_stand() {
    let columns = "- name: a\n  logicalType: object\n  properties:\n\
                   \x20 - { name: city, logicalType: string, required: true, logicalTypeOptions: { minLength: 2 } }\n\
                   \x20 - name: tags\n    logicalType: array\n\
                   \x20   items: { logicalType: string, enum: [{ value: x }, { value: y }], unique: true }\n\
                   - name: scores\n  logicalType: map\n  map:\n\
                   \x20   key: { logicalType: string, logicalTypeOptions: { pattern: '^[a-z]$' } }\n\
                   \x20   value: { logicalType: integer, logicalTypeOptions: { minimum: 0 } }";
    let project = Project::of_columns(columns);
    let list = DataType::new_list(DataType::Utf8, true);
    let object = DataType::Struct(
        vec![Field::new("city", DataType::Utf8, true), Field::new("tags", list, true)].into(),
    );
    let entries = DataType::Struct(
        vec![Field::new("key", DataType::Utf8, false), Field::new("value", DataType::Int64, true)]
            .into(),
    );
    let map = DataType::Map(Arc::new(Field::new("entries", entries, false)), false);
    let schema = Schema::new(vec![Field::new("a", object, true), Field::new("scores", map, true)]);
    let rows = [
        json!({"a": {"city": "Oslo", "tags": ["x"]}, "scores": {"a": 1}}),
        json!({"a": {"city": null, "tags": ["x", "z"]}, "scores": {"a": -1, "b": 2}}),
        json!({"a": null, "scores": {"B": 1}}),
        json!({"a": {"city": "Q", "tags": null}, "scores": null}),
    ];
    parquet_of_json(&project, "a.parquet", schema, &rows);
    let report = project.check("a.parquet");
    fails(clause(&report, "t/a.city/required"), &[1]);
    fails(clause(&report, "t/a.city/minLength"), &[3]);
    fails(clause(&report, "t/a.tags.items/enum"), &[1]);
    fails(clause(&report, "t/scores.key/pattern"), &[2]);
    fails(clause(&report, "t/scores.value/minimum"), &[1]);
    assert_eq!(clause(&report, "t/a.city/logicalType")["verdict"], "passed");
    let unique = clause(&report, "t/a.tags.items/unique");
    assert_eq!((&unique["measured"], &unique["answered"]), (&json!(1), &json!("query")));
    assert_eq!(unique["samples"][0]["row"], 0);
}

#[test]
fn fields_of_an_object_are_counted_where_they_are_not_null() {
    let columns = "- name: a\n  logicalType: object\n\
                   \x20 logicalTypeOptions: { minProperties: 1, maxProperties: 1, required: [x] }\n\
                   \x20 properties: [{ name: x, logicalType: integer }, { name: y, logicalType: integer }]";
    let project = Project::of_columns(columns);
    let fields =
        vec![Field::new("x", DataType::Int64, true), Field::new("y", DataType::Int64, true)];
    let schema = Schema::new(vec![Field::new("a", DataType::Struct(fields.into()), true)]);
    let rows = [
        json!({"a": {"x": 1, "y": 2}}),
        json!({"a": {"x": null, "y": null}}),
        json!({"a": null}),
        json!({"a": {"x": 1, "y": null}}),
    ];
    parquet_of_json(&project, "a.parquet", schema, &rows);
    let report = project.check("a.parquet");
    fails(clause(&report, "t/a/minProperties"), &[1]);
    fails(clause(&report, "t/a/maxProperties"), &[0]);
    fails(clause(&report, "t/a/requiredProperties"), &[1]);
}

#[test]
fn lists_are_measured_in_items() {
    let column = "logicalType: array, items: { logicalType: integer }, logicalTypeOptions: { minItems: 1, maxItems: 2, uniqueItems: true }";
    let list: ArrayRef = Arc::new(arrow::array::ListArray::from_iter_primitive::<
        arrow::datatypes::Int64Type,
        _,
        _,
    >(vec![
        Some(vec![Some(1), Some(1)]),
        Some(vec![]),
        None,
        Some(vec![Some(1), Some(2), Some(3)]),
    ]));
    fails(&verdict(column, list.clone(), "minItems"), &[1]);
    fails(&verdict(column, list.clone(), "maxItems"), &[3]);
    fails(&verdict(column, list, "uniqueItems"), &[0]);
}

#[test]
fn files_that_differ_in_type_are_compared_by_value_or_not_at_all() {
    let columns = "- { name: k, logicalType: number, primaryKey: true }";
    let more = "quality:\n- { id: total, type: sql, query: \"select sum(k) from t\", mustBe: 10 }";
    let run = |a: ArrayRef, b: ArrayRef| {
        let project = Project::new(&[("t", &contract("1.0.0", columns, more))]);
        project.parquet("d/a.parquet", vec![("k", a)]);
        project.parquet("d/b.parquet", vec![("k", b)]);
        project.check("d")
    };
    let ints = |values: Vec<i32>| -> ArrayRef { Arc::new(Int32Array::from(values)) };
    let report = run(longs([1, 2]), ints(vec![1, 2]));
    assert_eq!(clause(&report, "t/primaryKey")["measured"], 2);
    let report = run(ints(vec![1, 2]), floats(&[1.5, 5.5]));
    assert_eq!(clause(&report, "t/primaryKey")["measured"], 0);
    assert_eq!(clause(&report, "t/total")["verdict"], "passed");
    let report = run(longs([1, 2]), floats(&[1.5, 5.5]));
    for id in ["t/primaryKey", "t/total"] {
        assert_eq!(clause(&report, id)["verdict"], "not-executed", "{id}");
    }
}

#[test]
fn a_pattern_that_explodes_is_not_executed_and_the_file_stays_readable() {
    let column = "logicalType: string, logicalTypeOptions: { pattern: '^(?:(a+)(?!x))+\\1$' }";
    let word = format!("{}!", "a".repeat(60));
    let project = Project::of_columns(&format!("- {{ name: a, {column} }}"));
    project.parquet("a.parquet", vec![("a", texts([Some(word.as_str())]))]);
    let report = project.check("a.parquet");
    assert_eq!(clause(&report, "t/a/pattern")["verdict"], "not-executed");
    assert!(clause(&report, "t/a/pattern")["reason"].as_str().unwrap().contains("steps"));
    assert_eq!(clause(&report, "t/readable")["verdict"], "passed");
}

#[test]
fn an_engines_words_do_not_leak_a_classified_value() {
    let columns = "- { name: a, logicalType: string, classification: secret }";
    let more =
        "quality:\n- { id: q, type: sql, query: \"select sum(cast(a as int)) from t\", mustBe: 0 }";
    let project = Project::new(&[("t", &contract("1.0.0", columns, more))]);
    project.parquet("a.parquet", vec![("a", texts([Some("hush-hush")]))]);
    let run = project.run(&["check", "t", "a.parquet", "--format", "json"]).expect(1);
    assert!(!run.stdout.contains("hush"), "{}", run.stdout);
}

#[test]
fn zeros_of_both_signs_are_one_key_in_any_order() {
    for values in [[-0.0, 0.0], [0.0, -0.0]] {
        let found = verdict("logicalType: number, unique: true", floats(&values), "unique");
        assert_eq!(found["measured"], 1, "{values:?}");
    }
}

#[test]
fn a_vector_has_its_dimensions() {
    let list = ListArray::from_iter_primitive::<Float32Type, _, _>(vec![
        Some(vec![Some(1.0), Some(2.0)]),
        Some(vec![Some(1.0)]),
    ]);
    let list: ArrayRef = Arc::new(list);
    fails(
        &verdict("logicalType: vector, vector: { dimensions: 2 }", list.clone(), "dimensions"),
        &[1],
    );
    let option = "logicalType: vector, logicalTypeOptions: { dimensions: 2 }";
    fails(&verdict(option, list, "dimensions"), &[1]);
}

#[test]
fn human_reports_put_what_fails_first() {
    let columns = "- { name: id, logicalType: integer, primaryKey: true }\n\
                   - { name: score, logicalType: number, required: true, logicalTypeOptions: { minimum: 0, maximum: 1 } }\n\
                   - { name: note, logicalType: string, quality: [{ id: few-nulls, metric: nullValues, unit: percent, mustBeLessThan: 50, severity: warning }] }";
    let project = Project::of_columns(columns);
    let columns = vec![
        ("id", longs([1, 2, 2, 4])),
        ("score", floats(&[0.5, 1.2, f64::NAN, 0.1])),
        ("note", texts([None, None, None, Some("x")])),
        ("extra", longs([1, 2, 3, 4])),
    ];
    project.parquet("scores.parquet", columns);
    let run = project.run(&["check", "t", "scores.parquet"]).expect(1);
    insta::assert_snapshot!("check-human", run.stdout);
    let json = project.run(&["check", "t", "scores.parquet", "--format", "json"]);
    insta::assert_snapshot!("check-json", json.stdout);
}

#[test]
fn a_field_that_a_struct_lacks_is_all_null_like_a_column_that_a_file_lacks() {
    let columns = "- name: a\n  logicalType: object\n  properties:\n\
        \x20 - { name: x, logicalType: integer }\n\
        \x20 - { name: y, logicalType: string, logicalTypeOptions: { pattern: '^a', minLength: 1, format: uuid } }\n\
        \x20 - { name: z, logicalType: number, logicalTypeOptions: { minimum: 0, multipleOf: 2 } }";
    let project = Project::of_columns(columns);
    let fields = vec![Field::new("x", DataType::Int64, true)];
    let schema = Schema::new(vec![Field::new("a", DataType::Struct(fields.into()), true)]);
    parquet_of_json(&project, "a.parquet", schema, &[json!({"a": {"x": 1}}), json!({"a": null})]);
    let report = project.check("a.parquet");
    assert_eq!(report["verdict"], "passed", "{report:#}");
}

#[test]
fn text_in_other_dictionaries_is_tested_as_text() {
    use arrow::array::LargeStringArray;
    let values = Arc::new(LargeStringArray::from(vec!["x", "no"]));
    let keys = Int32Array::from(vec![Some(0), Some(1), None, Some(0)]);
    let array = DictionaryArray::<Int32Type>::try_new(keys, values).unwrap();
    let column = "logicalType: string, enum: [{ value: x }], logicalTypeOptions: { maxLength: 1 }";
    fails(&verdict(column, Arc::new(array.clone()), "enum"), &[1]);
    fails(&verdict(column, Arc::new(array), "maxLength"), &[1]);
}
