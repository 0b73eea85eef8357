//! The engine: the only builder of sessions and memory pools, and the readers of input files.
//!
//! Nothing above this layer constructs a `SessionContext`, so limits hold everywhere and no
//! session can reach a file that it was not given.

pub mod address;
pub mod blocks;
mod bounds;
pub mod bytes;
pub mod damage;
pub mod deleted_rows;
pub mod dialect;
pub mod digits;
mod double_quoted;
pub mod files;
mod footer;
mod footers;
mod growth;
mod guarded_pages;
mod held;
mod inflation;
pub mod input;
pub mod instants;
mod int96;
pub mod json;
pub mod literal;
pub mod logged;
mod materialization;
mod mended;
mod nesting;
pub mod nulls;
mod one_document;
pub mod pages;
mod parallel;
pub mod parquet_file;
mod parquet_scan;
pub mod parquet_table;
pub mod paths;
pub mod places;
pub mod portions;
pub mod progress;
pub mod reader;
mod reads;
pub mod recorded;
pub mod regular;
pub mod results;
pub mod runnable;
mod runtime;
mod session;
mod shown;
mod spills;
pub mod sql;
mod statement;
pub mod temporary;
pub mod text;
mod thrift;
pub mod unparsed;
mod wide_integers;
mod widths;

/// Rows of text as a table that people read and pull requests render (Markdown).
pub fn text_table(header: Vec<String>, rows: Vec<Vec<String>>, right: &[bool]) -> String {
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::ASCII_MARKDOWN);
    table.set_header(header);
    table.add_rows(rows);
    for (n, _) in right.iter().enumerate().filter(|(_, right)| **right) {
        if let Some(column) = table.column_mut(n) {
            column.set_cell_alignment(comfy_table::CellAlignment::Right);
        }
    }
    table.to_string()
}

pub use bounds::{Guard, TimeLimit, aside};
pub use footers::Footers;
pub use parallel::in_parallel;
pub use runtime::Runtime;
pub use session::{Limits, Session};
