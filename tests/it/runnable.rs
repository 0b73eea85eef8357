//! What lint and diff approve runs: consumers and rules are planned down to their operators, and what every
//! row would compute is computed once.

use std::time::{Duration, Instant};

use crate::support::{Project, contract};

const COLUMNS: &str = "- { name: id, logicalType: integer }\n\
                       - { name: name, logicalType: string }\n\
                       - { name: at, logicalType: timestamp }";

fn project() -> Project {
    Project::new(&[("t", &contract("1.0.0", COLUMNS, ""))])
}

fn consumer(project: &Project, header: &str, sql: &str) {
    project.write("sql/c.sql", &format!("-- owner: x\n{header}{sql}\n"));
}

#[test]
fn lint_refuses_what_fails_whatever_the_tables_hold() {
    let project = project();
    for (sql, place, words) in [
        ("select 1 / 0 as a", "sql/c.sql:2:", "division by zero"),
        ("select id / 0 as a from t.t", "sql/c.sql:2:", "division by zero"),
        ("select id from t.t where id > 2147483647 + 1", "sql/c.sql:2:", "out of range"),
        ("select id from t.t where name ~ '['", "sql/c.sql:2:", "regular expression"),
        ("select date_trunc('fortnight', at) as a from t.t", "sql/c.sql:2:", "fortnight"),
        ("select id, 'b'::integer as a from t.t", "sql/c.sql:2:12", "integer"),
        (
            "select (select u.id from t.t u where u.id > t.id limit 1) as a from t.t",
            "sql/c.sql:2:",
            "subquery",
        ),
        ("select id from t.t limit -1", "sql/c.sql:2:", "LIMIT"),
        ("select name from t.t where row_number() over () = 1", "sql/c.sql:2:28", "window"),
    ] {
        consumer(&project, "", sql);
        let run = project.run(&["lint"]).expect(1);
        assert!(run.stdout.contains(place) && run.stdout.contains(words), "{sql}: {}", run.stdout);
        let run = project.run(&["query", "c"]);
        assert_ne!(run.code, 0, "{sql} runs: {}", run.stdout);
    }
}

#[test]
fn lint_approves_what_a_value_or_a_condition_keeps_from_failing() {
    let project = project();
    for (header, sql) in [
        ("", "select case when id > 0 then 1 / 0 end as a from t.t"),
        ("", "select coalesce(id, 1 / 0) as a from t.t"),
        ("", "select 10 / id as a, lower(name) as l, date_trunc('day', at) as d from t.t"),
        (
            "-- params:\n--   n: {type: bigint, required: true}\n--   most: {type: integer, default: 10}\n",
            "select id / $n as a from t.t where name like '%' limit $most",
        ),
        (
            "-- params:\n--   unit: {type: varchar, required: true, enum: [month, year]}\n",
            "select date_trunc($unit, at) as a from t.t",
        ),
        (
            "-- params:\n--   ids: {type: 'bigint[]', required: true}\n--   word: {type: varchar}\n",
            "select id from t.t where id = any($ids) and (name ~ $word or $word is null)",
        ),
    ] {
        consumer(&project, header, sql);
        let run = project.run(&["lint"]);
        assert_eq!(run.code, 0, "{sql}: {}", run.stdout);
    }
}

#[test]
fn lint_refuses_rules_that_cannot_run() {
    let rule = |sql: &str| {
        let quality = format!("quality:\n  - {{ id: r, type: sql, query: \"{sql}\", mustBe: 0 }}");
        Project::new(&[("t", &contract("1.0.0", COLUMNS, &quality))])
    };
    rule("select count(*) from t where id > 1").run(&["lint"]).expect(0);
    for sql in ["select 1 / 0", "select count(*) from t where name ~ '['"] {
        let run = rule(sql).run(&["lint"]).expect(1);
        assert!(run.stdout.contains("does not plan"), "{sql}: {}", run.stdout);
    }
}

#[test]
fn endpoints_are_asked_for_names() {
    let project = project();
    let sql = "select id, id + 1,\n  a.id, case when id > 1 then 2 end, count(*) as id\nfrom t.t a group by id";
    consumer(&project, "-- params: {}\n", sql);
    let run = project.run(&["lint"]).expect(0);
    for (place, words) in [
        ("sql/c.sql:3:12", "column 2 of endpoint 'c' has no name"),
        ("sql/c.sql:4:3", "two columns named 'id'"),
        ("sql/c.sql:4:9", "column 4 of endpoint 'c' has no name"),
        ("sql/c.sql:4:38", "two columns named 'id'"),
    ] {
        assert!(
            run.stdout.contains(place) && run.stdout.contains(words),
            "{place}: {}",
            run.stdout
        );
    }
    assert_eq!(run.stdout.matches("[C008]").count(), 4, "{}", run.stdout);
    consumer(&project, "", sql);
    let run = project.run(&["lint"]).expect(0);
    assert!(!run.stdout.contains("C008"), "a file that is not served: {}", run.stdout);
    consumer(&project, "-- params: {}\n", "select id, 1 as one, lower(name) from t.t");
    let run = project.run(&["lint"]).expect(0);
    assert!(!run.stdout.contains("C008"), "{}", run.stdout);
}

#[test]
fn many_consumers_are_linted_in_seconds() {
    let project = project();
    for n in 0..200 {
        project.write(
            &format!("sql/c{n}.sql"),
            &format!(
                "-- owner: x\n-- params:\n--   least: {{type: bigint, default: {n}}}\nselect a.id, max(b.name) as name\n\
                 from t.t a join t.t b using (id) where a.id > $least group by a.id order by 2 limit 10\n"
            ),
        );
    }
    let begun = Instant::now();
    project.run(&["lint"]).expect(0);
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(60), "{took:?}");
}
