//! From a document's text to the model, with a diagnostic for everything that does not fit.

mod bounds;
mod build;
mod changed;
mod earlier;
mod other_form;
mod rule_words;
mod servers;
mod shape;
mod variables;
mod whole;

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Source, has_errors};

use super::lint::{self, rules::missing_key};
use super::model::Contract;
use super::yaml::{self, Value};

/// The result of parsing one document.
#[derive(Debug)]
pub struct Parsed {
    /// The model; absent when the document is too faulty to be understood.
    pub contract: Option<Contract>,
    /// Everything that was found, in reading order.
    pub diagnostics: Vec<Diagnostic>,
}

impl Parsed {
    /// The contract, unless an error was found.
    ///
    /// # Errors
    /// The diagnostics, at least one of them an error.
    pub fn valid(self) -> Result<Contract, Vec<Diagnostic>> {
        match self.contract {
            Some(contract) if !has_errors(&self.diagnostics) => Ok(contract),
            _ => Err(self.diagnostics),
        }
    }
}

/// The column of a node by itself, such as one under `properties` or `items`.
pub(super) fn column(node: &super::yaml::Node) -> super::model::Column {
    build::item(node)
}

/// Parses and lints one contract by itself.
pub fn parse(source: &Arc<Source>) -> Parsed {
    let tree = match yaml::parse(source) {
        Ok(tree) => tree,
        Err(diagnostic) => return Parsed { contract: None, diagnostics: vec![*diagnostic] },
    };
    if !matches!(tree.value, Value::Map(_)) {
        let message = format!("a contract is a mapping, this document is {}", tree.value.kind());
        let diagnostic = Diagnostic::new(&missing_key::META, source, tree.span, message)
            .hint("start from `pactum init`, which writes a first contract");
        return Parsed { contract: None, diagnostics: vec![diagnostic] };
    }
    if let Some(diagnostic) = other_form::document(&tree, source) {
        return Parsed { contract: None, diagnostics: vec![diagnostic] };
    }
    let resolved = variables::resolved(tree, source);
    let (tree, misplaced) = other_form::tables(resolved.tree, source);
    let mut diagnostics = shape::check(&tree, source);
    let declared = shape::declared_version(&tree);
    let modern = earlier::modernised(tree, declared, source);
    diagnostics.extend(modern.diagnostics);
    let mut contract = build::contract(Arc::new(modern.tree), source, &modern.open);
    if let Some(contract) = &mut contract {
        contract.unfilled = resolved.unfilled;
    }
    // What the tables lack is clear where their columns stand in their place.
    let is_bare = |contract: &Contract| misplaced.is_some() && contract.tables.is_empty();
    if let Some(contract) = contract.as_ref().filter(|contract| !is_bare(contract)) {
        diagnostics.extend(lint::contract(contract));
    }
    // Of a text whose variable has no value, that is all that can be said.
    diagnostics.retain(|found| !resolved.texts.contains(&found.span.start));
    diagnostics.extend(resolved.diagnostics);
    diagnostics.extend(misplaced);
    crate::diagnostic::sort(&mut diagnostics);
    Parsed { contract, diagnostics }
}
