//! [`UniqueKeys`]: a check that no two rows of a side of a join have one key.

use super::node::{Node, NodeKind, places};
use crate::{
    lower::{OperatorExec, Plan},
    operators,
};
use datafusion::logical_expr::LogicalPlan;
use std::sync::Arc;
use stratal_core::Result;

/// What is checked.
#[derive(Debug)]
pub(crate) struct UniqueKeys {
    /// The columns of the key.
    pub(crate) keys: Vec<String>,
    /// What the user calls them.
    pub(crate) names: Vec<String>,
    /// The side, for the error.
    pub(crate) side: &'static str,
    /// Whether a key with a null in it is one too.
    pub(crate) has_nulls: bool,
}

/// The rows of `input` as they are.
pub(crate) fn unique_keys(input: LogicalPlan, check: UniqueKeys) -> LogicalPlan {
    Node::same(check, input)
}

impl NodeKind for UniqueKeys {
    fn name(&self) -> &'static str {
        "UniqueKeys"
    }

    fn arguments(&self) -> String {
        format!("{} of the {}, nulls={}", self.keys.join(", "), self.side, self.has_nulls)
    }

    fn plan(&self, inputs: Vec<Plan>) -> Result<Plan> {
        let keys = places(&self.keys, &inputs[0])?;
        let (names, side) = (self.names.clone(), self.side.to_owned());
        Ok(Arc::new(OperatorExec::new(operators::UniqueKeys { keys, names, side, has_nulls: self.has_nulls }, inputs)?))
    }

    fn reads(&self) -> Vec<Vec<String>> {
        vec![self.keys.clone()]
    }
}
