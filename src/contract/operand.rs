//! What the operators of a quality rule compare with.

use super::decimal::Decimal;
use super::odcs::{OPERATORS, Since};
use super::yaml::{Node, Value};

/// Operators that the standard lets compare with anything.
const OF_ANYTHING: &[&str] = &["mustBe", "mustNotBe"];

/// Whether the standard's schema takes any value for an operator of a rule: version 3.0 says nothing
/// about operators beside a query, prose or another engine's rule.
pub fn is_free(rule: &Node, operator: &str, declared: Since) -> bool {
    let of_other = rule.get("type").and_then(Node::as_str).is_some_and(|word| word != "library");
    OF_ANYTHING.contains(&operator) || (declared < (3, 1) && of_other)
}

/// An operator of a rule that has nothing to compare with: a list, a mapping, or a text where only
/// numbers have an order.
pub fn unread(rule: &Node) -> Option<String> {
    let mut written =
        rule.entries().iter().filter(|(key, _)| OPERATORS.contains(&key.text.as_str()));
    let (key, value) = written.find(|(key, value)| !is_read(&key.text, value))?;
    Some(format!("'{}' holds {}, which nothing is compared with", key.text, value.value.kind()))
}

fn is_read(operator: &str, value: &Node) -> bool {
    let is_number = |node: &Node| {
        node.scalar_text().is_some_and(|text| text.parse::<Decimal>().is_ok())
            && !matches!(node.value, Value::Bool(_))
    };
    match (operator, &value.value) {
        (_, Value::Null) => true,
        ("mustBeBetween" | "mustNotBeBetween", Value::Seq(items)) => {
            items.len() == 2 && items.iter().all(is_number)
        }
        ("mustBeBetween" | "mustNotBeBetween", _) => false,
        _ if OF_ANYTHING.contains(&operator) => value.scalar_text().is_some(),
        _ => is_number(value),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::contract::yaml;
    use crate::diagnostic::Source;

    #[test]
    fn an_operator_without_a_number_to_compare_with_is_not_read() {
        for (rule, is_read) in [
            ("mustBe: 0", true),
            ("mustBe: zero", true),
            ("mustBe: []", false),
            ("mustBe: {}", false),
            ("mustBeLessThan: 1.5", true),
            ("mustBeLessThan: ten", false),
            ("mustBeBetween: [1, 2]", true),
            ("mustBeBetween: [1]", false),
            ("mustBeBetween: 1", false),
            ("description: x", true),
        ] {
            let text = format!("{{{rule}}}");
            let node = yaml::parse(&Arc::new(Source::new("t", text))).unwrap();
            assert_eq!(super::unread(&node).is_none(), is_read, "{rule}");
        }
    }
}
