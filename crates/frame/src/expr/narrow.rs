//! Which rows an aggregate sees, which values, and in which order: SQL's `FILTER`, `DISTINCT` and `ORDER BY`.

use super::{
    Expr, IntoSortKeys, SortKey,
    aggregate::{is_count_of_rows, sees_order, show_aggregate},
    show::show,
};
use datafusion::logical_expr::{
    Cast, Expr as Logical, SortExpr,
    expr::{AggregateFunction, Alias},
};
use stratal_core::{Error, ErrorKind, Result};

impl Expr {
    /// The aggregate over those rows alone for which the condition is true. Given twice, both have to be.
    ///
    /// ```
    /// use stratal_frame::{col, count, frame};
    /// let df = frame! { "x" => [1i64, 2, 9] };
    /// let large = df.select((col("x").sum().filter(col("x").gt(1)), count().filter(col("x").gt(5)).alias("n"))).collect()?;
    /// assert_eq!((large.value::<i64>(0, "x")?, large.value::<i64>(0, "n")?), (11, 1));
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn filter(&self, condition: impl Into<Expr>) -> Expr {
        let condition = condition.into();
        self.aggregate("filter", |function| {
            let condition = condition.to_datafusion()?;
            let both = match function.params.filter.take() {
                Some(before) => (*before).and(condition),
                None => condition,
            };
            function.params.filter = Some(Box::new(both));
            Ok(())
        })
    }

    /// The aggregate over the different values, each taken once.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let df = frame! { "x" => [1i64, 2, 2, 4] };
    /// assert_eq!(df.select(col("x").sum().distinct()).collect()?.item::<i64>()?, 7);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn distinct(&self) -> Expr {
        self.aggregate("distinct", |function| {
            match function.func.name() {
                // Equal values change nothing.
                "min" | "max" | "first_value" | "last_value" | "bool_or" | "bool_and" => return Ok(()),
                "count" if is_count_of_rows(function) => {}
                "sum" | "avg" | "count" | "var" | "var_samp" | "stddev" | "array_agg" => {
                    function.params.distinct = true;
                    return Ok(());
                }
                _ => {}
            }
            let message = format!("{} is not taken of different values alone", show_aggregate(function));
            Err(Error::new(ErrorKind::BadValue, message)
                .with_help("distinct() goes with sum mean count var std collect_list; col(\"x\").n_unique() counts"))
        })
    }

    /// The order that [`first`](Self::first), [`last`](Self::last) and [`collect_list`](Self::collect_list) see rows in. To
    /// other aggregates it makes no difference.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let df = frame! { "t" => [2i64, 3, 1], "x" => ["b", "c", "a"] };
    /// let ends = df.select((col("x").first().order_by("t"), col("x").first().order_by(col("t").desc()).alias("last"))).collect()?;
    /// assert_eq!((ends.value::<String>(0, "x")?, ends.value::<String>(0, "last")?), ("a".into(), "c".into()));
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn order_by(&self, keys: impl IntoSortKeys) -> Expr {
        let keys = keys.into_sort_keys();
        self.aggregate("order_by", |function| {
            let order = keys.iter().map(|key: &SortKey| key.over(key.expr().to_datafusion()));
            let order = order.collect::<Result<Vec<SortExpr>>>()?;
            if sees_order(function) {
                function.params.order_by = order;
            }
            Ok(())
        })
    }

    /// The aggregate, changed. `method` is called on it.
    fn aggregate(&self, method: &str, change: impl Fn(&mut AggregateFunction) -> Result<()>) -> Expr {
        Expr(self.0.clone().and_then(|own| changed(own, method, &change)))
    }
}

fn changed(expr: Logical, method: &str, change: &impl Fn(&mut AggregateFunction) -> Result<()>) -> Result<Logical> {
    match expr {
        Logical::AggregateFunction(mut function) => change(&mut function).map(|()| Logical::AggregateFunction(function)),
        Logical::Alias(alias) => {
            let inner = changed(*alias.expr, method, change)?;
            Ok(Logical::Alias(Alias { expr: Box::new(inner), ..alias }))
        }
        Logical::Cast(cast) => {
            let inner = changed(*cast.expr, method, change)?;
            Ok(Logical::Cast(Cast { expr: Box::new(inner), ..cast }))
        }
        other => {
            let message = format!("{method}(..) belongs to an aggregate, and {} is none", show(&other));
            let help = format!("call it on the aggregate itself: col(\"x\").sum().{method}(..), and over(..) after it");
            Err(Error::new(ErrorKind::BadValue, message).with_help(help))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Window, col, corr, count};

    #[test]
    fn what_belongs_to_an_aggregate_is_refused_elsewhere() {
        let message = |expr: Expr| expr.to_datafusion().unwrap_err().message().to_owned();
        assert_eq!(message((col("a") + 1).filter(col("b"))), "filter(..) belongs to an aggregate, and a + 1 is none");
        assert_eq!(message(col("a").distinct()), "distinct(..) belongs to an aggregate, and a is none");
        assert_eq!(message(col("a").order_by("b")), "order_by(..) belongs to an aggregate, and a is none");
        let windowed = col("a").sum().over(Window::all()).filter(col("b"));
        assert_eq!(message(windowed), "filter(..) belongs to an aggregate, and sum(a) over () is none");
        assert_eq!(message(count().distinct()), "count() is not taken of different values alone");
        assert_eq!(message(col("a").median().distinct()), "median(a) is not taken of different values alone");
        assert_eq!(message(col("a").quantile(1.5)), "there is no quantile 1.5");
        assert_eq!(message(col("a").approx_quantile(f64::NAN)), "there is no quantile NaN");
        assert_eq!(message(corr(["a", "b"], "c")), "corr(..) takes one column and another, and was given 2 and 1");
    }

    #[test]
    fn two_filters_are_one() {
        let twice = format!("{:?}", col("x").sum().filter(col("a")).alias("s").filter(col("b")));
        assert!(twice.starts_with("sum(x).filter(a ") && twice.ends_with(" b) as s"), "{twice}");
    }
}
