//! Logical nodes that DataFusion does not have, and how they are planned.
//!
//! - `tail`: the last rows. `fence`: what no condition passes. `planner`: both as physical plans.

mod fence;
mod planner;
mod tail;

pub(crate) use fence::fence;
pub(crate) use planner::Planner;
pub(crate) use tail::tail;
