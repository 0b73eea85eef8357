//! What is read of service levels, relationships and documents of another form: it is executed, or
//! lint says what is not, once and with a hint that works.

use std::sync::Arc;

use arrow::array::{ArrayRef, TimestampMicrosecondArray};
use pactum::contract::parse;
use pactum::diagnostic::{Diagnostic, Severity, Source};
use serde_json::{Value, json};

use crate::support::{Project, clause, contract, longs};

fn lint(text: &str) -> Vec<Diagnostic> {
    parse(&Arc::new(Source::new("t.odcs.yaml", text))).diagnostics
}

/// What lint finds in a document: severity, message and hint.
fn found(text: &str) -> Vec<String> {
    let one =
        |d: Diagnostic| format!("{}: {} | {}", d.severity, d.message, d.hint.unwrap_or_default());
    lint(text).into_iter().map(one).collect()
}

/// Days of 2026, at midnight UTC.
fn days(days: &[i64]) -> ArrayRef {
    let micros = days.iter().map(|day| 1_767_225_600_000_000 + (day - 1) * 86_400_000_000);
    Arc::new(TimestampMicrosecondArray::from_iter_values(micros).with_timezone("UTC"))
}

const TIMES: &str = "- { name: ts, logicalType: timestamp }\n- { name: c, logicalType: timestamp }";

/// A contract of table `t` with two points in time, and these service levels.
fn with_levels(levels: &str) -> String {
    format!("{}{levels}", contract("1.0.0", TIMES, ""))
}

/// The report of a check on 10 January 2026 of rows of the first and the ninth.
fn judged(text: &str) -> Value {
    let project = Project::new(&[("t", text)]);
    project.parquet("a.parquet", vec![("ts", days(&[1, 9])), ("c", days(&[8, 9]))]);
    let now = "2026-01-10T00:00:00Z";
    project.run(&["check", "t", "a.parquet", "--format", "json", "--now", now]).json()
}

#[test]
fn an_element_needs_no_table_in_a_contract_of_one_table() {
    let own = "slaProperties: [{ id: l, property: latency, value: 2, unit: d, element: ts }]\n";
    let default = "slaDefaultElement: ts\n\
                   slaProperties: [{ id: l, property: latency, value: 2, unit: d }]\n";
    for levels in [own, default] {
        let text = with_levels(levels);
        assert_eq!(found(&text), [""; 0], "{levels}");
        let report = judged(&text);
        let latency = clause(&report, "t/l");
        assert_eq!((&latency["verdict"], &latency["measured"]), (&json!("passed"), &json!(1.0)));
    }
    // Of two tables it could be a column of either.
    let two = with_levels("  - { name: u, properties: [{ name: at, logicalType: timestamp }] }\n");
    assert_eq!(
        found(&format!("{two}{own}")),
        [
            "warning: the service level is not executed: 'ts' does not say which table it belongs to | \
          did you mean 't.ts'?"
        ]
    );
}

#[test]
fn an_element_means_one_column_in_diff_and_impact_with_and_without_its_table() {
    let level = |element: &str| {
        with_levels(&format!(
            "slaProperties: [{{ property: latency, value: 2, unit: d, element: {element} }}]\n"
        ))
    };
    let project = Project::new(&[("t", &level("ts"))]);
    project.write("old.odcs.yaml", &level("t.ts"));
    project.write("new.odcs.yaml", &level("ts"));
    let diff = project.run(&["diff", "old.odcs.yaml", "new.odcs.yaml", "--format", "json"]);
    assert_eq!(diff.expect(0).json()["contracts"], json!([]));
    let impact =
        |column: &str| project.run(&["impact", column, "--format", "json"]).expect(0).stdout;
    assert!(impact("t.t.ts").contains("slaProperties/latency"));
    assert!(!impact("t.t.c").contains("slaProperties/latency"));
}

#[test]
fn an_element_that_leads_nowhere_says_which_part_is_unknown() {
    let columns = "- { name: ts, logicalType: timestamp }\n\
                   - { name: n, logicalType: integer }\n\
                   - { name: o, logicalType: object, properties: [{ name: at, logicalType: timestamp }] }";
    for (element, why) in [
        ("tab1.ts", "the contract has no table 'tab1' | its tables are t"),
        ("T1.ts", "the contract has no table 'T1' | did you mean 't'?"),
        ("t.x_at", "table 't' has no column 'x_at' | its columns are ts, n, o"),
        ("t.tx", "table 't' has no column 'tx' | did you mean 'ts'?"),
        ("t", "'t' is a table, not a column | an element is written as table.column"),
        ("t.o.at", "'t.o.at' is inside column 'o' | name a column, not a field inside one"),
        (
            "t.n",
            "column 'n' is of type integer, not a point in time | name a column of dates or timestamps",
        ),
    ] {
        for property in ["latency", "frequency", "retention"] {
            let level = format!(
                "slaProperties: [{{ id: l, property: {property}, value: 2, unit: d, element: {element} }}]\n"
            );
            let text = contract("1.0.0", columns, "") + &level;
            let told = format!("warning: the service level is not executed: {why}");
            assert_eq!(found(&text), [told], "{element} {property}");
        }
    }
    let report = judged(&with_levels(
        "slaProperties: [{ id: l, property: latency, value: 2, unit: d, element: tab1.ts }]\n",
    ));
    let latency = clause(&report, "t/l");
    assert_eq!(latency["verdict"], "not-executed");
    assert_eq!(latency["reason"], "the contract has no table 'tab1'");
}

#[test]
fn a_default_element_that_leads_nowhere_is_told_where_a_service_level_uses_it() {
    let levels = "slaDefaultElement: t.when\nslaProperties:\n\
                  - { property: latency, value: 2, unit: d }\n\
                  - { property: retention, value: 2, unit: y }\n";
    let text = with_levels(levels);
    let told = lint(&text);
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(
        told[0].message,
        "service levels without an element of their own are not executed: table 't' has no column 'when'"
    );
    assert_eq!(&text[told[0].span.start..told[0].span.end], "t.when");
    let unused =
        levels.replace("unit: d }", "unit: d, element: ts }").replace("retention", "availability");
    assert_eq!(found(&with_levels(&unused)), [""; 0]);
}

#[test]
fn a_retention_is_judged_by_each_of_its_elements() {
    let text = with_levels(
        "slaProperties: [{ property: retention, value: 5, unit: d, element: 't.ts, c' }]\n",
    );
    assert_eq!(found(&text), [""; 0]);
    let report = judged(&text);
    let old = clause(&report, "t/sla-retention-t.ts");
    assert_eq!((&old["verdict"], &old["failing_rows"]), (&json!("failed"), &json!(1)));
    assert_eq!(clause(&report, "t/sla-retention-c")["verdict"], "passed");
}

#[test]
fn an_extended_value_is_noted_once_for_a_service_level() {
    let text = with_levels(
        "slaProperties:\n\
         - { property: frequency, value: 1, valueExt: 2, unit: d, element: t.ts }\n\
         - { property: availability, value: 99, valueExt: 99.9 }\n\
         - { property: latency, value: 1, valueExt: , unit: d, element: t.ts }\n",
    );
    let told: Vec<(Severity, String)> =
        lint(&text).into_iter().map(|d| (d.severity, d.message)).collect();
    let note = |property: &str| {
        let said = format!("valueExt of '{property}' is not used: the standard does not define it");
        (Severity::Note, said)
    };
    assert_eq!(told, [note("frequency"), note("availability")]);
}

/// The messages of `lint` in a project, with its exit code.
fn lints(project: &Project, code: i32) -> Vec<String> {
    let report = project.run(&["lint", "--format", "json"]).expect(code).json();
    let all = report["diagnostics"].as_array().unwrap();
    all.iter().map(|d| d["message"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_relationship_to_what_the_project_lacks_is_told_and_not_executed() {
    let parent = contract("1.0.0", "- { name: id, logicalType: integer, primaryKey: true }", "")
        .replace("id: t\nname: t", "id: parent\nname: parent");
    for (to, why) in [
        ("parent.odcs.yaml#/schema/t/properties/id", ""),
        ("parent.odcs.yaml#t.id", ""),
        ("'#t.other'", ""),
        ("'#/schema/t/properties/other'", ""),
        (
            "customer-contract.yaml#/schema/t/properties/id",
            "no contract of this project is in 'customer-contract.yaml'",
        ),
        ("parent.odcs.yaml#/schema/u/properties/id", "contract 'parent' has no table 'u'"),
        ("parent.odcs.yaml#t.no", "table 't' of contract 'parent' has no column 'no'"),
    ] {
        let columns = format!(
            "- {{ name: a, logicalType: integer, relationships: [{{ id: r, to: {to} }}] }}\n\
             - {{ name: other, logicalType: integer, unique: true }}"
        );
        let project = Project::new(&[("t", &contract("1.0.0", &columns, "")), ("parent", &parent)]);
        let told = lints(&project, 0);
        if why.is_empty() {
            assert_eq!(told, [""; 0], "{to}");
        } else {
            assert_eq!(told, [format!("the relationship is not executed: {why}")], "{to}");
        }
        project.parquet("a.parquet", vec![("a", longs([1])), ("other", longs([1]))]);
        let own = to.starts_with("'#");
        let verdict = if own { "passed" } else { "not-executed" };
        assert_eq!(clause(&project.check("a.parquet"), "t/a/r")["verdict"], verdict, "{to}");
    }
}

#[test]
fn a_relationship_inside_a_column_or_to_several_tables_is_told() {
    let inner = "- { name: o, logicalType: object, properties: [{ name: x, relationships: [{ to: users.id }] }] }";
    assert_eq!(
        found(&contract("1.0.0", inner, "")),
        [
            "warning: 'users' is not a table of this contract | what it points to cannot be checked here"
        ]
    );
    let more = "relationships: [{ from: [t.a, t.b], to: [u.id, v.id] }]";
    let tables = "  - { name: u, properties: [{ name: id }] }\n  - { name: v, properties: [{ name: id }] }\n";
    assert_eq!(
        found(&(contract("1.0.0", "- { name: a }\n- { name: b }", more) + tables)),
        ["warning: the relationship is not executed: it points to several tables | \
          write a relationship for each table"]
    );
}

#[test]
fn where_a_relationship_comes_from_is_told_once() {
    let columns = "- { name: a, relationships: [{ from: t.a, to: t.b }] }\n- { name: b }";
    let text = contract("1.0.0", columns, "");
    assert_eq!(
        found(&text),
        ["error: unknown key 'from' in a column's relationship | \
          remove it: the relationship comes from the column that it is on"]
    );
    assert_eq!(found(&text.replace("from: t.a, ", "")), [""; 0]);
    let bare = contract("1.0.0", "- { name: a }", "relationships: [{ to: t.a }]");
    let told = found(&bare);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("needs the key 'from'"), "{told:?}");
    let empty = contract("1.0.0", "- { name: a }", "relationships: [{ from: [], to: t.a }]");
    assert_eq!(found(&empty), ["error: 0 columns point to 1 | from and to need equal lengths"]);
}

/// A document of version 2, without its version.
const OF_VERSION_2: &str = "kind: DataContract\n\
    datasetDomain: seller\nquantumName: my quantum\nuserConsumptionMode: Analytical\n\
    version: 1.1.0\nstatus: current\nuuid: 53581432-6c55-4ba2-a65f-72344a91553a\n\
    stakeholders: [{ username: ceastwood, role: Data Scientist }]\n\
    datasetName: my_dataset\ndataset:\n\
    - table: tbl\n  columns: [{ column: a, logicalType: string, isNullable: false }]\n";

#[test]
fn a_document_of_version_2_gets_one_error_that_says_what_to_do() {
    for (version, at) in [
        ("", "datasetDomain"),
        ("apiVersion: v2.2.2\n", "v2.2.2"),
        ("apiVersion: 2.2.2\n", "2.2.2"),
        ("apiVersion: 2.2\n", "2.2"),
        ("apiVersion:\n", "datasetDomain"),
    ] {
        let text = format!("{version}{OF_VERSION_2}");
        let told = lint(&text);
        assert_eq!(told.len(), 1, "{version}: {told:?}");
        assert_eq!(told[0].severity, Severity::Error);
        assert_eq!(told[0].message, "documents of version 2 of the standard are not read");
        assert!(told[0].hint.as_deref().unwrap().contains("uuid is now id"), "{told:?}");
        let place = &text[told[0].span.start..told[0].span.end];
        assert!(place.contains(at), "{version}: {place}");
    }
    // A document of today keeps its own diagnostics.
    let slip = contract("1.0.0", "- { name: a }", "") + "uuid: x\n";
    assert!(found(&slip)[0].contains("unknown key 'uuid'"), "{:?}", found(&slip));
    let slip = slip.replace("apiVersion: v3.2.0\n", "");
    assert!(found(&slip).iter().any(|d| d.contains("needs the key 'apiVersion'")));
    let other = "dataContractSpecification: 1.1.0\nid: x\ninfo: { title: x, version: 1.0.0 }\n\
                 models: { t: { fields: { a: { type: string } } } }\n";
    let told = found(other);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("Data Contract Specification are not read"), "{told:?}");
}

#[test]
fn columns_in_the_place_of_tables_get_one_error() {
    let head = contract("1.0.0", "", "").split("schema:").next().unwrap().to_owned();
    let columns = "- { name: id, logicalType: integer, primaryKey: true, required: true }\n\
                   - { name: day, logicalType: date, logicalTypeOptions: { format: yyyy-MM-dd } }\n\
                   - { name: note, physicalType: varchar, required: false }\n";
    let levels = "slaProperties: [{ property: latency, value: 1, unit: d, element: t.day }]\n";
    assert_eq!(
        found(&format!("{head}schema:\n{columns}{levels}")),
        ["error: 'schema' lists tables, and 3 of its entries are columns | columns belong under \
          properties of a table: - { name: my_table, properties: [{ name: id, logicalType: integer }, …] }"]
    );
    // What may be either is a column beside columns, and a table by itself.
    let typed = "- { name: id, logicalType: integer }\n- { name: note, physicalType: varchar }\n";
    let told = found(&format!("{head}schema:\n{typed}"));
    assert!(told.len() == 1 && told[0].contains("2 of its entries are columns"), "{told:?}");
    // The tables beside it are linted.
    let mixed = "- { name: t, properties: [{ name: a, requird: true }] }\n\
                 - { name: id, logicalType: integer }\n";
    let told = found(&format!("{head}schema:\n{mixed}"));
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].contains("'requird'") && told[1].contains("this is a column"), "{told:?}");
    let typed = "- { name: t, logicalType: date, properties: [{ name: a }] }\n";
    assert_eq!(
        found(&format!("{head}schema:\n{typed}")),
        ["error: 'date' is not a value of 'logicalType' | \
          a table is an object; types belong to its columns"]
    );
    // A table with a word of its own is not a column.
    for table in
        ["logicalType: object", "physicalType: table", "logicalType: string, properties: []"]
    {
        let told = found(&format!("{head}schema:\n- {{ name: t, {table} }}\n"));
        assert!(!told.iter().any(|d| d.contains("lists tables")), "{told:?}");
    }
}

#[test]
fn a_table_of_which_nothing_is_tested_is_told() {
    let text = |more: &str| contract("1.0.0", "", more).replace("    properties:\n", "");
    let told = "warning: table 't' has no columns and no rules: nothing of it is tested | \
                declare its columns under properties, or rules under quality";
    assert_eq!(found(&text("")), [told]);
    assert_eq!(found(&text("properties: []")), [told]);
    assert_eq!(found(&text("quality: [{ type: text, description: Nice. }]")), [told]);
    assert_eq!(found(&text("quality: [{ metric: rowCount, mustBe: 1 }]")), [""; 0]);
    assert_eq!(found(&contract("1.0.0", "- { name: a }", "")), [""; 0]);
}

#[test]
fn a_hint_for_an_unknown_key_leads_to_nothing_that_is_newer_than_the_document() {
    let of = |api: &str, more: &str| {
        contract("1.0.0", "- { name: a, logicalType: string }", "").replace("v3.2.0", api) + more
    };
    let member = |keys: &str| format!("team: [{{ username: ada, {keys} }}]\n");
    let hint = |text: &str| found(text)[0].split(" | ").nth(1).unwrap().to_owned();
    // What has customProperties.
    let own = "your own keys go under customProperties";
    assert!(hint(&of("v3.1.0", &member("comment: x"))).ends_with(own));
    let kept = member("customProperties: [{ property: comment, value: x }]");
    assert_eq!(found(&of("v3.1.0", &kept)), [""; 0]);
    // What has a description in its place.
    let text = of("v3.0.2", &member("comment: x"));
    assert!(
        hint(&text).ends_with("say it in the description, or remove the key"),
        "{}",
        hint(&text)
    );
    assert_eq!(found(&of("v3.0.2", &member("description: x"))), [""; 0]);
    // What has neither.
    let price = "price: { priceAmount: 1, ours: 1 }\n";
    for api in ["v3.0.2", "v3.1.0", "v3.2.0"] {
        assert!(hint(&of(api, price)).contains("remove the key"), "{}", hint(&of(api, price)));
    }
    // An argument of a rule has no place to go before 3.1.
    let rule = "quality: [{ rule: invalidValues, missingValues: [x], mustBe: 0 }]";
    let text = contract("1.0.0", &format!("- {{ name: a, logicalType: string, {rule} }}"), "");
    let told = lint(&text.replace("v3.2.0", "v3.0.2"));
    let beside = told.iter().find(|d| d.message.contains("beside 'arguments'")).unwrap();
    assert!(beside.hint.as_deref().unwrap().contains("declare that version"), "{beside:?}");
    // Keys near by that came later are not offered.
    for (key, newer) in [("deprecatd: true", "deprecated"), ("synonym: [x]", "synonyms")] {
        let of_column = |api: &str| {
            contract("1.0.0", &format!("- {{ name: a, {key} }}"), "").replace("v3.2.0", api)
        };
        assert_eq!(hint(&of_column("v3.2.0")), format!("did you mean '{newer}'?"));
        assert!(!hint(&of_column("v3.1.0")).contains(newer), "{}", hint(&of_column("v3.1.0")));
    }
}

#[test]
fn allowed_values_are_written_as_the_version_of_the_document_has_them() {
    let column = |api: &str, key: &str| {
        contract("1.0.0", &format!("- {{ name: a, logicalType: string, {key} }}"), "")
            .replace("v3.2.0", api)
    };
    for (api, written) in [
        ("v3.2.0", "enum: [{value: high}, {value: '1'}]"),
        (
            "v3.1.0",
            "quality: [{metric: invalidValues, arguments: {validValues: [high, '1']}, mustBe: 0}]",
        ),
        ("v3.0.2", "quality: [{rule: validValues, validValues: [high, '1']}]"),
    ] {
        let told = found(&column(api, "allowedValues: [high, '1']"));
        assert!(told[0].ends_with(written), "{api}: {told:?}");
        assert_eq!(found(&column(api, written)), [""; 0], "{api}");
    }
}

#[test]
fn a_custom_property_is_suggested_only_where_its_value_would_be_taken() {
    let with = |property: &str, value: &str| {
        let own = format!("customProperties: [{{ property: {property}, value: {value} }}]\n");
        contract("1.0.0", "- { name: a, logicalType: string }", "") + &own
    };
    for (property, value) in [
        ("COMPARE_TO", ""),
        ("COMPARE_TO", "yesterday"),
        ("Warn", "true"),
        ("Public", "some"),
        ("group_by", "7"),
        ("ALIASES", ""),
        ("sqlname", ""),
    ] {
        assert_eq!(found(&with(property, value)), [""; 0], "{property} {value}");
    }
    for (property, value, meant) in [("sql_name", "shop", "sqlName"), ("sqlname", "x", "sqlName")] {
        let told = format!(
            "warning: custom property '{property}' means nothing to Pactum | did you mean '{meant}'?"
        );
        assert_eq!(found(&with(property, value)), [told], "{property}");
        assert_eq!(found(&with(meant, value)), [""; 0], "{meant}");
    }
}

#[test]
fn what_the_schema_of_3_0_0_leaves_open_in_a_description_is_a_warning() {
    let text = contract("1.0.0", "- { name: a }", "")
        + "description: { authoritativeDefinitions: { type: x, url: 'https://example.org' } }\n";
    let told = "'authoritativeDefinitions' holds a mapping; expected a list | \
                put '- ' before the first key: a list of one";
    assert_eq!(found(&text.replace("v3.2.0", "v3.0.0")), [format!("warning: {told}")]);
    for api in ["v3.0.2", "v3.1.0", "v3.2.0"] {
        assert_eq!(found(&text.replace("v3.2.0", api)), [format!("error: {told}")], "{api}");
    }
}

#[test]
fn a_key_of_version_2_in_a_document_of_today_gets_the_name_that_it_has_now() {
    let base = contract("1.0.0", TIMES, "");
    let levels = "slaProperties: [{ property: latency, value: 2, unit: d, column: ts }]\n";
    for (text, key, meant) in [
        (base.replace("id: t\n", "uuid: t\n"), "uuid", "id"),
        (format!("{base}datasetDomain: x\n"), "datasetDomain", "domain"),
        (format!("{base}slaDefaultColumn: ts\n"), "slaDefaultColumn", "slaDefaultElement"),
        (format!("{base}{levels}"), "column", "element"),
        (base.replace("- name: t\n", "- table: t\n"), "table", "name"),
        (base.replace("name: c,", "name: c, isUnique: true,"), "isUnique", "unique"),
        (base.replace("name: c,", "column: c,"), "column", "name"),
    ] {
        let told = found(&text);
        let hint = format!("did you mean '{meant}'?");
        let own = told.iter().find(|d| d.contains(&format!("unknown key '{key}'")));
        assert!(own.is_some_and(|own| own.ends_with(&hint)), "{key}: {told:?}");
        let written = text.replace(&format!("{key}: "), &format!("{meant}: "));
        assert_eq!(found(&written), [""; 0], "{key}");
    }
    // What is there already is not offered a second time.
    let twice = base.replace("name: c,", "column: c, name: c,");
    assert!(!found(&twice)[0].contains("did you mean"), "{:?}", found(&twice));
}
