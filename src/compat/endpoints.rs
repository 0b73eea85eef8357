//! Endpoints are interfaces: their parameters and results are what clients are written against.

use arrow::datatypes::DataType;

use crate::contract::decimal::Decimal;
use crate::contract::types::sql_type;
use crate::diagnostic::{Meta, Span};
use crate::project::{Consumer, Parameter};
use crate::query::{ConsumerPlan, OutputColumn, numbered};

use super::facts::types::widens;
use super::finding::Place;
use super::report::Violation;
use super::rules::{
    endpoint_path_changed, parameter_narrowed, parameter_removed, parameter_required,
    parameter_retyped, result_column_removed, result_column_retyped,
};

/// What breaks clients of an endpoint that is on both sides.
pub fn compare(
    base: &Consumer,
    head: &Consumer,
    plans: Option<(&ConsumerPlan, &ConsumerPlan)>,
) -> Vec<Violation> {
    if !base.endpoint || !head.endpoint {
        return Vec::new();
    }
    let mut found = parameters(base, head);
    if let Some((before, after)) = plans {
        found.extend(results(head, &before.outputs, &after.outputs));
    }
    found
}

/// An endpoint that is no longer served under its path.
pub fn path_changed(base: &Consumer, head: Option<&Consumer>, moved: Option<String>) -> Violation {
    let (message, hint) = match (&moved, head) {
        (Some(to), _) => (
            format!("it moved to '{to}'"),
            "keep a file of the old name until no client asks for it",
        ),
        (None, Some(_)) => (
            "it is no longer an endpoint".to_owned(),
            "set endpoint: true, or tell its clients what to call instead",
        ),
        (None, None) => ("it was removed".to_owned(), "keep it until no client asks for it"),
    };
    let at = head.unwrap_or(base);
    let mut found = violation(&endpoint_path_changed::META, at, "path".to_owned(), message, hint);
    // Clients ask for the old path.
    found.element = format!("{}/path", base.name);
    found.message = found.message.replacen(&at.name, &base.name, 1);
    found
}

fn parameters(base: &Consumer, head: &Consumer) -> Vec<Violation> {
    let mut found = Vec::new();
    let must = Parameter::must_be_given;
    for old in &base.parameters {
        let name = old.name.clone();
        let Some(new) = head.parameters.iter().find(|p| p.name == name) else {
            let message = format!("parameter '{name}' was removed");
            let hint = "keep it, unused by the SQL or not, until no client gives it";
            found.push(violation(&parameter_removed::META, head, name, message, hint));
            continue;
        };
        if old.data_type != new.data_type && !takes(&old.data_type, &new.data_type) {
            let message =
                format!("parameter '{name}' is {} now, and was {}", new.type_name, old.type_name);
            let hint = "add a parameter of the new type beside the old one";
            found.push(violation(&parameter_retyped::META, head, name.clone(), message, hint));
        }
        for narrower in narrowed(old, new) {
            let message = format!("parameter '{name}' {narrower}");
            let hint = "keep accepting the old values";
            found.push(violation(&parameter_narrowed::META, head, name.clone(), message, hint));
        }
        if !must(old) && must(new) {
            let message = format!("parameter '{name}' must be given now");
            found.push(violation(
                &parameter_required::META,
                head,
                name,
                message,
                "give it a default",
            ));
        }
    }
    let known = |p: &&Parameter| base.parameters.iter().any(|old| old.name == p.name);
    for new in head.parameters.iter().filter(|p| !known(p) && must(p)) {
        let message = format!("parameter '{}' is new and must be given", new.name);
        let hint = "give it a default";
        found.push(violation(&parameter_required::META, head, new.name.clone(), message, hint));
    }
    found
}

/// In which ways a parameter takes fewer values.
fn narrowed(old: &Parameter, new: &Parameter) -> Vec<String> {
    use std::cmp::Ordering;
    let order = |a: &str, b: &str| match (a.parse::<Decimal>(), b.parse::<Decimal>()) {
        (Ok(a), Ok(b)) => a.cmp(&b),
        _ => a.cmp(b),
    };
    let tighter = |old: &Option<String>, new: &Option<String>, worse: Ordering| match (old, new) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(old), Some(new)) => order(new, old) == worse,
    };
    let mut found = Vec::new();
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    if tighter(&old.minimum, &new.minimum, Ordering::Greater) {
        found.push(format!("is at least {} now", text(&new.minimum)));
    }
    if tighter(&old.maximum, &new.maximum, Ordering::Less) {
        found.push(format!("is at most {} now", text(&new.maximum)));
    }
    if new.max_items.is_some_and(|most| old.max_items.is_none_or(|was| most < was)) {
        let most = new.max_items.unwrap_or_default();
        found.push(format!("takes at most {most} items now"));
    }
    match (&old.allowed, &new.allowed) {
        (None, Some(words)) => found.push(format!("is one of {} now", words.join(", "))),
        (Some(old), Some(new)) => {
            let gone: Vec<&str> =
                old.iter().filter(|w| !new.contains(w)).map(String::as_str).collect();
            if !gone.is_empty() {
                found.push(format!("no longer takes {}", gone.join(", ")));
            }
        }
        _ => {}
    }
    found
}

/// Whether a parameter of the new type takes every value of the old one.
fn takes(old: &DataType, new: &DataType) -> bool {
    match (old, new) {
        (DataType::List(a), DataType::List(b)) => {
            a.data_type() == b.data_type() || widens(a.data_type(), b.data_type())
        }
        (a, b) => widens(a, b),
    }
}

fn results(head: &Consumer, before: &[OutputColumn], after: &[OutputColumn]) -> Vec<Violation> {
    let mut found = Vec::new();
    let now = numbered(after);
    for (key, old) in numbered(before) {
        let name = old.name.clone();
        let Some((_, new)) = now.iter().find(|(k, _)| *k == key) else {
            let message = format!("result column '{name}' is gone");
            let hint = "keep it, or serve the new form under another path";
            found.push(violation(&result_column_removed::META, head, name, message, hint));
            continue;
        };
        if old.data_type != new.data_type && !widens(&old.data_type, &new.data_type) {
            let (was, is) = (sql_type(&old.data_type), sql_type(&new.data_type));
            let message = format!("result column '{name}' is {is} now, and was {was}");
            let hint = "add a column of the new type beside the old one";
            found.push(violation(&result_column_retyped::META, head, name, message, hint));
        }
    }
    found
}

fn violation(
    meta: &'static Meta,
    consumer: &Consumer,
    element: String,
    message: String,
    hint: &str,
) -> Violation {
    let name = &consumer.name;
    let text = &consumer.source.text;
    // A parameter is in the header, a column in the SQL.
    let of_parameter = meta.name.starts_with("parameter");
    let in_header = text.find(&format!(" {element}:")).map(|at| at + 1).filter(|_| of_parameter);
    let span = match in_header {
        Some(at) => Span::of_bytes(text, at, at + element.len()),
        None => crate::query::place_of_word(text, &element),
    };
    Violation {
        code: meta.code,
        rule: meta.name,
        contract: None,
        element: format!("{name}/{element}"),
        message: format!("endpoint '{name}': {message}"),
        place: Some(Place { source: consumer.source.clone(), span }),
        hint: Some(hint.to_owned()),
        waived: None,
    }
}
