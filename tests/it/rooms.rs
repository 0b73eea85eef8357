//! The gateway's rooms: releases named in the text, parameters, what the catalog words show, snapshots.

use std::collections::BTreeMap;
use std::sync::Arc;

use pactum::engine::{Limits, Runtime};
use pactum::query::{AnswerLimits, Catalog, CatalogSnapshot, Gateway, Given, Principal, Request};
use pactum::warehouse::Warehouse;
use serde_json::{Value, json};

use crate::support::{Project, contract, longs, texts};

/// A contract `t` with three releases: `v` is 1, 2 and 3; the third has a column more.
fn released() -> Project {
    let columns = "- { name: id, logicalType: integer, primaryKey: true }\n\
                   - { name: v, logicalType: integer }";
    let project = Project::of_columns(columns);
    for n in 1..=2 {
        project.parquet("a.parquet", vec![("id", longs([1, 2])), ("v", longs([n, n * 10]))]);
        project.publish("a.parquet");
    }
    let wider = format!("{columns}\n- {{ name: note, logicalType: string }}");
    project.write("contracts/t.odcs.yaml", &contract("1.1.0", &wider, ""));
    project.parquet(
        "a.parquet",
        vec![("id", longs([1, 2])), ("v", longs([3, 30])), ("note", texts([Some("x"), Some("y")]))],
    );
    project.publish("a.parquet");
    project
}

#[track_caller]
fn refused(project: &Project, sql: &str, words: &[&str]) {
    let run = project.run(&["query", sql, "--format", "json"]).expect(2);
    for word in words {
        assert!(run.stdout.contains(word), "{sql}: {}", run.stdout);
    }
}

#[test]
fn one_query_reads_two_releases() {
    let project = released();
    let both = "select id, s.v - p.v as more from t.t for release 3 s \
                join t.t for release 1 p using (id) order by id";
    assert_eq!(project.query(both), json!([{ "id": 1, "more": 2 }, { "id": 2, "more": 20 }]));
    let one =
        |table: &str| project.query(&format!("select v from {table} where id = 1"))[0]["v"].clone();
    for (table, v) in [
        ("t.t", 3),
        ("t.t for release 1", 1),
        ("t.t FOR RELEASE 2 AS x", 2),
        ("T.T for release latest", 3),
        ("t.t for release -1", 2),
        ("t.t for release -2 x", 1),
        ("t_v1.t for release 2", 2),
        ("\"t\".\"t\" for release 2", 2),
        ("t.t(release => 1)", 1),
        ("t.t(release => -1) x", 2),
        ("(select * from t.t for release 1 union all select * from t.t for release 1 limit 1)", 1),
    ] {
        assert_eq!(one(table), v, "{table}");
    }
    // Each release has the columns of its own contract.
    let stars = "select * from t.t for release 2 where id = 1";
    assert_eq!(project.query(stars), json!([{ "id": 1, "v": 2 }]));
    assert_eq!(
        project.query(
            "select n.id from t.t n where n.note = 'y' and exists \
                       (select 1 from t.t for release 1 o where o.id = n.id)"
        ),
        json!([{ "id": 2 }])
    );
    refused(&project, "select note from t.t for release 2", &["there is no column 'note'"]);
    // In a list of columns, and beside the command's own release.
    let run = project.run(&[
        "query",
        "select a.v as now, b.v as then from t.t a, t.t for release 1 b where a.id = b.id and a.id = 1",
        "--release",
        "2",
        "--format",
        "json",
    ]);
    assert_eq!(run.expect(0).json(), json!([{ "now": 2, "then": 1 }]));
    assert_eq!(
        project.query("select substring('abcdef' from 2 for 3) as a"),
        json!([{ "a": "bcd" }])
    );
}

#[test]
fn a_release_that_is_not_there_is_an_error_that_says_which_are() {
    let project = released();
    refused(
        &project,
        "select v from t.t for release 9",
        &["unknown-release", "no release 9", "1 to 3"],
    );
    refused(&project, "select v from t.t for release 0", &["no release 0", "1 to 3"]);
    refused(&project, "select v from t.t for release -3", &["3 before the latest", "1 to 3"]);
    refused(&project, "select v from t.u for release 1", &["no table 'u'", "it has t"]);
    refused(&project, "select v from t.t for release x", &["no release follows", "-1"]);
    refused(&project, "select v from t.t for release", &["no release follows"]);
    refused(&project, "select v from t.t(release => 'x')", &["not a release"]);
    refused(
        &project,
        "with a as (select 1 as v) select v from a for release 1",
        &["<contract>.<table>"],
    );
    refused(&project, "select * from pactum.releases for release 1", &["no release 1"]);
    let run = project.run(&["query", "select v from t.t", "--release", "-3"]).expect(2);
    assert!(run.stderr.contains("1 to 3"), "{}", run.stderr);
}

#[test]
fn releases_are_named_by_words_on_the_command_line_too() {
    let project = released();
    let ask = |release: &str| {
        let run = project.run(&[
            "query",
            "select v from t.t where id = 1",
            "--release",
            release,
            "--format",
            "json",
        ]);
        run.expect(0).json()[0]["v"].clone()
    };
    for (release, v) in [("latest", 3), ("-1", 2), ("t=-2", 1), ("t=latest", 3), ("2", 2)] {
        assert_eq!(ask(release), v, "{release}");
    }
    for release in ["newest", "-0", "1.5", "t="] {
        project.run(&["query", "select v from t.t", "--release", release]).expect(2);
    }
}

#[test]
fn as_of_takes_the_times_that_releases_prints() {
    let project = released();
    let shown = project.run(&["releases", "t"]).expect(0).stdout;
    let times: Vec<&str> = shown
        .lines()
        .flat_map(|line| line.split_whitespace())
        .filter(|word| word.contains('T') && word.ends_with('Z'))
        .collect();
    assert_eq!(times.len(), 3, "{shown}");
    for (time, v) in times.iter().zip(1..) {
        let run = project.run(&[
            "query",
            "select v from t.t where id = 1",
            "--as-of",
            time,
            "--format",
            "json",
        ]);
        assert_eq!(run.expect(0).json(), json!([{ "v": v }]), "{time}");
    }
    let evidence = project.run(&["releases", "show", "t", "2"]).expect(0).stdout;
    assert!(evidence.contains(times[1]), "{evidence}");
}

#[test]
fn a_consumer_that_reads_two_releases_is_planned_and_known() {
    let project = released();
    project.write(
        "sql/moved.sql",
        "-- owner: x\nselect id, s.v - p.v as more from t.t s join t.t for release -1 p using (id)\n",
    );
    project.run(&["lint"]).expect(0);
    assert_eq!(project.run(&["query", "moved", "--format", "json"]).expect(0).json()[0]["more"], 1);
    let described = project.run(&["describe", "t.t", "--format", "json"]).expect(0).json();
    assert_eq!(described["consumers"][0]["consumer"], "moved", "{described}");
    project.write("sql/moved.sql", "-- owner: x\nselect gone from t.t for release 2\n");
    let found = project.run(&["lint"]).expect(1).stdout;
    assert!(found.contains("sql/moved.sql:2:8") && found.contains("gone"), "{found}");
    project.write("sql/moved.sql", "-- owner: x\nselect id from t.t for release 8\n");
    let found = project.run(&["lint"]).expect(1).stdout;
    assert!(found.contains("sql/moved.sql:2:16") && found.contains("no release 8"), "{found}");
}

#[test]
fn a_rule_names_no_release_and_no_user() {
    for (query, words) in [
        ("select count(*) from t for release 1", "<contract>.<table>"),
        ("select count(*) from t.t for release 1", "no release 1 here"),
        ("select count(*) from t where current_user = 'x'", "current_user is not known in a rule"),
    ] {
        let rule =
            format!("quality:\n      - {{ id: r, type: sql, query: \"{query}\", mustBe: 0 }}");
        let project = Project::of_columns("- { name: a, logicalType: integer }");
        let text = contract("1.0.0", "- { name: a, logicalType: integer }", &rule);
        project.write("contracts/t.odcs.yaml", &text);
        let found = project.run(&["lint"]).expect(1).stdout;
        assert!(found.contains(words), "{query}: {found}");
    }
}

#[test]
fn parameters_are_given_by_name_and_by_number() {
    let project = released();
    let ask = |sql: &str, given: &[&str]| {
        let mut arguments = vec!["query", sql, "--format", "json"];
        given.iter().for_each(|given| arguments.extend(["-p", given]));
        project.run(&arguments)
    };
    let rows = |sql: &str, given: &[&str]| ask(sql, given).expect(0).json();
    let both = "select v from t.t where id = $1 and v > $least";
    assert_eq!(rows(both, &["1=2", "least=5"]), json!([{ "v": 30 }]));
    assert_eq!(rows("select $2::text || $1::text as x", &["1=a", "2=b"]), json!([{ "x": "ba" }]));
    let run = ask(both, &["1=2"]).expect(2);
    let error = &run.json()["error"];
    assert_eq!(error["code"], "missing-parameter");
    assert_eq!(error["message"], "parameter 'least' is not given");
    assert_eq!(error["hint"], "-p least=VALUE");
    let run = ask("select v from t.t where id = $1", &["1=x"]).expect(2);
    assert!(run.stdout.contains("'x' is not of type bigint"), "{}", run.stdout);
    ask("select v from t.t where id = $1", &["2=1"]).expect(2);
    // A consumer's own parameters beside one by number.
    project.write(
        "sql/c.sql",
        "-- owner: x\n-- params:\n--   least: {type: number}\n--   note: {type: varchar, default: null}\n\
         select v from t.t where id = $1 and v > $least and ($note is null or note = $note)\n",
    );
    project.run(&["lint"]).expect(0);
    assert_eq!(rows("c", &["1=2", "least=29.99"]), json!([{ "v": 30 }]));
    assert_eq!(rows("c", &["1=2", "least=30.01"]), json!([]));
    assert_eq!(rows("c", &["1=2", "least=1", "note=y"]), json!([{ "v": 30 }]));
    let run = ask("c", &["1=2"]).expect(2);
    let error = &run.json()["error"];
    assert_eq!(error["message"], "parameter 'least' is not given, and has no default");
    assert_eq!(error["hint"], "-p least=<number>");
    ask("c", &["1=2", "least=1", "2=3"]).expect(2);
}

#[test]
fn what_the_catalog_holds_is_shown() {
    let project = released();
    let shown = project.query("show tables");
    assert_eq!(shown, json!([{ "table_schema": "t", "table_name": "t" }]));
    assert_eq!(project.query("show tables from t like 'x%'"), json!([]));
    assert_eq!(
        project.query("describe T.t"),
        json!([
            { "column_name": "id", "data_type": "bigint", "is_nullable": "NO" },
            { "column_name": "v", "data_type": "bigint", "is_nullable": "YES" },
            { "column_name": "note", "data_type": "text", "is_nullable": "YES" },
        ])
    );
    assert_eq!(project.query("desc t_v1.t"), project.query("describe t.t"));
    let system = project.query("describe pactum.releases");
    assert_eq!(system[3]["data_type"], "timestamp with time zone", "{system}");
    refused(&project, "describe t", &["there is no table 't'", "did you mean t.t?"]);
    refused(&project, "describe t.nothing", &["there is no table 't.nothing'"]);
    refused(&project, "show tables from nowhere", &["there is no schema 'nowhere'"]);
    refused(&project, "show timezone", &["not-a-query", "UTC"]);
    refused(&project, "select * from pg_catalog.pg_class", &["pg_catalog", "information_schema"]);
    // A contract that has released nothing cannot be read, so it is not listed.
    let other = contract("1.0.0", "- { name: a, logicalType: integer }", "");
    project.write(
        "contracts/u.odcs.yaml",
        &other.replace("id: t\n", "id: u\n").replace("name: t\nversion", "name: u\nversion"),
    );
    assert_eq!(project.query("show tables"), shown);
    refused(&project, "describe u.t", &["not-released"]);
    // The views are of the releases that the query sees.
    let run = project.run(&[
        "query",
        "select column_name from information_schema.columns where table_schema = 't'",
        "--release",
        "t=1",
        "--format",
        "json",
    ]);
    let named = "select column_name from information_schema.columns where table_schema = 't'";
    assert_eq!(project.query(named).as_array().unwrap().len(), 3);
    run.expect(0);
}

/// The rows of a request as JSON.
async fn rows(gateway: &Gateway, request: Request) -> Vec<Value> {
    let answer = gateway.answer(request).await.unwrap();
    let mut bytes = Vec::new();
    let mut encoder = pactum::query::Encoder::new(
        pactum::query::Format::Json,
        Arc::clone(&answer.schema),
        &mut bytes,
    )
    .unwrap();
    answer.each(|batch| encoder.write(batch)).await.unwrap();
    encoder.finish().unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

fn run<T>(work: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    runtime.worker_threads(2).enable_all().build().unwrap().block_on(work)
}

#[test]
fn many_queries_share_a_snapshot_that_does_not_move() {
    let project = released();
    let warehouse = Warehouse::at(&project.path().join("warehouse").display().to_string()).unwrap();
    let limits = Limits { memory: 256 << 20, threads: 2 };
    run(async {
        let runtime = Arc::new(Runtime::new(&limits).unwrap());
        let catalog = async || Catalog::read(Some(&warehouse), None).await.unwrap();
        let snapshot = Arc::new(CatalogSnapshot::new(catalog().await, Vec::new()));
        let gateway = Gateway::new(Arc::clone(&runtime), snapshot);
        project.parquet(
            "a.parquet",
            vec![("id", longs([1])), ("v", longs([4])), ("note", texts([Some("z")]))],
        );
        project.publish("a.parquet");
        let ask = |name: &str, sql: &str| Request {
            principal: Principal { name: name.to_owned() },
            ..Request::local(sql)
        };
        let sql = "select current_user, max(v) as v, \
                   (select max(release) from pactum.releases) as release, \
                   (select count(*) from pactum.attempts) as attempts from t.t";
        let both = tokio::join!(rows(&gateway, ask("ann", sql)), rows(&gateway, ask("bob", sql)),);
        let expected = |name: &str, v: u64, release: u64| json!([{ "current_user": name, "v": v, "release": release, "attempts": release }]);
        assert_eq!(json!(both.0), expected("ann", 30, 3));
        assert_eq!(json!(both.1), expected("bob", 30, 3));
        // A new snapshot in the same runtime sees what came since.
        let moved = CatalogSnapshot::new(catalog().await, Vec::new());
        let moved = Gateway::new(runtime, Arc::new(moved));
        assert_eq!(json!(rows(&moved, ask("ann", sql)).await), expected("ann", 4, 4));
        assert_eq!(json!(rows(&gateway, ask("ann", sql)).await), expected("ann", 30, 3));
        let parameters = BTreeMap::from([("1".to_owned(), Given::Text("2".to_owned()))]);
        let asked = Request { parameters, ..ask("ann", "select v from t.t where id = $1") };
        assert_eq!(rows(&gateway, asked).await, [json!({ "v": 30 })]);
    });
}

#[test]
fn a_request_is_answered_at_its_deadline_and_within_its_limits() {
    let limits = Limits { memory: 64 << 20, threads: 2 };
    run(async {
        let snapshot = Arc::new(CatalogSnapshot::new(Catalog::default(), Vec::new()));
        let gateway = Gateway::new(Arc::new(Runtime::new(&limits).unwrap()), snapshot);
        let ask = |limits| Request { limits, ..Request::local("values (1), (2), (3)") };
        let none = AnswerLimits::default();
        assert_eq!(rows(&gateway, ask(none)).await.len(), 3);
        let timeout = Some(std::time::Duration::ZERO);
        let late = gateway.answer(ask(AnswerLimits { timeout, ..none })).await;
        assert_eq!(late.map(|_| ()).unwrap_err().code(), "timeout");
        let answer = gateway.answer(ask(AnswerLimits { rows: Some(2), ..none })).await.unwrap();
        let error = answer.each(|_| Ok(())).await.unwrap_err();
        assert_eq!(error.code(), "answer-too-large");
    });
}
