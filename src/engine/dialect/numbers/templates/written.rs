//! `to_char` of a number: its digits are cut to the template, then written part by part.

use datafusion::common::exec_datafusion_err;
use datafusion::error::Result;

use super::Number;
use super::numerals::{ending, roman};
use super::parsed::{Key, Part, Side, Template};
use crate::engine::dialect::exact::Exact;

/// The digits of a number, as the template has room for them.
struct Digits {
    text: Vec<u8>,
    is_negative: bool,
    /// Places of the template before the first digit.
    spaces: usize,
}

pub(super) fn written(value: &Number, template: &mut Template) -> Result<String> {
    let value = &match value {
        Number::Integer(whole) if template.is_exponent => Number::Float(f64::from(*whole), 15),
        Number::Integer(whole) => Number::Exact(Exact::new(*whole, 0)),
        other => other.clone(),
    };
    if template.is_roman {
        let whole = match value {
            Number::Exact(exact) => exact.rounded(0).digits(),
            Number::Integer(whole) => Some(i128::from(*whole)),
            #[expect(clippy::cast_possible_truncation, reason = "what is beyond is refused")]
            Number::Float(float, _) => {
                Some(float.round_ties_even()).filter(|f| f.abs() < 1e10).map(|f| f as i128)
            }
        };
        let whole = whole.filter(|whole| i32::try_from(*whole).is_ok());
        let whole = whole.ok_or_else(|| exec_datafusion_err!("integer out of range"))?;
        return Ok(in_roman(&roman(whole), template));
    }
    if template.is_exponent {
        return Ok(in_exponents(value, template));
    }
    let digits = digits(value, template);
    Ok(Writer::new(&digits, template).run())
}

fn in_roman(text: &str, template: &Template) -> String {
    let mut out = String::new();
    for part in &template.parts {
        match part {
            Part::Key(Key::Roman { is_upper }) => {
                let text = if *is_upper { text.to_owned() } else { text.to_ascii_lowercase() };
                match template.is_filled {
                    true => out.push_str(&text),
                    false => out.push_str(&format!("{text:>15}")),
                }
            }
            Part::Key(Key::Comma | Key::Group) if !template.is_filled => out.push(' '),
            Part::Key(Key::Currency) => out.push(' '),
            Part::Key(Key::Minus | Key::Plus) if !template.is_filled => out.push(' '),
            Part::Key(_) => {}
            Part::Literal(literal) => out.push(*literal),
        }
    }
    out
}

fn hashes(template: &Template, more: usize) -> Vec<u8> {
    let mut text = vec![b'#'; template.pre + template.post + more];
    if let Some(point) = text.get_mut(template.pre) {
        *point = b'.';
    }
    text
}

/// As a fraction and a power of ten.
fn in_exponents(value: &Number, template: &Template) -> String {
    let text = match value {
        Number::Float(float, _) if !float.is_finite() => {
            let mut text = hashes(template, 6);
            if let Some(first) = text.first_mut() {
                *first = b' ';
            }
            if let Some(old) = text.get_mut(template.pre) {
                *old = b'#';
            }
            if let Some(point) = text.get_mut(template.pre + 1) {
                *point = b'.';
            }
            return String::from_utf8_lossy(&text).into_owned();
        }
        Number::Float(float, _) => format!("{float:.*e}", template.post),
        Number::Exact(exact) => exact.in_exponents(template.post),
        Number::Integer(whole) => Exact::new(*whole, 0).in_exponents(template.post),
    };
    let (fraction, power) = text.split_once('e').unwrap_or((&text, "0"));
    let power: i64 = power.parse().unwrap_or(0);
    let sign = if power < 0 { '-' } else { '+' };
    let space = if fraction.starts_with('-') { "" } else { " " };
    format!("{space}{fraction}e{sign}{:02}", power.abs())
}

fn digits(value: &Number, template: &mut Template) -> Digits {
    let shift = if template.is_shifted { template.multi } else { 0 };
    template.pre += shift;
    let mut text = match value {
        Number::Integer(whole) => whole.to_string(),
        Number::Exact(exact) => {
            let power =
                Exact::new(num_bigint::BigInt::from(10).pow(u32::try_from(shift).unwrap_or(0)), 0);
            let places = i64::try_from(template.post).unwrap_or(0);
            exact.times(&power).rounded(places).to_string()
        }
        Number::Float(float, most) => {
            let float = float * 10_f64.powi(i32::try_from(shift).unwrap_or(0));
            let before = format!("{:.0}", float.abs()).len();
            template.post = template.post.min(most.saturating_sub(before));
            match float {
                f if f.is_nan() => "NaN".to_owned(),
                f if f.is_infinite() => if f > 0.0 { "Infinity" } else { "-Infinity" }.to_owned(),
                f => format!("{f:.*}", template.post),
            }
        }
    };
    let is_negative = text.starts_with('-');
    if is_negative {
        text.remove(0);
    }
    let before = text.find('.').unwrap_or(text.len());
    let text = match before > template.pre {
        true => hashes(template, 1),
        false => text.into_bytes(),
    };
    Digits { text, is_negative, spaces: template.pre.saturating_sub(before) }
}

/// Writes a number part by part. Names follow the steps that PostgreSQL takes.
struct Writer<'a> {
    digits: &'a Digits,
    template: &'a Template,
    sign: Option<Side>,
    is_bracket: bool,
    zero_start: usize,
    /// The place of the last digit that is written, where trailing zeros are not.
    last: Option<usize>,
    count: usize,
    sign_is_written: bool,
    is_in_number: bool,
    /// The part of the number at hand, and the digit.
    current: usize,
    next: usize,
    out: String,
}

impl<'a> Writer<'a> {
    fn new(digits: &'a Digits, template: &'a Template) -> Self {
        let mut writer = Self {
            digits,
            template,
            sign: template.sign,
            is_bracket: template.is_bracket,
            zero_start: template.zero_start.saturating_sub(1),
            last: None,
            count: template.post + template.pre,
            sign_is_written: false,
            is_in_number: false,
            current: 0,
            next: 0,
            out: String::new(),
        };
        if template.is_plus || template.is_minus {
            writer.sign_is_written = template.is_minus;
        } else {
            if !digits.is_negative && template.is_filled {
                writer.is_bracket = false;
            }
            writer.sign_is_written =
                !digits.is_negative && template.is_filled && !template.is_signed;
            if writer.sign == Some(Side::Before) && template.pre == template.before_sign {
                writer.sign = Some(Side::Behind);
            }
        }
        if template.is_filled && template.is_decimal {
            writer.last = writer.last_relevant();
        }
        // One is taken off, as PostgreSQL counts.
        if !writer.sign_is_written && digits.spaces == 0 {
            writer.count += 1;
        }
        writer
    }

    fn last_relevant(&self) -> Option<usize> {
        let text = &self.digits.text;
        let point = text.iter().position(|b| *b == b'.')?;
        let behind = text.iter().enumerate().skip(point + 1);
        let last =
            behind.filter(|(_, b)| **b != b'0').map(|(at, _)| at).next_back().unwrap_or(point);
        let zeros = self.template.zero_end.saturating_sub(self.digits.spaces);
        match zeros > 0 && self.template.zero_end > self.digits.spaces {
            true => Some(last.max(zeros.min(text.len() - 1))),
            false => Some(last),
        }
    }

    fn digit(&self, at: usize) -> Option<u8> {
        self.digits.text.get(at).copied()
    }

    fn last_is_point(&self) -> bool {
        self.last.and_then(|last| self.digit(last)) == Some(b'.')
    }

    /// `.1` rather than `0.1`, where no zero was asked for.
    fn is_space_before_point(&self) -> bool {
        !self.template.has_zero
            && self.next == 0
            && self.digit(0) == Some(b'0')
            && self.template.post != 0
    }

    fn run(mut self) -> String {
        let is_filled = self.template.is_filled;
        for part in &self.template.parts {
            let key = match part {
                Part::Literal(literal) => {
                    self.out.push(*literal);
                    continue;
                }
                Part::Key(key) => *key,
            };
            let negative = self.digits.is_negative;
            match key {
                Key::Nine | Key::Zero | Key::Point | Key::LocalePoint => {
                    self.number(key == Key::Zero);
                }
                Key::Comma | Key::Group if self.is_in_number => self.out.push(','),
                Key::Comma | Key::Group if !is_filled => self.out.push(' '),
                Key::Currency => self.out.push(' '),
                Key::Ordinal { is_upper } => self.ordinal(is_upper),
                Key::Minus if negative => self.out.push('-'),
                Key::Plus if !negative => self.out.push('+'),
                Key::Minus | Key::Plus if !is_filled => self.out.push(' '),
                Key::SignOf => self.out.push(if negative { '-' } else { '+' }),
                _ => {}
            }
        }
        self.out
    }

    fn ordinal(&mut self, is_upper: bool) {
        let is_number = self.digit(0) != Some(b'#');
        if is_number && !self.digits.is_negative && !self.template.is_decimal {
            let text = String::from_utf8_lossy(&self.digits.text);
            let ending = ending(&text);
            match is_upper {
                true => self.out.push_str(&ending.to_ascii_uppercase()),
                false => self.out.push_str(ending),
            }
        }
    }

    fn number(&mut self, is_zero: bool) {
        self.is_in_number = false;
        let (spaces, has_zero) = (self.digits.spaces, self.template.has_zero);
        let is_due = self.current >= spaces || has_zero && self.zero_start == self.current;
        if !self.sign_is_written
            && is_due
            && (!self.is_space_before_point() || self.last_is_point())
        {
            self.sign_before();
        }
        if self.current < spaces && (self.zero_start > self.current || !has_zero) {
            if !self.template.is_filled {
                self.out.push(' ');
            }
        } else if has_zero && self.current < spaces {
            self.out.push('0');
            self.is_in_number = true;
        } else {
            self.next_digit(is_zero);
        }
        let end = self.count + usize::from(spaces > 0) + usize::from(self.template.is_decimal);
        // PostgreSQL counts one less.
        let mut end = end.saturating_sub(1);
        if self.last.is_some() && self.last == Some(self.next) {
            end = self.current;
        }
        if self.current + 1 == end {
            self.sign_behind();
        }
        self.current += 1;
    }

    fn next_digit(&mut self, is_zero: bool) {
        let digit = self.digit(self.next);
        if digit == Some(b'.') {
            if !self.last_is_point() || self.template.is_filled {
                self.out.push('.');
            }
        } else if self.last.is_some_and(|last| self.next > last) && !is_zero {
            // A zero that says nothing.
        } else if self.is_space_before_point() {
            if !self.template.is_filled {
                self.out.push(' ');
            } else if self.last_is_point() {
                self.out.push('0');
            }
        } else if let Some(digit) = digit {
            self.out.push(char::from(digit));
            self.is_in_number = true;
        }
        if digit.is_some() {
            self.next += 1;
        }
    }

    fn sign_before(&mut self) {
        let negative = self.digits.is_negative;
        if self.template.is_signed {
            if self.sign == Some(Side::Before) {
                self.out.push(if negative { '-' } else { '+' });
                self.sign_is_written = true;
            }
            return;
        }
        if self.is_bracket {
            self.out.push(if negative { '<' } else { ' ' });
        } else if negative {
            self.out.push('-');
        } else if !self.template.is_filled {
            self.out.push(' ');
        }
        self.sign_is_written = true;
    }

    fn sign_behind(&mut self) {
        let negative = self.digits.is_negative;
        if self.sign_is_written && self.is_bracket {
            self.out.push(if negative { '>' } else { ' ' });
        } else if self.template.is_signed && self.sign == Some(Side::Behind) {
            self.out.push(if negative { '-' } else { '+' });
        }
    }
}
