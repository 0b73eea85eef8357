//! Hostile files: a verdict each, no panic, no hang, no memory beyond the limit; and statistics
//! that lie.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::array::{
    ArrayRef, BooleanArray, Float64Array, Int32Array, Int64Array, ListArray, RecordBatch,
    StringArray, TimestampMicrosecondArray,
};
use arrow::datatypes::Int64Type;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use serde_json::json;

use pactum::check::{Delivery, Released, check};
use pactum::contract::Contract;
use pactum::diagnostic::Source;
use pactum::engine::progress::Silent;

use crate::support::{Project, Random, clause, note, options, times};

const COLUMNS: &str = "- { name: id, logicalType: integer, primaryKey: true, logicalTypeOptions: { minimum: 0 } }\n\
    - { name: word, logicalType: string, required: true, logicalTypeOptions: { pattern: '^w', maxLength: 9 } }\n\
    - { name: free, logicalType: string, logicalTypeOptions: { minLength: 1 } }\n\
    - { name: score, logicalType: number, logicalTypeOptions: { maximum: 1 } }\n\
    - { name: small, logicalType: integer, enum: [{ value: 1 }, { value: 2 }] }\n\
    - { name: flag, logicalType: boolean, required: true }\n\
    - { name: at, logicalType: timestamp, logicalTypeOptions: { timezone: false, minimum: '2020-01-01' } }\n\
    - { name: tags, logicalType: array, items: { logicalType: integer, logicalTypeOptions: { minimum: 0 } } }";

fn contract() -> Contract {
    let text = crate::support::contract("1.0.0", COLUMNS, "");
    pactum::contract::parse(&Arc::new(Source::new("t", text))).valid().unwrap()
}

fn batch(rows: usize) -> RecordBatch {
    let n = || 0..rows as i64;
    let words = StringArray::from_iter_values(n().map(|n| format!("w{}", n % 37)));
    let free =
        StringArray::from_iter(n().map(|n| (n % 5 > 0).then(|| format!("text {}", n * 7919))));
    let scores =
        Float64Array::from_iter(n().map(|n| (n % 7 > 0).then_some(n as f64 / rows as f64)));
    let small = Int32Array::from_iter_values(n().map(|n| 1 + (n % 2) as i32));
    let flags = BooleanArray::from_iter(n().map(|n| Some(n % 3 == 0)));
    let times = TimestampMicrosecondArray::from_iter_values(n().map(|n| 1_600_000_000_000_000 + n));
    let tags = ListArray::from_iter_primitive::<Int64Type, _, _>(
        n().map(|n| (n % 4 > 0).then(|| (0..n % 4).map(Some).collect::<Vec<_>>())),
    );
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("id", Arc::new(Int64Array::from_iter_values(n()))),
        ("word", Arc::new(words)),
        ("free", Arc::new(free)),
        ("score", Arc::new(scores)),
        ("small", Arc::new(small)),
        ("flag", Arc::new(flags)),
        ("at", Arc::new(times)),
        ("tags", Arc::new(tags)),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, a)| (n, a, true)))
        .unwrap()
}

/// The same rows in every form that files come in.
fn forms() -> Vec<Vec<u8>> {
    let batch = batch(400);
    let mut forms = Vec::new();
    for (version, dictionary, encoding, compression) in [
        (WriterVersion::PARQUET_1_0, true, None, Compression::SNAPPY),
        (WriterVersion::PARQUET_2_0, true, None, Compression::UNCOMPRESSED),
        (
            WriterVersion::PARQUET_1_0,
            false,
            Some(Encoding::DELTA_BYTE_ARRAY),
            Compression::UNCOMPRESSED,
        ),
        (
            WriterVersion::PARQUET_2_0,
            false,
            Some(Encoding::DELTA_LENGTH_BYTE_ARRAY),
            Compression::LZ4_RAW,
        ),
        (WriterVersion::PARQUET_2_0, false, None, Compression::ZSTD(Default::default())),
        (WriterVersion::PARQUET_1_0, false, None, Compression::GZIP(Default::default())),
    ] {
        let mut properties = WriterProperties::builder()
            .set_writer_version(version)
            .set_dictionary_enabled(dictionary)
            .set_compression(compression)
            .set_data_page_row_count_limit(90)
            .set_write_batch_size(30)
            .set_max_row_group_row_count(Some(150));
        if let Some(encoding) = encoding {
            for name in ["word", "free"] {
                properties = properties.set_column_encoding(name.into(), encoding);
            }
        }
        let mut bytes = Vec::new();
        let mut writer =
            ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties.build())).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        forms.push(bytes);
    }
    forms
}

/// Cut anywhere, or with bytes turned: in the pages, in their headers, in the footer.
fn mutated(original: &[u8], n: usize, random: &mut Random) -> Vec<u8> {
    let mut bytes = original.to_vec();
    let length = bytes.len();
    let footer = u32::from_le_bytes(bytes[length - 8..length - 4].try_into().unwrap()) as usize;
    if n.is_multiple_of(5) {
        bytes.truncate(random.below(length as u64) as usize);
        return bytes;
    }
    let (start, end) = match n % 5 {
        1 | 2 => (length - 8 - footer, length),
        3 => (0, 200.min(length)),
        _ => (0, length),
    };
    for _ in 0..=random.below(6) {
        let at = start + random.below((end - start) as u64) as usize;
        bytes[at] = match random.below(4) {
            0 => 0xff,
            1 => bytes[at].wrapping_add(1),
            2 => bytes[at] ^ (1 << random.below(8)),
            _ => random.below(256) as u8,
        };
    }
    bytes
}

/// Small files in every form, as seeds.
pub fn small_files() -> Vec<Vec<u8>> {
    forms()
}

/// A small Arrow IPC stream, as a seed.
pub fn small_stream() -> Vec<u8> {
    let batch = batch(20);
    let mut bytes = Vec::new();
    let mut writer =
        arrow::ipc::writer::StreamWriter::try_new(&mut bytes, &batch.schema()).unwrap();
    writer.write(&batch).unwrap();
    writer.finish().unwrap();
    drop(writer);
    bytes
}

/// Where the parts of a file begin and end: pages, chunks, footer; and a byte before and behind.
fn seams(bytes: &[u8]) -> Vec<usize> {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    let mut file = tempfile::tempfile().unwrap();
    std::io::Write::write_all(&mut file, bytes).unwrap();
    let reader = SerializedFileReader::new(file).unwrap();
    let length = bytes.len();
    let footer = u32::from_le_bytes(bytes[length - 8..length - 4].try_into().unwrap()) as usize;
    let mut seams = vec![0, 4, length - 8 - footer, length - 8, length - 4];
    for row_group in reader.metadata().row_groups() {
        for chunk in row_group.columns() {
            let (start, size) = chunk.byte_range();
            let data = chunk.data_page_offset() as usize;
            seams.extend([start as usize, data, (start + size) as usize]);
        }
    }
    let around = seams.into_iter().flat_map(|at| [at.saturating_sub(1), at, at + 1]);
    let mut seams: Vec<usize> = around.filter(|at| *at < length).collect();
    seams.sort_unstable();
    seams.dedup();
    seams
}

/// Checks a file in this process: how many clauses fail the run.
fn verdict(runtime: &tokio::runtime::Runtime, contract: &Contract, path: &Path) -> usize {
    let checked = run(runtime, contract, path);
    assert!(checked.clauses().count() > 20);
    checked.clauses().filter(|c| c.fails_run()).count()
}

/// The report of a file.
pub fn run(
    runtime: &tokio::runtime::Runtime,
    contract: &Contract,
    path: &Path,
) -> pactum::check::Report {
    let options = options(&Silent);
    let files = [path.display().to_string()];
    runtime.block_on(async {
        let delivery = Delivery::gather(contract, None, &files, None).await.unwrap();
        let checked = check(contract, &delivery, &Released::default(), &options).await.unwrap();
        checked.report
    })
}

/// The most memory that this process has had, in bytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|l| l.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

/// Runs alone in a separate process, so that a crash and the memory are its own.
#[test]
fn malformed_files_get_a_verdict_in_time_and_in_memory() {
    if std::env::var("PACTUM_TEST_WORKER").is_ok() {
        return worker();
    }
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "hostile::malformed_files_get_a_verdict_in_time_and_in_memory",
            "--nocapture",
        ])
        .env("PACTUM_TEST_WORKER", "1")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}\n{errors}");
    assert!(!errors.contains("panicked"), "{errors}");
}

fn worker() {
    let count = times("PACTUM_TEST_MUTATED_FILES", 240);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.parquet");
    let contract = contract();
    let forms = forms();
    for form in &forms {
        std::fs::write(&path, form).unwrap();
        assert_eq!(verdict(&runtime, &contract, &path), 0);
    }
    // The short run cuts at some of the seams of each form.
    let step = if count < 1_000 { 5 } else { 1 };
    let mut cut = 0;
    for form in &forms {
        for at in seams(form).into_iter().step_by(step) {
            std::fs::write(&path, &form[..at]).unwrap();
            assert!(verdict(&runtime, &contract, &path) > 0, "cut at {at}");
            cut += 1;
        }
    }
    note("Parquet files cut at their seams", cut, "each fails as unreadable");
    let mut random = Random(times("PACTUM_TEST_SEED", 5) as u64);
    let (mut failed, mut slowest) = (0, Duration::ZERO);
    for n in 0..count {
        let bytes = mutated(&forms[n % forms.len()], n / forms.len(), &mut random);
        std::fs::write(&path, &bytes).unwrap();
        let begun = Instant::now();
        failed += usize::from(verdict(&runtime, &contract, &path) > 0);
        slowest = slowest.max(begun.elapsed());
        if begun.elapsed() >= Duration::from_secs(2) {
            std::fs::write("/tmp/pactum-slow.parquet", &bytes).unwrap();
            panic!("mutation {n} took {:?}", begun.elapsed());
        }
    }
    assert!(failed > count / 3, "the mutations are too mild: {failed} of {count}");
    let peak = peak();
    assert!(peak < 600 << 20, "{} MiB", peak >> 20);
    let build = std::env::var("PACTUM_TEST_BUILD").unwrap_or_default();
    note(
        &format!("malformed Parquet files{build}"),
        count,
        &format!(
            "a verdict each; the slowest {} ms, {} MiB at most",
            slowest.as_millis(),
            peak >> 20
        ),
    );
}

#[test]
fn a_page_that_claims_two_gigabytes_is_refused_before_they_are_reserved() {
    // One page, whose header claims 2 GiB less a byte, in a chunk whose footer says the same.
    let batch = RecordBatch::try_from_iter([(
        "id",
        Arc::new(Int64Array::from_iter_values(0..100)) as ArrayRef,
    )])
    .unwrap();
    let properties = WriterProperties::builder()
        .set_dictionary_enabled(false)
        .set_compression(Compression::SNAPPY)
        .set_statistics_enabled(EnabledStatistics::None)
        .build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    // Field 2 of the first page header: type 5, a zigzag varint of 800.
    let at = bytes.windows(3).position(|w| w == [0x15, 0xc0, 0x0c]).unwrap();
    let claim = [0x15, 0xfe, 0xff, 0xff, 0xff, 0x0f];
    let mut hostile = bytes[..at].to_vec();
    hostile.extend_from_slice(&claim);
    // The header is longer by three bytes: take them from the page, whose bytes do not matter.
    let skip = at + 3;
    hostile.extend_from_slice(&bytes[skip..]);
    hostile.drain(at + claim.len() + 40..at + claim.len() + 43);
    let project = Project::of_columns("- { name: id, logicalType: integer, primaryKey: true }");
    std::fs::write(project.path().join("a.parquet"), hostile).unwrap();
    let report = project.check("a.parquet");
    let readable = clause(&report, "t/readable");
    assert!(readable["reason"].as_str().unwrap().contains("claims 2147483647 bytes"), "{readable}");
}

#[test]
fn statistics_that_lie_are_caught_unless_they_are_trusted() {
    let columns = "- { name: a, logicalType: integer, physicalType: int, required: true, logicalTypeOptions: { minimum: 0, maximum: 1 } }";
    let more = "quality:\n  - { id: most, type: sql, query: 'select max(a) from {table}', mustBe: 1 }\n\
        \x20 - { id: above, type: sql, query: 'select count(*) from {table} where a > 5', mustBe: 0 }";
    let project = Project::new(&[("t", &crate::support::contract("1.0.0", columns, more))]);
    project.parquet("a.parquet", vec![("a", Arc::new(Int32Array::from(vec![0, 1, 1])))]);
    let path = project.path().join("a.parquet");
    let honest = std::fs::read(&path).unwrap();
    // The dictionary page holds 0 and 1, uncompressed: the 1 becomes a 7, the statistics stay.
    let at = honest.windows(8).position(|w| w == [0, 0, 0, 0, 1, 0, 0, 0]).unwrap();
    let mut lying = honest;
    lying[at + 4] = 7;
    std::fs::write(&path, lying).unwrap();
    let report = project.check("a.parquet");
    let found = clause(&report, "t/a/maximum");
    assert_eq!((&found["failing_rows"], &found["answered"]), (&json!(2), &json!("scanned")));
    // Nor does a query take them for an answer.
    assert_eq!(clause(&report, "t/most")["measured"], 7);
    assert_eq!(clause(&report, "t/above")["measured"], 2);
    let trusted =
        project.run(&["check", "t", "a.parquet", "--trust-statistics", "--format", "json"]).json();
    let found = clause(&trusted, "t/a/maximum");
    assert_eq!((&found["verdict"], &found["answered"]), (&json!("passed"), &json!("statistics")));
    assert_eq!(clause(&trusted, "t/a/required")["answered"], "statistics");
    // Clauses that statistics do not prove are scanned.
    project.parquet("b.parquet", vec![("a", Arc::new(Int32Array::from(vec![0, 5])))]);
    let trusted =
        project.run(&["check", "t", "b.parquet", "--trust-statistics", "--format", "json"]).json();
    let found = clause(&trusted, "t/a/maximum");
    assert_eq!((&found["failing_rows"], &found["answered"]), (&json!(1), &json!("scanned")));
}

#[test]
fn bytes_that_are_no_text_are_a_verdict_where_only_a_schema_calls_them_text() {
    use parquet::data_type::{ByteArray, ByteArrayType};
    let project = Project::of_columns(
        "- { name: a, logicalType: string, logicalTypeOptions: { minLength: 1 }, enum: [{ value: x }] }",
    );
    let write = |bytes: &[u8]| {
        // JSON: Arrow reads it as text, and the reader does not look at the bytes.
        let schema = "message m { optional binary a (JSON); }";
        let schema = Arc::new(parquet::schema::parser::parse_message_type(schema).unwrap());
        let file = std::fs::File::create(project.path().join("a.parquet")).unwrap();
        let mut writer = parquet::file::writer::SerializedFileWriter::new(
            file,
            schema,
            Arc::new(WriterProperties::builder().build()),
        )
        .unwrap();
        let mut group = writer.next_row_group().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        let values = vec![ByteArray::from(bytes.to_vec()); 3];
        column.typed::<ByteArrayType>().write_batch(&values, Some(&[1, 1, 1]), None).unwrap();
        column.close().unwrap();
        group.close().unwrap();
        writer.close().unwrap();
    };
    write(b"x");
    assert_eq!(project.check("a.parquet")["verdict"], "passed");
    write(&[0xff, 0xfe, b'x']);
    let report = project.check("a.parquet");
    assert_eq!(clause(&report, "t/readable")["verdict"], "failed", "{report:#}");
}
