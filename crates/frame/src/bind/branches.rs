//! Values of which a row takes one: the branches of `when`, and what `coalesce`, `greatest` and `least` choose from.

use super::{cast, check::type_of, common_type};
use crate::{
    expr::{show, source},
    types::type_name,
};
use arrow_schema::DataType;
use datafusion::{
    common::DFSchema,
    logical_expr::{Case, Expr as Logical},
};
use stratal_core::{Error, ErrorKind, Result};

/// One type for all values; `shown` is what they stand in.
pub(super) fn one_type<'a>(
    values: impl IntoIterator<Item = &'a Logical>,
    schema: &DFSchema,
    shown: impl Fn() -> String,
) -> Result<DataType> {
    let mut common = DataType::Null;
    for value in values {
        let own = type_of(value, schema)?;
        common = common_type(&common, &own).ok_or_else(|| {
            let (one, two) = (type_name(&common), type_name(&own));
            let message = format!("{one} and {two} do not go together in {}", shown());
            Error::new(ErrorKind::TypeMismatch, message).with_help(format!("cast one of them: {}.cast({one:?})", source(value)))
        })?;
    }
    Ok(common)
}

/// `when … then … otherwise …`, with truth values for conditions and all of its values of one type. DataFusion would settle
/// that later, and what is computed from it would be planned for the type of the first value.
pub(super) fn case(case: Case, schema: &DFSchema) -> Result<Logical> {
    let shown = || show(&Logical::Case(case.clone()));
    // With a value to compare with (in SQL), these are no conditions.
    let conditions = case.when_then_expr.iter().filter(|_| case.expr.is_none());
    for (condition, _) in conditions {
        let data_type = type_of(condition, schema)?;
        if !matches!(data_type, DataType::Boolean | DataType::Null) {
            let message = format!("the condition is {}, not bool: {}", type_name(&data_type), show(condition));
            return Err(Error::new(ErrorKind::TypeMismatch, message).with_help("compare it, as in col(\"x\").gt(0)"));
        }
    }
    let values = case.when_then_expr.iter().map(|(_, value)| &**value).chain(case.else_expr.as_deref());
    let common = one_type(values, schema, shown)?;
    let as_common = |value: Box<Logical>| -> Result<Box<Logical>> {
        let own = type_of(&value, schema)?;
        Ok(if own.is_null() { value } else { Box::new(cast(*value, &own, &common)) })
    };
    let Case { expr, when_then_expr, else_expr } = case;
    let branches = when_then_expr.into_iter().map(|(condition, value)| Ok((condition, as_common(value)?)));
    let branches = branches.collect::<Result<Vec<_>>>()?;
    Ok(Logical::Case(Case::new(expr, branches, else_expr.map(as_common).transpose()?)))
}

#[cfg(test)]
mod tests {
    use crate::{
        bind::resolve,
        expr::{Expr, coalesce, col, date, null, show, when},
    };
    use arrow_schema::{DataType, Field, Schema};
    use datafusion::{common::DFSchema, logical_expr::ExprSchemable};

    fn schema() -> DFSchema {
        let fields = [("b", DataType::Boolean), ("n", DataType::Int64), ("s", DataType::Utf8), ("d", DataType::Date32)];
        let fields: Vec<Field> = fields.into_iter().map(|(name, data_type)| Field::new(name, data_type, true)).collect();
        DFSchema::try_from(Schema::new(fields)).unwrap()
    }

    fn type_of(expr: Expr) -> DataType {
        resolve(&expr, &schema()).unwrap().get_type(&schema()).unwrap()
    }

    fn message(expr: Expr) -> String {
        resolve(&expr, &schema()).unwrap_err().message().to_owned()
    }

    #[test]
    fn values_are_of_one_type_before_anything_is_made_of_them() {
        assert_eq!(type_of(when(col("b")).then(1).otherwise(2.5)), DataType::Float64);
        assert_eq!(type_of(when(col("b")).then(null()).otherwise(2)), DataType::Int64);
        assert_eq!(type_of(when(col("b")).then("x").into()), DataType::Utf8);
        // Rounding an integer leaves it; this is none.
        let rounded = resolve(&when(col("b")).then(col("n")).otherwise(2.5).floor(), &schema()).unwrap();
        assert!(show(&rounded).starts_with("floor("), "{}", show(&rounded));
    }

    #[test]
    fn texts_and_numbers_are_no_values_of_one_column() {
        assert_eq!(message(when(col("b")).then(1).otherwise("x")), "i64 and str do not go together in when(b).then(1).otherwise(\"x\")");
        assert_eq!(message(coalesce(["n", "s"])), "i64 and str do not go together in coalesce(n, s)");
        assert_eq!(message(col("n").fill_null("x")), "i64 and str do not go together in n.fill_null(\"x\")");
        assert!(message(when(col("b")).then(date("2024-01-31")).otherwise("x")).starts_with("date and str do not go together in when("));
    }

    #[test]
    fn a_condition_is_a_truth_value() {
        assert_eq!(message(when(col("n")).then(1).otherwise(2)), "the condition is i64, not bool: n");
    }
}
