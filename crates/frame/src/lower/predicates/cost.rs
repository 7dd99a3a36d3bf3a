//! [`Cost`]: what a condition costs, as far as that is seen without looking at rows.

use super::comparisons::MOST;
use arrow_schema::{DataType, Schema};
use datafusion::{
    logical_expr::Operator,
    physical_expr::{
        PhysicalExpr,
        expressions::{BinaryExpr, Column, InListExpr, IsNotNullExpr, IsNullExpr, Literal, NotExpr},
        split_conjunction,
        utils::split_disjunction,
    },
};
use std::sync::Arc;

/// From what costs least. All but the last cannot fail, whatever the rows are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cost {
    /// Numbers, dates and truths against constants, and whether a value is there: an instruction a row, which often rules it out.
    Constants,
    /// The same against another column.
    Columns,
    /// Texts that equal one of a few constants, or do not.
    Texts,
    /// Whatever else. It may fail, or take long.
    Other,
}

impl Cost {
    /// What a condition on rows of this schema costs: as much as the dearest of its parts.
    pub(super) fn of(expr: &Arc<dyn PhysicalExpr>, schema: &Schema) -> Self {
        if let Some(binary) = expr.downcast_ref::<BinaryExpr>() {
            let (left, right) = (binary.left(), binary.right());
            return match binary.op() {
                Operator::And | Operator::Or => Cost::of(left, schema).max(Cost::of(right, schema)),
                Operator::Eq | Operator::NotEq => of_comparison(left, right, true, schema),
                Operator::Lt | Operator::LtEq | Operator::Gt | Operator::GtEq | Operator::IsDistinctFrom | Operator::IsNotDistinctFrom => {
                    of_comparison(left, right, false, schema)
                }
                _ => Cost::Other,
            };
        }
        if let Some(not) = expr.downcast_ref::<NotExpr>() {
            return Cost::of(not.arg(), schema);
        }
        if let Some(list) = expr.downcast_ref::<InListExpr>() {
            let costs = list.list().iter().map(|value| of_comparison(list.expr(), value, true, schema));
            // A list of columns is not compared with all its values at once.
            return match costs.max() {
                Some(Cost::Columns) | None => Cost::Other,
                // Each text is looked up in a table.
                Some(Cost::Texts) if list.len() > MOST => Cost::Other,
                Some(cost) => cost,
            };
        }
        let looked_at = expr.downcast_ref::<IsNullExpr>().map(IsNullExpr::arg);
        let looked_at = looked_at.or_else(|| expr.downcast_ref::<IsNotNullExpr>().map(IsNotNullExpr::arg));
        match looked_at {
            Some(column) if column_type(column, schema).is_some() => Cost::Constants,
            None if column_type(expr, schema) == Some(&DataType::Boolean) => Cost::Constants,
            _ => Cost::Other,
        }
    }
}

/// What a conjunction or an alternative joins, to be joined again by a chain that leans to the left. A chain on the right of
/// another is taken apart if it cannot fail, and is one operand otherwise: the first of its own operands may guard the others,
/// which it does no longer where a null comes from what stands before the chain.
pub(super) fn operands<'a>(expr: &'a Arc<dyn PhysicalExpr>, operator: Operator, schema: &Schema) -> Vec<&'a Arc<dyn PhysicalExpr>> {
    if Cost::of(expr, schema) != Cost::Other {
        return if operator == Operator::And { split_conjunction(expr) } else { split_disjunction(expr) };
    }
    let (mut operands, mut chain) = (Vec::new(), expr);
    while let Some(binary) = chain.downcast_ref::<BinaryExpr>().filter(|binary| *binary.op() == operator) {
        operands.push(binary.right());
        chain = binary.left();
    }
    operands.push(chain);
    operands.reverse();
    operands
}

/// The type of a column of this schema, if that is what the expression is.
pub(super) fn column_type<'a>(expr: &Arc<dyn PhysicalExpr>, schema: &'a Schema) -> Option<&'a DataType> {
    let column = expr.downcast_ref::<Column>()?;
    schema.fields().get(column.index()).map(|field| field.data_type())
}

/// Types that are equal are compared as they are; any others might be cast, which can fail.
fn of_comparison(left: &Arc<dyn PhysicalExpr>, right: &Arc<dyn PhysicalExpr>, is_equality: bool, schema: &Schema) -> Cost {
    let (column, constant) = match (column_type(left, schema), column_type(right, schema)) {
        (Some(one), Some(two)) if one == two && is_number(one) => return Cost::Columns,
        (Some(column), None) => (column, right),
        (None, Some(column)) => (column, left),
        _ => return Cost::Other,
    };
    match constant.downcast_ref::<Literal>().map(|literal| literal.value().data_type()) {
        Some(of) if of != *column => Cost::Other,
        Some(of) if is_number(&of) => Cost::Constants,
        Some(of) if of.is_string() && is_equality => Cost::Texts,
        _ => Cost::Other,
    }
}

/// Whether values are numbers for the processor.
fn is_number(of: &DataType) -> bool {
    use DataType::*;
    let is_time = matches!(of, Date32 | Date64 | Timestamp(..) | Time32(_) | Time64(_) | Duration(_));
    is_time || of.is_integer() || of.is_floating() || of.is_decimal() || *of == Boolean
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_schema::Field;
    use datafusion::{
        common::ScalarValue,
        physical_expr::expressions::{LikeExpr, cast, in_list, lit},
    };

    fn schema() -> Schema {
        let columns = [
            ("a", DataType::Int64),
            ("b", DataType::Int64),
            ("d", DataType::Date32),
            ("t", DataType::Boolean),
            ("s", DataType::Utf8View),
            ("r", DataType::Utf8View),
            ("f", DataType::Float64),
        ];
        Schema::new(columns.map(|(name, of)| Field::new(name, of, true)).to_vec())
    }

    fn column(name: &str) -> Arc<dyn PhysicalExpr> {
        Arc::new(Column::new_with_schema(name, &schema()).unwrap())
    }

    fn binary(left: Arc<dyn PhysicalExpr>, operator: Operator, right: Arc<dyn PhysicalExpr>) -> Arc<dyn PhysicalExpr> {
        Arc::new(BinaryExpr::new(left, operator, right))
    }

    fn text(text: &str) -> Arc<dyn PhysicalExpr> {
        lit(ScalarValue::Utf8View(Some(text.to_owned())))
    }

    fn cost(expr: &Arc<dyn PhysicalExpr>) -> Cost {
        Cost::of(expr, &schema())
    }

    #[test]
    fn comparisons_cost_what_they_look_at() {
        let day = lit(ScalarValue::Date32(Some(9000)));
        assert_eq!(cost(&binary(column("a"), Operator::Gt, lit(1i64))), Cost::Constants);
        assert_eq!(cost(&binary(day, Operator::LtEq, column("d"))), Cost::Constants);
        assert_eq!(cost(&binary(column("a"), Operator::Gt, column("b"))), Cost::Columns);
        assert_eq!(cost(&binary(column("s"), Operator::Eq, text("x"))), Cost::Texts);
        assert_eq!(cost(&column("t")), Cost::Constants);
        let nothing: Arc<dyn PhysicalExpr> = Arc::new(IsNullExpr::new(column("s")));
        assert_eq!(cost(&nothing), Cost::Constants);
        let negated: Arc<dyn PhysicalExpr> = Arc::new(NotExpr::new(column("t")));
        assert_eq!(cost(&negated), Cost::Constants);
    }

    #[test]
    fn lists_of_constants_cost_what_one_does() {
        let list = |of: &str, list: Vec<Arc<dyn PhysicalExpr>>| in_list(column(of), list, &false, &schema()).unwrap();
        assert_eq!(cost(&list("a", vec![lit(1i64), lit(2i64)])), Cost::Constants);
        assert_eq!(cost(&list("s", vec![text("x"), text("y")])), Cost::Texts);
        let texts = |many: usize| (0..many).map(|number| text(&number.to_string())).collect();
        assert_eq!((cost(&list("s", texts(MOST))), cost(&list("s", texts(MOST + 1)))), (Cost::Texts, Cost::Other));
        assert_eq!(cost(&list("a", vec![lit(1i64), column("b")])), Cost::Other);
        assert_eq!(cost(&list("a", vec![])), Cost::Other);
    }

    #[test]
    fn a_tree_costs_what_its_dearest_leaf_does() {
        let (one, two) = (binary(column("a"), Operator::Gt, lit(1i64)), binary(column("a"), Operator::Gt, column("b")));
        let texts = binary(column("s"), Operator::NotEq, text("x"));
        assert_eq!(cost(&binary(one.clone(), Operator::Or, two.clone())), Cost::Columns);
        assert_eq!(cost(&binary(binary(texts, Operator::And, one), Operator::Or, two)), Cost::Texts);
    }

    #[test]
    fn whatever_may_fail_or_is_long_is_something_else() {
        let ratio = binary(lit(10i64), Operator::Divide, column("a"));
        let number = cast(column("s"), &schema(), DataType::Int64).unwrap();
        let like: Arc<dyn PhysicalExpr> = Arc::new(LikeExpr::new(false, false, column("s"), text("a%")));
        let others = [
            binary(ratio, Operator::Gt, lit(1i64)),
            binary(number, Operator::Eq, lit(1i64)),
            like,
            binary(column("s"), Operator::Lt, text("x")),
            binary(column("s"), Operator::Eq, column("r")),
            binary(column("a"), Operator::Gt, lit(1i32)),
            binary(column("a"), Operator::Lt, column("f")),
            binary(lit(1i64), Operator::Eq, lit(1i64)),
            lit(true),
        ];
        for other in others {
            assert_eq!(cost(&other), Cost::Other, "{other}");
        }
    }
}
