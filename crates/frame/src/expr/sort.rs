//! [`SortKey`]: an expression and a direction.

use super::Expr;
use crate::operators::window::Direction;
use datafusion::logical_expr::SortExpr;
use std::fmt;
use stratal_core::Result;

/// What to sort by, and in which direction. Nulls come last in both, unless told.
///
/// ```
/// use stratal_frame::col;
/// let key = col("amount").desc().nulls_first();
/// # assert_eq!(format!("{key:?}"), "amount desc nulls first");
/// ```
#[derive(Clone)]
pub struct SortKey {
    expr: Expr,
    ascending: bool,
    nulls_first: bool,
}

impl SortKey {
    pub(super) fn new(expr: Expr, ascending: bool) -> Self {
        SortKey { expr, ascending, nulls_first: false }
    }

    /// Nulls before all else.
    #[must_use]
    pub fn nulls_first(&self) -> Self {
        SortKey { nulls_first: true, ..self.clone() }
    }

    /// Nulls after all else.
    #[must_use]
    pub fn nulls_last(&self) -> Self {
        SortKey { nulls_first: false, ..self.clone() }
    }

    /// What to sort by.
    pub(crate) fn expr(&self) -> &Expr {
        &self.expr
    }

    /// In which direction, and where nulls go.
    pub(crate) fn direction(&self) -> Direction {
        Direction { descending: !self.ascending, nulls_first: self.nulls_first }
    }

    /// The same direction over a bound expression.
    pub(crate) fn over(&self, bound: Result<datafusion::logical_expr::Expr>) -> Result<SortExpr> {
        Ok(SortExpr::new(bound?, self.ascending, self.nulls_first))
    }
}

impl fmt::Debug for SortKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let direction = if self.ascending { "" } else { " desc" };
        let nulls = if self.nulls_first { " nulls first" } else { "" };
        write!(f, "{:?}{direction}{nulls}", self.expr)
    }
}
