//! The documents of one moment, before they are read.

use std::sync::Arc;

use crate::diagnostic::Source;

use super::Settings;

/// A document by its path relative to the project.
#[derive(Debug, Clone)]
pub struct Document {
    /// The path, with `/`.
    pub path: String,
    /// The document.
    pub source: Arc<Source>,
}

/// Documents of one moment, not yet parsed.
#[derive(Debug, Default)]
pub(super) struct Documents {
    pub contracts: Vec<Document>,
    /// Consumers by name.
    pub consumers: Vec<(String, Arc<Source>)>,
    pub settings: Settings,
    /// Why settings of its own could not be read.
    pub unread_settings: Option<String>,
    /// What a commit cannot show, and why.
    pub unseen: Vec<String>,
    /// Whether settings and waivers are its own.
    pub is_project: bool,
    /// Approved exceptions.
    pub waivers: Option<Arc<Source>>,
}

/// A path without `.`, and without `..` except at its beginning: identifies a document on several
/// sides.
pub(super) fn tidy(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let root = if path.starts_with('/') { "/" } else { "" };
    format!("{root}{}", parts.join("/"))
}
