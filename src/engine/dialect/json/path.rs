//! Paths: `$`, keys, places, and all of either, in lax mode. The rest of the language of paths is refused.

use datafusion::common::exec_err;
use datafusion::error::Result;

use super::tree::{Node, Tree};

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
enum PathStep {
    Key(String),
    Place(i64),
    /// The last item.
    Last,
    AllItems,
    AllValues,
}

/// A path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path(Vec<PathStep>);

impl Path {
    /// Reads a path.
    ///
    /// # Errors
    /// Of all that is more than keys and places.
    pub(super) fn read(text: &str) -> Result<Self> {
        let refused = || {
            exec_err!(
                "the path {text} is not supported: a path holds $, .key, .\"key\", .*, [n], [last] and [*]"
            )
        };
        let mut rest = text.trim();
        rest = rest.strip_prefix("lax ").map_or(rest, str::trim_start);
        let Some(mut rest) = rest.strip_prefix('$') else { return refused() };
        let mut steps = Vec::new();
        while !rest.trim_start().is_empty() {
            let Some((step, behind)) = step(rest.trim_start()) else { return refused() };
            steps.push(step);
            rest = behind;
        }
        Ok(Self(steps))
    }

    /// The values at the end of the path.
    pub(super) fn find<'a>(&self, tree: &'a Tree) -> Vec<&'a Tree> {
        let mut found = vec![tree];
        for step in &self.0 {
            found = found.into_iter().flat_map(|tree| taken(tree, step)).collect();
        }
        found
    }
}

fn step(text: &str) -> Option<(PathStep, &str)> {
    if let Some(rest) = text.strip_prefix('[') {
        let (inside, rest) = rest.split_once(']')?;
        let step = match inside.trim() {
            "*" => PathStep::AllItems,
            "last" => PathStep::Last,
            digits if digits.bytes().all(|b| b.is_ascii_digit()) => {
                PathStep::Place(digits.parse().ok()?)
            }
            _ => return None,
        };
        return Some((step, rest));
    }
    let rest = text.strip_prefix('.')?.trim_start();
    if let Some(rest) = rest.strip_prefix('*') {
        return (!rest.starts_with('*')).then_some((PathStep::AllValues, rest));
    }
    if let Some(quoted) = rest.strip_prefix('"') {
        let (key, rest) = quoted.split_once('"')?;
        return (!key.contains('\\')).then(|| (PathStep::Key(key.to_owned()), rest));
    }
    let is_letter = |c: char| c.is_alphanumeric() || c == '_';
    let end = rest.find(|c| !is_letter(c)).unwrap_or(rest.len());
    let (key, behind) = rest.split_at_checked(end)?;
    let is_name = key.starts_with(|c: char| c.is_alphabetic() || c == '_');
    // A method, such as size().
    let is_call = behind.trim_start().starts_with('(');
    (is_name && !is_call).then(|| (PathStep::Key(key.to_owned()), behind))
}

/// In lax mode an array stands for its items where a key is asked for, and a value for an array of it where
/// a place is.
fn taken<'a>(tree: &'a Tree, step: &PathStep) -> Vec<&'a Tree> {
    match (step, &tree.node) {
        (PathStep::Key(key), Node::Array(items)) => {
            items.iter().filter_map(|item| item.field(key)).collect()
        }
        (PathStep::Key(key), _) => tree.field(key).into_iter().collect(),
        (PathStep::AllValues, Node::Array(items)) => items.iter().flat_map(values).collect(),
        (PathStep::AllValues, _) => values(tree),
        (PathStep::AllItems, Node::Array(items)) => items.iter().collect(),
        (PathStep::Place(place), Node::Array(_)) => tree.item(*place).into_iter().collect(),
        (PathStep::Last, Node::Array(_)) => tree.item(-1).into_iter().collect(),
        (PathStep::AllItems | PathStep::Last | PathStep::Place(0), _) => vec![tree],
        (PathStep::Place(_), _) => Vec::new(),
    }
}

fn values(tree: &Tree) -> Vec<&Tree> {
    match &tree.node {
        Node::Object(pairs) => pairs.iter().map(|(_, value)| value).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse::parse;
    use super::*;

    #[test]
    fn paths_are_read_or_refused() {
        for text in ["$", "$.a", "$.a[0].b[*]", "lax $ . \"a b\" [ last ]", "$.*"] {
            assert!(Path::read(text).is_ok(), "{text}");
        }
        for text in
            ["a", "$.a ? (@ > 1)", "strict $.a", "$.a.size()", "$.**", "$[0 to 2]", "$.a + 1", "$a"]
        {
            assert!(Path::read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn arrays_are_unwrapped_for_keys() {
        let tree = parse(r#"{"a": [{"b": 1}, {"b": 2}, 3]}"#, true).unwrap();
        let found = |path| {
            let path = Path::read(path).unwrap();
            path.find(&tree).into_iter().map(|t| t.written.clone()).collect::<Vec<_>>()
        };
        assert_eq!(found("$.a.b"), ["1", "2"]);
        assert_eq!(found("$.a[1].b"), ["2"]);
        assert_eq!(found("$.a[last]"), ["3"]);
        assert_eq!(found("$.a[9]"), [""; 0]);
        assert_eq!(found("$[0].a[0].b[0]"), ["1"]);
    }
}
