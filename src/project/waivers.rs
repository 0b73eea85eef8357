//! `waivers.yaml`: approved exceptions, in a separate file so that its reviewers can be named.

use std::sync::Arc;

use chrono::NaiveDate;

use crate::contract::model::Spanned;
use crate::contract::temporal;
use crate::contract::yaml::{self, Node, Value, flow_scalar, spelling_hint};
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

/// What a key may be called by mistake.
const SYNONYMS: &[(&str, &str)] = &[
    ("id", "contract"),
    ("column", "element"),
    ("table", "element"),
    ("approver", "approved_by"),
    ("approval", "approved_by"),
    ("approved", "approved_by"),
    ("because", "reason"),
    ("comment", "reason"),
    ("until", "expires"),
    ("expiry", "expires"),
    ("expiration", "expires"),
];

/// A day for examples that does not pass.
const SOME_DAY: &str = "2099-01-31";

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
            let hint = format!("write {} or {}", example("check"), example("diff"));
            self.fault(tree.span, "waivers.yaml holds two lists, check and diff", Some(hint));
        }
        for (key, list) in tree.entries() {
            match key.text.as_str() {
                "check" => waivers.check = self.list("check", list, Self::check),
                "diff" => waivers.diff = self.list("diff", list, Self::diff),
                other => {
                    let hint = spelling_hint(other, ["check", "diff"]).unwrap_or_else(|| {
                        format!("write {} or {}", example("check"), example("diff"))
                    });
                    self.fault(key.span, &format!("unknown list '{other}'"), Some(hint));
                }
            }
        }
        waivers
    }

    fn list<T>(
        &mut self,
        name: &str,
        node: &Node,
        one: fn(&mut Self, &Node) -> Option<T>,
    ) -> Vec<T> {
        let hint = || Some(format!("write {}", example(name)));
        if !matches!(node.value, Value::Seq(_) | Value::Null) {
            self.fault(node.span, "expected a list of waivers", hint());
        }
        let (waivers, others): (Vec<&Node>, Vec<&Node>) =
            node.items().iter().partition(|item| matches!(item.value, Value::Map(_)));
        for other in others {
            self.fault(other.span, "a waiver is a mapping", hint());
        }
        waivers.into_iter().filter_map(|item| one(self, item)).collect()
    }

    fn check(&mut self, node: &Node) -> Option<CheckWaiver> {
        self.keys(node, CHECK_KEYS);
        let written = check_waiver(node);
        let contract = self.must(node, "contract", &written);
        let clause = self.must(node, "clause", &written);
        let reason = self.must(node, "reason", &written);
        let approved_by = self.must(node, "approved_by", &written);
        let expires = self.expires(node, &written);
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
        let written = diff_waiver(node);
        let contract = self.must(node, "contract", &written);
        let rule = self.must(node, "rule", &written);
        let reason = self.must(node, "reason", &written);
        let approved_by = self.must(node, "approved_by", &written);
        let expires = self.expires(node, &written);
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
                let is = |word: &&(&str, &str)| word.0.eq_ignore_ascii_case(&key.text);
                let hint = if known != DIFF_KEYS && DIFF_KEYS.contains(&key.text.as_str()) {
                    format!("it belongs to a waiver of a change: {}", example("diff"))
                } else if known != CHECK_KEYS && CHECK_KEYS.contains(&key.text.as_str()) {
                    format!("it belongs to a waiver of a clause: {}", example("check"))
                } else if let Some((_, own)) =
                    SYNONYMS.iter().find(is).filter(|s| known.contains(&s.1))
                {
                    format!("write '{own}'")
                } else {
                    spelling_hint(&key.text, known.iter().copied())
                        .unwrap_or_else(|| format!("one of {}", known.join(", ")))
                };
                self.fault(key.span, &format!("unknown key '{}'", key.text), Some(hint));
            }
        }
    }

    /// The text of a key; where it is missing, a fault with the waiver as it should be.
    fn must(&mut self, node: &Node, key: &str, written: &str) -> Option<Spanned<String>> {
        let found = text(node, key).filter(|t| !t.value.trim().is_empty());
        if found.is_none() {
            let span = node.get(key).map_or(node.span, |n| n.span);
            let hint = format!("write {written}");
            self.fault(span, &format!("a waiver needs '{key}'"), Some(hint));
        }
        found
    }

    fn expires(&mut self, node: &Node, written: &str) -> Option<Spanned<NaiveDate>> {
        let text = self.must(node, "expires", written)?;
        let date = temporal::date(&text.value);
        if date.is_none() {
            let message = format!("'{}' is not a date", text.value);
            self.fault(text.span, &message, Some(format!("write it as {SOME_DAY}")));
        }
        Some(Spanned { value: date?, span: text.span })
    }

    fn fault(&mut self, span: Span, message: &str, hint: Option<String>) {
        let found = Diagnostic::new(&bad_waiver::META, self.source, span, message);
        self.found.push(found.maybe_hint(hint));
    }
}

/// A waiver of a change, as the list `diff` holds it: what is waived, by which key (`element`,
/// `consumer`), until when.
pub fn waiver_of_change(
    contract: &str,
    rule: &str,
    (key, subject): (&str, &str),
    expires: &str,
) -> String {
    format!(
        "{{contract: {}, rule: {}, {key}: {}, reason: why, approved_by: who, expires: {expires}}}",
        flow_scalar(contract),
        flow_scalar(rule),
        flow_scalar(subject)
    )
}

/// A list with one waiver.
fn example(list: &str) -> String {
    let waiver = match list {
        "check" => check_waiver(&Node { value: Value::Null, span: Span::START }),
        _ => diff_waiver(&Node { value: Value::Null, span: Span::START }),
    };
    format!("{list}: [{waiver}]")
}

/// A waiver of a clause with what is written of it.
fn check_waiver(node: &Node) -> String {
    let said = |key: &str, otherwise: &str| said(node, key, otherwise);
    format!(
        "{{contract: {}, clause: {}, reason: {}, approved_by: {}, expires: {}}}",
        said("contract", "learning"),
        said("clause", "scores/score/maximum"),
        said("reason", "why"),
        said("approved_by", "who"),
        day(node)
    )
}

/// A waiver of a change with what is written of it.
fn diff_waiver(node: &Node) -> String {
    let said = |key: &str, otherwise: &str| said(node, key, otherwise);
    let subject = match (node.get("element"), node.get("consumer")) {
        (None, Some(_)) => format!("consumer: {}", said("consumer", "home_page")),
        _ => format!("element: {}", said("element", "scores.score")),
    };
    format!(
        "{{contract: {}, rule: {}, {subject}, reason: {}, approved_by: {}, expires: {}}}",
        said("contract", "learning"),
        said("rule", "column-removed"),
        said("reason", "why"),
        said("approved_by", "who"),
        day(node)
    )
}

/// The day that is written, where it is one.
fn day(node: &Node) -> String {
    let written = text(node, "expires").map(|t| t.value);
    written.filter(|t| temporal::date(t).is_some()).unwrap_or_else(|| SOME_DAY.to_owned())
}

fn said(node: &Node, key: &str, otherwise: &str) -> String {
    let written = text(node, key).map(|t| t.value).filter(|t| !t.trim().is_empty());
    flow_scalar(&written.unwrap_or_else(|| otherwise.to_owned()))
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

    #[test]
    fn what_an_error_says_to_write_is_read() {
        let parse = |text: &str| Waivers::parse(&Arc::new(Source::new("waivers.yaml", text)));
        let slips = [
            "- {contract: c, rule: column-removed}\n",
            "changes: []\n",
            "diff: {contract: c}\n",
            "diff: [column-removed]\n",
            "check: [learning]\n",
            "diff:\n- {contract: c, rule: consumer-broken, consumer: 'a of b: c', reason: it's late}\n",
            "diff:\n- {contract: c, clause: t/x/minimum, reason: r, approved_by: a, expires: 2099-01-31}\n",
            "check:\n- {contract: 7, clause: '', reason: r, approved_by: a, expires: 2099-01-31}\n",
        ];
        for slip in slips {
            let found = parse(slip).unwrap_err();
            assert!(!found.diagnostics().is_empty(), "{slip}");
            for fault in found.diagnostics() {
                let hint = fault.hint.clone().unwrap_or_else(|| panic!("{slip}: {fault:?}"));
                let lists = ["check: [", "diff: ["].into_iter().filter_map(|list| {
                    let from = hint.find(list)?;
                    Some(hint[from..from + hint[from..].find("}]")? + 2].to_owned())
                });
                let mut written: Vec<String> = lists.collect();
                if let Some(waiver) = hint.strip_prefix("write {") {
                    let list = if waiver.contains("clause:") { "check" } else { "diff" };
                    written.push(format!("{list}: [{{{waiver}]"));
                }
                assert!(!written.is_empty(), "{slip}: {hint}");
                for text in written {
                    parse(&text).unwrap_or_else(|e| panic!("{slip}: {text}: {e:?}"));
                }
            }
        }
    }

    #[test]
    fn a_key_by_another_name_is_recognised() {
        let text = "diff:\n- {contract: c, rule: r, element: e, reason: r, approver: a, until: 2099-01-31}\n";
        let error = Waivers::parse(&Arc::new(Source::new("waivers.yaml", text))).unwrap_err();
        let hints: Vec<_> = error.diagnostics().iter().filter_map(|d| d.hint.as_deref()).collect();
        assert!(hints.contains(&"write 'approved_by'") && hints.contains(&"write 'expires'"));
    }
}
