//! `fill_null`: one value for what is missing, in the columns whose type it fits.

use super::{Transform, with_columns::with_columns};
use crate::{
    bind::{refuse_aggregates, resolve},
    error::of_datafusion,
    expr::Expr,
};
use arrow_schema::DataType;
use datafusion::{
    common::{DFSchema, ScalarValue},
    functions::core::expr_fn::coalesce,
    logical_expr::{Expr as Logical, ExprSchemable, LogicalPlan},
};
use std::mem::discriminant;
use stratal_core::Result;

pub(crate) struct FillNull(pub(crate) Expr);

/// The value as a column of this type holds it, if it fits: a number that is not too large in a column of numbers, a text
/// among texts, a date among dates. A float is no integer, and nothing becomes a text.
fn fits(value: &ScalarValue, to: &DataType) -> Option<ScalarValue> {
    let from = value.data_type();
    let is_kin = match (&from, to) {
        (DataType::Null, _) => false,
        (DataType::Timestamp(_, one), DataType::Timestamp(_, two)) => one.is_some() == two.is_some(),
        (DataType::Utf8, DataType::LargeUtf8 | DataType::Utf8View) | (DataType::Date32, DataType::Date64) => true,
        _ if from.is_integer() => to.is_numeric(),
        _ if from.is_floating() => to.is_floating(),
        _ => discriminant(&from) == discriminant(to),
    };
    // A number that is too large for the type is refused by the cast.
    if is_kin { value.cast_to(to).ok() } else { None }
}

impl Transform for FillNull {
    fn name(&self) -> &'static str {
        "fill_null"
    }

    fn arguments(&self) -> String {
        format!("{:?}", self.0)
    }

    fn apply(&self, input: LogicalPlan) -> Result<LogicalPlan> {
        let schema: &DFSchema = input.schema();
        let value = resolve(&self.0, schema)?.unalias();
        refuse_aggregates([&value])?;
        let data_type = value.get_type(schema).map_err(of_datafusion)?;
        let filled = schema.iter().filter_map(|(table, field)| {
            let value = match &value {
                Logical::Literal(value, _) => Logical::Literal(fits(value, field.data_type())?, None),
                computed if *field.data_type() == data_type => computed.clone(),
                _ => return None,
            };
            let column = Logical::Column((table, field).into());
            Some(coalesce(vec![column, value]).alias(field.name()))
        });
        let filled: Vec<Logical> = filled.collect();
        with_columns(input, &filled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_fits_columns_of_its_kind_that_can_hold_it() {
        use DataType::*;
        let (seven, large, half) = (ScalarValue::from(7i64), ScalarValue::from(300i64), ScalarValue::from(0.5f64));
        assert_eq!(fits(&seven, &Int8), Some(ScalarValue::Int8(Some(7))));
        assert_eq!(fits(&seven, &Float32), Some(ScalarValue::Float32(Some(7.0))));
        assert_eq!(fits(&large, &Int8), None);
        assert_eq!(fits(&half, &Float32), Some(ScalarValue::Float32(Some(0.5))));
        assert_eq!(fits(&ScalarValue::from("x"), &LargeUtf8), Some(ScalarValue::LargeUtf8(Some("x".into()))));
        for to in [Int64, Utf8, Boolean, Date32] {
            assert_eq!(fits(&half, &to), None, "{to}");
            assert_eq!(fits(&ScalarValue::Null, &to), None, "{to}");
        }
        assert_eq!(fits(&seven, &Utf8), None);
        assert_eq!(fits(&ScalarValue::from(true), &Int64), None);
    }
}
