//! The keys of quality rules: metrics, operators, arguments.

use super::form::Kind::{Any, Id, Number, Pair, Scalar, Text, Word};
use super::form::{Kind, OPEN, Object, V3_1, f, v31};
use super::shared::{CUSTOM, DEFINITIONS, TAGS};

pub(super) const QUALITY: Kind = Kind::List(&Kind::Object(&QUALITY_RULE));

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
