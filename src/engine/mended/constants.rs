//! Columns that the engine takes for constants. A constant of the side of an outer join that may be missing
//! is NULL in some rows, a constant that a grouping set leaves out is NULL in its rows, and constants of the
//! branches of a union may differ. The engine takes all of these for constants, and drops them from ORDER BY
//! and PARTITION BY.

use std::fmt;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{JoinType, Statistics};
use datafusion::error::Result;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::equivalence::EquivalenceProperties;
use datafusion::physical_expr::{AcrossPartitions, PhysicalExpr, PhysicalSortExpr};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::aggregates::AggregateExec;
use datafusion::physical_plan::filter_pushdown::{
    ChildPushdownResult, FilterDescription, FilterPushdownPhase, FilterPushdownPropagation,
};
use datafusion::physical_plan::joins::{HashJoinExec, NestedLoopJoinExec, SortMergeJoinExec};
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::statistics::{ChildStats, StatisticsArgs};
use datafusion::physical_plan::union::{InterleaveExec, UnionExec};
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, PlanProperties,
    replace_children_if_necessary,
};

/// The rule, ahead of those that believe in constants.
#[derive(Debug)]
pub(super) struct Constants;

impl PhysicalOptimizerRule for Constants {
    fn name(&self) -> &'static str {
        "constants"
    }

    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|node| {
            let sides = missing_sides(node.as_ref());
            let inputs = node.children().into_iter().enumerate();
            let inputs = inputs.map(|(n, input)| match sides.contains(&n) {
                true => varying(Arc::clone(input), Known::Nothing),
                false => Arc::clone(input),
            });
            let inputs = inputs.collect();
            let node = replace_children_if_necessary(node, inputs)?;
            let is_union = node.is::<UnionExec>() || node.is::<InterleaveExec>();
            let has_sets = node
                .downcast_ref::<AggregateExec>()
                .is_some_and(|aggregate| aggregate.group_expr().has_grouping_set());
            Ok(Transformed::yes(match (has_sets, is_union) {
                (true, _) => varying(node, Known::Nothing),
                (_, true) => varying(node, Known::InPartitions),
                _ => node,
            }))
        })
        .map(|done| done.data)
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// Which inputs of an operator may be missing from its rows.
fn missing_sides(node: &dyn ExecutionPlan) -> &'static [usize] {
    let hashed = node.downcast_ref::<HashJoinExec>().map(|join| *join.join_type());
    let nested = node.downcast_ref::<NestedLoopJoinExec>().map(|join| *join.join_type());
    let merged = node.downcast_ref::<SortMergeJoinExec>().map(|join| join.join_type());
    match hashed.or(nested).or(merged) {
        Some(JoinType::Left) => &[1],
        Some(JoinType::Right) => &[0],
        Some(JoinType::Full) => &[0, 1],
        _ => &[],
    }
}

/// What is known of constants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    Nothing,
    /// That they are, each within a partition.
    InPartitions,
}

/// An operator of whose constants no more than this is known.
fn varying(input: Arc<dyn ExecutionPlan>, known: Known) -> Arc<dyn ExecutionPlan> {
    match input.equivalence_properties().constants().is_empty() {
        true => input,
        false => Arc::new(Varying::of(input, known)),
    }
}

/// Gives on the rows of its input.
#[derive(Debug, Clone)]
struct Varying {
    input: Arc<dyn ExecutionPlan>,
    known: Known,
    properties: Arc<PlanProperties>,
}

impl Varying {
    fn of(input: Arc<dyn ExecutionPlan>, known: Known) -> Self {
        let all = input.equivalence_properties();
        let own = match known {
            Known::Nothing => Ok(EquivalenceProperties::new(input.schema())),
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
