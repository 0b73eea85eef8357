//! Majors exist side by side: comparisons use a release of the same major.

use serde_json::{Value, json};

use crate::support::{Project, clause, contract, longs};

const KEY: &str = "- { name: id, logicalType: integer, primaryKey: true }\n\
    - { name: n, logicalType: integer }";
const DRIFT: &str = "quality:\n\
    \x20 - { id: rows, metric: rowCount, mustBeBetween: [-1, 1], customProperties: [{ property: compareTo, value: previous }] }\n\
    \x20 - { id: kept, type: custom, engine: pactum, implementation: { metric: keysKept, mustBeGreaterOrEqualTo: 90 } }\n\
    \x20 - { id: changed, type: custom, engine: pactum, implementation: { metric: rowsChanged, mustBeLessOrEqualTo: 10 } }";

const FIRST: &str = "contracts/t.odcs.yaml";
const SECOND: &str = "contracts/t2.odcs.yaml";

/// Contract `t` in two majors: keys 0 to 9 under the first, 100 to 139 under the second.
fn two_majors() -> Project {
    let project =
        Project::new(&[("t", &contract("1.0.0", KEY, DRIFT)), ("t2", &contract("2.0.0", KEY, ""))]);
    project.parquet("one.parquet", vec![("id", longs(0..10)), ("n", longs(0..10))]);
    project.parquet("two.parquet", vec![("id", longs(100..140)), ("n", longs(0..40))]);
    assert_eq!(publish(&project, FIRST, "one.parquet")["release"], 1);
    assert_eq!(publish(&project, SECOND, "two.parquet")["release"], 2);
    project
}

fn publish(project: &Project, document: &str, file: &str) -> Value {
    project.run(&["publish", document, &format!("t={file}"), "--format", "json"]).json()
}

fn check(project: &Project, document: &str, arguments: &[&str]) -> Value {
    project.run(&[&["check", document, "--format", "json"], arguments].concat()).json()
}

#[test]
fn drift_and_changes_are_measured_since_the_release_of_ones_own_major() {
    let project = two_majors();
    project.parquet(
        "again.parquet",
        vec![("id", longs(0..10)), ("n", longs([0, 1, 2, 3, 4, 5, 6, 7, 8, 99]))],
    );
    let report = check(&project, FIRST, &["again.parquet"]);
    assert_eq!(report["verdict"], "passed", "{report:#}");
    let found = |id: &str| {
        let found = clause(&report, id);
        (found["measured"].clone(), found["reason"].clone())
    };
    assert_eq!(found("t/rows"), (json!(0), json!("release 1 had 10, now 10")));
    assert_eq!(found("t/kept"), (json!(100.0), json!("since release 1")));
    assert_eq!(found("t/changed"), (json!(10.0), json!("since release 1")));
    let report = publish(&project, FIRST, "again.parquet");
    assert_eq!((&report["outcome"], &report["release"]), (&json!("released"), &json!(3)));
    // The next one is compared with it, not with the first.
    let report = check(&project, FIRST, &["again.parquet"]);
    assert_eq!(clause(&report, "t/changed")["measured"], 0.0);
    assert_eq!(clause(&report, "t/changed")["reason"], "since release 3");
}

#[test]
fn a_majors_first_release_has_nothing_to_be_compared_with() {
    let project = two_majors();
    project.write("contracts/t3.odcs.yaml", &contract("3.0.0", KEY, DRIFT));
    let report = check(&project, "contracts/t3.odcs.yaml", &["one.parquet"]);
    assert_eq!(clause(&report, "t/kept")["verdict"], "informational");
    assert_eq!(clause(&report, "t/rows")["reason"], "there is no earlier release to compare with");
}

#[test]
fn a_contract_is_tried_on_the_current_release_of_its_own_major() {
    let project = two_majors();
    let report = check(&project, FIRST, &["--release", "current"]);
    assert_eq!(report["tables"][0]["rows"], 10);
    let report = check(&project, SECOND, &["--release", "current"]);
    assert_eq!(report["tables"][0]["rows"], 40);
    project.write("contracts/t3.odcs.yaml", &contract("3.0.0", KEY, ""));
    let run = project.run(&["check", "contracts/t3.odcs.yaml", "--release", "current"]).expect(2);
    assert!(run.stderr.contains("does not have a release of major 3"), "{}", run.stderr);
}

#[test]
fn a_relationship_means_the_major_of_the_document_that_it_names() {
    let project = two_majors();
    let child = |id: &str, document: &str| {
        let columns = format!(
            "- name: t_id\n  logicalType: integer\n  relationships: [{{ id: parent, to: '{document}#t.id' }}]"
        );
        contract("1.0.0", &columns, "").replace("id: t\nname: t", &format!("id: {id}\nname: {id}"))
    };
    project.write("contracts/child1.odcs.yaml", &child("child1", "t.odcs.yaml"));
    project.write("contracts/child2.odcs.yaml", &child("child2", "t2.odcs.yaml"));
    project.parquet("child1.parquet", vec![("t_id", longs([3, 9]))]);
    project.parquet("child2.parquet", vec![("t_id", longs([100, 139]))]);
    for (own, other, release) in [("child1", "child2", 1), ("child2", "child1", 2)] {
        let report = check(&project, own, &[&format!("{own}.parquet")]);
        let key = clause(&report, "t/t_id/parent");
        assert_eq!(key["verdict"], "passed", "{own}: {key:#}");
        assert_eq!(key["reason"], format!("against release {release} of contract 't'"));
        assert_eq!(report["depends_on"], json!({ "t": release }));
        let report = check(&project, own, &[&format!("{other}.parquet")]);
        assert_eq!(clause(&report, "t/t_id/parent")["failing_rows"], 2, "{own}");
    }
}

#[test]
fn a_major_may_point_to_another_major_of_its_own_contract() {
    let project = two_majors();
    let columns = "- { name: id, logicalType: integer, primaryKey: true }\n\
        - name: first\n  logicalType: integer\n  relationships: [{ id: old, to: 't.odcs.yaml#t.id' }]\n\
        - name: second\n  logicalType: integer\n  relationships: [{ id: new, to: 't2.odcs.yaml#t.id' }]";
    project.write("contracts/t3.odcs.yaml", &contract("3.0.0", columns, ""));
    let rows = vec![("id", longs([1, 2])), ("first", longs([0, 9])), ("second", longs([100, 7]))];
    project.parquet("three.parquet", rows);
    let report = check(&project, "contracts/t3.odcs.yaml", &["three.parquet"]);
    assert_eq!(clause(&report, "t/first/old")["verdict"], "passed");
    assert_eq!(clause(&report, "t/second/new")["failing_rows"], 1);
    // Two majors of one contract are two dependencies.
    assert_eq!(report["depends_on"], json!({ "t_v1": 1, "t_v2": 2 }));
}

#[test]
fn a_backtest_compares_each_release_with_the_one_before_it_of_its_major() {
    let project = two_majors();
    let changed = longs([0, 1, 2, 3, 4, 5, 6, 7, 8, 99]);
    project.parquet("again.parquet", vec![("id", longs(0..10)), ("n", changed)]);
    assert_eq!(publish(&project, FIRST, "again.parquet")["release"], 3);
    // Every key of release 3 was in release 1, and none in release 2.
    let stricter = DRIFT.replace("mustBeGreaterOrEqualTo: 90", "mustBeGreaterOrEqualTo: 99");
    project.write(FIRST, &contract("1.1.0", KEY, &stricter));
    let run = project.run(&["diff", "--against", "release", "--backtest", "9", "--format", "json"]);
    let report = run.json();
    let findings = report["contracts"].as_array().unwrap().iter();
    let mut findings = findings.flat_map(|c| c["findings"].as_array().unwrap());
    let tested = findings.find(|f| f["backtest"]["clause"] == "t/kept");
    let tested = &tested.unwrap_or_else(|| panic!("no backtest in {report:#}"))["backtest"];
    assert_eq!(tested["releases"], 1, "{tested:#}");
    assert_eq!(tested.get("rejected").unwrap_or(&json!([])), &json!([]), "{tested:#}");
}

#[test]
fn a_release_of_another_major_is_refused() {
    let project = two_majors();
    let run = project.run(&["check", FIRST, "--release", "2"]).expect(2);
    let words = &run.stderr;
    assert!(words.contains("release 2 is of major 2") && words.contains("major 1"), "{words}");
    assert!(words.contains("the contract of major 2"), "{words}");
    project.run(&["check", SECOND, "--release", "2"]).expect(0);
    project.run(&["check", SECOND, "--release", "1"]).expect(2);
}
