//! Claims inside files: bounded by the memory limit before anything is reserved or decoded.

use std::io::Read;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, DictionaryArray, FixedSizeBinaryArray, Int32Array, Int64Array, ListArray,
    RecordBatch, StringArray, StringViewArray,
};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Field};
use arrow::ipc::CompressionType;
use arrow::ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding};
use parquet::file::properties::{WriterProperties, WriterVersion};
use serde_json::json;

use crate::support::{Project, clause, command, longs, times};

/// The outcome of a run, and its peak memory in MiB.
struct Measured {
    code: i32,
    said: String,
    peak: u64,
}

fn measured(project: &Project, arguments: &[&str]) -> Measured {
    let mut child = command(project.path())
        .args(arguments)
        .args(["--threads", "2"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let process = child.id();
    let watcher = std::thread::spawn(move || {
        let mut peak = 0;
        while let Ok(status) = std::fs::read_to_string(format!("/proc/{process}/status")) {
            let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
            let Some(line) = line else { break };
            peak = peak.max(line.trim().split(' ').next().unwrap().parse().unwrap());
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        peak >> 10
    });
    let mut said = String::new();
    child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    let code = child.wait().unwrap().code().unwrap_or(-1);
    Measured { code, said, peak: watcher.join().unwrap() }
}

/// What the program takes by itself, and the parts of a run that no limit counts.
const BASELINE: u64 = 220;

fn ipc(batches: &[RecordBatch], codec: Option<CompressionType>, as_file: bool) -> Vec<u8> {
    let options = IpcWriteOptions::default().try_with_compression(codec).unwrap();
    let schema = batches[0].schema();
    let mut bytes = Vec::new();
    if as_file {
        let mut writer = FileWriter::try_new_with_options(&mut bytes, &schema, options).unwrap();
        batches.iter().for_each(|b| writer.write(b).unwrap());
        writer.finish().unwrap();
    } else {
        let mut writer = StreamWriter::try_new_with_options(&mut bytes, &schema, options).unwrap();
        batches.iter().for_each(|b| writer.write(b).unwrap());
        writer.finish().unwrap();
    }
    bytes
}

fn numbers(rows: i64) -> RecordBatch {
    let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values((0..rows).map(|n| n % 3)));
    RecordBatch::try_from_iter([("a", numbers)]).unwrap()
}

/// Replaces the length that a compressed buffer of these bytes says it has.
fn claiming(mut bytes: Vec<u8>, honest: u64, claim: i64) -> Vec<u8> {
    let honest = honest.to_le_bytes();
    let mut replaced = 0;
    for at in 0..bytes.len().saturating_sub(8) {
        // The codec's own mark follows.
        let marks = [[0x28, 0xb5, 0x2f, 0xfd], [0x04, 0x22, 0x4d, 0x18]];
        if bytes[at..at + 8] == honest && marks.iter().any(|m| bytes[at + 8..].starts_with(m)) {
            bytes[at..at + 8].copy_from_slice(&claim.to_le_bytes());
            replaced += 1;
        }
    }
    assert!(replaced > 0, "no such buffer");
    bytes
}

#[track_caller]
fn refused(project: &Project, limit: &str, words: &str) {
    for arguments in [
        &["check", "t", "a.arrow", "--memory-limit", limit][..],
        &["publish", "t", "t=a.arrow", "--memory-limit", limit],
        &["profile", "a.arrow", "--memory-limit", limit],
    ] {
        let run = measured(project, arguments);
        assert_eq!(run.code, 1, "{arguments:?}: {}", run.said);
        assert!(run.said.contains(words), "{arguments:?}: {}", run.said);
        assert!(run.peak < BASELINE, "{arguments:?}: {} MiB", run.peak);
    }
}

#[test]
fn a_compressed_buffer_that_claims_what_no_machine_has_is_refused() {
    let project = Project::of_columns("- { name: a, logicalType: integer }");
    let path = project.path().join("a.arrow");
    let batch = numbers(10_000);
    for codec in [CompressionType::ZSTD, CompressionType::LZ4_FRAME] {
        for as_file in [false, true] {
            let honest = ipc(std::slice::from_ref(&batch), Some(codec), as_file);
            std::fs::write(&path, &honest).unwrap();
            assert_eq!(project.check("a.arrow")["tables"][0]["rows"], 10_000);
            for (claim, words) in [
                (1 << 48, "--memory-limit"),
                (i64::MAX, "--memory-limit"),
                (-2, "negative"),
                (40_000_000, "a"),
                (8, "a"),
            ] {
                let bytes = claiming(honest.clone(), 80_000, claim);
                std::fs::write(&path, bytes).unwrap();
                refused(&project, "32MB", words);
            }
        }
    }
}

/// 160 MB of zeros in one column.
fn zeros() -> ArrayRef {
    Arc::new(FixedSizeBinaryArray::new(50_000, vec![0_u8; 160_000_000].into(), None))
}

#[test]
fn small_streams_that_stand_for_much_are_refused_before_they_are_decoded() {
    let project = Project::of_columns("- { name: a, logicalType: integer }");
    let path = project.path().join("a.arrow");
    // 160 MB of zeros in a few kilobytes (zstd), or in less than one megabyte (LZ4).
    let batch = RecordBatch::try_from_iter([("a", zeros())]).unwrap();
    for codec in [CompressionType::ZSTD, CompressionType::LZ4_FRAME] {
        let bytes = ipc(std::slice::from_ref(&batch), Some(codec), false);
        assert!(bytes.len() < 1 << 20);
        std::fs::write(&path, &bytes).unwrap();
        refused(&project, "64MB", "--memory-limit");
        // A buffer that claims less than it has.
        std::fs::write(&path, claiming(bytes, 160_000_000, 80)).unwrap();
        refused(&project, "64MB", "a");
    }
    // Under a limit that has room for them they are read.
    let bytes = ipc(&[batch], Some(CompressionType::ZSTD), true);
    std::fs::write(&path, bytes).unwrap();
    assert_eq!(project.check("a.arrow")["tables"][0]["rows"], 3_200);
}

#[test]
fn messages_that_are_damaged_anywhere_are_a_verdict() {
    let project = Project::of_columns("- { name: a, logicalType: integer }");
    let path = project.path().join("a.arrow");
    let words = StringArray::from_iter_values((0..50).map(|n| format!("w{}", n % 5)));
    let keys = Int32Array::from_iter_values((0..50).map(|n| n % 5));
    let values = StringArray::from_iter_values((0..5).map(|n| format!("v{n}")));
    let dictionary: ArrayRef = Arc::new(DictionaryArray::new(keys, Arc::new(values)));
    let views = StringViewArray::from_iter_values((0..50).map(|n| format!("a long text {n}")));
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("a", longs(0..50)),
        ("w", Arc::new(words)),
        ("d", dictionary),
        ("v", Arc::new(views)),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut random = crate::support::Random(11);
    let count = times("PACTUM_TEST_MUTATED_IPC", 20);
    for n in 0..count {
        let codec = [None, Some(CompressionType::ZSTD), Some(CompressionType::LZ4_FRAME)][n % 3];
        let mut bytes = ipc(std::slice::from_ref(&batch), codec, n % 2 == 0);
        for _ in 0..=random.below(3) {
            let at = random.below(bytes.len() as u64) as usize;
            bytes[at] = [0xff, 0x7f, 0x80, random.below(256) as u8][random.below(4) as usize];
        }
        std::fs::write(&path, &bytes).unwrap();
        let run = measured(&project, &["check", "t", "a.arrow", "--memory-limit", "64MB"]);
        assert!(run.code == 0 || run.code == 1, "mutation {n}: {} {}", run.code, run.said);
        assert!(run.peak < BASELINE, "mutation {n}: {} MiB", run.peak);
    }
    crate::support::note("damaged Arrow IPC", count, "a verdict each, in bounded memory");
}

fn write(path: &Path, columns: Vec<(&str, ArrayRef)>, properties: Option<WriterProperties>) {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let file = std::fs::File::create(path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), properties).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

/// Long texts, each of which is named by many rows.
fn long_texts(rows: i32, bytes: usize) -> ArrayRef {
    let values = StringArray::from_iter_values(["x", "y", "z"].map(|t| t.repeat(bytes)));
    let keys = Int32Array::from_iter_values((0..rows).map(|n| n % 3));
    Arc::new(DictionaryArray::new(keys, Arc::new(values)))
}

/// Written from a dictionary, with or without the type of one in the file.
fn long_file(path: &Path, rows: i32, bytes: usize, sorted: bool, plain_type: bool) {
    let ids: Vec<i64> = match sorted {
        true => (0..i64::from(rows)).collect(),
        false => (0..i64::from(rows)).rev().collect(),
    };
    let batch =
        RecordBatch::try_from_iter([("id", longs(ids)), ("t", long_texts(rows, bytes))]).unwrap();
    let file = std::fs::File::create(path).unwrap();
    let options = parquet::arrow::arrow_writer::ArrowWriterOptions::new()
        .with_skip_arrow_metadata(plain_type);
    let mut writer = ArrowWriter::try_new_with_options(file, batch.schema(), options).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

const LONG: &str = "- { name: id, logicalType: integer, primaryKey: true }\n\
    - { name: t, logicalType: string, required: true, logicalTypeOptions: { minLength: 2 } }";

#[test]
fn long_texts_that_many_rows_share_are_published_within_the_limit() {
    // 80 MB once they are written out, in a file of a few kilobytes.
    let rows = i32::try_from(times("PACTUM_TEST_LONG_ROWS", 400)).unwrap();
    for (sorted, plain_type) in [(true, true), (false, true), (true, false)] {
        let more = "quality:\n  - { id: rule, type: sql, query: 'select count(distinct t) from {table}', mustBe: 3 }";
        let project = Project::new(&[("t", &crate::support::contract("1.0.0", LONG, more))]);
        long_file(&project.path().join("a.parquet"), rows, 200_000, sorted, plain_type);
        assert!(std::fs::metadata(project.path().join("a.parquet")).unwrap().len() < 1 << 20);
        let run = measured(&project, &["publish", "t", "t=a.parquet", "--memory-limit", "48MB"]);
        assert_eq!(run.code, 0, "{}", run.said);
        // The limit, and two portions of long rows on their way into a file.
        assert!(run.peak < BASELINE + 48 + 64, "sorted {sorted}: {} MiB", run.peak);
        for arguments in [
            &["profile", "a.parquet"][..],
            &["check", "t", "a.parquet", "--quarantine", "bad", "--pass", "good"],
            &["query", "select count(*), min(length(t)) from t.t"],
        ] {
            // One way of writing the file stands for all.
            if !sorted {
                break;
            }
            let all = [arguments, &["--memory-limit", "48MB"]].concat();
            let run = measured(&project, &all);
            assert_eq!(run.code, 0, "{arguments:?}: {}", run.said);
            assert!(run.peak < BASELINE + 48 + 64, "{arguments:?}: {} MiB", run.peak);
        }
        let rows = project.query("select count(*) as n, sum(length(t)) as l from t.t");
        assert_eq!(rows[0]["l"].as_i64(), rows[0]["n"].as_i64().map(|n| n * 200_000));
    }
}

#[test]
fn lists_of_long_texts_and_views_of_one_text_are_taken_in_portions() {
    let project = Project::of_columns(
        "- { name: id, logicalType: integer, primaryKey: true }\n\
         - { name: t, logicalType: array, items: { logicalType: string } }",
    );
    let texts = long_texts(800, 200_000);
    let field = Arc::new(Field::new_list_field(texts.data_type().clone(), true));
    let list: ArrayRef =
        Arc::new(ListArray::new(field, OffsetBuffer::from_lengths([4; 200]), texts, None));
    let path = project.path().join("a.parquet");
    write(&path, vec![("id", longs(0..200)), ("t", list)], None);
    let run = measured(&project, &["publish", "t", "t=a.parquet", "--memory-limit", "48MB"]);
    assert_eq!(run.code, 0, "{}", run.said);
    assert!(run.peak < BASELINE + 48 + 64, "{} MiB", run.peak);
    // Views of Arrow IPC, which all name the same bytes.
    let project = Project::of_columns(LONG);
    let one = StringViewArray::from_iter_values(["x".repeat(200_000)]);
    let indices = arrow::array::UInt64Array::from(vec![0; 800]);
    let views = arrow::compute::take(&one, &indices, None).unwrap();
    let batch = RecordBatch::try_from_iter([("id", longs(0..800)), ("t", views)]).unwrap();
    let bytes = ipc(&[batch], None, true);
    assert!(bytes.len() < 1 << 20);
    std::fs::write(project.path().join("a.arrow"), bytes).unwrap();
    let run = measured(&project, &["publish", "t", "t=a.arrow", "--memory-limit", "48MB"]);
    assert_eq!(run.code, 0, "{}", run.said);
    assert!(run.peak < BASELINE + 48 + 64, "{} MiB", run.peak);
    assert_eq!(
        project.query("select count(*) as n, min(length(t)) as l from t.t"),
        json!([{"n": 800, "l": 200_000}])
    );
}

#[test]
fn a_row_beyond_the_limit_is_refused_with_what_to_do() {
    let project = Project::of_columns(
        "- { name: id, logicalType: integer, primaryKey: true }\n\
         - { name: t, logicalType: array, items: { logicalType: string } }",
    );
    // One row of 80 MB, in a few kilobytes.
    let texts = long_texts(400, 200_000);
    let field = Arc::new(Field::new_list_field(DataType::clone(texts.data_type()), true));
    let list: ArrayRef =
        Arc::new(ListArray::new(field, OffsetBuffer::from_lengths([400]), texts, None));
    let path = project.path().join("a.parquet");
    write(&path, vec![("id", longs([1])), ("t", list)], None);
    let run = measured(&project, &["publish", "t", "t=a.parquet", "--memory-limit", "32MB"]);
    assert_eq!(run.code, 1, "{}", run.said);
    assert!(
        run.said.contains("a row has 76 MiB") && run.said.contains("--memory-limit"),
        "{}",
        run.said
    );
    assert!(!project.path().join("warehouse/t/_ledger").exists());
    project.run(&["publish", "t", "t=a.parquet", "--memory-limit", "256MB"]).expect(0);
}

#[test]
fn a_page_whose_stream_has_more_than_it_claims_is_a_verdict() {
    let project = Project::of_columns("- { name: a, logicalType: integer }");
    for (compression, version) in [
        (Compression::GZIP(Default::default()), WriterVersion::PARQUET_1_0),
        (Compression::BROTLI(Default::default()), WriterVersion::PARQUET_1_0),
        (Compression::GZIP(Default::default()), WriterVersion::PARQUET_2_0),
        (Compression::ZSTD(Default::default()), WriterVersion::PARQUET_2_0),
        (Compression::SNAPPY, WriterVersion::PARQUET_1_0),
        (Compression::LZ4_RAW, WriterVersion::PARQUET_1_0),
    ] {
        // One page of 12 MB of zeros, which will claim to be of 8 MB.
        let properties = WriterProperties::builder()
            .set_compression(compression)
            .set_writer_version(version)
            .set_dictionary_enabled(false)
            .set_column_encoding("a".into(), Encoding::PLAIN)
            .set_data_page_size_limit(1 << 30)
            .build();
        let zeros = FixedSizeBinaryArray::new(50_000, vec![0_u8; 12_000_000].into(), None);
        let path = project.path().join("a.parquet");
        write(&path, vec![("a", Arc::new(zeros))], Some(properties));
        let hostile = shrunk(std::fs::read(&path).unwrap());
        std::fs::write(&path, hostile).unwrap();
        let run = measured(&project, &["check", "t", "a.parquet", "--memory-limit", "32MB"]);
        assert_eq!(run.code, 1, "{compression} {version:?}: {}", run.said);
        assert!(run.said.contains("row group 0"), "{}", run.said);
    }
}

/// Lets the first page claim 8 MiB: a varint of as many bytes as that of 12 MB.
fn shrunk(mut bytes: Vec<u8>) -> Vec<u8> {
    // Field 2 of the page header: its type, then the size, doubled, in groups of seven bits.
    assert_eq!((bytes[4], bytes[6], bytes[11]), (0x15, 0x15, 0x15));
    bytes[7..11].copy_from_slice(&[0x80, 0x80, 0x80, 0x08]);
    bytes
}

#[test]
fn honest_compressed_pages_are_read_in_every_codec() {
    let project = Project::of_columns("- { name: a, logicalType: integer }");
    for compression in
        [Compression::GZIP(Default::default()), Compression::BROTLI(Default::default())]
    {
        for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
            let properties = WriterProperties::builder()
                .set_compression(compression)
                .set_writer_version(version)
                .set_dictionary_enabled(false)
                .build();
            let mut random = crate::support::Random(3);
            let numbers: Vec<i64> = (0..60_000).map(|_| random.next() as i64).collect();
            let path = project.path().join("a.parquet");
            write(&path, vec![("a", longs(numbers))], Some(properties));
            // So little memory that every page might be too much.
            let run = measured(&project, &["check", "t", "a.parquet", "--memory-limit", "16MB"]);
            assert_eq!(run.code, 0, "{compression} {version:?}: {}", run.said);
        }
    }
    let report = project.check("a.parquet");
    assert_eq!(clause(&report, "t/readable")["verdict"], "passed");
}
