//! Query: released tables as SQL sees them.
//!
//! Owns the catalog (names, majors, releases), the system tables, consumers' parameters and the
//! gateway, through which all SQL passes. Never writes.

mod admission;
mod answer;
mod blamed;
mod catalog;
mod comparable;
mod consumer_lint;
mod consumer_plan;
mod consumers;
mod deadline;
mod encode;
mod gateway;
mod history;
mod information_schema;
mod lineage;
mod listed;
mod missing;
mod naming;
mod once;
mod parameters;
mod pins;
mod published_table;
mod request;
mod resolve;
mod shown;
mod snapshot;
mod system;
mod system_columns;
mod trial;
mod types_to_declare;
mod undeclared;
mod veiled_plan;
mod wanted;
mod words;

pub use answer::Answer;
pub use catalog::{Catalog, Served};
pub use consumer_plan::{
    ConsumerPlan, Numbered, OutputColumn, ReadColumn, ReadTable, ReadValues, numbered,
};
pub use consumers::{place, plan_all, plan_consumer, plan_each};
pub use deadline::Abort;
pub use encode::{Encoder, Format};
pub use gateway::{Gateway, Prepared};
pub use history::{ContractHistory, History};
pub use lineage::{Lineage, SourceColumn, lineage_in};
pub use listed::Listing;
pub use parameters::{MissingParameter, bind};
pub use pins::Pin;
pub use published_table::{planned_table, published_table, stored_types};
pub use request::{AnswerLimits, Given, Parameters, Principal, Request};
pub use snapshot::CatalogSnapshot;
pub use system::{column_rows, release_rows, table_rows};
pub use undeclared::offer_types;
pub use words::{place_of_word, span_of};

pub use crate::error::Positions;
