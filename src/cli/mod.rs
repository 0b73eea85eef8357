//! The command line: one file per subcommand. Arguments, a call, rendering; no logic.

mod check;
mod consumers;
mod context;
mod demo;
mod describe;
mod diff;
mod explain;
mod forms;
mod impact;
mod infer;
mod init;
mod lineage;
mod lint;
mod output;
mod profile;
mod progress;
mod publish;
mod query;
mod releases;
mod report;
mod schema;
mod tables;
mod which;

use std::io::Write;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use crate::diagnostic::render::ErrorDocument;
use crate::engine::{damage, temporary};
use crate::error::{Error, Result};

use context::Global;
use output::Out;
use report::ReportFormat;

/// Data contracts that are enforced, published and served.
///
/// Contracts (YAML, Open Data Contract Standard) declare tables; `check` tests a delivery of
/// files against them; `publish` turns a delivery that passes into an atomic release; `query`
/// reads releases with SQL; `diff` shows whom a change of contract breaks.
#[derive(Debug, Parser)]
#[command(
    name = "pactum",
    version,
    propagate_version = true,
    max_term_width = 100,
    after_help = "Examples:
  pactum demo                                    a guided tour, in a new folder
  pactum init my-project                         a project to start from
  pactum lint                                    are the contracts and consumers sound?
  pactum diff                                    whom does this change of contracts break?
  pactum check learning.scores scores.parquet    does this file keep the contract?
  pactum publish learning courses=c.parquet learners=l/*.parquet
  pactum query \"select * from learning.courses limit 5\"

Exit codes: 0 it holds; 1 it does not; 2 usage or configuration; 3 could not finish, try again"
)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

// The words of a command's help are those of its arguments: a line here would hide the longer ones.
#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Args),
    Init(init::Args),
    Lint(lint::Args),
    Diff(diff::Args),
    Impact(impact::Args),
    Lineage(lineage::Args),
    Consumers(consumers::Args),
    Explain(explain::Args),
    Schema(schema::Args),
    Check(check::Args),
    Infer(infer::Args),
    Profile(profile::Args),
    Publish(publish::Args),
    Releases(releases::Args),
    Query(query::Args),
    Tables(tables::Args),
    Describe(describe::Args),
}

/// For people or for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Human,
    /// One JSON document
    Json,
}

impl Command {
    fn wants_json(&self) -> bool {
        let format = match self {
            Self::Lint(args) => return args.format == lint::Format::Json,
            Self::Diff(args) => return args.format == diff::Format::Json,
            Self::Impact(args) => args.format,
            Self::Lineage(args) => return args.format == lineage::Format::Json,
            Self::Consumers(args) => args.format(),
            Self::Check(args) => return args.format == ReportFormat::Json,
            Self::Publish(args) => return args.format == ReportFormat::Json,
            Self::Profile(args) => return args.format == profile::Format::Json,
            Self::Releases(args) => args.format,
            Self::Tables(args) => args.format,
            Self::Describe(args) => args.format,
            Self::Query(args) => return args.format == query::FormatName::Json,
            _ => return false,
        };
        format == Format::Json
    }
}

/// Stack of the threads that plan: deep expressions are walked by recursion.
const STACK: usize = 256 << 20;

/// Runs the command line and returns the exit code.
pub fn main() -> u8 {
    let mut command = without_empty_variables(Cli::command());
    let parsed = command.try_get_matches_from_mut(std::env::args_os());
    let parsed = parsed.and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed.map_err(|error| error.format(&mut command)) {
        Ok(cli) => cli,
        Err(error) => return usage_error(&error),
    };
    // A panic ends in its own diagnostic, not in words amid a result.
    damage::quiet();
    let json = cli.command.wants_json();
    let worker = std::thread::Builder::new().stack_size(STACK).spawn(move || start(cli));
    let outcome = match worker {
        Ok(worker) => worker.join().map_err(|_| Error::panicked("the main thread ended")),
        Err(error) => Err(Error::try_again("runtime", error.to_string())),
    };
    temporary::end();
    outcome.unwrap_or_else(|error| {
        show_error(&Out::new(), &error, json);
        error.remedy().exit_code()
    })
}

/// An empty variable counts as not set: that is how CI passes secrets to a fork's pull request.
fn without_empty_variables(command: clap::Command) -> clap::Command {
    let value = |arg: &clap::Arg| arg.get_env().and_then(std::env::var_os);
    let unset = |arg: clap::Arg| match value(&arg) {
        Some(value) if value.is_empty() => arg.env(clap::builder::Resettable::Reset),
        // Help is read in logs as well, and a location may hold a secret.
        Some(_) => arg.hide_env_values(true),
        None => arg,
    };
    command.mut_args(unset).mut_subcommands(without_empty_variables)
}

fn start(cli: Cli) -> u8 {
    let json = cli.command.wants_json();
    let out = Out::new();
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let outcome = match builder.enable_all().thread_stack_size(STACK).build() {
        Ok(runtime) => {
            let outcome = damage::caught(|| runtime.block_on(run(cli, &out)));
            // A query past its time may still be computing: the process ends without it. Nor are the
            // threads told to end: a C library that detaches a thread while it ends may read memory
            // that is gone, and the process would die after its work is done.
            std::mem::forget(runtime);
            outcome.flatten()
        }
        Err(error) => Err(Error::try_again("runtime", error.to_string())),
    };
    match outcome {
        Ok(code) => code,
        // The reader of our output has seen enough; the verdict stands.
        Err(error) if error.code() == "output" && out.is_closed() => out.verdict(),
        Err(error) => {
            show_error(&out, &error, json && !out.is_begun());
            error.remedy().exit_code()
        }
    }
}

/// Help and version are not errors; a usage error is JSON where JSON was requested.
fn usage_error(error: &clap::Error) -> u8 {
    let arguments: Vec<String> = std::env::args().collect();
    let asked = arguments.iter().any(|a| a == "--format=json")
        || arguments.windows(2).any(|pair| pair[0] == "--format" && pair[1] == "json");
    if error.use_stderr() && asked {
        let text = error.render().to_string();
        let said = text.lines().map(str::trim).take_while(|line| !line.starts_with("Usage:"));
        let said = said.filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
        let message = said.trim_start_matches("error: ");
        let hint = "pactum --help, or the command's --help, shows how";
        let error = Error::usage("usage", message).hint(hint);
        show_error(&Out::new(), &error, true);
    } else {
        let _ = error.print();
    }
    u8::try_from(error.exit_code()).unwrap_or(2)
}

/// Ids and entries are dated by milliseconds and microseconds since 1970.
fn refuse_clock_before_1970() -> Result<()> {
    match std::time::SystemTime::now() < std::time::UNIX_EPOCH {
        true => Err(Error::try_again("clock", "this machine's clock shows a time before 1970")
            .hint("correct the clock, then run again")),
        false => Ok(()),
    }
}

async fn run(cli: Cli, out: &Out) -> Result<u8> {
    refuse_clock_before_1970()?;
    let global = &cli.global;
    temporary::begin(global.temp_dir.as_deref())?;
    match cli.command {
        Command::Demo(args) => demo::run(args, global, out).await,
        Command::Init(args) => init::run(&args, out),
        Command::Lint(args) => lint::run(&args, global, out).await,
        Command::Diff(args) => diff::run(&args, global, out).await,
        Command::Impact(args) => impact::run(&args, global, out).await,
        Command::Lineage(args) => lineage::run(&args, global, out).await,
        Command::Consumers(args) => consumers::run(&args, global, out).await,
        Command::Explain(args) => explain::run(&args, out),
        Command::Schema(args) => schema::run(&args, out),
        Command::Check(args) => check::run(&args, global, out).await,
        Command::Infer(args) => infer::run(&args, global, out).await,
        Command::Profile(args) => profile::run(&args, global, out).await,
        Command::Publish(args) => publish::run(&args, global, out).await,
        Command::Releases(args) => releases::run(&args, global, out).await,
        Command::Query(args) => query::run(&args, global, out).await,
        Command::Tables(args) => tables::run(&args, global, out).await,
        Command::Describe(args) => describe::run(&args, global, out).await,
    }
}

fn show_error(out: &Out, error: &Error, json: bool) {
    if json {
        let document = ErrorDocument::new(
            (error.code(), error.sqlstate().code()),
            error.message().to_owned(),
            error.place().map(str::to_owned),
            error.next_step().map(str::to_owned),
        );
        let _ = out.json(&document.of_diagnostics(error.diagnostics()));
        return;
    }
    let colour = out.err_colour();
    let paint = output::Paint { on: colour };
    let mut lines: Vec<String> = error
        .diagnostics()
        .iter()
        .map(|diagnostic| crate::diagnostic::render::human(diagnostic, colour))
        .collect();
    if lines.is_empty() {
        // The engine's words quote data, which must not begin a line.
        let printable = output::printable;
        lines.push(format!("{} {}", paint.bad("error:"), printable(error.message())));
        let (place, hint) = (error.place().map(printable), error.next_step().map(printable));
        lines.extend(place.map(|place| format!("  {} {place}", paint.dim("at:"))));
        lines.extend(hint.map(|hint| format!("  {} {hint}", paint.dim("help:"))));
    }
    // Where even this cannot be written, the exit code still speaks.
    let _ = writeln!(std::io::stderr(), "{}", lines.join("\n"));
}
