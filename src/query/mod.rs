//! Query: released tables as SQL sees them.
//!
//! Owns the catalog (names, majors, releases), the system tables, consumers' parameters and the
//! gateway, through which all SQL passes. Never writes.

mod admission;
mod answer;
mod catalog;
mod comparable;
mod consumer_lint;
mod consumers;
mod encode;
mod gateway;
mod lineage;
mod listed;
mod parameters;
mod published_table;
mod readable;
mod system;
mod system_columns;

pub use answer::Answer;
pub use catalog::{Catalog, Pin, Served};
pub use consumers::{
    ConsumerPlan, Numbered, OutputColumn, Positions, ReadColumn, ReadTable, ReadValues, numbered,
    place, place_of_word, plan_all, plan_consumer, plan_each, span_of,
};
pub use encode::{Encoder, Format};
pub use gateway::{Gateway, Prepared};
pub use lineage::{Lineage, SourceColumn, lineage_in};
pub use listed::Listing;
pub use parameters::bind;
pub use published_table::{planned_table, published_table, stored_types};
pub use system::{column_rows, release_rows, table_rows};
