//! Guards that stand alone: of each, one case that nothing else refuses or decides.

use pactum::warehouse::{Append, Ledger, Release, Warehouse};
use serde_json::json;

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
