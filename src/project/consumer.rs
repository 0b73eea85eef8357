//! Consumers: an engineer's SQL with its header of YAML in the leading comment block.

use std::sync::Arc;

use arrow::datatypes::{DataType, TimeUnit};

use crate::contract::types::{Physical, parse_physical};
use crate::contract::yaml::{self, Node, Value, spelling_hint};
use crate::diagnostic::{Diagnostic, Severity, Source, Span};

use super::rules::{consumer_header, consumer_parameter};
use super::undeclared::{USUAL_TYPE, Undeclared, declaration, undeclared};

/// A consumer.
#[derive(Debug, Clone)]
pub struct Consumer {
    /// Its path below the folder of consumers, without `.sql`.
    pub name: String,
    /// The team to tell.
    pub owner: String,
    /// What it is for.
    pub summary: Option<String>,
    /// Its parameters, in the order of declaration.
    pub parameters: Vec<Parameter>,
    /// Whether it is served over HTTP.
    pub endpoint: bool,
    /// The file; the header is an SQL comment, so the whole text is the query.
    pub source: Arc<Source>,
}

/// A typed parameter.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Its name, without the dollar sign.
    pub name: String,
    /// Its type.
    pub data_type: DataType,
    /// The type as written.
    pub type_name: String,
    /// Whether it is a number that keeps the digits that it is given: a numeric without precision.
    pub keeps_digits: bool,
    /// Whether the header says that it must be given.
    pub required: bool,
    /// The value when it is not given; where it has none, it must be given.
    pub default: Option<Node>,
    /// Least value.
    pub minimum: Option<String>,
    /// Greatest value.
    pub maximum: Option<String>,
    /// Most items of a list.
    pub max_items: Option<usize>,
    /// The values that are allowed.
    pub allowed: Option<Vec<String>>,
    /// What it means.
    pub description: Option<String>,
}

impl Parameter {
    /// Whether a call must give it.
    pub fn must_be_given(&self) -> bool {
        self.default.is_none()
    }

    /// Whether it is NULL when it is not given: its default says so.
    pub fn may_be_null(&self) -> bool {
        self.default.as_ref().is_some_and(|default| default.value == Value::Null)
    }
}

const KEYS: &[&str] = &["owner", "summary", "params", "endpoint"];
const PARAMETER_KEYS: &[&str] =
    &["type", "required", "default", "minimum", "maximum", "maxItems", "enum", "description"];

/// Reads a consumer; returns findings with it, and no consumer where its header is unusable.
pub fn parse(name: &str, source: &Arc<Source>) -> (Option<Consumer>, Vec<Diagnostic>) {
    let mut reader = Reader { source, found: Vec::new() };
    let header = Arc::new(Source::new(source.name.clone(), header_text(&source.text)));
    let tree = match yaml::parse(&header) {
        Ok(tree) => tree,
        Err(diagnostic) => {
            // Positions are those of the file: the header's text keeps its lines and columns.
            let fault = Diagnostic::new(
                &consumer_header::META,
                source,
                diagnostic.span,
                diagnostic.message.clone(),
            );
            return (None, vec![fault.hint("the leading comment block of a consumer is YAML")]);
        }
    };
    let consumer = reader.consumer(name, &tree);
    (consumer, reader.found)
}

/// The leading comment block as YAML, with all lines and columns kept.
fn header_text(text: &str) -> String {
    let mut header = String::new();
    for line in text.split_inclusive('\n') {
        match line.strip_prefix("--") {
            Some(rest) => {
                header.push_str("  ");
                header.push_str(rest);
            }
            None if line.trim().is_empty() => header.push_str(line),
            None => break,
        }
    }
    header
}

struct Reader<'a> {
    source: &'a Arc<Source>,
    found: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn consumer(&mut self, name: &str, tree: &Node) -> Option<Consumer> {
        for (key, _) in tree.entries() {
            if key.text == "name" {
                self.fault(key.span, "a consumer has no key 'name'").hint =
                    Some("its path and file name are its name".to_owned());
            } else if !KEYS.contains(&key.text.as_str()) {
                let message = format!("unknown key '{}' in a consumer's header", key.text);
                let hint = spelling_hint(&key.text, KEYS.iter().copied());
                let hint = hint.or_else(|| Some(format!("one of {}", KEYS.join(", "))));
                self.fault(key.span, message).hint = hint;
            }
        }
        if let Some(node) = tree.get("endpoint").filter(|node| node.as_bool().is_none()) {
            self.fault(node.span, "endpoint is true or false").hint =
                Some("true where clients call the consumer by its name".to_owned());
        }
        let owner = tree.get("owner").and_then(Node::as_str);
        if owner.is_none() {
            self.fault(Span::START, "the consumer has no owner").hint =
                Some("begin the file with `-- owner: <team>`".to_owned());
        }
        if owner.is_some_and(|owner| owner.contains(char::is_control)) {
            self.fault(Span::START, "an owner is a name on one line");
        }
        let params = tree.get("params");
        let parameters: Vec<Parameter> = params
            .map(|p| p.entries().iter().filter_map(|(k, v)| self.parameter(&k.text, v)).collect())
            .unwrap_or_default();
        let endpoint = tree.get("endpoint").and_then(Node::as_bool).unwrap_or(params.is_some());
        self.usage(&parameters, params);
        Some(Consumer {
            name: name.to_owned(),
            owner: owner.filter(|owner| !owner.contains(char::is_control))?.to_owned(),
            summary: tree.get("summary").and_then(Node::as_str).map(str::to_owned),
            parameters,
            endpoint,
            source: Arc::clone(self.source),
        })
    }

    fn parameter(&mut self, name: &str, node: &Node) -> Option<Parameter> {
        for (key, _) in node.entries() {
            if !PARAMETER_KEYS.contains(&key.text.as_str()) {
                let message = format!("unknown key '{}' of parameter '{name}'", key.text);
                let hint = spelling_hint(&key.text, PARAMETER_KEYS.iter().copied());
                self.fault(key.span, message).hint = hint;
            }
        }
        let Some(type_node) = node.get("type") else {
            self.fault(node.span, format!("parameter '{name}' has no type")).hint =
                Some(format!("{name}: {{type: bigint, required: true}}"));
            return None;
        };
        let type_name = type_node.scalar_text().unwrap_or_default();
        let Some(data_type) = sql_type(&type_name) else {
            self.fault(type_node.span, format!("'{type_name}' is not an SQL type")).hint =
                Some("bigint, integer, double, varchar, boolean, date, timestamptz, …".to_owned());
            return None;
        };
        let text = |key: &str| node.get(key).and_then(Node::scalar_text);
        Some(Parameter {
            name: name.to_owned(),
            data_type,
            keeps_digits: keeps_digits(&type_name),
            type_name,
            required: node.get("required").and_then(Node::as_bool).unwrap_or(false),
            default: node.get("default").cloned(),
            minimum: text("minimum"),
            maximum: text("maximum"),
            max_items: text("maxItems").and_then(|t| t.parse().ok()),
            allowed: node
                .get("enum")
                .map(|list| list.items().iter().filter_map(Node::scalar_text).collect()),
            description: text("description"),
        })
    }

    /// Parameters that the SQL uses and those that are declared must be the same.
    fn usage(&mut self, parameters: &[Parameter], params: Option<&Node>) {
        let Ok(used) = crate::engine::sql::placeholders(&self.source.text) else { return };
        let undeclared =
            undeclared(self.source, |name| params.is_some_and(|p| p.get(name).is_some()));
        let lacking: Vec<(String, String)> =
            undeclared.iter().map(|u| (u.name.clone(), USUAL_TYPE.to_owned())).collect();
        for Undeclared { name, span } in undeclared {
            let message = format!("parameter '${name}' is not declared");
            self.found.push(
                Diagnostic::new(&consumer_parameter::META, self.source, span, message)
                    .hint(declaration(&self.source.text, &name, &lacking)),
            );
        }
        for parameter in parameters.iter().filter(|p| !used.contains(&p.name)) {
            let key = params
                .and_then(|p| p.entries().iter().find(|(k, _)| k.text == parameter.name))
                .map_or(Span::START, |(k, _)| k.span);
            let message = format!("parameter '{}' is never used", parameter.name);
            self.found.push(
                Diagnostic::new(&consumer_parameter::META, self.source, key, message)
                    .severity(Severity::Warning),
            );
        }
    }

    fn fault(&mut self, span: Span, message: impl Into<String>) -> &mut Diagnostic {
        self.found.push(Diagnostic::new(&consumer_header::META, self.source, span, message));
        let last = self.found.len() - 1;
        &mut self.found[last]
    }
}

/// Whether values of a type have the digits that they are given.
fn keeps_digits(name: &str) -> bool {
    let item = name.strip_suffix("[]").unwrap_or(name);
    parse_physical(item) == Some(Physical::AnyDecimal)
}

/// The Arrow type of an SQL type name; `[]` makes a list of it.
pub(crate) fn sql_type(name: &str) -> Option<DataType> {
    if let Some(item) = name.strip_suffix("[]") {
        return Some(DataType::new_list(sql_type(item)?, true));
    }
    match name.trim().to_ascii_lowercase().as_str() {
        // PostgreSQL's own widths.
        "float" => return Some(DataType::Float64),
        "int8" => return Some(DataType::Int64),
        _ => {}
    }
    Some(match parse_physical(name)? {
        Physical::String => DataType::Utf8,
        Physical::Binary => DataType::Binary,
        Physical::Boolean => DataType::Boolean,
        Physical::Integer { bits: 8 | 16, .. } => DataType::Int16,
        Physical::Integer { bits: 32, .. } => DataType::Int32,
        Physical::Integer { .. } => DataType::Int64,
        Physical::Float32 => DataType::Float32,
        Physical::Float64 => DataType::Float64,
        Physical::Decimal { precision, scale } => DataType::Decimal128(precision, scale),
        // Planned so; a value has the digits that it is given.
        Physical::AnyDecimal => DataType::Decimal128(38, 16),
        Physical::Date => DataType::Date32,
        Physical::Timestamp { zone } => {
            DataType::Timestamp(TimeUnit::Microsecond, (zone == Some(true)).then(|| "UTC".into()))
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Option<Consumer>, Vec<Diagnostic>) {
        parse("home/top", &Arc::new(Source::new("sql/home/top.sql", text)))
    }

    #[test]
    fn a_header_is_read_and_its_slips_stand_where_the_file_has_them() {
        let (consumer, found) = read(
            "-- owner: home\n-- params:\n--   id: {type: bigint, required: true}\n\
             --   n: {type: integer, default: 10, maximum: 100}\n\
             select 1 where 1 = $id limit $n",
        );
        assert!(found.is_empty(), "{found:?}");
        let consumer = consumer.unwrap();
        assert!(consumer.endpoint);
        assert_eq!(consumer.parameters[1].data_type, DataType::Int32);
        let (none, found) = read("-- ownr: home\n-- name: x\nselect $y");
        assert!(none.is_none());
        let at: Vec<(usize, usize, &str)> =
            found.iter().map(|d| (d.span.line, d.span.column, d.meta.name)).collect();
        assert_eq!(
            at,
            [
                (1, 4, "consumer-header"),
                (2, 4, "consumer-header"),
                (1, 1, "consumer-header"),
                (3, 8, "consumer-parameter"),
            ]
        );
    }
}
