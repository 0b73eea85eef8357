//! Words about who asks, and where: `current_user`, `current_schema`, `current_database()`, `version()`.
//!
//! They are constants of a query. Who asks is known to queries alone: no verdict of a rule depends on it.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    CastKind, DataType, Expr, Function, FunctionArguments, ObjectName, Query, Spanned, Value,
    Visit, VisitMut, Visitor, VisitorMut,
};

use crate::error::{Error, Result};

use super::functions::placed;

/// The database that every query reads.
pub const DATABASE: &str = "pactum";

/// The schema of tables that are named without one. It has none.
pub const SCHEMA: &str = "public";

/// The version of PostgreSQL whose meaning SQL has, in the form that clients look for.
const VERSION: &str = concat!("PostgreSQL 15 (Pactum ", env!("CARGO_PKG_VERSION"), ")");

/// What a word stands for.
enum Meaning {
    /// The name of who asks.
    User,
    /// A constant.
    Constant(&'static str),
}

/// The words: how each is written, without parentheses, with them, or either way.
fn meaning(name: &str, has_parentheses: bool) -> Option<Meaning> {
    let constant = |text| Some(Meaning::Constant(text));
    match (name, has_parentheses) {
        ("current_user" | "session_user" | "user" | "current_role", false) => Some(Meaning::User),
        ("current_catalog", false) | ("current_database", true) => constant(DATABASE),
        ("current_schema", _) => constant(SCHEMA),
        ("version", true) => constant(VERSION),
        _ => None,
    }
}

/// Makes calls of the words that the parser takes for columns, so that their columns are named after them.
pub(super) struct Words;

impl VisitorMut for Words {
    type Break = ();

    fn post_visit_expr(&mut self, expression: &mut Expr) -> ControlFlow<()> {
        let Expr::Identifier(word) = expression else { return ControlFlow::Continue(()) };
        let is_word = ["current_role", "current_schema"]
            .iter()
            .any(|known| word.quote_style.is_none() && word.value.eq_ignore_ascii_case(known));
        if is_word {
            *expression = Expr::Function(Function {
                name: ObjectName::from(vec![word.clone()]),
                uses_odbc_syntax: false,
                parameters: FunctionArguments::None,
                args: FunctionArguments::None,
                filter: None,
                null_treatment: None,
                over: None,
                within_group: Vec::new(),
            });
        }
        ControlFlow::Continue(())
    }
}

/// Refuses to say who asks where nobody does.
pub(super) fn refuse(query: &Query, user: Option<&str>) -> Result<()> {
    if user.is_some() {
        return Ok(());
    }
    match query.visit(&mut Asked) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(error) => Err(*error),
    }
}

struct Asked;

impl Visitor for Asked {
    type Break = Box<Error>;

    fn pre_visit_expr(&mut self, expression: &Expr) -> ControlFlow<Self::Break> {
        let Expr::Function(function) = expression else { return ControlFlow::Continue(()) };
        match of_call(function) {
            Some(Meaning::User) => {
                let name = function.name.to_string().to_lowercase();
                let error = Error::usage("sql", format!("{name} is not known in a rule"))
                    .hint("a verdict does not depend on who asks for it");
                ControlFlow::Break(Box::new(placed(error, function.name.span().start)))
            }
            _ => ControlFlow::Continue(()),
        }
    }
}

/// The meaning of a call, where it is one of the words.
fn of_call(function: &Function) -> Option<Meaning> {
    let has_parentheses = match &function.args {
        FunctionArguments::None => false,
        FunctionArguments::List(list) if list.args.is_empty() => true,
        _ => return None,
    };
    let written = function.name.to_string().to_ascii_lowercase();
    meaning(written.strip_prefix("pg_catalog.").unwrap_or(&written), has_parentheses)
}

/// Puts the constants in the place of the words.
pub(super) fn answer(query: &mut Query, user: Option<&str>) {
    // The walk cannot fail: it never breaks off.
    let _ = VisitMut::visit(query, &mut Answers { user });
}

struct Answers<'a> {
    user: Option<&'a str>,
}

impl VisitorMut for Answers<'_> {
    type Break = ();

    fn post_visit_expr(&mut self, expression: &mut Expr) -> ControlFlow<()> {
        let Expr::Function(function) = expression else { return ControlFlow::Continue(()) };
        let text = match of_call(function) {
            Some(Meaning::Constant(text)) => text,
            Some(Meaning::User) => self.user.unwrap_or_default(),
            None => return ControlFlow::Continue(()),
        };
        // A text, and not a literal that takes the type of what stands beside it.
        *expression = Expr::Cast {
            kind: CastKind::Cast,
            expr: Box::new(Expr::value(Value::SingleQuotedString(text.to_owned()))),
            data_type: DataType::Text,
            array: false,
            format: None,
        };
        ControlFlow::Continue(())
    }
}
