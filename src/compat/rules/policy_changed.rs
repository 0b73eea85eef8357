//! ## What it does
//! Reports a setting of pactum.yaml that decides how changes are judged and that differs from the base's:
//! every key of `diff`, locks, public classifications. It fails nothing by itself: the head's settings
//! hold.
//!
//! ## Why it matters
//! A change that loosens the policy is judged by the loosened policy. Reviewers must see both.
//!
//! ## Example
//! ```yaml
//! # pactum.yaml
//! diff:
//!   mode: read # was full
//! ```
//!
//! ## What to do instead
//! Change the policy in a separate change; or keep it in shared settings (`extends`) that lock it.

use std::collections::BTreeSet;

use crate::compat::finding::Place;
use crate::contract::yaml;
use crate::diagnostic::{Diagnostic, Meta, Severity, Span};
use crate::project::{BreakingIf, Settings};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D075", name: "policy-changed", severity: Severity::Warning, since: "0.1.0" };

/// Every setting of the policy that differs.
pub fn of(base: &Settings, head: &Settings) -> Vec<Diagnostic> {
    let (before, after) = (stated(base), stated(head));
    let changed = before.iter().zip(&after).filter(|((_, old), (_, new))| old != new);
    let one = |((key, old), (_, new)): (&Stated, &Stated)| {
        let message = format!("{key} was {old}, and is {new}: the change is judged by the new one");
        let Place { source, span } = place(head, key);
        Diagnostic::new(&META, &source, span, message)
            .hint("change the policy in a separate change, or lock it in shared settings")
    };
    changed.map(one).collect()
}

/// A key and its effective value.
type Stated = (&'static str, String);

fn stated(settings: &Settings) -> Vec<Stated> {
    let policy = &settings.diff;
    let breaking_if = match policy.breaking_if {
        BreakingIf::Declared => "declared",
        BreakingIf::Used => "used",
    };
    let window = policy.deprecation.map_or_else(
        || "nothing".to_owned(),
        |due| format!("{} days and {} versions", due.days, due.versions),
    );
    let statuses = policy.exempt_statuses.as_ref();
    let statuses = statuses.map_or_else(|| "draft, proposed".to_owned(), |own| list(own.iter()));
    vec![
        ("diff.main", policy.main.clone().unwrap_or_else(|| "nothing".to_owned())),
        ("diff.mode", policy.mode.word().to_owned()),
        ("diff.transitive", policy.transitive.to_string()),
        ("diff.breaking_if", breaking_if.to_owned()),
        ("diff.deprecation", window),
        ("diff.reserved_names", list(policy.reserved_names.iter().map(|name| &name.value))),
        ("diff.exempt_statuses", statuses),
        ("diff.warnings", list(policy.warnings.iter().map(|rule| &rule.value))),
        ("diff.meaningful_properties", list(policy.meaningful_properties.iter())),
        ("locked", list(settings.locked.iter().map(|key| &key.value))),
        ("public_classifications", list(settings.public_classifications.iter())),
    ]
}

fn list<'a>(words: impl Iterator<Item = &'a String>) -> String {
    let words: BTreeSet<&str> = words.map(String::as_str).collect();
    match words.is_empty() {
        true => "nothing".to_owned(),
        false => words.into_iter().collect::<Vec<_>>().join(", "),
    }
}

/// Where the head states a key, or its parent.
fn place(head: &Settings, key: &str) -> Place {
    let source = head.source.clone();
    let mut span = Span::START;
    if let Ok(tree) = yaml::parse(&source) {
        let mut node = &tree;
        for part in key.split('.') {
            let Some(inner) = node.get(part) else { break };
            (node, span) = (inner, inner.span);
        }
    }
    Place { source, span }
}
