//! Lines of a YAML document.

use serde_json::Value;

/// A document while it is written.
#[derive(Default)]
pub(super) struct Lines {
    pub text: String,
}

impl Lines {
    /// Adds a line, two blanks a level.
    pub fn line(&mut self, indent: usize, text: &str) {
        self.text.push_str(&"  ".repeat(indent));
        self.text.push_str(text);
        self.text.push('\n');
    }

    /// Adds a comment: on one line, whatever it quotes.
    pub fn comment(&mut self, indent: usize, text: &str) {
        self.line(indent, &format!("# {}", text.replace(char::is_control, " ")));
    }
}

/// A text as YAML: bare where that is safe, else in double quotes, which JSON and YAML share.
pub(super) fn quoted(text: &str) -> String {
    let first = text.chars().next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    let safe = first && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    let word = matches!(
        text.to_lowercase().as_str(),
        "true" | "false" | "yes" | "no" | "on" | "off" | "null" | "y" | "n"
    );
    if safe && !word { text.to_owned() } else { Value::String(text.to_owned()).to_string() }
}
