//! Filters that operators hand down to those below them. The engine finds their columns below by name: of two
//! columns of one name, as a join of tables has, it takes the first, and leaves out the wrong rows. Where a
//! name is not one column's alone, filters over it stay where they are.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::error::Result;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::filter_pushdown::{
    ChildFilterDescription, ChildPushdownResult, FilterDescription, FilterPushdownPhase,
    FilterPushdownPropagation,
};
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};

/// A plan with a fence above each operator in which several columns have one name.
pub(super) fn fenced(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    let fence = |node: Arc<dyn ExecutionPlan>| {
        let names = names_of_several(&node);
        Ok(match names.is_empty() {
            true => Transformed::no(node),
            false => Transformed::yes(Arc::new(Fence { below: node, names }) as _),
        })
    };
    plan.transform_up(fence).map(|done| done.data)
}

/// The same plan without fences.
pub(super) fn unfenced(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    let open = |node: Arc<dyn ExecutionPlan>| {
        Ok(match node.downcast_ref::<Fence>() {
            Some(fence) => Transformed::yes(Arc::clone(&fence.below)),
            None => Transformed::no(node),
        })
    };
    plan.transform_up(open).map(|done| done.data)
}

/// Names that several columns of an operator have. A filter looks for those that it is handed among the
/// columns of its input, too.
fn names_of_several(node: &Arc<dyn ExecutionPlan>) -> HashSet<String> {
    let own = node.schema();
    let below = node.downcast_ref::<FilterExec>().map(|filter| filter.input().schema());
    let mut names = HashSet::new();
    for schema in [Some(own), below].into_iter().flatten() {
        let mut seen = HashSet::new();
        let again = schema.fields().iter().filter(|field| !seen.insert(field.name().clone()));
        names.extend(again.map(|field| field.name().clone()));
    }
    names
}

/// Lets filters through that look at no column of such a name.
#[derive(Debug)]
struct Fence {
    below: Arc<dyn ExecutionPlan>,
    names: HashSet<String>,
}

impl Fence {
    /// The places of columns that have names of their own.
    fn open(&self) -> HashSet<usize> {
        let schema = self.below.schema();
        let fields = schema.fields().iter().enumerate();
        fields.filter(|(_, f)| !self.names.contains(f.name())).map(|(place, _)| place).collect()
    }
}

impl DisplayAs for Fence {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fence: {:?}", self.names)
    }
}

impl ExecutionPlan for Fence {
    fn name(&self) -> &'static str {
        "Fence"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.below.properties()
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.below]
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
        let below = children.pop().unwrap_or_else(|| Arc::clone(&self.below));
        Ok(Arc::new(Self { below, names: self.names.clone() }))
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        self.below.execute(partition, context)
    }

    fn gather_filters_for_pushdown(
        &self,
        _: FilterPushdownPhase,
        filters: Vec<Arc<dyn PhysicalExpr>>,
        _: &ConfigOptions,
    ) -> Result<FilterDescription> {
        let open = self.open();
        let passed =
            ChildFilterDescription::from_child_with_allowed_indices(&filters, open, &self.below)?;
        Ok(FilterDescription::new().with_child(passed))
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
