//! Input that swallows input: text that would read as fewer rows, or as other values, than it holds.

use std::io::{Read, Write};
use std::process::Stdio;

use serde_json::{Value, json};

use crate::support::{Project, clause, command, times};

const COLUMNS: &str = "- { name: id, logicalType: integer }\n- { name: word, logicalType: string }";

fn project() -> Project {
    Project::of_columns(COLUMNS)
}

/// Why a file cannot be read, by `check`; nothing of it may be published.
#[track_caller]
fn refused(project: &Project, file: &str, words: &str) {
    let report = project.check(file);
    let readable = clause(&report, "t/readable");
    assert_eq!(readable["verdict"], "failed", "{file}: {report:#}");
    let reason = readable["reason"].as_str().unwrap();
    assert!(reason.contains(words), "{file}: {reason}");
    let run = project.run(&["publish", "t", &format!("t={file}")]).expect(1);
    assert!(run.stdout.contains(words) || run.stderr.contains(words), "{file}: {run:?}");
    assert!(!project.path().join("warehouse/t/_ledger").exists(), "{file}");
}

#[track_caller]
fn read(project: &Project, file: &str) -> Value {
    let report = project.check(file);
    assert_eq!(clause(&report, "t/readable")["verdict"], "passed", "{file}: {report:#}");
    report["tables"][0]["rows"].clone()
}

#[test]
fn a_quote_that_is_never_closed_fails_at_its_line_and_not_a_row_is_released() {
    let project = project();
    let line = |n: usize| match n {
        500 => "500,\"never closed\n".to_owned(),
        n => format!("{n},w\n"),
    };
    let text: String = (1..=1000).map(line).collect();
    project.write("a.csv", &format!("id,word\n{text}"));
    refused(&project, "a.csv", "line 501");
    project.write("a.tsv", &format!("id,word\n{text}").replace(',', "\t"));
    refused(&project, "a.tsv", "line 501");
    // A quote that is closed much later swallows the text between.
    let line = |n: usize| match n {
        300 | 700 => format!("{n},\"open\n"),
        n => format!("{n},w\n"),
    };
    let text: String = (1..=1000).map(line).collect();
    project.write("b.csv", &format!("id,word\n{text}"));
    refused(&project, "b.csv", "line 301: a field in quotes has more than 100 lines");
    for command in ["profile", "infer"] {
        let run = project.run(&[command, "a.csv"]).expect(1);
        assert!(run.stderr.contains("line 501"), "{command}: {run:?}");
    }
    // The last field of the last line, and the header.
    project.write("c.csv", "id,word\n1,a\n2,\"");
    refused(&project, "c.csv", "line 3");
    project.write("d.csv", "id,\"word\n1,a\n2,b\n");
    refused(&project, "d.csv", "line 1");
}

#[test]
fn texts_of_several_lines_are_read_up_to_the_limit_of_a_flag() {
    let project = project();
    let verse: String = (0..99).map(|n| format!("line {n}\r\n")).collect();
    project.write("a.csv", &format!("id,word\n1,\"{verse}\"\n2,b\n"));
    assert_eq!(read(&project, "a.csv"), 2);
    let long: String = (0..150).map(|n| format!("line {n}\n")).collect();
    project.write("b.csv", &format!("id,word\n1,\"{long}\"\n2,b\n"));
    refused(&project, "b.csv", "--csv-field-lines");
    for command in [
        &["check", "t", "b.csv"][..],
        &["publish", "t", "t=b.csv"],
        &["profile", "b.csv"],
        &["infer", "b.csv"],
    ] {
        let arguments = [command, &["--csv-field-lines", "151"]].concat();
        project.run(&arguments).expect(0);
    }
    assert_eq!(project.query("select count(*) n, max(id) m from t.t"), json!([{"n": 2, "m": 2}]));
    project.run(&["check", "t", "b.csv", "--csv-field-lines", "0"]).expect(2);
}

#[test]
fn text_is_read_as_the_standard_says_or_fails_with_its_line() {
    let project = project();
    for (name, text, words) in [
        ("quote-within.csv", "id,word\n1,a\n2,5\" disk\n", "line 3"),
        ("behind-quote.csv", "id,word\n1,a\n2,\"a\"b\n", "line 3"),
        ("backslash.csv", "id,word\n1,\"say \\\"hi\\\"\"\n", "line 2"),
        ("blank-before-quote.csv", "id,word\n1, \"a,b\"\n", "line 2"),
        ("too-few.csv", "id,word\n1,a\n2\n3,c\n", "line 3"),
        ("too-many.csv", "id,word\n1,a\n2,b,c\n", "line 3"),
        ("lines-count.csv", "id,word\n1,\"a\nb\nc\"\n2\n", "line 5"),
        ("nul.csv", "id,word\n1,a\n2,\0\n", "line 3"),
        ("returns.csv", "id,word\r1,a\r2,b\r", "line 1"),
        ("a-return.csv", "id,word\n1,a\rb\n", "line 2"),
    ] {
        project.write(name, text);
        refused(&project, name, words);
    }
    for (name, bytes) in
        [("little.csv", u16::to_le_bytes as fn(u16) -> [u8; 2]), ("big.csv", u16::to_be_bytes)]
    {
        let text = "\u{feff}id,word\n1,a\n".encode_utf16().flat_map(bytes);
        std::fs::write(project.path().join(name), text.collect::<Vec<u8>>()).unwrap();
        refused(&project, name, "UTF-16");
    }
    std::fs::write(project.path().join("latin.csv"), b"id,word\n1,a\n2,caf\xe9\n").unwrap();
    refused(&project, "latin.csv", "line 3");
    for (name, text, rows) in [
        ("marked.csv", "\u{feff}id,word\n1,a\n", 1),
        ("crlf.csv", "id,word\r\n1,a\r\n2,\"b\r\nc\"\r\n", 2),
        ("mixed.csv", "id,word\r\n1,a\n2,b", 2),
        ("doubled.csv", "id,word\n1,\"\"\"\"\n2,\"a \"\"b\"\", c\"\n3,\"\"\n", 3),
        ("delimiter-last.csv", "id,word\n1,\"a,\"", 1),
        ("blank.csv", "id,word\n\n1,a\n\n\n2,b\n\n", 2),
        ("quoted-header.csv", "\"id\",\"word\"\n1,a\n", 1),
        ("semicolons.csv", "id;word\n1;a,b\n", 1),
        ("tabs.tsv", "id\tword\n1\t\"a\tb\"\n", 1),
    ] {
        project.write(name, text);
        assert_eq!(read(&project, name), rows, "{name}");
    }
}

#[test]
fn an_empty_line_of_a_single_column_is_a_row() {
    let project = Project::of_columns("- { name: word, logicalType: string, required: true }");
    project.write("a.csv", "word\na\n\nb\n");
    let report = project.check("a.csv");
    assert_eq!(report["tables"][0]["rows"], 3);
    assert_eq!(clause(&report, "t/word/required")["samples"][0]["row"], 1);
}

#[test]
fn an_object_with_a_key_twice_fails_at_its_line_wherever_the_key_is() {
    let project = Project::of_columns(
        "- { name: id, logicalType: integer }\n- { name: at, logicalType: object, properties: [{ name: x, logicalType: number }] }",
    );
    for (name, line, words) in [
        ("a.ndjson", r#"{"id": 1, "id": 2}"#, "line 2: key 'id' occurs twice"),
        ("b.ndjson", r#"{"id": 1, "\u0069d": 1}"#, "line 2: key 'id' occurs twice"),
        ("c.ndjson", r#"{"id": 1, "at": {"x": 1, "x": 2}}"#, "within 'at'"),
        ("d.ndjson", r#"{"id": 1, "at": {"x": 1, "\u0078": 2}}"#, "line 2"),
        ("e.ndjson", r#"{"id": 1, "other": [[{"k": {"y": 1, "y": 1}}]]}"#, "within 'other'"),
        ("f.ndjson", r#"{"id": 1}{"id": 2}"#, "line 2"),
        ("g.ndjson", r#"{"id": 1} 2"#, "line 2"),
        ("h.ndjson", r#"{"id": 1,"#, "line 2"),
        ("i.ndjson", "[{\"id\": 1}]", "line 2"),
    ] {
        project.write(name, &format!("{{\"id\": 0}}\n{line}\n"));
        refused(&project, name, words);
        // Undeclared types come from another reader.
        let run = project.run(&["profile", name]).expect(1);
        assert!(run.stderr.contains("line 2"), "{name}: {run:?}");
        // Cut at the end of the file, without a line's end.
        project.write(name, &format!("{{\"id\": 0}}\n{line}"));
        refused(&project, name, words);
    }
    project.write(
        "good.ndjson",
        "\n{\"id\": 1, \"at\": {\"x\": 1}}\n\n{\"at\": {\"x\": 2}, \"id\": 2}",
    );
    assert_eq!(read(&project, "good.ndjson"), 2);
}

/// Runs a command whose standard input is written by `write`, and returns its exit code, what it said
/// and the most memory that it had, in MiB.
fn with_peak(
    project: &Project,
    arguments: &[&str],
    write: impl FnOnce(&mut dyn Write),
) -> (i32, String, u64) {
    let mut child = command(project.path())
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    write(&mut child.stdin.take().unwrap());
    let process = child.id();
    let watcher = std::thread::spawn(move || {
        let mut peak = 0;
        while let Ok(status) = std::fs::read_to_string(format!("/proc/{process}/status")) {
            let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
            let Some(line) = line else { break };
            let now: u64 = line.trim().split(' ').next().unwrap().parse().unwrap();
            peak = peak.max(now);
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        peak >> 10
    });
    let mut said = String::new();
    child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    let code = child.wait().unwrap().code().unwrap_or(-1);
    (code, said, watcher.join().unwrap())
}

#[test]
fn a_line_without_end_is_a_verdict_in_bounded_memory() {
    let project = project();
    let megabytes = times("PACTUM_TEST_LINE_MEGABYTES", 150);
    for (format, begin, filler) in [
        ("csv", "id,word\n1,", b'x'),
        ("csv", "id,word\n1,\"", b'x'),
        ("csv", "id,word\n", b','),
        ("tsv", "id\tword\n1\t", b'x'),
        ("csv", "", b'x'),
        ("ndjson", "{\"id\": 1, \"word\": \"", b'x'),
    ] {
        let arguments = ["check", "t", "-", "--input", format, "--memory-limit", "32MB"];
        let (code, said, peak) = with_peak(&project, &arguments, |stdin| {
            let chunk = vec![filler; 1 << 20];
            stdin.write_all(begin.as_bytes()).unwrap();
            // It may well be refused before all is read.
            let _ = (0..megabytes).try_for_each(|_| stdin.write_all(&chunk));
        });
        assert_eq!(code, 1, "{format} {begin}: {said}");
        assert!(
            said.contains("line") && said.contains("unreadable") || said.contains("readable"),
            "{said}"
        );
        assert!(peak < 160, "{format} {begin}: {peak} MiB");
    }
}
