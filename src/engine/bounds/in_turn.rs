//! Unions of many branches. The engine runs all of them at once, each with what its scans and operators hold;
//! here some run at once, and each of these is followed by the next.

use std::fmt;
use std::sync::Arc;

use datafusion::common::Result;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::equivalence::EquivalenceProperties;
use datafusion::physical_expr::{Partitioning, PhysicalExpr};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::union::UnionExec;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, PlanProperties,
};
use futures::stream::{self, StreamExt, TryStreamExt};

/// Branches that run at once as the engine has it.
const FEW: usize = 16;

/// The rule, ahead of those that settle how rows are distributed.
#[derive(Debug)]
pub(super) struct BranchesInTurn;

impl PhysicalOptimizerRule for BranchesInTurn {
    fn name(&self) -> &'static str {
        "branches_in_turn"
    }

    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        options: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let streams = options.execution.target_partitions.max(1);
        let turn = |node: Arc<dyn ExecutionPlan>| {
            let is_long = node.is::<UnionExec>() && node.children().len() > FEW;
            Ok(match is_long && node.output_ordering().is_none() {
                true => Transformed::yes(Arc::new(InTurn::new(node, streams)) as _),
                false => Transformed::no(node),
            })
        };
        plan.transform_up(turn).map(|done| done.data)
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// The streams of an operator, one after the other in each of a few.
#[derive(Debug)]
struct InTurn {
    input: Arc<dyn ExecutionPlan>,
    properties: Arc<PlanProperties>,
}

impl InTurn {
    fn new(input: Arc<dyn ExecutionPlan>, streams: usize) -> Self {
        let properties = PlanProperties::clone(input.properties())
            .with_partitioning(Partitioning::UnknownPartitioning(streams))
            .with_eq_properties(EquivalenceProperties::new(input.schema()));
        Self { input, properties: Arc::new(properties) }
    }

    fn streams(&self) -> usize {
        self.properties.partitioning.partition_count()
    }
}

impl DisplayAs for InTurn {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InTurnExec: streams={}", self.streams())
    }
}

impl ExecutionPlan for InTurn {
    fn name(&self) -> &'static str {
        "InTurnExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
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
        Ok(Arc::new(Self::new(input, self.streams())))
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let all = self.input.output_partitioning().partition_count();
        let own: Vec<usize> = (partition..all).step_by(self.streams()).collect();
        let input = Arc::clone(&self.input);
        let each = stream::iter(own).map(move |n| input.execute(n, Arc::clone(&context)));
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), each.try_flatten())))
    }
}
