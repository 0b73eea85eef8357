//! `pactum diff`

mod fix;
mod github;
mod human;
mod junit;
mod markdown;
mod sarif;
mod sides;

use clap::{Args as ClapArgs, ValueEnum};

use crate::compat::report::{DiffReport, NotExecuted};
use crate::compat::{Backtesting, Request, Sides, diff};
use crate::contract::Contract;
use crate::error::{Error, Result};
use crate::project::{Mode, Settings, Snapshot, Waivers};

use super::context::Global;
use super::output::Out;
use super::progress::Bar;

pub(super) use sides::Surroundings;

/// Show what a change of contracts breaks, and whom.
///
/// Compares two moments of a project's contracts, rule by rule; plans every consumer's SQL against
/// both; and compares the step of each version with what the changes need. Exits with 1 when a
/// version's step is too small, a consumer breaks, or the policy is violated; everything else is
/// reported without failing the run.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:
  pactum diff                                  the working tree with where it left the main branch
  pactum diff main                             the working tree with a branch, tag or commit
  pactum diff v1.4..v1.5                       two revisions, read without checking them out
  pactum diff old.odcs.yaml new.odcs.yaml      two files, or two folders
  pactum diff --against release                the working tree with what is released now
  pactum diff --backtest 10                    also check tightened clauses on the last releases
  pactum diff --fix                            also raise versions whose step is too small
  pactum diff --format markdown > comment.md   the changelog, for a pull request")]
pub(super) struct Args {
    /// The old side: a file, a folder or a revision [default: the merge base with the main branch]
    #[arg(value_name = "BASE")]
    base: Option<String>,
    /// The new side: a file, a folder or a revision [default: the working tree]
    #[arg(value_name = "HEAD", requires = "base")]
    head: Option<String>,
    /// Compare with the contracts of releases: the current one of each, or every major still served
    #[arg(long, value_enum, value_name = "WHAT", conflicts_with = "base")]
    against: Option<Against>,
    /// Whose breaking changes need a major version [default: pactum.yaml, else read]
    #[arg(long, value_enum, value_name = "MODE")]
    mode: Option<ModeArg>,
    /// Also compare the head with every major still served
    #[arg(long)]
    transitive: bool,
    /// Check tightened and added clauses against the last K releases
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u32).range(1..))]
    backtest: Option<u32>,
    /// Raise versions whose step is too small, in place
    #[arg(long)]
    fix: bool,
    /// How the report is written
    #[arg(long, value_enum, default_value = "human")]
    pub(super) format: Format,
    /// Also show patches and safe changes
    #[arg(long, short)]
    verbose: bool,
}

/// What is released.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Against {
    /// The current release of each contract
    Release,
    /// The newest release of every major
    Served,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ModeArg {
    /// Readers must not break
    Read,
    /// Writers must not break either: what breaks them counts as major
    Write,
    /// What breaks either side counts as major
    Full,
}

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Human,
    /// One JSON document
    Json,
    /// A changelog for readers of the tables
    Markdown,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// JUnit XML, for CI servers
    Junit,
    /// Annotations and a step summary of GitHub Actions
    Github,
}

impl Format {
    /// Whether errors are written in the format too: its readers read nothing else.
    fn lists_faults(self) -> bool {
        matches!(self, Self::Markdown | Self::Sarif | Self::Junit | Self::Github)
    }
}

pub(super) async fn run(args: &Args, global: &Global, out: &Out) -> Result<u8> {
    let report = match compare(args, global).await {
        Ok(report) => report,
        Err(error) => {
            if args.format.lists_faults() {
                write(&DiffReport::of_error(&error), args, out)?;
            }
            return Err(error);
        }
    };
    let code = out.decide(u8::from(!report.passed()));
    write(&report, args, out)?;
    Ok(code)
}

async fn compare(args: &Args, global: &Global) -> Result<DiffReport> {
    let surroundings = Surroundings::of(global, global.project()?)?;
    let compared = surroundings.sides(args).await?;
    let report = judge(args, global, &surroundings, &compared).await?;
    if !args.fix {
        return Ok(report);
    }
    let raised = fix::raise(&report, &compared)?;
    if raised.is_empty() {
        return Ok(report);
    }
    let compared = surroundings.sides(args).await?;
    let mut report = judge(args, global, &surroundings, &compared).await?;
    report.raised = raised;
    Ok(report)
}

fn write(report: &DiffReport, args: &Args, out: &Out) -> Result<()> {
    match args.format {
        Format::Human => human::show(report, args.verbose, out),
        Format::Json => out.json(report),
        Format::Markdown => out.document(markdown::document(report).trim_end()),
        Format::Sarif => out.json(&sarif::document(report)),
        Format::Junit => out.document(junit::document(report)?.trim_end()),
        Format::Github => github::write(report, out),
    }
}

async fn judge(
    args: &Args,
    global: &Global,
    around: &Surroundings,
    compared: &Sides,
) -> Result<DiffReport> {
    let settings = settings(args, around, &compared.head)?;
    let waivers = waivers(around, &compared.head)?;
    let served = match settings.diff.transitive {
        true => around.served_majors(&compared.head).await?,
        false => Vec::new(),
    };
    let request = Request {
        base: &compared.base,
        head: &compared.head,
        kind: compared.kind,
        served: &served,
        beside: &compared.beside,
        released: &compared.released,
        registered: compared.registered.as_deref(),
        settings: &settings,
        waivers: waivers.as_ref(),
        today: chrono::Utc::now().date_naive(),
        warehouse: around.warehouse.as_ref(),
        limits: global.limits(),
    };
    let mut report = diff(&request).await?;
    if settings.diff.transitive && around.warehouse.is_none() {
        report.not_executed.push(NotExecuted {
            what: "transitive",
            reason: "there is no warehouse that could say which majors are served".to_owned(),
        });
    }
    if let Some(releases) = args.backtest {
        let bar = Bar::default();
        let neighbours: Vec<Contract> =
            compared.head.contracts.iter().map(|c| c.as_ref().clone()).collect();
        let backtesting = around.warehouse.as_ref().map(|warehouse| Backtesting {
            warehouse,
            releases: releases as usize,
            settings: &settings,
            neighbours: &neighbours,
            limits: global.limits(),
            progress: &bar,
        });
        report.backtest(&compared.head, backtesting.as_ref()).await?;
    }
    Ok(report)
}

/// The head's approved exceptions; the project's where the head is not a project.
fn waivers(around: &Surroundings, head: &Snapshot) -> Result<Option<Waivers>> {
    match (&head.waivers, &around.project) {
        (Some(source), _) if head.is_project => Waivers::parse(source).map(Some),
        (_, Some(project)) if !head.is_project => project.waivers(),
        _ => Ok(None),
    }
}

/// The head's settings, or the project's where the head is not a project, overridden by the command
/// line.
fn settings(args: &Args, around: &Surroundings, head: &Snapshot) -> Result<Settings> {
    let of_project = || around.project.as_ref().map(|p| p.settings.clone()).unwrap_or_default();
    let mut settings = if head.is_project { head.settings.clone() } else { of_project() };
    let mode = match args.mode {
        Some(ModeArg::Read) => Mode::Read,
        Some(ModeArg::Write) => Mode::Write,
        Some(ModeArg::Full) => Mode::Full,
        None => settings.diff.mode,
    };
    let locked = settings.locked.iter().any(|l| l.value == "diff" || l.value == "diff.mode");
    if locked && mode != settings.diff.mode {
        return Err(Error::usage("locked", "the mode is locked by the settings that are shared")
            .hint("leave --mode out, or ask the team that keeps the shared settings"));
    }
    settings.diff.mode = mode;
    settings.diff.transitive |= args.transitive;
    Ok(settings)
}
