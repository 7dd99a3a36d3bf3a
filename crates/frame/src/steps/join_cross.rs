//! `join_cross`: every row of one frame with every row of another.

use super::{
    Combine,
    join::{side_by_side, sides},
};
use crate::bind::build;
use datafusion::logical_expr::{Expr as Logical, LogicalPlan};
use stratal_core::Result;

/// With the suffix that a column of the right gets where the left has its name.
pub(crate) struct JoinCross(pub(crate) String);

impl Combine for JoinCross {
    fn name(&self) -> &'static str {
        "join_cross"
    }

    fn arguments(&self) -> String {
        format!("suffix {:?}", self.0)
    }

    fn apply(&self, inputs: Vec<LogicalPlan>) -> Result<LogicalPlan> {
        let (left, right) = sides(inputs)?;
        let of_left = left.schema().columns().into_iter().map(Logical::Column).collect();
        let columns = side_by_side(of_left, right.schema().columns(), &self.0)?;
        build(left, |plan| plan.cross_join(right)?.project(columns))
    }
}
