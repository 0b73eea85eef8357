//! Tests of Delta tables.

use arrow::datatypes::{DataType, Field};

use super::super::files::Tags;
use super::*;

fn file(name: &str) -> DataFile {
    let tag = |name: &str, value: &str| (name.to_owned(), Some(value.to_owned()));
    DataFile {
        path: name.into(),
        size: 7,
        modified: 1,
        statistics: Some(r#"{"numRecords":1}"#.into()),
        tags: Tags::from([tag("pactum.blocks", name), tag("another", "x")]),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_of_a_file_survive_checkpoints_and_being_added_again() {
    let folder = tempfile::tempdir().unwrap();
    let head = Head::new(folder.path().to_owned());
    let schema = Schema::new(vec![Field::new("a", DataType::Int64, true)]);
    let first = head.put(&[file("a.parquet")], &schema, "id").await.unwrap();
    for n in 0..CHECKPOINT_EVERY + 2 {
        let kept = [file("kept.parquet"), file(&format!("{n}.parquet"))];
        head.put(&kept, &schema, "id").await.unwrap();
    }
    let log = folder.path().join("_delta_log");
    assert!(log.join(format!("{CHECKPOINT_EVERY:020}.checkpoint.parquet")).exists());
    // Nothing but the checkpoint tells of the file that was kept.
    std::fs::remove_file(log.join(format!("{:020}.json", 1))).unwrap();
    let newest = head.newest().await.unwrap().unwrap();
    let kept = newest.files.iter().find(|f| f.path == "kept.parquet").unwrap();
    assert_eq!(kept.tags, file("kept.parquet").tags);
    head.restore(first, "id").await.unwrap();
    assert_eq!(head.newest().await.unwrap().unwrap().files, [file("a.parquet")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_whose_mark_another_writer_dropped_is_marked_again() {
    let folder = tempfile::tempdir().unwrap();
    let head = Head::new(folder.path().to_owned());
    let schema = Schema::new(vec![Field::new("a", DataType::Int64, true)]);
    let bare = DataFile { tags: Tags::new(), ..file("a.parquet") };
    head.put(&[bare], &schema, "id").await.unwrap();
    let version = head.put(&[file("a.parquet")], &schema, "id").await.unwrap();
    assert_eq!(head.at(version).await.unwrap().files, [file("a.parquet")]);
}

/// A table of one column in a folder of its own.
fn table() -> (tempfile::TempDir, Head, Schema) {
    let folder = tempfile::tempdir().unwrap();
    let head = Head::new(folder.path().to_owned());
    (folder, head, Schema::new(vec![Field::new("a", DataType::Int64, true)]))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_names_the_files_that_came_and_went_and_no_other() {
    let (_folder, head, schema) = table();
    head.put(&[file("a.parquet"), file("b.parquet")], &schema, "id").await.unwrap();
    let kept = [file("b.parquet"), file("c.parquet")];
    let version = head.put(&kept, &schema, "id").await.unwrap();
    let text = std::fs::read_to_string(head.log_entry(version)).unwrap();
    let named = |action: &str| -> Vec<String> {
        let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.filter_map(|line| line[action]["path"].as_str().map(str::to_owned)).collect()
    };
    assert_eq!(named("add"), ["c.parquet"]);
    assert_eq!(named("remove"), ["a.parquet"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_another_size_takes_the_place_of_the_one_before() {
    let (_folder, head, schema) = table();
    head.put(&[file("a.parquet")], &schema, "id").await.unwrap();
    let larger = DataFile { size: 8, ..file("a.parquet") };
    let version = head.put(std::slice::from_ref(&larger), &schema, "id").await.unwrap();
    assert_eq!(head.at(version).await.unwrap().files, [larger]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_is_restored_with_its_schema() {
    let (_folder, head, schema) = table();
    let wide = Schema::new(vec![
        Field::new("a", DataType::Int64, true),
        Field::new("b", DataType::Int64, true),
    ]);
    let first = head.put(&[file("a.parquet")], &schema, "id").await.unwrap();
    let second = head.put(&[file("a.parquet")], &wide, "id").await.unwrap();
    assert_eq!(head.schema_at(second).await.unwrap().fields().len(), 2);
    head.restore(first, "id").await.unwrap();
    let newest = head.newest().await.unwrap().unwrap();
    assert_eq!(head.schema_at(newest.version).await.unwrap().fields().len(), 1);
    // Once is enough.
    head.restore(first, "id").await.unwrap();
    assert_eq!(head.newest().await.unwrap().unwrap().version, newest.version);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_of_rows_that_no_release_has_is_cleared_once() {
    let (_folder, head, schema) = table();
    head.put(&[file("a.parquet")], &schema, "id").await.unwrap();
    head.clear("id").await.unwrap();
    let cleared = head.newest().await.unwrap().unwrap();
    assert_eq!((cleared.version, cleared.files), (1, Vec::new()));
    head.clear("id").await.unwrap();
    assert_eq!(head.newest().await.unwrap().unwrap().version, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn properties_that_another_writer_dropped_are_set_again() {
    let (_folder, head, schema) = table();
    let version = head.put(&[file("a.parquet")], &schema, "id").await.unwrap();
    let first = std::fs::read_to_string(head.log_entry(version)).unwrap();
    let mut lines = first.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let mut metadata = lines.find(|line| !line["metaData"].is_null()).unwrap();
    metadata["metaData"]["configuration"] = json!({});
    std::fs::write(head.log_entry(version + 1), format!("{metadata}\n")).unwrap();
    head.put(&[file("a.parquet")], &schema, "id").await.unwrap();
    let table = head.load(None).await.unwrap().unwrap();
    let state = table.snapshot().unwrap();
    let kept = state.metadata().configuration().get("delta.enableExpiredLogCleanup");
    assert_eq!(kept.map(String::as_str), Some("false"));
}

#[test]
fn of_many_that_put_at_once_each_has_a_version_of_its_own() {
    let (_folder, head, schema) = table();
    let start = std::sync::Barrier::new(6);
    let put = |n: usize| -> Vec<u64> {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = runtime.worker_threads(1).enable_all().build().unwrap();
        start.wait();
        let one = |m: usize| {
            let files = [file(&format!("{n}-{m}.parquet"))];
            runtime.block_on(head.put(&files, &schema, "id")).unwrap()
        };
        (0..2).map(one).collect()
    };
    let mut versions: Vec<u64> = std::thread::scope(|scope| {
        let put = &put;
        let threads: Vec<_> = (0..6).map(|n| scope.spawn(move || put(n))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    versions.sort_unstable();
    assert_eq!(versions, (0..12).collect::<Vec<u64>>());
}
