//! `group_by(..).agg(..)`: one row for each group; `agg(..)` without groups: one row.

use super::{Reach, Transform, listed};
use crate::{
    bind::{aggregate, resolve_all, resolve_besides},
    expr::{Expr, output_name},
};
use datafusion::logical_expr::LogicalPlan;
use stratal_core::{Error, ErrorKind, Result};

pub(crate) struct GroupBy {
    pub(crate) keys: Vec<Expr>,
    pub(crate) values: Vec<Expr>,
}

impl Transform for GroupBy {
    fn name(&self) -> &'static str {
        "group_by"
    }

    fn arguments(&self) -> String {
        format!("{}).agg({}", listed(&self.keys), listed(&self.values))
    }

    fn reach(&self) -> Reach {
        Reach::All
    }

    fn apply(&self, input: LogicalPlan) -> Result<LogicalPlan> {
        if self.keys.is_empty() {
            return Err(
                Error::new(ErrorKind::BadValue, "there is nothing to group by").with_help("name a column, or use agg(..) for one row")
            );
        }
        let keys = resolve_all(&self.keys, input.schema())?;
        // A selection of columns to be aggregated leaves out those that are grouped by.
        let names: Vec<String> = keys.iter().map(output_name).collect();
        let values = resolve_besides(&self.values, input.schema(), &names)?;
        aggregate(input, keys, values)
    }
}

pub(crate) struct Aggregate(pub(crate) Vec<Expr>);

impl Transform for Aggregate {
    fn name(&self) -> &'static str {
        "agg"
    }

    fn layer(&self) -> String {
        "aggregate".to_owned()
    }

    fn arguments(&self) -> String {
        listed(&self.0)
    }

    fn reach(&self) -> Reach {
        Reach::All
    }

    fn apply(&self, input: LogicalPlan) -> Result<LogicalPlan> {
        if self.0.is_empty() {
            return Err(Error::new(ErrorKind::BadValue, "there is nothing to aggregate").with_help("name an aggregate: col(\"x\").sum()"));
        }
        let values = resolve_all(&self.0, input.schema())?;
        aggregate(input, Vec::new(), values)
    }
}
