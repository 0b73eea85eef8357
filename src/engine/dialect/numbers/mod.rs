//! Functions of numbers.

mod characters;
mod doubles;
mod integers;
mod rounding;
mod templates;
mod transcendental;

pub(in crate::engine::dialect) use templates::{Number, number};

use super::scalars::Function;

/// Every function of numbers.
pub(super) fn all() -> impl Iterator<Item = &'static Function> {
    let families: [&'static [Function]; 5] = [
        characters::FUNCTIONS,
        doubles::FUNCTIONS,
        integers::FUNCTIONS,
        rounding::FUNCTIONS,
        transcendental::FUNCTIONS,
    ];
    families.into_iter().flatten()
}
