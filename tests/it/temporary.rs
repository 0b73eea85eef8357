//! Temporary copies: other users cannot read them, they are where they should be, and none stays.

use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{Project, command, longs, texts};

const COLUMNS: &str = "- { name: a, logicalType: integer, primaryKey: true }";

/// The files below a folder, with their modes.
fn below(folder: &Path) -> Vec<(PathBuf, u32)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let Ok(metadata) = entry.path().symlink_metadata() else { continue };
        found.push((entry.path(), metadata.permissions().mode() & 0o7777));
        if metadata.is_dir() {
            found.extend(below(&entry.path()));
        }
    }
    found
}

/// Waits until a file whose path holds this and ends so lies below a folder and has some bytes.
#[track_caller]
fn wait_for(folder: &Path, part: &str, ending: &str) -> PathBuf {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(60) {
        let filled = |path: &PathBuf| path.metadata().is_ok_and(|m| m.len() > 0);
        let ends = |path: &PathBuf| {
            let name = path.to_string_lossy();
            name.contains(part) && name.ends_with(ending)
        };
        let found = below(folder).into_iter().map(|(path, _)| path);
        if let Some(path) = found.filter(|path| ends(path)).find(filled) {
            return path;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    panic!("nothing that ends with {ending} came to {}", folder.display());
}

/// A run that reads standard input that never ends.
fn waiting(project: &Project, temporary: &Path) -> Child {
    let mut child = command(project.path());
    child.args(["check", "t", "-", "--input", "csv"]).env("TMPDIR", temporary);
    let mut child = child.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    child.stdin.as_mut().unwrap().write_all(b"a\n1\n").unwrap();
    wait_for(temporary, &format!("pactum-run-{}-", child.id()), "stdin");
    child
}

fn shell(project: &Project, script: &str) -> Command {
    let mut shell = Command::new("bash");
    let script = format!("pactum={}; {script}", env!("CARGO_BIN_EXE_pactum"));
    shell.args(["-c", &script]).current_dir(project.path()).stdin(Stdio::null());
    shell
}

#[test]
fn temporary_copies_are_closed_to_others_whatever_the_umask() {
    let project = Project::of_columns(COLUMNS);
    let temporary = tempfile::tempdir().unwrap();
    for umask in ["000", "022", "277"] {
        let script = format!("umask {umask}; exec $pactum check t - --input csv");
        let mut child = shell(&project, &script)
            .env("TMPDIR", temporary.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        child.stdin.as_mut().unwrap().write_all(b"a\n1\n").unwrap();
        wait_for(temporary.path(), "", "stdin");
        let found = below(temporary.path());
        drop(child.stdin.take());
        assert_eq!(child.wait().unwrap().code(), Some(0), "umask {umask}");
        assert!(found.len() >= 3, "{found:?}");
        for (path, mode) in found {
            let name = path.file_name().unwrap().to_string_lossy();
            let wanted = if name.starts_with("pactum-run") || name.starts_with("input") {
                0o700
            } else {
                0o600
            };
            assert_eq!(mode, wanted, "umask {umask}: {} has mode {mode:o}", path.display());
        }
        assert_eq!(below(temporary.path()), []);
    }
}

#[test]
fn a_run_leaves_no_temporary_copy_however_it_ends() {
    let project = Project::of_columns(COLUMNS);
    let temporary = tempfile::tempdir().unwrap();
    project.write("good.csv", "a\n1\n2\n");
    project.write("bad.csv", "a\n1\n1\n");
    project.write("broken.ndjson", "{\"a\": 1\n");
    let pair = |file: &str| format!("t={file}");
    for (arguments, code) in [
        (vec!["check", "t", "good.csv"], 0),
        (vec!["check", "t", "bad.csv"], 1),
        (vec!["check", "t", "broken.ndjson"], 1),
        (vec!["profile", "good.csv"], 0),
        (vec!["infer", "good.csv"], 0),
        (vec!["publish", "t", &pair("good.csv")], 0),
        (vec!["publish", "t", &pair("bad.csv")], 1),
        (vec!["check", "t", "missing.csv"], 2),
    ] {
        let output = command(project.path())
            .args(&arguments)
            .env("TMPDIR", temporary.path())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}");
        assert_eq!(below(temporary.path()), [], "{arguments:?}");
    }
}

#[test]
fn the_next_run_removes_what_a_killed_one_left_and_nothing_of_a_living_one() {
    let project = Project::of_columns(COLUMNS);
    let temporary = tempfile::tempdir().unwrap();
    let mut living = waiting(&project, temporary.path());
    let kept: Vec<PathBuf> = below(temporary.path()).into_iter().map(|(path, _)| path).collect();
    let mut killed = waiting(&project, temporary.path());
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert!(below(temporary.path()).len() > kept.len(), "a killed run cannot clean up");
    // A folder under such a name that is a link, and one that anybody may write to.
    let elsewhere = tempfile::tempdir().unwrap();
    std::fs::write(elsewhere.path().join("kept"), "x").unwrap();
    let link = temporary.path().join("pactum-run-1-link");
    symlink(elsewhere.path(), &link).unwrap();
    let open = temporary.path().join("pactum-run-1-open");
    std::fs::create_dir(&open).unwrap();
    std::fs::set_permissions(&open, PermissionsExt::from_mode(0o777)).unwrap();
    let mut next = command(project.path());
    assert!(
        next.args(["explain", "file-changed"]).env("TMPDIR", temporary.path()).output().is_ok()
    );
    let mut left: Vec<PathBuf> =
        below(temporary.path()).into_iter().map(|(path, _)| path).collect();
    left.retain(|path| path != &link && path != &open);
    left.sort();
    let mut expected = kept;
    expected.sort();
    assert_eq!(left, expected);
    assert!(link.symlink_metadata().is_ok() && open.exists());
    assert!(elsewhere.path().join("kept").exists());
    // The living run ends as if it had been alone.
    drop(living.stdin.take());
    assert_eq!(living.wait().unwrap().code(), Some(0));
    assert_eq!(below(temporary.path()).len(), 2);
}

#[test]
fn spills_lie_in_the_runs_folder_and_go_with_it() {
    let project = Project::of_columns(COLUMNS);
    let temporary = tempfile::tempdir().unwrap();
    let rows = (0..1_500_000).map(|n| n * 7_919 % 3_000_017);
    project.parquet("a.parquet", vec![("a", longs(rows))]);
    project.parquet("b.parquet", vec![("a", longs([1]))]);
    let mut child = command(project.path())
        .args(["--memory-limit", "24MB", "publish", "t", "t=a.parquet"])
        .env("TMPDIR", temporary.path())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    let spilled = loop {
        let found = below(temporary.path());
        // A file in it: the folder is closed before the first is made.
        if found.iter().filter(|(path, _)| path.is_file()).any(|(path, _)| {
            path.components().any(|c| c.as_os_str().to_string_lossy().starts_with("datafusion"))
        }) {
            child.kill().unwrap();
            break found;
        }
        assert!(begun.elapsed() < Duration::from_secs(120), "nothing was spilled: {found:?}");
        assert!(child.try_wait().unwrap().is_none(), "the publish ended without a spill");
    };
    child.wait().unwrap();
    for (path, mode) in spilled.iter().filter(|(path, _)| path.is_dir()) {
        assert_eq!(*mode, 0o700, "{}", path.display());
    }
    let entries = std::fs::read_dir(temporary.path()).unwrap().count();
    assert_eq!(entries, 1, "one folder for a run: {spilled:?}");
    let mut next = command(project.path());
    next.args(["publish", "t", "t=b.parquet"]).env("TMPDIR", temporary.path());
    assert_eq!(next.output().unwrap().status.code(), Some(0));
    assert_eq!(below(temporary.path()), []);
}

#[test]
fn a_flag_or_a_variable_says_where_temporary_copies_lie() {
    let project = Project::of_columns(COLUMNS);
    let by = |name: &str| {
        let folder = project.path().join(name);
        std::fs::create_dir(&folder).unwrap();
        folder
    };
    let (flag, variable, system) = (by("flag"), by("variable"), by("system"));
    let mut run = command(project.path());
    run.args(["check", "t", "-", "--input", "csv", "--temp-dir", "flag"]);
    run.env("PACTUM_TEMP_DIR", &variable).env("TMPDIR", &system);
    let mut without_flag = command(project.path());
    without_flag.args(["check", "t", "-", "--input", "csv"]);
    without_flag.env("PACTUM_TEMP_DIR", &variable).env("TMPDIR", &system);
    for (mut run, folder) in [(run, &flag), (without_flag, &variable)] {
        let mut child = run.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        child.stdin.as_mut().unwrap().write_all(b"a\n1\n").unwrap();
        wait_for(folder, "", "stdin");
        assert_eq!(below(&system), []);
        drop(child.stdin.take());
        assert_eq!(child.wait().unwrap().code(), Some(0));
        assert_eq!(below(folder), []);
    }
}

#[test]
fn a_temporary_folder_that_is_missing_or_full_is_a_diagnostic() {
    let project = Project::of_columns(COLUMNS);
    project.write("a.csv", "a\n1\n");
    let run = project.run(&["check", "t", "a.csv", "--temp-dir", "nowhere"]).expect(2);
    assert!(run.stderr.contains("nowhere") && run.stderr.contains("--temp-dir"), "{}", run.stderr);
    let missing = |arguments: &[&str]| {
        let output =
            command(project.path()).args(arguments).env("TMPDIR", "/nowhere").output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, words) = missing(&["check", "t", "a.csv", "--format", "json"]);
    assert_eq!(code, Some(2), "{words}");
    // A command without temporary copies needs no place for them.
    project.parquet("a.parquet", vec![("a", longs([1, 2]))]);
    let (code, words) = missing(&["check", "t", "a.parquet"]);
    assert_eq!(code, Some(0), "{words}");
    // A limit on the size of files stands in for a full disk.
    let rows: String = (0..40_000).map(|n| format!("{n}\n")).collect();
    project.write("b.csv", &format!("a\n{rows}"));
    for script in [
        "cat b.csv | $pactum check t - --input csv --format json",
        "$pactum check t b.csv --format json",
    ] {
        let script = format!("trap '' XFSZ; ulimit -f 16; {script}");
        let output = shell(&project, &script).output().unwrap();
        let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(3), "{told}");
        assert_eq!(told["error"]["code"], json!("disk-full"), "{told}");
        assert!(told["error"]["hint"].as_str().unwrap().contains("--temp-dir"), "{told}");
    }
}

#[test]
fn results_and_quarantined_rows_are_for_their_user_alone() {
    let project = Project::of_columns("- { name: a, logicalType: integer, unique: true }");
    project.parquet("a.parquet", vec![("a", longs([1, 2, 2])), ("b", texts([None, None, None]))]);
    let script = "umask 000; $pactum check t a.parquet --quarantine bad --pass good > report; \
                  $pactum query 'select 1 as n' --format csv -o result.csv";
    shell(&project, script).output().unwrap();
    let mode =
        |name: &str| project.path().join(name).metadata().unwrap().permissions().mode() & 0o7777;
    assert_eq!((mode("bad"), mode("good"), mode("bad/t")), (0o700, 0o700, 0o700));
    assert_eq!((mode("bad/t/0-a.parquet"), mode("good/t/0-a.parquet")), (0o600, 0o600));
    assert_eq!(mode("result.csv"), 0o600);
    // What a killed query left beside its result goes with the next one.
    project.write(".pactum-part-left", "half a result");
    project.run(&["query", "select 1 as n", "--format", "csv", "-o", "result.csv"]).expect(0);
    assert!(!project.path().join(".pactum-part-left").exists());
}

#[test]
fn an_empty_variable_names_no_folder_and_an_unwritable_one_is_told_as_such() {
    let project = Project::of_columns(COLUMNS);
    project.write("a.csv", "a\n1\n");
    for variable in ["TMPDIR", "PACTUM_TEMP_DIR"] {
        let mut run = command(project.path());
        let output = run.args(["check", "t", "a.csv"]).env(variable, "").output().unwrap();
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{variable}: {words}");
    }
    let run = project.run(&["check", "t", "a.csv", "--temp-dir", "/proc"]).expect(3);
    assert!(run.stderr.contains("cannot be written"), "{}", run.stderr);
    assert!(!run.stderr.contains("does not exist"), "{}", run.stderr);
}
