//! The types that windows compute in.

use arrow_schema::{DataType, TimeUnit};
use datafusion::logical_expr::{Operator, type_coercion::binary::BinaryTypeCoercer};

/// The type of a sum, as DataFusion's has it.
pub(crate) fn sum_type(of: &DataType) -> DataType {
    use DataType::*;
    match of {
        Decimal32(precision, scale) => Decimal32(precision.saturating_add(10).min(9), *scale),
        Decimal64(precision, scale) => Decimal64(precision.saturating_add(10).min(18), *scale),
        Decimal128(precision, scale) => Decimal128(precision.saturating_add(10).min(38), *scale),
        Decimal256(precision, scale) => Decimal256(precision.saturating_add(10).min(76), *scale),
        Duration(unit) => Duration(*unit),
        unsigned if unsigned.is_unsigned_integer() => UInt64,
        signed if signed.is_integer() => Int64,
        _ => Float64,
    }
}

/// The type that values are in when their mean is taken.
pub(super) fn mean_input(of: &DataType) -> DataType {
    match of {
        exact if exact.is_decimal() => exact.clone(),
        DataType::Duration(unit) => DataType::Duration(*unit),
        _ => DataType::Float64,
    }
}

/// The type that values are in when one is subtracted from another: unsigned integers have no sign to say that a value has
/// become smaller.
pub(super) fn difference_input(of: &DataType) -> DataType {
    if of.is_unsigned_integer() { DataType::Int64 } else { of.clone() }
}

/// The type of the difference of two values.
pub(crate) fn difference_type(of: &DataType) -> DataType {
    let own = difference_input(of);
    BinaryTypeCoercer::new(&own, &Operator::Minus, &own).get_result_type().unwrap_or(own)
}

/// The nanoseconds that a column of dates or times counts in.
pub(super) fn tick(of: &DataType) -> Option<i128> {
    let unit = |unit: &TimeUnit| match unit {
        TimeUnit::Second => 1_000_000_000,
        TimeUnit::Millisecond => 1_000_000,
        TimeUnit::Microsecond => 1_000,
        TimeUnit::Nanosecond => 1,
    };
    Some(match of {
        DataType::Date32 => 86_400_000_000_000,
        DataType::Date64 => 1_000_000,
        DataType::Timestamp(of, _) | DataType::Duration(of) | DataType::Time32(of) | DataType::Time64(of) => unit(of),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operators::window::Function;
    use datafusion::functions_aggregate::{average::avg_udaf, sum::sum_udaf};

    #[test]
    fn sums_and_means_have_the_types_that_groups_give() {
        use DataType::*;
        for of in
            [Int64, UInt64, Float64, Decimal64(17, 2), Decimal128(10, 2), Decimal128(38, 4), Decimal256(70, 3), Duration(TimeUnit::Second)]
        {
            assert_eq!(sum_type(&of), sum_udaf().return_type(std::slice::from_ref(&of)).unwrap(), "{of}");
            if !of.is_integer() {
                let mean = Function::Mean.output(&[mean_input(&of)]);
                assert_eq!(mean, avg_udaf().return_type(std::slice::from_ref(&of)).unwrap(), "{of}");
            }
        }
        assert_eq!((sum_type(&Int8), sum_type(&UInt16), sum_type(&Float32)), (Int64, UInt64, Float64));
    }

    #[test]
    fn differences_have_a_sign() {
        use DataType::*;
        assert_eq!((difference_type(&UInt8), difference_type(&Int32), difference_type(&Float32)), (Int64, Int32, Float32));
        assert!(matches!(difference_type(&Timestamp(TimeUnit::Millisecond, None)), Duration(_) | Interval(_)));
    }
}
