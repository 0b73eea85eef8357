//! The typed model of a contract: what the other layers need to know, with positions.
//!
//! Built leniently from the document: a faulty value is left out here and reported by lint, so
//! that one run can report many faults.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::{Source, Span};

use super::yaml::{Node, Value};

/// A value and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Its place in the contract's document.
    pub span: Span,
}

/// A semantic version: major, minor, patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// Breaking changes.
    pub major: u64,
    /// Additions.
    pub minor: u64,
    /// Corrections.
    pub patch: u64,
}

impl std::str::FromStr for Version {
    type Err = ();

    /// Reads `1.2.3`, `v1.2.3` or `1.2.3-rc.1+build` (pre-release and build are ignored).
    fn from_str(text: &str) -> Result<Self, ()> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let core = text.split(['-', '+']).next().unwrap_or_default();
        let parts: Vec<&str> = core.split('.').collect();
        let number = |s: &str| {
            let digits = !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
            if digits { s.parse::<u64>().map_err(|_| ()) } else { Err(()) }
        };
        match parts.as_slice() {
            [major, minor, patch] => {
                Ok(Self { major: number(major)?, minor: number(minor)?, patch: number(patch)? })
            }
            _ => Err(()),
        }
    }
}

impl Version {
    /// Reads what is short of a semantic version but can only mean one: `2` and `2.0` are `2.0.0`.
    pub fn completed(text: &str) -> Option<Self> {
        let parts = text.strip_prefix('v').unwrap_or(text).split('.').count();
        let whole = match parts {
            1 => format!("{text}.0.0"),
            2 => format!("{text}.0"),
            _ => return None,
        };
        // A dash begins a pre-release, or separates the parts of a day.
        if text.contains(['-', '+']) { None } else { whole.parse().ok() }
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// One ODCS document.
#[derive(Debug, Clone)]
pub struct Contract {
    /// `id`: names the contract.
    pub id: String,
    /// `version` as written, or completed where it is short of a semantic version.
    pub version_text: String,
    /// `version` as a semantic version.
    pub version: Version,
    /// `apiVersion`: the version of the standard that the document declares.
    pub api_version: (u64, u64),
    /// `status`, in lower case.
    pub status: Option<String>,
    /// `name`.
    pub name: Option<String>,
    /// `domain`.
    pub domain: Option<String>,
    /// The schema name in SQL: custom property `sqlName`, else `name`, else `id`.
    pub sql_name: Spanned<String>,
    /// `description.purpose`, else `description.usage`.
    pub description: Option<String>,
    /// `team.name`, else the member whose role is owner, else the first member.
    pub owner: Option<String>,
    /// The first support channel: its URL where it has one, else its name.
    pub support: Option<String>,
    /// The tables: objects of `schema`.
    pub tables: Vec<Table>,
    /// `slaProperties`.
    pub sla: Vec<Sla>,
    /// `slaDefaultElement`: the element of service levels that name none.
    pub sla_element: Option<String>,
    /// What holds variables that nothing fills, by where it begins in the document: an option, a
    /// list of allowed values, a rule, a relationship, a service level. Its clause is not executed.
    pub unfilled: BTreeMap<usize, Vec<String>>,
    /// The document.
    pub source: Arc<Source>,
    /// The document's tree, with the defaults of its variables filled in.
    pub tree: Arc<Node>,
}

/// What happens to columns of a file that the contract does not declare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AdditionalColumns {
    /// They fail the check.
    #[default]
    Forbid,
    /// They are reported and left out of the release.
    Warn,
    /// They are left out of the release.
    Allow,
}

/// A table: an ODCS schema object.
#[derive(Debug, Clone)]
pub struct Table {
    /// `id`.
    pub id: Option<String>,
    /// `name`: the name in SQL.
    pub name: Spanned<String>,
    /// `physicalName`: the folder of the Delta table.
    pub physical_name: Option<String>,
    /// `description`.
    pub description: Option<String>,
    /// `businessName`.
    pub business_name: Option<String>,
    /// The columns, in the order of declaration.
    pub columns: Vec<Column>,
    /// `relationships` of the table.
    pub relationships: Vec<Relationship>,
    /// `quality` of the table.
    pub quality: Vec<QualityRule>,
    /// Custom property `additionalColumns`.
    pub additional_columns: Spanned<AdditionalColumns>,
}

impl Table {
    /// The name of files, folders and Delta tables: `physicalName`, else `name`.
    pub fn physical(&self) -> &str {
        self.physical_name.as_deref().unwrap_or(&self.name.value)
    }

    /// The name in clause ids: `id`, else `name`.
    pub fn element(&self) -> &str {
        self.id.as_deref().unwrap_or(&self.name.value)
    }

    /// The column of a name, in any case; where there is none, the one that files call so.
    pub fn column(&self, name: &str) -> Option<&Column> {
        let named = self.columns.iter().find(|c| c.name.value.eq_ignore_ascii_case(name));
        named.or_else(|| self.columns.iter().find(|c| c.physical().eq_ignore_ascii_case(name)))
    }

    /// The column that an argument of a rule of this table names: by its name, which the table's
    /// may lead.
    pub fn argument_column(&self, name: &str) -> Option<&Column> {
        let of_table = |own: &str| {
            let (head, rest) = name.split_at_checked(own.len())?;
            rest.strip_prefix('.').filter(|_| head.eq_ignore_ascii_case(own))
        };
        let behind = || of_table(&self.name.value).or_else(|| of_table(self.physical()));
        self.column(name).or_else(|| self.column(behind()?))
    }

    /// Whether a file's column names may be values that reports withhold: the table has classified
    /// columns, and none of the names is declared.
    pub fn may_be_values<'n>(&self, names: impl Iterator<Item = &'n str>) -> bool {
        let mut names = names.peekable();
        // Which classifications are as good as public is not known here: all count.
        self.columns.iter().any(|c| c.classified(&[]))
            && names.peek().is_some()
            && !names.any(|name| self.columns.iter().any(|c| c.is_called(name)))
    }

    /// The columns that a file holds: all but measures.
    pub fn stored_columns(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().filter(|c| !c.measure)
    }

    /// The primary key, ordered by `primaryKeyPosition`, then by declaration.
    pub fn primary_key(&self) -> Vec<&Column> {
        let mut key: Vec<(i64, usize, &Column)> = self
            .columns
            .iter()
            .enumerate()
            .filter(|(_, c)| c.primary_key)
            .map(|(n, c)| (c.key_position.filter(|p| *p >= 0).unwrap_or(i64::MAX), n, c))
            .collect();
        key.sort_by_key(|(position, n, _)| (*position, *n));
        key.into_iter().map(|(_, _, c)| c).collect()
    }
}

/// A column: an ODCS property, also one nested in an object, a list or a map.
#[derive(Debug, Clone)]
pub struct Column {
    /// `id`.
    pub id: Option<String>,
    /// `name`: the name in SQL; empty for an item without a name.
    pub name: Spanned<String>,
    /// `physicalName`: the name in files and in Delta.
    pub physical_name: Option<String>,
    /// The name in Delta, where it is not the one in files.
    pub stored_name: Option<String>,
    /// `description`.
    pub description: Option<String>,
    /// `businessName`.
    pub business_name: Option<String>,
    /// `logicalType`.
    pub logical_type: Option<Spanned<LogicalType>>,
    /// `physicalType` as written.
    pub physical_type: Option<Spanned<String>>,
    /// Whether the type was written as the `date` of 3.0, which leaves open what kind of point in
    /// time it is where nothing refines it, and its zone.
    pub open_moment: bool,
    /// `logicalTypeOptions`.
    pub options: Options,
    /// `required`, with its place when it is true.
    pub required: Option<Span>,
    /// `unique`, with its place when it is true.
    pub unique: Option<Span>,
    /// `primaryKey`.
    pub primary_key: bool,
    /// `primaryKeyPosition`.
    pub key_position: Option<i64>,
    /// `partitioned`.
    pub partitioned: bool,
    /// `classification`.
    pub classification: Option<String>,
    /// Whether `semanticType` is `measure`: computed by readers, not in a file.
    pub measure: bool,
    /// Custom property `allowNaN`.
    pub allow_nan: bool,
    /// Custom property `aliases`: older names that stay readable.
    pub aliases: Vec<Spanned<String>>,
    /// `enum`: the values and the place of the list.
    pub allowed: Option<Spanned<Vec<Node>>>,
    /// `quality` of the column.
    pub quality: Vec<QualityRule>,
    /// `relationships` of the column.
    pub relationships: Vec<Relationship>,
    /// Fields of an object.
    pub properties: Vec<Column>,
    /// The item of a list.
    pub items: Option<Box<Column>>,
    /// Key and value of a map.
    pub map: Option<Box<(Column, Column)>>,
    /// Length of a vector.
    pub dimensions: Option<i64>,
}

impl Column {
    /// The name in files: `physicalName`, else `name`.
    pub fn physical(&self) -> &str {
        self.physical_name.as_deref().unwrap_or(&self.name.value)
    }

    /// The name in Delta: that in files, unless Delta forbids it, then `name`.
    pub fn stored(&self) -> &str {
        self.stored_name.as_deref().unwrap_or(self.physical())
    }

    /// The name in clause ids: `id`, else `name`.
    pub fn element(&self) -> &str {
        self.id.as_deref().unwrap_or(&self.name.value)
    }

    /// Whether the values are declared to be UUIDs.
    pub fn holds_uuids(&self) -> bool {
        let physical = self.physical_type.as_ref().map(|p| p.value.trim());
        let is_text = self.logical_type.as_ref().is_none_or(|t| t.value == LogicalType::String);
        let declared = physical.is_some_and(|p| p.eq_ignore_ascii_case("uuid"))
            || self.options.text("format").is_some_and(|format| format == "uuid");
        is_text && declared
    }

    /// Whether NULL is forbidden: `required`, or part of the primary key.
    pub fn not_null(&self) -> bool {
        self.required.is_some() || self.primary_key
    }

    /// Whether the contract promises that no value is NaN: some bound is declared, and `allowNaN`
    /// is not. A flag beside a bound, such as `exclusiveMinimum: false`, is not a bound by itself.
    pub fn bounded_without_nan(&self) -> bool {
        let bounds = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"];
        let states = |bound: &&str| self.options.get(bound).is_some_and(|b| b.as_bool().is_none());
        !self.allow_nan && bounds.iter().any(states)
    }

    /// Whether a name is one of the column's, in any case: its own, that in files, or an older one.
    pub fn is_called(&self, name: &str) -> bool {
        let own = [self.name.value.as_str(), self.physical()].into_iter();
        let mut names = own.chain(self.aliases.iter().map(|alias| alias.value.as_str()));
        names.any(|own| own.eq_ignore_ascii_case(name))
    }

    /// Whether values of this column must not appear in evidence.
    pub fn classified(&self, public: &[String]) -> bool {
        self.classification.as_deref().is_some_and(|c| {
            !c.eq_ignore_ascii_case("public") && !public.iter().any(|p| p.eq_ignore_ascii_case(c))
        }) || self.properties.iter().any(|c| c.classified(public))
            || self.items.as_ref().is_some_and(|c| c.classified(public))
            || self.map.as_ref().is_some_and(|m| m.0.classified(public) || m.1.classified(public))
    }
}

/// `logicalType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the words are the standard's own")]
pub enum LogicalType {
    String,
    Date,
    Timestamp,
    Time,
    Number,
    Integer,
    Object,
    Array,
    Boolean,
    Map,
    Vector,
}

impl LogicalType {
    /// The type of a word of the standard.
    pub fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "string" => Self::String,
            "date" => Self::Date,
            "timestamp" => Self::Timestamp,
            "time" => Self::Time,
            "number" => Self::Number,
            "integer" => Self::Integer,
            "object" => Self::Object,
            "array" => Self::Array,
            "boolean" => Self::Boolean,
            "map" => Self::Map,
            "vector" => Self::Vector,
            _ => return None,
        })
    }

    /// The word of the standard.
    pub fn word(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Date => "date",
            Self::Timestamp => "timestamp",
            Self::Time => "time",
            Self::Number => "number",
            Self::Integer => "integer",
            Self::Object => "object",
            Self::Array => "array",
            Self::Boolean => "boolean",
            Self::Map => "map",
            Self::Vector => "vector",
        }
    }

    /// Whether its values are points in time or times of day.
    pub fn is_temporal(self) -> bool {
        matches!(self, Self::Date | Self::Timestamp | Self::Time)
    }
}

/// `logicalTypeOptions`, as nodes: each clause reads its own.
#[derive(Debug, Clone, Default)]
pub struct Options {
    entries: Vec<(String, Node)>,
    /// The place of the mapping.
    pub span: Option<Span>,
}

impl Options {
    /// Reads the mapping.
    pub fn from_node(node: &Node) -> Self {
        let entries = node.entries().iter().map(|(k, v)| (k.text.clone(), v.clone())).collect();
        Self { entries, span: Some(node.span) }
    }

    /// The value of an option; one that is written as null is absent.
    pub fn get(&self, name: &str) -> Option<&Node> {
        self.iter().find(|(k, _)| *k == name).map(|(_, v)| v)
    }

    /// The text of an option that is a scalar.
    pub fn text(&self, name: &str) -> Option<String> {
        self.get(name).and_then(Node::scalar_text)
    }

    /// The options but for these.
    pub fn without(&self, keys: &[String]) -> Self {
        let entries = self.entries.iter().filter(|(key, _)| !keys.contains(key)).cloned().collect();
        Self { entries, span: self.span }
    }

    /// Every option that is set, in the order of the document.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Node)> {
        let is_set = |(_, v): &&(String, Node)| !matches!(v.value, Value::Null);
        self.entries.iter().filter(is_set).map(|(k, v)| (k.as_str(), v))
    }
}

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

/// A foreign key.
#[derive(Debug, Clone)]
pub struct Relationship {
    /// `id`.
    pub id: Option<String>,
    /// References of the child's columns; empty at column level.
    pub from: Vec<Spanned<String>>,
    /// References of the parent's columns.
    pub to: Vec<Spanned<String>>,
    /// What tells its clause from another of its element that would have the same id.
    pub twin: Option<String>,
    /// The place of the relationship.
    pub span: Span,
}

/// An entry of `slaProperties`.
#[derive(Debug, Clone)]
pub struct Sla {
    /// `id`.
    pub id: Option<String>,
    /// `property` as written.
    pub property: String,
    /// `value`, as text.
    pub value: Option<String>,
    /// `unit`.
    pub unit: Option<String>,
    /// `element`.
    pub element: Option<Spanned<String>>,
    /// `driver`.
    pub driver: Option<String>,
    /// The place of the entry.
    pub span: Span,
}

impl Contract {
    /// The table of a name, in any case.
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|t| t.name.value.eq_ignore_ascii_case(name))
    }

    /// Whether the contract is still a draft, so that it may change without a new version.
    pub fn is_draft(&self) -> bool {
        self.version.major == 0 || matches!(self.status.as_deref(), Some("draft" | "proposed"))
    }

    /// Whether the contract's data should no longer be read.
    pub fn is_retired(&self) -> bool {
        self.status.as_deref() == Some("retired")
    }

    /// The SQL schema name of this exact major, such as `recommendations_v2`.
    pub fn sql_name_with_major(&self) -> String {
        format!("{}_v{}", self.sql_name.value, self.version.major)
    }

    /// Both schema names by which SQL may read this major.
    pub fn schema_names(&self) -> [String; 2] {
        [self.sql_name.value.clone(), self.sql_name_with_major()]
    }
}

/// The value of a custom property of a node.
pub fn custom_property<'a>(node: &'a Node, name: &str) -> Option<&'a Node> {
    node.get("customProperties")?
        .items()
        .iter()
        .find(|item| item.get("property").and_then(Node::as_str) == Some(name))?
        .get("value")
}

/// The text of a key that holds a string.
pub(super) fn text(node: &Node, key: &str) -> Option<String> {
    node.get(key).and_then(Node::as_str).map(str::to_owned)
}

/// The text of a key that holds a string, with its place.
pub(super) fn spanned_text(node: &Node, key: &str) -> Option<Spanned<String>> {
    let value = node.get(key)?;
    Some(Spanned { value: value.as_str()?.to_owned(), span: value.span })
}

/// The whole number that a key holds.
pub(super) fn integer(node: &Node, key: &str) -> Option<i64> {
    match &node.get(key)?.value {
        Value::Number(n) => n.parse().ok(),
        _ => None,
    }
}
