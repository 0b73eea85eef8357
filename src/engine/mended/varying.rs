//! An operator of whose rows less is known than the engine believes.

use std::fmt;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::common::Statistics;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::Result;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::equivalence::EquivalenceProperties;
use datafusion::physical_expr::{AcrossPartitions, PhysicalExpr, PhysicalSortExpr};
use datafusion::physical_plan::filter_pushdown::{
    ChildPushdownResult, FilterDescription, FilterPushdownPhase, FilterPushdownPropagation,
};
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::statistics::{ChildStats, StatisticsArgs};
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, PlanProperties,
};

/// What is known of constants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    Nothing,
    /// That they are, each within a partition.
    InPartitions,
    /// Nothing, nor in which order its rows are, until limits are settled.
    Later,
}

/// An operator of whose constants no more than this is known.
pub(super) fn varying(input: Arc<dyn ExecutionPlan>, known: Known) -> Arc<dyn ExecutionPlan> {
    match input.equivalence_properties().constants().is_empty() {
        true => input,
        false => Arc::new(Varying::of(input, known)),
    }
}

/// Gives on the rows of its input.
#[derive(Debug, Clone)]
pub(super) struct Varying {
    pub(super) input: Arc<dyn ExecutionPlan>,
    pub(super) known: Known,
    properties: Arc<PlanProperties>,
}

impl Varying {
    pub(super) fn of(input: Arc<dyn ExecutionPlan>, known: Known) -> Self {
        let all = input.equivalence_properties();
        let own = match known {
            Known::Nothing | Known::Later => Ok(EquivalenceProperties::new(input.schema())),
            Known::InPartitions => in_partitions(all, input.schema()),
        };
        let own = own.unwrap_or_else(|_| EquivalenceProperties::new(input.schema()));
        let properties = PlanProperties::clone(input.properties()).with_eq_properties(own);
        Self { input, known, properties: Arc::new(properties) }
    }
}

/// The same orderings; a constant whose value is not known may have another one in another partition.
fn in_partitions(all: &EquivalenceProperties, schema: SchemaRef) -> Result<EquivalenceProperties> {
    let orderings = all.oeq_class().iter();
    let orderings: Vec<Vec<PhysicalSortExpr>> =
        orderings.map(|order| order.iter().cloned().collect()).collect();
    let mut own = EquivalenceProperties::new_with_orderings(schema, orderings);
    own.add_constants(all.constants().into_iter().map(|mut constant| {
        if constant.across_partitions == AcrossPartitions::Uniform(None) {
            constant.across_partitions = AcrossPartitions::Heterogeneous;
        }
        constant
    }))?;
    Ok(own)
}

impl DisplayAs for Varying {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VaryingExec")
    }
}

impl ExecutionPlan for Varying {
    fn name(&self) -> &'static str {
        "VaryingExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    // Without constants, what was sorted below is in no order that can be told.
    fn maintains_input_order(&self) -> Vec<bool> {
        vec![self.known == Known::InPartitions]
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![false]
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(
        self: Arc<Self>,
        mut children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let input = children.pop().unwrap_or_else(|| Arc::clone(&self.input));
        Ok(Arc::new(Self::of(input, self.known)))
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        self.input.execute(partition, context)
    }

    fn child_stats_requests(&self, partition: Option<usize>) -> Vec<ChildStats> {
        vec![ChildStats::At(partition)]
    }

    fn statistics_from_inputs(
        &self,
        inputs: &[Arc<Statistics>],
        _: &StatisticsArgs,
    ) -> Result<Arc<Statistics>> {
        let unknown = || Arc::new(Statistics::new_unknown(&self.schema()));
        Ok(inputs.first().map_or_else(unknown, Arc::clone))
    }

    fn try_swapping_with_projection(
        &self,
        projection: &ProjectionExec,
    ) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        let swapped = self.input.try_swapping_with_projection(projection)?;
        Ok(swapped.map(|input| Arc::new(Self::of(input, self.known)) as _))
    }

    fn gather_filters_for_pushdown(
        &self,
        _: FilterPushdownPhase,
        filters: Vec<Arc<dyn PhysicalExpr>>,
        _: &ConfigOptions,
    ) -> Result<FilterDescription> {
        FilterDescription::from_children(filters, &self.children())
    }

    fn handle_child_pushdown_result(
        &self,
        _: FilterPushdownPhase,
        result: ChildPushdownResult,
        _: &ConfigOptions,
    ) -> Result<FilterPushdownPropagation<Arc<dyn ExecutionPlan>>> {
        Ok(FilterPushdownPropagation::if_all(result))
    }
}
