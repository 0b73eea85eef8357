//! Kills and faults: the previous release stays, nothing is half there, the next publish works.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{
    Project, Random, Run, command, longs, note, output, pactum, root, shared, times, wait,
};

fn arguments(warehouse: &Path, rest: &[String]) -> Vec<String> {
    let project = root().join("examples/movietweetings");
    let mut all = vec![
        "--project".to_owned(),
        project.display().to_string(),
        "--warehouse".to_owned(),
        warehouse.display().to_string(),
    ];
    all.extend_from_slice(rest);
    all
}

fn movies(warehouse: &Path, rest: &[&str]) -> Run {
    let rest: Vec<String> = rest.iter().map(|s| (*s).to_owned()).collect();
    let all = arguments(warehouse, &rest);
    pactum(&root(), &all.iter().map(String::as_str).collect::<Vec<_>>())
}

/// What distinguishes one release from another, by a full read.
fn fingerprint(warehouse: &Path) -> Value {
    let sql = "select count(*) n, sum(user_id)::bigint u, sum(rating)::bigint r, min(rated_at) f, max(rated_at) t, count(distinct movie_id) m from movietweetings.ratings";
    movies(warehouse, &["query", sql, "--format", "json"]).expect(0).json()[0].clone()
}

fn publish(warehouse: &Path, file: &Path) -> Value {
    let pair = format!("ratings={}", file.display());
    movies(warehouse, &["publish", "movietweetings", &pair, "--format", "json"]).expect(0).json()
}

fn last_release(warehouse: &Path) -> u64 {
    let releases = movies(warehouse, &["releases", "--format", "json"]).expect(0).json();
    releases.as_array().unwrap().iter().filter_map(|r| r["release"].as_u64()).max().unwrap()
}

#[test]
fn a_publish_killed_at_any_moment_leaves_the_previous_release_and_the_next_succeeds() {
    let Some(folder) = shared("data/movietweetings") else { return };
    let kills = times("PACTUM_TEST_KILLS", 5);
    let warehouse = tempfile::tempdir().unwrap();
    let days = if kills < 20 { 3 } else { 8 };
    let day = |n: usize| -> PathBuf { crate::real::day(&folder, 19 + (n % days) as u32) };
    // How long a whole publish takes here, and what each day's release looks like.
    let mut known = Vec::new();
    let mut slowest = Duration::ZERO;
    for n in 0..days {
        let begun = Instant::now();
        publish(warehouse.path(), &day(n));
        slowest = slowest.max(begun.elapsed());
        known.push(fingerprint(warehouse.path()));
    }
    let mut random = Random(5);
    let mut current = known[days - 1].clone();
    let (mut before_commit, mut after_commit) = (0, 0);
    let mut n = days;
    for kill in 0..kills {
        let before = last_release(warehouse.path());
        let pair = format!("ratings={}", day(n).display());
        let all =
            arguments(warehouse.path(), &["publish".to_owned(), "movietweetings".to_owned(), pair]);
        let mut child = command(&root())
            .args(&all)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let moment = slowest.as_micros() as u64 * (1 + random.below(1000)) / 1000;
        std::thread::sleep(Duration::from_micros(moment));
        child.kill().unwrap();
        child.wait().unwrap();
        let after = last_release(warehouse.path());
        let seen = fingerprint(warehouse.path());
        if after == before {
            assert_eq!(seen, current, "kill {kill}: the previous release is not what it was");
            before_commit += 1;
        } else {
            assert_eq!(after, before + 1, "kill {kill}");
            assert_eq!(seen, known[n % days], "kill {kill}: a release is half there");
            after_commit += 1;
        }
        n += 1;
        let report = publish(warehouse.path(), &day(n));
        assert_eq!(report["outcome"], "released", "kill {kill}: the next publish failed: {report}");
        current = fingerprint(warehouse.path());
        assert_eq!(current, known[n % days], "kill {kill}");
        if kill % 10 == 0 {
            head_is_the_release(warehouse.path(), &current);
        }
        n += 1;
    }
    head_is_the_release(warehouse.path(), &current);
    let numbers = movies(warehouse.path(), &["releases", "--format", "json"]).expect(0).json();
    let numbers: Vec<u64> =
        numbers.as_array().unwrap().iter().map(|r| r["release"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>());
    note(
        "publish killed with SIGKILL at a random moment",
        kills,
        &format!(
            "previous release complete ({before_commit} before the commit, {after_commit} after), next publish succeeds, Delta head equals the release"
        ),
    );
}

fn head_is_the_release(warehouse: &Path, current: &Value) {
    let Some(python) = crate::python::interpreter() else { return };
    let table = warehouse.join("movietweetings/v1/ratings");
    let rows = crate::python::read_delta(&python, &table);
    let rows = rows.as_array().unwrap();
    let sum = |key: &str| rows.iter().map(|r| r[key].as_i64().unwrap()).sum::<i64>();
    let seen = json!({ "n": rows.len(), "u": sum("user_id"), "r": sum("rating") });
    for key in ["n", "u", "r"] {
        assert_eq!(seen[key], current[key], "the Delta head is not the release");
    }
}

/// Waits until a process has a file open: then it has looked at its size.
fn wait_until_open(process: u32, name: &str) {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(60) {
        let open = std::fs::read_dir(format!("/proc/{process}/fd")).into_iter().flatten().flatten();
        let mut paths = open.filter_map(|fd| std::fs::read_link(fd.path()).ok());
        if paths.any(|path| path.ends_with(name)) {
            return;
        }
    }
    panic!("{name} was never opened");
}

#[test]
fn a_file_that_changes_during_the_run_is_refused() {
    let project = Project::of_columns("- { name: a, logicalType: integer, unique: true }");
    project.parquet("a.parquet", vec![("a", longs((0..3_000_000).rev()))]);
    let file = project.path().join("a.parquet");
    let mut child = command(project.path())
        .args(["publish", "t", "t=a.parquet"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait_until_open(child.id(), "a.parquet");
    // A writer that appends while the file is read.
    use std::io::Write;
    let mut open = std::fs::OpenOptions::new().append(true).open(&file).unwrap();
    open.write_all(b"more").unwrap();
    drop(open);
    let code = wait(&mut child).code();
    assert_eq!(code, Some(3));
    assert!(!project.path().join("warehouse/t/_ledger").exists());
}

#[test]
fn a_disk_that_fills_up_leaves_the_previous_release() {
    // A file-size limit of the process stands in for a full disk.
    let faults = times("PACTUM_TEST_FAULTS", 4);
    let project = Project::of_columns("- { name: a, logicalType: integer, primaryKey: true }");
    project.parquet("a.parquet", vec![("a", longs(0..50_000))]);
    project.parquet(
        "b.parquet",
        vec![("a", longs((0..200_000).map(|n| n * 7_919 % 1_000_003 + n * 1_000_003)))],
    );
    project.run(&["publish", "t", "t=a.parquet"]).expect(0);
    let mut refused = 0;
    for n in 0..faults {
        let blocks = 1 + n * 1600 / faults;
        let script = format!(
            "trap '' XFSZ; ulimit -f {blocks}; exec {} publish t t=b.parquet --publish-id full-{n}",
            env!("CARGO_BIN_EXE_pactum")
        );
        let output = output(
            std::process::Command::new("bash").args(["-c", &script]).current_dir(project.path()),
        );
        let code = output.status.code();
        if code == Some(0) {
            break;
        }
        refused += 1;
        assert_eq!(code, Some(3), "{}", String::from_utf8_lossy(&output.stderr));
        let rows = project.query("select count(*) n, max(a) m from t.t");
        assert_eq!(rows, json!([{ "n": 50_000, "m": 49_999 }]), "limit of {blocks} blocks");
    }
    assert!(refused > 0, "the limit never bit");
    project.run(&["publish", "t", "t=b.parquet"]).expect(0);
    assert_eq!(project.query("select count(*) n from t.t")[0]["n"], 200_000);
    note(
        "publish on a disk that fills up",
        refused,
        "exit 3, previous release complete, next publish succeeds",
    );
}

#[test]
fn damaged_files_are_verdicts_and_never_panics() {
    let project = Project::of_columns(
        "- { name: a, logicalType: integer, primaryKey: true }\n- { name: s, logicalType: string, logicalTypeOptions: { pattern: x } }",
    );
    let words: Vec<String> = (0..2000).map(|n| format!("x{}", n % 37)).collect();
    let columns = vec![
        ("a", longs(0..2000)),
        ("s", crate::support::texts(words.iter().map(|w| Some(w.as_str())))),
    ];
    project.parquet("good.parquet", columns);
    let bytes = std::fs::read(project.path().join("good.parquet")).unwrap();
    let mut random = Random(3);
    let mutations = times("PACTUM_TEST_MUTATIONS", 60).min(400);
    for n in 0..mutations {
        let mut damaged = bytes.clone();
        match n % 4 {
            0 => damaged.truncate(random.below(bytes.len() as u64) as usize),
            _ => {
                for _ in 0..=random.below(8) {
                    let at = random.below(damaged.len() as u64) as usize;
                    damaged[at] = random.below(256) as u8;
                }
            }
        }
        std::fs::write(project.path().join("damaged.parquet"), &damaged).unwrap();
        let run = project.run(&["check", "t", "damaged.parquet", "--format", "json"]);
        assert!(run.code == 0 || run.code == 1, "mutation {n}: {} {}", run.code, run.stderr);
        let report = run.json();
        assert!(report["tables"][0]["clauses"].is_array(), "mutation {n}: {report}");
    }
    note("damaged Parquet files", mutations, "a verdict, never a crash");
}
