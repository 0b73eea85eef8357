//! JSON: `json`, which keeps its text as it was written, and `jsonb`, whose text is that of its value: keys by
//! length and bytes, the last of equal ones, numbers as numerics.
//!
//! Both are types of their own in a plan, so that no function takes them for text, and no operator compares
//! them by their bytes. Results tell them as their text.

mod access;
mod build;
mod contains;
mod data_types;
mod function;
mod number;
mod parse;
mod path;
mod rows;
mod syntax;
mod tree;
mod types;
mod uses;

use std::sync::Arc;

use datafusion::logical_expr::ScalarUDF;
use datafusion::optimizer::AnalyzerRule;

pub(super) use data_types::{JSON, JSONB, kind_of};
pub(super) use function::{Argument, Function, arguments, by_name, call};
pub(super) use syntax::Json;
pub(super) use types::{read, scalars, text_of, told};

/// The functions.
pub(super) fn functions() -> Vec<Arc<ScalarUDF>> {
    function::all()
}

/// The rule that refuses what would compare values of JSON by their text.
pub(super) fn rule() -> Arc<dyn AnalyzerRule + Send + Sync> {
    Arc::new(uses::Uses)
}
