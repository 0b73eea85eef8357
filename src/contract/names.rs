//! Names: SQL identifiers and path segments.

/// Most bytes of a file's or a folder's name, as file systems have it.
pub const LONGEST_SEGMENT: usize = 255;

/// A path segment of the warehouse: each byte outside `[A-Za-z0-9_-]` becomes `~` and two digits.
///
/// Not percent-encoded: readers of Delta tables treat paths as URLs, and decode a `%` once or twice.
pub fn path_segment(name: &str) -> String {
    let mut segment = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-' {
            segment.push(char::from(byte));
        } else {
            segment.push_str(&format!("~{byte:02X}"));
        }
    }
    segment
}

/// The name that a path segment stands for.
pub fn from_path_segment(segment: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        if first == b'~' {
            let hex = std::str::from_utf8(tail.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(hex, 16).ok()?);
            rest = &tail[2..];
        } else {
            bytes.push(first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
}

/// An SQL identifier, quoted where it must be.
pub fn quote(name: &str) -> String {
    let plain = name
        .bytes()
        .enumerate()
        .all(|(n, b)| b.is_ascii_lowercase() || b == b'_' || (n > 0 && b.is_ascii_digit()));
    if plain && !name.is_empty() && !is_reserved(name) {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}

/// A text as an SQL literal.
pub fn text_literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A name folded fully by Unicode: names with equal folds count as one, wherever a name is given.
///
/// SQL itself folds only ASCII letters; differences that it sees beyond them, people do not see.
pub fn folded(name: &str) -> String {
    unicase::UniCase::unicode(name).to_folded_case()
}

/// Whether a name is that of an exact major of a contract: `shop_v2` of `shop`.
pub fn is_major_name(name: &str, contract: &str) -> bool {
    let (name, contract) = (folded(name), folded(contract));
    let digits = name.strip_prefix(&contract).and_then(|rest| rest.strip_prefix("_v"));
    // Majors are written without leading zeros: `shop_v02` does not name one.
    digits.and_then(|digits| Some(digits.parse::<u64>().ok()?.to_string() == digits)) == Some(true)
}

/// A name as messages show it: without characters that would begin a line or hide part of it.
pub fn shown(name: &str) -> String {
    name.chars()
        .flat_map(|c| if is_unprintable(c) { c.escape_unicode().collect() } else { vec![c] })
        .collect()
}

/// Whether a character controls how text is shown, instead of being shown itself: control
/// characters, line and paragraph separators, and those that change the direction of writing.
pub fn is_control(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Whether a character is invisible: control characters, and those that Unicode calls format
/// characters or lets a font ignore. With them, different names could look alike.
pub fn is_unprintable(c: char) -> bool {
    is_control(c) || INVISIBLE.iter().any(|(first, last)| (*first..=*last).contains(&c))
}

/// Unicode's category Cf and its property Default_Ignorable_Code_Point, as ranges.
const INVISIBLE: &[(char, char)] = &[
    ('\u{AD}', '\u{AD}'),
    ('\u{34F}', '\u{34F}'),
    ('\u{600}', '\u{605}'),
    ('\u{61C}', '\u{61C}'),
    ('\u{6DD}', '\u{6DD}'),
    ('\u{70F}', '\u{70F}'),
    ('\u{890}', '\u{891}'),
    ('\u{8E2}', '\u{8E2}'),
    ('\u{115F}', '\u{1160}'),
    ('\u{17B4}', '\u{17B5}'),
    ('\u{180B}', '\u{180F}'),
    ('\u{200B}', '\u{200F}'),
    ('\u{2028}', '\u{202E}'),
    ('\u{2060}', '\u{206F}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{FE00}', '\u{FE0F}'),
    ('\u{FEFF}', '\u{FEFF}'),
    ('\u{FFA0}', '\u{FFA0}'),
    ('\u{FFF0}', '\u{FFFB}'),
    ('\u{110BD}', '\u{110BD}'),
    ('\u{110CD}', '\u{110CD}'),
    ('\u{13430}', '\u{1343F}'),
    ('\u{1BCA0}', '\u{1BCA3}'),
    ('\u{1D173}', '\u{1D17A}'),
    ('\u{E0000}', '\u{E0FFF}'),
];

/// Whether a word needs quotes as a name in SQL, although it is spelled like one.
pub fn is_reserved(word: &str) -> bool {
    RESERVED.contains(&word)
}

/// Characters that a Delta column name without column mapping may not hold.
pub const DELTA_FORBIDDEN: &[char] = &[' ', ',', ';', '{', '}', '(', ')', '=', '\n', '\t'];

/// Words that need quotes as a table or column name.
const RESERVED: &[&str] = &[
    "all",
    "and",
    "as",
    "asc",
    "between",
    "by",
    "case",
    "cast",
    "cross",
    "desc",
    "distinct",
    "else",
    "end",
    "except",
    "exists",
    "false",
    "fetch",
    "for",
    "from",
    "full",
    "group",
    "having",
    "in",
    "inner",
    "intersect",
    "interval",
    "into",
    "is",
    "join",
    "lateral",
    "left",
    "like",
    "limit",
    "natural",
    "not",
    "null",
    "offset",
    "on",
    "or",
    "order",
    "outer",
    "over",
    "qualify",
    "right",
    "select",
    "table",
    "then",
    "true",
    "union",
    "user",
    "using",
    "values",
    "when",
    "where",
    "window",
    "with",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_survive_the_way_there_and_back() {
        for name in ["learning", "a b/c", "urn:x:y", "naïve", "100%", "~home"] {
            assert_eq!(from_path_segment(&path_segment(name)).as_deref(), Some(name));
        }
        assert_eq!(path_segment("../up"), "~2E~2E~2Fup");
    }

    #[test]
    fn names_fold_beyond_ascii() {
        assert_eq!(folded("Tracks"), folded("trac\u{212A}s"));
        assert_eq!(folded("STRASSE"), folded("stra\u{df}e"));
        assert_ne!(folded("tracks"), folded("track"));
    }

    #[test]
    fn a_name_of_a_major_is_told_from_names_that_only_look_like_one() {
        for name in ["shop_v2", "SHOP_V2", "shop_v0", "shop_v18446744073709551615"] {
            assert!(is_major_name(name, "Shop"), "{name}");
        }
        for name in ["shop", "shop_v", "shop_v02", "shop_v+2", "shop_v2_v2", "shops_v2", "shop_v2x"]
        {
            assert!(!is_major_name(name, "shop"), "{name}");
        }
    }

    #[test]
    fn shown_names_begin_no_line() {
        assert_eq!(shown("a\nb\u{202e}c\u{e9}"), "a\\u{a}b\\u{202e}c\u{e9}");
    }

    #[test]
    fn identifiers_are_quoted_only_where_they_must_be() {
        assert_eq!(quote("learner_id"), "learner_id");
        assert_eq!(quote("DataValue"), "\"DataValue\"");
        assert_eq!(quote("order"), "\"order\"");
        assert_eq!(quote("a\"b"), "\"a\"\"b\"");
    }

    #[test]
    fn what_shows_nothing_of_its_own_is_unprintable() {
        for c in "\u{200B}\u{FEFF}\u{AD}\u{3164}\u{200E}\u{61C}\u{E0001}\u{E0041}\u{FE0F}\n\u{1b}"
            .chars()
        {
            assert!(is_unprintable(c), "{c:?}");
            assert!(shown(&c.to_string()).starts_with("\\u{"), "{c:?}");
        }
        for c in "a \u{e9}\u{df}\u{4e2d}\u{1f600}=".chars() {
            assert!(!is_unprintable(c), "{c:?}");
        }
        assert!(is_control('\n') && !is_control('\u{FE0F}'));
    }
}
