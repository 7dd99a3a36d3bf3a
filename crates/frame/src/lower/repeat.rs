//! What running the tasks of a layer again gives: see [`Repeat`].
//!
//! After a worker was lost, some readers of its results have read the old ones and others will read those that are made
//! again. That both are the same rows is known of a plan node by node, from the leaves on:
//!
//! | what comes again | where it begins |
//! |---|---|
//! | the same rows in the same order | files and memory; other layers, which are read in the order of their tasks, wherever these ran |
//! | the same rows of each partition in another order | where partitions pour into one as they come: an exchange in a plan, a gather |
//! | the same rows, some in other partitions | a join that gives the rows of its collected side in whichever partition ends last |
//! | other rows | what takes rows by their place (`head`, `sample`, a function) where the place is another; `random()` |
//!
//! A layer that gives other rows is [`Repeat::Varies`]: it is not made again, and where its result is lost the run fails by its
//! name. So does what reads it, because what it read may be dropped by then and would be made anew for it.
//!
//! It is not looked at that an operator which runs short of memory, and then sorts on disk, may give its rows in another order.

use super::{
    class::{Class, Plan, class, partitions},
    edge_input::EdgeInputExec,
    own,
};
use datafusion::{
    common::tree_node::TreeNodeRecursion,
    physical_expr_common::physical_expr::is_volatile,
    physical_plan::{
        aggregates::AggregateExec,
        coalesce_partitions::CoalescePartitionsExec,
        joins::{HashJoinExec, NestedLoopJoinExec},
        limit::GlobalLimitExec,
        windows::{BoundedWindowAggExec, WindowAggExec},
    },
};
use stratal_core::graph::{Emits, Repeat};

/// Aggregates in whose results the order of rows shows.
const SEE_ORDER: [&str; 9] = [
    "any_value",
    "approx_median",
    "approx_percentile_cont",
    "approx_percentile_cont_with_weight",
    "array_agg",
    "first_value",
    "last_value",
    "nth_value",
    "string_agg",
];

/// What a plan gives when it runs again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Again {
    /// The same.
    Same,
    /// In each partition the same rows, in another order.
    Reordered,
    /// The same rows, some of them in other partitions.
    Moved,
    /// Other rows.
    Other,
}

/// What running a plan again gives, where making its inputs again gives this, by their numbers.
pub(super) fn of(plan: &Plan, inputs: &[Repeat], emits: Emits) -> Repeat {
    match (again(plan, inputs), emits) {
        (Again::Same, _) => Repeat::Pure,
        (Again::Reordered, _) => Repeat::OrderVaries,
        // A channel is read from all tasks, whichever of them had the row.
        (Again::Moved, Emits::Channels(_)) => Repeat::OrderVaries,
        (Again::Moved, Emits::Value) | (Again::Other, _) => Repeat::Varies,
    }
}

fn again(plan: &Plan, inputs: &[Repeat]) -> Again {
    if let Some(leaf) = plan.downcast_ref::<EdgeInputExec>() {
        return match inputs.get(leaf.input()) {
            Some(Repeat::Pure) => Again::Same,
            Some(Repeat::OrderVaries) => Again::Reordered,
            Some(Repeat::Varies | Repeat::Commit) | None => Again::Other,
        };
    }
    let below = plan.children().into_iter().map(|child| again(child, inputs)).max().unwrap_or(Again::Same);
    let given = match below {
        Again::Other => Again::Other,
        _ if draws(plan) => Again::Other,
        Again::Reordered | Again::Moved if takes_by_place(plan) => Again::Other,
        below => over(plan, below),
    };
    // There is no other partition.
    if given == Again::Moved && partitions(plan) == 1 { Again::Reordered } else { given }
}

/// What a node gives that neither draws nor takes rows by their place.
fn over(plan: &Plan, below: Again) -> Again {
    let is_of_several = plan.children().into_iter().any(|child| partitions(child) > 1);
    match class(plan) {
        Class::Shuffle if is_of_several => Again::Reordered,
        Class::Merge if plan.is::<CoalescePartitionsExec>() => Again::Reordered,
        Class::Other if plan.is::<HashJoinExec>() || plan.is::<NestedLoopJoinExec>() => Again::Moved,
        // Some partitions are chosen, or put together.
        Class::Regroup if below == Again::Moved => Again::Other,
        Class::Other if below != Again::Same => Again::Other,
        Class::Other if is_of_several => Again::Reordered,
        Class::Local if below == Again::Reordered && is_one_row(plan) => Again::Same,
        _ => below,
    }
}

/// Whether each of its partitions is one row.
fn is_one_row(plan: &Plan) -> bool {
    plan.downcast_ref::<AggregateExec>().is_some_and(|aggregate| aggregate.group_expr().is_empty())
}

/// Whether it computes what is another value at every call.
fn draws(plan: &Plan) -> bool {
    let mut found = false;
    // The visitor never fails.
    let _ = plan.apply_expressions(&mut |expr| {
        found |= is_volatile(expr);
        Ok(if found { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    });
    found
}

/// Whether other rows come out of it where those of its input come in another order.
pub(crate) fn takes_by_place(plan: &Plan) -> bool {
    if let Some(aggregate) = plan.downcast_ref::<AggregateExec>() {
        let sees_order = aggregate.aggr_expr().iter().any(|function| SEE_ORDER.contains(&function.fun().name()));
        return sees_order || aggregate.limit_options().is_some();
    }
    let is_known = plan.is::<GlobalLimitExec>() || plan.is::<WindowAggExec>() || plan.is::<BoundedWindowAggExec>();
    is_known || plan.fetch().is_some() || own::takes_by_place(plan)
}
