//! [`GroupBy`]: groups, before it is said what becomes of them.

use super::DFrame;
use crate::{
    expr::{Expr, IntoExprs, IntoSortKeys, Selector, cols, count},
    steps,
};
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

    /// What is grouped, by what, and where that was written.
    pub(super) fn parts(&self) -> (&DFrame, &[Expr], &'static Location<'static>) {
        (&self.frame, &self.keys, self.at)
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
        self.frame.then(steps::GroupBy { keys: self.keys.clone(), values: aggregates.into_exprs() }, self.at)
    }

    /// The number of rows of each group, as `count`.
    ///
    /// ```
    /// use stratal_frame::frame;
    /// let counts = frame! { "k" => ["a", "b", "a"] }.group_by("k").count().sort("k").collect()?;
    /// assert_eq!(counts.column::<i64>("count")?, [2, 1]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn count(&self) -> DFrame {
        self.agg(count())
    }

    /// The first `rows` rows of each group, with all their columns, in an order: names for smallest first, [`Expr::desc`]
    /// for largest first. In the order of rows for `()`. Which of several rows with equal keys comes first, and the order of
    /// what comes out, is not promised.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let df = frame! { "k" => ["a", "b", "a", "a"], "x" => [1i64, 2, 3, 4] };
    /// let best = df.group_by("k").top(2, col("x").desc()).sort(("k", "x")).collect()?;
    /// assert_eq!(best.column::<i64>("x")?, [3, 4, 2]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn top(&self, rows: usize, order: impl IntoSortKeys) -> DFrame {
        self.frame.then(steps::Top { keys: self.keys.clone(), rows, order: order.into_sort_keys() }, self.at)
    }

    /// The same groups without those whose keys are null, or one of them.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let df = frame! { "k" => [Some("a"), None, Some("a")], "x" => [1i64, 2, 3] };
    /// assert_eq!(df.group_by("k").agg(col("x").sum()).count()?, 2);
    /// assert_eq!(df.group_by("k").drop_null_keys().agg(col("x").sum()).count()?, 1);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn drop_null_keys(&self) -> Self {
        match &self.keys[..] {
            // Without columns that could be null, all of them would be looked at.
            [] => self.clone(),
            keys => GroupBy { frame: self.frame.then(steps::DropNulls(keys.to_vec()), self.at), ..self.clone() },
        }
    }

    /// The sums of all other columns of numbers.
    ///
    /// ```
    /// use stratal_frame::frame;
    /// let df = frame! { "k" => ["a", "b", "a"], "x" => [1i64, 2, 3], "y" => [0.5, 1.5, 2.5], "s" => ["u", "v", "w"] };
    /// let sums = df.group_by("k").sum().sort("k").collect()?;
    /// assert_eq!(sums.columns(), ["k", "x", "y"]);
    /// assert_eq!((sums.column::<i64>("x")?, sums.column::<f64>("y")?), (vec![4, 2], vec![3.0, 1.5]));
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn sum(&self) -> DFrame {
        self.agg(cols(Selector::numeric()).sum())
    }

    /// The means of all other columns of numbers.
    ///
    /// ```
    /// use stratal_frame::frame;
    /// let means = frame! { "k" => ["a", "b", "a"], "x" => [1i64, 2, 4] }.group_by("k").mean().sort("k").collect()?;
    /// assert_eq!(means.column::<f64>("x")?, [2.5, 2.0]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn mean(&self) -> DFrame {
        self.agg(cols(Selector::numeric()).mean())
    }

    /// The smallest values of all other columns of numbers.
    ///
    /// ```
    /// use stratal_frame::frame;
    /// let smallest = frame! { "k" => ["a", "b", "a"], "x" => [1i64, 2, 4] }.group_by("k").min().sort("k").collect()?;
    /// assert_eq!(smallest.column::<i64>("x")?, [1, 2]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn min(&self) -> DFrame {
        self.agg(cols(Selector::numeric()).min())
    }

    /// The largest values of all other columns of numbers.
    ///
    /// ```
    /// use stratal_frame::frame;
    /// let largest = frame! { "k" => ["a", "b", "a"], "x" => [1i64, 2, 4] }.group_by("k").max().sort("k").collect()?;
    /// assert_eq!(largest.column::<i64>("x")?, [4, 2]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn max(&self) -> DFrame {
        self.agg(cols(Selector::numeric()).max())
    }
}
