//! Floats that are equal, as one value: there is one zero and one NaN.
//!
//! DataFusion looks at bits where it counts different values, and has several NaNs where it groups by them. So what aggregates
//! of different values see is told apart no further than `=` and sorting do, whichever way they are planned.

use crate::error::of_datafusion;
use arrow_schema::DataType;
use datafusion::{
    common::ScalarValue,
    functions::math::expr_fn::nanvl,
    logical_expr::{BinaryExpr, Expr as Logical, Operator, expr::ScalarFunction},
};
use stratal_core::Result;

/// The value, of type `of`, with one zero and one NaN if it is a float.
pub(crate) fn same_float(value: Logical, of: &DataType) -> Result<Logical> {
    let is_same = matches!(&value, Logical::ScalarFunction(call) if before(call).is_some());
    if is_same || !of.is_floating() {
        return Ok(value);
    }
    let zero = ScalarValue::new_zero(of).map_err(of_datafusion)?;
    let nan = ScalarValue::Float64(Some(f64::NAN)).cast_to(of).map_err(of_datafusion)?;
    // The sum of either zero and 0.0 is 0.0, and any other number is its own.
    let sum = BinaryExpr::new(Box::new(value), Operator::Plus, Box::new(Logical::Literal(zero, None)));
    Ok(nanvl(Logical::BinaryExpr(sum), Logical::Literal(nan, None)))
}

/// The value that [`same_float`] was given, where it made the call.
pub(super) fn before(call: &ScalarFunction) -> Option<&Logical> {
    match (call.name(), &call.args[..]) {
        ("nanvl", [Logical::BinaryExpr(sum), Logical::Literal(nan, _)]) => {
            let adds_zero = matches!(&*sum.right, Logical::Literal(zero, _) if value(zero) == Some(0.0)) && sum.op == Operator::Plus;
            (adds_zero && value(nan).is_some_and(f64::is_nan)).then_some(&*sum.left)
        }
        _ => None,
    }
}

/// A float of any width.
fn value(number: &ScalarValue) -> Option<f64> {
    match number {
        ScalarValue::Float16(number) => number.map(f64::from),
        ScalarValue::Float32(number) => number.map(f64::from),
        ScalarValue::Float64(number) => *number,
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{col, expr::show};

    #[test]
    fn floats_of_any_width_are_shown_as_what_they_were() {
        let x = col("x").to_datafusion().unwrap();
        for of in [DataType::Float16, DataType::Float32, DataType::Float64] {
            let same = same_float(x.clone(), &of).unwrap();
            assert_ne!(same, x);
            assert_eq!(show(&same), "x");
            assert_eq!(same_float(same.clone(), &of).unwrap(), same);
        }
        assert_eq!(same_float(x.clone(), &DataType::Int64).unwrap(), x);
        let other = nanvl(x.clone(), Logical::Literal(ScalarValue::Float64(Some(f64::NAN)), None));
        assert_eq!(show(&other), "nanvl(x, NaN)");
    }
}
