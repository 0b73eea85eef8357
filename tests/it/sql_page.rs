//! The page about SQL: its examples answer what it says, and it names what there is.

use std::sync::Arc;

use pactum::engine::dialect::FUNCTIONS;

use crate::door::Door;
use crate::scripts::{Asked, are_close};
use crate::support::{pactum, root};

fn page() -> String {
    std::fs::read_to_string(root().join("docs/sql.md")).unwrap()
}

/// The cells of the rows of tables whose first cell is code.
fn rows(text: &str) -> impl Iterator<Item = Vec<String>> {
    text.lines().filter(|line| line.starts_with("| `")).map(|line| {
        let line = line.replace("\\|", "\u{0}");
        line.split('|').map(|cell| cell.trim().replace('\u{0}', "|")).collect()
    })
}

fn code(cell: &str) -> &str {
    cell.trim_matches('`')
}

#[test]
fn examples_of_the_page_answer_what_it_says() {
    let page = page();
    let folder = tempfile::tempdir().unwrap();
    pactum(folder.path(), &["demo", "--dir", "tour", "--learners", "50"]).expect(0);
    let mut door = Asked(Arc::new(Door::open(&folder.path().join("tour"))));
    let functions = page.split("## Functions").nth(1).unwrap().split("\n## ").next().unwrap();
    let (mut wrong, mut count) = (Vec::new(), 0);
    for cells in rows(functions) {
        let (example, answer) = (code(&cells[1]), code(&cells[2]));
        let sql = format!(
            "select string_agg(coalesce(x::text, 'NULL'), ', ') from (select {example}) as t(x)"
        );
        let found = match sqllogictest::DB::run(&mut door, &sql) {
            Ok(sqllogictest::DBOutput::Rows { rows, .. }) => rows[0][0].clone(),
            Ok(_) => "no rows".to_owned(),
            Err(error) => error.to_string(),
        };
        let found = if found == "(empty)" { "" } else { &found };
        if found != answer && !are_close(found, answer) {
            wrong.push(format!("{example}: {found} and not {answer}"));
        }
        count += 1;
    }
    assert!(count > 200, "{count} examples");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for cells in page.lines().filter(|line| line.ends_with("` |") && !line.starts_with("| `")) {
        let sql = code(cells.trim_end_matches(" |").rsplit(" | ").next().unwrap());
        let answer = sqllogictest::DB::run(&mut door, sql);
        assert!(answer.is_ok(), "{sql}: {}", answer.err().unwrap());
    }
}

#[test]
fn the_page_names_every_function_and_every_deviation() {
    let page = page();
    let names = |c: char| !c.is_ascii_alphanumeric() && c != '_';
    let words: std::collections::HashSet<&str> = page.split(names).collect();
    let missing: Vec<&str> =
        FUNCTIONS.iter().map(|row| row.name).filter(|name| !words.contains(name)).collect();
    assert!(missing.is_empty(), "docs/sql.md lacks {missing:?}");
    let listed = std::fs::read_to_string(root().join("tests/postgres/deviations.toml")).unwrap();
    let kinds = listed.lines().filter_map(|line| line.strip_prefix("kind = "));
    for kind in kinds {
        let kind = kind.trim_matches('"');
        assert!(page.contains(&format!("| {kind} |")), "docs/sql.md lacks {kind}");
    }
}
