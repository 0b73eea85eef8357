//! Answers are PostgreSQL's: compared with a server by `.ci/full postgres`, and with what it answered
//! once, in `tests/sql/postgres/`, by every run.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::door::Door;
use crate::python::interpreter;
use crate::support::{note, pactum, root, shared};

/// A project with the tables of the demo and those of `tests/postgres/edges.py` released.
pub fn project(python: &Path) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    pactum(folder.path(), &["demo", "--dir", "tour", "--learners", "200"]).expect(0);
    let tour = folder.path().join("tour");
    let script = root().join("tests/postgres/edges.py");
    assert!(Command::new(python).arg(script).arg(&tour).status().unwrap().success());
    let tables = ["extremes", "pairs", "lists"];
    let files: Vec<String> = tables.iter().map(|t| format!("{t}=edges/{t}.parquet")).collect();
    let mut arguments = vec!["publish", "edges"];
    arguments.extend(files.iter().map(String::as_str));
    pactum(&tour, &arguments).expect(0);
    folder
}

/// Releases the real deliveries beside them; a full run without them proves too little.
fn add_real_tables(tour: &Path) {
    let oulad = shared("data/oulad").expect("the comparison needs OULAD");
    let tweets = shared("data/movietweetings").expect("the comparison needs MovieTweetings");
    for name in ["oulad", "movietweetings"] {
        let file = format!("contracts/{name}.odcs.yaml");
        let from = root().join("examples").join(name).join(&file);
        std::fs::copy(from, tour.join(&file)).unwrap();
    }
    let parquet = |folder: &PathBuf, table: &str, file: &str| {
        format!("{table}={}", folder.join(format!("{file}.parquet")).display())
    };
    let mut arguments = vec!["publish".to_owned(), "oulad".to_owned()];
    let tables = crate::real::OULAD.iter();
    arguments.extend(tables.map(|table| parquet(&oulad, table, table)));
    publish(tour, &arguments);
    let ratings = parquet(&tweets, "ratings", "ratings-2013-08-26");
    publish(tour, &["publish".to_owned(), "movietweetings".to_owned(), ratings]);
}

fn publish(tour: &Path, arguments: &[String]) {
    pactum(tour, &arguments.iter().map(String::as_str).collect::<Vec<_>>()).expect(0);
}

/// Runs a part of the comparison, and adds its row to the table of the full run.
fn compared(part: &str, what: &str) {
    if std::env::var_os("PACTUM_TEST_POSTGRES").is_none() {
        eprintln!("skipped: .ci/full postgres compares with a server");
        return;
    }
    let python = interpreter().expect("tests/run sets PACTUM_TEST_PYTHON");
    let folder = project(&python);
    let tour = folder.path().join("tour");
    add_real_tables(&tour);
    harness(&python, part, &tour, what);
}

/// Runs the harness over the releases of a project.
pub fn harness(python: &Path, part: &str, project: &Path, what: &str) {
    let socket = project.join("door");
    Door::open(project).serve(&socket);
    let mut harness = Command::new(python);
    harness.arg(root().join("tests/postgres/run.py")).arg(part).arg(&socket);
    let output = harness.stderr(Stdio::inherit()).output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    println!("{printed}");
    assert!(output.status.success(), "answers differ from PostgreSQL's: see above");
    let (count, held) = printed.trim_end().lines().last().unwrap().split_once(' ').unwrap();
    note(what, count.parse().unwrap(), held);
}

#[test]
fn written_statements_are_answered_as_postgresql_does() {
    let is_record = std::env::var("PACTUM_TEST_POSTGRES").is_ok_and(|part| part == "record");
    let part = if is_record { "record" } else { "written" };
    compared(part, "written statements, beside PostgreSQL 15");
}

#[test]
fn random_queries_are_answered_as_postgresql_does() {
    compared("random", "random queries, beside PostgreSQL 15");
}

#[test]
fn queries_of_the_public_corpus_are_answered_as_postgresql_does() {
    compared("corpus", "queries of datafusion-sqllogictest, beside PostgreSQL 15");
}
