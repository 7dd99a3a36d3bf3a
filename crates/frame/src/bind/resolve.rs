//! Names to columns. A name is found exactly as it is written, or not at all; the error lists what there is.

use super::{branches, check, temporal, window};
use crate::{
    error::{of_datafusion, to_datafusion},
    expr::{Expr, Later, output_name, spread},
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
    let expr = single(expr, schema)?.to_datafusion()?;
    let checked = expr.transform_up(|node| bound(node, schema).map_err(to_datafusion)).data().map_err(of_datafusion)?;
    // Errors show methods as they were called, so what these mean is put in their place when all is checked.
    let meant = |node: Logical| -> Result<Transformed<Logical>> {
        match node {
            Logical::ScalarFunction(function) => match Later::of(&function) {
                Some(later) => later.bind(function.args.clone(), schema).map(Transformed::yes),
                None => Ok(Transformed::no(Logical::ScalarFunction(function))),
            },
            node => Ok(Transformed::no(node)),
        }
    };
    let meant = checked.transform_up(|node| meant(node).map_err(to_datafusion)).data().map_err(of_datafusion)?;
    window::bound(meant, schema)
}

/// One node whose inputs are bound already.
fn bound(node: Logical, schema: &DFSchema) -> Result<Transformed<Logical>> {
    let node = match node {
        Logical::Column(name) if name.relation.is_none() => return Ok(Transformed::yes(Logical::Column(column(&name.name, schema)?))),
        Logical::BinaryExpr(binary) => {
            let op = logical_operator(&binary, schema)?.unwrap_or(binary.op);
            let binary = temporal::binary(BinaryExpr { op, ..binary }, schema)?;
            check::binary(&binary, schema)?;
            return Ok(Transformed::yes(Logical::BinaryExpr(binary)));
        }
        Logical::Case(case) => return branches::case(case, schema).map(Transformed::yes),
        node => temporal::other(node, schema)?,
    };
    if let Logical::ScalarFunction(function) = &node
        && let Some(sql @ Later::Sql(_)) = Later::of(function)
    {
        // What is planned from SQL is checked as what is written in Rust.
        let planned = sql.bind(Vec::new(), schema)?;
        return planned.transform_up(|node| bound(node, schema).map_err(to_datafusion)).map_err(of_datafusion);
    }
    check::other(&node, schema)?;
    Ok(Transformed::yes(node))
}

/// The expression where one value is wanted: of a selection that chose one column, that column.
fn single(expr: &Expr, schema: &DFSchema) -> Result<Expr> {
    let all = spread(std::slice::from_ref(expr), schema, &[])?;
    match &all[..] {
        [one] => Ok(one.clone()),
        several => {
            let message = format!("{expr:?} is {} expressions, and one value is wanted", several.len());
            Err(Error::new(ErrorKind::BadValue, message)
                .with_help("name one column, or make one value of several, as greatest(..) and coalesce(..) do"))
        }
    }
}

/// `&`, `|` and `^` on truth values are `and`, `or` and `not equal`.
fn logical_operator(binary: &BinaryExpr, schema: &DFSchema) -> Result<Option<Operator>> {
    let logical = match binary.op {
        Operator::BitwiseAnd => Operator::And,
        Operator::BitwiseOr => Operator::Or,
        Operator::BitwiseXor => Operator::NotEq,
        _ => return Ok(None),
    };
    let left = binary.left.get_type(schema).map_err(of_datafusion)?;
    let right = binary.right.get_type(schema).map_err(of_datafusion)?;
    Ok((left == DataType::Boolean || right == DataType::Boolean).then_some(logical))
}

/// Expressions over the columns of `schema`, each under the name of the column that it makes; one for each column of a
/// selection.
pub(crate) fn resolve_all(exprs: &[Expr], schema: &DFSchema) -> Result<Vec<Logical>> {
    resolve_besides(exprs, schema, &[])
}

/// [`resolve_all`], in which a selection leaves out the columns of these names, unless it names them.
pub(crate) fn resolve_besides(exprs: &[Expr], schema: &DFSchema, besides: &[String]) -> Result<Vec<Logical>> {
    spread(exprs, schema, besides)?.iter().map(|expr| resolve(expr, schema).map(named)).collect()
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
