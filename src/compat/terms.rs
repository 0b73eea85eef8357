//! What the settings of a project say about the words of its contracts.

use super::facts::classification::Public;

/// The words that settings give a meaning to.
#[derive(Debug, Clone, Copy, Default)]
pub struct Terms<'a> {
    /// Classifications that are as public as `public`.
    pub public: Public<'a>,
    /// Custom properties whose change may matter to readers or writers.
    pub meaningful: &'a [String],
}

impl Terms<'_> {
    /// Whether a custom property has a meaning for readers or writers.
    pub fn is_meaningful(&self, property: &str) -> bool {
        self.meaningful.iter().any(|word| word == property)
    }
}

impl<'a> From<Public<'a>> for Terms<'a> {
    fn from(public: Public<'a>) -> Self {
        Self { public, meaningful: &[] }
    }
}
