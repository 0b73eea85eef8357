//! Pages that hold more than their header says.
//!
//! The reader accepts whatever a gzip or brotli stream yields, and compares with the header only
//! then. Suspicious pages are decoded here first, without keeping the output, up to the header's
//! size. The other codecs never write beyond it.

use std::io::Read;

use parquet::basic::Compression;

use super::bytes::FileBytes;

/// The most bytes that a byte of gzip can expand to.
const GZIP_RATIO: u64 = 1032;

/// A page as its header describes it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Described {
    /// Where it begins, after its header.
    pub at: u64,
    /// Its bytes in the file.
    pub stored: u64,
    /// Its bytes once it is decompressed.
    pub claimed: u64,
    /// Bytes before the compressed part.
    pub levels: [i32; 2],
    /// Whether any of it is compressed.
    pub is_compressed: bool,
}

/// Refuses a page with more bytes than it claims, where there might be too many.
///
/// # Errors
/// In words for a report.
pub(super) fn refuse(
    file: &FileBytes,
    codec: Compression,
    page: &Described,
    most_bytes: usize,
) -> Result<(), String> {
    let negative = |_| "a negative number of bytes".to_owned();
    let levels: u64 = page
        .levels
        .into_iter()
        .map(|n| u64::try_from(n).map_err(negative))
        .sum::<Result<_, _>>()?;
    let (Some(stored), Some(claimed)) =
        (page.stored.checked_sub(levels), page.claimed.checked_sub(levels))
    else {
        return Err("levels that are longer than their page".to_owned());
    };
    let may = match codec {
        Compression::GZIP(_) => stored.saturating_mul(GZIP_RATIO) > most_bytes as u64 / 4,
        Compression::BROTLI(_) => true,
        _ => false,
    };
    if !may || !page.is_compressed || claimed == 0 {
        return Ok(());
    }
    let page = file.reader(page.at + levels).take(stored);
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

/// Bytes that a stream yields, at most one more than it should.
fn count(stream: impl Read, claimed: u64) -> std::io::Result<u64> {
    std::io::copy(&mut stream.take(claimed + 1), &mut std::io::sink())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use parquet::basic::{BrotliLevel, GzipLevel};

    use super::*;

    /// Three bytes of levels, then 4 MiB of zeros, compressed.
    fn page(codec: Compression) -> (FileBytes, Described) {
        let zeros = vec![0; 4 << 20];
        let mut bytes = vec![7; 3];
        match codec {
            Compression::GZIP(_) => {
                let fast = flate2::Compression::fast();
                // Of several members, as the format allows.
                for half in zeros.chunks(2 << 20) {
                    let mut writer = flate2::write::GzEncoder::new(&mut bytes, fast);
                    writer.write_all(half).unwrap();
                    writer.finish().unwrap();
                }
            }
            _ => {
                let mut writer = brotli::CompressorWriter::new(&mut bytes, 4096, 0, 22);
                writer.write_all(&zeros).unwrap();
            }
        }
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&bytes).unwrap();
        let described = Described {
            at: 0,
            stored: bytes.len() as u64,
            claimed: 3 + (4 << 20),
            levels: [1, 2],
            is_compressed: true,
        };
        (FileBytes::new(file).unwrap(), described)
    }

    #[test]
    fn a_page_has_as_many_bytes_as_it_claims() {
        for codec in
            [Compression::GZIP(GzipLevel::default()), Compression::BROTLI(BrotliLevel::default())]
        {
            let (file, page) = page(codec);
            refuse(&file, codec, &page, 1 << 20).unwrap();
            for claimed in [3 + (4 << 20) - 1, 3 + (4 << 20) + 1, 100] {
                let less = Described { claimed, ..page };
                let error = refuse(&file, codec, &less, 1 << 20).unwrap_err();
                assert!(error.contains("and has others"), "{error}");
            }
            assert!(refuse(&file, codec, &Described { claimed: 2, ..page }, 1 << 20).is_err());
            assert!(refuse(&file, codec, &Described { levels: [-1, 0], ..page }, 1 << 20).is_err());
            let stored = Described { is_compressed: false, claimed: 100, ..page };
            refuse(&file, codec, &stored, 1 << 20).unwrap();
        }
        // A page that cannot be too large is not decoded twice.
        let gzip = Compression::GZIP(GzipLevel::default());
        let (file, page) = page(gzip);
        refuse(&file, gzip, &Described { claimed: 100, ..page }, 1 << 40).unwrap();
    }
}
