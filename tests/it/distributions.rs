//! Distributions of columns: bars reach as far as the values, and each counts its own.

use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, Float64Array, ListArray};
use arrow::datatypes::Int64Type;
use serde_json::Value;

use crate::support::{Project, longs};

const ROWS: i64 = 20_000;
/// A row that samples of that many rows leave out.
const RARE: i64 = 5_559;

fn values(usual: impl Fn(i64) -> i64, rare: i64) -> impl Iterator<Item = i64> {
    (0..ROWS).map(move |row| if row == RARE { rare } else { usual(row) })
}

fn page(columns: Vec<(&str, ArrayRef)>) -> String {
    let project = Project::new(&[]);
    project.parquet("t.parquet", columns);
    project.run(&["profile", "t.parquet", "--format", "html"]).expect(0).stdout
}

#[test]
fn a_whole_number_that_a_sample_would_miss_has_a_bar_of_its_own_at_either_end() {
    for rare in [0, 6] {
        let page = page(vec![("stars", longs(values(|row| row % 5 + 1, rare)))]);
        assert!(page.contains(&format!("<title>{rare}: 1 (0.0 %)</title>")), "{page}");
        assert!(page.contains("<title>3: 4,000 (20.0 %)</title>"), "{page}");
        assert!(!page.contains("drawn from a sample"), "{page}");
    }
}

#[test]
fn numbers_of_few_distinct_values_are_all_counted_even_beside_nan() {
    let stars = values(|row| row % 5 * 10, 400);
    let stars = stars.map(|n| if n == 0 { f64::NAN } else { f64::from(i32::try_from(n).unwrap()) });
    let page = page(vec![("stars", Arc::new(Float64Array::from_iter_values(stars)))]);
    assert!(page.contains("distribution from 10 to 400"), "{page}");
    assert!(page.contains("to 400: 1 (0.0 %)</title>"), "{page}");
    assert!(!page.contains("drawn from a sample"), "{page}");
}

#[test]
fn lengths_of_lists_are_counted_up_to_the_longest() {
    let lengths = values(|row| row % 3, 4);
    let lists = ListArray::from_iter_primitive::<Int64Type, _, _>(
        lengths.map(|length| Some((0..length).map(Some).collect::<Vec<_>>())),
    );
    let page = page(vec![("tags", Arc::new(lists))]);
    assert!(page.contains("<title>4: 1 (0.0 %)</title>"), "{page}");
    assert!(page.contains("<title>3: 0 (0.0 %)</title>"), "{page}");
}

#[test]
fn a_sampled_distribution_reaches_from_the_least_to_the_greatest_value() {
    let project = Project::new(&[]);
    let days = values(|row| row % 700, 1_000).map(|day| i32::try_from(day).unwrap());
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("number", longs(values(|row| row % 700, 1_000))),
        ("below", longs(values(|row| row % 700, -300))),
        ("day", Arc::new(Date32Array::from_iter_values(days))),
    ];
    project.parquet("t.parquet", columns);
    let found = project.run(&["profile", "t.parquet", "--format", "json"]).expect(0).json();
    let ends = |n: usize| {
        let Value::Object(histogram) = &found["columns"][n]["histogram"] else { panic!("{found}") };
        assert_eq!(histogram["is_exact"], false);
        (histogram["low"].as_f64().unwrap(), histogram["high"].as_f64().unwrap())
    };
    assert_eq!([ends(0), ends(1), ends(2)], [(0.0, 1_000.0), (-300.0, 699.0), (0.0, 1_000.0)]);
    let page = project.run(&["profile", "t.parquet", "--format", "html"]).expect(0).stdout;
    for words in ["from 0 to 1000", "from -300 to 699", "from 1970-01-01 to 1972-09-27"] {
        assert!(page.contains(&format!("distribution {words}")), "{words}: {page}");
    }
}

#[test]
fn huge_numbers_are_drawn_within_their_plot() {
    let ends = Float64Array::from(vec![f64::MIN, 0.0, f64::MAX]);
    let page = page(vec![
        ("key", longs([1 << 60, 1 << 60, 1 << 60])),
        ("near", longs([1 << 60, (1 << 60) + 7, (1 << 60) + 7])),
        ("far", Arc::new(ends)),
    ]);
    assert!(!page.contains("=\"NaN") && !page.contains("=\"inf"), "{page}");
    assert!(!page.contains(">inf<") && !page.contains(">NaN<"), "{page}");
    assert_eq!(page.matches(": 1 (33.3 %)</title>").count(), 3, "{page}");
    assert!(page.contains(": 3 (100.0 %)</title>"), "{page}");
}
