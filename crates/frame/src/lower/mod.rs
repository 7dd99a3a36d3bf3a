//! Plans to layers, and the task kind that runs them.
//!
//! - `rules`: how DataFusion's planner is told what it cannot know. `keep_order`: the order of rows. `spread`: joins that
//!   cannot be cut, planned as joins that can.
//! - `cutter`: one physical plan to a graph: cut where rows change partitions, or whole. `class`: what nodes do to
//!   partitions. `written`: the steps as they were recorded, a layer a step.
//! - `edge_input`: the leaf that reads other layers; it never knows whether from this store or over the network.
//! - `concat`: partitions one after another, for `head`. `tail`: the last rows. `names`: what layers are called.
//! - `own`: the plan nodes that are ours, in one list. `operator`: what most of them have in common.
//! - `plan_kind`: the task kind `frame.plan`. `route`: rows into channels. `codec`: plans as bytes.

mod class;
mod codec;
mod concat;
mod cutter;
mod edge_input;
mod keep_order;
mod names;
mod operator;
mod own;
mod plan_kind;
mod route;
mod rules;
mod spread;
mod tail;
mod written;

pub(crate) use class::{Class, Plan};
pub(crate) use concat::arrange;
pub(crate) use cutter::lower;
pub(crate) use operator::{Operator, OperatorExec};
pub(crate) use own::OwnNode;
pub(crate) use rules::rules;
pub(crate) use tail::TailExec;
pub(crate) use written::written;
