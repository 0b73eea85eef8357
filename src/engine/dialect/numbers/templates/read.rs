//! `to_number`: reads the digits of a text that a template tells to be there.

use datafusion::common::exec_err;
use datafusion::error::Result;
use num_bigint::BigInt;

use super::parsed::{Key, Part, Side, Template};
use crate::engine::dialect::exact::Exact;

/// What is read, and how far. Names follow the steps that PostgreSQL takes.
struct Reader<'a> {
    template: &'a Template,
    text: &'a [u8],
    at: usize,
    sign: Option<u8>,
    digits: String,
    before: usize,
    behind: usize,
    has_point: bool,
}

pub(super) fn read(text: &str, template: Template) -> Result<Exact> {
    if template.is_roman {
        return exec_err!("\"RN\" not supported for input");
    }
    if template.is_exponent {
        return exec_err!("\"EEEE\" not supported for input");
    }
    let mut reader = Reader {
        template: &template,
        text: text.as_bytes(),
        at: 0,
        sign: None,
        digits: String::new(),
        before: 0,
        behind: 0,
        has_point: false,
    };
    reader.run(text);
    reader.number(text)
}

impl Reader<'_> {
    fn number(self, text: &str) -> Result<Exact> {
        let Ok(digits) = self.digits.parse::<BigInt>() else {
            return exec_err!("invalid input syntax for type numeric: \"{text}\"");
        };
        let digits = if self.sign == Some(b'-') { -digits } else { digits };
        let shift = if self.template.is_shifted { self.template.multi } else { 0 };
        Ok(Exact::new(digits, i64::try_from(self.behind + shift).unwrap_or(i64::MAX)))
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.get(at).copied()
    }

    fn run(&mut self, text: &str) {
        for part in &self.template.parts {
            if self.at >= self.text.len() {
                break;
            }
            let here = self.byte(self.at);
            match part {
                Part::Literal(_) => self.at += width(text, self.at),
                Part::Key(key) => match key {
                    Key::Nine | Key::Zero | Key::Point | Key::LocalePoint => {
                        self.digit(matches!(key, Key::Nine | Key::Zero));
                        self.at += 1;
                    }
                    Key::Comma | Key::Group if here == Some(b',') => self.at += 1,
                    Key::Currency => self.skip(text, 1),
                    Key::Ordinal { .. } => self.skip(text, 2),
                    Key::Minus if here == Some(b'-') => self.take_sign(b'-'),
                    Key::Plus if here == Some(b'+') => self.take_sign(b'+'),
                    Key::SignOf if matches!(here, Some(b'-' | b'+')) => {
                        self.take_sign(here.unwrap_or(b'+'));
                    }
                    Key::Minus | Key::Plus | Key::SignOf => self.skip(text, 1),
                    _ => {}
                },
            }
        }
    }

    fn take_sign(&mut self, sign: u8) {
        self.sign = Some(sign);
        self.at += 1;
    }

    /// Skips what cannot be part of a number.
    fn skip(&mut self, text: &str, characters: usize) {
        for _ in 0..characters {
            match self.byte(self.at) {
                None => return,
                Some(byte) if b"0123456789.,+-".contains(&byte) => return,
                Some(_) => self.at += width(text, self.at),
            }
        }
    }

    fn digit(&mut self, is_digit: bool) {
        if self.byte(self.at) == Some(b' ') {
            self.at += 1;
        }
        let Some(mut here) = self.byte(self.at) else { return };
        if self.sign.is_none() && is_digit && self.before + self.behind == 0 {
            let is_sign = match (self.template.is_signed, self.template.sign) {
                (true, Some(Side::Before)) => matches!(here, b'-' | b'+'),
                _ => matches!(here, b'-' | b'+') || self.template.is_bracket && here == b'<',
            };
            if is_sign {
                self.sign = Some(if here == b'+' { b'+' } else { b'-' });
                self.at += 1;
            }
            let Some(next) = self.byte(self.at) else { return };
            here = next;
        }
        let mut is_read = false;
        if here.is_ascii_digit() {
            if self.has_point && self.behind == self.template.post {
                return;
            }
            self.digits.push(char::from(here));
            if self.has_point {
                self.behind += 1
            } else {
                self.before += 1
            }
            is_read = true;
        } else if self.template.is_decimal && !self.has_point && here == b'.' {
            self.has_point = true;
            is_read = true;
        }
        if self.sign.is_none() && self.before + self.behind > 0 {
            self.sign_behind(here, is_read);
        }
    }

    fn sign_behind(&mut self, here: u8, is_read: bool) {
        let next = self.byte(self.at + 1);
        if self.template.is_signed && is_read {
            if let Some(sign @ (b'-' | b'+')) = next {
                self.sign = Some(sign);
                self.at += 1;
            }
        } else if !is_read
            && !self.template.is_signed
            && !self.template.is_plus
            && !self.template.is_minus
            && matches!(here, b'-' | b'+')
        {
            self.sign = Some(here);
        }
    }
}

fn width(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8)
}
