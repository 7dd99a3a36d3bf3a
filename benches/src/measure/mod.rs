//! How a case is measured: the same answer first, then all sides by turns.
//!
//! - [`Case`], [`table`]: the rounds. [`present`]: which sides are there.
//! - [`Answer`]: answers read and compared. [`digest`]: large ones in a few rows.
//! - [`stats`]: medians and means of ratios.

mod answer;
pub(crate) mod digest;
mod rounds;
pub(crate) mod stats;

pub(crate) use answer::Answer;
pub(crate) use rounds::{Case, Check, present, table};
