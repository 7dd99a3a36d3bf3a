//! Plans to layers, and the task kind that runs them.
//!
//! - `cutter`: one physical plan to a graph: cut where rows change partitions, or whole. `written`: the steps as they
//!   were recorded, a layer a step.
//! - `edge_input`: the leaf that reads other layers; it never knows whether from this store or over the network.
//! - `concat`: partitions one after another, for `head`. `names`: what layers are called.
//! - `plan_kind`: the task kind `frame.plan`. `route`: rows into channels. `codec`: plans as bytes.

mod codec;
mod concat;
mod cutter;
mod edge_input;
mod names;
mod plan_kind;
mod route;
mod written;

pub(crate) use concat::arrange;
pub(crate) use cutter::lower;
pub(crate) use written::written;
