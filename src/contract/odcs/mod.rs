//! The keys of the Open Data Contract Standard as data: what is allowed where, and since when.
//!
//! One table serves the parser (unknown keys, wrong types, missing keys, newer keys) and
//! `pactum schema` (the JSON Schema for editors), so the two cannot disagree.

mod column;
mod deprecated;
mod document;
mod form;
mod ids;
mod json_schema;
mod options;
mod people;
mod quality;
mod relationship;
mod server;
mod shared;
mod table;

pub use column::PROPERTY;
pub use deprecated::{deprecation_mark, is_deprecated};
pub use document::CONTRACT;
pub use form::{Field, Kind, Object, Required, Since};
pub use ids::is_of_id;
pub use json_schema::json_schema;
pub use options::{LOGICAL_TYPES, is_option, option_since, options_of};
pub use quality::{METRICS, OPERATORS};
pub use table::TABLE;
