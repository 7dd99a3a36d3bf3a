//! Filters that cost less: in which order conjuncts are evaluated, and by what.
//!
//! - `order`: the rule that puts conjuncts first that are cheap and cannot fail. `cost`: which these are.
//! - `faster`: a plan that is about to run, with filters that are ours. `exec`: such a filter. `passing`: the conjuncts of one,
//!   over whole batches as long as they are cheap.
//! - `text`: texts compared with constants in one pass. `like`: texts and a pattern of several. `comparisons`: what is such.

mod comparisons;
mod cost;
mod exec;
mod faster;
mod like;
mod order;
mod passing;
mod text;

pub(super) use faster::faster;
pub(super) use order::OrderConjuncts;
