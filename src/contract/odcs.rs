//! The keys of the Open Data Contract Standard as data: what is allowed where, and since when.
//!
//! One table serves the parser (unknown keys, wrong types, missing keys, newer keys) and
//! `pactum schema` (the JSON Schema for editors), so the two cannot disagree.

use serde_json::{Map, Value, json};

use crate::diagnostic::Severity;

use super::yaml::{Node, Value as NodeValue};

/// Whether an element says `deprecated`: true, or in words.
pub fn is_deprecated(node: &Node) -> bool {
    let says = |n: &Node| !matches!(n.value, NodeValue::Null | NodeValue::Bool(false));
    node.get("deprecated").is_some_and(says)
}

/// A minor version of the standard, `(major, minor)`.
pub type Since = (u64, u64);

const V3_0: Since = (3, 0);
const V3_1: Since = (3, 1);
const V3_2: Since = (3, 2);
/// No version refuses other keys.
const OPEN: Since = (u64::MAX, 0);

/// How a document of this version of the standard marks an element as deprecated.
pub fn deprecation_mark(declared: Since) -> &'static str {
    match declared >= V3_2 {
        true => "deprecated: true",
        false => "deprecated: true under apiVersion: v3.2.0",
    }
}

/// What a key may hold.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// A string.
    Text,
    /// A string that names an element, of the characters of [`is_of_id`].
    Id,
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// A string, number or boolean.
    Scalar,
    /// Anything.
    Any,
    /// One of a closed set of words.
    Word(&'static [&'static str]),
    /// A list of one kind.
    List(&'static Kind),
    /// Two numbers, the smaller first.
    Pair,
    /// A mapping with known keys.
    Object(&'static Object),
    /// Whatever one of the two accepts; the first is tried on mappings.
    Either(&'static Kind, &'static Kind),
    /// A mapping of any keys.
    Mapping,
    /// What the standard wants there, though nothing is lost where a document holds something else.
    Soft(&'static Kind),
}

/// One key of a mapping.
#[derive(Debug)]
pub struct Field {
    /// The key.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether it must be there.
    pub required: Required,
    /// First version of the standard that has it.
    pub since: Since,
}

/// Whether the standard requires a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Required {
    /// It may be absent.
    Never,
    /// Nothing can be said about the element without it.
    Always,
    /// From a version on.
    From(Since),
    /// Before a version; Pactum does without it, other tools refuse the document.
    Before(Since, Severity),
}

impl Required {
    /// How much its absence weighs in a document of a version.
    pub fn absent(self, declared: Since) -> Option<Severity> {
        match self {
            Self::Always => Some(Severity::Error),
            Self::From(since) if declared >= since => Some(Severity::Error),
            Self::Before(until, severity) if declared < until => Some(severity),
            _ => None,
        }
    }
}

/// A mapping and the keys that the standard gives it.
#[derive(Debug)]
pub struct Object {
    /// What a user would call it, such as `a column`.
    pub title: &'static str,
    /// First version of the standard that refuses other keys.
    pub closed: Since,
    /// Its keys.
    pub fields: &'static [Field],
}

impl Object {
    /// The field of a name.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|f| f.name == name)
    }

    /// The first version of the standard that has a key.
    pub fn since(&self, name: &str) -> Option<Since> {
        self.field(name).map(|field| field.since)
    }

    /// Whether it is a table, a column, or something inside one.
    pub fn is_of_data(&self) -> bool {
        self.field("physicalType").is_some()
    }
}

const fn f(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: Required::Never, since: V3_0 }
}
const fn must(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: Required::Always, since: V3_0 }
}
const fn requires(name: &'static str, kind: Kind, required: Required) -> Field {
    Field { name, kind, required, since: V3_0 }
}
const fn v31(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: Required::Never, since: V3_1 }
}
const fn v32(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: Required::Never, since: V3_2 }
}

use Kind::{Any, Bool, Id, Integer, Number, Pair, Scalar, Text, Word};

const TAGS: Kind = Kind::List(&Text);
const CUSTOM: Kind = Kind::List(&Kind::Object(&CUSTOM_PROPERTY));
const DEFINITIONS: Kind = Kind::List(&Kind::Object(&DEFINITION));
const QUALITY: Kind = Kind::List(&Kind::Object(&QUALITY_RULE));
const REFERENCE: Kind = Kind::Either(&Text, &Kind::List(&Text));
const CONTEXT: Kind = Kind::Soft(&Kind::Either(&Text, &Kind::Mapping));
const PLAIN: Kind = Kind::Soft(&Scalar);
const FLAG: Kind = Kind::Soft(&Bool);
const ELEMENT_TYPE: Kind =
    Kind::Soft(&Word(&["bfloat16", "binary", "float16", "float32", "float64", "int8", "uint8"]));
const DISTANCE: Kind =
    Kind::Soft(&Word(&["cosine", "dotProduct", "euclidean", "hamming", "manhattan"]));
static A_PROPERTY: Kind = Kind::Object(&PROPERTY);

/// The words of `logicalType` and the version that brought each.
pub const LOGICAL_TYPES: &[(&str, Since)] = &[
    ("string", V3_0),
    ("date", V3_0),
    ("timestamp", V3_1),
    ("time", V3_1),
    ("number", V3_0),
    ("integer", V3_0),
    ("object", V3_0),
    ("array", V3_0),
    ("boolean", V3_0),
    ("map", V3_2),
    ("vector", V3_2),
];

/// The words of `metric`.
pub const METRICS: &[&str] =
    &["nullValues", "missingValues", "invalidValues", "duplicateValues", "rowCount"];

/// The operators of a quality rule.
pub const OPERATORS: &[&str] = &[
    "mustBe",
    "mustNotBe",
    "mustBeGreaterThan",
    "mustBeGreaterOrEqualTo",
    "mustBeLessThan",
    "mustBeLessOrEqualTo",
    "mustBeBetween",
    "mustNotBeBetween",
];

/// A contract: the document's top level.
pub static CONTRACT: Object = Object {
    title: "a contract",
    closed: V3_0,
    fields: &[
        must("version", Text),
        must("apiVersion", Text),
        must("kind", Word(&["DataContract"])),
        must("id", Text),
        requires("status", Text, Required::Before(V3_2, Severity::Error)),
        f("name", Text),
        f("tenant", Text),
        f("tags", TAGS),
        f("servers", Kind::List(&Kind::Object(&SERVER))),
        f("dataProduct", Text),
        f("description", Kind::Object(&DESCRIPTION)),
        f("domain", Text),
        v32("context", CONTEXT),
        f("schema", Kind::List(&Kind::Object(&TABLE))),
        f("support", Kind::List(&Kind::Object(&SUPPORT))),
        f("price", Kind::Object(&PRICE)),
        f("team", Kind::Either(&Kind::Object(&TEAM), &Kind::List(&Kind::Object(&MEMBER)))),
        f("roles", Kind::List(&Kind::Object(&ROLE))),
        f("slaDefaultElement", Text),
        f("slaProperties", Kind::List(&Kind::Object(&SLA))),
        f("authoritativeDefinitions", DEFINITIONS),
        f("customProperties", CUSTOM),
        f("contractCreatedTs", Text),
    ],
};

static DESCRIPTION: Object = Object {
    title: "a description",
    closed: OPEN,
    fields: &[
        f("usage", Text),
        f("purpose", Text),
        f("limitations", Text),
        f("authoritativeDefinitions", DEFINITIONS),
        f("customProperties", CUSTOM),
    ],
};

static CUSTOM_PROPERTY: Object = Object {
    title: "a custom property",
    closed: V3_1,
    fields: &[
        requires("property", Text, Required::From(V3_1)),
        requires("value", Any, Required::From(V3_1)),
        v31("id", Id),
        v31("description", Text),
        v32("vendor", Text),
    ],
};

static DEFINITION: Object = Object {
    title: "an authoritative definition",
    closed: V3_1,
    fields: &[must("url", Text), must("type", Text), v31("id", Id), v31("description", Text)],
};

static SERVER: Object = Object {
    title: "a server",
    closed: V3_1,
    fields: &[
        v31("id", Id),
        must("server", Text),
        must("type", Text),
        f("description", Text),
        f("environment", Text),
        f("roles", Kind::List(&Kind::Object(&ROLE))),
        f("customProperties", CUSTOM),
        f("account", Text),
        f("catalog", Text),
        f("catalogUrl", Text),
        f("database", Text),
        f("dataset", Text),
        f("delimiter", Text),
        f("encoding", Text),
        f("endpointUrl", Text),
        f("format", Text),
        f("host", Text),
        f("location", Text),
        f("namespace", Text),
        f("path", Text),
        f("port", Scalar),
        f("project", Text),
        f("region", Text),
        f("regionName", Text),
        f("schema", Text),
        f("serviceName", Text),
        f("stagingDir", Text),
        f("stream", Text),
        f("warehouse", Text),
        f("workgroup", Text),
    ],
};

/// A table: an object of `schema`.
pub static TABLE: Object = Object {
    title: "a table",
    closed: V3_1,
    fields: &[
        v31("id", Id),
        must("name", Text),
        f("physicalName", Text),
        f("physicalType", Text),
        f("logicalType", Word(&["object", "blob"])),
        f("description", Text),
        f("businessName", Text),
        f("dataGranularityDescription", Text),
        f("properties", Kind::List(&A_PROPERTY)),
        v31("relationships", Kind::List(&Kind::Object(&TABLE_RELATIONSHIP))),
        f("quality", QUALITY),
        f("tags", TAGS),
        f("authoritativeDefinitions", DEFINITIONS),
        f("customProperties", CUSTOM),
        v32("deprecated", FLAG),
        v32("synonyms", Kind::List(&Kind::Object(&SYNONYM))),
        v32("context", CONTEXT),
    ],
};

/// The keys that columns and items share.
macro_rules! property_fields {
    ($name:expr) => {
        &[
            v31("id", Id),
            $name,
            f("physicalName", Text),
            f("physicalType", Text),
            f("description", Text),
            f("businessName", Text),
            f("tags", TAGS),
            f("customProperties", CUSTOM),
            f("authoritativeDefinitions", DEFINITIONS),
            f("primaryKey", Bool),
            f("primaryKeyPosition", Integer),
            f("logicalType", Text),
            f("logicalTypeOptions", Kind::Object(&OPTIONS)),
            f("required", Bool),
            f("unique", Bool),
            f("partitioned", Bool),
            f("partitionKeyPosition", Integer),
            f("classification", Text),
            f("encryptedName", Text),
            f("transformSourceObjects", TAGS),
            f("transformLogic", Text),
            f("transformDescription", Text),
            f("examples", Kind::List(&Any)),
            f("criticalDataElement", Bool),
            v31("relationships", Kind::List(&Kind::Object(&COLUMN_RELATIONSHIP))),
            f("quality", QUALITY),
            f("properties", Kind::List(&A_PROPERTY)),
            f("items", Kind::Object(&ITEM)),
            v32("enum", Kind::List(&Kind::Object(&ENUM_VALUE))),
            v32("semanticType", Word(&["column", "measure", "dimension"])),
            v32("deprecated", FLAG),
            v32("synonyms", Kind::List(&Kind::Object(&SYNONYM))),
            v32("map", Kind::Object(&MAP)),
            v32("vector", Kind::Object(&VECTOR)),
        ]
    };
}

/// A column: an object of `properties`.
pub static PROPERTY: Object =
    Object { title: "a column", closed: V3_1, fields: property_fields!(must("name", Text)) };
static ITEM: Object =
    Object { title: "an item", closed: V3_1, fields: property_fields!(f("name", Text)) };

static MAP: Object = Object {
    title: "a map's type",
    closed: V3_1,
    fields: &[must("key", Kind::Object(&ITEM)), must("value", Kind::Object(&ITEM))],
};

static VECTOR: Object = Object {
    title: "a vector's type",
    closed: V3_1,
    fields: &[
        must("dimensions", Integer),
        f("elementType", ELEMENT_TYPE),
        f("distanceMetric", DISTANCE),
        f("model", Text),
        f("normalized", Bool),
    ],
};

static OPTIONS: Object = Object {
    title: "logicalTypeOptions",
    closed: V3_0,
    fields: &[
        f("minLength", Integer),
        f("maxLength", Integer),
        f("pattern", Text),
        f("format", Text),
        f("minimum", Scalar),
        f("maximum", Scalar),
        f("exclusiveMinimum", Scalar),
        f("exclusiveMaximum", Scalar),
        f("multipleOf", Number),
        v31("timezone", Bool),
        v31("defaultTimezone", Text),
        f("minProperties", Integer),
        f("maxProperties", Integer),
        f("required", TAGS),
        f("minItems", Integer),
        f("maxItems", Integer),
        f("uniqueItems", Bool),
        v32("dimensions", Integer),
        v32("elementType", ELEMENT_TYPE),
        v32("distanceMetric", DISTANCE),
        v32("model", Text),
        v32("embeddingModel", Text),
        v32("embeddingModelVersion", Text),
        v32("normalized", Bool),
    ],
};

/// What no id holds besides white space, from 3.2 on: it would end the id in a reference or an address.
const NOT_OF_IDS: &str = r".#/\@!%&^";

/// Whether an id of a version of the standard may hold a character: letters, digits, `_` and `-`
/// before 3.2.
pub fn is_of_id(one: char, declared: Since) -> bool {
    match declared >= V3_2 {
        true => !one.is_whitespace() && !NOT_OF_IDS.contains(one),
        false => one.is_ascii_alphanumeric() || one == '_' || one == '-',
    }
}

/// Whether any logical type has an option of this name; any other key is unknown altogether.
pub fn is_option(name: &str) -> bool {
    option_since(name).is_some()
}

/// The version of the standard that brought an option of `logicalTypeOptions`.
pub fn option_since(name: &str) -> Option<Since> {
    OPTIONS.field(name).map(|field| field.since)
}

/// The option keys that a logical type has.
pub fn options_of(logical_type: &str) -> &'static [&'static str] {
    match logical_type {
        "string" => &["minLength", "maxLength", "pattern", "format"],
        "date" => &["format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"],
        "timestamp" | "time" => &[
            "format",
            "minimum",
            "maximum",
            "exclusiveMinimum",
            "exclusiveMaximum",
            "timezone",
            "defaultTimezone",
        ],
        "integer" | "number" => {
            &["multipleOf", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "format"]
        }
        "object" => &["minProperties", "maxProperties", "required"],
        "array" => &["minItems", "maxItems", "uniqueItems"],
        "vector" => &[
            "dimensions",
            "elementType",
            "distanceMetric",
            "model",
            "embeddingModel",
            "embeddingModelVersion",
            "normalized",
        ],
        _ => &[],
    }
}

static ENUM_VALUE: Object = Object {
    title: "an enum value",
    closed: V3_1,
    fields: &[
        must("value", PLAIN),
        f("label", Text),
        f("id", Id),
        f("description", Text),
        f("customProperties", CUSTOM),
        f("authoritativeDefinitions", DEFINITIONS),
        f("tags", TAGS),
    ],
};

static SYNONYM: Object = Object {
    title: "a synonym",
    closed: V3_1,
    fields: &[
        f("id", Id),
        must("synonym", Text),
        f("description", Text),
        f("locale", Text),
        f("source", Text),
        f("status", Text),
        f("customProperties", CUSTOM),
    ],
};

static QUALITY_RULE: Object = Object {
    title: "a quality rule",
    closed: V3_1,
    fields: &[
        v31("id", Id),
        f("name", Text),
        f("description", Text),
        f("type", Word(&["library", "text", "sql", "custom"])),
        f(
            "dimension",
            Word(&[
                "accuracy",
                "completeness",
                "conformity",
                "consistency",
                "coverage",
                "timeliness",
                "uniqueness",
            ]),
        ),
        f("severity", Text),
        f("method", Text),
        f("unit", Text),
        f("businessImpact", Text),
        f("schedule", Text),
        f("scheduler", Text),
        f("tags", TAGS),
        f("authoritativeDefinitions", DEFINITIONS),
        f("customProperties", CUSTOM),
        v31("metric", Text),
        f("rule", Text),
        f("validValues", Kind::List(&Any)),
        v31("arguments", Kind::Object(&ARGUMENTS)),
        f("query", Text),
        f("engine", Text),
        f("implementation", Any),
        f("mustBe", Scalar),
        f("mustNotBe", Scalar),
        f("mustBeGreaterThan", Number),
        f("mustBeGreaterOrEqualTo", Number),
        f("mustBeLessThan", Number),
        f("mustBeLessOrEqualTo", Number),
        f("mustBeBetween", Pair),
        f("mustNotBeBetween", Pair),
    ],
};

static ARGUMENTS: Object = Object {
    title: "arguments",
    closed: OPEN,
    fields: &[
        v31("missingValues", Kind::List(&Any)),
        v31("validValues", Kind::List(&Any)),
        v31("pattern", Text),
        v31("properties", TAGS),
    ],
};

static TABLE_RELATIONSHIP: Object = Object {
    title: "a relationship",
    closed: V3_1,
    fields: &[
        v32("id", Text),
        f("type", Word(&["foreignKey"])),
        must("from", REFERENCE),
        must("to", REFERENCE),
        f("customProperties", CUSTOM),
    ],
};

static COLUMN_RELATIONSHIP: Object = Object {
    title: "a column's relationship",
    closed: V3_1,
    fields: &[
        v32("id", Text),
        f("type", Word(&["foreignKey"])),
        must("to", REFERENCE),
        f("customProperties", CUSTOM),
    ],
};

static SUPPORT: Object = Object {
    title: "a support channel",
    closed: V3_1,
    fields: &[
        v31("id", Id),
        must("channel", Text),
        requires("url", Text, Required::Before(V3_1, Severity::Warning)),
        f("description", Text),
        f("tool", Text),
        f("scope", Text),
        f("invitationUrl", Text),
        v31("customProperties", CUSTOM),
    ],
};

static PRICE: Object = Object {
    title: "a price",
    closed: V3_1,
    fields: &[
        v31("id", Id),
        f("priceAmount", Number),
        f("priceCurrency", Text),
        f("priceUnit", Text),
    ],
};

static TEAM: Object = Object {
    title: "a team",
    closed: V3_1,
    fields: &[
        v31("id", Id),
        v31("name", Text),
        v31("description", Text),
        v31("members", Kind::List(&Kind::Object(&MEMBER))),
        v31("tags", TAGS),
        v31("customProperties", CUSTOM),
        v31("authoritativeDefinitions", DEFINITIONS),
    ],
};

static MEMBER: Object = Object {
    title: "a team member",
    closed: V3_1,
    fields: &[
        v31("id", Id),
        requires("username", Text, Required::From(V3_1)),
        f("name", Text),
        f("description", Text),
        f("role", Text),
        f("dateIn", Text),
        f("dateOut", Text),
        f("replacedByUsername", Text),
        v31("tags", TAGS),
        v31("customProperties", CUSTOM),
        v31("authoritativeDefinitions", DEFINITIONS),
    ],
};

static ROLE: Object = Object {
    title: "a role",
    closed: V3_1,
    fields: &[
        v31("id", Id),
        must("role", Text),
        f("description", Text),
        f("access", Text),
        f("firstLevelApprovers", Text),
        f("secondLevelApprovers", Text),
        f("customProperties", CUSTOM),
    ],
};

static SLA: Object = Object {
    title: "an SLA property",
    closed: V3_1,
    fields: &[
        v31("id", Id),
        must("property", Text),
        must("value", Any),
        f("valueExt", PLAIN),
        f("unit", Text),
        f("element", Text),
        f("driver", Text),
        v31("description", Text),
        v31("scheduler", Text),
        v31("schedule", Text),
        v32("customProperties", CUSTOM),
        v32("authoritativeDefinitions", DEFINITIONS),
    ],
};

/// The JSON Schema of the contracts that Pactum accepts.
pub fn json_schema() -> Value {
    let mut definitions = Map::new();
    let root = define(&CONTRACT, &mut definitions);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Pactum data contract (Open Data Contract Standard 3.0 to 3.2)",
        "$ref": root,
        "$defs": definitions,
    })
}

fn define(object: &'static Object, definitions: &mut Map<String, Value>) -> String {
    let name = object.title.split_once(' ').map_or(object.title, |(_, rest)| rest);
    let key = name.replace([' ', '\''], "-");
    let reference = format!("#/$defs/{key}");
    if definitions.contains_key(&key) {
        return reference;
    }
    definitions.insert(key.clone(), Value::Null);
    let properties: Map<String, Value> = object
        .fields
        .iter()
        .map(|field| (field.name.to_owned(), describe(field, definitions)))
        .collect();
    let required: Vec<&str> = object
        .fields
        .iter()
        .filter(|f| matches!(f.required, Required::Always | Required::From(_)))
        .map(|f| f.name)
        .collect();
    definitions.insert(
        key,
        json!({
            "type": "object",
            "additionalProperties": false,
            "properties": properties,
            "required": required,
        }),
    );
    reference
}

fn describe(field: &Field, definitions: &mut Map<String, Value>) -> Value {
    if field.name == "logicalType" && matches!(field.kind, Text) {
        let words: Vec<&str> = LOGICAL_TYPES.iter().map(|(word, _)| *word).collect();
        return json!({ "enum": words });
    }
    if field.name == "metric" {
        return json!({ "enum": METRICS });
    }
    kind_schema(&field.kind, definitions)
}

fn kind_schema(kind: &Kind, definitions: &mut Map<String, Value>) -> Value {
    match kind {
        Text => json!({ "type": "string" }),
        Id => json!({ "type": "string", "pattern": r"^[^\s.#/\\@!%&^]+$" }),
        Bool => json!({ "type": "boolean" }),
        Integer => json!({ "type": "integer" }),
        Number => json!({ "type": "number" }),
        Scalar => json!({ "type": ["string", "number", "boolean"] }),
        Any => json!(true),
        Word(words) => json!({ "enum": words }),
        Kind::List(item) => json!({ "type": "array", "items": kind_schema(item, definitions) }),
        Pair => {
            json!({ "type": "array", "items": { "type": "number" }, "minItems": 2, "maxItems": 2 })
        }
        Kind::Mapping => json!({ "type": "object" }),
        Kind::Soft(Scalar) => json!({ "type": ["string", "number", "boolean", "null"] }),
        Kind::Soft(wanted) => kind_schema(wanted, definitions),
        Kind::Object(object) => json!({ "$ref": define(object, definitions) }),
        Kind::Either(a, b) => {
            json!({ "anyOf": [kind_schema(a, definitions), kind_schema(b, definitions)] })
        }
    }
}
