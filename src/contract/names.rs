//! Names: SQL identifiers and path segments.

/// A path segment of the warehouse: each byte outside `[A-Za-z0-9_-]` becomes `~` and two digits.
///
/// Not percent-encoded: readers of Delta tables take paths for URLs, and decode a `%` once or twice.
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
    if plain && !name.is_empty() && !RESERVED.contains(&name) {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}

/// A name folded fully by Unicode: two names whose folds are equal count as one, everywhere that a
/// name is given.
///
/// SQL itself folds ASCII letters alone; what it tells apart beyond them, people do not.
pub fn folded(name: &str) -> String {
    unicase::UniCase::unicode(name).to_folded_case()
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
    fn identifiers_are_quoted_only_where_they_must_be() {
        assert_eq!(quote("learner_id"), "learner_id");
        assert_eq!(quote("DataValue"), "\"DataValue\"");
        assert_eq!(quote("order"), "\"order\"");
        assert_eq!(quote("a\"b"), "\"a\"\"b\"");
    }
}
