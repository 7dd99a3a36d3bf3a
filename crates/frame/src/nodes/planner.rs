//! [`Planner`]: DataFusion's, which knows our nodes too.

use super::{fence::Fence, tail::Tail};
use crate::lower::TailExec;
use async_trait::async_trait;
use datafusion::{
    catalog::Session,
    common::Result as DfResult,
    execution::context::QueryPlanner,
    logical_expr::{LogicalPlan, UserDefinedLogicalNode, physical_planning_context::PhysicalPlanningContext},
    physical_plan::ExecutionPlan,
    physical_planner::{DefaultPhysicalPlanner, ExtensionPlanner, PhysicalPlanner},
};
use std::sync::Arc;

/// Makes physical plans.
#[derive(Debug)]
pub(crate) struct Planner;

#[async_trait]
impl QueryPlanner for Planner {
    async fn create_physical_plan(&self, plan: &LogicalPlan, session: &dyn Session) -> DfResult<Arc<dyn ExecutionPlan>> {
        DefaultPhysicalPlanner::with_extension_planners(vec![Arc::new(Nodes)]).create_physical_plan(plan, session).await
    }
}

struct Nodes;

#[async_trait]
impl ExtensionPlanner for Nodes {
    async fn plan_extension(
        &self,
        _: &dyn PhysicalPlanner,
        node: &dyn UserDefinedLogicalNode,
        _: &[&LogicalPlan],
        inputs: &[Arc<dyn ExecutionPlan>],
        _: &dyn Session,
        _: &PhysicalPlanningContext,
    ) -> DfResult<Option<Arc<dyn ExecutionPlan>>> {
        let node = node.as_any();
        Ok(match (node.downcast_ref::<Tail>(), inputs) {
            (Some(tail), [input]) => Some(TailExec::of_all(input.clone(), tail.rows, tail.take)),
            (None, [input]) if node.is::<Fence>() => Some(input.clone()),
            _ => None,
        })
    }
}
