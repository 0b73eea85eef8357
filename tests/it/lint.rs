//! Lint: each rule finds what it is for, and says where and what to do.

use pactum::contract::lint::rules::RULES;
use pactum::contract::parse;
use pactum::diagnostic::{Severity, Source, has_errors, render};
use std::sync::Arc;

use crate::support::{Project, contract, root, shared};

/// Rules that one document alone cannot break.
const OF_PROJECTS: &[&str] = &["project-clash"];

#[test]
fn every_rule_finds_its_fixture_and_says_it_well() {
    let folder = root().join("tests/rules/lint");
    for rule in RULES.iter().filter(|r| !OF_PROJECTS.contains(&r.doc.meta.name)) {
        let name = rule.doc.meta.name;
        let text = std::fs::read_to_string(folder.join(format!("{name}.odcs.yaml")))
            .unwrap_or_else(|_| panic!("rule {name} has no fixture"));
        let parsed = parse(&Arc::new(Source::new(format!("{name}.odcs.yaml"), text)));
        assert!(parsed.diagnostics.iter().any(|d| d.meta.name == name), "{name} was not found");
        let shown: Vec<String> =
            parsed.diagnostics.iter().map(|d| render::human(d, false)).collect();
        insta::assert_snapshot!(format!("lint-{name}"), shown.join("\n\n"));
    }
}

#[test]
fn a_project_with_two_contracts_of_one_name_is_refused() {
    let columns = "- { name: a, logicalType: integer }";
    let twice = contract("1.2.0", columns, "");
    let named = contract("1.0.0", columns, "").replace("id: t", "id: u");
    let project =
        Project::new(&[("a", &contract("1.0.0", columns, "")), ("b", &twice), ("c", &named)]);
    let run = project.run(&["lint"]).expect(1);
    insta::assert_snapshot!("lint-project-clash", run.stdout);
}

#[test]
fn the_official_examples_lint_without_errors_and_two_warn_of_what_came_later() {
    let Some(folder) = shared("odcs/examples") else { return };
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let parsed = parse(&Arc::new(Source::new(name.clone(), text)));
        let errors: Vec<_> =
            parsed.diagnostics.iter().filter(|d| d.severity == Severity::Error).collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
        let later: Vec<&str> = parsed
            .diagnostics
            .iter()
            .filter(|d| d.meta.name == "newer-than-declared")
            .filter_map(|d| d.hint.as_deref())
            .collect();
        let uses_later =
            matches!(name.as_str(), "all-data-types.odcs.yaml" | "column-completeness.odcs.yaml");
        assert_eq!(!later.is_empty(), uses_later, "{name}: {later:?}");
        assert!(later.iter().all(|hint| *hint == "apiVersion: v3.1.0"), "{name}: {later:?}");
        seen += 1;
    }
    assert_eq!(seen, 12);
}

#[test]
fn each_official_example_is_a_project_by_itself() {
    let Some(folder) = shared("odcs/examples") else { return };
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let project = Project::new(&[("only", &text)]);
        project.run(&["lint"]).expect(0);
    }
}

#[test]
fn several_errors_come_in_one_run_with_their_places() {
    let project = Project::of_columns(
        "- { name: a, logicalType: integr }\n- { name: b, requird: true }\n- { name: B }",
    );
    let run = project.run(&["lint", "--format", "json"]).expect(1);
    let report = run.json();
    let places: Vec<(&str, &str)> = report["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| (d["code"].as_str().unwrap(), d["where"].as_str().unwrap()))
        .collect();
    assert_eq!(
        places,
        [
            ("L007", "contracts/t.odcs.yaml:10:31"),
            ("L004", "contracts/t.odcs.yaml:11:18"),
            ("L012", "contracts/t.odcs.yaml:12:15"),
        ]
    );
}

#[test]
fn consumers_are_planned_against_the_contracts() {
    let project = Project::of_columns("- { name: score, logicalType: number }");
    project.write("sql/good.sql", "-- owner: a\nselect score from t.t\n");
    project.write("sql/deep/bad.sql", "-- owner: a\nselect\n  scroe\nfrom t.t\n");
    project.write("sql/lost.sql", "-- owner: a\nselect 1 from t.scores\n");
    project.write("sql/odd.sql", "-- ownr: a\nselect $x\n");
    let run = project.run(&["lint"]).expect(1);
    insta::assert_snapshot!("lint-consumers", run.stdout);
}

#[test]
fn explain_knows_every_code_and_schema_is_a_schema() {
    let project = Project::new(&[]);
    for rule in RULES {
        let run = project.run(&["explain", rule.doc.meta.code]).expect(0);
        assert!(run.stdout.contains("## What to do instead"), "{}", run.stdout);
    }
    let unknown = project.run(&["explain", "L0004"]).expect(2);
    assert!(unknown.stderr.contains("did you mean"), "{}", unknown.stderr);
    let schema = project.run(&["schema"]).expect(0).json();
    assert_eq!(schema["$ref"], "#/$defs/contract");
    assert!(schema["$defs"]["column"]["properties"]["logicalType"]["enum"].is_array());
}

#[test]
fn hostile_documents_are_diagnostics() {
    let fail = |text: &[u8]| {
        let project = Project::new(&[]);
        std::fs::write(project.path().join("contracts/x.odcs.yaml"), text).unwrap();
        let run = project.run(&["lint"]);
        assert_eq!(run.code, 1, "{} {}", run.stdout, run.stderr);
        assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    };
    fail(b"\xff\xfe\x00");
    fail(b"");
    fail(b"- just\n- a list\n");
    fail("a: ".repeat(5000).as_bytes());
    fail("[".repeat(100_000).as_bytes());
    fail(&vec![b'#'; (1 << 20) + 1]);
    fail(b"a: &x [*x]\n");
    fail(b"? [complex, key]\n: value\n");
    fail(b"a: !!binary abc\nb: !custom {c: d}\n--- \nsecond: document\n");
}

#[test]
fn mutated_documents_never_bring_the_parser_down() {
    let times = crate::support::times("PACTUM_TEST_MUTATIONS", 200);
    let text = std::fs::read_to_string(root().join("contracts/recommendations.odcs.yaml")).unwrap();
    let mut random = crate::support::Random(11);
    let mut with_errors = 0;
    for _ in 0..times {
        let mut bytes = text.clone().into_bytes();
        for _ in 0..=random.below(4) {
            let at = random.below(bytes.len() as u64) as usize;
            match random.below(3) {
                0 => bytes[at] = b" :-{}[]#&*!|>'\"\t0aZ"[random.below(19) as usize],
                1 => drop(bytes.remove(at)),
                _ => bytes.insert(at, b"\n :-{"[random.below(5) as usize]),
            }
        }
        let mutated = String::from_utf8_lossy(&bytes).into_owned();
        let parsed = parse(&Arc::new(Source::new("m", mutated)));
        for diagnostic in &parsed.diagnostics {
            assert!(!render::human(diagnostic, false).is_empty());
        }
        with_errors += usize::from(has_errors(&parsed.diagnostics));
    }
    assert!(with_errors > times / 10, "the mutations are too mild: {with_errors} of {times}");
    crate::support::note("mutated contracts", times, "a diagnostic or a contract, never a panic");
}

#[test]
fn sql_of_rules_is_planned_and_waivers_are_read() {
    let columns = "- { name: a, logicalType: integer, quality: [{ id: nulls, metric: nullValues, mustBe: 0, customProperties: [{ property: where, value: 'aa > 1' }] }] }";
    let more = "quality:\n  - { id: form, type: sql, query: 'select count(*) form {table}', mustBe: 0 }\n\
        \x20 - { id: good, type: sql, query: 'select count(*) from {table} where A > 1', mustBe: 0 }";
    let project =
        crate::support::Project::new(&[("t", &crate::support::contract("1.0.0", columns, more))]);
    project.write("waivers.yaml", "check:\n- {contract: t, clausee: x}\n");
    let found = project.run(&["lint"]).expect(1).stdout;
    for words in [
        "C004",
        "the SQL of t/form does not plan",
        "the SQL of t/a/nulls does not plan",
        "P002",
        "'clausee'",
    ] {
        assert!(found.contains(words), "{words}: {found}");
    }
    assert!(!found.contains("t/good"), "{found}");
}
