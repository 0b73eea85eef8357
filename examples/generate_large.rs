//! Generates the large table: scored items, ten ranks a learner, of any size.
//!
//! ```text
//! cargo run --release --example generate_large -- 100000000 /tmp/large
//! cargo run --release --example generate_large -- 100000000 /tmp/large-shuffled --shuffled
//! ```
//!
//! Deterministic: a row depends on its number alone. Sorted by the composite key (learner_id,
//! rank) unless `--shuffled`, which permutes the same rows over all files.

use std::error::Error;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

const RANKS: u64 = 10;
const FILES: u64 = 10;
const BATCH: u64 = 64 * 1024;
const MODULES: [&str; 4] = ["recent_activity", "because_you_viewed", "cold_start", "trending"];

/// 2026-01-01T00:00:00Z in microseconds.
const NEW_YEAR: i64 = 1_767_225_600_000_000;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let shuffled = arguments.iter().any(|a| a == "--shuffled");
    let plain: Vec<&String> = arguments.iter().filter(|a| !a.starts_with("--")).collect();
    let [rows, folder] = plain.as_slice() else {
        return Err("usage: generate_large ROWS FOLDER [--shuffled]".into());
    };
    let rows: u64 = rows.parse()?;
    std::fs::create_dir_all(folder)?;
    let per_file = rows.div_ceil(FILES).div_ceil(RANKS) * RANKS;
    let mut first = 0;
    let mut number = 0;
    while first < rows || number == 0 {
        let end = (first + per_file).min(rows);
        write_file(
            &Path::new(folder).join(format!("part-{number:02}.parquet")),
            first..end,
            rows,
            shuffled,
        )?;
        first = end;
        number += 1;
    }
    Ok(())
}

fn write_file(
    path: &Path,
    range: std::ops::Range<u64>,
    rows: u64,
    shuffled: bool,
) -> Result<(), Box<dyn Error>> {
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
        .build();
    let mut writer = ArrowWriter::try_new(
        File::create(path)?,
        batch(0..0, rows, false)?.schema(),
        Some(properties),
    )?;
    let mut at = range.start;
    while at < range.end {
        let end = (at + BATCH).min(range.end);
        writer.write(&batch(at..end, rows, shuffled)?)?;
        at = end;
    }
    writer.close()?;
    Ok(())
}

fn batch(
    range: std::ops::Range<u64>,
    rows: u64,
    shuffled: bool,
) -> Result<RecordBatch, Box<dyn Error>> {
    let step = if shuffled { coprime_to(rows) } else { 1 };
    let permuted = |n: u64| {
        if shuffled {
            (u128::from(n) * u128::from(step) % u128::from(rows.max(1))) as u64
        } else {
            n
        }
    };
    let numbers: Vec<u64> = range.map(permuted).collect();
    let hashes: Vec<u64> = numbers.iter().map(|n| mix(*n)).collect();
    let columns: Vec<(&str, ArrayRef)> = vec![
        (
            "learner_id",
            Arc::new(Int64Array::from_iter_values(numbers.iter().map(|n| (n / RANKS + 1) as i64))),
        ),
        (
            "rank",
            Arc::new(Int32Array::from_iter_values(numbers.iter().map(|n| (n % RANKS + 1) as i32))),
        ),
        (
            "course",
            Arc::new(StringArray::from_iter_values(
                hashes.iter().map(|h| format!("course-{:05}", h % 10_000)),
            )),
        ),
        (
            "score",
            Arc::new(Float64Array::from_iter_values(
                hashes.iter().map(|h| (h >> 11) as f64 / (1u64 << 53) as f64),
            )),
        ),
        (
            "module",
            Arc::new(StringArray::from_iter_values(
                hashes.iter().map(|h| MODULES[(h >> 20) as usize % 4]),
            )),
        ),
        ("model", Arc::new(StringArray::from_iter_values(numbers.iter().map(|_| "als-2026-01")))),
        (
            "computed_at",
            Arc::new(
                TimestampMicrosecondArray::from_iter_values(
                    numbers.iter().map(|n| NEW_YEAR + (n % 86_400_000) as i64 * 1_000),
                )
                .with_timezone("UTC"),
            ),
        ),
        (
            "note",
            Arc::new(StringArray::from_iter(
                hashes.iter().map(|h| (h % 20 == 0).then(|| format!("note {}", h % 1000))),
            )),
        ),
    ];
    let nullable = columns.into_iter().map(|(name, array)| (name, array, true));
    Ok(RecordBatch::try_from_iter_with_nullable(nullable)?)
}

/// splitmix64: a good hash of a row's number.
fn mix(n: u64) -> u64 {
    let mut z = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A step that visits every row once before it comes back.
fn coprime_to(rows: u64) -> u64 {
    let gcd = |mut a: u64, mut b: u64| {
        while b != 0 {
            (a, b) = (b, a % b);
        }
        a
    };
    let start = (rows as f64 * 0.618) as u64 | 1;
    (start..).find(|step| gcd(*step, rows) == 1).unwrap_or(1)
}
