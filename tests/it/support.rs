//! What tests share: folders, files, runs of the binary.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use pactum::check::Options;
use pactum::engine::Limits;
use pactum::engine::progress::Progress;
use parquet::arrow::ArrowWriter;
use serde_json::Value;
use tempfile::TempDir;

/// The outcome of a run of the binary.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|e| panic!("{e}\nstdout: {}\nstderr: {}", self.stdout, self.stderr))
    }

    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }
}

/// The binary, free of the environment's settings.
pub fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pactum"));
    command.current_dir(folder).stdin(Stdio::null());
    // Nor of what CI says of the change that it tests.
    let ours = |name: &str| {
        name.starts_with("PACTUM_")
            || name == "GITHUB_BASE_REF"
            || name == "CI_MERGE_REQUEST_TARGET_BRANCH_NAME"
    };
    for (name, _) in std::env::vars().filter(|(name, _)| ours(name)) {
        command.env_remove(name);
    }
    command.env("PACTUM_PUBLISHER", "tester");
    command
}

/// How long one run of a program may take.
const RUN_LIMIT: Duration = Duration::from_secs(120);

/// Waits for a program that was started, and kills one that does not end.
#[track_caller]
pub fn wait(child: &mut Child) -> ExitStatus {
    wait_for(child, RUN_LIMIT).unwrap_or_else(|| panic!("did not end in {RUN_LIMIT:?}"))
}

/// As [`wait`]; `None` where the program was killed.
fn wait_for(child: &mut Child, limit: Duration) -> Option<ExitStatus> {
    let begun = Instant::now();
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status);
        }
        if begun.elapsed() > limit {
            child.kill().unwrap();
            child.wait().unwrap();
            return None;
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}

/// Runs a program to its end; one that does not end is killed, and what it printed is shown.
#[track_caller]
pub fn output(command: &mut Command) -> Output {
    output_within(command, RUN_LIMIT).unwrap_or_else(|printed| panic!("{printed}"))
}

fn output_within(command: &mut Command, limit: Duration) -> Result<Output, String> {
    let begun = Instant::now();
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // Its pipes are emptied meanwhile, or it would wait for us; they close when it ends.
    let stdout = drained(child.stdout.take().unwrap());
    let stderr = drained(child.stderr.take().unwrap());
    let left = || limit.saturating_sub(begun.elapsed());
    let (out, err) = (stdout.recv_timeout(left()), stderr.recv_timeout(left()));
    let status = wait_for(&mut child, left());
    // Processes that it started and left behind may keep them open.
    let rest =
        |pipe: Receiver<Vec<u8>>| pipe.recv_timeout(Duration::from_secs(1)).unwrap_or_default();
    let (stdout, stderr) =
        (out.unwrap_or_else(|_| rest(stdout)), err.unwrap_or_else(|_| rest(stderr)));
    match status {
        Some(status) => Ok(Output { status, stdout, stderr }),
        None => Err(format!(
            "{command:?} did not end in {limit:?}\nstdout: {}\nstderr: {}",
            String::from_utf8_lossy(&stdout),
            String::from_utf8_lossy(&stderr)
        )),
    }
}

fn drained(mut pipe: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes);
        let _ = sender.send(bytes);
    });
    receiver
}

#[test]
fn a_program_that_hangs_is_killed_and_what_it_printed_is_shown() {
    let mut hangs = Command::new("bash");
    hangs.args(["-c", "echo begun; exec sleep 600"]);
    let begun = Instant::now();
    let said = output_within(&mut hangs, Duration::from_millis(300)).unwrap_err();
    assert!(said.contains("did not end in 300ms") && said.contains("stdout: begun"), "{said}");
    assert!(begun.elapsed() < Duration::from_secs(60));
    let ends = output(Command::new("bash").args(["-c", "echo out; echo err >&2; exit 3"]));
    assert_eq!(
        (ends.status.code(), ends.stdout, ends.stderr),
        (Some(3), b"out\n".to_vec(), b"err\n".to_vec())
    );
}

/// Runs the binary in a folder.
#[track_caller]
pub fn pactum(folder: &Path, arguments: &[&str]) -> Run {
    let output = output(command(folder).args(arguments));
    Run {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// A project in its own folder.
pub struct Project {
    pub folder: TempDir,
}

impl Project {
    /// A project with these contracts.
    pub fn new(contracts: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("pactum.yaml"), "warehouse: ./warehouse\n").unwrap();
        std::fs::create_dir(folder.path().join("contracts")).unwrap();
        let project = Self { folder };
        for (name, text) in contracts {
            project.write(&format!("contracts/{name}.odcs.yaml"), text);
        }
        project
    }

    /// A project with one contract `t` of one table `t` with these columns (YAML items).
    pub fn of_columns(columns: &str) -> Self {
        Self::new(&[("t", &contract("1.0.0", columns, ""))])
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub fn parquet(&self, name: &str, columns: Vec<(&str, ArrayRef)>) {
        write_parquet(&self.path().join(name), columns);
    }

    #[track_caller]
    pub fn run(&self, arguments: &[&str]) -> Run {
        pactum(self.path(), arguments)
    }

    /// The report of `check t FILE`.
    pub fn check(&self, file: &str) -> Value {
        self.run(&["check", "t", file, "--format", "json"]).json()
    }

    /// Publishes `t` and returns the report.
    pub fn publish(&self, file: &str) -> Value {
        self.run(&["publish", "t", &format!("t={file}"), "--format", "json"]).json()
    }

    /// The rows of a query.
    #[track_caller]
    pub fn query(&self, sql: &str) -> Value {
        self.run(&["query", sql, "--format", "json"]).expect(0).json()
    }
}

/// A contract `t` with one table `t`; `more` is appended to the table.
pub fn contract(version: &str, columns: &str, more: &str) -> String {
    let columns: String = columns.trim().lines().map(|l| format!("    {l}\n")).collect();
    let more: String = more.lines().map(|l| format!("    {l}\n")).collect();
    format!(
        "apiVersion: v3.2.0\nkind: DataContract\nid: t\nname: t\nversion: {version}\nstatus: active\n\
         schema:\n  - name: t\n    properties:\n{columns}{more}"
    )
}

pub fn write_parquet(path: &Path, columns: Vec<(&str, ArrayRef)>) {
    let nullable = columns.into_iter().map(|(name, array)| (name, array, true));
    let batch = RecordBatch::try_from_iter_with_nullable(nullable).unwrap();
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let file = std::fs::File::create(path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

pub fn longs(values: impl IntoIterator<Item = i64>) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values(values))
}

pub fn texts<'a>(values: impl IntoIterator<Item = Option<&'a str>>) -> ArrayRef {
    Arc::new(StringArray::from_iter(values))
}

/// How a check runs inside a test's own process: within little memory, at the beginning of time.
pub fn options(progress: &dyn Progress) -> Options<'_> {
    Options {
        limits: Limits { memory: 64 << 20, threads: 1 },
        rule_time: Duration::from_secs(600),
        samples: 2,
        public_classifications: &[],
        external_engines: &[],
        neighbours: &[],
        waivers: None,
        only: None,
        now: chrono::DateTime::UNIX_EPOCH,
        today: chrono::NaiveDate::default(),
        trust_statistics: false,
        allow_empty: false,
        show_classified: false,
        progress,
    }
}

/// The clause of an id in a report.
#[track_caller]
pub fn clause<'a>(report: &'a Value, id: &str) -> &'a Value {
    let clauses = report["tables"].as_array().unwrap().iter();
    let mut clauses = clauses.flat_map(|t| t["clauses"].as_array().unwrap());
    clauses.find(|c| c["id"] == id).unwrap_or_else(|| panic!("no clause {id} in {report:#}"))
}

/// Every file below a folder with its bytes.
pub fn tree(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return found };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(tree(&path));
        } else {
            // A dangling link has no bytes.
            found.push((path.clone(), std::fs::read(&path).unwrap_or_default()));
        }
    }
    found.sort();
    found
}

/// The repository's folder.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A folder beside the repository with real data; says so and gives nothing where it is absent.
pub fn shared(name: &str) -> Option<PathBuf> {
    let folder = root().join("../shared").join(name);
    if folder.is_dir() {
        return Some(folder.canonicalize().unwrap());
    }
    eprintln!("skipped: {} is not there", folder.display());
    None
}

/// A count that the long run raises by a variable.
pub fn times(variable: &str, short: usize) -> usize {
    std::env::var(variable).ok().and_then(|v| v.parse().ok()).unwrap_or(short)
}

/// Adds a line to the table of the full run, where one is being made.
pub fn note(test: &str, count: usize, held: &str) {
    use std::io::Write;
    let Ok(path) = std::env::var("PACTUM_TEST_TABLE") else { return };
    let mut file = std::fs::OpenOptions::new().append(true).open(path).unwrap();
    writeln!(file, "| {test} | {count} | {held} |").unwrap();
}

/// A small generator: the same seed gives the same numbers.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }
}
