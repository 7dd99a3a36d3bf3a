//! Aggregates: one value for many rows. Nulls are skipped, as in SQL; the sum of nothing is null.

use super::Expr;
use datafusion::{
    common::ScalarValue,
    functions_aggregate::expr_fn::{self, avg, count_distinct, max, min, stddev, sum, var_sample},
    logical_expr::{Expr as Logical, expr::AggregateFunction},
};

/// The number of rows.
///
/// ```
/// use stratal_frame::{count, frame};
/// let df = frame! { "k" => ["a", "b", "a"] }.group_by("k").agg(count()).sort("k");
/// assert_eq!(df.collect()?.column::<i64>("count")?, [2, 1]);
/// # Ok::<(), stratal_core::Error>(())
/// ```
pub fn count() -> Expr {
    Expr(Ok(expr_fn::count(Logical::Literal(ScalarValue::Int64(Some(1)), None))))
}

/// Whether this counts rows and not values.
pub(super) fn is_count_of_rows(function: &AggregateFunction) -> bool {
    function.func.name() == "count" && matches!(&function.params.args[..], [Logical::Literal(value, _)] if !value.is_null())
}

impl Expr {
    /// The sum; null where there is nothing to be added.
    pub fn sum(&self) -> Expr {
        self.wrap(sum)
    }

    /// The arithmetic mean, as `f64`.
    pub fn mean(&self) -> Expr {
        self.wrap(avg)
    }

    /// The smallest value.
    pub fn min(&self) -> Expr {
        self.wrap(min)
    }

    /// The largest value.
    pub fn max(&self) -> Expr {
        self.wrap(max)
    }

    /// The number of values that are not null. [`count()`](super::count) counts rows.
    pub fn count(&self) -> Expr {
        self.wrap(expr_fn::count)
    }

    /// The number of different values, null not counted.
    pub fn n_unique(&self) -> Expr {
        self.wrap(count_distinct)
    }

    /// The variance with `n - 1` in the denominator; null for fewer than two values.
    pub fn var(&self) -> Expr {
        self.wrap(var_sample)
    }

    /// The standard deviation, the square root of [`var`](Self::var).
    pub fn std(&self) -> Expr {
        self.wrap(stddev)
    }
}
