//! SIMILAR TO, and LIKE with another escape character, as patterns that are there already.

use datafusion::common::exec_err;
use datafusion::error::Result;

/// A pattern of SIMILAR TO as a regular expression; without an escape character where it is empty.
pub(super) fn expression(pattern: &str, escape: &str) -> Result<String> {
    let escape = escape_character(escape)?;
    let mut text = String::from("^(?:");
    let (mut is_escaped, mut is_in_class, mut quotes) = (false, false, 0);
    for character in pattern.chars() {
        if is_escaped {
            is_escaped = false;
            match (character, is_in_class, quotes) {
                ('"', false, 0) => text.push_str("){1,1}?("),
                ('"', false, 1) => text.push_str("){1,1}(?:"),
                ('"', false, _) => {
                    return exec_err!(
                        "SQL regular expression may not contain more than two escape-double-quote \
                         separators"
                    );
                }
                _ => text.extend(['\\', character]),
            }
            quotes += i32::from(character == '"' && !is_in_class);
        } else if escape == Some(character) {
            is_escaped = true;
        } else if is_in_class {
            if character == '\\' {
                text.push('\\');
            }
            text.push(character);
            is_in_class = character != ']';
        } else {
            match character {
                '[' => {
                    text.push('[');
                    is_in_class = true;
                }
                '%' => text.push_str(".*"),
                '_' => text.push('.'),
                '(' => text.push_str("(?:"),
                '\\' | '.' | '^' | '$' => text.extend(['\\', character]),
                other => text.push(other),
            }
        }
    }
    text.push_str(")$");
    Ok(text)
}

fn escape_character(escape: &str) -> Result<Option<char>> {
    let mut characters = escape.chars();
    match (characters.next(), characters.next()) {
        (found, None) => Ok(found),
        _ => exec_err!("invalid escape string: it must be empty or one character"),
    }
}

/// A pattern of LIKE with the backslash in the place of another escape character.
pub(in crate::engine::dialect) fn like_pattern(pattern: &str, escape: &str) -> Result<String> {
    let escape = escape_character(escape)?;
    let mut text = String::with_capacity(pattern.len());
    let mut is_escaped = false;
    for character in pattern.chars() {
        if !is_escaped && escape == Some(character) {
            text.push('\\');
            is_escaped = true;
            continue;
        }
        // A backslash that is not the escape character stands for itself.
        if character == '\\' && !is_escaped {
            text.push('\\');
        }
        text.push(character);
        is_escaped = false;
    }
    Ok(text)
}

/// Whether a pattern of LIKE ends within an escape.
pub(in crate::engine::dialect) fn ends_in_escape(pattern: &str) -> bool {
    let backslashes = pattern.chars().rev().take_while(|c| *c == '\\').count();
    backslashes % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_escape_character_becomes_the_backslash() {
        assert_eq!(like_pattern("10!%", "!").unwrap(), "10\\%");
        assert_eq!(like_pattern("a\\b!!", "!").unwrap(), "a\\\\b\\!");
        assert_eq!(like_pattern("a\\%", "").unwrap(), "a\\\\%");
        assert!(like_pattern("a", "!!").is_err());
        assert!(ends_in_escape("a\\") && !ends_in_escape("a\\\\"));
    }

    #[test]
    fn similar_patterns_match_the_whole_text() {
        assert_eq!(expression("a%(b|c)_", "\\").unwrap(), "^(?:a.*(?:b|c).)$");
        assert_eq!(expression("a.b\\d", "\\").unwrap(), "^(?:a\\.b\\d)$");
    }
}
