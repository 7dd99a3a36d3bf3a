//! Counts of different values by group, planned as one exchange and one table of groups.
//!
//! DataFusion makes two group-bys of such a count: by key and value, which leaves each pair once, and then by key. Each is
//! spread over partitions by the hash of all that it groups by, so that rows are sent twice and looked up up to four times.
//! Here they are sent once, by the key alone, and [`CountDistinct`] counts. What is done before rows are sent stays: pairs that
//! come again are left out there, unless nearly all of them are new.
//!
//! Keys and values may be computed, as values of floats are, of which there is one zero and one NaN: the pairs have them as columns.
//!
//! Keys of truths stay with DataFusion: their few groups would keep few partitions busy. So do counts without keys.

use crate::{
    error::to_datafusion,
    lower::{OperatorExec, Plan},
    operators::CountDistinct,
};
use arrow_schema::DataType;
use datafusion::{
    common::{
        Result as DfResult,
        tree_node::{Transformed, TransformedResult, TreeNode},
    },
    config::ConfigOptions,
    physical_expr::{PhysicalExpr, expressions::Column},
    physical_optimizer::PhysicalOptimizerRule,
    physical_plan::{
        ExecutionPlan,
        aggregates::{AggregateExec, AggregateMode},
    },
};
use std::sync::Arc;

/// Counts different values in one node, where DataFusion would group twice.
#[derive(Debug)]
pub(super) struct CountByKey;

impl PhysicalOptimizerRule for CountByKey {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> DfResult<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|node| match counting(&node) {
            None => Ok(Transformed::no(node)),
            Some((operator, input)) => {
                let counts: Plan = Arc::new(OperatorExec::new(operator, vec![input]).map_err(to_datafusion)?);
                // Whatever else columns are said to be stays.
                Ok(if counts.schema() == node.schema() { Transformed::yes(counts) } else { Transformed::no(node) })
            }
        })
        .data()
    }

    fn name(&self) -> &str {
        "count_by_key"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// The two nodes that an aggregate with keys is planned as: the last, and the one before rows are spread.
fn stages(plan: &Plan) -> Option<(&AggregateExec, &AggregateExec)> {
    let last = plan.downcast_ref::<AggregateExec>()?;
    let first = last.input().downcast_ref::<AggregateExec>()?;
    let is_whole = matches!(last.mode(), AggregateMode::Final | AggregateMode::FinalPartitioned) && *first.mode() == AggregateMode::Partial;
    let is_plain = |node: &AggregateExec| {
        let keys = node.group_expr();
        let sees_all = node.limit_options().is_none() && node.filter_expr().iter().all(Option::is_none);
        sees_all && keys.is_single() && !keys.is_empty()
    };
    (is_whole && is_plain(last) && is_plain(first)).then_some((last, first))
}

/// What counts the different values, if a plan does that in two group-bys; and the pairs of keys and values that it counts.
fn counting(plan: &Plan) -> Option<(CountDistinct, Plan)> {
    let (last, outer) = stages(plan)?;
    let (pairs, inner) = stages(outer.input())?;
    let [count] = outer.aggr_expr() else { return None };
    if count.fun().name() != "count" || count.is_distinct() || !inner.aggr_expr().is_empty() {
        return None;
    }
    let value = match &count.expressions()[..] {
        [value] => place(value)?,
        _ => return None,
    };
    let named = outer.group_expr().expr().iter().map(|(key, name)| Some((place(key)?, name.clone())));
    let keys = named.collect::<Option<Vec<(usize, String)>>>()?;
    // Every column of the pairs is one of the keys, or the value.
    let columns = inner.group_expr().expr().len();
    let are_all = keys.len() + 1 == columns && (0..columns).all(|at| at == value || keys.iter().any(|(key, _)| *key == at));
    let input = pairs.input();
    let of = |at: usize| input.schema().field(at).data_type().clone();
    if !are_all || keys.iter().all(|(key, _)| of(*key) == DataType::Boolean) || of(value) == DataType::Null {
        return None;
    }
    let name = last.aggr_expr().first()?.name().to_owned();
    Some((CountDistinct { keys, value, name }, input.clone()))
}

/// Where a column is.
fn place(expr: &Arc<dyn PhysicalExpr>) -> Option<usize> {
    expr.downcast_ref::<Column>().map(Column::index)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DFrame, col, count, frame, session};
    use datafusion::physical_plan::{ExecutionPlanProperties, displayable};
    use stratal_core::config::Config;

    /// Two partitions.
    fn rows() -> DFrame {
        let rows = frame! { "k" => ["a", "b", "a"], "l" => [1i64, 2, 1], "b" => [true, false, true], "v" => [1i64, 1, 2] };
        let rows = rows.with_column("f", col("v").cast("f64"));
        let rows = rows.collect().unwrap();
        DFrame::from_batches(rows.schema().clone(), rows.batches().iter().cycle().take(2).cloned().collect::<Vec<_>>())
    }

    fn plan(frame: &DFrame) -> Plan {
        session::physical_plan(&Config::default(), &frame.bound().unwrap(), 4, true).unwrap()
    }

    /// The nodes of a plan, from the top, without what they say of themselves.
    fn planned(frame: &DFrame) -> Vec<String> {
        let text = displayable(plan(frame).as_ref()).indent(false).to_string();
        let name = |line: &str| {
            let name = line.trim_start().split([':', ' ']).next().unwrap_or_default().to_owned();
            if line.contains("mode=Partial") { format!("{name}(partial)") } else { name }
        };
        text.lines().map(name).filter(|name| name != "ProjectionExec" && name != "CooperativeExec").collect()
    }

    #[test]
    fn a_count_by_key_sends_rows_once_and_groups_once() {
        let n = col("v").n_unique().alias("n");
        let shape = ["CountDistinctExec", "RepartitionExec", "AggregateExec(partial)", "DataSourceExec"];
        let rows = rows();
        assert_eq!(planned(&rows.group_by("k").agg(n.clone())), shape);
        assert_eq!(planned(&rows.group_by(["k", "l"]).agg(n.clone())), shape);
        assert_eq!(planned(&rows.group_by((col("l") % 2).alias("odd")).agg(n.clone())), shape);
        assert_eq!(planned(&rows.group_by(["k", "b"]).agg(n)), shape);
        assert_eq!(planned(&rows.group_by("k").agg(col("f").n_unique())), shape);
        let sql = "SELECT k, count(DISTINCT v) AS n, l + 1 AS m FROM rows GROUP BY k, l + 1";
        assert_eq!(planned(&DFrame::sql(sql, [("rows", &rows)])), shape);
    }

    #[test]
    fn groups_are_spread_by_the_key_as_those_of_other_aggregates_are() {
        let rows = rows();
        for keys in [&["k"][..], &["l", "k"]] {
            let groups = rows.group_by(keys.to_vec());
            let of = |frame: DFrame| plan(&frame).output_partitioning().to_string();
            let spread = of(groups.agg(col("v").n_unique().alias("n")));
            assert!(spread.starts_with("Hash(["), "{spread}");
            assert_eq!(spread, of(groups.agg(col("v").sum().alias("n"))));
        }
    }

    #[test]
    fn other_aggregates_and_other_keys_stay_as_datafusion_plans_them() {
        let (rows, n) = (rows(), col("v").n_unique().alias("n"));
        let others = [
            rows.agg(n.clone()),
            rows.group_by("b").agg(n.clone()),
            rows.group_by("k").agg([n.clone(), count().alias("all")]),
            rows.group_by("k").agg([n.clone(), col("v").sum().distinct()]),
            rows.group_by("k").agg([n.clone(), col("l").n_unique()]),
            rows.group_by("k").agg(col("v").n_unique().filter(col("b"))),
            rows.group_by("k").agg(col("v").sum().distinct()),
        ];
        for other in others {
            assert!(!planned(&other).contains(&"CountDistinctExec".to_owned()), "{:?}", planned(&other));
        }
    }
}
