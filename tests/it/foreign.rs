//! What other tools and other versions have made of a warehouse or of a delivered Delta table: it is read
//! for what it is, put right, or refused by name.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::support::{Project, contract, longs, tree};

const KEYED: &str = "- { name: a, logicalType: integer, primaryKey: true }";

fn released_once() -> Project {
    let project = Project::of_columns(KEYED);
    for (name, rows) in [("a", 5), ("b", 6), ("c", 7)] {
        project.parquet(&format!("{name}.parquet"), vec![("a", longs(0..rows))]);
    }
    project.run(&["publish", "t", "t=a.parquet"]).expect(0);
    project
}

/// The commits of a Delta table, oldest first.
fn commits(table: &Path) -> Vec<PathBuf> {
    let files = tree(&table.join("_delta_log")).into_iter().map(|(path, _)| path);
    files.filter(|path| path.extension().is_some_and(|e| e == "json")).collect()
}

fn actions(commit: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(commit).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The data files that a table's newest version has.
fn head(table: &Path) -> Vec<String> {
    let mut files: Vec<String> = Vec::new();
    for action in commits(table).iter().flat_map(|commit| actions(commit)) {
        if let Some(path) = action["remove"]["path"].as_str() {
            files.retain(|file| file != path);
        }
        if let Some(path) = action["add"]["path"].as_str() {
            files.push(path.to_owned());
        }
    }
    files
}

/// The newest metadata of a table.
fn metadata(table: &Path) -> Value {
    let mut all = commits(table).into_iter().flat_map(|commit| actions(&commit));
    all.rfind(|action| action["metaData"].is_object()).unwrap()["metaData"].clone()
}

/// Appends a commit, as another writer does.
fn append(table: &Path, actions: &[Value]) {
    let version = commits(table).len();
    let text: Vec<String> = actions.iter().map(Value::to_string).collect();
    std::fs::write(table.join(format!("_delta_log/{version:020}.json")), text.join("\n")).unwrap();
}

#[test]
fn a_warehouse_of_a_newer_format_is_refused_by_every_command() {
    let project = released_once();
    let marker = project.path().join("warehouse/pactum.json");
    let whole: Value = serde_json::from_slice(&std::fs::read(&marker).unwrap()).unwrap();
    let mut newer = whole.clone();
    newer["min_writer_version"] = json!(99);
    std::fs::write(&marker, newer.to_string()).unwrap();
    let code = |arguments: &[&str]| {
        let run = project.run(&[arguments, &["--format", "json"]].concat());
        (run.code, run.json()["error"]["code"].clone())
    };
    let refused = (2, json!("newer-format"));
    assert_eq!(code(&["publish", "t", "t=b.parquet"]), refused);
    assert_eq!(project.query("select count(*) n from t.t")[0]["n"], 5);
    newer["min_reader_version"] = json!(99);
    std::fs::write(&marker, newer.to_string()).unwrap();
    let before = tree(&project.path().join("warehouse"));
    for arguments in [
        &["query", "select * from t.t"][..],
        &["query", "select * from pactum.releases"],
        &["releases"],
        &["tables"],
        &["check", "t", "--release", "current"],
        &["publish", "t", "t=b.parquet"],
    ] {
        assert_eq!(code(arguments), refused, "{arguments:?}");
    }
    assert_eq!(tree(&project.path().join("warehouse")), before);
}

#[test]
fn a_ledger_that_another_tool_has_partitioned_is_refused() {
    let project = released_once();
    let ledger = project.path().join("warehouse/t/_ledger");
    let mut partitioned = metadata(&ledger);
    partitioned["partitionColumns"] = json!(["major"]);
    append(&ledger, &[json!({ "metaData": partitioned })]);
    for arguments in [["query", "select * from t.t"], ["publish", "t"]] {
        let files = if arguments[0] == "publish" { vec!["t=b.parquet"] } else { vec![] };
        let run = project.run(&[&arguments[..], &files, &["--format", "json"]].concat()).expect(3);
        let error = &run.json()["error"];
        assert_eq!(error["code"], "damaged-ledger", "{run:?}");
        assert!(error["message"].as_str().unwrap().contains("partitioned"), "{error}");
    }
}

#[test]
fn a_table_that_another_tool_has_partitioned_is_whole_again_after_the_next_publish() {
    let project = released_once();
    let table = project.path().join("warehouse/t/v1/t");
    let mut partitioned = metadata(&table);
    partitioned["partitionColumns"] = json!(["a"]);
    append(&table, &[json!({ "metaData": partitioned })]);
    assert_eq!(project.query("select sum(a) n from t.t")[0]["n"], "10");
    assert_eq!(project.publish("b.parquet")["outcome"], "released");
    assert_eq!(project.query("select sum(a) n from t.t")[0]["n"], "15");
    assert_eq!(metadata(&table)["partitionColumns"], json!([]));
}

#[test]
fn files_that_another_tool_has_added_or_removed_are_not_read_and_are_put_right() {
    let project = released_once();
    let table = project.path().join("warehouse/t/v1/t");
    let own = head(&table);
    project.parquet("warehouse/t/v1/t/other.parquet", vec![("a", longs([100]))]);
    let size = table.join("other.parquet").metadata().unwrap().len();
    let other = json!({ "add": {
        "path": "other.parquet", "partitionValues": {}, "size": size, "modificationTime": 0, "dataChange": true,
    } });
    let removed =
        json!({ "remove": { "path": own[0], "deletionTimestamp": 0, "dataChange": true } });
    append(&table, &[other, removed]);
    assert_eq!(head(&table), ["other.parquet"]);
    assert_eq!(project.query("select sum(a) n from t.t")[0]["n"], "10");
    assert_eq!(project.publish("a.parquet")["outcome"], "unchanged");
    assert_eq!(head(&table), own);
}

#[test]
fn a_damaged_log_of_a_delivered_table_is_told_with_its_file() {
    let project = released_once();
    let source = project.path().join("warehouse/t/v1/t");
    type Damage = fn(&Path);
    let damages: [(&str, Damage); 4] = [
        ("emptied", |commit| std::fs::write(commit, "").unwrap()),
        ("cut", |commit| {
            let bytes = std::fs::read(commit).unwrap();
            std::fs::write(commit, &bytes[..bytes.len() / 2]).unwrap();
        }),
        ("rewritten", |commit| std::fs::write(commit, "not json").unwrap()),
        ("a folder", |commit| {
            std::fs::remove_file(commit).unwrap();
            std::fs::create_dir(commit).unwrap();
        }),
    ];
    project.run(&["publish", "t", "t=b.parquet"]).expect(0);
    for (what, damage) in damages {
        let delivered = tempfile::tempdir().unwrap();
        for (path, bytes) in tree(&source) {
            let copy = delivered.path().join(path.strip_prefix(&source).unwrap());
            std::fs::create_dir_all(copy.parent().unwrap()).unwrap();
            std::fs::write(copy, bytes).unwrap();
        }
        let folder = delivered.path().to_str().unwrap().to_owned();
        project.run(&["check", "t", &folder]).expect(0);
        let newest = commits(delivered.path()).pop().unwrap();
        damage(&newest);
        for arguments in [vec!["check", "t", &folder], vec!["publish", "t", &folder]] {
            let run = project.run(&arguments);
            assert!([1, 3].contains(&run.code), "{what}: {arguments:?}: {run:?}");
            let name = newest.file_name().unwrap().to_str().unwrap();
            assert!(run.stderr.contains(name), "{what}: {arguments:?}: {run:?}");
        }
    }
    assert_eq!(project.query("select count(*) n from t.t")[0]["n"], 6);
}

/// Takes back a contract's newest entry, as if its publisher had died before it.
fn without_newest_entry(project: &Project) {
    let newest = commits(&project.path().join("warehouse/t/_ledger")).pop().unwrap();
    std::fs::remove_file(newest).unwrap();
}

#[test]
fn heads_that_a_dead_publisher_left_under_another_major_are_put_right() {
    let project = released_once();
    let first = project.path().join("warehouse/t/v1/t");
    let second = project.path().join("warehouse/t/v2/t");
    let released = head(&first);
    // The first publish of a major dies: no release has its tables.
    project.write("contracts/t.odcs.yaml", &contract("2.0.0", KEYED, ""));
    project.run(&["publish", "t", "t=b.parquet"]).expect(0);
    without_newest_entry(&project);
    assert_eq!(head(&second).len(), 1);
    project.write("contracts/t.odcs.yaml", &contract("1.0.0", KEYED, ""));
    assert_eq!(project.publish("a.parquet")["outcome"], "unchanged");
    assert_eq!((head(&first), head(&second)), (released.clone(), Vec::new()));
    // A later publish of the first major dies, and the next is of the second.
    project.run(&["publish", "t", "t=c.parquet"]).expect(0);
    without_newest_entry(&project);
    assert_ne!(head(&first), released);
    project.write("contracts/t.odcs.yaml", &contract("2.0.0", KEYED, ""));
    assert_eq!(project.publish("b.parquet")["outcome"], "released");
    assert_eq!((head(&first), head(&second).len()), (released, 1));
    // Damage of one major does not stop, and is not told to, publishers of the other.
    let commit = commits(&first).pop().unwrap();
    std::fs::write(&commit, "").unwrap();
    let report = project.publish("c.parquet");
    assert_eq!(report["outcome"], "released");
    assert!(!report["notices"].to_string().contains("heads"), "{report:#}");
}
