//! The dimensions of arrays.

use arrow::datatypes::DataType;

pub(super) fn leaf(data_type: &DataType) -> DataType {
    match data_type {
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => {
            leaf(item.data_type())
        }
        other => other.clone(),
    }
}

/// The dimensions of an array that is written as a text.
pub(super) fn dimensions(text: &str) -> usize {
    let braces = text.chars().filter(|c| !c.is_whitespace()).take_while(|c| *c == '{');
    braces.count().max(1)
}

/// An array's type, with so many dimensions.
pub(super) fn of_dimensions(data_type: &DataType, count: usize) -> DataType {
    lists(&leaf(data_type), count.clamp(1, 6))
}

pub(super) fn depth(data_type: &DataType) -> usize {
    match data_type {
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => {
            depth(item.data_type()) + 1
        }
        _ => 0,
    }
}

pub(super) fn lists(item: &DataType, depth: usize) -> DataType {
    (0..depth).fold(item.clone(), |item, _| DataType::new_list(item, true))
}
