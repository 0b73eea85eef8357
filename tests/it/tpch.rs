//! The 22 queries of TPC-H at scale 0.01, through a contract and its release: PostgreSQL's answers.

use std::path::Path;

use crate::postgres::harness;
use crate::python::interpreter;
use crate::support::{pactum, root};

#[path = "../../examples/tpch/generate.rs"]
mod generate;

const TABLES: [&str; 8] =
    ["region", "nation", "supplier", "customer", "part", "partsupp", "orders", "lineitem"];

/// A project with the tables of this scale released.
fn released(scale: f64) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    generate::generate(scale, &data).unwrap();
    let project = root().join("examples/tpch");
    for part in ["contracts", "sql"] {
        std::fs::create_dir(folder.path().join(part)).unwrap();
        for file in std::fs::read_dir(project.join(part)).unwrap() {
            let file = file.unwrap();
            std::fs::copy(file.path(), folder.path().join(part).join(file.file_name())).unwrap();
        }
    }
    std::fs::copy(project.join("pactum.yaml"), folder.path().join("pactum.yaml")).unwrap();
    let files = TABLES.map(|table| format!("{table}=data/{table}/part-0.parquet"));
    let mut arguments = vec!["publish", "tpch"];
    arguments.extend(files.iter().map(String::as_str));
    pactum(folder.path(), &arguments).expect(0);
    folder
}

/// A decimal number without its point, and its places behind it.
fn decimal(text: &str) -> Option<(i128, u32)> {
    let (whole, places) = text.split_once('.').unwrap_or((text, ""));
    let digits: i128 = format!("{whole}{places}").parse().ok()?;
    Some((digits, u32::try_from(places.len()).ok()?))
}

/// Whether two numbers are one, rounded half away from zero to the places of the one that has fewer:
/// PostgreSQL gives quotients so many places that 16 digits count, and Pactum 16 places.
fn is_one_number(ours: &str, theirs: &str) -> bool {
    let (Some(ours), Some(theirs)) = (decimal(ours), decimal(theirs)) else { return false };
    let (fine, coarse) = if ours.1 > theirs.1 { (ours, theirs) } else { (theirs, ours) };
    let unit = 10i128.pow(fine.1 - coarse.1);
    (fine.0 + fine.0.signum() * (unit / 2)) / unit == coarse.0
}

fn assert_same(query: &str, ours: &str, theirs: &str) {
    assert_eq!(ours.lines().count(), theirs.lines().count(), "{query}:\n{ours}\n{theirs}");
    for (our, their) in ours.lines().zip(theirs.lines()) {
        if our == their {
            continue;
        }
        let (mine, other): (Vec<&str>, Vec<&str>) =
            (our.split(',').collect(), their.split(',').collect());
        let same = mine.len() == other.len()
            && mine.iter().zip(&other).all(|(a, b)| a == b || is_one_number(a, b));
        assert!(same, "{query}:\n{our}\n{their}");
    }
}

fn answer(project: &Path, query: &str) -> String {
    pactum(project, &["query", query, "--format", "csv"]).expect(0).stdout
}

#[test]
fn tpch_answers_as_postgresql_does() {
    let project = released(0.01);
    for number in 1..=22 {
        let query = format!("q{number:02}");
        let theirs = std::fs::read_to_string(root().join(format!("tests/tpch/{query}.csv")));
        assert_same(&query, &answer(project.path(), &query), &theirs.unwrap());
    }
}

#[test]
fn tpch_of_larger_scales_answers_as_postgresql_does() {
    let Ok(scales) = std::env::var("PACTUM_TEST_TPCH") else {
        eprintln!("skipped: .ci/full tpch compares with a server");
        return;
    };
    let python = interpreter().expect("tests/run sets PACTUM_TEST_PYTHON");
    for scale in scales.split(' ') {
        let project = released(scale.parse().unwrap());
        let what =
            format!("queries of TPC-H at scale {scale}, beside PostgreSQL 15, release build");
        harness(&python, "tpch", project.path(), &what);
    }
}

#[test]
fn numbers_of_other_places_are_told_apart() {
    assert!(is_one_number("2.50", "2.4951"));
    assert!(is_one_number("-2.4951", "-2.50"));
    assert!(is_one_number("0.0000", "0.00"));
    assert!(!is_one_number("2.49", "2.4951"));
    assert!(!is_one_number("2.5", "2.6"));
    assert!(!is_one_number("x", "y"));
}
