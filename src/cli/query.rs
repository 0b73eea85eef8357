//! `pactum query`

use std::collections::BTreeMap;
use std::io::{IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args as ClapArgs;

use crate::diagnostic::Source;
use crate::engine::{Runtime, sql, temporary};
use crate::error::{Error, Result};
use crate::project::{Consumer, Project, declaration, parse_consumer};
use crate::query::{
    Answer, AnswerLimits, Catalog, CatalogSnapshot, Encoder, Format, Gateway, Given,
    MissingParameter, Parameters, Request, bind,
};

use super::context::Global;
use super::output::Out;
use super::publish::parse_pair;
use super::which::pin;

/// Read released tables with SQL, or run a consumer by name.
///
/// Tables are <contract>.<table>; <contract>_v2.<table> names a major. The system tables are
/// pactum.releases, pactum.attempts, pactum.clauses, pactum.tables, pactum.columns and
/// pactum.consumers. Only queries are admitted.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:
  pactum query \"select course_id, avg(score) from learning.scores group by 1\"
  pactum query home_page -p learner_id=42
  pactum query -f report.sql -p since=2026-01-01 --format csv
  pactum --warehouse /data/warehouse query \"select * from pactum.releases\"
  pactum query \"select count(*) from learning.learners\" --release 3")]
pub(super) struct Args {
    /// SQL, or the name of a consumer
    #[arg(value_name = "SQL|CONSUMER", required_unless_present = "file")]
    sql: Option<String>,
    /// Read the SQL from a file; - is standard input
    #[arg(long, short, value_name = "FILE", conflicts_with = "sql")]
    file: Option<PathBuf>,
    /// A parameter's value, as name=value (repeatable)
    #[arg(long = "param", short, value_name = "NAME=VALUE", value_parser = parse_pair)]
    parameters: Vec<(String, String)>,
    /// Read one release: its number, latest (or current), or -1 for the one before the latest; of one of
    /// several contracts: contract=N (repeatable) [default: latest]
    #[arg(long, value_name = "[CONTRACT=]RELEASE", allow_hyphen_values = true)]
    release: Vec<String>,
    /// Read the last releases at or before an instant, such as 2026-01-31T12:00:00Z; a date alone means
    /// the start of that day, in UTC
    #[arg(long, value_name = "TIMESTAMP", conflicts_with = "release")]
    as_of: Option<String>,
    /// How the result is written
    #[arg(long, value_enum, default_value = "table")]
    pub(super) format: FormatName,
    /// Seconds that the answer may take; 0 for as long as it needs
    #[arg(long, value_name = "SECONDS", env = "PACTUM_TIMEOUT", default_value_t = 600)]
    timeout: u64,
    /// Write the result to a file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// How the result is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum FormatName {
    /// For people.
    Table,
    /// One array of row objects.
    Json,
    /// One row object per line.
    Ndjson,
    /// With a header line.
    Csv,
    /// Arrow IPC stream.
    Arrow,
    /// A Parquet file.
    Parquet,
}

impl From<FormatName> for Format {
    fn from(name: FormatName) -> Self {
        match name {
            FormatName::Table => Self::Table,
            FormatName::Json => Self::Json,
            FormatName::Ndjson => Self::Ndjson,
            FormatName::Csv => Self::Csv,
            FormatName::Arrow => Self::Arrow,
            FormatName::Parquet => Self::Parquet,
        }
    }
}

pub(super) async fn run(args: &Args, global: &Global, out: &Out) -> Result<u8> {
    let mut asked = Asked { name: INLINE.to_owned(), header_of: None };
    let answered = answered(args, global, out, &mut asked).await;
    answered.map_err(|error| with_flags(error, &asked).in_text(&asked.name))?;
    Ok(0)
}

/// What a text on the command line is called.
const INLINE: &str = "query";

/// What is known of the text that is asked, for the words of errors.
struct Asked {
    /// What it is called: a file, or `query`.
    name: String,
    /// The text, where it begins with a consumer's header.
    header_of: Option<String>,
}

async fn answered(args: &Args, global: &Global, out: &Out, asked: &mut Asked) -> Result<()> {
    let project = global.project()?;
    let statement = statement(args, project.as_ref())?;
    asked.name.clone_from(&statement.name);
    asked.header_of = statement.has_header.then(|| statement.text.clone());
    let text = statement.text.clone();
    let pin = pin(&args.release, args.as_of.as_deref())?;
    let warehouse = global.warehouse(project.as_ref())?;
    // Text without a qualified name reads no table: it needs no ledger.
    let is_qualified = sql::has_qualified_name(&text);
    let words = sql::words(&text)?;
    let catalog = match is_qualified {
        true => Catalog::read_for(warehouse.as_ref(), project.as_ref(), &pin, &words).await?,
        false => Catalog::default(),
    };
    if catalog.warehouse.is_none() && project.is_none() && is_qualified {
        return Err(Error::usage("no-warehouse", "there is neither a project nor a warehouse")
            .hint("give --warehouse DIR, or run inside a project"));
    }
    let is_partial = catalog.is_partial && !catalog.has_unreleased_claims();
    let runtime = Arc::new(Runtime::new(&global.limits())?);
    let consumers = match words.contains("pactum") {
        true => consumers(project.as_ref())?,
        false => Vec::new(),
    };
    let ask = |catalog, consumers| {
        let snapshot = Arc::new(CatalogSnapshot::new(catalog, consumers));
        let request = statement.request(args);
        let gateway = Gateway::new(Arc::clone(&runtime), snapshot);
        async move { gateway.answer(request).await }
    };
    let answer = match ask(catalog, consumers.clone()).await {
        // The claim of its name may be lost, and the nearest name may belong to a contract that was
        // not read.
        Err(error) if error.code() == "unknown-table" && is_partial => {
            let (warehouse, project) = (warehouse.as_ref(), project.as_ref());
            let whole = Catalog::read_whole(warehouse, project, &pin, &words).await?;
            ask(whole, consumers).await?
        }
        answer => answer?,
    };
    refuse_binary_on_terminal(args)?;
    write(args, answer, out).await
}

/// SQL with the values of its parameters.
struct Statement {
    /// What its text is called: a file, or `query`.
    name: String,
    text: String,
    /// Whether a header declares its parameters.
    has_header: bool,
    parameters: Parameters,
}

impl Statement {
    fn request(&self, args: &Args) -> Request {
        let timeout = (args.timeout > 0).then(|| Duration::from_secs(args.timeout));
        Request {
            parameters: self.parameters.clone(),
            limits: AnswerLimits { timeout, ..AnswerLimits::default() },
            ..Request::local(self.text.clone())
        }
    }
}

fn consumers(project: Option<&Project>) -> Result<Vec<Consumer>> {
    Ok(project.map(Project::consumers).transpose()?.unwrap_or_default().0)
}

/// The error with the options of this command that help.
fn with_flags(error: Error, asked: &Asked) -> Error {
    match error.code() {
        "timeout" => error.hint("--timeout allows more time; 0 sets no limit"),
        "missing-parameter" => match missing(&error) {
            Some(MissingParameter { name, type_name: Some(type_name), .. }) => {
                let hint = format!("-p {name}=<{type_name}>");
                error.hint(hint)
            }
            Some(MissingParameter { name, type_name: None, undeclared }) => {
                // One with a number for its name is typed by the query.
                match asked.header_of.as_ref().filter(|_| name.parse::<u32>().is_err()) {
                    Some(text) => {
                        let message = format!("parameter '${name}' is not declared");
                        let hint = declaration(text, name, undeclared);
                        Error::usage("missing-parameter", message).hint(hint).in_place_of(error)
                    }
                    None => {
                        let hint = format!("-p {name}=VALUE");
                        error.hint(hint)
                    }
                }
            }
            None => error,
        },
        "unknown-table" if error.next_step().is_none() => {
            error.hint("pactum tables lists what is there")
        }
        _ => error,
    }
}

/// The parameter that an error is about.
fn missing(error: &Error) -> Option<&MissingParameter> {
    std::error::Error::source(error).and_then(|cause| cause.downcast_ref())
}

fn refuse_binary_on_terminal(args: &Args) -> Result<()> {
    let binary = matches!(args.format, FormatName::Arrow | FormatName::Parquet);
    if binary && args.output.is_none() && std::io::stdout().is_terminal() {
        return Err(Error::usage("binary-output", "this format is not text for a terminal")
            .hint("-o FILE writes a file; or pipe it to another program"));
    }
    Ok(())
}

/// Runs the query and writes its result; a file appears whole or not at all.
async fn write(args: &Args, answer: Answer, out: &Out) -> Result<()> {
    let format = args.format.into();
    let Some(path) = &args.output else {
        let stdout = Begun { inner: std::io::stdout(), out };
        return encode(format, answer, stdout).await.map_err(|e| out.note(e));
    };
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let file = temporary::beside(folder)?;
    encode(format, answer, file.as_file()).await?;
    file.persist(path).map_err(|e| Error::io(path, e.error))?;
    Ok(())
}

async fn encode<W: Write + Send>(format: Format, answer: Answer, sink: W) -> Result<()> {
    let mut encoder = Encoder::new(format, Arc::clone(&answer.schema), Held::new(sink))?;
    answer.each(|batch| encoder.write(batch)).await?;
    encoder.finish()
}

/// Bytes that are held.
const HELD: usize = 64 << 10;

/// Buffers like `BufWriter`, but drops what it holds when a result fails: nothing follows the
/// failure, and a result that fails early leaves the output to the error.
struct Held<W: Write> {
    inner: W,
    bytes: Vec<u8>,
}

impl<W: Write> Held<W> {
    fn new(inner: W) -> Self {
        Self { inner, bytes: Vec::with_capacity(HELD) }
    }

    fn pass_on(&mut self) -> std::io::Result<()> {
        self.inner.write_all(&self.bytes)?;
        self.bytes.clear();
        Ok(())
    }
}

impl<W: Write> Write for Held<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.bytes.len() + bytes.len() > HELD {
            self.pass_on()?;
        }
        match bytes.len() < HELD {
            true => self.bytes.extend_from_slice(bytes),
            false => self.inner.write_all(bytes)?,
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.pass_on()?;
        self.inner.flush()
    }
}

/// Standard output that notes when the first byte goes out.
struct Begun<'a> {
    inner: std::io::Stdout,
    out: &'a Out,
}

impl Write for Begun<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.out.begin();
        self.inner.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}

fn statement(args: &Args, project: Option<&Project>) -> Result<Statement> {
    let given: BTreeMap<String, String> = args.parameters.iter().cloned().collect();
    if given.len() < args.parameters.len() {
        return Err(Error::usage("repeated-parameter", "a parameter is given twice"));
    }
    if let Some(path) = &args.file {
        let is_stdin = path == Path::new("-") || path == Path::new("/dev/stdin");
        let source = if is_stdin { standard_input()? } else { crate::project::read(path)? };
        return of_text(source, &given);
    }
    let text = args.sql.clone().unwrap_or_default();
    if begins_as_sql(&text) {
        return of_text(Arc::new(Source::new(INLINE, text)), &given);
    }
    let consumers = consumers(project)?;
    if let Some(consumer) = consumers.iter().find(|c| c.name == text) {
        return Ok(Statement {
            name: consumer.source.name.clone(),
            text: consumer.source.text.clone(),
            has_header: true,
            parameters: bind(consumer, &given)?,
        });
    }
    let is_name = !text.is_empty() && !text.contains(char::is_whitespace);
    match is_name {
        true => Err(unknown_consumer(&text, &consumers)),
        false => of_text(Arc::new(Source::new(INLINE, text)), &given),
    }
}

/// Whether a text is SQL by its first words: then no consumer needs to be looked for.
fn begins_as_sql(text: &str) -> bool {
    let first = text.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
    let begins = ["select", "with", "values", "explain", "show", "describe", "desc"];
    begins.contains(&first.as_str()) && text.trim().len() > first.len()
}

fn unknown_consumer(name: &str, consumers: &[Consumer]) -> Error {
    let names: Vec<&str> = consumers.iter().map(|c| c.name.as_str()).collect();
    let error = Error::usage("unknown-consumer", format!("no consumer '{name}'"));
    match crate::diagnostic::nearest(name, names.iter().copied()) {
        _ if name.ends_with(".sql") => error.hint(format!("-f {name} runs a file")),
        Some(near) => error.hint(format!("did you mean '{near}'?")),
        None if names.is_empty() => error.hint("consumers are .sql files under sql/"),
        None => error.hint(format!("consumers: {}", names.join(", "))),
    }
}

/// The most that is read from standard input.
const MOST_INPUT: u64 = 8 << 20;

/// The SQL on standard input.
fn standard_input() -> Result<Arc<Source>> {
    let mut text = String::new();
    let place = Path::new("standard input");
    let read = std::io::stdin().take(MOST_INPUT + 1).read_to_string(&mut text);
    match read.map_err(|e| Error::io(place, e))? as u64 {
        0..=MOST_INPUT => Ok(Arc::new(Source::new(INLINE, text))),
        _ => Err(Error::usage("sql", "standard input holds more than 8 MiB of SQL")),
    }
}

/// A text with a consumer's header has typed parameters; any other takes them by their look.
fn of_text(source: Arc<Source>, given: &BTreeMap<String, String>) -> Result<Statement> {
    let (name, text) = (source.name.clone(), source.text.clone());
    if text.starts_with("--")
        && let (Some(consumer), _) = parse_consumer("query", &source)
    {
        let parameters = bind(&consumer, given)?;
        return Ok(Statement { name, text, has_header: true, parameters });
    }
    let used = sql::placeholders(&text)?;
    if let Some(name) = given.keys().find(|name| !used.contains(*name)) {
        return Err(Error::usage(
            "unknown-parameter",
            format!("the query has no parameter '{name}'"),
        )
        .hint(format!("write ${name} where its value belongs")));
    }
    let parameters = given.iter().map(|(name, text)| (name.clone(), Given::Text(text.clone())));
    Ok(Statement { name, text, has_header: false, parameters: parameters.collect() })
}
