//! `pactum.yaml`: the settings of a project.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::contract::model::Spanned;
use crate::contract::yaml::{self, Key, Node, Value, spelling_hint};
use crate::diagnostic::{Diagnostic, Source, veil};
use crate::error::{Error, Result};

use super::policy::{BreakingIf, Deprecation, Mode, Policy};
use super::rules::bad_setting;

/// What `pactum.yaml` says.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where releases live, its variables not yet filled in; a relative path is from the project's
    /// folder.
    pub warehouse: Option<String>,
    /// Folder of contracts.
    pub contracts: String,
    /// Folders of consumers.
    pub sql: Vec<String>,
    /// Warehouses by environment.
    pub environments: BTreeMap<String, Option<String>>,
    /// The major that a bare contract name means, by contract id or SQL name.
    pub default_major: BTreeMap<String, u64>,
    /// Classifications that are as public as `public`.
    pub public_classifications: Vec<String>,
    /// Engines of custom rules that something else runs.
    pub external_engines: Vec<String>,
    /// What changes of contracts need.
    pub diff: Policy,
    /// Settings that this file builds on: a path, or an address with a checksum.
    pub extends: Option<Spanned<String>>,
    /// Keys that files building on this one may not change.
    pub locked: Vec<Spanned<String>>,
    /// The file itself.
    pub source: Arc<Source>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            warehouse: None,
            contracts: "contracts".to_owned(),
            sql: vec!["sql".to_owned()],
            environments: BTreeMap::new(),
            default_major: BTreeMap::new(),
            public_classifications: Vec::new(),
            external_engines: Vec::new(),
            diff: Policy::default(),
            extends: None,
            locked: Vec::new(),
            source: Arc::new(Source::new(super::FILE_NAME, "")),
        }
    }
}

const KEYS: &[&str] = &[
    "warehouse",
    "contracts",
    "sql",
    "environments",
    "default_major",
    "public_classifications",
    "external_engines",
    "diff",
    "extends",
    "locked",
];

const POLICY_KEYS: &[&str] = &[
    "mode",
    "transitive",
    "breaking_if",
    "main",
    "deprecation",
    "reserved_names",
    "exempt_statuses",
    "warnings",
    "meaningful_properties",
];

impl Settings {
    /// Reads the file's text.
    ///
    /// # Errors
    /// When it holds what it must not, with a diagnostic for each.
    pub fn parse(source: &Arc<Source>) -> Result<Self> {
        Self::over(Self::default(), source)
    }

    /// Reads the file's text over the settings that it builds on.
    ///
    /// # Errors
    /// As [`Settings::parse`], and when it sets what they have locked otherwise.
    pub fn over(below: Self, source: &Arc<Source>) -> Result<Self> {
        let tree = yaml::parse(source).map_err(|d| Error::invalid(vec![*d]))?;
        let mut reader = Reader { source, found: Vec::new() };
        reader.keep_locks(&below, &tree);
        let mut settings = Self { source: Arc::clone(source), extends: None, ..below };
        reader.settings(&tree, &mut settings);
        if reader.found.is_empty() { Ok(settings) } else { Err(invalid(reader.found)) }
    }

    /// Folders that are named must exist; default ones need not.
    ///
    /// # Errors
    /// Names the first that is missing.
    pub(super) fn refuse_missing_folders(&self, root: &Path) -> Result<()> {
        let usual = Self::default();
        let named = std::iter::once(&self.contracts).filter(|f| **f != usual.contracts);
        let named = named.chain(self.sql.iter().filter(|f| !usual.sql.contains(f)));
        match named.into_iter().find(|folder| !root.join(folder).is_dir()) {
            Some(missing) => {
                let missing = self.as_written(missing);
                Err(Error::usage("bad-setting", format!("there is no folder '{missing}'"))
                    .at(self.source.name.clone())
                    .hint("contracts and sql name folders of the project"))
            }
            None => Ok(()),
        }
    }

    /// A folder as the file writes it: without the values of variables.
    fn as_written(&self, folder: &str) -> String {
        let Ok(tree) = yaml::parse(&self.source) else { return folder.to_owned() };
        let nodes = ["contracts", "sql"].into_iter().filter_map(|key| tree.get(key));
        let texts = nodes.flat_map(|node| {
            node.as_str().into_iter().chain(node.items().iter().filter_map(Node::as_str))
        });
        let mut same = texts.filter(|raw| expand(raw, variable).as_deref() == Ok(folder));
        same.next().unwrap_or(folder).to_owned()
    }

    /// The file that it builds on, however faulty it is otherwise.
    pub(super) fn builds_on(source: &Arc<Source>) -> Option<Spanned<String>> {
        let tree = yaml::parse(source).ok()?;
        let node = tree.get("extends")?;
        Some(Spanned { value: node.as_str()?.to_owned(), span: node.span })
    }
}

/// A faulty settings file is a fault of configuration, not of data.
fn invalid(found: Vec<Diagnostic>) -> Error {
    let first = &found[0];
    let error = Error::usage("bad-setting", first.message.clone()).at(first.position());
    match &first.hint {
        Some(hint) => error.hint(hint.clone()),
        None => error,
    }
}

struct Reader<'a> {
    source: &'a Arc<Source>,
    found: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn settings(&mut self, tree: &Node, settings: &mut Settings) {
        if !matches!(tree.value, Value::Map(_) | Value::Null) {
            self.fault(tree, "pactum.yaml is a mapping of settings");
        }
        for (key, node) in tree.entries() {
            match key.text.as_str() {
                "warehouse" => settings.warehouse = self.raw_text(node),
                "contracts" => settings.contracts = self.text(node).unwrap_or_default(),
                "sql" => settings.sql = self.one_or_more(node),
                "environments" => settings.environments = self.environments(node),
                "default_major" => settings.default_major = self.majors(node),
                "public_classifications" => settings.public_classifications = self.texts(node),
                "external_engines" => settings.external_engines = self.texts(node),
                "diff" => self.policy(node, &mut settings.diff),
                "extends" => settings.extends = self.spanned(node),
                "locked" => settings.locked.extend(self.locks(node)),
                _ => self.unknown(key, KEYS),
            }
        }
    }

    fn policy(&mut self, node: &Node, policy: &mut Policy) {
        if !matches!(node.value, Value::Map(_) | Value::Null) {
            self.fault(node, "diff is a mapping of what changes of contracts need");
        }
        for (key, value) in node.entries() {
            match key.text.as_str() {
                "mode" => {
                    let words =
                        [("read", Mode::Read), ("write", Mode::Write), ("full", Mode::Full)];
                    self.word(value, &words, &mut policy.mode);
                }
                "breaking_if" => {
                    let words = [("declared", BreakingIf::Declared), ("used", BreakingIf::Used)];
                    self.word(value, &words, &mut policy.breaking_if);
                }
                "transitive" => match value.as_bool() {
                    Some(flag) => policy.transitive = flag,
                    None => self.fault(value, "expected true or false"),
                },
                "main" => policy.main = self.text(value),
                "deprecation" => policy.deprecation = Some(self.deprecation(value)),
                "reserved_names" => policy.reserved_names = self.spanned_texts(value),
                "exempt_statuses" => {
                    let words = self.texts(value).into_iter().map(|w| w.to_lowercase());
                    policy.exempt_statuses = Some(words.collect());
                }
                "warnings" => policy.warnings = self.spanned_texts(value),
                "meaningful_properties" => policy.meaningful_properties = self.texts(value),
                _ => self.unknown(key, POLICY_KEYS),
            }
        }
    }

    fn deprecation(&mut self, node: &Node) -> Deprecation {
        let mut window = Deprecation::default();
        if !matches!(node.value, Value::Map(_)) {
            self.fault(node, "expected {days: N, versions: N}");
        }
        for (key, value) in node.entries() {
            let number = value.scalar_text().and_then(|t| t.parse::<u32>().ok());
            match (key.text.as_str(), number) {
                ("days", Some(days)) => window.days = i64::from(days),
                ("versions", Some(versions)) => window.versions = versions as usize,
                ("days" | "versions", None) => self.fault(value, "expected a whole number"),
                _ => self.unknown(key, &["days", "versions"]),
            }
        }
        window
    }

    fn word<T: Copy>(&mut self, node: &Node, words: &[(&str, T)], to: &mut T) {
        let found = words.iter().find(|(word, _)| node.as_str() == Some(word));
        match found {
            Some((_, value)) => *to = *value,
            None => {
                let list: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
                self.fault(node, &format!("expected one of {}", list.join(", ")));
            }
        }
    }

    /// Only existing keys can be locked.
    fn locks(&mut self, node: &Node) -> Vec<Spanned<String>> {
        let locks = self.spanned_texts(node);
        for lock in &locks {
            let known = match lock.value.split_once('.') {
                Some(("diff", key)) => POLICY_KEYS.contains(&key),
                _ => KEYS.contains(&lock.value.as_str()),
            };
            if !known {
                let message = format!("'{}' is not a setting that could be locked", lock.value);
                self.found.push(
                    Diagnostic::new(&bad_setting::META, self.source, lock.span, message)
                        .hint("a key of pactum.yaml, such as diff.mode"),
                );
            }
        }
        locks
    }

    /// Keys that the settings below have locked keep their values.
    fn keep_locks(&mut self, below: &Settings, tree: &Node) {
        let Ok(theirs) = yaml::parse(&below.source) else { return };
        for lock in &below.locked {
            let path: Vec<&str> = lock.value.split('.').collect();
            let at = |tree: &Node| path.iter().try_fold(tree.clone(), |n, key| n.get(key).cloned());
            let Some(own) = at(tree) else { continue };
            if at(&theirs).map(|n| n.to_json()) != Some(own.to_json()) {
                let message = format!("'{}' is locked by {}", lock.value, below.source.name);
                self.found.push(
                    Diagnostic::new(&bad_setting::META, self.source, own.span, message)
                        .hint("remove it here, or ask the team that keeps the shared settings"),
                );
            }
        }
    }

    fn one_or_more(&mut self, node: &Node) -> Vec<String> {
        match node.value {
            Value::Seq(_) => self.texts(node),
            _ => self.text(node).into_iter().collect(),
        }
    }

    fn spanned(&mut self, node: &Node) -> Option<Spanned<String>> {
        Some(Spanned { value: self.text(node)?, span: node.span })
    }

    fn spanned_texts(&mut self, node: &Node) -> Vec<Spanned<String>> {
        if !matches!(node.value, Value::Seq(_)) {
            self.fault(node, "expected a list of words");
        }
        node.items().iter().filter_map(|item| self.spanned(item)).collect()
    }

    fn environments(&mut self, node: &Node) -> BTreeMap<String, Option<String>> {
        let mut environments = BTreeMap::new();
        for (name, settings) in node.entries() {
            let mut warehouse = None;
            for (key, value) in settings.entries() {
                match key.text.as_str() {
                    "warehouse" => warehouse = self.raw_text(value),
                    _ => self.unknown(key, &["warehouse"]),
                }
            }
            environments.insert(name.text.clone(), warehouse);
        }
        environments
    }

    fn majors(&mut self, node: &Node) -> BTreeMap<String, u64> {
        let mut majors = BTreeMap::new();
        for (name, value) in node.entries() {
            match value.scalar_text().and_then(|t| t.parse().ok()) {
                Some(major) => drop(majors.insert(name.text.clone(), major)),
                None => self.fault(value, "a major version is a whole number"),
            }
        }
        majors
    }

    fn texts(&mut self, node: &Node) -> Vec<String> {
        if !matches!(node.value, Value::Seq(_)) {
            self.fault(node, "expected a list of words");
        }
        node.items().iter().filter_map(|item| self.text(item)).collect()
    }

    /// A text with its variables filled in.
    fn text(&mut self, node: &Node) -> Option<String> {
        let raw = self.raw_text(node)?;
        match expand(&raw, variable) {
            Ok(text) => Some(text),
            Err(message) => {
                self.fault(node, &message);
                None
            }
        }
    }

    fn raw_text(&mut self, node: &Node) -> Option<String> {
        let text = node.as_str().map(str::to_owned);
        if text.is_none() {
            self.fault(node, &format!("expected a string, found {}", node.value.kind()));
        }
        text
    }

    fn unknown(&mut self, key: &Key, known: &[&str]) {
        let hint = spelling_hint(&key.text, known.iter().copied())
            .unwrap_or_else(|| format!("one of {}", known.join(", ")));
        let message = format!("unknown setting '{}'", key.text);
        self.found
            .push(Diagnostic::new(&bad_setting::META, self.source, key.span, message).hint(hint));
    }

    fn fault(&mut self, node: &Node, message: &str) {
        self.found.push(Diagnostic::new(&bad_setting::META, self.source, node.span, message));
    }
}

/// The value of a variable of the environment; an empty one is not set.
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Puts the values of variables in place of `${NAME}`. Diagnostics keep showing the names.
///
/// # Errors
/// Names the variable that is not set.
pub fn expand(text: &str, value: impl Fn(&str) -> Option<String>) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        out.push_str(&rest[..start]);
        let Some(end) = rest[start..].find('}') else { break };
        let name = &rest[start + 2..start + end];
        let found = value(name).ok_or_else(|| format!("variable {name} is not set"))?;
        veil(&found, &rest[start..=start + end]);
        out.push_str(&found);
        rest = &rest[start + end + 1..];
    }
    out.push_str(rest);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Settings> {
        Settings::parse(&Arc::new(Source::new("pactum.yaml", text)))
    }

    #[test]
    fn settings_are_read_and_slips_are_named() {
        let settings =
            parse("warehouse: ./w\nenvironments:\n  prod: {warehouse: /data}\n").unwrap();
        assert_eq!(settings.warehouse.as_deref(), Some("./w"));
        assert_eq!(settings.environments["prod"].as_deref(), Some("/data"));
        let error = parse("warehuose: ./w\n").unwrap_err();
        assert_eq!(error.place(), Some("pactum.yaml:1:1"));
        assert!(error.next_step().is_some_and(|h| h.contains("warehouse")));
    }

    #[test]
    fn variables_are_filled_in_and_a_missing_one_is_named() {
        let value = |name: &str| (name == "HOME_DIR").then(|| "/h".to_owned());
        assert_eq!(expand("${HOME_DIR}/w-${HOME_DIR}", value).as_deref(), Ok("/h/w-/h"));
        assert!(expand("${NO}", value).unwrap_err().contains("NO"));
    }
}
