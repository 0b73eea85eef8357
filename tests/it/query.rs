//! Query: names as designed, system tables, releases, formats, plans. Answers are sqllogictests.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float64Array, ListArray,
    TimestampMicrosecondArray,
};
use arrow::datatypes::Int32Type;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::{Value, json};

use crate::support::{Project, contract, longs, pactum, texts};

fn demo(folder: &Path) {
    let run = pactum(folder, &["demo", "--dir", "tour", "--learners", "200"]);
    assert_eq!(run.code, 0, "{} {}", run.stdout, run.stderr);
}

#[test]
fn names_match_in_any_case_and_results_keep_the_declared_spelling() {
    let text = contract(
        "1.0.0",
        "- { name: DataValue, physicalName: data_value, logicalType: integer }\n\
         - { name: order, logicalType: integer }\n\
         - { name: Kept, logicalType: integer, customProperties: [{ property: aliases, value: [Formerly] }] }",
        "",
    )
    .replace("name: t\nversion", "name: Air Quality\nversion")
    .replace("- name: t", "- name: Readings\n    physicalName: readings_v1");
    let project = Project::new(&[("t", &text)]);
    let columns =
        vec![("data_value", longs([1, 2])), ("order", longs([3, 4])), ("Kept", longs([5, 6]))];
    project.parquet("a.parquet", columns);
    project.run(&["publish", "t", "readings=a.parquet"]).expect(0);
    assert!(project.path().join("warehouse/t/v1/readings_v1/_delta_log").is_dir());
    for sql in [
        "select DataValue, \"order\", kept from \"Air Quality\".Readings order by datavalue",
        "select \"DATAVALUE\", \"Order\", \"KEPT\" from \"AIR QUALITY\".\"readings\" order by 1",
        "select * from \"air quality_v1\".readings order by DATAVALUE",
    ] {
        let run = project.run(&["query", sql, "--format", "csv"]).expect(0);
        assert_eq!(run.stdout, "DataValue,order,Kept\n1,3,5\n2,4,6\n", "{sql}");
    }
    let old = project
        .query("select formerly as \"Mine\" from \"Air Quality\".readings where Formerly = 6");
    assert_eq!(old, json!([{ "Mine": 6 }]));
}

#[test]
fn earlier_releases_stay_readable_by_number_by_contract_and_by_time() {
    let project = Project::of_columns("- { name: v, logicalType: integer }");
    for n in 1..=3 {
        project.parquet("a.parquet", vec![("v", longs([n]))]);
        project.publish("a.parquet");
    }
    let ask = |arguments: &[&str]| {
        let base = ["query", "select v from t.t", "--format", "json"];
        project.run(&[&base[..], arguments].concat()).expect(0).json()[0]["v"].clone()
    };
    assert_eq!(ask(&[]), 3);
    assert_eq!(ask(&["--release", "1"]), 1);
    assert_eq!(ask(&["--release", "t=2"]), 2);
    let times = project.query("select time from pactum.releases order by release");
    let second = times[1]["time"].as_str().unwrap().to_owned();
    assert_eq!(ask(&["--as-of", &second]), 2);
    assert_eq!(ask(&["--as-of", "2999-01-01"]), 3);
    let run = project.run(&["query", "select v from t.t", "--release", "9"]).expect(2);
    assert!(run.stderr.contains("1 to 3"), "{}", run.stderr);
    project.run(&["query", "select v from t.t", "--release", "x=1"]).expect(2);
    project.run(&["query", "select v from t.t", "--release", "1", "--release", "2"]).expect(2);
    // Before the first release there is nothing, which is not the same as no rows.
    let run = project.run(&["query", "select v from t.t", "--as-of", "2001-01-01"]).expect(2);
    assert!(run.stderr.contains("was released by then"), "{}", run.stderr);
    // A bare number refers to the contract that the query reads.
    project.write(
        "contracts/u.odcs.yaml",
        &contract("1.0.0", "- { name: v, logicalType: integer }", "")
            .replace("id: t", "id: u")
            .replace("name: t\nversion", "name: u\nversion"),
    );
    project.run(&["publish", "u", "t=a.parquet"]).expect(0);
    assert_eq!(ask(&["--release", "2"]), 2);
    let both = project.run(&["query", "select 1 from t.t, u.t", "--release", "1"]).expect(2);
    assert!(both.stderr.contains("which one's release"), "{}", both.stderr);
}

#[test]
fn what_is_not_released_has_no_answer() {
    let project = Project::of_columns("- { name: v, logicalType: integer }");
    let run = project.run(&["query", "select count(*) from t.t"]).expect(2);
    assert!(run.stderr.contains("not released yet"), "{}", run.stderr);
}

#[test]
fn untyped_parameters_take_their_type_from_the_plan() {
    let project = Project::of_columns("- { name: s, logicalType: string }");
    project.parquet("a.parquet", vec![("s", texts([Some("007"), Some("7")]))]);
    project.run(&["publish", "t", "t=a.parquet"]).expect(0);
    let ask = |sql: &str, value: &str| {
        project
            .run(&["query", sql, "-p", &format!("v={value}"), "--format", "json"])
            .expect(0)
            .json()
    };
    assert_eq!(ask("select s from t.t where s = $v", "007"), json!([{ "s": "007" }]));
    assert_eq!(
        ask("select $v as v", "12345678901234567890"),
        json!([{ "v": "12345678901234567890" }])
    );
    assert_eq!(ask("select $v as v", "1.5"), json!([{ "v": 1.5 }]));
}

#[test]
fn a_json_answer_is_whole_or_an_error_document() {
    let project = Project::of_columns("- { name: v, logicalType: integer }");
    project.parquet("a.parquet", vec![("v", longs([1, 0]))]);
    project.run(&["publish", "t", "t=a.parquet"]).expect(0);
    let run = project.run(&["query", "select 1/v as x from t.t", "--format", "json"]).expect(2);
    assert!(
        run.json()["error"]["message"]
            .as_str()
            .unwrap()
            .to_lowercase()
            .contains("division by zero")
    );
    let run = project.run(&["query", "--format", "json"]).expect(2);
    assert_eq!(run.json()["error"]["code"], "usage");
}

#[test]
fn columns_of_one_name_are_numbered_where_readers_look_them_up_by_name() {
    let project = Project::of_columns("- { name: V, logicalType: integer }");
    project.parquet("a.parquet", vec![("V", longs([1, 2]))]);
    project.run(&["publish", "t", "t=a.parquet"]).expect(0);
    let sql = "select a.v, b.v, 3 as v_2, a.v, count(*), count(a.v) from t.t a, t.t b group by 1, 2, 4 order by 1, 2";
    let rows = project.query(sql);
    let first = json!({ "V": 1, "V_2": 1, "v_2": 3, "V_3": 1, "count": 1, "count_2": 1 });
    assert_eq!(rows[0], first);
    let table = project.run(&["query", sql]).expect(0).stdout;
    assert_eq!(table.lines().next().unwrap().matches('V').count(), 3, "{table}");
    let csv = project.run(&["query", sql, "--format", "csv"]).expect(0).stdout;
    assert!(csv.starts_with("V,V,v_2,V,count,count\n"), "{csv}");
}

fn every_type() -> Vec<(&'static str, ArrayRef)> {
    let list =
        ListArray::from_iter_primitive::<Int32Type, _, _>(vec![Some(vec![Some(1), None]), None]);
    vec![
        ("i", longs([1, i64::MAX])),
        ("f", Arc::new(Float64Array::from(vec![f64::NAN, f64::NEG_INFINITY]))),
        (
            "d",
            Arc::new(
                Decimal128Array::from(vec![Some(1050), None])
                    .with_precision_and_scale(10, 2)
                    .unwrap(),
            ),
        ),
        ("s", texts([Some("é, \"x\""), Some("")])),
        ("b", Arc::new(BooleanArray::from(vec![Some(true), None]))),
        ("at", Arc::new(TimestampMicrosecondArray::from(vec![0, 1_500_000]).with_timezone("UTC"))),
        ("day", Arc::new(Date32Array::from(vec![Some(0), None]))),
        ("raw", Arc::new(BinaryArray::from(vec![Some(b"hi".as_slice()), None]))),
        ("l", Arc::new(list)),
    ]
}

fn project_of_every_type() -> Project {
    let project = Project::of_columns(
        "- { name: i, logicalType: integer, primaryKey: true }\n- { name: f, logicalType: number }\n\
         - { name: d, logicalType: number }\n- { name: s, logicalType: string }\n\
         - { name: b, logicalType: boolean }\n- { name: at, logicalType: timestamp }\n\
         - { name: day, logicalType: date }\n\
         - { name: raw, logicalType: string, logicalTypeOptions: { format: binary } }\n\
         - { name: l, logicalType: array, items: { logicalType: integer } }",
    );
    project.parquet("a.parquet", every_type());
    project.run(&["publish", "t", "t=a.parquet"]).expect(0);
    project
}

#[test]
fn every_format_says_the_same() {
    let project = project_of_every_type();
    let ask = |format: &str| {
        project.run(&["query", "select * from t.t order by i", "--format", format]).expect(0)
    };
    let expected = json!([
        { "i": 1, "f": "NaN", "d": "10.50", "s": "é, \"x\"", "b": true, "at": "1970-01-01T00:00:00Z", "day": "1970-01-01", "raw": "aGk=", "l": [1, null] },
        { "i": i64::MAX, "f": "-Infinity", "d": null, "s": "", "b": null, "at": "1970-01-01T00:00:01.500Z", "day": null, "raw": null, "l": null },
    ]);
    assert_eq!(ask("json").json(), expected);
    let lines = ask("ndjson").stdout;
    let rows: Vec<Value> = lines.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(json!(rows), expected);
    insta::assert_snapshot!("query-table", ask("table").stdout);
    let csv = project
        .run(&["query", "select i, d, s, at, day from t.t order by i", "--format", "csv"])
        .expect(0);
    assert_eq!(
        csv.stdout,
        "i,d,s,at,day\n1,10.50,\"é, \"\"x\"\"\",1970-01-01T00:00:00Z,1970-01-01\n9223372036854775807,,\"\",1970-01-01T00:00:01.500Z,\n"
    );
    let file = project.path().join("out.parquet");
    project
        .run(&["query", "select * from t.t order by i", "--format", "parquet", "-o", "out.parquet"])
        .expect(0);
    let reader =
        ParquetRecordBatchReaderBuilder::try_new(std::fs::File::open(file).unwrap()).unwrap();
    let batch = reader.build().unwrap().next().unwrap().unwrap();
    assert_eq!((batch.num_rows(), batch.num_columns()), (2, 9));
    let empty =
        project.run(&["query", "select i from t.t where false", "--format", "json"]).expect(0);
    assert_eq!(empty.json(), json!([]));
    let empty =
        project.run(&["query", "select i from t.t where false", "--format", "csv"]).expect(0);
    assert_eq!(empty.stdout, "i\n");
}

#[test]
fn a_query_in_key_order_plans_without_a_sort() {
    let project = Project::of_columns(
        "- { name: a, logicalType: integer, primaryKey: true, primaryKeyPosition: 1 }\n\
         - { name: b, logicalType: string, primaryKey: true, primaryKeyPosition: 2 }\n\
         - { name: v, logicalType: integer }",
    );
    let keys = (0..1000).map(|n| n / 10);
    let words: Vec<String> = (0..1000).map(|n| format!("w{}", (n * 7) % 10)).collect();
    let columns = vec![
        ("v", longs(0..1000)),
        ("b", texts(words.iter().map(|w| Some(w.as_str())))),
        ("a", longs(keys)),
    ];
    project.parquet("a.parquet", columns);
    project.run(&["publish", "t", "t=a.parquet"]).expect(0);
    let plan =
        project.run(&["query", "explain select a, b, v from t.t order by a, b limit 5"]).expect(0);
    assert!(
        plan.stdout.contains("output_ordering=[a@0 ASC NULLS LAST, b@1 ASC NULLS LAST]"),
        "{}",
        plan.stdout
    );
    assert!(!plan.stdout.contains("SortExec") && !plan.stdout.contains("TopK"), "{}", plan.stdout);
    let first = project.query("select a, b from t.t limit 2");
    assert_eq!(first, json!([{ "a": 0, "b": "w0" }, { "a": 0, "b": "w1" }]));
}

#[test]
fn a_date_beside_a_written_time_stays_bare_and_leaves_files_out() {
    let project =
        Project::new(&[("t", &contract("1.0.0", "- { name: day, logicalType: date }", ""))]);
    let days: ArrayRef = Arc::new(Date32Array::from(vec![Some(0), Some(30), Some(31), None]));
    project.parquet("a.parquet", vec![("day", days)]);
    project.run(&["publish", "t", "t=a.parquet"]).expect(0);
    let conditions = [
        ("day < date '1970-01-01' + interval '1 month'", 2),
        ("day < date '1970-01-01' + interval '1' month", 2),
        ("day >= date '1970-01-01' and day < date '1970-03-01' - interval '1 month'", 2),
        ("timestamp '1970-01-31 12:00' > day", 2),
        ("day <= '1970-01-31 12:00'::timestamp", 2),
        ("day = timestamp '1970-02-01'", 1),
        ("day between timestamp '1970-01-01' and timestamp '1970-01-31'", 2),
    ];
    for (condition, rows) in conditions {
        let sql = format!("select count(*) as n from t.t where {condition}");
        assert_eq!(project.query(&sql), json!([{ "n": rows }]), "{condition}");
        let plan = project.run(&["query", &format!("explain {sql}")]).expect(0).stdout;
        assert!(plan.contains("pruning_predicate=day_"), "{condition}: {plan}");
        assert!(!plan.contains("to_reading"), "{condition}: {plan}");
    }
}

#[test]
fn majors_stand_beside_each_other_and_the_oldest_that_is_not_retired_is_the_default() {
    let column = |name: &str| format!("- {{ name: {name}, logicalType: integer }}");
    let project = Project::new(&[("t", &contract("1.0.0", &column("a"), ""))]);
    project.parquet("a.parquet", vec![("a", longs([1]))]);
    project.parquet("b.parquet", vec![("b", longs([2]))]);
    project.run(&["publish", "t", "t=a.parquet"]).expect(0);
    project.write("contracts/t.odcs.yaml", &contract("2.0.0", &column("b"), ""));
    project.run(&["publish", "t", "t=b.parquet"]).expect(0);
    assert_eq!(project.query("select a from t.t"), json!([{ "a": 1 }]));
    assert_eq!(project.query("select b from t_v2.t"), json!([{ "b": 2 }]));
    project.write("pactum.yaml", "warehouse: ./warehouse\ndefault_major: { t: 2 }\n");
    assert_eq!(project.query("select b from t.t"), json!([{ "b": 2 }]));
}

#[test]
fn a_contract_is_published_at_a_version_once() {
    let columns = "- { name: a, logicalType: integer }";
    let wider = "- { name: a, logicalType: integer }\n- { name: b, logicalType: string }";
    let project = Project::new(&[("t", &contract("1.0.0", columns, ""))]);
    project.parquet("a.parquet", vec![("a", longs([1]))]);
    project.parquet("b.parquet", vec![("a", longs([1])), ("b", texts([Some("x")]))]);
    project.run(&["publish", "t", "t=a.parquet"]).expect(0);
    project.write("contracts/t.odcs.yaml", &contract("1.0.0", wider, ""));
    let run = project.run(&["publish", "t", "t=b.parquet"]).expect(1);
    assert!(run.stderr.contains("needs a minor step: t.b: column 'b' was added"), "{}", run.stderr);
    // Prose may change at one version; the same content again is unchanged.
    let prose =
        contract("1.0.0", "- { name: a, logicalType: integer, description: A number. }", "");
    project.write("contracts/t.odcs.yaml", &prose);
    assert_eq!(project.publish("a.parquet")["outcome"], "unchanged");
    project.write("contracts/t.odcs.yaml", &contract("1.1.0", wider, ""));
    assert_eq!(project.publish("b.parquet")["release"], 2);
    assert_eq!(project.query("select a, b from t.t"), json!([{ "a": 1, "b": "x" }]));
    let first =
        project.run(&["query", "select * from t.t", "--release", "1", "--format", "csv"]).expect(0);
    assert_eq!(first.stdout, "a\n1\n");
    project.write("contracts/t.odcs.yaml", &contract("1.0.5", wider, ""));
    let run = project.run(&["publish", "t", "t=b.parquet"]).expect(1);
    assert!(run.stderr.contains("publish with the newest contract"), "{}", run.stderr);
}

#[test]
fn the_same_publish_id_publishes_nothing_twice_and_a_dry_run_nothing_at_all() {
    let project = Project::of_columns("- { name: a, logicalType: integer }");
    project.parquet("a.parquet", vec![("a", longs([1]))]);
    project.parquet("b.parquet", vec![("a", longs([2]))]);
    let dry = project
        .run(&["publish", "t", "t=a.parquet", "--dry-run", "--format", "json"])
        .expect(0)
        .json();
    assert_eq!((&dry["verdict"], dry.get("outcome")), (&json!("passed"), None));
    assert!(!project.path().join("warehouse").exists());
    let publish = |file: &str| {
        project.run(&["publish", "t", file, "--publish-id", "run-7", "--format", "json"])
    };
    assert_eq!(publish("t=a.parquet").expect(0).json()["outcome"], "released");
    let again = publish("t=a.parquet").expect(0).json();
    assert_eq!((&again["outcome"], &again["release"]), (&json!("unchanged"), &json!(1)));
    // Other data is not a retry.
    let other = publish("t=b.parquet").expect(2).json();
    assert_eq!(other["error"]["code"], "used-publish-id");
    project.run(&["publish", "t", "t=a.parquet", "--publish-id", "../x"]).expect(2);
}

#[test]
fn consumers_take_typed_parameters_within_their_limits() {
    let folder = tempfile::tempdir().unwrap();
    demo(folder.path());
    let tour = folder.path().join("tour");
    let rows = |arguments: &[&str]| {
        let all = [&["query", "home_page", "--format", "json"], arguments].concat();
        pactum(&tour, &all)
    };
    let personal = rows(&["-p", "learner_id=42"]).expect(0).json();
    assert!(personal.as_array().unwrap().iter().any(|r| r["module"] == "recent_activity"));
    // A learner without history sees popular courses.
    let newcomer = rows(&["-p", "learner_id=20", "-p", "limit=3"]).expect(0).json();
    let modules: Vec<&str> =
        newcomer.as_array().unwrap().iter().map(|r| r["module"].as_str().unwrap()).collect();
    assert_eq!(modules, ["cold_start"; 3]);
    for (parameters, words) in [
        (&[][..], "'learner_id' is required"),
        (&["-p", "learner_id=x"], "'x' is not of type bigint"),
        (&["-p", "learner_id=1", "-p", "limit=11"], "at most 10"),
        (&["-p", "learner=1"], "did you mean 'learner_id'"),
        (&["-p", "learner_id=1 or 1=1"], "is not of type bigint"),
    ] {
        let run = rows(parameters).expect(2);
        let error = run.json()["error"].to_string();
        assert!(error.contains(words), "{parameters:?}: {error}");
    }
}

#[test]
fn the_columns_of_the_system_tables_are_frozen() {
    let project = Project::of_columns("- { name: a, logicalType: integer }");
    project.parquet("a.parquet", vec![("a", longs([1]))]);
    project.publish("a.parquet");
    let mut lines = Vec::new();
    for table in ["releases", "attempts", "clauses", "tables", "columns", "consumers", "functions"]
    {
        let sql = format!("select * from pactum.{table} limit 0");
        let header = project.run(&["query", &sql, "--format", "csv"]).expect(0).stdout;
        lines.push(format!("pactum.{table}: {}", header.trim()));
    }
    insta::assert_snapshot!("system-tables", lines.join("\n"));
}

#[test]
fn describe_and_tables_tell_an_engineer_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    demo(folder.path());
    let tour = folder.path().join("tour");
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"\d{4}-\d\d-\d\dT[0-9:.]+Z", "[TIME]");
    settings.add_filter(r"just now|\d+ (second|minute)s? ago", "[AGE]");
    let _guard = settings.bind_to_scope();
    for (name, arguments) in [
        ("tables", &["tables"][..]),
        ("tables-search", &["tables", "--search", "mail"]),
        ("describe-contract", &["describe", "recommendations"]),
        ("describe-table", &["describe", "recommendations.results"]),
        ("describe-column", &["describe", "learning.learners.email"]),
    ] {
        insta::assert_snapshot!(name, pactum(&tour, arguments).expect(0).stdout);
    }
    let sql = "select \"column\", type from pactum.columns where \"table\" = 'learners' order by position";
    let rows = pactum(&tour, &["query", sql, "--format", "json"]).expect(0).json();
    assert_eq!(rows[1], json!({ "column": "email", "type": "varchar" }));
}

/// Later changes follow elements by the ids that were released, and count from the marks.
#[test]
fn what_later_changes_are_judged_by_is_released_though_nothing_else_changed() {
    let columns = |more: &str| {
        format!(
            "- {{ name: id, logicalType: integer, primaryKey: true }}\n- {{ name: a, logicalType: integer{more} }}"
        )
    };
    let project = Project::of_columns(&columns(""));
    project.parquet("a.parquet", vec![("id", longs([1])), ("a", longs([1]))]);
    assert_eq!(project.publish("a.parquet")["release"], 1);
    project.write("contracts/t.odcs.yaml", &contract("1.0.0", &columns(", id: a"), ""));
    assert_eq!(project.publish("a.parquet")["release"], 2);
    assert_eq!(project.publish("a.parquet")["outcome"], "unchanged");
    let renamed = columns(", id: a, customProperties: [{ property: aliases, value: [a] }]")
        .replace("name: a,", "name: b,");
    project.write("contracts/t.odcs.yaml", &contract("1.1.0", &renamed, ""));
    project.parquet("b.parquet", vec![("id", longs([1])), ("b", longs([1]))]);
    assert_eq!(project.publish("b.parquet")["release"], 3);
    assert_eq!(project.query("select a, b from t.t"), json!([{ "a": 1, "b": 1 }]));
}

#[test]
fn a_query_may_come_from_standard_input() {
    use std::io::Write;
    let folder = tempfile::tempdir().unwrap();
    for name in ["-", "/dev/stdin"] {
        let mut child = crate::support::command(folder.path())
            .args(["query", "-f", name, "-p", "n=7", "--format", "json"])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(b"select $n + 1 as m").unwrap();
        let output = child.wait_with_output().unwrap();
        let rows: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(rows, json!([{ "m": 8 }]), "{name}");
    }
}
