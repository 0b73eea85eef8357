//! Deliveries that change while a run reads them: refused, or released exactly as they were checked.

use std::fs::{FileTimes, Metadata};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::{FileExt, MetadataExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::array::{ArrayRef, RecordBatch};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use serde_json::{Value, json};

use crate::support::{Project, Random, command, longs, note, times};

const COLUMNS: &str =
    "- { name: a, logicalType: integer, primaryKey: true }\n- { name: b, logicalType: integer }";
const ROWS: i64 = 60_000;

/// Rows of two columns; `b` tells good files from bad ones, and no clause looks at it.
fn rows(keys: impl Fn(i64) -> i64, mark: i64) -> Vec<(i64, i64)> {
    (0..ROWS).map(|n| (keys(n), mark)).collect()
}

/// The delivery as it was checked: in order, or not.
fn good(sorted: bool) -> Vec<(i64, i64)> {
    rows(move |n| if sorted { n } else { n * 7_919 % ROWS }, 1)
}

/// As many rows, whose keys occur twice.
fn bad(sorted: bool) -> Vec<(i64, i64)> {
    rows(move |n| if sorted { n / 2 } else { n * 7_919 % ROWS / 2 }, 2)
}

/// Files of as many rows have as many bytes: nothing is encoded by its values.
fn parquet(path: &Path, rows: &[(i64, i64)]) {
    let a: ArrayRef = longs(rows.iter().map(|r| r.0));
    let b: ArrayRef = longs(rows.iter().map(|r| r.1));
    let batch = RecordBatch::try_from_iter([("a", a), ("b", b)]).unwrap();
    let properties = WriterProperties::builder()
        .set_dictionary_enabled(false)
        .set_max_row_group_row_count(Some(10_000))
        .build();
    let file = std::fs::File::create(path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

fn csv(path: &Path, rows: &[(i64, i64)]) {
    let lines: String = rows.iter().map(|(a, b)| format!("{a:06},{b}\n")).collect();
    std::fs::write(path, format!("a,b\n{lines}")).unwrap();
}

fn ndjson(path: &Path, rows: &[(i64, i64)]) {
    let lines: String =
        rows.iter().map(|(a, b)| format!("{{\"a\": {:<8},\"b\": {b}}}\n", a)).collect();
    std::fs::write(path, lines).unwrap();
}

fn set_times(path: &Path, times: &Metadata) {
    let times = FileTimes::new()
        .set_modified(times.modified().unwrap())
        .set_accessed(times.accessed().unwrap());
    std::fs::File::options().write(true).open(path).unwrap().set_times(times).unwrap();
}

/// How one content replaces another.
#[derive(Debug, Clone, Copy)]
enum Swap {
    Rename,
    InPlace,
    /// Through a descriptor that was open before the run began.
    OpenDescriptor,
    /// The link that was delivered leads elsewhere.
    Link,
    /// One of several files that a glob names, by a rename.
    OneOfMany,
    /// One of several files in a folder, in place.
    OneInFolder,
    Csv,
    Ndjson,
}

const SWAPS: [Swap; 8] = [
    Swap::Rename,
    Swap::InPlace,
    Swap::OneOfMany,
    Swap::Link,
    Swap::Csv,
    Swap::OpenDescriptor,
    Swap::Ndjson,
    Swap::OneInFolder,
];

/// A delivery, and what will change it.
struct Prepared {
    /// What is delivered.
    argument: &'static str,
    /// The file that changes.
    target: PathBuf,
    /// What it changes to.
    other: PathBuf,
    open: Option<std::fs::File>,
    swap: Swap,
}

impl Prepared {
    fn new(folder: &Path, swap: Swap, sorted: bool) -> Self {
        let at = |name: &str| folder.join(name);
        let write: fn(&Path, &[(i64, i64)]) = match swap {
            Swap::Csv => csv,
            Swap::Ndjson => ndjson,
            _ => parquet,
        };
        let (argument, target) = match swap {
            Swap::Csv => ("in.csv", "in.csv"),
            Swap::Ndjson => ("in.ndjson", "in.ndjson"),
            Swap::Link => ("link.parquet", "in.parquet"),
            Swap::OneOfMany => ("many/*.parquet", "many/2.parquet"),
            Swap::OneInFolder => ("many", "many/2.parquet"),
            _ => ("in.parquet", "in.parquet"),
        };
        let (target, other) = (at(target), at("other"));
        let good = good(sorted);
        match swap {
            Swap::OneOfMany | Swap::OneInFolder => {
                std::fs::create_dir(at("many")).unwrap();
                for (n, part) in good.chunks(20_000).enumerate() {
                    write(&at(&format!("many/{n}.parquet")), part);
                }
                write(&other, &bad(sorted)[40_000..]);
            }
            _ => {
                write(&target, &good);
                write(&other, &bad(sorted));
            }
        }
        if matches!(swap, Swap::Link) {
            symlink("in.parquet", at("link.parquet")).unwrap();
        }
        let (was, will) = (target.metadata().unwrap(), other.metadata().unwrap());
        assert_eq!(was.len(), will.len(), "{swap:?}");
        set_times(&other, &was);
        let open = matches!(swap, Swap::OpenDescriptor)
            .then(|| std::fs::File::options().write(true).open(&target).unwrap());
        Self { argument, target, other, open, swap }
    }

    /// Puts the other content in place, with the size and times that were there.
    fn swap(&self) {
        let times = self.target.metadata().unwrap();
        match self.swap {
            Swap::Rename | Swap::OneOfMany => std::fs::rename(&self.other, &self.target).unwrap(),
            Swap::Link => {
                let next = self.target.with_file_name("next");
                symlink("other", &next).unwrap();
                std::fs::rename(&next, self.target.with_file_name("link.parquet")).unwrap();
            }
            Swap::OpenDescriptor => {
                let content = std::fs::read(&self.other).unwrap();
                self.open.as_ref().unwrap().write_all_at(&content, 0).unwrap();
                set_times(&self.target, &times);
            }
            Swap::InPlace | Swap::OneInFolder | Swap::Csv | Swap::Ndjson => {
                let content = std::fs::read(&self.other).unwrap();
                let mut file = std::fs::File::options().write(true).open(&self.target).unwrap();
                file.rewind().unwrap();
                file.write_all(&content).unwrap();
                set_times(&self.target, &times);
            }
        }
        assert_eq!(self.target.metadata().unwrap().mtime(), times.mtime());
    }
}

fn publish(project: &Project, argument: &str) -> Child {
    command(project.path())
        .args(["publish", "t", &format!("t={argument}"), "--format", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// What is released, if anything is.
fn released(project: &Project) -> Option<Value> {
    project.path().join("warehouse/t/_ledger").exists().then(|| {
        project
            .query("select count(*) n, count(distinct a) k, max(a) m, min(b) b, max(b) c from t.t")
    })
}

/// When a swap comes.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// The check is done, and the table's folder is there to write to.
    BeforeStaging,
    /// Some part of the run has passed.
    After(Duration),
}

#[test]
fn a_release_holds_what_was_checked_whatever_is_swapped_and_when() {
    let swaps = times("PACTUM_TEST_SWAPS", 6);
    let mut random = Random(17);
    let (mut refused, mut unharmed, mut rejected) = (0, 0, 0);
    let mut whole = Duration::from_millis(500);
    for n in 0..swaps {
        let project = Project::of_columns(COLUMNS);
        let prepared =
            Prepared::new(project.path(), SWAPS[n % SWAPS.len()], (n / SWAPS.len()) % 2 == 1);
        let moment = match n % 3 {
            2 => Moment::After(whole * u32::try_from(random.below(1_000)).unwrap() / 1_000),
            _ => Moment::BeforeStaging,
        };
        let what = format!("swap {n}, {:?}, {moment:?}", prepared.swap);
        let begun = Instant::now();
        let mut child = publish(&project, prepared.argument);
        let staging = project.path().join("warehouse/t/v1/t");
        let due = || match moment {
            Moment::BeforeStaging => staging.exists(),
            Moment::After(time) => begun.elapsed() >= time,
        };
        while !due() && child.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        prepared.swap();
        let output = child.wait_with_output().unwrap();
        whole = begun.elapsed();
        let told: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        match output.status.code() {
            Some(0) => {
                let checked = json!([{ "n": ROWS, "k": ROWS, "m": ROWS - 1, "b": 1, "c": 1 }]);
                assert_eq!(released(&project), Some(checked), "{what}");
                unharmed += 1;
            }
            Some(3) => {
                assert_eq!(told["error"]["code"], "file-changed", "{what}: {told}");
                assert_eq!(released(&project), None, "{what}");
                let left = std::fs::read_dir(&staging).into_iter().flatten().flatten();
                let left: Vec<PathBuf> = left.map(|e| e.path()).collect();
                assert!(left.iter().all(|p| !p.is_file()), "{what}: {left:?}");
                refused += 1;
            }
            // The swap came before the file was opened: what was checked is the other content.
            Some(1) => {
                assert_eq!(told["outcome"], "rejected", "{what}: {told}");
                assert!(matches!(moment, Moment::After(_)), "{what}: {told}");
                rejected += 1;
            }
            code => panic!("{what}: {code:?}: {}", String::from_utf8_lossy(&output.stderr)),
        }
    }
    note(
        "a delivery swapped while it is published, size and times set back",
        swaps,
        &format!(
            "{refused} refused, {unharmed} released exactly as checked, {rejected} checked after the swap and rejected"
        ),
    );
}

#[test]
fn a_file_that_is_renamed_over_is_released_as_it_was_opened() {
    let project = Project::of_columns(COLUMNS);
    let prepared = Prepared::new(project.path(), Swap::Rename, false);
    let mut child = publish(&project, prepared.argument);
    let staging = project.path().join("warehouse/t/v1/t");
    while !staging.exists() && child.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    prepared.swap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(released(&project).unwrap()[0]["k"], ROWS);
}

#[test]
fn more_files_than_descriptors_are_checked_and_released() {
    let project = Project::of_columns("- { name: a, logicalType: integer, primaryKey: true }");
    // Out of order as a whole, so that they are all sorted at once.
    for n in 0..200i64 {
        let part = longs((0..1_000).map(move |row| (n * 73 % 200) * 1_000 + row));
        project.parquet(&format!("in/{n:03}.parquet"), vec![("a", part)]);
    }
    let limited = |rest: &str| {
        let script = format!("ulimit -n 64; exec {} {rest}", env!("CARGO_BIN_EXE_pactum"));
        let mut shell = Command::new("bash");
        shell.args(["-c", &script]).current_dir(project.path()).stdin(Stdio::null());
        shell
    };
    for rest in ["check t in", "profile in", "publish t t=in"] {
        let output = limited(rest).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(project.query("select count(distinct a) n from t.t"), json!([{ "n": 200_000 }]));
    // Most files are closed in between: their successors are not read in their places.
    for n in 0..200 {
        let next = format!("next/{n:03}.parquet");
        project.parquet(&next, vec![("a", longs(0..1_000))]);
        let file = project.path().join(format!("in/{n:03}.parquet"));
        set_times(&project.path().join(&next), &file.metadata().unwrap());
    }
    let warehouse = project.path().join("other");
    let mut child = limited("--warehouse other publish t t=in --format json")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while !warehouse.join("t/v1/t").exists() && child.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    for n in (0..200).rev() {
        let (next, file) = (format!("next/{n:03}.parquet"), format!("in/{n:03}.parquet"));
        std::fs::rename(project.path().join(next), project.path().join(file)).unwrap();
    }
    let output = child.wait_with_output().unwrap();
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(3), "{told}");
    assert_eq!(told["error"]["code"], "file-changed", "{told}");
    assert!(!warehouse.join("t/_ledger").exists());
}

#[test]
fn a_draft_is_of_one_state_of_its_file() {
    // Numbers as texts, and texts: a second reading would take them for the first one's numbers.
    let project = Project::of_columns(COLUMNS);
    let (path, other) = (project.path().join("in.csv"), project.path().join("other.csv"));
    let numbers = || csv(&path, &good(true));
    numbers();
    let words: String = (0..ROWS).map(|n| format!("{:>6},x\n", format!("w{n}"))).collect();
    let words = format!("a,b\n{words}");
    assert_eq!(path.metadata().unwrap().len(), words.len() as u64);
    let begun = Instant::now();
    let of_numbers = project.run(&["profile", "in.csv", "--format", "json"]).expect(0).stdout;
    let whole = begun.elapsed();
    std::fs::write(&path, &words).unwrap();
    let of_words = project.run(&["profile", "in.csv", "--format", "json"]).expect(0).stdout;
    for n in 1..=4u32 {
        numbers();
        std::fs::write(&other, &words).unwrap();
        let times = path.metadata().unwrap();
        set_times(&other, &times);
        let child = command(project.path())
            .args(["profile", "in.csv", "--format", "json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        std::thread::sleep(whole * n / 5);
        match n % 2 {
            0 => std::fs::rename(&other, &path).unwrap(),
            _ => {
                std::fs::File::options()
                    .write(true)
                    .open(&path)
                    .unwrap()
                    .write_all_at(words.as_bytes(), 0)
                    .unwrap();
                set_times(&path, &times);
            }
        }
        let output = child.wait_with_output().unwrap();
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        match output.status.code() {
            Some(0) => assert!(told == of_numbers || told == of_words, "{told}"),
            code => assert!(code == Some(3) && told.contains("file-changed"), "{code:?}: {told}"),
        }
    }
}

#[test]
fn what_is_not_a_regular_file_is_refused_at_once() {
    let project = Project::of_columns(COLUMNS);
    let pipe = project.path().join("pipe.csv");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for path in ["pipe.csv", "/dev/null"] {
        let run = project.run(&["check", "t", path]).expect(2);
        assert!(run.stderr.contains("regular file"), "{}", run.stderr);
    }
}

/// A server with a folder of one file; what it lists and what it sends may be two versions.
fn serve(content: Vec<u8>, listed: &'static str, sent: &'static str, heeds: bool) -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let content = Arc::new(content);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, content) = (stream.unwrap(), Arc::clone(&content));
            let mut request = [0; 8192];
            let read = stream.read(&mut request).unwrap_or(0);
            let asked = String::from_utf8_lossy(&request[..read]).to_lowercase();
            let wanted =
                asked.lines().find_map(|l| l.strip_prefix("if-match: ").map(str::to_owned));
            let date = "Thu, 01 Jan 2026 00:00:00 GMT";
            let (status, tag, body) = if asked.starts_with("propfind") {
                let xml = format!(
                    "<?xml version=\"1.0\"?><D:multistatus xmlns:D=\"DAV:\"><D:response>\
                     <D:href>/d/a.parquet</D:href><D:propstat><D:prop>\
                     <D:getcontentlength>{}</D:getcontentlength>\
                     <D:getlastmodified>{date}</D:getlastmodified><D:resourcetype/>\
                     <D:getetag>{listed}</D:getetag></D:prop><D:status>HTTP/1.1 200 OK</D:status>\
                     </D:propstat></D:response></D:multistatus>",
                    content.len()
                );
                ("207 Multi-Status", "", xml.into_bytes())
            } else if heeds && wanted.is_some_and(|wanted| wanted.trim() != sent) {
                ("412 Precondition Failed", sent, Vec::new())
            } else {
                ("200 OK", sent, content.to_vec())
            };
            let tag = if tag.is_empty() { String::new() } else { format!("ETag: {tag}\r\n") };
            let head = format!(
                "HTTP/1.1 {status}\r\nContent-Length: {}\r\n{tag}Last-Modified: {date}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(head.as_bytes());
            let _ = stream.write_all(&body);
        }
    });
    port
}

#[test]
fn what_is_fetched_is_what_was_listed() {
    let project = Project::of_columns("- { name: a, logicalType: integer }");
    project.parquet("a.parquet", vec![("a", longs([1, 2]))]);
    let content = || std::fs::read(project.path().join("a.parquet")).unwrap();
    for (listed, sent, heeds, code) in [
        ("\"one\"", "\"one\"", true, 0),
        ("\"one\"", "\"two\"", true, 3),
        ("\"one\"", "\"two\"", false, 3),
        ("W/\"one\"", "W/\"one\"", false, 0),
        ("W/\"one\"", "\"two\"", false, 3),
    ] {
        let port = serve(content(), listed, sent, heeds);
        let address = format!("http://127.0.0.1:{port}/d/");
        let run = project.run(&["check", "t", &address, "--format", "json"]);
        assert_eq!(run.code, code, "{listed} {sent}: {}{}", run.stdout, run.stderr);
        if code == 3 {
            assert_eq!(run.json()["error"]["code"], "file-changed", "{listed} {sent}");
        }
    }
}
