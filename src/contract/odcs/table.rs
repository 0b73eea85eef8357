//! The keys of tables.

use super::column::A_PROPERTY;
use super::form::Kind::{Id, Text, Word};
use super::form::{Kind, Object, V3_1, f, must, v31, v32};
use super::quality::QUALITY;
use super::relationship::TABLE_RELATIONSHIP;
use super::shared::{CONTEXT, CUSTOM, DEFINITIONS, FLAG, SYNONYM, TAGS};

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
