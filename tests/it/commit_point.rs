//! Guarantees at the commit point: one id, one release; one name, one contract; a retry changes nothing.

use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use pactum::warehouse::{Append, Ledger, Warehouse};
use serde_json::{Value, json};

use crate::support::{Project, Run, command, contract, longs, note, times, tree};

const KEYED: &str = "- { name: a, logicalType: integer, primaryKey: true }";

fn publish_as(project: &Project, id: &str, file: &str) -> Run {
    let table = format!("t={file}");
    project.run(&["publish", "t", &table, "--publish-id", id, "--format", "json"])
}

fn spawn(project: &Project, arguments: &[&str]) -> Child {
    command(project.path())
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn finished(child: Child) -> Run {
    let output = child.wait_with_output().unwrap();
    Run {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

fn releases(project: &Project) -> Vec<Value> {
    let all = project.run(&["releases", "--format", "json"]).expect(0).json();
    all.as_array().unwrap().clone()
}

#[test]
fn one_publish_id_in_many_processes_makes_one_release() {
    let rounds = times("PACTUM_TEST_IDS", 2);
    let project = Project::of_columns(KEYED);
    for round in 0..rounds {
        let file = format!("{round}.parquet");
        project.parquet(&file, vec![("a", longs((0..20_000).map(|n| n + round as i64)))]);
        let (id, table) = (format!("id-{round}"), format!("t={file}"));
        let arguments = ["publish", "t", &table, "--publish-id", &id, "--format", "json"];
        let children: Vec<Child> = (0..8).map(|_| spawn(&project, &arguments)).collect();
        for child in children {
            let report = finished(child).expect(0).json();
            assert_eq!(report["release"], round + 1, "round {round}: {report}");
        }
        assert_eq!(releases(&project).len(), round + 1, "round {round}");
    }
    note(
        "one publish id in 8 processes at once",
        rounds,
        "one release; all answer with its number",
    );
}

#[test]
fn a_retry_is_the_release_that_it_made_and_other_data_is_an_error() {
    let project = Project::of_columns(KEYED);
    project.parquet("a.parquet", vec![("a", longs(0..10))]);
    project.parquet("b.parquet", vec![("a", longs(0..11))]);
    project.parquet("c.parquet", vec![("a", longs([1, 1]))]);
    publish_as(&project, "x", "a.parquet").expect(0);
    publish_as(&project, "y", "b.parquet").expect(0);
    let before = tree(&project.path().join("warehouse"));
    let again = publish_as(&project, "x", "a.parquet").expect(0).json();
    assert_eq!((&again["outcome"], &again["release"]), (&json!("unchanged"), &json!(1)));
    for other in ["b.parquet", "c.parquet"] {
        let refused = publish_as(&project, "x", other).expect(2).json();
        assert_eq!(refused["error"]["code"], "used-publish-id", "{refused}");
    }
    assert_eq!(tree(&project.path().join("warehouse")), before);
    assert_eq!(project.query("select count(*) n from t.t")[0]["n"], 11);
}

#[test]
fn a_dry_run_writes_nothing_whatever_its_id() {
    let project = Project::of_columns(KEYED);
    project.parquet("a.parquet", vec![("a", longs(0..10))]);
    project.parquet("bad.parquet", vec![("a", longs([1, 1]))]);
    let dry = |id: &str, file: &str| {
        let table = format!("t={file}");
        project.run(&["publish", "t", &table, "--publish-id", id, "--dry-run"])
    };
    dry("x", "a.parquet").expect(0);
    dry("x", "bad.parquet").expect(1);
    assert!(!project.path().join("warehouse").exists());
    publish_as(&project, "x", "a.parquet").expect(0);
    // A head that another tool has moved would be settled by a publish, but not by a dry run.
    let log = project.path().join("warehouse/t/v1/t/_delta_log");
    let commit = "{\"commitInfo\":{}}\n";
    std::fs::write(log.join("00000000000000000001.json"), commit).unwrap();
    let before = tree(&project.path().join("warehouse"));
    for (id, file) in [("x", "a.parquet"), ("y", "a.parquet"), ("x", "bad.parquet")] {
        dry(id, file);
        assert_eq!(tree(&project.path().join("warehouse")), before, "{id} {file}");
    }
}

/// Waits until a publish has staged a file, and stops the process there.
fn stop_when_staged(child: &Child, folder: &Path, id: &str) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(60) {
        let names = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let mut names = names.map(|e| e.file_name().to_string_lossy().into_owned());
        if names.any(|name| name.starts_with(id)) {
            let stopped = std::process::Command::new("kill")
                .args(["-STOP", &child.id().to_string()])
                .status()
                .unwrap();
            return stopped.success();
        }
    }
    false
}

#[test]
fn a_stalled_publish_that_continues_after_its_retry_and_a_newer_one_changes_nothing() {
    let project = Project::of_columns(KEYED);
    project.parquet("first.parquet", vec![("a", longs(0..3))]);
    project.parquet("old.parquet", vec![("a", longs((0..400_000).rev()))]);
    project.parquet("new.parquet", vec![("a", longs(0..7))]);
    project.run(&["publish", "t", "t=first.parquet"]).expect(0);
    let arguments =
        ["publish", "t", "t=old.parquet", "--publish-id", "stalled", "--format", "json"];
    let child = spawn(&project, &arguments);
    let folder = project.path().join("warehouse/t/v1/t");
    assert!(stop_when_staged(&child, &folder, "stalled"), "nothing was staged");
    publish_as(&project, "stalled", "old.parquet").expect(0);
    publish_as(&project, "newer", "new.parquet").expect(0);
    std::process::Command::new("kill").args(["-CONT", &child.id().to_string()]).status().unwrap();
    let report = finished(child).expect(0).json();
    assert_eq!((&report["outcome"], &report["release"]), (&json!("unchanged"), &json!(2)));
    assert_eq!(project.query("select count(*) n from t.t")[0]["n"], 7);
    assert_eq!(releases(&project).len(), 3);
}

fn named(id: &str, name: &str) -> String {
    contract("1.0.0", KEYED, "").replace("id: t\nname: t", &format!("id: {id}\nname: {name}"))
}

#[test]
fn of_two_contracts_that_race_for_one_name_exactly_one_wins() {
    let rounds = times("PACTUM_TEST_NAMES", 3);
    for round in 0..rounds {
        // Each in its own project, over one warehouse.
        let spelled = ["tracks", "Tracks"];
        let projects = ["one", "two"].map(|id| {
            let name = spelled[(round + usize::from(id == "two")) % 2];
            let project = Project::new(&[(id, &named(id, name))]);
            project.parquet("a.parquet", vec![("a", longs(0..5))]);
            project
        });
        let shared = tempfile::tempdir().unwrap();
        let warehouse = shared.path().to_str().unwrap();
        let children = ["one", "two"].map(|id| {
            let project = &projects[usize::from(id == "two")];
            let publish = ["publish", id, "t=a.parquet", "--format", "json"];
            spawn(project, &[&["--warehouse", warehouse][..], &publish].concat())
        });
        let runs = children.map(finished);
        let won = runs.iter().filter(|run| run.code == 0).count();
        assert_eq!(won, 1, "round {round}: {runs:?}");
        let lost = runs.iter().find(|run| run.code != 0).unwrap();
        assert_eq!(lost.json()["error"]["code"], "taken-name", "{lost:?}");
        let read = ["query", "select count(*) n from tracks.t", "--format", "json"];
        // Without a project, which would declare its own contract under the name.
        let alone = tempfile::tempdir().unwrap();
        let query = [&["--warehouse", warehouse][..], &read].concat();
        assert_eq!(crate::support::pactum(alone.path(), &query).expect(0).json()[0]["n"], 5);
    }
    note("two contracts that race for one SQL name", rounds, "one wins, the other is told by whom");
}

#[test]
fn an_older_warehouse_is_read_as_before_and_the_next_publish_claims_its_names() {
    let project = Project::new(&[("t", &contract("1.0.0", KEYED, "")), ("u", &named("u", "u"))]);
    project.parquet("a.parquet", vec![("a", longs(0..5))]);
    project.run(&["publish", "t", "t=a.parquet"]).expect(0);
    project.run(&["publish", "u", "t=a.parquet"]).expect(0);
    let warehouse = project.path().join("warehouse");
    let claim = |name: &str| std::fs::read_to_string(warehouse.join("names~").join(name)).ok();
    for name in ["t", "t_v1", "u", "u_v1"] {
        assert_eq!(claim(name).as_deref(), Some(&name[..1]), "{name}");
    }
    std::fs::remove_dir_all(warehouse.join("names~")).unwrap();
    let before = tree(&warehouse);
    let sql = "select (select count(*) from t.t) a, (select count(*) from u_v1.t) b";
    assert_eq!(project.query(sql), json!([{ "a": 5, "b": 5 }]));
    assert_eq!(tree(&warehouse), before);
    // A third contract cannot take a name that only a ledger records.
    let rival = Project::new(&[("rival", &named("rival", "T"))]);
    rival.parquet("a.parquet", vec![("a", longs(0..5))]);
    let at = warehouse.to_str().unwrap();
    let run =
        rival.run(&["--warehouse", at, "publish", "rival", "t=a.parquet", "--format", "json"]);
    assert_eq!(run.expect(1).json()["error"]["code"], "taken-name");
    project.parquet("b.parquet", vec![("a", longs(0..6))]);
    project.run(&["publish", "u", "t=b.parquet"]).expect(0);
    for name in ["t", "t_v1", "u", "u_v1"] {
        assert_eq!(claim(name).as_deref(), Some(&name[..1]), "{name}");
    }
    assert_eq!(project.query(sql), json!([{ "a": 5, "b": 6 }]));
}

#[test]
fn a_claim_without_a_release_is_told_with_its_file_and_kept_for_its_contract() {
    let project = Project::new(&[("t", &contract("1.0.0", KEYED, "")), ("u", &named("u", "u"))]);
    project.parquet("a.parquet", vec![("a", longs(0..5))]);
    project.run(&["publish", "u", "t=a.parquet"]).expect(0);
    let file = project.path().join("warehouse/names~/t_v1");
    std::fs::write(&file, "gone").unwrap();
    let refused = project.run(&["publish", "t", "t=a.parquet"]).expect(1);
    assert!(
        refused.stderr.contains("names~/t_v1") && refused.stderr.contains("'gone'"),
        "{refused:?}"
    );
    let alone = tempfile::tempdir().unwrap();
    let at = project.path().join("warehouse");
    let query = ["--warehouse", at.to_str().unwrap(), "query", "select * from t_v1.t"];
    let missing = crate::support::pactum(alone.path(), &query).expect(2);
    assert!(missing.stderr.contains("names~/t_v1"), "{missing:?}");
    // Its own contract still publishes.
    std::fs::write(&file, "t").unwrap();
    project.run(&["publish", "t", "t=a.parquet"]).expect(0);
    assert_eq!(project.query("select count(*) n from t_v1.t")[0]["n"], 5);
}

#[test]
fn a_claim_that_was_lost_frees_no_released_name() {
    let project = Project::of_columns(KEYED);
    project.parquet("a.parquet", vec![("a", longs(0..5))]);
    project.run(&["publish", "t", "t=a.parquet"]).expect(0);
    let names = project.path().join("warehouse/names~");
    let rival = Project::new(&[("rival", &named("rival", "t"))]);
    rival.parquet("a.parquet", vec![("a", longs(0..7))]);
    let at = project.path().join("warehouse");
    let steal = [
        "--warehouse",
        at.to_str().unwrap(),
        "publish",
        "rival",
        "t=a.parquet",
        "--format",
        "json",
    ];
    for name in ["t", "t_v1"] {
        std::fs::remove_file(names.join(name)).unwrap();
    }
    let alone = tempfile::tempdir().unwrap();
    let query = ["--warehouse", at.to_str().unwrap(), "query", "select count(*) n from t.t"];
    let rows = crate::support::pactum(alone.path(), &[&query[..], &["--format", "json"]].concat());
    assert_eq!(rows.expect(0).json()[0]["n"], 5);
    assert_eq!(rival.run(&steal).expect(1).json()["error"]["code"], "taken-name");
    // A dangling claim is not free either.
    std::os::unix::fs::symlink("/nowhere/at/all", names.join("t")).unwrap();
    assert_eq!(rival.run(&steal).expect(3).json()["error"]["code"], "damaged-name");
    assert_eq!(project.run(&["publish", "t", "t=a.parquet"]).code, 3);
    std::fs::remove_file(names.join("t")).unwrap();
    project.parquet("a.parquet", vec![("a", longs(0..6))]);
    project.run(&["publish", "t", "t=a.parquet"]).expect(0);
    assert_eq!(std::fs::read_to_string(names.join("t")).unwrap(), "t");
}

#[test]
fn words_of_any_length_are_no_obstacle_to_a_query() {
    let name = "\u{3042}".repeat(31);
    let column = format!("- {{ name: {name}, logicalType: integer }}");
    let project = Project::of_columns(&column);
    project.parquet("a.parquet", vec![(&name, longs(0..5))]);
    project.run(&["publish", "t", "t=a.parquet"]).expect(0);
    let alias = "y".repeat(300);
    let rows = project.query(&format!("select max(\"{name}\") as {alias} from t.t"));
    assert_eq!(rows[0][&alias], 4);
}

/// Runs every way to read and to publish on a warehouse that cannot be looked into; each must fail with
/// exit 3 and this code, and change nothing.
fn every_command_refuses(project: &Project, code: &str) {
    let warehouse = project.path().join("warehouse");
    let before = tree(&warehouse);
    let commands: [&[&str]; 6] = [
        &["releases", "--format", "json"],
        &["releases", "t", "--format", "json"],
        &["tables", "--format", "json"],
        &["query", "select * from t.t", "--format", "json"],
        &["query", "select * from pactum.releases", "--format", "json"],
        &["publish", "t", "t=b.parquet", "--format", "json"],
    ];
    for arguments in commands {
        let run = project.run(arguments);
        assert_eq!(run.code, 3, "{arguments:?}: {run:?}");
        assert_eq!(run.json()["error"]["code"], code, "{arguments:?}: {run:?}");
    }
    assert_eq!(tree(&warehouse), before);
}

fn released_once() -> (Project, PathBuf) {
    let project = Project::of_columns(KEYED);
    project.parquet("a.parquet", vec![("a", longs(0..5))]);
    project.parquet("b.parquet", vec![("a", longs(0..6))]);
    project.run(&["publish", "t", "t=a.parquet"]).expect(0);
    let ledger = project.path().join("warehouse/t/_ledger");
    (project, ledger)
}

#[test]
fn a_ledger_that_cannot_be_looked_into_is_not_taken_for_none() {
    // Permissions do not stop the administrator, who may run the tests: other things that cannot be
    // looked into stand in for them.
    let (project, ledger) = released_once();
    let aside = project.path().join("aside");
    std::fs::rename(&ledger, &aside).unwrap();
    std::fs::write(&ledger, "not a folder").unwrap();
    every_command_refuses(&project, "damaged-ledger");
    std::fs::remove_file(&ledger).unwrap();
    std::os::unix::fs::symlink(&ledger, &ledger).unwrap();
    every_command_refuses(&project, "io");
    std::fs::remove_file(&ledger).unwrap();
    std::fs::rename(&aside, &ledger).unwrap();
    project.run(&["publish", "t", "t=b.parquet"]).expect(0);
}

#[test]
fn tables_without_a_ledger_are_not_a_fresh_start() {
    let (project, ledger) = released_once();
    let aside = project.path().join("aside");
    std::fs::rename(&ledger, &aside).unwrap();
    every_command_refuses(&project, "missing-ledger");
    std::fs::create_dir(&ledger).unwrap();
    every_command_refuses(&project, "missing-ledger");
    std::fs::remove_dir(&ledger).unwrap();
    // A stale mount leaves a dangling link.
    std::os::unix::fs::symlink("/nowhere/at/all", &ledger).unwrap();
    every_command_refuses(&project, "damaged-ledger");
}

#[test]
fn a_damaged_ledger_is_told_with_its_file_and_what_to_do() {
    let (project, ledger) = released_once();
    let entry = |ending: &str| {
        let mut files = tree(&ledger).into_iter().map(|(path, _)| path);
        files.rfind(|path| path.to_string_lossy().ends_with(ending)).unwrap()
    };
    type Damage = fn(&[u8]) -> Vec<u8>;
    let damages: [Damage; 3] = [
        |_| Vec::new(),
        |bytes| bytes[..bytes.len() / 2].to_vec(),
        |bytes| {
            let mut bytes = bytes.to_vec();
            let end = bytes.len() - 20;
            bytes[end..].fill(0xff);
            bytes
        },
    ];
    for ending in [".parquet", ".json"] {
        let path = entry(ending);
        let whole = std::fs::read(&path).unwrap();
        for damage in damages {
            std::fs::write(&path, damage(&whole)).unwrap();
            every_command_refuses(&project, "damaged-ledger");
            let error = project.run(&["releases", "--format", "json"]).json()["error"].clone();
            assert!(error["where"].as_str().unwrap().ends_with(ending), "{error}");
            assert!(error["hint"].as_str().unwrap().contains("backup"), "{error}");
        }
        std::fs::write(&path, &whole).unwrap();
    }
    let path = entry(".parquet");
    let whole = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    every_command_refuses(&project, "damaged-ledger");
    std::fs::write(&path, &whole).unwrap();
    project.run(&["publish", "t", "t=b.parquet"]).expect(0);
}

#[test]
fn a_publish_that_died_before_its_first_entry_is_no_obstacle() {
    // As it leaves the warehouse: an empty ledger, and a head that no entry names.
    let (project, ledger) = released_once();
    let log = ledger.join("_delta_log");
    std::fs::remove_file(log.join("00000000000000000001.json")).unwrap();
    let answer = project.run(&["query", "select * from t.t", "--format", "json"]).expect(2);
    assert_eq!(answer.json()["error"]["code"], "not-released");
    let report = project.publish("b.parquet");
    assert_eq!((&report["outcome"], &report["release"]), (&json!("released"), &json!(1)));
    assert_eq!(project.query("select count(*) n from t.t")[0]["n"], 6);
}

#[test]
fn a_ledger_that_another_tool_has_compacted_goes_on() {
    let Some(python) = crate::python::interpreter() else { return };
    let (project, ledger) = released_once();
    let compact = |times: usize| {
        let script = format!(
            "import deltalake, sys\nt = deltalake.DeltaTable(sys.argv[1])\n\
             for _ in range({times}):\n    t.optimize.compact()\n"
        );
        let status = std::process::Command::new(&python)
            .args(["-c", &script])
            .arg(&ledger)
            .status()
            .unwrap();
        assert!(status.success());
    };
    let mut rows = 6;
    for round in 0..3 {
        for _ in 0..3 {
            let file = format!("{rows}.parquet");
            project.parquet(&file, vec![("a", longs(0..rows))]);
            project.run(&["publish", "t", &format!("t={file}")]).expect(0);
            assert_eq!(project.query("select count(*) n from t.t")[0]["n"], rows, "round {round}");
            rows += 1;
        }
        compact(1);
        assert_eq!(project.query("select count(*) n from t.t")[0]["n"], rows - 1, "round {round}");
    }
    let numbers: Vec<u64> =
        releases(&project).iter().map(|r| r["release"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=10).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_of_the_far_future_is_not_followed() {
    let (project, _) = released_once();
    let warehouse = Warehouse::at(project.path().join("warehouse").to_str().unwrap()).unwrap();
    let ledger = Ledger::read(&warehouse.contract("t")).await.unwrap();
    let mut entry = ledger.current().unwrap().unwrap();
    entry.sequence += 1;
    entry.kind = "mark".to_owned();
    entry.publish_id = "future".to_owned();
    entry.time = chrono::Utc::now() + chrono::Duration::days(400);
    assert_eq!(ledger.append(&entry).await.unwrap(), Append::Appended);
    let warehouse = project.path().join("warehouse/t/_ledger");
    let before = tree(&warehouse);
    let run = project.run(&["publish", "t", "t=b.parquet", "--format", "json"]).expect(3);
    assert_eq!(run.json()["error"]["code"], "clock", "{run:?}");
    assert!(run.json()["error"]["hint"].as_str().unwrap().contains("entry 1"));
    assert_eq!(tree(&warehouse), before);
    assert_eq!(project.query("select count(*) n from t.t")[0]["n"], 5);
}
