//! Answers as scripts have them: `tests/sql/*.slt`, over the releases of the demo.

use std::sync::Arc;

use pactum::diagnostic::render::ErrorDocument;
use pactum::error::Error;
use pactum::query::{Encoder, Format};
use serde_json::Value;
use sqllogictest::{DBOutput, DefaultColumnType, Normalizer, Runner};

use crate::door::Door;
use crate::support::{pactum, root};

#[test]
fn query_answers_are_what_the_scripts_say() {
    let folder = tempfile::tempdir().unwrap();
    pactum(folder.path(), &["demo", "--dir", "tour", "--learners", "200"]).expect(0);
    let door = Arc::new(Door::open(&folder.path().join("tour")));
    let mut failures = Vec::new();
    let mut scripts = 0;
    for entry in std::fs::read_dir(root().join("tests/sql")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "slt") {
            continue;
        }
        scripts += 1;
        for record in sqllogictest::parse_file::<DefaultColumnType>(&path).unwrap() {
            let mut runner = Runner::new(|| async { Ok(Asked(Arc::clone(&door))) });
            runner.with_validator(are_equal);
            failures.extend(runner.run(record).err().map(|error| error.display(false).to_string()));
        }
    }
    assert!(scripts >= 15, "{scripts} scripts");
    assert!(failures.is_empty(), "{}\n{} differ", failures.join("\n\n"), failures.len());
}

/// The door, whose answers a script has as JSON has them.
pub struct Asked(pub Arc<Door>);

impl sqllogictest::DB for Asked {
    type Error = std::io::Error;
    type ColumnType = DefaultColumnType;

    fn run(&mut self, sql: &str) -> Result<DBOutput<DefaultColumnType>, Self::Error> {
        self.0
            .ask(sql)
            .and_then(|rows| {
                let mut text = Vec::new();
                let mut encoder = Encoder::new(Format::Json, Arc::clone(&rows.schema), &mut text)?;
                rows.batches.iter().try_for_each(|batch| encoder.write(batch))?;
                encoder.finish()?;
                let rows: Vec<serde_json::Map<String, Value>> =
                    serde_json::from_slice(&text).unwrap();
                let types = rows.first().map_or(1, serde_json::Map::len);
                let rows = rows.iter().map(|row| row.values().map(cell).collect()).collect();
                Ok(DBOutput::Rows { types: vec![DefaultColumnType::Text; types], rows })
            })
            .map_err(|error| std::io::Error::other(document(&error.in_text("query").for_readers())))
    }
}

/// An error as `--format json` has it.
fn document(error: &Error) -> String {
    let document = ErrorDocument::new(
        (error.code(), error.sqlstate().code()),
        error.message().to_owned(),
        error.place().map(str::to_owned),
        error.next_step().map(str::to_owned),
    );
    serde_json::to_string_pretty(&document).unwrap()
}

fn cell(value: &Value) -> String {
    match value {
        Value::String(text) if text.is_empty() => "(empty)".to_owned(),
        Value::String(text) => text.clone(),
        Value::Null => "NULL".to_owned(),
        other => other.to_string(),
    }
}

/// Whether an answer is the one of a script. Word by word: the last digits of a float depend on the
/// mathematics of the system's library.
fn are_equal(normalize: Normalizer, actual: &[Vec<String>], expected: &[String]) -> bool {
    let is_same = |(ours, theirs): (&Vec<String>, &String)| {
        let (ours, theirs) = (normalize(&ours.join(" ")), normalize(theirs));
        let (ours, theirs) = (ours.split(' '), theirs.split(' '));
        ours.clone().count() == theirs.clone().count()
            && ours.zip(theirs).all(|(a, b)| a == b || are_close(a, b))
    };
    actual.len() == expected.len() && actual.iter().zip(expected).all(is_same)
}

/// Whether two words are floats that differ in their last digits. A float has 17 digits at most: numbers
/// of fewer than 15 must be the same.
pub fn are_close(ours: &str, theirs: &str) -> bool {
    let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).count();
    match (ours.parse::<f64>(), theirs.parse::<f64>()) {
        (Ok(a), Ok(b)) if digits(theirs) >= 15 => (a - b).abs() <= 1e-14 * a.abs().max(b.abs()),
        _ => false,
    }
}

#[test]
fn last_digits_of_floats_may_differ_and_nothing_else() {
    let same = |ours: &str, theirs: &str| {
        are_equal(|text| text.to_owned(), &[vec![ours.to_owned()]], &[theirs.to_owned()])
    };
    assert!(same("0.9332565252573827", "0.9332565252573828"));
    assert!(!same("0.9332565252573827", "0.9332565252574828"));
    assert!(!same("1", "2"));
    assert!(!same("a 1", "a"));
}
