//! A plan of ours as the engine's planner takes one, and what that makes of it as it runs.
//!
//! On the way in, the rows of the last partitions are put together; concatenations are marked (see [`InOrder`]); and exchanges
//! get fewer partitions, because each of several tasks will have as many. On the way back the order of partitions is what it
//! was, and each stage has a [`Stage`] on top.

use super::{gather::Gather, in_order::InOrder, stage::Stage, suit::partitions};
use crate::{
    error::{of_datafusion, to_datafusion},
    lower::{OperatorExec, Plan, arrange},
};
use datafusion::{
    common::{
        Result as DfResult,
        tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion},
    },
    physical_plan::{
        ChildrenPropertiesMode, ExecutionPlan, Partitioning, ReplaceChildrenOptions, coalesce_partitions::CoalescePartitionsExec,
        repartition::RepartitionExec,
    },
};
use datafusion_distributed::{BroadcastExec, DistributedExec, NetworkBoundaryExt};
use std::sync::Arc;
use stratal_core::Result;

/// Partitions of a task after an exchange, at least. Where there is one, a plan takes it for all there are.
const FEWEST: usize = 2;

/// How many partitions each of several workers has after an exchange of the plan.
pub(super) fn partitions_of_each(plan: &Plan, workers: usize) -> usize {
    let mut most = 0;
    // The visitor never fails.
    let _ = plan.apply(|node| {
        if node.is::<RepartitionExec>() {
            most = most.max(partitions(node));
        }
        Ok(TreeNodeRecursion::Continue)
    });
    most.div_ceil(workers.max(1)).max(FEWEST)
}

/// The plan for the engine's planner, of one partition, with this many after each exchange.
pub(super) fn prepare(plan: Plan, after_exchange: usize) -> Result<Plan> {
    let marked = plan.transform_up(|node| {
        if let Some(marked) = InOrder::instead_of(&node).map_err(to_datafusion)? {
            return Ok(Transformed::yes(marked));
        }
        if let Some(exchange) = node.downcast_ref::<RepartitionExec>()
            && let Partitioning::Hash(keys, _) = exchange.partitioning()
        {
            let fewer = Partitioning::Hash(keys.clone(), after_exchange);
            return Ok(Transformed::yes(Arc::new(RepartitionExec::try_new(exchange.input().clone(), fewer)?) as Plan));
        }
        Ok(Transformed::no(node))
    });
    let plan = marked.data().map_err(of_datafusion)?;
    Ok(if partitions(&plan) == 1 { plan } else { Arc::new(CoalescePartitionsExec::new(plan)) })
}

/// What the planner made of a plan that was [`prepare`]d, as it runs. `measures` says whether all stages report what they took.
pub(super) fn finish(planned: Plan, measures: bool) -> Result<Plan> {
    let Some(query) = planned.downcast_ref::<DistributedExec>() else { return in_order(planned) };
    let plan = in_order(query.children()[0].clone())?;
    let plan = plan.transform_up(topped).data().map_err(of_datafusion)?;
    Ok(Arc::new(DistributedExec::new(plan).with_metrics_collection(measures)))
}

/// The plan with all its partitions put together as they should be.
fn in_order(plan: Plan) -> Result<Plan> {
    let meant = plan.transform_up(|node| {
        let meant = InOrder::meant_by(&node);
        Ok(meant.map_or_else(|| Transformed::no(node), Transformed::yes))
    });
    let plan = arrange(meant.data().map_err(of_datafusion)?)?;
    match plan.downcast_ref::<CoalescePartitionsExec>() {
        Some(last) if last.fetch().is_none() => Ok(Arc::new(OperatorExec::new(Gather, vec![last.input().clone()])?)),
        _ => Ok(plan),
    }
}

/// Puts a [`Stage`] on top of the stage that a node reads, if it reads one.
fn topped(node: Plan) -> DfResult<Transformed<Plan>> {
    let Some(number) = node.as_network_boundary().map(|boundary| boundary.input_stage().num()) else { return Ok(Transformed::no(node)) };
    let Some(stage) = input(&node) else { return Ok(Transformed::no(node)) };
    // What sends rows to other workers is put there anew by each worker, over what it finds beneath it.
    let sends = stage.is::<RepartitionExec>() || stage.is::<BroadcastExec>();
    let stage = match input(&stage) {
        Some(sent) if sends => over(stage, top(sent, number)?)?,
        _ => top(stage, number)?,
    };
    Ok(Transformed::yes(over(node, stage)?))
}

fn input(node: &Plan) -> Option<Plan> {
    node.children().first().map(|input| Plan::clone(input))
}

fn top(stage: Plan, number: usize) -> DfResult<Plan> {
    Ok(Arc::new(OperatorExec::new(Stage::numbered(number), vec![stage]).map_err(to_datafusion)?))
}

fn over(node: Plan, input: Plan) -> DfResult<Plan> {
    node.replace_children(vec![input], ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute))
}
