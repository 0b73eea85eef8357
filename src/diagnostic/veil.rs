//! Values of variables, which diagnostics never show.
//!
//! A setting may take a value from the environment (`warehouse: "s3://${TOKEN}/x"`), and anyone who
//! can change the setting could make an error print it. Wherever such a value would appear in a
//! message, a place or a hint, the variable's name appears instead.

use std::borrow::Cow;
use std::sync::{PoisonError, RwLock};

/// Values, the longest first, each with its replacement. It grows by the variables of a few
/// settings, for a process as a whole: an error may come from any place that such a value reached.
static VEILS: RwLock<Vec<(String, String)>> = RwLock::new(Vec::new());

/// Shorter values are words that occur in any text, and not secrets.
const SHORTEST: usize = 4;

/// The same for the parts of a value.
const SHORTEST_PART: usize = 6;

/// From now on messages show `shown` in place of `value`.
pub fn veil(value: &str, shown: &str) {
    if value.len() < SHORTEST || value == shown {
        return;
    }
    let mut veils = VEILS.write().unwrap_or_else(PoisonError::into_inner);
    for spelled in spellings(value) {
        let pair = (spelled, shown.to_owned());
        if !veils.contains(&pair) {
            veils.push(pair);
        }
    }
    veils.sort_by_key(|(value, _)| std::cmp::Reverse(value.len()));
}

/// A value as messages may spell it: unchanged, with escapes, as the path of a URL, and the parts
/// that a URL or a line end splits it into.
fn spellings(value: &str) -> Vec<String> {
    let mut all = vec![value.to_owned()];
    let mut add = |spelled: String| {
        if !all.contains(&spelled) {
            all.push(spelled);
        }
    };
    let escaped = |c: char| match c.is_control() {
        true => c.escape_unicode().to_string(),
        false => c.to_string(),
    };
    add(value.chars().map(escaped).collect());
    add(value.escape_debug().to_string());
    let plain = value.trim_start_matches('/');
    if let Some(mut url) = url::Url::parse("file:///").ok().filter(|_| plain.len() >= SHORTEST) {
        url.set_path(plain);
        let path = url.path().trim_start_matches('/');
        // A part that only lacks the beginning is an ordinary word.
        if path.len() > plain.len() {
            add(path.to_owned());
        }
    }
    // Messages show a plain path or name whole.
    if value.chars().any(|c| c.is_control() || "@?#%".contains(c)) {
        let rest = value.split_once("://").map_or(value, |(_, rest)| rest);
        let parts = rest.split(|c: char| c.is_control() || "/:@?#&=".contains(c));
        parts.filter(|part| part.len() >= SHORTEST_PART).for_each(|part| add(part.to_owned()));
    }
    all
}

/// A text without values of variables, in any case of ASCII letters: hosts of URLs become lower
/// case.
pub fn veiled(text: &str) -> Cow<'_, str> {
    let veils = VEILS.read().unwrap_or_else(PoisonError::into_inner);
    veils.iter().fold(Cow::Borrowed(text), |text, (value, shown)| {
        match replaced(&text, value, shown) {
            Some(replaced) => Cow::Owned(replaced),
            None => text,
        }
    })
}

fn replaced(text: &str, value: &str, shown: &str) -> Option<String> {
    // ASCII letters keep their length in either case, so places are the same.
    let (low, wanted) = (text.to_ascii_lowercase(), value.to_ascii_lowercase());
    low.contains(&wanted).then(|| {
        let mut out = String::with_capacity(text.len());
        let mut copied = 0;
        for (at, found) in low.match_indices(&wanted) {
            out.push_str(&text[copied..at]);
            out.push_str(shown);
            copied = at + found.len();
        }
        out + &text[copied..]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_shown_by_its_name_in_any_case() {
        veil("Xq7-veiled", "${VEILED}");
        veil("/data/Xq7-veiled", "${VEILED}");
        veil("abc", "${SHORT}");
        assert_eq!(
            veiled("at s3://xq7-VEILED/x: /data/Xq7-veiled"),
            "at s3://${VEILED}/x: ${VEILED}"
        );
        assert_eq!(veiled("abc"), "abc");
    }

    #[test]
    fn a_value_is_not_shown_however_it_is_respelled() {
        for value in [
            "Wv3token#frag",
            "Wv3token?x=1",
            "https://u:Wv3token@h/x?y=Wv3token",
            "Wv3token\nnext",
            "Wv3 token/p",
        ] {
            veil(value, "${RESPELLED}");
        }
        for message in [
            "at s3://Wv3token/x",
            "at https://h/x: wv3token",
            "at s3://Wv3token\\u{a}next",
            "first Wv3token\nnext",
            "at file:///Wv3%20token/p",
        ] {
            let shown = veiled(message).to_lowercase();
            assert!(shown.contains("${respelled}"), "{shown}");
            assert!(!shown.contains("wv3token") && !shown.contains("wv3%20token"), "{shown}");
        }
        // A path's words stay words.
        veil("/srv/pieces/other", "${PATH}");
        assert_eq!(veiled("the pieces of other"), "the pieces of other");
    }
}
