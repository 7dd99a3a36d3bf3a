//! `group_by(..).top(..)`: the first rows of each group, whole.

use super::{Reach, Transform, hidden::as_columns, listed};
use crate::{
    bind::{build, refuse_bare_aggregates, resolve, stage},
    expr::{Expr, Marker, SortKey},
    nodes,
    operators::window::Direction,
};
use datafusion::logical_expr::{Expr as Logical, LogicalPlan};
use stratal_core::{Error, ErrorKind, Result};

/// What computed keys are called, before a number.
const KEY: &str = "__top";

pub(crate) struct Top {
    pub(crate) keys: Vec<Expr>,
    pub(crate) rows: usize,
    /// The order of rows, if there are none.
    pub(crate) order: Vec<SortKey>,
}

impl Transform for Top {
    fn name(&self) -> &'static str {
        "group_by"
    }

    fn layer(&self) -> String {
        "top".to_owned()
    }

    fn arguments(&self) -> String {
        let order = if self.order.is_empty() { String::new() } else { format!(", {}", listed(&self.order)) };
        format!("{}).top({}{order}", listed(&self.keys), self.rows)
    }

    fn reach(&self) -> Reach {
        Reach::All
    }

    fn apply(&self, input: LogicalPlan) -> Result<LogicalPlan> {
        if self.keys.is_empty() {
            let help = "name a column, or take the first rows of all: sort(..).head(n)";
            return Err(Error::new(ErrorKind::BadValue, "there is nothing to group by").with_help(help));
        }
        let columns = input.schema().columns();
        let wanted = self.keys.iter().chain(self.order.iter().map(SortKey::expr));
        let mut exprs = wanted.map(|expr| Ok(resolve(expr, input.schema())?.unalias())).collect::<Result<Vec<Logical>>>()?;
        let mut directions: Vec<Direction> = self.order.iter().map(SortKey::direction).collect();
        if directions.is_empty() {
            exprs.push(Marker::RowId.stand(Vec::new()));
            directions.push(Direction { descending: false, nulls_first: false });
        }
        refuse_bare_aggregates(&exprs)?;
        let (plan, exprs, _) = stage(input, exprs)?;
        let (plan, mut keys) = as_columns(plan, exprs, KEY)?;
        let order = keys.split_off(self.keys.len()).into_iter().zip(directions).collect();
        let top = nodes::top(plan, nodes::Top { keys, order, rows: self.rows });
        match top.schema().columns() == columns {
            true => Ok(top),
            false => build(top, |plan| plan.project(columns.into_iter().map(Logical::Column))),
        }
    }
}
