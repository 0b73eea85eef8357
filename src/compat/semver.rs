//! Versions: the step that findings need against the step that was made, and raising a version in
//! its document.

use crate::contract::Contract;
use crate::contract::model::Version;
use crate::contract::yaml::Node;
use crate::diagnostic::Span;
use crate::project::{Mode, Policy};

use super::finding::{Bump, Effect, Finding};

/// The step between two versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum VersionStep {
    /// The head's version is below the base's.
    Lowered,
    /// The same version.
    None,
    /// `1.2.3` to `1.2.4`.
    Patch,
    /// `1.2.3` to `1.3.0`.
    Minor,
    /// `1.2.3` to `2.0.0`.
    Major,
}

impl VersionStep {
    /// The step from one version to another.
    pub fn between(base: Version, head: Version) -> Self {
        if head < base {
            Self::Lowered
        } else if head.major > base.major {
            Self::Major
        } else if head.minor > base.minor {
            Self::Minor
        } else if head.patch > base.patch {
            Self::Patch
        } else {
            Self::None
        }
    }

    /// Whether the step is as large as what is needed; a patch is never required.
    pub fn suffices(self, needed: Bump) -> bool {
        match needed {
            Bump::None | Bump::Patch => true,
            Bump::Minor => matches!(self, Self::Minor | Self::Major),
            Bump::Major => self == Self::Major,
        }
    }

    /// The word of reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Lowered => "lowered",
            Self::None => "none",
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        }
    }
}

/// The step that a finding needs in a mode, before policy exceptions.
pub fn needed(finding: &Finding, mode: Mode) -> Bump {
    let writer = mode != Mode::Read && finding.writer == Effect::Breaking;
    let reader = mode == Mode::Full && finding.reader == Effect::Breaking;
    if writer || reader { Bump::Major } else { finding.bump }
}

/// The least version that makes a step.
pub fn next(base: Version, bump: Bump) -> Version {
    match bump {
        Bump::None => base,
        Bump::Patch => Version { patch: base.patch + 1, ..base },
        Bump::Minor => Version { minor: base.minor + 1, patch: 0, ..base },
        Bump::Major => Version { major: base.major + 1, minor: 0, patch: 0 },
    }
}

/// Why a contract may change without a version, judged by its base: nobody may rely on it yet.
pub fn exemption(base: &Contract, policy: &Policy) -> Option<String> {
    if base.version_text.is_empty() {
        return Some("the base has no version".to_owned());
    }
    if base.version.major == 0 {
        return Some(format!("version {} promises nothing yet", base.version_text));
    }
    if base.is_retired() {
        return Some("it was retired".to_owned());
    }
    let status = base.status.as_deref();
    policy.exempts(status).then(|| format!("status {}", status.unwrap_or("(none)")))
}

/// The document's text with another version and nothing else changed.
pub fn with_version(contract: &Contract, version: Version) -> Option<String> {
    let span = contract.tree.get("version")?.span;
    let text = &contract.source.text;
    let inner = unquoted(text, span)?;
    let prefix = if contract.version_text.starts_with('v') { "v" } else { "" };
    let raised = format!("{}{prefix}{version}{}", &text[..inner.start], &text[inner.end..]);
    // The written text must have the intended meaning, however the document spells it.
    let source = std::sync::Arc::new(crate::diagnostic::Source::new("", raised.clone()));
    let read = crate::contract::parse(&source).contract?;
    // An anchor may carry the version elsewhere.
    let others = |tree: &Node| -> Vec<(String, Node)> {
        let entries = tree.entries().iter().filter(|(key, _)| key.text != "version");
        entries.map(|(key, node)| (key.text.clone(), node.clone())).collect()
    };
    let (before, after) = (others(&contract.tree), others(&read.tree));
    let same = before.len() == after.len()
        && before.iter().zip(&after).all(|(a, b)| a.0 == b.0 && a.1.same_value(&b.1));
    (read.version == version && same).then_some(raised)
}

/// The bytes of a scalar without its quotes.
fn unquoted(text: &str, span: Span) -> Option<std::ops::Range<usize>> {
    let written = text.get(span.start..span.end)?;
    let trimmed = written.trim_end();
    let end = span.start + trimmed.len();
    match trimmed.chars().next()? {
        '"' | '\'' => Some(span.start + 1..end.saturating_sub(1).max(span.start + 1)),
        _ => Some(span.start..end),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::contract::parse;
    use crate::diagnostic::Source;

    use super::*;

    #[test]
    fn a_version_is_raised_in_place_and_nothing_else_moves() {
        for (old, new) in [
            ("version: 1.2.3 # keep\n", "version: 2.0.0 # keep\n"),
            ("version: \"1.2.3\"\n", "version: \"2.0.0\"\n"),
            ("version:   'v1.2.3'\n", "version:   'v2.0.0'\n"),
        ] {
            let text = format!("# a\n{old}apiVersion: v3.2.0\nkind: DataContract\nid: t\n");
            let contract = parse(&Arc::new(Source::new("t", text.clone()))).contract.unwrap();
            let raised = with_version(&contract, next(contract.version, Bump::Major)).unwrap();
            assert_eq!(raised, text.replace(old, new));
        }
    }

    #[test]
    fn steps_are_told_and_a_patch_is_never_insisted_on() {
        let step = |a: &str, b: &str| VersionStep::between(a.parse().unwrap(), b.parse().unwrap());
        assert_eq!(step("1.2.3", "1.2.3"), VersionStep::None);
        assert_eq!(step("1.2.3", "2.0.0"), VersionStep::Major);
        assert_eq!(step("1.2.3", "1.1.9"), VersionStep::Lowered);
        assert!(
            VersionStep::None.suffices(Bump::Patch) && !VersionStep::Patch.suffices(Bump::Minor)
        );
        assert!(VersionStep::Lowered.suffices(Bump::None));
    }
}
