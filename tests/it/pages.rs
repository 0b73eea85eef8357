//! Pages for people: the HTML report, and what describe and profile show.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, ListArray};
use arrow::datatypes::Int64Type;
use serde_json::json;

use crate::support::{Project, contract, longs, texts};

const COLUMNS: &str = "- { name: id, logicalType: integer, primaryKey: true }\n\
    - { name: rating, logicalType: integer, logicalTypeOptions: { minimum: 0, maximum: 5 } }\n\
    - { name: tags, logicalType: array, items: { logicalType: integer } }\n\
    - { name: note, logicalType: string, required: true }\n\
    - name: score\n\
    \x20 logicalType: number\n\
    \x20 quality: [{ id: drift, type: custom, engine: pactum, implementation: \
    { metric: populationStabilityIndex, mustBeLessThan: 100 } }]";

fn delivered(project: &Project, file: &str, shift: f64) {
    let scores: ArrayRef =
        Arc::new(Float64Array::from_iter_values((0..40).map(|n| f64::from(n) / 40.0 + shift)));
    let tags: ArrayRef = Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>(
        (0..40).map(|n| Some((0..n % 3).map(Some).collect::<Vec<_>>())),
    ));
    project.parquet(
        file,
        vec![
            ("id", longs(0..40)),
            ("rating", longs((0..40).map(|n| n % 4))),
            ("tags", tags),
            ("note", texts((0..40).map(|n| (shift == 0.0 || n > 0).then_some("x")))),
            ("score", scores),
        ],
    );
}

fn project() -> Project {
    let project = Project::new(&[("t", &contract("1.0.0", COLUMNS, ""))]);
    delivered(&project, "one.parquet", 0.0);
    delivered(&project, "two.parquet", 0.5);
    assert_eq!(project.publish("one.parquet")["release"], 1);
    project
}

/// The part of a page about one column.
#[track_caller]
fn card<'a>(page: &'a str, column: &str) -> &'a str {
    let begin = page.find(&format!("<h3>{column} ")).unwrap_or_else(|| panic!("{page}"));
    let rest = &page[begin..];
    &rest[..rest.find("</section>").unwrap()]
}

#[test]
fn a_page_says_what_was_checked_when_and_by_whom() {
    let project = project();
    let page = project.run(&["check", "t", "two.parquet", "--format", "html"]).expect(1).stdout;
    for words in ["two.<wbr>parquet", "1.0.0", "<dt>checked</dt>", "UTC", "40 rows in 1 file"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let publish = ["publish", "t", "t=two.parquet", "--format", "html"];
    let page = project.run(&publish).expect(1).stdout;
    for words in ["<dt>attempt</dt>", "<dt>publisher</dt><dd>tester</dd>"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    delivered(&project, "three.parquet", 0.0);
    let publish = ["publish", "t", "t=three.parquet", "--format", "html", "--label", "a=b"];
    let page = project.run(&publish).expect(0).stdout;
    assert!(page.contains("<dt>release</dt>"), "{page}");
}

#[test]
fn a_strip_counts_the_verdicts_and_leads_to_them() {
    let project = project();
    let page = project.run(&["check", "t", "two.parquet", "--format", "html"]).expect(1).stdout;
    let strip = &page[page.find("<nav").unwrap()..page.find("</nav>").unwrap()];
    assert!(strip.contains("<b>1</b> failed") && strip.contains("passed"), "{strip}");
    let links = strip.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap());
    let links: Vec<&str> = links.collect();
    assert_eq!(links[0], "t/note/required");
    for link in links {
        assert!(page.contains(&format!("id=\"{link}\"")), "{link}: {page}");
    }
}

#[test]
fn the_release_lies_behind_a_column_that_a_drift_rule_compares() {
    let project = project();
    let page = project.run(&["check", "t", "two.parquet", "--format", "html"]).expect(1).stdout;
    let score = card(&page, "score");
    assert!(score.contains("class=\"behind\"") && score.contains("release 1"), "{score}");
    // Both ends of both distributions are on the axis.
    assert!(score.contains("distribution from 0 to 1.4750"), "{score}");
    assert!(!card(&page, "rating").contains("class=\"behind\""), "{page}");
}

#[test]
fn small_whole_numbers_have_a_bar_each_and_declared_bounds_are_drawn() {
    let project = project();
    let page = project.run(&["check", "t", "one.parquet", "--format", "html"]).expect(0).stdout;
    let rating = card(&page, "rating");
    // From the declared 0 to the declared 5, though only 0 to 3 occur.
    assert_eq!(rating.matches("class=\"bar\"").count(), 6, "{rating}");
    assert_eq!(rating.matches("class=\"bound\"").count(), 2, "{rating}");
    for words in ["2: 10 (25.0 %)", "4: 0 (0.0 %)", "<dt>quartiles</dt>", "maximum 5", ">10</text>"]
    {
        assert!(rating.contains(words), "{words}: {rating}");
    }
}

#[test]
fn lists_are_shown_by_their_lengths() {
    let project = project();
    let page = project.run(&["check", "t", "one.parquet", "--format", "html"]).expect(0).stdout;
    let tags = card(&page, "tags");
    assert!(tags.contains("list of integers"), "{tags}");
    assert_eq!(tags.matches("class=\"bar\"").count(), 3, "{tags}");
    assert!(tags.contains("<dt>max</dt><dd>2</dd>"), "{tags}");
    let human = project.run(&["profile", "one.parquet"]).expect(0).stdout;
    let line = human.lines().find(|line| line.contains("| tags")).unwrap();
    let cells: Vec<&str> = line.split('|').map(str::trim).collect();
    // How many distinct lists there are is not counted.
    assert_eq!(cells[1..5], ["tags", "list of integers", "0", ""], "{line}");
    let profile = project.run(&["profile", "one.parquet", "--format", "json"]).expect(0).json();
    assert_eq!(profile["columns"][2]["distinct"], json!(null));
    assert_eq!(profile["columns"][2]["lengths"]["distinct"], 3);
}

#[test]
fn a_page_never_breaks_a_word_where_it_could_break_between_words() {
    let project = project();
    let page = project.run(&["check", "t", "two.parquet", "--format", "html"]).expect(1).stdout;
    assert!(!page.contains("overflow-wrap: anywhere") && !page.contains("word-break"), "{page}");
    assert!(page.contains("t/<wbr>note/<wbr>required"), "{page}");
}

#[test]
fn classified_files_and_columns_stay_off_the_page() {
    let columns = "- { name: id, logicalType: integer, primaryKey: true }\n\
        - { name: city, logicalType: string, classification: confidential }\n\
        - { name: income, logicalType: number, classification: confidential, quality: [{ id: drift, \
          type: custom, engine: pactum, implementation: { metric: mean, mustBeLessThan: 9999 } }] }";
    let project = Project::new(&[("t", &contract("1.0.0", columns, ""))]);
    let incomes: ArrayRef = Arc::new(Float64Array::from(vec![4711.25, 815.5]));
    project.parquet("in/city=Atlantis/a.parquet", vec![("id", longs([1, 2])), ("income", incomes)]);
    let publish = ["publish", "t", "t=in", "--format", "html"];
    for page in [
        project.run(&publish).expect(0).stdout,
        project.run(&["check", "t", "in", "--format", "html"]).expect(0).stdout,
    ] {
        for secret in ["Atlantis", "4711", "815"] {
            assert!(!page.contains(secret), "{secret}: {page}");
        }
    }
}

#[test]
fn a_major_that_is_asked_for_is_described_under_its_own_name() {
    let columns = "- { name: id, logicalType: integer, primaryKey: true }";
    let project = Project::new(&[
        ("t", &contract("1.0.0", columns, "")),
        ("t2", &contract("2.0.0", columns, "")),
    ]);
    let described =
        |target: &str| project.run(&["describe", target, "--format", "json"]).expect(0).json();
    for (target, table) in
        [("t.t", "t.t"), ("t_v2.t", "t_v2.t"), ("T_V2.t", "t_v2.t"), ("t_v1.t", "t_v1.t")]
    {
        let found = described(target);
        assert_eq!(found["table"], table, "{target}");
        assert_eq!(found["example"], format!("select id from {table} order by id limit 10"));
        let column = described(&format!("{target}.id"));
        assert_eq!(column["column"], format!("{table}.id"));
    }
    assert_eq!(described("t_v2")["schema"], "t_v2");
    assert_eq!(described("t")["schema"], "t");
}
