//! [`BuildSide`]: how the user wants a join to get at this side of it. The planner reads it and takes it out.

use crate::lower::{Operator, OperatorExec};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use stratal_core::Result;

/// The rows of its input as they are, with what is wanted of the join above.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct BuildSide {
    /// Whether every task collects all of it; if not, both sides are spread by their keys. None where nothing was said.
    pub(crate) is_broadcast: Option<bool>,
    /// Whether it is the side that is read whole before the other is looked at, which may then not be read to its end.
    pub(crate) is_read_first: bool,
}

impl Operator for BuildSide {
    const NAME: &'static str = "BuildSideExec";

    fn arguments(&self) -> String {
        format!("broadcast={:?}, read first={}", self.is_broadcast, self.is_read_first)
    }

    fn passes_rows(&self) -> bool {
        true
    }

    fn open(&self, partition: usize, node: &OperatorExec<Self>, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        node.input(0, partition, &context)
    }
}
