//! The nodes that read what is shared, in a physical plan in which all else is decided.

use super::leaf::SharedLeaf;
use crate::{
    lower::Plan,
    operators::{SharedExec, Sharing},
};
use datafusion::common::{
    Result as DfResult,
    tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion},
};
use std::{collections::HashMap, sync::Arc};

/// Puts nodes in place of leaves, each over a copy of the rows' plan. `next` is the next number for rows that are shared.
pub(super) fn put_in_place(plan: Plan, next: &mut u32) -> DfResult<Plan> {
    let mut readers: HashMap<u32, u32> = HashMap::new();
    plan.apply(|node| {
        if let Some(leaf) = node.downcast_ref::<SharedLeaf>() {
            *readers.entry(leaf.id).or_default() += 1;
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    let mut placed: HashMap<u32, u32> = HashMap::new();
    let put = plan.transform_up(|node| {
        let Some(leaf) = node.downcast_ref::<SharedLeaf>() else { return Ok(Transformed::no(node)) };
        let readers = readers.get(&leaf.id).copied().unwrap_or(1);
        if readers == 1 {
            return Ok(Transformed::yes(leaf.rows.clone()));
        }
        let reader = placed.entry(leaf.id).or_default();
        let rows = if *reader == 0 { leaf.rows.clone() } else { numbered_anew(leaf.rows.clone(), next)? };
        let sharing = Sharing { id: leaf.id, reader: *reader, readers };
        *reader += 1;
        Ok(Transformed::yes(Arc::new(SharedExec::new(sharing, rows)) as Plan))
    });
    put.data()
}

/// A copy of a plan that shares no rows with the plan itself: only one of the two may be executed, and all within one is.
fn numbered_anew(plan: Plan, next: &mut u32) -> DfResult<Plan> {
    let mut anew: HashMap<u32, u32> = HashMap::new();
    let numbered = plan.transform_up(|node| {
        let Some(shared) = node.downcast_ref::<SharedExec>() else { return Ok(Transformed::no(node)) };
        let sharing = shared.sharing();
        let id = *anew.entry(sharing.id).or_insert_with(|| {
            *next += 1;
            *next
        });
        Ok(Transformed::yes(Arc::new(SharedExec::new(Sharing { id, ..sharing }, shared.input().clone())) as Plan))
    });
    numbered.data()
}
