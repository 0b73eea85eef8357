//! Operators and words of SQL that call functions: `~`, SIMILAR TO, LIKE … ESCAPE, `substring(a from b)`,
//! `position(a in b)`, `overlay(a placing b from c)`. The engine calls its own for them.

use datafusion::common::DFSchema;
use datafusion::error::Result;
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::scalar::ScalarValue;
use datafusion::sql::sqlparser::ast::{
    BinaryOperator, CastKind, DataType, Expr as Written, UnaryOperator, Value, ValueWithSpan,
};

use super::patterns::{ends_in_escape, like_pattern};
use super::quoted::call;
use super::{patterns, scalars, text};

/// Plans what the engine would call its own functions for.
#[derive(Debug)]
pub(super) struct Words;

impl ExprPlanner for Words {
    fn plan_binary_op(
        &self,
        raw: RawBinaryExpr,
        _: &DFSchema,
    ) -> Result<PlannerResult<RawBinaryExpr>> {
        let (ignores_case, is_negated) = match raw.op {
            BinaryOperator::PGRegexMatch => (false, false),
            BinaryOperator::PGRegexIMatch => (true, false),
            BinaryOperator::PGRegexNotMatch => (false, true),
            BinaryOperator::PGRegexNotIMatch => (true, true),
            BinaryOperator::PGStartsWith => {
                let starts = scalars::call(&text::STARTS_WITH, vec![raw.left, raw.right]);
                return Ok(PlannerResult::Planned(starts));
            }
            _ => return Ok(PlannerResult::Original(raw)),
        };
        let mut arguments = vec![raw.left, raw.right];
        if ignores_case {
            arguments.push(Expr::Literal(ScalarValue::from("i"), None));
        }
        let matches = scalars::call(&patterns::MATCHES, arguments);
        Ok(PlannerResult::Planned(match is_negated {
            true => Expr::Not(Box::new(matches)),
            false => matches,
        }))
    }

    fn plan_substring(&self, mut arguments: Vec<Expr>) -> Result<PlannerResult<Vec<Expr>>> {
        // Without FROM, the engine begins at a bigint.
        if let Some(Expr::Literal(start @ ScalarValue::Int64(Some(1)), _)) = arguments.get_mut(1) {
            *start = ScalarValue::Int32(Some(1));
        }
        Ok(PlannerResult::Planned(scalars::call(&patterns::SUBSTRING, arguments)))
    }

    fn plan_position(&self, arguments: Vec<Expr>) -> Result<PlannerResult<Vec<Expr>>> {
        Ok(PlannerResult::Planned(scalars::call(&text::POSITION, arguments)))
    }

    fn plan_overlay(&self, arguments: Vec<Expr>) -> Result<PlannerResult<Vec<Expr>>> {
        Ok(PlannerResult::Planned(scalars::call(&text::OVERLAY, arguments)))
    }
}

/// LIKE with another escape character than the backslash, ILIKE, SIMILAR TO, and operators before a value.
pub(super) fn matched(expression: &mut Written) -> Option<Written> {
    match expression {
        Written::Like { pattern, escape_char, .. } => {
            like(pattern, escape_char);
            None
        }
        // Both sides in lower case, as PostgreSQL compares them.
        Written::ILike { negated, any: false, expr, pattern, escape_char } => {
            like(pattern, escape_char);
            let lower = |side: &Written| Box::new(call("lower", vec![side.clone()]));
            let (negated, expr, pattern) = (*negated, lower(expr), lower(pattern));
            Some(Written::Like { negated, any: false, expr, pattern, escape_char: None })
        }
        Written::UnaryOp { op, expr } => before(*op, expr.as_ref().clone()),
        Written::SimilarTo { negated, expr, pattern, escape_char } => {
            let escape = match escape_char {
                Some(escape) => escape.value.clone(),
                None => Value::SingleQuotedString("\\".to_owned()),
            };
            let arguments =
                vec![expr.as_ref().clone(), pattern.as_ref().clone(), Written::value(escape)];
            let matches = call("regexp_similar", arguments);
            Some(match negated {
                true => Written::UnaryOp { op: UnaryOperator::Not, expr: Box::new(matches) },
                false => matches,
            })
        }
        _ => None,
    }
}

/// An operator before a value, as a function.
fn before(operator: UnaryOperator, value: Written) -> Option<Written> {
    let double = |expr: Written| Written::Cast {
        kind: CastKind::Cast,
        expr: Box::new(expr),
        data_type: DataType::DoublePrecision,
        array: false,
        format: None,
    };
    let (name, value) = match operator {
        UnaryOperator::PGAbs => ("abs", value),
        UnaryOperator::BitwiseNot => ("bitwise_not", value),
        UnaryOperator::PGCubeRoot => ("cbrt", double(value)),
        UnaryOperator::PGSquareRoot => ("sqrt", double(value)),
        _ => return None,
    };
    Some(call(name, vec![value]))
}

/// Rewrites a pattern to one whose escape character is the backslash, and checks that it ends there.
fn like(pattern: &mut Box<Written>, escape: &mut Option<ValueWithSpan>) {
    let text = |value: &Value| match value {
        Value::SingleQuotedString(text) => Some(text.clone()),
        _ => None,
    };
    let escape = escape.take();
    let literal = match pattern.as_ref() {
        Written::Value(value) => text(&value.value),
        _ => None,
    };
    let rewritten = literal.and_then(|literal| match &escape {
        None => Some(literal),
        Some(escape) => like_pattern(&literal, &text(&escape.value)?).ok(),
    });
    **pattern = match rewritten.filter(|pattern| !ends_in_escape(pattern)) {
        Some(rewritten) => Written::value(Value::SingleQuotedString(rewritten)),
        // What fails, fails when it runs.
        None => {
            let escape = escape.map(|escape| Written::value(escape.value));
            call("like_escape", [pattern.as_ref().clone()].into_iter().chain(escape).collect())
        }
    };
}
