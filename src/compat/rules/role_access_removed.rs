//! ## What it does
//! Reports a role that was removed, or that has less access. Reader breaking, writer safe, bump
//! major.
//!
//! ## Why it matters
//! Readers with that role are refused.
//!
//! ## Example
//! ```yaml
//! roles: [] # was [{role: analyst, access: read}]
//! ```
//!
//! ## What to do instead
//! Keep the role until nobody has it, or raise the major version.

use crate::compat::facts::pair::Pair;
use crate::compat::facts::roles::{access, has_less};
use crate::compat::finding::{Bump, Effect, Finding, Touches};
use crate::contract::yaml::Node;
use crate::diagnostic::Span;
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D044", name: "role-access-removed", severity: Severity::Error, since: "0.1.0" };

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    let roles = |tree: &Node| tree.get("roles").map(Node::items).unwrap_or_default().to_vec();
    let (old, new) = (roles(&pair.base.tree), roles(&pair.head.tree));
    let list = |tree: &Node| tree.get("roles").map_or(Span::START, |n| n.span);
    for role in &old {
        let Some(name) = role.get("role").and_then(Node::as_str) else { continue };
        let same = |n: &&Node| {
            let id = role.get("id").and_then(Node::as_str);
            let by_id = id.is_some() && id == n.get("id").and_then(Node::as_str);
            by_id || n.get("role").and_then(Node::as_str) == Some(name)
        };
        let head = new.iter().find(same);
        let renamed = head.is_some_and(|h| h.get("role").and_then(Node::as_str) != Some(name));
        let (before, after) = (access(role), head.and_then(access));
        let less = head.is_some_and(|head| has_less(role, head));
        if head.is_some() && !less && !renamed {
            continue;
        }
        let message = match (head, renamed) {
            (None, _) => format!("role '{name}' was removed"),
            (_, true) => format!("role '{name}' has another name"),
            _ => format!("role '{name}' has less access"),
        };
        let shown = |access: Option<String>| access.unwrap_or_else(|| name.to_owned());
        found.push(
            pair.finding(&META, format!("roles/{name}"), message)
                .was(shown(before), role.span)
                .is(
                    head.map(|_| shown(after)),
                    head.map_or_else(|| list(&pair.head.tree), |h| h.span),
                )
                .effect(Effect::Breaking, Effect::Safe, Bump::Major)
                .touching(Touches::Contract),
        );
    }
}
