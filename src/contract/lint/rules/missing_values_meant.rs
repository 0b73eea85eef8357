//! ## What it does
//! Warns where `validValues` holds what usually stands for a missing value.
//!
//! ## Why it matters
//! The rule would count every real value as invalid.
//!
//! ## Example
//! ```yaml
//! metric: invalidValues
//! arguments: {validValues: ["", null, n/a]}
//! ```
//!
//! ## What to do instead
//! Use metric `missingValues` with argument `missingValues`.

use crate::contract::column_names::yaml_text;
use crate::contract::lint::all_rules;
use crate::contract::model::Contract;
use crate::contract::yaml::{Node, Value};
use crate::diagnostic::{Diagnostic, Meta, Severity};

/// Code, name and severity.
pub const META: Meta = Meta {
    code: "L018",
    name: "missing-values-meant",
    severity: Severity::Warning,
    since: "0.1.0",
};

/// Finds every case in a contract.
pub fn check(contract: &Contract, found: &mut Vec<Diagnostic>) {
    const MISSING: &[&str] = &["", "n/a", "na", "null", "none", "nan", "-"];
    for (_, _, rule) in all_rules(contract) {
        let Some(valid) = rule.argument("validValues") else {
            continue;
        };
        let missing = |n: &Node| match &n.value {
            Value::Null => true,
            Value::String(s) => MISSING.contains(&s.to_lowercase().as_str()),
            _ => false,
        };
        let meant: Vec<String> = valid.items().iter().filter(|n| missing(n)).map(written).collect();
        if !meant.is_empty() {
            let message = "validValues holds what usually means a missing value";
            let hint = format!(
                "metric: missingValues, arguments: {{ missingValues: [{}] }}",
                meant.join(", ")
            );
            found.push(Diagnostic::new(&META, &contract.source, valid.span, message).hint(hint));
        }
    }
}

fn written(node: &Node) -> String {
    node.as_str().map_or_else(|| "null".to_owned(), yaml_text)
}
