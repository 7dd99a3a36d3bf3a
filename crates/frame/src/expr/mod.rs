//! Expressions: a newtype over DataFusion's, because a foreign type cannot be given `col("a") + 1`.
//!
//! - [`into`](IntoExpr): what may stand where a value, columns or sort keys are wanted.
//! - `ops`: `+ - * / % & | ^`, unary `-` and `!`. `aggregate`: `sum`, `mean`, … `sort`: [`SortKey`].
//! - `literal`: dates and spans written as text. `every`: spans. `conditions`: comparisons beyond `eq`. `when`: [`when`].
//!   `several`: one value from several columns. `math`, `text`, `time`, `list`: methods by type. `map`: functions of rows.
//! - `selector`: several columns at once. `call`, `sql`: DataFusion's functions by name, and SQL.
//! - `later`: what is bound when types are known, as most methods are. `own`: functions that DataFusion does not have.
//! - `narrow`: which rows an aggregate sees. `same_float`: floats that are equal. `window`: what is computed over rows around a row.
//! - `name`: what an unaliased expression is called. `show`: an expression as errors print it.
//!
//! An [`Expr`] carries the first mistake made in it; the verb reports it. It is neither `PartialEq` nor `PartialOrd`, so
//! that `filter(col("a") == lit(1))` does not compile instead of meaning `false`.

mod aggregate;
mod call;
mod conditions;
mod every;
mod into;
mod later;
mod list;
mod literal;
mod map;
mod math;
mod name;
mod narrow;
mod ops;
mod own;
mod same_float;
mod selector;
mod several;
mod show;
mod sort;
mod sql;
mod text;
mod time;
mod when;
mod window;

pub(crate) use aggregate::sees_order;
pub use aggregate::{corr, count, cov};
pub use call::{IntoArguments, call};
pub(crate) use every::{DAY, Every};
pub use into::{IntoExpr, IntoExprs, IntoSortKeys};
pub(crate) use later::Later;
pub use list::ListExpr;
pub use literal::{date, datetime, every};
pub use map::RowValue;
pub(crate) use map::{Mapped, decode as decode_mapped};
pub(crate) use name::{Name, output_name};
pub(crate) use own::{all as own_functions, in_zone};
pub(crate) use same_float::same_float;
pub(crate) use selector::spread;
pub use selector::{Selector, cols};
pub use several::{coalesce, concat_str, greatest, least};
pub(crate) use show::{show, source};
pub use sort::SortKey;
pub(crate) use sql::has_sql;
pub use sql::sql_expr;
pub use text::StrExpr;
pub use time::DtExpr;
pub use when::{Then, When, when};
pub(crate) use window::{Call, Marker, Over, Span, Waiting, has_window, refuse_waiting};
pub use window::{Trailing, Window, cume_dist, dense_rank, ntile, percent_rank, rank, row_number};

use crate::types::ColumnType;
use datafusion::{
    common::{Column, ScalarValue},
    functions::core::expr_fn,
    logical_expr::{Between, BinaryExpr, Cast, Expr as Logical, Operator},
};
use std::fmt;
use stratal_core::Result;

/// A value computed from columns, row by row or over rows.
///
/// ```
/// use stratal_frame::{col, count};
/// let dear = (col("price") * col("amount")).gt(100);
/// let share = (col("a").sum() / count()).alias("share");
/// # assert_eq!(format!("{dear:?}"), "price * amount > 100");
/// ```
#[derive(Clone)]
pub struct Expr(pub(crate) Result<Logical>);

/// The column of this name. Case counts, and dots are part of the name.
///
/// ```
/// use stratal_frame::col;
/// let both = col("Name").eq(col("a.b"));
/// # let _ = both;
/// ```
pub fn col(name: impl Into<String>) -> Expr {
    Expr(Ok(Logical::Column(Column::from_name(name))))
}

/// A value, the same for every row. Most places take the value itself as well.
///
/// ```
/// use stratal_frame::{col, lit};
/// let two_ways = (col("a") + 1, col("a") + lit(1));
/// # let _ = two_ways;
/// ```
pub fn lit(value: impl IntoExpr) -> Expr {
    value.into_expr()
}

/// The value that is missing.
pub fn null() -> Expr {
    Expr::literal(ScalarValue::Null)
}

impl Expr {
    pub(crate) fn literal(value: ScalarValue) -> Self {
        Expr(Ok(Logical::Literal(value, None)))
    }

    /// The same mistake, or what `change` makes of the expression. (`map` is the user's: a function of rows.)
    fn wrap(&self, change: impl FnOnce(Logical) -> Logical) -> Self {
        Expr(self.0.clone().map(change))
    }

    fn with(&self, other: impl IntoExpr, join: impl FnOnce(Logical, Logical) -> Logical) -> Self {
        Expr(self.0.clone().and_then(|own| other.into_expr().0.map(|other| join(own, other))))
    }

    fn binary(&self, operator: Operator, other: impl IntoExpr) -> Self {
        self.with(other, |left, right| Logical::BinaryExpr(BinaryExpr::new(Box::new(left), operator, Box::new(right))))
    }

    /// DataFusion's expression. Columns are named, not yet found; methods whose meaning depends on types stand in it as
    /// functions that are not to be run, until a frame binds it.
    ///
    /// # Errors
    /// The first mistake made in the expression.
    pub fn to_datafusion(&self) -> Result<Logical> {
        self.0.clone()
    }

    /// Equal. Null where a side is null.
    pub fn eq(&self, other: impl IntoExpr) -> Expr {
        self.binary(Operator::Eq, other)
    }

    /// Not equal. Null where a side is null.
    pub fn not_eq(&self, other: impl IntoExpr) -> Expr {
        self.binary(Operator::NotEq, other)
    }

    /// Less.
    pub fn lt(&self, other: impl IntoExpr) -> Expr {
        self.binary(Operator::Lt, other)
    }

    /// Less or equal.
    pub fn lt_eq(&self, other: impl IntoExpr) -> Expr {
        self.binary(Operator::LtEq, other)
    }

    /// Greater.
    pub fn gt(&self, other: impl IntoExpr) -> Expr {
        self.binary(Operator::Gt, other)
    }

    /// Greater or equal.
    pub fn gt_eq(&self, other: impl IntoExpr) -> Expr {
        self.binary(Operator::GtEq, other)
    }

    /// Both. Null counts as unknown, as in SQL.
    pub fn and(&self, other: impl IntoExpr) -> Expr {
        self.binary(Operator::And, other)
    }

    /// Either. Null counts as unknown, as in SQL.
    pub fn or(&self, other: impl IntoExpr) -> Expr {
        self.binary(Operator::Or, other)
    }

    /// The opposite of a truth value; null stays null.
    pub fn not(&self) -> Expr {
        self.wrap(|own| Logical::Not(Box::new(own)))
    }

    /// From `low` to `high`, both included.
    pub fn between(&self, low: impl IntoExpr, high: impl IntoExpr) -> Expr {
        let high = high.into_expr();
        Expr(high.0.and_then(|high| {
            self.with(low, |own, low| Logical::Between(Between::new(Box::new(own), false, Box::new(low), Box::new(high)))).0
        }))
    }

    /// Whether it is one of these.
    ///
    /// ```
    /// use stratal_frame::col;
    /// let known = col("name").is_in(["Alice", "Bob"]);
    /// # assert_eq!(format!("{known:?}"), "name in [\"Alice\", \"Bob\"]");
    /// ```
    pub fn is_in(&self, values: impl IntoIterator<Item = impl IntoExpr>) -> Expr {
        let values: Result<Vec<Logical>> = values.into_iter().map(|value| value.into_expr().0).collect();
        Expr(values.and_then(|values| self.0.clone().map(|own| own.in_list(values, false))))
    }

    /// Whether it is missing.
    pub fn is_null(&self) -> Expr {
        self.wrap(Logical::is_null)
    }

    /// Whether it is there.
    pub fn is_not_null(&self) -> Expr {
        self.wrap(Logical::is_not_null)
    }

    /// The value where it is there, else `other`, in the type of the value if that can hold it.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let df = frame! { "x" => [Some(1i64), None] }.select(col("x").fill_null(0));
    /// assert_eq!(df.collect()?.column::<i64>("x")?, [1, 0]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn fill_null(&self, other: impl IntoExpr) -> Expr {
        self.method(".fill_null", [other.into_expr()], |given| given.alike::<2>().map(|both| expr_fn::coalesce(both.into())))
    }

    /// The same under another name.
    pub fn alias(&self, name: impl Into<String>) -> Expr {
        self.wrap(|own| own.alias(name))
    }

    /// The value as another type; what does not fit is an error when it runs.
    ///
    /// ```
    /// use stratal_frame::col;
    /// let exact = col("price").cast("decimal(10, 2)");
    /// # let _ = exact;
    /// ```
    pub fn cast(&self, to: impl Into<ColumnType>) -> Expr {
        let to = to.into().resolve();
        Expr(to.and_then(|to| self.0.clone().map(|own| Logical::Cast(Cast::new(Box::new(own), to)))))
    }

    /// Smallest first when sorted by it; nulls last.
    pub fn asc(&self) -> SortKey {
        SortKey::new(self.clone(), true)
    }

    /// Largest first when sorted by it; nulls last.
    pub fn desc(&self) -> SortKey {
        SortKey::new(self.clone(), false)
    }
}

impl From<Logical> for Expr {
    fn from(expr: Logical) -> Self {
        Expr(Ok(expr))
    }
}

impl From<&Expr> for Expr {
    fn from(expr: &Expr) -> Self {
        expr.clone()
    }
}

/// The expression as errors and `explain` print it.
impl fmt::Debug for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Ok(expr) => f.write_str(&show(expr)),
            Err(error) => write!(f, "({})", error.message()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use stratal_core::ErrorKind;

    fn name(expr: Expr) -> String {
        output_name(&expr.to_datafusion().unwrap())
    }

    #[test]
    fn an_unaliased_expression_is_named_after_its_leftmost_column() {
        assert_eq!(name(col("amount")), "amount");
        assert_eq!(name(col("a.b").sum()), "a.b");
        assert_eq!(name(1 - col("Discount")), "Discount");
        assert_eq!(name((col("a") + col("b")) * 2), "a");
        assert_eq!(name((col("a").sum() / count()).alias("mean")), "mean");
        assert_eq!(name(count()), "count");
        assert_eq!(name(count() + 1), "count");
        assert_eq!(name(lit(1)), "literal");
        assert_eq!(name(col("x").is_null()), "x");
    }

    #[test]
    fn the_first_mistake_stays() {
        let wrong = col("a").cast("integer") + col("b").cast("text");
        let error = wrong.filter_error();
        assert_eq!((error.kind(), error.message()), (ErrorKind::BadValue, "\"integer\" is no type"));
    }

    impl Expr {
        fn filter_error(&self) -> stratal_core::Error {
            self.to_datafusion().unwrap_err()
        }
    }

    #[test]
    fn expressions_are_shown_as_they_were_written() {
        assert_eq!(format!("{:?}", (col("a") + 1).lt(2.5)), "a + 1 < 2.5");
        assert_eq!(format!("{:?}", (col("a") + 1) * 2), "(a + 1) * 2");
        assert_eq!(format!("{:?}", col("s").eq("x") & !col("b").is_null()), "s = \"x\" & !(b is null)");
        assert_eq!(format!("{:?}", col("x").n_unique().alias("n")), "n_unique(x) as n");
        assert_eq!(format!("{:?}", col("x").cast("f64").between(0, 1)), "cast(x, f64) between 0 and 1");
    }
}
