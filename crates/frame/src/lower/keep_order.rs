//! The order of rows where something looks at it.
//!
//! In SQL a sort matters at the top of a query or right below a limit, and DataFusion drops every other; nor does it matter
//! there which rows a limit takes, so that a sort above it may be done below. A frame's rows have an order, and `head`,
//! `slice`, `tail` and `concat` promise it.

use super::{concat::ConcatExec, own};
use datafusion::{
    common::{
        Result as DfResult,
        tree_node::{Transformed, TransformedResult, TreeNode},
    },
    config::ConfigOptions,
    physical_expr::OrderingRequirements,
    physical_optimizer::{PhysicalOptimizerRule, output_requirements::OutputRequirementExec},
    physical_plan::{
        ExecutionPlan,
        execution_plan::replace_children_if_necessary,
        limit::{GlobalLimitExec, LocalLimitExec},
        sorts::sort::SortExec,
        union::UnionExec,
    },
};
use std::sync::Arc;

/// Keeps sorts whose order is looked at, and lets none pass a limit.
#[derive(Debug)]
pub(super) struct KeepOrder;

impl PhysicalOptimizerRule for KeepOrder {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> DfResult<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|node| {
            let is_limit = node.is::<GlobalLimitExec>();
            if !is_limit && !node.is::<LocalLimitExec>() && !node.is::<UnionExec>() && !own::sees_order(&node) {
                return Ok(Transformed::no(node));
            }
            let children = node.children().into_iter().map(|child| keep(child.clone())).collect::<DfResult<Vec<_>>>()?;
            let kept = replace_children_if_necessary(node, children)?;
            // No order passes what puts partitions together, one as well as many; `arrange` takes it away.
            let kept: Arc<dyn ExecutionPlan> = if is_limit { Arc::new(ConcatExec::new(kept, None)) } else { kept };
            Ok(Transformed::yes(kept))
        })
        .data()
    }

    fn name(&self) -> &str {
        "keep_order"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// Demands the order of the sort that the rows of a plan come from, if there is one; DataFusion does the same at the top.
fn keep(plan: Arc<dyn ExecutionPlan>) -> DfResult<Arc<dyn ExecutionPlan>> {
    if let Some(sort) = plan.downcast_ref::<SortExec>() {
        let order = OrderingRequirements::from(sort.expr().clone());
        let spread = sort.input_distribution_requirements().into_per_child().swap_remove(0);
        let fetch = sort.fetch();
        return Ok(Arc::new(OutputRequirementExec::new(plan, Some(order), spread, fetch)));
    }
    let passes = plan.maintains_input_order() == [true] && plan.required_input_ordering()[0].is_none();
    if !passes {
        return Ok(plan);
    }
    let input = keep(plan.children()[0].clone())?;
    replace_children_if_necessary(plan, vec![input])
}
