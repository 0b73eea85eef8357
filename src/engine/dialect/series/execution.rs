//! The operator that makes rows, and its planner.

use std::fmt;
use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::Session;
use datafusion::common::internal_err;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::Result;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::logical_expr::{LogicalPlan, UserDefinedLogicalNode};
use datafusion::physical_expr::{EquivalenceProperties, Partitioning, PhysicalExpr};
use datafusion::physical_plan::execution_plan::EmissionType;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};
use datafusion::physical_planner::{ExtensionPlanner, PhysicalPlanner};
use futures::StreamExt;
use futures::stream;

use super::batches::{Expansion, Shape};
use super::node::SetReturning;

/// Plans the operator of the node of this module.
#[derive(Debug)]
pub(super) struct Planner;

#[async_trait]
impl ExtensionPlanner for Planner {
    async fn plan_extension(
        &self,
        planner: &dyn PhysicalPlanner,
        node: &dyn UserDefinedLogicalNode,
        _: &[&LogicalPlan],
        inputs: &[Arc<dyn ExecutionPlan>],
        session: &dyn Session,
        context: &PhysicalPlanningContext,
    ) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        let (Some(node), [input]) = (node.as_any().downcast_ref::<SetReturning>(), inputs) else {
            return Ok(None);
        };
        let (mut calls, mut arguments) = (Vec::new(), Vec::new());
        for (call, given) in node.grouped() {
            let schema = node.input().schema();
            let planned = given
                .iter()
                .map(|e| planner.create_physical_expr(e, schema, session, context))
                .collect::<Result<Vec<_>>>()?;
            calls.push((call.maker, call.row().clone()));
            arguments.push(planned);
        }
        let shape = Shape {
            calls,
            has_ordinal: node.extras().ordinal.is_some(),
            keeps: node.extras().keeps,
            has_marks: node.extras().marks.is_some(),
            schema: Arc::clone(node.output().inner()),
        };
        Ok(Some(Arc::new(Making::new(Arc::clone(input), shape, arguments))))
    }
}

/// The operator.
#[derive(Debug, Clone)]
struct Making {
    input: Arc<dyn ExecutionPlan>,
    shape: Shape,
    /// For each call.
    arguments: Vec<Vec<Arc<dyn PhysicalExpr>>>,
    properties: Arc<PlanProperties>,
}

impl Making {
    fn new(
        input: Arc<dyn ExecutionPlan>,
        shape: Shape,
        arguments: Vec<Vec<Arc<dyn PhysicalExpr>>>,
    ) -> Self {
        let partitions = input.properties().output_partitioning().partition_count();
        let properties = PlanProperties::new(
            EquivalenceProperties::new(SchemaRef::clone(&shape.schema)),
            Partitioning::UnknownPartitioning(partitions),
            EmissionType::Incremental,
            input.properties().boundedness,
        );
        Self { input, shape, arguments, properties: Arc::new(properties) }
    }
}

impl DisplayAs for Making {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SetReturningExec")
    }
}

impl ExecutionPlan for Making {
    fn name(&self) -> &'static str {
        "SetReturningExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    /// Rows stay in the order of the input.
    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![false]
    }

    fn apply_expressions(
        &self,
        f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        for argument in self.arguments.iter().flatten() {
            if f(argument)? == TreeNodeRecursion::Stop {
                return Ok(TreeNodeRecursion::Stop);
            }
        }
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let Ok([input]) = <[Arc<dyn ExecutionPlan>; 1]>::try_from(children) else {
            return internal_err!("functions that return rows have one input");
        };
        Ok(Arc::new(Self::new(input, self.shape.clone(), self.arguments.clone())))
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let state = Running {
            input: self.input.execute(partition, Arc::clone(&context))?,
            shape: self.shape.clone(),
            arguments: self.arguments.clone(),
            most: context.session_config().batch_size(),
            // Numbers of rows differ between partitions.
            next: i64::try_from(partition).unwrap_or(0) << 44,
            open: None,
        };
        let batches = stream::try_unfold(state, Running::step);
        let schema = SchemaRef::clone(&self.shape.schema);
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, batches.boxed())))
    }
}

/// A partition that is read.
struct Running {
    input: SendableRecordBatchStream,
    shape: Shape,
    arguments: Vec<Vec<Arc<dyn PhysicalExpr>>>,
    most: usize,
    next: i64,
    open: Option<Expansion>,
}

impl Running {
    async fn step(mut self) -> Result<Option<(arrow::array::RecordBatch, Self)>> {
        loop {
            if let Some(open) = &mut self.open {
                if let Some(batch) = open.next(&self.shape, self.most)? {
                    return Ok(Some((batch, self)));
                }
                self.next = open.end();
            }
            let Some(batch) = self.input.next().await.transpose()? else { return Ok(None) };
            let evaluate = |e: &Arc<dyn PhysicalExpr>| -> Result<ArrayRef> {
                e.evaluate(&batch)?.into_array(batch.num_rows())
            };
            let each = |given: &Vec<_>| given.iter().map(evaluate).collect::<Result<Vec<_>>>();
            let arguments = self.arguments.iter().map(each).collect::<Result<Vec<_>>>()?;
            self.open = Some(Expansion::new(batch, &self.shape, arguments, self.next)?);
        }
    }
}
