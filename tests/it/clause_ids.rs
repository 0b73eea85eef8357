//! Clause ids are frozen: a waiver or a dashboard that names one keeps its meaning.

use std::sync::Arc;

use pactum::check::clause_list;
use pactum::contract::parse;
use pactum::diagnostic::Source;

use crate::support::root;

#[test]
fn the_clause_ids_of_the_example_contracts_stay_what_they_are() {
    let contracts = [
        "contracts/learning.odcs.yaml",
        "contracts/recommendations.odcs.yaml",
        "examples/oulad/contracts/oulad.odcs.yaml",
    ];
    let mut lines = Vec::new();
    for path in contracts {
        let text = std::fs::read_to_string(root().join(path)).unwrap();
        let contract = parse(&Arc::new(Source::new(path, text))).valid().unwrap();
        for table in &contract.tables {
            for clause in clause_list(&contract, table) {
                lines.push(format!("{}: {}", clause.id, clause.expected));
            }
        }
    }
    insta::assert_snapshot!("clause-ids", lines.join("\n"));
}

#[test]
fn a_rules_id_depends_on_what_it_measures_and_not_on_its_threshold() {
    let ids = |rule: &str| {
        let text = crate::support::contract(
            "1.0.0",
            &format!("- {{ name: a, logicalType: string, quality: [{{ {rule} }}] }}"),
            "",
        );
        let contract = parse(&Arc::new(Source::new("t", text))).contract.unwrap();
        clause_list(&contract, &contract.tables[0]).last().unwrap().id.clone()
    };
    let base = ids("metric: nullValues, mustBe: 0");
    assert!(base.starts_with("t/a/nullValues-"), "{base}");
    assert_eq!(ids("metric: nullValues, mustBeLessThan: 5, unit: percent"), base);
    assert_eq!(ids("metric: nullValues, mustBe: 0, severity: warning, description: x"), base);
    assert_eq!(ids("rule: nullValues, mustBe: 0"), base);
    assert_ne!(ids("metric: missingValues, arguments: { missingValues: [a] }, mustBe: 0"), base);
    assert_eq!(ids("id: mine, metric: nullValues, mustBe: 0"), "t/a/mine");
    assert_eq!(ids("name: named, metric: nullValues, mustBe: 0"), "t/a/named");
}
