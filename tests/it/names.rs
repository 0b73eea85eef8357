//! Names as files have them: columns called anything are checked, inferred, compared and, under a
//! name that Delta can hold, published and read.

use serde_json::{Value, json};

use crate::support::{Project, Run, clause, contract, longs, texts};

/// Names that files have and a Delta table or SQL does not take as they are.
const STRANGE: &[(&str, &str)] = &[
    ("Phone No.", "phone_no"),
    ("Body Mass (g)", "body_mass_g"),
    ("a,b;c", "a_b_c"),
    ("x = y", "x_y"),
    ("tab\there", "tab_here"),
    ("{json}", "json"),
    (" ", "column"),
    ("2020 (EUR)", "column_2020_eur"),
    ("Gr\u{f6}\u{df}e (cm)", "gr\u{f6}\u{df}e_cm"),
    ("it's \"quoted\"", "it_s_quoted"),
];

fn diagnostics(run: &Run) -> Vec<Value> {
    run.json()["diagnostics"].as_array().unwrap().clone()
}

/// A table with each strange name as the only change to `{ name: …, logicalType: integer }`.
fn columns(one: impl Fn(&str, &str) -> String) -> String {
    let lines = STRANGE.iter().map(|(physical, name)| one(physical, name));
    lines.collect::<Vec<_>>().join("\n")
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

fn delivered(project: &Project, name: &str) {
    let columns = STRANGE.iter().map(|(physical, _)| (*physical, longs([1, 2]))).collect();
    project.parquet(name, columns);
}

#[test]
fn a_name_that_delta_forbids_is_checked_and_only_its_publish_is_refused() {
    for (physical, name) in STRANGE.iter().filter(|(physical, _)| !physical.contains(['\t', '"'])) {
        if physical.trim().is_empty() {
            continue;
        }
        let column =
            format!("- {{ name: {}, logicalType: integer, required: true }}", quoted(physical));
        let project = Project::of_columns(&column);
        project.parquet("d.parquet", vec![(physical, longs([1, 2]))]);
        let linted = project.run(&["lint", "--format", "json"]).expect(0);
        let found = diagnostics(&linted);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(
            (&found[0]["name"], &found[0]["severity"]),
            (&json!("delta-name"), &json!("warning"))
        );
        project.run(&["check", "t", "d.parquet"]).expect(0);
        let refused = project.run(&["publish", "t", "t=d.parquet", "--format", "json"]).expect(1);
        assert_eq!(refused.json()["error"]["diagnostics"][0]["hint"], found[0]["hint"]);
        assert!(!project.path().join("warehouse").exists());
        // The hint is what to write.
        let hint = found[0]["hint"].as_str().unwrap();
        assert!(hint.starts_with(&format!("name: {name}, physicalName: ")), "{hint}");
        let column = column.replace(&format!("name: {}", quoted(physical)), hint);
        project.write("contracts/t.odcs.yaml", &contract("1.0.0", &column, ""));
        let linted = project.run(&["lint", "--format", "json"]).expect(0);
        assert_eq!(diagnostics(&linted), Vec::<Value>::new(), "{hint}");
        assert_eq!(project.publish("d.parquet")["outcome"], "released");
        let rows = project.query(&format!("select {name} as v from t.t order by 1"));
        assert_eq!(rows, json!([{"v": 1}, {"v": 2}]));
    }
}

#[test]
fn a_draft_of_any_names_lints_and_its_own_data_are_published_and_read() {
    let header =
        STRANGE.iter().map(|(physical, _)| format!("\"{}\"", physical.replace('"', "\"\"")));
    let header: Vec<String> =
        header.chain(["\"line\nend\"", "a", "A"].map(str::to_owned)).collect();
    let row = |n: usize| vec![n.to_string(); header.len()].join(",");
    let csv = format!("{}\n{}\n{}\n", header.join(","), row(1), row(2));
    let object = |n: usize| {
        let names = STRANGE.iter().map(|(physical, _)| *physical).chain(["line\nend", "a", "A"]);
        Value::Object(names.map(|name| (name.to_owned(), json!(n))).collect()).to_string()
    };
    for (file, text) in [("d.csv", csv), ("d.ndjson", format!("{}\n{}\n", object(1), object(2)))] {
        let project = Project::new(&[]);
        project.write(file, &text);
        let into = "contracts/t.odcs.yaml";
        project.run(&["infer", file, "--name", "t", "--table", "t", "--output", into]).expect(0);
        let linted = project.run(&["lint", "--format", "json"]).expect(0);
        assert_eq!(diagnostics(&linted), Vec::<Value>::new(), "{file}");
        project.run(&["check", "t", file]).expect(0);
        assert_eq!(project.publish(file)["outcome"], "released", "{file}");
        let names: Vec<String> = STRANGE.iter().map(|(_, name)| format!("\"{name}\"")).collect();
        let sql = format!("select {}, line_end, a, a_2 from t.t order by a", names.join(", "));
        let rows = project.query(&sql);
        assert_eq!(rows.as_array().unwrap().len(), 2, "{file}");
        assert_eq!(
            (&rows[0]["phone_no"], &rows[1]["a_2"], &rows[1]["line_end"]),
            (&json!(1), &json!(2), &json!(2))
        );
        // A release is checked under the same contract, by whatever names it is stored.
        project.run(&["check", "t", "--release", "current"]).expect(0);
    }
}

#[test]
fn clauses_find_columns_by_the_names_that_files_have() {
    let own = columns(|physical, name| {
        format!(
            "- {{ name: {name}, physicalName: {}, logicalType: integer, required: true, unique: true, logicalTypeOptions: {{ minimum: 2 }} }}",
            quoted(physical)
        )
    });
    let project = Project::of_columns(&own);
    delivered(&project, "d.parquet");
    let report = project.check("d.parquet");
    for (_, name) in STRANGE {
        assert_eq!(clause(&report, &format!("t/{name}/required"))["verdict"], "passed");
        assert_eq!(clause(&report, &format!("t/{name}/unique"))["verdict"], "passed");
        assert_eq!(clause(&report, &format!("t/{name}/minimum"))["failing_rows"], 1, "{name}");
    }
    project.parquet("other.parquet", vec![("phone_no", longs([2]))]);
    let report = project.check("other.parquet");
    assert_eq!(
        clause(&report, "t/phone_no/required")["verdict"],
        "failed",
        "files have the physical name"
    );
}

#[test]
fn a_delta_table_has_the_names_that_delta_can_hold() {
    let own = columns(|physical, name| {
        let key = if *name == *"phone_no" { ", primaryKey: true" } else { "" };
        format!(
            "- {{ name: {name}, physicalName: {}, logicalType: integer{key} }}",
            quoted(physical)
        )
    });
    let project = Project::of_columns(&own);
    delivered(&project, "d.parquet");
    assert_eq!(project.publish("d.parquet")["outcome"], "released");
    let log = project.path().join("warehouse/t/v1/t/_delta_log/00000000000000000000.json");
    let log = std::fs::read_to_string(log).unwrap();
    for (_, name) in STRANGE {
        assert!(log.contains(&format!("\\\"name\\\":\\\"{name}\\\"")), "{name}: {log}");
    }
    assert!(!log.contains("Phone No."), "{log}");
    // The table itself is a delivery, in its own names.
    let folder = "t=warehouse/t/v1/t";
    project.run(&["check", "t", folder]).expect(0);
    let run = project.run(&["publish", "t", folder, "--format", "json"]).expect(0);
    assert_eq!(run.json()["outcome"], "unchanged");
    project.run(&["check", "t", "--release", "1", "--quarantine", "bad"]).expect(0);
    let rows = project.query("select phone_no, \"gr\u{f6}\u{df}e_cm\" from t.t where phone_no = 2");
    assert_eq!(rows, json!([{"phone_no": 2, "gr\u{f6}\u{df}e_cm": 2}]));
}

#[test]
fn a_classified_column_keeps_its_values_out_of_statistics_under_either_name() {
    let own = "- { name: phone_no, physicalName: 'Phone No.', logicalType: integer, classification: personal }\n\
               - { name: n, logicalType: integer }";
    let project = Project::of_columns(own);
    project.parquet("d.parquet", vec![("Phone No.", longs([4711])), ("n", longs([42]))]);
    assert_eq!(project.publish("d.parquet")["outcome"], "released");
    let log = project.path().join("warehouse/t/v1/t/_delta_log/00000000000000000000.json");
    let log = std::fs::read_to_string(log).unwrap();
    let next = project.path().join("warehouse/t/v1/t/_delta_log/00000000000000000001.json");
    let log = log + &std::fs::read_to_string(next).unwrap_or_default();
    assert!(log.contains("42") && !log.contains("4711"), "{log}");
}

#[test]
fn keys_references_rules_filters_and_groups_take_either_name() {
    let text = "apiVersion: v3.2.0\nkind: DataContract\nid: t\nname: t\nversion: 1.0.0\nstatus: active\n\
        schema:\n\
        - name: people\n\
        \x20 physicalName: 'People (all)'\n\
        \x20 properties:\n\
        \x20 - { name: phone_no, physicalName: 'Phone No.', logicalType: integer, primaryKey: true }\n\
        \x20 - { name: a.b, logicalType: integer }\n\
        \x20 quality:\n\
        \x20 - { id: both, metric: duplicateValues, mustBe: 0, arguments: { properties: [Phone No., a.b] } }\n\
        \x20 - { id: sql, type: sql, query: 'select count(*) from \"People (all)\" where \"Phone No.\" > 1', mustBe: 1 }\n\
        \x20 - { id: filtered, metric: rowCount, mustBe: 1, customProperties: [{ property: where, value: '\"Phone No.\" = 2' }] }\n\
        \x20 - { id: grouped, metric: rowCount, mustBe: 1, customProperties: [{ property: groupBy, value: [Phone No.] }] }\n\
        - name: calls\n\
        \x20 properties:\n\
        \x20 - { name: caller, physicalName: Caller Id, logicalType: integer, relationships: [{ to: people.Phone No. }] }\n\
        \x20 - { name: dotted, logicalType: integer, relationships: [{ to: people.a.b }] }\n";
    let project = Project::new(&[("t", text)]);
    project.parquet("p.parquet", vec![("Phone No.", longs([1, 2])), ("a.b", longs([5, 6]))]);
    project.parquet("c.parquet", vec![("Caller Id", longs([1, 3])), ("dotted", longs([5, 5]))]);
    let linted = project.run(&["lint", "--format", "json"]).expect(0);
    assert_eq!(diagnostics(&linted), Vec::<Value>::new());
    let run =
        project.run(&["check", "t", "people=p.parquet", "calls=c.parquet", "--format", "json"]);
    let report = run.expect(1).json();
    for id in ["both", "sql", "filtered", "grouped", "primaryKey"] {
        assert_eq!(clause(&report, &format!("people/{id}"))["verdict"], "passed", "{id}");
    }
    let orphans = clause(&report, "calls/caller/foreignKey-people.Phone No.");
    assert_eq!((&orphans["verdict"], &orphans["failing_rows"]), (&json!("failed"), &json!(1)));
    let dotted = clause(&report, "calls/dotted/foreignKey-people.a.b");
    assert_eq!(dotted["verdict"], "passed", "{dotted}");
}

#[test]
fn a_partition_column_has_the_name_of_its_folders() {
    let own = "- { name: n, logicalType: integer }\n\
               - { name: sales_region, physicalName: Sales Region, logicalType: string, partitioned: true }";
    let project = Project::of_columns(own);
    project.parquet("d/Sales Region=EU/p.parquet", vec![("n", longs([1]))]);
    project.parquet("d/Sales Region=US/p.parquet", vec![("n", longs([2]))]);
    assert_eq!(project.publish("d")["outcome"], "released");
    let rows = project.query("select sales_region from t.t order by 1");
    assert_eq!(rows, json!([{"sales_region": "EU"}, {"sales_region": "US"}]));
}

#[test]
fn fields_inside_a_column_keep_the_names_of_the_file() {
    let own = "- name: o\n  logicalType: object\n  properties:\n\
               \x20 - { name: phone_no, physicalName: 'Phone No.', logicalType: integer, logicalTypeOptions: { minimum: 1 } }";
    let project = Project::of_columns(own);
    project.write("d.ndjson", "{\"o\": {\"Phone No.\": 1}}\n{\"o\": {\"Phone No.\": 0}}\n");
    let linted = project.run(&["lint", "--format", "json"]).expect(0);
    let found = diagnostics(&linted);
    let names: Vec<&Value> = found.iter().map(|d| &d["name"]).collect();
    assert_eq!(names, ["delta-name", "physical-name-clash"], "{found:?}");
    let report = project.check("d.ndjson");
    assert_eq!(clause(&report, "t/o.phone_no/minimum")["failing_rows"], 1, "{report}");
    project.run(&["publish", "t", "t=d.ndjson"]).expect(1);
}

#[test]
fn consumers_and_diff_read_columns_by_their_names_in_sql() {
    let own = "- { name: phone_no, physicalName: 'Phone No.', logicalType: integer }";
    let project = Project::of_columns(own);
    project.write("sql/c.sql", "-- owner: x\nselect phone_no from t.t\n");
    project.run(&["lint"]).expect(0);
    project.write("sql/c.sql", "-- owner: x\nselect \"Phone No.\" from t.t\n");
    project.run(&["lint"]).expect(1);
    let with = |name: &str, columns: &str| {
        project.write(name, &contract("1.0.0", columns, ""));
    };
    with("old.odcs.yaml", "- { name: Phone No., logicalType: integer }");
    with(
        "new.odcs.yaml",
        "- { name: Phone No., logicalType: integer }\n- { name: 'Body Mass (g)', logicalType: number }",
    );
    let run = project.run(&["diff", "old.odcs.yaml", "new.odcs.yaml", "--format", "json"]);
    let findings = run.json()["contracts"][0]["findings"].clone();
    assert!(findings.to_string().contains("Body Mass (g)"), "{findings}");
}

#[test]
fn a_file_has_a_column_by_its_exact_name_whatever_nobody_sees_of_it() {
    // A byte order mark, and a line end, are part of a name.
    let own = "- { name: id, physicalName: \"\\uFEFFid\", logicalType: integer, required: true }\n\
               - { name: note, physicalName: \"no\\nte\", logicalType: string, required: true }";
    let project = Project::of_columns(own);
    project.run(&["lint"]).expect(0);
    let own = vec![("\u{feff}id", longs([1])), ("no\nte", texts([Some("x")]))];
    project.parquet("d.parquet", own);
    let run = project.run(&["check", "t", "d.parquet"]).expect(0);
    assert!(!run.stdout.contains("no\nte"), "{}", run.stdout);
    assert_eq!(project.publish("d.parquet")["outcome"], "released");
    assert_eq!(project.query("select id, note from t.t"), json!([{"id": 1, "note": "x"}]));
    project.parquet("plain.parquet", vec![("id", longs([1])), ("note", texts([Some("x")]))]);
    assert_eq!(project.check("plain.parquet")["verdict"], "failed");
}

#[test]
fn columns_that_share_a_name_in_files_or_in_sql_are_refused() {
    for (columns, rule) in [
        ("- { name: a, physicalName: x }\n- { name: b, physicalName: x }", "physical-name-clash"),
        (
            "- { name: a, physicalName: 'x y' }\n- { name: b, physicalName: 'x y' }",
            "physical-name-clash",
        ),
        ("- { name: a b }\n- { name: A B, physicalName: c }", "name-case-clash"),
        ("- { name: a, physicalName: '' }", "unusable-name"),
    ] {
        let project = Project::of_columns(columns);
        let found = diagnostics(&project.run(&["lint", "--format", "json"]).expect(1));
        assert!(found.iter().any(|d| d["name"] == rule && d["severity"] == "error"), "{found:?}");
    }
    // Files may well hold both: only Delta cannot.
    let project = Project::of_columns(
        "- { name: a, logicalType: integer }\n- { name: other, physicalName: A, logicalType: integer }",
    );
    project.parquet("d.parquet", vec![("a", longs([1])), ("A", longs([2]))]);
    project.run(&["lint"]).expect(0);
    assert_eq!(project.publish("d.parquet")["outcome"], "released");
    assert_eq!(project.query("select a, other from t.t"), json!([{"a": 1, "other": 2}]));
}
