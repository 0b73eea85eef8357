//! Texts in double quotes: where no column has such a name, the text in single quotes is offered, wherever
//! SQL is read.

use crate::support::{Project, contract, texts};

const COLUMN: &str = "- { name: name, logicalType: string }";

fn hints(project: &Project, command: &[&str]) -> String {
    let run = project.run(&[command, &["--format", "json"]].concat());
    assert_ne!(run.code, 0, "{}", run.stdout);
    run.stdout
}

#[test]
fn a_text_in_double_quotes_is_offered_in_single_quotes() {
    let project = Project::of_columns(COLUMN);
    project.parquet("t.parquet", vec![("name", texts([Some("Ada"), Some("it's")]))]);
    project.run(&["publish", "t", "t=t.parquet"]).expect(0);
    let offered = "a text is in single quotes: 'Ada Lovelace'; columns: name";
    let condition = "name = \"Ada Lovelace\"";
    let query = format!("select name from t.t where {condition}");
    assert!(hints(&project, &["query", &query]).contains(offered));
    // A consumer's SQL, a rule's SQL and the rows that a rule looks at.
    project.write("sql/c.sql", &format!("-- owner: x\n{query}\n"));
    assert!(hints(&project, &["lint"]).contains(offered));
    std::fs::remove_file(project.path().join("sql/c.sql")).unwrap();
    for rule in [
        format!("type: sql, query: 'select count(*) from t where {condition}', mustBe: 0"),
        format!(
            "metric: rowCount, mustBe: 0, customProperties: [{{ property: where, value: '{condition}' }}]"
        ),
    ] {
        let rules = format!("quality:\n- {{ {rule} }}");
        project.write("contracts/t.odcs.yaml", &contract("1.0.0", COLUMN, &rules));
        assert!(hints(&project, &["lint"]).contains(offered), "{rule}");
    }
}

#[test]
fn a_name_that_is_like_a_column_or_has_a_table_is_a_name() {
    let project = Project::of_columns(COLUMN);
    project.parquet("t.parquet", vec![("name", texts([Some("Ada")]))]);
    project.run(&["publish", "t", "t=t.parquet"]).expect(0);
    let said = hints(&project, &["query", "select 1 from t.t where \"nmae\" = 'x'"]);
    assert!(said.contains("did you mean 'name'?"), "{said}");
    for query in ["select x.\"Ada\" from t.t x", "select nothing from t.t"] {
        let said = hints(&project, &["query", query]);
        assert!(!said.contains("single quotes"), "{said}");
    }
    let said = hints(&project, &["query", "select \"it's\""]);
    assert!(said.contains("a text is in single quotes: 'it''s'"), "{said}");
}
