//! `tail`: the last rows, in partition order.

use super::{Reach, Transform};
use crate::nodes;
use datafusion::logical_expr::LogicalPlan;
use stratal_core::Result;

pub(crate) struct Tail(pub(crate) usize);

impl Transform for Tail {
    fn name(&self) -> &'static str {
        "tail"
    }

    fn arguments(&self) -> String {
        self.0.to_string()
    }

    fn reach(&self) -> Reach {
        Reach::All
    }

    fn apply(&self, input: LogicalPlan) -> Result<LogicalPlan> {
        Ok(nodes::tail(input, self.0, None))
    }
}
