//! How DataFusion's scan reaches Parquet files: through the same handle as every other reader, and
//! with the known footer.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use datafusion::common::exec_err;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::parquet::{
    ParquetFileMetrics, ParquetFileReaderFactory,
};
use datafusion::error::{DataFusionError, Result};
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use futures::future::{BoxFuture, FutureExt, ready};
use parquet::arrow::arrow_reader::ArrowReaderOptions;
use parquet::arrow::async_reader::AsyncFileReader;
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;

use crate::error::Error;

use super::bytes::FileBytes;
use super::files::InputFile;
use super::widths::Widths;

/// What a scan knows about a file: an extension of its `PartitionedFile`.
#[derive(Debug, Clone)]
pub(super) struct Scanned {
    /// The file.
    pub input: InputFile,
    /// Its footer.
    pub footer: Arc<ParquetMetaData>,
}

/// Text of a column chunk that a few batches hold easily.
const LITTLE_TEXT: i64 = 256 << 20;

impl Scanned {
    /// The most bytes to expect of a row in the wanted columns with much text.
    pub(super) fn long_row_bytes(
        &self,
        wanted: impl Fn(&str) -> bool,
    ) -> crate::error::Result<u64> {
        let mut most = 0;
        for (row_group, found) in self.footer.row_groups().iter().enumerate() {
            let columns = found.columns().iter().enumerate();
            let long = columns.filter(|(_, chunk)| {
                let stored = chunk.uncompressed_size();
                let text = chunk.unencoded_byte_array_data_bytes().unwrap_or(stored).max(stored);
                let root = chunk.column_path().parts().first();
                text > LITTLE_TEXT && root.is_some_and(|name| wanted(name))
            });
            let long: Vec<usize> = long.map(|(leaf, _)| leaf).collect();
            if long.is_empty() {
                continue;
            }
            let file = self.input.bytes()?;
            let widths = Widths { file: &file, footer: &self.footer, row_group };
            let bytes = widths.row_bytes(long.into_iter(), |_| false).map_err(|reason| {
                let place = self.input.path.display().to_string();
                file.damage().unwrap_or_else(|| Error::mend("damaged-file", reason).at(place))
            })?;
            most = most.max(bytes);
        }
        Ok(most)
    }
}

/// Readers of the files that a scan was given; of no other.
#[derive(Debug)]
pub(super) struct GivenFiles;

impl ParquetFileReaderFactory for GivenFiles {
    fn create_reader(
        &self,
        partition: usize,
        file: PartitionedFile,
        _metadata_size_hint: Option<usize>,
        metrics: &ExecutionPlanMetricsSet,
    ) -> Result<Box<dyn AsyncFileReader + Send>> {
        let name = file.object_meta.location.as_ref();
        let Some(scanned) = file.extension::<Scanned>() else {
            return exec_err!("{name} is not a file of this scan");
        };
        let bytes = scanned.input.bytes().map_err(|e| DataFusionError::External(Box::new(e)))?;
        Ok(Box::new(Reader {
            bytes,
            footer: Arc::clone(&scanned.footer),
            metrics: ParquetFileMetrics::new(partition, name, metrics),
        }))
    }
}

struct Reader {
    bytes: FileBytes,
    footer: Arc<ParquetMetaData>,
    metrics: ParquetFileMetrics,
}

impl AsyncFileReader for Reader {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, parquet::errors::Result<Bytes>> {
        let one = self.get_byte_ranges(vec![range]);
        one.map(|found| Ok(found?.pop().unwrap_or_default())).boxed()
    }

    fn get_byte_ranges(
        &mut self,
        ranges: Vec<Range<u64>>,
    ) -> BoxFuture<'_, parquet::errors::Result<Vec<Bytes>>> {
        let bytes = self.bytes.clone();
        let scanned = self.metrics.bytes_scanned.clone();
        let read = tokio::task::spawn_blocking(move || {
            let before = bytes.taken();
            let found = bytes.get_all(&ranges).map_err(ParquetError::from);
            // What was asked for is less than what was taken: blocks are read whole.
            scanned.add(usize::try_from(bytes.taken() - before).unwrap_or(usize::MAX));
            found
        });
        read.map(|done| done.unwrap_or_else(|e| Err(ParquetError::External(Box::new(e))))).boxed()
    }

    fn get_metadata<'a>(
        &'a mut self,
        _options: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, parquet::errors::Result<Arc<ParquetMetaData>>> {
        ready(Ok(Arc::clone(&self.footer))).boxed()
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let ratio = &self.metrics.scan_efficiency_ratio;
        ratio.add_part(self.metrics.bytes_scanned.value());
        ratio.set_total(usize::try_from(self.bytes.size()).unwrap_or(usize::MAX));
    }
}
