//! Whether it shows in which order the frames of a union stand one after another.
//!
//! The engine gives each task some of the frames, and those that are left over to whichever task comes first: rows come out in
//! another order than that of the frames. Where that shows, a union is one task.

use crate::lower::{Plan, sees_order, takes_by_place};
use datafusion::physical_plan::{repartition::RepartitionExec, union::UnionExec};

/// Whether something looks at the order of the rows of a union in a plan, be it who is given the plan's rows.
pub(super) fn in_order(plan: &Plan) -> bool {
    is_seen(plan, true)
}

/// [`in_order`], where `above` says whether something above looks at the order of the plan's rows.
fn is_seen(plan: &Plan, above: bool) -> bool {
    // Rows that went through an exchange are in no order.
    let below = (above && !plan.is::<RepartitionExec>()) || sees_order(plan) || takes_by_place(plan);
    (below && plan.is::<UnionExec>()) || plan.children().into_iter().any(|child| is_seen(child, below))
}
