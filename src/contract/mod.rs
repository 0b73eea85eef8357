//! Contracts: Open Data Contract Standard documents as a typed model with positions.
//!
//! Owns parsing (limits, spans), the model, the meaning of types and names, and lint. Pure: no
//! tokio, no DataFusion, no files. Any caller with a document's text can use it.

pub mod clause_id;
pub mod column_names;
pub mod date_format;
pub mod decimal;
pub mod drift;
pub mod element;
pub mod hash;
pub mod library;
pub mod lint;
pub mod mappings;
pub mod model;
pub mod moment;
pub mod names;
pub mod odcs;
pub mod operand;
pub mod parse;
pub mod pattern;
pub mod reference;
pub mod rule_query;
pub mod servers;
pub mod sla;
pub mod sql_form;
mod stated_ids;
mod syntax;
pub mod temporal;
pub mod types;
pub mod unread;
pub mod variables;
pub mod yaml;

pub use model::Contract;
pub use parse::{Parsed, parse};
