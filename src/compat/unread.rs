//! Documents of the head that have errors. What can be read of one is compared all the same; where
//! nothing can, the base's version stands in, so that it is not taken for removed and its consumers
//! go on being planned.

use std::borrow::Cow;
use std::sync::Arc;

use crate::check::report::Notice;
use crate::contract::Contract;
use crate::contract::lint::refuse_unusable_names;
use crate::diagnostic::Severity;
use crate::project::Snapshot;

use super::policy;
use super::report::NotExecuted;

/// The head as far as it can be compared.
pub(super) struct Readable<'a> {
    /// The head, with what stands in for the unreadable.
    pub head: Cow<'a, Snapshot>,
    /// What is wrong with it.
    pub errors: Vec<Notice>,
    /// What was compared with nothing.
    pub not_executed: Vec<NotExecuted>,
}

impl<'a> Readable<'a> {
    /// Reads the head as far as it goes.
    pub fn of(base: &Snapshot, head: &'a Snapshot) -> Self {
        let errors = head.diagnostics.iter().filter(|d| d.severity == Severity::Error).cloned();
        let errors = errors.chain(policy::twice(head)).map(Notice::from).collect();
        let not_executed = head.unread.iter().map(|document| NotExecuted {
            what: "comparison",
            reason: format!(
                "{} has errors and cannot be read: nothing was compared with it",
                document.source.name
            ),
        });
        let not_executed = not_executed.collect();
        let kept = kept(base, head);
        let mut head = Cow::Borrowed(head);
        if !kept.is_empty() {
            head.to_mut().contracts.extend(kept);
        }
        Self { head, errors, not_executed }
    }
}

/// Contracts of the base whose documents of the head cannot be read: by their paths, else, where such
/// a document was moved, all that the head lacks.
fn kept(base: &Snapshot, head: &Snapshot) -> Vec<Arc<Contract>> {
    if head.unread.is_empty() {
        return Vec::new();
    }
    let has = |c: &Contract| {
        head.contracts.iter().any(|h| h.id == c.id && h.version.major == c.version.major)
    };
    let path = |c: &Contract| base.paths.get(&c.source.name);
    let lacking: Vec<&Arc<Contract>> = base.contracts.iter().filter(|c| !has(c)).collect();
    let is_at = |c: &Contract, at: &String| path(c) == Some(at);
    let has_moved =
        |at: &String| !base.contracts.iter().any(|c| is_at(c, at)) && !base.is_unread_at(at);
    let anything = head.unread.iter().any(|document| has_moved(&document.path));
    let stands_in = |c: &&Arc<Contract>| anything || head.unread.iter().any(|d| is_at(c, &d.path));
    lacking.into_iter().filter(stands_in).cloned().collect()
}

/// The head as consumers are planned against it. Two tables or columns of one name leave open which of
/// them SQL means: of such a contract the base's version is taken.
pub(super) fn plannable<'a>(
    base: &Snapshot,
    head: &'a Snapshot,
) -> (Cow<'a, Snapshot>, Vec<NotExecuted>) {
    let is_plannable = |c: &Arc<Contract>| refuse_unusable_names(c).is_ok();
    let faulty: Vec<Arc<Contract>> =
        head.contracts.iter().filter(|c| !is_plannable(c)).cloned().collect();
    if faulty.is_empty() {
        return (Cow::Borrowed(head), Vec::new());
    }
    let mut planned = head.clone();
    planned.contracts.retain(is_plannable);
    for contract in &faulty {
        let same = |b: &&Arc<Contract>| b.id == contract.id && is_plannable(b);
        planned.contracts.extend(base.contracts.iter().find(same).cloned());
    }
    let told = faulty.iter().map(|contract| NotExecuted {
        what: "planning",
        reason: format!(
            "{} has names that SQL cannot tell apart: what reads it was planned with the base's version",
            contract.source.name
        ),
    });
    (Cow::Owned(planned), told.collect())
}
