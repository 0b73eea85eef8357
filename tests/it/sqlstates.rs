//! Errors of queries: the SQLSTATE that PostgreSQL gives, the place in the reader's text, SQL's words.

use pactum::error::SqlState;
use serde_json::Value;

use crate::door::Door;
use crate::support::{Project, root};

const CONTRACT: &str = "\
apiVersion: v3.1.0
kind: DataContract
id: s
name: s
version: 1.0.0
status: active
schema:
  - name: t
    properties:
      - {name: id, logicalType: integer, physicalType: bigint, required: true, primaryKey: true, primaryKeyPosition: 1}
      - {name: n, logicalType: integer, physicalType: integer}
      - {name: name, logicalType: string, physicalType: text}
      - {name: at, logicalType: timestamp, logicalTypeOptions: {timezone: false}}
      - {name: seen, logicalType: timestamp, physicalType: timestamptz}
      - {name: day, logicalType: date, physicalType: date}
      - {name: price, logicalType: number, physicalType: \"numeric(10,2)\"}
      - {name: score, logicalType: number, physicalType: double}
      - {name: ok, logicalType: boolean, physicalType: boolean}
  - name: u
    properties:
      - {name: id, logicalType: integer, physicalType: bigint, required: true, primaryKey: true, primaryKeyPosition: 1}
      - {name: t_id, logicalType: integer, physicalType: bigint}
      - {name: name, logicalType: string, physicalType: text}
";

const T: &str = "\
id,n,name,at,seen,day,price,score,ok
1,1,a,2024-01-01 10:00:00,2024-01-01 10:00:00Z,2024-01-01,1.50,0.5,true
2,2,b,2024-01-02 10:00:00,2024-01-02 10:00:00Z,2024-01-02,2.50,1.5,false
3,0,c,2024-01-03 10:00:00,2024-01-03 10:00:00Z,2024-01-03,3.50,,
";

const U: &str = "id,t_id,name\n1,1,x\n2,1,y\n3,2,z\n";

fn released() -> Project {
    let project = Project::new(&[("s", CONTRACT)]);
    project.write("t.csv", T);
    project.write("u.csv", U);
    project.run(&["publish", "s", "t=t.csv", "u=u.csv"]).expect(0);
    project
}

/// One line of the table: PostgreSQL's state, ours where it is another one, our place, the statement.
struct Line<'a> {
    ours: &'a str,
    place: Option<(usize, usize)>,
    statement: &'a str,
}

fn line(text: &str) -> Line<'_> {
    let (states, rest) = text.split_once(' ').unwrap();
    let (place, statement) = rest.split_once(' ').unwrap();
    let place = place.split_once(':').map(|(l, c)| (l.parse().unwrap(), c.parse().unwrap()));
    Line { ours: states.split('/').next_back().unwrap(), place, statement }
}

/// Words that no reader should see.
const FOREIGN: &[&str] = &[
    "Int32",
    "Int64",
    "Utf8",
    "Float64",
    "Decimal128",
    "Timestamp(",
    "Interval(",
    "List(",
    "Date32",
    " { ",
    "lhs_type",
    "OuterReference",
    "ast node",
    "Expr::",
    "backtrace",
    "physical plan",
    "\u{1f}",
    ".parquet",
];

#[test]
fn every_wrong_statement_has_its_sqlstate_and_its_place() {
    let project = released();
    let door = Door::open(project.path());
    let text = std::fs::read_to_string(root().join("tests/sqlstates.txt")).unwrap();
    let lines: Vec<Line<'_>> =
        text.lines().filter(|l| !l.is_empty() && !l.starts_with('#')).map(line).collect();
    assert!(lines.len() >= 80, "{} statements", lines.len());
    let mut wrong = Vec::new();
    for Line { ours, place, statement } in &lines {
        let Err(error) = door.ask(statement) else {
            wrong.push(format!("{statement}: answered"));
            continue;
        };
        let (state, found) = (error.sqlstate().code(), error.mark().map(|(start, _)| start));
        if (state, found) != (*ours, *place) {
            wrong.push(format!("{statement}: {state} at {found:?}: {error}"));
        }
        let words = format!("{} {}", error.message(), error.next_step().unwrap_or_default());
        if let Some(word) = FOREIGN.iter().find(|word| words.contains(**word)) {
            wrong.push(format!("{statement}: says {word}: {words}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn error(project: &Project, sql: &str) -> Value {
    let run = project.run(&["query", sql, "--format", "json"]);
    assert_ne!(run.code, 0, "{sql}: {}", run.stdout);
    run.json()["error"].clone()
}

#[test]
fn the_command_line_tells_the_state_and_the_place_in_the_readers_text() {
    let project = released();
    let told = error(&project, "select id,\n  \"Name\", nam from s.t");
    assert_eq!((&told["sqlstate"], &told["where"]), (&"42703".into(), &"query:2:11".into()));
    // Characters count, not bytes.
    let told = error(&project, "select 'é', idd from s.t");
    assert_eq!((&told["sqlstate"], &told["where"]), (&"42703".into(), &"query:1:13".into()));
    project.write("report.sql", "select id\nfrom s.t\nwhere nme = 'a'");
    let run = project.run(&["query", "-f", "report.sql", "--format", "json"]).expect(2);
    assert_eq!(run.json()["error"]["where"], "report.sql:3:7");
    let run = project.run(&["query", "select 1 +"]).expect(2);
    assert!(run.stderr.contains("syntax error at end of input"), "{}", run.stderr);
    assert!(run.stderr.contains("query:1:11"), "{}", run.stderr);
    let told = error(&project, "insert into s.t values (1)");
    assert_eq!(told["sqlstate"], "25006");
    let told = error(&project, "select 1 where $x > 1");
    assert_eq!((&told["sqlstate"], &told["where"]), (&"42P02".into(), &"query:1:16".into()));
    // What only rows tell has no place.
    let told = error(&project, "select id / n from s.t");
    assert_eq!((&told["sqlstate"], &told["where"]), (&"22012".into(), &Value::Null));
}

#[test]
fn commands_without_sql_have_states_too() {
    let project = released();
    let run = project.run(&["check", "s", "t=nowhere.csv", "--format", "json"]).expect(2);
    assert_eq!(run.json()["error"]["sqlstate"], "58P01");
}

#[test]
fn a_file_that_is_gone_is_told_with_its_release_and_table() {
    let project = released();
    let folder = project.path().join("warehouse/s/v1/u");
    let data = std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path());
    let data = data.filter(|p| p.extension().is_some_and(|e| e == "parquet"));
    data.for_each(|path| std::fs::remove_file(path).unwrap());
    let told = error(&project, "select count(*) from s.t join s.u on t.id = u.t_id");
    assert_eq!(told["sqlstate"], "XX001");
    let message = told["message"].as_str().unwrap();
    assert!(message.starts_with("table 's.u' of release 1: "), "{message}");
    assert!(!message.contains(".parquet"), "{message}");
    // The operator of the command line needs the path.
    assert!(told["where"].as_str().unwrap().contains("warehouse"), "{told}");
    // To readers who have no access to files, none is told.
    let door = Door::open(project.path());
    let told = door.ask("select name from s.u").err().unwrap().for_readers();
    assert_eq!(told.place(), None);
    assert!(!told.to_string().contains("warehouse"), "{told}");
}

#[test]
fn an_explained_plan_names_no_file() {
    let project = released();
    for sql in [
        "explain select * from s.t where id > 1 order by n",
        "explain analyze select * from s.t where name = 'a'",
        "explain verbose select t.id from s.t join s.u on t.id = u.t_id",
        "explain analyze verbose select sum(n) from s.t where id > 1",
    ] {
        let run = project.run(&["query", sql, "--format", "json"]).expect(0);
        let folder = project.path().to_str().unwrap().trim_start_matches('/');
        for word in [".parquet", folder, "Int64(", "Utf8("] {
            assert!(!run.stdout.contains(word), "{sql}: {word} in {}", run.stdout);
        }
        assert!(run.stdout.contains("file_groups={1 group}"), "{sql}: {}", run.stdout);
    }
}

#[test]
fn the_page_of_errors_lists_every_state() {
    let page = std::fs::read_to_string(root().join("docs/errors.md")).unwrap();
    for state in SqlState::ALL {
        let row = format!("| {} | {} | ", state.code(), state.name());
        assert!(page.contains(&row), "{row}");
    }
}
