//! The edges between operators: each looks at the clock, gives the operator above no more rows at a time
//! than it can handle, and reserves what that operator holds without a reservation of its own.
//!
//! An edge stands for the operator below it in every other way: its name, its children, its metrics.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::common::Result;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::execution::{RecordBatchStream, SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::metrics::MetricsSet;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, ReplaceChildrenOptions,
    replace_children_if_necessary,
};
use futures::Stream;

use super::arena::Arena;
use super::expansion::Expansion;
use super::{Bounds, weights};

/// What the operator above an edge needs.
#[derive(Debug, Clone, Default)]
pub(super) struct Feed {
    /// Most rows at a time.
    pub rows: Option<usize>,
    /// Most rows that the operator below makes at a time.
    pub made: Option<usize>,
    /// Columns that it unnests.
    pub expansion: Option<Expansion>,
    /// What it holds.
    pub held: Held,
    /// Counts the rows that the operator below has given.
    pub given: Option<Arc<Flow>>,
}

/// What an operator holds of its input without a reservation.
#[derive(Debug, Clone, Default)]
pub(super) enum Held {
    /// Nothing of size.
    #[default]
    Nothing,
    /// All of it so often, and its widest row for each row so often.
    Whole { times: usize, widest: usize },
    /// Rows until it has given them, and so many after.
    Until { flow: Arc<Flow>, behind: usize, widest: usize },
    /// As many rows as a batch has, each as wide as the widest: it repeats them. And all of them once
    /// more than it reserves, where it puts them together first.
    Repeated { again: bool },
    /// Rows of some batches, until they make a whole one.
    Collected,
}

/// Rows that an operator has given, by partition.
#[derive(Debug)]
pub(super) struct Flow(Vec<AtomicUsize>);

impl Flow {
    /// For so many partitions.
    pub fn new(partitions: usize) -> Arc<Self> {
        Arc::new(Self((0..partitions).map(|_| AtomicUsize::new(0)).collect()))
    }

    fn add(&self, partition: usize, rows: usize) {
        if let Some(sum) = self.0.get(partition) {
            sum.fetch_add(rows, Ordering::Relaxed);
        }
    }

    fn rows(&self, partition: usize) -> usize {
        self.0.get(partition).map_or(0, |sum| sum.load(Ordering::Relaxed))
    }
}

/// The edge above an operator.
#[derive(Debug)]
pub(super) struct Edge {
    below: Arc<dyn ExecutionPlan>,
    bounds: Arc<Bounds>,
    feed: Feed,
}

impl Edge {
    /// An edge above an operator.
    pub fn above(
        below: Arc<dyn ExecutionPlan>,
        bounds: &Arc<Bounds>,
        feed: Feed,
    ) -> Arc<dyn ExecutionPlan> {
        Arc::new(Self { below, bounds: Arc::clone(bounds), feed })
    }

    fn again(&self, below: Arc<dyn ExecutionPlan>) -> Arc<dyn ExecutionPlan> {
        Self::above(below, &self.bounds, self.feed.clone())
    }
}

impl DisplayAs for Edge {
    fn fmt_as(&self, kind: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.below.fmt_as(kind, f)
    }
}

impl ExecutionPlan for Edge {
    fn name(&self) -> &str {
        self.below.name()
    }

    fn downcast_delegate(&self) -> Option<&dyn ExecutionPlan> {
        Some(self.below.as_ref())
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.below.properties()
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        self.below.maintains_input_order()
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        self.below.children()
    }

    fn apply_expressions(
        &self,
        f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        self.below.apply_expressions(f)
    }

    fn replace_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
        options: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self.again(Arc::clone(&self.below).replace_children(children, options)?))
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self.again(replace_children_if_necessary(Arc::clone(&self.below), children)?))
    }

    fn reset_state(self: Arc<Self>) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self.again(Arc::clone(&self.below).reset_state()?))
    }

    fn with_new_state(
        &self,
        state: Arc<dyn std::any::Any + Send + Sync>,
    ) -> Option<Arc<dyn ExecutionPlan>> {
        self.below.with_new_state(state).map(|below| self.again(below))
    }

    fn metrics(&self) -> Option<MetricsSet> {
        self.below.metrics()
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let held = match self.feed.held {
            Held::Nothing => None,
            _ => {
                let name = format!("rows of {}", self.below.name());
                Some(MemoryConsumer::new(name).register(context.memory_pool()))
            }
        };
        let batch_rows = context.session_config().batch_size();
        let context = match self.feed.made {
            Some(rows) if rows < batch_rows => narrowed(&context, rows),
            _ => context,
        };
        Ok(Box::pin(Rows {
            below: self.below.execute(partition, context)?,
            bounds: Arc::clone(&self.bounds),
            feed: self.feed.clone(),
            partition,
            batch_rows,
            held,
            seen: Seen::default(),
            rest: None,
        }))
    }
}

/// The context of operators that make batches of so many rows.
fn narrowed(context: &TaskContext, rows: usize) -> Arc<TaskContext> {
    let config = context.session_config().clone().with_batch_size(rows);
    Arc::new(TaskContext::new(
        context.task_id(),
        context.session_id(),
        config,
        context.scalar_functions().clone(),
        context.higher_order_functions().clone(),
        context.aggregate_functions().clone(),
        context.window_functions().clone(),
        context.runtime_env(),
    ))
}

/// What has passed an edge.
#[derive(Default)]
struct Seen {
    rows: usize,
    bytes: usize,
    /// Bytes of the widest row, or of the widest rows on average.
    widest: usize,
}

/// The rows of an edge.
struct Rows {
    below: SendableRecordBatchStream,
    bounds: Arc<Bounds>,
    feed: Feed,
    partition: usize,
    batch_rows: usize,
    held: Option<MemoryReservation>,
    seen: Seen,
    /// A batch of which the first rows are given.
    rest: Option<(RecordBatch, usize)>,
}

/// The part of the memory that a stream's operator may hold beyond its reservations.
const FREE_SHARE: usize = 16;

impl Rows {
    /// Reserves what the operator above will hold.
    fn reserve(&mut self, batch: &RecordBatch) -> Result<()> {
        let Some(held) = &self.held else { return Ok(()) };
        let seen = &mut self.seen;
        let bytes = weights::of_batch(batch);
        seen.rows = seen.rows.saturating_add(batch.num_rows());
        seen.bytes = seen.bytes.saturating_add(bytes);
        let widest = match &self.feed.held {
            Held::Collected => bytes.checked_div(batch.num_rows()).unwrap_or_default(),
            Held::Whole { widest: 0, .. } | Held::Until { widest: 0, .. } => 0,
            _ => weights::of_widest(batch),
        };
        seen.widest = seen.widest.max(widest);
        let repeated = self.batch_rows.saturating_mul(seen.widest);
        let needed = match &self.feed.held {
            Held::Nothing => 0,
            Held::Repeated { again } => {
                let more = if *again { seen.bytes } else { 0 };
                if more > held.size() {
                    // Where this does not fit, the operator's own reservation soon fails too, and it
                    // knows what to do then.
                    let _ = held.try_resize(more);
                }
                repeated
            }
            Held::Whole { times, widest } => {
                let copies = seen.rows.saturating_mul(seen.widest).saturating_mul(*widest);
                seen.bytes.saturating_mul(*times).saturating_add(copies)
            }
            Held::Until { flow, behind, widest } => {
                let ahead = seen.rows.saturating_sub(flow.rows(self.partition));
                let rows = ahead.saturating_add(*behind).min(seen.rows);
                let each = seen.bytes.div_ceil(seen.rows.max(1));
                rows.saturating_mul(each).saturating_add(repeated.saturating_mul(*widest))
            }
            Held::Collected => repeated.min(seen.bytes),
        };
        if needed > self.bounds.memory / FREE_SHARE && needed > held.size() {
            held.try_resize(needed)?;
        }
        Ok(())
    }

    /// The next rows of the batch that is being given.
    fn next_rows(&mut self) -> Result<Option<RecordBatch>> {
        let Some((batch, from)) = self.rest.take() else { return Ok(None) };
        let left = batch.num_rows() - from;
        let mut rows = self.feed.rows.unwrap_or(left).min(left);
        if let Some(expansion) = &self.feed.expansion {
            let most = self.bounds.batch() / 2;
            let (few, bytes) = expansion.rows(&batch, from, most);
            self.bounds.fits("unnest", bytes)?;
            rows = rows.min(few);
        }
        let part = if rows == batch.num_rows() { batch.clone() } else { batch.slice(from, rows) };
        if from + rows < batch.num_rows() {
            self.rest = Some((batch, from + rows));
        }
        Ok(Some(part))
    }
}

impl Stream for Rows {
    type Item = Result<RecordBatch>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        this.bounds.check()?;
        if let Some(part) = this.next_rows()? {
            return Poll::Ready(Some(Ok(part)));
        }
        // Work that never waits lets others have their turn, and can be ended.
        let turn = ready!(tokio::task::coop::poll_proceed(context));
        Arena::clear();
        let polled = Pin::new(&mut this.below).poll_next(context);
        Arena::clear();
        let Some(batch) = ready!(polled) else { return Poll::Ready(None) };
        turn.made_progress();
        let batch = batch?;
        if let Some(given) = &this.feed.given {
            given.add(this.partition, batch.num_rows());
        }
        this.reserve(&batch)?;
        if batch.num_rows() == 0 {
            return Poll::Ready(Some(Ok(batch)));
        }
        this.rest = Some((batch, 0));
        Poll::Ready(this.next_rows().transpose())
    }
}

impl RecordBatchStream for Rows {
    fn schema(&self) -> SchemaRef {
        self.below.schema()
    }
}
