//! Library rules that are written as `rule`, in the words of `metric`.

use crate::contract::library::{Form, Word, word};
use crate::contract::odcs::OPERATORS;
use crate::contract::yaml::{Key, Node, Value};
use crate::diagnostic::Span;

/// A rule in the words of 3.1; as it is where it has no meaning there.
pub(super) fn modernised(rule: Node) -> Node {
    let is_library = rule.get("type").is_none_or(|t| t.as_str() == Some("library"));
    let written = rule.get("rule").filter(|_| is_library && rule.get("metric").is_none());
    let Some(meant) = written.and_then(Node::as_str).and_then(word) else { return rule };
    let span = written.map_or(rule.span, |node| node.span);
    if !says_what_it_compares(&rule, meant) {
        return rule;
    }
    let Value::Map(entries) = rule.value else { return rule };
    let mut kept = Vec::with_capacity(entries.len() + 1);
    let mut operators = 0;
    let mut listed = None;
    let has_arguments = entries.iter().any(|(key, _)| key.text == "arguments");
    for (mut key, mut value) in entries {
        match key.text.as_str() {
            "rule" => {
                "metric".clone_into(&mut key.text);
                value.value = Value::String(meant.metric.to_owned());
            }
            "validValues" if meant.metric == "invalidValues" && !has_arguments => {
                listed = Some((key, value));
                continue;
            }
            operator if OPERATORS.contains(&operator) => {
                operators += 1;
                // That the check holds is that none is found.
                if value.as_bool() == Some(true) && meant.form != Form::Count {
                    value.value = Value::Number("0".to_owned());
                }
            }
            _ => {}
        }
        kept.push((key, value));
    }
    if let Some((key, value)) = listed {
        let place = key.span;
        kept.push(unwritten("arguments", Value::Map(vec![(key, value)]), place));
    }
    if operators == 0 && meant.form != Form::Count {
        kept.push(unwritten("mustBe", Value::Number("0".to_owned()), span));
    }
    Node { value: Value::Map(kept), span: rule.span }
}

/// An entry that the document does not write, at the place of what implies it.
fn unwritten(key: &str, value: Value, span: Span) -> (Key, Node) {
    (Key { text: key.to_owned(), span }, Node { value, span })
}

/// Whether the operators of a rule can only mean one thing: for a count every number does; a check
/// may also hold; a claim either holds, or none contradicts it.
fn says_what_it_compares(rule: &Node, meant: Word) -> bool {
    let operators = rule.entries().iter().filter(|(key, _)| OPERATORS.contains(&key.text.as_str()));
    operators.into_iter().all(|(key, value)| {
        let zero = matches!(&value.value, Value::Number(n) if n == "0");
        match (&value.value, meant.form) {
            (Value::Bool(truth), Form::Check | Form::Claim) => *truth && key.text == "mustBe",
            (Value::Bool(_), Form::Count) => false,
            (_, Form::Claim) => zero && key.text == "mustBe",
            _ => true,
        }
    })
}
