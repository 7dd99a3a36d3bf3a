//! `value_counts`: the different values, and how many rows have each; the most frequent first.

use super::{Reach, Transform, listed};
use crate::{
    bind::{aggregate, build, resolve_all},
    expr::{Expr, count},
};
use datafusion::logical_expr::{Expr as Logical, LogicalPlan, SortExpr};
use stratal_core::{Error, ErrorKind, Result};

pub(crate) struct ValueCounts(pub(crate) Vec<Expr>);

impl Transform for ValueCounts {
    fn name(&self) -> &'static str {
        "value_counts"
    }

    fn arguments(&self) -> String {
        listed(&self.0)
    }

    fn reach(&self) -> Reach {
        Reach::All
    }

    fn apply(&self, input: LogicalPlan) -> Result<LogicalPlan> {
        if self.0.is_empty() {
            return Err(Error::new(ErrorKind::BadValue, "there is nothing to count the values of").with_help("name a column"));
        }
        let (keys, counts) = (resolve_all(&self.0, input.schema())?, resolve_all(&[count()], input.schema())?);
        let counted = aggregate(input, keys, counts)?;
        // The count is the last column. Values that are equally frequent stand in their own order.
        let mut order: Vec<SortExpr> =
            counted.schema().columns().into_iter().map(|column| SortExpr::new(Logical::Column(column), true, false)).collect();
        order.rotate_right(1);
        if let Some(frequency) = order.first_mut() {
            frequency.asc = false;
        }
        build(counted, |plan| plan.sort(order))
    }
}
