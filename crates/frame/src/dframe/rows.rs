//! Builders that keep some of the rows, count values, or mend what is missing.

use super::DFrame;
use crate::{
    expr::{IntoExpr, IntoExprs},
    steps,
    types::ColumnType,
};
use std::panic::Location;

impl DFrame {
    /// The last `rows` rows, in partition order.
    ///
    /// ```
    /// use stratal_frame::frame;
    /// let last = frame! { "x" => [1i64, 2, 3, 4] }.tail(2).collect()?;
    /// assert_eq!(last.column::<i64>("x")?, [3, 4]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn tail(&self, rows: usize) -> Self {
        self.then(steps::Tail(rows), Location::caller())
    }

    /// `rows` rows from row number `offset` on, which is counted from 0, or from the end where it is negative.
    ///
    /// ```
    /// use stratal_frame::frame;
    /// let x = frame! { "x" => [1i64, 2, 3, 4] };
    /// assert_eq!(x.slice(1, 2).collect()?.column::<i64>("x")?, [2, 3]);
    /// assert_eq!(x.slice(-3, 1).collect()?.column::<i64>("x")?, [2]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn slice(&self, offset: i64, rows: usize) -> Self {
        self.then(steps::Slice { offset, rows }, Location::caller())
    }

    /// One row of all that are equal in these columns; in all columns for `()`. Nulls are equal here. Which row is kept, and
    /// the order of rows, is not promised.
    ///
    /// ```
    /// use stratal_frame::frame;
    /// let df = frame! { "k" => ["a", "b", "a"], "x" => [1i64, 2, 3] };
    /// assert_eq!(df.unique("k").count()?, 2);
    /// assert_eq!(df.unique(()).count()?, 3);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn unique(&self, columns: impl IntoExprs) -> Self {
        self.then(steps::Unique(columns.into_exprs()), Location::caller())
    }

    /// The different values of these columns, and as `count` how many rows have each; the most frequent first, those that
    /// are equally frequent in their own order. Null is a value here.
    ///
    /// ```
    /// use stratal_frame::frame;
    /// let counts = frame! { "k" => ["b", "a", "c", "a"] }.value_counts("k").collect()?;
    /// assert_eq!(counts.column::<String>("k")?, ["a", "b", "c"]);
    /// assert_eq!(counts.column::<i64>("count")?, [2, 1, 1]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn value_counts(&self, columns: impl IntoExprs) -> Self {
        self.then(steps::ValueCounts(columns.into_exprs()), Location::caller())
    }

    /// One row: the number of missing values of every column.
    ///
    /// ```
    /// use stratal_frame::frame;
    /// let nulls = frame! { "a" => [Some(1i64), None], "b" => [1i64, 2] }.null_count().collect()?;
    /// assert_eq!((nulls.value::<i64>(0, "a")?, nulls.value::<i64>(0, "b")?), (1, 0));
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn null_count(&self) -> Self {
        self.then(steps::NullCount, Location::caller())
    }

    /// A few figures of every column, each in a row of its own: `count` of the values that are there, `null_count`, `mean`,
    /// `std`, `min`, the quartiles `25%`, `50%` and `75%`, and `max`. Columns of numbers become `f64`; of all others the counts
    /// and the smallest and the largest value are given as text. Reads the frame once, and holds the numbers for the quartiles.
    ///
    /// ```
    /// use stratal_frame::frame;
    /// let figures = frame! { "x" => [1i64, 2, 3, 4], "s" => ["b", "a", "c", "d"] }.describe().collect()?;
    /// assert_eq!(figures.column::<String>("statistic")?[4..7], ["min", "25%", "50%"]);
    /// assert_eq!(figures.column::<Option<f64>>("x")?[4..7], [Some(1.0), Some(1.75), Some(2.5)]);
    /// assert_eq!(figures.value::<String>(4, "s")?, "a");
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn describe(&self) -> Self {
        self.then(steps::Describe, Location::caller())
    }

    /// The rows in which none of these columns is null; none of all columns for `()`.
    ///
    /// ```
    /// use stratal_frame::frame;
    /// let df = frame! { "a" => [Some(1i64), None, Some(3)], "b" => [Some("x"), Some("y"), None] };
    /// assert_eq!((df.drop_nulls("a").count()?, df.drop_nulls(()).count()?), (2, 1));
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn drop_nulls(&self, columns: impl IntoExprs) -> Self {
        self.then(steps::DropNulls(columns.into_exprs()), Location::caller())
    }

    /// The value for what is missing, in every column whose type it fits: an integer in all columns of numbers that can
    /// hold it, a float in columns of floats, a text in columns of texts, a date in columns of dates. Other columns stay.
    ///
    /// ```
    /// use stratal_frame::frame;
    /// let df = frame! { "a" => [Some(1i64), None], "b" => [None, Some(0.5)], "c" => [Some("x"), None] }.fill_null(0).collect()?;
    /// assert_eq!((df.column::<i64>("a")?, df.column::<f64>("b")?), (vec![1, 0], vec![0.0, 0.5]));
    /// assert_eq!(df.column::<Option<String>>("c")?, [Some("x".into()), None]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn fill_null(&self, value: impl IntoExpr) -> Self {
        self.then(steps::FillNull(value.into_expr()), Location::caller())
    }

    /// Columns as other types, in their places: pairs of name and type. What does not fit is an error when it runs.
    ///
    /// ```
    /// use stratal_frame::frame;
    /// let df = frame! { "a" => [1i64, 2], "b" => ["3", "4"] }.cast([("a", "str"), ("b", "i64")]).collect()?;
    /// assert_eq!((df.column::<String>("a")?, df.column::<i64>("b")?), (vec!["1".into(), "2".into()], vec![3, 4]));
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn cast<N: Into<String>, T: Into<ColumnType>>(&self, types: impl IntoIterator<Item = (N, T)>) -> Self {
        let types = types.into_iter().map(|(name, to)| (name.into(), to.into())).collect();
        self.then(steps::Cast(types), Location::caller())
    }
}
