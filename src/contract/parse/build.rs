//! Builds the model from the tree. Faulty values are left out: the walk has reported them.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use crate::contract::clause_id::{
    COLUMN_KINDS, LIMIT_KINDS, TABLE_KINDS, distinguish, option_kind,
};
use crate::contract::column_names::settle;
use crate::contract::library::Unit;
use crate::contract::model::{
    AdditionalColumns, Column, Contract, LogicalType, Operator, Options, QualityRule, Relationship,
    RuleType, Sla, Spanned, Table, Version, custom_property, integer, spanned_text, text,
};
use crate::contract::yaml::{Node, Value};
use crate::diagnostic::{Source, Span};

/// The model, when the document has at least an id. `open` has the places of the logical types that
/// leave open what kind of point in time they are.
pub(super) fn contract(
    tree: Arc<Node>,
    source: &Arc<Source>,
    open: &HashSet<usize>,
) -> Option<Contract> {
    let mut contract = plain(tree, source)?;
    for column in contract.tables.iter_mut().flat_map(|table| &mut table.columns) {
        leave_open(column, open);
    }
    Some(contract)
}

fn leave_open(column: &mut Column, open: &HashSet<usize>) {
    column.open_moment = column.logical_type.as_ref().is_some_and(|t| open.contains(&t.span.start));
    column.properties.iter_mut().for_each(|inner| leave_open(inner, open));
    column.items.iter_mut().for_each(|inner| leave_open(inner, open));
    if let Some(map) = &mut column.map {
        leave_open(&mut map.0, open);
        leave_open(&mut map.1, open);
    }
}

fn plain(tree: Arc<Node>, source: &Arc<Source>) -> Option<Contract> {
    let id = text(&tree, "id")?;
    let written = tree.get("version").and_then(Node::scalar_text).unwrap_or_default();
    let (version_text, version) = version(written);
    let sql_name = custom_property(&tree, "sqlName")
        .and_then(|n| Some(Spanned { value: n.as_str()?.to_owned(), span: n.span }))
        .or_else(|| spanned_text(&tree, "name"))
        .or_else(|| spanned_text(&tree, "id"))?;
    let description = tree.get("description");
    Some(Contract {
        id,
        version,
        version_text,
        api_version: super::shape::declared_version(&tree),
        status: text(&tree, "status").map(|s| s.to_lowercase()),
        name: text(&tree, "name"),
        domain: text(&tree, "domain"),
        sql_name,
        description: description.and_then(|d| text(d, "purpose").or_else(|| text(d, "usage"))),
        owner: owner(&tree),
        support: tree
            .get("support")
            .and_then(|s| s.items().first())
            .and_then(|s| text(s, "url").or_else(|| text(s, "channel"))),
        tables: list(&tree, "schema", table),
        sla: list(&tree, "slaProperties", sla),
        sla_element: text(&tree, "slaDefaultElement"),
        unfilled: BTreeMap::new(),
        source: Arc::clone(source),
        tree,
    })
}

/// A version with its text, which is whole where it only lacked parts.
fn version(written: String) -> (String, Version) {
    if let Ok(version) = written.parse() {
        return (written, version);
    }
    match Version::completed(&written) {
        Some(version) => {
            let prefix = if written.starts_with('v') { "v" } else { "" };
            (format!("{prefix}{version}"), version)
        }
        None => (written, Version { major: 0, minor: 0, patch: 0 }),
    }
}

fn list<T>(node: &Node, key: &str, build: fn(&Node) -> Option<T>) -> Vec<T> {
    node.get(key).map(|n| n.items().iter().filter_map(build).collect()).unwrap_or_default()
}

fn owner(tree: &Node) -> Option<String> {
    let team = tree.get("team")?;
    let members = if team.entries().is_empty() { Some(team) } else { team.get("members") };
    let by_member = || {
        let members = members?.items();
        let is_owner = |m: &&Node| text(m, "role").is_some_and(|r| r.eq_ignore_ascii_case("owner"));
        let member = members.iter().find(is_owner).or_else(|| members.first())?;
        text(member, "name").or_else(|| text(member, "username"))
    };
    text(team, "name").or_else(by_member)
}

fn table(node: &Node) -> Option<Table> {
    let additional = custom_property(node, "additionalColumns");
    let mode = match additional.and_then(Node::as_str) {
        Some("warn") => AdditionalColumns::Warn,
        Some("allow") => AdditionalColumns::Allow,
        _ => AdditionalColumns::Forbid,
    };
    let name = spanned_text(node, "name")?;
    let mut columns = list(node, "properties", column);
    settle(&mut columns);
    let mut relationships = list(node, "relationships", relationship);
    let mut quality = list(node, "quality", quality);
    distinguish(&mut quality, &mut relationships, TABLE_KINDS);
    Some(Table {
        id: text(node, "id"),
        physical_name: text(node, "physicalName"),
        description: text(node, "description"),
        business_name: text(node, "businessName"),
        columns,
        relationships,
        quality,
        additional_columns: Spanned { value: mode, span: additional.map_or(name.span, |n| n.span) },
        name,
    })
}

fn column(node: &Node) -> Option<Column> {
    let name = spanned_text(node, "name")?;
    Some(property(node, name))
}

pub(super) fn item(node: &Node) -> Column {
    let name = spanned_text(node, "name")
        .unwrap_or_else(|| Spanned { value: String::new(), span: node.span });
    property(node, name)
}

fn property(node: &Node, name: Spanned<String>) -> Column {
    let logical_type = spanned_text(node, "logicalType")
        .and_then(|t| Some(Spanned { value: LogicalType::from_word(&t.value)?, span: t.span }));
    let options = node.get("logicalTypeOptions").map(Options::from_node).unwrap_or_default();
    let dimensions = node
        .get("vector")
        .and_then(|v| integer(v, "dimensions"))
        .or_else(|| options.get("dimensions").and_then(Node::scalar_text)?.parse().ok());
    told_apart(Column {
        id: text(node, "id"),
        name,
        physical_name: text(node, "physicalName"),
        stored_name: None,
        description: text(node, "description"),
        business_name: text(node, "businessName"),
        logical_type,
        physical_type: spanned_text(node, "physicalType"),
        open_moment: false,
        options,
        required: flag(node, "required"),
        unique: flag(node, "unique"),
        primary_key: flag(node, "primaryKey").is_some(),
        key_position: integer(node, "primaryKeyPosition"),
        partitioned: flag(node, "partitioned").is_some(),
        classification: text(node, "classification"),
        measure: node.get("semanticType").and_then(Node::as_str) == Some("measure"),
        allow_nan: custom_property(node, "allowNaN").and_then(Node::as_bool) == Some(true),
        aliases: custom_property(node, "aliases").map(references).unwrap_or_default(),
        allowed: node.get("enum").map(|list| Spanned {
            value: list.items().iter().filter_map(|i| i.get("value").cloned()).collect(),
            span: list.span,
        }),
        quality: list(node, "quality", quality),
        relationships: list(node, "relationships", relationship),
        properties: list(node, "properties", column),
        items: node.get("items").map(|n| Box::new(item(n))),
        map: node
            .get("map")
            .and_then(|m| Some(Box::new((item(m.get("key")?), item(m.get("value")?))))),
        dimensions,
    })
}

/// The place of a flag that is set.
fn flag(node: &Node, key: &str) -> Option<Span> {
    let value = node.get(key)?;
    (value.as_bool() == Some(true)).then_some(value.span)
}

fn references(node: &Node) -> Vec<Spanned<String>> {
    let one = |n: &Node| Some(Spanned { value: n.as_str()?.to_owned(), span: n.span });
    match &node.value {
        Value::Seq(items) => items.iter().filter_map(one).collect(),
        _ => one(node).into_iter().collect(),
    }
}

fn relationship(node: &Node) -> Option<Relationship> {
    Some(Relationship {
        id: text(node, "id"),
        from: node.get("from").map(references).unwrap_or_default(),
        to: node.get("to").map(references)?,
        twin: None,
        span: node.span,
    })
}

fn quality(node: &Node) -> Option<QualityRule> {
    let rule_type = match node.get("type").and_then(Node::as_str) {
        None | Some("library") => RuleType::Library,
        Some("text") => RuleType::Text,
        Some("sql") => RuleType::Sql,
        Some("custom") => RuleType::Custom,
        Some(_) => return None,
    };
    // Beside prose, a query or another engine's rule they are executed by nothing.
    let is_library = rule_type == RuleType::Library;
    let metric = spanned_text(node, "metric").or_else(|| spanned_text(node, "rule"));
    let stated = match rule_type {
        RuleType::Text => Vec::new(),
        // For Pactum's own metrics the operators are beside the metric: the standard has no place
        // for them on a custom rule.
        RuleType::Custom => {
            let inside = node.get("implementation").map(operators).unwrap_or_default();
            operators(node).into_iter().chain(inside).collect()
        }
        RuleType::Library | RuleType::Sql => operators(node),
    };
    // What the author's own engine or a reader makes of a rule's custom properties is theirs.
    let is_ours = matches!(rule_type, RuleType::Library | RuleType::Sql)
        || node.get("engine").and_then(Node::as_str) == Some("pactum");
    let own = |name: &str| custom_property(node, name).filter(|_| is_ours);
    Some(QualityRule {
        id: text(node, "id"),
        name: text(node, "name"),
        rule_type,
        metric: metric.filter(|_| is_library),
        arguments: node.get("arguments").filter(|_| is_library).cloned(),
        query: spanned_text(node, "query"),
        engine: text(node, "engine"),
        description: text(node, "description"),
        severity: spanned_text(node, "severity"),
        percent: text(node, "unit")
            .or_else(|| text(node.get("implementation")?, "unit"))
            .is_some_and(|unit| Unit::of(&unit) == Some(Unit::Percent)),
        operators: stated,
        filter: own("where").and_then(spanned),
        group_by: own("groupBy").map(references).unwrap_or_default(),
        previous: own("compareTo").filter(|n| n.as_str() == Some("previous")).map(|n| n.span),
        warning: own("warn").map(operators).unwrap_or_default(),
        public: custom_property(node, "public").and_then(Node::as_bool) == Some(true),
        twin: None,
        node: node.clone(),
    })
}

/// Gives each rule and each relationship of a column a clause id of its own.
fn told_apart(mut column: Column) -> Column {
    let options = column.options.iter().map(|(key, _)| option_kind(key).to_owned());
    let stated = [
        ("required", column.required.is_some()),
        ("unique", column.unique.is_some()),
        ("enum", column.allowed.is_some()),
        ("dimensions", column.dimensions.is_some()),
        ("formatRange", column.options.get("format").is_some()),
    ];
    let stated = stated.into_iter().filter_map(|(kind, is_stated)| is_stated.then_some(kind));
    let limits = column.physical_type.iter().flat_map(|_| LIMIT_KINDS);
    let fixed = COLUMN_KINDS.iter().chain(limits).copied().chain(stated).map(str::to_owned);
    let taken: Vec<String> = fixed.chain(options).collect();
    let taken: Vec<&str> = taken.iter().map(String::as_str).collect();
    distinguish(&mut column.quality, &mut column.relationships, &taken);
    column
}

fn operators(node: &Node) -> Vec<Spanned<Operator>> {
    node.entries().iter().filter_map(|(k, v)| operator(&k.text, v)).collect()
}

fn spanned(node: &Node) -> Option<Spanned<String>> {
    Some(Spanned { value: node.as_str()?.to_owned(), span: node.span })
}

fn operator(key: &str, node: &Node) -> Option<Spanned<Operator>> {
    let one = || node.scalar_text();
    let pair = || match node.items() {
        [a, b] => Some((a.scalar_text()?, b.scalar_text()?)),
        _ => None,
    };
    let value = match key {
        "mustBe" => Operator::MustBe(one()?),
        "mustNotBe" => Operator::MustNotBe(one()?),
        "mustBeGreaterThan" => Operator::MustBeGreaterThan(one()?),
        "mustBeGreaterOrEqualTo" => Operator::MustBeGreaterOrEqualTo(one()?),
        "mustBeLessThan" => Operator::MustBeLessThan(one()?),
        "mustBeLessOrEqualTo" => Operator::MustBeLessOrEqualTo(one()?),
        "mustBeBetween" => pair().map(|(a, b)| Operator::MustBeBetween(a, b))?,
        "mustNotBeBetween" => pair().map(|(a, b)| Operator::MustNotBeBetween(a, b))?,
        _ => return None,
    };
    Some(Spanned { value, span: node.span })
}

fn sla(node: &Node) -> Option<Sla> {
    Some(Sla {
        id: text(node, "id"),
        property: text(node, "property")?,
        value: node.get("value").and_then(Node::scalar_text),
        unit: text(node, "unit"),
        element: spanned_text(node, "element"),
        driver: text(node, "driver"),
        span: node.span,
    })
}
