//! What the scan finds: of a table, and of one row group.

use crate::check::pieces::Piece;
use crate::check::report::Sample;

use super::keys::KeyRun;

/// What the scan of one table found.
#[derive(Debug)]
pub(in crate::check) struct Found {
    /// By clause.
    pub counts: Vec<Count>,
    /// By tracked key.
    pub keys: Vec<KeyFound>,
    /// Files whose pages could not be decoded, and why.
    pub broken: Vec<(usize, String)>,
}

/// What the scan found of one clause.
#[derive(Debug, Clone, Default)]
pub(in crate::check) struct Count {
    /// Failing rows.
    pub failing: u64,
    /// Rows that the clause looks at, where a filter leaves some out.
    pub scoped: u64,
    /// Rows counted under a separate name, by note.
    pub notes: Vec<u64>,
    /// The first failing rows.
    pub samples: Vec<Sample>,
    /// Why rows could not be tested.
    pub error: Option<String>,
    /// Whether every row was judged by the value in its chunk's dictionary.
    pub by_dictionary: Option<bool>,
}

/// What the scan found of one key.
#[derive(Debug)]
pub(in crate::check) struct KeyFound {
    /// The files in the order of their keys, when all rows are sorted by the key.
    pub sorted: Option<Vec<usize>>,
    /// Rows beyond the first of each key; only meaningful when sorted.
    pub duplicates: u64,
    /// Keys in more than one row; only meaningful when sorted.
    pub groups: u64,
    /// File and row of repetitions.
    pub repeated: Vec<(usize, u64)>,
    /// Row groups whose keys were not hashed.
    pub unhashed: Vec<Piece>,
}

impl KeyFound {
    /// Nothing is known of the key.
    pub fn unknown() -> Self {
        Self { sorted: None, duplicates: 0, groups: 0, repeated: Vec::new(), unhashed: Vec::new() }
    }
}

/// What one row group found.
#[derive(Default)]
pub(in crate::check) struct PieceFound {
    pub counts: Vec<Count>,
    pub keys: Vec<PieceKey>,
    pub broken: Option<String>,
}

/// What one row group found of a key.
pub(in crate::check) struct PieceKey {
    pub run: KeyRun,
    pub hashed: bool,
}
