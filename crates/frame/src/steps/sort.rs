//! `sort`: all rows in order; nulls last unless a key says otherwise.

use super::{Reach, Transform, listed};
use crate::{
    bind::{build, refuse_aggregates, resolve},
    expr::SortKey,
};
use datafusion::logical_expr::LogicalPlan;
use stratal_core::{Error, ErrorKind, Result};

pub(crate) struct Sort(pub(crate) Vec<SortKey>);

impl Transform for Sort {
    fn name(&self) -> &'static str {
        "sort"
    }

    fn arguments(&self) -> String {
        listed(&self.0)
    }

    fn reach(&self) -> Reach {
        Reach::All
    }

    fn apply(&self, input: LogicalPlan) -> Result<LogicalPlan> {
        if self.0.is_empty() {
            return Err(Error::new(ErrorKind::BadValue, "there is nothing to sort by").with_help("name a column"));
        }
        let keys = self.0.iter().map(|key| key.over(resolve(key.expr(), input.schema())));
        let keys = keys.collect::<Result<Vec<_>>>()?;
        refuse_aggregates(keys.iter().map(|key| &key.expr))?;
        build(input, |plan| plan.sort(keys))
    }
}
