//! JSON files of one document, as data frames write them: the report says what the file is and what writes
//! the form that is read.

use serde_json::json;

use crate::support::{Project, clause};

const WRITES: &str = r#"df.to_json("x.ndjson", orient="records", lines=True)"#;

#[test]
fn a_file_of_one_json_document_is_told_by_its_form() {
    let project = Project::of_columns(
        "- { name: a, logicalType: integer }\n- { name: b, logicalType: string }",
    );
    for (text, what) in [
        (
            r#"{"a":{"0":1,"1":2},"b":{"0":"x","1":"y"}}"#,
            "one JSON object of columns by their index",
        ),
        (
            r#"{"a":{"k":1,"l":2},"b":{"k":"x","l":"y"}}"#,
            "one JSON object of columns by their index",
        ),
        ("{\n  \"a\":{\n    \"0\":1\n  }\n}\n", "one JSON object of columns by their index"),
        (r#"{"0":{"a":1,"b":"x"}}"#, "one JSON object of rows by their index"),
        (
            r#"{"columns":["a"],"index":[0],"data":[[1]]}"#,
            "one JSON object of columns, index and data",
        ),
        (r#"[{"a":1,"b":"x"},{"a":2,"b":"y"}]"#, "one JSON array of rows"),
        ("[\n  {\n    \"a\": 1\n  }\n]\n", "one JSON array of rows"),
        ("{\"a\":\n1}\n{\"a\":\n2}\n", "JSON objects over several lines"),
    ] {
        project.write("x.ndjson", text);
        let report = project.check("x.ndjson");
        let reason = clause(&report, "t/readable")["reason"].as_str().unwrap().to_owned();
        assert!(reason.contains(what) && reason.ends_with(WRITES), "{text}: {reason}");
        let run = project.run(&["infer", "x.ndjson"]);
        let by_name = text.contains("\"k\"");
        assert_eq!(run.stderr.contains(what), !by_name, "{text}: {}", run.stderr);
    }
    // Under another name it is not better.
    project.write("x.json", r#"[{"a":1,"b":"x"}]"#);
    let reason = clause(&project.check("x.json"), "t/readable")["reason"].clone();
    assert!(reason.as_str().unwrap().ends_with(WRITES), "{reason}");
}

#[test]
fn one_row_of_declared_objects_is_one_row() {
    let project = Project::of_columns(
        "- { name: a, logicalType: object, properties: [{ name: '0', logicalType: integer }] }",
    );
    project.write("x.ndjson", "{\"a\":{\"0\":1}}\n");
    let report = project.check("x.ndjson");
    assert_eq!(report["verdict"], json!("passed"), "{report:#}");
}
