//! The tables of TPC-H as Parquet files, at any scale.

use std::error::Error;
use std::fs::File;
use std::path::Path;

use arrow::record_batch::RecordBatchReader;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use tpchgen::generators::{
    CustomerGenerator, LineItemGenerator, NationGenerator, OrderGenerator, PartGenerator,
    PartSuppGenerator, RegionGenerator, SupplierGenerator,
};
use tpchgen_arrow::{
    CustomerArrow, LineItemArrow, NationArrow, OrderArrow, PartArrow, PartSuppArrow, RegionArrow,
    SupplierArrow,
};

/// Rows of the generator's batches: those of an engine's.
const BATCH: usize = 8192;

/// Writes a folder for each table, with one file: a gigabyte of text at scale 1.
pub fn generate(scale: f64, folder: &Path) -> Result<(), Box<dyn Error>> {
    let write = |table: &str, rows: &mut dyn RecordBatchReader| write(folder, table, rows);
    write("region", &mut RegionArrow::new(RegionGenerator::new(scale, 1, 1)))?;
    write("nation", &mut NationArrow::new(NationGenerator::new(scale, 1, 1)))?;
    write("part", &mut PartArrow::new(PartGenerator::new(scale, 1, 1)).with_batch_size(BATCH))?;
    write("supplier", &mut SupplierArrow::new(SupplierGenerator::new(scale, 1, 1)))?;
    let partsupp = PartSuppArrow::new(PartSuppGenerator::new(scale, 1, 1));
    write("partsupp", &mut partsupp.with_batch_size(BATCH))?;
    let customer = CustomerArrow::new(CustomerGenerator::new(scale, 1, 1));
    write("customer", &mut customer.with_batch_size(BATCH))?;
    let orders = OrderArrow::new(OrderGenerator::new(scale, 1, 1));
    write("orders", &mut orders.with_batch_size(BATCH))?;
    let lineitem = LineItemArrow::new(LineItemGenerator::new(scale, 1, 1));
    write("lineitem", &mut lineitem.with_batch_size(BATCH))
}

fn write(
    folder: &Path,
    table: &str,
    rows: &mut dyn RecordBatchReader,
) -> Result<(), Box<dyn Error>> {
    let folder = folder.join(table);
    std::fs::create_dir_all(&folder)?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
        .build();
    let file = File::create(folder.join("part-0.parquet"))?;
    let mut writer = ArrowWriter::try_new(file, rows.schema(), Some(properties))?;
    for batch in rows {
        writer.write(&batch?)?;
    }
    writer.close()?;
    Ok(())
}
