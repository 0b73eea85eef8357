//! Hints that can be run: whatever code a hint holds (YAML, SQL, a command) is written where the
//! hint says, and then what failed passes.
//!
//! The sources are searched for hints with code: one that no case here follows, and no other test
//! named here, fails the census.

use std::path::Path;

use regex::Regex;
use serde_json::Value;

use crate::support::{Project, Run, contract, longs, root, texts};

/// A hint, the fault that shows it, and what following it changes.
struct Case {
    /// The hint as its source writes it, with placeholders.
    hint: &'static str,
    /// A project with the fault.
    faulty: fn() -> Project,
    /// The command that shows the hint, as a shell would split it.
    shows: &'static str,
    /// Does what the hint, given as it is shown, says.
    follow: fn(&Project, &str),
    /// The command that passes afterwards; empty where following was running it.
    then: &'static str,
}

const DOCUMENT: &str = "contracts/t.odcs.yaml";

fn text(project: &Project, name: &str) -> String {
    std::fs::read_to_string(project.path().join(name)).unwrap()
}

/// Writes something else into a document, which must be there.
#[track_caller]
fn replace(project: &Project, name: &str, from: &str, to: &str) {
    let before = text(project, name);
    assert!(before.contains(from), "'{from}' is not in {before}");
    project.write(name, &before.replacen(from, to, 1));
}

/// What follows some words of a hint.
#[track_caller]
fn behind<'a>(hint: &'a str, words: &str) -> &'a str {
    hint.split_once(words).unwrap_or_else(|| panic!("'{words}' is not in '{hint}'")).1
}

/// What stands in backticks.
fn ticked(hint: &str) -> &str {
    hint.split('`').nth(1).unwrap_or_else(|| panic!("no backticks in '{hint}'"))
}

/// A project of one contract with these columns, rules and a file that keeps it.
fn of(columns: &str, more: &str) -> Project {
    let project = Project::new(&[("t", &contract("1.0.0", columns, more))]);
    project.parquet("d.parquet", vec![("a", longs([1, 2]))]);
    project
}

const A: &str = "- { name: a, logicalType: integer }";

fn rule(text: &str) -> Project {
    of(A, &format!("quality:\n- {{ {text} }}"))
}

fn on_column(quality: &str) -> Project {
    of(&format!("- {{ name: a, logicalType: integer, quality: [{{ {quality} }}] }}"), "")
}

fn released() -> Project {
    let project = of(A, "");
    assert_eq!(project.publish("d.parquet")["outcome"], "released");
    project
}

fn consumer(text: &str) -> Project {
    let project = of(A, "");
    project.write("sql/c.sql", text);
    project
}

/// Runs a command that a hint shows, with `pactum` before it or not.
#[track_caller]
fn run(project: &Project, command: &str) -> Run {
    let command = command.strip_prefix("pactum ").unwrap_or(command);
    project.run(&split(command).iter().map(String::as_str).collect::<Vec<_>>()).expect(0)
}

/// Words of a command; quotes keep blanks together.
fn split(command: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for c in command.chars() {
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            ('\'' | '"', None) => quote = Some(c),
            (' ', None) => words.push(std::mem::take(&mut word)),
            (c, _) => word.push(c),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

const CASES: &[Case] = &[
    Case {
        hint: "write logicalType: timestamp",
        faulty: || {
            of(&format!("{A}\n- {{ name: b, logicalType: date, physicalType: timestamp }}"), "")
        },
        shows: "lint",
        follow: |project, _| {
            replace(project, DOCUMENT, "logicalType: date", "logicalType: timestamp")
        },
        then: "check t d.parquet",
    },
    Case {
        hint: "write logicalType: time",
        faulty: || of(&format!("{A}\n- {{ name: b, logicalType: date, physicalType: time }}"), ""),
        shows: "lint",
        follow: |project, _| replace(project, DOCUMENT, "logicalType: date", "logicalType: time"),
        then: "check t d.parquet",
    },
    Case {
        hint: "write logicalType: timestamp where texts have a time of day, logicalType: string where they are not dates, or the physicalType that files have",
        faulty: || {
            of(&format!("{A}\n- {{ name: b, logicalType: date, physicalType: varchar }}"), "")
        },
        shows: "lint",
        follow: |project, _| replace(project, DOCUMENT, "logicalType: date", "logicalType: string"),
        then: "check t d.parquet",
    },
    Case {
        hint: "write logicalType: timestamp with a physicalType of time, or logicalType: integer",
        faulty: || of(&format!("{A}\n- {{ name: b, logicalType: date, physicalType: long }}"), ""),
        shows: "lint",
        follow: |project, _| {
            replace(project, DOCUMENT, "logicalType: date", "logicalType: integer")
        },
        then: "check t d.parquet",
    },
    Case {
        hint: "columns belong under properties of a table: - {{ name: my_table, properties: [{{ name: {name}, logicalType: {kind} }}{more}] }}",
        faulty: || {
            let project = of(&format!("{A}\n- {{ name: b, logicalType: string }}"), "");
            replace(&project, DOCUMENT, "  - name: t\n    properties:\n", "");
            project
        },
        shows: "lint",
        follow: |project, hint| {
            let second = "{ name: b, logicalType: string }";
            let table = behind(hint, "of a table: ").replace("my_table", "t").replace("…", second);
            replace(project, DOCUMENT, &format!("{A}\n    - {second}"), &table);
        },
        then: "check t d.parquet",
    },
    Case {
        hint: "write format: {width}",
        faulty: || {
            of(
                &format!(
                    "{A}\n- {{ name: b, logicalType: integer, logicalTypeOptions: {{ format: int32 }} }}"
                ),
                "",
            )
        },
        shows: "lint",
        follow: |project, _| replace(project, DOCUMENT, "format: int32", "format: i32"),
        then: "check t d.parquet",
    },
    Case {
        hint: "add metric: rowCount, nullValues, …, or type: text where it is prose",
        faulty: || on_column("mustBe: 0"),
        shows: "lint",
        follow: |project, _| {
            replace(project, DOCUMENT, "mustBe: 0", "metric: nullValues, mustBe: 0")
        },
        then: "check t d.parquet",
    },
    Case {
        hint: "write type: sql, which executes the query",
        faulty: || rule("query: 'select count(*) from {table} where a is null', mustBe: 0"),
        shows: "lint",
        follow: |project, _| replace(project, DOCUMENT, "{ query:", "{ type: sql, query:"),
        then: "check t d.parquet",
    },
    Case {
        hint: "write type: sql, which executes the query",
        faulty: || {
            rule("type: text, query: 'select count(*) from {table} where a is null', mustBe: 0")
        },
        shows: "lint",
        follow: |project, _| replace(project, DOCUMENT, "type: text", "type: sql"),
        then: "check t d.parquet",
    },
    Case {
        hint: "write type: library, which executes the metric",
        faulty: || on_column("type: text, description: x, metric: nullValues, mustBe: 0"),
        shows: "lint",
        follow: |project, _| replace(project, DOCUMENT, "type: text", "type: library"),
        then: "check t d.parquet",
    },
    Case {
        hint: "write type: custom with an engine and its implementation",
        faulty: || rule("type: text, description: x, engine: soda"),
        shows: "lint",
        follow: |project, _| {
            replace(project, DOCUMENT, "type: text", "type: custom, implementation: x")
        },
        then: "lint",
    },
    Case {
        hint: "remove them, or write type: library with a metric",
        faulty: || rule("type: text, description: x, mustBe: 2"),
        shows: "lint",
        follow: |project, _| {
            replace(project, DOCUMENT, "type: text", "type: library, metric: rowCount")
        },
        then: "check t d.parquet",
    },
    Case {
        hint: "remove what is not used, or write type: library and remove the query",
        faulty: || rule("type: sql, query: select 2, metric: rowCount, mustBe: 2"),
        shows: "lint",
        follow: |project, _| {
            replace(project, DOCUMENT, "type: sql, query: select 2", "type: library")
        },
        then: "check t d.parquet",
    },
    Case {
        hint: "write type: library in place of the engine, or remove what it does not read",
        faulty: || {
            on_column("type: custom, engine: x, implementation: y, metric: nullValues, mustBe: 0")
        },
        shows: "lint",
        follow: |project, _| {
            replace(
                project,
                DOCUMENT,
                "type: custom, engine: x, implementation: y",
                "type: library",
            )
        },
        then: "check t d.parquet",
    },
    Case {
        hint: "remove it, or write metric: {user}, which uses it",
        faulty: || on_column("metric: nullValues, mustBe: 0, arguments: { missingValues: [-1] }"),
        shows: "lint",
        follow: |project, _| {
            replace(project, DOCUMENT, "metric: nullValues", "metric: missingValues")
        },
        then: "check t d.parquet",
    },
    Case {
        hint: "write physicalType: {meant}",
        faulty: || {
            of(&format!("{A}\n- {{ name: b, logicalType: string, physicalType: 'char[9]' }}"), "")
        },
        shows: "lint",
        follow: |project, hint| {
            let code = behind(hint, "write ");
            replace(project, DOCUMENT, "physicalType: 'char[9]'", code);
        },
        then: "check t d.parquet",
    },
    Case {
        hint: "write one of the standard's metrics with an operator; type: sql with a query; type: text where it is prose; or type: custom with the engine that runs it",
        faulty: || on_column("rule: freshness, mustBe: 0"),
        shows: "lint",
        follow: |project, _| replace(project, DOCUMENT, "rule: freshness", "metric: nullValues"),
        then: "check t d.parquet",
    },
    Case {
        hint: "arguments: { properties: [a, b] }",
        faulty: || rule("metric: duplicateValues, mustBe: 0"),
        shows: "lint",
        follow: |project, _| {
            replace(project, DOCUMENT, "mustBe: 0", "mustBe: 0, arguments: { properties: [a] }")
        },
        then: "check t d.parquet",
    },
    Case {
        hint: "arguments: { validValues: […] } or { pattern: … }",
        faulty: || on_column("metric: invalidValues, mustBe: 0"),
        shows: "lint",
        follow: |project, _| {
            replace(project, DOCUMENT, "mustBe: 0", "mustBe: 0, arguments: { validValues: [1, 2] }")
        },
        then: "check t d.parquet",
    },
    Case {
        hint: "name: {}, physicalName: {}",
        faulty: || {
            let project = of("- { name: Phone No., logicalType: integer }", "");
            project.parquet("d.parquet", vec![("Phone No.", longs([1]))]);
            project
        },
        shows: "lint",
        follow: |project, hint| replace(project, DOCUMENT, "name: Phone No.", hint),
        then: "publish t t=d.parquet",
    },
    Case {
        hint: "{why}, as in {}",
        faulty: || {
            let project =
                of("- { name: a, logicalType: integer }\n- { name: A, logicalType: integer }", "");
            project.parquet("d.parquet", vec![("a", longs([1])), ("A", longs([2]))]);
            project
        },
        shows: "lint",
        follow: |project, hint| replace(project, DOCUMENT, "name: A", behind(hint, "as in ")),
        then: "publish t t=d.parquet",
    },
    Case {
        hint: "choose a name of visible characters: {}",
        faulty: || {
            let project = of("- { name: \"x\\ny\", logicalType: integer }", "");
            project.parquet("d.parquet", vec![("x\ny", longs([1]))]);
            project
        },
        shows: "lint",
        follow: |project, hint| {
            replace(project, DOCUMENT, "name: \"x\\ny\"", behind(hint, "characters: "));
        },
        then: "publish t t=d.parquet",
    },
    Case {
        hint: "rename the field in the file too, and write name: {better}",
        faulty: || {
            let field = "{ name: x y, logicalType: integer }";
            of(&format!("- {{ name: o, logicalType: object, properties: [{field}] }}"), "")
        },
        shows: "lint",
        follow: |project, hint| {
            replace(project, DOCUMENT, "name: x y", behind(hint, "and write "));
            project.write("d.ndjson", "{\"o\": {\"x_y\": 1}}\n");
        },
        then: "publish t t=d.ndjson",
    },
    Case {
        hint: "name: {}",
        faulty: || {
            let field = "{ name: x, physicalName: y, logicalType: integer }";
            of(&format!("- {{ name: o, logicalType: object, properties: [{field}] }}"), "")
        },
        shows: "lint",
        follow: |project, hint| {
            replace(project, DOCUMENT, "name: x", hint);
            project.write("d.ndjson", "{\"o\": {\"y\": 1}}\n");
        },
        then: "publish t t=d.ndjson",
    },
    Case {
        hint: "physicalName: a different name",
        faulty: || of("- { name: a, logicalType: integer }\n- { name: b, physicalName: a }", ""),
        shows: "lint",
        follow: |project, _| replace(project, DOCUMENT, "physicalName: a", "physicalName: b"),
        then: "check t d.parquet",
    },
    Case {
        hint: "add `{line}`",
        faulty: || {
            let project = of(A, "");
            replace(&project, DOCUMENT, "version: 1.0.0\n", "");
            project
        },
        shows: "lint",
        follow: |project, hint| {
            let line = ticked(hint);
            replace(project, DOCUMENT, "status:", &format!("{line}\nstatus:"));
        },
        then: "check t d.parquet",
    },
    Case {
        hint: "version: {version}",
        faulty: || {
            let project = of(A, "");
            replace(&project, DOCUMENT, "version: 1.0.0\n", "version: 1.0\n");
            project
        },
        shows: "lint",
        follow: |project, hint| {
            replace(project, DOCUMENT, "version: 1.0\n", &format!("{hint}\n"));
        },
        then: "publish t t=d.parquet",
    },
    Case {
        hint: "write logicalType: {other}, or the physicalType that files have",
        faulty: || {
            of(&format!("{A}\n- {{ name: b, logicalType: time, physicalType: varchar }}"), "")
        },
        shows: "lint",
        follow: |project, hint| {
            let meant = behind(hint, "write ").split(',').next().unwrap();
            replace(project, DOCUMENT, "logicalType: time", meant);
        },
        then: "check t d.parquet",
    },
    Case {
        hint: "write logicalType: integer and the bound as a number",
        faulty: || {
            let bound = "logicalTypeOptions: { minimum: '2020-01-01' }";
            of(&format!("{A}\n- {{ name: b, logicalType: date, physicalType: long, {bound} }}"), "")
        },
        shows: "lint",
        follow: |project, _| {
            replace(project, DOCUMENT, "logicalType: date", "logicalType: integer");
            replace(project, DOCUMENT, "'2020-01-01'", "0");
        },
        then: "check t d.parquet",
    },
    Case {
        hint: "write metric: {metric}",
        faulty: || on_column("rule: nullCheck, mustBe: 0"),
        shows: "lint",
        follow: |project, hint| {
            replace(project, DOCUMENT, "rule: nullCheck", behind(hint, "write "));
        },
        then: "check t d.parquet",
    },
    Case {
        hint: "declare its columns and write logicalType: object, or leave it out of schema",
        faulty: || {
            let project = of(A, "");
            replace(&project, DOCUMENT, "- name: t\n", "- name: t\n    logicalType: blob\n");
            project
        },
        shows: "lint",
        follow: |project, _| {
            replace(project, DOCUMENT, "logicalType: blob", "logicalType: object");
        },
        then: "check t d.parquet",
    },
    Case {
        hint: "three numbers, major.minor.patch: version: 1.0.0",
        faulty: || {
            let project = of(A, "");
            replace(&project, DOCUMENT, "version: 1.0.0", "version: first");
            project
        },
        shows: "lint",
        follow: |project, hint| {
            replace(project, DOCUMENT, "version: first", behind(hint, "patch: "));
        },
        then: "publish t t=d.parquet",
    },
    Case {
        hint: "apiVersion: v{}.{}.0",
        faulty: || {
            let project = of("- { name: a, logicalType: integer, semanticType: column }", "");
            replace(&project, DOCUMENT, "apiVersion: v3.2.0", "apiVersion: v3.1.0");
            project
        },
        shows: "lint",
        follow: |project, hint| replace(project, DOCUMENT, "apiVersion: v3.1.0", hint),
        then: "check t d.parquet",
    },
    Case {
        hint: "move it inside: arguments: {{ {}: … }}",
        faulty: || on_column("metric: invalidValues, mustBe: 0, validValues: [1, 2]"),
        shows: "lint",
        follow: |project, hint| {
            let code = behind(hint, "inside: ").replace('…', "[1, 2]");
            replace(project, DOCUMENT, "validValues: [1, 2]", &code);
        },
        then: "check t d.parquet",
    },
    Case {
        hint: "add one, such as mustBe: 0",
        faulty: || on_column("metric: nullValues"),
        shows: "lint",
        follow: |project, hint| {
            let code = format!("metric: nullValues, {}", behind(hint, "such as "));
            replace(project, DOCUMENT, "metric: nullValues", &code);
        },
        then: "check t d.parquet",
    },
    Case {
        hint: "arguments: { missingValues: [NULL, …] }",
        faulty: || on_column("metric: missingValues, mustBe: 0, arguments: { missingValues: [] }"),
        shows: "lint",
        follow: |project, hint| {
            let code = hint.replace(", …", "");
            replace(project, DOCUMENT, "arguments: { missingValues: [] }", &code);
        },
        then: "check t d.parquet",
    },
    Case {
        hint: "write unit: rows",
        faulty: || rule("metric: rowCount, mustBeGreaterThan: 0, unit: percent"),
        shows: "lint",
        follow: |project, hint| {
            replace(project, DOCUMENT, "unit: percent", behind(hint, "write "));
        },
        then: "check t d.parquet",
    },
    Case {
        hint: "write unit: rows, or unit: percent",
        faulty: || on_column("metric: nullValues, mustBeLessThan: 1, unit: days"),
        shows: "lint",
        follow: |project, hint| {
            replace(project, DOCUMENT, "unit: days", behind(hint, "or "));
        },
        then: "check t d.parquet",
    },
    Case {
        hint: "write a number, such as mustBe: 0",
        faulty: || on_column("metric: nullValues, mustBe: none"),
        shows: "lint",
        follow: |project, hint| {
            replace(project, DOCUMENT, "mustBe: none", behind(hint, "such as "));
        },
        then: "check t d.parquet",
    },
    Case {
        hint: "[{b}, {a}]",
        faulty: || rule("metric: rowCount, mustBeBetween: [10, 1]"),
        shows: "lint",
        follow: |project, hint| replace(project, DOCUMENT, "[10, 1]", hint),
        then: "check t d.parquet",
    },
    Case {
        hint: "implementation: {{ metric: {metric}, {operator} }}",
        faulty: || {
            let own = "type: custom, engine: pactum, implementation: { metric: nothing }";
            of(
                "- { name: a, logicalType: integer, primaryKey: true }",
                &format!("quality:\n- {{ {own} }}"),
            )
        },
        shows: "lint",
        follow: |project, hint| {
            replace(project, DOCUMENT, "implementation: { metric: nothing }", hint);
        },
        then: "check t d.parquet",
    },
    Case {
        hint: "implementation: {{ metric: {metric}, {operator} }}",
        faulty: || on_column("type: custom, engine: pactum, implementation: { metric: keysKept }"),
        shows: "lint",
        follow: |project, hint| {
            replace(project, DOCUMENT, "implementation: { metric: keysKept }", hint);
        },
        then: "check t d.parquet",
    },
    Case {
        hint: "write a number and a unit: value: 2, unit: d; or a duration: value: P2D",
        faulty: || {
            let project = of(
                "- { name: a, logicalType: integer }\n- { name: at, logicalType: timestamp, logicalTypeOptions: { timezone: false } }",
                "",
            );
            let text = text(&project, DOCUMENT);
            let sla = "slaProperties: [{ property: retention, value: soon, element: t.at }]\n";
            project.write(DOCUMENT, &format!("{text}{sla}"));
            project
        },
        shows: "lint",
        follow: |project, hint| {
            let codes = behind(hint, "unit: ").split("; or a duration: ");
            let before = text(project, DOCUMENT);
            for code in codes {
                project.write(DOCUMENT, &before);
                replace(project, DOCUMENT, "value: soon", code);
                run(project, "lint");
            }
        },
        then: "lint",
    },
    Case {
        hint: "metric: missingValues, arguments: {{ missingValues: [{}] }}",
        faulty: || {
            let rule = "metric: invalidValues, arguments: { validValues: [x, n/a, null] }";
            let column =
                format!("- {{ name: a, logicalType: string, quality: [{{ {rule}, mustBe: 0 }}] }}");
            let project = of(&column, "");
            project.parquet("d.parquet", vec![("a", texts([Some("x")]))]);
            project
        },
        shows: "lint",
        follow: |project, hint| {
            let rule = "metric: invalidValues, arguments: { validValues: [x, n/a, null] }";
            replace(project, DOCUMENT, rule, hint);
        },
        then: "check t d.parquet",
    },
    Case {
        hint: "start from `pactum init`, which writes a first contract",
        faulty: || {
            let project = of(A, "");
            project.write(DOCUMENT, "- a\n");
            project
        },
        shows: "lint",
        follow: |project, hint| {
            std::fs::remove_file(project.path().join(DOCUMENT)).unwrap();
            std::fs::remove_file(project.path().join("pactum.yaml")).unwrap();
            run(project, ticked(hint));
        },
        then: "lint",
    },
    Case {
        hint: "begin the file with `-- owner: <team>`",
        faulty: || consumer("select a from t.t\n"),
        shows: "lint",
        follow: |project, hint| {
            let line = ticked(hint).replace("<team>", "home-page");
            project.write("sql/c.sql", &format!("{line}\nselect a from t.t\n"));
        },
        then: "lint",
    },
    Case {
        hint: "{name}: {{type: bigint, required: true}}",
        faulty: || {
            consumer("-- owner: x\n-- params:\n--   n: {}\nselect a from t.t where a = $n\n")
        },
        shows: "lint",
        follow: |project, hint| replace(project, "sql/c.sql", "n: {}", hint),
        then: "lint",
    },
    Case {
        hint: "--   {name}: {{type: bigint, required: true}}",
        faulty: || {
            consumer(
                "-- owner: x\n-- params:\n--   m: {type: bigint}\nselect a from t.t where a in ($m, $n)\n",
            )
        },
        shows: "lint",
        follow: |project, hint| replace(project, "sql/c.sql", "select", &format!("{hint}\nselect")),
        then: "lint",
    },
    Case {
        hint: "give it an alias: … as name",
        faulty: || consumer("-- owner: x\n-- params: {}\nselect a + 1 from t.t\n"),
        shows: "lint",
        follow: |project, hint| {
            let alias = behind(hint, "…");
            replace(project, "sql/c.sql", "a + 1", &format!("a + 1{alias}"));
        },
        then: "lint",
    },
    Case {
        hint: "if {engine} runs it, write in pactum.yaml: external_engines: [{engine}]",
        faulty: || {
            let project = rule("type: sql, query: 'select iff(1) from t', mustBe: 0");
            let servers = "servers: [{ server: p, type: snowflake }]\nschema:";
            replace(&project, DOCUMENT, "schema:", servers);
            project
        },
        shows: "lint",
        follow: |project, hint| {
            let setting = behind(hint, "pactum.yaml: ");
            project.write("pactum.yaml", &format!("warehouse: ./warehouse\n{setting}\n"));
        },
        then: "check t d.parquet",
    },
    Case {
        hint: "write {}=FILES, or {}.{} FILES; tables: {}",
        faulty: || {
            let project = of(A, "");
            let table = "- { name: u, properties: [{ name: a, logicalType: integer }] }";
            let before = text(&project, DOCUMENT);
            project.write(DOCUMENT, &format!("{before}  {table}\n"));
            project
        },
        shows: "check t d.parquet",
        follow: |project, hint| {
            let (pair, rest) = behind(hint, "write ").split_once(", or ").unwrap();
            let named = rest.split_once(';').unwrap().0;
            for words in [pair, named] {
                run(
                    project,
                    &format!("check {}{}", if words == pair { "t " } else { "" }, words)
                        .replace("FILES", "d.parquet"),
                );
            }
        },
        then: "",
    },
    Case {
        hint: "declare types, keys or rules; pactum infer FILE drafts them; --allow-empty passes",
        faulty: || of("- { name: a }", ""),
        shows: "check t d.parquet",
        follow: |project, hint| {
            let command = behind(hint, "; ").split(" drafts").next().unwrap();
            run(
                project,
                &format!("{} --output {DOCUMENT}.new", command.replace("FILE", "d.parquet")),
            );
            let option = hint.rsplit("; ").next().unwrap().split(' ').next().unwrap();
            run(project, &format!("check t d.parquet {option}"));
            let draft = text(project, &format!("{DOCUMENT}.new"));
            project.write(DOCUMENT, &draft.replace("id: d\n", "id: t\n"));
        },
        then: "check t d.parquet",
    },
    Case {
        hint: "-p {name}=<{type_name}>",
        faulty: || {
            let project = consumer(
                "-- owner: x\n-- params:\n--   n: {type: bigint, required: true}\nselect a from t.t where a = $n\n",
            );
            assert_eq!(project.publish("d.parquet")["outcome"], "released");
            project
        },
        shows: "query c",
        follow: |project, hint| {
            drop(run(project, &format!("query c {}", hint.replace("<bigint>", "1"))))
        },
        then: "",
    },
    Case {
        hint: "-p {name}=VALUE",
        faulty: released,
        shows: "query 'select a from t.t where a = $n'",
        follow: |project, hint| {
            let option = hint.replace("VALUE", "1");
            run(project, &format!("query 'select a from t.t where a = $n' {option}"));
        },
        then: "",
    },
    Case {
        hint: "write ${name} where its value belongs",
        faulty: released,
        shows: "query 'select a from t.t' -p n=1",
        follow: |project, hint| {
            let name = behind(hint, "write ").split(' ').next().unwrap();
            run(project, &format!("query 'select a from t.t where a = {name}' -p n=1"));
        },
        then: "",
    },
    Case {
        hint: "-f {name} runs a file",
        faulty: || {
            let project = released();
            project.write("q.sql", "select a from t.t\n");
            project
        },
        shows: "query q.sql",
        follow: |project, hint| {
            drop(run(project, &format!("query {}", hint.strip_suffix(" runs a file").unwrap())));
        },
        then: "",
    },
    Case {
        hint: "--release 3, --release latest, --release -1, or --release learning=3",
        faulty: released,
        shows: "query 'select a from t.t' --release x",
        follow: |project, hint| {
            for n in 0..2 {
                project.parquet("d.parquet", vec![("a", longs([n + 3]))]);
                run(project, "publish t t=d.parquet");
            }
            for option in hint.replace("or ", "").replace("learning", "t").split(", ") {
                run(project, &format!("query 'select a from t.t' {option}"));
            }
        },
        then: "",
    },
    Case {
        hint: "such as 2026-01-31T12:00:00Z",
        faulty: released,
        shows: "query 'select a from t.t' --as-of yesterday",
        follow: |project, hint| {
            let instant = behind(hint, "such as ").replace("2026", "9999");
            run(project, &format!("query 'select a from t.t' --as-of {instant}"));
        },
        then: "",
    },
    Case {
        hint: "pactum tables lists what is there",
        faulty: released,
        shows: "query 'select a from nowhere.t'",
        follow: |project, hint| drop(run(project, hint.split(" lists").next().unwrap())),
        then: "",
    },
    Case {
        hint: "pactum releases lists them",
        faulty: released,
        shows: "check t --release 7",
        follow: |project, hint| drop(run(project, hint.split(" lists").next().unwrap())),
        then: "",
    },
    Case {
        hint: "pactum explain lists every code",
        faulty: released,
        shows: "explain X999",
        follow: |project, hint| drop(run(project, hint.split(" lists").next().unwrap())),
        then: "",
    },
    Case {
        hint: "write `warehouse: ./warehouse` into pactum.yaml, or give --warehouse DIR",
        faulty: || {
            let project = of(A, "");
            project.write("pactum.yaml", "{}\n");
            project
        },
        shows: "publish t t=d.parquet",
        follow: |project, hint| {
            run(project, "publish t t=d.parquet --warehouse elsewhere");
            project.write("pactum.yaml", &format!("{}\n", ticked(hint)));
        },
        then: "publish t t=d.parquet",
    },
    Case {
        hint: "declare physicalType: decimal(20,0), and deliver the column in that type",
        faulty: || {
            let project = of("- { name: a, logicalType: integer, primaryKey: true }", "");
            let wide = arrow::array::UInt64Array::from(vec![1, u64::MAX]);
            project.parquet("d.parquet", vec![("a", std::sync::Arc::new(wide))]);
            project
        },
        shows: "check t d.parquet",
        follow: |project, hint| {
            let code = behind(hint, "declare ").split(", and").next().unwrap();
            let code = code.replace("decimal(20,0)", "'decimal(20,0)'");
            replace(project, DOCUMENT, "primaryKey", &format!("{code}, primaryKey"));
            let exact = arrow::array::Decimal128Array::from(vec![1, i128::from(u64::MAX)]);
            let exact = exact.with_precision_and_scale(20, 0).unwrap();
            project.parquet("d.parquet", vec![("a", std::sync::Arc::new(exact))]);
        },
        then: "publish t t=d.parquet",
    },
    Case {
        hint: "write physicalType: '{decimal}' instead of the format, and deliver the column in that type",
        faulty: || {
            of(
                "- { name: a, logicalType: integer, logicalTypeOptions: { format: u64 }, primaryKey: true }",
                "",
            )
        },
        shows: "lint",
        follow: |project, hint| {
            let code = behind(hint, "write ").split(" instead").next().unwrap();
            replace(project, DOCUMENT, "logicalTypeOptions: { format: u64 }", code);
            let exact = arrow::array::Decimal128Array::from(vec![1, i128::from(u64::MAX)]);
            let exact = exact.with_precision_and_scale(20, 0).unwrap();
            project.parquet("d.parquet", vec![("a", std::sync::Arc::new(exact))]);
        },
        then: "publish t t=d.parquet",
    },
    Case {
        hint: "add --input parquet, csv, tsv, ndjson or arrow",
        faulty: || of(A, ""),
        shows: "check t -",
        follow: |project, hint| {
            let formats = behind(hint, "--input ").replace(" or ", ", ");
            project.write("x.csv", "a\n1\n");
            project.write("x.tsv", "a\n1\n");
            project.write("x.ndjson", "{\"a\": 1}\n");
            for format in formats.split(", ").filter(|format| *format != "arrow") {
                let file = if format == "parquet" {
                    "d.parquet".to_owned()
                } else {
                    format!("x.{format}")
                };
                std::fs::copy(project.path().join(file), project.path().join("nameless")).unwrap();
                run(project, &format!("check t nameless --input {format}"));
            }
        },
        then: "",
    },
    Case {
        hint: "omit --pass; --quarantine holds the rows that can be identified",
        faulty: || {
            let only = "customProperties: [{ property: where, value: 'a > 0' }]";
            let project = rule(&format!(
                "metric: duplicateValues, mustBe: 0, arguments: {{ properties: [a] }}, {only}"
            ));
            project.parquet("d.parquet", vec![("a", longs([1, 1]))]);
            project
        },
        shows: "check t d.parquet --quarantine bad --pass good",
        follow: |project, _| {
            let run = project.run(&["check", "t", "d.parquet", "--quarantine", "bad"]).expect(1);
            assert!(run.stdout.contains("duplicateValues"), "{}", run.stdout);
        },
        then: "",
    },
    Case {
        hint: "join by keys, and aggregate before joining; --rule-timeout allows more time",
        faulty: || rule("type: sql, query: 'select count(*) from t', mustBe: 2"),
        shows: "check t d.parquet --rule-timeout 0",
        follow: |project, hint| {
            let option = behind(hint, "; ").split(' ').next().unwrap();
            run(project, &format!("check t d.parquet {option} 600"));
        },
        then: "",
    },
    Case {
        hint: "clause ids are in the report: pactum check … --verbose",
        faulty: || {
            let project = of(A, "");
            project.write(
                "waivers.yaml",
                "check:\n- {contract: t, clause: t/x/required, reason: known, approved_by: ann, expires: 2999-01-01}\n",
            );
            project
        },
        shows: "check t d.parquet",
        follow: |project, hint| {
            let command = behind(hint, "report: ").replace('…', "t d.parquet");
            let run = run(project, &command);
            assert!(run.stdout.contains("t/a/logicalType"), "{}", run.stdout);
        },
        then: "",
    },
    Case {
        hint: "check it with the contract of major {other}, or name a release of major {own}; pactum releases lists them",
        faulty: || {
            let project = released();
            replace(&project, DOCUMENT, "version: 1.0.0", "version: 2.0.0");
            project
        },
        shows: "check t --release 1",
        follow: |project, hint| {
            run(project, behind(hint, "; ").split(" lists").next().unwrap());
            replace(project, DOCUMENT, "version: 2.0.0", "version: 1.0.0");
        },
        then: "check t --release 1",
    },
    Case {
        hint: "pactum init makes this folder a project; --project DIR names another",
        faulty: bare,
        shows: "lint",
        follow: |project, hint| {
            run(project, hint.split(" makes").next().unwrap());
            run(project, "lint");
            std::fs::create_dir(project.path().join("below")).unwrap();
            run(project, "--project . lint");
        },
        then: "",
    },
    Case {
        hint: "give the path of a .odcs.yaml document, or --project DIR",
        faulty: bare,
        shows: "check t d.parquet",
        follow: |project, _| {
            run(project, &format!("check {DOCUMENT} d.parquet"));
            project.write("elsewhere/pactum.yaml", "{}\n");
            std::fs::create_dir(project.path().join("elsewhere/contracts")).unwrap();
            let there = project.path().join("elsewhere").join(DOCUMENT);
            std::fs::copy(project.path().join(DOCUMENT), there).unwrap();
            run(project, "--project elsewhere check t d.parquet");
        },
        then: "",
    },
    Case {
        hint: "give --warehouse DIR, or run inside a project",
        faulty: || {
            let project = released();
            std::fs::remove_file(project.path().join("pactum.yaml")).unwrap();
            project
        },
        shows: "query 'select a from t.t'",
        follow: |project, hint| {
            let option = behind(hint, "give ").split(',').next().unwrap();
            run(
                project,
                &format!("query 'select a from t.t' {}", option.replace("DIR", "warehouse")),
            );
            project.write("pactum.yaml", "warehouse: ./warehouse\n");
        },
        then: "query 'select a from t.t'",
    },
    Case {
        hint: "the first pactum publish makes one",
        faulty: || of(A, ""),
        shows: "describe t.t --warehouse none",
        follow: |project, hint| {
            let command = behind(hint, "first ").split(" makes").next().unwrap();
            run(project, &format!("{command} t t=d.parquet --warehouse none"));
        },
        then: "query 'select a from t.t' --warehouse none",
    },
    Case {
        hint: "set it, or name another warehouse with --warehouse",
        faulty: || {
            let project = of(A, "");
            project.write("pactum.yaml", "warehouse: ${NOWHERE_AT_ALL}\n");
            project
        },
        shows: "publish t t=d.parquet",
        follow: |project, hint| {
            run(project, &format!("publish t t=d.parquet {} w", behind(hint, "with ")));
        },
        then: "",
    },
    Case {
        hint: "name it, such as {first}=N",
        faulty: || {
            let project = released();
            let other = contract("1.0.0", A, "").replace("id: t\nname: t", "id: u\nname: u");
            project.write("contracts/u.odcs.yaml", &other);
            run(&project, "publish u t=d.parquet");
            project
        },
        shows: "query 'select x.a from t.t x join u.t y on x.a = y.a' --release 1",
        follow: |project, hint| {
            let pin = behind(hint, "such as ").replace('N', "1");
            let query = "query 'select x.a from t.t x join u.t y on x.a = y.a'";
            run(project, &format!("{query} --release {pin}"));
        },
        then: "",
    },
    Case {
        hint: "an IANA name such as Europe/Berlin, or an offset such as +02:00",
        faulty: || {
            of(
                "- { name: at, logicalType: timestamp, logicalTypeOptions: { defaultTimezone: Nowhere } }",
                "",
            )
        },
        shows: "lint",
        follow: |project, hint| {
            for zone in hint.split("such as ").skip(1) {
                let zone = zone.split(',').next().unwrap();
                let before = text(project, DOCUMENT);
                replace(project, DOCUMENT, "Nowhere", &format!("'{zone}'"));
                run(project, "lint");
                project.write(DOCUMENT, &before);
            }
            replace(project, DOCUMENT, "Nowhere", "Europe/Berlin");
        },
        then: "lint",
    },
    Case {
        hint: "add logicalType: the options depend on it",
        faulty: || of("- { name: a, logicalTypeOptions: { minimum: 1 } }", ""),
        shows: "lint",
        follow: |project, _| {
            replace(project, DOCUMENT, "name: a", "name: a, logicalType: integer");
        },
        then: "check t d.parquet",
    },
    Case {
        hint: "see `pactum schema` for what may stand here; your own keys go under customProperties",
        faulty: || of("- { name: a, logicalType: integer, ours: 1 }", ""),
        shows: "lint",
        follow: |project, hint| {
            run(project, ticked(hint));
            let own = "customProperties: [{ property: ours, value: 1 }]";
            replace(project, DOCUMENT, "ours: 1", own);
        },
        then: "check t d.parquet",
    },
    Case {
        hint: "write format: {width}",
        faulty: || {
            of("- { name: a, logicalType: integer, logicalTypeOptions: { format: int64 } }", "")
        },
        shows: "lint",
        follow: |project, hint| replace(project, DOCUMENT, "format: int64", behind(hint, "write ")),
        then: "check t d.parquet",
    },
    Case {
        hint: "write logicalType: timestamp",
        faulty: || of("- { name: at, logicalType: date, physicalType: timestamp }", ""),
        shows: "lint",
        follow: instead_of_date,
        then: "lint",
    },
    Case {
        hint: "write logicalType: time",
        faulty: || of("- { name: at, logicalType: date, physicalType: time }", ""),
        shows: "lint",
        follow: instead_of_date,
        then: "lint",
    },
    Case {
        hint: "write logicalType: timestamp where texts have a time of day, logicalType: string where they are not dates, or the physicalType that files have",
        faulty: || of("- { name: a, logicalType: date, physicalType: varchar }", ""),
        shows: "lint",
        follow: |project, hint| {
            let code = behind(hint, "of day, ").split(" where").next().unwrap();
            replace(project, DOCUMENT, "logicalType: date", code);
        },
        then: "lint",
    },
    Case {
        hint: "write logicalType: timestamp with a physicalType of time, or logicalType: integer",
        faulty: || of("- { name: a, logicalType: date, physicalType: long }", ""),
        shows: "lint",
        follow: |project, hint| {
            replace(project, DOCUMENT, "logicalType: date", behind(hint, ", or "));
        },
        then: "check t d.parquet",
    },
    Case {
        hint: "add metric: rowCount, nullValues, …, or type: text where it is prose",
        faulty: || rule("id: x, mustBe: 2"),
        shows: "lint",
        follow: |project, hint| {
            let code = behind(hint, "add ").split(',').next().unwrap();
            replace(project, DOCUMENT, "id: x", &format!("id: x, {code}"));
        },
        then: "check t d.parquet",
    },
    Case {
        hint: "write one of the standard's metrics with an operator; type: sql with a query; type: text where it is prose; or type: custom with the engine that runs it",
        faulty: || rule("id: x, rule: freshness, mustBe: 2"),
        shows: "lint",
        follow: |project, hint| {
            let code = behind(hint, "operator; ").split(" with").next().unwrap();
            let code = format!("{code}, query: 'select count(*) from t'");
            replace(project, DOCUMENT, "rule: freshness", &code);
        },
        then: "check t d.parquet",
    },
    Case {
        hint: "arguments: { properties: [a, b] }",
        faulty: || {
            let columns = format!("{A}\n- {{ name: b, logicalType: integer }}");
            let project = of(&columns, "quality:\n- { metric: duplicateValues, mustBe: 0 }");
            project.parquet("d.parquet", vec![("a", longs([1, 2])), ("b", longs([1, 1]))]);
            project
        },
        shows: "lint",
        follow: |project, hint| {
            let code = format!("metric: duplicateValues, {hint}");
            replace(project, DOCUMENT, "metric: duplicateValues", &code);
        },
        then: "check t d.parquet",
    },
    Case {
        hint: "arguments: { validValues: […] } or { pattern: … }",
        faulty: || on_column("metric: invalidValues, mustBe: 0"),
        shows: "lint",
        follow: |project, hint| {
            let code = hint.split(" or ").next().unwrap().replace('…', "1, 2");
            let code = format!("metric: invalidValues, {code}");
            replace(project, DOCUMENT, "metric: invalidValues", &code);
        },
        then: "check t d.parquet",
    },
];

/// Writes the logical type that a hint begins with in the place of a date.
fn instead_of_date(project: &Project, hint: &str) {
    replace(project, DOCUMENT, "logicalType: date", behind(hint, "write "));
}

/// A folder with a contract and a file that is not a project.
fn bare() -> Project {
    let project = of(A, "");
    std::fs::remove_file(project.path().join("pactum.yaml")).unwrap();
    project
}

/// Hints with code that no case follows, and why.
const ELSEWHERE: &[(&str, &str)] = &[
    (
        "a data frame's row index has no name: to_csv(index=False)",
        "of the program that wrote the file",
    ),
    // Lines of one hint, which the cases follow with what is put around them.
    ("apiVersion: v3.2.0", "add `{line}`"),
    ("version: 0.1.0", "add `{line}`"),
    ("kind: DataContract", "add `{line}`"),
    ("status: active", "add `{line}`"),
    (
        "--timeout allows more time; 0 sets no limit",
        "how long a query takes is not to be told here",
    ),
    ("-o FILE writes a file; or pipe it to another program", "shown to a terminal only"),
    (
        "name it: --warehouse DIR, or PACTUM_WAREHOUSE; a fork has no secrets",
        "shown without a warehouse that CI keeps secret",
    ),
];

/// Every hint that a run shows, and where clauses say why they failed.
fn shown(run: &Run) -> Vec<String> {
    let mut found = Vec::new();
    collect(&run.json(), &mut found);
    found
}

fn collect(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(entries) => entries.iter().for_each(|(key, value)| match value.as_str() {
            Some(text) if key == "hint" => found.push(text.to_owned()),
            // Reasons of clauses end with what to do.
            Some(text) if key == "reason" => {
                found.extend(text.split_once("; ").map(|(_, hint)| hint.to_owned()));
            }
            _ => collect(value, found),
        }),
        _ => {}
    }
}

/// The hint as its source writes it, as a pattern of what is shown.
fn pattern(hint: &str) -> Regex {
    if hint.contains("{ ") && !hint.contains("{{") {
        // Not a format: its braces are its own.
        return Regex::new(&format!("^{}$", regex::escape(hint))).unwrap();
    }
    let hint = hint.replace("{{", "\u{1}").replace("}}", "\u{2}");
    let placeholder = Regex::new(r"\{[^{}]*\}").unwrap();
    let parts: Vec<String> = placeholder.split(&hint).map(regex::escape).collect();
    let text = parts.join(".+").replace('\u{1}', r"\{").replace('\u{2}', r"\}");
    Regex::new(&format!("(?s)^{text}$")).unwrap()
}

fn follows(case: &Case) {
    let project = (case.faulty)();
    let mut command = split(case.shows);
    command.extend(["--format".to_owned(), "json".to_owned()]);
    let words: Vec<&str> = command.iter().map(String::as_str).collect();
    let words = if words[0] == "explain" { &words[..2] } else { &words[..] };
    let run = project.run(words);
    let hints = match words[0] {
        "explain" => run
            .stderr
            .lines()
            .filter_map(|line| line.split("help: ").nth(1))
            .map(str::to_owned)
            .collect(),
        _ => shown(&run),
    };
    let pattern = pattern(case.hint);
    let hint = hints.iter().find(|hint| pattern.is_match(hint));
    let hint = hint.unwrap_or_else(|| {
        panic!("{}: '{}' is not among {hints:?}\n{}", case.shows, case.hint, run.stdout)
    });
    (case.follow)(&project, hint);
    if !case.then.is_empty() {
        let command = split(case.then);
        let run = project.run(&command.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(run.code, 0, "{hint}: {}{}", run.stdout, run.stderr);
        // The hint was followed: it is not shown again.
        let again = shown(&project.run(words));
        assert!(!again.contains(hint), "'{hint}' is still shown");
    }
}

/// Follows the hint of each case, and names every one that leads nowhere.
fn all_pass(is_meant: impl Fn(&Case) -> bool) {
    let fails = |case: &&Case| std::panic::catch_unwind(|| follows(case)).is_err();
    let failed = CASES.iter().filter(|case| is_meant(case)).filter(fails);
    let failed: Vec<&str> = failed.map(|case| case.hint).collect();
    assert!(failed.is_empty(), "these hints lead nowhere: {failed:#?}");
}

#[test]
fn what_a_hint_of_lint_says_passes() {
    all_pass(|case| case.shows == "lint");
}

#[test]
fn what_a_hint_of_another_command_says_passes() {
    all_pass(|case| case.shows != "lint");
}

/// Where hints are searched for.
const SOURCES: &[&str] = &[
    "src/contract",
    "src/check",
    "src/profile",
    "src/query",
    "src/project/consumer.rs",
    "src/cli/check.rs",
    "src/cli/context.rs",
    "src/cli/explain.rs",
    "src/cli/infer.rs",
    "src/cli/lint.rs",
    "src/cli/query.rs",
];

fn sources(path: &Path, found: &mut Vec<std::path::PathBuf>) {
    if path.is_dir() {
        for entry in std::fs::read_dir(path).unwrap() {
            sources(&entry.unwrap().path(), found);
        }
    } else if path.extension().is_some_and(|e| e == "rs") {
        found.push(path.to_owned());
    }
}

/// The texts in the argument of every `hint(…)`, in every `hint = …;` and every `hint: …,`.
fn hints_in(source: &str) -> Vec<String> {
    let source = source.split("#[cfg(test)]").next().unwrap();
    let begins = Regex::new(r"\b(?:maybe_)?hint\(|\bhint = |\bhint: ").unwrap();
    let indent = Regex::new(r"\n\s*").unwrap();
    let mut found = Vec::new();
    for begin in begins.find_iter(source) {
        let (mut depth, mut text, mut escaped) = (0, None::<String>, false);
        let ends = if begin.as_str() == "hint: " { ',' } else { ';' };
        for c in source[begin.end()..].chars() {
            match (&mut text, c) {
                (Some(open), c) if escaped => {
                    open.push(match c {
                        'n' => '\n',
                        c => c,
                    });
                    escaped = false;
                }
                (Some(_), '\\') => escaped = true,
                (Some(open), '"') => {
                    // A line that goes on begins after its blanks.
                    found.push(indent.replace_all(open, "").into_owned());
                    text = None;
                }
                (Some(open), c) => open.push(c),
                (None, '"') => text = Some(String::new()),
                (None, '(' | '{' | '[') => depth += 1,
                (None, ')' | '}' | ']') if depth == 0 => break,
                (None, ')' | '}' | ']') => depth -= 1,
                (None, c) if depth == 0 && c == ends => break,
                (None, _) => {}
            }
        }
    }
    found
}

/// Whether a hint says what to write or to run, letter by letter.
fn holds_code(hint: &str) -> bool {
    let code = [
        r"`",
        r"(^|\s)--?[a-z]",
        r"\bpactum [a-z]",
        r"\b(name|physicalName|logicalType|physicalType|arguments|metric|mustBe\w*|apiVersion|version|value|unit|external_engines|warehouse|owner|type|implementation|query|sqlName|extends|status|kind|format|enum|minimum|maximum|timezone|defaultTimezone|validValues|element): \S",
        r"=(FILES|VALUE|N)\b",
        r"\$\{name\}",
        r"^\[\{",
        r"… as name",
        r"\b\d+\.\d+\.\d+\b|\d\d:\d\d",
    ];
    code.iter().any(|code| Regex::new(code).unwrap().is_match(hint))
}

#[test]
fn every_hint_with_code_is_followed_by_a_test() {
    let mut files = Vec::new();
    SOURCES.iter().for_each(|name| sources(&root().join(name), &mut files));
    let followed: Vec<&str> =
        CASES.iter().map(|case| case.hint).chain(ELSEWHERE.iter().map(|(hint, _)| *hint)).collect();
    let mut lacking = Vec::new();
    for file in files {
        let hints = hints_in(&std::fs::read_to_string(&file).unwrap());
        let lacks =
            hints.into_iter().filter(|hint| holds_code(hint) && !followed.contains(&&**hint));
        lacking.extend(
            lacks.map(|hint| format!("{}: {hint}", file.strip_prefix(root()).unwrap().display())),
        );
    }
    assert!(lacking.is_empty(), "no test follows these hints:\n{}", lacking.join("\n"));
}

#[test]
fn hints_are_found_in_sources_and_code_in_hints() {
    let source = r#"x.hint("a \"b\""); maybe_hint(Some(format!("c {}", d("e")))); let hint = match x { _ => "f" };
        .hint(if a { "one \
               line" } else { h }) "not""#;
    assert_eq!(hints_in(source), ["a \"b\"", "c {}", "e", "f", "one line"]);
    for hint in
        ["add `x`", "pactum tables lists them", "--warehouse DIR", "name: {}", "write {}=FILES"]
    {
        assert!(holds_code(hint), "{hint}");
    }
    for hint in ["choose another name", "one of {}", "did you mean '{near}'?", "at most 3 fit"] {
        assert!(!holds_code(hint), "{hint}");
    }
    assert!(pattern("a {{ {}: … }}").is_match("a { x: … }"));
}
