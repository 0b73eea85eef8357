//! Files are compared with what publish recorded when they are read: damage is named, and no number
//! comes of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array};
use serde_json::{Value, json};

use crate::support::{Project, Random, Run, longs, note, texts, times};

const COLUMNS: &str = "- { name: id, logicalType: integer, primaryKey: true, primaryKeyPosition: 1 }\n\
    - { name: part, logicalType: string, primaryKey: true, primaryKeyPosition: 2 }\n\
    - { name: word, logicalType: string }\n\
    - { name: score, logicalType: number }";

const ROWS: i64 = 60_000;

/// Rows whose numbers nothing compresses, texts of a dictionary, and texts without one.
fn deliver(project: &Project, file: &str, rows: i64, seed: u64) {
    let mut random = Random(seed);
    let words: Vec<String> = (0..rows).map(|_| format!("w{}", random.below(40))).collect();
    let parts: Vec<String> = (0..rows).map(|_| format!("{:x}", random.next())).collect();
    let scores: ArrayRef = Arc::new(Float64Array::from_iter_values(
        (0..rows).map(|_| random.below(1 << 40) as f64 / 1024.0),
    ));
    project.parquet(
        file,
        vec![
            ("id", longs((0..rows).map(|n| n / 3))),
            ("part", texts(parts.iter().map(|p| Some(p.as_str())))),
            ("word", texts(words.iter().map(|w| Some(w.as_str())))),
            ("score", scores),
        ],
    );
}

fn released(rows: i64) -> Project {
    let project = Project::of_columns(COLUMNS);
    deliver(&project, "a.parquet", rows, 1);
    assert_eq!(project.publish("a.parquet")["outcome"], "released");
    project
}

fn table(project: &Project) -> PathBuf {
    project.path().join("warehouse/t/v1/t")
}

/// The data files of the table, sorted.
fn files(project: &Project) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(table(project)).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|e| e == "parquet")).collect();
    files.sort();
    files
}

fn hashes(project: &Project, file: &Path) -> PathBuf {
    let name = file.file_name().unwrap().to_str().unwrap();
    table(project).join("_blocks").join(format!("{name}.xxh3"))
}

fn json(project: &Project, arguments: &[&str]) -> Run {
    project.run(&[arguments, &["--format", "json"]].concat())
}

/// The error of a run that must have failed by name: its code and place.
#[track_caller]
fn named(run: Run) -> (String, String) {
    let error = run.expect(3).json()["error"].clone();
    assert!(error["hint"].as_str().unwrap().contains("backup"), "{error}");
    (error["code"].as_str().unwrap().to_owned(), error["where"].as_str().unwrap().to_owned())
}

/// A commit of the table's log, as its actions.
fn commit(project: &Project, version: u64) -> Vec<Value> {
    let path = table(project).join(format!("_delta_log/{version:020}.json"));
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn write_commit(project: &Project, version: u64, actions: &[Value]) {
    let path = table(project).join(format!("_delta_log/{version:020}.json"));
    let text: String = actions.iter().map(|action| format!("{action}\n")).collect();
    std::fs::write(path, text).unwrap();
}

/// Makes the release one of a version that recorded no hashes.
fn without_hashes(project: &Project) {
    let mut actions = commit(project, 0);
    for action in &mut actions {
        if let Some(add) = action.get_mut("add").and_then(Value::as_object_mut) {
            assert!(add.remove("tags").unwrap().is_object());
        }
    }
    write_commit(project, 0, &actions);
    std::fs::remove_dir_all(table(project).join("_blocks")).unwrap();
}

const WHOLE: &str =
    "select count(*) n, sum(id) i, sum(score) s, count(distinct word) w, max(part) p from t.t";

#[test]
fn bits_that_flip_anywhere_in_a_released_file_never_change_an_answer() {
    let project = released(ROWS);
    let file = files(&project).remove(0);
    let bytes = std::fs::read(&file).unwrap();
    let row = project.query("select part, score from t.t where id = 12345 order by part");
    let part = row[1]["part"].as_str().unwrap();
    let point = format!("select word, score from t.t where id = 12345 and part = '{part}'");
    let by_part = format!("select id from t.t where part = '{part}'");
    let queries = [WHOLE, &point, &by_part];
    let answers: Vec<Value> = queries.iter().map(|sql| project.query(sql)).collect();
    let flips = times("PACTUM_TEST_FLIPS", 24);
    let mut random = Random(10);
    let (mut told, mut right) = (0, 0);
    for n in 0..flips {
        let mut at = bytes.len() * n / flips + random.below((bytes.len() / flips) as u64) as usize;
        // Footer, indexes and bloom filters are a small part at the end.
        if n % 4 == 3 {
            at = bytes.len() - 1 - random.below(40_000) as usize;
        }
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << random.below(8);
        std::fs::write(&file, &damaged).unwrap();
        for (sql, answer) in queries.iter().zip(&answers) {
            let run = json(&project, &["query", sql]);
            if run.code == 0 {
                assert_eq!(&run.json(), answer, "byte {at}: {sql}");
                right += 1;
            } else {
                let message = run.json()["error"]["message"].as_str().unwrap().to_owned();
                let block = at / 65_536 * 65_536;
                assert!(
                    message.contains(&format!("the bytes {block} to ")),
                    "byte {at}: {message}"
                );
                let (code, place) = named(run);
                assert_eq!(code, "damaged-file", "byte {at}: {sql}");
                assert!(place.ends_with(file.file_name().unwrap().to_str().unwrap()), "{place}");
                told += 1;
            }
        }
        // A full read finds every flip.
        let check = json(&project, &["check", "t", "--release", "current"]);
        assert_eq!(named(check).0, "damaged-file", "byte {at}");
    }
    std::fs::write(&file, &bytes).unwrap();
    assert_eq!(project.query(WHOLE), answers[0]);
    assert!(told >= flips / 2, "{told} of {flips}");
    note(
        "bit flips anywhere in a released file",
        flips,
        &format!(
            "{} queries: {told} failed by name, {right} did not need the block and were right, 0 wrong; check --release told every flip",
            told + right
        ),
    );
}

#[test]
fn a_released_file_that_another_replaces_is_not_read() {
    let project = released(200);
    let other = Project::of_columns(COLUMNS);
    let file = files(&project).remove(0);
    let size = std::fs::metadata(&file).unwrap().len();
    let (mut same, mut differing) = (None, None);
    for seed in 2..60 {
        let rows = if seed % 2 == 0 { 200 } else { 150 };
        deliver(&other, "b.parquet", rows, seed);
        other.publish("b.parquet");
        let made =
            files(&other).into_iter().max_by_key(|f| f.metadata().unwrap().modified().unwrap());
        let made = made.unwrap();
        let place = if made.metadata().unwrap().len() == size { &mut same } else { &mut differing };
        *place = Some(made);
        if same.is_some() && differing.is_some() {
            break;
        }
    }
    let (same, differing) = (same.expect("a file of the same size"), differing.unwrap());
    for (replacement, words) in [(differing, "bytes where"), (same, "not those that were written")]
    {
        std::fs::copy(&replacement, &file).unwrap();
        for arguments in [
            &["query", WHOLE][..],
            &["query", "select word from t.t where id = 7"],
            &["check", "t", "--release", "current"],
        ] {
            let run = json(&project, arguments);
            assert!(run.stdout.contains(words), "{arguments:?}: {}", run.stdout);
            assert_eq!(named(run).0, "damaged-file");
        }
        // Nor with the hashes of its own: the log names those of the file that was written.
        let own = other
            .path()
            .join("warehouse/t/v1/t/_blocks")
            .join(format!("{}.xxh3", replacement.file_name().unwrap().to_str().unwrap()));
        let kept = std::fs::read(hashes(&project, &file)).unwrap();
        std::fs::copy(own, hashes(&project, &file)).unwrap();
        assert_eq!(named(json(&project, &["query", WHOLE])).0, "damaged-file");
        std::fs::write(hashes(&project, &file), kept).unwrap();
    }
    std::fs::remove_file(&file).unwrap();
    for arguments in [&["query", WHOLE][..], &["check", "t", "--release", "1"]] {
        assert_eq!(named(json(&project, arguments)).0, "lost-file");
    }
}

#[test]
fn what_looks_at_a_damaged_release_does_not_pass() {
    let parent = "  - name: parent\n    properties:\n      - { name: id, logicalType: integer, primaryKey: true }\n";
    let child = "  - name: child\n    properties:\n      - name: parent_id\n        logicalType: integer\n        relationships:\n          - { to: parent.id }\n";
    let head = "apiVersion: v3.2.0\nkind: DataContract\nid: f\nname: f\nversion: 1.0.0\nstatus: active\nschema:\n";
    let project = Project::new(&[("f", &format!("{head}{parent}{child}"))]);
    project.parquet("p.parquet", vec![("id", longs((0..50_000).map(|n| n * n)))]);
    project.parquet("c.parquet", vec![("parent_id", longs([4, 9]))]);
    let publish = ["publish", "f", "parent=p.parquet", "child=c.parquet"];
    project.run(&publish).expect(0);
    json(&project, &["check", "f.child", "c.parquet"]).expect(0);
    let entries = std::fs::read_dir(project.path().join("warehouse/f/v1/parent")).unwrap();
    let mut paths = entries.map(|entry| entry.unwrap().path());
    let file = paths.find(|path| path.extension().is_some_and(|e| e == "parquet")).unwrap();
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[2_000] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let run = json(&project, &["check", "f.child", "c.parquet"]);
    assert_ne!(run.code, 0, "{}", run.stdout);
    assert!(run.stdout.contains("not those that were written"), "{}", run.stdout);
}

#[test]
fn a_released_table_that_is_delivered_is_compared_too() {
    let project = released(3_000);
    json(&project, &["check", "t", "warehouse/t/v1/t"]).expect(0);
    let file = files(&project).remove(0);
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[3_000] ^= 2;
    std::fs::write(&file, &bytes).unwrap();
    for arguments in
        [&["check", "t", "warehouse/t/v1/t"][..], &["publish", "t", "t=warehouse/t/v1/t"]]
    {
        assert_eq!(named(json(&project, arguments)).0, "damaged-file");
    }
    // Without hashes, the log still knows the sizes.
    bytes.push(0);
    std::fs::write(&file, &bytes).unwrap();
    without_hashes(&project);
    let run = json(&project, &["check", "t", "warehouse/t/v1/t"]).expect(1);
    assert_eq!(run.json()["error"]["code"], "damaged-file");
}

#[test]
fn hashes_that_are_lost_cut_or_changed_are_an_error_and_not_an_older_release() {
    let project = released(3_000);
    let file = files(&project).remove(0);
    let hashes = hashes(&project, &file);
    let whole = std::fs::read(&hashes).unwrap();
    let mut flipped = whole.clone();
    flipped[30] ^= 1;
    for bytes in [&whole[..whole.len() - 3], &[], &flipped, &[whole.clone(), vec![0; 8]].concat()] {
        std::fs::write(&hashes, bytes).unwrap();
        let (code, place) = named(json(&project, &["query", WHOLE]));
        assert_eq!(code, "damaged-file");
        assert!(place.ends_with(".xxh3"), "{place}");
        assert_eq!(named(json(&project, &["check", "t", "--release", "1"])).0, "damaged-file");
    }
    std::fs::remove_file(&hashes).unwrap();
    let (code, place) = named(json(&project, &["query", WHOLE]));
    assert_eq!(code, "lost-file");
    assert!(place.ends_with(".xxh3"), "{place}");
    std::fs::write(&hashes, whole).unwrap();
    project.query(WHOLE);
}

#[test]
fn a_file_of_an_older_release_is_read_as_before_but_for_its_size() {
    let project = released(3_000);
    let answer = project.query(WHOLE);
    without_hashes(&project);
    assert_eq!(project.query(WHOLE), answer);
    json(&project, &["check", "t", "--release", "current"]).expect(0);
    let file = files(&project).remove(0);
    let bytes = std::fs::read(&file).unwrap();
    for other in [[&bytes[..], b"x"].concat(), bytes[..bytes.len() - 1].to_vec(), Vec::new()] {
        std::fs::write(&file, other).unwrap();
        assert_eq!(named(json(&project, &["query", WHOLE])).0, "damaged-file");
        assert_eq!(named(json(&project, &["check", "t", "--release", "1"])).0, "damaged-file");
    }
    std::fs::write(&file, bytes).unwrap();
    deliver(&project, "b.parquet", 2_000, 5);
    assert_eq!(project.publish("b.parquet")["release"], 2);
    let old = json(&project, &["query", WHOLE, "--release", "1"]).expect(0).json();
    assert_eq!(old, answer);
}

#[test]
fn a_file_that_is_added_again_keeps_its_mark() {
    let project = released(3_000);
    let added = commit(&project, 0).into_iter().find(|a| a.get("add").is_some()).unwrap();
    let tag = added["add"]["tags"]["pactum.blocks"].as_str().unwrap().to_owned();
    assert!(tag.starts_with("xxh3-64k "), "{tag}");
    // Another writer takes the released file out of the head.
    let path = added["add"]["path"].as_str().unwrap();
    let remove = json!({ "remove": { "path": path, "dataChange": true, "deletionTimestamp": 1 } });
    write_commit(&project, 1, &[remove]);
    // The same rows again: nothing is released, and the head is repaired.
    assert_eq!(project.publish("a.parquet")["outcome"], "unchanged");
    let again = commit(&project, 2).into_iter().find(|a| a.get("add").is_some()).unwrap();
    assert_eq!(again["add"]["path"].as_str(), Some(path));
    assert_eq!(again["add"]["tags"]["pactum.blocks"].as_str(), Some(tag.as_str()));
    project.query(WHOLE);
}

#[test]
fn what_does_not_become_a_release_leaves_no_hashes() {
    let project = released(3_000);
    let folder = table(&project).join("_blocks");
    let count = || std::fs::read_dir(&folder).unwrap().count();
    assert_eq!(count(), files(&project).len());
    assert_eq!(project.publish("a.parquet")["outcome"], "unchanged");
    assert_eq!(count(), files(&project).len());
    // A commit that the ledger refuses.
    let log = project.path().join("warehouse/t/_ledger/_delta_log");
    let next = std::fs::read_dir(&log).unwrap().count();
    let blocked = log.join(format!("{next:020}.json"));
    std::fs::create_dir(&blocked).unwrap();
    deliver(&project, "b.parquet", 2_000, 5);
    project.run(&["publish", "t", "t=b.parquet"]).expect(3);
    std::fs::remove_dir(&blocked).unwrap();
    assert_eq!(project.publish("b.parquet")["outcome"], "released");
    for file in files(&project) {
        assert!(hashes(&project, &file).exists(), "{}", file.display());
    }
    assert_eq!(count(), files(&project).len());
}

/// Bytes that the scan of a query took from the table's files.
fn scanned(project: &Project, sql: &str) -> u64 {
    let run = project.run(&["query", &format!("explain analyze {sql}"), "--format", "csv"]);
    let text = run.expect(0).stdout;
    let found = text.split("bytes_scanned=").nth(1).unwrap_or_else(|| panic!("{text}"));
    let number: String = found.chars().take_while(|c| !matches!(c, ',' | ']')).collect();
    let (number, unit) = number.split_once(' ').unwrap_or((&number, ""));
    let scale = match unit {
        "" => 1.0,
        "K" => 1e3,
        "M" => 1e6,
        other => panic!("{other} in {text}"),
    };
    (number.parse::<f64>().unwrap() * scale) as u64
}

#[test]
fn a_point_read_takes_the_blocks_of_its_pages_and_no_others() {
    let project = released(ROWS);
    let size = std::fs::metadata(&files(&project)[0]).unwrap().len();
    let whole = scanned(&project, "select id, part, word, score from t.t");
    assert!(whole + 65_536 > size * 9 / 10 && whole <= size, "{whole} of {size}");
    // Of each column a page and its dictionary, and the page index: each with the block that it begins in
    // and the one that it ends in.
    let narrow = scanned(&project, "select word from t.t where id = 7");
    assert!(narrow <= 6 * 65_536, "{narrow} of {size}");
    let point = "select part, word, score from t.t where id = 7";
    let compared = scanned(&project, point);
    without_hashes(&project);
    let bare = scanned(&project, point);
    assert!(bare < compared && compared < bare + 6 * 65_536, "{compared}, and {bare} of {size}");
}

#[test]
fn a_vacuum_by_another_engine_leaves_the_hashes() {
    let Some(python) = crate::python::interpreter() else { return };
    let project = released(3_000);
    deliver(&project, "b.parquet", 2_000, 5);
    project.publish("b.parquet");
    let script = "import sys, os\nfrom deltalake import DeltaTable\n\
        t = DeltaTable(sys.argv[1])\n\
        t.vacuum(retention_hours=0, dry_run=False, enforce_retention_duration=False, full=True)\n\
        print(len(os.listdir(sys.argv[1] + '/_blocks')), flush=True)\nos._exit(0)";
    let table = table(&project);
    let run =
        std::process::Command::new(&python).args(["-c", script]).arg(&table).output().unwrap();
    let text = String::from_utf8_lossy(&run.stdout).into_owned();
    assert_eq!(text.trim(), "2", "{}", String::from_utf8_lossy(&run.stderr));
    project.query(WHOLE);
}
