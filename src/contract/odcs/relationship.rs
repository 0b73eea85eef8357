//! The keys of relationships: foreign keys of tables and of columns.

use super::form::Kind::{Text, Word};
use super::form::{Kind, Object, V3_1, f, must, v32};
use super::shared::CUSTOM;

const REFERENCE: Kind = Kind::Either(&Text, &Kind::List(&Text));

pub(super) static TABLE_RELATIONSHIP: Object = Object {
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

pub(super) static COLUMN_RELATIONSHIP: Object = Object {
    title: "a column's relationship",
    closed: V3_1,
    fields: &[
        v32("id", Text),
        f("type", Word(&["foreignKey"])),
        must("to", REFERENCE),
        f("customProperties", CUSTOM),
    ],
};
