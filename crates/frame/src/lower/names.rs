//! What layers are called: by the words of the steps, from the nodes of the physical plan, in the order in which rows
//! meet them. `read-csv+filter+add`.

use super::own;
use crate::{source::HeldExec, steps::arithmetic_name};
use datafusion::{
    catalog::memory::DataSourceExec,
    physical_expr::expressions::{BinaryExpr, Column},
    physical_plan::{
        ExecutionPlan,
        aggregates::{AggregateExec, AggregateMode},
        filter::FilterExec,
        joins::{CrossJoinExec, HashJoinExec, SortMergeJoinExec},
        limit::{GlobalLimitExec, LocalLimitExec},
        projection::ProjectionExec,
        repartition::RepartitionExec,
        sorts::{sort::SortExec, sort_preserving_merge::SortPreservingMergeExec},
        union::UnionExec,
        windows::{BoundedWindowAggExec, WindowAggExec},
    },
};
use std::sync::Arc;

/// The names of a fragment's nodes, leaves first; a name that follows itself is given once.
pub(crate) fn parts(plan: &Arc<dyn ExecutionPlan>) -> Vec<String> {
    let mut names = Vec::new();
    collect(plan, &mut names);
    names.dedup();
    if names.is_empty() {
        names.push("read".to_owned());
    }
    names
}

fn collect(plan: &Arc<dyn ExecutionPlan>, names: &mut Vec<String>) {
    plan.children().into_iter().for_each(|child| collect(child, names));
    names.extend(name(plan));
}

/// The name of a node; none for one that only moves rows.
pub(crate) fn name(plan: &Arc<dyn ExecutionPlan>) -> Option<String> {
    if let Some(own) = own::layer(plan) {
        return own;
    }
    let known = if plan.is::<DataSourceExec>() {
        "from-memory"
    } else if plan.is::<HeldExec>() {
        return None;
    } else if plan.is::<FilterExec>() {
        "filter"
    } else if let Some(projection) = plan.downcast_ref::<ProjectionExec>() {
        projected(projection)
    } else if let Some(aggregate) = plan.downcast_ref::<AggregateExec>() {
        match aggregate.mode() {
            AggregateMode::Partial => "partial-aggregate",
            _ => "aggregate",
        }
    } else if plan.is::<SortExec>() {
        "sort"
    } else if plan.is::<SortPreservingMergeExec>() {
        "merge"
    } else if plan.is::<RepartitionExec>() {
        "shuffle"
    } else if plan.is::<GlobalLimitExec>() || plan.is::<LocalLimitExec>() {
        "head"
    } else if plan.is::<HashJoinExec>() || plan.is::<SortMergeJoinExec>() {
        "join"
    } else if plan.is::<CrossJoinExec>() {
        "join-cross"
    } else if plan.is::<UnionExec>() {
        "concat"
    } else if plan.is::<WindowAggExec>() || plan.is::<BoundedWindowAggExec>() {
        "window"
    } else {
        return other(plan.name());
    };
    Some(known.to_owned())
}

/// A projection is called by its only computation, if that is arithmetic.
fn projected(projection: &ProjectionExec) -> &'static str {
    let mut computed = projection.expr().iter().filter(|expr| !expr.expr.is::<Column>());
    match (computed.next(), computed.next()) {
        (None, _) => "select",
        (Some(only), None) => only.expr.downcast_ref::<BinaryExpr>().and_then(|binary| arithmetic_name(binary.op())).unwrap_or("project"),
        _ => "project",
    }
}

/// `NestedLoopJoinExec` is `nested-loop-join`. Nodes that only move or watch rows have no name.
fn other(node: &str) -> Option<String> {
    let name = match node {
        "CooperativeExec" | "CoalesceBatchesExec" => return None,
        "CoalescePartitionsExec" => "gather",
        other => other.strip_suffix("Exec").unwrap_or(other),
    };
    let mut text = String::new();
    for character in name.chars() {
        if character.is_uppercase() && !text.is_empty() {
            text.push('-');
        }
        text.extend(character.to_lowercase());
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_without_a_word_of_their_own_are_called_by_their_type() {
        assert_eq!(other("NestedLoopJoinExec").as_deref(), Some("nested-loop-join"));
        assert_eq!(other("CooperativeExec"), None);
    }
}
