//! Plans that will be cut: joins whose build side gives rows are spread over partitions.
//!
//! A hash join may collect its build side once and give the rows of it that found no match after the last partition of
//! the other side was read. Tasks that run apart never know which of them is the last. Such a join is planned by the hash
//! of its keys instead, both sides in the same channels; where that cannot be, the cutter runs it as one gang.

use datafusion::{
    common::{
        JoinType, Result as DfResult,
        tree_node::{Transformed, TransformedResult, TreeNode},
    },
    config::ConfigOptions,
    physical_optimizer::PhysicalOptimizerRule,
    physical_plan::{
        ExecutionPlan, ExecutionPlanProperties,
        joins::{HashJoinExec, PartitionMode},
    },
};
use std::sync::Arc;

/// Whether a join gives rows of its build side, the left, after all of the right was read.
pub(super) fn gives_build_rows(kind: JoinType) -> bool {
    match kind {
        JoinType::Inner | JoinType::Right | JoinType::RightSemi | JoinType::RightAnti | JoinType::RightMark => false,
        JoinType::Left | JoinType::LeftSemi | JoinType::LeftAnti | JoinType::LeftMark | JoinType::Full => true,
    }
}

/// Makes joins that collect their build side and give rows of it partitioned.
#[derive(Debug)]
pub(super) struct SpreadBuildRows;

impl PhysicalOptimizerRule for SpreadBuildRows {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, config: &ConfigOptions) -> DfResult<Arc<dyn ExecutionPlan>> {
        if config.execution.target_partitions == 1 {
            return Ok(plan);
        }
        plan.transform_up(|node| {
            let Some(join) = node.downcast_ref::<HashJoinExec>() else { return Ok(Transformed::no(node)) };
            let is_collected = *join.partition_mode() == PartitionMode::CollectLeft && !join.null_aware;
            let is_one = join.right().output_partitioning().partition_count() == 1;
            if !is_collected || is_one || !gives_build_rows(*join.join_type()) {
                return Ok(Transformed::no(node));
            }
            let spread = join.builder().with_partition_mode(PartitionMode::Partitioned).build_exec()?;
            Ok(Transformed::yes(spread))
        })
        .data()
    }

    fn name(&self) -> &str {
        "spread_build_rows"
    }

    fn schema_check(&self) -> bool {
        true
    }
}
