//! A plan to a physical one, with what it has twice computed once.
//!
//! Parts that are to be shared are taken out of the logical plan, and tables put in their places. The plan around them is
//! optimized. If a place would then have a filter or a limit done below, its part is left where it was, and all is done anew: places
//! that want different rows are better off apart. Else each part is planned with the columns that all its places want together, by
//! itself and in the same way, so that what is within it twice is shared too.

use super::{number::Numbered, places::put_in_place, table::Shared};
use crate::{
    error::to_datafusion,
    lower::{
        Plan,
        class::{Class, class, partitions},
        concat::{ConcatExec, arrange},
        operator::OperatorExec,
    },
    operators::{Hstack, SharedExec},
};
use datafusion::{
    common::{
        Result as DfResult,
        tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion},
    },
    execution::SessionState,
    logical_expr::LogicalPlan,
};
use futures::{FutureExt, future::BoxFuture};
use std::collections::HashSet;

/// How often it is tried to share something of a plan. Each time takes as long as optimizing the plan.
const ATTEMPTS: usize = 4;

/// The physical plan of a logical one that will not be cut.
pub(crate) async fn planned_whole(state: &SessionState, plan: &LogicalPlan) -> DfResult<Plan> {
    if Numbered::of(plan)?.common(&HashSet::new()).is_empty() {
        return state.create_physical_plan(plan).await;
    }
    // As it will run: who reads partitions in order is put there last.
    match shared(state, plan).await.and_then(|shared| arrange(shared).map_err(to_datafusion)) {
        Ok(shared) if !chooses_partitions(&shared) && !reads_in_turn(&shared) => Ok(shared),
        // What is wrong is said of the plan that was written. Partitions are chosen of a layer, of which each task runs by itself.
        // And who reads one partition after another would have all others kept meanwhile.
        _ => state.create_physical_plan(plan).await,
    }
}

/// Whether some of the partitions of a part are read.
fn chooses_partitions(plan: &Plan) -> bool {
    class(plan) == Class::Regroup || plan.children().into_iter().any(chooses_partitions)
}

/// Whether some place reads the partitions of what is shared one after another.
fn reads_in_turn(plan: &Plan) -> bool {
    let is_in_turn = plan.is::<ConcatExec>() || plan.is::<OperatorExec<Hstack>>();
    let reads = |child: &Plan| reads_in_turn(child) || is_in_turn && passes_on(child);
    plan.children().into_iter().any(reads)
}

/// Whether a plan passes on the partitions of what is shared as they come. An exchange, a merge or a table of groups between them
/// reads all of them at once.
fn passes_on(plan: &Plan) -> bool {
    if plan.is::<SharedExec>() {
        return partitions(plan) > 1;
    }
    let is_between = matches!(class(plan), Class::Shuffle | Class::Merge);
    !is_between && plan.children().into_iter().any(passes_on)
}

async fn shared(state: &SessionState, plan: &LogicalPlan) -> DfResult<Plan> {
    // Types are settled before it is looked at what is equal, and once.
    let analyzed = state.analyzer().execute_and_check(plan.clone(), state.config_options(), |_, _| {})?;
    Planning { state, last: 0 }.plan(analyzed).await
}

struct Planning<'s> {
    state: &'s SessionState,
    /// The last number that was given to rows that are shared.
    last: u32,
}

impl Planning<'_> {
    /// The physical plan of an analyzed one.
    fn plan(&mut self, plan: LogicalPlan) -> BoxFuture<'_, DfResult<Plan>> {
        async move {
            let (plan, shared) = self.around(plan)?;
            for mut part in shared {
                let rows = self.plan(part.wanted()?).await?;
                part.give(rows);
            }
            let physical = self.state.query_planner().create_physical_plan(&plan, self.state).await?;
            put_in_place(physical, &mut self.last)
        }
        .boxed()
    }

    /// The plan around what is shared, optimized, and what that is.
    fn around(&mut self, plan: LogicalPlan) -> DfResult<(LogicalPlan, Vec<Shared>)> {
        let numbered = Numbered::of(&plan)?;
        let (mut unshared, last) = (HashSet::new(), self.last);
        for _ in 0..ATTEMPTS {
            let common = numbered.common(&unshared);
            if common.is_empty() {
                break;
            }
            let (around, mut shared) = self.take_out(plan.clone(), &numbered, &common)?;
            let around = self.optimize(around)?;
            around.apply_with_subqueries(|node| {
                if let LogicalPlan::TableScan(scan) = node {
                    shared.iter_mut().for_each(|part| part.note(scan));
                }
                Ok(TreeNodeRecursion::Continue)
            })?;
            let refused = shared.iter().filter(|part| part.is_better_apart()).map(|part| part.number);
            let refused: Vec<usize> = refused.collect();
            if refused.is_empty() {
                return Ok((around, shared));
            }
            self.last = last;
            unshared.extend(refused.into_iter().flat_map(|number| numbered.reached_from(number)));
        }
        Ok((self.optimize(plan)?, Vec::new()))
    }

    /// The plan with tables in place of these parts.
    fn take_out(&mut self, plan: LogicalPlan, numbered: &Numbered, common: &[usize]) -> DfResult<(LogicalPlan, Vec<Shared>)> {
        let mut shared: Vec<Shared> = Vec::new();
        let mut at = 0;
        let around = plan.transform_down(|node| {
            let place = numbered.nodes[at];
            if !common.contains(&place.number) {
                at += 1;
                return Ok(Transformed::no(node));
            }
            at += place.size;
            let known = shared.iter().position(|part| part.number == place.number);
            let known = known.unwrap_or_else(|| {
                self.last += 1;
                shared.push(Shared::new(place.number, self.last, node));
                shared.len() - 1
            });
            Ok(Transformed::new(shared[known].place()?, true, TreeNodeRecursion::Jump))
        });
        Ok((around.data()?, shared))
    }

    fn optimize(&self, plan: LogicalPlan) -> DfResult<LogicalPlan> {
        self.state.optimizer().optimize(plan, self.state, |_, _| {})
    }
}

#[cfg(test)]
mod tests {
    use crate::{DFrame, How, col, count, frame, on, session};
    use datafusion::physical_plan::displayable;
    use stratal_core::config::Config;

    /// The plan of a frame, in two partitions after an exchange.
    fn shown(frame: &DFrame, is_cut: bool) -> String {
        let plan = session::physical_plan(&Config::default(), &frame.bound().unwrap(), 2, is_cut).unwrap();
        displayable(plan.as_ref()).indent(false).to_string()
    }

    fn times(text: &str, part: &str) -> usize {
        text.matches(part).count()
    }

    fn joined() -> DFrame {
        let rows = frame! { "k" => [1i64, 2, 2, 3], "x" => [10i64, 20, 30, 40], "y" => [1i64, 2, 3, 4], "z" => [0i64, 0, 0, 0] };
        rows.join(&frame! { "k" => [1i64, 2], "name" => ["one", "two"] }, on("k"))
    }

    #[test]
    fn an_aggregate_that_is_joined_to_its_own_input_reads_it_once() {
        let lines = joined();
        let least = lines.group_by("k").agg(col("x").mean().alias("least"));
        let query = lines.join(&least, on("k")).filter(col("x").lt(col("least"))).agg(col("x").sum());
        let text = shown(&query, false);
        assert_eq!(times(&text, "SharedExec: 1, read by 2"), 2, "{text}");
        // Neither place wants them.
        assert_eq!((times(&text, "name"), times(&text, "z@")), (0, 0), "{text}");
        assert!(!shown(&query, true).contains("Shared"));
    }

    #[test]
    fn places_that_want_other_rows_have_plans_of_their_own() {
        let lines = joined();
        let some = DFrame::concat(&[&lines.filter(col("x").gt(10)), &lines], How::ByName);
        assert!(!shown(&some, false).contains("Shared"));
        let some = DFrame::concat(&[&lines.head(2), &lines], How::ByName);
        assert!(!shown(&some, false).contains("Shared"));
        // The filter is on sums, which are computed apart, of rows that are shared.
        let sums = lines.group_by("k").agg(col("x").sum());
        let some = DFrame::concat(&[&sums.filter(col("x").gt(10)), &sums], How::ByName);
        let text = shown(&some, false);
        assert_eq!(times(&text, "SharedExec: 1, read by 2"), 2, "{text}");
    }

    #[test]
    fn what_is_shared_within_what_is_shared_has_numbers_of_its_own_in_each_copy() {
        let inner = joined();
        let outer = inner.join(&inner.group_by("k").agg(count().alias("rows")), on("k"));
        let text = shown(&DFrame::concat(&[&outer, &outer, &outer], How::ByName), false);
        assert_eq!(times(&text, "SharedExec: 1, read by 3"), 3, "{text}");
        for id in 2..5 {
            assert_eq!(times(&text, &format!("SharedExec: {id}, read by 2")), 2, "{text}");
        }
    }

    #[test]
    fn sides_of_a_join_that_are_one_frame_keep_their_names_apart() {
        let lines = joined();
        let text = shown(&lines.join(&lines.select(["k", "x"]), on("k").suffix("_2")), false);
        assert_eq!(times(&text, "SharedExec: 1, read by 2"), 2, "{text}");
    }

    #[test]
    fn what_is_read_one_partition_after_another_is_not_kept_for_it() {
        let rows = frame! { "k" => [1i64, 2, 2, 3], "x" => [10i64, 20, 30, 40] }.collect().unwrap();
        let rows = DFrame::from_batches(rows.schema().clone(), rows.batches().iter().cycle().take(2).cloned().collect::<Vec<_>>());
        let lines = rows.join(&frame! { "k" => [1i64, 2], "name" => ["one", "two"] }, on("k").broadcast(true));
        let sums = lines.group_by("k").agg(col("x").sum());
        let both = |last: &DFrame| shown(&DFrame::concat(&[last, &sums], How::ByName), false);
        assert!(!both(&lines.tail(1).select(["k", "x"])).contains("Shared"));
        assert!(both(&lines.select(["k", "x"])).contains("Shared"));
    }
}
