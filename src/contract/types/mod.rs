//! Types: what a declaration means, what it admits in a file, what is stored, and what SQL shows.
//!
//! Check, lint, diff and infer share this one meaning: types are compared by it, never by their
//! spelling, and nothing changes its value on the way.

mod admit;
mod bound;
mod kept;
mod limits;
mod meaning;
mod names;
mod physical;
mod planned;
mod reading;
mod served;
mod spelling;
mod stated;
mod stored;
mod valueless;
mod words;

pub use admit::{Aspect, Mismatch, admits, admits_wholly, expected};
pub use bound::{Spelled, bound, with_zone};
pub use kept::{Kept, is_number, kept};
pub use limits::{Limits, limits};
pub use meaning::{Container, container, element, meaning, probes};
pub use physical::{Inside, Physical};
pub use planned::{declared, planned, timestamp};
pub use reading::{inside, length_in_brackets, parse as parse_physical};
pub use served::{Wider, binding, served};
pub use stated::{format_range, physical_limits, stated_limits, unknown};
pub use stored::{Refusal, common, nullable, plain, sql_type, stored, type_to_declare};
pub use valueless::{untold_as_text, valueless};
pub use words::{instead, words};
