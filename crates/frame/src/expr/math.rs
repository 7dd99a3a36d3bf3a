//! Arithmetic of single values. Nulls stay null. Integers stay integers where the answer is one; elsewhere they become floats.

use super::{
    Expr, IntoExpr,
    later::{Given, cast},
};
use arrow_schema::DataType;
use datafusion::{common::ScalarValue, functions::math::expr_fn, logical_expr::Expr as Logical};
use stratal_core::Result;

/// Functions of floats: what is no float becomes one.
macro_rules! of_floats {
    ($($(#[$doc:meta])* $name:ident)*) => {
        impl Expr {$(
            $(#[$doc])*
            pub fn $name(&self) -> Expr {
                self.method(concat!(".", stringify!($name)), [], |given| given.float(0).map(expr_fn::$name))
            }
        )*}
    };
}

of_floats! {
    /// The square root. Of a number below zero it is an error when it runs, as in SQL.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// assert_eq!(frame! { "x" => [9i64] }.select(col("x").sqrt()).collect()?.item::<f64>()?, 3.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    sqrt
    /// The cube root.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// assert_eq!(frame! { "x" => [-27.0] }.select(col("x").cbrt()).collect()?.item::<f64>()?, -3.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    cbrt
    /// *e* to the power of it.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// assert_eq!(frame! { "x" => [0i64] }.select(col("x").exp()).collect()?.item::<f64>()?, 1.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    exp
    /// The natural logarithm: minus infinity for zero, NaN below.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// assert_eq!(frame! { "x" => [1i64] }.select(col("x").ln()).collect()?.item::<f64>()?, 0.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    ln
    /// The logarithm to base 10: minus infinity for zero, NaN below.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// assert_eq!(frame! { "x" => [1000i64] }.select(col("x").log10()).collect()?.item::<f64>()?, 3.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    log10
    /// The logarithm to base 2: minus infinity for zero, NaN below.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// assert_eq!(frame! { "x" => [8i64] }.select(col("x").log2()).collect()?.item::<f64>()?, 3.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    log2
    /// The sine of an angle in radians.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// assert_eq!(frame! { "x" => [0.0] }.select(col("x").sin()).collect()?.item::<f64>()?, 0.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    sin
    /// The cosine of an angle in radians.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// assert_eq!(frame! { "x" => [0.0] }.select(col("x").cos()).collect()?.item::<f64>()?, 1.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    cos
    /// The tangent of an angle in radians.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// assert_eq!(frame! { "x" => [0.0] }.select(col("x").tan()).collect()?.item::<f64>()?, 0.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    tan
    /// The angle in radians whose sine it is; NaN for what is no sine.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// assert_eq!(frame! { "x" => [1.0] }.select(col("x").asin()).collect()?.item::<f64>()?, std::f64::consts::FRAC_PI_2);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    asin
    /// The angle in radians whose cosine it is; NaN for what is no cosine.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// assert_eq!(frame! { "x" => [1.0] }.select(col("x").acos()).collect()?.item::<f64>()?, 0.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    acos
    /// The angle in radians whose tangent it is.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// assert_eq!(frame! { "x" => [1.0] }.select(col("x").atan()).collect()?.item::<f64>()?, std::f64::consts::FRAC_PI_4);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    atan
}

/// What leaves whole numbers as they are.
fn unless_whole(given: &Given<'_>, of: impl FnOnce(Logical) -> Logical) -> Result<Logical> {
    let (number, data_type) = given.numeric(0)?;
    Ok(if data_type.is_integer() { number } else { of(number) })
}

impl Expr {
    /// The number without its sign, in its type. The least integer of a type has none there: an error when it runs.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// assert_eq!(frame! { "x" => [-3i64] }.select(col("x").abs()).collect()?.item::<i64>()?, 3);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn abs(&self) -> Expr {
        self.method(".abs", [], |given| given.numeric(0).map(|(number, _)| expr_fn::abs(number)))
    }

    /// -1, 0 or 1, in the type of the number; `i64` for decimals. NaN stays NaN.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let signs = frame! { "x" => [-3i64, 0, 7] }.select(col("x").sign()).collect()?;
    /// assert_eq!(signs.column::<i64>("x")?, [-1, 0, 1]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn sign(&self) -> Expr {
        self.method(".sign", [], |given| {
            let sign = expr_fn::signum(given.float(0)?);
            Ok(match given.numeric(0)?.1 {
                data_type if data_type.is_integer() => cast(sign, data_type),
                data_type if data_type.is_decimal() => cast(sign, DataType::Int64),
                _ => sign,
            })
        })
    }

    /// To the power of `exponent`, as `f64`.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// assert_eq!(frame! { "x" => [2i64] }.select(col("x").pow(10)).collect()?.item::<f64>()?, 1024.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn pow(&self, exponent: impl IntoExpr) -> Expr {
        self.method(".pow", [exponent.into_expr()], |given| {
            let double = |at: usize| given.numeric(at).map(|(number, _)| cast(number, DataType::Float64));
            Ok(expr_fn::power(double(0)?, double(1)?))
        })
    }

    /// Rounded to so many digits behind the point, halves away from zero; to tens and hundreds with digits below zero.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let df = frame! { "x" => [2.345], "n" => [1250i64] }.select((col("x").round(1), col("n").round(-2))).collect()?;
    /// assert_eq!((df.value::<f64>(0, "x")?, df.value::<i64>(0, "n")?), (2.3, 1300));
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn round(&self, digits: i32) -> Expr {
        self.method(".round", [super::lit(digits)], |given| {
            let digits = i32::try_from(given.number(1)?).unwrap_or(i32::MAX);
            let digits = Logical::Literal(ScalarValue::Int32(Some(digits)), None);
            given.numeric(0).map(|(number, _)| expr_fn::round(vec![number, digits]))
        })
    }

    /// The greatest whole number that is not above it, in its type.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// assert_eq!(frame! { "x" => [-1.5] }.select(col("x").floor()).collect()?.item::<f64>()?, -2.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn floor(&self) -> Expr {
        self.method(".floor", [], |given| unless_whole(given, expr_fn::floor))
    }

    /// The least whole number that is not below it, in its type.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// assert_eq!(frame! { "x" => [-1.5] }.select(col("x").ceil()).collect()?.item::<f64>()?, -1.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn ceil(&self) -> Expr {
        self.method(".ceil", [], |given| unless_whole(given, expr_fn::ceil))
    }

    /// Without what is behind the point, in its type.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// assert_eq!(frame! { "x" => [-1.5] }.select(col("x").trunc()).collect()?.item::<f64>()?, -1.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn trunc(&self) -> Expr {
        self.method(".trunc", [], |given| unless_whole(given, |number| expr_fn::trunc(vec![number])))
    }
}

#[cfg(test)]
mod tests {
    use crate::expr::{col, output_name};

    #[test]
    fn methods_are_shown_as_they_are_called() {
        assert_eq!(format!("{:?}", (col("a") + col("b")).abs().round(2)), "(a + b).abs().round(2)");
        assert_eq!(format!("{:?}", col("x").pow(2).clip(0, 10)), "x.pow(2).clip(0, 10)");
        assert_eq!(output_name(&(1 - col("x").sqrt()).to_datafusion().unwrap()), "x");
    }
}
