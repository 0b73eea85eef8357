//! The gateway in the tests' own process: a statement costs its planning, and no process.

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use pactum::engine::Limits;
use pactum::error::{Error, Result};
use pactum::project::Project;
use pactum::query::{Catalog, CatalogSnapshot, Encoder, Format, Gateway, Request};
use pactum::warehouse::Warehouse;
use serde_json::json;
use tokio::runtime::Runtime;

use crate::workbench::{Rows, Workbench};

/// As the threads of the binary have it.
const STACK: usize = 256 << 20;

/// How long a statement may take.
const LIMIT: Duration = Duration::from_secs(60);

/// Answers statements over the releases of a project's warehouse, as they were when it was opened.
pub struct Door {
    gateway: Gateway,
    runtime: Runtime,
}

impl Door {
    pub fn open(folder: &Path) -> Self {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        let builder = builder.worker_threads(2).thread_stack_size(STACK).enable_all();
        let runtime = builder.build().unwrap();
        let project = Project::open(folder).unwrap();
        let warehouse = Warehouse::at(folder.join("warehouse").to_str().unwrap()).unwrap();
        let catalog = runtime.block_on(Catalog::read(Some(&warehouse), Some(&project))).unwrap();
        let limits = Limits { memory: 1 << 30, threads: 2 };
        let shared = Arc::new(pactum::engine::Runtime::new(&limits).unwrap());
        let snapshot = Arc::new(CatalogSnapshot::new(catalog, project.consumers().unwrap().0));
        Self { gateway: Gateway::new(shared, snapshot), runtime }
    }

    /// The answer, or why there is none; a panic is told as one.
    pub fn ask(&self, sql: &str) -> Result<Rows> {
        self.run(ask(self.gateway.clone(), sql.to_owned()))
    }

    fn run(&self, asked: impl Future<Output = Result<Rows>> + Send + 'static) -> Result<Rows> {
        let asked = self.runtime.spawn(async { tokio::time::timeout(LIMIT, asked).await });
        match self.runtime.block_on(asked) {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(Error::try_again("timeout", format!("no answer in {LIMIT:?}"))),
            Err(panicked) => Err(Error::panicked(&panicked.to_string())),
        }
    }

    /// Answers whoever connects to the socket, each connection in a thread of its own.
    pub fn serve(self, socket: &Path) {
        let listener = UnixListener::bind(socket).unwrap();
        let door = Arc::new(self);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let door = Arc::clone(&door);
                std::thread::spawn(move || door.converse(&stream.unwrap()));
            }
        });
    }

    /// A connection until it ends, with a workbench of its own.
    fn converse(&self, stream: &UnixStream) {
        let mut workbench = Workbench::default();
        while let Ok((verb, bytes)) = request(stream) {
            let answer = match verb {
                b'q' => self.ask(&text(bytes)),
                b'w' => {
                    let (workbench, sql) = (workbench.clone(), text(bytes));
                    self.run(async move { workbench.ask(&sql).await })
                }
                b'p' => {
                    let name = bytes.split(|byte| *byte == 0).next().unwrap();
                    workbench.put(&text(name.to_vec()), &bytes[name.len() + 1..]);
                    continue;
                }
                b'r' => {
                    workbench.remove(&text(bytes));
                    continue;
                }
                other => panic!("no request begins with {other}"),
            };
            if respond(stream, answer).is_err() {
                break;
            }
        }
    }
}

/// A request: what is to be done, and with what. `q` asks of released tables and `w` of those of the
/// workbench; `p` puts a table there (its name, a zero, an Arrow stream), `r` removes one. The length
/// comes first, as four bytes, here and in the answer.
fn request(mut stream: &UnixStream) -> std::io::Result<(u8, Vec<u8>)> {
    let mut head = [0; 5];
    stream.read_exact(&mut head)?;
    let [verb, length @ ..] = head;
    let mut bytes = vec![0; u32::from_be_bytes(length) as usize];
    stream.read_exact(&mut bytes)?;
    Ok((verb, bytes))
}

/// An answer: `+` with an Arrow stream, or `-` with an error as JSON.
fn respond(mut stream: &UnixStream, answer: Result<Rows>) -> std::io::Result<()> {
    let (sign, bytes) = match answer.and_then(|rows| encoded(&rows)) {
        Ok(bytes) => (b'+', bytes),
        Err(error) => (b'-', described(&error)),
    };
    stream.write_all(&[sign])?;
    stream.write_all(&u32::try_from(bytes.len()).unwrap().to_be_bytes())?;
    stream.write_all(&bytes)
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

/// The rows as an Arrow stream.
fn encoded(rows: &Rows) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(Format::Arrow, Arc::clone(&rows.schema), &mut bytes)?;
    rows.batches.iter().try_for_each(|batch| encoder.write(batch))?;
    encoder.finish()?;
    Ok(bytes)
}

fn described(error: &Error) -> Vec<u8> {
    let text = json!({
        "code": error.code(),
        "state": error.sqlstate().to_string(),
        "message": error.message(),
        "hint": error.next_step(),
    });
    text.to_string().into_bytes()
}

async fn ask(gateway: Gateway, sql: String) -> Result<Rows> {
    let answer = gateway.answer(Request::local(sql)).await?;
    let schema = Arc::clone(&answer.schema);
    let mut batches = Vec::new();
    answer
        .each(|batch| {
            batches.push(batch.clone());
            Ok(())
        })
        .await?;
    Ok(Rows { schema, batches })
}
