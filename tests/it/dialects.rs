//! SQL rules as people write them: in the dialect of a server, by physical names, over the tables
//! of the project's other contracts.

use serde_json::{Value, json};

use crate::support::{Project, clause, contract, longs};

const COLUMNS: &str = "- { name: id, physicalName: ord_id, logicalType: integer }\n\
                       - { name: customer, logicalType: integer }";

/// A query that only the named engine knows.
const FOREIGN: &str = "select count(*) from t where try_to_decimal(customer, 1, 2) is null";

fn rule(query: &str, expected: u32) -> String {
    let query = query.replace('"', "\\\"");
    format!("quality:\n- {{ id: q, type: sql, query: \"{query}\", mustBe: {expected} }}")
}

/// A contract with one SQL rule and these servers.
fn project(servers: &str, query: &str, expected: u32) -> Project {
    let text = contract("1.0.0", COLUMNS, &rule(query, expected));
    let text = text.replace("status: active\n", &format!("status: active\n{servers}\n"));
    let project = Project::new(&[("t", &text)]);
    project.parquet("d.parquet", vec![("ord_id", longs([1, 2])), ("customer", longs([7, 8]))]);
    project
}

fn found(project: &Project, code: i32) -> Vec<Value> {
    let run = project.run(&["lint", "--format", "json"]).expect(code);
    let found = run.json()["diagnostics"].as_array().unwrap().clone();
    found.into_iter().filter(|d| d["name"] == "rule-plan").collect()
}

#[test]
fn a_rule_in_the_dialect_of_a_server_is_a_warning_and_not_executed() {
    for engine in
        ["snowflake", "bigquery", "databricks", "redshift", "sqlserver", "postgres", "custom"]
    {
        let servers = format!("servers: [{{ server: prod, type: {engine} }}]");
        let project = project(&servers, FOREIGN, 0);
        let warned = found(&project, 0);
        assert_eq!((warned.len(), &warned[0]["severity"]), (1, &json!("warning")), "{engine}");
        let report = project.run(&["check", "t", "d.parquet", "--format", "json"]).expect(1).json();
        let rule = clause(&report, "t/q");
        assert_eq!(rule["verdict"], "not-executed", "{rule}");
        assert!(rule["reason"].as_str().unwrap().contains(engine), "{rule}");
        // What the hint says ends it.
        let hint = warned[0]["hint"].as_str().unwrap();
        let setting = hint.split("pactum.yaml: ").nth(1).unwrap();
        project.write("pactum.yaml", &format!("warehouse: ./warehouse\n{setting}\n"));
        assert_eq!(found(&project, 0), Vec::<Value>::new(), "{engine}");
        let report = project.run(&["check", "t", "d.parquet", "--format", "json"]).expect(0).json();
        let rule = clause(&report, "t/q");
        assert_eq!(rule["verdict"], "informational", "{rule}");
        assert_eq!(rule["reason"], format!("{engine} runs it"));
    }
}

#[test]
fn a_text_that_is_not_even_sql_here_is_not_executed_either() {
    for query in [
        "select count(*) from `proj.data.t`",
        "select top 1 id from t",
        "SELECT COUNT(*) FROM t QUALIFY x := 1",
    ] {
        let project = project("servers: [{ server: prod, type: bigquery }]", query, 0);
        assert_eq!(found(&project, 0).len(), 1, "{query}");
        let report = project.check("d.parquet");
        assert_eq!(clause(&report, "t/q")["verdict"], "not-executed", "{query}");
    }
}

#[test]
fn without_another_engine_a_rule_that_does_not_plan_is_an_error() {
    for servers in [
        "",
        "servers: []",
        "servers: [{ server: files, type: s3, location: 's3://b/x' }]",
        "servers: [{ server: files, type: local, path: ./x, format: parquet }]",
        "servers: [{ server: topic, type: kafka, host: 'h:1' }]",
    ] {
        let found = found(&project(servers, FOREIGN, 0), 1);
        assert_eq!((found.len(), &found[0]["severity"]), (1, &json!("error")), "{servers}");
    }
}

#[test]
fn a_rule_that_plans_is_executed_whatever_the_server() {
    let servers = "servers: [{ server: prod, type: snowflake }]";
    for (expected, verdict) in [(2, "passed"), (3, "failed")] {
        let project = project(servers, "select count(*) from t", expected);
        project.write("pactum.yaml", "warehouse: ./warehouse\nexternal_engines: [snowflake]\n");
        assert_eq!(found(&project, 0), Vec::<Value>::new());
        assert_eq!(clause(&project.check("d.parquet"), "t/q")["verdict"], verdict);
    }
}

#[test]
fn a_rule_that_fails_on_rows_is_not_blamed_on_a_dialect() {
    let servers = "servers: [{ server: prod, type: snowflake }]";
    let project = project(servers, "select max(10 / (id - 1)) from t", 10);
    assert_eq!(found(&project, 0), Vec::<Value>::new());
    let report = project.check("d.parquet");
    let reason = clause(&report, "t/q")["reason"].as_str().unwrap().to_owned();
    assert!(reason.contains("division by zero") && !reason.contains("snowflake"), "{reason}");
}

#[test]
fn rules_read_tables_and_columns_by_the_names_of_the_server() {
    let servers =
        "servers: [{ server: prod, type: snowflake, database: DWH, schema: SALES, account: x }]";
    for query in [
        "select count(*) from t where ord_id = 1",
        "select count(*) from {object} x where x.ord_id = 1 and x.id = 1",
        "select count(*) from sales.t where sales.t.ord_id = 1",
        "select count(*) from DWH.SALES.T where ORD_ID = 1",
        "with u as (select ord_id from t) select count(*) from u where ord_id = 1",
        "select count(*) from t a join t b on a.ord_id = b.id where b.ord_id = 1",
    ] {
        let project = project(servers, query, 1);
        assert_eq!(found(&project, 0), Vec::<Value>::new(), "{query}");
        let report = project.check("d.parquet");
        assert_eq!(clause(&report, "t/q")["verdict"], "passed", "{query}: {report}");
    }
}

/// Two contracts: one whose rule reads the other's table.
fn neighbours(query: &str) -> Project {
    let project = project("", query, 1);
    let crm = contract("1.2.0", "- { name: id, physicalName: cust_id, logicalType: integer }", "")
        .replace("id: t\nname: t", "id: crm-1\nname: crm")
        .replace("- name: t", "- name: customers\n    physicalName: dim_customer");
    project.write("contracts/crm.odcs.yaml", &crm);
    project.parquet("c.parquet", vec![("cust_id", longs([7]))]);
    project
}

#[test]
fn rules_read_the_tables_of_other_contracts_of_the_project() {
    for query in [
        "select count(*) from t where not exists (select 1 from crm.customers c where c.id = t.customer)",
        "select count(*) from t join crm_v1.customers c on c.id = customer",
        "select count(*) from t join crm.dim_customer c on c.cust_id = customer",
        "select count(*) from t join customers c on c.id = customer",
        "select count(*) from t join dim_customer on cust_id = customer",
    ] {
        let project = neighbours(query);
        assert_eq!(found(&project, 0), Vec::<Value>::new(), "{query}");
        // One document is linted beside the project's others.
        project.run(&["lint", "contracts/t.odcs.yaml"]).expect(0);
        let report = project.check("d.parquet");
        let reason = clause(&report, "t/q")["reason"].as_str().unwrap().to_owned();
        assert!(reason.contains("contract 'crm-1' has no release of major 1"), "{reason}");
        project.run(&["publish", "crm", "customers=c.parquet"]).expect(0);
        let report = project.check("d.parquet");
        assert_eq!(clause(&report, "t/q")["verdict"], "passed", "{query}: {report}");
        assert_eq!(report["depends_on"], json!({"crm-1": 1}), "{query}");
    }
}

#[test]
fn a_contract_whose_table_no_rule_reads_is_no_dependency() {
    let project = neighbours("select count(customer) - 1 as customers from t");
    project.run(&["publish", "crm", "customers=c.parquet"]).expect(0);
    let report = project.check("d.parquet");
    assert_eq!(clause(&report, "t/q")["verdict"], "passed");
    assert_eq!(report["depends_on"], Value::Null);
}

#[test]
fn what_a_rule_measures_of_another_contracts_classified_column_is_withheld() {
    let project = neighbours("select max(c.cust_id) - 6 from crm.customers c");
    let crm = std::fs::read_to_string(project.path().join("contracts/crm.odcs.yaml")).unwrap();
    let crm =
        crm.replace("logicalType: integer }", "logicalType: integer, classification: secret }");
    project.write("contracts/crm.odcs.yaml", &crm);
    project.run(&["publish", "crm", "customers=c.parquet"]).expect(0);
    let report = project.check("d.parquet");
    let rule = clause(&report, "t/q");
    assert_eq!(rule["verdict"], "passed");
    assert!(!rule["measured"].is_number(), "{rule}");
}

#[test]
fn a_misspelled_table_is_still_found_beside_other_contracts() {
    for query in ["select count(*) from crm.custommers", "select count(*) from crmm.customers"] {
        assert_eq!(found(&neighbours(query), 1).len(), 1, "{query}");
    }
}
