//! `hstack`: the columns of two frames side by side, row beside row.

use super::{Combine, join::side_by_side};
use crate::{bind::build, dframe::SUFFIX, expr::output_name, nodes};
use datafusion::{
    common::Column,
    logical_expr::{Expr as Logical, LogicalPlan},
};
use stratal_core::{Error, Result};

pub(crate) struct Hstack;

impl Combine for Hstack {
    fn name(&self) -> &'static str {
        "hstack"
    }

    fn arguments(&self) -> String {
        String::new()
    }

    fn apply(&self, inputs: Vec<LogicalPlan>) -> Result<LogicalPlan> {
        let [left, right] = <[LogicalPlan; 2]>::try_from(inputs).map_err(|_| Error::internal("hstack of other than two frames"))?;
        let of_left: Vec<Logical> = left.schema().columns().into_iter().map(Logical::Column).collect();
        let places = of_left.len();
        let mut columns = side_by_side(of_left, right.schema().columns(), SUFFIX)?;
        let names: Vec<String> = columns.iter().map(output_name).collect();
        let of_right = columns.split_off(places);
        let right = build(right, |plan| plan.project(of_right))?;
        let stacked = nodes::hstack(left, right)?;
        // Without the columns that only tell rows from none.
        build(stacked, |plan| plan.project(names.into_iter().map(|name| Logical::Column(Column::from_name(name)))))
    }
}
