//! Templates of `to_char`, `to_date` and `to_timestamp`, split into what stands for a part and what stands
//! for itself.

/// What a template holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) enum Node {
    Part(Part),
    /// A character that separates: punctuation.
    Separator(char),
    Space(char),
    /// Any other character, or a quoted one.
    Text(char),
}

/// A part, as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Part {
    /// The pattern in its own spelling, which says how names are written: `Mon`, `MON`, `mon`.
    pub word: &'static str,
    /// Without blanks and zeros in front: FM.
    pub is_filled: bool,
    /// Names of the session's language: TM.
    pub is_translated: bool,
    /// With the ending of an ordinal: TH or th.
    pub ordinal: Option<&'static str>,
}

impl Part {
    /// The pattern without regard to case, where case says nothing.
    pub fn key(&self) -> String {
        self.word.to_ascii_uppercase()
    }
}

/// Patterns whose case says how they are written. The longer of two comes first.
const NAMES: &[&str] = &[
    "A.D.", "A.M.", "B.C.", "P.M.", "a.d.", "a.m.", "b.c.", "p.m.", "MONTH", "Month", "month",
    "DAY", "Day", "day", "MON", "Mon", "mon", "TZH", "TZM", "tzh", "tzm", "AD", "AM", "BC", "PM",
    "ad", "am", "bc", "pm", "DY", "Dy", "dy", "RM", "rm", "TZ", "tz",
];

/// Patterns of numbers, in capital or in small letters throughout. The longer of two comes first.
const NUMBERS: &[&str] = &[
    "Y,YYY", "SSSSS", "HH24", "HH12", "IDDD", "IYYY", "SSSS", "YYYY", "DDD", "FF1", "FF2", "FF3",
    "FF4", "FF5", "FF6", "IYY", "YYY", "CC", "DD", "FX", "HH", "ID", "IW", "IY", "MI", "MM", "MS",
    "OF", "SS", "US", "WW", "YY", "D", "I", "J", "Q", "W", "Y",
];

/// The pattern that a text begins with.
fn word(text: &str) -> Option<&'static str> {
    let starts = |word: &&&'static str| text.starts_with(**word);
    let starts_in_small = |word: &&&'static str| {
        text.get(..word.len()).is_some_and(|begin| begin == word.to_ascii_lowercase())
    };
    let name = NAMES.iter().find(starts);
    let number = NUMBERS.iter().find(|word| starts(word) || starts_in_small(word));
    match (name, number) {
        (Some(name), Some(number)) if number.len() > name.len() => Some(number),
        (Some(name), _) => Some(name),
        (None, number) => number.copied(),
    }
}

/// The parts of a template, in their order.
pub(in super::super) fn nodes(template: &str) -> Vec<Node> {
    let mut rest = template;
    let mut nodes = Vec::new();
    while !rest.is_empty() {
        let (is_filled, is_translated) = match rest.get(..2) {
            Some("FM" | "fm") => (true, false),
            Some("TM" | "tm") => (false, true),
            _ => (false, false),
        };
        let behind = if is_filled || is_translated { &rest[2..] } else { rest };
        if let Some(word) = word(behind) {
            rest = &behind[word.len()..];
            let ordinal = match rest.get(..2) {
                Some("TH") => Some("TH"),
                Some("th") => Some("th"),
                _ => None,
            };
            let is_spelled = matches!(rest.get(..2), Some("SP" | "sp"));
            rest = if ordinal.is_some() || is_spelled { &rest[2..] } else { rest };
            nodes.push(Node::Part(Part { word, is_filled, is_translated, ordinal }));
            continue;
        }
        rest = behind;
        rest = literal(rest, &mut nodes);
    }
    nodes
}

/// Takes what stands for itself.
fn literal<'a>(rest: &'a str, nodes: &mut Vec<Node>) -> &'a str {
    let mut chars = rest.chars();
    let Some(first) = chars.next() else { return rest };
    if first != '"' {
        // A backslash makes a quote stand for itself.
        let is_escaped = first == '\\' && chars.as_str().starts_with('"');
        let character = if is_escaped { chars.next().unwrap_or(first) } else { first };
        nodes.push(match character {
            c if c.is_ascii_punctuation() => Node::Separator(c),
            c if c.is_ascii_whitespace() => Node::Space(c),
            c => Node::Text(c),
        });
        return chars.as_str();
    }
    while let Some(character) = chars.next() {
        match character {
            '"' => break,
            '\\' => nodes.push(Node::Text(chars.next().unwrap_or('\\'))),
            other => nodes.push(Node::Text(other)),
        }
    }
    chars.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(template: &str) -> Vec<String> {
        let told = |node| match node {
            Node::Part(part) => part.word.to_owned(),
            Node::Separator(c) | Node::Space(c) | Node::Text(c) => format!("<{c}>"),
        };
        nodes(template).into_iter().map(told).collect()
    }

    #[test]
    fn the_longest_pattern_is_taken() {
        assert_eq!(words("YYYY-MM"), ["YYYY", "<->", "MM"]);
        assert_eq!(words("yyyymonth"), ["YYYY", "month"]);
        assert_eq!(words("HH24:MI"), ["HH24", "<:>", "MI"]);
        assert_eq!(words("Dy DAY"), ["Dy", "< >", "DAY"]);
        assert_eq!(words("IDDD ID"), ["IDDD", "< >", "ID"]);
        assert_eq!(words("Y,YYY"), ["Y,YYY"]);
        assert_eq!(words("\"at\" Hh"), ["<a>", "<t>", "< >", "<H>", "<h>"]);
    }

    #[test]
    fn prefixes_and_endings_belong_to_their_part() {
        let [Node::Part(part)] = nodes("FMDDth")[..] else { panic!("one part") };
        assert!(part.is_filled && part.ordinal == Some("th"));
        assert_eq!(nodes("FM"), []);
        assert_eq!(nodes("\\\""), [Node::Separator('"')]);
        assert_eq!(nodes("\"a\\\"b\"").len(), 3);
    }
}
