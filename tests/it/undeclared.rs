//! Parameters that a query uses and its header does not declare: the line that declares them has the type
//! that the query shows, and works.

use crate::support::{Project, contract, longs, texts};

const COLUMNS: &str = "- { name: id, logicalType: integer }
- { name: price, logicalType: number }
- { name: day, logicalType: date }
- { name: name, logicalType: string }";

fn released() -> Project {
    let project = Project::new(&[("t", &contract("1.0.0", COLUMNS, ""))]);
    project.parquet("t.parquet", vec![("id", longs([1, 2])), ("name", texts([Some("x"), None]))]);
    assert_eq!(project.publish("t.parquet")["outcome"], "released");
    project
}

/// The code in a hint.
fn code(hint: &str) -> &str {
    hint.split('`').nth(1).unwrap_or_else(|| panic!("no code in '{hint}'"))
}

#[test]
fn the_line_has_the_type_of_what_a_parameter_is_compared_with() {
    let project = released();
    for (condition, of) in [
        ("id = $p", "bigint"),
        ("price > $p", "double"),
        ("day >= $p", "date"),
        ("name like $p", "varchar"),
        ("$p is null", "varchar"),
        ("id > 0 limit $p", "bigint"),
    ] {
        let query = format!("select id from t.t where {condition}\n");
        project.write("sql/c.sql", &format!("-- owner: x\n{query}"));
        let run = project.run(&["lint", "--format", "json"]).expect(1).json();
        let found = run["diagnostics"].as_array().unwrap();
        let undeclared = found.iter().find(|one| one["code"] == "C002").unwrap();
        let hint = undeclared["hint"].as_str().unwrap().to_owned();
        let line = format!("-- params: {{p: {{type: {of}, required: true}}}}");
        assert_eq!(hint, format!("add the line `{line}`"), "{condition}");
        // Asked, the query says the same, with a value for it and without one.
        for given in [&["query", "c"][..], &["query", "c", "-p", "p=1"]] {
            let asked = project.run(&[given, &["--format", "json"]].concat()).expect(2).json();
            assert_eq!(asked["error"]["message"], "parameter '$p' is not declared");
            assert_eq!(asked["error"]["hint"], hint, "{condition}");
        }
        project.write("sql/c.sql", &format!("-- owner: x\n{line}\n{query}"));
        project.run(&["lint"]).expect(0);
    }
}

#[test]
fn a_file_of_sql_with_a_header_is_told_the_same() {
    let project = released();
    let query = "select id from t.t where id = $a or id = $b\n";
    project.write("q.sql", &format!("-- owner: x\n-- params: {{}}\n{query}"));
    let ask = ["query", "-f", "q.sql", "-p", "a=1", "-p", "b=2", "--format", "json"];
    let error = project.run(&ask).expect(2).json();
    let hint = error["error"]["hint"].as_str().unwrap().to_owned();
    project.write("q.sql", &format!("-- owner: x\n{}\n{query}", code(&hint)));
    assert_eq!(project.run(&ask).expect(0).json().as_array().unwrap().len(), 2);
}

#[test]
fn what_a_consumer_neither_declares_nor_uses_is_not_its_parameter() {
    let project = released();
    project.write("sql/c.sql", "-- owner: x\nselect id from t.t\n");
    let run = project.run(&["query", "c", "-p", "n=1"]).expect(2);
    assert!(run.stderr.contains("consumer 'c' has no parameter 'n'"), "{}", run.stderr);
    assert!(run.stderr.contains("it has no parameters"), "{}", run.stderr);
}
