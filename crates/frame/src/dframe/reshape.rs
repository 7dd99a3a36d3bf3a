//! Builders that make rows of columns and columns of rows: [`PivotOptions`].

use super::DFrame;
use crate::{
    expr::{Expr, IntoExpr, IntoExprs},
    steps,
};
use std::panic::Location;

/// How values become columns.
///
/// ```
/// use stratal_frame::{PivotOptions, col, count, frame};
/// let sales = frame! { "city" => ["Rome", "Rome", "Oslo"], "month" => ["jan", "feb", "jan"], "amount" => [1i64, 2, 3] };
/// let sums = sales.pivot(PivotOptions::new("city", "month", ["jan", "feb"], col("amount").sum())).sort("city").collect()?;
/// assert_eq!(sums.columns(), ["city", "jan", "feb"]);
/// assert_eq!(sums.column::<Option<i64>>("feb")?, [None, Some(2)]);
/// let counts = sales.pivot(PivotOptions::new("city", "month", ["feb"], count())).sort("city").collect()?;
/// assert_eq!(counts.column::<i64>("feb")?, [0, 1]);
/// # Ok::<(), stratal_core::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "options do nothing until they are given to pivot(..)"]
pub struct PivotOptions {
    pub(crate) index: Vec<Expr>,
    pub(crate) on: Vec<Expr>,
    pub(crate) values: Vec<Expr>,
    pub(crate) agg: Expr,
}

impl PivotOptions {
    /// One row for each group of equal `index` (one row in all, for `()`), and in it a column for each of the `values` of
    /// the column `on`: the aggregate of the rows that have the value. It is called by the value's text, or by its alias.
    ///
    /// The values are given, so that the columns are known before anything runs. Rows with other values are in no column, and
    /// their groups come out. `agg` may be an expression of aggregates.
    ///
    /// ```
    /// use stratal_frame::{PivotOptions, col, count, frame, lit};
    /// let df = frame! { "k" => [1i64, 1, 2], "x" => [10i64, 20, 30] };
    /// let mean = col("x").sum() / count();
    /// let wide = df.pivot(PivotOptions::new((), "k", [lit(1), lit(2).alias("two")], mean)).collect()?;
    /// assert_eq!((wide.columns(), wide.value::<i64>(0, "1")?), (vec!["1", "two"], 15));
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn new(index: impl IntoExprs, on: impl IntoExprs, values: impl IntoIterator<Item = impl IntoExpr>, agg: impl Into<Expr>) -> Self {
        let values = values.into_iter().map(IntoExpr::into_expr).collect();
        PivotOptions { index: index.into_exprs(), on: on.into_exprs(), values, agg: agg.into() }
    }
}

impl DFrame {
    /// Values of a column become columns: see [`PivotOptions`]. The order of rows is not promised.
    ///
    /// ```
    /// use stratal_frame::{PivotOptions, col, frame};
    /// let long = frame! { "id" => [1i64, 1, 2], "what" => ["a", "b", "a"], "x" => [0.5, 1.5, 2.5] };
    /// let wide = long.pivot(PivotOptions::new("id", "what", ["a", "b"], col("x").max())).sort("id").collect()?;
    /// assert_eq!((wide.columns(), wide.column::<Option<f64>>("b")?), (vec!["id", "a", "b"], vec![Some(1.5), None]));
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn pivot(&self, options: PivotOptions) -> Self {
        self.then(steps::Pivot(options), Location::caller())
    }

    /// The columns `on` become rows: each row comes out once for every one of them, with the columns `index`, the column's
    /// name as `variable` and its value as `value`. For `()`, `on` is all columns that are not in `index`. Columns of two
    /// types are widened to one (`i64` and `f64` to `f64`); a text and a number are an error. The order of rows is not
    /// promised.
    ///
    /// ```
    /// use stratal_frame::frame;
    /// let wide = frame! { "id" => [1i64, 2], "a" => [10i64, 20], "b" => [0.5, 1.5] };
    /// let long = wide.unpivot(["a", "b"], "id").sort(["id", "variable"]).collect()?;
    /// assert_eq!((long.columns(), long.column::<i64>("id")?), (vec!["id", "variable", "value"], vec![1, 1, 2, 2]));
    /// assert_eq!(long.column::<f64>("value")?, [10.0, 0.5, 20.0, 1.5]);
    /// assert_eq!(wide.unpivot((), "id").count()?, 4);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn unpivot(&self, on: impl IntoExprs, index: impl IntoExprs) -> Self {
        self.then(steps::Unpivot { on: on.into_exprs(), index: index.into_exprs() }, Location::caller())
    }

    /// Lists become rows: each row comes out once for every value of its list, in order. A list that is null or empty gives
    /// one row with a null. Several columns are taken apart at once; their lists have to be of one length in every row.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use arrow_array::{ArrayRef, Int64Array, ListArray, types::Int64Type};
    /// use stratal_frame::DFrame;
    /// let tags = ListArray::from_iter_primitive::<Int64Type, _, _>([Some(vec![Some(7), Some(8)]), None, Some(vec![])]);
    /// let columns: [(&str, ArrayRef); 2] = [("id", Arc::new(Int64Array::from(vec![1, 2, 3]))), ("tags", Arc::new(tags))];
    /// let rows = DFrame::from_columns(columns).explode("tags").collect()?;
    /// assert_eq!(rows.column::<i64>("id")?, [1, 1, 2, 3]);
    /// assert_eq!(rows.column::<Option<i64>>("tags")?, [Some(7), Some(8), None, None]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn explode(&self, columns: impl IntoExprs) -> Self {
        self.then(steps::Explode(columns.into_exprs()), Location::caller())
    }

    /// The columns of both frames side by side, row beside row: the first of one with the first of the other. A column of the
    /// other whose name is taken gets the suffix `_right`. Frames of different lengths are an error while it runs.
    ///
    /// Rows are counted in the order of partitions, so all of them pass through one task.
    ///
    /// ```
    /// use stratal_frame::frame;
    /// let (one, two) = (frame! { "a" => [1i64, 2] }, frame! { "b" => ["x", "y"], "a" => [3i64, 4] });
    /// let both = one.hstack(&two).collect()?;
    /// assert_eq!((both.columns(), both.column::<String>("b")?), (vec!["a", "b", "a_right"], vec!["x".into(), "y".into()]));
    /// let error = one.hstack(&two.head(1)).collect().unwrap_err();
    /// assert_eq!(error.message(), "the left frame has 2 rows, and the right 1");
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn hstack(&self, other: &DFrame) -> Self {
        self.combine(steps::Hstack, vec![other.steps.clone()], Location::caller())
    }
}
