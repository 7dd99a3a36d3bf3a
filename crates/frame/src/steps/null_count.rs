//! `null_count`: one row with the number of missing values of every column.

use super::{Reach, Transform};
use crate::{
    bind::{aggregate, resolve_all},
    expr::{Expr, col, count},
};
use datafusion::logical_expr::LogicalPlan;
use stratal_core::Result;

pub(crate) struct NullCount;

impl Transform for NullCount {
    fn name(&self) -> &'static str {
        "null_count"
    }

    fn arguments(&self) -> String {
        String::new()
    }

    fn reach(&self) -> Reach {
        Reach::All
    }

    fn apply(&self, input: LogicalPlan) -> Result<LogicalPlan> {
        let missing = |name: &String| (count() - col(name).count()).alias(name);
        let counts: Vec<Expr> = input.schema().fields().iter().map(|field| missing(field.name())).collect();
        let counts = resolve_all(&counts, input.schema())?;
        aggregate(input, Vec::new(), counts)
    }
}
