//! Publishing anew works whatever of the released data is broken, and says what was lost.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::{Project, contract, longs, pactum, tree};

const KEYED: &str = "- { name: a, logicalType: integer, primaryKey: true }";
const DRIFT: &str = "quality:\n  - name: grows\n    type: custom\n    engine: pactum\n    implementation: { metric: keysKept, mustBeGreaterThan: 1 }";

fn released() -> (Project, PathBuf) {
    let project = Project::new(&[("t", &contract("1.0.0", KEYED, DRIFT))]);
    for (name, rows) in [("a", 5), ("b", 6), ("c", 7)] {
        project.parquet(&format!("{name}.parquet"), vec![("a", longs(0..rows))]);
    }
    for file in ["t=a.parquet", "t=b.parquet"] {
        project.run(&["publish", "t", file]).expect(0);
    }
    let table = project.path().join("warehouse/t/v1/t");
    (project, table)
}

/// The newest file of a folder, without what lies in folders below it.
fn newest(folder: &std::path::Path, ending: &str) -> PathBuf {
    let here = tree(folder).into_iter().map(|(path, _)| path);
    let mut files: Vec<PathBuf> = here
        .filter(|p| p.parent() == Some(folder) && p.to_string_lossy().ends_with(ending))
        .collect();
    files.sort();
    files.pop().unwrap()
}

fn notices(report: &Value) -> String {
    report["notices"].to_string()
}

#[test]
fn a_lost_or_cut_file_of_the_current_release_does_not_stop_a_publish() {
    let damages: [(&str, fn(&PathBuf)); 3] = [
        ("lost", |path| std::fs::remove_file(path).unwrap()),
        ("cut", |path| {
            let bytes = std::fs::read(path).unwrap();
            std::fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
        }),
        ("emptied", |path| std::fs::write(path, "").unwrap()),
    ];
    for (word, damage) in damages {
        let (project, table) = released();
        let file = newest(&table, ".parquet");
        damage(&file);
        let query = project.run(&["query", "select sum(a) from t.t", "--format", "json"]).expect(3);
        let name = file.file_name().unwrap().to_str().unwrap();
        let place = query.json()["error"]["where"].to_string();
        assert!(place.contains(name), "{word}: {query:?}");
        // A transient fault would be an error; this one is for good.
        let report = project.publish("c.parquet");
        assert_eq!(report["outcome"], "released", "{word}: {report:#}");
        assert_eq!(report["release"], 3, "{word}");
        assert!(notices(&report).contains(name), "{word}: {report:#}");
        let drift = crate::support::clause(&report, "t/grows");
        assert_ne!(drift["verdict"], "passed", "{word}: {drift}");
        assert!(drift["reason"].as_str().unwrap().contains("release 2"), "{word}: {drift}");
        assert_eq!(project.query("select count(*) n from t.t"), json!([{ "n": 7 }]), "{word}");
        // What was not lost is still there.
        let first = project.run(&[
            "query",
            "select count(*) n from t.t",
            "--release",
            "1",
            "--format",
            "json",
        ]);
        assert_eq!(first.expect(0).json()[0]["n"], 5, "{word}");
    }
}

#[test]
fn the_data_of_a_lost_release_again_are_a_new_release() {
    let damages: [fn(&PathBuf); 2] = [
        |path| std::fs::remove_file(path).unwrap(),
        |path| {
            let mut bytes = std::fs::read(path).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            std::fs::write(path, bytes).unwrap();
        },
    ];
    for damage in damages {
        let (project, table) = released();
        damage(&newest(&table, ".parquet"));
        let report = project.publish("b.parquet");
        assert_eq!((&report["outcome"], &report["release"]), (&json!("released"), &json!(3)));
        assert_eq!(project.query("select count(*) n from t.t")[0]["n"], 6);
        let again = project.publish("b.parquet");
        assert_eq!((&again["outcome"], &again["release"]), (&json!("unchanged"), &json!(3)));
    }
}

#[test]
fn a_damaged_log_of_a_table_does_not_stop_a_publish() {
    let damages: [fn(&PathBuf); 3] = [
        |path| std::fs::write(path, "").unwrap(),
        |path| {
            let bytes = std::fs::read(path).unwrap();
            std::fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
        },
        |path| {
            let text = std::fs::read_to_string(path).unwrap();
            std::fs::write(path, text.replace("\"add\"", "\"bdd\"")).unwrap();
        },
    ];
    for (n, damage) in damages.into_iter().enumerate() {
        let (project, table) = released();
        let commit = newest(&table.join("_delta_log"), ".json");
        damage(&commit);
        let query = project.run(&["query", "select * from t.t", "--format", "json"]).expect(3);
        assert_eq!(query.json()["error"]["code"], "damaged-log", "{n}: {query:?}");
        for (file, rows) in [("c.parquet", 7), ("a.parquet", 5)] {
            let report = project.publish(file);
            assert_eq!(report["outcome"], "released", "{n}: {report:#}");
            let said = notices(&report).contains("00000000000000000001.json");
            assert_eq!(said, file == "c.parquet", "{n}: told once: {report:#}");
            assert_eq!(project.query("select count(*) n from t.t")[0]["n"], rows, "{n}");
        }
    }
}

#[test]
fn versions_that_a_log_has_lost_are_not_given_again() {
    type Loss = fn(&std::path::Path);
    let losses: [(&str, Loss); 3] = [
        ("the newest commit", |table| {
            let log = table.join("_delta_log");
            std::fs::remove_file(log.join("00000000000000000001.json")).unwrap();
        }),
        ("the log", |table| std::fs::remove_dir_all(table.join("_delta_log")).unwrap()),
        ("every table", |table| std::fs::remove_dir_all(table.parent().unwrap()).unwrap()),
    ];
    for (what, lose) in losses {
        let (project, table) = released();
        lose(&table);
        project.run(&["query", "select * from t.t", "--format", "json"]).expect(3);
        let report = project.publish("c.parquet");
        assert_eq!(report["outcome"], "released", "{what}: {report:#}");
        assert!(notices(&report).contains("_delta_log"), "{what}: {report:#}");
        assert_eq!(project.query("select count(*) n from t.t")[0]["n"], 7, "{what}");
        // The second release is lost, and is not read as the third.
        let second = ["query", "select count(*) n from t.t", "--release", "2"];
        project.run(&second).expect(3);
        assert_eq!(project.publish("a.parquet")["release"], 4, "{what}");
        project.run(&second).expect(3);
    }
}

#[test]
fn rows_that_the_ledger_does_not_tell_of_are_not_read() {
    // A log that was rewritten to name another release's file.
    let (project, table) = released();
    let log = table.join("_delta_log");
    let first = std::fs::read_to_string(log.join("00000000000000000000.json")).unwrap();
    let old = first.lines().find(|line| line.contains("\"add\"")).unwrap();
    let commit = log.join("00000000000000000001.json");
    std::fs::write(&commit, format!("{old}\n")).unwrap();
    let query = project.run(&["query", "select count(*) from t.t", "--format", "json"]).expect(3);
    assert_eq!(query.json()["error"]["code"], "damaged-release", "{query:?}");
    let warehouse = project.path().join("warehouse");
    let alone = tempfile::tempdir().unwrap();
    let check = ["--warehouse", warehouse.to_str().unwrap(), "query", "select a from t.t limit 1"];
    pactum(alone.path(), &check).expect(3);
}
