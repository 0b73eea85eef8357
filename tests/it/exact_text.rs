//! Text is read exactly: a number becomes the value that was written, or a located failure.

use std::io::Write;

use serde_json::{Value, json};

use crate::support::{Project, clause};

const NUMBER: &str = "- { name: id, logicalType: integer, primaryKey: true }\n- { name: v, logicalType: number, unique: true }";
const DECIMAL: &str = "- { name: id, logicalType: integer, primaryKey: true }\n- { name: v, logicalType: number, physicalType: 'decimal(19,2)', unique: true }";

/// Two values that one double would hold.
const CSV: &str = "id,v\n1,12345678901234567.89\n2,12345678901234567.90\n";
const NDJSON: &str =
    "{\"id\":1,\"v\":12345678901234567.89}\n{\"id\":2,\"v\":12345678901234567.90}\n";

#[test]
fn numbers_that_a_double_would_change_fail_where_they_are_and_the_hint_works() {
    for (file, text) in [("n.csv", CSV), ("n.ndjson", NDJSON)] {
        let project = Project::of_columns(NUMBER);
        project.write(file, text);
        let report = project.check(file);
        let typed = clause(&report, "t/v/logicalType");
        assert_eq!((&typed["verdict"], &typed["failing_rows"]), (&json!("failed"), &json!(2)));
        assert_eq!(typed["samples"][1]["row"], 1);
        assert_eq!(typed["samples"][1]["value"], "12345678901234567.90");
        let reason = typed["reason"].as_str().unwrap();
        assert!(reason.contains("physicalType: decimal(19,2)"), "{reason}");
        // They are not said to be equal.
        assert_eq!(clause(&report, "t/v/unique")["verdict"], "passed", "{report:#}");
        // What the hint says to write keeps every digit, to the end.
        let project = Project::of_columns(DECIMAL);
        project.write(file, text);
        assert_eq!(project.publish(file)["outcome"], "released");
        let stored = project.query("select v from t.t order by id");
        assert_eq!(
            stored,
            json!([{ "v": "12345678901234567.89" }, { "v": "12345678901234567.90" }])
        );
    }
}

#[test]
fn doubles_are_read_as_they_are_written_and_whole_numbers_beyond_them_stay_whole() {
    let project = Project::of_columns(NUMBER);
    let lines: Vec<String> =
        ["0.1", "0.30000000000000004", "1e300", "123456789012345", "-2.50", "NaN"]
            .iter()
            .enumerate()
            .map(|(n, text)| format!("{n},{text}"))
            .collect();
    project.write("n.csv", &format!("id,v\n{}\n", lines.join("\n")));
    assert_eq!(project.check("n.csv")["verdict"], "passed");
    let project = Project::of_columns("- { name: id, logicalType: integer, primaryKey: true }");
    for (file, text) in [
        ("n.csv", "id\n9007199254740993\n9007199254740992\n"),
        ("n.ndjson", "{\"id\":9007199254740993}\n{\"id\":9007199254740992}\n"),
    ] {
        project.write(file, text);
        let outcome = project.publish(file)["outcome"].clone();
        assert!(outcome == "released" || outcome == "unchanged", "{outcome}");
        let ids = project.query("select id from t.t order by id desc");
        assert_eq!(ids[0]["id"].to_string().trim_matches('"'), "9007199254740993");
    }
}

#[test]
fn a_single_keeps_fewer_digits_and_its_hint_is_the_double() {
    let project = Project::of_columns("- { name: v, logicalType: number, physicalType: real }");
    project.write("n.csv", "v\n0.1\n3.14159265\n");
    let report = project.check("n.csv");
    let typed = clause(&report, "t/v/logicalType");
    assert_eq!(typed["failing_rows"], 1, "{report:#}");
    assert!(typed["reason"].as_str().unwrap().contains("physicalType: double"), "{typed}");
}

#[test]
fn numbers_inside_lists_and_objects_keep_their_digits_too() {
    let project = Project::of_columns(
        "- name: l\n  logicalType: array\n  items: { logicalType: number }\n\
         - name: o\n  logicalType: object\n  properties:\n  - { name: d, logicalType: number, physicalType: 'decimal(5,2)' }",
    );
    project.write(
        "n.ndjson",
        "{\"l\":[0.1,2],\"o\":{\"d\":1.25}}\n\
         {\"l\":[12345678901234567.89],\"o\":{\"d\":1.255}}\n\
         {\"l\":[],\"o\":{\"d\":1234.5}}\n",
    );
    let report = project.check("n.ndjson");
    let rows = |id: &str| {
        let samples = clause(&report, id)["samples"].as_array().unwrap().clone();
        samples.into_iter().map(|sample| sample["row"].clone()).collect::<Vec<Value>>()
    };
    assert_eq!(rows("t/l/logicalType"), [json!(1)]);
    assert_eq!(rows("t/o/logicalType"), [json!(1), json!(2)]);
    assert!(
        clause(&report, "t/l/logicalType")["reason"].as_str().unwrap().contains("decimal(19,2)")
    );
}

#[test]
fn values_of_a_path_keep_their_digits() {
    for (columns, passes) in [(NUMBER, false), (DECIMAL, true)] {
        let project = Project::of_columns(&columns.replace(", unique: true", ""));
        project.write("in/v=12345678901234567.89/a.csv", "id\n1\n");
        let report = project.check("in");
        assert_eq!(report["verdict"] == "passed", passes, "{report:#}");
        if !passes {
            let reason = clause(&report, "t/readable")["reason"].as_str().unwrap();
            assert!(reason.contains("physicalType: decimal(19,2)"), "{reason}");
        } else {
            project.run(&["publish", "t", "in"]).expect(0);
            let stored = project.query("select v from t.t");
            assert_eq!(stored, json!([{ "v": "12345678901234567.89" }]));
        }
    }
}

#[test]
fn a_draft_from_long_numbers_holds_for_them() {
    for (file, text) in [("n.csv", CSV), ("n.ndjson", NDJSON)] {
        let project = Project::of_columns(NUMBER);
        project.write(file, text);
        let draft = project.run(&["infer", file]).expect(0).stdout;
        assert!(draft.contains("numeric(19,2)"), "{file}: {draft}");
    }
}

fn gzip(text: &str) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    writer.write_all(text.as_bytes()).unwrap();
    writer.finish().unwrap()
}

fn zstandard(text: &str) -> Vec<u8> {
    let mut writer = zstd::stream::Encoder::new(Vec::new(), 1).unwrap();
    // As the tool does.
    writer.include_checksum(true).unwrap();
    writer.write_all(text.as_bytes()).unwrap();
    writer.finish().unwrap()
}

#[test]
fn compressed_texts_are_read_by_their_names_in_folders_and_by_their_first_bytes() {
    let project = Project::of_columns("- { name: id, logicalType: integer, primaryKey: true }");
    let rows = |from: u32| (from..from + 50_000).map(|n| format!("{n}\n")).collect::<String>();
    let csv = |from| format!("id\n{}", rows(from));
    let ndjson: String = (200_000..200_010).map(|n| format!("{{\"id\":{n}}}\n")).collect();
    // Of two members, as some writers make them.
    let members = [gzip(&csv(0)), gzip(&rows(50_000))].concat();
    std::fs::create_dir(project.path().join("in")).unwrap();
    let put = |name: &str, bytes: &[u8]| std::fs::write(project.path().join(name), bytes).unwrap();
    put("in/a.csv.gz", &members);
    put("in/b.csv.zst", &zstandard(&csv(100_000)));
    put("in/c.ndjson.gz", &gzip(&ndjson));
    put("in/d.tsv.zst", &zstandard("id\n300000\n"));
    let report = project.check("in");
    assert_eq!(report["verdict"], "passed", "{report:#}");
    assert_eq!(report["tables"][0]["rows"], 150_011);
    put("plain", &gzip("id\n7\n"));
    project.run(&["check", "t", "plain", "--input", "csv"]).expect(0);
    assert_eq!(project.publish("in")["outcome"], "released");
}

#[test]
fn compression_that_is_cut_short_or_damaged_is_a_verdict_on_the_file() {
    let project = Project::of_columns("- { name: id, logicalType: integer }");
    let text: String = (0..5_000).map(|n| format!("{n}\n")).collect();
    let (gz, zst) = (gzip(&format!("id\n{text}")), zstandard(&format!("id\n{text}")));
    let broken = |bytes: &[u8]| {
        let mut bytes = bytes.to_vec();
        let at = bytes.len() / 2;
        bytes[at..at + 8].fill(0xff);
        bytes
    };
    for (name, bytes) in [
        ("cut.csv.gz", gz[..gz.len() / 2].to_vec()),
        ("cut.csv.zst", zst[..zst.len() / 2].to_vec()),
        ("cut.ndjson.gz", gzip("{\"id\":1}\n{\"id\":2}\n")[..20].to_vec()),
        ("broken.csv.gz", broken(&gz)),
        ("broken.csv.zst", broken(&zst)),
        ("head.csv.gz", vec![0x1f, 0x8b]),
        ("head.csv.zst", vec![0x28, 0xb5, 0x2f, 0xfd]),
    ] {
        std::fs::write(project.path().join(name), bytes).unwrap();
        let run = project.run(&["check", "t", name, "--format", "json"]).expect(1);
        let report = run.json();
        let readable = clause(&report, "t/readable");
        assert_eq!(readable["verdict"], "failed", "{name}: {report:#}");
        let reason = readable["reason"].as_str().unwrap();
        assert!(reason.contains("cut short or damaged"), "{name}: {reason}");
    }
}

#[test]
fn a_required_field_that_is_null_inside_json_fails_its_own_clause() {
    let project = Project::of_columns(
        "- name: l\n  logicalType: array\n  items:\n    logicalType: object\n    properties:\n    - { name: d, \
         logicalType: integer, required: true }",
    );
    project.write(
        "n.ndjson",
        "{\"l\":[{\"d\":1}]}\n{\"l\":[{\"d\":null}]}\n{\"l\":[{}]}\n{\"l\":[]}\n",
    );
    let report = project.check("n.ndjson");
    assert_eq!(clause(&report, "t/l/logicalType")["verdict"], "passed", "{report:#}");
    assert_eq!(clause(&report, "t/l.items.d/required")["failing_rows"], 2);
}
