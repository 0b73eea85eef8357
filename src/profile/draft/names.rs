//! Names of columns that SQL and Delta tables take.

use std::collections::HashSet;

use crate::contract::names::{DELTA_FORBIDDEN, folded};
use crate::profile::ColumnProfile;

/// The declared name of each column: its own, or one like `phone_no` of `Phone No.` where a Delta
/// table cannot hold it.
pub(super) fn declared(columns: &[&ColumnProfile]) -> Vec<String> {
    let is_kept = |name: &str| !name.contains(DELTA_FORBIDDEN);
    let kept = columns.iter().filter(|column| is_kept(&column.name));
    let mut taken: HashSet<String> = kept.map(|column| folded(&column.name)).collect();
    let one = |column: &&ColumnProfile| match is_kept(&column.name) {
        true => column.name.clone(),
        false => free(&usable(&column.name), &mut taken),
    };
    columns.iter().map(one).collect()
}

/// The letters and digits of a name, in lower case.
fn usable(name: &str) -> String {
    let lower = name.to_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    match words.join("_") {
        word if word.is_empty() => "column".to_owned(),
        word if word.starts_with(|c: char| c.is_ascii_digit()) => format!("column_{word}"),
        word => word,
    }
}

fn free(word: &str, taken: &mut HashSet<String>) -> String {
    let mut candidate = word.to_owned();
    let mut n = 1;
    while !taken.insert(folded(&candidate)) {
        n += 1;
        candidate = format!("{word}_{n}");
    }
    candidate
}
