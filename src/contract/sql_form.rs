//! The form that SQL texts of one meaning share: without comments and layout, and without case
//! where SQL ignores it. No parser: the text may be in any engine's dialect.

/// The text outside quotes in lower case, without comments, with blanks only between words.
///
/// A text with a backslash keeps its case: dialects disagree whether it escapes a quote, so where
/// its quoted parts end is unknown.
pub fn sql_form(text: &str) -> String {
    if text.contains('\\') {
        return text.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    let mut form = Form::default();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' | '"' | '`' => form.quoted(rest, quoted_length(rest, first)),
            '$' => match dollar_length(rest) {
                Some(length) => form.quoted(rest, length),
                None => form.plain(first),
            },
            '-' if rest.starts_with("--") => form.gap(rest.find('\n').unwrap_or(rest.len())),
            '/' if rest.starts_with("/*") => form.gap(comment_length(rest)),
            blank if blank.is_whitespace() => form.gap(blank.len_utf8()),
            other => form.plain(other),
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    form.text.trim_end_matches(';').to_owned()
}

#[derive(Default)]
struct Form {
    text: String,
    /// Whether layout lies between the last character and the next.
    apart: bool,
}

impl Form {
    fn gap(&mut self, length: usize) -> usize {
        self.apart = true;
        length
    }

    fn plain(&mut self, one: char) -> usize {
        self.part(one);
        self.text.extend(one.to_lowercase());
        one.len_utf8()
    }

    fn quoted(&mut self, rest: &str, length: usize) -> usize {
        let text = rest.get(..length).unwrap_or(rest);
        if let Some(first) = text.chars().next() {
            self.part(first);
        }
        self.text.push_str(text);
        length
    }

    /// A blank where layout separates two words.
    fn part(&mut self, next: char) {
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '\'' | '"' | '`' | '$');
        let apart = std::mem::take(&mut self.apart);
        if apart && is_word(next) && self.text.chars().next_back().is_some_and(is_word) {
            self.text.push(' ');
        }
    }
}

/// The bytes of a quoted text; a doubled quote does not end it.
fn quoted_length(rest: &str, quote: char) -> usize {
    let mut places = rest.char_indices().skip(1).peekable();
    while let Some((at, one)) = places.next() {
        let doubled = places.peek().is_some_and(|(_, next)| *next == quote);
        match (one == quote, doubled) {
            (true, true) => drop(places.next()),
            (true, false) => return at + one.len_utf8(),
            (false, _) => {}
        }
    }
    rest.len()
}

/// The bytes of a `$tag$ … $tag$` text, where one begins.
fn dollar_length(rest: &str) -> Option<usize> {
    let inner = rest.get(1..)?;
    let tag = inner.find('$').and_then(|end| inner.get(..end))?;
    let is_tag = tag.chars().all(|c| c.is_alphanumeric() || c == '_')
        && !tag.starts_with(|c: char| c.is_ascii_digit());
    let mark = rest.get(..tag.len() + 2).filter(|_| is_tag)?;
    let end = rest.get(mark.len()..)?.find(mark)?;
    Some(2 * mark.len() + end)
}

/// The bytes of a comment; comments nest.
fn comment_length(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(here) = rest.get(at..).filter(|here| !here.is_empty()) {
        if here.starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if here.starts_with("*/") {
            (depth, at) = (depth.saturating_sub(1), at + 2);
        } else {
            at += here.chars().next().map_or(1, char::len_utf8);
        }
        if depth == 0 {
            break;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::sql_form;

    #[test]
    fn case_layout_and_comments_are_no_part_of_the_form() {
        let one = sql_form("select count(*) from {table} where a > 'It''s' and b");
        for other in [
            "SELECT COUNT( * )\n  FROM {table}\n  WHERE a>'It''s'\n  AND b;",
            "select count(*) -- all of them\nfrom {table} where a > 'It''s' /* and /* not */ c */ and b",
        ] {
            assert_eq!(sql_form(other), one, "{other}");
        }
    }

    #[test]
    fn what_sql_tells_apart_stays_apart() {
        let pairs = [
            ("select 'A'", "select 'a'"),
            ("select \"A\"", "select \"a\""),
            ("select a b", "select ab"),
            ("select 'a  b'", "select 'a b'"),
            ("select $x$ A $x$", "select $x$ a $x$"),
            ("select '--' || A from b", "select '--' || a from c"),
            ("select 'it\\'s A' ", "select 'it\\'s a'"),
        ];
        for (one, other) in pairs {
            assert_ne!(sql_form(one), sql_form(other), "{one} | {other}");
        }
    }
}
