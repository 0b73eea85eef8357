//! Publishing again works whatever released data are broken, and reports what was lost.

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

/// The newest file of a folder, without subfolders.
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
    type Damage = fn(&PathBuf);
    let damages: [(&str, Damage); 3] = [
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
        // A transient fault would be an error; this one is permanent.
        let report = project.publish("c.parquet");
        assert_eq!(report["outcome"], "released", "{word}: {report:#}");
        assert_eq!(report["release"], 3, "{word}");
        assert!(notices(&report).contains(name), "{word}: {report:#}");
        let drift = crate::support::clause(&report, "t/grows");
        assert_ne!(drift["verdict"], "passed", "{word}: {drift}");
        assert!(drift["reason"].as_str().unwrap().contains("release 2"), "{word}: {drift}");
        assert_eq!(project.query("select count(*) n from t.t"), json!([{ "n": 7 }]), "{word}");
        // Everything else is still there.
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
        let beside = project.path().join("warehouse/t/v1/t~r2");
        assert!(beside.exists(), "{what}: a version was given twice");
        // The second release is lost, and is not read as the third.
        let second = ["query", "select count(*) n from t.t", "--release", "2"];
        project.run(&second).expect(3);
        assert_eq!(project.publish("a.parquet")["release"], 4, "{what}");
        project.run(&second).expect(3);
    }
}

#[test]
fn a_major_whose_tables_are_lost_is_not_answered_by_another() {
    let named = |version| contract(version, KEYED, "").replacen("\nname: t", "\nname: shop", 1);
    let project = Project::new(&[("t", &named("1.0.0"))]);
    project.parquet("a.parquet", vec![("a", longs(0..5))]);
    project.parquet("b.parquet", vec![("a", longs(0..6))]);
    project.run(&["publish", "t", "t=a.parquet"]).expect(0);
    project.write("contracts/t.odcs.yaml", &named("2.0.0"));
    project.run(&["publish", "t", "t=b.parquet"]).expect(0);
    let alone = tempfile::tempdir().unwrap();
    let at = project.path().join("warehouse");
    let count = |table: &str| {
        let sql = format!("select count(*) n from {table}");
        pactum(
            alone.path(),
            &["--warehouse", at.to_str().unwrap(), "query", &sql, "--format", "json"],
        )
    };
    assert_eq!(count("shop.t").expect(0).json()[0]["n"], 5);
    std::fs::remove_dir_all(at.join("t/v1")).unwrap();
    count("shop.t").expect(3);
    count("shop_v1.t").expect(3);
    assert_eq!(count("shop_v2.t").expect(0).json()[0]["n"], 6);
}

#[test]
fn a_release_whose_log_was_edited_is_not_unchanged_and_does_not_pass() {
    let (project, table) = released();
    let commit = newest(&table.join("_delta_log"), ".json");
    let text = std::fs::read_to_string(&commit).unwrap();
    let kept: Vec<&str> = text.lines().filter(|line| !line.contains("\"add\"")).collect();
    std::fs::write(&commit, kept.join("\n")).unwrap();
    project.run(&["query", "select * from t.t"]).expect(3);
    project.run(&["check", "t", "--release", "current"]).expect(3);
    let report = project.publish("b.parquet");
    assert_eq!((&report["outcome"], &report["release"]), (&json!("released"), &json!(3)));
    assert_eq!(project.query("select count(*) n from t.t")[0]["n"], 6);
}

#[test]
fn what_is_not_a_file_or_a_folder_any_more_does_not_stop_a_publish() {
    type Change = fn(&std::path::Path);
    let changes: [(&str, Change); 5] = [
        ("a table that is a file", |table| {
            std::fs::remove_dir_all(table).unwrap();
            std::fs::write(table, "x").unwrap();
        }),
        ("a log that leads nowhere", |table| {
            std::fs::remove_dir_all(table.join("_delta_log")).unwrap();
            std::os::unix::fs::symlink("/nowhere/at/all", table.join("_delta_log")).unwrap();
        }),
        ("hashes that are a file", |table| {
            std::fs::remove_dir_all(table.join("_blocks")).unwrap();
            std::fs::write(table.join("_blocks"), "x").unwrap();
        }),
        ("a commit that is a folder", |table| {
            let commit = newest(&table.join("_delta_log"), ".json");
            std::fs::remove_file(&commit).unwrap();
            std::fs::create_dir(&commit).unwrap();
        }),
        ("data that are a pipe", |table| {
            let file = newest(table, ".parquet");
            std::fs::remove_file(&file).unwrap();
            assert!(std::process::Command::new("mkfifo").arg(&file).status().unwrap().success());
        }),
    ];
    for (what, change) in changes {
        let (project, table) = released();
        change(&table);
        project.run(&["query", "select * from t.t"]).expect(3);
        let report = project.publish("c.parquet");
        assert_eq!(report["outcome"], "released", "{what}: {report:#}");
        assert_eq!(project.query("select count(*) n from t.t")[0]["n"], 7, "{what}");
    }
}

#[test]
fn a_checkpoint_that_was_never_finished_is_no_obstacle() {
    let (project, table) = released();
    for folder in [table.join("_delta_log"), project.path().join("warehouse/t/_ledger/_delta_log")]
    {
        std::fs::write(folder.join("00000000000000000001.checkpoint.parquet#1"), "").unwrap();
    }
    assert_eq!(project.query("select count(*) n from t.t")[0]["n"], 6);
    assert_eq!(project.publish("c.parquet")["release"], 3);
    assert!(!project.path().join("warehouse/t/v1/t~r2").exists());
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
