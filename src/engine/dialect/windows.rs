//! Window functions that count, with PostgreSQL's types: bigints, and integers of `ntile`. The engine's have
//! no sign, and are not types of PostgreSQL's.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::compute::{CastOptions, SortOptions, cast_with_options};
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::logical_expr::function::{
    ExpressionArgs, PartitionEvaluatorArgs, WindowUDFFieldArgs,
};
use datafusion::logical_expr::window_state::WindowAggState;
use datafusion::logical_expr::{
    LimitEffect, PartitionEvaluator, ReversedUDWF, Signature, WindowUDF, WindowUDFImpl,
};
use datafusion::physical_expr::PhysicalExpr;

/// The engine's function, and the type of its results here.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Counted {
    engine: Arc<WindowUDF>,
    result: DataType,
}

/// The engine's window functions, with those that count in the place of its own.
pub(super) fn signed(functions: Vec<Arc<WindowUDF>>) -> Vec<Arc<WindowUDF>> {
    let replaced = |engine: Arc<WindowUDF>| {
        let result = match engine.name() {
            "row_number" | "rank" | "dense_rank" => DataType::Int64,
            "ntile" => DataType::Int32,
            _ => return engine,
        };
        Arc::new(WindowUDF::new_from_impl(Counted { engine, result }))
    };
    functions.into_iter().map(replaced).collect()
}

impl WindowUDFImpl for Counted {
    fn name(&self) -> &str {
        self.engine.name()
    }

    fn signature(&self) -> &Signature {
        self.engine.signature()
    }

    fn expressions(&self, arguments: ExpressionArgs) -> Vec<Arc<dyn PhysicalExpr>> {
        self.engine.inner().expressions(arguments)
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        self.engine.inner().coerce_types(types)
    }

    fn partition_evaluator(
        &self,
        arguments: PartitionEvaluatorArgs,
    ) -> Result<Box<dyn PartitionEvaluator>> {
        let engine = self.engine.inner().partition_evaluator(arguments)?;
        Ok(Box::new(Evaluator { engine, result: self.result.clone() }))
    }

    fn field(&self, arguments: WindowUDFFieldArgs) -> Result<FieldRef> {
        Ok(Arc::new(Field::new(arguments.name(), self.result.clone(), false)))
    }

    fn sort_options(&self) -> Option<SortOptions> {
        self.engine.inner().sort_options()
    }

    fn reverse_expr(&self) -> ReversedUDWF {
        match self.engine.inner().reverse_expr() {
            ReversedUDWF::Identical => ReversedUDWF::Identical,
            _ => ReversedUDWF::NotSupported,
        }
    }

    fn limit_effect(&self, arguments: &[Arc<dyn PhysicalExpr>]) -> LimitEffect {
        self.engine.inner().limit_effect(arguments)
    }
}

/// The engine's evaluator, whose results get their type.
#[derive(Debug)]
struct Evaluator {
    engine: Box<dyn PartitionEvaluator>,
    result: DataType,
}

impl Evaluator {
    fn typed(&self, counts: ArrayRef) -> Result<ArrayRef> {
        let strict = CastOptions { safe: false, ..CastOptions::default() };
        Ok(cast_with_options(&counts, &self.result, &strict)?)
    }
}

impl PartitionEvaluator for Evaluator {
    fn memoize(&mut self, state: &mut WindowAggState) -> Result<()> {
        self.engine.memoize(state)
    }

    fn get_range(&self, row: usize, rows: usize) -> Result<Range<usize>> {
        self.engine.get_range(row, rows)
    }

    fn is_causal(&self) -> bool {
        self.engine.is_causal()
    }

    fn evaluate_all(&mut self, values: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
        let counts = self.engine.evaluate_all(values, rows)?;
        self.typed(counts)
    }

    fn evaluate(&mut self, values: &[ArrayRef], range: &Range<usize>) -> Result<ScalarValue> {
        self.engine.evaluate(values, range)?.cast_to(&self.result)
    }

    fn evaluate_all_with_rank(&self, rows: usize, ranks: &[Range<usize>]) -> Result<ArrayRef> {
        self.typed(self.engine.evaluate_all_with_rank(rows, ranks)?)
    }

    fn supports_bounded_execution(&self) -> bool {
        self.engine.supports_bounded_execution()
    }

    fn uses_window_frame(&self) -> bool {
        self.engine.uses_window_frame()
    }

    fn include_rank(&self) -> bool {
        self.engine.include_rank()
    }
}
