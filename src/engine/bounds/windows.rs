//! Aggregates over windows: their states are nobody's, and a frame may be computed anew for each row.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, FieldRef};
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::expr::{
    AggregateFunctionParams, WindowFunction, WindowFunctionParams,
};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::AggregateOrderSensitivity;
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, Expr, LogicalPlan, ReversedUDAF, SetMonotonicity,
    Signature, WindowFunctionDefinition,
};

use super::{Bounds, weights};
use crate::engine::dialect;

/// An aggregate over windows, within bounds.
#[derive(Debug)]
struct Windowed {
    inner: Arc<AggregateUDF>,
    bounds: Arc<Bounds>,
}

/// A node of a plan, whose windows have bounds.
pub(super) fn bounded(node: LogicalPlan, bounds: &Arc<Bounds>) -> Result<Transformed<LogicalPlan>> {
    if !matches!(node, LogicalPlan::Window(_)) {
        return Ok(Transformed::no(node));
    }
    node.map_expressions(|root| {
        root.transform_up(|e| match e {
            Expr::WindowFunction(mut call) => {
                let WindowFunctionDefinition::AggregateUDF(inner) = &call.fun else {
                    short_constants(&call, bounds)?;
                    return Ok(Transformed::no(Expr::WindowFunction(call)));
                };
                call.fun = WindowFunctionDefinition::AggregateUDF(of(inner, bounds));
                Ok(Transformed::yes(Expr::WindowFunction(call)))
            }
            other => Ok(Transformed::no(other)),
        })
    })
}

/// A default stands in every row that a window has no other value for.
fn short_constants(call: &WindowFunction, bounds: &Bounds) -> Result<()> {
    let constants = call.params.args.iter().map(|argument| match argument {
        Expr::Literal(value, _) => weights::of_scalar(value),
        _ => 0,
    });
    let longest = constants.max().unwrap_or_default();
    bounds.fits(call.fun.name(), longest.saturating_mul(BATCH_ROWS))
}

/// Rows of a batch.
const BATCH_ROWS: usize = 8_192;

fn of(inner: &Arc<AggregateUDF>, bounds: &Arc<Bounds>) -> Arc<AggregateUDF> {
    let windowed = Windowed { inner: Arc::clone(inner), bounds: Arc::clone(bounds) };
    Arc::new(AggregateUDF::new_from_impl(windowed))
}

impl Windowed {
    fn state(&self, inner: Box<dyn Accumulator>) -> Box<dyn Accumulator> {
        let keeps_rows = dialect::keeps_rows(self.inner.name());
        let bounds = Arc::clone(&self.bounds);
        let name = self.inner.name().to_owned();
        Box::new(Within { inner, bounds, name, keeps_rows, rows: 0, given: 0 })
    }
}

/// A state within bounds.
#[derive(Debug)]
struct Within {
    inner: Box<dyn Accumulator>,
    bounds: Arc<Bounds>,
    name: String,
    /// Whether its results are as long as its input.
    keeps_rows: bool,
    rows: usize,
    /// Bytes of all results so far.
    given: usize,
}

impl Within {
    fn add(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.bounds.check()?;
        self.rows = self.rows.saturating_add(values.first().map_or(0, |v| v.len()));
        Ok(())
    }
}

impl Accumulator for Within {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.add(values)?;
        self.inner.update_batch(values)
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let value = self.inner.evaluate()?;
        if self.keeps_rows {
            // The first result may stand for all rows that have been seen: those of a whole partition.
            let bytes = weights::of_scalar(&value);
            let rows = if self.given == 0 { self.rows.max(1) } else { 1 };
            self.given = self.given.saturating_add(bytes);
            self.bounds.fits(&self.name, self.given.max(bytes.saturating_mul(rows)))?;
        }
        Ok(value)
    }

    fn size(&self) -> usize {
        self.inner.size()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.inner.state()
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.add(states)?;
        self.inner.merge_batch(states)
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.bounds.check()?;
        self.inner.retract_batch(values)
    }

    fn supports_retract_batch(&self) -> bool {
        self.inner.supports_retract_batch()
    }
}

impl PartialEq for Windowed {
    fn eq(&self, other: &Self) -> bool {
        self.inner == other.inner
    }
}

impl Eq for Windowed {}

impl Hash for Windowed {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.inner.hash(state);
    }
}

impl AggregateUDFImpl for Windowed {
    fn accumulator(&self, arguments: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        Ok(self.state(self.inner.accumulator(arguments)?))
    }

    fn create_sliding_accumulator(
        &self,
        arguments: AccumulatorArgs,
    ) -> Result<Box<dyn Accumulator>> {
        Ok(self.state(self.inner.create_sliding_accumulator(arguments)?))
    }

    fn reverse_expr(&self) -> ReversedUDAF {
        match self.inner.reverse_udf() {
            ReversedUDAF::Reversed(other) => ReversedUDAF::Reversed(of(&other, &self.bounds)),
            other => other,
        }
    }

    fn name(&self) -> &str {
        self.inner.name()
    }

    fn aliases(&self) -> &[String] {
        self.inner.aliases()
    }

    fn schema_name(&self, params: &AggregateFunctionParams) -> Result<String> {
        self.inner.schema_name(params)
    }

    fn human_display(&self, params: &AggregateFunctionParams) -> Result<String> {
        self.inner.human_display(params)
    }

    fn window_function_schema_name(&self, params: &WindowFunctionParams) -> Result<String> {
        self.inner.window_function_schema_name(params)
    }

    fn display_name(&self, params: &AggregateFunctionParams) -> Result<String> {
        self.inner.display_name(params)
    }

    fn window_function_display_name(&self, params: &WindowFunctionParams) -> Result<String> {
        self.inner.window_function_display_name(params)
    }

    fn signature(&self) -> &Signature {
        self.inner.signature()
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        self.inner.return_type(types)
    }

    fn return_field(&self, fields: &[FieldRef]) -> Result<FieldRef> {
        self.inner.return_field(fields)
    }

    fn is_nullable(&self) -> bool {
        self.inner.is_nullable()
    }

    fn state_fields(&self, arguments: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        self.inner.state_fields(arguments)
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        self.inner.order_sensitivity()
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        self.inner.coerce_types(types)
    }

    fn is_descending(&self) -> Option<bool> {
        self.inner.is_descending()
    }

    fn default_value(&self, data_type: &DataType) -> Result<ScalarValue> {
        self.inner.default_value(data_type)
    }

    fn supports_null_handling_clause(&self) -> bool {
        self.inner.supports_null_handling_clause()
    }

    fn supports_within_group_clause(&self) -> bool {
        self.inner.supports_within_group_clause()
    }

    fn set_monotonicity(&self, data_type: &DataType) -> SetMonotonicity {
        self.inner.inner().set_monotonicity(data_type)
    }
}
