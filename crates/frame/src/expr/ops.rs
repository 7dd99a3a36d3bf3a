//! Operators. Integer `/` truncates, as in SQL; `&`, `|` and `^` are logical on truth values and bitwise on integers.

use super::{Expr, IntoExpr};
use datafusion::logical_expr::{Expr as Logical, Operator};
use std::ops::{Add, BitAnd, BitOr, BitXor, Div, Mul, Neg, Not, Rem, Sub};

macro_rules! operators {
    ($($trait:ident $method:ident $operator:ident)*) => {$(
        impl<R: IntoExpr> $trait<R> for Expr {
            type Output = Expr;

            fn $method(self, right: R) -> Expr {
                self.binary(Operator::$operator, right)
            }
        }

        impl<R: IntoExpr> $trait<R> for &Expr {
            type Output = Expr;

            fn $method(self, right: R) -> Expr {
                self.binary(Operator::$operator, right)
            }
        }
    )*};
}

operators! {
    Add add Plus  Sub sub Minus  Mul mul Multiply  Div div Divide  Rem rem Modulo
    BitAnd bitand BitwiseAnd  BitOr bitor BitwiseOr  BitXor bitxor BitwiseXor
}

/// On the left only `i64` and `f64`, so that the type of `1 - col("a")` is inferred.
macro_rules! left {
    ($($trait:ident $method:ident)*) => {
        $(left! { $trait $method i64 } left! { $trait $method f64 })*
    };
    ($trait:ident $method:ident $left:ty) => {
        impl $trait<Expr> for $left {
            type Output = Expr;

            fn $method(self, right: Expr) -> Expr {
                self.into_expr().$method(right)
            }
        }

        impl $trait<&Expr> for $left {
            type Output = Expr;

            fn $method(self, right: &Expr) -> Expr {
                self.into_expr().$method(right)
            }
        }
    };
}

left! { Add add  Sub sub  Mul mul  Div div  Rem rem }

impl Neg for Expr {
    type Output = Expr;

    fn neg(self) -> Expr {
        -&self
    }
}

impl Neg for &Expr {
    type Output = Expr;

    fn neg(self) -> Expr {
        self.wrap(|own| Logical::Negative(Box::new(own)))
    }
}

impl Not for Expr {
    type Output = Expr;

    fn not(self) -> Expr {
        Expr::not(&self)
    }
}

impl Not for &Expr {
    type Output = Expr;

    fn not(self) -> Expr {
        Expr::not(self)
    }
}
