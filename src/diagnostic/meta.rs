//! A rule's metadata: its code, name, and the page in its source file.

use super::Severity;

/// The metadata of one rule.
#[derive(Debug, PartialEq, Eq)]
pub struct Meta {
    /// Short stable code, such as `L004`.
    pub code: &'static str,
    /// Name of the bad thing, such as `unknown-key`.
    pub name: &'static str,
    /// Default severity.
    pub severity: Severity,
    /// First version of Pactum that has the rule.
    pub since: &'static str,
}

/// A rule's metadata beside the source file whose doc comment is its page.
#[derive(Debug, Clone, Copy)]
pub struct RuleDoc {
    /// Code and name.
    pub meta: &'static Meta,
    /// The Rust source of the rule.
    pub source: &'static str,
}

impl RuleDoc {
    /// The rule's page in Markdown: the module's doc comment.
    pub fn page(&self) -> String {
        let mut page = format!("# {} ({})\n\n", self.meta.name, self.meta.code);
        for line in self.source.lines() {
            let Some(text) = line.strip_prefix("//!") else { break };
            page.push_str(text.strip_prefix(' ').unwrap_or(text));
            page.push('\n');
        }
        page
    }
}
