//! Comparisons beyond `eq` and `lt`, and values that count as missing.

use super::{Expr, IntoExpr, later::cast};
use crate::types::ColumnType;
use datafusion::{
    functions::math::expr_fn::isnan,
    logical_expr::{BinaryExpr, Case, Expr as Logical, Like, Operator, TryCast},
};
use stratal_core::Result;

/// `value` where the condition is true, else `otherwise`.
pub(super) fn choose(condition: Logical, value: Logical, otherwise: Option<Logical>) -> Logical {
    Logical::Case(Case::new(None, vec![(Box::new(condition), Box::new(value))], otherwise.map(Box::new)))
}

/// Two sides and an operator between them.
pub(super) fn compare(left: Logical, operator: Operator, right: Logical) -> Logical {
    Logical::BinaryExpr(BinaryExpr::new(Box::new(left), operator, Box::new(right)))
}

impl Expr {
    /// Equal, where two nulls are equal and a null and a value are not. Never null.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let df = frame! { "a" => [Some(1i64), None, None], "b" => [Some(1i64), None, Some(2)] };
    /// let same = df.select(col("a").eq_null_safe(col("b")).alias("same")).collect()?;
    /// assert_eq!(same.column::<bool>("same")?, [true, true, false]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn eq_null_safe(&self, other: impl IntoExpr) -> Expr {
        self.binary(Operator::IsNotDistinctFrom, other)
    }

    /// Whether the whole text fits a pattern of SQL: `%` is any text, `_` any one character, and a backslash takes their
    /// meaning from them. Case counts.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let df = frame! { "name" => ["Alice", "Bob", "alba"] };
    /// assert_eq!(df.filter(col("name").like("A%")).count()?, 1);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn like(&self, pattern: impl IntoExpr) -> Expr {
        self.with(pattern, |own, pattern| Logical::Like(Like::new(false, Box::new(own), Box::new(pattern), None, false)))
    }

    /// As [`like`](Self::like), and case does not count.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let df = frame! { "name" => ["Alice", "Bob", "alba"] };
    /// assert_eq!(df.filter(col("name").ilike("A%")).count()?, 2);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn ilike(&self, pattern: impl IntoExpr) -> Expr {
        self.with(pattern, |own, pattern| Logical::Like(Like::new(false, Box::new(own), Box::new(pattern), None, true)))
    }

    /// Null where it equals `value`, else itself.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let df = frame! { "note" => ["", "x"] }.with_columns(col("note").null_if(""));
    /// assert_eq!(df.collect()?.column::<Option<String>>("note")?, [None, Some("x".into())]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn null_if(&self, value: impl IntoExpr) -> Expr {
        self.method(".null_if", [value.into_expr()], |given| {
            given.beside(1)?;
            let equal = compare(given.argument(0), Operator::Eq, given.argument(1));
            let missing = cast(super::null().0?, given.type_of(0)?);
            Ok(choose(equal, missing, Some(given.argument(0))))
        })
    }

    /// Whether it is not a number. False for integers; null stays null.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let df = frame! { "x" => [Some(1.0), Some(f64::NAN), None] }.select(col("x").is_nan());
    /// assert_eq!(df.collect()?.column::<Option<bool>>("x")?, [Some(false), Some(true), None]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn is_nan(&self) -> Expr {
        self.method(".is_nan", [], |given| given.numeric(0).map(|(number, _)| isnan(number)))
    }

    /// `value` where it is not a number, else itself. Nulls stay; [`fill_null`](Self::fill_null) fills those.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let df = frame! { "x" => [Some(1.0), Some(f64::NAN), None] }.select(col("x").fill_nan(0));
    /// assert_eq!(df.collect()?.column::<Option<f64>>("x")?, [Some(1.0), Some(0.0), None]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn fill_nan(&self, value: impl IntoExpr) -> Expr {
        self.method(".fill_nan", [value.into_expr()], |given| {
            let (number, data_type) = given.numeric(0)?;
            if !data_type.is_floating() {
                return Ok(number);
            }
            given.numeric(1)?;
            Ok(choose(isnan(number.clone()), cast(given.argument(1), data_type), Some(number)))
        })
    }

    /// The value as another type; null where it does not fit.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let df = frame! { "x" => ["1", "two"] }.select(col("x").try_cast("i64"));
    /// assert_eq!(df.collect()?.column::<Option<i64>>("x")?, [Some(1), None]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn try_cast(&self, to: impl Into<ColumnType>) -> Expr {
        let to = to.into().resolve();
        let own: Result<Logical> = self.0.clone();
        Expr(to.and_then(|to| own.map(|own| Logical::TryCast(TryCast::new(Box::new(own), to)))))
    }

    /// The value, but not below `low` and not above `high`. A bound that is null does not bind; NaN is above every number.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let df = frame! { "x" => [Some(-3i64), Some(5), Some(99), None] }.select(col("x").clip(0, 10));
    /// assert_eq!(df.collect()?.column::<Option<i64>>("x")?, [Some(0), Some(5), Some(10), None]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn clip(&self, low: impl IntoExpr, high: impl IntoExpr) -> Expr {
        self.method(".clip", [low.into_expr(), high.into_expr()], |given| {
            let [own, low, high] = given.alike()?;
            let below = (compare(own.clone(), Operator::Lt, low.clone()), low);
            let above = (compare(own.clone(), Operator::Gt, high.clone()), high);
            let bounds = [below, above].map(|(condition, bound)| (Box::new(condition), Box::new(bound)));
            Ok(Logical::Case(Case::new(None, bounds.into(), Some(Box::new(own)))))
        })
    }
}
