//! `partitions`: some of the partitions.

use super::{Reach, Transform};
use crate::nodes;
use datafusion::logical_expr::LogicalPlan;
use std::ops::Range;
use stratal_core::Result;

pub(crate) struct Partitions(pub(crate) Range<usize>);

impl Transform for Partitions {
    fn name(&self) -> &'static str {
        "partitions"
    }

    fn arguments(&self) -> String {
        format!("{:?}", self.0)
    }

    fn reach(&self) -> Reach {
        Reach::Partitions
    }

    fn apply(&self, input: LogicalPlan) -> Result<LogicalPlan> {
        Ok(nodes::partitions(input, self.0.clone()))
    }
}
