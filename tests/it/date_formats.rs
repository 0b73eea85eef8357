//! Formats of dates, times and timestamps: what cannot match is said before any file is read, and a
//! text that is not read says how it would have to be.

use serde_json::Value;

use crate::support::{Project, clause};

fn of(logical: &str, options: &str) -> Project {
    Project::of_columns(&format!(
        "- {{ name: id, logicalType: integer, primaryKey: true }}\n\
         - {{ name: x, logicalType: {logical}, logicalTypeOptions: {{ {options} }} }}"
    ))
}

/// The exit code of lint, the severity of what it says of the format, its words and its hint.
fn linted(logical: &str, options: &str, api: &str) -> (i32, String, String, String) {
    let project = of(logical, options);
    let path = project.path().join("contracts/t.odcs.yaml");
    let text = std::fs::read_to_string(&path).unwrap().replace("v3.2.0", api);
    std::fs::write(&path, text).unwrap();
    let run = project.run(&["lint", "--format", "json"]);
    let report = run.json();
    let mut found = report["diagnostics"].as_array().unwrap().iter();
    let found =
        found.find(|d| d["code"] == "L046" || d["message"].to_string().contains("format '"));
    let of = |key: &str| found.map_or("", |d| d[key].as_str().unwrap()).to_owned();
    (run.code, of("severity"), of("message"), of("hint"))
}

#[test]
fn a_format_that_cannot_match_is_an_error_that_says_what_the_type_lacks() {
    for (logical, format, lack, hint) in [
        ("date", "yyyy-MM-dd HH:mm:ss", "is of a timestamp", "write logicalType: timestamp"),
        ("date", "HH:mm:ss", "is of a time", "write logicalType: time"),
        ("date", "yyyy-MM-ddXXX", "it has an offset", "a format such as yyyy-MM-dd"),
        ("date", "yyyy-MM", "it does not say year, month and day", "such as yyyy-MM-dd"),
        ("time", "yyyy-MM-dd HH:mm", "it has a date", "write logicalType: timestamp"),
        ("time", "yyyy-MM-dd", "it has a date", "write logicalType: date"),
        ("timestamp", "HH:mm:ss", "it does not say year, month and day", "write logicalType: time"),
    ] {
        let (code, severity, message, found) =
            linted(logical, &format!("format: '{format}'"), "v3.2.0");
        assert_eq!((code, severity.as_str()), (1, "error"), "{logical} {format}: {message}");
        assert!(message.contains(lack), "{logical} {format}: {message}");
        assert!(found.contains(hint), "{logical} {format}: {found}");
    }
    // A physical type may say that the date is a timestamp.
    let project = of("date", "format: yyyy-MM-dd HH:mm:ss");
    let path = project.path().join("contracts/t.odcs.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("date,", "date, physicalType: timestamp,")).unwrap();
    let said = project.run(&["lint"]).expect(0).stdout;
    assert!(said.contains("write logicalType: timestamp"), "{said}");
    // In 3.0 a date is any point in time.
    for format in ["yyyy-MM-dd HH:mm:ss", "HH:mm:ss", "yyyy-MM-dd"] {
        let (_, severity, message, _) = linted("date", &format!("format: '{format}'"), "v3.0.2");
        assert_eq!((severity.as_str(), message.as_str()), ("", ""), "{format}");
    }
}

#[test]
fn letters_of_other_languages_get_a_warning_with_those_of_the_jdk_which_lint_clean() {
    for (logical, format, right) in [
        ("date", "YYYY-MM-DD", "yyyy-MM-dd"),
        ("date", "yyyy-mm-dd", "yyyy-MM-dd"),
        ("date", "DD/MM/YY", "dd/MM/yy"),
        ("date", "%Y-%m-%d", "yyyy-MM-dd"),
        ("timestamp", "yyyy-MM-ddTHH:mm:ssXXX", "yyyy-MM-dd'T'HH:mm:ssXXX"),
        ("timestamp", "%Y-%m-%dT%H:%M:%S%z", "yyyy-MM-dd'T'HH:mm:ssXXX"),
        ("time", "HH24:MI:SS", "HH:mm:ss"),
        ("time", "hh:mm", "HH:mm"),
    ] {
        let quoted = |format: &str| format!("format: '{}'", format.replace('\'', "''"));
        let (code, severity, message, hint) = linted(logical, &quoted(format), "v3.2.0");
        assert_eq!((code, severity.as_str()), (0, "warning"), "{format}: {message}");
        assert_eq!(hint, format!("write {right}"), "{format}");
        let (code, severity, message, _) = linted(logical, &quoted(right), "v3.2.0");
        assert_eq!((code, severity.as_str()), (0, ""), "{right}: {message}");
    }
    let (code, severity, _, hint) = linted("timestamp", "format: date-time", "v3.2.0");
    assert_eq!((code, severity.as_str()), (0, "warning"));
    assert!(hint.contains("leave the format out"), "{hint}");
    let (code, severity, message, _) = linted("date", "format: quarter", "v3.2.0");
    assert_eq!((code, severity.as_str()), (0, "warning"));
    assert!(message.contains("'q' of the format is not supported"), "{message}");
}

#[test]
fn a_format_without_an_offset_cannot_give_instants_and_lint_says_what_would() {
    let format = "format: 'yyyy-MM-dd HH:mm'";
    let (code, severity, message, hint) = linted("timestamp", format, "v3.2.0");
    assert_eq!((code, severity.as_str()), (0, "warning"), "{message}");
    assert!(hint.contains("timezone: false or defaultTimezone"), "{hint}");
    for more in ["timezone: false", "defaultTimezone: Europe/Berlin"] {
        let (_, severity, message, _) = linted("timestamp", &format!("{format}, {more}"), "v3.2.0");
        assert_eq!(severity, "", "{message}");
    }
    let offset = "format: 'yyyy-MM-dd HH:mmXXX', timezone: false";
    assert_eq!(linted("timestamp", offset, "v3.2.0").1, "warning");
}

#[test]
fn no_format_and_no_text_end_a_check() {
    let texts = ["2026-01-31 00:00:00", "2026-01-31", "31.01.2026", "12:00", "x", "", "NULL"];
    let rows: String = texts.iter().enumerate().map(|(n, t)| format!("{n},{t}\n")).collect();
    for format in [
        "yyyy-MM-dd HH:mm:ss",
        "HH:mm:ss",
        "yyyy-MM-dd",
        "dd.MM.yyyy",
        "hh:mm a",
        "XXX",
        "QQQ",
        "MMM d",
    ] {
        for logical in ["date", "time", "timestamp"] {
            let project = of(logical, &format!("format: '{format}'"));
            project.write("a.csv", &format!("id,x\n{rows}"));
            let lines = texts.iter().enumerate();
            let lines: String =
                lines.map(|(n, t)| format!("{{\"id\":{n},\"x\":\"{t}\"}}\n")).collect();
            project.write("a.ndjson", &lines);
            for file in ["a.csv", "a.ndjson"] {
                let run = project.run(&["check", "t", file, "--format", "json"]);
                assert_eq!(run.code, 1, "{logical} {format} {file}: {}", run.stderr);
                let report = run.json();
                // Lint errors come first.
                if report["error"].is_object() {
                    continue;
                }
                let found = clause(&report, "t/x/logicalType");
                assert_eq!(found["verdict"], "failed", "{logical} {format} {file}: {found:#}");
            }
            // The path of a file is a text too.
            project.write("in/x=31.01.2026/a.csv", "id\n1\n");
            let run = project.run(&["check", "t", "in"]);
            assert!((0..2).contains(&run.code), "{logical} {format}: {}", run.stderr);
        }
    }
}

#[test]
fn a_text_that_is_not_read_names_the_format() {
    let reason = |logical: &str, options: &str| -> Value {
        let project = of(logical, options);
        project.write("a.csv", "id,x\n1,zzz\n");
        let report = project.check("a.csv");
        clause(&report, "t/x/logicalType")["reason"].clone()
    };
    assert_eq!(reason("date", "format: dd.MM.yyyy"), "texts are read in the format dd.MM.yyyy");
    assert_eq!(
        reason("date", "minimum: '2026-01-01'"),
        "texts are read as ISO 8601, such as 2026-01-31"
    );
    let unread = reason("date", "format: YYYY-MM-DD");
    assert_eq!(unread, "no text can be read: 'YYYY' of the format is not supported");
    let zone = reason("timestamp", "format: 'yyyy-MM-dd HH:mm'");
    assert!(zone.as_str().unwrap().contains("write defaultTimezone or timezone: false"), "{zone}");
    let project = of("date", "format: dd.MM.yyyy");
    project.write("in/x=2026-01-31/a.csv", "id\n1\n");
    let said = project.run(&["check", "t", "in"]).expect(1).stdout;
    assert!(
        said.contains("x=2026-01-31 in the path is not of type date in the format dd.MM.yyyy"),
        "{said}"
    );
}
