//! Operators of JSON in the text, as functions; and its aggregates, as functions of arrays.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    BinaryOperator, DuplicateTreatment, Expr, Function, FunctionArg, FunctionArguments, Ident,
    ObjectName, Spanned, VisitorMut,
};

use crate::error::Error;

use super::super::functions::place;
use super::super::quoted::call;

/// The rewriting.
pub(in super::super) struct Json;

impl VisitorMut for Json {
    type Break = Box<Error>;

    fn post_visit_expr(&mut self, expression: &mut Expr) -> ControlFlow<Self::Break> {
        let rewritten = match expression {
            Expr::BinaryOp { left, op, right } => operator(left, op, right),
            Expr::Function(function) => match aggregate(function) {
                Ok(rewritten) => rewritten,
                Err(error) => return ControlFlow::Break(error),
            },
            _ => None,
        };
        if let Some(rewritten) = rewritten {
            *expression = rewritten;
        }
        ControlFlow::Continue(())
    }
}

fn operator(left: &Expr, op: &BinaryOperator, right: &Expr) -> Option<Expr> {
    let name = match op {
        BinaryOperator::Arrow => "json_get",
        BinaryOperator::LongArrow => "json_get_text",
        BinaryOperator::HashArrow => "json_follow",
        BinaryOperator::HashLongArrow => "json_follow_text",
        BinaryOperator::Question => "json_has",
        BinaryOperator::QuestionPipe => "json_has_any",
        BinaryOperator::QuestionAnd => "json_has_all",
        _ => return None,
    };
    Some(call(name, vec![left.clone(), right.clone()]))
}

/// `json_agg(x order by y)` is JSON of `array_agg(x order by y)`.
fn aggregate(function: &Function) -> Result<Option<Expr>, Box<Error>> {
    let name = function.name.to_string().to_ascii_lowercase();
    let (of, is_pairs) = match name.strip_prefix("pg_catalog.").unwrap_or(&name) {
        "json_agg" => ("json_of_group", false),
        "jsonb_agg" => ("jsonb_of_group", false),
        "json_object_agg" => ("json_of_pairs", true),
        "jsonb_object_agg" => ("jsonb_of_pairs", true),
        _ => return Ok(None),
    };
    let arrays = |argument: Option<&FunctionArg>| {
        let mut array = function.clone();
        array.name = ObjectName::from(vec![Ident::new("array_agg")]);
        if let (FunctionArguments::List(list), Some(argument)) = (&mut array.args, argument) {
            list.args = vec![argument.clone()];
        }
        Expr::Function(array)
    };
    let FunctionArguments::List(list) = &function.args else { return Ok(None) };
    let refused = |words: &str| {
        let at = place(function.name.span().start);
        Err(Box::new(Error::usage("sql", format!("{words}{at}"))))
    };
    match (is_pairs, list.args.as_slice()) {
        (false, [_]) => Ok(Some(call(of, vec![arrays(None)]))),
        (true, [_, _]) if list.duplicate_treatment == Some(DuplicateTreatment::Distinct) => {
            refused("DISTINCT in an aggregate of pairs is not supported")
        }
        (true, [key, value]) => Ok(Some(call(of, vec![arrays(Some(key)), arrays(Some(value))]))),
        (false, _) => refused(&format!("{name} takes one value")),
        (true, _) => refused(&format!("{name} takes a key and a value")),
    }
}
