//! `waivers.yaml`: approved exceptions, in a separate file so that its reviewers can be named.

use std::sync::Arc;

use chrono::NaiveDate;

use crate::contract::model::Spanned;
use crate::contract::temporal;
use crate::contract::yaml::{self, Node, Value, spelling_hint};
use crate::diagnostic::{Diagnostic, Source, Span};
use crate::error::{Error, Result};

use super::rules::bad_waiver;

/// The file beside `pactum.yaml`.
pub const FILE_NAME: &str = "waivers.yaml";

/// Every approved exception of a project.
#[derive(Debug, Clone)]
pub struct Waivers {
    /// Of failing clauses.
    pub check: Vec<CheckWaiver>,
    /// Of changes of contract.
    pub diff: Vec<DiffWaiver>,
    /// The file.
    pub source: Arc<Source>,
}

/// An exception for a clause that fails.
#[derive(Debug, Clone)]
pub struct CheckWaiver {
    /// The contract's id.
    pub contract: Spanned<String>,
    /// The clause's id.
    pub clause: Spanned<String>,
    /// Why.
    pub reason: String,
    /// Who approved it.
    pub approved_by: String,
    /// The last day that it holds.
    pub expires: Spanned<NaiveDate>,
}

/// An exception for a change of contract that breaks somebody.
#[derive(Debug, Clone)]
pub struct DiffWaiver {
    /// The contract's id.
    pub contract: Spanned<String>,
    /// The rule of change.
    pub rule: Spanned<String>,
    /// The element that changes; any when absent.
    pub element: Option<Spanned<String>>,
    /// The consumer that breaks; any when absent.
    pub consumer: Option<Spanned<String>>,
    /// Why.
    pub reason: String,
    /// Who approved it.
    pub approved_by: String,
    /// The last day that it holds.
    pub expires: Spanned<NaiveDate>,
}

const CHECK_KEYS: &[&str] = &["contract", "clause", "reason", "approved_by", "expires"];
const DIFF_KEYS: &[&str] =
    &["contract", "rule", "element", "consumer", "reason", "approved_by", "expires"];

impl Waivers {
    /// Reads the file's text.
    ///
    /// # Errors
    /// When it holds what it must not, with a diagnostic for each.
    pub fn parse(source: &Arc<Source>) -> Result<Self> {
        let tree = yaml::parse(source).map_err(|d| Error::invalid(vec![*d]))?;
        let mut reader = Reader { source, found: Vec::new() };
        let waivers = reader.waivers(&tree);
        if reader.found.is_empty() { Ok(waivers) } else { Err(Error::invalid(reader.found)) }
    }
}

struct Reader<'a> {
    source: &'a Arc<Source>,
    found: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn waivers(&mut self, tree: &Node) -> Waivers {
        let mut waivers =
            Waivers { check: Vec::new(), diff: Vec::new(), source: Arc::clone(self.source) };
        if !matches!(tree.value, Value::Map(_) | Value::Null) {
            self.fault(tree.span, "waivers.yaml holds two lists, check and diff", None);
        }
        for (key, list) in tree.entries() {
            match key.text.as_str() {
                "check" => waivers.check = self.list(list, Self::check),
                "diff" => waivers.diff = self.list(list, Self::diff),
                other => {
                    let hint = spelling_hint(other, ["check", "diff"]);
                    self.fault(key.span, &format!("unknown list '{other}'"), hint);
                }
            }
        }
        waivers
    }

    fn list<T>(&mut self, node: &Node, one: fn(&mut Self, &Node) -> Option<T>) -> Vec<T> {
        if !matches!(node.value, Value::Seq(_) | Value::Null) {
            self.fault(node.span, "expected a list of waivers", None);
        }
        node.items().iter().filter_map(|item| one(self, item)).collect()
    }

    fn check(&mut self, node: &Node) -> Option<CheckWaiver> {
        self.keys(node, CHECK_KEYS);
        let contract = self.must(node, "contract");
        let clause = self.must(node, "clause");
        let (reason, approved_by) = (self.must(node, "reason"), self.must(node, "approved_by"));
        let expires = self.expires(node);
        Some(CheckWaiver {
            contract: contract?,
            clause: clause?,
            reason: reason?.value,
            approved_by: approved_by?.value,
            expires: expires?,
        })
    }

    fn diff(&mut self, node: &Node) -> Option<DiffWaiver> {
        self.keys(node, DIFF_KEYS);
        let (contract, rule) = (self.must(node, "contract"), self.must(node, "rule"));
        let (reason, approved_by) = (self.must(node, "reason"), self.must(node, "approved_by"));
        let expires = self.expires(node);
        Some(DiffWaiver {
            contract: contract?,
            rule: rule?,
            element: text(node, "element"),
            consumer: text(node, "consumer"),
            reason: reason?.value,
            approved_by: approved_by?.value,
            expires: expires?,
        })
    }

    fn keys(&mut self, node: &Node, known: &'static [&'static str]) {
        for (key, _) in node.entries() {
            if !known.contains(&key.text.as_str()) {
                let hint = spelling_hint(&key.text, known.iter().copied())
                    .unwrap_or_else(|| format!("one of {}", known.join(", ")));
                self.fault(key.span, &format!("unknown key '{}'", key.text), Some(hint));
            }
        }
    }

    fn must(&mut self, node: &Node, key: &str) -> Option<Spanned<String>> {
        let found = text(node, key).filter(|t| !t.value.trim().is_empty());
        if found.is_none() {
            let span = node.get(key).map_or(node.span, |n| n.span);
            self.fault(span, &format!("a waiver needs '{key}'"), None);
        }
        found
    }

    fn expires(&mut self, node: &Node) -> Option<Spanned<NaiveDate>> {
        let text = self.must(node, "expires")?;
        let date = temporal::date(&text.value);
        if date.is_none() {
            let message = format!("'{}' is not a date", text.value);
            self.fault(text.span, &message, Some("write it as 2026-12-31".to_owned()));
        }
        Some(Spanned { value: date?, span: text.span })
    }

    fn fault(&mut self, span: Span, message: &str, hint: Option<String>) {
        let found = Diagnostic::new(&bad_waiver::META, self.source, span, message);
        self.found.push(found.maybe_hint(hint));
    }
}

fn text(node: &Node, key: &str) -> Option<Spanned<String>> {
    let value = node.get(key)?;
    Some(Spanned { value: value.scalar_text()?, span: value.span })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waivers_are_read_and_slips_are_named() {
        let parse = |text: &str| Waivers::parse(&Arc::new(Source::new("waivers.yaml", text)));
        let waivers = parse(
            "check:\n- {contract: c, clause: t/x/minimum, reason: late fix, approved_by: ann, \
             expires: 2026-12-31}\n",
        )
        .unwrap();
        assert_eq!(waivers.check[0].clause.value, "t/x/minimum");
        let error = parse("check:\n- {contract: c, clause: x, expires: soon}\n").unwrap_err();
        let messages: Vec<_> = error.diagnostics().iter().map(|d| d.message.as_str()).collect();
        assert_eq!(
            messages,
            ["a waiver needs 'reason'", "a waiver needs 'approved_by'", "'soon' is not a date"]
        );
    }
}
