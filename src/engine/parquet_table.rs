//! A table over an explicit list of Parquet files: pruning, footer statistics, declared order.
//!
//! Serves deliveries (SQL rules, foreign keys) and releases alike. Reads nothing but the files it
//! was given.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use arrow::compute::SortOptions;
use arrow::datatypes::{Field, FieldRef, Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::stats::Precision;
use datafusion::common::{ScalarValue, Statistics};
use datafusion::datasource::TableType;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::parquet::ParquetRowSelection;
use datafusion::datasource::physical_plan::parquet::metadata::DFParquetMetadata;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::datasource::table_schema::TableSchema;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown};
use datafusion::object_store::path::Path as StorePath;
use datafusion::physical_expr::expressions::Column as PhysicalColumn;
use datafusion::physical_expr::{LexOrdering, PhysicalExpr, PhysicalSortExpr};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::projection::ProjectionExec;

use super::parquet_file::ParquetFile;
use super::parquet_scan::{GivenFiles, Scanned};
use super::{int96, materialization};

/// Field metadata that keeps the declared spelling of a column's name.
pub const DECLARED_NAME: &str = "pactum.name";

/// A column as files have it and as SQL names it.
#[derive(Debug, Clone)]
pub struct TableColumn {
    /// Name and exposed type in the files.
    pub field: Field,
    /// The name as declared; SQL matches it in any case.
    pub name: String,
}

/// One file with its footer's statistics.
#[derive(Debug, Clone)]
pub struct TableFile {
    /// The file with its footer.
    scanned: Scanned,
    /// Row count, minima, maxima and null counts, by the table's physical schema.
    pub statistics: Arc<Statistics>,
    /// Values of the columns in the path.
    pub partitions: Vec<ScalarValue>,
    /// The rows that its table has not deleted; `None` where that is all of them.
    left: Option<ParquetRowSelection>,
}

/// A table over Parquet files.
#[derive(Debug)]
pub struct ParquetTable {
    /// Names as SQL sees them.
    schema: SchemaRef,
    /// Names as the files have them.
    physical: SchemaRef,
    /// How many columns files hold; the last ones are in their paths.
    own_columns: usize,
    files: Vec<TableFile>,
    /// Physical names of the sort key; empty when the files are in no order.
    order: Vec<String>,
    /// Whether row groups and pages may be skipped by their statistics.
    prune: bool,
    /// The unit that INT96 is read as.
    int96_unit: Option<&'static str>,
    /// The stored bytes of each column of the files.
    stored_bytes: OnceLock<Vec<u64>>,
}

impl ParquetTable {
    /// A table of these columns over these files, in this order of files.
    ///
    /// `order` names the physical columns that the files are sorted by, ascending, as a whole:
    /// no file begins before its predecessor ends.
    ///
    /// # Errors
    /// When a footer's statistics cannot be read as the columns' types.
    pub fn new(
        columns: &[TableColumn],
        files: &[ParquetFile],
        order: Vec<String>,
    ) -> crate::error::Result<Self> {
        let mut table = Self::over(columns, files)?;
        for (known, file) in table.files.iter_mut().zip(files) {
            let own = Arc::new(Schema::new(table.physical.fields()[..table.own_columns].to_vec()));
            let mut statistics =
                DFParquetMetadata::statistics_from_parquet_metadata(file.footer(), &own)?;
            distrust_floats(&mut statistics, &own);
            known.statistics = Arc::new(statistics);
        }
        Ok(Self { order, ..table })
    }

    /// A table over delivered files: nothing that their footers claim is believed but the numbers of
    /// rows, which a scan has counted.
    ///
    /// `order` is the column that the files are sorted by as a whole, where a scan has proved it, with
    /// each file's first and last value.
    ///
    /// # Errors
    /// When a column is inside some files and in the path of others.
    pub fn delivered(
        columns: &[TableColumn],
        files: &[ParquetFile],
        order: Option<(&str, Vec<(ScalarValue, ScalarValue)>)>,
    ) -> crate::error::Result<Self> {
        // A file without rows may have columns of other types.
        let files: Vec<ParquetFile> = files.iter().filter(|f| f.rows() > 0).cloned().collect();
        let mut table = Self::over(columns, &files)?;
        let Some((column, bounds)) = order else { return Ok(table) };
        let Ok(index) = table.physical.index_of(column) else { return Ok(table) };
        if table.own_columns < table.physical.fields().len() {
            return Ok(table);
        }
        for (file, (first, last)) in table.files.iter_mut().zip(bounds) {
            let known = &mut Arc::make_mut(&mut file.statistics).column_statistics[index];
            known.min_value = Precision::Exact(first);
            known.max_value = Precision::Exact(last);
        }
        Ok(Self { order: vec![column.to_owned()], ..table })
    }

    fn over(columns: &[TableColumn], files: &[ParquetFile]) -> crate::error::Result<Self> {
        let paths = |column: &TableColumn| {
            files.iter().filter(|f| f.constant(column.field.name()).is_some()).count()
        };
        let within = |column: &TableColumn| {
            let inside = |f: &&ParquetFile| f.schema().index_of(column.field.name()).is_ok();
            files.iter().filter(inside).count() - paths(column)
        };
        if let Some(mixed) = columns.iter().find(|c| paths(c) > 0 && paths(c) < files.len()) {
            let others = within(mixed);
            return Err(crate::error::Error::mend(
                "mixed-partitions",
                format!(
                    "column '{}' is in the path of some files, and {} of others",
                    mixed.name,
                    if others > 0 { "inside" } else { "in none" }
                ),
            )
            .hint("write all files of a table in one way"));
        }
        let in_path = |column: &&TableColumn| {
            !files.is_empty() && files.iter().all(|f| f.constant(column.field.name()).is_some())
        };
        let (last, first): (Vec<&TableColumn>, Vec<&TableColumn>) =
            columns.iter().partition(in_path);
        let own_columns = first.len();
        let columns: Vec<&TableColumn> = first.into_iter().chain(last).collect();
        let physical: SchemaRef =
            Arc::new(Schema::new(columns.iter().map(|c| physical_field(c)).collect::<Vec<_>>()));
        let schema =
            Arc::new(Schema::new(columns.iter().map(|c| sql_field(c)).collect::<Vec<_>>()));
        let own = Schema::new(physical.fields()[..own_columns].to_vec());
        let int96_unit = int96::unit(files.iter().map(|file| &file.metadata));
        let files = files
            .iter()
            .map(|file| {
                let mut statistics = Statistics::new_unknown(&own);
                statistics.num_rows =
                    Precision::Exact(usize::try_from(file.rows()).unwrap_or(usize::MAX));
                let in_path = &physical.fields()[own_columns..];
                TableFile {
                    scanned: Scanned {
                        input: file.input.clone(),
                        footer: Arc::clone(file.footer()),
                    },
                    statistics: Arc::new(statistics),
                    partitions: in_path
                        .iter()
                        .filter_map(|field| file.constant(field.name()).cloned())
                        .collect(),
                    left: file.selection(None).map(ParquetRowSelection::new),
                }
            })
            .collect();
        let (order, prune, stored_bytes) = (Vec::new(), false, OnceLock::new());
        Ok(Self { schema, physical, own_columns, files, order, prune, int96_unit, stored_bytes })
    }

    /// Allows skipping row groups and pages by their statistics: for files whose writer is known to
    /// leave floating-point statistics out where there may be NaN.
    #[must_use]
    pub fn pruned(mut self) -> Self {
        self.prune = true;
        self
    }

    /// The most bytes to expect of a row in some columns, by name in the files: computed only where
    /// a footer, which is believed, says that a chunk has enough text to matter.
    ///
    /// # Errors
    /// When a file cannot be read, or its pages are not what their headers say.
    pub fn row_bytes(&self, wanted: impl Fn(&str) -> bool) -> crate::error::Result<u64> {
        let mut most = 0;
        for file in &self.files {
            most = most.max(file.scanned.long_row_bytes(&wanted)?);
        }
        Ok(most)
    }

    fn ordering(&self) -> Option<LexOrdering> {
        let options = SortOptions { descending: false, nulls_first: false };
        let columns: Option<Vec<PhysicalSortExpr>> = self
            .order
            .iter()
            .map(|name| {
                let index = self.physical.index_of(name).ok()?;
                let column: Arc<dyn PhysicalExpr> = Arc::new(PhysicalColumn::new(name, index));
                Some(PhysicalSortExpr::new(column, options))
            })
            .collect();
        LexOrdering::new(columns?)
    }

    /// Files in runs of neighbours, one run per partition, so that order survives parallel reading.
    fn groups(&self, partitions: usize) -> Result<Vec<FileGroup>> {
        let per_group = self.files.len().div_ceil(partitions.max(1)).max(1);
        self.files
            .chunks(per_group)
            .map(|files| {
                files.iter().map(partitioned_file).collect::<Result<Vec<_>>>().map(FileGroup::new)
            })
            .collect()
    }

    /// Whether a scan leaves out rows before it decodes the columns that no condition reads. Without conditions
    /// there may still be those that joins find on their way, which leave out much.
    fn filters_early(&self, projection: Option<&Vec<usize>>, conditions: &[Expr]) -> bool {
        let stored_bytes = self.stored_bytes.get_or_init(|| {
            let footers: Vec<_> = self.files.iter().map(|file| &file.scanned.footer).collect();
            let own = &self.physical.fields()[..self.own_columns];
            materialization::stored_bytes(own.iter().map(|f| f.name().as_str()), &footers)
        });
        let all: Vec<usize> = (0..self.own_columns).collect();
        let wanted = projection.unwrap_or(&all).iter().map(|column| {
            let bytes = stored_bytes.get(*column).copied().unwrap_or(0);
            (bytes, materialization::reads(conditions, self.schema.field(*column).name()))
        });
        conditions.is_empty() || materialization::pays(wanted)
    }

    /// Gives the columns of a scan their names in SQL, where files name them otherwise.
    fn rename(&self, plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
        let names: HashMap<&str, &str> = (self.physical.fields().iter())
            .zip(self.schema.fields())
            .map(|(p, s)| (p.name().as_str(), s.name().as_str()))
            .collect();
        let fields: Vec<FieldRef> = plan.schema().fields().iter().cloned().collect();
        if fields.iter().all(|f| names.get(f.name().as_str()) == Some(&f.name().as_str())) {
            return Ok(plan);
        }
        let renamed: Vec<(Arc<dyn PhysicalExpr>, String)> = fields
            .iter()
            .enumerate()
            .map(|(n, f)| {
                let column: Arc<dyn PhysicalExpr> = Arc::new(PhysicalColumn::new(f.name(), n));
                let name = names.get(f.name().as_str()).copied().unwrap_or(f.name());
                (column, name.to_owned())
            })
            .collect();
        Ok(Arc::new(ProjectionExec::try_new(renamed, plan)?))
    }
}

/// Parquet's minima and maxima ignore NaN: for floats they say less than they seem to.
fn distrust_floats(statistics: &mut Statistics, schema: &Schema) {
    for (field, column) in schema.fields().iter().zip(&mut statistics.column_statistics) {
        if field.data_type().is_floating() || field.data_type().is_nested() {
            column.min_value = Precision::Absent;
            column.max_value = Precision::Absent;
        }
    }
}

fn physical_field(column: &TableColumn) -> Field {
    let name = HashMap::from([(DECLARED_NAME.to_owned(), column.name.clone())]);
    column.field.clone().with_metadata(name)
}

fn sql_field(column: &TableColumn) -> Field {
    physical_field(column).with_name(column.name.to_ascii_lowercase())
}

fn partitioned_file(file: &TableFile) -> Result<PartitionedFile> {
    let path = StorePath::from_absolute_path(&file.scanned.input.path)
        .map_err(|e| DataFusionError::External(Box::new(e)))?;
    let mut partitioned =
        PartitionedFile::new("", file.scanned.input.size).with_extension(file.scanned.clone());
    if let Some(left) = &file.left {
        partitioned = partitioned.with_extension(left.clone());
    }
    partitioned.object_meta.location = path;
    partitioned.partition_values = file.partitions.clone();
    // Of a column in a path the engine would claim that no value is NULL.
    if file.partitions.is_empty() {
        return Ok(partitioned.with_statistics(Arc::clone(&file.statistics)));
    }
    Ok(partitioned)
}

#[async_trait]
impl TableProvider for ParquetTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>> {
        // The physical optimizer pushes the filters down; here they are only known to help.
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    fn statistics(&self) -> Option<Statistics> {
        if self.own_columns < self.physical.fields().len() {
            return None;
        }
        Statistics::try_merge_iter(self.files.iter().map(|f| f.statistics.as_ref()), &self.physical)
            .ok()
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        if self.files.is_empty() {
            let schema = match projection {
                Some(indices) => Arc::new(self.schema.project(indices)?),
                None => Arc::clone(&self.schema),
            };
            return Ok(Arc::new(EmptyExec::new(schema)));
        }
        let mut options = state.default_table_options().parquet;
        options.global.pruning = self.prune;
        options.global.coerce_int96 = self.int96_unit.map(str::to_owned);
        let (own, in_path) = self.physical.fields().split_at(self.own_columns);
        let columns = TableSchema::builder(Arc::new(Schema::new(own.to_vec())))
            .with_table_partition_cols(in_path.to_vec())
            .build();
        let source = ParquetSource::new(columns)
            .with_table_parquet_options(options)
            .with_parquet_file_reader_factory(Arc::new(GivenFiles))
            .with_pushdown_filters(self.filters_early(projection, filters))
            .with_reorder_filters(false)
            .with_enable_page_index(self.prune)
            .with_bloom_filter_on_read(self.prune);
        let partitions = state.config().target_partitions();
        let statistics =
            self.statistics().unwrap_or_else(|| Statistics::new_unknown(&self.physical));
        let mut config =
            FileScanConfigBuilder::new(ObjectStoreUrl::local_filesystem(), Arc::new(source))
                .with_file_groups(self.groups(partitions)?)
                .with_statistics(statistics)
                .with_projection_indices(projection.cloned())?
                .with_limit(limit);
        if let Some(ordering) = self.ordering() {
            config = config.with_output_ordering(vec![ordering]);
        }
        self.rename(DataSourceExec::from_data_source(config.build()))
    }
}
