//! One type for the values of two columns: keys of a join, columns of frames that are put together.

use super::check::is_text;
use arrow_schema::DataType;
use datafusion::logical_expr::{Cast, Expr as Logical, type_coercion::binary::comparison_coercion};

/// The type that both are widened to, as DataFusion widens what it compares; none where there is none. A text goes with
/// texts alone: DataFusion would read a number out of it.
pub(crate) fn common_type(one: &DataType, two: &DataType) -> Option<DataType> {
    if one == two {
        return Some(one.clone());
    }
    let plain = |data_type: &DataType| match data_type {
        DataType::Dictionary(_, values) => is_text(values),
        other => is_text(other),
    };
    let is_null = one.is_null() || two.is_null();
    if !is_null && plain(one) != plain(two) {
        return None;
    }
    comparison_coercion(one, two)
}

/// The expression, of type `from`, as `to`.
pub(crate) fn cast(expr: Logical, from: &DataType, to: &DataType) -> Logical {
    if from == to { expr } else { Logical::Cast(Cast::new(Box::new(expr), to.clone())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_widened_and_texts_stay_among_themselves() {
        use DataType::*;
        for (one, two, both) in [
            (Int32, Int64, Some(Int64)),
            (Int64, Float64, Some(Float64)),
            (Utf8, LargeUtf8, Some(LargeUtf8)),
            (Null, Utf8, Some(Utf8)),
            (Utf8, Int64, None),
            (Date32, Utf8, None),
            (Boolean, Int64, None),
        ] {
            assert_eq!(common_type(&one, &two), both, "{one} {two}");
            assert_eq!(common_type(&two, &one), both, "{two} {one}");
        }
    }
}
