//! The characters of a pattern, and the error of one that is not a pattern.

use datafusion::common::exec_datafusion_err;
use datafusion::error::DataFusionError;

/// The characters of a pattern, as they are read.
pub(super) struct Reader {
    pub characters: Vec<char>,
    pub at: usize,
}

impl Reader {
    pub fn peek(&self, ahead: usize) -> Option<char> {
        self.characters.get(self.at + ahead).copied()
    }

    pub fn next(&mut self) -> Option<char> {
        let next = self.peek(0);
        self.at += 1;
        next
    }

    pub fn skip(&mut self, count: usize) {
        self.at += count;
    }

    pub fn take(&mut self, text: &str) -> bool {
        let is_here = text.chars().enumerate().all(|(ahead, c)| self.peek(ahead) == Some(c));
        if is_here {
            self.at += text.chars().count();
        }
        is_here
    }
}

/// The error of a pattern that is not one.
pub(super) fn invalid(why: &str) -> DataFusionError {
    exec_datafusion_err!("invalid regular expression: {why}")
}
