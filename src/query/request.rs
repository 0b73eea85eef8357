//! A request: what a door hands to the gateway.

use std::collections::BTreeMap;
use std::time::Duration;

use datafusion::common::ScalarValue;

/// A query with everything that it takes to answer it.
#[derive(Debug, Clone)]
pub struct Request {
    /// Who asks.
    pub principal: Principal,
    /// The text of one query.
    pub sql: String,
    /// The values of its parameters.
    pub parameters: Parameters,
    /// What the answer may take.
    pub limits: AnswerLimits,
}

impl Request {
    /// A request of the local principal, without parameters and without limits.
    pub fn local(sql: impl Into<String>) -> Self {
        Self {
            principal: Principal::local(),
            sql: sql.into(),
            parameters: Parameters::new(),
            limits: AnswerLimits::default(),
        }
    }
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Principal {
    /// The name, which is `current_user` in SQL.
    pub name: String,
}

impl Principal {
    /// Whoever runs the command line.
    pub fn local() -> Self {
        Self { name: "local".to_owned() }
    }
}

/// Values of parameters by name, or by number (`1` is `$1`).
pub type Parameters = BTreeMap<String, Given>;

/// The value of a parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum Given {
    /// A value of a type.
    Typed(ScalarValue),
    /// A text, which the query gives its type.
    Text(String),
}

/// What an answer may take; nothing is unlimited by itself but what is `None`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AnswerLimits {
    /// The time from the request to the last row, planning included.
    pub timeout: Option<Duration>,
    /// The most rows.
    pub rows: Option<u64>,
    /// The most bytes of rows, as they lie in memory.
    pub bytes: Option<u64>,
}
