//! A pattern as a tree.

/// How a repetition chooses among the counts that match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Preference {
    Longest,
    Shortest,
}

/// A place between characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    LineStart,
    LineEnd,
    TextStart,
    TextEnd,
    WordStart,
    WordEnd,
    WordEdge,
    NoWordEdge,
}

/// Characters by a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    Alnum,
    Alpha,
    Ascii,
    Blank,
    Cntrl,
    Digit,
    Graph,
    Lower,
    Print,
    Punct,
    Space,
    Upper,
    Word,
    Xdigit,
}

/// One of what stands between brackets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Item {
    Range(char, char),
    Named { named: Named, is_negated: bool },
}

/// A part of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    Character(char),
    /// Any character; without the end of a line where lines matter.
    Any,
    Class {
        is_negated: bool,
        items: Vec<Item>,
    },
    Place(Place),
    /// Parentheses, and whether what they match is captured.
    Group {
        inner: Box<Node>,
        is_captured: bool,
    },
    Sequence(Vec<Node>),
    Choice(Vec<Node>),
    Repeat {
        inner: Box<Node>,
        least: u32,
        most: Option<u32>,
        preference: Preference,
        /// Written as `{n}`: it has the preference of what it repeats.
        is_plain_count: bool,
    },
}

/// What a pattern's options say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Options {
    pub ignores_case: bool,
    /// `.` and `[^…]` do not match the end of a line.
    pub stops_at_lines: bool,
    /// `^` and `$` match at the ends of lines too.
    pub anchors_at_lines: bool,
    pub is_expanded: bool,
    pub is_literal: bool,
    /// Every match, and not the first alone.
    pub is_global: bool,
}

impl Options {
    pub const NONE: Self = Self {
        ignores_case: false,
        stops_at_lines: false,
        anchors_at_lines: false,
        is_expanded: false,
        is_literal: false,
        is_global: false,
    };

    /// Takes an option's letter; `None` where there is no such option, or it is not supported.
    pub fn take(&mut self, letter: char) -> Option<()> {
        match letter {
            'c' => self.ignores_case = false,
            'g' => self.is_global = true,
            'i' => self.ignores_case = true,
            'm' | 'n' => (self.stops_at_lines, self.anchors_at_lines) = (true, true),
            'p' => (self.stops_at_lines, self.anchors_at_lines) = (true, false),
            'q' => self.is_literal = true,
            's' => (self.stops_at_lines, self.anchors_at_lines) = (false, false),
            't' => self.is_expanded = false,
            'w' => (self.stops_at_lines, self.anchors_at_lines) = (false, true),
            'x' => self.is_expanded = true,
            _ => return None,
        }
        Some(())
    }
}
