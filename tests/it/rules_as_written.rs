//! What a document writes about quality is executed, or it is told that it is not.

use serde_json::{Value, json};

use crate::support::{Project, clause, contract, longs, texts};

/// A contract in the words of a version of the standard.
fn of_version(api: &str, columns: &str, more: &str) -> String {
    contract("1.0.0", columns, more).replace("v3.2.0", api)
}

fn lint(text: &str) -> Vec<Value> {
    let run = Project::new(&[("t", text)]).run(&["lint", "--format", "json"]);
    run.json()["diagnostics"].as_array().unwrap().clone()
}

/// The diagnostics of a code, each as severity and message.
fn of_code(found: &[Value], code: &str) -> Vec<String> {
    let found = found.iter().filter(|d| d["code"] == code);
    found.map(|d| format!("{}: {}", d["severity"], d["message"]).replace('"', "")).collect()
}

fn hint(found: &[Value], code: &str) -> String {
    let found = found.iter().find(|d| d["code"] == code).unwrap_or_else(|| panic!("no {code}"));
    found["hint"].as_str().unwrap_or_default().to_owned()
}

fn errors(found: &[Value]) -> Vec<&Value> {
    found.iter().filter(|d| d["severity"] == "error").collect()
}

/// A rule at every level that a column has: on it, on a field of an object, on the items of a list.
fn at_every_level(rule: &str) -> [String; 3] {
    let quality = format!("quality: [{{ {rule} }}]");
    [
        format!("- {{ name: a, logicalType: string, {quality} }}"),
        format!(
            "- {{ name: o, logicalType: object, properties: [{{ name: a, logicalType: string, {quality} }}] }}"
        ),
        format!("- {{ name: l, logicalType: array, items: {{ logicalType: string, {quality} }} }}"),
    ]
}

#[test]
fn a_key_that_a_library_rule_does_not_use_is_told_at_every_level_and_in_every_version() {
    for (api, word) in [
        ("v3.0.2", "rule: nullCheck"),
        ("v3.1.0", "metric: nullValues"),
        ("v3.2.0", "metric: nullValues"),
    ] {
        for key in ["query: select 1", "engine: soda", "implementation: x"] {
            for columns in at_every_level(&format!("{word}, mustBe: 0, {key}")) {
                let found = lint(&of_version(api, &columns, ""));
                let name = key.split(':').next().unwrap();
                assert_eq!(
                    of_code(&found, "L050"),
                    [format!(
                        "warning: '{name}' is not used in a library rule: nullValues is executed"
                    )],
                    "{api} {columns}"
                );
                assert!(errors(&found).is_empty(), "{found:?}");
            }
        }
    }
    let more = "quality: [{ metric: rowCount, mustBe: 1, query: select 1 }]";
    let found = lint(&of_version("v3.2.0", "- { name: a }", more));
    assert_eq!(of_code(&found, "L050").len(), 1, "{found:?}");
}

#[test]
fn a_word_of_3_0_beside_a_metric_is_not_used_and_told() {
    for api in ["v3.0.2", "v3.1.0", "v3.2.0"] {
        let columns = "- { name: a, quality: [{ metric: nullValues, rule: unique, mustBe: 0 }] }";
        let found = lint(&of_version(api, columns, ""));
        assert_eq!(
            of_code(&found, "L050"),
            ["warning: 'rule' is not used beside 'metric': nullValues is meant"],
            "{api}"
        );
    }
}

#[test]
fn an_argument_that_a_metric_does_not_use_names_the_metric_that_does() {
    let arguments = [
        ("missingValues: [x]", "missingValues"),
        ("validValues: [x]", "invalidValues"),
        ("pattern: x", "invalidValues"),
        ("properties: [a]", "duplicateValues"),
    ];
    let used = [
        ("nullValues", ""),
        ("missingValues", "missingValues: [y]"),
        ("invalidValues", "validValues: [y]"),
        ("duplicateValues", ""),
    ];
    for (metric, own) in used {
        for (argument, user) in arguments {
            let name = argument.split(':').next().unwrap();
            if own.starts_with(name) {
                continue;
            }
            let both =
                if own.is_empty() { argument.to_owned() } else { format!("{own}, {argument}") };
            let rule = format!("metric: {metric}, mustBe: 0, arguments: {{ {both} }}");
            let columns = format!("- {{ name: a, logicalType: string, quality: [{{ {rule} }}] }}");
            let found = lint(&of_version("v3.2.0", &columns, ""));
            if user == metric {
                assert_eq!(of_code(&found, "L050"), [""; 0], "{rule}");
                continue;
            }
            assert_eq!(
                of_code(&found, "L050"),
                [format!("warning: {metric} does not use the argument '{name}'")],
                "{rule}"
            );
            assert!(hint(&found, "L050").contains(&format!("metric: {user}")), "{found:?}");
        }
    }
    let unknown =
        "- { name: a, quality: [{ metric: nullValues, mustBe: 0, arguments: { zzz: 1 } }] }";
    let found = lint(&of_version("v3.2.0", unknown, ""));
    assert_eq!(of_code(&found, "L004"), ["warning: unknown key 'zzz' in arguments"]);
    let old = "- { name: a, quality: [{ rule: nullCheck, validValues: [x] }] }";
    let found = lint(&of_version("v3.0.2", old, ""));
    assert_eq!(of_code(&found, "L050"), ["warning: nullValues does not use 'validValues'"]);
}

#[test]
fn duplicates_are_judged_of_the_columns_that_the_argument_names() {
    for (api, word) in [("v3.0.2", "rule: duplicateCount"), ("v3.2.0", "metric: duplicateValues")] {
        let rule = |id: &str, names: &str| {
            format!("{{ id: {id}, {word}, mustBe: 0, arguments: {{ properties: [{names}] }} }}")
        };
        let columns = format!(
            "- {{ name: c, logicalType: integer }}\n\
             - {{ name: d, logicalType: integer, quality: [{}, {}, {}, {{ id: alone, {word}, mustBe: 0 }}] }}",
            rule("both", "c, d"),
            rule("same", "t.c, T.D"),
            rule("none", "zzzz"),
        );
        let more = format!("quality: [{}]", rule("table", "c, t.d"));
        let project = Project::new(&[("t", &of_version(api, &columns, &more))]);
        project.parquet("a.parquet", vec![("c", longs([1, 1, 2])), ("d", longs([1, 2, 2]))]);
        project.parquet("b.parquet", vec![("c", longs([1, 1, 1])), ("d", longs([1, 2, 2]))]);
        let unique = project.check("a.parquet");
        for id in ["t/d/both", "t/d/same", "t/table"] {
            assert_eq!(clause(&unique, id)["verdict"], "passed", "{api} {id}");
        }
        assert_eq!(clause(&unique, "t/d/alone")["verdict"], "failed", "{api}");
        assert_eq!(clause(&unique, "t/d/none")["verdict"], "not-executed", "{api}");
        let repeated = project.check("b.parquet");
        let failed = clause(&repeated, "t/d/both");
        assert_eq!((&failed["verdict"], &failed["measured"]), (&json!("failed"), &json!(1)));
        assert_eq!(failed["column"], "d");
    }
}

#[test]
fn duplicates_of_no_columns_are_not_executed_and_lint_says_so() {
    let rule = "{ id: q, metric: duplicateValues, mustBe: 0, arguments: { properties: [] } }";
    let columns = format!("- {{ name: a, logicalType: integer, quality: [{rule}] }}");
    let text = contract("1.0.0", &columns, &format!("quality: [{rule}]"));
    let found = lint(&text);
    assert_eq!(errors(&found), Vec::<&Value>::new());
    assert_eq!(of_code(&found, "L021").len(), 2, "{found:?}");
    let project = Project::new(&[("t", &text)]);
    project.parquet("a.parquet", vec![("a", longs([1]))]);
    let report = project.check("a.parquet");
    for id in ["t/q", "t/a/q"] {
        assert_eq!(clause(&report, id)["verdict"], "not-executed", "{id}");
    }
}

#[test]
fn a_combination_inside_a_column_is_not_executed_and_lint_says_so() {
    let rule = "id: q, metric: duplicateValues, mustBe: 0, arguments: { properties: [a] }";
    for columns in &at_every_level(rule)[1..] {
        let found = lint(&of_version("v3.2.0", columns, ""));
        let said = of_code(&found, "L050");
        assert!(said.len() == 1 && said[0].contains("not executed"), "{columns}: {found:?}");
    }
}

#[test]
fn what_is_written_beside_prose_a_query_or_another_engine_is_not_executed_and_told() {
    let cases = [
        (
            "type: text, description: d, metric: nullValues, mustBeLessThan: 5",
            "read by people only: 'metric' and 'mustBeLessThan' are",
            "text-",
        ),
        ("type: text, description: d, mustBe: 5", "read by people only: 'mustBe' is", "text-"),
        ("type: text, description: d, query: select 1", "read by people only: 'query' is", "text-"),
        (
            "type: custom, engine: soda, implementation: x, metric: nullValues, mustBe: 0",
            "soda runs the rule",
            "custom-",
        ),
        (
            "type: sql, query: select 1, mustBe: 1, metric: nullValues, arguments: { pattern: x }",
            "'metric' and 'arguments' are not used in a rule of type sql",
            "sql-",
        ),
    ];
    for api in ["v3.1.0", "v3.2.0"] {
        for (rule, said, id) in cases {
            let columns = format!("- {{ name: a, logicalType: string, quality: [{{ {rule} }}] }}");
            let text = of_version(api, &columns, "");
            let found = lint(&text);
            let told = of_code(&found, "L050");
            assert!(told.len() == 1 && told[0].contains(said), "{rule}: {found:?}");
            let project = Project::new(&[("t", &text)]);
            project.parquet("a.parquet", vec![("a", texts([None]))]);
            let report = project.check("a.parquet");
            let clauses = report["tables"][0]["clauses"].as_array().unwrap();
            let ids: Vec<&str> = clauses.iter().filter_map(|c| c["id"].as_str()).collect();
            assert!(ids.iter().any(|i| i.starts_with(&format!("t/a/{id}"))), "{rule}: {ids:?}");
            assert!(!ids.iter().any(|i| i.contains("nullValues")), "{rule}: {ids:?}");
        }
    }
    for rule in [
        "type: text, description: d",
        "type: sql, query: select 1, mustBe: 1",
        "type: custom, engine: soda, implementation: x",
        "metric: nullValues, mustBe: 0",
    ] {
        let columns = format!("- {{ name: a, quality: [{{ {rule} }}] }}");
        assert_eq!(of_code(&lint(&of_version("v3.2.0", &columns, "")), "L050"), [""; 0], "{rule}");
    }
}

#[test]
fn a_placeholder_for_a_column_on_a_table_is_a_warning_and_not_executed() {
    for word in ["{property}", "{column}", "{field}", "${property}"] {
        let more = format!(
            "quality: [{{ id: q, type: sql, query: 'SELECT COUNT(*) FROM {{object}} WHERE {word} IS NOT NULL', mustBe: 0 }}]"
        );
        let project = Project::new(&[(
            "t",
            &of_version("v3.2.0", "- { name: a, logicalType: integer }", &more),
        )]);
        project.parquet("a.parquet", vec![("a", longs([1]))]);
        let run = project.run(&["lint", "--format", "json"]).expect(0).json();
        let found = run["diagnostics"].as_array().unwrap();
        let said = of_code(found, "C004");
        assert!(
            said.len() == 1 && said[0].starts_with("warning") && said[0].contains(word),
            "{found:?}"
        );
        assert!(hint(found, "C004").contains("move the rule to the column"), "{found:?}");
        let clause = clause(&project.check("a.parquet"), "t/q").clone();
        assert_eq!(clause["verdict"], "not-executed");
        assert!(clause["reason"].as_str().unwrap().contains(word), "{clause}");
    }
}

#[test]
fn a_query_is_executed_with_the_defaults_of_its_variables_and_names_all_that_have_none() {
    let rule =
        |query: &str| format!("quality: [{{ id: q, type: sql, query: \"{query}\", mustBe: 1 }}]");
    let column = "- { name: a, logicalType: integer }";
    let project = Project::new(&[(
        "t",
        &of_version(
            "v3.2.0",
            column,
            &rule("SELECT COUNT(*) FROM ${TARGET:-t} WHERE a > ${MIN:-1}"),
        ),
    )]);
    project.parquet("a.parquet", vec![("a", longs([1, 2]))]);
    assert!(
        errors(
            project.run(&["lint", "--format", "json"]).json()["diagnostics"].as_array().unwrap()
        )
        .is_empty()
    );
    let report = project.check("a.parquet");
    assert_eq!(clause(&report, "t/q")["verdict"], "passed", "{report:#}");
    // A query that would plan with its variables as texts compares with none of them.
    for query in [
        "select count(*) from ${A} where a > ${B} or a < ${A}",
        "select count(*) from t where '${A}' <> '${B}'",
    ] {
        project.write("contracts/t.odcs.yaml", &of_version("v3.2.0", column, &rule(query)));
        let run = project.run(&["lint", "--format", "json"]).expect(0).json();
        let said = of_code(run["diagnostics"].as_array().unwrap(), "C004");
        assert!(said.len() == 1 && said[0].contains("${A}, ${B}"), "{run:#}");
        assert_eq!(clause(&project.check("a.parquet"), "t/q")["verdict"], "not-executed");
    }
}

#[test]
fn a_default_is_what_a_variable_means_wherever_it_is_written() {
    let columns = "\
- { name: c, physicalName: '${COL:-c_phys}', logicalType: string, required: true, logicalTypeOptions: { pattern: '^${P:-[A-Z]{2}}-', maxLength: '${MAX:-5}' } }
- { name: n, logicalType: integer, logicalTypeOptions: { minimum: '${MIN:-1}' }, quality: [{ id: q, metric: invalidValues, mustBe: '${N:-0}', arguments: { validValues: [1, 2] } }] }
- { name: e, logicalType: string, enum: [{ value: '${ONE:-x}' }, { value: y }] }";
    let project = Project::of_columns(columns);
    assert_eq!(errors(&lint(&contract("1.0.0", columns, ""))), Vec::<&Value>::new());
    let file = |c: &'static str, n, e: &'static str| {
        vec![("c_phys", texts([Some(c)])), ("n", longs([n])), ("e", texts([Some(e)]))]
    };
    project.parquet("good.parquet", file("AB-1", 1, "x"));
    project.parquet("bad.parquet", file("1234567", 0, "${ONE:-x}"));
    let good = project.check("good.parquet");
    let bad = project.check("bad.parquet");
    for id in ["t/c/pattern", "t/c/maxLength", "t/n/minimum", "t/n/q", "t/e/enum"] {
        assert_eq!(clause(&good, id)["verdict"], "passed", "{id}");
        assert_eq!(clause(&bad, id)["verdict"], "failed", "{id}");
    }
}

#[test]
fn filling_a_default_changes_nothing_that_diff_would_tell() {
    let of = |bound: &str| {
        let columns = format!(
            "- {{ name: a, logicalType: integer, logicalTypeOptions: {{ minimum: {bound} }} }}"
        );
        contract("1.0.0", &columns, "")
    };
    let findings = |old: &str, new: &str| {
        let project = Project::new(&[("t", &of("1"))]);
        project.write("old.odcs.yaml", &of(old));
        project.write("new.odcs.yaml", &of(new));
        let run = project.run(&["diff", "old.odcs.yaml", "new.odcs.yaml", "--format", "json"]);
        let report = run.json();
        let contracts = report["contracts"].as_array().unwrap();
        contracts.iter().map(|c| c["findings"].as_array().unwrap().len()).sum::<usize>()
    };
    assert_eq!(findings("\"${MIN:-1}\"", "1"), 0);
    assert_eq!(findings("\"${MIN:-1}\"", "\"${LEAST:-1.0}\""), 0);
    assert_ne!(findings("\"${MIN:-1}\"", "2"), 0);
}

#[test]
fn what_holds_a_variable_without_a_value_is_listed_as_not_executed_and_warned_of_once() {
    let columns = "\
- { name: s, logicalType: string, logicalTypeOptions: { pattern: '^${P}', maxLength: '${M}' }, quality: [{ id: q, metric: invalidValues, mustBe: 0, arguments: { validValues: ['${V}'] } }] }
- { name: d, logicalType: date, logicalTypeOptions: { minimum: '${MIN}' } }
- { name: e, logicalType: string, enum: [{ value: '${ONE}' }, { value: y }] }
- { name: p, physicalName: '${COL}', physicalType: '${T}' }
- { name: n, logicalType: integer, quality: [{ id: r, metric: nullValues, mustBeLessThan: '${LESS}' }] }";
    let text = contract("1.0.0", columns, "");
    let found = lint(&text);
    assert_eq!(errors(&found), Vec::<&Value>::new());
    let codes: Vec<&Value> = found.iter().map(|d| &d["code"]).filter(|c| *c != "L051").collect();
    assert_eq!(codes, Vec::<&Value>::new(), "{found:?}");
    let said = of_code(&found, "L051");
    for name in ["${P}", "${M}", "${V}", "${MIN}", "${ONE}", "${COL}", "${T}", "${LESS}"] {
        assert_eq!(said.iter().filter(|said| said.contains(name)).count(), 1, "{name}: {said:?}");
    }
    let project = Project::new(&[("t", &text)]);
    project.parquet(
        "a.parquet",
        vec![
            ("s", texts([Some("^${P}")])),
            ("e", texts([Some("z")])),
            ("p", longs([1])),
            ("n", longs([1])),
        ],
    );
    let report = project.check("a.parquet");
    for id in [
        "t/s/pattern",
        "t/s/maxLength",
        "t/s/q",
        "t/d/minimum",
        "t/e/enum",
        "t/p/physicalType",
        "t/n/r",
    ] {
        let clause = clause(&report, id);
        assert_eq!(clause["verdict"], "not-executed", "{id}");
        assert!(clause["reason"].as_str().unwrap().contains("${"), "{clause}");
    }
}

#[test]
fn a_custom_property_with_a_variable_without_a_value_counts_as_absent() {
    let more = "customProperties: [{ property: additionalColumns, value: '${MODE}' }]";
    let text = contract("1.0.0", "- { name: a, logicalType: integer }", more);
    let found = lint(&text);
    assert_eq!(errors(&found), Vec::<&Value>::new());
    assert!(of_code(&found, "L051")[0].contains("counts as absent"), "{found:?}");
    let text = text.replace("${MODE}", "${MODE:-allow}");
    assert_eq!(of_code(&lint(&text), "L051"), [""; 0]);
    let project = Project::new(&[("t", &text)]);
    project.parquet("a.parquet", vec![("a", longs([1])), ("b", longs([1]))]);
    assert_ne!(clause(&project.check("a.parquet"), "t/additionalColumns")["verdict"], "failed");
}

#[test]
fn a_service_level_and_a_reference_with_a_variable_without_a_value_are_not_executed() {
    let columns = "\
- { name: at, logicalType: timestamp }
- { name: k, logicalType: integer, relationships: [{ id: link, to: '${OTHER}.k' }] }";
    let text = contract("1.0.0", columns, "").replace(
        "schema:\n  -",
        "slaProperties:\n- { id: age, property: latency, value: '${HOURS}', unit: h, element: t.at }\n\
         schema:\n  -",
    );
    let found = lint(&text);
    assert_eq!(errors(&found), Vec::<&Value>::new());
    assert_eq!(of_code(&found, "L051").len(), 2, "{found:?}");
    let project = Project::new(&[("t", &text)]);
    project.parquet("a.parquet", vec![("k", longs([1]))]);
    let report = project.check("a.parquet");
    for id in ["t/age", "t/k/link"] {
        assert_eq!(clause(&report, id)["verdict"], "not-executed", "{id}");
    }
}

#[test]
fn a_contract_whose_name_is_a_variable_without_a_value_goes_by_its_id() {
    let text = contract("1.0.0", "- { name: a, logicalType: integer }", "");
    let text = text.replace("\nname: t\n", "\nname: '${NAME}'\n");
    let found = lint(&text);
    assert_eq!(errors(&found), Vec::<&Value>::new());
    assert!(of_code(&found, "L051")[0].contains("'name'"), "{found:?}");
}

#[test]
fn variables_of_servers_are_no_errors() {
    for api in ["v3.0.2", "v3.1.0", "v3.2.0"] {
        let server = "servers:\n- { server: s, type: postgres, host: '${HOST}', port: '${PORT}', database: '${DB:-d}', schema: s }\n";
        let text = of_version(api, "- { name: a }", "")
            .replace("schema:\n  -", &format!("{server}schema:\n  -"));
        assert_eq!(errors(&lint(&text)), Vec::<&Value>::new(), "{api}");
    }
}

#[test]
fn an_operator_that_cannot_be_read_is_told_once() {
    let columns = "- { name: a, quality: [{ metric: nullValues, mustBeBetween: [100] }] }";
    let found = lint(&of_version("v3.2.0", columns, ""));
    assert_eq!(of_code(&found, "L005").len(), 1, "{found:?}");
    assert_eq!(of_code(&found, "L019"), [""; 0], "{found:?}");
}

#[test]
fn an_argument_that_names_no_column_is_told_the_names_that_there_are() {
    let of = |name: &str| {
        let more = format!(
            "quality: [{{ metric: duplicateValues, mustBe: 0, arguments: {{ properties: [{name}] }} }}]"
        );
        lint(&of_version("v3.2.0", "- { name: tenant }\n- { name: other }", &more))
    };
    assert_eq!(of_code(&of("t.tenant"), "L022"), [""; 0]);
    assert_eq!(hint(&of("t.tennant"), "L022"), "did you mean 'tenant'?");
    assert_eq!(hint(&of("zzz"), "L022"), "write names of its columns alone: tenant, other");
}

#[test]
fn an_argument_beside_arguments_is_told_the_same_way_in_every_version() {
    for (api, severity) in [("v3.0.2", "warning"), ("v3.1.0", "error"), ("v3.2.0", "error")] {
        for key in ["pattern: x", "missingValues: [x]"] {
            let columns = format!(
                "- {{ name: a, quality: [{{ metric: invalidValues, mustBe: 0, {key} }}] }}"
            );
            let found = lint(&of_version(api, &columns, ""));
            let name = key.split(':').next().unwrap();
            assert_eq!(
                of_code(&found, "L009"),
                [format!("{severity}: '{name}' is written beside 'arguments'")],
                "{found:?}"
            );
        }
    }
}

#[test]
fn the_format_that_is_offered_suits_a_column_without_a_time_zone() {
    let of = |format: &str, more: &str| {
        let columns = format!(
            "- {{ name: a, logicalType: timestamp, {more} logicalTypeOptions: {{ format: \"{format}\" }} }}"
        );
        lint(&of_version("v3.2.0", &columns, ""))
    };
    let datetime = "physicalType: DATETIME,";
    let found = of("yyyy-MM-ddTHH:mm:ssZ", datetime);
    assert_eq!(hint(&found, "L046"), "write yyyy-MM-dd'T'HH:mm:ss'Z'");
    assert_eq!(of_code(&of("yyyy-MM-dd'T'HH:mm:ss'Z'", datetime), "L046"), [""; 0]);
    assert_eq!(hint(&of("yyyy-MM-ddTHH:mm:ssZ", ""), "L046"), "write yyyy-MM-dd'T'HH:mm:ssXXX");
    // For an instant the letter is an offset, and a format without one needs a zone.
    for format in ["%Y-%m-%dT%H:%M:%SZ", "yyyy-MM-dd'T'HH:mm:ss'Z'"] {
        let offered = hint(&of(format, ""), "L046");
        assert!(offered.starts_with("write yyyy-MM-dd'T'HH:mm:ssXXX"), "{format}: {offered}");
    }
    assert_eq!(of_code(&of("yyyy-MM-dd'T'HH:mm:ssXXX", ""), "L046"), [""; 0]);
    let offered = hint(&of("YYYY-MM-DD HH:mm:ss", ""), "L046");
    assert_eq!(offered, "write yyyy-MM-dd HH:mm:ss, and timezone: false or defaultTimezone");
    let zoned = hint(&of("YYYY-MM-DD HH:mm:ss", "physicalType: timestamptz,"), "L046");
    assert_eq!(zoned, "write yyyy-MM-dd HH:mm:ss, and defaultTimezone");
    // What says that there is no zone is named, and nothing else.
    let found = of("yyyy-MM-dd'T'HH:mm:ssXXX", datetime);
    assert!(
        of_code(&found, "L046")[0].contains("physicalType 'DATETIME' has no time zone"),
        "{found:?}"
    );
    assert!(!hint(&found, "L046").contains("timezone: false"), "{found:?}");
}

#[test]
fn brackets_behind_a_text_type_hold_its_length_where_the_column_is_text() {
    let column = |physical: &str| {
        contract(
            "1.0.0",
            &format!("- {{ name: a, logicalType: string, physicalType: '{physical}' }}"),
            "",
        )
    };
    for (written, meant) in [
        ("varchar[3]", "varchar(3)"),
        ("char[3]", "char(3)"),
        ("nvarchar[2147483647]", "nvarchar(2147483647)"),
    ] {
        let found = lint(&column(written));
        assert_eq!(errors(&found), Vec::<&Value>::new(), "{written}");
        assert_eq!(hint(&found, "L027"), format!("write physicalType: {meant}"));
        assert_eq!(of_code(&lint(&column(meant)), "L027"), [""; 0], "{meant}");
    }
    let project = Project::new(&[("t", &column("varchar[3]"))]);
    project.parquet("a.parquet", vec![("a", texts([Some("abcd")]))]);
    assert_eq!(clause(&project.check("a.parquet"), "t/a/physicalTypeLength")["verdict"], "failed");
    for array in ["varchar[]", "varchar[15]", "text[3]"] {
        let columns = format!("- {{ name: a, logicalType: array, physicalType: '{array}' }}");
        assert_eq!(of_code(&lint(&contract("1.0.0", &columns, "")), "L027"), [""; 0], "{array}");
    }
    // What can only be an array still contradicts a text.
    for array in ["varchar[]", "varchar(3)[2]", "int[3]"] {
        assert_eq!(errors(&lint(&column(array))).len(), 1, "{array}");
    }
}

#[test]
fn ids_hold_the_characters_of_their_version() {
    let of =
        |api: &str, id: &str| lint(&of_version(api, &format!("- {{ name: a, id: \"{id}\" }}"), ""));
    for id in ["fdir:field", "a+b", "größe", "a$b(c)", "a_b-C9"] {
        assert_eq!(errors(&of("v3.2.0", id)), Vec::<&Value>::new(), "{id}");
    }
    for (id, said) in [
        ("a b", "white space"),
        ("a.b", "'.'"),
        ("a/b", "'/'"),
        ("a#b", "'#'"),
        ("a@b", "'@'"),
        ("a%b", "'%'"),
        ("a^b", "'^'"),
        ("a&b", "'&'"),
        ("a!b", "'!'"),
        ("a\\\\b", "'\\\\'"),
    ] {
        let found = of("v3.2.0", id);
        let told = of_code(&found, "L005");
        assert!(told.len() == 1 && told[0].contains(said), "{id}: {found:?}");
        assert_eq!(hint(&found, "L005"), "write id: a_b");
    }
    let found = of("v3.1.0", "fdir:field");
    assert_eq!(of_code(&found, "L005"), ["error: 'id' holds ':', which an id must not contain"]);
}

#[test]
fn the_schema_for_editors_admits_every_id_that_some_version_does() {
    let project = Project::of_columns("- { name: a }");
    let schema = project.run(&["schema"]).expect(0).stdout;
    assert!(schema.contains(r#""^[^\\s.#/\\\\@!%&^]+$""#), "{schema}");
}

#[test]
fn a_vector_without_a_length_and_a_value_listed_twice_are_warnings() {
    let vector = |more: &str| {
        lint(&contract("1.0.0", &format!("- {{ name: v, logicalType: vector{more} }}"), ""))
    };
    assert_eq!(of_code(&vector(""), "L006").len(), 1);
    assert_eq!(of_code(&vector(", logicalTypeOptions: { dimensions: 3 }"), "L006"), [""; 0]);
    let listed = |values: &str, logical: &str| {
        let columns = format!("- {{ name: a, logicalType: {logical}, enum: [{values}] }}");
        of_code(&lint(&contract("1.0.0", &columns, "")), "L031")
    };
    assert_eq!(
        listed("{ value: x }, { value: y }, { value: x }", "string"),
        ["warning: the value x occurs twice in enum"]
    );
    assert_eq!(listed("{ value: 1 }, { value: 1.0 }", "number").len(), 1);
    assert_eq!(listed("{ value: x }, { value: X }", "string"), [""; 0]);
}

#[test]
fn the_word_of_a_rule_that_is_not_of_the_library_is_its_name_in_3_0() {
    let more = "quality: [{ rule: counted, type: sql, query: select 1, mustBe: 1 }]";
    let text = of_version("v3.0.2", "- { name: a, logicalType: integer }", more);
    assert_eq!(of_code(&lint(&text), "L050"), [""; 0]);
    let project = Project::new(&[("t", &text)]);
    project.parquet("a.parquet", vec![("a", longs([1]))]);
    let report = project.check("a.parquet");
    let clauses = report["tables"][0]["clauses"].as_array().unwrap();
    let named = |c: &&Value| c["id"].as_str().unwrap().starts_with("t/counted-");
    assert!(clauses.iter().any(|c| named(&c)), "{report:#}");
}
