//! Plans to layers, and the task kind that runs them.
//!
//! - `rules`: how DataFusion's planner is told what it cannot know. `keep_order`: the order of rows. `build_side`: which side
//!   of a join is read first, `collected`: and whether once for all. `spread`: joins that cannot be cut, planned as joins that
//!   can. `once`: `random()`, where it stands.
//!   `count_distinct`: counts of different values by group, in one group-by and not two. `fold`: what statistics answer.
//! - `predicates`: filters that cost less, by the order of their conjuncts, and by what evaluates them.
//! - `cutter`: one physical plan to a graph: cut where rows change partitions, or whole. `class`: what nodes do to
//!   partitions. `repeat`: what layers give when they run again. `written`: the steps as they were recorded, a layer a step.
//! - `edge_input`: the leaf that reads other layers; it never knows whether from this store or over the network. `known`: what it
//!   knows of their rows.
//! - `concat`: partitions one after another, for `head`. `tail`: the last rows. `names`: what layers are called.
//! - `own`: the plan nodes that are ours, in one list. `operator`: what most of them have in common.
//! - `plan_kind`: the task kind `frame.plan`. `route`, `numbered`: rows into `channels`. `codec`: plans as bytes.
//!   `sql_windows`: what these cannot hold.
//! - `call`, `call_kind`: functions of the user's, and the task kind `frame.call`. `groups`: rows by their keys.
//! - `shared`: what a plan uses twice, computed once.
//! - `exchange`: rows into other partitions. `layers`: a graph in the making. `analysis`: what a run took.

mod analysis;
mod build_side;
mod call;
mod call_kind;
mod channels;
mod class;
mod codec;
mod collected;
mod concat;
mod count_distinct;
mod cutter;
mod edge_input;
mod exchange;
mod fold;
mod groups;
mod keep_order;
mod known;
mod layers;
mod names;
mod numbered;
mod once;
mod operator;
mod own;
mod plan_kind;
mod predicates;
mod repeat;
mod route;
mod rules;
mod shared;
mod spread;
mod sql_windows;
mod tail;
mod written;

pub(crate) use analysis::{analyzed, describe, show};
pub(crate) use call::{Call, CallExec};
pub(crate) use call_kind::How;
pub(crate) use class::{Class, Plan, estimated, must_be_cut};
pub(crate) use codec::wire as plan_wire;
pub(crate) use concat::{ConcatExec, arrange};
pub(crate) use cutter::{lower, subgraph};
pub(crate) use edge_input::EdgeInputExec;
pub(crate) use once::OncePerRow;
pub(crate) use operator::{Operator, OperatorExec};
pub(crate) use own::OwnNode;
pub(crate) use rules::rules;
pub(crate) use shared::planned_whole;
pub(crate) use tail::TailExec;
pub(crate) use written::written;
#[cfg(feature = "query")]
pub(crate) use {
    class::class,
    codec::{Codec, decode, encode},
    names::name as layer_name,
    own::{is_own, sees_order},
    repeat::takes_by_place,
};
