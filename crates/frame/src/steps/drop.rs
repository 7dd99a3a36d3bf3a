//! `drop`: all columns but these.

use super::{Transform, listed};
use crate::{
    bind::{build, column},
    expr::{Expr, show, spread},
};
use datafusion::{
    common::{Column, DFSchema},
    logical_expr::{Expr as Logical, LogicalPlan},
};
use std::collections::HashSet;
use stratal_core::{Error, ErrorKind, Result};

pub(crate) struct Drop(pub(crate) Vec<Expr>);

fn plain(expr: &Expr, schema: &DFSchema) -> Result<Column> {
    match expr.to_datafusion()? {
        Logical::Column(named) => column(&named.name, schema),
        other => {
            let message = format!("{} is no column, and only columns can be dropped", show(&other));
            Err(Error::new(ErrorKind::BadValue, message).with_help("give the names of columns"))
        }
    }
}

impl Transform for Drop {
    fn name(&self) -> &'static str {
        "drop"
    }

    fn arguments(&self) -> String {
        listed(&self.0)
    }

    fn apply(&self, input: LogicalPlan) -> Result<LogicalPlan> {
        let schema = input.schema().clone();
        let dropped: HashSet<Column> = spread(&self.0, &schema, &[])?.iter().map(|expr| plain(expr, &schema)).collect::<Result<_>>()?;
        let kept = schema.columns().into_iter().filter(|column| !dropped.contains(column)).map(Logical::Column);
        build(input, |plan| plan.project(kept))
    }
}
