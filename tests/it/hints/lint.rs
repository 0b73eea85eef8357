//! Hints of lint.

use super::{
    A, Case, DOCUMENT, Follow::Do, bare, behind, consumer, linted, of, on_column, over, replace,
    rule, run, text, ticked, with,
};
use crate::support::{longs, texts};

pub(super) const CASES: &[Case] = &[
    linted(
        "write logicalType: timestamp",
        || of(&format!("{A}\n- {{ name: b, logicalType: date, physicalType: timestamp }}"), ""),
        over("logicalType: date", "write "),
    ),
    linted(
        "write logicalType: time",
        || of(&format!("{A}\n- {{ name: b, logicalType: date, physicalType: time }}"), ""),
        over("logicalType: date", "write "),
    ),
    linted(
        "columns belong under properties of a table: - {{ name: my_table, \
             properties: [{{ name: {name}, logicalType: {kind} }}{more}] }}",
        || {
            let project = of(&format!("{A}\n- {{ name: b, logicalType: string }}"), "");
            replace(&project, DOCUMENT, "  - name: t\n    properties:\n", "");
            project
        },
        Do(|project, hint| {
            let second = "{ name: b, logicalType: string }";
            let table = behind(hint, "of a table: ").replace("my_table", "t").replace("…", second);
            replace(project, DOCUMENT, &format!("{A}\n    - {second}"), &table);
        }),
    ),
    linted(
        "write format: {width}",
        || {
            of(
                &format!(
                    "{A}\n- {{ name: b, logicalType: integer, logicalTypeOptions: {{ format: \
             int32 }} }}"
                ),
                "",
            )
        },
        over("format: int32", "write "),
    ),
    linted(
        "add metric: rowCount, nullValues, …, or type: text where it is prose",
        || on_column("mustBe: 0"),
        with("mustBe: 0", "metric: nullValues, mustBe: 0"),
    ),
    linted(
        "write type: sql, which executes the query",
        || rule("query: 'select count(*) from {table} where a is null', mustBe: 0"),
        with("{ query:", "{ type: sql, query:"),
    ),
    linted(
        "write type: sql, which executes the query",
        || {
            rule(
                "type: text, query: 'select count(*) from {table} where a is null', \
             mustBe: 0",
            )
        },
        with("type: text", "type: sql"),
    ),
    linted(
        "write type: library, which executes the metric",
        || on_column("type: text, description: x, metric: nullValues, mustBe: 0"),
        with("type: text", "type: library"),
    ),
    linted(
        "write type: custom with an engine and its implementation",
        || rule("type: text, description: x, engine: soda"),
        with("type: text", "type: custom, implementation: x"),
    )
    .then("lint"),
    linted(
        "remove them, or write type: library with a metric",
        || rule("type: text, description: x, mustBe: 2"),
        with("type: text", "type: library, metric: rowCount"),
    ),
    linted(
        "remove what is not used, or write type: library and remove the query",
        || rule("type: sql, query: select 2, metric: rowCount, mustBe: 2"),
        with("type: sql, query: select 2", "type: library"),
    ),
    linted(
        "write type: library in place of the engine, or remove what it does not \
             read",
        || {
            on_column(
                "type: custom, engine: x, implementation: y, metric: nullValues, mustBe: \
             0",
            )
        },
        with("type: custom, engine: x, implementation: y", "type: library"),
    ),
    linted(
        "remove it, or write metric: {user}, which uses it",
        || on_column("metric: nullValues, mustBe: 0, arguments: { missingValues: [-1] }"),
        with("metric: nullValues", "metric: missingValues"),
    ),
    linted(
        "write physicalType: {meant}",
        || of(&format!("{A}\n- {{ name: b, logicalType: string, physicalType: 'char[9]' }}"), ""),
        Do(|project, hint| {
            let code = behind(hint, "write ");
            replace(project, DOCUMENT, "physicalType: 'char[9]'", code);
        }),
    ),
    linted(
        "write one of the standard's metrics with an operator; type: sql with a \
             query; type: text where it is prose; or type: custom with the engine \
             that runs it",
        || on_column("rule: freshness, mustBe: 0"),
        with("rule: freshness", "metric: nullValues"),
    ),
    linted(
        "name: {}, physicalName: {}",
        || {
            let project = of("- { name: Phone No., logicalType: integer }", "");
            project.parquet("d.parquet", vec![("Phone No.", longs([1]))]);
            project
        },
        over("name: Phone No.", ""),
    )
    .then("publish t t=d.parquet"),
    linted(
        "{why}, as in {}",
        || {
            let project =
                of("- { name: a, logicalType: integer }\n- { name: A, logicalType: integer }", "");
            project.parquet("d.parquet", vec![("a", longs([1])), ("A", longs([2]))]);
            project
        },
        over("name: A", "as in "),
    )
    .then("publish t t=d.parquet"),
    linted(
        "choose a name of visible characters: {}",
        || {
            let project = of("- { name: \"x\\ny\", logicalType: integer }", "");
            project.parquet("d.parquet", vec![("x\ny", longs([1]))]);
            project
        },
        over("name: \"x\\ny\"", "characters: "),
    )
    .then("publish t t=d.parquet"),
    linted(
        "rename the field in the file too, and write name: {better}",
        || {
            let field = "{ name: x y, logicalType: integer }";
            of(&format!("- {{ name: o, logicalType: object, properties: [{field}] }}"), "")
        },
        Do(|project, hint| {
            replace(project, DOCUMENT, "name: x y", behind(hint, "and write "));
            project.write("d.ndjson", "{\"o\": {\"x_y\": 1}}\n");
        }),
    )
    .then("publish t t=d.ndjson"),
    linted(
        "name: {}",
        || {
            let field = "{ name: x, physicalName: y, logicalType: integer }";
            of(&format!("- {{ name: o, logicalType: object, properties: [{field}] }}"), "")
        },
        Do(|project, hint| {
            replace(project, DOCUMENT, "name: x", hint);
            project.write("d.ndjson", "{\"o\": {\"y\": 1}}\n");
        }),
    )
    .then("publish t t=d.ndjson"),
    linted(
        "physicalName: a different name",
        || of("- { name: a, logicalType: integer }\n- { name: b, physicalName: a }", ""),
        with("physicalName: a", "physicalName: b"),
    ),
    linted(
        "add `{line}`",
        || {
            let project = of(A, "");
            replace(&project, DOCUMENT, "version: 1.0.0\n", "");
            project
        },
        Do(|project, hint| {
            let line = ticked(hint);
            replace(project, DOCUMENT, "status:", &format!("{line}\nstatus:"));
        }),
    ),
    linted(
        "version: {version}",
        || {
            let project = of(A, "");
            replace(&project, DOCUMENT, "version: 1.0.0\n", "version: 1.0\n");
            project
        },
        Do(|project, hint| {
            replace(project, DOCUMENT, "version: 1.0\n", &format!("{hint}\n"));
        }),
    )
    .then("publish t t=d.parquet"),
    linted(
        "write logicalType: {other}, or the physicalType that files have",
        || of(&format!("{A}\n- {{ name: b, logicalType: time, physicalType: varchar }}"), ""),
        Do(|project, hint| {
            let meant = behind(hint, "write ").split(',').next().unwrap();
            replace(project, DOCUMENT, "logicalType: time", meant);
        }),
    ),
    linted(
        "write logicalType: integer and the bound as a number",
        || {
            let bound = "logicalTypeOptions: { minimum: '2020-01-01' }";
            of(&format!("{A}\n- {{ name: b, logicalType: date, physicalType: long, {bound} }}"), "")
        },
        Do(|project, _| {
            replace(project, DOCUMENT, "logicalType: date", "logicalType: integer");
            replace(project, DOCUMENT, "'2020-01-01'", "0");
        }),
    ),
    linted(
        "write metric: {metric}",
        || on_column("rule: nullCheck, mustBe: 0"),
        over("rule: nullCheck", "write "),
    ),
    linted(
        "declare its columns and write logicalType: object, or leave it out of \
             schema",
        || {
            let project = of(A, "");
            replace(&project, DOCUMENT, "- name: t\n", "- name: t\n    logicalType: blob\n");
            project
        },
        with("logicalType: blob", "logicalType: object"),
    ),
    linted(
        "three numbers, major.minor.patch: version: 1.0.0",
        || {
            let project = of(A, "");
            replace(&project, DOCUMENT, "version: 1.0.0", "version: first");
            project
        },
        over("version: first", "patch: "),
    )
    .then("publish t t=d.parquet"),
    linted(
        "apiVersion: v{}.{}.0",
        || {
            let project = of("- { name: a, logicalType: integer, semanticType: column }", "");
            replace(&project, DOCUMENT, "apiVersion: v3.2.0", "apiVersion: v3.1.0");
            project
        },
        over("apiVersion: v3.1.0", ""),
    ),
    linted(
        "move it inside: arguments: {{ {}: … }}",
        || on_column("metric: invalidValues, mustBe: 0, validValues: [1, 2]"),
        Do(|project, hint| {
            let code = behind(hint, "inside: ").replace('…', "[1, 2]");
            replace(project, DOCUMENT, "validValues: [1, 2]", &code);
        }),
    ),
    linted(
        "add one, such as mustBe: 0",
        || on_column("metric: nullValues"),
        Do(|project, hint| {
            let code = format!("metric: nullValues, {}", behind(hint, "such as "));
            replace(project, DOCUMENT, "metric: nullValues", &code);
        }),
    ),
    linted(
        "arguments: { missingValues: [NULL, …] }",
        || on_column("metric: missingValues, mustBe: 0, arguments: { missingValues: [] }"),
        Do(|project, hint| {
            let code = hint.replace(", …", "");
            replace(project, DOCUMENT, "arguments: { missingValues: [] }", &code);
        }),
    ),
    linted(
        "write unit: rows",
        || rule("metric: rowCount, mustBeGreaterThan: 0, unit: percent"),
        over("unit: percent", "write "),
    ),
    linted(
        "write unit: rows, or unit: percent",
        || on_column("metric: nullValues, mustBeLessThan: 1, unit: days"),
        over("unit: days", "or "),
    ),
    linted(
        "write a number, such as mustBe: 0",
        || on_column("metric: nullValues, mustBe: none"),
        over("mustBe: none", "such as "),
    ),
    linted("[{b}, {a}]", || rule("metric: rowCount, mustBeBetween: [10, 1]"), over("[10, 1]", "")),
    linted(
        "implementation: {{ metric: {metric}, {operator} }}",
        || {
            let own = "type: custom, engine: pactum, implementation: { metric: nothing }";
            of(
                "- { name: a, logicalType: integer, primaryKey: true }",
                &format!("quality:\n- {{ {own} }}"),
            )
        },
        over("implementation: { metric: nothing }", ""),
    ),
    linted(
        "implementation: {{ metric: {metric}, {operator} }}",
        || on_column("type: custom, engine: pactum, implementation: { metric: keysKept }"),
        over("implementation: { metric: keysKept }", ""),
    ),
    linted(
        "write a number and a unit: value: 2, unit: d; or a duration: value: P2D",
        || {
            let project = of(
                "- { name: a, logicalType: integer }\n- { name: at, logicalType: \
             timestamp, logicalTypeOptions: { timezone: false } }",
                "",
            );
            let text = text(&project, DOCUMENT);
            let sla = "slaProperties: [{ property: retention, value: soon, element: t.at }]\n";
            project.write(DOCUMENT, &format!("{text}{sla}"));
            project
        },
        Do(|project, hint| {
            let codes = behind(hint, "unit: ").split("; or a duration: ");
            let before = text(project, DOCUMENT);
            for code in codes {
                project.write(DOCUMENT, &before);
                replace(project, DOCUMENT, "value: soon", code);
                run(project, "lint");
            }
        }),
    )
    .then("lint"),
    linted(
        "metric: missingValues, arguments: {{ missingValues: [{}] }}",
        || {
            let rule = "metric: invalidValues, arguments: { validValues: [x, n/a, null] }";
            let column =
                format!("- {{ name: a, logicalType: string, quality: [{{ {rule}, mustBe: 0 }}] }}");
            let project = of(&column, "");
            project.parquet("d.parquet", vec![("a", texts([Some("x")]))]);
            project
        },
        Do(|project, hint| {
            let rule = "metric: invalidValues, arguments: { validValues: [x, n/a, null] }";
            replace(project, DOCUMENT, rule, hint);
        }),
    ),
    linted(
        "start from `pactum init`, which writes a first contract",
        || {
            let project = of(A, "");
            project.write(DOCUMENT, "- a\n");
            project
        },
        Do(|project, hint| {
            std::fs::remove_file(project.path().join(DOCUMENT)).unwrap();
            std::fs::remove_file(project.path().join("pactum.yaml")).unwrap();
            run(project, ticked(hint));
        }),
    )
    .then("lint"),
    linted(
        "begin the file with `-- owner: <team>`",
        || consumer("select a from t.t\n"),
        Do(|project, hint| {
            let line = ticked(hint).replace("<team>", "home-page");
            project.write("sql/c.sql", &format!("{line}\nselect a from t.t\n"));
        }),
    )
    .then("lint"),
    linted(
        "{name}: {{type: bigint, required: true}}",
        || consumer("-- owner: x\n-- params:\n--   n: {}\nselect a from t.t where a = $n\n"),
        Do(|project, hint| replace(project, "sql/c.sql", "n: {}", hint)),
    )
    .then("lint"),
    linted(
        "add the line `--{}{own}` below params",
        || {
            consumer(
                "-- owner: x\n-- params:\n--   m: {type: bigint}\n\
                 select a from t.t where a in ($m, $n)\n",
            )
        },
        Do(|project, hint| {
            let line = ticked(hint);
            replace(project, "sql/c.sql", "select", &format!("{line}\nselect"));
        }),
    )
    .then("lint"),
    linted(
        "add the line `--{}params: {{{all}}}`",
        || consumer("-- owner: x\nselect a from t.t where a = $n and $m is null\n"),
        Do(|project, hint| {
            let line = ticked(hint);
            replace(project, "sql/c.sql", "select", &format!("{line}\nselect"));
        }),
    )
    .then("lint"),
    linted(
        "write `--{}params: {{{others}, {all}}}`",
        || {
            consumer(
                "-- owner: x\n-- params: {m: {type: bigint, required: true}}\n\
                 select a from t.t where a in ($m, $n)\n",
            )
        },
        Do(|project, hint| {
            let declared = "-- params: {m: {type: bigint, required: true}}";
            replace(project, "sql/c.sql", declared, ticked(hint));
        }),
    )
    .then("lint"),
    linted(
        "give it an alias: … as name",
        || consumer("-- owner: x\n-- params: {}\nselect a + 1 from t.t\n"),
        Do(|project, hint| {
            let alias = behind(hint, "…");
            replace(project, "sql/c.sql", "a + 1", &format!("a + 1{alias}"));
        }),
    )
    .then("lint"),
    linted(
        "if {engine} runs it, write in pactum.yaml: external_engines: [{engine}]",
        || {
            let project = rule("type: sql, query: 'select iff(1) from t', mustBe: 0");
            let servers = "servers: [{ server: p, type: snowflake }]\nschema:";
            replace(&project, DOCUMENT, "schema:", servers);
            project
        },
        Do(|project, hint| {
            let setting = behind(hint, "pactum.yaml: ");
            project.write("pactum.yaml", &format!("warehouse: ./warehouse\n{setting}\n"));
        }),
    ),
    linted(
        "write physicalType: '{decimal}' instead of the format, and deliver the \
             column in that type",
        || {
            of(
                "- { name: a, logicalType: integer, logicalTypeOptions: { format: u64 }, \
             primaryKey: true }",
                "",
            )
        },
        Do(|project, hint| {
            let code = behind(hint, "write ").split(" instead").next().unwrap();
            replace(project, DOCUMENT, "logicalTypeOptions: { format: u64 }", code);
            let exact = arrow::array::Decimal128Array::from(vec![1, i128::from(u64::MAX)]);
            let exact = exact.with_precision_and_scale(20, 0).unwrap();
            project.parquet("d.parquet", vec![("a", std::sync::Arc::new(exact))]);
        }),
    )
    .then("publish t t=d.parquet"),
    linted(
        "pactum init makes this folder a project; --project DIR names another",
        bare,
        Do(|project, hint| {
            run(project, hint.split(" makes").next().unwrap());
            run(project, "lint");
            std::fs::create_dir(project.path().join("below")).unwrap();
            run(project, "--project . lint");
        }),
    )
    .then(""),
    linted(
        "an IANA name such as Europe/Berlin, or an offset such as +02:00",
        || {
            of(
                "- { name: at, logicalType: timestamp, logicalTypeOptions: { \
             defaultTimezone: Nowhere } }",
                "",
            )
        },
        Do(|project, hint| {
            for zone in hint.split("such as ").skip(1) {
                let zone = zone.split(',').next().unwrap();
                let before = text(project, DOCUMENT);
                replace(project, DOCUMENT, "Nowhere", &format!("'{zone}'"));
                run(project, "lint");
                project.write(DOCUMENT, &before);
            }
            replace(project, DOCUMENT, "Nowhere", "Europe/Berlin");
        }),
    )
    .then("lint"),
    linted(
        "add logicalType: the options depend on it",
        || of("- { name: a, logicalTypeOptions: { minimum: 1 } }", ""),
        with("name: a", "name: a, logicalType: integer"),
    ),
    linted(
        "see `pactum schema` for what may stand here; your own keys go under \
             customProperties",
        || of("- { name: a, logicalType: integer, ours: 1 }", ""),
        Do(|project, hint| {
            run(project, ticked(hint));
            let own = "customProperties: [{ property: ours, value: 1 }]";
            replace(project, DOCUMENT, "ours: 1", own);
        }),
    ),
    linted(
        "write format: {width}",
        || {
            of(
                "- { name: a, logicalType: integer, logicalTypeOptions: { format: int64 \
             } }",
                "",
            )
        },
        over("format: int64", "write "),
    ),
    linted(
        "write logicalType: timestamp where texts have a time of day, \
             logicalType: string where they are not dates, or the physicalType that \
             files have",
        || of("- { name: a, logicalType: date, physicalType: varchar }", ""),
        Do(|project, hint| {
            let code = behind(hint, "of day, ").split(" where").next().unwrap();
            replace(project, DOCUMENT, "logicalType: date", code);
        }),
    )
    .then("lint"),
    linted(
        "write logicalType: timestamp with a physicalType of time, or \
             logicalType: integer",
        || of("- { name: a, logicalType: date, physicalType: long }", ""),
        over("logicalType: date", ", or "),
    ),
    linted(
        "add metric: rowCount, nullValues, …, or type: text where it is prose",
        || rule("id: x, mustBe: 2"),
        Do(|project, hint| {
            let code = behind(hint, "add ").split(',').next().unwrap();
            replace(project, DOCUMENT, "id: x", &format!("id: x, {code}"));
        }),
    ),
    linted(
        "write one of the standard's metrics with an operator; type: sql with a \
             query; type: text where it is prose; or type: custom with the engine \
             that runs it",
        || rule("id: x, rule: freshness, mustBe: 2"),
        Do(|project, hint| {
            let code = behind(hint, "operator; ").split(" with").next().unwrap();
            let code = format!("{code}, query: 'select count(*) from t'");
            replace(project, DOCUMENT, "rule: freshness", &code);
        }),
    ),
    linted(
        "arguments: { properties: [a, b] }",
        || {
            let columns = format!("{A}\n- {{ name: b, logicalType: integer }}");
            let project = of(&columns, "quality:\n- { metric: duplicateValues, mustBe: 0 }");
            project.parquet("d.parquet", vec![("a", longs([1, 2])), ("b", longs([1, 1]))]);
            project
        },
        Do(|project, hint| {
            let code = format!("metric: duplicateValues, {hint}");
            replace(project, DOCUMENT, "metric: duplicateValues", &code);
        }),
    ),
    linted(
        "arguments: { validValues: […] } or { pattern: … }",
        || on_column("metric: invalidValues, mustBe: 0"),
        Do(|project, hint| {
            let code = hint.split(" or ").next().unwrap().replace('…', "1, 2");
            let code = format!("metric: invalidValues, {code}");
            replace(project, DOCUMENT, "metric: invalidValues", &code);
        }),
    ),
];
