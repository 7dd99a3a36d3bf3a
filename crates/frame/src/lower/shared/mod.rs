//! What a plan uses twice is computed once, where the plan runs whole in one process.
//!
//! - `alike`: whether two nodes do the same. `number`: parts of a plan by numbers, equal parts by one. `find`: which are worth it.
//! - `table`: what stands in place of a part while the plan around it is optimized. `leaf`: the same in a physical plan.
//! - `plan`: the plan around, what it wants of each part, and the parts themselves, made physical one by one.
//! - `places`: the nodes that read what is shared, when all else is decided.

mod alike;
mod find;
mod leaf;
mod number;
mod places;
mod plan;
mod table;

pub(crate) use plan::planned_whole;
