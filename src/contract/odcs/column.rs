//! The keys of columns and of what is inside them: items, fields, maps, vectors, enum values.

use super::form::Kind::{Any, Bool, Id, Integer, Text, Word};
use super::form::{Kind, Object, V3_1, f, must, v31, v32};
use super::options::{DISTANCE, ELEMENT_TYPE, OPTIONS};
use super::quality::QUALITY;
use super::relationship::COLUMN_RELATIONSHIP;
use super::shared::{CUSTOM, DEFINITIONS, FLAG, PLAIN, SYNONYM, TAGS};

pub(super) static A_PROPERTY: Kind = Kind::Object(&PROPERTY);

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
