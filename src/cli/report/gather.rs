//! What a page needs to know beside the report: files, numbers of the delivery and of the release.

use chrono::Utc;

use crate::check::{Delivery, find_table};
use crate::contract::Contract;
use crate::engine::parquet_file::ParquetFile;
use crate::error::Result;
use crate::profile::{TableProfile, profile_of};
use crate::warehouse::{Release, Warehouse};

use super::Page;
use super::declared::{Bounds, compared};

/// The page of a delivery, without numbers.
pub(in crate::cli) fn delivered(contract: &Contract, delivery: &Delivery) -> Page {
    let files = delivery.tables.iter().map(|table| {
        let names = table.files.iter().map(|file| file.name.clone()).collect();
        (table.table.clone(), names)
    });
    Page {
        bounds: Bounds::declared(contract),
        files: files.collect(),
        time: Some(Utc::now()),
        ..Page::default()
    }
}

impl Page {
    /// Adds the numbers of the delivered columns whose values may be shown.
    pub(in crate::cli) fn with_numbers(
        mut self,
        contract: &Contract,
        delivery: &Delivery,
        (public, threads): (&[String], usize),
    ) -> Self {
        self.profiles = numbers(contract, delivery, threads, &|table, column| {
            is_open(contract, public, table, column)
        });
        self
    }
}

/// The current release of a contract's major, with the numbers of the columns that drift rules
/// compare. Nothing where no rule does, or the release cannot be read: the report says so.
pub(in crate::cli) async fn of_release(
    contract: &Contract,
    warehouse: Option<&Warehouse>,
    (public, threads): (&[String], usize),
) -> Option<(u64, Vec<TableProfile>)> {
    let compared = compared(contract);
    let folder = warehouse?.contract(&contract.id);
    if compared.is_empty() {
        return None;
    }
    let release = Release::current_of(&folder, contract.version.major).await.ok()??;
    let delivery = Delivery::of_release(contract, &release, None).await.ok()?;
    let wanted = |table: &str, column: &str| {
        let is_compared = compared.iter().any(|(t, c)| t == table && c == column);
        is_compared && is_open(contract, public, table, column)
    };
    Some((release.number(), numbers(contract, &delivery, threads, &wanted)))
}

/// Whether a column is declared, plain, and not classified.
fn is_open(contract: &Contract, public: &[String], table: &str, column: &str) -> bool {
    let Ok(table) = find_table(contract, table) else { return false };
    let found = table.stored_columns().find(|c| c.physical() == column);
    found.is_some_and(|c| !c.classified(public) && c.properties.is_empty() && c.map.is_none())
}

/// The numbers of every table whose files can be read.
fn numbers(
    contract: &Contract,
    delivery: &Delivery,
    threads: usize,
    wanted: &(dyn Fn(&str, &str) -> bool + Sync),
) -> Vec<TableProfile> {
    let one = |delivered: &crate::check::DeliveredTable| -> Result<Option<TableProfile>> {
        let table = find_table(contract, &delivered.table)?;
        let open = |file| ParquetFile::open(file).and_then(|file| file.with_partitions(table)).ok();
        let Some(files) = delivered.files.iter().map(open).collect::<Option<Vec<_>>>() else {
            return Ok(None);
        };
        let is_wanted = |column: &str| wanted(&delivered.table, column);
        profile_of(&delivered.table, &files, threads, &is_wanted).map(Some)
    };
    delivery.tables.iter().filter_map(|table| one(table).ok().flatten()).collect()
}
