//! Input beyond Parquet: text that is parsed strictly, Arrow IPC, Delta, Hive paths, streams.

use std::io::{Read, Write};
use std::process::Stdio;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use serde_json::{Value, json};

use crate::support::{Project, clause, command, contract, longs, texts};

const TYPED: &str = "- { name: id, logicalType: integer, required: true }\n\
    - { name: score, logicalType: number, logicalTypeOptions: { minimum: 0, maximum: 1 } }\n\
    - { name: day, logicalType: date, logicalTypeOptions: { format: dd.MM.yyyy } }\n\
    - { name: word, logicalType: string, logicalTypeOptions: { maxLength: 4 } }\n\
    - { name: exact, logicalType: number, physicalType: 'decimal(10,2)' }";

fn check(project: &Project, file: &str) -> Value {
    project.run(&["check", "t", file, "--format", "json"]).json()
}

#[track_caller]
fn rows(report: &Value, id: &str, expected: &[(u64, Value)]) {
    let found = clause(report, id);
    let samples = found["samples"].as_array().unwrap().iter();
    let samples: Vec<(u64, Value)> =
        samples.map(|s| (s["row"].as_u64().unwrap(), s["value"].clone())).collect();
    assert_eq!(samples, expected, "{found:#}");
    assert_eq!(found["failing_rows"], expected.len());
}

#[test]
fn texts_of_csv_are_parsed_strictly_and_what_is_no_value_is_located() {
    let project = Project::of_columns(TYPED);
    let csv = "id,score,day,word,exact\n\
               1,0.5,31.01.2026,a,1.50\n\
               2x,0.5,2026-01-31,abcde,1.505\n\
               ,1.0004,31.02.2026,,12345678901.00\n\
               3,NaN,,\"a,\"\"b\",-0.1\n";
    project.write("a.csv", csv);
    let report = check(&project, "a.csv");
    rows(&report, "t/id/logicalType", &[(1, json!("2x"))]);
    // A text that does not parse is not NULL.
    rows(&report, "t/id/required", &[(2, json!(null))]);
    rows(&report, "t/score/maximum", &[(2, json!(1.0004)), (3, json!("NaN"))]);
    rows(&report, "t/day/logicalType", &[(1, json!("2026-01-31")), (2, json!("31.02.2026"))]);
    rows(&report, "t/word/maxLength", &[(1, json!("abcde"))]);
    rows(&report, "t/exact/logicalType", &[(1, json!("1.505")), (2, json!("12345678901.00"))]);
    assert_eq!(clause(&report, "t/word/logicalType")["verdict"], "passed");
    assert_eq!(report["tables"][0]["rows"], 4);
    // A semicolon or a tab works as well.
    project.write("b.csv", "id;score;day;word;exact\n1;0.5;31.01.2026;a;1\n");
    assert_eq!(check(&project, "b.csv")["verdict"], "passed");
    project.write("c.tsv", "id\tscore\tday\tword\texact\n1\t0.5\t31.01.2026\ta\t1\n");
    assert_eq!(check(&project, "c.tsv")["verdict"], "passed");
}

#[test]
fn a_delivery_of_text_is_published_with_the_contracts_types() {
    let project = Project::of_columns(
        "- { name: id, logicalType: integer, primaryKey: true }\n- { name: at, logicalType: timestamp }",
    );
    project.write("a.csv", "id,at\n2,2026-01-31T12:00:00+01:00\n1,2026-01-31T12:00:00Z\n");
    assert_eq!(project.publish("a.csv")["outcome"], "released");
    let rows = project.query("select id, at from t.t order by id");
    assert_eq!(rows[1], json!({"id": 2, "at": "2026-01-31T11:00:00Z"}));
}

#[test]
fn a_broken_text_file_is_a_verdict_with_its_line() {
    let project = Project::of_columns(
        "- { name: a, logicalType: integer }\n- { name: b, logicalType: integer }",
    );
    for (name, text, words) in [
        ("a.csv", "a,b\n1,2\n1,2,3\n", "line 3"),
        ("b.csv", "a,a\n1,2\n", "two columns are named 'a'"),
        ("c.ndjson", "{\"a\": 1}\n{\"a\": \n", "line 2"),
        ("d.ndjson", "[1, 2]\n", "one JSON array of values"),
        ("e.arrow", "ARROW1 no more", "Arrow IPC"),
        ("f.csv", "", "no"),
    ] {
        project.write(name, text);
        let report = check(&project, name);
        let readable = clause(&report, "t/readable");
        assert_eq!(readable["verdict"], "failed", "{name}: {report:#}");
        assert!(readable["reason"].as_str().unwrap().contains(words), "{name}: {readable}");
    }
}

#[test]
fn ndjson_keeps_numbers_as_written_and_kinds_apart() {
    let columns = "- { name: id, logicalType: integer }\n\
        - { name: exact, logicalType: number, physicalType: 'decimal(30,10)' }\n\
        - { name: word, logicalType: string }\n\
        - { name: tags, logicalType: array, items: { logicalType: integer, logicalTypeOptions: { minimum: 0 } } }";
    let project = Project::of_columns(columns);
    let text = "{\"id\": 1, \"exact\": 12345678901234567890.0123456789, \"word\": \"x\", \"tags\": [1, 2]}\n\
                {\"id\": \"1\", \"word\": 5, \"tags\": [-1]}\n\
                \n\
                {\"id\": 1.5, \"exact\": 1e3, \"tags\": {\"no\": 1}, \"word\": null}\n";
    project.write("a.ndjson", text);
    let report = check(&project, "a.ndjson");
    rows(&report, "t/id/logicalType", &[(1, json!("\"1\"")), (2, json!("1.5"))]);
    rows(&report, "t/word/logicalType", &[(1, json!("5"))]);
    rows(&report, "t/tags/logicalType", &[(2, json!("{\"no\": 1}"))]);
    assert_eq!(clause(&report, "t/exact/logicalType")["verdict"], "passed");
    assert_eq!(clause(&report, "t/tags.items/minimum")["failing_rows"], 1);
}

#[test]
fn arrow_ipc_is_read_as_a_file_and_as_a_stream_on_standard_input() {
    let project = Project::of_columns("- { name: a, logicalType: integer, unique: true }");
    let batch = RecordBatch::try_from_iter([("a", longs([1, 2, 2]))]).unwrap();
    let schema = batch.schema();
    let mut file = Vec::new();
    let mut writer = arrow::ipc::writer::FileWriter::try_new(&mut file, &schema).unwrap();
    writer.write(&batch).unwrap();
    writer.finish().unwrap();
    drop(writer);
    let mut stream = Vec::new();
    let mut writer = arrow::ipc::writer::StreamWriter::try_new(&mut stream, &schema).unwrap();
    writer.write(&batch).unwrap();
    writer.finish().unwrap();
    drop(writer);
    std::fs::write(project.path().join("a.arrow"), &file).unwrap();
    std::fs::write(project.path().join("b.arrow"), &stream).unwrap();
    for name in ["a.arrow", "b.arrow"] {
        assert_eq!(clause(&check(&project, name), "t/a/unique")["measured"], 1, "{name}");
    }
    let mut child = command(project.path())
        .args(["check", "t", "-", "--input", "arrow", "--format", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&stream).unwrap();
    let mut text = String::new();
    child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(crate::support::wait(&mut child).code(), Some(1));
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(clause(&report, "t/a/unique")["measured"], 1);
    assert_eq!(clause(&report, "t/a/unique")["samples"][0]["file"], "standard input");
    project.run(&["check", "t", "-"]).expect(2);
}

#[test]
fn columns_of_a_hive_path_are_columns() {
    let columns = "- { name: country, logicalType: string, partitioned: true, enum: [{ value: DE }, { value: SE }] }\n\
        - { name: day, logicalType: date, partitioned: true, required: true }\n\
        - { name: id, logicalType: integer, unique: true }";
    let more = "quality:\n  - { id: de, type: sql, query: \"select count(*) from {table} where country = 'DE' and day = date '2026-01-02'\", mustBe: 2 }";
    let project = Project::new(&[("t", &contract("1.0.0", columns, more))]);
    let write = |folder: &str, ids: ArrayRef| {
        project.parquet(&format!("in/{folder}/part.parquet"), vec![("id", ids)]);
    };
    write("country=DE/day=2026-01-02", longs([1, 2]));
    write("country=SE/day=2026-01-03", longs([3, 4]));
    let report = check(&project, "in");
    assert_eq!(report["verdict"], "passed", "{report:#}");
    assert_eq!(clause(&report, "t/de")["measured"], 2);
    assert_eq!(project.publish("in")["outcome"], "released");
    let rows = project.query("select country, count(*) as n from t.t group by country order by 1");
    assert_eq!(rows, json!([{"country": "DE", "n": 2}, {"country": "SE", "n": 2}]));
    write("country=FR/day=__HIVE_DEFAULT_PARTITION__", longs([4]));
    let report = check(&project, "in");
    assert_eq!(clause(&report, "t/country/enum")["failing_rows"], 1);
    assert_eq!(clause(&report, "t/day/required")["failing_rows"], 1);
    assert_eq!(clause(&report, "t/id/unique")["measured"], 1);
    write("country=FR/day=soon", longs([5]));
    let readable = clause(&check(&project, "in"), "t/readable").clone();
    assert!(
        readable["reason"].as_str().unwrap().contains("day=soon in the path is not of type date")
    );
}

#[test]
fn a_delta_table_is_delivered_as_its_log_says() {
    let project = Project::of_columns("- { name: a, logicalType: integer, primaryKey: true }");
    for values in [vec![1, 2], vec![3]] {
        project.parquet("a.parquet", vec![("a", longs(values))]);
        project.publish("a.parquet");
    }
    let report = check(&project, "warehouse/t/v1/t");
    assert_eq!((&report["tables"][0]["rows"], &report["verdict"]), (&json!(1), &json!("passed")));
}

#[test]
fn quarantine_sets_failing_rows_apart_with_the_clauses_that_they_fail() {
    let columns = "- { name: id, logicalType: integer, unique: true }\n\
        - { name: word, logicalType: string, required: true, logicalTypeOptions: { maxLength: 2 } }";
    let project = Project::of_columns(columns);
    project.parquet(
        "in/a.parquet",
        vec![
            ("id", longs([1, 2, 2, 4])),
            ("word", texts([Some("a"), None, Some("abc"), Some("b")])),
        ],
    );
    project.parquet(
        "in/b.parquet",
        vec![("id", longs([4, 9])), ("word", texts([Some("c"), Some("d")]))],
    );
    project.run(&["check", "t", "in", "--quarantine", "bad", "--pass", "good"]).expect(1);
    let profile = |file: &str| project.run(&["profile", file, "--format", "json"]).expect(0).json();
    assert_eq!(profile("good/t")["rows"], 3);
    let bad = profile("bad/t/0-a.parquet");
    assert_eq!(bad["rows"], 2);
    let names: Vec<&str> =
        bad["columns"].as_array().unwrap().iter().map(|c| c["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["id", "word", "pactum_clauses", "pactum_file", "pactum_row"]);
    let file = std::fs::File::open(project.path().join("bad/t/0-a.parquet")).unwrap();
    let mut reader =
        parquet::arrow::arrow_reader::ParquetRecordBatchReader::try_new(file, 100).unwrap();
    let batch = reader.next().unwrap().unwrap();
    let text = arrow::util::pretty::pretty_format_batches(&[batch]).unwrap().to_string();
    assert!(
        text.contains("[t/word/required]") && text.contains("[t/id/unique, t/word/maxLength]"),
        "{text}"
    );
    assert_eq!(profile("bad/t/1-b.parquet")["rows"], 1);
}

#[test]
fn infer_drafts_what_lints_clean_and_its_own_data_keep() {
    let project = Project::of_columns("- { name: a, logicalType: integer }");
    let ids = longs(1..=200);
    let codes: Vec<String> = (0..200).map(|n| format!("course-{n:05}")).collect();
    let codes: ArrayRef = Arc::new(StringArray::from_iter_values(codes));
    let kinds: Vec<Option<&str>> = (0..200).map(|n| Some(["x", "y"][n % 2])).collect();
    let scores: ArrayRef = Arc::new(arrow::array::Float64Array::from_iter_values(
        (0..200).map(|n| f64::from(n) / 200.0),
    ));
    let emails: Vec<String> = (0..200).map(|n| format!("person{n}@example.org")).collect();
    let emails: ArrayRef = Arc::new(StringArray::from_iter_values(emails));
    let gaps: ArrayRef =
        Arc::new(Int64Array::from_iter((0..200).map(|n| (n % 3 > 0).then_some(n))));
    project.parquet(
        "scores.parquet",
        vec![
            ("id", ids),
            ("course", codes),
            ("kind", texts(kinds)),
            ("score", scores),
            ("contact", emails),
            ("gaps", gaps),
        ],
    );
    let draft = project.run(&["infer", "scores.parquet"]).expect(0).stdout;
    insta::assert_snapshot!("infer", draft);
    assert!(!draft.contains("example.org"));
    project.write("contracts/scores.odcs.yaml", &draft);
    project.run(&["lint", "contracts/scores.odcs.yaml"]).expect(0);
    project.run(&["check", "scores", "scores.parquet"]).expect(0);
    project.write(
        "people.csv",
        "id,born,active,weight,city\n1,2001-02-03,true,70.5,Oslo\n2,1999-12-31,false,81,Rome\n",
    );
    let draft = project.run(&["infer", "people.csv"]).expect(0).stdout;
    for words in
        ["logicalType: integer", "logicalType: date", "logicalType: boolean", "logicalType: number"]
    {
        assert!(draft.contains(words), "{words}: {draft}");
    }
    project.write("contracts/people.odcs.yaml", &draft);
    project.run(&["check", "people", "people.csv"]).expect(0);
}

#[test]
fn profile_shows_the_same_numbers_as_a_table_and_as_a_page() {
    let project = Project::of_columns("- { name: a, logicalType: integer }");
    let words = texts([Some("<b>"), Some("x"), None]);
    project.parquet("a.parquet", vec![("a", longs([1, 2, 4])), ("word", words)]);
    let human = project.run(&["profile", "a.parquet"]).expect(0).stdout;
    insta::assert_snapshot!("profile", human);
    let page = project.run(&["profile", "a.parquet", "--format", "html"]).expect(0).stdout;
    assert!(page.contains("&lt;b&gt;") && !page.contains("<b>") && !page.contains("<script"));
}

#[test]
fn a_sorted_publish_keeps_columns_of_a_path_in_their_places() {
    let columns = "- { name: country, logicalType: string }\n\
        - { name: id, logicalType: string, primaryKey: true }\n\
        - { name: city, logicalType: string }";
    let project = Project::of_columns(columns);
    project.parquet(
        "in/country=NO/a.parquet",
        vec![
            ("id", texts([Some("b"), Some("a")])),
            ("city", texts([Some("Oslo"), Some("Bergen")])),
        ],
    );
    assert_eq!(project.publish("in")["outcome"], "released");
    let rows = project.query("select country, id, city from t.t order by id");
    assert_eq!(rows[0], json!({"country": "NO", "id": "a", "city": "Bergen"}));
    // A column in some files and in the paths of others is refused, not NULL.
    project.parquet(
        "in/country=SE/a.parquet",
        vec![("country", texts([Some("SE")])), ("id", texts([Some("c")])), ("city", texts([None]))],
    );
    let report = project.check("in");
    assert_eq!(report["verdict"], "passed", "each file by itself is sound: {report:#}");
    let run = project.run(&["publish", "t", "t=in"]).expect(1);
    assert!(run.stderr.contains("in the path of some files"), "{}", run.stderr);
}

#[test]
fn a_reserved_column_cannot_keep_another_from_being_tested() {
    let project = Project::of_columns("- { name: a, required: true }");
    let none: ArrayRef = Arc::new(Int64Array::from(vec![None]));
    project.parquet("a.parquet", vec![("a", none), ("__pactum_unparsed__a", texts([Some("x")]))]);
    let report = project.check("a.parquet");
    let readable = clause(&report, "t/readable");
    assert!(readable["reason"].as_str().unwrap().contains("reserved"), "{readable}");
}

#[test]
fn a_passing_row_is_one_that_is_known_to_pass() {
    let columns = "- { name: k, logicalType: integer }\n- { name: a, logicalType: string }";
    let more = "quality:\n  - { id: few, metric: rowCount, mustBeGreaterThan: 100, customProperties: [{ property: where, value: 'k < 2' }] }\n\
        \x20 - { id: twice, metric: duplicateValues, mustBe: 0, severity: warning, arguments: { properties: [k] }, customProperties: [{ property: where, value: 'k > 2' }] }";
    let project = Project::new(&[("t", &contract("1.0.0", columns, more))]);
    let words = || texts([Some("x"), Some("y"), Some("z")]);
    project.parquet("a.parquet", vec![("k", longs([1, 2, 3])), ("a", words())]);
    // No row is to blame for too few rows.
    project.run(&["check", "t", "a.parquet", "--quarantine", "bad", "--pass", "good"]).expect(1);
    assert!(!project.path().join("bad").exists());
    assert!(project.path().join("good/t/0-a.parquet").exists());
    project.parquet("a.parquet", vec![("k", longs([1, 3, 3])), ("a", words())]);
    let run = project.run(&["check", "t", "a.parquet", "--quarantine", "bad", "--pass", "more"]);
    assert!(run.expect(1).stderr.contains("t/twice"));
    assert!(!project.path().join("more").exists());
}

#[test]
fn infer_reads_zones_lists_and_paths() {
    let project = Project::of_columns("- { name: a, logicalType: integer }");
    project.write("zoned.csv", "id,at\n1,2026-01-31 12:00:00+00:00\n2,2026-02-01T00:00:00Z\n");
    project.write(
        "lists.ndjson",
        "{\"id\": \"007\", \"tags\": [1, 2], \"at\": {\"x\": 1.5}}\n{\"id\": \"1001\", \"tags\": [], \"at\": null}\n",
    );
    project.parquet("months/month=2/a.parquet", vec![("a", longs([1, 2]))]);
    project.parquet("months/month=3/a.parquet", vec![("a", longs([3]))]);
    for (files, name, words) in [
        ("zoned.csv", "zoned", "logicalType: timestamp"),
        ("lists.ndjson", "lists", "logicalType: array"),
        ("months", "months", "name: month"),
    ] {
        let draft = project.run(&["infer", files]).expect(0).stdout;
        assert!(draft.contains(words), "{draft}");
        assert!(!draft.contains("timezone: false"), "{draft}");
        project.write(&format!("contracts/{name}.odcs.yaml"), &draft);
        let report = project.run(&["check", name, files, "--format", "json"]).json();
        assert_eq!(report["verdict"], "passed", "{draft}\n{report:#}");
    }
    // An undeclared column of the path is not lost silently.
    project.parquet("plain/year=1/a.parquet", vec![("a", longs([1]))]);
    let report = project.check("plain");
    assert_eq!(
        clause(&report, "t/additionalColumns")["reason"],
        "undeclared: 'year'; declare or drop them"
    );
}

#[test]
fn nested_numbers_of_json_are_not_cut_and_dates_are_read_whole() {
    let project = Project::of_columns(
        "- { name: tags, logicalType: array, items: { logicalType: integer } }\n\
         - { name: day, logicalType: date }\n\
         - { name: small, logicalType: integer, logicalTypeOptions: { format: u8 } }",
    );
    let text = "{\"tags\": [1, 2], \"day\": \"2026-01-05\", \"small\": 200}\n\
                {\"tags\": [1.9], \"day\": \"2026-1-5\", \"small\": 300}\n\
                {\"tags\": [\"5\"]}\n";
    project.write("a.ndjson", text);
    let report = check(&project, "a.ndjson");
    assert_eq!(clause(&report, "t/tags/logicalType")["failing_rows"], 2);
    rows(&report, "t/day/logicalType", &[(1, json!("2026-1-5"))]);
    rows(&report, "t/small/logicalType", &[(1, json!("300"))]);
    assert_eq!(clause(&report, "t/small/format")["verdict"], "passed");
}

/// Serves one file to any client, until the test ends.
fn serve(bytes: Vec<u8>) -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = [0; 4096];
            let read = stream.read(&mut request).unwrap();
            let asked = String::from_utf8_lossy(&request[..read]).into_owned();
            let (status, body) = match asked.contains("/d/a.parquet ") {
                true => ("200 OK", bytes.as_slice()),
                false => ("404 Not Found", &[][..]),
            };
            let head = format!(
                "HTTP/1.1 {status}\r\nContent-Length: {}\r\nETag: \"1\"\r\nConnection: close\r\n\r\n",
                body.len()
            );
            stream.write_all(head.as_bytes()).unwrap();
            let _ = stream.write_all(body);
        }
    });
    port
}

#[test]
fn files_at_addresses_are_fetched_and_errors_say_what_to_do() {
    let project = Project::of_columns("- { name: a, logicalType: integer, unique: true }");
    project.parquet("d/a.parquet", vec![("a", longs([1, 2, 2]))]);
    let port = serve(std::fs::read(project.path().join("d/a.parquet")).unwrap());
    let address = format!("http://127.0.0.1:{port}/d/a.parquet");
    let report = check(&project, &address);
    let found = clause(&report, "t/a/unique");
    assert_eq!((&found["measured"], &found["samples"][0]["file"]), (&json!(1), &json!(address)));
    let run = project.run(&["check", "t", &format!("http://127.0.0.1:{port}/gone.parquet")]);
    assert!(run.expect(2).stderr.contains("nothing is at this address"));
    let run = project.run(&["check", "t", "http://127.0.0.1:1/a.parquet"]).expect(3);
    assert!(run.stderr.contains("does not answer"), "{}", run.stderr);
    for (address, words) in [
        ("https://user:secret@example.org/a.parquet", "password or a query"),
        ("gs://bucket/a.parquet", "gs:// addresses are not read"),
    ] {
        let run = project.run(&["check", "t", address]).expect(2);
        assert!(run.stderr.contains(words) && !run.stderr.contains("secret"), "{}", run.stderr);
    }
}
