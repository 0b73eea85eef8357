//! What a declaration binds beyond its logical type.

use crate::contract::model::{Column, LogicalType, Options, Spanned};
use crate::contract::yaml::Node;

use super::kept::is_dated;
use super::physical::{Inside, Physical};
use super::reading::{inside, parse};

/// The physical type of a column, as far as it binds: it is known, and says more than the logical
/// type.
pub fn bound(column: &Column) -> Option<Physical> {
    use LogicalType as L;
    let physical = parse(&column.physical_type.as_ref()?.value)?;
    let logical = column.logical_type.as_ref().map(|t| t.value);
    match (physical, logical) {
        _ if is_dated(column, physical) => None,
        // Databases without a boolean keep it as a digit.
        (Physical::Flag | Physical::Decimal { precision: 1, scale: 0 }, Some(L::Boolean)) => {
            Some(Physical::Boolean)
        }
        (Physical::Flag, None) => Some(Physical::Boolean),
        (Physical::Flag, Some(_)) => Some(Physical::AnyInteger),
        (Physical::ByteArray, None) => Some(Physical::Binary),
        (Physical::ByteArray, Some(_)) => None,
        // These add nothing to the logical type that they stand for.
        (Physical::Time, Some(L::Time))
        | (Physical::Json, Some(L::String))
        | (Physical::Array | Physical::Object | Physical::Json, Some(L::Array | L::Vector))
        | (Physical::Object | Physical::Map | Physical::Json, Some(L::Object | L::Map)) => None,
        // A database without containers keeps them as text.
        (Physical::String | Physical::Binary, Some(L::Object | L::Array | L::Map | L::Vector)) => {
            None
        }
        _ => Some(physical),
    }
}

/// Whether a timestamp column is an instant (`timezone` true or absent) or a wall-clock reading.
pub fn with_zone(column: &Column) -> bool {
    let option = column.options.get("timezone").and_then(Node::as_bool);
    match (option, bound(column)) {
        (Some(zone), _) => zone,
        (None, Some(Physical::Timestamp { zone: Some(zone) })) => zone,
        _ => true,
    }
}

/// What a container holds by the spelling of its physical type, where nothing is declared inside:
/// the item of `array<int>`, key and value of `map<string, int>`, the fields of `struct<a: int>`.
#[allow(clippy::large_enum_variant, reason = "one at a time, while a contract is read")]
pub enum Spelled {
    /// The item of a list.
    Items(Column),
    /// Key and value of a map.
    Pairs(Column, Column),
    /// The fields of a struct.
    Fields(Vec<Column>),
}

impl Spelled {
    /// What the physical type of a column says about what is inside.
    pub fn of(column: &Column) -> Option<Self> {
        if column.items.is_some() || column.map.is_some() || !column.properties.is_empty() {
            return None;
        }
        let one = |name: &str, text: &str| spelled(column, name, text);
        Some(match inside(&column.physical_type.as_ref()?.value)? {
            Inside::Items(item) => Self::Items(one("", &item)),
            Inside::Pairs(key, value) => Self::Pairs(one("", &key), one("", &value)),
            Inside::Fields(fields) => {
                Self::Fields(fields.iter().map(|(name, text)| one(name, text)).collect())
            }
        })
    }
}

/// A column that is declared by nothing but a physical type.
fn spelled(column: &Column, name: &str, physical: &str) -> Column {
    let span = column.physical_type.as_ref().map_or(column.name.span, |p| p.span);
    Column {
        id: None,
        name: Spanned { value: name.to_owned(), span },
        physical_name: None,
        logical_type: None,
        physical_type: Some(Spanned { value: physical.to_owned(), span }),
        options: Options::default(),
        required: None,
        primary_key: false,
        dimensions: None,
        open_moment: false,
        aliases: Vec::new(),
        ..column.clone()
    }
}
