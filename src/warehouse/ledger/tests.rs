//! Tests of the ledger.

use std::collections::BTreeMap;

use chrono::DateTime;

use super::*;

pub(super) fn entry(sequence: u64) -> Entry {
    let table = TableVersion {
        path: "v1/results".into(),
        version: sequence,
        rows: 10,
        checksum: "ab".into(),
    };
    Entry {
        sequence,
        kind: "release".into(),
        release: Some(sequence + 1),
        base_release: None,
        major: Some(1),
        publish_id: format!("id-{sequence}"),
        tables: BTreeMap::from([("results".into(), table)]),
        contract_version: Some("1.0.0".into()),
        contract_hash: Some("h".into()),
        contract: Some("id: x\n".into()),
        report: Some("{}".into()),
        depends_on: BTreeMap::from([("other".into(), 3)]),
        time: DateTime::from_timestamp_micros(1_700_000_000_000_001).unwrap(),
        publisher: Some("me".into()),
        run_id: None,
        sources: vec![Origin { repo: Some("r".into()), commit: None, dirty: Some(true) }],
        labels: BTreeMap::from([("model".into(), "als".into())]),
        format_version: 1,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_folds_keeps_every_entry_in_order_and_its_newest_release() {
    let folder = tempfile::tempdir().unwrap();
    let count = FOLD_AFTER as u64 * 2 + 5;
    for n in 0..count {
        let ledger = Ledger::open(folder.path().to_owned()).await.unwrap();
        // At once: a fold that kept the old files would double the ledger each time.
        assert!(ledger.files.len() <= FOLD_AFTER, "{n}: {} files", ledger.files.len());
        assert_eq!(ledger.append(&entry(n)).await.unwrap(), Append::Appended);
    }
    let ledger = Ledger::open(folder.path().to_owned()).await.unwrap();
    assert!(ledger.files.len() <= FOLD_AFTER + 1);
    let sequences: Vec<u64> = ledger.entries().unwrap().iter().map(|e| e.sequence).collect();
    assert_eq!(sequences, (0..count).collect::<Vec<_>>());
    assert_eq!(ledger.current().unwrap(), Some(entry(count - 1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_appends_on_one_reading_one_conflicts() {
    let folder = tempfile::tempdir().unwrap();
    let first = Ledger::open(folder.path().to_owned()).await.unwrap();
    let second = first.clone();
    assert_eq!(first.append(&entry(0)).await.unwrap(), Append::Appended);
    let mut other = entry(0);
    other.publish_id = "other".into();
    assert_eq!(second.append(&other).await.unwrap(), Append::Conflict);
    // The log and the file of the first: what the second wrote is gone.
    assert_eq!(durable::list(folder.path()).unwrap().len(), 2);
    let ledger = Ledger::open(folder.path().to_owned()).await.unwrap();
    assert_eq!(ledger.entries().unwrap(), [entry(0)]);
}

/// Commits rows as a file of another tool, in the place of some that are there.
async fn put(ledger: &Ledger, name: &str, rows: &RecordBatch, told: bool, old: &[DataFile]) {
    let bytes = to_parquet(rows).unwrap();
    std::fs::write(ledger.head.folder().join(name), &bytes).unwrap();
    let file = DataFile {
        path: name.to_owned(),
        size: i64::try_from(bytes.len()).unwrap(),
        modified: 0,
        statistics: told.then(|| codec::statistics(rows)).flatten(),
        tags: Tags::new(),
    };
    let (schema, expected) = (codec::schema(), ledger.version);
    let swapped = ledger.head.swap(expected, &[file], old, &schema, "other").await;
    swapped.unwrap().unwrap();
}

/// Rewrites the whole ledger as another tool does: one file, under a name of its own.
async fn rewritten(ledger: &Ledger, name: &str, with_statistics: bool) {
    let rows = ledger.fold().unwrap();
    put(ledger, name, &rows, with_statistics, &ledger.files).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_entry_is_found_wherever_another_tool_has_put_it() {
    for (name, with_statistics) in
        [("part-0.parquet", true), ("part-0.parquet", false), ("0.parquet", false)]
    {
        let folder = tempfile::tempdir().unwrap();
        for n in 0..3 {
            let ledger = Ledger::open(folder.path().to_owned()).await.unwrap();
            ledger.append(&entry(n)).await.unwrap();
        }
        let ledger = Ledger::open(folder.path().to_owned()).await.unwrap();
        rewritten(&ledger, name, with_statistics).await;
        for n in 3..6 {
            let ledger = Ledger::open(folder.path().to_owned()).await.unwrap();
            assert_eq!(ledger.current().unwrap(), Some(entry(n - 1)), "{name}");
            assert_eq!(ledger.append(&entry(n)).await.unwrap(), Append::Appended);
        }
        let ledger = Ledger::open(folder.path().to_owned()).await.unwrap();
        assert_eq!(ledger.current().unwrap(), Some(entry(5)));
        let sequences: Vec<u64> = ledger.entries().unwrap().iter().map(|e| e.sequence).collect();
        assert_eq!(sequences, [0, 1, 2, 3, 4, 5], "{name}");
    }
}

/// Adds rows to a ledger as a file of another tool.
async fn added(ledger: &Ledger, name: &str, rows: &RecordBatch) {
    put(ledger, name, rows, false, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_another_tool_has_doubled_are_read_once_and_other_rows_of_a_sequence_are_damage()
{
    let folder = tempfile::tempdir().unwrap();
    for n in 0..3 {
        let ledger = Ledger::open(folder.path().to_owned()).await.unwrap();
        ledger.append(&entry(n)).await.unwrap();
    }
    let ledger = Ledger::open(folder.path().to_owned()).await.unwrap();
    added(&ledger, "doubled.parquet", &ledger.fold().unwrap()).await;
    let ledger = Ledger::open(folder.path().to_owned()).await.unwrap();
    assert_eq!(ledger.entries().unwrap(), [entry(0), entry(1), entry(2)]);
    assert_eq!(ledger.current().unwrap(), Some(entry(2)));
    let other = Entry { publish_id: "other".to_owned(), ..entry(1) };
    added(&ledger, "other.parquet", &encode(&other).unwrap()).await;
    let ledger = Ledger::open(folder.path().to_owned()).await.unwrap();
    let error = ledger.entries().unwrap_err();
    assert_eq!(error.code(), "damaged-ledger");
    assert!(error.message().contains("two entries of sequence 1"), "{error}");
}

/// Rows with other types of the same values, and with a column more.
fn retyped(rows: &RecordBatch) -> RecordBatch {
    use arrow::compute::cast;
    use arrow::datatypes::{DataType, Field};
    let schema = rows.schema();
    let columns = schema.fields().iter().zip(rows.columns()).map(|(field, column)| {
        let other = match field.data_type() {
            DataType::Int64 => DataType::Int32,
            DataType::Utf8 => DataType::LargeUtf8,
            same => same.clone(),
        };
        let column = cast(column, &other).unwrap();
        (Field::new(field.name(), other, true), column)
    });
    let (mut fields, mut columns): (Vec<_>, Vec<_>) = columns.unzip();
    fields.push(Field::new("seen", DataType::Boolean, true));
    columns.push(arrow::array::new_null_array(&DataType::Boolean, rows.num_rows()));
    let schema = std::sync::Arc::new(arrow::datatypes::Schema::new(fields));
    RecordBatch::try_new(schema, columns).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_that_another_tool_has_retyped_are_read_and_folded() {
    let folder = tempfile::tempdir().unwrap();
    let count = FOLD_AFTER as u64 + 3;
    for n in 0..count {
        let ledger = Ledger::open(folder.path().to_owned()).await.unwrap();
        match n % 5 {
            3 => {
                added(&ledger, &format!("{n}.parquet"), &retyped(&encode(&entry(n)).unwrap())).await
            }
            _ => assert_eq!(ledger.append(&entry(n)).await.unwrap(), Append::Appended),
        }
    }
    let ledger = Ledger::open(folder.path().to_owned()).await.unwrap();
    assert!(ledger.files.len() < FOLD_AFTER, "{} files", ledger.files.len());
    let expected: Vec<Entry> = (0..count).map(entry).collect();
    assert_eq!(ledger.entries().unwrap(), expected);
    assert_eq!(ledger.current().unwrap(), Some(entry(count - 1)));
    assert!(ledger.fold().unwrap().column_by_name("seen").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_names_a_table_elsewhere_is_not_followed() {
    for path in ["../other/v1/t", "/etc", "v1/../../t", "file:///etc", "v1/%2e%2e/%2e%2e/t"] {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(folder.path().to_owned()).await.unwrap();
        let mut led = entry(0);
        led.tables.values_mut().for_each(|table| table.path = path.to_owned());
        ledger.append(&led).await.unwrap();
        let ledger = Ledger::open(folder.path().to_owned()).await.unwrap();
        assert_eq!(ledger.entries().unwrap_err().code(), "damaged-ledger", "{path}");
        assert_eq!(ledger.current().unwrap_err().code(), "damaged-ledger", "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_not_what_the_log_says_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path().to_owned()).await.unwrap();
    ledger.append(&entry(0)).await.unwrap();
    let ledger = Ledger::open(folder.path().to_owned()).await.unwrap();
    let path = folder.path().join(&ledger.files[0].path);
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() - 1]).unwrap();
    let error = ledger.entries().unwrap_err();
    assert_eq!(error.code(), "damaged-ledger");
    assert!(error.place().unwrap().ends_with(".parquet"), "{error}");
    // A text of the same length: the file is a whole one, but not the one that was written.
    let mut other = whole.clone();
    for at in 0..other.len() - 4 {
        if &other[at..at + 4] == b"id-0" {
            other[at + 3] = b'9';
        }
    }
    assert_ne!(other, whole);
    std::fs::write(&path, &other).unwrap();
    assert_eq!(ledger.entries().unwrap_err().code(), "damaged-ledger");
    for at in (0..whole.len()).step_by(whole.len() / 40) {
        let mut flipped = whole.clone();
        flipped[at] ^= 4;
        std::fs::write(&path, &flipped).unwrap();
        assert_eq!(ledger.entries().unwrap_err().code(), "damaged-ledger", "byte {at}");
    }
    std::fs::remove_file(&path).unwrap();
    assert_eq!(ledger.current().unwrap_err().code(), "damaged-ledger");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_entry_is_found_before_files_of_another_tool_that_come_later_by_name() {
    let folder = tempfile::tempdir().unwrap();
    for n in 0..3 {
        let ledger = Ledger::open(folder.path().to_owned()).await.unwrap();
        ledger.append(&entry(n)).await.unwrap();
    }
    let ledger = Ledger::open(folder.path().to_owned()).await.unwrap();
    let mut added = Vec::new();
    for (n, file) in ledger.files.iter().enumerate() {
        let path = format!("part-{n}.parquet");
        std::fs::copy(folder.path().join(&file.path), folder.path().join(&path)).unwrap();
        added.push(DataFile { path, ..file.clone() });
    }
    let schema = codec::schema();
    let swapped = ledger.head.swap(ledger.version, &added, &ledger.files, &schema, "other").await;
    swapped.unwrap().unwrap();
    let ledger = Ledger::open(folder.path().to_owned()).await.unwrap();
    assert_eq!(ledger.append(&entry(3)).await.unwrap(), Append::Appended);
    let ledger = Ledger::open(folder.path().to_owned()).await.unwrap();
    assert_eq!(ledger.current().unwrap(), Some(entry(3)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_ends_with_what_is_not_a_release_does_not_hide_a_release_of_another() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path().to_owned()).await.unwrap().created("id").await.unwrap();
    let mut mark = entry(2);
    mark.kind = "mark".to_owned();
    let rows = codec::merge(&[encode(&entry(0)).unwrap(), encode(&mark).unwrap()]).unwrap();
    let files =
        [ledger.write(&rows, 2).unwrap(), ledger.write(&encode(&entry(1)).unwrap(), 1).unwrap()];
    let schema = codec::schema();
    let swapped = ledger.head.swap(ledger.version, &files, &[], &schema, "other").await;
    swapped.unwrap().unwrap();
    let ledger = Ledger::open(folder.path().to_owned()).await.unwrap();
    assert_eq!(ledger.current().unwrap(), Some(entry(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_append_that_the_log_tells_of_is_done_whatever_answer_came_back() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path().to_owned()).await.unwrap().created("id").await.unwrap();
    // A store that has lost its own answer says that the commit's name is taken. A pipe stands for
    // that commit: what it says is written once it is read.
    let commit = folder.path().join(format!("_delta_log/{:020}.json", 1));
    assert!(std::process::Command::new("mkfifo").arg(&commit).status().unwrap().success());
    let at = folder.path().to_owned();
    std::thread::spawn(move || {
        let mut pipe = std::fs::OpenOptions::new().write(true).open(commit).unwrap();
        let files = durable::list(&at).unwrap();
        let file = files.iter().find(|f| f.extension().is_some_and(|e| e == "parquet")).unwrap();
        let name = file.file_name().unwrap().to_str().unwrap();
        let line = serde_json::json!({ "add": { "path": name } }).to_string();
        std::io::Write::write_all(&mut pipe, line.as_bytes()).unwrap();
    });
    assert_eq!(ledger.append(&entry(0)).await.unwrap(), Append::Appended);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_without_a_hash_is_held_against_the_size_that_the_log_tells() {
    let folder = tempfile::tempdir().unwrap();
    for n in 0..2 {
        let ledger = Ledger::open(folder.path().to_owned()).await.unwrap();
        ledger.append(&entry(n)).await.unwrap();
    }
    let ledger = Ledger::open(folder.path().to_owned()).await.unwrap();
    rewritten(&ledger, "part-0.parquet", true).await;
    let ledger = Ledger::open(folder.path().to_owned()).await.unwrap();
    assert_eq!(ledger.entries().unwrap().len(), 2);
    // A whole file of fewer rows.
    let fewer = to_parquet(&encode(&entry(0)).unwrap()).unwrap();
    std::fs::write(folder.path().join("part-0.parquet"), fewer).unwrap();
    assert_eq!(ledger.entries().unwrap_err().code(), "damaged-ledger");
}
