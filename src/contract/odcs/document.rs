//! The keys of the document's top level: identity, description, price, service levels.

use crate::diagnostic::Severity;

use super::form::Kind::{Any, Id, Number, Text, Word};
use super::form::{Kind, OPEN, Object, Required, V3_0, V3_1, V3_2, f, must, requires, v31, v32};
use super::people::{MEMBER, ROLE, SUPPORT, TEAM};
use super::server::SERVER;
use super::shared::{CONTEXT, CUSTOM, DEFINITIONS, PLAIN, TAGS};
use super::table::TABLE;

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
