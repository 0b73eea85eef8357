//! Variables in the texts of a contract: `${NAME}` and `${NAME:-default}`.
//!
//! Nothing here reads the environment: a verdict must not depend on the shell that asks for it. A
//! default is part of the document, and is what the variable means here. The standard has no
//! escape for a reference, so none is read.

/// A reference at the beginning of a text.
struct Reference<'a> {
    name: &'a str,
    default: Option<&'a str>,
    /// Bytes, with the braces.
    length: usize,
}

impl<'a> Reference<'a> {
    fn at(text: &'a str) -> Option<Self> {
        let inner = text.strip_prefix("${")?;
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let end = inner.find(|c| !is_part(c))?;
        let (name, rest) = inner.split_at(end);
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let so_far = text.len() - rest.len();
        if rest.starts_with('}') {
            return Some(Self { name, default: None, length: so_far + 1 });
        }
        let default = rest.strip_prefix(":-")?;
        let end = closing(default)?;
        Some(Self { name, default: default.get(..end), length: so_far + 2 + end + 1 })
    }
}

/// Most bytes of a default: a text is read in time, however many it opens and closes.
const LONGEST_DEFAULT: usize = 4096;

/// Where the brace that ends a default is. A default may hold pairs of braces, as patterns do.
fn closing(text: &str) -> Option<usize> {
    let text = &text[..text.floor_char_boundary(LONGEST_DEFAULT)];
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
    }
    text.find('}')
}

/// The references of a text, each with what is before it, and what is behind the last.
fn references(text: &str) -> (Vec<(&str, Reference<'_>)>, &str) {
    let (mut found, mut from, mut seen) = (Vec::new(), 0, 0);
    while let Some(at) = text.get(seen..).and_then(|rest| rest.find("${")) {
        let start = seen + at;
        let reference = text.get(start..).and_then(Reference::at);
        seen = start + reference.as_ref().map_or(2, |reference| reference.length);
        if let Some(reference) = reference {
            found.push((text.get(from..start).unwrap_or_default(), reference));
            from = seen;
        }
    }
    (found, text.get(from..).unwrap_or_default())
}

/// A text with the defaults of its variables; `None` where it has none.
pub fn filled(text: &str) -> Option<String> {
    let (found, rest) = references(text);
    found.iter().any(|(_, reference)| reference.default.is_some()).then(|| {
        let mut whole = String::new();
        for (before, reference) in found {
            whole.push_str(before);
            match reference.default {
                Some(default) => {
                    whole.push_str(&filled(default).unwrap_or_else(|| default.to_owned()));
                }
                None => whole.push_str(&shown(reference.name)),
            }
        }
        whole + rest
    })
}

/// Whether a text is one variable with a default and nothing else.
pub fn is_whole(text: &str) -> bool {
    Reference::at(text).is_some_and(|r| r.default.is_some() && r.length == text.len())
}

/// The variables of a text that has no default for them, each once, as `${NAME}`.
pub fn unfilled(text: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (_, reference) in references(text).0 {
        let inner = match reference.default {
            Some(default) => unfilled(default),
            None => vec![shown(reference.name)],
        };
        names.extend(inner.into_iter().filter(|name| !names.contains(name)).collect::<Vec<_>>());
    }
    names
}

fn shown(name: &str) -> String {
    format!("${{{name}}}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_is_what_its_variable_means() {
        for (text, meant) in [
            ("${A:-x}", "x"),
            ("from ${A:-s}.${B:-t} where c", "from s.t where c"),
            ("${A:-}", ""),
            ("${A:-a b:-c}", "a b:-c"),
            ("${A:-^[0-9]{5}$}!", "^[0-9]{5}$!"),
            ("${A:-${B:-x}}", "x"),
            ("${A:-x}${B}", "x${B}"),
            ("é${A:-ü}é", "éüé"),
        ] {
            assert_eq!(filled(text).as_deref(), Some(meant), "{text}");
        }
        for text in ["", "x", "${A}", "$A", "${}", "${1:-x}", "a${2}", "${A:-x", "${A-x}", "${"] {
            assert_eq!(filled(text), None, "{text}");
        }
    }

    #[test]
    fn every_variable_without_a_default_is_named_once() {
        assert_eq!(unfilled("${A} ${B:-x} ${C} ${A} ${D:-${E}}"), ["${A}", "${C}", "${E}"]);
        assert_eq!(unfilled("a{2}${2} $x ${y:-z}"), Vec::<String>::new());
    }

    #[test]
    fn a_text_is_whole_where_nothing_is_around_its_variable() {
        assert!(is_whole("${A:-5}"));
        assert!(!is_whole("${A:-5} ") && !is_whole("${A}") && !is_whole("${A:-5}${B:-6}"));
    }
}
