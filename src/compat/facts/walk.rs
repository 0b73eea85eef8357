//! Two nodes compared key by key.

use std::collections::{BTreeSet, HashMap};

use crate::contract::hash::whole;
use crate::contract::yaml::Node;

use super::elements::Difference;
use super::roles;
use crate::compat::finding::Touches;
use crate::compat::terms::Terms;

/// Custom properties of rules that dedicated rules look at.
pub(super) const CUSTOM_OF_RULE: &[&str] = &["where", "groupBy", "compareTo", "warn"];

/// Keys without a rule of their own that somebody may rely on once they are there: an encrypted
/// column is read by that name, a service level has a second value.
const RELIED_ON: &[&str] = &["encryptedName", "valueExt"];

/// A custom property without a rule of its own that means something to checks: whether measured
/// values of a rule are shown.
const SHOWN: &str = "public";

/// What differs between two documents, collected key by key.
pub(super) struct Walk<'a> {
    pub found: Vec<Difference>,
    pub terms: Terms<'a>,
}

/// Where the walk is.
pub(super) struct At {
    pub element: String,
    pub touches: Touches,
    /// Custom properties that are judged elsewhere.
    pub custom: &'static [&'static str],
}

impl Walk<'_> {
    /// Every key of two nodes except those judged elsewhere, and their custom properties.
    pub(super) fn node(&mut self, at: &At, old: &Node, new: &Node, judged: &[&str]) {
        for key in keys(old, new, judged) {
            self.key(at, old, new, &key, &key);
        }
        self.custom(at, old, new);
    }

    /// Custom properties, matched by name.
    pub(super) fn custom(&mut self, at: &At, old: &Node, new: &Node) {
        self.keyed_but(at, old, new, "customProperties", "property", &["property"], at.custom);
    }

    pub(super) fn keyed(
        &mut self,
        at: &At,
        old: &Node,
        new: &Node,
        list: &str,
        by: &str,
        judged: &[&str],
    ) {
        self.keyed_but(at, old, new, list, by, judged, &[]);
    }

    /// Items of a list, matched by one of their keys; those of some names are judged elsewhere.
    #[allow(clippy::too_many_arguments, reason = "one walk for three lists of the standard")]
    fn keyed_but(
        &mut self,
        at: &At,
        old: &Node,
        new: &Node,
        list: &str,
        by: &str,
        judged: &[&str],
        but: &[&str],
    ) {
        let (old_items, new_items) = (items(old, list), items(new, list));
        let name = |item: &Node| item.get(by).map(super::quality::value_text).unwrap_or_default();
        let of_base = by_name(old_items, name);
        let of_head = by_name(new_items, name);
        let judged_elsewhere = |item: &&Node| but.contains(&name(item).trim_matches('"'));
        for item in new_items.iter().filter(|i| !judged_elsewhere(i)) {
            let words = words(list, &name(item));
            let matters = self.is_meaningful(at, list, &name(item));
            match of_base.get(&name(item)).copied() {
                Some(before) => {
                    // Less access has a dedicated rule; the same access in other words is not a
                    // change.
                    let of_role = list == "roles"
                        && (roles::has_less(before, item) || roles::has_same(before, item));
                    let told = |key: &String| of_role && key == "access";
                    for key in keys(before, item, judged).into_iter().filter(|k| !told(k)) {
                        let (old, new) = (before.get(&key), item.get(&key));
                        let matters = matters && key == "value";
                        if differ(old, new, &key) {
                            self.push(at, &words, matters, old, new, before, item);
                        }
                    }
                    if list != "customProperties" {
                        self.custom(at, before, item);
                    }
                }
                // A new enum value has a dedicated rule.
                None if list != "enum" => {
                    self.push(at, &words, matters, None, Some(item), old, new);
                }
                None => {}
            }
        }
        let gone = |o: &&Node| !of_head.contains_key(&name(o));
        // So has a removed role.
        for item in old_items.iter().filter(gone).filter(|i| !judged_elsewhere(i)) {
            if list == "customProperties" {
                let words = words(list, &name(item));
                let matters = self.is_meaningful(at, list, &name(item));
                self.push(at, &words, matters, Some(item), None, old, new);
            }
        }
    }

    /// Whether an item of a list means something to readers or writers: a custom property that the
    /// settings name, or that checks read.
    fn is_meaningful(&self, at: &At, list: &str, name: &str) -> bool {
        let name = name.trim_matches('"');
        let is_read = name == SHOWN && std::ptr::eq(at.custom, CUSTOM_OF_RULE);
        list == "customProperties" && (is_read || self.terms.is_meaningful(name))
    }

    pub(super) fn key(&mut self, at: &At, old: &Node, new: &Node, key: &str, words: &str) {
        let (before, after) = (old.get(key), new.get(key));
        if differ(before, after, key) {
            let matters = before.is_some() && RELIED_ON.contains(&key);
            self.push(at, words, matters, before, after, old, new);
        }
    }

    #[allow(clippy::too_many_arguments, reason = "a difference has two sides")]
    pub(super) fn push(
        &mut self,
        at: &At,
        key: &str,
        matters: bool,
        before: Option<&Node>,
        after: Option<&Node>,
        old: &Node,
        new: &Node,
    ) {
        let shown = |node: &Node| {
            let text = node.scalar_text().unwrap_or_else(|| node.to_json().to_string());
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        let own = |node: &Node| node.get("name").map_or(node.span, |n| n.span);
        self.found.push(Difference {
            element: at.element.clone(),
            key: key.to_owned(),
            matters,
            old: before.map(shown),
            new: after.map(shown),
            old_span: before.map_or_else(|| own(old), |n| n.span),
            new_span: after.map_or_else(|| own(new), |n| n.span),
            touches: at.touches.clone(),
        });
    }
}

/// Whether two values of a key say something else, beyond layout, order and defaults.
fn differ(before: Option<&Node>, after: Option<&Node>, key: &str) -> bool {
    if before.zip(after).is_some_and(|(a, b)| a.same_value(b)) {
        return false;
    }
    let said = |node: Option<&Node>| node.and_then(|n| whole(n, key));
    said(before) != said(after)
}

fn items<'a>(node: &'a Node, list: &str) -> &'a [Node] {
    node.get(list).map(Node::items).unwrap_or_default()
}

/// Items by their names; the first one where several share a name.
fn by_name(items: &[Node], name: impl Fn(&Node) -> String) -> HashMap<String, &Node> {
    items.iter().rev().map(|item| (name(item), item)).collect()
}

/// What an item of a list is called.
fn words(list: &str, name: &str) -> String {
    let name = name.trim_matches('"');
    match list {
        "customProperties" => format!("custom property '{name}'"),
        "enum" => format!("the description of value '{name}'"),
        _ => format!("role '{name}'"),
    }
}

/// The keys of either node except those judged elsewhere.
pub(super) fn keys(old: &Node, new: &Node, judged: &[&str]) -> BTreeSet<String> {
    let all = old.entries().iter().chain(new.entries()).map(|(key, _)| key.text.clone());
    all.filter(|key| !judged.contains(&key.as_str()) && key != "customProperties").collect()
}
