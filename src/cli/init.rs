//! `pactum init`

use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;

use crate::contract::odcs::json_schema;
use crate::error::{Error, Result};

use super::output::Out;

/// Start a project in a folder.
///
/// Writes settings, folders, a first contract and a first consumer. Existing files are left as they are.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:
  pactum init
  pactum init my-project")]
pub(super) struct Args {
    /// The folder
    #[arg(value_name = "DIR", default_value = ".")]
    folder: PathBuf,
}

const SETTINGS: &str = "\
# This folder is a Pactum project: contracts under contracts/, consumers' SQL under sql/.
warehouse: ./warehouse
";

const IGNORED: &str = "/warehouse\n";

const CONTRACT: &str = include_str!("init/scores.odcs.yaml");

const CONSUMER: &str = include_str!("init/top_scores.sql");

pub(super) fn run(args: &Args, out: &Out) -> Result<u8> {
    let root = &args.folder;
    let schema = format!("{:#}\n", json_schema());
    let files = [
        ("pactum.yaml", SETTINGS),
        (".gitignore", IGNORED),
        ("contracts/scores.odcs.yaml", CONTRACT),
        ("contracts/odcs.schema.json", &schema),
        ("sql/top_scores.sql", CONSUMER),
    ];
    for (name, text) in files {
        let written = write_new(&root.join(name), text)?;
        let word = if written { "wrote" } else { "kept " };
        out.line(format!("{word}  {}", root.join(name).display()))?;
    }
    let there =
        if root == Path::new(".") { String::new() } else { format!("cd {} && ", root.display()) };
    out.line(format!(
        "\nNext: {there}pactum lint, then edit contracts/scores.odcs.yaml to say what your tables are"
    ))?;
    Ok(0)
}

/// Writes a file unless it exists.
pub(super) fn write_new(path: &Path, text: &str) -> Result<bool> {
    if path.exists() {
        return Ok(false);
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|e| Error::io(folder, e))?;
    }
    std::fs::write(path, text).map_err(|e| Error::io(path, e))?;
    Ok(true)
}
