//! `pactum check`

use clap::Args as ClapArgs;

use crate::check::{Delivery, Options, check};
use crate::contract::Contract;
use crate::engine::progress::Progress;
use crate::error::Result;
use crate::project::{Project, Settings};
use crate::query::published_table;
use crate::warehouse::{Release, Warehouse};

use super::context::{Global, contract_and_table};
use super::output::Out;
use super::progress::Bar;
use super::{Format, report};

/// Prove a delivery of Parquet files against a contract.
///
/// Every clause of the contract in scope gets a verdict; failing rows are shown with file, row
/// number (from zero), key and value. Values of classified columns are never shown.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:
  pactum check learning.scores scores.parquet
  pactum check learning courses=courses.parquet learners='learners/*.parquet'
  pactum check contracts/learning.odcs.yaml courses=courses.parquet --format json

FILES is a file, a quoted glob or a folder; names that begin with _ or . are passed over.")]
pub(super) struct Args {
    /// Contract id, SQL name or document; with .<table> for one table
    #[arg(value_name = "CONTRACT[.TABLE]")]
    target: String,
    /// Files of the table, or table=FILES for several
    #[arg(value_name = "FILES", required = true)]
    files: Vec<String>,
    /// Failing rows to show for each clause
    #[arg(long, value_name = "N", default_value_t = 5)]
    samples: usize,
    /// List every clause, not only those that fail
    #[arg(long, short)]
    verbose: bool,
    /// For people or for programs
    #[arg(long, value_enum, default_value = "human")]
    pub(super) format: Format,
}

pub(super) async fn run(args: &Args, global: &Global, out: &Out) -> Result<u8> {
    let project = global.project()?;
    let (contract, table) = contract_and_table(project.as_ref(), &args.target)?;
    let delivery = Delivery::parse(&contract, table.as_deref(), &args.files)?;
    let bar = Bar::default();
    let settings = settings_of(project.as_ref());
    let options = options(global, &settings, args.samples, &bar);
    let warehouse = global.warehouse(project.as_ref())?;
    let released = released_tables(&contract, &delivery, warehouse.as_ref()).await?;
    let checked = check(&contract, &delivery, released, &options).await?;
    match args.format {
        Format::Json => out.json(&checked.report)?,
        Format::Human => report::show(&checked.report, out, args.verbose)?,
    }
    Ok(u8::from(!checked.report.passed()))
}

/// How a delivery is checked under these settings.
pub(super) fn options<'a>(
    global: &Global,
    settings: &'a Settings,
    samples: usize,
    progress: &'a dyn Progress,
) -> Options<'a> {
    Options {
        limits: global.limits(),
        samples,
        public_classifications: &settings.public_classifications,
        external_engines: &settings.external_engines,
        progress,
    }
}

/// The project's settings, or the defaults where there is none.
pub(super) fn settings_of(project: Option<&Project>) -> Settings {
    project.map(|p| p.settings.clone()).unwrap_or_default()
}

/// Tables of the current release that were not delivered: foreign keys and SQL rules may need them.
async fn released_tables(
    contract: &Contract,
    delivery: &Delivery,
    warehouse: Option<&Warehouse>,
) -> Result<crate::check::Released> {
    let mut tables = crate::check::Released::new();
    let Some(warehouse) = warehouse.filter(|w| w.exists()) else { return Ok(tables) };
    let missing = contract.tables.iter().filter(|t| delivery.files(&t.name.value).is_none());
    let missing: Vec<_> = missing.collect();
    if missing.is_empty() {
        return Ok(tables);
    }
    let Some(release) = Release::current(&warehouse.contract(&contract.id)).await? else {
        return Ok(tables);
    };
    for table in missing {
        let name = &table.name.value;
        if let Some(released) = release.contract.table(name)
            && release.entry.tables.contains_key(name)
        {
            tables.insert(name.clone(), published_table(&release, released).await?);
        }
    }
    Ok(tables)
}
