//! Dates, times and timestamps as PostgreSQL has them: from 4714 BC on, in microseconds, in UTC where they
//! have a zone. The engine counts nanoseconds, which end in the year 2262, or knows no year before 1.

mod abbreviations;
pub(super) mod arithmetic;
pub(super) mod calendar;
pub(super) mod casts;
pub(super) mod functions;
pub(super) mod json;
pub(super) mod lost;
mod made;
mod moved;
mod parts;
mod picture;
mod quoted;
pub(super) mod reading;
mod scanned;
mod shown;
pub(super) mod syntax;
pub(super) mod text;
pub(super) mod tokens;
mod truncated;
pub(super) mod words;
mod zone;
