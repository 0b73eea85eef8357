//! Functions of the engine of which one part is ours.

use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;

use arrow::datatypes::{DataType, FieldRef};
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::AggregateOrderSensitivity;
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, GroupsAccumulator, ReversedUDAF, SetMonotonicity,
    Signature, StatisticsArgs,
};

/// What may differ from the engine's function.
pub(super) trait Part: Debug + Copy + Eq + Hash + Send + Sync + 'static {
    /// The accumulator of a frame that moves on.
    fn sliding(self, engine: &AggregateUDF, a: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        engine.create_sliding_accumulator(a)
    }

    /// The accumulator of many groups at a time.
    fn groups(
        self,
        engine: &AggregateUDF,
        a: AccumulatorArgs,
    ) -> Result<Box<dyn GroupsAccumulator>> {
        engine.create_groups_accumulator(a)
    }
}

/// The engine's functions of some names, each with a part that is ours.
pub(super) fn functions<P: Part>(
    engine: &[Arc<AggregateUDF>],
    names: &[&str],
    part: P,
) -> Vec<Arc<AggregateUDF>> {
    let own = engine.iter().filter(|function| names.contains(&function.name()));
    own.map(|engine| Changed { engine: Arc::clone(engine), part }.function()).collect()
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Changed<P> {
    engine: Arc<AggregateUDF>,
    part: P,
}

impl<P: Part> Changed<P> {
    fn function(self) -> Arc<AggregateUDF> {
        Arc::new(AggregateUDF::new_from_impl(self))
    }
}

impl<P: Part> AggregateUDFImpl for Changed<P> {
    fn name(&self) -> &str {
        self.engine.name()
    }

    fn aliases(&self) -> &[String] {
        self.engine.aliases()
    }

    fn signature(&self) -> &Signature {
        self.engine.signature()
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        self.engine.coerce_types(types)
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        self.engine.return_type(types)
    }

    fn return_field(&self, arguments: &[FieldRef]) -> Result<FieldRef> {
        self.engine.inner().return_field(arguments)
    }

    fn is_nullable(&self) -> bool {
        self.engine.inner().is_nullable()
    }

    fn default_value(&self, data_type: &DataType) -> Result<ScalarValue> {
        self.engine.inner().default_value(data_type)
    }

    fn value_from_stats(&self, arguments: &StatisticsArgs) -> Option<ScalarValue> {
        self.engine.inner().value_from_stats(arguments)
    }

    fn is_descending(&self) -> Option<bool> {
        self.engine.inner().is_descending()
    }

    fn set_monotonicity(&self, data_type: &DataType) -> SetMonotonicity {
        self.engine.inner().set_monotonicity(data_type)
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        self.engine.order_sensitivity()
    }

    fn reverse_expr(&self) -> ReversedUDAF {
        match self.engine.reverse_udf() {
            ReversedUDAF::Reversed(engine) => {
                ReversedUDAF::Reversed(Self { engine, part: self.part }.function())
            }
            other => other,
        }
    }

    fn state_fields(&self, arguments: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        self.engine.state_fields(arguments)
    }

    fn accumulator(&self, arguments: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        self.engine.accumulator(arguments)
    }

    fn create_sliding_accumulator(
        &self,
        arguments: AccumulatorArgs,
    ) -> Result<Box<dyn Accumulator>> {
        self.part.sliding(&self.engine, arguments)
    }

    fn groups_accumulator_supported(&self, arguments: AccumulatorArgs) -> bool {
        self.engine.groups_accumulator_supported(arguments)
    }

    fn create_groups_accumulator(
        &self,
        arguments: AccumulatorArgs,
    ) -> Result<Box<dyn GroupsAccumulator>> {
        self.part.groups(&self.engine, arguments)
    }
}
