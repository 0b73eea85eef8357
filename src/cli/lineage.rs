//! `pactum lineage`

use std::sync::Arc;

use clap::{Args as ClapArgs, ValueEnum};

use crate::compat::{Graph, Landscape};
use crate::error::Result;

use super::context::Global;
use super::diff::Surroundings;
use super::output::Out;

/// Draw contracts, tables and consumers, column by column.
///
/// What a consumer reads comes from its plan. Foreign keys between tables are drawn, too.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:
  pactum lineage                            Mermaid, for a page or a pull request
  pactum lineage learning --format dot | dot -Tsvg > lineage.svg
  pactum lineage --format json")]
pub(super) struct Args {
    /// Only this contract and who reads it, by id or SQL name
    #[arg(value_name = "CONTRACT")]
    contract: Option<String>,
    /// How it is drawn
    #[arg(long, value_enum, default_value = "mermaid")]
    pub(super) format: Format,
}

/// How lineage is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// A Mermaid flowchart
    Mermaid,
    /// One JSON document
    Json,
    /// Graphviz
    Dot,
}

pub(super) async fn run(args: &Args, global: &Global, out: &Out) -> Result<u8> {
    let landscape = landscape(global).await?;
    let only = match &args.contract {
        Some(name) => Some(Arc::clone(&landscape.gateway.catalog().find(name)?.contract)),
        None => None,
    };
    let graph = Graph::of(&landscape, only.as_deref());
    match args.format {
        Format::Mermaid => out.document(graph.mermaid().trim_end())?,
        Format::Dot => out.document(graph.dot().trim_end())?,
        Format::Json => out.json(&graph.json())?,
    }
    Ok(0)
}

/// Everything known here.
pub(super) async fn landscape(global: &Global) -> Result<Landscape> {
    let around = Surroundings::of(global, global.project()?)?;
    if around.project.is_none() && around.warehouse.is_none() {
        // An empty drawing would be read as no dependencies.
        global.require_project()?;
    }
    let repository = around.repository_name();
    let (project, warehouse) = (around.project.as_ref(), around.warehouse.as_ref());
    Landscape::read(project, warehouse, repository.as_deref(), &global.limits()).await
}
