//! Paths that a log names: files outside the table's folder are not read.

use std::os::unix::fs::symlink;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::{Project, longs};

const COLUMNS: &str = "- { name: a, logicalType: integer, primaryKey: true }";

/// A Delta table `d` whose log names these files.
fn delta(project: &Project, folder: &str, paths: &[&str]) {
    let mut log = vec![
        json!({ "protocol": { "minReaderVersion": 1, "minWriterVersion": 2 } }),
        json!({ "metaData": {
            "id": "8f7b2a1c-0000-4000-8000-000000000001",
            "format": { "provider": "parquet", "options": {} },
            "schemaString": r#"{"type":"struct","fields":[{"name":"a","type":"long","nullable":true,"metadata":{}}]}"#,
            "partitionColumns": [], "configuration": {}, "createdTime": 0,
        } }),
    ];
    for path in paths {
        let real = project.path().join(folder).join(path.replace("%25", "%").replace("%20", " "));
        let size = real.metadata().map_or(0, |m| m.len());
        log.push(json!({ "add": {
            "path": path, "partitionValues": {}, "size": size, "modificationTime": 0, "dataChange": true,
        } }));
    }
    let text: Vec<String> = log.iter().map(Value::to_string).collect();
    project.write(&format!("{folder}/_delta_log/{:020}.json", 0), &text.join("\n"));
}

/// Names in a log that lead to `secret.parquet` beside the folder `d`.
fn ways_out(project: &Path) -> Vec<String> {
    let absolute = project.join("secret.parquet").display().to_string();
    vec![
        "../secret.parquet".to_owned(),
        "x/../../secret.parquet".to_owned(),
        "%2e%2e%2fsecret.parquet".to_owned(),
        "%2E%2E/secret.parquet".to_owned(),
        "%252e%252e%252fsecret.parquet".to_owned(),
        "..%5csecret.parquet".to_owned(),
        "..\\secret.parquet".to_owned(),
        format!("file://{absolute}"),
        format!("file:{absolute}"),
        "s3://bucket/secret.parquet".to_owned(),
        absolute.replace('/', "%2F"),
        absolute,
        "link.parquet".to_owned(),
        "folder/secret.parquet".to_owned(),
        "secret%00.parquet".to_owned(),
    ]
}

#[test]
fn a_delivered_tables_log_names_files_of_its_own_folder_alone() {
    let project = Project::of_columns(COLUMNS);
    project.parquet("secret.parquet", vec![("a", longs([13]))]);
    project.parquet("d/x/own.parquet", vec![("a", longs([1, 2]))]);
    symlink("../secret.parquet", project.path().join("d/link.parquet")).unwrap();
    symlink("..", project.path().join("d/folder")).unwrap();
    for path in ways_out(project.path()) {
        delta(&project, "d", &[&path, "x/own.parquet"]);
        for arguments in [["check", "t", "d"], ["publish", "t", "t=d"]] {
            let run = project.run(&arguments);
            assert_eq!(run.code, 1, "{arguments:?} {path}: {}", run.stderr);
            assert!(run.stderr.contains("more than its folder"), "{path}: {}", run.stderr);
        }
        for arguments in [["profile", "d"], ["infer", "d"]] {
            assert_eq!(project.run(&arguments).code, 1, "{arguments:?} {path}");
        }
        assert!(!project.path().join("warehouse/t/v1").exists(), "{path}");
    }
    // A file that the user names may be a link; so may the table's folder.
    project.run(&["check", "t", "d/link.parquet"]).expect(0);
    delta(&project, "d", &["x/own.parquet"]);
    symlink("d", project.path().join("named")).unwrap();
    assert_eq!(project.publish("named")["outcome"], "released");
    assert_eq!(project.query("select count(*) as n from t.t"), json!([{ "n": 2 }]));
}

#[test]
fn partition_paths_with_encoded_characters_are_read() {
    let project = Project::of_columns(COLUMNS);
    // As Spark writes them: the folder's name is encoded once, the path in the log once more.
    for (n, folder) in ["p=a%2Fb", "p=50%25", "p=a%5Cb", "p=..%2Fx", "p=x y"].iter().enumerate() {
        project.parquet(&format!("d/{folder}/part.parquet"), vec![("a", longs([n as i64]))]);
    }
    let logged = [
        "p=a%252Fb/part.parquet",
        "p=50%2525/part.parquet",
        "p=a%255Cb/part.parquet",
        "p=..%252Fx/part.parquet",
        "p=x%20y/part.parquet",
    ];
    delta(&project, "d", &logged);
    project.run(&["check", "t", "d"]).expect(0);
    assert_eq!(project.publish("d")["outcome"], "released");
    assert_eq!(project.query("select count(*) as n from t.t"), json!([{ "n": 5 }]));
}

#[test]
fn links_in_a_delivered_log_do_not_lead_out() {
    let project = Project::of_columns(COLUMNS);
    project.parquet("d/own.parquet", vec![("a", longs([1]))]);
    project.parquet("other/own.parquet", vec![("a", longs([2]))]);
    delta(&project, "other", &["own.parquet"]);
    // The log itself, and one of its files.
    symlink("../other/_delta_log", project.path().join("d/_delta_log")).unwrap();
    let run = project.run(&["check", "t", "d"]).expect(1);
    assert!(run.stderr.contains("by a link"), "{}", run.stderr);
    std::fs::remove_file(project.path().join("d/_delta_log")).unwrap();
    delta(&project, "d", &["own.parquet"]);
    let entry = format!("_delta_log/{:020}.json", 1);
    symlink(format!("../../other/_delta_log/{:020}.json", 0), project.path().join("d").join(entry))
        .unwrap();
    project.run(&["check", "t", "d"]).expect(1);
}

#[test]
fn a_released_tables_log_names_files_of_its_own_folder_alone() {
    let project = Project::of_columns(COLUMNS);
    project.parquet("a.parquet", vec![("a", longs([1, 2]))]);
    project.parquet("secret.parquet", vec![("a", longs([13]))]);
    project.run(&["publish", "t", "t=a.parquet"]).expect(0);
    let table = project.path().join("warehouse/t/v1/t");
    let log = table.join(format!("_delta_log/{:020}.json", 0));
    let written = std::fs::read_to_string(&log).unwrap();
    let mut lines: Vec<Value> = written.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let at = lines.iter().position(|l| !l["add"].is_null()).unwrap();
    let own = lines[at]["add"]["path"].as_str().unwrap().to_owned();
    symlink(project.path().join("secret.parquet"), table.join("link.parquet")).unwrap();
    symlink(project.path(), table.join("folder")).unwrap();
    let mut ways = ways_out(&project.path().join("warehouse/t/v1"));
    std::fs::copy(
        project.path().join("secret.parquet"),
        project.path().join("warehouse/t/v1/secret.parquet"),
    )
    .unwrap();
    ways.push("../../../../secret.parquet".to_owned());
    for path in ways {
        lines[at]["add"]["path"] = json!(path);
        let text: Vec<String> = lines.iter().map(Value::to_string).collect();
        std::fs::write(&log, text.join("\n")).unwrap();
        for arguments in [
            vec!["query", "select * from t.t", "--format", "json"],
            vec!["check", "t", "--release", "current"],
        ] {
            let run = project.run(&arguments);
            assert_eq!(run.code, 3, "{arguments:?} {path}: {}{}", run.stdout, run.stderr);
            assert!(!run.stdout.contains("13"), "{path}: {}", run.stdout);
        }
    }
    lines[at]["add"]["path"] = json!(own);
    lines[at]["add"]["deletionVector"] = json!({
        "storageType": "u", "pathOrInlineDv": "vBn[lx{q8@P<9BNH/isA", "offset": 1,
        "sizeInBytes": 36, "cardinality": 1,
    });
    let text: Vec<String> = lines.iter().map(Value::to_string).collect();
    std::fs::write(&log, text.join("\n")).unwrap();
    project.run(&["query", "select * from t.t"]).expect(3);
    std::fs::write(&log, &written).unwrap();
    assert_eq!(project.query("select count(*) as n from t.t"), json!([{ "n": 2 }]));
    // The next publish needs no release before it.
    std::fs::write(&log, written.replace(&own, "../secret.parquet")).unwrap();
    project.run(&["query", "select * from t.t"]).expect(3);
    project.parquet("b.parquet", vec![("a", longs([4, 5, 6]))]);
    assert_eq!(project.publish("b.parquet")["outcome"], "released");
    assert_eq!(project.query("select count(*) as n from t.t"), json!([{ "n": 3 }]));
    assert!(project.path().join("warehouse/t/v1/secret.parquet").exists());
}

#[test]
fn a_ledger_names_files_and_tables_of_its_own_contract_alone() {
    let project = Project::of_columns(COLUMNS);
    project.parquet("a.parquet", vec![("a", longs([1]))]);
    project.run(&["publish", "t", "t=a.parquet"]).expect(0);
    let contract = project.path().join("warehouse/t");
    let ledger = contract.join("_ledger");
    let names_of_commits =
        |e: &std::fs::DirEntry| e.path().extension().is_some_and(|e| e == "json");
    for entry in std::fs::read_dir(ledger.join("_delta_log")).unwrap().flatten() {
        if !names_of_commits(&entry) {
            continue;
        }
        let written = std::fs::read_to_string(entry.path()).unwrap();
        let mut lines: Vec<Value> =
            written.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        let Some(at) = lines.iter().position(|l| !l["add"].is_null()) else { continue };
        let own = lines[at]["add"]["path"].as_str().unwrap().to_owned();
        std::fs::copy(ledger.join(&own), contract.join("elsewhere.parquet")).unwrap();
        lines[at]["add"]["path"] = json!("../elsewhere.parquet");
        let text: Vec<String> = lines.iter().map(Value::to_string).collect();
        std::fs::write(entry.path(), text.join("\n")).unwrap();
        let run = project.run(&["query", "select * from t.t"]);
        assert_eq!(run.code, 3, "{}{}", run.stdout, run.stderr);
        std::fs::write(entry.path(), written).unwrap();
    }
    project.run(&["query", "select * from t.t"]).expect(0);
}
