//! The contracts of two moments, side by side: by id and major, wherever their files lie.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::contract::Contract;

/// One contract on both sides, or on one.
#[derive(Debug, Clone)]
pub struct Matched {
    /// The old version.
    pub base: Option<Arc<Contract>>,
    /// The new version.
    pub head: Option<Arc<Contract>>,
}

impl Matched {
    /// Whether the head is the next major of the base, which it replaces.
    pub fn is_next_major(&self) -> bool {
        matches!((&self.base, &self.head), (Some(b), Some(h)) if h.version.major > b.version.major)
    }

    /// Whether both sides are one and the same document.
    pub fn is_untouched(&self) -> bool {
        matches!((&self.base, &self.head), (Some(b), Some(h)) if Arc::ptr_eq(b, h))
    }
}

/// What the base is: all former contracts, or what is served of the present ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    /// What the head lacks was removed.
    Whole,
    /// What the head lacks continues to be served.
    Served,
}

/// Matches the contracts of two moments: the same id and major; else the base with the next major
/// that replaced it; a new major beside the old one with the greatest before it.
pub fn matched(base: &[Arc<Contract>], head: &[Arc<Contract>], kind: Base) -> Vec<Matched> {
    let key = |c: &Arc<Contract>| (c.id.clone(), c.version.major);
    let before: BTreeSet<(String, u64)> = base.iter().map(key).collect();
    let mut all = Vec::new();
    let mut used: BTreeSet<(String, u64)> = BTreeSet::new();
    for old in base {
        let same_id = || head.iter().filter(|h| h.id == old.id);
        let same = same_id().find(|h| h.version.major == old.version.major);
        let is_new = |h: &&Arc<Contract>| kind == Base::Served || !before.contains(&key(h));
        let next = || {
            let later = same_id().filter(|h| h.version.major > old.version.major).filter(is_new);
            let next = later.min_by_key(|h| h.version)?;
            // Of several majors the greatest is the one that gets a successor.
            let between = old.version.major + 1..next.version.major;
            let has_between =
                base.iter().any(|b| b.id == old.id && between.contains(&b.version.major));
            (kind == Base::Served || !has_between).then_some(next)
        };
        // A lowered major is a mistake that the version check reports.
        let lowered = || {
            // What is served beside the head continues to be served.
            if kind == Base::Served {
                return None;
            }
            let earlier = same_id().filter(|h| h.version.major < old.version.major);
            earlier.filter(is_new).max_by_key(|h| h.version)
        };
        match same.or_else(next).or_else(lowered) {
            Some(new) => {
                used.insert(key(new));
                all.push(Matched { base: Some(old.clone()), head: Some(new.clone()) });
            }
            None if kind == Base::Whole => {
                all.push(Matched { base: Some(old.clone()), head: None })
            }
            None => {}
        }
    }
    for new in head.iter().filter(|h| !used.contains(&key(h))) {
        let earlier = base.iter().filter(|b| b.id == new.id && b.version.major < new.version.major);
        let earlier = earlier.max_by_key(|b| b.version).cloned();
        all.push(Matched { base: earlier, head: Some(new.clone()) });
    }
    all
}
