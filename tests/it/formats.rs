//! Reports in the formats of CI servers, and as a page.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array};
use serde_json::{Value, json};

use crate::support::{Project, command, longs, output, texts};

/// A run with a failure, a warning, a waived failure, a classified column, and text to be escaped.
fn project() -> Project {
    let columns = "- { name: id, logicalType: integer, unique: true }\n\
        - { name: score, logicalType: number, logicalTypeOptions: { maximum: 1 } }\n\
        - { name: word, logicalType: string, logicalTypeOptions: { pattern: '^[a-z]+$' } }\n\
        - { name: mail, logicalType: string, classification: confidential, logicalTypeOptions: { format: email } }\n\
        - { name: old, logicalType: integer, logicalTypeOptions: { minimum: 2 }, quality: [{ id: rare, metric: nullValues, mustBe: 1, severity: warning }] }";
    let project = Project::of_columns(columns);
    project.write(
        "waivers.yaml",
        "check:\n- {contract: t, clause: t/old/minimum, reason: known, approved_by: ann, expires: 2999-01-01}\n\
         - {contract: t, clause: t/score/minimum, reason: gone, approved_by: ann, expires: 2999-01-01}\n",
    );
    let scores: ArrayRef = Arc::new(Float64Array::from(vec![0.5, 1.5, f64::NAN]));
    project.parquet(
        "a.parquet",
        vec![
            ("id", longs([1, 2, 2])),
            ("score", scores),
            ("word", texts([Some("ok"), Some("<b>&\"50%\"</b>"), Some("a\nb")])),
            ("mail", texts([Some("a@b.org"), Some("secret"), None])),
            ("old", longs([1, 2, 3])),
        ],
    );
    project
}

fn report(format: &str) -> String {
    project().run(&["check", "t", "a.parquet", "--format", format]).expect(1).stdout
}

#[test]
fn junit_has_a_suite_a_table_and_a_case_a_clause() {
    insta::assert_snapshot!("report-junit", report("junit"));
}

#[test]
fn sarif_points_at_the_line_of_the_contract_that_states_the_clause() {
    let text = report("sarif");
    let found: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(found["version"], "2.1.0");
    let results = found["runs"][0]["results"].as_array().unwrap();
    let maximum = results.iter().find(|r| r["properties"]["clause"] == "t/score/maximum").unwrap();
    let place = &maximum["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "contracts/t.odcs.yaml");
    assert_eq!(place["region"]["startLine"], 11);
    let waived = results.iter().find(|r| r["properties"]["verdict"] == "waived").unwrap();
    assert_eq!(waived["suppressions"][0]["kind"], "external");
    let rules = found["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    for result in results {
        assert!(rules.iter().any(|rule| rule["id"] == result["ruleId"]), "{result}");
    }
    insta::assert_snapshot!("report-sarif", text);
}

#[test]
fn github_gets_annotations_and_a_step_summary() {
    let project = project();
    let summary = project.path().join("summary.md");
    let output = output(
        command(project.path())
            .args(["check", "t", "a.parquet", "--format", "github"])
            .env("GITHUB_STEP_SUMMARY", &summary),
    );
    assert_eq!(output.status.code(), Some(1));
    let annotations = String::from_utf8(output.stdout).unwrap();
    insta::assert_snapshot!("report-github", annotations);
    insta::assert_snapshot!("report-github-summary", std::fs::read_to_string(summary).unwrap());
}

#[test]
fn the_page_stands_alone_and_escapes_what_it_shows() {
    let page = report("html");
    for absent in ["<script", "http://", "https://", "src=", "<b>&", "secret", "@import"] {
        assert!(!page.contains(absent), "{absent}");
    }
    for present in [
        "width=device-width",
        "&lt;b&gt;&amp;",
        "t/score/maximum",
        "(classified)",
        "waived",
        "class=\"share\"",
        "row",
    ] {
        assert!(page.contains(present), "{present}");
    }
    // Classified columns have no distribution.
    assert!(!page.contains(">mail <"), "{page}");
}

#[test]
fn classified_values_are_shown_where_the_user_asks_and_never_kept() {
    let project = project();
    let hidden = project.run(&["check", "t", "a.parquet", "--format", "json"]).expect(1).stdout;
    assert!(!hidden.contains("secret"));
    let run = ["check", "t", "a.parquet", "--format", "json", "--show-classified"];
    assert!(project.run(&run).expect(1).stdout.contains("secret"));
    let publish = ["publish", "t", "t=a.parquet", "--format", "json", "--show-classified"];
    let report = project.run(&publish).expect(1).json();
    assert_eq!(report["outcome"], "rejected");
    let folder = project.path().join("warehouse/t/_attempts");
    for entry in std::fs::read_dir(folder).unwrap() {
        let kept = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        assert!(!kept.contains("secret"), "{kept}");
    }
    assert_eq!(json!(report["tables"][0]["rows"]), 3);
}

#[test]
fn a_classified_key_is_never_kept_even_where_it_is_shown() {
    let project = Project::of_columns(
        "- { name: mail, logicalType: string, primaryKey: true, classification: confidential }\n\
         - { name: score, logicalType: number, logicalTypeOptions: { maximum: 1 } }",
    );
    let scores: ArrayRef = Arc::new(Float64Array::from(vec![0.5, 7.0]));
    let mails = texts([Some("a@b.org"), Some("c@d.org")]);
    project.parquet("a.parquet", vec![("mail", mails), ("score", scores)]);
    let publish = ["publish", "t", "t=a.parquet", "--format", "json", "--show-classified"];
    let shown = project.run(&publish).expect(1).stdout;
    assert!(shown.contains("c@d.org"), "{shown}");
    for entry in std::fs::read_dir(project.path().join("warehouse/t/_attempts")).unwrap() {
        let kept = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        assert!(!kept.contains("c@d.org"), "{kept}");
    }
}
