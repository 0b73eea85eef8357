//! What the parser passes over between INTERVAL and its literal: a precision, and fields.

use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan};

use crate::error::{Error, Result};

use super::super::functions::place;
use super::super::intervals::fields::Fields;

/// Refuses `interval(3) '…'` and `interval day '…'`.
///
/// # Errors
/// Where one of them is written.
pub(in super::super) fn refuse(tokens: &[TokenWithSpan]) -> Result<()> {
    let words: Vec<&TokenWithSpan> =
        tokens.iter().filter(|t| !matches!(t.token, Token::Whitespace(_))).collect();
    for (at, token) in words.iter().enumerate() {
        if !is_word(&token.token, "interval") {
            continue;
        }
        let behind: Vec<&Token> = words.iter().skip(at + 1).take(4).map(|t| &t.token).collect();
        let start = place(token.span.start);
        match behind.as_slice() {
            [Token::LParen, Token::Number(..), Token::RParen, Token::SingleQuotedString(_)] => {
                let message = format!("a precision before an interval is not supported{start}");
                return Err(Error::usage("sql", message).hint("cast it: '1.5 s'::interval(0)"));
            }
            [one, Token::SingleQuotedString(_), ..] if are_fields(&[one]) => {
                return Err(misplaced(&start));
            }
            [first, to, last, Token::SingleQuotedString(_)] if are_fields(&[first, to, last]) => {
                return Err(misplaced(&start));
            }
            _ => {}
        }
    }
    Ok(())
}

fn misplaced(start: &str) -> Error {
    let message = format!("the fields of an interval follow it{start}");
    Error::usage("sql", message).hint("write interval '5' day")
}

fn are_fields(tokens: &[&Token]) -> bool {
    let words: Vec<String> = tokens.iter().map(ToString::to_string).collect();
    Fields::named(&words.join(" ")).is_some()
}

fn is_word(token: &Token, name: &str) -> bool {
    matches!(token, Token::Word(word)
        if word.quote_style.is_none() && word.value.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
    use datafusion::sql::sqlparser::tokenizer::Tokenizer;

    use super::*;

    fn is_refused(text: &str) -> bool {
        let tokens = Tokenizer::new(&PostgreSqlDialect {}, text).tokenize_with_location();
        refuse(&tokens.unwrap()).is_err()
    }

    #[test]
    fn only_what_would_be_lost_is_refused() {
        assert!(is_refused("select interval(3) '1.5 s'"));
        assert!(is_refused("select interval day '5'"));
        assert!(is_refused("select interval day to second '5'"));
        assert!(!is_refused("select interval '5' day, '5'::interval(3), interval '1 day'"));
        assert!(!is_refused("select \"interval\" from t where interval = 'x'"));
        assert!(!is_refused("select interval from t where 'x' = a"));
    }
}
