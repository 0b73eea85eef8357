//! What no dedicated rule looks at: every other key of every element, so that no change goes
//! unreported.

use std::collections::{BTreeSet, HashMap};

use crate::contract::Contract;
use crate::contract::hash::whole;
use crate::contract::model::Column;
use crate::contract::odcs::{OPERATORS, is_deprecated};
use crate::contract::yaml::Node;
use crate::diagnostic::{Meta, Span};

use super::classification::{ClassificationStep, step};
pub use super::elements::Difference;
use super::pair::{ColumnPair, Pair, TablePair};
use super::roles;
use crate::compat::finding::{Finding, Touches};
use crate::compat::terms::Terms;

impl Difference {
    /// A finding at the key's places.
    pub fn finding(&self, pair: &Pair<'_>, meta: &'static Meta, message: String) -> Finding {
        pair.finding(meta, self.element.clone(), message)
            .was(self.old.clone(), self.old_span)
            .is(self.new.clone(), self.new_span)
            .touching(self.touches.clone())
    }

    /// How the key changed, in words.
    pub fn message(&self) -> String {
        let verb = match (&self.old, &self.new) {
            (None, Some(_)) => "added",
            (Some(_), None) => "removed",
            _ => "changed",
        };
        match self.key.contains('\'') {
            true => format!("{} was {verb}", self.key),
            false => format!("'{}' was {verb}", self.key),
        }
    }
}

/// Keys that dedicated rules look at, by element.
const OF_CONTRACT: &[&str] = &[
    "id",
    "version",
    // What it changes in meaning is found where it does.
    "apiVersion",
    "kind",
    "schema",
    "slaProperties",
    "slaDefaultElement",
    "roles",
    "status",
];
const OF_TABLE: &[&str] =
    &["name", "physicalName", "properties", "quality", "relationships", "deprecated"];
const OF_COLUMN: &[&str] = &[
    "name",
    "physicalName",
    "logicalType",
    "physicalType",
    "required",
    "unique",
    "primaryKey",
    "primaryKeyPosition",
    "partitioned",
    "partitionKeyPosition",
    "classification",
    "enum",
    "quality",
    "relationships",
    "properties",
    "deprecated",
];
const OF_OPTIONS: &[&str] = &[
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "multipleOf",
    "pattern",
    "format",
    "uniqueItems",
    "required",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "timezone",
    "defaultTimezone",
    "dimensions",
];
const OF_RULE: &[&str] = &[
    "type",
    "metric",
    "rule",
    "arguments",
    "query",
    "engine",
    "implementation",
    "unit",
    "severity",
];
const OF_SLA: &[&str] = &["property", "value", "unit", "element", "driver"];

/// Custom properties that dedicated rules look at, by element.
const CUSTOM_OF_CONTRACT: &[&str] = &["sqlName"];
const CUSTOM_OF_TABLE: &[&str] = &["additionalColumns"];
const CUSTOM_OF_COLUMN: &[&str] = &["aliases", "allowNaN", "unit"];
const CUSTOM_OF_RULE: &[&str] = &["where", "groupBy", "compareTo", "warn"];

/// Keys without a rule of their own that somebody may rely on once they are there: an encrypted
/// column is read by that name, a service level has a second value.
const RELIED_ON: &[&str] = &["encryptedName", "valueExt"];

/// A custom property without a rule of its own that means something to checks: whether measured
/// values of a rule are shown.
const SHOWN: &str = "public";

/// Every key that differs and that no other rule looks at.
pub fn differences(pair: &Pair<'_>) -> Vec<Difference> {
    let mut walk = Walk { found: Vec::new(), terms: pair.terms };
    walk.contract(pair.base, pair.head);
    for table in &pair.tables {
        walk.table(table);
    }
    for column in &pair.columns {
        walk.column(column);
    }
    for rule in pair.rules() {
        if let (Some(old), Some(new)) = (rule.base, rule.head) {
            let (element, touches) = (rule.element(), rule.touches());
            let at = At { element, touches, custom: CUSTOM_OF_RULE };
            walk.node(&at, &old.node, &new.node, &[OF_RULE, OPERATORS].concat());
        }
    }
    walk.service_levels(pair);
    walk.relationships(pair);
    walk.found
}

struct Walk<'a> {
    found: Vec<Difference>,
    terms: Terms<'a>,
}

/// Where the walk is.
struct At {
    element: String,
    touches: Touches,
    /// Custom properties that are judged elsewhere.
    custom: &'static [&'static str],
}

impl Walk<'_> {
    fn contract(&mut self, base: &Contract, head: &Contract) {
        let at = |element: &str| At {
            element: element.to_owned(),
            touches: Touches::Contract,
            custom: CUSTOM_OF_CONTRACT,
        };
        let (old, new) = (&base.tree, &head.tree);
        // Where the SQL name follows the name, the change is reported already.
        let renamed = !base.sql_name.value.eq_ignore_ascii_case(&head.sql_name.value);
        for key in keys(old, new, OF_CONTRACT).into_iter().filter(|k| !(renamed && k == "name")) {
            self.key(&at(&key), old, new, &key, &key);
        }
        // Those have dedicated rules.
        let judged = ["deprecated", "retired", "draft", "proposed"];
        let is_judged = |c: &Contract| c.status.as_deref().is_some_and(|s| judged.contains(&s));
        let drafted = base.is_draft() && is_judged(base);
        if base.status != head.status && (!is_judged(head) || drafted) {
            self.key(&at("status"), old, new, "status", "status");
        }
        self.custom(&at("customProperties"), old, new);
        self.keyed(&at("roles"), old, new, "roles", "role", &["role"]);
    }

    fn table(&mut self, pair: &TablePair<'_>) {
        let at = At {
            element: pair.head.table.name.value.clone(),
            touches: Touches::Table(pair.base.table.name.value.clone()),
            custom: CUSTOM_OF_TABLE,
        };
        self.node(&at, pair.base.node, pair.head.node, OF_TABLE);
        self.unmarked(&at, pair.base.node, pair.head.node);
    }

    fn column(&mut self, pair: &ColumnPair<'_>) {
        let (old, new) = (pair.base.node, pair.head.node);
        let measure = pair.base.column.measure && pair.head.column.measure;
        let (element, touches) = (pair.path.clone(), pair.touches());
        let at = At { element, touches, custom: CUSTOM_OF_COLUMN };
        // Inner elements are compared separately, or are part of the type.
        let judged: Vec<&str> =
            OF_COLUMN.iter().copied().chain(["logicalTypeOptions", "items", "map"]).collect();
        let told = ["description", "businessName", "transformLogic", "transformSourceObjects"];
        let judged = match measure {
            true => [judged, told.to_vec()].concat(),
            false => judged,
        };
        self.node(&at, old, new, &judged);
        self.unmarked(&at, old, new);
        let word = |column: &Column| column.classification.clone();
        let (was, is) = (word(pair.base.column), word(pair.head.column));
        if step(was.as_deref(), is.as_deref(), self.terms.public) == ClassificationStep::Same {
            // Another word for what is as public as before.
            self.key(&at, old, new, "classification", "classification");
        }
        let empty = Node { value: crate::contract::yaml::Value::Null, span: old.span };
        let options =
            |node: &Node| node.get("logicalTypeOptions").cloned().unwrap_or(empty.clone());
        let (before, after) = (options(old), options(new));
        for key in keys(&before, &after, OF_OPTIONS) {
            self.key(&at, &before, &after, &key, &key);
        }
        self.keyed(&at, old, new, "enum", "value", &["value"]);
    }

    /// An element that is no longer deprecated.
    fn unmarked(&mut self, at: &At, old: &Node, new: &Node) {
        if is_deprecated(old)
            && (!is_deprecated(new) || old.get("deprecated") != new.get("deprecated"))
        {
            self.key(at, old, new, "deprecated", "deprecated");
        }
    }

    fn service_levels(&mut self, pair: &Pair<'_>) {
        let node = |contract: &Contract, span: Span| {
            let list = contract.tree.get("slaProperties")?;
            list.items().iter().find(|n| n.span == span).cloned()
        };
        for sla in pair.service_levels() {
            let Some((old, new)) = sla.base.zip(sla.head) else { continue };
            let both = node(pair.base, old.span).zip(node(pair.head, new.span));
            let at = At { element: sla.element(), touches: Touches::Contract, custom: &[] };
            if let Some((old, new)) = both {
                self.node(&at, &old, &new, OF_SLA);
                // Another driver has a dedicated rule.
                if old.get("driver").is_none() || new.get("driver").is_none() {
                    self.key(&at, &old, &new, "driver", "driver");
                }
            }
        }
    }

    fn relationships(&mut self, pair: &Pair<'_>) {
        let node = |lists: Vec<&Node>, span: Span| {
            let mut items = lists.into_iter().filter_map(|n| n.get("relationships"));
            items.find_map(|list| list.items().iter().find(|n| n.span == span).cloned())
        };
        for key in pair.foreign_keys() {
            let Some((old, new)) = key.base.as_ref().zip(key.head.as_ref()) else { continue };
            let carriers = |of_base: bool| -> Vec<&Node> {
                let tables =
                    pair.tables.iter().map(|t| if of_base { t.base.node } else { t.head.node });
                let columns =
                    pair.columns.iter().map(|c| if of_base { c.base.node } else { c.head.node });
                tables.chain(columns).collect()
            };
            let both = node(carriers(true), old.relationship.span)
                .zip(node(carriers(false), new.relationship.span));
            let at = At {
                element: key.element(),
                touches: Touches::Table(key.table.base.table.name.value.clone()),
                custom: &[],
            };
            if let Some((old, new)) = both {
                self.node(&at, &old, &new, &["from", "to"]);
            }
        }
    }

    /// Every key of two nodes except those judged elsewhere, and their custom properties.
    fn node(&mut self, at: &At, old: &Node, new: &Node, judged: &[&str]) {
        for key in keys(old, new, judged) {
            self.key(at, old, new, &key, &key);
        }
        self.custom(at, old, new);
    }

    /// Custom properties, matched by name.
    fn custom(&mut self, at: &At, old: &Node, new: &Node) {
        self.keyed_but(at, old, new, "customProperties", "property", &["property"], at.custom);
    }

    fn keyed(&mut self, at: &At, old: &Node, new: &Node, list: &str, by: &str, judged: &[&str]) {
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

    fn key(&mut self, at: &At, old: &Node, new: &Node, key: &str, words: &str) {
        let (before, after) = (old.get(key), new.get(key));
        if differ(before, after, key) {
            let matters = before.is_some() && RELIED_ON.contains(&key);
            self.push(at, words, matters, before, after, old, new);
        }
    }

    #[allow(clippy::too_many_arguments, reason = "a difference has two sides")]
    fn push(
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
fn keys(old: &Node, new: &Node, judged: &[&str]) -> BTreeSet<String> {
    let all = old.entries().iter().chain(new.entries()).map(|(key, _)| key.text.clone());
    all.filter(|key| !judged.contains(&key.as_str()) && key != "customProperties").collect()
}

impl<'a> Pair<'a> {
    /// Differences that no dedicated rule looks at.
    pub fn rest(&self) -> &[Difference] {
        self.facts.rest.get_or_init(|| differences(self))
    }
}
