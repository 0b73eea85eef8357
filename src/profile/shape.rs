//! Shapes of texts: `course-00042` is a word, a hyphen and five digits.

use serde::Serialize;

use super::words::is_period_code;

/// Longest shape that is followed, in runs.
const MOST_RUNS: usize = 12;

/// A kind of character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
enum Class {
    Digit,
    Upper,
    Lower,
    Other,
}

/// Characters of one class in a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Run {
    class: Class,
    least: usize,
    most: usize,
    /// The text, while it is the same in every value.
    same: Option<String>,
    /// Whether a value has zeros before its digits: then their number is meant.
    padded: bool,
}

/// What the values of a column have in common; nothing once they differ in their runs.
#[derive(Debug, Clone, Default)]
pub(super) struct Shape {
    runs: Option<Vec<Run>>,
    begun: bool,
}

impl Shape {
    /// Takes a value.
    pub fn take(&mut self, text: &str) {
        if self.begun && self.runs.is_none() {
            return;
        }
        let found = runs(text);
        self.merge(found);
    }

    /// Takes over another column's.
    pub fn add(&mut self, other: Self) {
        if other.begun {
            self.merge(other.runs);
        }
    }

    fn merge(&mut self, found: Option<Vec<Run>>) {
        if !self.begun {
            self.begun = true;
            self.runs = found;
            return;
        }
        let both = self.runs.take().zip(found);
        self.runs = both.and_then(|(known, found)| {
            let alike = known.len() == found.len()
                && known.iter().zip(&found).all(|(a, b)| a.class == b.class);
            alike.then(|| known.into_iter().zip(found).map(|(a, b)| a.with(b)).collect())
        });
    }

    /// The ECMA pattern that every value matches, where it says more than "any text".
    pub fn pattern(&self) -> Option<String> {
        let runs = self.runs.as_ref()?;
        // Words of letters alone have a shape, but no format.
        let telling = runs.iter().any(|r| r.class == Class::Digit || r.class == Class::Other);
        if runs.is_empty() || !telling || runs.iter().all(|r| r.same.is_some()) {
            return None;
        }
        let parts: String = runs.iter().map(Run::pattern).collect();
        Some(format!("^{parts}$"))
    }
}

impl Run {
    fn with(self, other: Self) -> Self {
        Self {
            class: self.class,
            least: self.least.min(other.least),
            most: self.most.max(other.most),
            same: self.same.filter(|text| other.same.as_ref() == Some(text)),
            padded: self.padded || other.padded,
        }
    }

    /// Whether the number of characters is meant: digits count on unless they are padded, or are
    /// as many as a year, a day or a code has.
    fn is_fixed(&self) -> bool {
        self.class != Class::Digit || self.padded || self.same.is_some()
    }

    fn pattern(&self) -> String {
        // The next file is of another month.
        if let Some(same) = self.same.as_ref().filter(|same| !is_period_code(same))
            && self.class != Class::Digit
        {
            return escaped(same);
        }
        let class = match self.class {
            Class::Digit => "[0-9]",
            Class::Upper => "[A-Z]",
            Class::Lower => "[a-z]",
            // Any character: the dot stops at the end of a line.
            Class::Other => "[\\s\\S]",
        };
        match (self.least, self.most) {
            (1, 1) if self.class != Class::Digit => class.to_owned(),
            (least, most) if least == most && self.is_fixed() => format!("{class}{{{least}}}"),
            // The next file counts on: after `A99` comes `A100`.
            (1, _) => format!("{class}+"),
            (least, _) => format!("{class}{{{least},}}"),
        }
    }
}

/// A text as a pattern that finds just it: ECMA's signs only, so that it reads as it is meant.
fn escaped(text: &str) -> String {
    let sign = |c: char| "\\^$.*+?()[]{}|/".contains(c);
    text.chars().flat_map(|c| sign(c).then_some('\\').into_iter().chain([c])).collect()
}

fn runs(text: &str) -> Option<Vec<Run>> {
    let mut runs: Vec<(Class, String)> = Vec::new();
    for c in text.chars() {
        let class = match c {
            '0'..='9' => Class::Digit,
            'A'..='Z' => Class::Upper,
            'a'..='z' => Class::Lower,
            _ => Class::Other,
        };
        if let Some((last, run)) = runs.last_mut()
            && *last == class
        {
            run.push(c);
            continue;
        }
        if runs.len() == MOST_RUNS {
            return None;
        }
        runs.push((class, c.to_string()));
    }
    let run = |(class, text): (Class, String)| {
        let length = text.chars().count();
        let padded = class == Class::Digit && length > 1 && text.starts_with('0');
        Run { class, least: length, most: length, same: Some(text), padded }
    };
    Some(runs.into_iter().map(run).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(texts: &[&str]) -> Option<String> {
        let mut shape = Shape::default();
        texts.iter().for_each(|t| shape.take(t));
        shape.pattern()
    }

    #[test]
    fn a_common_shape_is_a_pattern_and_plain_words_have_none() {
        assert_eq!(pattern(&["course-00042", "course-13000"]).unwrap(), "^course-[0-9]{5}$");
        assert_eq!(pattern(&["A1", "B22"]).unwrap(), "^[A-Z][0-9]+$");
        assert_eq!(pattern(&["AB10", "CD99"]).unwrap(), "^[A-Z]{2}[0-9]{2,}$");
        assert_eq!(pattern(&["A07", "B22"]).unwrap(), "^[A-Z][0-9]{2}$");
        assert_eq!(pattern(&["pear", "apple"]), None);
        assert_eq!(pattern(&["a-1", "b"]), None);
        assert_eq!(pattern(&["same-1", "same-1"]), None);
    }
}
