//! Keys that many elements share: tags, custom properties, authoritative definitions, synonyms.

use super::form::Kind::{Any, Bool, Id, Scalar, Text};
use super::form::{Kind, Object, Required, V3_1, f, must, requires, v31, v32};

pub(super) const TAGS: Kind = Kind::List(&Text);
pub(super) const CUSTOM: Kind = Kind::List(&Kind::Object(&CUSTOM_PROPERTY));
pub(super) const DEFINITIONS: Kind = Kind::List(&Kind::Object(&DEFINITION));
pub(super) const CONTEXT: Kind = Kind::Soft(&Kind::Either(&Text, &Kind::Mapping));
pub(super) const PLAIN: Kind = Kind::Soft(&Scalar);
pub(super) const FLAG: Kind = Kind::Soft(&Bool);

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

pub(super) static SYNONYM: Object = Object {
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
