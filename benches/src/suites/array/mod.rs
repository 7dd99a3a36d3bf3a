//! Arrays in memory and in storage: [`Array`], beside NumPy, numexpr, dask.array, faer and zarrs, and beside what memory gives.
//!
//! - `suite`: the tables, and who is in which. `cases`: what the cases are called, how large their arrays are, and what they cost at
//!   the least. `memory`: what Stratal takes beside what it promised.
//! - `work`: the cases as Stratal. `answer`: large arrays told in a few numbers, so that they can be compared.
//!
//! Inputs are numbers that every side makes alike (`data/arrays.rs`), once a case and not timed. Chunks are those that a user gets who
//! says nothing of them.

mod answer;
mod cases;
mod memory;
mod suite;
mod work;

pub(crate) use answer::of_rows;
pub(crate) use cases::{Traffic, matrix, traffic};
pub(super) use suite::Array;
