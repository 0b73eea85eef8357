//! Functions of rows that are ours: which forms PostgreSQL has of each, which of them a call means, and how
//! rows are computed. The functions themselves stand in folders by area.
//!
//! A form is chosen as PostgreSQL chooses it: the one that most arguments fit as they are, and among equals
//! the one of the preferred type. What no form takes does not exist, whatever the engine would cast.

mod called;
mod kinds;
mod output;
mod row;

use arrow::datatypes::DataType;
use datafusion::common::{ScalarValue, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, ScalarUDF};

pub(super) use called::{call, guarded, udf};
pub(super) use kinds::Kind;
pub(super) use output::{Output, VALUE_BYTES, too_long};
pub(super) use row::{Row, Rows, Value};

use called::{Called, called};

use super::kinds::{Kind as Known, type_name};

/// A function by all its forms.
pub(super) struct Function {
    pub name: &'static str,
    pub forms: &'static [Form],
}

/// One form of a function.
pub(super) struct Form {
    pub takes: &'static [Kind],
    /// What any further argument is.
    pub rest: Option<Kind>,
    pub gives: Gives,
    pub body: Body,
}

/// The type of a form's result.
pub(super) enum Gives {
    Kind(Kind),
    /// The type of the first argument.
    First,
    /// By the types, and by what of the arguments is constant.
    Of(fn(&[DataType], &[Option<&ScalarValue>]) -> DataType),
}

/// How a form is computed.
pub(super) enum Body {
    /// NULL where an argument is NULL.
    Strict(for<'a> fn(&Row<'a>) -> Result<Value<'a>>),
    /// Whatever is NULL.
    Loose(for<'a> fn(&Row<'a>) -> Result<Value<'a>>),
    /// All rows at once; rows with a NULL argument are the body's own affair.
    Batch(fn(&Rows<'_>, &mut Output) -> Result<()>),
}

impl Form {
    /// A form that is NULL where an argument is NULL.
    pub const fn strict(
        takes: &'static [Kind],
        gives: Gives,
        body: for<'a> fn(&Row<'a>) -> Result<Value<'a>>,
    ) -> Self {
        Self { takes, rest: None, gives, body: Body::Strict(body) }
    }

    /// A form that looks at NULLs itself.
    pub const fn loose(
        takes: &'static [Kind],
        gives: Gives,
        body: for<'a> fn(&Row<'a>) -> Result<Value<'a>>,
    ) -> Self {
        Self { takes, rest: None, gives, body: Body::Loose(body) }
    }

    /// The same, of any number of further arguments.
    pub const fn variadic(
        takes: &'static [Kind],
        rest: Kind,
        gives: Gives,
        body: for<'a> fn(&Row<'a>) -> Result<Value<'a>>,
    ) -> Self {
        Self { takes, rest: Some(rest), gives, body: Body::Loose(body) }
    }

    /// A form that computes a whole batch.
    pub const fn batch(
        takes: &'static [Kind],
        gives: Gives,
        body: fn(&Rows<'_>, &mut Output) -> Result<()>,
    ) -> Self {
        Self { takes, rest: None, gives, body: Body::Batch(body) }
    }

    fn kind(&self, argument: usize) -> Option<Kind> {
        self.takes.get(argument).copied().or(self.rest)
    }

    /// How well arguments fit: exact ones, then preferred ones. `None` where they do not. A literal
    /// without a type is none.
    fn fit(&self, types: &[Option<&DataType>]) -> Option<(usize, usize)> {
        let counts = match self.rest {
            None => types.len() == self.takes.len(),
            Some(_) => types.len() >= self.takes.len(),
        };
        if !counts {
            return None;
        }
        let mut found = (0, 0);
        for (argument, given) in types.iter().enumerate() {
            let kind = self.kind(argument)?;
            let fit = match given {
                Some(given) => kind.fit(given)?,
                None => kind.fit_of_literal(),
            };
            match fit {
                kinds::Fit::Exact => found.0 += 1,
                kinds::Fit::Preferred => found.1 += 1,
                kinds::Fit::Possible => {}
            }
        }
        Some(found)
    }
}

impl Function {
    /// The form that arguments mean.
    fn form(&self, types: &[Option<&DataType>]) -> Result<&Form> {
        let mut best: Option<(&Form, (usize, usize))> = None;
        for form in self.forms {
            if let Some(fit) = form.fit(types)
                && best.is_none_or(|(_, found)| fit > found)
            {
                best = Some((form, fit));
            }
        }
        let Some((form, _)) = best else {
            let name = |given: &Option<&DataType>| match given {
                Some(given) => type_name(given),
                None => Known::Unknown.name().to_owned(),
            };
            let types: Vec<String> = types.iter().map(name).collect();
            return plan_err!("function {}({}) does not exist", self.name, types.join(", "));
        };
        Ok(form)
    }

    /// Fails where several forms fit arguments of known types alike.
    fn check_unique(&self, types: &[Option<&DataType>]) -> Result<()> {
        let is_open = |given: &Option<&DataType>| given.is_none_or(|t| *t == DataType::Null);
        if types.iter().any(is_open) {
            return Ok(());
        }
        let mut fits: Vec<_> = self.forms.iter().filter_map(|form| form.fit(types)).collect();
        fits.sort_unstable();
        match fits.as_slice() {
            [.., second, first] if second == first => {
                let types: Vec<String> = types.iter().flatten().map(|t| type_name(t)).collect();
                plan_err!("function {}({}) is not unique", self.name, types.join(", "))
            }
            _ => Ok(()),
        }
    }
}

/// What is done about an argument before the engine coerces it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    AsIs,
    /// A literal without a type gets this one.
    Literal(Known),
    /// Its text is taken.
    Spelled,
}

/// What is done about the arguments of a call; `None` where the function is not one of these.
///
/// # Errors
/// Where no form takes them.
pub(super) fn taken(
    function: &ScalarUDF,
    types: &[Option<&DataType>],
) -> Option<Result<Vec<Taken>>> {
    let called: &Called = function.inner().downcast_ref()?;
    let unique = called.function.check_unique(types);
    let form = match unique.and_then(|()| called.function.form(types)) {
        Ok(form) => form,
        Err(error) => return Some(Err(error)),
    };
    let take = |(at, given): (usize, &Option<&DataType>)| match (form.kind(at), given) {
        (Some(kind), None) => kind.known().map_or(Taken::AsIs, Taken::Literal),
        (Some(Kind::Spelled), Some(given)) if Kind::Spelled.wanted(given) != **given => {
            Taken::Spelled
        }
        _ => Taken::AsIs,
    };
    Some(Ok(types.iter().enumerate().map(take).collect()))
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// Functions that fail on no value at all.
const NEVER_FAIL: &[&str] = &[
    "ascii",
    "bit_length",
    "btrim",
    "char_length",
    "character_length",
    "initcap",
    "left",
    "length",
    "lower",
    "ltrim",
    "md5",
    "num_nonnulls",
    "num_nulls",
    "octet_length",
    "reverse",
    "right",
    "rtrim",
    "sign",
    "starts_with",
    "strpos",
    "trim",
    "upper",
];

/// Functions of a pattern that fail on no text: where the pattern is constant, all rows fail or none.
const PATTERNED: &[&str] = &["regexp_is_match", "regexp_like", "regexp_similar"];

/// Whether an expression is a call of one of these, and may fail.
pub(super) fn is_fallible(expression: &Expr) -> bool {
    let (Some(called), Expr::ScalarFunction(call)) = (called(expression), expression) else {
        return false;
    };
    let name = called.function.name;
    let is_constant = || call.args.iter().skip(1).all(|e| matches!(e, Expr::Literal(..)));
    !(NEVER_FAIL.contains(&name) || PATTERNED.contains(&name) && is_constant())
}
