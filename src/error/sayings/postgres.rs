//! PostgreSQL's own words, which the room of its dialect uses inside the engine's errors: only their
//! state and what they are about is told.

use super::super::{SqlState as S, Subject};
use super::{Said, Say};

pub(super) const POSTGRES: &[(&str, Say)] = &[
    (r"^function (?:any|all)_\w+\(.*\) does not exist$", |_| {
        let message = "ANY and ALL take an array of values that can be compared, or a subquery";
        Said::new(S::WrongObjectType, message)
    }),
    (r"^function like_escape\((.+)\) does not exist$", |c| {
        let message = format!("LIKE takes a pattern of type text, not type {}", &c[1]);
        Said::new(S::UndefinedFunction, message).about(Subject::Operator("like".to_owned()))
    }),
    (r"(?s)^function ([\w.]+)\(.*\) does not exist$", |c| {
        Said::new(S::UndefinedFunction, &c[0])
            .hint("cast the arguments to types that it takes")
            .about(Subject::Call(c[1].to_owned()))
    }),
    (r"(?s)^function ([\w.]+)\(.*\) is not unique$", |c| {
        Said::new(S::AmbiguousFunction, &c[0])
            .hint("cast the arguments")
            .about(Subject::Call(c[1].to_owned()))
    }),
    (r"^operator does not exist: (- .+)$", |c| {
        Said::new(S::UndefinedFunction, &c[0]).about(Subject::Operator("-".to_owned()))
    }),
    (
        r"^operator does not exist: (.+?) ([^\w\s]+|LIKE|ILIKE|SIMILAR TO|IS (?:NOT )?DISTINCT FROM) (.+)$",
        |c| {
            let operator = match &c[2] {
                "~~" | "!~~" => "like",
                "~~*" | "!~~*" => "ilike",
                other => other,
            };
            Said::new(S::UndefinedFunction, &c[0])
                .hint("cast one side")
                .about(Subject::Operator(operator.to_owned()))
        },
    ),
    (r"^operator is not unique: \S+ (\S+) \S+$", |c| {
        Said::new(S::AmbiguousFunction, &c[0])
            .hint("cast one side")
            .about(Subject::Operator(c[1].to_owned()))
    }),
    (r"^cannot cast type .+ to .+$", |c| {
        Said::new(S::CannotCoerce, &c[0]).about(Subject::Operator("::".to_owned()))
    }),
    (
        r"^(CASE|COALESCE|GREATEST|LEAST|NULLIF|UNION|INTERSECT|EXCEPT|ARRAY|VALUES|IN)?/?\w* ?types .+ and .+ cannot be matched$",
        |c| {
            let word = c.get(1).map_or("", |m| m.as_str()).to_lowercase();
            let told = Said::new(S::DatatypeMismatch, &c[0]).hint("cast them to one type");
            match word.as_str() {
                "" => told,
                "coalesce" | "greatest" | "least" | "nullif" | "array" => {
                    told.about(Subject::Call(word))
                }
                _ => told.about(Subject::Word(word)),
            }
        },
    ),
    (r"^argument of (WHERE|HAVING|FILTER|JOIN/ON|ON|CASE/WHEN) must be type boolean.*$", |c| {
        Said::new(S::DatatypeMismatch, &c[0])
            .hint("compare it with a value")
            .about(Subject::Condition)
    }),
    (r"^argument of (.+?) must be type.*$", |c| {
        let word = c[1].to_lowercase();
        let told = Said::new(S::DatatypeMismatch, &c[0]);
        match word.as_str() {
            "and" | "or" | "not" => told.about(Subject::Operator(word)),
            _ => told.about(Subject::Word(word)),
        }
    }),
    (
        r"^(?:each .+ must have the same number of columns|subquery has too (?:many|few) columns)$",
        |c| Said::new(S::SyntaxError, &c[0]),
    ),
    (r#"^recursive query .+ has type .+ in non-recursive term but type .+ overall$"#, |c| {
        Said::new(S::DatatypeMismatch, &c[0]).hint("cast the first term")
    }),
    (r#"^(?:value )?["'](.*)["'] is out of range for type .+$"#, |c| {
        Said::new(S::NumericValueOutOfRange, &c[0]).about(Subject::Text(c[1].to_owned()))
    }),
    (r#"^date/time field value out of range: ["'](.*)["']$"#, |c| {
        Said::new(S::DatetimeFieldOverflow, &c[0]).about(Subject::Text(c[1].to_owned()))
    }),
    (r"^could not determine (?:data|polymorphic) type.*$", |c| {
        Said::new(S::IndeterminateDatatype, &c[0]).hint("cast it")
    }),
    (r"^(?:step size cannot equal zero|unit .* not recognized|unrecognized ).*$", |c| {
        Said::new(S::InvalidParameterValue, &c[0])
    }),
    (r"^unit .* not supported for type.*$|^.* is not supported(?::.*)?$", |c| {
        Said::new(S::FeatureNotSupported, &c[0])
    }),
];
