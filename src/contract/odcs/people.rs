//! The keys of people: team, roles, support channels.

use crate::diagnostic::Severity;

use super::form::Kind::{Id, Text};
use super::form::{Kind, Object, Required, V3_1, f, must, requires, v31};
use super::shared::{CUSTOM, DEFINITIONS, TAGS};

pub(super) static SUPPORT: Object = Object {
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

pub(super) static TEAM: Object = Object {
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

pub(super) static MEMBER: Object = Object {
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

pub(super) static ROLE: Object = Object {
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
