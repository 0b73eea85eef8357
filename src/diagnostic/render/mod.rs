//! How diagnostics are drawn: for people, and as JSON.

mod human;
mod json;

pub use human::human;
pub use json::{ErrorDocument, json};
