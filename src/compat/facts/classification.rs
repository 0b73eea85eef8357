//! Classifications: which of two is stricter.

use std::collections::BTreeSet;

/// What became of a classification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nothing that anybody feels.
    Same,
    /// It has one for the first time, and its readers still see the column.
    First,
    /// It is stricter, or a different one that may be stricter.
    Raised,
    /// It is less strict.
    Lowered,
}

/// Words that are as public as `public`, by the settings of the base and of the head.
#[derive(Debug, Clone, Copy, Default)]
pub struct Public<'a> {
    /// In the base.
    pub base: &'a [String],
    /// In the head.
    pub head: &'a [String],
}

impl Public<'_> {
    /// Whether one word is public on one side and not on the other.
    pub fn differs(self) -> bool {
        let words = |list: &[String]| -> BTreeSet<String> {
            list.iter().map(|word| word.to_lowercase()).collect()
        };
        words(self.base) != words(self.head)
    }
}

/// How the new classification compares with the old one.
pub fn step(old: Option<&str>, new: Option<&str>, public: Public<'_>) -> Step {
    let word = |c: Option<&str>| c.map(str::to_lowercase).filter(|c| c != "public");
    let is_first = word(old).is_none() && word(new).is_some();
    let lower = |c: Option<&str>, public: &[String]| {
        let is_public = |c: &String| public.iter().any(|p| p.to_lowercase() == *c);
        word(c).filter(|c| !is_public(c))
    };
    let (old, new) = (lower(old, public.base), lower(new, public.head));
    if old == new {
        return if is_first { Step::First } else { Step::Same };
    }
    match (rank(old.as_deref()), rank(new.as_deref())) {
        (Some(a), Some(b)) if b < a => Step::Lowered,
        // Between two unranked words, anyone cleared for one may not be cleared for the other.
        (_, Some(0)) => Step::Lowered,
        _ => Step::Raised,
    }
}

/// Whether it is known how strict a classification is.
pub fn is_ranked(word: Option<&str>) -> bool {
    rank(word.map(str::to_lowercase).as_deref()).is_some()
}

/// How strict a customary word is; `None` for an organisation's own words.
fn rank(word: Option<&str>) -> Option<u8> {
    match word {
        None | Some("public") => Some(0),
        Some("internal") => Some(1),
        Some("confidential" | "private" | "sensitive" | "personal" | "pii") => Some(2),
        Some("restricted" | "secret" | "highly confidential" | "strictly confidential") => Some(3),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_nobody_ranked_counts_as_raised_unless_it_goes() {
        let step = |old, new| super::step(old, new, Public::default());
        assert_eq!(step(None, Some("public")), Step::Same);
        assert_eq!(step(Some("Internal"), Some("internal")), Step::Same);
        assert_eq!(step(Some("internal"), Some("restricted")), Step::Raised);
        assert_eq!(step(Some("restricted"), Some("internal")), Step::Lowered);
        assert_eq!(step(Some("tlp:red"), Some("tlp:amber")), Step::Raised);
        assert_eq!(step(Some("tlp:red"), None), Step::Lowered);
    }

    #[test]
    fn a_word_that_settings_make_public_is_lowered_with_them() {
        let open = ["Open".to_owned()];
        let (both, head) = (Public { base: &open, head: &open }, Public { base: &[], head: &open });
        assert_eq!(step(None, Some("open"), both), Step::First);
        assert_eq!(step(Some("open"), Some("open"), both), Step::Same);
        assert_eq!(step(Some("open"), Some("open"), head), Step::Lowered);
        assert!(head.differs() && !both.differs());
    }

    #[test]
    fn a_first_classification_that_readers_still_see_is_a_step_of_its_own() {
        let words = ["internal".to_owned()];
        let public = Public { base: &words, head: &words };
        assert_eq!(step(None, Some("Internal"), public), Step::First);
        assert_eq!(step(Some("Public"), Some("internal"), public), Step::First);
        assert_eq!(step(Some("internal"), None, public), Step::Same);
        assert_eq!(step(Some("internal"), Some("public"), public), Step::Same);
        assert_eq!(step(None, Some("confidential"), public), Step::Raised);
        assert_eq!(step(None, Some("internal"), Public::default()), Step::Raised);
    }
}
