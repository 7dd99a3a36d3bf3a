//! Windows: columns that are computed over rows with equal keys, in an order.
//!
//! DataFusion has windows too. It computes them row by row from boxed values, turns a window around where rows happen to
//! come in the opposite order, and forgets on the wire that it did; nulls to be skipped and filters are forgotten as well. Here
//! all of a window is plain data, and a partition is computed column by column once it is complete.
//!
//! - `spec`: what is computed. `exec`: the operator. `gather`: rows into partitions. `compute`: columns of whole partitions.
//! - `bounds`: frames, and a walk along them. `mask`: rows that count.
//! - By the kind of their result: `rank`, numbers of rows; `pick`, another row's value; `count`, differences of totals;
//!   `fold`, what is merged from parts; `set`, what sees all values of a frame.

mod bounds;
mod compute;
mod count;
mod exec;
mod fold;
mod gather;
mod mask;
mod pick;
mod rank;
mod set;
mod spec;

pub(crate) use exec::WindowExec;
pub(super) use exec::{distribution, ordering, wanted_ordering};
pub(super) use gather::{are_equal, ranges};
pub(crate) use spec::{Added, Direction, Frame, Function, Window};
