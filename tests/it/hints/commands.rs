//! Hints of other commands.

use super::{
    A, Case, DOCUMENT, Follow::Do, bare, behind, consumer, of, released, replace, rule, run,
    shown_by, text, ticked,
};
use crate::support::{Project, contract, longs, output, texts};

/// A project whose contract has two tables.
fn two_tables() -> Project {
    let project = of(A, "");
    let table = "- { name: u, properties: [{ name: a, logicalType: integer }] }";
    let before = text(&project, DOCUMENT);
    project.write(DOCUMENT, &format!("{before}  {table}\n"));
    project
}

/// Publishes as a hint says, which names the tables.
fn first_release(project: &Project, hint: &str) {
    let command = hint.split(" makes").next().unwrap().replace("FILES", "d.parquet");
    run(project, &command);
}

/// Runs a command with each form of a release that a hint names.
fn each_release(project: &Project, command: &str, hint: &str) {
    for n in 0..2 {
        project.parquet("d.parquet", vec![("a", longs([n + 3]))]);
        run(project, "publish t t=d.parquet");
    }
    let options = hint.replace(" (or current)", ", --release current").replace("or ", "");
    for option in options.split(", ") {
        run(project, &format!("{command} {option}"));
    }
}

pub(super) const CASES: &[Case] = &[
    shown_by(
        "check contracts/t.odcs.yaml d.parquet",
        "write {}=FILES; tables: {}",
        || {
            let project = two_tables();
            std::fs::remove_file(project.path().join("pactum.yaml")).unwrap();
            project
        },
        Do(|project, hint| {
            let pair = behind(hint, "write ").split(';').next().unwrap();
            let pair = pair.replace("FILES", "d.parquet");
            run(project, &format!("check {DOCUMENT} {pair}"));
        }),
    ),
    shown_by(
        "lint c.sql",
        "no project is around it: --project DIR names the one whose tables it reads",
        || {
            let project = bare();
            project.write("c.sql", "-- owner: x\nselect a from t.t\n");
            let contract = text(&project, DOCUMENT);
            project.write("elsewhere/pactum.yaml", "{}\n");
            project.write(&format!("elsewhere/{DOCUMENT}"), &contract);
            project
        },
        Do(|project, _| drop(run(project, "lint c.sql --project elsewhere"))),
    ),
    shown_by(
        "check t d.parquet",
        "write {line}",
        two_tables,
        Do(|project, hint| drop(run(project, behind(hint, "write ")))),
    ),
    shown_by(
        "check contracts/t.odcs.yaml",
        "add FILES, or --release latest",
        || {
            let project = released();
            std::fs::remove_file(project.path().join("pactum.yaml")).unwrap();
            project
        },
        Do(|project, hint| {
            run(project, &format!("check {DOCUMENT} d.parquet"));
            let option = behind(hint, "or ");
            run(project, &format!("check {DOCUMENT} {option} --warehouse warehouse"));
        }),
    ),
    shown_by(
        "query 'select a from t.t where a = \"Ada\"'",
        "a text is in single quotes: {text}; {columns}",
        || {
            let project = of("- { name: a, logicalType: string }", "");
            project.parquet("d.parquet", vec![("a", texts([Some("Ada")]))]);
            run(&project, "publish t t=d.parquet");
            project
        },
        Do(|project, hint| {
            let text = behind(hint, "quotes: ").split(';').next().unwrap();
            run(project, &format!("query \"select a from t.t where a = {text}\""));
        }),
    ),
    shown_by(
        "query 'select a from t.t'",
        "{command} makes the first release",
        || of(A, ""),
        Do(first_release),
    )
    .then("query 'select a from t.t'"),
    shown_by(
        "releases show t",
        "{command} makes the first release",
        || of(A, ""),
        Do(first_release),
    )
    .then("releases show t"),
    shown_by(
        "check t --release latest",
        "{command} makes the first release",
        || of(A, ""),
        Do(first_release),
    )
    .then("check t --release latest"),
    shown_by(
        "releases show t 9",
        "{range}pactum releases {id} --all lists releases and attempts",
        released,
        Do(|project, hint| {
            let command = hint.split("; ").last().unwrap().split(" lists").next().unwrap();
            run(project, command);
        }),
    ),
    shown_by(
        "query 'select a from t.t' --as-of 2020-01-01",
        "--as-of {time} reads its first release{date}",
        released,
        Do(|project, hint| {
            let option = hint.split(" reads").next().unwrap();
            run(project, &format!("query 'select a from t.t' {option}"));
        }),
    ),
    shown_by(
        "check t --release x",
        "--release 3, --release latest (or current), or --release -1",
        released,
        Do(|project, hint| each_release(project, "check t", hint)),
    ),
    shown_by(
        "check t x.ndjson",
        "write one object per line: df.to_json(\"x.ndjson\", orient=\"records\", lines=True)",
        || {
            let project = of(A, "");
            project.write("x.ndjson", r#"{"a":{"0":1,"1":2}}"#);
            project
        },
        Do(|project, hint| match crate::python::interpreter() {
            Some(python) => {
                let frame = "import pandas\ndf = pandas.DataFrame({'a': [1, 2]})\n";
                let script = format!("{frame}{}", behind(hint, "line: "));
                let mut command = std::process::Command::new(python);
                let run = output(command.current_dir(project.path()).args(["-c", &script]));
                assert!(run.status.success(), "{run:?}");
            }
            None => project.write("x.ndjson", "{\"a\":1}\n{\"a\":2}\n"),
        }),
    )
    .then("check t x.ndjson"),
    shown_by(
        "check t d.parquet",
        "declare types, keys or rules; pactum infer FILE drafts them; \
             --allow-empty passes",
        || of("- { name: a }", ""),
        Do(|project, hint| {
            let command = behind(hint, "; ").split(" drafts").next().unwrap();
            run(
                project,
                &format!("{} --output {DOCUMENT}.new", command.replace("FILE", "d.parquet")),
            );
            let option = hint.rsplit("; ").next().unwrap().split(' ').next().unwrap();
            run(project, &format!("check t d.parquet {option}"));
            let draft = text(project, &format!("{DOCUMENT}.new"));
            project.write(DOCUMENT, &draft.replace("id: d\n", "id: t\n"));
        }),
    )
    .then("check t d.parquet"),
    shown_by(
        "query c",
        "-p {name}=<{type_name}>",
        || {
            let project = consumer(
                "-- owner: x\n-- params:\n--   n: {type: bigint, required: true}\nselect \
             a from t.t where a = $n\n",
            );
            assert_eq!(project.publish("d.parquet")["outcome"], "released");
            project
        },
        Do(|project, hint| {
            drop(run(project, &format!("query c {}", hint.replace("<bigint>", "1"))))
        }),
    ),
    shown_by(
        "query 'select a from t.t where a = $n'",
        "-p {name}=VALUE",
        released,
        Do(|project, hint| {
            let option = hint.replace("VALUE", "1");
            run(project, &format!("query 'select a from t.t where a = $n' {option}"));
        }),
    ),
    shown_by(
        "query 'select a from t.t' -p n=1",
        "write ${name} where its value belongs",
        released,
        Do(|project, hint| {
            let name = behind(hint, "write ").split(' ').next().unwrap();
            run(project, &format!("query 'select a from t.t where a = {name}' -p n=1"));
        }),
    ),
    shown_by(
        "query q.sql",
        "-f {name} runs a file",
        || {
            let project = released();
            project.write("q.sql", "select a from t.t\n");
            project
        },
        Do(|project, hint| {
            drop(run(project, &format!("query {}", hint.strip_suffix(" runs a file").unwrap())));
        }),
    ),
    shown_by(
        "query 'select a from t.t' --release x",
        "--release 3, --release latest (or current), --release -1, or --release learning=3",
        released,
        Do(|project, hint| {
            each_release(project, "query 'select a from t.t'", &hint.replace("learning", "t"));
        }),
    ),
    shown_by(
        "query 'select a from t.t' --as-of yesterday",
        "write an instant, such as 2026-01-31T12:00:00Z, or a date, such as 2026-01-31, which \
         means the start of that day in UTC",
        released,
        Do(|project, hint| {
            for instant in hint.split("such as ").skip(1) {
                let instant = instant.split(',').next().unwrap().replace("2026", "9999");
                run(project, &format!("query 'select a from t.t' --as-of {instant}"));
            }
        }),
    ),
    shown_by(
        "query 'select a from nowhere.t'",
        "pactum tables lists what is there",
        released,
        Do(|project, hint| drop(run(project, hint.split(" lists").next().unwrap()))),
    ),
    shown_by(
        "check t --release 7",
        "pactum releases lists them",
        released,
        Do(|project, hint| drop(run(project, hint.split(" lists").next().unwrap()))),
    ),
    shown_by(
        "explain X999",
        "pactum explain lists every code",
        released,
        Do(|project, hint| drop(run(project, hint.split(" lists").next().unwrap()))),
    ),
    shown_by(
        "publish t t=d.parquet",
        "write `warehouse: ./warehouse` into pactum.yaml, or give --warehouse DIR",
        || {
            let project = of(A, "");
            project.write("pactum.yaml", "{}\n");
            project
        },
        Do(|project, hint| {
            run(project, "publish t t=d.parquet --warehouse elsewhere");
            project.write("pactum.yaml", &format!("{}\n", ticked(hint)));
        }),
    )
    .then("publish t t=d.parquet"),
    shown_by(
        "check t d.parquet",
        "declare physicalType: decimal(20,0), and deliver the column in that type",
        || {
            let project = of("- { name: a, logicalType: integer, primaryKey: true }", "");
            let wide = arrow::array::UInt64Array::from(vec![1, u64::MAX]);
            project.parquet("d.parquet", vec![("a", std::sync::Arc::new(wide))]);
            project
        },
        Do(|project, hint| {
            let code = behind(hint, "declare ").split(", and").next().unwrap();
            let code = code.replace("decimal(20,0)", "'decimal(20,0)'");
            replace(project, DOCUMENT, "primaryKey", &format!("{code}, primaryKey"));
            let exact = arrow::array::Decimal128Array::from(vec![1, i128::from(u64::MAX)]);
            let exact = exact.with_precision_and_scale(20, 0).unwrap();
            project.parquet("d.parquet", vec![("a", std::sync::Arc::new(exact))]);
        }),
    )
    .then("publish t t=d.parquet"),
    shown_by(
        "check t -",
        "add --input parquet, csv, tsv, ndjson or arrow",
        || of(A, ""),
        Do(|project, hint| {
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
        }),
    ),
    shown_by(
        "check t d.parquet --quarantine bad --pass good",
        "omit --pass; --quarantine holds the rows that can be identified",
        || {
            let only = "customProperties: [{ property: where, value: 'a > 0' }]";
            let project = rule(&format!(
                "metric: duplicateValues, mustBe: 0, arguments: {{ properties: [a] }}, \
             {only}"
            ));
            project.parquet("d.parquet", vec![("a", longs([1, 1]))]);
            project
        },
        Do(|project, _| {
            let run = project.run(&["check", "t", "d.parquet", "--quarantine", "bad"]).expect(1);
            assert!(run.stdout.contains("duplicateValues"), "{}", run.stdout);
        }),
    ),
    shown_by(
        "check t d.parquet --rule-timeout 0",
        "join by keys, and aggregate before joining; --rule-timeout allows more \
             time",
        || rule("type: sql, query: 'select count(*) from t', mustBe: 2"),
        Do(|project, hint| {
            let option = behind(hint, "; ").split(' ').next().unwrap();
            run(project, &format!("check t d.parquet {option} 600"));
        }),
    ),
    shown_by(
        "check t d.parquet",
        "clause ids are in the report: pactum check … --verbose",
        || {
            let project = of(A, "");
            project.write(
                "waivers.yaml",
                "check:\n- {contract: t, clause: t/x/required, reason: known, \
             approved_by: ann, expires: 2999-01-01}\n",
            );
            project
        },
        Do(|project, hint| {
            let command = behind(hint, "report: ").replace('…', "t d.parquet");
            let run = run(project, &command);
            assert!(run.stdout.contains("t/a/logicalType"), "{}", run.stdout);
        }),
    ),
    shown_by(
        "check t --release 1",
        "check it with the contract of major {other}, or name a release of major \
             {own}; pactum releases lists them",
        || {
            let project = released();
            replace(&project, DOCUMENT, "version: 1.0.0", "version: 2.0.0");
            project
        },
        Do(|project, hint| {
            run(project, behind(hint, "; ").split(" lists").next().unwrap());
            replace(project, DOCUMENT, "version: 2.0.0", "version: 1.0.0");
        }),
    )
    .then("check t --release 1"),
    shown_by(
        "check t d.parquet",
        "give the path of a .odcs.yaml document, or --project DIR",
        bare,
        Do(|project, _| {
            run(project, &format!("check {DOCUMENT} d.parquet"));
            project.write("elsewhere/pactum.yaml", "{}\n");
            std::fs::create_dir(project.path().join("elsewhere/contracts")).unwrap();
            let there = project.path().join("elsewhere").join(DOCUMENT);
            std::fs::copy(project.path().join(DOCUMENT), there).unwrap();
            run(project, "--project elsewhere check t d.parquet");
        }),
    ),
    shown_by(
        "query 'select a from t.t'",
        "give --warehouse DIR, or run inside a project",
        || {
            let project = released();
            std::fs::remove_file(project.path().join("pactum.yaml")).unwrap();
            project
        },
        Do(|project, hint| {
            let option = behind(hint, "give ").split(',').next().unwrap();
            run(
                project,
                &format!("query 'select a from t.t' {}", option.replace("DIR", "warehouse")),
            );
            project.write("pactum.yaml", "warehouse: ./warehouse\n");
        }),
    )
    .then("query 'select a from t.t'"),
    shown_by(
        "describe t.t --warehouse none",
        "the first pactum publish makes one",
        || of(A, ""),
        Do(|project, hint| {
            let command = behind(hint, "first ").split(" makes").next().unwrap();
            run(project, &format!("{command} t t=d.parquet --warehouse none"));
        }),
    )
    .then("query 'select a from t.t' --warehouse none"),
    shown_by(
        "publish t t=d.parquet",
        "set it, or name another warehouse with --warehouse",
        || {
            let project = of(A, "");
            project.write("pactum.yaml", "warehouse: ${NOWHERE_AT_ALL}\n");
            project
        },
        Do(|project, hint| {
            run(project, &format!("publish t t=d.parquet {} w", behind(hint, "with ")));
        }),
    ),
    shown_by(
        "query 'select x.a from t.t x join u.t y on x.a = y.a' --release 1",
        "name it, such as {first}=N",
        || {
            let project = released();
            let other = contract("1.0.0", A, "").replace("id: t\nname: t", "id: u\nname: u");
            project.write("contracts/u.odcs.yaml", &other);
            run(&project, "publish u t=d.parquet");
            project
        },
        Do(|project, hint| {
            let pin = behind(hint, "such as ").replace('N', "1");
            let query = "query 'select x.a from t.t x join u.t y on x.a = y.a'";
            run(project, &format!("{query} --release {pin}"));
        }),
    ),
];
