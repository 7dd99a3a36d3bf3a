//! `unique`: one row of all that are equal in these columns.

use super::{Reach, Transform, listed};
use crate::{
    bind::{aggregate, build, column, resolve_all},
    expr::{Expr, show},
};
use datafusion::{
    common::Column,
    functions_aggregate::first_last::first_value_udaf,
    logical_expr::{Expr as Logical, LogicalPlan},
};
use std::collections::HashSet;
use stratal_core::{Error, ErrorKind, Result};

/// Looks at these columns; at all of them, if there are none.
pub(crate) struct Unique(pub(crate) Vec<Expr>);

fn plain(expr: &Logical) -> Result<Column> {
    match expr {
        Logical::Column(column) => Ok(column.clone()),
        other => {
            let message = format!("{} is no column, and rows are told apart by columns", show(other));
            Err(Error::new(ErrorKind::BadValue, message).with_help("make it a column first: with_column(..)"))
        }
    }
}

impl Transform for Unique {
    fn name(&self) -> &'static str {
        "unique"
    }

    fn arguments(&self) -> String {
        listed(&self.0)
    }

    fn reach(&self) -> Reach {
        Reach::All
    }

    fn apply(&self, input: LogicalPlan) -> Result<LogicalPlan> {
        if self.0.is_empty() {
            return build(input, |plan| plan.distinct());
        }
        let keys = resolve_all(&self.0, input.schema())?;
        let told_apart: HashSet<Column> = keys.iter().map(plain).collect::<Result<_>>()?;
        let columns = input.schema().columns();
        // All of them see rows in one order, and with it the same first row of each group.
        let others = columns.iter().filter(|column| !told_apart.contains(*column));
        let first = |column: &Column| first_value_udaf().call(vec![Logical::Column(column.clone())]).alias(&column.name);
        let others: Vec<Logical> = others.map(first).collect();
        let kept = aggregate(input, keys, others)?;
        let in_order = columns.iter().map(|wanted| column(&wanted.name, kept.schema()).map(Logical::Column));
        let in_order = in_order.collect::<Result<Vec<_>>>()?;
        build(kept, |plan| plan.project(in_order))
    }
}
