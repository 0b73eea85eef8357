//! Pages that hold more than their header says.
//!
//! The reader takes in whatever a gzip or brotli stream brings forth, and compares with the header only
//! then. What might be too much is decoded here first, into nothing, up to what the header says. The
//! other codecs never write beyond it.

use std::io::Read;

use parquet::basic::Compression;

use super::bytes::FileBytes;
use super::pages::Header;

/// The most that a byte of gzip can stand for.
const GZIP_RATIO: u64 = 1032;

/// Refuses a page that has more bytes than it claims, where they might be too many.
///
/// # Errors
/// In words for a report.
pub(super) fn refuse(
    file: &FileBytes,
    codec: Compression,
    header: &Header,
    at: u64,
    most_bytes: usize,
) -> Result<(), String> {
    let negative = |_| "a negative number of bytes".to_owned();
    let levels: u64 = header
        .levels
        .into_iter()
        .map(|n| u64::try_from(n).map_err(negative))
        .sum::<Result<_, _>>()?;
    let stored = u64::try_from(header.compressed).map_err(negative)?;
    let claimed = u64::try_from(header.uncompressed).map_err(negative)?;
    let (Some(stored), Some(claimed)) = (stored.checked_sub(levels), claimed.checked_sub(levels))
    else {
        return Err("levels that are longer than their page".to_owned());
    };
    let room = most_bytes as u64 / 4;
    let may = match codec {
        Compression::GZIP(_) => stored.saturating_mul(GZIP_RATIO) > room,
        Compression::BROTLI(_) => true,
        _ => false,
    };
    if !may || header.stored || claimed == 0 {
        return Ok(());
    }
    let page = file.reader(at + levels).take(stored);
    let found = match codec {
        Compression::GZIP(_) => {
            let page = std::io::BufReader::with_capacity(1 << 16, page);
            count(flate2::bufread::MultiGzDecoder::new(page), claimed)
        }
        _ => count(brotli::Decompressor::new(page, 1 << 16), claimed),
    };
    match found {
        Ok(found) if found == claimed => Ok(()),
        Ok(_) => Err(format!("a page claims {claimed} bytes and has others")),
        Err(error) => Err(format!("a page cannot be decompressed: {error}")),
    }
}

/// Bytes that a stream brings forth, at most one more than it should.
fn count(stream: impl Read, claimed: u64) -> std::io::Result<u64> {
    std::io::copy(&mut stream.take(claimed + 1), &mut std::io::sink())
}
