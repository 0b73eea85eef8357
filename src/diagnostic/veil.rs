//! Values of variables, which diagnostics never show.
//!
//! A setting may take a value from the environment (`warehouse: "s3://${TOKEN}/x"`), and whoever can
//! change the setting could have it printed by an error. Wherever such a value would stand in a
//! message, a place or a hint, the variable's name stands there instead.

use std::borrow::Cow;
use std::sync::{PoisonError, RwLock};

/// Values, the longest first, each with what is shown in its place. It grows by the variables of a
/// few settings, for a process as a whole: an error may come from anywhere that such a value went.
static VEILS: RwLock<Vec<(String, String)>> = RwLock::new(Vec::new());

/// Shorter values are words that stand in any text, and no secrets.
const SHORTEST: usize = 4;

/// The same of the parts of a value.
const SHORTEST_PART: usize = 6;

/// From now on `shown` stands in every message where `value` would.
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

/// A value as messages may spell it: as it is, with escapes, as the path of a URL, and the parts that a
/// URL or a line end splits it into.
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
        // What only loses its beginning is a word of any text.
        if path.len() > plain.len() {
            add(path.to_owned());
        }
    }
    // A plain path or name is kept whole by whoever shows it.
    if value.chars().any(|c| c.is_control() || "@?#%".contains(c)) {
        let rest = value.split_once("://").map_or(value, |(_, rest)| rest);
        let parts = rest.split(|c: char| c.is_control() || "/:@?#&=".contains(c));
        parts.filter(|part| part.len() >= SHORTEST_PART).for_each(|part| add(part.to_owned()));
    }
    all
}

/// A text without values of variables, in whatever case of ASCII letters they stand: hosts of URLs are
/// put into lower case.
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
