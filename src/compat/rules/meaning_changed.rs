//! ## What it does
//! Reports a changed unit of a column (custom property `unit`), or a changed description, business
//! name or computation (`transformLogic`, `transformSourceObjects`) of a measure. Reader dangerous, writer safe, bump minor.
//!
//! ## Why it matters
//! The numbers look the same and mean something else.
//!
//! ## Example
//! ```yaml
//! - {name: duration, customProperties: [{property: unit, value: ms}]} # was s
//! ```
//!
//! ## What to do instead
//! Add a column with the new meaning beside the old one.

use crate::compat::facts::pair::Pair;
use crate::compat::finding::{Bump, Effect, Finding};
use crate::contract::model::custom_property;
use crate::contract::yaml::Node;
use crate::diagnostic::{Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "D045", name: "meaning-changed", severity: Severity::Warning, since: "0.1.0" };

/// Finds every case.
pub fn check(pair: &Pair<'_>, found: &mut Vec<Finding>) {
    for column in &pair.columns {
        let unit = |node: &Node| custom_property(node, "unit").and_then(Node::scalar_text);
        let (old, new) = (unit(column.base.node), unit(column.head.node));
        if old != new {
            let at = |side: crate::compat::facts::pair::ColumnSide<'_>| {
                custom_property(side.node, "unit").map_or(side.column.name.span, |n| n.span)
            };
            found.push(
                pair.of_column(&META, column, "customProperties", "the unit changed")
                    .was(old, at(column.base))
                    .is(new, at(column.head))
                    .effect(Effect::Dangerous, Effect::Safe, Bump::Minor),
            );
        }
        if !column.base.column.measure || !column.head.column.measure {
            continue;
        }
        for key in ["description", "businessName", "transformLogic", "transformSourceObjects"] {
            let text = |node: &Node| node.get(key).and_then(Node::scalar_text);
            let (old, new) = (text(column.base.node), text(column.head.node));
            if old != new {
                found.push(
                    pair.of_column(&META, column, key, format!("the measure's {key} changed"))
                        .was(old, column.base.span(key))
                        .is(new, column.head.span(key))
                        .effect(Effect::Dangerous, Effect::Safe, Bump::Minor),
                );
            }
        }
    }
}
