//! Puts bounds on the functions of a query, once its names and types are settled.

use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::Transformed;
use datafusion::common::{DFSchema, Result, ScalarValue, plan_err};
use datafusion::logical_expr::expr::{AggregateFunction, ScalarFunction};
use datafusion::logical_expr::expr_rewriter::FunctionRewrite;
use datafusion::logical_expr::{BinaryExpr, Expr, ExprSchemable, Operator};

use super::compared::Compared;
use super::grown::{Grown, needs_bounds};
use super::{Bounds, patterns};

/// The rule.
#[derive(Debug)]
pub(super) struct GrowingFunctions {
    bounds: Arc<Bounds>,
    patterns: patterns::Known,
}

impl GrowingFunctions {
    /// The rule with the bounds of a query.
    pub fn new(bounds: &Arc<Bounds>) -> Self {
        Self { bounds: Arc::clone(bounds), patterns: patterns::Known::default() }
    }

    /// Refuses a written pattern that is too large.
    fn small_pattern(&self, both: &BinaryExpr) -> Result<()> {
        let is_match = matches!(
            both.op,
            Operator::RegexMatch
                | Operator::RegexIMatch
                | Operator::RegexNotMatch
                | Operator::RegexNotIMatch
        );
        match both.right.as_ref() {
            Expr::Literal(value, _) if is_match => match value.try_as_str() {
                Some(Some(pattern)) => self.patterns.within(pattern, 0),
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }
}

impl FunctionRewrite for GrowingFunctions {
    fn name(&self) -> &'static str {
        "growing_functions"
    }

    fn rewrite(
        &self,
        expression: Expr,
        schema: &DFSchema,
        _: &ConfigOptions,
    ) -> Result<Transformed<Expr>> {
        match expression {
            Expr::ScalarFunction(call) => {
                let is_open = !call.func.inner().is::<Grown>() && needs_bounds(&call.func);
                let call_expr = Expr::ScalarFunction(call);
                let is_fixed =
                    call_expr.get_type(schema).is_ok_and(|t| t.primitive_width().is_some());
                let Expr::ScalarFunction(call) = call_expr else {
                    return Ok(Transformed::no(call_expr));
                };
                if !is_open || (is_fixed && !patterns::has_pattern(call.func.name())) {
                    return Ok(Transformed::no(Expr::ScalarFunction(call)));
                }
                let func = Grown::of(call.func, &self.bounds);
                Ok(Transformed::yes(Expr::ScalarFunction(ScalarFunction { func, ..call })))
            }
            Expr::Like(like) | Expr::SimilarTo(like) if is_long(&like.pattern) => {
                plan_err!("a pattern of LIKE or SIMILAR TO is longer than {LONGEST_PATTERN} bytes")
            }
            Expr::BinaryExpr(both) => match Compared::of(&both) {
                Some(function) => {
                    let function = Grown::of(function, &self.bounds);
                    let arguments = vec![*both.left, *both.right];
                    Ok(Transformed::yes(Expr::ScalarFunction(ScalarFunction::new_udf(
                        function, arguments,
                    ))))
                }
                None => {
                    self.small_pattern(&both)?;
                    Ok(Transformed::no(Expr::BinaryExpr(both)))
                }
            },
            Expr::AggregateFunction(call) => {
                few_centroids(&call)?;
                Ok(Transformed::no(Expr::AggregateFunction(call)))
            }
            other => Ok(Transformed::no(other)),
        }
    }
}

/// Longest pattern of LIKE and SIMILAR TO, in bytes.
const LONGEST_PATTERN: usize = 8_192;

fn is_long(pattern: &Expr) -> bool {
    let text = match pattern {
        Expr::Literal(value, _) => value.try_as_str().flatten(),
        _ => None,
    };
    text.is_some_and(|text| text.len() > LONGEST_PATTERN)
}

/// Most centroids that stand for the values of a group.
const CENTROIDS: u64 = 10_000;

/// The engine reserves memory for as many centroids as an argument says.
fn few_centroids(call: &AggregateFunction) -> Result<()> {
    if !call.func.name().starts_with("approx_percentile_cont") {
        return Ok(());
    }
    // The last of three; of four with a weight.
    let weighted = call.func.name().ends_with("_with_weight");
    let place = if weighted { 3 } else { 2 };
    let Some(argument) = call.params.args.get(place) else { return Ok(()) };
    let number = match argument {
        Expr::Literal(value, _) => value.cast_to(&arrow::datatypes::DataType::UInt64).ok(),
        _ => None,
    };
    match number {
        Some(ScalarValue::UInt64(Some(number))) if number <= CENTROIDS => Ok(()),
        _ => plan_err!("{} takes a number of centroids up to {CENTROIDS}", call.func.name()),
    }
}
