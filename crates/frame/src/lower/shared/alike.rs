//! Whether two logical nodes do the same with the same inputs.
//!
//! `==` of plans is not asked: it compares all that is beneath, and takes scans of two tables of one name and schema for equal.

use crate::nodes::is_own;
use datafusion::logical_expr::{Distinct, LogicalPlan};
use std::sync::Arc;

/// Whether two nodes do the same, whose inputs are the same. What is not known here is like nothing.
pub(super) fn alike(one: &LogicalPlan, other: &LogicalPlan) -> bool {
    match (one, other) {
        (LogicalPlan::Projection(one), LogicalPlan::Projection(other)) => one.expr == other.expr && one.schema == other.schema,
        (LogicalPlan::Filter(one), LogicalPlan::Filter(other)) => one.predicate == other.predicate,
        (LogicalPlan::Window(one), LogicalPlan::Window(other)) => one.window_expr == other.window_expr && one.schema == other.schema,
        (LogicalPlan::Aggregate(one), LogicalPlan::Aggregate(other)) => {
            one.group_expr == other.group_expr && one.aggr_expr == other.aggr_expr && one.schema == other.schema
        }
        (LogicalPlan::Sort(one), LogicalPlan::Sort(other)) => one.expr == other.expr && one.fetch == other.fetch,
        (LogicalPlan::Join(one), LogicalPlan::Join(other)) => {
            let (kind, other_kind) = ((one.join_type, one.join_constraint), (other.join_type, other.join_constraint));
            let (nulls, other_nulls) = ((one.null_equality, one.null_aware), (other.null_equality, other.null_aware));
            let is_on_the_same = one.on == other.on && one.filter == other.filter;
            is_on_the_same && kind == other_kind && nulls == other_nulls && one.schema == other.schema
        }
        (LogicalPlan::Union(one), LogicalPlan::Union(other)) => one.schema == other.schema,
        (LogicalPlan::SubqueryAlias(one), LogicalPlan::SubqueryAlias(other)) => one.alias == other.alias && one.schema == other.schema,
        (LogicalPlan::Limit(one), LogicalPlan::Limit(other)) => one.skip == other.skip && one.fetch == other.fetch,
        (LogicalPlan::Distinct(Distinct::All(_)), LogicalPlan::Distinct(Distinct::All(_))) => true,
        (LogicalPlan::Distinct(Distinct::On(one)), LogicalPlan::Distinct(Distinct::On(other))) => {
            let is_on_the_same = one.on_expr == other.on_expr && one.sort_expr == other.sort_expr;
            is_on_the_same && one.select_expr == other.select_expr && one.schema == other.schema
        }
        (LogicalPlan::TableScan(read), LogicalPlan::TableScan(other_read)) => Arc::ptr_eq(&read.source, &other_read.source) && one == other,
        (LogicalPlan::EmptyRelation(_), LogicalPlan::EmptyRelation(_)) | (LogicalPlan::Values(_), LogicalPlan::Values(_)) => one == other,
        // A node of ours is told apart by what `explain` prints of it, where names are listed.
        (LogicalPlan::Extension(node), LogicalPlan::Extension(other_node)) => {
            let are_own = is_own(node.node.as_ref()) && is_own(other_node.node.as_ref());
            are_own && names_are_plain(one) && one.schema() == other.schema() && one.display().to_string() == other.display().to_string()
        }
        _ => false,
    }
}

/// Whether no name of the columns that a node sees could be read as two.
fn names_are_plain(node: &LogicalPlan) -> bool {
    let is_plain = |name: &String| !name.contains([',', ';', '[', ']']);
    node.inputs().into_iter().flat_map(|input| input.schema().fields()).all(|field| is_plain(field.name()))
}
