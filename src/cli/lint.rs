//! `pactum lint`

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args as ClapArgs, ValueEnum};
use serde_json::json;

use crate::check::lint_rules;
use crate::check::report::Level;
use crate::compat::{lint_waivers, waive_broken};
use crate::contract::Contract;
use crate::contract::lint::{references, refuse_unusable_names};
use crate::diagnostic::{self, Diagnostic, Severity, render};
use crate::error::{Error, Result};
use crate::project::{
    Bounds, Consumer, Contracts, Project, collect, consumer_plan, default_first, is_consumer,
    is_contract, parse_consumer, read,
};
use crate::query::{Catalog, Gateway, offer_types, plan_all};

use super::context::Global;
use super::diff::Surroundings;
use super::output::{Out, count};
use super::report::github::command;

/// Find what is wrong with contracts and consumers.
///
/// Contracts are read strictly (Open Data Contract Standard 3.0 to 3.2), and every consumer's SQL
/// is planned against them. Warnings do not fail the run.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:
  pactum lint                               the whole project
  pactum lint contracts/learning.odcs.yaml  one document
  pactum lint sql/home_page.sql             one consumer, against the project's contracts
  pactum lint --format json
  pactum lint --format github               annotations at the lines of a pull request")]
pub(super) struct Args {
    /// Documents or folders [default: the project's contracts and consumers]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// For people or for programs
    #[arg(long, value_enum, default_value = "human")]
    pub(super) format: Format,
}

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Human,
    /// One JSON document
    Json,
    /// Annotations of GitHub Actions
    Github,
}

struct Linted {
    contracts: Contracts,
    consumers: Vec<Consumer>,
    consumer_files: usize,
}

pub(super) async fn run(args: &Args, global: &Global, out: &Out) -> Result<u8> {
    let linted = lint(args, global, out).await;
    if let (Err(error), Format::Github) = (&linted, args.format) {
        // Readers of annotations read nothing else.
        let hint = error.next_step().map(|hint| format!("\n{hint}")).unwrap_or_default();
        let text = format!("{}{hint}", error.message());
        out.line(command(Level::Error, error.place().unwrap_or_default(), error.code(), &text))?;
    }
    linted
}

async fn lint(args: &Args, global: &Global, out: &Out) -> Result<u8> {
    let project = project_of(&args.paths, global)?;
    let mut linted = match args.paths.is_empty() {
        true => of_project(&global.require_project()?)?,
        false => of_paths(&args.paths, project.as_ref())?,
    };
    if linted.contracts.files == 0 && linted.consumer_files == 0 {
        return Err(Error::usage("nothing-to-lint", "there is no contract and no consumer")
            .hint("contracts are named *.odcs.yaml, consumers *.sql"));
    }
    let mut found = std::mem::take(&mut linted.contracts.diagnostics);
    let settings = project.as_ref().map(|p| p.settings.clone()).unwrap_or_default();
    // Clashing names cannot be planned with; the clash has been reported already.
    linted.contracts.contracts.retain(|contract| refuse_unusable_names(contract).is_ok());
    // A whole project is read already.
    let others = project.as_ref().filter(|_| !args.paths.is_empty());
    let neighbours = default_first(neighbours(&linted, others)?, &settings);
    for contract in &linted.contracts.contracts {
        found.extend(references(contract, &neighbours));
        let external = &settings.external_engines;
        found.extend(lint_rules(contract, &neighbours, external, &global.limits()).await?);
    }
    let has_contracts = linted.contracts.files > 0 || !linted.contracts.contracts.is_empty();
    let contracts = std::mem::take(&mut linted.contracts.contracts).into_iter().map(Arc::new);
    // Consumers may read what other repositories publish.
    let around = Surroundings::of(global, project.clone())?;
    let hidden = around.warehouse.is_none() && around.means_warehouse();
    if hidden && !has_contracts {
        // Otherwise every table would be reported missing, which is not the actual fault.
        return Err(Error::usage(
            "no-warehouse",
            "the warehouse whose tables are read is not there",
        )
        .hint("name it: --warehouse DIR, or PACTUM_WAREHOUSE; a fork has no secrets"));
    }
    let is_alone = !has_contracts && project.is_none() && around.warehouse.is_none();
    let warehouse = around.warehouse.filter(|_| !linted.consumers.is_empty());
    let catalog = Catalog::beside(contracts, warehouse.as_ref(), &settings).await?;
    if !hidden {
        found.extend(catalog.unknown_majors(&settings));
    }
    let known = catalog.served.iter().map(|s| s.contract.id.clone()).collect();
    let gateway = Gateway::planning(catalog, &global.limits())?;
    offer_types(&gateway, &linted.consumers, &mut found).await;
    found.extend(plan_all(&gateway, &linted.consumers, global.limits().threads));
    if is_alone {
        found.iter_mut().for_each(without_project);
    }
    if let Some(project) = &project {
        let waivers = project.waivers().unwrap_or_default();
        let today = chrono::Utc::now().date_naive();
        if let Some(waivers) = &waivers {
            found.extend(lint_waivers(waivers, today, known));
        }
        let catalog = gateway.catalog();
        waive_broken(&mut found, &linted.consumers, waivers.as_ref(), today, catalog);
    }
    diagnostic::sort(&mut found);
    let code = out.decide(u8::from(diagnostic::has_errors(&found)));
    match args.format {
        Format::Json => show_json(&linted, &found, out)?,
        Format::Human => show_human(&linted, &found, out)?,
        Format::Github => found.iter().try_for_each(|d| out.line(annotation(d)))?,
    }
    Ok(code)
}

fn of_project(project: &Project) -> Result<Linted> {
    let mut contracts = project.contracts()?;
    let (consumers, found) = project.consumers()?;
    contracts.diagnostics.extend(found);
    contracts.diagnostics.extend(crate::compat::unknown_rules(&project.settings));
    if let Err(error) = project.waivers() {
        if error.diagnostics().is_empty() {
            // Unreadable is not the same as missing.
            return Err(error);
        }
        contracts.diagnostics.extend(error.diagnostics().iter().cloned());
    }
    let consumer_files = consumers.len();
    Ok(Linted { contracts, consumers, consumer_files })
}

/// The project that documents are linted in: the one that is named, else the one around the documents,
/// wherever the command runs.
fn project_of(paths: &[PathBuf], global: &Global) -> Result<Option<Project>> {
    let is_named = global.project.is_some();
    let Some(first) = paths.first().filter(|_| !is_named) else { return global.project() };
    let folder = if first.is_dir() { Some(first.as_path()) } else { first.parent() };
    let folder = folder.filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    // What is not there is told when it is read.
    let around = folder.canonicalize().ok().map(|folder| Project::discover(&folder));
    match around.transpose()?.flatten() {
        Some(project) => Ok(Some(project)),
        None => global.project(),
    }
}

/// Named documents; consumers among them are planned against the project's contracts too.
fn of_paths(paths: &[PathBuf], project: Option<&Project>) -> Result<Linted> {
    let (mut documents, mut queries) = (Vec::new(), Vec::new());
    for path in paths {
        if path.is_dir() {
            let bounds = Bounds::around(path)?;
            collect(&bounds, path, is_contract, &mut documents)?;
            collect(&bounds, path, is_consumer, &mut queries)?;
        } else if is_consumer(path) {
            queries.push(path.clone());
        } else if path.is_file() {
            documents.push(path.clone());
        } else {
            return Err(Error::usage("missing-file", "no such file or folder")
                .at(path.display().to_string()));
        }
    }
    let mut contracts = Project::read_contracts(&documents)?;
    let mut consumers = Vec::new();
    for path in &queries {
        let own = || path.with_extension("").file_name().map(|n| n.to_string_lossy().into_owned());
        let name = project.and_then(|project| project.consumer_of(path)).or_else(own);
        let (consumer, found) = parse_consumer(&name.unwrap_or_default(), &read(path)?);
        consumers.extend(consumer);
        contracts.diagnostics.extend(found);
    }
    if !queries.is_empty()
        && let Some(project) = project
    {
        for contract in project.contracts()?.contracts {
            let same =
                |c: &Contract| c.id == contract.id && c.version.major == contract.version.major;
            if !contracts.contracts.iter().any(same) {
                contracts.contracts.push(contract);
            }
        }
    }
    Ok(Linted { contracts, consumers, consumer_files: queries.len() })
}

/// The contracts whose tables rules may read: those that are linted, and the project's others.
fn neighbours(linted: &Linted, project: Option<&Project>) -> Result<Vec<Contract>> {
    let mut all = linted.contracts.contracts.clone();
    let own = project.map(Project::contracts).transpose()?;
    for contract in own.into_iter().flat_map(|own| own.contracts) {
        let same = |c: &Contract| c.id == contract.id && c.version.major == contract.version.major;
        if !all.iter().any(same) && refuse_unusable_names(&contract).is_ok() {
            all.push(contract);
        }
    }
    Ok(all)
}

/// Without a project every table is missing: which one is meant must be said.
fn without_project(found: &mut Diagnostic) {
    if found.meta.code == consumer_plan::META.code && found.hint.is_none() {
        let hint = "no project is around it: --project DIR names the one whose tables it reads";
        found.hint = Some(hint.to_owned());
    }
}

fn annotation(found: &Diagnostic) -> String {
    let level = match found.severity {
        Severity::Error => Level::Error,
        _ => Level::Warning,
    };
    let hint = found.hint.as_ref().map(|hint| format!("\n{hint}")).unwrap_or_default();
    let title = format!("{} {}", found.meta.code, found.meta.name);
    command(level, &found.position(), &title, &format!("{}{hint}", found.message))
}

fn show_human(linted: &Linted, found: &[Diagnostic], out: &Out) -> Result<()> {
    let paint = out.paint();
    for diagnostic in found {
        out.line(render::human(diagnostic, paint.on))?;
        out.line("")?;
    }
    let of = |severity| found.iter().filter(|d| d.severity == severity).count() as u64;
    let (errors, warnings) = (of(Severity::Error), of(Severity::Warning));
    let what = format!(
        "{} and {}",
        count(linted.contracts.files as u64, "contract", "contracts"),
        count(linted.consumer_files as u64, "consumer", "consumers")
    );
    let counted =
        format!("{}, {}", count(errors, "error", "errors"), count(warnings, "warning", "warnings"));
    out.line(match (errors, warnings) {
        (0, 0) => paint.good(&format!("✓ {what}: no problems found")),
        (0, _) => paint.warn(&format!("✓ {what}: {counted}")),
        _ => paint.bad(&format!("✗ {what}: {counted}")),
    })?;
    if let Some(first) = found.first() {
        let code = first.meta.code;
        out.line(paint.dim(&format!("pactum explain {code} says more about {}", first.meta.name)))?;
    }
    Ok(())
}

fn show_json(linted: &Linted, found: &[Diagnostic], out: &Out) -> Result<()> {
    let verdict = if diagnostic::has_errors(found) { "failed" } else { "passed" };
    out.json(&json!({
        "verdict": verdict,
        "contracts": linted.contracts.files,
        "consumers": linted.consumer_files,
        "diagnostics": found.iter().map(render::json).collect::<Vec<_>>(),
    }))
}
