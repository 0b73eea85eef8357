//! Consumers that read columns by their order, or join by their names; advice about removals and waivers.

use serde_json::{Value, json};

use crate::changes::{KEY, columns, diff, fates, git, in_git, scored, set};
use crate::support::{Project, contract};

const ABC: [&str; 3] = [
    "- { name: a, logicalType: integer }\n",
    "- { name: b, logicalType: integer }\n",
    "- { name: c, logicalType: integer }\n",
];

fn ordered(order: [usize; 3]) -> String {
    columns(&order.map(|n| ABC[n]).concat())
}

fn reasons(report: &Value, consumer: &str) -> Vec<String> {
    let list = report["consumers"]["list"].as_array().unwrap().iter();
    let own = list.filter(|c| c["consumer"] == consumer);
    let reasons = own.flat_map(|c| c["reasons"].as_array().unwrap());
    reasons.map(|r| r["message"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn names_that_follow_the_order_of_columns_feel_another_order() {
    let project = Project::of_columns(&ordered([0, 1, 2]));
    for (name, sql) in [
        ("aliases", "select y from t.t as q(i, x, y, z)"),
        ("condition", "select count(*) as n from t.t as q(i, x, y, z) where x < y"),
        ("derived", "select x from (select * from t.t) as q(i, x, y, z)"),
        ("named", "with q(i, x, y, z) as (select * from t.t) select z from q"),
        ("union", "select a from t.t union all select b from (select * from t.t) as q(i, a, b, c)"),
        ("plain", "select b, a from t.t where a < b"),
        ("key", "select i from t.t as q(i, x, y, z)"),
    ] {
        project.write(&format!("sql/{name}.sql"), &format!("-- owner: x\n{sql}\n"));
    }
    in_git(&project);
    set(&project, "1.0.0", &ordered([1, 0, 2]));
    let report = diff(&project, &[]).expect(0).json();
    assert_eq!(
        fates(&report),
        json!([
            ["aliases", "changed"],
            ["condition", "changed"],
            ["derived", "changed"],
            ["union", "changed"]
        ])
    );
    let told = reasons(&report, "aliases");
    assert!(told.iter().any(|r| r.contains("means t.t.a now, and meant t.t.b")), "{told:?}");
}

#[test]
fn a_rename_that_keeps_the_old_name_changes_no_meaning() {
    let a = |name: &str, more: &str| {
        columns(&format!(
            "- {{ id: a, name: {name}, physicalName: a, logicalType: integer{more} }}\n"
        ))
    };
    let project = Project::of_columns(&a("a", ""));
    project.write("sql/q.sql", "-- owner: x\nselect x from t.t as q(i, x) where x > 1\n");
    in_git(&project);
    set(&project, "1.1.0", &a("b", ", customProperties: [{ property: aliases, value: [a] }]"));
    let report = diff(&project, &[]).json();
    let told = reasons(&report, "q");
    assert!(!told.iter().any(|r| r.contains("meant")), "{told:?}");
}

fn pair(of_t: &str, of_u: &str) -> [(&'static str, String); 2] {
    let u = contract("1.1.0", &columns(of_u), "").replace("id: t\nname: t", "id: u\nname: u");
    [("t", contract("1.1.0", &columns(of_t), "")), ("u", u)]
}

#[test]
fn a_natural_join_that_gains_or_loses_a_condition_is_told() {
    let x = "- { name: x, logicalType: integer }";
    let write = |project: &Project, documents: [(&str, String); 2]| {
        for (name, text) in documents {
            project.write(&format!("contracts/{name}.odcs.yaml"), &text);
        }
    };
    let project = Project::new(&[]);
    write(&project, pair("", ""));
    project
        .write("sql/natural.sql", "-- owner: x\nselect count(*) as n from t.t natural join u.t\n");
    project
        .write("sql/using.sql", "-- owner: x\nselect count(*) as n from t.t join u.t using (id)\n");
    in_git(&project);
    // Both sides, or one where the other has it already.
    write(&project, pair(x, x));
    let report = diff(&project, &[]).expect(1).json();
    let told = reasons(&report, "natural");
    assert!(told.iter().any(|r| r == "a join has a new condition: t.t.x = u.t.x"), "{told:?}");
    assert_eq!(reasons(&report, "using"), Vec::<String>::new());
    git(&project, &["commit", "-qam", "two"]);
    write(&project, pair(x, ""));
    let report = diff(&project, &["HEAD"]).expect(1).json();
    let told = reasons(&report, "natural");
    assert!(told.iter().any(|r| r == "a join has lost a condition: t.t.x = u.t.x"), "{told:?}");
}

#[test]
fn diff_and_lint_agree_about_a_major_step_without_the_old_document() {
    let project = scored();
    set(&project, "2.0.0", KEY);
    let report = diff(&project, &[]).expect(1).json();
    assert_eq!(fates(&report)[0], json!(["home/top", "broken"]));
    let hint = report["consumers"]["list"][0]["reasons"][0]["hint"].as_str().unwrap();
    assert!(hint.contains("as contracts/t.v1.odcs.yaml beside the next one"), "{hint}");
    project.run(&["lint"]).expect(1);
    // As the hint says.
    let old = git(&project, &["show", "HEAD:contracts/t.odcs.yaml"]);
    project.write("contracts/t.v1.odcs.yaml", &old);
    let report = diff(&project, &[]).expect(0).json();
    assert_eq!(fates(&report), json!([["home/top", "to-migrate"]]));
    project.run(&["lint"]).expect(0);
}

#[test]
fn a_dropped_column_leads_with_its_deprecation() {
    let hint = |version: &str| {
        let text = |columns: &str| contract("1.0.0", columns, "").replace("v3.2.0", version);
        let project =
            Project::new(&[("t", &text(&columns("- { name: x y, logicalType: integer }")))]);
        in_git(&project);
        project.write("contracts/t.odcs.yaml", &text(KEY));
        let report = diff(&project, &[]).json();
        report["contracts"][0]["findings"][0]["hint"].as_str().unwrap().to_owned()
    };
    let now = hint("v3.2.0");
    assert!(now.starts_with("deprecate it first, by deprecated: true, and"), "{now}");
    assert!(now.ends_with("customProperties: [{property: aliases, value: [x y]}]"), "{now}");
    let before = hint("v3.1.0");
    assert!(before.contains("deprecated: true under apiVersion: v3.2.0"), "{before}");
}

/// The waiver that a message says to write.
fn pasted(text: &str) -> String {
    let from = text.find("{contract:").unwrap_or_else(|| panic!("{text}"));
    let to = from + text[from..].find('}').unwrap() + 1;
    text[from..to].to_owned()
}

#[test]
fn what_an_error_about_a_waiver_says_to_write_lets_the_change_pass() {
    let project = scored();
    project.write("sql/home/top.sql", "-- owner: home\nselect id from t.t\n");
    git(&project, &["commit", "-qam", "two"]);
    set(&project, "1.0.0", &columns(""));
    let whole = "reason: r, approved_by: a, expires: 2099-01-31";
    for slip in [
        format!("- {{contract: t, rule: column-removed, {whole}}}"),
        format!("- {{contract: t, rule: bump-too-small, {whole}}}"),
    ] {
        project.write("waivers.yaml", &format!("diff:\n{slip}\n"));
        let report = diff(&project, &["HEAD"]).expect(1).json();
        let hint = report["notices"][0]["hint"].as_str().unwrap();
        project.write("waivers.yaml", &format!("diff:\n- {}\n", pasted(hint)));
        diff(&project, &["HEAD"]).expect(0);
    }
}

#[test]
fn a_waiver_that_names_a_consumer_as_an_element_is_told_the_key() {
    let project = scored();
    set(&project, "2.0.0", KEY);
    let whole = "reason: r, approved_by: a, expires: 2099-01-31";
    let waiver = |subject: &str| {
        format!("diff:\n- {{contract: t, rule: consumer-broken, {subject}, {whole}}}\n")
    };
    project.write("waivers.yaml", &waiver("element: home/top"));
    let report = diff(&project, &[]).expect(1).json();
    let hint = report["notices"][0]["hint"].as_str().unwrap();
    assert_eq!(hint, "it is named by consumer: 'home/top'");
    project.write("waivers.yaml", &waiver("consumer: 'home/top'"));
    diff(&project, &[]).expect(0);
    project.run(&["lint"]).expect(0);
}
