//! The condition of a join: a column is that of the side that has it; where both have it, it must be said which.

use crate::{
    bind::{column, refuse_aggregates, resolve},
    dframe::{LEFT, RIGHT},
    error::{of_datafusion, to_datafusion},
    expr::{Expr, show},
    types::type_name,
};
use arrow_schema::DataType;
use datafusion::{
    common::{
        Column, DFSchema,
        tree_node::{Transformed, TransformedResult, TreeNode},
    },
    logical_expr::{Expr as Logical, ExprSchemable, Operator},
};
use stratal_core::{Error, ErrorKind, Result, error::nearest};

/// The condition over the columns of both sides, its types checked.
pub(super) fn condition(wanted: &Expr, left: &DFSchema, right: &DFSchema) -> Result<Logical> {
    let place = |node: Logical| match node {
        Logical::Column(wanted) => Ok(Transformed::yes(Logical::Column(find(&wanted, left, right).map_err(to_datafusion)?))),
        node => Ok(Transformed::no(node)),
    };
    let placed = wanted.to_datafusion()?.transform_up(place).data().map_err(of_datafusion)?;
    let both = left.join(right).map_err(of_datafusion)?;
    let condition = resolve(&Expr::from(placed), &both)?.unalias();
    refuse_aggregates([&condition])?;
    let data_type = condition.get_type(&both).map_err(of_datafusion)?;
    if !matches!(data_type, DataType::Boolean | DataType::Null) {
        let message = format!("the condition is {}, not bool: {}", type_name(&data_type), show(&condition));
        return Err(Error::new(ErrorKind::TypeMismatch, message).with_help("compare it, as in left_col(\"x\").lt(right_col(\"y\"))"));
    }
    Ok(condition)
}

fn find(wanted: &Column, left: &DFSchema, right: &DFSchema) -> Result<Column> {
    let name = &wanted.name;
    match wanted.relation.as_ref().map(|side| side.table()) {
        Some(LEFT) => return column(name, left),
        Some(RIGHT) => return column(name, right),
        _ => {}
    }
    match (column(name, left), column(name, right)) {
        (Ok(_), Ok(_)) => {
            let message = format!("column {name:?} is in both frames");
            Err(Error::new(ErrorKind::UnknownColumn, message).with_help(format!("say which: left_col({name:?}) or right_col({name:?})")))
        }
        (Ok(found), Err(_)) | (Err(_), Ok(found)) => Ok(found),
        (Err(_), Err(_)) => {
            let names = |schema: &DFSchema| schema.fields().iter().map(|field| field.name().clone()).collect::<Vec<String>>();
            let (of_left, of_right) = (names(left), names(right));
            let message = format!("no column {name:?} in [{}] on the left or [{}] on the right", of_left.join(", "), of_right.join(", "));
            let error = Error::new(ErrorKind::UnknownColumn, message);
            Err(match nearest(name, of_left.iter().chain(&of_right).map(String::as_str)) {
                Some(near) => error.with_help(format!("did you mean {near:?}?")),
                None => error,
            })
        }
    }
}

/// Whether somewhere in it a null is equal to a null.
pub(super) fn has_null_safe_equality(condition: &Logical) -> bool {
    let is_null_safe = |node: &Logical| matches!(node, Logical::BinaryExpr(binary) if binary.op == Operator::IsNotDistinctFrom);
    // The closure never fails.
    condition.exists(|node| Ok(is_null_safe(node))).unwrap_or(true)
}
