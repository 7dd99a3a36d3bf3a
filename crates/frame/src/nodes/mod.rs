//! Logical nodes that DataFusion does not have, and how they are planned.
//!
//! - `node`: what they have in common; `adding`: what those do that add columns. `planner`: them as physical plans.
//! - `tail`: the last rows. `fence`: what no condition passes. `sample`: some rows, by chance.
//! - `asof`: the nearest row in time. `hstack`: row beside row. `unique_keys`, `build_side`: what joins are told.
//! - `call`: functions of the user's. `repartition`: other partitions, or some of them.
//! - `explode`: lists to rows. `unpivot`: columns to rows. `top`: the first rows of groups.
//! - `window`: columns over rows with equal keys. `row_ids`: the order of rows, as a column.

mod adding;
mod asof;
mod build_side;
mod call;
mod explode;
mod fence;
mod hstack;
mod node;
mod planner;
mod repartition;
mod row_ids;
mod sample;
mod tail;
mod top;
mod unique_keys;
mod unpivot;
mod window;

pub(crate) use asof::{Asof, AsofKeys, asof};
pub(crate) use build_side::build_side;
pub(crate) use call::call;
pub(crate) use explode::explode;
pub(crate) use fence::fence;
pub(crate) use hstack::hstack;
pub(crate) use node::Node;
pub(crate) use planner::{Planner, is_own};
pub(crate) use repartition::{Spread, partitions, repartition};
pub(crate) use row_ids::row_ids;
pub(crate) use sample::{sample, sample_n};
pub(crate) use tail::tail;
pub(crate) use top::{Top, top};
pub(crate) use unique_keys::{UniqueKeys, unique_keys};
pub(crate) use unpivot::unpivot;
pub(crate) use window::window;
