//! [`Fold`]: aggregates that statistics answer, without a row being read.
//!
//! This is DataFusion's rule, but for aggregates of different values. It takes a column's exact number of different values for
//! the answer, and a filter says that there is exactly one where it lets one value through (`x = 3`), whether or not a row has
//! it. So these are counted.

use datafusion::{
    common::Result as DfResult,
    config::ConfigOptions,
    physical_optimizer::{PhysicalOptimizerRule, aggregate_statistics::AggregateStatistics},
    physical_plan::{ExecutionPlan, aggregates::AggregateExec, execution_plan::replace_children_if_necessary},
};
use std::sync::Arc;

/// Takes the place of DataFusion's rule, under its name.
#[derive(Debug)]
pub(super) struct Fold(AggregateStatistics);

impl Fold {
    /// The name of the rule.
    pub(super) const NAME: &'static str = "aggregate_statistics";

    pub(super) fn new() -> Self {
        Fold(AggregateStatistics::new())
    }
}

impl PhysicalOptimizerRule for Fold {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, config: &ConfigOptions) -> DfResult<Arc<dyn ExecutionPlan>> {
        if may_fold(&plan) {
            // An aggregate that is none any more was answered; what is below of one that still is, is seen to here.
            let folded = self.0.optimize(plan.clone(), config)?;
            if !folded.is::<AggregateExec>() {
                return Ok(folded);
            }
        }
        let children = plan.children().into_iter().map(|child| self.optimize(child.clone(), config));
        let children = children.collect::<DfResult<Vec<_>>>()?;
        replace_children_if_necessary(plan, children)
    }

    fn name(&self) -> &str {
        Self::NAME
    }

    /// Answers are never null, where aggregates may be.
    fn schema_check(&self) -> bool {
        false
    }
}

/// Whether it is one row of aggregates, none of them of different values.
fn may_fold(plan: &Arc<dyn ExecutionPlan>) -> bool {
    plan.downcast_ref::<AggregateExec>()
        .is_some_and(|aggregate| aggregate.group_expr().is_empty() && !aggregate.aggr_expr().iter().any(|value| value.is_distinct()))
}

#[cfg(test)]
mod tests {
    use crate::{DFrame, col, count, frame, session};
    use datafusion::physical_plan::displayable;
    use stratal_core::config::Config;

    /// Whether the plan reads no rows.
    fn is_answered(frame: &DFrame) -> bool {
        let plan = session::physical_plan(&Config::default(), &frame.bound().unwrap(), 4, true).unwrap();
        displayable(plan.as_ref()).indent(false).to_string().contains("PlaceholderRowExec")
    }

    #[test]
    fn what_a_filter_lets_through_alone_is_counted_where_there_are_rows_of_it() {
        let rows = frame! { "x" => [1i64, 3, 5, 3], "y" => [4i64, 2, 6, 8] };
        let of = |x: i64, y: i64| {
            let counts = rows.filter(col("x").eq(x).and(col("y").eq(y))).agg([col("x").n_unique(), col("y").n_unique()]);
            assert!(!is_answered(&counts));
            let counts = counts.collect().unwrap();
            (counts.value::<i64>(0, "x").unwrap(), counts.value::<i64>(0, "y").unwrap())
        };
        assert_eq!((of(3, 4), of(3, 8)), ((0, 0), (1, 1)));
    }

    #[test]
    fn counts_of_rows_are_answered_as_before_also_below_others() {
        let rows = frame! { "x" => [1i64, 3, 5] };
        assert!(is_answered(&rows.agg(count())));
        // A sum that is added up, over a count that is known.
        let below = rows.agg(count().alias("n")).filter(col("n").gt(1)).agg(col("n").sum());
        assert!(is_answered(&below));
        assert_eq!(below.collect().unwrap().item::<i64>().unwrap(), 3);
        assert!(!is_answered(&rows.agg([col("x").n_unique().alias("n"), count().alias("rows")])));
    }
}
