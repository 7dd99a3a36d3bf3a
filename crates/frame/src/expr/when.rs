//! [`when`]: one value or another, by conditions.

use super::{Expr, IntoExpr};
use datafusion::logical_expr::{Case, Expr as Logical};
use std::ops::Deref;
use stratal_core::Result;

/// The value of the first condition that is true; of [`otherwise`](Then::otherwise) where none is, and null without one. A
/// condition that is null is not true.
///
/// ```
/// use stratal_frame::{col, frame, when};
/// let df = frame! { "x" => [Some(-5i64), Some(0), Some(7), None] };
/// let size = when(col("x").lt(0)).then("minus").when(col("x").gt(0)).then("plus");
/// let answer = df.select((size.alias("sign"), size.otherwise("?").alias("all"))).collect()?;
/// assert_eq!(answer.column::<String>("all")?, ["minus", "?", "plus", "?"]);
/// assert_eq!(answer.column::<Option<String>>("sign")?[1], None);
/// # Ok::<(), stratal_core::Error>(())
/// ```
pub fn when(condition: impl Into<Expr>) -> When {
    When { before: Vec::new(), condition: condition.into() }
}

/// A condition that waits for its value. Made by [`when`] and [`Then::when`].
#[derive(Clone, Debug)]
#[must_use = "a condition waits for its value: .then(..)"]
pub struct When {
    before: Vec<(Expr, Expr)>,
    condition: Expr,
}

impl When {
    /// The value where the condition is true.
    ///
    /// ```
    /// use stratal_frame::{col, frame, when};
    /// let df = frame! { "x" => [1i64, 2] }.with_column("even", when((col("x") % 2).eq(0)).then(col("x")));
    /// assert_eq!(df.collect()?.column::<Option<i64>>("even")?, [None, Some(2)]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn then(&self, value: impl IntoExpr) -> Then {
        let mut branches = self.before.clone();
        branches.push((self.condition.clone(), value.into_expr()));
        let whole = case(&branches, None);
        Then { branches, whole }
    }
}

/// Conditions with their values: an expression that is null where none of them is true, until it is told
/// [`otherwise`](Self::otherwise). It has every method that an [`Expr`] has.
#[derive(Clone)]
pub struct Then {
    branches: Vec<(Expr, Expr)>,
    whole: Expr,
}

impl Then {
    /// The next condition, for rows in which those before are not true.
    ///
    /// ```
    /// use stratal_frame::{col, frame, when};
    /// let df = frame! { "x" => [1i64, 5, 9] };
    /// let size = when(col("x").lt(3)).then("s").when(col("x").lt(7)).then("m").otherwise("l");
    /// assert_eq!(df.select(size.alias("size")).collect()?.column::<String>("size")?, ["s", "m", "l"]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn when(&self, condition: impl Into<Expr>) -> When {
        When { before: self.branches.clone(), condition: condition.into() }
    }

    /// The value where no condition is true.
    ///
    /// ```
    /// use stratal_frame::{col, frame, when};
    /// let df = frame! { "x" => [Some(1i64), None] };
    /// let known = when(col("x").is_null()).then(0).otherwise(1);
    /// assert_eq!(df.agg(known.sum().alias("known")).collect()?.item::<i64>()?, 1);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn otherwise(&self, value: impl IntoExpr) -> Expr {
        case(&self.branches, Some(value.into_expr()))
    }

    /// The expression as it is.
    pub(super) fn whole(&self) -> Expr {
        self.whole.clone()
    }
}

impl Deref for Then {
    type Target = Expr;

    fn deref(&self) -> &Expr {
        &self.whole
    }
}

impl std::fmt::Debug for Then {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(&self.whole, f)
    }
}

impl From<Then> for Expr {
    fn from(then: Then) -> Self {
        then.whole
    }
}

impl From<&Then> for Expr {
    fn from(then: &Then) -> Self {
        then.whole()
    }
}

impl IntoExpr for Then {
    fn into_expr(self) -> Expr {
        self.whole
    }
}

impl IntoExpr for &Then {
    fn into_expr(self) -> Expr {
        self.whole()
    }
}

fn case(branches: &[(Expr, Expr)], otherwise: Option<Expr>) -> Expr {
    let branches = branches.iter().map(|(when, then)| Ok((Box::new(when.to_datafusion()?), Box::new(then.to_datafusion()?))));
    let branches: Result<Vec<_>> = branches.collect();
    let otherwise = otherwise.map(|value| value.to_datafusion().map(Box::new)).transpose();
    Expr(branches.and_then(|branches| Ok(Logical::Case(Case::new(None, branches, otherwise?)))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::{col, lit, output_name};

    #[test]
    fn it_is_shown_as_it_was_written_and_named_after_the_first_column() {
        let size = when(col("x").lt(3)).then("s").when(col("y").is_null()).then(col("z"));
        assert_eq!(format!("{size:?}"), "when(x < 3).then(\"s\").when(y is null).then(z)");
        let size = size.otherwise("l");
        assert_eq!(format!("{size:?}"), "when(x < 3).then(\"s\").when(y is null).then(z).otherwise(\"l\")");
        assert_eq!(output_name(&size.to_datafusion().unwrap()), "x");
    }

    #[test]
    fn the_first_mistake_stays() {
        let wrong = when(col("x").cast("integer")).then(1).when(lit(true)).then(col("y").cast("text")).otherwise(2);
        assert_eq!(wrong.to_datafusion().unwrap_err().message(), "\"integer\" is no type");
    }
}
