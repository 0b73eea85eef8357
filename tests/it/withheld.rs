//! Evidence leaks nothing: what is computed from classified columns, file names that hold a value, the
//! engine's own words, charts.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, StructArray, TimestampMicrosecondArray};
use arrow::datatypes::{DataType, Field};
use serde_json::{Value, json};

use crate::support::{Project, Run, clause, command, contract, longs, texts};

/// Every way in which a report is written.
const FORMATS: &[&str] = &["human", "json", "junit", "sarif", "github", "html"];

/// Everything below a folder but released data, as one text.
fn evidence(folder: &Path) -> String {
    let mut all = String::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return all };
    for entry in entries {
        let path = entry.unwrap().path();
        let name = path.to_string_lossy().into_owned();
        if path.is_dir() {
            all.push_str(&evidence(&path));
        } else if !(name.contains("/v1/") && name.ends_with(".parquet")) {
            all.push_str(&String::from_utf8_lossy(&std::fs::read(&path).unwrap()));
        }
    }
    all
}

/// Runs a check in every format, GitHub's summary included.
fn all_formats(project: &Project, file: &str, more: &[&str]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for format in FORMATS {
        let summary = project.path().join("summary.md");
        let _ = std::fs::remove_file(&summary);
        let mut command = command(project.path());
        command.env("GITHUB_STEP_SUMMARY", &summary);
        command.args(["check", "t", file, "--verbose", "--format", format]).args(more);
        let output = command.output().unwrap();
        let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.push_str(&String::from_utf8_lossy(&output.stderr));
        text.push_str(&std::fs::read_to_string(summary).unwrap_or_default());
        found.push(((*format).to_owned(), text));
    }
    found
}

fn publish(project: &Project, file: &str, more: &[&str]) -> Run {
    let files = format!("t={file}");
    project.run(&[&["publish", "t", &files, "--format", "json"], more].concat())
}

const COLUMNS: &str = "- { name: id, logicalType: integer, primaryKey: true }\n\
    - { name: n, logicalType: integer, classification: confidential }\n\
    - { name: open, logicalType: integer }";

/// Rules of SQL by id, on table `t`.
fn rules(queries: &[(&str, &str)]) -> String {
    let one = |(id, query): &(&str, &str)| {
        format!("\n  - {{ id: {id}, type: sql, query: \"{query}\", mustBeGreaterThan: 900000 }}")
    };
    format!("quality:{}", queries.iter().map(one).collect::<String>())
}

/// Two rows, whose `n` are 710001 and 810003.
fn secret_rows() -> Vec<(&'static str, ArrayRef)> {
    vec![("id", longs([1, 2])), ("n", longs([710_001, 810_003])), ("open", longs([41, 43]))]
}

#[test]
fn what_is_computed_from_a_classified_column_is_in_no_report() {
    let queries = [
        ("most", "select max(n) from t"),
        ("least", "select min(N) from t"),
        ("total", "select sum(\\\"N\\\") from t.t"),
        ("mean", "select avg(n) from t"),
        ("middle", "select median(n) from {object}"),
        ("one", "select n from t order by id limit 1"),
        ("renamed", "with s as (select n as x from t) select max(x) + 1 from s"),
        ("joined", "select max(a.n) from t a join t b on a.id = b.id"),
        ("nested", "select (select max(n) from t) - 1"),
        ("filtered", "select max(open) from t where n > 800000"),
        ("ordered", "select open from t order by n desc limit 1"),
        ("united", "select max(v) from (select open as v from t union all select n from t) u"),
        ("windowed", "select max(d) from (select n - lag(n) over (order by id) as d from t) w"),
        ("texts", "select length(cast(n as text)) + max(id) from t group by n limit 1"),
        ("truth", "select max(n) > 5 from t"),
    ];
    let project = Project::new(&[("t", &contract("1.0.0", COLUMNS, &rules(&queries)))]);
    project.parquet("a.parquet", secret_rows());
    let secrets = ["710001", "810003", "810004", "810002", "1520004", "760002", "100002"];
    let report = project.check("a.parquet");
    for (id, _) in &queries {
        let found = clause(&report, &format!("t/{id}"));
        assert_eq!(found["measured"], "(classified)", "{found:#}");
        assert_ne!(found["verdict"], "not-executed", "{found:#}");
    }
    for (format, text) in all_formats(&project, "a.parquet", &[]) {
        for secret in secrets {
            assert!(!text.contains(secret), "{format} tells {secret}: {text}");
        }
        assert!(format == "junit" || text.contains("(classified)"), "{format}");
    }
    // The local user may ask for them; the warehouse keeps them in no case.
    let shown = publish(&project, "a.parquet", &["--show-classified"]).expect(1).json();
    assert_eq!(clause(&shown, "t/most")["measured"], 810_003);
    assert_eq!(clause(&shown, "t/filtered")["measured"], 43);
    let kept = evidence(&project.path().join("warehouse"));
    assert!(kept.contains("t/most"));
    for secret in secrets {
        assert!(!kept.contains(secret), "{secret} is kept");
    }
    // 43 may occur anywhere: the stored clause does not hold it.
    let sql = "select measured m from pactum.clauses where clause in ('t/filtered', 't/most')";
    assert_eq!(project.query(sql), json!([{ "m": "(classified)" }, { "m": "(classified)" }]));
}

#[test]
fn counts_of_rows_and_what_reads_nothing_classified_are_told() {
    let queries = [
        ("rows", "select count(*) from t"),
        ("some", "select count(*) from t where n > 800000"),
        ("share", "select 100.0 * count(n) / count(*) from t"),
        ("flags", "select sum(case when n > 800000 then 1 else 0 end) from t"),
        ("bits", "select sum((n > 800000)::int) from t"),
        ("plain", "select max(open) from t"),
        ("self", "select max(a.open) from t a join t b on a.id = b.id"),
        ("literal", "select 5"),
    ];
    let project = Project::new(&[("t", &contract("1.0.0", COLUMNS, &rules(&queries)))]);
    project.parquet("a.parquet", secret_rows());
    let report = publish(&project, "a.parquet", &[]).expect(1).json();
    let measured = |id: &str| clause(&report, &format!("t/{id}"))["measured"].clone();
    assert_eq!(measured("rows"), 2);
    assert_eq!(measured("some"), 1);
    assert_eq!((measured("flags"), measured("bits")), (json!(1), json!(1)));
    assert_eq!(
        (measured("plain"), measured("self"), measured("literal")),
        (json!(43), json!(43), json!(5))
    );
    assert!(measured("share").to_string().contains("100"), "{}", measured("share"));
    let sql = "select measured m from pactum.clauses where clause = 't/plain'";
    assert_eq!(project.query(sql), json!([{ "m": "43" }]));
}

#[test]
fn a_rule_may_say_that_what_it_measures_is_public() {
    let rule = |value: &str| {
        format!(
            "quality:\n  - {{ id: most, type: sql, query: 'select max(n) from t', mustBeGreaterThan: 1, \
             customProperties: [{{ property: public, value: {value} }}] }}"
        )
    };
    let project = Project::new(&[("t", &contract("1.0.0", COLUMNS, &rule("true")))]);
    project.parquet("a.parquet", secret_rows());
    let report = project.publish("a.parquet");
    assert_eq!(
        (&report["outcome"], &clause(&report, "t/most")["measured"]),
        (&json!("released"), &json!(810_003))
    );
    let sql = "select measured m from pactum.clauses where clause = 't/most'";
    assert_eq!(project.query(sql), json!([{ "m": "810003" }]));
    // It is not said by `false`, and any other value is an error.
    project.write("contracts/t.odcs.yaml", &contract("1.0.0", COLUMNS, &rule("false")));
    assert_eq!(clause(&project.check("a.parquet"), "t/most")["measured"], "(classified)");
    project.write("contracts/t.odcs.yaml", &contract("1.0.0", COLUMNS, &rule("yes-please")));
    let lint = project.run(&["lint"]).expect(1).stdout;
    assert!(lint.contains("custom property 'public' does not take this value"), "{lint}");
    let misspelt = rule("true").replace("property: public", "property: pubic");
    project.write("contracts/t.odcs.yaml", &contract("1.0.0", COLUMNS, &misspelt));
    let lint = project.run(&["lint"]).stdout;
    assert!(lint.contains("did you mean 'public'?"), "{lint}");
}

#[test]
fn a_rule_that_reads_other_tables_or_an_earlier_release_tells_no_value_of_theirs() {
    let text = "apiVersion: v3.2.0\nkind: DataContract\nid: t\nname: t\nversion: 1.0.0\nstatus: active\nschema:\n\
        - name: open\n  properties: [{ name: id, logicalType: integer, primaryKey: true }]\n\
        \x20 quality:\n\
        \x20   - { id: sibling, type: sql, query: 'select max(n) from secret', mustBe: 0 }\n\
        \x20   - { id: physical, type: sql, query: 'select max(n) from files', mustBe: 0 }\n\
        \x20   - { id: before, type: sql, query: 'select max(n) from pactum_previous.secret', mustBe: 0 }\n\
        - name: secret\n  physicalName: files\n  properties: [{ name: id, logicalType: integer, primaryKey: true }, { name: n, logicalType: integer, classification: restricted }]\n";
    let passing = text.replace("mustBe: 0", "mustBeGreaterThan: 0, severity: warning");
    let project = Project::new(&[("t", &passing)]);
    project.parquet("open.parquet", vec![("id", longs([1]))]);
    project.parquet("secret.parquet", vec![("id", longs([1])), ("n", longs([770_077]))]);
    let run = project.run(&[
        "publish",
        "t",
        "open=open.parquet",
        "secret=secret.parquet",
        "--format",
        "json",
    ]);
    assert_eq!(run.json()["outcome"], "released", "{}", run.stdout);
    assert!(!run.stdout.contains("770077"), "{}", run.stdout);
    // The other table is as it was released.
    let run = project.run(&["check", "t", "open=open.parquet", "--format", "json"]);
    assert!(!run.stdout.contains("770077"), "{}", run.stdout);
    for id in ["open/sibling", "open/physical", "open/before"] {
        assert_eq!(clause(&run.json(), id)["measured"], "(classified)", "{id}");
    }
    assert!(!evidence(&project.path().join("warehouse")).contains("770077"));
}

#[test]
fn a_value_in_a_path_is_in_no_name_of_a_file() {
    let columns = "- { name: id, logicalType: integer, primaryKey: true }\n\
        - { name: country, logicalType: string, classification: confidential }\n\
        - { name: day, logicalType: integer }\n\
        - { name: score, logicalType: integer, logicalTypeOptions: { maximum: 5 } }";
    let project = Project::of_columns(columns);
    let rows = |id: i64| vec![("id", longs([id])), ("score", longs([9]))];
    project.parquet("in/country=Atlantis/day=1/a.parquet", rows(1));
    project.parquet("in/country=Lemuria/day=2/b.parquet", rows(2));
    project.write("in/country=Mu%20Mu/day=3/c.parquet", "nothing readable");
    for (format, text) in all_formats(&project, "in/", &[]) {
        for secret in ["Atlantis", "Lemuria", "Mu%20Mu", "Mu Mu"] {
            assert!(!text.contains(secret), "{format} tells {secret}: {text}");
        }
    }
    std::fs::remove_dir_all(project.path().join("in/country=Mu%20Mu")).unwrap();
    for (format, text) in all_formats(&project, "in/", &[]) {
        assert!(!text.contains("Atlantis") && !text.contains("Lemuria"), "{format}: {text}");
    }
    let sample = |report: &Value| clause(report, "t/score/maximum")["samples"][0]["file"].clone();
    assert_eq!(sample(&project.check("in/")), "in/country=(classified)/day=1/a.parquet");
    let shown = publish(&project, "in/", &["--show-classified"]).expect(1).json();
    assert_eq!(sample(&shown), "in/country=Atlantis/day=1/a.parquet");
    let kept = evidence(&project.path().join("warehouse"));
    assert!(kept.contains("day=1/a.parquet"), "{kept}");
    assert!(!kept.contains("Atlantis") && !kept.contains("Lemuria"), "{kept}");
}

#[test]
fn charts_are_drawn_of_declared_columns_alone() {
    let columns = "- { name: id, logicalType: integer, primaryKey: true }\n- { name: open, logicalType: string }";
    let more = "customProperties: [{ property: additionalColumns, value: allow }]";
    let project = Project::new(&[("t", &contract("1.0.0", columns, more))]);
    let stray = texts([Some("hush-hush"), Some("hush-hush")]);
    let open = texts([Some("plain"), Some("plain")]);
    project.parquet("a.parquet", vec![("id", longs([1, 2])), ("open", open), ("stray", stray)]);
    let page = project.run(&["check", "t", "a.parquet", "--format", "html"]).expect(0).stdout;
    assert!(page.contains("plain") && !page.contains("hush-hush"), "{page}");
    let shown = ["check", "t", "a.parquet", "--format", "html", "--show-classified"];
    assert!(project.run(&shown).expect(0).stdout.contains("hush-hush"));
}

#[test]
fn the_engines_words_quote_no_classified_value() {
    let columns = "- name: id\n  logicalType: integer\n  primaryKey: true\n\
        - name: word\n  logicalType: string\n  classification: secret\n  relationships: [{ id: known, to: t.id }]\n\
        - name: open\n  logicalType: string\n  quality:\n\
        \x20   - { id: scoped, metric: nullValues, mustBe: 0, customProperties: [{ property: where, value: 'cast(word as integer) > 3' }] }\n\
        \x20   - { id: grouped, metric: nullValues, mustBe: 0, customProperties: [{ property: where, value: 'cast(word as integer) > 3' }, { property: groupBy, value: [id] }] }";
    let more = "quality:\n\
        \x20 - { id: sum, type: sql, query: 'select sum(cast(word as integer)) from t', mustBe: 0 }\n\
        \x20 - { id: count, type: sql, query: 'select count(*) from t where cast(word as integer) > 3', mustBe: 0 }\n\
        \x20 - { id: plan, type: sql, query: 'select max(wordd) from t', mustBe: 0 }\n\
        \x20 - { id: told, type: sql, query: 'select sum(cast(open as integer)) from t', mustBe: 0 }";
    let project = Project::new(&[("t", &contract("1.0.0", columns, more))]);
    let words = texts([Some("hush-hush"), Some("hush-hush-2")]);
    let open = texts([Some("said"), Some("said")]);
    project.parquet("a.parquet", vec![("id", longs([1, 2])), ("word", words), ("open", open)]);
    for (format, text) in all_formats(&project, "a.parquet", &[]) {
        assert!(!text.contains("hush"), "{format}: {text}");
    }
    let report = project.check("a.parquet");
    for id in ["t/sum", "t/count", "t/open/scoped", "t/open/grouped"] {
        let found = clause(&report, id);
        assert_eq!(found["verdict"], "not-executed", "{found:#}");
        assert!(found["reason"].as_str().unwrap().contains("withheld"), "{found:#}");
    }
    // Words without values are shown: a missing name, and an error about an open column.
    assert!(clause(&report, "t/plan")["reason"].as_str().unwrap().contains("wordd"));
    assert!(clause(&report, "t/told")["reason"].as_str().unwrap().contains("said"));
    publish(&project, "a.parquet", &["--show-classified"]).expect(1);
    let kept = evidence(&project.path().join("warehouse"));
    assert!(kept.contains("t/sum") && !kept.contains("hush"), "{kept}");
}

#[test]
fn ages_gaps_and_drift_of_classified_columns_are_withheld() {
    let columns = "- { name: id, logicalType: integer, primaryKey: true }\n\
        - { name: at, logicalType: timestamp, classification: restricted }\n\
        - name: pay\n  logicalType: number\n  classification: restricted\n  quality:\n\
        \x20   - { id: mean, type: custom, engine: pactum, implementation: { metric: mean, mustBeBetween: [-1, 1] } }\n\
        \x20   - { id: median, type: custom, engine: pactum, implementation: { metric: quantile, quantile: 0.5, mustBeBetween: [-1, 1] } }\n\
        \x20   - { id: psi, type: custom, engine: pactum, implementation: { metric: populationStabilityIndex, mustBeLessThan: 0.1 } }";
    let more = "quality:\n\
        \x20 - { id: kept, type: custom, engine: pactum, implementation: { metric: keysKept, mustBeGreaterOrEqualTo: 0 } }\n\
        \x20 - { id: rows, metric: rowCount, mustBeBetween: [0, 9], customProperties: [{ property: compareTo, value: previous }] }";
    let text = contract("1.0.0", columns, more)
        + "slaProperties:\n\
           - { property: latency, value: 100, unit: y, element: t.at }\n\
           - { property: frequency, value: 100, unit: y, element: t.at }\n";
    let project = Project::new(&[("t", &text)]);
    let rows = |pay: [f64; 2]| -> Vec<(&'static str, ArrayRef)> {
        let times = [1_700_000_000_000_000, 1_700_000_777_000_000];
        let at = TimestampMicrosecondArray::from(times.to_vec()).with_timezone("UTC");
        let pay: ArrayRef = Arc::new(Float64Array::from(pay.to_vec()));
        vec![("id", longs([1, 2])), ("at", Arc::new(at)), ("pay", pay)]
    };
    project.parquet("a.parquet", rows([1000.0, 3000.0]));
    assert_eq!(project.publish("a.parquet")["outcome"], "released");
    project.parquet("b.parquet", rows([5000.5, 9000.5]));
    let report = publish(&project, "b.parquet", &[]).expect(1).json();
    for id in ["t/pay/mean", "t/pay/median", "t/pay/psi"] {
        let found = clause(&report, id);
        assert_eq!(
            (&found["verdict"], &found["measured"]),
            (&json!("failed"), &json!("(classified)")),
            "{id}"
        );
    }
    let levels: Vec<&Value> = report["tables"][0]["clauses"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|c| matches!(c["kind"].as_str(), Some("latency" | "frequency")))
        .collect();
    assert_eq!(levels.len(), 2);
    for found in levels {
        assert_eq!(
            (&found["verdict"], &found["measured"]),
            (&json!("passed"), &json!("(classified)"))
        );
    }
    // Shares and counts of rows are shown.
    assert_eq!(clause(&report, "t/kept")["measured"], 100.0);
    assert_eq!(clause(&report, "t/rows")["measured"], 0);
    let kept = evidence(&project.path().join("warehouse"));
    for secret in ["5000.5", "7000.5", "5000", "4000.5"] {
        assert!(!kept.contains(secret), "{secret}");
    }
}

#[test]
fn a_column_that_was_classified_when_it_was_released_stays_withheld_in_comparisons() {
    let columns = |classification: &str| {
        format!(
            "- {{ name: id, logicalType: integer, primaryKey: true }}\n\
             - name: pay\n  logicalType: number\n  classification: {classification}\n  quality:\n\
             \x20   - {{ id: mean, type: custom, engine: pactum, implementation: {{ metric: mean, mustBeBetween: [-1, 1] }} }}"
        )
    };
    let project = Project::new(&[("t", &contract("1.0.0", &columns("restricted"), ""))]);
    let pay = |value: f64| -> ArrayRef { Arc::new(Float64Array::from(vec![value])) };
    project.parquet("a.parquet", vec![("id", longs([1])), ("pay", pay(1000.0))]);
    assert_eq!(project.publish("a.parquet")["outcome"], "released");
    project.write("contracts/t.odcs.yaml", &contract("1.1.0", &columns("public"), ""));
    project.parquet("b.parquet", vec![("id", longs([1])), ("pay", pay(1500.0))]);
    // The new mean and the difference reveal the old one.
    let report = project.check("b.parquet");
    assert_eq!(clause(&report, "t/pay/mean")["measured"], "(classified)");
}

/// Objects of a field that is declared, and of one that is not.
fn boxes(rows: usize) -> ArrayRef {
    let a = longs((0..rows).map(|_| 1));
    let ssn = texts((0..rows).map(|_| Some("bobsecret")));
    Arc::new(StructArray::from(vec![
        (Arc::new(Field::new("a", DataType::Int64, true)), a),
        (Arc::new(Field::new("ssn", DataType::Utf8, true)), ssn),
    ]))
}

#[test]
fn fields_that_nobody_declared_are_in_no_sample_and_no_chart() {
    let columns = "- { name: id, logicalType: integer, primaryKey: true }\n\
        - { name: box, logicalType: object, quality: [{ id: twice, metric: duplicateValues, mustBe: 0 }], \
          properties: [{ name: a, logicalType: integer, logicalTypeOptions: { minimum: 5 } }] }";
    for more in ["", "customProperties: [{ property: additionalColumns, value: allow }]"] {
        let project = Project::new(&[("t", &contract("1.0.0", columns, more))]);
        project.parquet("a.parquet", vec![("id", longs([1, 2, 3])), ("box", boxes(3))]);
        for (format, text) in all_formats(&project, "a.parquet", &[]) {
            assert!(!text.contains("bobsecret"), "{format}: {text}");
        }
        let report = project.check("a.parquet");
        let samples = clause(&report, "t/box.a/minimum")["samples"].clone();
        assert!(samples.to_string().contains("\"a\":1"), "declared fields stay: {samples}");
        publish(&project, "a.parquet", &["--show-classified"]).expect(1);
        let kept = evidence(&project.path().join("warehouse"));
        assert!(kept.contains("minimum") && !kept.contains("bobsecret"), "{kept}");
    }
}

#[test]
fn a_first_line_that_looks_like_data_is_counted_and_not_quoted() {
    let project = Project::of_columns(
        "- { name: id, logicalType: integer, primaryKey: true }\n\
         - { name: email, logicalType: string, required: true, classification: secret }",
    );
    for text in ["1,bobsecret\n2,carol\n", "bobsecret,bobsecret\n2,carol\n", "1,emall\n"] {
        project.write("a.csv", text);
        for (format, told) in all_formats(&project, "a.csv", &[]) {
            let tells = told.contains("bobsecret") || told.contains("emall");
            assert!(!tells, "{format}: {told}");
        }
        publish(&project, "a.csv", &[]).expect(1);
    }
    let kept = evidence(&project.path().join("warehouse"));
    assert!(kept.contains("looks like data"), "{kept}");
    assert!(!kept.contains("bobsecret") && !kept.contains("emall"), "{kept}");
    // With a declared name in it, it is a header, and what else is in it is a name.
    project.write("a.csv", "id,stray\n1,x\n");
    let report = project.check("a.csv");
    let reason = clause(&report, "t/additionalColumns")["reason"].to_string();
    assert!(reason.contains("'stray'"), "{reason}");
}

#[test]
fn a_value_in_a_path_is_in_no_error() {
    let columns = "- { name: id, logicalType: integer, primaryKey: true }\n\
        - { name: email, logicalType: string, classification: secret, \
          customProperties: [{ property: aliases, value: [mail] }] }\n\
        - { name: o, logicalType: integer, logicalTypeOptions: { maximum: 3 } }";
    let rows = || vec![("id", longs([1])), ("o", longs([9]))];
    let silent = |project: &Project, what: &str, fails: bool| {
        for (format, text) in all_formats(project, "in/", &[]) {
            assert!(!text.contains("bobsecret"), "{what}, {format}: {text}");
        }
        let run = publish(project, "in/", &[]);
        assert!(!run.stdout.contains("bobsecret") && !run.stderr.contains("bobsecret"), "{what}");
        if fails {
            assert!(run.stdout.contains("(classified)"), "{what}: {}", run.stdout);
            // The local user may ask for it.
            let shown = publish(project, "in/", &["--show-classified"]);
            assert!(shown.stdout.contains("bobsecret"), "{what}: {}", shown.stdout);
        }
    };
    for folder in ["email=bobsecret", "mail=bobsecret", "e%6dail=bobsecret", "EMAIL=bobsecret"] {
        let project = Project::of_columns(columns);
        project.parquet(&format!("in/{folder}/a.parquet"), rows());
        silent(&project, folder, false);
        let at = project.path().join("in").join(folder);
        std::fs::remove_file(at.join("a.parquet")).unwrap();
        std::os::unix::fs::symlink("/nowhere/at/all", at.join("a.parquet")).unwrap();
        silent(&project, "a link that leads nowhere", true);
        std::fs::remove_file(at.join("a.parquet")).unwrap();
        std::os::unix::fs::symlink("/proc/self/environ", at.join("a.parquet")).unwrap();
        silent(&project, "a link to what the system makes", false);
        std::fs::remove_file(at.join("a.parquet")).unwrap();
        let pipe = std::process::Command::new("mkfifo").arg(at.join("a.parquet")).status();
        assert!(pipe.unwrap().success());
        silent(&project, "a pipe", true);
    }
}

#[test]
fn what_refers_to_a_classified_key_is_in_no_sample() {
    let text = "apiVersion: v3.2.0\nkind: DataContract\nid: t\nname: t\nversion: 1.0.0\nstatus: active\nschema:\n\
        - name: parent\n  properties: [{ name: code, logicalType: string, primaryKey: true, classification: secret }]\n\
        - name: child\n  properties:\n\
        \x20 - { name: ref, logicalType: string, primaryKey: true, relationships: [{ id: known, to: parent.code }] }\n";
    let project = Project::new(&[("t", text)]);
    project.parquet("parent.parquet", vec![("code", texts([Some("known")]))]);
    project.parquet("child.parquet", vec![("ref", texts([Some("known"), Some("bobsecret")]))]);
    let files = ["parent=parent.parquet", "child=child.parquet"];
    for format in FORMATS {
        // A chart of the open column is not a sample of the reference.
        if *format == "html" {
            continue;
        }
        let run = project.run(&[&["check", "t", "--format", format], &files[..]].concat());
        assert!(!run.stdout.contains("bobsecret"), "{format}: {}", run.stdout);
    }
    let run = project.run(&[&["check", "t", "--format", "json"], &files[..]].concat()).json();
    assert_eq!(clause(&run, "child/ref/known")["failing_rows"], 1);
    assert_eq!(clause(&run, "child/ref/known")["samples"][0]["value"], "(classified)");
    let shown = [&["check", "t", "--format", "json", "--show-classified"], &files[..]].concat();
    assert!(project.run(&shown).stdout.contains("bobsecret"));
}

#[test]
fn a_literal_that_values_choose_is_withheld() {
    let queries = [
        (
            "band",
            "select max(l.band) from t join (select 71 as band, 0 lo, 7 hi union all select 72, 8, 999999999) l on t.n between l.lo and l.hi",
        ),
        (
            "chosen",
            "select x from (select 710001 x union all select 710002) v where x = (select min(n) from t)",
        ),
        ("counted", "select count(*) from unnest([1, 2, 3]) v(x) where x < (select min(n) from t)"),
        ("flag", "select case when n > 5 then 1 else 0 end from t where id = 1"),
        ("filled", "select coalesce(n, 0) from t where id = 1"),
        ("exists", "select exists (select 1 from t where n = 710001)"),
    ];
    let project = Project::new(&[("t", &contract("1.0.0", COLUMNS, &rules(&queries)))]);
    project.parquet("a.parquet", secret_rows());
    let report = project.check("a.parquet");
    for (id, _) in &queries {
        let measured = clause(&report, &format!("t/{id}"))["measured"].clone();
        assert!(measured == "(classified)" || measured.is_null(), "{id}: {measured}");
    }
    for id in ["band", "chosen", "flag"] {
        assert_eq!(clause(&report, &format!("t/{id}"))["measured"], "(classified)", "{id}");
    }
}
