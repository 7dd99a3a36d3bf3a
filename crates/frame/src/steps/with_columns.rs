//! `with_column`, `with_columns`: columns replaced in their place, or added at the end.

use super::{Reach, Transform, listed, reach_of};
use crate::{
    bind::{build, refuse_bare_aggregates, resolve_all, stage, unique_names},
    expr::{Expr, output_name},
};
use datafusion::logical_expr::{Expr as Logical, LogicalPlan, Operator};
use std::collections::HashMap;
use stratal_core::Result;

pub(crate) struct WithColumns {
    exprs: Vec<Expr>,
    name: &'static str,
}

impl WithColumns {
    /// One column under a name.
    pub(crate) fn one(name: String, expr: Expr) -> Self {
        WithColumns { exprs: vec![expr.alias(name)], name: "with_column" }
    }

    /// Columns under their own names.
    pub(crate) fn several(exprs: Vec<Expr>) -> Self {
        WithColumns { exprs, name: "with_columns" }
    }
}

/// What arithmetic is called: `+` is `add`.
pub(crate) fn arithmetic_name(operator: &Operator) -> Option<&'static str> {
    Some(match operator {
        Operator::Plus => "add",
        Operator::Minus => "subtract",
        Operator::Multiply => "multiply",
        Operator::Divide => "divide",
        _ => return None,
    })
}

impl Transform for WithColumns {
    fn name(&self) -> &'static str {
        self.name
    }

    fn layer(&self) -> String {
        let arithmetic = match &self.exprs[..] {
            [Expr(Ok(expr))] => match expr.clone().unalias() {
                Logical::BinaryExpr(binary) => arithmetic_name(&binary.op),
                _ => None,
            },
            _ => None,
        };
        arithmetic.unwrap_or("with-column").to_owned()
    }

    fn arguments(&self) -> String {
        listed(&self.exprs)
    }

    fn reach(&self) -> Reach {
        reach_of(&self.exprs)
    }

    fn apply(&self, input: LogicalPlan) -> Result<LogicalPlan> {
        let exprs = resolve_all(&self.exprs, input.schema())?;
        with_columns(input, &exprs)
    }
}

/// Each expression in the place of the column of its name, or at the end.
pub(super) fn with_columns(input: LogicalPlan, exprs: &[Logical]) -> Result<LogicalPlan> {
    refuse_bare_aggregates(exprs)?;
    unique_names(exprs)?;
    let old = input.schema().columns().into_iter();
    let (input, exprs, _) = stage(input, exprs.to_vec())?;
    let mut new: HashMap<String, Logical> = exprs.iter().map(|expr| (output_name(expr), expr.clone())).collect();
    let mut columns: Vec<Logical> = old.map(|column| new.remove(&column.name).unwrap_or(Logical::Column(column))).collect();
    columns.extend(exprs.iter().filter_map(|expr| new.remove(&output_name(expr))));
    build(input, |plan| plan.project(columns))
}
