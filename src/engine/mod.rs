//! The engine: the only builder of sessions and memory pools, and the readers of input files.
//!
//! Nothing above this layer constructs a `SessionContext`, so limits hold everywhere and no
//! session can reach a file that it was not given.

pub mod files;
pub mod json;
pub mod parquet_table;
pub mod progress;
mod session;
pub mod sql;

pub use session::{Limits, Session};
