//! Functions of texts and of bytes.

mod bytes;
mod cases;
mod digests;
mod encodings;
mod formats;
mod joined;
mod keywords;
mod parts;
mod quoted;
mod repeated;
mod shown;

pub(in crate::engine::dialect) use parts::{OVERLAY, POSITION, STARTS_WITH, SUBSTR};

use super::scalars::Function;

/// Every function of texts and bytes.
pub(super) fn all() -> impl Iterator<Item = &'static Function> {
    let families: [&'static [Function]; 9] = [
        bytes::FUNCTIONS,
        cases::FUNCTIONS,
        digests::FUNCTIONS,
        encodings::FUNCTIONS,
        formats::FUNCTIONS,
        joined::FUNCTIONS,
        parts::FUNCTIONS,
        quoted::FUNCTIONS,
        repeated::FUNCTIONS,
    ];
    families.into_iter().flatten().chain([&OVERLAY, &POSITION, &STARTS_WITH])
}
