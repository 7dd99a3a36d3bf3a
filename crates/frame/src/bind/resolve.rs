//! Names to columns. A name is found exactly as it is written, or not at all; the error lists what there is.

use super::check;
use crate::{
    error::{of_datafusion, to_datafusion},
    expr::{Expr, output_name},
};
use arrow_schema::DataType;
use datafusion::{
    common::{
        Column, DFSchema,
        tree_node::{Transformed, TransformedResult, TreeNode},
    },
    logical_expr::{BinaryExpr, Expr as Logical, ExprSchemable, Operator},
};
use std::collections::HashSet;
use stratal_core::{Error, ErrorKind, Result, error::nearest};

/// The column of this name.
pub(crate) fn column(name: &str, schema: &DFSchema) -> Result<Column> {
    let found = schema.iter().find(|(_, field)| field.name() == name);
    found.map(|(table, field)| Column::new(table.cloned(), field.name())).ok_or_else(|| unknown(name, schema))
}

fn unknown(name: &str, schema: &DFSchema) -> Error {
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let error = Error::new(ErrorKind::UnknownColumn, format!("no column {name:?} in [{}]", names.join(", ")));
    match nearest(name, names) {
        Some(near) => error.with_help(format!("did you mean {near:?}?")),
        None => error,
    }
}

/// The expression over the columns of `schema`, its types checked.
pub(crate) fn resolve(expr: &Expr, schema: &DFSchema) -> Result<Logical> {
    let bound = |node: Logical| -> Result<Transformed<Logical>> {
        match node {
            Logical::Column(name) if name.relation.is_none() => Ok(Transformed::yes(Logical::Column(column(&name.name, schema)?))),
            Logical::BinaryExpr(binary) => {
                let logical = logical_operator(&binary, schema)?;
                let binary = BinaryExpr { op: logical.unwrap_or(binary.op), ..binary };
                check::binary(&binary, schema)?;
                Ok(Transformed::yes(Logical::BinaryExpr(binary)))
            }
            node => check::other(&node, schema).map(|()| Transformed::no(node)),
        }
    };
    expr.to_datafusion()?.transform_up(|node| bound(node).map_err(to_datafusion)).data().map_err(of_datafusion)
}

/// `&` and `|` on truth values are `and` and `or`.
fn logical_operator(binary: &BinaryExpr, schema: &DFSchema) -> Result<Option<Operator>> {
    let logical = match binary.op {
        Operator::BitwiseAnd => Operator::And,
        Operator::BitwiseOr => Operator::Or,
        _ => return Ok(None),
    };
    let left = binary.left.get_type(schema).map_err(of_datafusion)?;
    let right = binary.right.get_type(schema).map_err(of_datafusion)?;
    Ok((left == DataType::Boolean || right == DataType::Boolean).then_some(logical))
}

/// Expressions over the columns of `schema`, each under the name of the column that it makes.
pub(crate) fn resolve_all(exprs: &[Expr], schema: &DFSchema) -> Result<Vec<Logical>> {
    exprs.iter().map(|expr| resolve(expr, schema).map(named)).collect()
}

/// The expression under the name of the column that it makes.
pub(crate) fn named(expr: Logical) -> Logical {
    match expr {
        Logical::Column(_) => expr,
        expr => {
            let name = output_name(&expr);
            expr.unalias().alias(name)
        }
    }
}

/// Refuses two columns of one name.
pub(crate) fn unique_names<'a>(exprs: impl IntoIterator<Item = &'a Logical>) -> Result<()> {
    let mut seen = HashSet::new();
    for name in exprs.into_iter().map(output_name) {
        if seen.contains(&name) {
            let message = format!("two columns are named {name:?}");
            return Err(Error::new(ErrorKind::BadValue, message).with_help("give one of them another name: .alias(\"…\")"));
        }
        seen.insert(name);
    }
    Ok(())
}
