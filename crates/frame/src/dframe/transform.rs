//! Builders: each records a step and gives a new frame.

use super::{DFrame, GroupBy};
use crate::{
    expr::{Expr, IntoExpr, IntoExprs, IntoSortKeys},
    steps,
};
use std::panic::Location;

impl DFrame {
    /// These columns and no others. When all of them are aggregates: one row.
    ///
    /// ```
    /// use stratal_frame::{col, count, frame};
    /// let df = frame! { "a" => [1i64, 2], "b" => [3i64, 4] };
    /// assert_eq!(df.select(("b", (col("a") * 2).alias("twice"))).columns()?, ["b", "twice"]);
    /// assert_eq!(df.select(count()).collect()?.item::<i64>()?, 2);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn select(&self, columns: impl IntoExprs) -> Self {
        self.then(steps::Select(columns.into_exprs()), Location::caller())
    }

    /// A column, replaced in its place or added at the end. A text is a text here, not a column.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let df = frame! { "a" => [1i64, 2] }.with_column("a", col("a") + 1).with_column("who", "me");
    /// assert_eq!(df.collect()?.column::<i64>("a")?, [2, 3]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn with_column(&self, name: impl Into<String>, value: impl IntoExpr) -> Self {
        self.then(steps::WithColumns::one(name.into(), value.into_expr()), Location::caller())
    }

    /// Several columns at once, under their own names; none of them sees another's new values.
    #[track_caller]
    pub fn with_columns(&self, columns: impl IntoExprs) -> Self {
        self.then(steps::WithColumns::several(columns.into_exprs()), Location::caller())
    }

    /// The rows for which the condition is true. Null is not true.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let df = frame! { "name" => ["Alice", "Bob"] };
    /// assert_eq!(df.filter(col("name").eq("Alice")).count()?, 1);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn filter(&self, condition: impl Into<Expr>) -> Self {
        self.then(steps::Filter(condition.into()), Location::caller())
    }

    /// All columns but these.
    #[track_caller]
    pub fn drop(&self, columns: impl IntoExprs) -> Self {
        self.then(steps::Drop(columns.into_exprs()), Location::caller())
    }

    /// Columns under new names: pairs of old and new.
    ///
    /// ```
    /// use stratal_frame::frame;
    /// let df = frame! { "Amount ($)" => [1.5] }.rename([("Amount ($)", "amount")]);
    /// assert_eq!(df.columns()?, ["amount"]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn rename<O: Into<String>, N: Into<String>>(&self, names: impl IntoIterator<Item = (O, N)>) -> Self {
        let names = names.into_iter().map(|(old, new)| (old.into(), new.into())).collect();
        self.then(steps::Rename(names), Location::caller())
    }

    /// Groups of rows with equal keys; null is a key like any other. See [`GroupBy::agg`].
    #[track_caller]
    pub fn group_by(&self, keys: impl IntoExprs) -> GroupBy {
        GroupBy::new(self.clone(), keys.into_exprs(), Location::caller())
    }

    /// One row of aggregates over all rows.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let df = frame! { "x" => [1i64, 2, 3] };
    /// assert_eq!(df.agg(col("x").sum()).collect()?.item::<i64>()?, 6);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn agg(&self, aggregates: impl IntoExprs) -> Self {
        self.then(steps::Aggregate(aggregates.into_exprs()), Location::caller())
    }

    /// All rows in order: names for smallest first, [`Expr::desc`] for largest first. Nulls come last unless told.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let df = frame! { "k" => ["a", "b", "a"], "x" => [1i64, 2, 3] };
    /// assert_eq!(df.sort(("k", col("x").desc())).collect()?.column::<i64>("x")?, [3, 1, 2]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn sort(&self, keys: impl IntoSortKeys) -> Self {
        self.then(steps::Sort(keys.into_sort_keys()), Location::caller())
    }

    /// The first `rows` rows, in partition order.
    #[track_caller]
    pub fn head(&self, rows: usize) -> Self {
        self.then(steps::Head(rows), Location::caller())
    }
}
