//! The keys of servers: where the data lies.

use super::form::Kind::{Id, Scalar, Text};
use super::form::{Kind, Object, V3_1, f, must, v31};
use super::people::ROLE;
use super::shared::CUSTOM;

pub(super) static SERVER: Object = Object {
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
