//! `group_by(..).top(..)`: the first rows of each group, whole.

use super::{Reach, Transform, listed};
use crate::{
    bind::{build, refuse_bare_aggregates, resolve, stage},
    expr::{Expr, Marker, SortKey},
    nodes,
    operators::window::Direction,
};
use datafusion::logical_expr::{Expr as Logical, LogicalPlan};
use stratal_core::{Error, ErrorKind, Result};

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
        let (plan, mut keys) = as_columns(plan, exprs)?;
        let order = keys.split_off(self.keys.len()).into_iter().zip(directions).collect();
        let top = nodes::top(plan, nodes::Top { keys, order, rows: self.rows });
        match top.schema().columns() == columns {
            true => Ok(top),
            false => build(top, |plan| plan.project(columns.into_iter().map(Logical::Column))),
        }
    }
}

/// The plan with these values as columns, and the names of the columns.
fn as_columns(plan: LogicalPlan, exprs: Vec<Logical>) -> Result<(LogicalPlan, Vec<String>)> {
    let is_taken = |name: &str| plan.schema().fields().iter().any(|field| field.name() == name);
    let (mut names, mut computed) = (Vec::with_capacity(exprs.len()), Vec::new());
    for expr in exprs {
        match expr {
            Logical::Column(column) => names.push(column.name),
            other => {
                let mut name = format!("__top{}", names.len());
                while is_taken(&name) {
                    name.push('_');
                }
                computed.push(other.alias(&name));
                names.push(name);
            }
        }
    }
    if computed.is_empty() {
        return Ok((plan, names));
    }
    let all: Vec<Logical> = plan.schema().columns().into_iter().map(Logical::Column).chain(computed).collect();
    Ok((build(plan, |plan| plan.project(all))?, names))
}
