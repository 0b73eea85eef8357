//! Scope of rules: filters, groups, two levels, earlier releases, waivers, service levels.

use arrow::array::{ArrayRef, Float64Array, Int64Array, TimestampMicrosecondArray};
use serde_json::{Value, json};
use std::sync::Arc;

use crate::support::{Project, clause, contract, longs, texts};

fn project_with(columns: &str, more: &str) -> Project {
    Project::new(&[("t", &contract("1.0.0", columns, more))])
}

#[test]
fn a_filter_says_which_rows_a_rule_looks_at() {
    let columns = "- name: score\n  logicalType: number\n  quality:\n\
        \x20 - { id: nulls, metric: nullValues, unit: percent, mustBeLessThan: 50, customProperties: [{ property: where, value: \"kind = 'a'\" }] }\n\
        - { name: kind, logicalType: string }";
    let more = "quality:\n  - { id: rows, metric: rowCount, mustBe: 2, customProperties: [{ property: where, value: \"KIND = 'b'\" }] }\n\
        \x20 - { id: odd, metric: rowCount, mustBe: 2, customProperties: [{ property: where, value: \"nonsense = 1\" }] }\n\
        \x20 - { id: twice, metric: duplicateValues, mustBe: 0, arguments: { properties: [kind] }, customProperties: [{ property: where, value: \"score > 1\" }] }";
    let project = project_with(columns, more);
    let scores: ArrayRef =
        Arc::new(Float64Array::from(vec![None, None, Some(1.0), Some(2.0), None, Some(3.0)]));
    let kinds = texts(["a", "b", "a", "a", "b", "a"].map(Some));
    project.parquet("a.parquet", vec![("score", scores), ("kind", kinds)]);
    let report = project.check("a.parquet");
    let nulls = clause(&report, "t/score/nulls");
    assert_eq!((&nulls["measured"], &nulls["verdict"]), (&json!(25.0), &json!("passed")));
    assert_eq!(clause(&report, "t/rows")["measured"], 2);
    let odd = clause(&report, "t/odd");
    assert_eq!(odd["verdict"], "not-executed");
    assert!(odd["reason"].as_str().unwrap().contains("nonsense"), "{odd}");
    assert_eq!(clause(&report, "t/twice")["measured"], 1);
}

#[test]
fn groups_have_a_verdict_each_and_the_worst_come_first() {
    let columns = "- name: score\n  logicalType: number\n  quality:\n\
        \x20 - { id: nulls, metric: nullValues, unit: percent, mustBeLessOrEqualTo: 40, customProperties: [{ property: groupBy, value: [kind] }] }\n\
        - { name: kind, logicalType: string }";
    let more = "quality:\n  - { id: rows, metric: rowCount, mustBeGreaterOrEqualTo: 2, customProperties: [{ property: groupBy, value: [kind] }] }";
    let project = project_with(columns, more);
    let scores: ArrayRef =
        Arc::new(Float64Array::from(vec![None, None, None, Some(2.0), Some(1.0), None]));
    let kinds = texts(["a", "a", "b", "b", "c", "d"].map(Some));
    project.parquet("a.parquet", vec![("score", scores), ("kind", kinds)]);
    let report = project.check("a.parquet");
    let nulls = clause(&report, "t/score/nulls");
    assert_eq!(nulls["verdict"], "failed");
    let groups = &nulls["groups"];
    assert_eq!((&groups["total"], &groups["failing"]), (&json!(4), &json!(3)));
    let worst: Vec<f64> = groups["worst"]
        .as_array()
        .unwrap()
        .iter()
        .map(|g| g["measured"].as_f64().unwrap())
        .collect();
    assert_eq!(worst, [100.0, 100.0, 50.0]);
    assert_eq!(clause(&report, "t/rows")["groups"]["failing"], 2);
    let human = project.run(&["check", "t", "a.parquet"]).expect(1).stdout;
    assert!(human.contains("3 of 4 groups fail") && human.contains("kind = b: 50.0"), "{human}");
}

#[test]
fn one_rule_has_two_levels() {
    let columns = "- name: score\n  logicalType: number\n  quality:\n\
        \x20 - { id: nulls, metric: nullValues, mustBeLessThan: 3, customProperties: [{ property: warn, value: { mustBeLessThan: 1 } }] }";
    let project = project_with(columns, "");
    let scores: ArrayRef = Arc::new(Float64Array::from(vec![None, Some(2.0)]));
    project.parquet("a.parquet", vec![("score", scores)]);
    let report = project.check("a.parquet");
    assert_eq!(report["verdict"], "passed");
    assert_eq!(clause(&report, "t/score/nulls")["verdict"], "passed");
    let warning = clause(&report, "t/score/nulls-warning");
    assert_eq!((&warning["verdict"], &warning["severity"]), (&json!("failed"), &json!("warning")));
    assert_eq!(warning["expected"], "less than 1");
}

const COMPARED: &str = "- { name: id, logicalType: integer, primaryKey: true }\n\
    - name: score\n  logicalType: number\n  quality:\n\
    \x20 - { id: nulls, metric: nullValues, unit: percent, mustBeBetween: [-10, 10], customProperties: [{ property: compareTo, value: previous }] }\n\
    \x20 - { id: mean, type: custom, engine: pactum, unit: percent, implementation: { metric: mean, mustBeBetween: [-5, 5] } }\n\
    \x20 - { id: median, type: custom, engine: pactum, implementation: { metric: quantile, quantile: 0.5, mustBeBetween: [-1, 1] } }\n\
    \x20 - { id: psi, type: custom, engine: pactum, implementation: { metric: populationStabilityIndex, mustBeLessThan: 0.2 } }";
const COMPARED_TABLE: &str = "quality:\n\
    \x20 - { id: rows, metric: rowCount, unit: percent, mustBeBetween: [-20, 20], customProperties: [{ property: compareTo, value: previous }] }\n\
    \x20 - { id: kept, type: custom, engine: pactum, implementation: { metric: keysKept, mustBeGreaterOrEqualTo: 90 } }\n\
    \x20 - { id: changed, type: custom, engine: pactum, implementation: { metric: rowsChanged, mustBeLessOrEqualTo: 10 } }";

#[test]
fn a_delivery_is_compared_with_the_current_release() {
    let project = project_with(COMPARED, COMPARED_TABLE);
    let floats = |values: Vec<Option<f64>>| -> ArrayRef { Arc::new(Float64Array::from(values)) };
    let first: Vec<Option<f64>> = (0..100).map(|n| Some(f64::from(n))).collect();
    project.parquet("a.parquet", vec![("id", longs(0..100)), ("score", floats(first.clone()))]);
    let before = project.check("a.parquet");
    assert_eq!(clause(&before, "t/kept")["verdict"], "informational");
    assert_eq!(before["verdict"], "passed");
    assert_eq!(project.publish("a.parquet")["outcome"], "released");

    // The same data do not drift.
    let same = project.check("a.parquet");
    assert_eq!(same["verdict"], "passed", "{same:#}");
    assert_eq!(clause(&same, "t/kept")["measured"], 100.0);
    assert_eq!(clause(&same, "t/score/psi")["measured"], 0.0);

    // Half the keys changed, half the rows are NULL or moved.
    let moved: Vec<Option<f64>> =
        (0..100).map(|n| if n % 2 == 0 { Some(f64::from(n) + 60.0) } else { None }).collect();
    project.parquet("b.parquet", vec![("id", longs(50..150)), ("score", floats(moved))]);
    let drifted = project.check("b.parquet");
    let measured = |id: &str| clause(&drifted, id)["measured"].clone();
    assert_eq!(measured("t/rows"), 0.0);
    assert_eq!(measured("t/kept"), 50.0);
    assert_eq!(measured("t/score/nulls"), 50.0);
    assert_eq!(measured("t/changed"), 100.0);
    assert_eq!(measured("t/score/median"), 59.0);
    assert!(measured("t/score/psi").as_f64().unwrap() > 0.2);
    for id in ["t/kept", "t/score/nulls", "t/score/mean", "t/score/median", "t/score/psi"] {
        assert_eq!(clause(&drifted, id)["verdict"], "failed", "{id}");
    }
    assert_eq!(project.publish("b.parquet")["outcome"], "rejected");
}

#[test]
fn a_rule_of_pactum_that_is_off_is_refused_and_says_why() {
    let columns = "- { name: id, logicalType: integer, quality: [{ id: k, type: custom, engine: pactum, implementation: { metric: keysKept, mustBe: 1 } }, { id: m, type: custom, engine: pactum, implementation: meen }] }";
    let project = project_with(columns, "");
    project.parquet("a.parquet", vec![("id", longs([1]))]);
    let error = project.run(&["check", "t", "a.parquet"]).expect(1).stderr;
    assert!(error.contains("keysKept measures a table"), "{error}");
    assert!(error.contains("'meen' is not a metric of engine pactum"), "{error}");
}

fn waived(project: &Project, waivers: &str) -> Value {
    project.write("waivers.yaml", waivers);
    project.check("a.parquet")
}

#[test]
fn a_waiver_is_an_exception_that_expires_and_never_one_of_types_and_keys() {
    let columns =
        "- { name: a, logicalType: integer, required: true, logicalTypeOptions: { minimum: 1 } }";
    let project = project_with(columns, "");
    let values: ArrayRef = Arc::new(Int64Array::from(vec![Some(0), Some(2)]));
    project.parquet("a.parquet", vec![("a", values)]);
    let line = |clause: &str, expires: &str| {
        format!(
            "- {{contract: t, clause: {clause}, reason: known, approved_by: ann, expires: {expires}}}\n"
        )
    };
    let report = waived(&project, &format!("check:\n{}", line("t/a/minimum", "2999-01-01")));
    let minimum = clause(&report, "t/a/minimum");
    assert_eq!((&minimum["verdict"], &report["verdict"]), (&json!("waived"), &json!("passed")));
    assert_eq!(minimum["reason"], "waived until 2999-01-01: known (approved by ann)");
    let human = project.run(&["check", "t", "a.parquet", "--verbose"]).expect(0).stdout;
    assert!(human.contains("1 waived"), "{human}");

    let report = waived(&project, &format!("check:\n{}", line("t/a/minimum", "2020-01-01")));
    assert_eq!(
        (&report["verdict"], &report["notices"][0]["code"]),
        (&json!("failed"), &json!("P003"))
    );
    assert_eq!(report["notices"][0]["place"], "waivers.yaml:2:80");

    let more = [line("t/a/minimum", "2999-01-01"), line("t/a/maximum", "2999-01-01")].concat();
    let report = waived(&project, &format!("check:\n{more}"));
    assert_eq!(
        (&report["verdict"], &report["notices"][0]["code"]),
        (&json!("passed"), &json!("P004"))
    );

    let nulls: ArrayRef = Arc::new(Int64Array::from(vec![None, Some(2)]));
    project.parquet("a.parquet", vec![("a", nulls)]);
    let report = waived(&project, &format!("check:\n{}", line("t/a/required", "2999-01-01")));
    assert_eq!(
        (&report["verdict"], &report["notices"][0]["code"]),
        (&json!("failed"), &json!("P005"))
    );

    project.write("waivers.yaml", "check:\n- {contract: t}\n");
    let error = project.run(&["check", "t", "a.parquet"]).expect(1).stderr;
    assert!(error.contains("a waiver needs 'clause'"), "{error}");
}

#[test]
fn service_levels_are_judged_by_a_timestamp_at_a_given_instant() {
    let text = contract("1.0.0", "- { name: at, logicalType: timestamp }", "")
        + "slaProperties:\n\
           - { property: latency, value: 2, unit: d, element: t.at }\n\
           - { property: frequency, value: 24, unit: h, element: t.at }\n\
           - { property: retention, value: 1, unit: y, element: t.at }\n\
           - { property: availability, value: 99.9, unit: percent }\n";
    let project = Project::new(&[("t", &text)]);
    let day = 86_400_000_000;
    // 2026-01-01, 02 and 05 at midnight UTC.
    let start = 1_767_225_600_000_000;
    let times = TimestampMicrosecondArray::from(vec![start, start + day, start + 4 * day]);
    project.parquet("a.parquet", vec![("at", Arc::new(times.with_timezone("UTC")))]);
    let at = |now: &str| {
        project.run(&["check", "t", "a.parquet", "--format", "json", "--now", now]).json()
    };
    let report = at("2026-01-07T00:00:00Z");
    let latency = clause(&report, "t/sla-latency-t.at");
    assert_eq!((&latency["verdict"], &latency["measured"]), (&json!("passed"), &json!(2.0)));
    let frequency = clause(&report, "t/sla-frequency-t.at");
    assert_eq!((&frequency["verdict"], &frequency["measured"]), (&json!("failed"), &json!(72.0)));
    assert_eq!(clause(&report, "t/sla-retention-t.at")["verdict"], "passed");
    assert_eq!(clause(&report, "t/sla-availability")["verdict"], "informational");
    let late = at("2027-01-02T00:00:01Z");
    assert_eq!(clause(&late, "t/sla-latency-t.at")["verdict"], "failed");
    let retention = clause(&late, "t/sla-retention-t.at");
    assert_eq!(
        (&retention["failing_rows"], &retention["samples"][1]["row"]),
        (&json!(2), &json!(1))
    );
}

#[test]
fn a_contract_that_states_nothing_fails_unless_that_is_wanted() {
    let project =
        project_with("[]", "customProperties: [{ property: additionalColumns, value: allow }]");
    let text = contract("1.0.0", "", "").replace("    properties:\n", "");
    project.write("contracts/t.odcs.yaml", &text);
    project.parquet("a.parquet", vec![("a", longs([1]))]);
    let run = project.run(&["check", "t", "a.parquet"]).expect(1);
    assert!(run.stderr.contains("states nothing"), "{}", run.stderr);
    let run = project.run(&["check", "t", "a.parquet", "--allow-empty", "--format", "json"]);
    assert_eq!(clause(&run.json(), "t/additionalColumns")["verdict"], "failed");
}

#[test]
fn relationships_lead_to_other_contracts_current_releases() {
    let parent = contract("1.0.0", "- { name: id, logicalType: integer, primaryKey: true }", "")
        .replace("id: t\nname: t", "id: parent\nname: parent");
    let columns = "- name: parent_id\n  logicalType: integer\n  relationships: [{ to: 'parent.odcs.yaml#t.id' }]";
    let project = Project::new(&[("t", &contract("1.0.0", columns, "")), ("parent", &parent)]);
    project.parquet("parent.parquet", vec![("id", longs([1, 2]))]);
    project.parquet("a.parquet", vec![("parent_id", longs([1, 3, 2]))]);
    let id = "t/parent_id/foreignKey-parent.odcs.yaml#t.id";
    let report = project.check("a.parquet");
    assert_eq!(clause(&report, id)["verdict"], "not-executed");
    project.run(&["publish", "parent", "t=parent.parquet"]).expect(0);
    let report = project.check("a.parquet");
    let key = clause(&report, id);
    assert_eq!((&key["verdict"], &key["failing_rows"]), (&json!("failed"), &json!(1)));
    assert_eq!(key["samples"][0]["row"], 1);
    assert_eq!(key["reason"], "against release 1 of contract 'parent'");
    assert_eq!(report["depends_on"], json!({"parent": 1}));
    project.parquet("a.parquet", vec![("parent_id", longs([1, 2]))]);
    assert_eq!(project.publish("a.parquet")["outcome"], "released");
}

#[test]
fn a_working_contract_is_tried_on_what_is_released() {
    let project = project_with("- { name: a, logicalType: integer }", "");
    project.parquet("a.parquet", vec![("a", longs([1, 5]))]);
    project.run(&["check", "t", "--release", "current"]).expect(2);
    project.publish("a.parquet");
    let stricter = contract(
        "1.1.0",
        "- { name: a, logicalType: integer, logicalTypeOptions: { maximum: 3 } }",
        "",
    );
    project.write("contracts/t.odcs.yaml", &stricter);
    let report =
        project.run(&["check", "t", "--release", "current", "--format", "json"]).expect(1).json();
    assert_eq!(clause(&report, "t/a/maximum")["failing_rows"], 1);
    project.run(&["check", "t", "--release", "7"]).expect(2);
}

#[test]
fn changed_rows_are_counted_over_all_columns() {
    let columns = "- { name: k, logicalType: integer, primaryKey: true }\n\
        - { name: f, logicalType: boolean }\n- { name: word, logicalType: string }\n\
        - { name: more, logicalType: integer }";
    let more = "quality: [{ id: changed, type: custom, engine: pactum, implementation: { metric: rowsChanged, mustBeLessOrEqualTo: 100 } }]";
    let project = project_with(columns, more);
    let flags = |values: [bool; 4]| -> ArrayRef {
        Arc::new(arrow::array::BooleanArray::from(values.to_vec()))
    };
    let words = |values: [&'static str; 4]| texts(values.map(Some));
    let file = |name: &str, flags: ArrayRef, words: ArrayRef| {
        let columns =
            vec![("k", longs(0..4)), ("f", flags), ("word", words), ("more", longs(0..4))];
        project.parquet(name, columns);
    };
    file("a.parquet", flags([true, false, true, false]), words(["a", "b", "c", "d"]));
    project.publish("a.parquet");
    file("b.parquet", flags([true, true, true, false]), words(["a", "x", "y", "d"]));
    assert_eq!(clause(&project.check("b.parquet"), "t/changed")["measured"], 50.0);
    // Without kept keys none is changed.
    let columns = vec![
        ("k", longs(10..14)),
        ("f", flags([true; 4])),
        ("word", words(["a"; 4])),
        ("more", longs(0..4)),
    ];
    project.parquet("c.parquet", columns);
    assert_eq!(clause(&project.check("c.parquet"), "t/changed")["measured"], 0.0);
}

#[test]
fn no_group_is_no_proof() {
    let more = "quality: [{ id: n, metric: rowCount, mustBeGreaterThan: 0, customProperties: [{ property: groupBy, value: [a] }, { property: where, value: 'a > 100' }] }]";
    let project = project_with("- { name: a, logicalType: integer }", more);
    project.parquet("a.parquet", vec![("a", longs([1]))]);
    assert_eq!(clause(&project.check("a.parquet"), "t/n")["verdict"], "not-executed");
}

#[test]
fn a_filter_looks_at_one_row_and_gives_the_same_answer_each_time() {
    for (filter, words) in [
        ("count(*) > 3", "looks at one row"),
        ("a > (select 1)", "looks at one row"),
        ("random() > 0.5", "differs from run to run"),
    ] {
        let more = format!(
            "quality: [{{ id: n, metric: rowCount, mustBe: 1, customProperties: [{{ property: where, value: '{filter}' }}] }}]"
        );
        let project = project_with("- { name: a, logicalType: integer }", &more);
        project.parquet("a.parquet", vec![("a", longs([1]))]);
        let report = project.check("a.parquet");
        let found = clause(&report, "t/n");
        assert_eq!(found["verdict"], "not-executed", "{filter}");
        assert!(found["reason"].as_str().unwrap().contains(words), "{found}");
        assert!(project.run(&["lint"]).expect(1).stdout.contains(words), "{filter}");
    }
}
