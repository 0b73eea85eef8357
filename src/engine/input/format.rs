//! The formats of input files.

use std::path::Path;

/// The form that a file's bytes have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputFormat {
    /// Apache Parquet.
    Parquet,
    /// Comma-separated values with a header line.
    Csv,
    /// Tab-separated values with a header line.
    Tsv,
    /// One JSON object a line.
    Ndjson,
    /// Arrow IPC, as a file or as a stream.
    Arrow,
}

impl InputFormat {
    /// The format given by a name's ending; of a compressed text, by the ending before it.
    pub fn of_name(name: &str) -> Option<Self> {
        let path = Path::new(name);
        let ending = path.extension()?.to_str()?.to_lowercase();
        if matches!(ending.as_str(), "gz" | "gzip" | "zst" | "zstd") {
            let inner = Self::of_name(path.file_stem()?.to_str()?);
            return inner.filter(|format| matches!(format, Self::Csv | Self::Tsv | Self::Ndjson));
        }
        Some(match ending.as_str() {
            "parquet" | "parq" | "pq" => Self::Parquet,
            "csv" => Self::Csv,
            "tsv" | "tab" => Self::Tsv,
            "ndjson" | "jsonl" => Self::Ndjson,
            "arrow" | "arrows" | "ipc" | "feather" => Self::Arrow,
            _ => return None,
        })
    }
}
