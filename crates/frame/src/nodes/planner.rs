//! [`Planner`]: DataFusion's, which knows our nodes too.

use super::{adding::AddingNode, node::Node};
use crate::error::to_datafusion;
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

/// Whether a node is one of ours, which no other planner knows.
pub(crate) fn is_own(node: &dyn UserDefinedLogicalNode) -> bool {
    node.as_any().is::<Node>() || node.as_any().is::<AddingNode>()
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
        let own = node.as_any().downcast_ref::<Node>().map(|node| node.plan(inputs.to_vec()));
        let own = own.or_else(|| node.as_any().downcast_ref::<AddingNode>().map(|node| node.plan(inputs.to_vec())));
        own.transpose().map_err(to_datafusion)
    }
}
