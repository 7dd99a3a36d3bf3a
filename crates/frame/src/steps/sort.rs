//! `sort`: all rows in order, those of equal keys in the order in which they were; nulls last unless a key says otherwise.

use super::{Reach, Transform, listed};
use crate::{
    bind::{build, refuse_bare_aggregates, resolve, stage},
    expr::{Marker, SortKey, spread},
};
use datafusion::logical_expr::{LogicalPlan, SortExpr};
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
        let mut keys = Vec::with_capacity(self.0.len());
        for key in &self.0 {
            for expr in spread(std::slice::from_ref(key.expr()), input.schema(), &[])? {
                keys.push(key.over(resolve(&expr, input.schema()))?);
            }
        }
        refuse_bare_aggregates(keys.iter().map(|key| &key.expr))?;
        // Rows of equal keys stay in their order: DataFusion's sort does not keep it.
        keys.push(SortExpr::new(Marker::RowId.stand(Vec::new()), true, false));
        let (staged, exprs, hidden) = stage(input, keys.iter().map(|key| key.expr.clone()).collect())?;
        let keys: Vec<SortExpr> = keys.into_iter().zip(exprs).map(|(key, expr)| SortExpr { expr, ..key }).collect();
        hidden.leave_out(build(staged, |plan| plan.sort(keys))?)
    }
}
