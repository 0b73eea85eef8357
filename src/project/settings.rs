//! `pactum.yaml`: the settings of a project.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::contract::yaml::{self, Key, Node, Value, spelling_hint};
use crate::diagnostic::{Diagnostic, Source};
use crate::error::{Error, Result};

use super::rules::bad_setting;

/// What `pactum.yaml` says.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where releases live; a relative path is from the project's folder.
    pub warehouse: Option<String>,
    /// Folder of contracts.
    pub contracts: String,
    /// Folder of consumers.
    pub sql: String,
    /// Warehouses by environment.
    pub environments: BTreeMap<String, Option<String>>,
    /// The major that a bare contract name means, by contract id or SQL name.
    pub default_major: BTreeMap<String, u64>,
    /// Classifications that are as public as `public`.
    pub public_classifications: Vec<String>,
    /// Engines of custom rules that something else runs.
    pub external_engines: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            warehouse: None,
            contracts: "contracts".to_owned(),
            sql: "sql".to_owned(),
            environments: BTreeMap::new(),
            default_major: BTreeMap::new(),
            public_classifications: Vec::new(),
            external_engines: Vec::new(),
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
];

impl Settings {
    /// Reads the file's text.
    ///
    /// # Errors
    /// When it holds what it must not, with a diagnostic for each.
    pub fn parse(source: &Arc<Source>) -> Result<Self> {
        let tree = yaml::parse(source).map_err(|d| Error::invalid(vec![*d]))?;
        let mut reader = Reader { source, found: Vec::new() };
        let settings = reader.settings(&tree);
        if reader.found.is_empty() { Ok(settings) } else { Err(invalid(reader.found)) }
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
    fn settings(&mut self, tree: &Node) -> Settings {
        let mut settings = Settings::default();
        if !matches!(tree.value, Value::Map(_) | Value::Null) {
            self.fault(tree, "pactum.yaml is a mapping of settings");
        }
        for (key, node) in tree.entries() {
            match key.text.as_str() {
                "warehouse" => settings.warehouse = self.text(node),
                "contracts" => settings.contracts = self.text(node).unwrap_or_default(),
                "sql" => settings.sql = self.text(node).unwrap_or_default(),
                "environments" => settings.environments = self.environments(node),
                "default_major" => settings.default_major = self.majors(node),
                "public_classifications" => settings.public_classifications = self.texts(node),
                "external_engines" => settings.external_engines = self.texts(node),
                _ => self.unknown(key, KEYS),
            }
        }
        settings
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
        match expand(&raw, |name| std::env::var(name).ok()) {
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

/// Puts the values of variables in place of `${NAME}`.
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
        out.push_str(&value(name).ok_or_else(|| format!("variable {name} is not set"))?);
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
