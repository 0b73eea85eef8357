//! How Pactum reads the standard: a test for each decision, by its number.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float32Array, Float64Array, Int64Array, TimestampMicrosecondArray};
use serde_json::{Value, json};

use crate::support::{Project, clause, contract, longs, texts};

fn nulls(values: &[Option<i64>]) -> ArrayRef {
    Arc::new(Int64Array::from(values.to_vec()))
}

/// Checks column `a` of a table with these lines beside its columns.
fn check(column: &str, more: &str, array: ArrayRef) -> Value {
    let columns = format!("- {{ name: a, {column} }}");
    let project = Project::new(&[("t", &contract("1.0.0", &columns, more))]);
    project.parquet("a.parquet", vec![("a", array)]);
    project.check("a.parquet")
}

/// What lint reports about a contract.
fn lint(columns: &str, more: &str) -> String {
    let project = Project::new(&[("t", &contract("1.0.0", columns, more))]);
    project.run(&["lint"]).stdout
}

#[test]
fn decision_01_between_includes_both_ends() {
    for (rows, verdict) in [(2, "passed"), (4, "passed"), (5, "failed")] {
        let more = "quality: [{ id: n, metric: rowCount, mustBeBetween: [2, 4] }]";
        let report = check("logicalType: integer", more, longs(0..rows));
        assert_eq!(clause(&report, "t/n")["verdict"], verdict);
    }
    let found = lint(
        "- { name: a, logicalType: integer }",
        "quality: [{ id: n, metric: rowCount, mustBeBetween: [2, 4] }]",
    );
    assert!(found.contains("L020"), "{found}");
}

#[test]
fn decision_02_two_operators_must_both_hold() {
    let more = "quality: [{ id: n, metric: rowCount, mustBeGreaterThan: 1, mustBeLessThan: 4 }]";
    for (rows, verdict) in [(1, "failed"), (2, "passed"), (4, "failed")] {
        let report = check("logicalType: integer", more, longs(0..rows));
        assert_eq!(clause(&report, "t/n")["verdict"], verdict);
    }
    assert!(lint("- { name: a, logicalType: integer }", more).contains("L019"));
}

#[test]
fn decision_03_a_pattern_beside_arguments_is_an_error() {
    let found = lint(
        "- { name: a, logicalType: string, quality: [{ metric: invalidValues, pattern: '^x', mustBe: 0 }] }",
        "",
    );
    assert!(found.contains("L009") && found.contains("arguments"), "{found}");
}

#[test]
fn decision_04_valid_values_that_stand_for_missing_ones_are_a_warning() {
    let found = lint(
        "- { name: a, logicalType: string, quality: [{ metric: invalidValues, mustBe: 0, arguments: { validValues: ['', x] } }] }",
        "",
    );
    assert!(found.contains("L018"), "{found}");
}

#[test]
fn decision_05_null_is_no_invalid_value() {
    let column = "logicalType: integer, logicalTypeOptions: { minimum: 1 }, enum: [{ value: 5 }], quality: [{ id: q, metric: invalidValues, mustBe: 0, arguments: { validValues: [5] } }]";
    let report = check(column, "", nulls(&[None, Some(5)]));
    for id in ["t/a/minimum", "t/a/enum", "t/a/q"] {
        assert_eq!(clause(&report, id)["verdict"], "passed");
    }
}

#[test]
fn decision_06_a_percentage_of_no_rows_is_not_executed() {
    let column = "logicalType: integer, quality: [{ id: q, metric: nullValues, unit: percent, mustBeLessThan: 5 }]";
    let report = check(column, "", nulls(&[]));
    assert_eq!(clause(&report, "t/a/q")["verdict"], "not-executed");
    let more = "quality: [{ id: n, metric: rowCount, mustBeGreaterOrEqualTo: 0 }]";
    let report = check(column, more, nulls(&[]));
    assert_eq!(clause(&report, "t/a/q")["measured"], 0.0);
}

#[test]
fn decision_07_duplicates_are_rows_beyond_the_first_and_nulls_are_distinct() {
    let column = "logicalType: integer, quality: [{ id: q, metric: duplicateValues, mustBe: 0 }]";
    let report = check(column, "", nulls(&[Some(1), Some(2), Some(1), None, None, Some(1)]));
    let found = clause(&report, "t/a/q");
    assert_eq!(
        (&found["measured"], &found["reason"]),
        (&json!(2), &json!("1 key occurs more than once"))
    );
    let report = check("logicalType: integer, primaryKey: true", "", nulls(&[None, Some(1)]));
    assert_eq!(clause(&report, "t/a/primaryKey")["failing_rows"], 1);
}

#[test]
fn decision_08_required_is_not_null_and_empty_text_is_a_value() {
    let report = check("logicalType: string, required: true", "", texts([Some(""), None]));
    assert_eq!(clause(&report, "t/a/required")["failing_rows"], 1);
}

#[test]
fn decision_09_a_key_is_a_tuple_in_the_order_of_positions() {
    let columns = "- { name: b, logicalType: integer, primaryKey: true }\n\
                   - { name: a, logicalType: integer, primaryKey: true, primaryKeyPosition: 1 }";
    let project = Project::of_columns(columns);
    project.parquet("a.parquet", vec![("a", longs([1, 1])), ("b", longs([1, 2]))]);
    let report = project.check("a.parquet");
    assert_eq!(clause(&report, "t/primaryKey")["expected"], "no key twice: (a, b)");
    assert_eq!(report["verdict"], "passed");
}

#[test]
fn decision_10_options_need_a_type() {
    let found = lint("- { name: a, logicalTypeOptions: { minimum: 1 } }", "");
    assert!(found.contains("L014"), "{found}");
}

#[test]
fn decision_11_a_nested_reference_leads_to_its_column() {
    let found = lint(
        "- { name: a, logicalType: integer, relationships: [{ to: t.b.c }] }\n\
         - { name: b, logicalType: object, properties: [{ name: c, logicalType: integer }] }",
        "",
    );
    assert!(!found.contains("error"), "{found}");
    // And the key is compared with the field.
    let columns = "- { name: b, logicalType: object, properties: [{ name: c, logicalType: integer }] }\n\
        - { name: a, logicalType: integer, relationships: [{ to: t.b.c }, { to: schema/t/properties/b/properties/c }] }";
    let project = Project::of_columns(columns);
    let inside = |values: ArrayRef| -> ArrayRef {
        let field = Arc::new(arrow::datatypes::Field::new("c", values.data_type().clone(), true));
        Arc::new(arrow::array::StructArray::from(vec![(field, values)]))
    };
    project.parquet("a.parquet", vec![("a", longs([1, 2, 9])), ("b", inside(longs([2, 1, 3])))]);
    let report = project.check("a.parquet");
    for id in ["t/a/foreignKey-t.b.c", "t/a/foreignKey-schema/t/properties/b/properties/c"] {
        let found = clause(&report, id);
        assert_eq!((&found["failing_rows"], &found["samples"][0]["row"]), (&json!(1), &json!(2)));
    }
}

#[test]
fn decision_12_a_declared_width_is_binding() {
    let singles = || -> ArrayRef { Arc::new(Float32Array::from(vec![0.5])) };
    let report = check("logicalType: number", "", singles());
    assert_eq!(report["verdict"], "passed");
    let report = check("logicalType: number, physicalType: double", "", singles());
    assert_eq!(clause(&report, "t/a/physicalType")["verdict"], "failed");
    let report = check("logicalType: number, logicalTypeOptions: { format: f64 }", "", singles());
    assert_eq!(clause(&report, "t/a/format")["verdict"], "failed");
}

#[test]
fn decision_13_every_placeholder_is_known() {
    for (table, column) in [
        ("{object}", "{property}"),
        ("${table}", "${column}"),
        ("{table}", "{column}"),
        ("{schema}.{model}", "{field}"),
        ("${object}", "${property}"),
    ] {
        let column = format!(
            "logicalType: integer, quality: [{{ id: q, type: sql, query: 'select max({column}) from {table}', mustBe: 7 }}]"
        );
        let report = check(&column, "", longs([7]));
        assert_eq!(clause(&report, "t/a/q")["verdict"], "passed", "{column}");
    }
}

#[test]
fn decision_14_partition_columns_may_stand_in_the_path() {
    let project = Project::of_columns(
        "- { name: a, logicalType: integer }\n- { name: country, logicalType: string, required: true }",
    );
    project.parquet("in/country=DE/a.parquet", vec![("a", longs([1]))]);
    assert_eq!(project.check("in")["verdict"], "passed");
}

#[test]
fn decision_15_undeclared_columns_fail_unless_they_are_allowed() {
    for (mode, verdict, run) in [
        ("forbid", "failed", "failed"),
        ("warn", "failed", "passed"),
        ("allow", "passed", "passed"),
    ] {
        let more = format!("customProperties: [{{ property: additionalColumns, value: {mode} }}]");
        let project = Project::new(&[(
            "t",
            &contract("1.0.0", "- { name: a, logicalType: integer }", &more),
        )]);
        project.parquet("a.parquet", vec![("a", longs([1])), ("b", longs([1]))]);
        let report = project.check("a.parquet");
        assert_eq!(clause(&report, "t/additionalColumns")["verdict"], verdict);
        assert_eq!(report["verdict"], run);
    }
}

#[test]
fn decision_16_nan_and_infinities_fail_and_zero_has_no_sign() {
    let values =
        || -> ArrayRef { Arc::new(Float64Array::from(vec![f64::NAN, f64::INFINITY, -0.0, 1.0])) };
    let column = "logicalType: number, logicalTypeOptions: { minimum: 0 }";
    let report = check(column, "", values());
    let found = clause(&report, "t/a/minimum");
    assert_eq!(
        (&found["failing_rows"], &found["reason"]),
        (
            &json!(2),
            &json!(
                "of them 1 NaN, 1 infinite; NaN is outside every bound, unless custom property allowNaN: true admits it; \
                 infinite values are outside every bound, whatever their sign"
            )
        )
    );
    let column = format!("{column}, customProperties: [{{ property: allowNaN, value: true }}]");
    assert_eq!(clause(&check(&column, "", values()), "t/a/minimum")["failing_rows"], 1);
}

#[test]
fn decision_17_ids_do_not_depend_on_positions() {
    let ids = |rules: &str| {
        let report = check(&format!("logicalType: integer, quality: [{rules}]"), "", longs([1]));
        let clauses = report["tables"][0]["clauses"].as_array().unwrap().clone();
        let mut ids: Vec<String> =
            clauses.iter().map(|c| c["id"].as_str().unwrap().to_owned()).collect();
        ids.sort();
        ids
    };
    let (a, b) = ("{ metric: nullValues, mustBe: 0 }", "{ metric: duplicateValues, mustBe: 0 }");
    assert_eq!(ids(&format!("{a}, {b}")), ids(&format!("{b}, {a}")));
    let spaced = |text: &str| {
        ids(&format!(
            "{{ metric: missingValues, mustBe: 0, arguments: {{ missingValues: ['{text}'] }} }}"
        ))
    };
    assert_ne!(spaced(""), spaced(" "));
}

#[test]
fn decision_18_patterns_search_and_classes_are_ascii() {
    let column = "logicalType: string, logicalTypeOptions: { pattern: '\\d' }";
    let report = check(column, "", texts([Some("a1b"), Some("ab"), Some("٣")]));
    assert_eq!(clause(&report, "t/a/pattern")["failing_rows"], 2);
    let column = "logicalType: string, logicalTypeOptions: { pattern: '^(?!x)a' }";
    let report = check(column, "", texts([Some("ab"), Some("xa")]));
    assert_eq!(clause(&report, "t/a/pattern")["failing_rows"], 1);
    assert!(
        lint("- { name: a, logicalType: string, logicalTypeOptions: { pattern: '^(?!x)a' } }", "")
            .contains("L017")
    );
}

#[test]
fn decision_19_prose_informs_and_unknown_engines_are_not_executed() {
    let column = "logicalType: integer, quality: [{ id: p, type: text, description: be nice }, { id: s, type: custom, engine: soda, implementation: x }]";
    let report = check(column, "", longs([1]));
    assert_eq!(clause(&report, "t/a/p")["verdict"], "informational");
    assert_eq!(
        (&clause(&report, "t/a/s")["verdict"], &report["verdict"]),
        (&json!("not-executed"), &json!("failed"))
    );
    let project = Project::of_columns(&format!("- {{ name: a, {column} }}"));
    project.write("pactum.yaml", "external_engines: [soda]\n");
    project.parquet("a.parquet", vec![("a", longs([1]))]);
    let report = project.check("a.parquet");
    assert_eq!(
        (&clause(&report, "t/a/s")["verdict"], &report["verdict"]),
        (&json!("informational"), &json!("passed"))
    );
}

#[test]
fn decision_20_words_of_severity() {
    for (word, run) in [
        ("error", "failed"),
        ("critical", "failed"),
        ("blocker", "failed"),
        ("huge", "failed"),
        ("warning", "passed"),
        ("minor", "passed"),
        ("info", "passed"),
    ] {
        let more = format!("quality: [{{ id: n, metric: rowCount, mustBe: 9, severity: {word} }}]");
        let report = check("logicalType: integer", &more, longs([1]));
        assert_eq!(report["verdict"], run, "{word}");
    }
}

#[test]
fn decision_21_an_absent_column_is_all_null() {
    let project = Project::of_columns(
        "- { name: a, logicalType: integer }\n- { name: b, logicalType: integer }\n- { name: c, logicalType: integer, required: true }",
    );
    project.parquet("a.parquet", vec![("a", longs([1]))]);
    let report = project.check("a.parquet");
    assert_eq!(clause(&report, "t/b/logicalType")["verdict"], "informational");
    assert_eq!(clause(&report, "t/c/required")["verdict"], "failed");
    assert_eq!(clause(&report, "t/a/logicalType")["verdict"], "passed");
}

#[test]
fn decision_22_service_levels_are_judged_at_a_given_instant() {
    let text = contract("1.0.0", "- { name: at, logicalType: timestamp }", "")
        + "slaProperties: [{ property: ly, value: 1, unit: d, element: t.at }]\n";
    let project = Project::new(&[("t", &text)]);
    let times = TimestampMicrosecondArray::from(vec![1_767_225_600_000_000]);
    project.parquet("a.parquet", vec![("at", Arc::new(times.with_timezone("UTC")))]);
    for (now, code) in [("2026-01-01T12:00:00Z", 0), ("2026-01-03", 1)] {
        project.run(&["check", "t", "a.parquet", "--now", now]).expect(code);
    }
    project.run(&["check", "t", "a.parquet"]).expect(1);
}

#[test]
fn decision_23_contradictions_are_errors() {
    let found = lint(
        "- { name: a, logicalType: integer, logicalTypeOptions: { minimum: 2, maximum: 1 } }",
        "",
    );
    assert!(found.contains("L013"), "{found}");
    let found = lint("- { name: a, logicalType: integer, relationships: [{ to: t.x }] }", "");
    assert!(found.contains("L022"), "{found}");
}

#[test]
fn decision_24_a_zone_is_never_made_up() {
    let naive = || -> ArrayRef { Arc::new(TimestampMicrosecondArray::from(vec![0])) };
    let report = check("logicalType: timestamp", "", naive());
    let found = clause(&report, "t/a/logicalType");
    assert_eq!(found["verdict"], "failed");
    assert!(found["reason"].as_str().unwrap().contains("defaultTimezone"));
    let column = "logicalType: timestamp, logicalTypeOptions: { defaultTimezone: Etc/UTC }";
    assert_eq!(check(column, "", naive())["verdict"], "passed");
}

#[test]
fn decision_25_what_came_later_is_a_warning_that_names_the_version() {
    let text = contract("1.0.0", "- { name: a, logicalType: integer, enum: [{ value: 1 }] }", "")
        .replace("v3.2.0", "v3.1.0");
    let project = Project::new(&[("t", &text)]);
    let run = project.run(&["lint"]).expect(0);
    assert!(run.stdout.contains("L008") && run.stdout.contains("3.2"), "{}", run.stdout);
}

#[test]
fn the_page_lists_every_decision_that_has_a_test() {
    let page = include_str!("../../docs/how-pactum-reads-the-standard.md");
    let own = include_str!("decisions.rs");
    for number in 1..=25 {
        assert!(page.contains(&format!("\n{number}. **")), "{number}");
        assert!(own.contains(&format!("fn decision_{number:02}_")), "{number}");
    }
}
