//! What nodes do to partitions. The cutter cuts apart what is known here, and nothing else.

use super::{own, spread::gives_build_rows};
use crate::source::{DelayedExec, HeldExec};
use datafusion::{
    catalog::memory::{DataSourceExec, MemorySourceConfig},
    common::JoinType,
    physical_plan::{
        ExecutionPlan, ExecutionPlanProperties, Partitioning, Statistics, StatisticsArgs, StatisticsContext,
        aggregates::AggregateExec,
        coalesce_partitions::CoalescePartitionsExec,
        coop::CooperativeExec,
        empty::EmptyExec,
        filter::FilterExec,
        joins::{CrossJoinExec, HashJoinExec, NestedLoopJoinExec, PartitionMode, SortMergeJoinExec},
        limit::{GlobalLimitExec, LocalLimitExec},
        placeholder_row::PlaceholderRowExec,
        projection::ProjectionExec,
        repartition::RepartitionExec,
        sorts::{sort::SortExec, sort_preserving_merge::SortPreservingMergeExec},
        union::UnionExec,
        windows::{BoundedWindowAggExec, WindowAggExec},
    },
};
use std::sync::Arc;

pub(crate) type Plan = Arc<dyn ExecutionPlan>;

/// What a node does to partitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// Partition *i* depends on partition *i* of each of its inputs alone.
    Local,
    /// Partition *i* depends on all of the first input, which is one partition, and on partition *i* of the second.
    Broadcast,
    /// The partitions of the first input, then those of the second, and so on.
    Stack,
    /// Sends each row to the partition that the hash of its keys names.
    Shuffle,
    /// Makes one partition of several.
    Merge,
    /// Partition *i* is some of the partitions of its input, one after another.
    Regroup,
    /// Sends each row to a partition, as the node itself says.
    Exchange,
    /// Calls a function of the user's, partition by partition: a layer of its own, of another kind.
    Call,
    /// Not known.
    Other,
}

pub(super) fn partitions(plan: &Plan) -> usize {
    plan.output_partitioning().partition_count()
}

/// What DataFusion knows or estimates of all rows of a plan; nothing, where it cannot say.
pub(crate) fn estimated(plan: &Plan) -> Option<Arc<Statistics>> {
    StatisticsContext::new().compute(plan.as_ref(), &StatisticsArgs::new()).ok()
}

/// What a node does to partitions.
pub(crate) fn class(plan: &Plan) -> Class {
    if let Some(class) = own::class(plan) {
        return class;
    }
    if let Some(repartition) = plan.downcast_ref::<RepartitionExec>() {
        let is_hash = matches!(repartition.partitioning(), Partitioning::Hash(..));
        return if is_hash && !repartition.preserve_order() { Class::Shuffle } else { Class::Other };
    }
    if plan.is::<CoalescePartitionsExec>() || plan.is::<SortPreservingMergeExec>() {
        return if partitions(plan.children()[0]) > 1 { Class::Merge } else { Class::Local };
    }
    if plan.is::<UnionExec>() {
        return Class::Stack;
    }
    if let Some(class) = join(plan) {
        return class;
    }
    let is_local = match plan.downcast_ref::<SortExec>() {
        Some(sort) => sort.preserve_partitioning() || partitions(sort.input()) == 1,
        None => match plan.downcast_ref::<DataSourceExec>() {
            Some(source) => source.data_source().is::<MemorySourceConfig>(),
            None => {
                (plan.is::<GlobalLimitExec>() && partitions(plan.children()[0]) == 1)
                    || plan.is::<LocalLimitExec>()
                    || plan.is::<FilterExec>()
                    || plan.is::<ProjectionExec>()
                    || plan.is::<AggregateExec>()
                    || plan.is::<WindowAggExec>()
                    || plan.is::<BoundedWindowAggExec>()
                    || plan.is::<CooperativeExec>()
                    || is_stored(plan)
                    || plan.is::<EmptyExec>()
                    || plan.is::<PlaceholderRowExec>()
            }
        },
    };
    if is_local { Class::Local } else { Class::Other }
}

/// The class of a join, if it is one.
fn join(plan: &Plan) -> Option<Class> {
    if let Some(join) = plan.downcast_ref::<HashJoinExec>() {
        return Some(match join.partition_mode() {
            PartitionMode::Partitioned => Class::Local,
            PartitionMode::CollectLeft => collected(*join.join_type(), join.right()),
            PartitionMode::Auto => Class::Other,
        });
    }
    if let Some(join) = plan.downcast_ref::<CrossJoinExec>() {
        return Some(collected(JoinType::Inner, join.right()));
    }
    if let Some(join) = plan.downcast_ref::<NestedLoopJoinExec>() {
        return Some(collected(*join.join_type(), join.right()));
    }
    plan.is::<SortMergeJoinExec>().then_some(Class::Local)
}

/// A join that reads its left side whole, for all partitions of its right.
fn collected(kind: JoinType, right: &Plan) -> Class {
    match partitions(right) {
        1 => Class::Local,
        _ if gives_build_rows(kind) => Class::Other,
        _ => Class::Broadcast,
    }
}

/// Whether nothing in it is unknown.
pub(super) fn all_known(plan: &Plan) -> bool {
    class(plan) != Class::Other && plan.children().into_iter().all(all_known)
}

/// Whether its partitions have nothing to do with each other. What is below a node that regroups them is read from there, or
/// made in layers of its own.
pub(super) fn all_local(plan: &Plan) -> bool {
    match class(plan) {
        Class::Local => plan.children().into_iter().all(all_local),
        class => class == Class::Regroup,
    }
}

/// Whether it stands for results of tasks, of this run or of another.
fn is_stored(plan: &Plan) -> bool {
    plan.is::<HeldExec>() || plan.is::<DelayedExec>()
}

/// Whether partition *i* can be had from the node itself, whatever the number of the task that wants it.
pub(super) fn is_inline(plan: &Plan) -> bool {
    let has_its_own = matches!(class(plan), Class::Local | Class::Stack | Class::Regroup) && !is_stored(plan);
    has_its_own && plan.children().into_iter().all(is_inline)
}

/// Whether there is a node in it that runs as layers of its own, wherever the plan runs.
pub(crate) fn must_be_cut(plan: &Plan) -> bool {
    matches!(class(plan), Class::Exchange | Class::Call) || plan.children().into_iter().any(must_be_cut)
}

/// Whether there is an unknown node between this one and the next cuts below it.
pub(super) fn has_unknown(plan: &Plan) -> bool {
    match class(plan) {
        Class::Other => true,
        Class::Local => plan.children().into_iter().any(has_unknown),
        Class::Broadcast => has_unknown(plan.children()[1]),
        // The inputs of a stack are in it only if all of them is known, and so is that of what regroups.
        Class::Stack | Class::Shuffle | Class::Merge | Class::Regroup | Class::Exchange | Class::Call => false,
    }
}
