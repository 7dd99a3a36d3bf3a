//! Aggregates: one value for many rows. Nulls are skipped, as in SQL; the sum of nothing is null.

use super::{Expr, IntoExprs, show::show, window::Marker};
use crate::functions::{checked_quantile, product, quantile};
use arrow_schema::DataType;
use datafusion::{
    common::ScalarValue,
    functions_aggregate::{
        approx_percentile_cont::approx_percentile_cont_udaf,
        expr_fn::{
            self, approx_distinct, array_agg, avg, bool_and, bool_or, count_distinct, covar_samp, max, min, stddev, sum, var_sample,
        },
        first_last::{first_value_udaf, last_value_udaf},
    },
    logical_expr::{Cast, Expr as Logical, SortExpr, expr::AggregateFunction},
};
use stratal_core::{Error, ErrorKind};

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

/// How closely two columns go together, from -1 to 1 (Pearson's correlation); null where one of them does not vary. Rows in
/// which one is null are left out.
///
/// ```
/// use stratal_frame::{corr, frame};
/// let df = frame! { "x" => [1.0, 2.0, 3.0], "y" => [6.0, 4.0, 2.0] };
/// assert!((df.select(corr("x", "y")).collect()?.item::<f64>()? + 1.0).abs() < 1e-12);
/// # Ok::<(), stratal_core::Error>(())
/// ```
pub fn corr(one: impl IntoExprs, other: impl IntoExprs) -> Expr {
    pair("corr", one.into_exprs(), other.into_exprs(), expr_fn::corr)
}

/// The covariance of two columns, with `n - 1` in the denominator; null for fewer than two rows. Rows in which one is null
/// are left out.
///
/// ```
/// use stratal_frame::{cov, frame};
/// let df = frame! { "x" => [1.0, 2.0, 3.0], "y" => [6.0, 4.0, 2.0] };
/// assert_eq!(df.select(cov("x", "y")).collect()?.item::<f64>()?, -2.0);
/// # Ok::<(), stratal_core::Error>(())
/// ```
pub fn cov(one: impl IntoExprs, other: impl IntoExprs) -> Expr {
    pair("cov", one.into_exprs(), other.into_exprs(), covar_samp)
}

fn pair(name: &str, one: Vec<Expr>, other: Vec<Expr>, of: impl FnOnce(Logical, Logical) -> Logical) -> Expr {
    match (&one[..], &other[..]) {
        ([one], [other]) => Expr(one.0.clone().and_then(|one| other.0.clone().map(|other| of(one, other)))),
        _ => {
            let message = format!("{name}(..) takes one column and another, and was given {} and {}", one.len(), other.len());
            Expr(Err(Error::new(ErrorKind::BadValue, message).with_help(format!("name two: {name}(\"x\", \"y\")"))))
        }
    }
}

/// Whether this counts rows and not values.
pub(super) fn is_count_of_rows(function: &AggregateFunction) -> bool {
    function.func.name() == "count" && matches!(&function.params.args[..], [Logical::Literal(value, _)] if !value.is_null())
}

/// Whether this is an aggregate that is cast to another type by the method that makes it.
pub(super) fn is_cast_aggregate(expr: &Logical) -> bool {
    matches!(expr, Logical::AggregateFunction(function) if function.func.name() == "approx_distinct")
}

/// Whether the order of rows shows in its result.
pub(crate) fn sees_order(function: &AggregateFunction) -> bool {
    matches!(function.func.name(), "first_value" | "last_value" | "array_agg")
}

/// The aggregate as errors print it, under the name of the method that makes it.
pub(super) fn show_aggregate(function: &AggregateFunction) -> String {
    let params = &function.params;
    let (name, arguments, distinct) = match (function.func.name(), &params.args[..]) {
        _ if is_count_of_rows(function) => ("count", &[][..], params.distinct),
        ("stratal_quantile", [own, Logical::Literal(ScalarValue::Float64(Some(0.5)), _)]) => {
            ("median", std::slice::from_ref(own), params.distinct)
        }
        ("count", arguments) if params.distinct => ("n_unique", arguments, false),
        (name, arguments) => (method(name), arguments, params.distinct),
    };
    let mut shown = format!("{name}({})", arguments.iter().map(show).collect::<Vec<_>>().join(", "));
    if let Some(filter) = &params.filter {
        shown += &format!(".filter({})", show(filter));
    }
    if distinct {
        shown += ".distinct()";
    }
    let is_written = |key: &&SortExpr| Marker::of_expr(&key.expr).is_none_or(|(marker, _)| *marker != Marker::RowId);
    let order: Vec<String> = params.order_by.iter().filter(is_written).map(show_key).collect();
    if !order.is_empty() {
        shown += &format!(".order_by({})", order.join(", "));
    }
    shown
}

fn show_key(key: &SortExpr) -> String {
    let descending = if key.asc { "" } else { " desc" };
    let nulls = if key.nulls_first { " nulls first" } else { "" };
    format!("{}{descending}{nulls}", show(&key.expr))
}

/// What a function of DataFusion's is called here.
fn method(name: &str) -> &str {
    match name {
        "avg" => "mean",
        "stddev" => "std",
        "var_samp" => "var",
        "covar_samp" => "cov",
        "first_value" => "first",
        "last_value" => "last",
        "bool_or" => "any",
        "bool_and" => "all",
        "array_agg" => "collect_list",
        "approx_distinct" => "approx_n_unique",
        "approx_percentile_cont" => "approx_quantile",
        name => name.strip_prefix("stratal_").unwrap_or(name),
    }
}

impl Expr {
    /// The sum; null where there is nothing to be added: `.fill_null(0)` makes it 0. Integers give `i64` or `u64`.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let x = frame! { "x" => [Some(1i64), None, Some(3)] };
    /// assert_eq!(x.select(col("x").sum()).collect()?.item::<i64>()?, 4);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn sum(&self) -> Expr {
        self.wrap(sum)
    }

    /// The arithmetic mean, as `f64`; of decimals a decimal with four more digits.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let x = frame! { "x" => [Some(1i64), None, Some(4)] };
    /// assert_eq!(x.select(col("x").mean()).collect()?.item::<f64>()?, 2.5);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn mean(&self) -> Expr {
        self.wrap(avg)
    }

    /// The smallest value.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let names = frame! { "name" => ["Bob", "Alice"] };
    /// assert_eq!(names.select(col("name").min()).collect()?.item::<String>()?, "Alice");
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn min(&self) -> Expr {
        self.wrap(min)
    }

    /// The largest value. `NaN` is larger than every number.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let x = frame! { "x" => [1i64, 3, 2] };
    /// assert_eq!(x.select(col("x").max()).collect()?.item::<i64>()?, 3);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn max(&self) -> Expr {
        self.wrap(max)
    }

    /// The number of values that are not null. [`count()`](super::count) counts rows.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let x = frame! { "x" => [Some(1i64), None, Some(3)] };
    /// assert_eq!(x.select(col("x").count()).collect()?.item::<i64>()?, 2);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn count(&self) -> Expr {
        self.wrap(expr_fn::count)
    }

    /// The number of different values, null not counted. Of floats there is one zero and one `NaN`.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let x = frame! { "x" => [Some(1i64), None, Some(1), Some(2)] };
    /// assert_eq!(x.select(col("x").n_unique()).collect()?.item::<i64>()?, 2);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn n_unique(&self) -> Expr {
        self.wrap(count_distinct)
    }

    /// About the number of different values, null not counted: from a sketch of fixed size, off by some two percent.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let few = frame! { "x" => [1i64, 2, 2, 3] }.select(col("x").approx_n_unique());
    /// assert_eq!(few.collect()?.item::<i64>()?, 3);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn approx_n_unique(&self) -> Expr {
        self.wrap(|own| Logical::Cast(Cast::new(Box::new(approx_distinct(own)), DataType::Int64)))
    }

    /// The variance with `n - 1` in the denominator; null for fewer than two values.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let x = frame! { "x" => [1i64, 2, 3, 4] };
    /// assert!((x.select(col("x").var()).collect()?.item::<f64>()? - 5.0 / 3.0).abs() < 1e-12);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn var(&self) -> Expr {
        self.wrap(var_sample)
    }

    /// The standard deviation, the square root of [`var`](Self::var).
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let x = frame! { "x" => [1i64, 3] };
    /// assert!((x.select(col("x").std()).collect()?.item::<f64>()? - 2f64.sqrt()).abs() < 1e-12);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn std(&self) -> Expr {
        self.wrap(stddev)
    }

    /// The value in the middle, or the mean of the two there: exact, and as `f64`.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let x = frame! { "x" => [1i64, 2, 9, 4] };
    /// assert_eq!(x.select(col("x").median()).collect()?.item::<f64>()?, 3.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn median(&self) -> Expr {
        self.quantile(0.5)
    }

    /// The value that a share `q` of all values lie below: exact, linear between the two nearest values, and as `f64`. It
    /// holds all values of a group at once; [`approx_quantile`](Self::approx_quantile) does not.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let ms: Vec<i64> = (1..=100).collect();
    /// let df = frame! { "ms" => ms }.select((col("ms").quantile(0.5).alias("p50"), col("ms").quantile(0.99).alias("p99")));
    /// assert_eq!(df.collect()?.column::<f64>("p99")?, [99.01]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn quantile(&self, q: f64) -> Expr {
        Expr(checked_quantile(q).and_then(|q| self.0.clone().map(|own| quantile().call(vec![own, number(q)]))))
    }

    /// About the value that a share `q` of all values lie below, from a t-digest of fixed size.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let x: Vec<f64> = (0..=1000).map(f64::from).collect();
    /// let about = frame! { "x" => x }.select(col("x").approx_quantile(0.9)).collect()?.item::<f64>()?;
    /// assert!((about - 900.0).abs() < 10.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn approx_quantile(&self, q: f64) -> Expr {
        let of = |q, own: Logical| approx_percentile_cont_udaf().call(vec![own, number(q)]);
        Expr(checked_quantile(q).and_then(|q| self.0.clone().map(|own| of(q, own))))
    }

    /// The value of the first row, null or not. Rows are in the order of their partitions, unless
    /// [`order_by`](Self::order_by) names another.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let df = frame! { "k" => ["a", "b", "a"], "t" => [2i64, 1, 1], "x" => [10i64, 20, 30] };
    /// let firsts = df.group_by("k").agg((col("x").first(), col("x").first().order_by("t").alias("earliest"))).sort("k").collect()?;
    /// assert_eq!(firsts.column::<i64>("x")?, [10, 20]);
    /// assert_eq!(firsts.column::<i64>("earliest")?, [30, 20]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn first(&self) -> Expr {
        self.wrap(|own| first_value_udaf().call(vec![own]))
    }

    /// The value of the last row, null or not. Rows are in the order of their partitions, unless
    /// [`order_by`](Self::order_by) names another.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let df = frame! { "x" => [10i64, 20, 30] };
    /// assert_eq!(df.select(col("x").last()).collect()?.item::<i64>()?, 30);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn last(&self) -> Expr {
        self.wrap(|own| last_value_udaf().call(vec![own]))
    }

    /// Whether one is true. Nulls are skipped; of nothing it is null.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let x = frame! { "x" => [1i64, 2, 9] };
    /// assert!(x.select(col("x").gt(5).any()).collect()?.item::<bool>()?);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn any(&self) -> Expr {
        self.wrap(bool_or)
    }

    /// Whether all are true. Nulls are skipped; of nothing it is null.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let x = frame! { "x" => [1i64, 2, 9] };
    /// assert!(!x.select(col("x").gt(5).all()).collect()?.item::<bool>()?);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn all(&self) -> Expr {
        self.wrap(bool_and)
    }

    /// The product; null where there is nothing to be multiplied. Integers give `i64` or `u64` and wrap where the product is
    /// too large, as sums do; cast to `f64` before, where that can be. Decimals give `f64`.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let x = frame! { "x" => [2i64, 3, 7] };
    /// assert_eq!(x.select(col("x").product()).collect()?.item::<i64>()?, 42);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn product(&self) -> Expr {
        self.wrap(|own| product().call(vec![own]))
    }

    /// All values as a list, nulls among them; null where there are no rows. The order of values is not promised, unless
    /// [`order_by`](Self::order_by) names one.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let df = frame! { "k" => ["a", "b", "a"], "x" => [3i64, 2, 1] };
    /// let lists = df.group_by("k").agg(col("x").collect_list().order_by("x")).sort("k").collect()?;
    /// assert_eq!(lists.column::<Vec<i64>>("x")?, [vec![1, 3], vec![2]]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn collect_list(&self) -> Expr {
        self.wrap(array_agg)
    }
}

fn number(value: f64) -> Logical {
    Logical::Literal(ScalarValue::Float64(Some(value)), None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::col;

    #[test]
    fn aggregates_are_shown_by_the_methods_that_make_them() {
        let shown = |expr: Expr| format!("{expr:?}");
        assert_eq!(shown(col("x").median()), "median(x)");
        assert_eq!(shown(col("x").quantile(0.9)), "quantile(x, 0.9)");
        assert_eq!(shown(col("x").sum().filter(col("y").gt(1)).distinct()), "sum(x).filter(y > 1).distinct()");
        assert_eq!(shown(col("x").collect_list().order_by((col("t").desc(), "u"))), "collect_list(x).order_by(t desc, u)");
        assert_eq!(shown(col("x").n_unique()), "n_unique(x)");
        assert_eq!(shown(col("x").approx_n_unique()), "approx_n_unique(x)");
        assert_eq!(shown(count().filter(col("y"))), "count().filter(y)");
        assert_eq!(shown(corr("x", col("y") + 1)), "corr(x, y + 1)");
        assert_eq!(shown(cov("x", "y")), "cov(x, y)");
        assert_eq!(shown(col("x").var()), "var(x)");
        assert_eq!(shown(col("x").any()), "any(x)");
    }
}
