//! What a consumer reads and returns.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use arrow::datatypes::DataType;

use crate::error::Positions;

use super::comparable::Incomparable;
use super::listed::Listing;

/// A table of a contract's major.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReadTable {
    /// The contract's id.
    pub contract: String,
    /// Its major.
    pub major: u64,
    /// Its name in SQL, as the consumer wrote it, in lower case: with the major where it names one.
    pub schema: String,
    /// The table, in its declared spelling.
    pub table: String,
}

/// A column of such a table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReadColumn {
    /// The table.
    pub of: ReadTable,
    /// The column, in its declared spelling; an alias stands for its column.
    pub column: String,
}

/// A result column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputColumn {
    /// Its name.
    pub name: String,
    /// Its type.
    pub data_type: DataType,
    /// Whether it may be NULL.
    pub nullable: bool,
    /// The columns that its values come from.
    pub sources: BTreeSet<ReadColumn>,
}

/// A result column with its name and its place among those of that name.
pub type Numbered<'a> = ((&'a str, usize), &'a OutputColumn);

/// Result columns by name; several of one name are distinguished by their order.
pub fn numbered(columns: &[OutputColumn]) -> Vec<Numbered<'_>> {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let mut all = Vec::with_capacity(columns.len());
    for column in columns {
        let count = seen.entry(&column.name).or_default();
        all.push(((column.name.as_str(), *count), column));
        *count += 1;
    }
    all
}

/// Values of a column that a consumer lists.
#[derive(Debug, Clone)]
pub struct ReadValues {
    /// The column.
    pub of: ReadColumn,
    /// The fields inside it that lead to the values; none for the column itself.
    pub path: Vec<String>,
    /// The values.
    pub listing: Listing,
    /// Where the text names the column, as far as the engine knows.
    pub place: Option<Positions>,
}

/// What a consumer reads and returns.
#[derive(Debug, Clone, Default)]
pub struct ConsumerPlan {
    /// The result columns.
    pub outputs: Vec<OutputColumn>,
    /// Every column that affects the result.
    pub reads: BTreeSet<ReadColumn>,
    /// Every table that is read.
    pub tables: BTreeSet<ReadTable>,
    /// Where it lists the values of a column.
    pub listings: Vec<ReadValues>,
    /// What each name of a column in its SQL stands for.
    pub bindings: BTreeMap<String, BTreeSet<ReadColumn>>,
    /// What its joins require to be equal: the columns of either side.
    pub joins: BTreeSet<(BTreeSet<ReadColumn>, BTreeSet<ReadColumn>)>,
    /// Comparisons of types that have nothing in common.
    pub incomparable: Vec<Incomparable>,
}
