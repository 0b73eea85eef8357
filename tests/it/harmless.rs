//! Changes that break nobody need no step; what a status exempts; errors beside the changes; two files.

use std::sync::Arc;

use pactum::compat::{Bump, Public, Terms, compare};
use pactum::contract::hash::contract_hash;
use pactum::contract::{Contract, parse};
use pactum::diagnostic::Source;
use serde_json::{Value, json};

use crate::changes::{KEY, columns, diff, fates, git, in_git, rules, scored, set, violations};
use crate::support::{Project, contract, pactum};

fn read(text: &str) -> Contract {
    let parsed = parse(&Arc::new(Source::new("c", text)));
    parsed.contract.unwrap_or_else(|| panic!("{:?}\n{text}", parsed.diagnostics))
}

/// A contract of one table: more keys of the contract, of the table, of a column.
fn document(of_contract: &str, of_table: &str, of_column: &str) -> String {
    format!(
        "apiVersion: v3.1.0\nkind: DataContract\nid: t\nname: t\nversion: 1.0.0\n{of_contract}\n\
         schema:\n- name: t\n  {of_table}\n  properties:\n  - {{name: a, logicalType: string{of_column}}}\n"
    )
}

/// Pairs of documents: what is written where, before and after.
fn pairs() -> Vec<(String, String)> {
    let active = "status: active";
    let of_contract = |old: &str, new: &str| (document(old, "", ""), document(new, "", ""));
    let of_table = |old: &str, new: &str| (document(active, old, ""), document(active, new, ""));
    let of_column = |old: &str, new: &str| (document(active, "", old), document(active, "", new));
    let house = |value: &str| format!("customProperties: [{{property: house, value: {value}}}]");
    let rule = |rule: &str| format!(", quality: [{{{rule}}}]");
    let sql = |query: &str| rule(&format!("type: sql, mustBe: 0, query: \"{query}\""));
    let filter = |text: &str| {
        rule(&format!(
            "metric: nullValues, mustBe: 0, customProperties: [{{property: where, value: \"{text}\"}}]"
        ))
    };
    vec![
        of_contract("status: current", active),
        of_contract(active, "status: production"),
        of_contract(active, "status: active\ntenant: x\ndomain: y"),
        of_contract(active, &format!("{active}\n{}", house("1"))),
        of_contract(active, &format!("{active}\nroles: [{{role: r, access: read}}]")),
        of_contract(
            &format!("{active}\nroles: [{{role: r, access: read}}]"),
            &format!("{active}\nroles: [{{role: r, access: write, firstLevelApprovers: me}}]"),
        ),
        of_contract(
            active,
            &format!("{active}\nservers: [{{server: s, type: local, path: ./x, format: csv}}]"),
        ),
        of_contract(
            active,
            &format!("{active}\nslaProperties: [{{property: endOfSupport, value: never}}]"),
        ),
        of_contract(
            active,
            &format!("{active}\nslaProperties: [{{property: endOfLife, value: '9999-12-31'}}]"),
        ),
        of_table("", "physicalType: table"),
        of_table("physicalType: table", "physicalType: view"),
        of_table("", "logicalType: object"),
        of_table("", &house("[1, 2]")),
        of_table(&house("1"), &house("2")),
        of_table(&house("1"), ""),
        of_table("", "quality: [{type: text, description: All of them.}]"),
        of_table("quality: [{type: text, description: All of them.}]", ""),
        of_column("", ", criticalDataElement: true"),
        of_column("", ", encryptedName: a_enc"),
        of_column("", ", classification: public"),
        of_column("", &format!(", {}", house("1"))),
        of_column(
            &rule("type: text, description: No gaps."),
            &rule("type: text, description: Few gaps., severity: warning"),
        ),
        of_column(
            &rule("metric: nullValues, mustBe: 0"),
            &rule("name: no gaps, metric: nullValues, mustBe: 0"),
        ),
        of_column(
            &rule("name: one, metric: nullValues, mustBe: 0"),
            &rule("name: two, metric: nullValues, mustBe: 0, dimension: completeness"),
        ),
        of_column(
            &sql("SELECT COUNT(*) FROM t WHERE A IS NULL"),
            &sql("select count(*) from t\\n where a is null -- x"),
        ),
        of_column(&filter("A > 'x'"), &filter("a>'x'")),
        of_column("", ", logicalTypeOptions: {minLength: 0}"),
        of_contract(
            &format!("{active}\nslaProperties: [{{property: latency, value: 1, unit: d}}]"),
            &format!(
                "{active}\nslaProperties: [{{property: latency, value: 1, unit: d, driver: analytics}}]"
            ),
        ),
        of_list("items: {logicalType: string}", "items: {name: item, logicalType: string}"),
        of_list(
            "items: {name: a, logicalType: string}",
            "items: {name: b, physicalName: c, logicalType: string}",
        ),
    ]
}

/// Documents with a list, before and after.
fn of_list(old: &str, new: &str) -> (String, String) {
    let document = |list: &str| {
        document("status: active", "", "")
            .replace("logicalType: string}", &format!("logicalType: array, {list}}}"))
    };
    (document(old), document(new))
}

#[test]
fn a_column_has_its_name_whatever_signs_end_it() {
    for (old, new) in [("mass [g]", "weight [g]"), ("{mass}", "{weight}")] {
        let named = |name: &str| {
            let named = format!("{{id: c, name: '{name}'");
            read(&document("status: active", "", "").replace("{name: a", &named))
        };
        let found = compare(&named(old), &named(new), Public::default());
        let names: Vec<_> = found.iter().map(|f| (f.meta.name, f.bump)).collect();
        assert_eq!(names, [("column-renamed", Bump::Major)], "{old}");
    }
}

#[test]
fn a_change_asks_for_the_step_that_its_readers_need() {
    let active = "status: active";
    let of_column = |old: &str, new: &str| (document(active, "", old), document(active, "", new));
    let rule = |rules: &[&str]| {
        let rules: Vec<String> = rules.iter().map(|rule| format!("{{{rule}}}")).collect();
        format!(", quality: [{}]", rules.join(", "))
    };
    let sql = |query: &str| format!("type: sql, mustBe: 0, query: \"{query}\"");
    let none = "metric: nullValues, mustBe: 0";
    let few = "metric: nullValues, mustBeLessThan: 5, unit: percent";
    let measure = |sum: &str| format!(", semanticType: measure, transformLogic: {sum}");
    for ((old, new), rules, step) in [
        // Zero is zero in rows and in percent; anything else of the two is not compared.
        (of_column(&rule(&[none]), &rule(&[few])), "quality-rule-loosened", Bump::Major),
        (of_column(&rule(&[few]), &rule(&[none])), "quality-rule-tightened", Bump::Minor),
        (
            of_column(&rule(&[none]), &rule(&["metric: nullValues, mustBe: 0, unit: percent"])),
            "",
            Bump::None,
        ),
        // Rules without names are the same ones in the same place.
        (
            of_column(
                &rule(&[&sql("select count(*) from t where a = 'x'"), &sql("select 0")]),
                &rule(&[&sql("select count(*) from t where a = 'y'"), &sql("select 1 - 1")]),
            ),
            "quality-rule-changed quality-rule-changed",
            Bump::Minor,
        ),
        (
            of_column(
                &rule(&[&sql("select count(*) from t where a = 'x'"), &sql("select 0")]),
                &rule(&[&sql("select 1 - 1")]),
            ),
            "quality-rule-added quality-rule-removed quality-rule-removed",
            Bump::Major,
        ),
        // What a rule refuses, the declaration refuses as well.
        (of_column(&rule(&[none]), ", required: true"), "required-added", Bump::Minor),
        (
            of_column(&rule(&["metric: duplicateValues, mustBe: 0"]), ", unique: true"),
            "key-added",
            Bump::Minor,
        ),
        (
            of_column(
                &rule(&["metric: invalidValues, mustBe: 0, arguments: {pattern: '^x'}"]),
                ", logicalTypeOptions: {pattern: '^x'}",
            ),
            "limit-tightened",
            Bump::Minor,
        ),
        (
            of_column(&rule(&["metric: nullValues, mustBe: 0, severity: warning"]), ""),
            "quality-rule-removed",
            Bump::Minor,
        ),
        // A declaration that nothing executes says nothing as well.
        (
            of_column(
                &rule(&["metric: invalidValues, mustBe: 0, arguments: {pattern: '^x'}"]),
                ", logicalTypeOptions: {pattern: '(?i)^x'}",
            ),
            "documentation-changed quality-rule-removed",
            Bump::Major,
        ),
        // One that nothing executed either is not missed.
        (
            of_column(
                &rule(&["metric: invalidValues, mustBe: 0, arguments: {pattern: '(?i)^x'}"]),
                ", logicalTypeOptions: {pattern: '(?i)^x'}",
            ),
            "documentation-changed documentation-changed",
            Bump::Patch,
        ),
        // Two rules that ask for other things are not one that changed.
        (
            of_column(
                &rule(&[
                    "metric: invalidValues, mustBe: 0, arguments: {pattern: '^a'}",
                    "metric: invalidValues, mustBe: 0, arguments: {validValues: [a, b]}",
                ]),
                &rule(&[
                    "metric: invalidValues, mustBe: 0, arguments: {validValues: [a, b, c]}",
                    "metric: invalidValues, mustBe: 0, arguments: {pattern: '.'}",
                ]),
            ),
            "quality-rule-added quality-rule-added quality-rule-removed quality-rule-removed",
            Bump::Major,
        ),
        // A limit that nothing executes any more is gone.
        (
            of_column(
                ", logicalTypeOptions: {maxLength: 5}",
                ", logicalTypeOptions: {maxLength: '${LONGEST}'}",
            ),
            "limit-loosened",
            Bump::Major,
        ),
        (
            of_column(
                ", logicalTypeOptions: {pattern: '^x'}",
                ", logicalTypeOptions: {pattern: '(?i)^x'}",
            ),
            "limit-loosened",
            Bump::Major,
        ),
        // What a list holds is said, as it was planned.
        (of_list("required: false", "items: {logicalType: string}"), "type-pinned", Bump::Minor),
        (of_list("required: false", "items: {logicalType: integer}"), "type-changed", Bump::Major),
        (of_column(&measure("SUM(x)"), &measure("AVG(x)")), "meaning-changed", Bump::Minor),
    ] {
        let (old, new) = (read(&old), read(&new));
        let found = compare(&old, &new, Public::default());
        let mut names: Vec<_> = found.iter().map(|f| f.meta.name).collect();
        names.sort_unstable();
        let most = found.iter().map(|f| f.bump).max().unwrap_or(Bump::None);
        assert_eq!((names.join(" ").as_str(), most), (rules, step), "{}", new.source.text);
        let is_same = contract_hash(&old) == contract_hash(&new);
        assert!(!is_same || step <= Bump::Patch, "{}", new.source.text);
    }
}

#[test]
fn what_nobody_feels_needs_a_patch_at_most_in_both_directions() {
    for (one, other) in pairs() {
        for (old, new) in [(&one, &other), (&other, &one)] {
            let (old, new) = (read(old), read(new));
            let found = compare(&old, &new, Public::default());
            // A role that is gone is no longer there to be granted.
            let gone = |rule: &str| matches!(rule, "role-access-removed" | "attribute-changed");
            let alarms: Vec<_> =
                found.iter().filter(|f| f.bump > Bump::Patch && !gone(f.meta.name)).collect();
            assert!(alarms.is_empty(), "{}\n{}\n{alarms:#?}", old.source.text, new.source.text);
        }
    }
}

#[test]
fn the_first_of_each_pair_may_become_the_second_without_a_step() {
    for (old, new) in pairs() {
        let found = compare(&read(&old), &read(&new), Public::default());
        let alarms: Vec<_> = found.iter().filter(|f| f.bump > Bump::Patch).collect();
        assert!(alarms.is_empty(), "{old}\n{new}\n{alarms:#?}");
    }
}

#[test]
fn a_property_that_the_settings_name_counts_wherever_it_is() {
    let words = ["house".to_owned()];
    let terms = Terms { meaningful: &words, ..Terms::default() };
    let house = |value: u8| format!("customProperties: [{{property: house, value: {value}}}]");
    let active = "status: active";
    let places: [fn(&str) -> String; 4] = [
        |more| document(&format!("status: active\n{more}"), "", ""),
        |more| document("status: active", more, ""),
        |more| {
            document(
                "status: active",
                "",
                &format!(", {}", if more.is_empty() { "tags: []" } else { more }),
            )
        },
        |more| {
            let more = if more.is_empty() { "tags: []" } else { more };
            document(
                "status: active",
                "",
                &format!(", quality: [{{id: n, metric: nullValues, mustBe: 0, {more}}}]"),
            )
        },
    ];
    for place in places {
        let texts = [place(""), place(&house(1)), place(&house(2))];
        for (old, new) in [(0, 1), (1, 2), (2, 0)] {
            let (old, new) = (read(&texts[old]), read(&texts[new]));
            let found = compare(&old, &new, terms);
            let steps: Vec<_> = found.iter().map(|f| (f.meta.name, f.bump)).collect();
            assert_eq!(steps, [("attribute-changed", Bump::Minor)], "{}", new.source.text);
            assert_ne!(contract_hash(&old), contract_hash(&new), "publish would not ask for it");
        }
    }
    assert!(document(active, "", "").contains(active));
}

#[test]
fn the_settings_that_name_properties_are_part_of_the_policy() {
    let project = scored();
    project
        .write("pactum.yaml", "warehouse: ./warehouse\ndiff: { meaningful_properties: [mask] }\n");
    let report = diff(&project, &[]).expect(0).json();
    let notice = report["notices"][0]["message"].as_str().unwrap();
    assert!(notice.starts_with("diff.meaningful_properties was nothing, and is mask"), "{notice}");
    let masked = "- { id: score, name: score, logicalType: number, logicalTypeOptions: { maximum: 1 }, customProperties: [{ property: mask, value: hash }] }";
    set(&project, "1.0.0", &columns(masked));
    let report = diff(&project, &[]).expect(1).json();
    assert_eq!(violations(&report), ["bump-too-small"]);
}

#[test]
fn a_draft_and_a_0_x_may_do_anything_but_lower_a_classification() {
    for (version, status) in [("0.4.0", "active"), ("1.0.0", "draft"), ("1.0.0", "proposed")] {
        let of = |columns: &str| {
            contract(version, columns, "").replace("status: active", &format!("status: {status}"))
        };
        let mail = |more: &str| columns(&format!("- {{ name: mail, logicalType: string{more} }}"));
        let project = Project::new(&[("t", &of(&mail(", classification: confidential")))]);
        in_git(&project);
        project.write("contracts/t.odcs.yaml", &of(KEY));
        diff(&project, &[]).expect(0);
        project.write("contracts/t.odcs.yaml", &of(&mail(", classification: internal")));
        let report = diff(&project, &[]).expect(1).json();
        assert_eq!(violations(&report), ["classification-lowered"], "{version} {status}");
        // What the hint says to write is what lets it pass.
        let hint = report["violations"][0]["hint"].as_str().unwrap();
        let waiver = hint.split("- {").nth(1).unwrap();
        project.write("waivers.yaml", &format!("diff:\n- {{{waiver}\n"));
        diff(&project, &[]).expect(0);
    }
}

#[test]
fn errors_of_the_head_are_told_beside_its_changes() {
    let project = scored();
    let faulty = columns("- { name: other, logicalType: strng }");
    set(&project, "1.0.0", &faulty);
    let report = diff(&project, &[]).expect(1).json();
    assert_eq!(report["notices"][0]["severity"], "error", "{report}");
    assert!(rules(&report).contains(&"column-removed".to_owned()), "{report}");
    assert_eq!(violations(&report), ["bump-too-small", "consumer-broken"]);
    for format in ["human", "markdown", "sarif", "junit", "github"] {
        let run = project.run(&["diff", "--format", format]).expect(1);
        let told = run.stdout.contains("strng") && run.stdout.contains("score");
        assert!(told, "{format}: {}{}", run.stdout, run.stderr);
    }
    // The step alone does not mend it.
    set(&project, "2.0.0", &faulty);
    diff(&project, &[]).expect(1);
}

#[test]
fn a_document_that_cannot_be_read_is_not_taken_for_removed() {
    let project = scored();
    project.write(
        "contracts/u.odcs.yaml",
        &contract("1.0.0", &columns("- { name: x, logicalType: integer }"), "")
            .replace("id: t\nname: t", "id: u\nname: u"),
    );
    git(&project, &["add", "-A"]);
    git(&project, &["commit", "-qm", "two"]);
    project.write("contracts/t.odcs.yaml", "apiVersion: v3.2.0\n\tid: t\n");
    project.write(
        "contracts/u.odcs.yaml",
        &contract("1.0.0", KEY, "").replace("id: t\nname: t", "id: u\nname: u"),
    );
    let report = diff(&project, &["HEAD"]).expect(1).json();
    // The other contract is compared, and nobody who reads this one is broken.
    assert_eq!(rules(&report), ["column-removed"], "{report}");
    assert_eq!(violations(&report), ["bump-too-small"], "{report}");
    assert_eq!(fates(&report), json!([]));
    assert!(report["not_executed"].to_string().contains("t.odcs.yaml has errors"), "{report}");
    // Moved and broken, it is not known which it was.
    std::fs::remove_file(project.path().join("contracts/t.odcs.yaml")).unwrap();
    project.write("contracts/moved.odcs.yaml", "apiVersion: v3.2.0\n\tid: t\n");
    let report = diff(&project, &["HEAD"]).expect(1).json();
    assert_eq!(violations(&report), ["bump-too-small"], "{report}");
}

#[test]
fn names_that_sql_cannot_tell_apart_are_told_and_everything_else_is_compared() {
    let project = scored();
    let twice = "- { id: score, name: score, logicalType: number }\n- { name: x }\n- { name: x }\n";
    set(&project, "1.0.0", &columns(twice));
    let report = diff(&project, &[]).expect(1).json();
    assert!(rules(&report).contains(&"limit-loosened".to_owned()), "{report}");
    assert_eq!(report["notices"][0]["severity"], "error", "{report}");
    assert_eq!(report["consumers"]["broken"], 0, "{report}");
    // Two documents of one id and major: the first is compared.
    set(&project, "1.0.0", KEY);
    project.write("contracts/zwei.odcs.yaml", &contract("1.0.0", KEY, ""));
    let report = diff(&project, &[]).expect(1).json();
    assert!(report["notices"].to_string().contains("occurs twice"), "{report}");
    assert!(rules(&report).contains(&"column-removed".to_owned()), "{report}");
}

fn two_files(old: &str, new: &str) -> (i32, Value) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("old.yaml"), old).unwrap();
    std::fs::write(folder.path().join("new.yaml"), new).unwrap();
    let run = pactum(folder.path(), &["diff", "old.yaml", "new.yaml", "--format", "json"]);
    (run.code, run.json())
}

#[test]
fn two_files_are_versions_of_one_contract_whatever_their_ids() {
    let old = contract("1.0.0", &columns("- { name: x, logicalType: integer }"), "");
    let other = |text: &str| text.replace("id: t\nname: t", "id: other\nname: t");
    let (code, report) = two_files(&old, &other(&contract("1.0.0", KEY, "")));
    assert_eq!(code, 1);
    assert_eq!(rules(&report), ["contract-id-changed", "column-removed"]);
    assert_eq!(report["contracts"][0]["findings"][0]["element"], "id");
    let (code, report) = two_files(&old, &other(&old.replace("version: 1.0.0", "version: 2.0.0")));
    assert_eq!((code, rules(&report)), (0, vec!["contract-id-changed".to_owned()]));
    // Where the id is the name in SQL, that changes with it.
    let unnamed = |id: &str| old.replace("id: t\nname: t", &format!("id: {id}"));
    let (_, report) = two_files(&unnamed("t"), &unnamed("u"));
    let mut found = rules(&report);
    found.sort();
    assert_eq!(found, ["contract-id-changed", "sql-name-changed"]);
    // A file that cannot be read is not a removal.
    let (code, report) = two_files(&old, "a: [\n");
    assert_eq!((code, rules(&report)), (1, Vec::new()));
    assert_eq!(report["notices"][0]["severity"], "error");
}
