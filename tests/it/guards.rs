//! Guards that stand alone: of each, one case that nothing else refuses or decides.

use pactum::warehouse::{Append, Ledger, Release, Warehouse};
use serde_json::{Value, json};

use crate::support::{Project, contract, longs, pactum};

const KEYED: &str = "- { name: a, logicalType: integer, primaryKey: true }";

fn warehouse(project: &Project) -> Warehouse {
    Warehouse::at(project.path().join("warehouse").to_str().unwrap()).unwrap()
}

fn number(release: Option<Release>) -> Option<u64> {
    release.map(|release| release.number())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_is_found_by_its_number_and_by_its_major() {
    // Releases 1 and 3 are of the first major, 2 is of the second.
    let project = Project::new(&[
        ("t", &contract("1.0.0", KEYED, "")),
        ("t2", &contract("2.0.0", KEYED, "")),
    ]);
    for (rows, document) in [(3, "t"), (4, "t2"), (5, "t")] {
        project.parquet("a.parquet", vec![("a", longs(0..rows))]);
        let document = format!("contracts/{document}.odcs.yaml");
        project.run(&["publish", &document, "t=a.parquet"]).expect(0);
    }
    let folder = warehouse(&project).contract("t");
    for (major, current) in [(1, Some(3)), (2, Some(2)), (3, None)] {
        let found = Release::current_of(&folder, major).await.unwrap();
        assert_eq!(number(found), current, "major {major}");
    }
    for (major, of, before) in [(1, 3, Some(1)), (1, 1, None), (2, 2, None), (2, 3, Some(2))] {
        let found = Release::before(&folder, major, of).await.unwrap();
        assert_eq!(number(found), before, "major {major}, before {of}");
    }
    // What is not a release may have the number of one.
    let ledger = Ledger::read(&folder).await.unwrap();
    let mut mark = ledger.current().unwrap().unwrap();
    mark.sequence += 1;
    mark.kind = "mark".to_owned();
    mark.publish_id = "mark".to_owned();
    assert_eq!(ledger.append(&mark).await.unwrap(), Append::Appended);
    let found = Release::numbered(&folder, 3).await.unwrap().unwrap();
    assert_eq!(found.entry.kind, "release");
}

/// Contract `id`, whose SQL name is `shop`, with a release of so many rows.
fn shop(id: &str, rows: i64) -> Project {
    let text = contract("1.0.0", KEYED, "");
    let text = text.replace("id: t\nname: t", &format!("id: {id}\nname: shop"));
    let project = Project::new(&[(id, &text)]);
    project.parquet("a.parquet", vec![("a", longs(0..rows))]);
    project.run(&["publish", id, "t=a.parquet"]).expect(0);
    project
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_of_two_contracts_means_neither_until_the_first_released_has_it() {
    // Of a time before names were claimed: two contracts in one warehouse.
    let (first, second) = (shop("z", 3), shop("a", 4));
    let folder = first.path().join("warehouse");
    std::fs::rename(second.path().join("warehouse/a"), folder.join("a")).unwrap();
    std::fs::remove_dir_all(folder.join("names~")).unwrap();
    let alone = tempfile::tempdir().unwrap();
    let sql = "select count(*) n from shop.t";
    let query = ["--warehouse", folder.to_str().unwrap(), "query", sql, "--format", "json"];
    let refused = pactum(alone.path(), &query).expect(2).json();
    assert_eq!(refused["error"]["code"], "ambiguous-contract", "{refused}");
    let warehouse = warehouse(&first);
    warehouse.complete_names().await.unwrap();
    assert_eq!(warehouse.claimed_by("shop").unwrap().as_deref(), Some("z"));
    assert_eq!(pactum(alone.path(), &query).expect(0).json(), json!([{ "n": 3 }]));
}

/// A Delta table `d` of one file, with such a protocol, such properties and more about the file.
fn delta(project: &Project, protocol: &Value, properties: &Value, more: &[(&str, Value)]) {
    project.parquet("d/part.parquet", vec![("a", longs([1, 2]))]);
    let size = std::fs::metadata(project.path().join("d/part.parquet")).unwrap().len();
    let mut add = json!({
        "path": "part.parquet", "partitionValues": {}, "size": size, "modificationTime": 0,
        "dataChange": true,
    });
    for (key, value) in more {
        add[*key] = value.clone();
    }
    let log = [
        json!({ "protocol": protocol }),
        json!({ "metaData": {
            "id": "8f7b2a1c-0000-4000-8000-000000000001",
            "format": { "provider": "parquet", "options": {} },
            "schemaString": r#"{"type":"struct","fields":[{"name":"a","type":"long","nullable":true,"metadata":{}}]}"#,
            "partitionColumns": [], "configuration": properties, "createdTime": 0,
        } }),
        json!({ "add": add }),
    ];
    let text: Vec<String> = log.iter().map(Value::to_string).collect();
    project.write(&format!("d/_delta_log/{:020}.json", 0), &text.join("\n"));
}

#[test]
fn a_delivered_table_whose_rows_are_deleted_or_renamed_by_its_log_is_refused() {
    let project = Project::of_columns(KEYED);
    let plain = json!({ "minReaderVersion": 1, "minWriterVersion": 2 });
    delta(&project, &plain, &json!({}), &[]);
    project.run(&["check", "t", "d"]).expect(0);
    let deletes = json!({
        "minReaderVersion": 3, "minWriterVersion": 7,
        "readerFeatures": ["deletionVectors"], "writerFeatures": ["deletionVectors"],
    });
    let vector = json!({
        "storageType": "u", "pathOrInlineDv": "vBn[lx{q8@P<9BNH/isA", "offset": 1,
        "sizeInBytes": 36, "cardinality": 1,
    });
    let enabled = json!({ "delta.enableDeletionVectors": "true" });
    delta(&project, &deletes, &enabled, &[("deletionVector", vector)]);
    refused(&project, "deletion vectors");
    delta(&project, &plain, &json!({ "delta.columnMapping.mode": "name" }), &[]);
    refused(&project, "column mapping");
    delta(&project, &plain, &json!({ "delta.columnMapping.mode": "none" }), &[]);
    project.run(&["check", "t", "d"]).expect(0);
}

#[track_caller]
fn refused(project: &Project, what: &str) {
    let error = project.run(&["check", "t", "d", "--format", "json"]).expect(2).json();
    assert_eq!(error["error"]["code"], "delta-feature", "{error}");
    assert!(error["error"]["message"].as_str().unwrap().contains(what), "{error}");
}
