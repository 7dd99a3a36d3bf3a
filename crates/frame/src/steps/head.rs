//! `head`: the first rows, in partition order.

use super::{Reach, Transform};
use crate::bind::build;
use datafusion::logical_expr::LogicalPlan;
use stratal_core::Result;

pub(crate) struct Head(pub(crate) usize);

impl Transform for Head {
    fn name(&self) -> &'static str {
        "head"
    }

    fn arguments(&self) -> String {
        self.0.to_string()
    }

    fn reach(&self) -> Reach {
        Reach::All
    }

    fn apply(&self, input: LogicalPlan) -> Result<LogicalPlan> {
        build(input, |plan| plan.limit(0, Some(self.0)))
    }
}
