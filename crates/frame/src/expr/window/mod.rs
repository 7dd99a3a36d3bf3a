//! Windows: values computed over rows around a row.
//!
//! - [`Window`]: which rows belong together, in which order, and how far a row looks. `span`: the last of these.
//! - `functions`: what needs a window. `marker`: what stands for a window in an expression.

mod functions;
mod marker;
mod span;

pub use functions::{cume_dist, dense_rank, ntile, percent_rank, rank, row_number};
pub(crate) use marker::{Call, Marker, Over, Waiting, has_window, refuse_waiting};
pub(crate) use span::Span;
pub use span::Trailing;

use super::{Expr, IntoExprs, IntoSortKeys, SortKey};
use datafusion::{
    common::tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion},
    logical_expr::Expr as Logical,
};
use std::{fmt, ops::RangeBounds};
use stratal_core::{Error, ErrorKind, Result};

/// Which rows belong together, in which order they are, and how far a row looks.
///
/// An aggregate covers all rows that belong together, ordered or not, unless it is told to look at fewer of them
/// ([`rows`](Self::rows), [`trailing`](Self::trailing), [`centered`](Self::centered)). A column or several are a window
/// [`by`](Self::by) them.
///
/// ```
/// use stratal_frame::{Window, col, frame};
/// let sales = frame! { "dept" => ["a", "a", "b"], "day" => [1i64, 2, 1], "amount" => [10i64, 30, 5] };
/// let shares = sales.with_column("share", col("amount") * 100 / col("amount").sum().over("dept"));
/// let running = shares.with_column("so_far", col("amount").cum_sum().over(Window::by("dept").order_by("day")));
/// let all = running.sort(("dept", "day")).collect()?;
/// assert_eq!(all.column::<i64>("share")?, [25, 75, 100]);
/// assert_eq!(all.column::<i64>("so_far")?, [10, 40, 5]);
/// # Ok::<(), stratal_core::Error>(())
/// ```
#[derive(Clone)]
#[must_use = "a window does nothing until over(..)"]
pub struct Window {
    keys: Vec<Expr>,
    order: Vec<SortKey>,
    span: Option<Result<Span>>,
    min_rows: u64,
}

impl Window {
    /// Rows with equal keys belong together. Null is a key like any other.
    ///
    /// ```
    /// use stratal_frame::{Window, col, frame};
    /// let df = frame! { "k" => ["a", "b", "a"], "x" => [1i64, 2, 3] }.with_column("all", col("x").sum().over(Window::by("k")));
    /// assert_eq!(df.sort("x").collect()?.column::<i64>("all")?, [4, 2, 4]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn by(keys: impl IntoExprs) -> Self {
        Window { keys: keys.into_exprs(), order: Vec::new(), span: None, min_rows: 1 }
    }

    /// All rows of the frame belong together.
    ///
    /// ```
    /// use stratal_frame::{Window, col, frame};
    /// let x = frame! { "x" => [1.0, 2.0, 6.0] }.with_column("x", col("x") - col("x").mean().over(Window::all()));
    /// assert_eq!(x.collect()?.column::<f64>("x")?, [-2.0, -1.0, 3.0]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn all() -> Self {
        Window::by(())
    }

    /// All rows of the frame belong together, in this order.
    ///
    /// ```
    /// use stratal_frame::{Window, col, frame};
    /// let x = frame! { "t" => [2i64, 1, 3], "x" => [20i64, 10, 35] }.with_column("step", col("x").diff(1).over(Window::ordered("t")));
    /// assert_eq!(x.sort("t").collect()?.column::<Option<i64>>("step")?, [None, Some(10), Some(15)]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn ordered(keys: impl IntoSortKeys) -> Self {
        Window::all().order_by(keys)
    }

    /// The order of rows that belong together: names for smallest first, [`Expr::desc`] for largest first. Which of several
    /// rows with equal keys comes first is not promised.
    ///
    /// ```
    /// use stratal_frame::{Window, col, frame, row_number};
    /// let w = Window::by("k").order_by(col("x").desc());
    /// let first = frame! { "k" => ["a", "b", "a"], "x" => [1i64, 2, 3] }.filter(row_number().over(&w).eq(1)).sort("k");
    /// assert_eq!(first.collect()?.column::<i64>("x")?, [3, 2]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn order_by(&self, keys: impl IntoSortKeys) -> Self {
        Window { order: keys.into_sort_keys(), ..self.clone() }
    }

    /// A row looks from so many rows after it to so many: negative numbers are rows before it, 0 is the row itself.
    ///
    /// ```
    /// use stratal_frame::{Window, col, frame};
    /// let x = frame! { "x" => [1i64, 2, 3, 4] };
    /// let both = x.with_column("sum", col("x").sum().over(Window::ordered("x").rows(-1..=1)));
    /// let rest = x.with_column("sum", col("x").sum().over(Window::ordered("x").rows(1..)));
    /// assert_eq!(both.sort("x").collect()?.column::<i64>("sum")?, [3, 6, 9, 7]);
    /// assert_eq!(rest.sort("x").collect()?.column::<Option<i64>>("sum")?, [Some(9), Some(7), Some(4), None]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn rows(&self, rows: impl RangeBounds<i64>) -> Self {
        Window { span: Some(Span::rows(&rows)), ..self.clone() }
    }

    /// A row looks at itself and back: at the last rows, if it is given a number; at what is less than a span of time before
    /// it, and at rows of the same time, if it is given one (`"7d"`, `"1h30m"`). The window is then ordered by one column of
    /// dates or times; rows without a time look at one another.
    ///
    /// ```
    /// use stratal_frame::{Window, col, frame};
    /// let day = |day| chrono::NaiveDate::from_ymd_opt(2024, 1, day).expect("a date");
    /// let df = frame! { "day" => [day(1), day(2), day(9)], "x" => [1i64, 2, 3] };
    /// let w = Window::ordered("day");
    /// let sums = df.with_columns([col("x").sum().over(w.trailing(2)).alias("rows"), col("x").sum().over(w.trailing("7d")).alias("days")]);
    /// let sums = sums.sort("day").collect()?;
    /// assert_eq!(sums.column::<i64>("rows")?, [1, 3, 5]);
    /// assert_eq!(sums.column::<i64>("days")?, [1, 3, 3]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn trailing(&self, span: impl Into<Trailing>) -> Self {
        Window { span: Some(span.into().0), ..self.clone() }
    }

    /// A row looks at this many rows with itself in the middle; one more before it than after it, if the number is even.
    ///
    /// ```
    /// use stratal_frame::{Window, col, frame};
    /// let x = frame! { "x" => [1.0, 2.0, 6.0] };
    /// let smooth = x.with_column("mean", col("x").mean().over(Window::ordered("x").centered(3)));
    /// assert_eq!(smooth.sort("x").collect()?.column::<f64>("mean")?, [1.5, 3.0, 4.0]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn centered(&self, rows: usize) -> Self {
        Window { span: Some(Span::centered(rows)), ..self.clone() }
    }

    /// An aggregate of fewer rows is null. Rows are counted, whatever their values.
    ///
    /// ```
    /// use stratal_frame::{Window, col, frame};
    /// let x = frame! { "x" => [1.0, 2.0, 6.0] };
    /// let means = x.with_column("mean", col("x").mean().over(Window::ordered("x").trailing(2).min_rows(2)));
    /// assert_eq!(means.sort("x").collect()?.column::<Option<f64>>("mean")?, [None, Some(1.5), Some(4.0)]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn min_rows(&self, rows: usize) -> Self {
        Window { min_rows: rows as u64, ..self.clone() }
    }

    /// The window around every aggregate, and around every function that waits for one.
    fn around(&self, expr: Logical) -> Result<Logical> {
        let keys = self.keys.iter().map(Expr::to_datafusion).collect::<Result<Vec<_>>>()?;
        let order = self.order.iter().map(|key| key.expr().to_datafusion()).collect::<Result<Vec<_>>>()?;
        let span = self.span.clone().transpose()?;
        let directions = self.order.iter().map(SortKey::direction).collect();
        let over = Over { keys: keys.len(), order: directions, span, min_rows: self.min_rows };
        let mut is_empty = true;
        let around = expr.clone().transform_down(|node| {
            let is_waiting = Marker::of_expr(&node).map(|(marker, _)| matches!(marker, Marker::Waiting(_)));
            if is_waiting == Some(false) {
                // It has a window.
                return Ok(Transformed::new(node, false, TreeNodeRecursion::Jump));
            }
            if is_waiting.is_none() && !matches!(node, Logical::AggregateFunction(_)) {
                return Ok(Transformed::no(node));
            }
            is_empty = false;
            let arguments = std::iter::once(node).chain(keys.iter().cloned()).chain(order.iter().cloned()).collect();
            Ok(Transformed::new(Marker::Over(over.clone()).stand(arguments), true, TreeNodeRecursion::Jump))
        });
        let around = around.data().map_err(crate::error::of_datafusion)?;
        if is_empty {
            let message = format!("there is nothing in {} that a window could be put around", super::show(&expr));
            let help = "a window goes with an aggregate or with lag, cum_sum, …: col(\"x\").sum().over(\"k\")";
            return Err(Error::new(ErrorKind::BadValue, message).with_help(help));
        }
        Ok(around)
    }
}

impl<T: IntoExprs> From<T> for Window {
    fn from(keys: T) -> Self {
        Window::by(keys)
    }
}

impl From<&Window> for Window {
    fn from(window: &Window) -> Self {
        window.clone()
    }
}

/// The window as errors print it.
impl fmt::Debug for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts: Vec<String> = Vec::new();
        if !self.keys.is_empty() {
            parts.push(self.keys.iter().map(|key| format!("{key:?}")).collect::<Vec<_>>().join(", "));
        }
        if !self.order.is_empty() {
            parts.push(format!("order by {}", self.order.iter().map(|key| format!("{key:?}")).collect::<Vec<_>>().join(", ")));
        }
        match &self.span {
            None => {}
            Some(Ok(span)) => parts.push(span.to_string()),
            Some(Err(error)) => parts.push(format!("({})", error.message())),
        }
        if self.min_rows > 1 {
            parts.push(format!("min_rows {}", self.min_rows));
        }
        write!(f, "({})", parts.join(" "))
    }
}

impl Expr {
    /// What is computed here, over a window: every row keeps its own value. For aggregates, and for [`lag`](Self::lag),
    /// [`cum_sum`](Self::cum_sum), [`rank()`](super::rank()) and the like.
    ///
    /// ```
    /// use stratal_frame::{Window, col, frame};
    /// let df = frame! { "dept" => ["a", "a", "b"], "pay" => [10i64, 30, 20] };
    /// let above = df.filter(col("pay").gt_eq(col("pay").mean().over("dept"))).sort("pay");
    /// assert_eq!(above.collect()?.column::<i64>("pay")?, [20, 30]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn over(&self, window: impl Into<Window>) -> Expr {
        let window = window.into();
        Expr(self.0.clone().and_then(|own| window.around(own)))
    }
}

/// What stands for a window, or waits for one, as errors print it.
pub(super) fn show_marker(marker: &Marker, arguments: &[Logical]) -> String {
    match marker {
        Marker::Waiting(waiting) => {
            let arguments = arguments.iter().map(super::show).chain(waiting.number().map(|number| number.to_string()));
            format!("{}({})", waiting.name(), arguments.collect::<Vec<_>>().join(", "))
        }
        Marker::Over(over) => show_over(over, arguments),
        Marker::Call(call) => call.shown.clone(),
        Marker::RowId => "row_id()".to_owned(),
    }
}

/// A window around a function as errors print it.
fn show_over(over: &Over, arguments: &[Logical]) -> String {
    let (function, rest) = arguments.split_at(arguments.len().min(1));
    let (keys, order) = rest.split_at(over.keys.min(rest.len()));
    let listed = |items: Vec<String>| items.join(", ");
    let mut parts: Vec<String> = Vec::new();
    if !keys.is_empty() {
        parts.push(listed(keys.iter().map(super::show).collect()));
    }
    if !order.is_empty() {
        let order = order.iter().zip(&over.order).map(|(key, direction)| {
            let descending = if direction.descending { " desc" } else { "" };
            let nulls = if direction.nulls_first { " nulls first" } else { "" };
            format!("{}{descending}{nulls}", super::show(key))
        });
        parts.push(format!("order by {}", listed(order.collect())));
    }
    parts.extend(over.span.as_ref().map(ToString::to_string));
    if over.min_rows > 1 {
        parts.push(format!("min_rows {}", over.min_rows));
    }
    format!("{} over ({})", listed(function.iter().map(super::show).collect()), parts.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{col, count};

    #[test]
    fn windows_are_shown_as_they_were_written() {
        let w = Window::by(("k", "j")).order_by((col("t").desc(), "u"));
        assert_eq!(format!("{w:?}"), "(k, j order by t desc, u)");
        assert_eq!(
            format!("{:?}", col("x").mean().over(w.trailing(7).min_rows(3))),
            "mean(x) over (k, j order by t desc, u rows -6..=0 min_rows 3)"
        );
        assert_eq!(format!("{:?}", col("x").lag(2).over(Window::ordered("t"))), "lag(x, 2) over (order by t)");
        assert_eq!(format!("{:?}", count().over(Window::all())), "count() over ()");
        assert_eq!(format!("{:?}", col("x").lag(1)), "lag(x, 1)");
        assert_eq!(
            format!("{:?}", Window::ordered("t").trailing("1mo")),
            "(order by t (trailing(\"1mo\") has no fixed length: months differ))"
        );
    }

    #[test]
    fn a_window_goes_around_each_aggregate_and_around_none_that_has_one() {
        let shown = |expr: Expr| format!("{expr:?}");
        assert_eq!(shown((col("a").sum() / count()).over("k")), "sum(a) over (k) / count() over (k)");
        let gap = col("t") - col("t").lag(1).over(Window::ordered("t"));
        assert_eq!(shown(gap.cum_sum().over("k")), "cum_sum(t - lag(t, 1) over (order by t)) over (k)");
        let none = (col("a") + 1).over("k").to_datafusion().unwrap_err();
        assert_eq!(none.message(), "there is nothing in a + 1 that a window could be put around");
        assert!(col("a").sum().over("k").over("j").to_datafusion().is_err());
    }

    #[test]
    fn what_is_unaliased_is_named_after_what_the_window_goes_around() {
        let name = |expr: Expr| super::super::output_name(&expr.to_datafusion().unwrap());
        assert_eq!(name(col("x").sum().over("k")), "x");
        assert_eq!(name(count().over("k")), "count");
        assert_eq!(name(rank().over(Window::by("k").order_by("t"))), "rank");
        assert_eq!(name((col("x") / col("y").sum().over("k")).alias("share")), "share");
    }
}
