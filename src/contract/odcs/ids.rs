//! The characters of ids.

use super::form::{Since, V3_2};

/// What no id holds besides white space, from 3.2 on: it would end the id in a reference or an address.
const NOT_OF_IDS: &str = r".#/\@!%&^";

/// Whether an id of a version of the standard may hold a character: letters, digits, `_` and `-`
/// before 3.2.
pub fn is_of_id(one: char, declared: Since) -> bool {
    match declared >= V3_2 {
        true => !one.is_whitespace() && !NOT_OF_IDS.contains(one),
        false => one.is_ascii_alphanumeric() || one == '_' || one == '-',
    }
}
