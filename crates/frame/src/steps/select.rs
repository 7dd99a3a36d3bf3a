//! `select`: these columns and no others; or one row, when all of them are aggregates.

use super::{Reach, Transform, listed, reach_of};
use crate::{
    bind::{aggregate, build, is_aggregate, resolve_all, stage, unique_names},
    expr::{Expr, has_window, show},
};
use datafusion::logical_expr::{LogicalPlan, utils::find_aggregate_exprs};
use stratal_core::{Error, ErrorKind, Result};

pub(crate) struct Select(pub(crate) Vec<Expr>);

impl Transform for Select {
    fn name(&self) -> &'static str {
        "select"
    }

    fn arguments(&self) -> String {
        listed(&self.0)
    }

    fn reach(&self) -> Reach {
        let aggregates = self.0.iter().any(|expr| expr.to_datafusion().is_ok_and(|expr| is_aggregate(&expr)));
        if aggregates { Reach::All } else { reach_of(&self.0) }
    }

    fn apply(&self, input: LogicalPlan) -> Result<LogicalPlan> {
        let exprs = resolve_all(&self.0, input.schema())?;
        let Some(first) = exprs.iter().find(|expr| is_aggregate(expr)) else {
            unique_names(&exprs)?;
            let (staged, exprs, _) = stage(input, exprs)?;
            return build(staged, |plan| plan.project(exprs));
        };
        if let Some(rows) = exprs.iter().find(|expr| !is_aggregate(expr) && (expr.any_column_refs() || has_window(expr))) {
            let whole = find_aggregate_exprs([first]);
            let message = format!(
                "{} is one value and {} one for each row",
                whole.first().map(show).unwrap_or_default(),
                show(&rows.clone().unalias())
            );
            let help = "give the one value to every row: .over(Window::all()); or select aggregates alone, or group: group_by(..).agg(..)";
            return Err(Error::new(ErrorKind::TypeMismatch, message).with_help(help));
        }
        aggregate(input, Vec::new(), exprs)
    }
}
