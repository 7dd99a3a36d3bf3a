//! `drop_nulls`: the rows in which none of these is missing.

use super::{Transform, listed};
use crate::{
    bind::{build, refuse_aggregates, resolve_all},
    expr::Expr,
};
use datafusion::logical_expr::{Expr as Logical, LogicalPlan};
use stratal_core::Result;

/// Looks at these columns; at all of them, if there are none.
pub(crate) struct DropNulls(pub(crate) Vec<Expr>);

impl Transform for DropNulls {
    fn name(&self) -> &'static str {
        "drop_nulls"
    }

    fn arguments(&self) -> String {
        listed(&self.0)
    }

    fn apply(&self, input: LogicalPlan) -> Result<LogicalPlan> {
        let columns = match &self.0[..] {
            [] => input.schema().columns().into_iter().map(Logical::Column).collect(),
            some => resolve_all(some, input.schema())?,
        };
        refuse_aggregates(&columns)?;
        match columns.into_iter().map(|column| column.unalias().is_not_null()).reduce(Logical::and) {
            Some(all_there) => build(input, |plan| plan.filter(all_there)),
            None => Ok(input),
        }
    }
}
