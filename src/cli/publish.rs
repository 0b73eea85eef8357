//! `pactum publish`

use std::collections::BTreeMap;
use std::path::Path;

use clap::Args as ClapArgs;

use crate::check::Delivery;
use crate::check::report::Outcome;
use crate::contract::Contract;
use crate::error::{Error, Result};
use crate::project::{Project, publish_command};
use crate::publish::{Provenance, Request, StageLimits, publish};
use crate::warehouse::Origin;

use super::check::{FilesAs, House, How};
use super::context::{Global, contract_and_table};
use super::forms::Form;
use super::output::Out;
use super::progress::Bar;
use super::report::{self, ReportFormat};

/// Turn a delivery that passes its check into a release, or change nothing.
///
/// A release holds every table of its contract. Readers see it whole, or not at all. A delivery
/// with the content and contract of the current release is `unchanged`, exit code 0. A rejected
/// delivery changes no table; its report is kept.
#[derive(Debug, ClapArgs)]
#[command(
    override_usage = "pactum publish [OPTIONS] <CONTRACT> <TABLE=FILES>...",
    after_help = "Examples:
  pactum publish learning courses=courses.parquet learners='learners/*.parquet' enrolments=e/
  pactum publish scores churn=churn.parquet --dry-run
  pactum publish scores churn=churn.parquet --label model=als-7 --format json"
)]
pub(super) struct Args {
    /// Contract id, SQL name or document
    #[arg(value_name = "CONTRACT")]
    contract: String,
    /// table=FILES for every table of the contract
    #[arg(value_name = "TABLE=FILES")]
    files: Vec<String>,
    /// Check and say what would happen, but change nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    files_as: FilesAs,
    #[command(flatten)]
    how: How,
    /// The publish id [default: a fresh UUIDv7]; repeating an id never publishes twice
    #[arg(long, value_name = "ID", env = "PACTUM_PUBLISH_ID")]
    publish_id: Option<String>,
    /// A label of the release, such as model=als-7 (repeatable)
    #[arg(long, value_name = "KEY=VALUE", value_parser = parse_pair)]
    label: Vec<(String, String)>,
    /// A further source of the data, as repository@commit (repeatable)
    #[arg(long, value_name = "REPO@COMMIT", value_parser = parse_source)]
    source: Vec<Origin>,
    /// How the report is written
    #[arg(long, value_enum, default_value = "human")]
    pub(super) format: ReportFormat,
}

/// `key=value`
pub(super) fn parse_pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write it as name=value".to_owned()),
    }
}

pub(super) async fn run(args: &Args, global: &Global, out: &Out) -> Result<u8> {
    let project = global.project()?;
    let project = project.as_ref();
    let outcome = of_project(args, global, out, project).await;
    outcome.map_err(|e| Form::Publish.taught(project, &args.contract, &args.files, e))
}

async fn of_project(
    args: &Args,
    global: &Global,
    out: &Out,
    project: Option<&Project>,
) -> Result<u8> {
    let (contract, table) = contract_and_table(project, &args.contract)?;
    let hint = || publish_command(&contract, &[]);
    if table.is_some() {
        let message = "a release holds every table of its contract";
        return Err(Error::usage("one-table", message).hint(hint()));
    }
    if args.files.is_empty() {
        return Err(Error::usage("missing-files", "no files are given to publish").hint(hint()));
    }
    let outcome = published(args, global, out, project, &contract).await;
    outcome.map_err(|error| args.how.told(project, &contract, error))
}

async fn published(
    args: &Args,
    global: &Global,
    out: &Out,
    project: Option<&Project>,
    contract: &Contract,
) -> Result<u8> {
    let warehouse = global.require_warehouse(project)?;
    let delivery =
        Delivery::gather_as(contract, None, &args.files, args.files_as.reading(global)).await?;
    let house = House::of(project)?;
    let bar = Bar::default();
    let options = house.options(global, &args.how, &bar);
    let consumers = match project {
        Some(project) => project.consumers()?.0,
        None => Vec::new(),
    };
    let folder = project.map_or(Path::new("."), |p| p.root.as_path());
    let mut provenance = Provenance::gather(folder, args.publish_id.clone())?;
    provenance.labels = args.label.iter().cloned().collect::<BTreeMap<_, _>>();
    provenance.sources.extend(args.source.iter().cloned());
    let request = Request {
        contract,
        delivery: &delivery,
        warehouse: &warehouse,
        options: &options,
        settings: house.settings(),
        consumers: &consumers,
        stage: StageLimits::default(),
        provenance,
        dry_run: args.dry_run,
    };
    let mut page = report::Page::default();
    if args.format == ReportFormat::Html {
        let how = (options.public_classifications, options.limits.threads);
        page = report::delivered(contract, &delivery);
        page.publisher = request.provenance.publisher.clone();
        // The release that the delivery is compared with: afterwards it is another.
        page.release = report::of_release(contract, Some(&warehouse), how).await;
        page = page.with_numbers(contract, &delivery, how);
    }
    let mut report = publish(&request).await?;
    if args.dry_run && args.format == ReportFormat::Human {
        // It was kept nowhere, so that nothing shows it again.
        report.attempt = None;
    }
    let code = out.decide(match report.outcome {
        Some(Outcome::Conflict) => 3,
        _ => u8::from(!report.passed()),
    });
    report::render(&report, &page, args.format, args.how.verbose, out)?;
    if args.dry_run && args.format == ReportFormat::Human {
        out.line("dry run: nothing was written")?;
    }
    Ok(code)
}

fn parse_source(text: &str) -> Result<Origin, String> {
    let parts =
        text.rsplit_once('@').filter(|(repo, commit)| !repo.is_empty() && !commit.is_empty());
    let (repo, commit) = parts.ok_or("write it as repository@commit")?;
    // The ledger keeps an address without its token.
    let repo = crate::engine::address::without_credentials(repo);
    Ok(Origin { repo: Some(repo), commit: Some(commit.to_owned()), dirty: None })
}
