//! Names that cannot work are refused by lint, check and publish alike; names that are one to a reader
//! are one to Pactum, and SQL folds only ASCII letters.

use serde_json::{Value, json};

use crate::support::{Project, contract, longs, texts};

const KEY: &str = "- { name: a, logicalType: integer }";

/// A project whose contract `t` was changed by `edit`, with a delivery.
fn edited(edit: impl Fn(String) -> String) -> Project {
    let project = Project::new(&[("t", &edit(contract("1.0.0", KEY, "")))]);
    project.parquet("d.parquet", vec![("a", longs([1, 2]))]);
    project
}

/// The names of the rules that a lint finds broken.
#[track_caller]
fn rules(project: &Project) -> Vec<String> {
    let report = project.run(&["lint", "--format", "json"]).expect(1).json();
    let found = report["diagnostics"].as_array().unwrap();
    found.iter().map(|d| d["name"].as_str().unwrap().to_owned()).collect()
}

/// Whether anything was written below the warehouse.
fn is_untouched(project: &Project) -> bool {
    !project.path().join("warehouse").exists()
}

#[track_caller]
fn refused(project: &Project, rule: &str) {
    let found = rules(project);
    assert!(found.iter().any(|name| name == rule), "{found:?}");
    let document = project.path().join("contracts/t.odcs.yaml").display().to_string();
    for command in ["check", "publish"] {
        let run = project.run(&[command, &document, "t=d.parquet", "--format", "json"]).expect(1);
        let error = &run.json()["error"];
        let found = error["diagnostics"].as_array().unwrap_or_else(|| panic!("{error}"));
        assert!(found.iter().any(|d| d["name"] == rule), "{command}: {error}");
        assert!(error["where"].as_str().unwrap().contains("t.odcs.yaml:"), "{error}");
    }
    assert!(is_untouched(project));
}

#[test]
fn ids_and_table_folders_that_cannot_be_stored_are_refused_and_nothing_is_written() {
    let id = |id: &str| format!("id: {id}");
    let long = "a".repeat(256);
    let encoded = "\u{e9}".repeat(43);
    for bad in
        ["\"\"", "\" \"", "\"\\t\"", "\"a\\nb\"", "\"a\\0\"", "\"a\\u2028b\"", &long, &encoded]
            .into_iter()
            .chain(["_delta_log", "_x", ".x", "\"a\\u200Bb\"", "\"\\u3164\""])
    {
        let project = edited(|text| text.replace("id: t", &id(bad)));
        refused(&project, "unusable-name");
    }
    for bad in [
        "\"\"",
        "\" \"",
        "_delta_log",
        "_ledger",
        "_attempts",
        "_blocks",
        "_x",
        "\".\"",
        "\"..\"",
        ".x",
        "\"a\\nb\"",
        "\"a\\0\"",
        "\"\\u202Eb\"",
        &long,
        &encoded,
    ] {
        let physical = format!("- name: t\n    physicalName: {bad}");
        let project = edited(|text| text.replace("- name: t", &physical));
        refused(&project, "unusable-name");
    }
}

#[test]
fn the_longest_names_that_fit_are_published_and_read() {
    let id = "i".repeat(255);
    let physical = "p".repeat(255);
    let project = edited(|text| {
        text.replace("id: t", &format!("id: {id}"))
            .replace("- name: t", &format!("- name: t\n    physicalName: {physical}"))
    });
    let run = project.run(&["publish", "t", "t=d.parquet", "--format", "json"]).expect(0);
    assert_eq!(run.json()["outcome"], "released");
    assert_eq!(project.query("select a from t.t order by a"), json!([{"a": 1}, {"a": 2}]));
    // An SQL name is a file as well, and grows while that is written.
    for (name, code) in [("n".repeat(210), 0), ("n".repeat(211), 1)] {
        let project =
            edited(|text| text.replace("name: t\nversion", &format!("name: {name}\nversion")));
        project.run(&["lint"]).expect(code);
        project.run(&["publish", "t", "t=d.parquet"]).expect(code);
    }
}

#[test]
fn column_names_and_aliases_that_cannot_be_written_are_refused() {
    let alias = |alias: &str| {
        format!(
            "- {{ name: a, logicalType: integer, customProperties: [{{ property: aliases, value: [{alias}] }}] }}"
        )
    };
    for (column, rule) in [
        ("- { name: \"\" }".to_owned(), "unusable-name"),
        ("- { name: \" \", physicalName: a }".to_owned(), "unusable-name"),
        ("- { name: \"a\\rb\", physicalName: a }".to_owned(), "unusable-name"),
        ("- { name: a, physicalName: \"\" }".to_owned(), "unusable-name"),
        ("- { name: a, physicalName: \"x\\u0007\" }".to_owned(), "unusable-name"),
        ("- { name: a, id: \"x\\ny\" }".to_owned(), "unusable-name"),
        ("- { name: \"a\\u200B\" }".to_owned(), "unusable-name"),
        ("- { name: \"a\\uFEFF\" }".to_owned(), "unusable-name"),
        ("- { name: \"a\\u00AD\" }".to_owned(), "unusable-name"),
        ("- { name: \"a\\u061C\" }".to_owned(), "unusable-name"),
        ("- { name: \"a\\uFE0F\" }".to_owned(), "unusable-name"),
        ("- { name: \"a\\U000E0041\" }".to_owned(), "unusable-name"),
        (alias("\"\\u200E\""), "unusable-name"),
        ("- { name: a, quality: [{ id: \"x\\ny\", metric: nullValues, mustBe: 0 }] }".to_owned(), "unusable-name"),
        ("- { name: a, quality: [{ name: \"x\\u001By\", metric: nullValues, mustBe: 0 }] }".to_owned(), "unusable-name"),
        // Two fields inside a column have one name in files.
        ("- { name: o, logicalType: object, properties: [{ name: x, physicalName: y }, { name: y }] }".to_owned(), "physical-name-clash"),
        ("- { name: o, logicalType: object, properties: [{ name: \"\" }] }".to_owned(), "unusable-name"),
        ("- { name: l, logicalType: array, items: { logicalType: object, properties: [{ name: \"\\n\" }] } }".to_owned(), "unusable-name"),
        (alias("\"\""), "unusable-name"),
        (alias("\"\\n\""), "unusable-name"),
        // An alias that a column has for its name: its own, another one's, in any case.
        (alias("a"), "name-case-clash"),
        (alias("A"), "name-case-clash"),
        (format!("{}\n- {{ name: b }}", alias("b")), "name-case-clash"),
        (format!("- {{ name: b }}\n{}", alias("B")), "name-case-clash"),
        (alias("x, X"), "name-case-clash"),
        (alias("x, x"), "name-case-clash"),
        (format!("{}\n{}", alias("old"), alias("OLD").replace("name: a", "name: b")), "name-case-clash"),
        // Letters that meet in every alphabet.
        ("- { name: tracks }\n- { name: \"trac\\u212As\" }".to_owned(), "name-case-clash"),
        ("- { name: \"\\u00dcbung\" }\n- { name: \"\\u00fcbung\" }".to_owned(), "name-case-clash"),
        ("- { name: stra\u{df}e }\n- { name: STRASSE }".to_owned(), "name-case-clash"),
        ("- { name: o, logicalType: object, properties: [{ name: x }, { name: X }] }".to_owned(), "name-case-clash"),
        ("- { name: a, physicalName: \"\\u212A\" }\n- { name: b, physicalName: k }".to_owned(), "physical-name-clash"),
    ] {
        let project = edited(|_| contract("1.0.0", &column, ""));
        let found = rules(&project);
        assert!(found.iter().any(|name| name == rule), "{column}: {found:?}");
        project.run(&["publish", "t", "t=d.parquet"]).expect(1);
        assert!(is_untouched(&project), "{column}");
    }
}

#[test]
fn a_table_that_no_delivery_can_name_and_a_rule_with_a_line_end_are_refused() {
    let project = edited(|text| text.replace("- name: t", "- name: a=b"));
    refused(&project, "unusable-name");
    let rule = "quality: [{ name: \"x\\n::error::y\", metric: rowCount, mustBe: 2 }]";
    let project = edited(|_| contract("1.0.0", KEY, rule));
    refused(&project, "unusable-name");
}

#[test]
fn aliases_inside_a_column_are_warned_of_and_one_name_twice_is_fine() {
    let field =
        "{ name: x, physicalName: x, customProperties: [{ property: aliases, value: [old] }] }";
    let column = format!("- {{ name: o, logicalType: object, properties: [{field}] }}");
    let project = edited(|_| contract("1.0.0", &column, ""));
    let report = project.run(&["lint", "--format", "json"]).expect(0).json();
    let found = report["diagnostics"].as_array().unwrap();
    let warning = found.iter().find(|d| d["name"] == "bad-custom-property").unwrap();
    assert_eq!(warning["severity"], "warning", "{warning}");
    assert!(!found.iter().any(|d| d["severity"] == "error"), "{report}");
}

#[test]
fn tables_that_meet_by_name_or_folder_are_refused() {
    for (second, rule) in [
        ("- name: T", "name-case-clash"),
        ("- name: \"\\u212A\"\n- name: k", "name-case-clash"),
        ("- name: u\n  physicalName: T", "physical-name-clash"),
        (
            "- name: u\n  physicalName: \"\\u00e9\"\n- name: v\n  physicalName: \"\\u00c9\"",
            "physical-name-clash",
        ),
    ] {
        let project = edited(|text| {
            let tables: String = second.lines().map(|line| format!("  {line}\n")).collect();
            format!("{}\n{tables}", text.trim_end())
        });
        let found = rules(&project);
        assert!(found.iter().any(|name| name == rule), "{second}: {found:?}");
    }
}

#[test]
fn schemas_of_the_system_are_no_sql_names() {
    for name in [
        "pactum",
        "PACTUM",
        "information_schema",
        "Information_Schema",
        "information_\u{17f}chema",
        "pg_catalog",
        "pactum_previous",
        "Pactum_Previous",
        "\"pactum_other 1 u\"",
    ] {
        let project =
            edited(|text| text.replace("name: t\nversion", &format!("name: {name}\nversion")));
        refused(&project, "reserved-name");
    }
    for name in ["\"\"", "\" \"", "\"a\\nb\""] {
        let project =
            edited(|text| text.replace("name: t\nversion", &format!("name: {name}\nversion")));
        refused(&project, "unusable-name");
    }
}

/// A project of two contracts with these ids and SQL names.
fn two(first: (&str, &str), second: (&str, &str)) -> Project {
    let of = |(id, name): (&str, &str), version: &str| {
        contract(version, KEY, "").replace("id: t\nname: t", &format!("id: {id}\nname: {name}"))
    };
    let project = Project::new(&[("a", &of(first, "2.0.0")), ("b", &of(second, "1.0.0"))]);
    project.parquet("d.parquet", vec![("a", longs([1, 2]))]);
    project
}

#[test]
fn neighbours_that_meet_by_name_are_refused_whichever_is_published() {
    for (first, second) in [
        (("x", "tracks"), ("y", "\"trac\\u212As\"")),
        (("x", "tracks"), ("y", "TRACKS")),
        (("x", "\"\\u00dcbung\""), ("y", "\"\\u00fcbung\"")),
        (("x", "shop"), ("y", "shop_v2")),
        (("x", "shop"), ("y", "SHOP_V2")),
        // A future major would have the name.
        (("x", "shop"), ("y", "shop_v7")),
        (("x", "shop_v0"), ("y", "shop")),
        // Ids are folders.
        (("x", "one"), ("X", "other")),
    ] {
        let project = two(first, second);
        assert_eq!(rules(&project), ["project-clash"], "{first:?} {second:?}");
        for id in [first.0, second.0] {
            for command in ["check", "publish"] {
                let run = project.run(&[command, id, "t=d.parquet", "--format", "json"]).expect(1);
                assert_eq!(run.json()["error"]["diagnostics"][0]["name"], "project-clash", "{id}");
            }
        }
        assert!(is_untouched(&project));
    }
    for (first, second) in [
        (("x", "shop"), ("y", "shop_v")),
        (("x", "shop"), ("y", "shop_v02")),
        (("x", "shop_v2"), ("y", "shops")),
    ] {
        two(first, second).run(&["lint"]).expect(0);
    }
}

#[test]
fn a_warehouse_whose_path_holds_a_line_end_is_refused() {
    let project = edited(|text| text);
    for (setting, shown) in [("a\\nb", "a\\u{a}b"), ("a\\tb", "a\\u{9}b"), ("", ""), (" ", " ")] {
        project.write("pactum.yaml", &format!("warehouse: \"{setting}\"\n"));
        for arguments in [&["publish", "t", "t=d.parquet"][..], &["tables"], &["releases"]] {
            let mut arguments = arguments.to_vec();
            arguments.extend(["--format", "json"]);
            let error = project.run(&arguments).expect(2).json()["error"].clone();
            assert_eq!(error["code"], "bad-warehouse", "{error}");
            assert!(error["where"].as_str().unwrap().ends_with(shown), "{error}");
        }
    }
    project.write("pactum.yaml", "{}\n");
    for location in ["x\ny", "\u{1b}[8m", "file:///tmp/x%0Ay"] {
        let run = project.run(&[
            "publish",
            "t",
            "t=d.parquet",
            "--warehouse",
            location,
            "--format",
            "json",
        ]);
        assert_eq!(run.expect(2).json()["error"]["code"], "bad-warehouse", "{location:?}");
    }
    // Where the command runs is part of a relative path.
    let folder = project.path().join("line\nend");
    std::fs::create_dir(&folder).unwrap();
    let run = crate::support::pactum(
        &folder,
        &["--project", "..", "--warehouse", "w", "tables", "--format", "json"],
    );
    assert_eq!(run.expect(2).json()["error"]["code"], "bad-warehouse");
    assert!(!folder.join("w").exists() && !project.path().join("ledger").exists());
}

/// Names beyond ASCII, in contract, table, columns and aliases.
fn of_an_alphabet() -> Project {
    let columns = "- { name: \u{dc}bung, logicalType: integer, customProperties: [{ property: aliases, value: [\u{c4}lter] }] }\n\
                   - { name: stra\u{df}e, logicalType: string }";
    let document = contract("1.0.0", columns, "")
        .replace("id: t\nname: t", "id: t\nname: Sch\u{dc}ler")
        .replace("- name: t", "- name: Gr\u{d6}\u{df}e");
    let project = Project::new(&[("t", &document)]);
    project.parquet(
        "d.parquet",
        vec![("\u{dc}bung", longs([1, 2])), ("stra\u{df}e", texts([Some("x"), None]))],
    );
    let run = project.run(&["publish", "t", "Gr\u{d6}\u{df}e=d.parquet", "--format", "json"]);
    assert_eq!(run.expect(0).json()["outcome"], "released");
    project
}

#[test]
fn sql_folds_ascii_letters_alone_quoted_or_not() {
    let project = of_an_alphabet();
    let rows = json!([{"\u{dc}bung": 1}, {"\u{dc}bung": 2}]);
    for (column, table) in [
        ("\u{dc}bung", "Sch\u{dc}ler.Gr\u{d6}\u{df}e"),
        ("\"\u{dc}bung\"", "\"Sch\u{dc}ler\".\"Gr\u{d6}\u{df}e\""),
        ("\u{dc}BUNG", "SCH\u{dc}LER.GR\u{d6}\u{df}E"),
        ("\"\u{dc}BuNG\"", "\"sch\u{dc}ler_v1\".\"gr\u{d6}\u{df}e\""),
    ] {
        let sql = format!("select {column} from {table} order by 1");
        assert_eq!(project.query(&sql), rows, "{sql}");
    }
    let old: Value =
        project.query("select \u{c4}LTER as n from sch\u{dc}ler.gr\u{d6}\u{df}e order by 1");
    assert_eq!(old, json!([{"n": 1}, {"n": 2}]));
    for sql in [
        "select \u{fc}bung from sch\u{dc}ler.gr\u{d6}\u{df}e",
        "select \"\u{fc}bung\" from sch\u{dc}ler.gr\u{d6}\u{df}e",
        "select 1 from sch\u{fc}ler.gr\u{d6}\u{df}e",
        "select 1 from sch\u{dc}ler.gr\u{f6}\u{df}e",
        "select \u{e4}lter from sch\u{dc}ler.gr\u{d6}\u{df}e",
    ] {
        project.run(&["query", sql]).expect(2);
    }
    let run = project.run(&["check", "SCH\u{dc}LER", "Gr\u{d6}\u{df}e=d.parquet"]).expect(0);
    assert!(run.stdout.contains("Gr\u{d6}\u{df}e"), "{}", run.stdout);
    project.run(&["describe", "sch\u{dc}ler.GR\u{d6}\u{df}E.\u{dc}bung"]).expect(0);
}

#[test]
fn rules_over_names_beyond_ascii_are_executed() {
    let columns = "- { name: \u{dc}bung, logicalType: integer, unique: true, required: true, logicalTypeOptions: { minimum: 1 } }";
    let rules = "quality:\n\
                 - { id: r, type: sql, query: \"select count(*) from \\\"Gr\u{d6}\u{df}e\\\" where \u{dc}bung > 1\", mustBe: 1 }\n\
                 - { id: g, metric: rowCount, mustBe: 1, customProperties: [{ property: groupBy, value: [\u{dc}bung] }] }";
    let document =
        contract("1.0.0", columns, rules).replace("- name: t", "- name: Gr\u{d6}\u{df}e");
    let project = Project::new(&[("t", &document)]);
    project.parquet("d.parquet", vec![("\u{dc}bung", longs([1, 2]))]);
    let report = project.run(&["check", "t", "d.parquet", "--format", "json"]).expect(0).json();
    for clause in report["tables"][0]["clauses"].as_array().unwrap() {
        assert_eq!(clause["verdict"], "passed", "{clause}");
    }
}

#[test]
fn a_contract_is_never_read_in_the_place_of_one_with_a_likely_name() {
    // Released apart from each other, so that no lint sees both.
    let project = Project::new(&[(
        "t",
        &contract("1.0.0", KEY, "").replace("name: t\nversion", "name: tracks\nversion"),
    )]);
    project.parquet("d.parquet", vec![("a", longs([1]))]);
    project.run(&["publish", "t", "t=d.parquet"]).expect(0);
    let other =
        contract("1.0.0", KEY, "").replace("id: t\nname: t", "id: u\nname: \"trac\\u212As\"");
    project.write("contracts/t.odcs.yaml", &other);
    let error = project.run(&["publish", "u", "t=d.parquet", "--format", "json"]).expect(1).json();
    assert_eq!(error["error"]["code"], "taken-name", "{error}");
    assert_eq!(project.query("select a from tracks.t"), json!([{"a": 1}]));
    project.run(&["query", "select a from \"trac\u{212a}s\".t"]).expect(2);
}
