//! A physical type as it is written: its name, what is in brackets, and what follows.

/// A spelling in its parts, without regard to case and spaces outside of the brackets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spelling<'a> {
    /// The name in lower case: `varchar`, `timestamp`.
    pub head: String,
    /// What the first pair of brackets holds, as written.
    pub inner: Option<&'a str>,
    /// What follows in lower case: `with time zone`, `unsigned`.
    pub tail: String,
}

impl<'a> Spelling<'a> {
    /// Takes a text apart. Constraints and collations say nothing about the type.
    pub fn of(text: &'a str) -> Self {
        let text = text.trim();
        let (head, inner, tail) = match text.find(['(', '<', '[']) {
            None => (text, None, ""),
            Some(open) => {
                let (head, rest) = text.split_at(open);
                let (inner, tail) = closed(rest);
                (head, Some(inner), tail)
            }
        };
        let (mut head, mut tail) = (without_constraints(head), without_constraints(tail));
        // `unsigned int`, `int unsigned` and `int(11) unsigned` are one type.
        let bare = head.strip_prefix("unsigned ").or_else(|| head.strip_suffix(" unsigned"));
        if let Some(bare) = bare.map(str::to_owned) {
            head = bare;
            tail = format!("{tail} unsigned");
        }
        Self { head, inner, tail: tail.trim().to_owned() }
    }

    /// What the brackets hold, part by part, as written.
    pub fn arguments(&self) -> Vec<&'a str> {
        self.inner.map(parts).unwrap_or_default()
    }

    /// The numbers that the brackets hold; `None` where they hold something else. `*` is the most
    /// that there is.
    pub fn numbers(&self) -> Option<Vec<i64>> {
        let number = |part: &str| if part == "*" { Some(38) } else { part.parse().ok() };
        self.arguments().into_iter().map(number).collect()
    }
}

/// The item of a list that is written with brackets behind its type: `int` of `int[]` and `int[3]`.
pub(super) fn item_before_brackets(text: &str) -> Option<&str> {
    let (item, size) = text.trim().strip_suffix(']')?.rsplit_once('[')?;
    let is_list = size.trim().bytes().all(|b| b.is_ascii_digit());
    // Arrow writes `fixed_size_binary[16]`.
    let item = item.trim();
    (is_list && !item.is_empty() && !item.to_lowercase().starts_with("fixed_size_")).then_some(item)
}

/// The parts of a list between commas; brackets and quotes hold theirs together.
pub(super) fn parts(text: &str) -> Vec<&str> {
    let (mut depth, mut quote, mut start) = (0_usize, None, 0);
    let mut found = Vec::new();
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"' | '`') => quote = Some(c),
            (None, '(' | '<' | '[' | '{') => depth += 1,
            (None, ')' | '>' | ']' | '}') => depth = depth.saturating_sub(1),
            (None, ',') if depth == 0 => {
                found.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    found.push(text[start..].trim());
    found.retain(|part| !part.is_empty());
    found
}

/// What the first bracket of a text holds, and what follows its end.
fn closed(text: &str) -> (&str, &str) {
    let (mut depth, mut quote) = (0_usize, None);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"' | '`') => quote = Some(c),
            (None, '(' | '<' | '[') => depth += 1,
            (None, ')' | '>' | ']') => {
                depth -= 1;
                if depth == 0 {
                    return (&text[1..at], &text[at + c.len_utf8()..]);
                }
            }
            _ => {}
        }
    }
    (&text[1..], "")
}

/// A part in lower case with single spaces, up to a constraint or a collation.
fn without_constraints(part: &str) -> String {
    let words: Vec<String> = part.split_whitespace().map(str::to_lowercase).collect();
    let ends = |n: usize| {
        let next = words.get(n + 1).map(String::as_str);
        match words[n].as_str() {
            "collate" | "charset" | "default" | "comment" => true,
            "not" => next == Some("null"),
            "character" | "char" => next == Some("set"),
            "null" => n > 0 || words.len() == 1,
            _ => false,
        }
    };
    let end = (0..words.len()).find(|n| ends(*n)).unwrap_or(words.len());
    words[..end].join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spelling_is_a_name_what_brackets_hold_and_a_tail() {
        for (text, head, inner, tail) in [
            (" VARCHAR ( 10 ) ", "varchar", Some(" 10 "), ""),
            ("timestamp(3)  WITH time zone", "timestamp", Some("3"), "with time zone"),
            ("double   precision", "double precision", None, ""),
            ("int unsigned", "int", None, "unsigned"),
            ("UNSIGNED BIGINT", "bigint", None, "unsigned"),
            ("bigint(20) unsigned not null", "bigint", Some("20"), "unsigned"),
            ("text COLLATE \"C\"", "text", None, ""),
            ("varchar(5) character set utf8", "varchar", Some("5"), ""),
            ("enum('a)', 'B')", "enum", Some("'a)', 'B'"), ""),
            ("array<struct<a int>> not null", "array", Some("struct<a int>"), ""),
            ("decimal(10", "decimal", Some("10"), ""),
        ] {
            let found = Spelling::of(text);
            let expected = Spelling { head: head.into(), inner, tail: tail.into() };
            assert_eq!(found, expected, "{text}");
        }
        assert_eq!(parts("a int, b decimal(1,2),  'x,y'"), ["a int", "b decimal(1,2)", "'x,y'"]);
        assert_eq!(item_before_brackets("decimal(3,1)[]"), Some("decimal(3,1)"));
        assert_eq!(item_before_brackets("int[3]"), Some("int"));
        assert_eq!(item_before_brackets("timestamp[us]"), None);
        assert_eq!(item_before_brackets("fixed_size_binary[16]"), None);
    }
}
