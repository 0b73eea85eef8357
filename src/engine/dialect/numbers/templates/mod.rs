//! Templates of numbers: what `to_char` writes of a number, and what `to_number` reads of a text.
//!
//! The locale is C's: the point and the comma are the decimal point and the separator of thousands, and no
//! currency has a sign.

mod numerals;
mod parsed;
mod read;
mod written;

use datafusion::error::Result;

use crate::engine::dialect::exact::Exact;
use parsed::Template;

/// A number that is written.
#[derive(Debug, Clone)]
pub(in crate::engine::dialect) enum Number {
    Exact(Exact),
    /// An `integer`: its power of ten is that of a float.
    Integer(i32),
    /// A float, and the digits that its type holds: 15, or 6.
    Float(f64, usize),
}

/// `to_char(number, template)`.
///
/// # Errors
/// When the template is not one.
pub(in crate::engine::dialect) fn number(value: &Number, template: &str) -> Result<String> {
    if template.is_empty() {
        return Ok(String::new());
    }
    let mut template = Template::of(template)?;
    written::written(value, &mut template)
}

/// `to_number(text, template)`.
///
/// # Errors
/// When the template is not one, or the text holds no number.
pub(in crate::engine::dialect) fn read(text: &str, template: &str) -> Result<Exact> {
    read::read(text, Template::of(template)?)
}

/// The places behind the point that a template has; `None` where it is not one.
pub(in crate::engine::dialect) fn places(template: &str) -> Option<usize> {
    let template = Template::of(template).ok()?;
    Some(template.post + template.multi)
}
