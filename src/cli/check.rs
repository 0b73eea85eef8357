//! `pactum check`

use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, Utc};
use clap::{Args as ClapArgs, ValueEnum};

use crate::check::{
    Delivery, Options, Quarantine, RULE_TIME, Released, check, quarantine, without_path_values,
};
use crate::contract::Contract;
use crate::contract::temporal::timestamp;
use crate::engine::input::{CSV_FIELD_LINES, InputFormat, Reading};
use crate::engine::progress::Progress;
use crate::engine::sql::Which;
use crate::error::{Error, Result};
use crate::profile::profile_all;
use crate::project::{Project, Settings, Waivers, default_first};
use crate::warehouse::Release;

use super::context::{Global, contract_and_table};
use super::forms::Form;
use super::output::Out;
use super::progress::Bar;
use super::report::{self, ReportFormat};
use super::which::{self, never_released};

/// Check a delivery of files against a contract.
///
/// Every clause of the contract in scope gets a verdict; failing rows are shown with file, row
/// number (from zero), key and value. Values of classified columns are not shown.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:
  pactum check learning.scores scores.parquet
  pactum check learning courses=courses.parquet learners='learners/*.parquet'
  pactum check contracts/learning.odcs.yaml courses=courses.csv --format html > report.html
  pactum check learning.scores scores.parquet --quarantine bad/ --pass good/
  pactum check learning --release latest           this contract on what is released
  generate | pactum check learning.scores - --input ndjson

FILES is a file, a quoted glob, a folder (names that begin with _ or . are skipped), a Delta
table, an s3:// or https:// address, or - for standard input. Parquet, CSV, TSV, NDJSON and Arrow
IPC are recognized by their endings: .parquet .csv .tsv .ndjson .jsonl .arrow .feather")]
pub(super) struct Args {
    /// Contract id, SQL name or document; with .<table> for one table
    #[arg(value_name = "CONTRACT[.TABLE]")]
    target: String,
    /// Files of the table, or table=FILES for several
    #[arg(value_name = "FILES")]
    files: Vec<String>,
    /// Check released tables instead of files: a release's number, latest (or current, of the contract's
    /// major), or -1 for the one before the latest
    #[arg(long, value_name = "RELEASE", conflicts_with = "files", allow_hyphen_values = true)]
    release: Option<String>,
    #[command(flatten)]
    files_as: FilesAs,
    #[command(flatten)]
    how: How,
    /// Write the failing rows here as Parquet, each with the clauses that it fails
    #[arg(long, value_name = "DIR")]
    quarantine: Option<PathBuf>,
    /// With --quarantine: write the rows that fail nothing here as Parquet
    #[arg(long, value_name = "DIR", requires = "quarantine")]
    pass: Option<PathBuf>,
    /// How the report is written
    #[arg(long, value_enum, default_value = "human")]
    pub(super) format: ReportFormat,
}

/// How FILES are read, by every command that reads them.
#[derive(Debug, ClapArgs)]
pub(super) struct FilesAs {
    /// The format of the files, where their names do not show it
    #[arg(long, value_enum, value_name = "FORMAT")]
    input: Option<Input>,
    /// The most lines that a quoted CSV field may have; more suggest a quote that is never closed
    #[arg(
        long,
        value_name = "N",
        default_value_t = CSV_FIELD_LINES,
        value_parser = clap::value_parser!(u64).range(1..)
    )]
    csv_field_lines: u64,
}

impl FilesAs {
    /// The same as readers take it.
    pub(super) fn reading(&self, global: &Global) -> Reading {
        Reading {
            format: self.input.map(Into::into),
            csv_field_lines: self.csv_field_lines,
            memory: global.limits().memory,
        }
    }
}

/// Formats of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Input {
    /// Apache Parquet
    Parquet,
    /// Comma-separated values with a header line
    Csv,
    /// Tab-separated values with a header line
    Tsv,
    /// One JSON object per line
    Ndjson,
    /// Arrow IPC, file or stream
    Arrow,
}

impl From<Input> for InputFormat {
    fn from(input: Input) -> Self {
        match input {
            Input::Parquet => Self::Parquet,
            Input::Csv => Self::Csv,
            Input::Tsv => Self::Tsv,
            Input::Ndjson => Self::Ndjson,
            Input::Arrow => Self::Arrow,
        }
    }
}

pub(super) async fn run(args: &Args, global: &Global, out: &Out) -> Result<u8> {
    let project = global.project()?;
    let outcome = of_project(args, global, out, project.as_ref()).await;
    match args.release {
        None => {
            outcome.map_err(|e| Form::Check.taught(project.as_ref(), &args.target, &args.files, e))
        }
        Some(_) => outcome,
    }
}

async fn of_project(
    args: &Args,
    global: &Global,
    out: &Out,
    project: Option<&Project>,
) -> Result<u8> {
    let (contract, table) = contract_and_table(project, &args.target)?;
    if args.files.is_empty() && args.release.is_none() {
        return Err(Error::usage("missing-files", "no files are given to check")
            .hint("add FILES, or --release latest"));
    }
    let outcome = checked(args, global, out, project, &contract, table).await;
    outcome.map_err(|error| args.how.told(project, &contract, error))
}

async fn checked(
    args: &Args,
    global: &Global,
    out: &Out,
    project: Option<&Project>,
    contract: &Contract,
    table: Option<String>,
) -> Result<u8> {
    let warehouse = global.warehouse(project)?;
    let delivery = match &args.release {
        None => {
            let reading = args.files_as.reading(global);
            Delivery::gather_as(contract, table.as_deref(), &args.files, reading).await?
        }
        Some(word) => {
            let which = which::release(word)?;
            let release = released(global, project, contract, which).await?;
            let delivery = Delivery::of_release(contract, &release, table.as_deref()).await?;
            delivery.compare(global.limits().threads)?;
            delivery
        }
    };
    let bar = Bar::default();
    let house = House::of(project)?;
    let options = house.options(global, &args.how, &bar);
    let released = Released::read(contract, options.neighbours, warehouse.as_ref()).await?;
    let checked = check(contract, &delivery, &released, &options).await?;
    if let Some(folder) = &args.quarantine {
        let into = Quarantine { failing: folder, passing: args.pass.as_deref() };
        quarantine(contract, &delivery, &checked, &released, &options, &into).await?;
    }
    let mut page = report::Page::default();
    if args.format == ReportFormat::Html {
        page = report::delivered(contract, &delivery);
        let profiles = profile_all(&checked, options.limits.threads);
        // A file that changed meanwhile explains any result.
        page.profiles = delivery.verify_unchanged().and(profiles)?;
        let how = (options.public_classifications, options.limits.threads);
        page.release = report::of_release(contract, warehouse.as_ref(), how).await;
    }
    let code = out.decide(u8::from(!checked.report.passed()));
    report::render(&checked.report, &page, args.format, args.how.verbose, out)?;
    Ok(code)
}

async fn released(
    global: &Global,
    project: Option<&Project>,
    contract: &Contract,
    which: Which,
) -> Result<Release> {
    let warehouse = global.require_warehouse(project)?;
    let folder = warehouse.contract(&contract.id);
    let (found, what) = match which {
        // A contract is checked against data of its own major.
        Which::Latest => {
            let major = contract.version.major;
            let current = Release::current_of(&folder, major).await?;
            (current, format!("a release of major {major}"))
        }
        Which::Before(back) => {
            let major = contract.version.major;
            let earlier = Release::back_from_current(&folder, major, back).await?;
            (earlier, format!("release {which} of major {major}"))
        }
        Which::Number(n) => {
            let found = Release::numbered(&folder, n).await?;
            found.as_ref().map_or(Ok(()), |release| refuse_other_major(contract, release))?;
            (found, format!("release {n}"))
        }
    };
    if found.is_none() && Release::current(&folder).await?.is_none() {
        return Err(never_released(&contract.id, Some(contract)));
    }
    found.ok_or_else(|| {
        Error::usage("no-release", format!("contract '{}' does not have {what}", contract.id))
            .hint("pactum releases lists them")
    })
}

/// Data of another major differ legitimately.
fn refuse_other_major(contract: &Contract, release: &Release) -> Result<()> {
    let (own, other) = (contract.version.major, release.contract.version.major);
    if own == other {
        return Ok(());
    }
    let number = release.number();
    Err(Error::usage(
        "other-major",
        format!("release {number} is of major {other}, the contract is of major {own}"),
    )
    .at(contract.source.name.clone())
    .hint(format!(
        "check it with the contract of major {other}, or name a release of major {own}; pactum releases lists them"
    )))
}

/// A project's settings for checks.
#[derive(Debug, Default)]
pub(super) struct House {
    settings: Settings,
    neighbours: Vec<Contract>,
    waivers: Option<Waivers>,
}

impl House {
    /// Those of a project, or the defaults where there is none.
    pub(super) fn of(project: Option<&Project>) -> Result<Self> {
        let Some(project) = project else { return Ok(Self::default()) };
        Ok(Self {
            settings: project.settings.clone(),
            neighbours: default_first(project.contracts()?.contracts, &project.settings),
            waivers: project.waivers()?,
        })
    }

    /// Its settings.
    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The check's options in this project.
    pub(super) fn options<'a>(
        &'a self,
        global: &Global,
        how: &How,
        progress: &'a dyn Progress,
    ) -> Options<'a> {
        Options {
            limits: global.limits(),
            rule_time: how.rule_timeout.map_or(RULE_TIME, Duration::from_secs),
            samples: how.samples,
            public_classifications: &self.settings.public_classifications,
            external_engines: &self.settings.external_engines,
            neighbours: &self.neighbours,
            waivers: self.waivers.as_ref(),
            only: None,
            now: how.now.unwrap_or_else(Utc::now),
            today: Utc::now().date_naive(),
            trust_statistics: how.trust_statistics,
            allow_empty: how.allow_empty,
            show_classified: how.show_classified,
            progress,
        }
    }
}

/// How a delivery is checked, by check and by publish.
#[derive(Debug, Default, ClapArgs)]
pub(super) struct How {
    /// Failing rows to show for each clause
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub(super) samples: usize,
    /// List every clause, not only those that fail
    #[arg(long, short)]
    pub(super) verbose: bool,
    /// The instant that latency and retention are measured at, such as 2026-01-31T12:00:00Z; a date alone
    /// means the start of that day, in UTC [default: the clock]
    #[arg(long, value_name = "TIMESTAMP", value_parser = parse_instant)]
    pub(super) now: Option<DateTime<Utc>>,
    /// Trust the minima, maxima and NULL counts of file footers where they prove a clause; publish does
    /// not, and reads every value
    #[arg(long)]
    pub(super) trust_statistics: bool,
    /// Pass a contract that states nothing about the delivered tables
    #[arg(long)]
    pub(super) allow_empty: bool,
    /// Seconds that each SQL rule may take [default: 600]
    #[arg(long, value_name = "SECONDS", env = "PACTUM_RULE_TIMEOUT")]
    pub(super) rule_timeout: Option<u64>,
    /// Show values of classified columns in samples (never kept with a release)
    #[arg(long)]
    pub(super) show_classified: bool,
}

impl How {
    /// An error without classified values in paths, unless the user asks for them.
    pub(super) fn told(
        &self,
        project: Option<&Project>,
        contract: &Contract,
        error: Error,
    ) -> Error {
        if self.show_classified {
            return error;
        }
        let public = project.map_or(&[][..], |p| p.settings.public_classifications.as_slice());
        without_path_values(contract, public, error)
    }
}

/// An instant: without an offset it is taken as UTC.
fn parse_instant(text: &str) -> Result<DateTime<Utc>, String> {
    let read = timestamp(text).ok_or("write it as 2026-01-31T12:00:00Z")?;
    let micros = read.nanoseconds(None).and_then(|n| i64::try_from(n / 1000).ok());
    micros.and_then(DateTime::from_timestamp_micros).ok_or_else(|| "out of range".to_owned())
}
