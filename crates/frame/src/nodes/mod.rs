//! Logical nodes that DataFusion does not have, and how they are planned.
//!
//! - `node`: what they have in common. `planner`: them as physical plans.
//! - `tail`: the last rows. `fence`: what no condition passes.

mod fence;
mod node;
mod planner;
mod tail;

pub(crate) use fence::fence;
pub(crate) use node::{Node, NodeKind};
pub(crate) use planner::Planner;
pub(crate) use tail::tail;
