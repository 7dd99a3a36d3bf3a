//! Which side of a join is read first, and whether every task reads all of it: as the join's step wants it, else as DataFusion
//! chose, unless a plan that will be cut could not be cut there.
//!
//! What is wanted stands in the plan as a [`BuildSide`] above a side of a join, and is taken out here.

use super::{class::partitions, collected::is_cheaper_collected, operator::OperatorExec, spread::gives_build_rows};
use crate::operators::BuildSide;
use datafusion::{
    common::{
        Result as DfResult,
        tree_node::{Transformed, TransformedResult, TreeNode},
    },
    config::ConfigOptions,
    physical_optimizer::PhysicalOptimizerRule,
    physical_plan::{
        ExecutionPlan,
        filter::FilterExec,
        joins::{HashJoinExec, NestedLoopJoinExec, PartitionMode},
        projection::ProjectionExec,
    },
};
use std::sync::Arc;

/// Has joins build on the side that they should.
#[derive(Debug)]
pub(super) struct ChooseBuildSide {
    /// Whether the plan will be cut.
    pub(super) is_cut: bool,
}

impl PhysicalOptimizerRule for ChooseBuildSide {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, config: &ConfigOptions) -> DfResult<Arc<dyn ExecutionPlan>> {
        let spread = config.execution.target_partitions;
        let chosen = plan.transform_up(|node| {
            let chosen = match (node.downcast_ref::<HashJoinExec>(), node.downcast_ref::<NestedLoopJoinExec>()) {
                (Some(join), _) => self.by_keys(join, spread)?,
                (_, Some(join)) => self.by_condition(join)?,
                _ => None,
            };
            Ok(chosen.map_or_else(|| Transformed::no(node), Transformed::yes))
        });
        let taken_out = chosen.data()?.transform_up(|node| match node.downcast_ref::<OperatorExec<BuildSide>>() {
            Some(marked) => Ok(Transformed::yes(marked.inputs()[0].clone())),
            None => Ok(Transformed::no(node)),
        });
        taken_out.data()
    }

    fn name(&self) -> &str {
        "choose_build_side"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// What is wanted of the join of which this is a side. The planner may have put the keys or a filter above it.
fn wanted(side: &Arc<dyn ExecutionPlan>) -> BuildSide {
    let mut plan = side;
    loop {
        if let Some(marked) = plan.downcast_ref::<OperatorExec<BuildSide>>() {
            return marked.operator().clone();
        }
        if !plan.is::<ProjectionExec>() && !plan.is::<FilterExec>() {
            return BuildSide::default();
        }
        plan = plan.children()[0];
    }
}

impl ChooseBuildSide {
    /// The join as it is wanted, or as it is cheaper, if it is another. An exchange has `spread` partitions.
    fn by_keys(&self, join: &HashJoinExec, spread: usize) -> DfResult<Option<Arc<dyn ExecutionPlan>>> {
        if join.null_aware {
            return Ok(None);
        }
        let (left, right) = (wanted(join.left()), wanted(join.right()));
        // The left is the side that a hash join reads first.
        let build = |swaps: bool, mode| match swaps {
            true => join.swap_inputs(mode).map(Some),
            false => join.builder().with_partition_mode(mode).build_exec().map(Some),
        };
        if left.is_broadcast == Some(true) && !right.is_read_first {
            return build(false, PartitionMode::CollectLeft);
        }
        if right.is_broadcast == Some(true) && !left.is_read_first {
            return build(true, PartitionMode::CollectLeft);
        }
        let is_asked_to_spread = left.is_broadcast.or(right.is_broadcast) == Some(false);
        let is_spread_by_keys = spread > 1 && (is_asked_to_spread || right.is_read_first);
        match (left.is_read_first || right.is_read_first, is_spread_by_keys) {
            (_, true) => build(right.is_read_first, PartitionMode::Partitioned),
            (true, false) => build(right.is_read_first, *join.partition_mode()),
            (false, false) if !self.is_cut && is_cheaper_collected(join, spread) => build(false, PartitionMode::CollectLeft),
            (false, false) => Ok(None),
        }
    }

    /// The join as it is wanted, if it is another. It has no keys by which rows could be spread: one side is collected.
    fn by_condition(&self, join: &NestedLoopJoinExec) -> DfResult<Option<Arc<dyn ExecutionPlan>>> {
        let (left, right) = (wanted(join.left()).is_broadcast, wanted(join.right()).is_broadcast);
        let kind = *join.join_type();
        // Rows of the side that is collected come out after all of the other was read, which no task of several knows.
        let is_gang = gives_build_rows(kind) && partitions(join.right()) > 1;
        let swaps = match (left, right) {
            (Some(true), _) => false,
            (_, Some(true)) => true,
            _ => self.is_cut && is_gang && !gives_build_rows(kind.swap()),
        };
        if swaps { join.swap_inputs().map(Some) } else { Ok(None) }
    }
}
