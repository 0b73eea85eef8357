//! Logical types, and the keys of their options.

use super::form::Kind::{Bool, Integer, Number, Scalar, Text, Word};
use super::form::{Kind, Object, Since, V3_0, V3_1, V3_2, f, v31, v32};
use super::shared::TAGS;

pub(super) const ELEMENT_TYPE: Kind =
    Kind::Soft(&Word(&["bfloat16", "binary", "float16", "float32", "float64", "int8", "uint8"]));

pub(super) const DISTANCE: Kind =
    Kind::Soft(&Word(&["cosine", "dotProduct", "euclidean", "hamming", "manhattan"]));

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

pub(super) static OPTIONS: Object = Object {
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
