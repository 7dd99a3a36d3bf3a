//! `slice`: some rows in the middle, in partition order.

use super::{Reach, Transform};
use crate::{bind::build, nodes};
use datafusion::logical_expr::LogicalPlan;
use stratal_core::Result;

pub(crate) struct Slice {
    /// The first row; a negative one is counted from the end.
    pub(crate) offset: i64,
    pub(crate) rows: usize,
}

impl Transform for Slice {
    fn name(&self) -> &'static str {
        "slice"
    }

    fn arguments(&self) -> String {
        format!("{}, {}", self.offset, self.rows)
    }

    fn reach(&self) -> Reach {
        Reach::All
    }

    fn apply(&self, input: LogicalPlan) -> Result<LogicalPlan> {
        match usize::try_from(self.offset) {
            // DataFusion adds the two, and writes both as i64.
            Ok(skip) => build(input, |plan| plan.limit(skip, Some(self.rows.min(i64::MAX as usize - skip)))),
            Err(_) => Ok(nodes::tail(input, self.offset.unsigned_abs() as usize, Some(self.rows))),
        }
    }
}
