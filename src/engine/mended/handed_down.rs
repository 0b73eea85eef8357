//! Filters that operators hand down to those below them. The engine finds their columns below by name: of two
//! columns of one name, as a join of tables has, it takes the first, and leaves out the wrong rows. Where a
//! name is not one column's alone, filters over it stay where they are. A join hands down the least and
//! greatest of its keys, and compares lists that hold NULL wrongly there: nothing passes into its probe side.

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
use datafusion::physical_plan::joins::HashJoinExec;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, replace_children_if_necessary,
};

/// A plan with a fence above each operator in which several columns have one name, and above the probe side
/// of each join by nested values.
pub(super) fn fenced(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    let fence = |node: Arc<dyn ExecutionPlan>| {
        let names = names_of_several(&node);
        let done = with_probe_fenced(node)?;
        Ok(match names.is_empty() {
            true => done,
            false => Transformed::yes(Fence::above(done.data, names)),
        })
    };
    plan.transform_up(fence).map(|done| done.data)
}

/// A join by nested values lets no filter into its probe side; any other operator stays as it is.
fn with_probe_fenced(node: Arc<dyn ExecutionPlan>) -> Result<Transformed<Arc<dyn ExecutionPlan>>> {
    let Some(join) = node.downcast_ref::<HashJoinExec>() else { return Ok(Transformed::no(node)) };
    let (build, probe) = (join.left(), join.right());
    let mut types = join.on().iter().map(|(key, _)| key.data_type(&build.schema()));
    if !types.any(|data_type| data_type.is_ok_and(|t| t.is_nested())) {
        return Ok(Transformed::no(node));
    }
    let names = probe.schema().fields().iter().map(|field| field.name().clone()).collect();
    let children = vec![Arc::clone(build), Fence::above(Arc::clone(probe), names)];
    replace_children_if_necessary(node, children).map(Transformed::yes)
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
    fn above(below: Arc<dyn ExecutionPlan>, names: HashSet<String>) -> Arc<dyn ExecutionPlan> {
        Arc::new(Self { below, names })
    }

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
