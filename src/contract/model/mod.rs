//! The typed model of a contract: what the other layers need to know, with positions.
//!
//! Built leniently from the document: a faulty value is left out here and reported by lint, so
//! that one run can report many faults.

mod column;
mod document;
mod logical_type;
mod options;
mod quality;
mod relationship;
mod service_level;
mod spanned;
mod table;
mod values;
mod version;

pub use column::Column;
pub use document::Contract;
pub use logical_type::LogicalType;
pub use options::Options;
pub use quality::{Operator, QualityRule, RuleType};
pub use relationship::Relationship;
pub use service_level::Sla;
pub use spanned::Spanned;
pub use table::{AdditionalColumns, Table};
pub use values::custom_property;
pub(super) use values::{integer, spanned_text, text};
pub use version::Version;
