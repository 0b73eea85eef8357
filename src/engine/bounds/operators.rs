//! What each operator is given, and what it holds without a reservation of its own.

use std::sync::Arc;

use datafusion::common::Result;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::{WindowFrameBound, WindowFrameUnits};
use datafusion::physical_expr::window::WindowExpr;
use datafusion::physical_plan::aggregates::AggregateExec;
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::joins::{
    CrossJoinExec, HashJoinExec, NestedLoopJoinExec, SortMergeJoinExec,
};
use datafusion::physical_plan::repartition::RepartitionExec;
use datafusion::physical_plan::unnest::UnnestExec;
use datafusion::physical_plan::windows::{BoundedWindowAggExec, WindowAggExec};
use datafusion::physical_plan::{
    ExecutionPlan, ExecutionPlanProperties, replace_children_if_necessary,
};

use super::edge::{Edge, Feed, Flow, Held};
use super::expansion::Expansion;
use super::{Bounds, expressions};

/// Rows of a batch that an answer is given in.
const ANSWERED_ROWS: usize = 8_192;

/// Groups that one batch may add, before the operator looks at its memory again.
const NEW_GROUPS: usize = 1 << 16;

/// A plan with bounds on all its edges.
pub(super) fn bounded(
    plan: &Arc<dyn ExecutionPlan>,
    bounds: &Arc<Bounds>,
) -> Result<Arc<dyn ExecutionPlan>> {
    let made = match plan.children().is_empty() {
        true => expressions::rows(plan.as_ref(), bounds.batch() / 4)?,
        false => None,
    };
    let (plan, given) = below(plan, bounds)?;
    let feed = Feed { rows: Some(ANSWERED_ROWS), made, given, ..Feed::default() };
    Ok(Edge::above(plan, bounds, feed))
}

/// An operator, and what counts the rows that it gives.
type Below = (Arc<dyn ExecutionPlan>, Option<Arc<Flow>>);

/// An operator with bounds on the edges below it, and what counts the rows that it gives.
fn below(plan: &Arc<dyn ExecutionPlan>, bounds: &Arc<Bounds>) -> Result<Below> {
    bounds.check()?;
    let rows = expressions::rows(plan.as_ref(), bounds.batch() / 4)?;
    let flow = plan
        .is::<BoundedWindowAggExec>()
        .then(|| Flow::new(plan.output_partitioning().partition_count()));
    let mut children = Vec::new();
    for (place, child) in plan.children().into_iter().enumerate() {
        let mut feed = feed(plan.as_ref(), place, flow.as_ref());
        feed.rows = feed.rows.into_iter().chain(rows).min();
        // An unnesting makes batches of any length.
        if child.is::<UnnestExec>() {
            feed.rows = Some(feed.rows.unwrap_or(ANSWERED_ROWS));
        }
        // A scan computes the columns that it is asked for.
        if child.children().is_empty() {
            feed.made = expressions::rows(child.as_ref(), bounds.batch() / 4)?;
        }
        let (child, given) = below(child, bounds)?;
        feed.given = given;
        children.push(Edge::above(child, bounds, feed));
    }
    Ok((replace_children_if_necessary(Arc::clone(plan), children)?, flow))
}

fn feed(plan: &dyn ExecutionPlan, place: usize, flow: Option<&Arc<Flow>>) -> Feed {
    let held = |held| Feed { held, ..Feed::default() };
    let is_build = place == 0;
    if let Some(unnest) = plan.downcast_ref::<UnnestExec>() {
        let lists = unnest.list_column_indices().iter().map(|l| l.index_in_input_schema);
        let expansion = Some(Expansion { lists: lists.collect() });
        return Feed { expansion, ..Feed::default() };
    }
    if let Some(aggregate) = plan.downcast_ref::<AggregateExec>() {
        let sets = aggregate.group_expr().groups().len().max(1);
        let rows = (sets > 1).then(|| (NEW_GROUPS / sets).max(1));
        return Feed { rows, ..Feed::default() };
    }
    if let Some(window) = plan.downcast_ref::<WindowAggExec>() {
        return held(Held::Whole { times: 2, widest: 2 * wide(window.window_expr()) });
    }
    if let (Some(window), Some(flow)) = (plan.downcast_ref::<BoundedWindowAggExec>(), flow) {
        let windows = window.window_expr();
        let behind = windows.iter().map(|w| behind(w.as_ref())).max().unwrap_or_default();
        let (flow, widest) = (Arc::clone(flow), wide(windows));
        return held(Held::Until { flow, behind, widest });
    }
    if plan.is::<HashJoinExec>() || plan.is::<CrossJoinExec>() || plan.is::<NestedLoopJoinExec>() {
        return held(Held::Repeated { again: is_build });
    }
    if plan.is::<SortMergeJoinExec>() {
        return held(Held::Repeated { again: false });
    }
    if plan.is::<FilterExec>() || plan.is::<RepartitionExec>() {
        return held(Held::Collected);
    }
    Feed::default()
}

/// How many windows have values that may be as wide as their input's.
fn wide(windows: &[Arc<dyn WindowExpr>]) -> usize {
    let is_wide = |w: &&Arc<dyn WindowExpr>| {
        w.field().is_ok_and(|field| field.data_type().primitive_width().is_none())
    };
    windows.iter().filter(is_wide).count()
}

/// How many rows behind the present one a window looks at.
fn behind(window: &dyn WindowExpr) -> usize {
    let frame = window.get_window_frame();
    let rows = |bound: &WindowFrameBound| match bound {
        WindowFrameBound::Preceding(ScalarValue::UInt64(Some(rows))) => {
            usize::try_from(*rows).unwrap_or(usize::MAX)
        }
        _ => 0,
    };
    match frame.units {
        WindowFrameUnits::Rows => rows(&frame.start_bound),
        WindowFrameUnits::Range | WindowFrameUnits::Groups => 0,
    }
}
