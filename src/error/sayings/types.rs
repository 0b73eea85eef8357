//! The engine's words about types that do not fit.

use super::super::type_words::in_sql;
use super::super::{SqlState as S, Subject};
use super::{Said, Say};

pub(super) const TYPES: &[(&str, Say)] = &[
    (
        r"(?i)cannot infer common argument type for comparison operation (.+?) (=|!=|<>|<=?|>=?|IS (?:NOT )?DISTINCT FROM) (.+)$",
        |c| incomparable(&c[1], &c[3]).about(Subject::Operator(c[2].to_owned())),
    ),
    (r"(?i)failed to coerce types (.+) and (.+?) in BETWEEN", |c| {
        incomparable(&c[1], &c[2]).about(Subject::Operator("between".to_owned()))
    }),
    (r"(?i)failed to coerce (?:case|then).*?((?:\w|\().*)$", |_| {
        Said::new(S::DatatypeMismatch, "the results of CASE have types that do not fit together")
            .hint("cast them to one type")
            .about(Subject::Word("case".to_owned()))
    }),
    (
        r"(?i)cannot infer common argument type for logical boolean operation (.+?) (AND|OR) (.+)$",
        |c| {
            let wrong = if c[1].eq_ignore_ascii_case("Boolean") { &c[3] } else { &c[1] };
            Said::new(
                S::DatatypeMismatch,
                format!("{} takes booleans, and this is {}", &c[2], in_sql(wrong)),
            )
            .about(Subject::Operator(c[2].to_owned()))
        },
    ),
    (r"(?i)cannot infer common string type for string concat operation (.+) \|\| (.+)$", |c| {
        undefined(&c[1], "||", &c[2])
    }),
    (r"(?i)cannot infer common.*operation (.+?) (\S+) (.+)$", |c| undefined(&c[1], &c[2], &c[3])),
    (r"(?i)cannot coerce arithmetic expression (.+?) ([-+*/%]) (.+?) to valid types", |c| {
        undefined(&c[1], &c[2], &c[3])
    }),
    (
        r"(?i)cannot get result type for (?:temporal|arithmetic) operation (.+?) ([-+*/%]) (.+?): ",
        |c| undefined(&c[1], &c[2], &c[3]),
    ),
    (r"(?i)there isn't a common type to coerce (.+) and (.+) in (LIKE|ILIKE|SIMILAR TO)", |c| {
        Said::new(
            S::UndefinedFunction,
            format!("{} {} {} is not defined", in_sql(&c[1]), &c[3], in_sql(&c[2])),
        )
        .hint("cast the value to text")
        .about(Subject::Operator(c[3].to_owned()))
    }),
    (r"(?i)cannot automatically convert (.+) to (.+)$", |c| {
        let message = format!("{} does not become {} by itself", in_sql(&c[1]), in_sql(&c[2]));
        Said::new(S::DatatypeMismatch, message).hint("cast it")
    }),
    (r"(?i)expr type (.+) can't cast to (.+) in (SetComparison|InSubquery)", |c| {
        incomparable(&c[1], &c[2])
    }),
    (r"(?i)'NOT' requires a boolean expression, got (.+)$", |c| {
        Said::new(
            S::DatatypeMismatch,
            format!("NOT takes a boolean, and this is {}", in_sql(&c[1])),
        )
        .about(Subject::Operator("not".to_owned()))
    }),
    (r"(?i)unary operator '(.)' only supports", |c| {
        Said::new(S::UndefinedFunction, format!("'{}' is not defined for this type", &c[1]))
    }),
    (r"(?i)non-boolean predicate '.+' returning (.+)$", |c| {
        let message = format!("a condition must be type boolean, not type {}", in_sql(&c[1]));
        Said::new(S::DatatypeMismatch, message)
            .hint("compare it with a value")
            .about(Subject::Condition)
    }),
    (
        r"(?i)(?:cannot create filter with|filter predicate) non-boolean.*?(?: of type (.+))?$",
        |_| {
            Said::new(S::DatatypeMismatch, "a condition must be type boolean")
                .hint("compare it with a value")
                .about(Subject::Condition)
        },
    ),
    (r"(?i)join condition must be boolean type, but got (.+)$", |c| {
        Said::new(
            S::DatatypeMismatch,
            format!("the condition of JOIN must be type boolean, not type {}", in_sql(&c[1])),
        )
        .hint("compare it with a value")
        .about(Subject::Condition)
    }),
    (r"(?s)No function matches the given name and argument types '((.+?)\(.*?)'\.(.*)$", |c| {
        let spoken = sql_function(&c[2]);
        if spoken == "any" {
            return Said::new(S::WrongObjectType, "= any (…) takes an array or a subquery")
                .about(Subject::Word("any".to_owned()));
        }
        if &c[2] == "array_element" {
            let of = c[1].split(['(', ',']).nth(1).unwrap_or_default();
            let message = format!("a value of type {} has no elements", in_sql(of));
            return Said::new(S::DatatypeMismatch, message);
        }
        let call = in_sql(&c[1]).replacen(&c[2], spoken, 1).replace("Null", "unknown");
        let told = Said::new(S::UndefinedFunction, format!("{call} is not defined"));
        let told = match candidates(&c[3]) {
            Some(hint) => told.hint(hint),
            None => told,
        };
        told.about(Subject::Call(spoken.to_owned()))
    }),
    (r"(?i)cannot access field at argument \d+: type (.+) is not Struct", |c| {
        Said::new(S::WrongObjectType, format!("a value of type {} has no fields", in_sql(&c[1])))
    }),
    (r"(?i)field (.+) not found in struct", |c| {
        Said::new(S::UndefinedColumn, format!("there is no field '{}'", &c[1]))
            .about(Subject::Word(c[1].to_owned()))
    }),
    (r"(?i)unnest\(\) can only be applied to array", |_| {
        Said::new(S::UndefinedFunction, "unnest takes an array")
            .about(Subject::Call("unnest".to_owned()))
    }),
    (r"(?i)^unsupported CAST from (.+) to (.+)$", |c| {
        let message = format!("{} cannot be cast to {}", in_sql(&c[1]), in_sql(&c[2]));
        Said::new(S::CannotCoerce, message).about(Subject::Operator("::".to_owned()))
    }),
    (r"(?i)casting from (.+) to (.+) not supported", |c| {
        let message = format!("{} cannot be cast to {}", in_sql(&c[1]), in_sql(&c[2]));
        Said::new(S::CannotCoerce, message).about(Subject::Operator("::".to_owned()))
    }),
    (r"(?i)column types must match schema types, expected (.+) but found (.+) at column", |c| {
        let message = format!("types {} and {} cannot be matched", in_sql(&c[1]), in_sql(&c[2]));
        Said::new(S::DatatypeMismatch, message).hint("cast one of the branches")
    }),
    (r"(?i)physical input schema should be the same as the one converted from logical", |_| {
        Said::new(
            S::DatatypeMismatch,
            "the branches of the query have types that do not fit together",
        )
        .hint("cast the columns of one branch")
    }),
];

fn incomparable(left: &str, right: &str) -> Said {
    let message = format!("{} cannot be compared with {}", in_sql(left), in_sql(right));
    Said::new(S::UndefinedFunction, message)
        .hint("compare with a value of the column's type, or cast one side")
}

fn undefined(left: &str, operator: &str, right: &str) -> Said {
    let message = format!("{} {operator} {} is not defined", in_sql(left), in_sql(right));
    Said::new(S::UndefinedFunction, message)
        .hint("cast one side")
        .about(Subject::Operator(operator.to_owned()))
}

/// The function as readers call it.
fn sql_function(name: &str) -> &str {
    match name {
        "array_has" => "any",
        "make_array" => "array",
        "strpos" => "position",
        "substr" => "substring",
        other => other,
    }
}

/// `Candidate functions: sum(Decimal) sum(Int64) …` on one line.
fn candidates(rest: &str) -> Option<String> {
    let (_, listed) = rest.split_once("Candidate functions:")?;
    let mut all: Vec<String> = Vec::new();
    for line in listed.lines() {
        let line = in_sql(line.trim()).replace("Decimal", "numeric").replace("String", "text");
        // A function that chooses its types itself lists none, and others list the engine's classes.
        let is_engines = ["UserDefined", "Numeric(", "Comparable(", "Null", "Coercion", "Any("]
            .iter()
            .any(|word| line.contains(word));
        if !line.is_empty() && !is_engines && !all.contains(&line) {
            all.push(line);
        }
    }
    (!all.is_empty()).then(|| format!("there is {}", all.join(", ")))
}
