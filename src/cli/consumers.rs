//! `pactum consumers`

use std::sync::Arc;

use clap::{Args as ClapArgs, Subcommand};
use serde_json::json;

use crate::compat::waive_broken;
use crate::diagnostic::{Severity, has_errors, render};
use crate::engine::address::without_credentials;
use crate::engine::text_table;
use crate::error::{Error, Result};
use crate::project::{Project, Repository, repository_name};
use crate::query::{Catalog, Gateway, plan_all};
use crate::warehouse::{RegisteredSql, Registration, Warehouse};

use super::Format;
use super::context::Global;
use super::output::{Out, count};

/// Register a repository's consumers in the warehouse.
///
/// `pactum diff` plans registered consumers beside the project's own, so that anyone who changes a
/// contract knows who reads its tables in other repositories. Run `push` in the CI of each
/// repository that has consumers, on its main branch.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:
  pactum consumers push                                    this repository's consumers
  pactum consumers push --repository shop/app --commit 1a2b3c4
  pactum consumers list
  pactum consumers remove shop/app                         a repository that is gone")]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Register this repository's consumers, replacing those that it had registered
    #[command(after_help = "Examples:
  pactum consumers push
  pactum consumers push --repository shop/app --commit 1a2b3c4")]
    Push(Push),
    /// List what repositories have registered
    #[command(after_help = "Examples:
  pactum consumers list
  pactum consumers list --format json")]
    List(List),
    /// Remove a repository's consumers
    #[command(after_help = "Examples:
  pactum consumers remove shop/app")]
    Remove(Remove),
}

#[derive(Debug, ClapArgs)]
struct Push {
    /// The repository's name [default: the address of git's remote origin]; the registry marks a
    /// name that differs from the remote as declared
    #[arg(long, value_name = "NAME")]
    repository: Option<String>,
    /// The commit [default: git's HEAD]
    #[arg(long, value_name = "COMMIT")]
    commit: Option<String>,
    /// For people or for programs
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

#[derive(Debug, ClapArgs)]
struct List {
    /// For people or for programs
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

#[derive(Debug, ClapArgs)]
struct Remove {
    /// The repository's name, as `pactum consumers list` shows it
    #[arg(value_name = "REPOSITORY")]
    repository: String,
}

impl Args {
    pub(super) fn format(&self) -> Format {
        match &self.command {
            Command::Push(push) => push.format,
            Command::List(list) => list.format,
            Command::Remove(_) => Format::Human,
        }
    }
}

pub(super) async fn run(args: &Args, global: &Global, out: &Out) -> Result<u8> {
    match &args.command {
        Command::Push(args) => push(args, global, out).await,
        Command::List(args) => list(args, global, out),
        Command::Remove(args) => remove(args, global, out),
    }
}

async fn push(args: &Push, global: &Global, out: &Out) -> Result<u8> {
    let project = global.require_project()?;
    let warehouse = global.require_warehouse(Some(&project))?;
    let (consumers, mut found) = project.consumers()?;
    let contracts = project.contracts()?.contracts.into_iter().map(Arc::new);
    let catalog = Catalog::beside(contracts, Some(&warehouse), &project.settings).await?;
    let gateway = Gateway::planning(catalog, &global.limits())?;
    found.extend(plan_all(&gateway, &consumers, global.limits().threads));
    let today = chrono::Utc::now().date_naive();
    let waivers = project.waivers()?;
    waive_broken(&mut found, &consumers, waivers.as_ref(), today, gateway.catalog());
    if has_errors(&found) {
        // A consumer that does not plan now could not be seen to break later.
        found.retain(|d| d.severity == Severity::Error);
        return Err(Error::invalid(found));
    }
    let mut registration = registration(args, &project, &consumers)?;
    registration.publisher = crate::publish::publisher();
    let others = same_repository(&warehouse, &registration.repository)?;
    refuse_taken(&registration, &others)?;
    warehouse.register(&registration)?;
    // What an earlier version registered under a different spelling of the name.
    for other in others.iter().filter(|other| other.repository != registration.repository) {
        warehouse.unregister(&other.repository)?;
    }
    if args.format == Format::Json {
        out.json(&json!({
            "repository": registration.repository,
            "declared": registration.declared,
            "commit": registration.commit,
            "consumers": consumers.iter().map(|c| &c.name).collect::<Vec<_>>(),
        }))?;
        return Ok(0);
    }
    let many = count(consumers.len() as u64, "consumer", "consumers");
    let of = name(&registration);
    let at = registration.commit.map(|c| format!(" at {c}")).unwrap_or_default();
    out.line(out.paint().good(&format!("✓ registered {many} of {of}{at}")))?;
    for warning in &found {
        out.line(render::human(warning, out.paint().on))?;
    }
    Ok(0)
}

/// What the warehouse holds of a repository, however its name is spelled there.
fn same_repository(warehouse: &Warehouse, name: &str) -> Result<Vec<Registration>> {
    let mut all = warehouse.registrations()?;
    all.retain(|other| repository_name(&other.repository) == name);
    Ok(all)
}

/// A declared name does not replace one that git's remote gives.
fn refuse_taken(registration: &Registration, others: &[Registration]) -> Result<()> {
    if !registration.declared || others.iter().all(|other| other.declared) {
        return Ok(());
    }
    let name = &registration.repository;
    Err(Error::usage(
        "taken-repository",
        format!(
            "'{name}' is registered by a repository whose remote says so; this one would only be \
             declared in its place"
        ),
    )
    .hint(format!(
        "--repository NAME: another name; or, if that repository is gone: pactum consumers remove \
         {name}"
    )))
}

fn registration(
    args: &Push,
    project: &Project,
    consumers: &[crate::project::Consumer],
) -> Result<Registration> {
    let git = Repository::of(&project.root).ok();
    let remote = git.as_ref().and_then(Repository::name);
    let named = args.repository.as_deref().map(|name| repository_name(&without_credentials(name)));
    let repository = named.or(remote.clone());
    let repository = repository.ok_or_else(|| {
        Error::usage("no-repository", "git knows no remote 'origin' that names the repository")
            .hint("--repository NAME: the registry shows it as declared")
    })?;
    let declared = remote.as_ref() != Some(&repository);
    let commit = args.commit.clone().or_else(|| git.as_ref()?.commit("HEAD").ok());
    let root = format!("{}/", project.root.display());
    let here = std::env::current_dir().map(|d| d.join("")).unwrap_or_default();
    let sql = consumers.iter().map(|c| {
        let whole = here.join(&c.source.name).display().to_string();
        let file = whole.strip_prefix(&root).unwrap_or(&c.source.name).to_owned();
        RegisteredSql { name: c.name.clone(), file, text: c.source.text.clone() }
    });
    let registration = Registration::new(repository, commit, sql.collect());
    Ok(Registration { declared, ..registration })
}

/// The repository as people read it.
fn name(registration: &Registration) -> String {
    match registration.declared {
        true => format!("{} (declared)", registration.repository),
        false => registration.repository.clone(),
    }
}

fn list(args: &List, global: &Global, out: &Out) -> Result<u8> {
    let project = global.project()?;
    let warehouse = global.require_warehouse(project.as_ref())?;
    let all = warehouse.registrations()?;
    if args.format == Format::Json {
        out.json(&all)?;
        return Ok(0);
    }
    if all.is_empty() {
        out.line("no repository has registered consumers: pactum consumers push")?;
        return Ok(0);
    }
    let header = ["repository", "commit", "pushed", "consumers"].map(str::to_owned).to_vec();
    let rows = all.iter().map(|r| {
        let names: Vec<&str> = r.consumers.iter().map(|c| c.name.as_str()).collect();
        let commit: String = r.commit.clone().unwrap_or_default().chars().take(10).collect();
        let time = r.time.format("%Y-%m-%d %H:%M").to_string();
        vec![name(r), commit, time, names.join(", ")]
    });
    out.line(text_table(header, rows.collect(), &[]))?;
    Ok(0)
}

fn remove(args: &Remove, global: &Global, out: &Out) -> Result<u8> {
    let project = global.project()?;
    let warehouse = global.require_warehouse(project.as_ref())?;
    let spelled = repository_name(&without_credentials(&args.repository));
    if warehouse.unregister(&args.repository)? || warehouse.unregister(&spelled)? {
        out.line(format!("removed the consumers of {}", args.repository))?;
        return Ok(0);
    }
    let names: Vec<String> = warehouse.registrations()?.into_iter().map(|r| r.repository).collect();
    let message = format!("no repository '{}' has registered consumers", args.repository);
    Err(Error::usage("unknown-repository", message).hint(match names.is_empty() {
        true => "nobody has".to_owned(),
        false => format!("repositories: {}", names.join(", ")),
    }))
}
