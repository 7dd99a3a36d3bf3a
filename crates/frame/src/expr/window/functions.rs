//! Functions that need a window with an order: neighbours, running totals, ranks.

use super::{Marker, Waiting, marker::waiting};
use crate::expr::Expr;
use stratal_core::{Error, ErrorKind};

impl Expr {
    fn waiting(&self, what: Waiting) -> Expr {
        self.wrap(|own| waiting(what, Some(own)))
    }

    /// The value `rows` rows before, in the window's order; null where there is none. Needs [`over`](Self::over).
    ///
    /// ```
    /// use stratal_frame::{Window, col, frame};
    /// let x = frame! { "x" => [1i64, 2, 3] }.with_column("before", col("x").lag(1).over(Window::ordered("x")));
    /// assert_eq!(x.sort("x").collect()?.column::<Option<i64>>("before")?, [None, Some(1), Some(2)]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn lag(&self, rows: i64) -> Expr {
        self.waiting(Waiting::Lag(rows))
    }

    /// The value `rows` rows after, in the window's order; null where there is none. Needs [`over`](Self::over).
    ///
    /// ```
    /// use stratal_frame::{Window, col, frame};
    /// let x = frame! { "x" => [1i64, 2, 3] }.with_column("after", col("x").lead(1).over(Window::ordered("x")));
    /// assert_eq!(x.sort("x").collect()?.column::<Option<i64>>("after")?, [Some(2), Some(3), None]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn lead(&self, rows: i64) -> Expr {
        self.waiting(Waiting::Lead(rows))
    }

    /// What the value has grown by since `rows` rows before. Unsigned integers become `i64`; dates give days as `i64`, and
    /// times the span between them. Needs [`over`](Self::over).
    ///
    /// ```
    /// use stratal_frame::{Window, col, frame};
    /// let x = frame! { "x" => [1i64, 4, 9] }.with_column("step", col("x").diff(1).over(Window::ordered("x")));
    /// assert_eq!(x.sort("x").collect()?.column::<Option<i64>>("step")?, [None, Some(3), Some(5)]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn diff(&self, rows: i64) -> Expr {
        self.waiting(Waiting::Diff(rows))
    }

    /// What the value has grown by since `rows` rows before, as a share of what it was, in `f64`. Needs
    /// [`over`](Self::over).
    ///
    /// ```
    /// use stratal_frame::{Window, col, frame};
    /// let x = frame! { "x" => [10i64, 15, 30] }.with_column("growth", col("x").pct_change(1).over(Window::ordered("x")));
    /// assert_eq!(x.sort("x").collect()?.column::<Option<f64>>("growth")?, [None, Some(0.5), Some(1.0)]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn pct_change(&self, rows: i64) -> Expr {
        self.waiting(Waiting::PctChange(rows))
    }

    /// The sum of the values up to here; nulls are skipped. Needs [`over`](Self::over).
    ///
    /// ```
    /// use stratal_frame::{Window, col, frame};
    /// let x = frame! { "x" => [1i64, 2, 3] }.with_column("total", col("x").cum_sum().over(Window::ordered("x")));
    /// assert_eq!(x.sort("x").collect()?.column::<i64>("total")?, [1, 3, 6]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn cum_sum(&self) -> Expr {
        self.waiting(Waiting::CumSum)
    }

    /// The smallest value up to here. Needs [`over`](Self::over).
    ///
    /// ```
    /// use stratal_frame::{Window, col, frame};
    /// let df = frame! { "t" => [1i64, 2, 3], "x" => [5i64, 2, 7] }.with_column("low", col("x").cum_min().over(Window::ordered("t")));
    /// assert_eq!(df.sort("t").collect()?.column::<i64>("low")?, [5, 2, 2]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn cum_min(&self) -> Expr {
        self.waiting(Waiting::CumMin)
    }

    /// The largest value up to here. Needs [`over`](Self::over).
    ///
    /// ```
    /// use stratal_frame::{Window, col, frame};
    /// let df = frame! { "t" => [1i64, 2, 3], "x" => [5i64, 2, 7] }.with_column("high", col("x").cum_max().over(Window::ordered("t")));
    /// assert_eq!(df.sort("t").collect()?.column::<i64>("high")?, [5, 5, 7]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn cum_max(&self) -> Expr {
        self.waiting(Waiting::CumMax)
    }

    /// How many values there were up to here, null not counted. Needs [`over`](Self::over).
    ///
    /// ```
    /// use stratal_frame::{Window, col, frame};
    /// let df = frame! { "t" => [1i64, 2, 3], "x" => [Some(5i64), None, Some(7)] };
    /// let df = df.with_column("seen", col("x").cum_count().over(Window::ordered("t")));
    /// assert_eq!(df.sort("t").collect()?.column::<i64>("seen")?, [1, 1, 2]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn cum_count(&self) -> Expr {
        self.waiting(Waiting::CumCount)
    }

    /// The last value that is not null, up to here. Needs [`over`](Self::over).
    ///
    /// ```
    /// use stratal_frame::{Window, col, frame};
    /// let df = frame! { "t" => [1i64, 2, 3], "x" => [Some(5i64), None, Some(7)] };
    /// let df = df.with_column("x", col("x").forward_fill().over(Window::ordered("t")));
    /// assert_eq!(df.sort("t").collect()?.column::<i64>("x")?, [5, 5, 7]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn forward_fill(&self) -> Expr {
        self.waiting(Waiting::ForwardFill)
    }

    /// The first value that is not null, from here on. Needs [`over`](Self::over).
    ///
    /// ```
    /// use stratal_frame::{Window, col, frame};
    /// let df = frame! { "t" => [1i64, 2, 3], "x" => [Some(5i64), None, Some(7)] };
    /// let df = df.with_column("x", col("x").backward_fill().over(Window::ordered("t")));
    /// assert_eq!(df.sort("t").collect()?.column::<i64>("x")?, [5, 7, 7]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn backward_fill(&self) -> Expr {
        self.waiting(Waiting::BackwardFill)
    }
}

fn alone(what: Waiting) -> Expr {
    Expr(Ok(Marker::Waiting(what).stand(Vec::new())))
}

/// The number of the row, from 1, in the window's order. Needs [`over`](Expr::over).
///
/// ```
/// use stratal_frame::{Window, frame, row_number};
/// let x = frame! { "x" => [30i64, 10, 20] }.with_column("n", row_number().over(Window::ordered("x"))).sort("x");
/// assert_eq!(x.collect()?.column::<i64>("n")?, [1, 2, 3]);
/// # Ok::<(), stratal_core::Error>(())
/// ```
pub fn row_number() -> Expr {
    alone(Waiting::RowNumber)
}

/// The number of the first row that is equal in the window's order: 1, 2, 2, 4. Needs [`over`](Expr::over).
///
/// ```
/// use stratal_frame::{Window, col, frame, rank};
/// let best = frame! { "k" => ["a", "b", "a"], "x" => [1i64, 2, 1] };
/// let best = best.filter(rank().over(Window::by("k").order_by(col("x").desc())).lt_eq(1));
/// assert_eq!(best.count()?, 3);
/// # Ok::<(), stratal_core::Error>(())
/// ```
pub fn rank() -> Expr {
    alone(Waiting::Rank)
}

/// The number of the row's value among the different ones: 1, 2, 2, 3. Needs [`over`](Expr::over).
///
/// ```
/// use stratal_frame::{Window, dense_rank, frame};
/// let x = frame! { "x" => [10i64, 20, 20, 30] }.with_column("n", dense_rank().over(Window::ordered("x"))).sort("x");
/// assert_eq!(x.collect()?.column::<i64>("n")?, [1, 2, 2, 3]);
/// # Ok::<(), stratal_core::Error>(())
/// ```
pub fn dense_rank() -> Expr {
    alone(Waiting::DenseRank)
}

/// The share of the other rows that come before the row and its equals, from 0 to 1. Needs [`over`](Expr::over).
///
/// ```
/// use stratal_frame::{Window, frame, percent_rank};
/// let x = frame! { "x" => [10i64, 20, 30] }.with_column("p", percent_rank().over(Window::ordered("x"))).sort("x");
/// assert_eq!(x.collect()?.column::<f64>("p")?, [0.0, 0.5, 1.0]);
/// # Ok::<(), stratal_core::Error>(())
/// ```
pub fn percent_rank() -> Expr {
    alone(Waiting::PercentRank)
}

/// The share of the rows that do not come after the row and its equals. Needs [`over`](Expr::over).
///
/// ```
/// use stratal_frame::{Window, cume_dist, frame};
/// let x = frame! { "x" => [10i64, 20, 20, 30] }.with_column("p", cume_dist().over(Window::ordered("x"))).sort("x");
/// assert_eq!(x.collect()?.column::<f64>("p")?, [0.25, 0.75, 0.75, 1.0]);
/// # Ok::<(), stratal_core::Error>(())
/// ```
pub fn cume_dist() -> Expr {
    alone(Waiting::CumeDist)
}

/// The number of the row's part, from 1, where rows are put into this many parts in the window's order; the first parts
/// have a row more, if they cannot be equally large. Needs [`over`](Expr::over).
///
/// ```
/// use stratal_frame::{Window, frame, ntile};
/// let x = frame! { "x" => [1i64, 2, 3, 4, 5] }.with_column("half", ntile(2).over(Window::ordered("x"))).sort("x");
/// assert_eq!(x.collect()?.column::<i64>("half")?, [1, 1, 1, 2, 2]);
/// # Ok::<(), stratal_core::Error>(())
/// ```
pub fn ntile(parts: usize) -> Expr {
    match parts {
        0 => Expr(Err(Error::new(ErrorKind::BadValue, "rows cannot be put into 0 parts").with_help("ask for one at least: ntile(4)"))),
        parts => alone(Waiting::Ntile(parts as u64)),
    }
}
