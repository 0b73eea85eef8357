//! `pactum schema`

use clap::Args as ClapArgs;

use crate::contract::odcs::json_schema;
use crate::error::Result;

use super::output::Out;

/// Print the JSON Schema of contracts, for editors.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:
  pactum schema > contracts/odcs.schema.json

Then begin a contract with
  # yaml-language-server: $schema=odcs.schema.json")]
pub(super) struct Args {}

pub(super) fn run(_: &Args, out: &Out) -> Result<u8> {
    out.json(&json_schema())?;
    Ok(0)
}
