//! Quality rules and their operators.

use crate::contract::yaml::{Node, Value};
use crate::diagnostic::Span;

use super::spanned::Spanned;

/// What kind of quality rule it is, by its `type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleType {
    /// A metric of the standard.
    Library,
    /// Prose.
    Text,
    /// An SQL query.
    Sql,
    /// A rule of another engine.
    Custom,
}

/// A quality rule.
#[derive(Debug, Clone)]
pub struct QualityRule {
    /// `id`.
    pub id: Option<String>,
    /// `name`.
    pub name: Option<String>,
    /// `type`, by default `library`.
    pub rule_type: RuleType,
    /// `metric` of a library rule; where a `rule` has no meaning in the words of metrics, its word.
    pub metric: Option<Spanned<String>>,
    /// `arguments` of a library rule.
    pub arguments: Option<Node>,
    /// `query` of an SQL rule.
    pub query: Option<Spanned<String>>,
    /// `engine` of a custom rule.
    pub engine: Option<String>,
    /// `description`.
    pub description: Option<String>,
    /// `severity` as written.
    pub severity: Option<Spanned<String>>,
    /// Whether `unit` is `percent`.
    pub percent: bool,
    /// Every operator of the rule; all of them must hold.
    pub operators: Vec<Spanned<Operator>>,
    /// Custom property `where`: the rows that the rule looks at.
    pub filter: Option<Spanned<String>>,
    /// Custom property `groupBy`: a verdict for each group of these columns.
    pub group_by: Vec<Spanned<String>>,
    /// Custom property `compareTo: previous`: the change since the current release is measured.
    pub previous: Option<Span>,
    /// Custom property `warn`: operators that, when they do not hold, are reported while the rule
    /// itself holds.
    pub warning: Vec<Spanned<Operator>>,
    /// Custom property `public: true`: the measure may be shown although classified columns are
    /// read.
    pub public: bool,
    /// What tells its clause from another of its element that would have the same id.
    pub twin: Option<String>,
    /// The whole rule.
    pub node: Node,
}

/// An operator of a quality rule, with its operand as written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words are the standard's own")]
pub enum Operator {
    MustBe(String),
    MustNotBe(String),
    MustBeGreaterThan(String),
    MustBeGreaterOrEqualTo(String),
    MustBeLessThan(String),
    MustBeLessOrEqualTo(String),
    MustBeBetween(String, String),
    MustNotBeBetween(String, String),
}

impl QualityRule {
    /// A value of `arguments`; one that is written as null is absent.
    pub fn argument(&self, name: &str) -> Option<&Node> {
        self.arguments.as_ref()?.get(name).filter(|node| !matches!(node.value, Value::Null))
    }
}

impl Operator {
    /// What a measured value is compared with: one value, or two.
    pub fn operands(&self) -> Vec<&str> {
        match self {
            Self::MustBe(v)
            | Self::MustNotBe(v)
            | Self::MustBeGreaterThan(v)
            | Self::MustBeGreaterOrEqualTo(v)
            | Self::MustBeLessThan(v)
            | Self::MustBeLessOrEqualTo(v) => vec![v],
            Self::MustBeBetween(a, b) | Self::MustNotBeBetween(a, b) => vec![a, b],
        }
    }
}
