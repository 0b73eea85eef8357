//! Date formats of contracts: patterns of the JDK's `DateTimeFormatter`, as text files need them.
//!
//! A pattern that uses what is not supported is refused in words, never half understood; what was
//! probably meant by one is `meant`'s.

mod meant;
mod parts;
mod pattern;
mod read;

pub use meant::{Meant, meant};
pub use parts::{Parts, parts};
pub use pattern::{Content, DateFormat};
pub use read::MONTHS;
