//! The ten invariants, each by its name.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, UInt32Array};
use serde_json::{Value, json};

use crate::support::{Project, clause, contract, longs, pactum, texts, times, tree};

const SCORES: &str = "- { name: id, logicalType: integer, primaryKey: true }\n\
    - { name: score, logicalType: number, required: true, logicalTypeOptions: { minimum: 0, maximum: 1 } }";

fn scores(project: &Project, name: &str, values: &[f64]) {
    let ids = longs(0..values.len() as i64);
    project
        .parquet(name, vec![("id", ids), ("score", Arc::new(Float64Array::from(values.to_vec())))]);
}

fn without_attempts(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    tree(folder).into_iter().filter(|(p, _)| !p.to_string_lossy().contains("_attempts")).collect()
}

#[test]
fn only_a_passing_check_makes_a_release() {
    let project = Project::of_columns(SCORES);
    scores(&project, "good.parquet", &[0.1, 0.9]);
    scores(&project, "bad.parquet", &[0.1, 1.1]);
    assert_eq!(project.publish("good.parquet")["outcome"], "released");
    let before = without_attempts(&project.path().join("warehouse"));
    let report = project.publish("bad.parquet");
    assert_eq!((&report["outcome"], &report["verdict"]), (&json!("rejected"), &json!("failed")));
    assert_eq!(report.get("release"), None);
    assert_eq!(without_attempts(&project.path().join("warehouse")), before);
    assert_eq!(project.query("select count(*) n from pactum.releases")[0]["n"], 1);
    let attempts =
        project.query("select outcome, failed_clauses f from pactum.attempts order by time");
    assert_eq!(
        attempts,
        json!([{ "outcome": "released", "f": 0 }, { "outcome": "rejected", "f": 1 }])
    );
}

#[test]
fn a_release_is_atomic_across_its_tables_and_a_query_sees_one() {
    let text = "apiVersion: v3.2.0\nkind: DataContract\nid: two\nname: two\nversion: 1.0.0\nstatus: active\nschema:\n\
         - name: a\n  properties: [{ name: v, logicalType: integer }]\n\
         - name: b\n  properties: [{ name: v, logicalType: integer }]\n";
    let project = Project::new(&[("two", text)]);
    let rounds = 6;
    for n in 1..=rounds {
        for table in ["a", "b"] {
            project.parquet(&format!("{n}/{table}.parquet"), vec![("v", longs([n; 2000]))]);
        }
    }
    let publish = |n: i64| {
        let files = [format!("a={n}/a.parquet"), format!("b={n}/b.parquet")];
        project.run(&["publish", "two", &files[0], &files[1]]).expect(0);
    };
    publish(1);
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut seen = Vec::new();
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                let rows = project.query("select (select min(v) from two.a) a, (select max(v) from two.a) x, (select min(v) from two.b) b, (select max(v) from two.b) y");
                let row = &rows[0];
                assert!(row["a"] == row["x"] && row["a"] == row["b"] && row["a"] == row["y"], "{row}");
                seen.push(row["a"].as_i64().unwrap());
            }
            seen
        });
        (2..=rounds).for_each(publish);
        done.store(true, std::sync::atomic::Ordering::Relaxed);
        assert!(reader.join().unwrap().is_sorted());
    });
}

#[test]
fn every_clause_in_scope_gets_a_verdict() {
    let columns = "- { name: id, logicalType: integer, primaryKey: true, required: true, unique: true, logicalTypeOptions: { minimum: 1, maximum: 9, multipleOf: 1, format: i64 } }\n\
        - { name: s, logicalType: string, physicalType: varchar, logicalTypeOptions: { minLength: 1, maxLength: 9, pattern: a, format: email }, enum: [{ value: a }], quality: [{ metric: nullValues, mustBe: 0 }, { type: text, description: x }, { id: c, type: custom, engine: soda, implementation: y }] }";
    let more = "quality:\n- { metric: rowCount, mustBe: 1 }\n- { id: q, type: sql, query: \"select 1\", mustBe: 1 }";
    let project = Project::new(&[("t", &contract("1.0.0", columns, more))]);
    project.parquet("a.parquet", vec![("id", longs([1])), ("s", texts([Some("a")]))]);
    project.write("damaged.parquet", "PAR1 nothing PAR1");
    for file in ["a.parquet", "damaged.parquet"] {
        let report = project.check(file);
        for kind in
            ["required", "unique", "minimum", "maximum", "multipleOf", "format", "logicalType"]
        {
            assert!(!clause(&report, &format!("t/id/{kind}"))["verdict"].is_null());
        }
        for kind in ["minLength", "maxLength", "pattern", "format", "enum", "physicalType", "c"] {
            assert!(!clause(&report, &format!("t/s/{kind}"))["verdict"].is_null());
        }
        assert_eq!(clause(&report, "t/s/c")["verdict"], "not-executed");
        assert_eq!(report["verdict"], "failed", "an error-level clause was not executed");
    }
}

#[test]
fn verdicts_come_from_the_delivery_as_delivered_and_storing_is_lossless() {
    let columns = "- { name: id, logicalType: integer, primaryKey: true }\n- { name: x, logicalType: number }";
    let project = Project::of_columns(columns);
    let wide: ArrayRef = Arc::new(UInt32Array::from(vec![u32::MAX, 0]));
    let values: ArrayRef = Arc::new(Float64Array::from(vec![f64::NAN, -0.0]));
    project.parquet("a.parquet", vec![("id", wide), ("x", values)]);
    project.run(&["publish", "t", "t=a.parquet"]).expect(0);
    let rows = project.query("select id, x, pg_typeof(id) ty from t.t order by id");
    assert_eq!(rows[1]["id"], 4_294_967_295_u64);
    assert_eq!(rows[1]["x"], "NaN");
    assert_eq!(rows[0]["x"], json!(-0.0));
    assert_eq!(rows[0]["ty"], "bigint");
    // Text that looks like a number is not a number.
    project.parquet("b.parquet", vec![("id", texts([Some("1")])), ("x", longs([1]))]);
    assert_eq!(clause(&project.check("b.parquet"), "t/id/logicalType")["verdict"], "failed");
}

#[test]
fn one_gateway_admits_queries_only() {
    let project = Project::of_columns(SCORES);
    scores(&project, "a.parquet", &[0.5]);
    project.publish("a.parquet");
    let before = tree(&project.path().join("warehouse"));
    for hostile in [
        "drop table t.t",
        "insert into t.t values (1, 1)",
        "delete from t.t",
        "update t.t set id = 1",
        "create table x as select 1",
        "create external table x stored as parquet location '/etc'",
        "copy (select 1) to '/tmp/pactum-leak.parquet'",
        "copy t.t to '/tmp/pactum-leak.parquet'",
        "set datafusion.execution.batch_size = 1",
        "truncate table t.t",
        "select 1; drop table t.t",
        "select * from '/etc/passwd'",
        "select * from read_parquet('/etc/passwd')",
        "select * into x from t.t",
        "explain drop table t.t",
        "prepare p as select 1",
        "execute p",
        "begin",
        "with d as (delete from t.t returning *) select * from d",
        "",
        ";",
    ] {
        let run = project.run(&["query", hostile]);
        assert_eq!(run.code, 2, "{hostile}: {} {}", run.stdout, run.stderr);
        assert!(
            run.stderr.contains("error:") && !run.stderr.contains("panicked"),
            "{hostile}: {}",
            run.stderr
        );
    }
    assert_eq!(tree(&project.path().join("warehouse")), before);
    project.run(&["query", "explain select * from t.t"]).expect(0);
}

#[test]
fn released_tables_are_ordinary_delta_tables_whose_head_is_the_release() {
    let Some(python) = crate::python::interpreter() else { return };
    let project = Project::of_columns(SCORES);
    for values in [&[0.1, 0.2, 0.3][..], &[0.4], &[0.5, 0.6]] {
        scores(&project, "a.parquet", values);
        project.publish("a.parquet");
        let read = crate::python::read_delta(&python, &project.path().join("warehouse/t/v1/t"));
        let released = project.query("select id, score from t.t order by id");
        assert_eq!(read, released);
    }
}

#[test]
fn an_unreleased_version_never_enters_a_release() {
    let project = Project::of_columns(SCORES);
    scores(&project, "a.parquet", &[0.1, 0.2]);
    project.publish("a.parquet");
    // A publisher that died between the Delta commit and the ledger leaves a head like this.
    let table = project.path().join("warehouse/t/v1/t");
    scores(&project, "ghost.parquet", &[0.9; 50]);
    std::fs::copy(project.path().join("ghost.parquet"), table.join("ghost-0.parquet")).unwrap();
    let size = std::fs::metadata(table.join("ghost-0.parquet")).unwrap().len();
    let add = json!({ "add": { "path": "ghost-0.parquet", "partitionValues": {}, "size": size, "modificationTime": 1, "dataChange": true } });
    std::fs::write(table.join("_delta_log/00000000000000000001.json"), format!("{add}\n")).unwrap();
    assert_eq!(project.query("select count(*) n from t.t")[0]["n"], 2);
    scores(&project, "b.parquet", &[0.3, 0.4, 0.5]);
    assert_eq!(project.publish("b.parquet")["release"], 2);
    assert_eq!(project.query("select count(*) n from t.t")[0]["n"], 3);
    if let Some(python) = crate::python::interpreter() {
        let read = crate::python::read_delta(&python, &table);
        assert_eq!(read.as_array().unwrap().len(), 3);
    }
}

#[test]
fn a_failed_or_killed_publish_leaves_the_previous_release_readable_and_complete() {
    // Kills are in `faults`; here the disk refuses.
    let project = Project::of_columns(SCORES);
    scores(&project, "a.parquet", &[0.1, 0.2]);
    project.publish("a.parquet");
    scores(&project, "b.parquet", &[0.3, 0.4, 0.5]);
    let log = project.path().join("warehouse/t/_ledger/_delta_log");
    // The ledger was created by one commit, and the first release is the second.
    let blocked = log.join("00000000000000000002.json");
    std::fs::create_dir(&blocked).unwrap();
    let run = project.run(&["publish", "t", "t=b.parquet"]);
    assert_eq!(run.code, 3, "{} {}", run.stdout, run.stderr);
    std::fs::remove_dir(&blocked).unwrap();
    assert_eq!(project.query("select count(*) n from t.t")[0]["n"], 2);
    assert_eq!(project.publish("b.parquet")["outcome"], "released");
    assert_eq!(project.query("select count(*) n from t.t")[0]["n"], 3);
}

#[test]
fn bad_input_gets_a_diagnostic_and_has_no_effect() {
    let project = Project::of_columns(SCORES);
    scores(&project, "a.parquet", &[0.1]);
    let cases: &[(&[&str], i32, &str)] = &[
        (&["publish", "t", "t=missing.parquet"], 2, "no such file"),
        (&["publish", "t", "t=none/*.parquet"], 2, "matches no file"),
        (&["publish", "t", "x=a.parquet"], 2, "no table 'x'"),
        (&["publish", "tt", "t=a.parquet"], 2, "no contract 'tt'"),
        (&["check", "t.x", "a.parquet"], 2, "no table 'x'"),
        (&["check", "t", "contracts"], 2, "no file with a known ending"),
        (&["query", "select * from t.x"], 2, "no table 't.x'"),
        (&["query", "nobody"], 2, "no consumer 'nobody'"),
        (&["query", "select $a"], 2, "'a' is not given"),
        (&["query", "select 1", "-p", "a=1"], 2, "no parameter 'a'"),
        (&["query", "selec 1"], 2, "selec"),
        (&["releases", "nope"], 2, "no contract 'nope'"),
        (&["describe", "t.t.nope"], 2, "no column 'nope'"),
        (&["--env", "prod", "tables"], 2, "no environment 'prod'"),
        (&["--warehouse", "gopher://x", "tables"], 2, "gopher"),
        (&["--project", "/nowhere", "lint"], 2, "pactum.yaml"),
        (&["--memory-limit", "5", "lint"], 2, "16MB"),
    ];
    for (arguments, code, words) in cases {
        let run = project.run(arguments);
        assert_eq!(run.code, *code, "{arguments:?}: {} {}", run.stdout, run.stderr);
        assert!(run.stderr.contains(words), "{arguments:?}: {}", run.stderr);
        assert!(run.stdout.is_empty(), "{arguments:?}: {}", run.stdout);
    }
    assert!(!project.path().join("warehouse").exists());
    let run = project.run(&["check", "t", "missing.parquet", "--format", "json"]).expect(2);
    assert_eq!(run.json()["error"]["code"], "missing-file");
}

#[test]
fn evidence_leaks_nothing() {
    let columns = "- { name: id, logicalType: string, primaryKey: true, classification: secret }\n\
        - { name: a, logicalType: integer, classification: confidential, logicalTypeOptions: { minimum: 0 } }\n\
        - { name: b, logicalType: integer }";
    let more = "quality:\n- { id: top, type: sql, query: \"select max(a) from t\", mustBeLessThan: 987654 }";
    let project = Project::new(&[("t", &contract("1.0.0", columns, more))]);
    let rows = |a: [i64; 2]| {
        vec![
            ("id", texts([Some("hush-hush-1"), Some("hush-hush-2")])),
            ("a", longs(a)),
            ("b", longs([5, 6])),
        ]
    };
    project.parquet("good.parquet", rows([876_543, 3]));
    project.parquet("bad.parquet", rows([876_543, -765_432]));
    assert_eq!(project.publish("good.parquet")["outcome"], "released");
    assert_eq!(project.publish("bad.parquet")["outcome"], "rejected");
    for (path, bytes) in tree(&project.path().join("warehouse")) {
        let name = path.to_string_lossy().into_owned();
        // The data itself is what is released; its log, ledger and attempts are evidence.
        if name.contains("/v1/") && name.ends_with(".parquet") {
            continue;
        }
        let text = String::from_utf8_lossy(&bytes);
        for secret in ["hush", "876543", "765432"] {
            assert!(!text.contains(secret), "{name} holds {secret}");
        }
    }
    let evidence = project.run(&["releases", "show", "t", "1", "--format", "json"]).expect(0);
    assert!(!evidence.stdout.contains("876543") && !evidence.stdout.contains("hush"));
    let measured =
        project.query("select clause from pactum.clauses where measured like '%876543%'");
    assert_eq!(measured, json!([]));
    let log = std::fs::read_to_string(
        project.path().join("warehouse/t/v1/t/_delta_log/00000000000000000000.json"),
    )
    .unwrap();
    let add: Value = log
        .lines()
        .map(|l| serde_json::from_str::<Value>(l).unwrap())
        .find(|l| !l["add"].is_null())
        .unwrap();
    let statistics: Value = serde_json::from_str(add["add"]["stats"].as_str().unwrap()).unwrap();
    assert_eq!(statistics["nullCount"], json!({ "id": 0, "a": 0, "b": 0 }));
    assert_eq!(statistics["minValues"], json!({ "b": 5 }));
}

#[test]
fn of_many_publishers_at_once_each_release_is_whole_and_numbers_are_dense() {
    let rounds = times("PACTUM_TEST_RACES", 2);
    for round in 0..rounds {
        let project = Project::of_columns(SCORES);
        let publishers = 4;
        for n in 1..=publishers {
            let values = vec![n as f64 / 10.0; n * 10];
            scores(&project, &format!("{n}.parquet"), &values);
        }
        let outcomes: Vec<i32> = std::thread::scope(|scope| {
            let handles: Vec<_> = (1..=publishers)
                .map(|n| {
                    let folder = project.path().to_owned();
                    scope.spawn(move || {
                        pactum(&folder, &["publish", "t", &format!("t={n}.parquet")]).code
                    })
                })
                .collect();
            handles.into_iter().map(|h| h.join().unwrap()).collect()
        });
        assert!(
            outcomes.iter().all(|code| *code == 0 || *code == 3),
            "round {round}: {outcomes:?}"
        );
        let released = outcomes.iter().filter(|code| **code == 0).count();
        let numbers = project.query("select release from pactum.releases order by release");
        let numbers: Vec<u64> =
            numbers.as_array().unwrap().iter().map(|r| r["release"].as_u64().unwrap()).collect();
        assert_eq!(numbers, (1..=released as u64).collect::<Vec<_>>());
        for number in &numbers {
            let sql = "select count(*) n, count(distinct score) d, max(score) m from t.t";
            let run =
                project.run(&["query", sql, "--release", &number.to_string(), "--format", "json"]);
            let row = run.expect(0).json()[0].clone();
            let n = (row["m"].as_f64().unwrap() * 10.0).round() as u64;
            assert_eq!((row["n"].as_u64().unwrap(), row["d"].as_u64().unwrap()), (n * 10, 1));
        }
        if let Some(python) = crate::python::interpreter() {
            let head = crate::python::read_delta(&python, &project.path().join("warehouse/t/v1/t"));
            assert_eq!(
                head,
                project.query("select id, score from t.t order by id"),
                "round {round}"
            );
        }
    }
    crate::support::note(
        "four publishers at once",
        rounds,
        "dense numbers, whole releases, head = current release",
    );
}

#[test]
fn two_publishers_with_one_id_cannot_destroy_the_ledger() {
    let rounds = times("PACTUM_TEST_RACES", 3);
    for round in 0..rounds {
        let project = Project::of_columns(SCORES);
        scores(&project, "a.parquet", &[0.1]);
        scores(&project, "b.parquet", &[0.2, 0.3]);
        std::thread::scope(|scope| {
            for file in ["a", "b"] {
                let folder = project.path().to_owned();
                scope.spawn(move || {
                    pactum(
                        &folder,
                        &["publish", "t", &format!("t={file}.parquet"), "--publish-id", "ci-1"],
                    );
                });
            }
        });
        let rows = project.query("select count(*) n from t.t")[0]["n"].as_u64().unwrap();
        assert!(rows == 1 || rows == 2, "round {round}: {rows}");
        assert_eq!(project.publish("b.parquet")["verdict"], "passed");
    }
    crate::support::note("two publishers with one id", rounds, "the ledger stays whole");
}

#[test]
fn ids_and_names_of_any_characters_are_published_and_read_by_others() {
    let text = contract("1.0.0", SCORES, "")
        .replace("id: t", "id: \"urn:a b/ü%20#1\"")
        .replace("- name: t", "- name: t\n    physicalName: \"Table 1.x\"");
    let project = Project::new(&[("t", &text)]);
    scores(&project, "a.parquet", &[0.1, 0.2]);
    project.write("elsewhere/here", "");
    for warehouse in ["warehouse", "odd %20 #1 [é]", "elsewhere/../up"] {
        let run = |arguments: &[&str]| {
            project.run(&[&["--warehouse", warehouse], arguments].concat()).expect(0)
        };
        run(&["publish", "t", "t=elsewhere/../a.parquet"]);
        let rows = run(&["query", "select count(*) n from t.t", "--format", "json"]).json();
        assert_eq!(rows, json!([{ "n": 2 }]), "{warehouse}");
    }
    let Some(python) = crate::python::interpreter() else { return };
    let logs: Vec<PathBuf> = tree(&project.path().join("warehouse"))
        .into_iter()
        .map(|(path, _)| path)
        .filter(|p| p.ends_with("_delta_log/00000000000000000000.json"))
        .collect();
    let table = logs.iter().find(|p| p.to_string_lossy().contains("/v1/")).unwrap();
    let table = table.parent().unwrap().parent().unwrap();
    assert_eq!(crate::python::read_delta(&python, table).as_array().unwrap().len(), 2);
}

#[test]
fn a_head_that_a_dead_publisher_left_is_put_right_by_whoever_comes_next() {
    let Some(python) = crate::python::interpreter() else { return };
    let project = Project::of_columns(SCORES);
    scores(&project, "a.parquet", &[0.1, 0.2]);
    scores(&project, "b.parquet", &[0.3, 0.4, 0.5]);
    scores(&project, "bad.parquet", &[7.0]);
    let log = project.path().join("warehouse/t/_ledger/_delta_log/00000000000000000002.json");
    let table = project.path().join("warehouse/t/v1/t");
    for (file, outcome) in [("a.parquet", "unchanged"), ("bad.parquet", "rejected")] {
        project.publish("a.parquet");
        let moved = project.path().join("moved.json");
        project.publish("b.parquet");
        // As if the publisher had died before its entry.
        std::fs::rename(&log, &moved).unwrap();
        assert_eq!(crate::python::read_delta(&python, &table).as_array().unwrap().len(), 3);
        assert_eq!(project.publish(file)["outcome"], outcome);
        assert_eq!(
            crate::python::read_delta(&python, &table).as_array().unwrap().len(),
            2,
            "{file}"
        );
    }
}

#[test]
fn a_query_is_bounded_in_length_depth_and_time() {
    let project = Project::of_columns(SCORES);
    let long = format!("select {}", vec!["1"; 20_000].join("+"));
    let wide = vec!["select 1"; 3_000].join(" union all ");
    let deep = format!("select {}1{}", "(".repeat(3_000), ")".repeat(3_000));
    for hostile in [&long, &wide, &deep] {
        let run = project.run(&["query", hostile]);
        assert!(
            run.code == 0 || run.code == 2,
            "{}: {}",
            run.code,
            &run.stderr[..run.stderr.len().min(300)]
        );
    }
    let endless =
        "with recursive r as (select 1 n union all select n + 1 from r) select count(*) from r";
    let run = project.run(&["query", endless, "--timeout", "1"]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    // A join that never pauses is stopped too.
    scores(&project, "big.parquet", &[0.5; 8_000]);
    project.publish("big.parquet");
    let cross = "select count(*) from t.t a, t.t b, t.t c where a.score + b.score > c.score";
    let begun = std::time::Instant::now();
    let run = project.run(&["query", cross, "--timeout", "1"]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
    let run = project.run(&["query", "select repeat('x', 2000000000)"]).expect(3);
    assert!(run.stderr.contains("repeat"), "{}", run.stderr);
}

#[test]
fn a_release_file_that_is_gone_is_an_error_and_no_partial_answer() {
    let project = Project::of_columns(SCORES);
    scores(&project, "a.parquet", &[0.1]);
    project.publish("a.parquet");
    let table = project.path().join("warehouse/t/v1/t");
    for entry in std::fs::read_dir(&table).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "parquet") {
            std::fs::remove_file(path).unwrap();
        }
    }
    let run = project.run(&["query", "select count(*) from t.t"]);
    assert_ne!(run.code, 0);
    assert!(run.stderr.contains(".parquet"), "{}", run.stderr);
}

#[test]
fn copying_the_warehouse_is_a_backup() {
    let project = Project::of_columns(SCORES);
    scores(&project, "a.parquet", &[0.1, 0.2]);
    project.publish("a.parquet");
    let copy = tempfile::tempdir().unwrap();
    for (path, bytes) in tree(&project.path().join("warehouse")) {
        let relative = path.strip_prefix(project.path()).unwrap();
        let target = copy.path().join(relative);
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::write(target, bytes).unwrap();
    }
    drop(project);
    let run = pactum(
        copy.path(),
        &["--warehouse", "warehouse", "query", "select count(*) n from t.t", "--format", "json"],
    );
    assert_eq!(run.expect(0).json(), json!([{ "n": 2 }]));
}
