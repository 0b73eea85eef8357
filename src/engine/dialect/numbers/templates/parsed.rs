//! A template as it is written, in parts.

use datafusion::common::exec_err;
use datafusion::error::Result;

/// A part of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Key(Key),
    /// A character that stands for itself.
    Literal(char),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    Nine,
    Zero,
    Point,
    LocalePoint,
    Comma,
    Group,
    Currency,
    Blank,
    Fill,
    Minus,
    Plus,
    SignOf,
    Sign,
    Bracket,
    Roman { is_upper: bool },
    Ordinal { is_upper: bool },
    Shift,
    Exponent,
}

/// Longer keys first where one begins with another.
const KEYS: &[(&str, Key)] = &[
    (",", Key::Comma),
    (".", Key::Point),
    ("0", Key::Zero),
    ("9", Key::Nine),
    ("B", Key::Blank),
    ("C", Key::Currency),
    ("D", Key::LocalePoint),
    ("EEEE", Key::Exponent),
    ("FM", Key::Fill),
    ("G", Key::Group),
    ("L", Key::Currency),
    ("MI", Key::Minus),
    ("PL", Key::Plus),
    ("PR", Key::Bracket),
    ("RN", Key::Roman { is_upper: true }),
    ("SG", Key::SignOf),
    ("SP", Key::Blank),
    ("S", Key::Sign),
    ("TH", Key::Ordinal { is_upper: true }),
    ("V", Key::Shift),
    ("b", Key::Blank),
    ("c", Key::Currency),
    ("d", Key::LocalePoint),
    ("eeee", Key::Exponent),
    ("fm", Key::Fill),
    ("g", Key::Group),
    ("l", Key::Currency),
    ("mi", Key::Minus),
    ("pl", Key::Plus),
    ("pr", Key::Bracket),
    ("rn", Key::Roman { is_upper: false }),
    ("sg", Key::SignOf),
    ("sp", Key::Blank),
    ("s", Key::Sign),
    ("th", Key::Ordinal { is_upper: false }),
    ("v", Key::Shift),
];

/// On which side of the digits a sign stands that is anchored to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Before,
    Behind,
}

/// A template, and what its parts say together.
#[derive(Debug, Clone, Default)]
pub(super) struct Template {
    pub parts: Vec<Part>,
    /// Digits before the point, and behind it.
    pub pre: usize,
    pub post: usize,
    /// Digits behind V.
    pub multi: usize,
    /// Where zeros begin, counted from one; and where they end.
    pub zero_start: usize,
    pub zero_end: usize,
    pub sign: Option<Side>,
    /// Digits before the sign.
    pub before_sign: usize,
    pub is_decimal: bool,
    pub has_zero: bool,
    pub is_blank: bool,
    pub is_filled: bool,
    pub is_signed: bool,
    pub is_minus: bool,
    pub is_plus: bool,
    pub is_bracket: bool,
    pub is_roman: bool,
    pub is_shifted: bool,
    pub is_exponent: bool,
}

impl Template {
    pub fn of(text: &str) -> Result<Self> {
        let mut template = Self::default();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            if let Some((word, key)) = KEYS.iter().find(|(word, _)| rest.starts_with(word)) {
                template.take(*key)?;
                template.parts.push(Part::Key(*key));
                rest = rest.get(word.len()..).unwrap_or_default();
            } else if first == '"' {
                rest = template.quoted(rest.get(1..).unwrap_or_default());
            } else {
                let is_escape = first == '\\' && rest.get(1..2) == Some("\"");
                rest = rest.get(if is_escape { 1 } else { 0 }..).unwrap_or_default();
                let Some(literal) = rest.chars().next() else { break };
                template.parts.push(Part::Literal(literal));
                rest = rest.get(literal.len_utf8()..).unwrap_or_default();
            }
        }
        Ok(template)
    }

    /// Takes what stands in quotes, and gives back what is behind it.
    fn quoted<'a>(&mut self, text: &'a str) -> &'a str {
        let mut characters = text.char_indices();
        while let Some((at, character)) = characters.next() {
            match character {
                '"' => return text.get(at + 1..).unwrap_or_default(),
                '\\' => {
                    if let Some((_, escaped)) = characters.next() {
                        self.parts.push(Part::Literal(escaped));
                    }
                }
                other => self.parts.push(Part::Literal(other)),
            }
        }
        ""
    }

    fn take(&mut self, key: Key) -> Result<()> {
        if self.is_exponent && key != Key::Exponent {
            return exec_err!("\"EEEE\" must be the last pattern used");
        }
        let has_sign = self.is_plus || self.is_minus || self.is_bracket;
        match key {
            Key::Nine | Key::Zero => return self.digit(key == Key::Zero),
            Key::Blank if self.pre == 0 && self.post == 0 && !self.has_zero => self.is_blank = true,
            Key::Point | Key::LocalePoint => {
                if self.is_decimal {
                    return exec_err!("multiple decimal points");
                }
                if self.is_shifted {
                    return exec_err!("cannot use \"V\" and decimal point together");
                }
                self.is_decimal = true;
            }
            Key::Fill => self.is_filled = true,
            Key::Sign => {
                if self.is_signed {
                    return exec_err!("cannot use \"S\" twice");
                }
                if has_sign {
                    return exec_err!("cannot use \"S\" and \"PL\"/\"MI\"/\"SG\"/\"PR\" together");
                }
                self.is_signed = true;
                self.sign = Some(if self.is_decimal { Side::Behind } else { Side::Before });
                if !self.is_decimal {
                    self.before_sign = self.pre;
                }
            }
            Key::Minus | Key::Plus | Key::SignOf => {
                if self.is_signed {
                    return exec_err!("cannot use \"S\" and \"PL\"/\"MI\"/\"SG\"/\"PR\" together");
                }
                self.is_minus |= key != Key::Plus;
                self.is_plus |= key != Key::Minus;
            }
            Key::Bracket => {
                if self.is_signed || self.is_plus || self.is_minus {
                    return exec_err!("cannot use \"PR\" and \"S\"/\"PL\"/\"MI\"/\"SG\" together");
                }
                self.is_bracket = true;
            }
            Key::Roman { .. } => self.is_roman = true,
            Key::Shift => {
                if self.is_decimal {
                    return exec_err!("cannot use \"V\" and decimal point together");
                }
                self.is_shifted = true;
            }
            Key::Exponent => {
                if self.is_exponent {
                    return exec_err!("cannot use \"EEEE\" twice");
                }
                let others = self.is_blank || self.is_filled || self.is_signed || has_sign;
                if others || self.is_roman || self.is_shifted {
                    return exec_err!("\"EEEE\" is incompatible with other formats");
                }
                self.is_exponent = true;
            }
            _ => {}
        }
        Ok(())
    }

    fn digit(&mut self, is_zero: bool) -> Result<()> {
        if self.is_bracket {
            let digit = if is_zero { "0" } else { "9" };
            return exec_err!("\"{digit}\" must be ahead of \"PR\"");
        }
        if is_zero && !self.has_zero && !self.is_decimal {
            self.has_zero = true;
            self.zero_start = self.pre + 1;
        }
        match (self.is_shifted && !is_zero, self.is_decimal) {
            (true, _) => self.multi += 1,
            (_, true) => self.post += 1,
            (_, false) => self.pre += 1,
        }
        if is_zero {
            self.zero_end = self.pre + self.post;
        }
        Ok(())
    }
}
