//! Which values of a column are NULL, where that is known without its values.

/// How many of a column's values are NULL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nulls {
    /// None.
    None,
    /// Some, and not all.
    Some,
    /// All, also where there are none.
    All,
}

impl Nulls {
    /// What a count among this number of values says.
    pub fn counted(nulls: u64, values: u64) -> Self {
        match nulls {
            nulls if nulls >= values => Self::All,
            0 => Self::None,
            _ => Self::Some,
        }
    }
}
