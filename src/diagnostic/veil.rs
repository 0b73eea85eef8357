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

/// From now on `shown` stands in every message where `value` would.
pub fn veil(value: &str, shown: &str) {
    if value.len() < SHORTEST || value == shown {
        return;
    }
    let pair = (value.to_owned(), shown.to_owned());
    let mut veils = VEILS.write().unwrap_or_else(PoisonError::into_inner);
    if !veils.contains(&pair) {
        veils.push(pair);
        veils.sort_by_key(|(value, _)| std::cmp::Reverse(value.len()));
    }
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
}
