//! Documents of every version of the standard: what each version means by its words, and that a
//! document which its own version's JSON Schema accepts is not refused for a form.

use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, TimestampMicrosecondArray};
use pactum::contract::parse;
use pactum::diagnostic::{Diagnostic, Severity, Source};
use serde_json::{Value, json};

use crate::support::{Project, clause, contract, longs, shared, texts};

/// A contract `t` of a version of the standard, with one table `t`.
fn of_version(api: &str, columns: &str, more: &str) -> String {
    contract("1.0.0", columns, more).replace("v3.2.0", api)
}

fn lint(text: &str) -> Vec<Diagnostic> {
    parse(&Arc::new(Source::new("t.odcs.yaml", text))).diagnostics
}

/// The errors of a document.
fn errors(text: &str) -> Vec<String> {
    let found = lint(text).into_iter().filter(|d| d.severity == Severity::Error);
    found.map(|d| format!("{}: {}", d.meta.name, d.message)).collect()
}

/// The warnings of a document, each with its hint.
fn warnings(text: &str) -> Vec<String> {
    let found = lint(text).into_iter().filter(|d| d.severity == Severity::Warning);
    found.map(|d| format!("{} | {}", d.message, d.hint.unwrap_or_default())).collect()
}

/// The report of a check of a document against a file `a.parquet` with these columns.
fn checked(text: &str, columns: Vec<(&str, ArrayRef)>) -> Value {
    let project = Project::new(&[("t", text)]);
    project.parquet("a.parquet", columns);
    project.check("a.parquet")
}

fn dates() -> ArrayRef {
    Arc::new(Date32Array::from_iter_values([0, 1]))
}

fn instants(zone: Option<&str>) -> ArrayRef {
    let array = TimestampMicrosecondArray::from_iter_values([0, 1_000_000]);
    Arc::new(match zone {
        Some(zone) => array.with_timezone(zone),
        None => array,
    })
}

#[test]
fn a_date_of_3_0_is_any_point_in_time_that_its_physical_type_refines() {
    for physical in [
        "date",
        "timestamp",
        "timestamptz",
        "datetime",
        "time",
        "long",
        "bigint",
        "varchar",
        "varchar(30)",
        "timestamp_ntz",
        "TIMESTAMP WITH TIME ZONE",
    ] {
        let column = format!("- {{ name: a, logicalType: date, physicalType: {physical} }}");
        for api in ["v3.0.0", "v3.0.1", "v3.0.2"] {
            let text = of_version(api, &column, "");
            assert_eq!(errors(&text), [""; 0], "{api} {physical}");
            let told = warnings(&text).iter().any(|w| w.contains("write logicalType"));
            assert!(!told, "{api} {physical}");
        }
        for api in ["v3.1.0", "v3.2.0"] {
            let text = of_version(api, &column, "");
            assert_eq!(errors(&text), [""; 0], "{api} {physical}");
            let told = warnings(&text).iter().any(|w| w.contains("write logicalType: time"));
            assert_eq!(told, physical != "date", "{api} {physical}: {:?}", warnings(&text));
        }
    }
}

#[test]
fn bounds_and_formats_of_a_date_may_have_a_time_of_day() {
    for options in [
        "{ minimum: '2020-01-01T00:00:00Z' }",
        "{ maximum: '2020-01-01 12:00:00', exclusiveMaximum: true }",
        "{ format: yyyy-MM-dd HH:mm:ss }",
        "{ format: 'HH:mm:ss', minimum: '08:00:00' }",
        "{ minimum: '2020-01-01' }",
    ] {
        let column = format!("- {{ name: a, logicalType: date, logicalTypeOptions: {options} }}");
        assert_eq!(errors(&of_version("v3.0.2", &column, "")), [""; 0], "{options}");
        // Where nothing but the format says so, it cannot match a date.
        let alone = options.contains("format") && !options.contains("minimum");
        if !options.contains("exclusive") {
            let found = errors(&of_version("v3.1.0", &column, ""));
            assert_eq!(found.len(), usize::from(alone), "{options}: {found:?}");
        }
    }
}

#[test]
fn what_contradicts_a_point_in_time_is_still_refused() {
    for physical in ["boolean", "array<int>"] {
        let column = format!("- {{ name: a, logicalType: date, physicalType: {physical} }}");
        for api in ["v3.0.2", "v3.1.0"] {
            let found = errors(&of_version(api, &column, ""));
            assert!(found.iter().any(|e| e.starts_with("contradicting-types")), "{api} {physical}");
        }
    }
}

#[test]
fn a_date_of_3_0_admits_the_points_in_time_that_its_physical_type_leaves_open() {
    let verdict = |physical: &str, array: ArrayRef| {
        let physical = match physical {
            "" => String::new(),
            written => format!(", physicalType: {written}"),
        };
        let column = format!("- {{ name: a, logicalType: date{physical} }}");
        let report = checked(&of_version("v3.0.2", &column, ""), vec![("a", array)]);
        report["verdict"].as_str().unwrap().to_owned()
    };
    for (physical, good, bad) in [
        ("", vec![dates(), instants(None), instants(Some("UTC"))], vec![longs([1])]),
        ("date", vec![dates()], vec![instants(None), texts([Some("2020-01-01")])]),
        ("timestamp", vec![instants(None), instants(Some("UTC"))], vec![dates()]),
        ("timestamptz", vec![instants(Some("UTC"))], vec![instants(None)]),
        ("long", vec![longs([1])], vec![dates()]),
        ("varchar", vec![texts([Some("2020-01-01"), None])], vec![texts([Some("soon")]), dates()]),
    ] {
        for array in good {
            assert_eq!(verdict(physical, array.clone()), "passed", "{physical} {array:?}");
        }
        for array in bad {
            assert_eq!(verdict(physical, array.clone()), "failed", "{physical} {array:?}");
        }
    }
}

#[test]
fn a_date_that_is_kept_as_text_is_read_by_its_format_and_compared_with_its_bounds() {
    let column = "- { name: a, logicalType: date, physicalType: varchar, logicalTypeOptions: \
                  { format: dd.MM.yyyy HH:mm, minimum: '2020-01-02' } }";
    let array = texts([Some("01.01.2020 10:00"), Some("03.01.2020 10:00"), Some("2020-01-03")]);
    for api in ["v3.0.2", "v3.1.0"] {
        let text = of_version(api, column, "")
            .replace(" HH:mm", if api == "v3.1.0" { "" } else { " HH:mm" });
        let array = if api == "v3.1.0" {
            texts([Some("01.01.2020"), Some("03.01.2020"), Some("2020-01-03")])
        } else {
            array.clone()
        };
        let report = checked(&text, vec![("a", array)]);
        assert_eq!(clause(&report, "t/a/logicalType")["failing_rows"], json!(1), "{report:#}");
        assert_eq!(clause(&report, "t/a/minimum")["failing_rows"], json!(1), "{report:#}");
    }
}

#[test]
fn a_bound_of_an_epoch_is_reported_as_not_executed_by_lint_and_check() {
    let column = "- { name: a, logicalType: date, physicalType: long, logicalTypeOptions: \
                  { minimum: '2020-01-01' } }";
    let text = of_version("v3.0.2", column, "");
    assert!(warnings(&text).iter().any(|w| w.contains("is not executed")), "{:?}", warnings(&text));
    let report = checked(&text, vec![("a", longs([1]))]);
    assert_eq!(clause(&report, "t/a/minimum")["verdict"], "not-executed");
    assert_eq!(report["verdict"], "failed");
}

#[test]
fn texts_of_a_csv_file_are_read_as_the_point_in_time_that_3_0_means() {
    let column = "- { name: a, logicalType: date, physicalType: timestamp }\n\
                  - { name: b, logicalType: date, logicalTypeOptions: { format: yyyy-MM-dd HH:mm:ss } }";
    let project = Project::new(&[("t", &of_version("v3.0.2", column, ""))]);
    project.write("a.csv", "a,b\n2020-01-01 10:00:00,2020-01-01 10:00:00\n2020-01-01T10:00:00Z,\n");
    assert_eq!(project.check("a.csv")["verdict"], "passed");
    project.write("b.csv", "a,b\n2020-01-01 10:00:00,2020-01-01\nsoon,2020-01-01 10:00:00\n");
    let report = project.check("b.csv");
    assert_eq!(clause(&report, "t/a/logicalType")["failing_rows"], json!(1), "{report:#}");
}

#[test]
fn an_exclusive_bound_of_3_0_is_a_flag_on_the_other_one() {
    let column = "- { name: a, logicalType: integer, logicalTypeOptions: \
                  { maximum: 3, exclusiveMaximum: true, minimum: 1, exclusiveMinimum: false } }";
    let report = checked(&of_version("v3.0.2", column, ""), vec![("a", longs([1, 2, 3]))]);
    assert_eq!(clause(&report, "t/a/exclusiveMaximum")["failing_rows"], json!(1));
    assert_eq!(clause(&report, "t/a/minimum")["verdict"], "passed");
}

/// The verdict of the last clause of a rule on column `a` over NULL, `x`, `x` and `y`.
fn of_rule(api: &str, rule: &str) -> (String, Value) {
    let column = format!("- {{ name: a, logicalType: string, quality: [{{ id: q, {rule} }}] }}");
    let rows = texts([None, Some("x"), Some("x"), Some("y")]);
    let report = checked(&of_version(api, &column, ""), vec![("a", rows)]);
    let found = clause(&report, "t/a/q");
    (found["verdict"].as_str().unwrap().to_owned(), found["failing_rows"].clone())
}

#[test]
fn rules_of_3_0_are_executed_under_its_own_names() {
    for (rule, verdict, rows) in [
        ("rule: nullCheck, mustBe: 0", "failed", json!(1)),
        ("rule: nullCheck", "failed", json!(1)),
        ("type: library, rule: null_check, mustBeLessThan: 2", "passed", json!(1)),
        ("rule: notNull", "failed", json!(1)),
        ("rule: duplicateCount, mustBe: 0", "failed", json!(1)),
        ("rule: duplicateCount, mustBeLessThan: 50, unit: percent", "passed", json!(1)),
        ("rule: unique", "failed", json!(1)),
        ("rule: unique, mustBe: true", "failed", json!(1)),
        ("rule: validValues, validValues: [x]", "failed", json!(1)),
        ("rule: validValues, validValues: [x, y]", "passed", json!(0)),
        ("rule: validValues, validValues: [x], mustBeLessThan: 2", "passed", json!(1)),
    ] {
        assert_eq!(of_rule("v3.0.2", rule), (verdict.to_owned(), rows), "{rule}");
    }
}

#[test]
fn a_library_rule_that_has_no_meaning_here_is_listed_as_not_executed_and_lint_warns() {
    for rule in [
        "rule: freshness, mustBeLessThan: 24",
        "rule: minCheck",
        "rule: duplicateCount",
        "rule: unique, mustBe: 100, unit: percent",
        "rule: nullCheck, mustBe: false",
        "rule: rowCount, mustBe: 4",
        "rule: validValues",
        "description: no metric at all",
    ] {
        let column =
            format!("- {{ name: a, logicalType: string, quality: [{{ id: q, {rule} }}] }}");
        let text = of_version("v3.0.2", &column, "");
        assert_eq!(errors(&text), [""; 0], "{rule}");
        assert!(warnings(&text).iter().any(|w| w.contains("is not executed")), "{rule}");
        assert_eq!(of_rule("v3.0.2", rule).0, "not-executed", "{rule}");
    }
}

#[test]
fn rules_that_something_else_runs_are_informational() {
    let column = "- { name: a, logicalType: string, quality: [{ id: q, rule: freshness }] }";
    let project = Project::new(&[("t", &of_version("v3.0.2", column, ""))]);
    project.write("pactum.yaml", "warehouse: ./warehouse\nexternal_engines: [library]\n");
    project.parquet("a.parquet", vec![("a", texts([Some("x")]))]);
    let report = project.check("a.parquet");
    assert_eq!(clause(&report, "t/a/q")["verdict"], "informational");
    assert_eq!(report["verdict"], "passed");
}

#[test]
fn rules_of_a_metric_at_the_wrong_level_or_without_operator_are_not_executed() {
    for (column_rules, table_rules, id) in [
        ("metric: rowCount, mustBe: 1", "", "t/a/q"),
        ("metric: nullValues", "", "t/a/q"),
        ("metric: invalidValues, mustBe: 0", "", "t/a/q"),
        ("", "metric: nullValues, mustBe: 0", "t/q"),
        ("", "metric: duplicateValues, mustBe: 0", "t/q"),
    ] {
        let list = |rule: &str| match rule {
            "" => String::new(),
            rule => format!("quality: [{{ id: q, {rule} }}]"),
        };
        let column = match column_rules {
            "" => "- { name: a, logicalType: string }".to_owned(),
            rules => format!("- {{ name: a, logicalType: string, {} }}", list(rules)),
        };
        let text = contract("1.0.0", &column, &list(table_rules));
        assert_eq!(errors(&text), [""; 0], "{column_rules}{table_rules}");
        assert!(warnings(&text).iter().any(|w| w.contains("is not executed")), "{text}");
        let report = checked(&text, vec![("a", texts([Some("x")]))]);
        assert_eq!(clause(&report, id)["verdict"], "not-executed", "{text}");
    }
}

#[test]
fn a_rule_inside_a_value_is_listed_too() {
    let column = "- name: a\n  logicalType: array\n  items:\n    logicalType: string\n    \
                  quality: [{ id: q, rule: freshness }]";
    let text = of_version("v3.0.2", column, "");
    assert!(warnings(&text).iter().any(|w| w.contains("is not executed")), "{:?}", warnings(&text));
    let contract = parse(&Arc::new(Source::new("t", text))).contract.unwrap();
    let listed = pactum::check::clause_list(&contract, &contract.tables[0]);
    assert!(listed.iter().any(|c| c.id == "t/a.items/q"), "{listed:?}");
}

#[test]
fn two_rules_that_measure_the_same_are_two_clauses() {
    let column = "- { name: a, logicalType: string, quality: [{ rule: duplicateCount, mustBeLessThan: 10 }, \
                  { rule: duplicateCount, mustBeLessThan: 1, unit: percent }, \
                  { rule: duplicateCount, mustBeLessThan: 1, unit: percent }] }";
    let text = of_version("v3.0.2", column, "");
    assert_eq!(errors(&text), [""; 0]);
    let contract = parse(&Arc::new(Source::new("t", text))).contract.unwrap();
    let listed = pactum::check::clause_list(&contract, &contract.tables[0]);
    let mut ids: Vec<&str> =
        listed.iter().filter(|c| c.kind == "duplicateValues").map(|c| c.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 3, "{ids:?}");
}

#[test]
fn a_document_that_moves_from_3_0_to_a_later_version_unchanged_in_meaning_has_no_finding() {
    for (old, new) in [
        (
            "logicalType: date, physicalType: timestamp",
            "logicalType: timestamp, physicalType: timestamp",
        ),
        ("logicalType: date, physicalType: timestamp", "logicalType: timestamp"),
        (
            "logicalType: date, physicalType: timestamptz",
            "logicalType: timestamp, physicalType: timestamptz",
        ),
        ("logicalType: date", "logicalType: date"),
        ("logicalType: date, physicalType: date", "logicalType: date"),
        ("logicalType: date, physicalType: time", "logicalType: time, physicalType: time"),
        (
            "logicalType: integer, logicalTypeOptions: { maximum: 100, exclusiveMaximum: true }",
            "logicalType: integer, logicalTypeOptions: { exclusiveMaximum: 100 }",
        ),
        (
            "logicalType: integer, logicalTypeOptions: { minimum: 1, exclusiveMinimum: false }",
            "logicalType: integer, logicalTypeOptions: { minimum: 1 }",
        ),
        (
            "logicalType: string, quality: [{ rule: duplicateCount, mustBe: 0 }]",
            "logicalType: string, quality: [{ metric: duplicateValues, mustBe: 0 }]",
        ),
        (
            "logicalType: string, quality: [{ rule: nullCheck }]",
            "logicalType: string, quality: [{ metric: nullValues, mustBe: 0 }]",
        ),
        (
            "logicalType: string, quality: [{ rule: validValues, validValues: [x, y] }]",
            "logicalType: string, quality: [{ metric: invalidValues, mustBe: 0, arguments: { validValues: [x, y] } }]",
        ),
        (
            "logicalType: string, quality: [{ rule: freshness, mustBeLessThan: 24 }]",
            "logicalType: string",
        ),
        (
            "logicalType: string, quality: [{ rule: freshness, description: fresh }]",
            "logicalType: string, quality: [{ type: text, description: fresh }]",
        ),
    ] {
        let column = |declared: &str| format!("- {{ name: a, {declared} }}");
        for api in ["v3.1.0", "v3.2.0"] {
            let project = Project::new(&[]);
            project.write("old.odcs.yaml", &of_version("v3.0.2", &column(old), ""));
            project.write("new.odcs.yaml", &of_version(api, &column(new), ""));
            let run = project.run(&["diff", "old.odcs.yaml", "new.odcs.yaml", "--format", "json"]);
            let report = run.expect(0).json();
            assert_eq!(report["contracts"], json!([]), "{old} -> {api} {new}");
        }
    }
}

#[test]
fn a_map_is_an_object_before_3_2_by_its_physical_type() {
    use arrow::array::builder::{Int64Builder, MapBuilder, StringBuilder};
    let mut maps = MapBuilder::new(None, StringBuilder::new(), Int64Builder::new());
    maps.keys().append_value("x");
    maps.values().append_value(1);
    maps.append(true).unwrap();
    let maps: ArrayRef = Arc::new(maps.finish());
    for physical in ["MAP", "'MAP<STRING, BIGINT>'"] {
        let column =
            |kind: &str| format!("- {{ name: a, logicalType: {kind}, physicalType: {physical} }}");
        for api in ["v3.0.2", "v3.1.0"] {
            let old = of_version(api, &column("object"), "");
            assert_eq!(checked(&old, vec![("a", Arc::clone(&maps))])["verdict"], "passed", "{api}");
            let project = Project::new(&[]);
            project.write("old.odcs.yaml", &old);
            project.write("new.odcs.yaml", &of_version("v3.2.0", &column("map"), ""));
            let run = project.run(&["diff", "old.odcs.yaml", "new.odcs.yaml", "--format", "json"]);
            assert_eq!(run.expect(0).json()["contracts"], json!([]), "{api} {physical}");
        }
    }
}

#[test]
fn a_length_of_time_means_the_same_with_and_without_an_element() {
    for value in [
        "value: P1Y",
        "value: PT24H",
        "value: 24h",
        "value: 500 ms",
        "value: daily",
        "value: 1, unit: d",
    ] {
        for element in ["", ", element: t.a"] {
            let sla = format!("slaProperties: [{{ property: retention, {value}{element} }}]");
            let text = contract("1.0.0", "- { name: a, logicalType: timestamp }", "") + &sla + "\n";
            assert_eq!(errors(&text), [""; 0], "{value}{element}");
            assert_eq!(warnings(&text), [""; 0], "{value}{element}");
        }
    }
    for element in ["", ", element: t.a"] {
        let sla = format!("slaProperties: [{{ property: latency, value: soon{element} }}]");
        let text = contract("1.0.0", "- { name: a, logicalType: timestamp }", "") + &sla + "\n";
        assert_eq!(errors(&text), [""; 0], "{element}");
        assert!(warnings(&text)[0].contains("is not executed"), "{:?}", warnings(&text));
    }
}

#[test]
fn service_levels_in_every_form_are_judged() {
    let retained = |value: &str| {
        let sla =
            format!("slaProperties: [{{ id: q, property: retention, {value}, element: t.a }}]\n");
        let text = contract("1.0.0", "- { name: a, logicalType: timestamp }", "") + &sla;
        let report = checked(&text, vec![("a", instants(Some("UTC")))]);
        clause(&report, "t/q")["verdict"].clone()
    };
    assert_eq!(retained("value: P1Y"), "failed");
    assert_eq!(retained("value: PT24H"), "failed");
    assert_eq!(retained("value: 1000y"), "passed");
}

#[test]
fn what_the_standards_schema_refuses_is_at_least_a_warning() {
    let base = contract("1.0.0", "- { name: a, logicalType: string }", "");
    let with = |api: &str, more: &str| base.replace("v3.2.0", api) + more + "\n";
    for (text, what) in [
        (
            with("v3.1.0", "servers: [{ server: s, type: postgres, host: h, port: 1 }]"),
            "'database'",
        ),
        (with("v3.1.0", "servers: [{ server: s, type: postgress, host: h }]"), "postgress"),
        (
            with(
                "v3.1.0",
                "servers: [{ server: s, type: mysql, host: h, port: '3306', database: d }]",
            ),
            "'port' holds a string",
        ),
        (
            with("v3.1.0", "servers: [{ server: s, type: api, location: l, host: h }]"),
            "no key 'host'",
        ),
        (with("v3.2.0", "description:"), "'description' has no value"),
        (with("v3.2.0", "description: { purpose: }"), "'purpose' has no value"),
        (with("v3.0.2", "support: [{ channel: c }]"), "'url'"),
    ] {
        assert_eq!(errors(&text), [""; 0], "{what}");
        let found = warnings(&text);
        assert!(found.iter().any(|w| w.contains(what)), "{what}: {found:?}");
    }
    let rules = |rule: &str| {
        let column = format!("- {{ name: a, logicalType: string, quality: [{{ {rule} }}] }}");
        of_version("v3.1.0", &column, "")
    };
    assert!(warnings(&rules("rule: nullCheck, mustBe: 0"))[0].contains("write metric: nullValues"));
    assert!(warnings(&rules("mustBe: 0"))[0].contains("without a metric"));
    assert!(errors(&rules("type: foo, mustBe: 0"))[0].contains("'foo'"));
    for rule in ["type: custom, engine: soda", "type: custom, engine: soda, implementation: [1]"] {
        assert!(warnings(&rules(rule))[0].contains("for an implementation"), "{rule}");
    }
    for (logical, format, hint) in [
        ("integer", "int32", "write format: i32"),
        ("integer", "uint8", "write format: u8"),
        ("number", "Float64", "write format: f64"),
        ("number", "money", "one of f32, f64"),
    ] {
        let column = format!(
            "- {{ name: a, logicalType: {logical}, logicalTypeOptions: {{ format: {format} }} }}"
        );
        let found = warnings(&of_version("v3.2.0", &column, ""));
        assert!(found.iter().any(|w| w.contains("binds nothing") && w.contains(hint)), "{found:?}");
    }
}

#[test]
fn a_document_needs_a_status_before_3_2() {
    let base = contract("1.0.0", "- { name: a, logicalType: string }", "");
    let text = base.replace("status: active\n", "");
    assert_eq!(errors(&text), [""; 0]);
    for api in ["v3.0.2", "v3.1.0"] {
        let found = errors(&text.replace("v3.2.0", api));
        assert_eq!(found, ["missing-key: a contract needs the key 'status'"], "{api}");
    }
}

#[test]
fn keys_that_3_0_leaves_open_are_told_and_do_not_refuse_a_document() {
    let more = "servers: [{ server: s, type: custom, bucket: b }]\n\
                team: [{ name: Ada, comment: keeper }]\n\
                roles: [{ role: r, owner: x }]\n\
                slaProperties: [{ property: latency, value: 1, unit: d, note: n }]\n\
                customProperties: [{ property: x }, { value: 1 }]\n\
                description: { summary: s }\n";
    let base = contract(
        "1.0.0",
        "- { name: a, logicalType: string, quality: [{ rule: rowCheck, column: a }] }",
        "",
    ) + more;
    assert_eq!(errors(&base.replace("v3.2.0", "v3.0.2")), [""; 0]);
    let later = errors(&base);
    for key in ["bucket", "comment", "owner", "note", "column"] {
        assert!(later.iter().any(|e| e.contains(&format!("'{key}'"))), "{key}: {later:?}");
    }
    assert!(!later.iter().any(|e| e.contains("'summary'")), "{later:?}");
}

#[test]
fn a_version_that_only_lacks_parts_is_completed_and_its_hint_passes() {
    for (written, read) in [
        ("\"2.0\"", "2.0.0"),
        ("1.0", "1.0.0"),
        ("2", "2.0.0"),
        ("v1.4", "1.4.0"),
        ("1.10", "1.10.0"),
    ] {
        let text = contract(written, "- { name: a, logicalType: string }", "");
        assert_eq!(errors(&text), [""; 0], "{written}");
        let hint = format!("version: {read}");
        assert!(warnings(&text).iter().any(|w| w.ends_with(&hint)), "{:?}", warnings(&text));
        let parsed = parse(&Arc::new(Source::new("t", text.clone())));
        assert_eq!(parsed.contract.unwrap().version.to_string(), read);
        let mended = text.replace(&format!("version: {written}"), &hint);
        assert!(lint(&mended).is_empty(), "{:?}", lint(&mended));
    }
    for written in ["\"2024-01\"", "latest", "\"1.x\""] {
        let text = contract(written, "- { name: a, logicalType: string }", "");
        assert_eq!(errors(&text).len(), 1, "{written}");
    }
}

#[test]
fn a_tab_is_reported_at_its_line() {
    for (text, line, column) in [
        ("a: 1\nb:\n\tc: 1\nd: 2\n", 3, 1),
        ("a: 1\nb:\n  c: 1\n \td: 1\ne: 2\n", 4, 2),
        ("schema:\n- name: t\n\tproperties:\n\t- name: a\n", 3, 1),
        ("schema:\n- name: t\n  properties:\n  \t- name: a\n", 4, 3),
        ("a:\n  b: 1\n\n\n\t  c: 2\n", 5, 1),
    ] {
        let found = lint(text);
        let place = (found[0].span.line, found[0].span.column);
        assert!(found[0].message.contains("tab"), "{text}: {}", found[0].message);
        assert_eq!(place, (line, column), "{text}");
        assert!(found[0].hint.as_deref().is_some_and(|hint| hint.contains("spaces")), "{text}");
    }
    // A tab within a text is not what is wrong with the list below it.
    let found = lint("a: |\n  foo\n  \tbar\nb: [1, 2\n");
    assert!(!found[0].message.contains("tab"), "{}", found[0].message);
}

#[test]
fn the_hint_for_a_key_of_another_language_is_the_standards_form_and_it_passes() {
    for (written, hint, mended) in [
        (
            "logicalType: string, nullable: false",
            "write required: true",
            "logicalType: string, required: true",
        ),
        (
            "logicalType: string, nullable: true",
            "write required: false",
            "logicalType: string, required: false",
        ),
        (
            "logicalType: string, required: true, nullable: false",
            "remove it: required: true says the same",
            "logicalType: string, required: true",
        ),
        (
            "logicalType: string, required: true, nullable: true",
            "write required: false in place of both",
            "logicalType: string, required: false",
        ),
        (
            "logicalType: integer, min: 3",
            "write logicalTypeOptions: { minimum: 3 }",
            "logicalType: integer, logicalTypeOptions: { minimum: 3 }",
        ),
        (
            "logicalType: integer, maximum: 3",
            "write logicalTypeOptions: { maximum: 3 }",
            "logicalType: integer, logicalTypeOptions: { maximum: 3 }",
        ),
        (
            "logicalType: string, maxLength: 3, logicalTypeOptions: { minLength: 1 }",
            "move it into logicalTypeOptions: maxLength: 3",
            "logicalType: string, logicalTypeOptions: { minLength: 1, maxLength: 3 }",
        ),
        (
            "logicalType: string, allowedValues: [high, low]",
            "write enum: [{value: high}, {value: low}]",
            "logicalType: string, enum: [{value: high}, {value: low}]",
        ),
    ] {
        let column =
            |declared: &str| contract("1.0.0", &format!("- {{ name: a, {declared} }}"), "");
        let found = lint(&column(written));
        let hints: Vec<&str> = found.iter().filter_map(|d| d.hint.as_deref()).collect();
        assert_eq!(hints, [hint], "{written}");
        assert!(lint(&column(mended)).is_empty(), "{mended}");
    }
    let listed = contract("1.0.0", "- { name: a, logicalType: string, enum: [high, low] }", "");
    let hints: Vec<String> = lint(&listed).into_iter().filter_map(|d| d.hint).collect();
    assert!(hints[0].contains("- value: high"), "{hints:?}");
    assert!(hints[1].contains("- value: low"), "{hints:?}");
}

#[test]
fn a_value_that_can_never_occur_is_told() {
    let column = |logical: &str, list: &str| {
        contract("1.0.0", &format!("- {{ name: a, logicalType: {logical}, {list} }}"), "")
    };
    let valid = |values: &str| {
        format!(
            "quality: [{{ metric: invalidValues, mustBe: 0, arguments: {{ validValues: {values} }} }}]"
        )
    };
    for (logical, values, told) in [
        ("string", "[1, 03]", vec!["write '1' in quotes", "write '03' in quotes"]),
        ("string", "['1', '03']", vec![]),
        ("integer", "['1']", vec!["write 1 without quotes"]),
        ("integer", "[1, 2]", vec![]),
        ("integer", "[1.5]", vec!["1.5 can never occur"]),
        ("boolean", "['true']", vec!["write true without quotes"]),
        ("date", "['2020-13-01']", vec!["'2020-13-01' can never occur"]),
        ("string, physicalType: varchar", "[true]", vec!["write 'true' in quotes"]),
    ] {
        let text = column(logical, &valid(values));
        assert_eq!(errors(&text), [""; 0], "{logical} {values}");
        let found = warnings(&text);
        assert_eq!(found.len(), told.len(), "{logical} {values}: {found:?}");
        for (warning, expected) in found.iter().zip(told) {
            assert!(warning.contains("can never occur") && warning.contains(expected), "{warning}");
        }
    }
    let some = column("string", "enum: [{ value: a }, { value: 1 }]");
    assert_eq!((errors(&some).len(), warnings(&some).len()), (0, 1));
    assert_eq!(errors(&column("string", "enum: [{ value: 1 }]")).len(), 1);
}

#[test]
fn two_tables_of_one_name_are_told_with_both_places() {
    for (first, second) in [("t", "t"), ("t", "T")] {
        let columns = "[{ name: a, logicalType: string }]";
        let text = format!(
            "apiVersion: v3.2.0\nkind: DataContract\nid: t\nname: t\nversion: 1.0.0\nstatus: active\n\
             schema:\n  - {{ name: {first}, properties: {columns} }}\n  - {{ name: {second}, properties: {columns} }}\n"
        );
        let project = Project::new(&[("t", &text)]);
        project.parquet("a.parquet", vec![("a", texts([Some("x")]))]);
        for arguments in [
            vec!["lint"],
            vec!["check", "t", "a.parquet"],
            vec!["diff", "contracts/t.odcs.yaml", "contracts/t.odcs.yaml"],
        ] {
            let run = project.run(&arguments).expect(1);
            let said = format!("{}{}", run.stdout, run.stderr);
            assert!(said.contains("t.odcs.yaml:9:13"), "{arguments:?}: {said}");
            assert!(said.contains("line 8"), "{arguments:?}: {said}");
        }
    }
}

#[test]
fn a_number_beyond_every_range_is_read() {
    let text =
        contract("1.0.0", "- { name: a, logicalType: number, examples: [.inf, .nan, 1e999] }", "");
    assert!(lint(&text).is_empty(), "{:?}", lint(&text));
}

#[test]
fn the_official_examples_of_every_version_are_read() {
    let Some(folder) = shared("odcs/examples") else { return };
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        for api in ["v3.0.0", "v3.0.1", "v3.0.2"] {
            if text.contains(&format!("apiVersion: {api}")) {
                assert_eq!(errors(&text), [""; 0], "{}", path.display());
            }
        }
    }
}

#[test]
fn a_rule_with_a_variable_that_nothing_fills_is_not_executed() {
    let more = "quality: [{ id: q, type: sql, query: 'select count(*) from ${TARGET} where a > ${DAY}', mustBe: 0 }]";
    let project =
        Project::new(&[("t", &contract("1.0.0", "- { name: a, logicalType: integer }", more))]);
    project.parquet("a.parquet", vec![("a", longs([1]))]);
    let said = project.run(&["lint"]).expect(0).stdout;
    assert!(said.contains("is not executed") && said.contains("${TARGET}"), "{said}");
    assert_eq!(clause(&project.check("a.parquet"), "t/q")["verdict"], "not-executed");
}
