//! Functions whose results may be long, each wrapped for the query that calls it.
//!
//! The bytes of a result are told from the arguments where they can be, and refused before they are
//! computed; else rows are computed a few at a time until there are too many bytes. What has been
//! computed counts until the operator has its batch ([`super::arena`]). Constants are folded by the same
//! functions, and so are within the same bounds.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef};
use arrow::compute::concat;
use arrow::datatypes::{DataType, FieldRef};
use datafusion::common::Result;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::interval_arithmetic::Interval;
use datafusion::logical_expr::preimage::PreimageResult;
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::sort_properties::{ExprProperties, SortProperties};
use datafusion::logical_expr::{
    ColumnarValue, Documentation, Expr, ExpressionPlacement, ReturnFieldArgs, ScalarFunctionArgs,
    ScalarUDF, ScalarUDFImpl, Signature,
};

use super::{Bounds, patterns, predicted, weights};

/// A function within bounds.
#[derive(Debug)]
pub(super) struct Grown {
    inner: Arc<ScalarUDF>,
    bounds: Arc<Bounds>,
    patterns: patterns::Known,
}

/// Bytes of arguments whose results are computed at a time, where nothing tells how long they are.
const PIECE: usize = 1 << 20;

impl Grown {
    /// A function within bounds.
    pub fn of(inner: Arc<ScalarUDF>, bounds: &Arc<Bounds>) -> Arc<ScalarUDF> {
        let patterns = patterns::Known::default();
        let grown = Self { inner, bounds: Arc::clone(bounds), patterns };
        Arc::new(ScalarUDF::new_from_impl(grown))
    }

    /// Wraps the calls in an expression that have no bounds yet.
    pub fn wrapped(expression: Expr, bounds: &Arc<Bounds>) -> Result<Expr> {
        let wrap = |e: Expr| match e {
            Expr::ScalarFunction(call) if is_open(&call) => {
                let func = Self::of(call.func, bounds);
                Ok(Transformed::yes(Expr::ScalarFunction(ScalarFunction { func, ..call })))
            }
            other => Ok(Transformed::no(other)),
        };
        Ok(expression.transform_up(wrap)?.data)
    }

    fn compute(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = arguments.number_rows;
        self.patterns.admit(self.name(), &arguments.args)?;
        let few = patterns::rows_at_a_time(self.name(), &arguments.args);
        let told = predicted::most(self.name(), &arguments.args, rows);
        let is_short = match told {
            Some(bytes) => bytes <= self.bounds.batch(),
            None => inputs(&arguments.args, rows) <= PIECE,
        };
        let is_constant = arguments.args.iter().all(|a| matches!(a, ColumnarValue::Scalar(_)));
        if (is_short && few.is_none()) || (is_constant && told.is_none()) {
            return self.inner.invoke_with_args(arguments);
        }
        if is_constant || rows < 2 {
            let bytes = told.unwrap_or_default();
            self.bounds.fits(self.name(), bytes)?;
            return self.inner.invoke_with_args(arguments);
        }
        let mut pieces =
            Pieces { of: self, arguments: &arguments, few, done: Vec::new(), bytes: 0 };
        pieces.compute(0, rows)?;
        let done: Vec<&dyn Array> = pieces.done.iter().map(|piece| piece.as_ref() as _).collect();
        Ok(ColumnarValue::Array(concat(&done)?))
    }
}

/// A result that is computed piece by piece.
struct Pieces<'a> {
    of: &'a Grown,
    arguments: &'a ScalarFunctionArgs,
    /// Rows that are computed at a time, where their number is bounded.
    few: Option<usize>,
    done: Vec<ArrayRef>,
    bytes: usize,
}

impl Pieces<'_> {
    /// Computes some rows, half by half where they are too many at once.
    fn compute(&mut self, from: usize, rows: usize) -> Result<()> {
        let Grown { inner, bounds, .. } = self.of;
        bounds.check()?;
        let args = sliced(&self.arguments.args, from, rows);
        let told = predicted::most(inner.name(), &args, rows);
        let is_short = match told {
            Some(bytes) => self.bytes.saturating_add(bytes) <= bounds.batch(),
            None => inputs(&args, rows) <= PIECE,
        };
        let is_few = self.few.is_none_or(|few| rows <= few);
        if rows > 1 && !(is_short && is_few) {
            let half = rows / 2;
            self.compute(from, half)?;
            return self.compute(from + half, rows - half);
        }
        bounds.fits(inner.name(), self.bytes.saturating_add(told.unwrap_or_default()))?;
        let whole = self.arguments;
        let piece = inner.invoke_with_args(ScalarFunctionArgs {
            args,
            arg_fields: whole.arg_fields.clone(),
            number_rows: rows,
            return_field: Arc::clone(&whole.return_field),
            config_options: Arc::clone(&whole.config_options),
        })?;
        let piece = piece.into_array(rows)?;
        self.bytes = self.bytes.saturating_add(weights::of_rows(&piece, 0, piece.len()));
        bounds.fits(inner.name(), self.bytes)?;
        self.done.push(piece);
        Ok(())
    }
}

fn sliced(arguments: &[ColumnarValue], from: usize, rows: usize) -> Vec<ColumnarValue> {
    let slice = |argument: &ColumnarValue| match argument {
        ColumnarValue::Array(array) => ColumnarValue::Array(array.slice(from, rows)),
        scalar @ ColumnarValue::Scalar(_) => scalar.clone(),
    };
    arguments.iter().map(slice).collect()
}

/// Bytes of all arguments.
fn inputs(arguments: &[ColumnarValue], rows: usize) -> usize {
    arguments.iter().map(|a| weights::of_value(a, rows)).fold(0, usize::saturating_add)
}

/// Whether a call needs bounds, and has none.
fn is_open(call: &ScalarFunction) -> bool {
    !call.func.inner().is::<Grown>() && needs_bounds(&call.func)
}

/// Whether the results of a function may be long, or take long: all that is not known to have results of
/// a fixed width, or those of its arguments.
pub(super) fn needs_bounds(function: &ScalarUDF) -> bool {
    let (name, few) = (function.name(), crate::engine::dialect::is_short(function.name()));
    patterns::has_pattern(name) || !(few || name == "get_field" || is_operation(name))
}

/// The dialect's own operations on numbers, which are looked for by their type.
fn is_operation(name: &str) -> bool {
    matches!(name, "add" | "subtract" | "multiply" | "divide" | "modulo")
}

impl PartialEq for Grown {
    fn eq(&self, other: &Self) -> bool {
        self.inner == other.inner
    }
}

impl Eq for Grown {}

impl Hash for Grown {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.inner.hash(state);
    }
}

impl ScalarUDFImpl for Grown {
    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        self.bounds.check()?;
        // Arguments that nobody else holds were computed for this call alone.
        let own = |a: &ColumnarValue| match a {
            ColumnarValue::Array(array) if Arc::strong_count(array) == 1 => {
                weights::of_rows(array, 0, array.len())
            }
            _ => 0,
        };
        let consumed = arguments.args.iter().map(own).sum();
        let result = self.compute(arguments)?;
        let bytes = weights::of_value(&result, 1);
        self.bounds.fits(self.name(), bytes)?;
        self.bounds.arena.add(bytes)?;
        self.bounds.arena.take_off(consumed);
        Ok(result)
    }

    fn simplify(&self, args: Vec<Expr>, info: &SimplifyContext) -> Result<ExprSimplifyResult> {
        self.bounds.check()?;
        let constants = args.iter().map(|e| match e {
            Expr::Literal(value, _) => weights::of_scalar(value),
            _ => 0,
        });
        self.bounds.fits(self.name(), constants.fold(0, usize::saturating_add))?;
        // Some calls become operators, which look at no bounds.
        if let [_, Expr::Literal(pattern, _), ..] = args.as_slice()
            && patterns::has_pattern(self.name())
            && let Some(Some(pattern)) = pattern.try_as_str()
        {
            self.patterns.within(pattern, 0)?;
        }
        Ok(match self.inner.simplify(args, info)? {
            ExprSimplifyResult::Simplified(e) => {
                ExprSimplifyResult::Simplified(Self::wrapped(e, &self.bounds)?)
            }
            original @ ExprSimplifyResult::Original(_) => original,
        })
    }

    fn name(&self) -> &str {
        self.inner.name()
    }

    fn aliases(&self) -> &[String] {
        self.inner.aliases()
    }

    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        self.inner.schema_name(args)
    }

    fn signature(&self) -> &Signature {
        self.inner.signature()
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        self.inner.return_type(types)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        self.inner.return_field_from_args(args)
    }

    fn is_strict(&self) -> bool {
        self.inner.inner().is_strict()
    }

    fn preimage(
        &self,
        args: &[Expr],
        literal: &Expr,
        info: &SimplifyContext,
    ) -> Result<PreimageResult> {
        self.inner.preimage(args, literal, info)
    }

    fn conditional_arguments<'a>(
        &self,
        args: &'a [Expr],
    ) -> Option<(Vec<&'a Expr>, Vec<&'a Expr>)> {
        self.inner.conditional_arguments(args)
    }

    fn short_circuits(&self) -> bool {
        self.inner.short_circuits()
    }

    fn evaluate_bounds(&self, input: &[&Interval]) -> Result<Interval> {
        self.inner.evaluate_bounds(input)
    }

    fn propagate_constraints(
        &self,
        interval: &Interval,
        inputs: &[&Interval],
    ) -> Result<Option<Vec<Interval>>> {
        self.inner.propagate_constraints(interval, inputs)
    }

    fn output_ordering(&self, inputs: &[ExprProperties]) -> Result<SortProperties> {
        self.inner.output_ordering(inputs)
    }

    fn preserves_lex_ordering(&self, inputs: &[ExprProperties]) -> Result<bool> {
        self.inner.preserves_lex_ordering(inputs)
    }

    fn strictly_order_preserving(&self, inputs: &[ExprProperties]) -> Result<bool> {
        self.inner.inner().strictly_order_preserving(inputs)
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        self.inner.coerce_types(types)
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.inner.documentation()
    }

    fn placement(&self, args: &[ExpressionPlacement]) -> ExpressionPlacement {
        self.inner.placement(args)
    }
}
