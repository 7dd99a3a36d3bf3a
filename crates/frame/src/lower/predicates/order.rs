//! Conjuncts of filters, in the order in which they are evaluated: first those that are cheap, of which some rule out most
//! rows, so that the dear ones see few.
//!
//! A filter keeps rows for which its condition is true, and a conjunction of SQL is true where all its parts are: in which
//! order does not matter for the rows. It matters for errors. What is moved forward cannot fail, and what may fail keeps its
//! order, so that it sees no row that it did not see before. One thing stands in the way of that: DataFusion evaluates the
//! right side of a conjunction for a few rows alone, if the left side leaves few and is never null. So no condition that may
//! be null is moved before one that may fail and stands behind others, which may be there to guard it. (Where filters run
//! as [`Passing`](super::passing::Passing), as they do in tasks, a null is no obstacle.)

use super::cost::{Cost, operands};
use arrow_schema::Schema;
use datafusion::{
    common::{
        Result as DfResult,
        tree_node::{Transformed, TransformedResult, TreeNode},
    },
    config::ConfigOptions,
    logical_expr::Operator,
    physical_expr::{PhysicalExpr, conjunction},
    physical_expr_common::physical_expr::is_volatile,
    physical_optimizer::PhysicalOptimizerRule,
    physical_plan::{
        ExecutionPlan,
        filter::{FilterExec, FilterExecBuilder},
    },
};
use std::sync::Arc;

/// Puts conjuncts first that are cheap and cannot fail.
#[derive(Debug)]
pub(crate) struct OrderConjuncts;

impl PhysicalOptimizerRule for OrderConjuncts {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> DfResult<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|node| {
            let Some(filter) = node.downcast_ref::<FilterExec>() else { return Ok(Transformed::no(node)) };
            let Some(ordered) = ordered(filter.predicate(), &filter.input().schema()) else { return Ok(Transformed::no(node)) };
            let filter = FilterExecBuilder::from(filter).with_predicate(ordered).build()?;
            Ok(Transformed::yes(Arc::new(filter)))
        })
        .data()
    }

    fn name(&self) -> &str {
        "order_conjuncts"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// The condition with its conjuncts in order, as a chain that leans to the left: every conjunct sees what all before it left.
/// Nothing, if that is how it was written.
fn ordered(condition: &Arc<dyn PhysicalExpr>, schema: &Schema) -> Option<Arc<dyn PhysicalExpr>> {
    if is_volatile(condition) {
        return None;
    }
    // Whether one that may fail stands behind others.
    let mut is_guarding = false;
    let mut conjuncts = Vec::new();
    for (at, conjunct) in operands(condition, Operator::And, schema).into_iter().enumerate() {
        let stays = is_guarding && conjunct.nullable(schema).unwrap_or(true);
        let cost = if stays { Cost::Other } else { Cost::of(conjunct, schema) };
        is_guarding |= at > 0 && cost == Cost::Other;
        conjuncts.push((cost, conjunct.clone()));
    }
    conjuncts.sort_by_key(|(cost, _)| *cost);
    let ordered = conjunction(conjuncts.into_iter().map(|(_, conjunct)| conjunct));
    if ordered.eq(condition) { None } else { Some(ordered) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_schema::{DataType, Field};
    use datafusion::{
        common::ScalarValue,
        physical_expr::{
            expressions::{BinaryExpr, LikeExpr, col, lit},
            split_conjunction,
        },
    };

    /// `x` is always there, and all others may be null.
    fn schema() -> Schema {
        let numbers = ["x", "y", "ship", "commit", "receipt"].map(|name| Field::new(name, DataType::Int64, name != "x"));
        let texts = ["mode", "name"].map(|name| Field::new(name, DataType::Utf8View, true));
        Schema::new(numbers.into_iter().chain(texts).collect::<Vec<_>>())
    }

    fn column(name: &str) -> Arc<dyn PhysicalExpr> {
        col(name, &schema()).unwrap()
    }

    fn binary(left: Arc<dyn PhysicalExpr>, operator: Operator, right: Arc<dyn PhysicalExpr>) -> Arc<dyn PhysicalExpr> {
        Arc::new(BinaryExpr::new(left, operator, right))
    }

    fn over(name: &str, number: i64) -> Arc<dyn PhysicalExpr> {
        binary(column(name), Operator::Gt, lit(number))
    }

    fn is_mode(text: &str) -> Arc<dyn PhysicalExpr> {
        binary(column("mode"), Operator::Eq, lit(ScalarValue::Utf8View(Some(text.to_owned()))))
    }

    fn like(text: &str) -> Arc<dyn PhysicalExpr> {
        Arc::new(LikeExpr::new(false, false, column("name"), lit(ScalarValue::Utf8View(Some(text.to_owned())))))
    }

    /// `10 / x > 1`.
    fn ratio() -> Arc<dyn PhysicalExpr> {
        binary(binary(lit(10i64), Operator::Divide, column("x")), Operator::Gt, lit(1i64))
    }

    /// Checks in which order conjuncts come out: the numbers of those that went in.
    fn check(written: &[Arc<dyn PhysicalExpr>], order: &[usize]) {
        let condition = conjunction(written.to_vec());
        let ordered = ordered(&condition, &schema());
        assert_eq!(ordered.is_some(), !order.is_sorted(), "{condition}");
        let expected: Vec<String> = order.iter().map(|at| written[*at].to_string()).collect();
        let given = ordered.unwrap_or(condition);
        let given: Vec<String> = split_conjunction(&given).into_iter().map(|conjunct| conjunct.to_string()).collect();
        assert_eq!(given, expected);
    }

    #[test]
    fn constants_go_before_columns_and_columns_before_texts() {
        let modes = binary(is_mode("MAIL"), Operator::Or, is_mode("SHIP"));
        let columns = |one: &str, two: &str| binary(column(one), Operator::Lt, column(two));
        let written = [modes, columns("commit", "receipt"), columns("ship", "commit"), over("receipt", 8766), over("ship", 1), like("a%")];
        check(&written, &[3, 4, 1, 2, 0, 5]);
        check(&[like("a%"), over("y", 1)], &[1, 0]);
    }

    #[test]
    fn what_is_in_order_stays_as_it_is() {
        check(&[over("x", 1)], &[0]);
        check(&[over("x", 2), over("x", 1), is_mode("MAIL"), like("b%"), like("a%")], &[0, 1, 2, 3, 4]);
    }

    #[test]
    fn a_tree_that_leans_to_the_right_is_made_to_lean_to_the_left() {
        let (one, two, three) = (over("x", 1), over("y", 2), over("ship", 3));
        let right = binary(one.clone(), Operator::And, binary(two.clone(), Operator::And, three.clone()));
        let left = binary(binary(one, Operator::And, two), Operator::And, three);
        assert!(ordered(&right, &schema()).is_some_and(|ordered| ordered.eq(&left)));
    }

    #[test]
    fn what_may_fail_keeps_its_guards_and_its_order() {
        let is_there = binary(column("x"), Operator::NotEq, lit(0i64));
        // Rows without `y` would leave the guard's chain without its short cut.
        let guarded = binary(is_there.clone(), Operator::And, ratio());
        assert!(ordered(&binary(over("y", 3), Operator::And, guarded), &schema()).is_none());
        check(&[is_there.clone(), ratio()], &[0, 1]);
        check(&[ratio(), is_there.clone()], &[1, 0]);
        check(&[like("a%"), ratio(), is_there.clone()], &[2, 0, 1]);
        check(&[ratio(), like("a%"), is_there], &[2, 0, 1]);
    }

    #[test]
    fn what_may_be_null_is_not_moved_before_what_may_be_guarded() {
        let is_there = binary(column("x"), Operator::NotEq, lit(0i64));
        check(&[is_there.clone(), ratio(), over("y", 3)], &[0, 1, 2]);
        check(&[is_there.clone(), ratio(), over("x", 3)], &[0, 2, 1]);
        check(&[is_there.clone(), over("y", 3), ratio()], &[0, 1, 2]);
        // The first of all has no guard.
        check(&[ratio(), over("y", 3), is_there], &[1, 2, 0]);
    }
}
