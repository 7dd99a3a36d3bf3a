//! [`GroupBy`]: groups, before it is said what becomes of them.

use super::DFrame;
use crate::expr::{Expr, IntoExprs, count};
use std::panic::Location;

/// Rows in groups of equal keys. Made by [`DFrame::group_by`].
#[derive(Clone, Debug)]
#[must_use = "groups do nothing until agg(..)"]
pub struct GroupBy {
    frame: DFrame,
    keys: Vec<Expr>,
    at: &'static Location<'static>,
}

impl GroupBy {
    pub(super) fn new(frame: DFrame, keys: Vec<Expr>, at: &'static Location<'static>) -> Self {
        GroupBy { frame, keys, at }
    }

    /// One row for each group: its keys, then aggregates and expressions of aggregates. The order of rows is not promised.
    ///
    /// ```
    /// use stratal_frame::{col, count, frame};
    /// let df = frame! { "k" => ["a", "b", "a"], "x" => [1i64, 2, 3] };
    /// let sums = df.group_by("k").agg((col("x").sum(), (col("x").sum() / count()).alias("per_row"))).sort("k").collect()?;
    /// assert_eq!(sums.columns(), ["k", "x", "per_row"]);
    /// assert_eq!(sums.column::<i64>("per_row")?, [2, 2]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn agg(&self, aggregates: impl IntoExprs) -> DFrame {
        self.frame.grouped(self.keys.clone(), aggregates.into_exprs(), self.at)
    }

    /// The number of rows of each group, as `count`.
    pub fn count(&self) -> DFrame {
        self.agg(count())
    }
}
