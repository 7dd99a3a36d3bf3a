//! The first rows of each group, whole.

use super::node::{Node, NodeKind, place, places};
use crate::{
    lower::{OperatorExec, Plan},
    operators::{self, PartialTop, window::Direction},
};
use datafusion::logical_expr::LogicalPlan;
use std::sync::Arc;
use stratal_core::Result;

/// Rows of each group of equal keys.
#[derive(Debug)]
pub(crate) struct Top {
    pub(crate) keys: Vec<String>,
    pub(crate) order: Vec<(String, Direction)>,
    pub(crate) rows: usize,
}

/// The first rows of each group of `input`.
pub(crate) fn top(input: LogicalPlan, top: Top) -> LogicalPlan {
    Node::same(top, input)
}

impl NodeKind for Top {
    fn name(&self) -> &'static str {
        "Top"
    }

    fn arguments(&self) -> String {
        format!("by={:?}, order={:?}, rows={}", self.keys, self.order, self.rows)
    }

    fn plan(&self, inputs: Vec<Plan>) -> Result<Plan> {
        let keys = places(&self.keys, &inputs[0])?;
        let order = self.order.iter().map(|(name, direction)| Ok((place(name, &inputs[0])?, *direction)));
        let top = operators::Top { keys, order: order.collect::<Result<_>>()?, rows: self.rows };
        let inputs = inputs.into_iter().map(|input| PartialTop::of(&top, input)).collect::<Result<Vec<Plan>>>()?;
        Ok(Arc::new(OperatorExec::new(top, inputs)?))
    }

    fn reads(&self) -> Vec<Vec<String>> {
        vec![self.keys.iter().chain(self.order.iter().map(|(name, _)| name)).cloned().collect()]
    }
}
