//! [`Tail`]: the last rows, in partition order.

use super::node::{Node, NodeKind};
use crate::lower::{Plan, TailExec};
use datafusion::logical_expr::LogicalPlan;
use stratal_core::Result;

/// The last `rows` rows, and of these the first `take`.
#[derive(Debug)]
struct Tail {
    rows: usize,
    take: Option<usize>,
}

/// The last `rows` rows. With `take`, as many of them from the front; where there are fewer than `rows`, those that are
/// missing count as taken.
pub(crate) fn tail(input: LogicalPlan, rows: usize, take: Option<usize>) -> LogicalPlan {
    Node::same(Tail { rows, take }, input)
}

impl NodeKind for Tail {
    fn name(&self) -> &'static str {
        "Tail"
    }

    fn arguments(&self) -> String {
        format!("rows={}, take={:?}", self.rows, self.take)
    }

    fn plan(&self, mut inputs: Vec<Plan>) -> Result<Plan> {
        Ok(TailExec::of_all(inputs.swap_remove(0), self.rows, self.take))
    }
}
