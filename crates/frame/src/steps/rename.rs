//! `rename`: columns under new names, in their old places.

use super::Transform;
use crate::bind::{build, column, unique_names};
use datafusion::{
    common::Column,
    logical_expr::{Expr as Logical, LogicalPlan},
};
use std::collections::HashMap;
use stratal_core::Result;

pub(crate) struct Rename(pub(crate) Vec<(String, String)>);

impl Transform for Rename {
    fn name(&self) -> &'static str {
        "rename"
    }

    fn arguments(&self) -> String {
        self.0.iter().map(|(old, new)| format!("{old} -> {new}")).collect::<Vec<_>>().join(", ")
    }

    fn apply(&self, input: LogicalPlan) -> Result<LogicalPlan> {
        let schema = input.schema().clone();
        let found = self.0.iter().map(|(old, new)| column(old, &schema).map(|column| (column, new)));
        let renamed: HashMap<Column, &String> = found.collect::<Result<_>>()?;
        let columns = schema.columns().into_iter().map(|column| match renamed.get(&column) {
            Some(new) => Logical::Column(column).alias(*new),
            None => Logical::Column(column),
        });
        let columns: Vec<Logical> = columns.collect();
        unique_names(&columns)?;
        build(input, |plan| plan.project(columns))
    }
}
