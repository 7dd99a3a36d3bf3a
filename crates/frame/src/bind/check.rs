//! Types that an operation cannot take, named before anything runs and as the user wrote them.
//!
//! DataFusion would compare a text with a number by turning the number into a text; here that is an error.

use crate::{error::of_datafusion, expr::show, types::type_name};
use arrow_schema::DataType;
use datafusion::{
    common::DFSchema,
    logical_expr::{BinaryExpr, Expr as Logical, ExprSchemable, Operator},
};
use stratal_core::{Error, ErrorKind, Result};

fn type_of(expr: &Logical, schema: &DFSchema) -> Result<DataType> {
    expr.get_type(schema).map_err(of_datafusion)
}

pub(super) fn is_text(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

fn is_number(data_type: &DataType) -> bool {
    data_type.is_numeric()
}

/// Comparisons of a text with what is no text, and arithmetic on texts and truth values.
pub(super) fn binary(binary: &BinaryExpr, schema: &DFSchema) -> Result<()> {
    use Operator::{Divide, Eq, Gt, GtEq, Lt, LtEq, Minus, Modulo, Multiply, NotEq, Plus};
    match binary.op {
        Eq | NotEq | Lt | LtEq | Gt | GtEq => {
            comparison(&binary.left, &binary.right, schema, || show(&Logical::BinaryExpr(binary.clone())))
        }
        Plus | Minus | Multiply | Divide | Modulo => arithmetic(binary, schema),
        _ => Ok(()),
    }
}

/// What is no binary operator.
pub(super) fn other(expr: &Logical, schema: &DFSchema) -> Result<()> {
    match expr {
        Logical::Between(between) => {
            let whole = || show(expr);
            comparison(&between.expr, &between.low, schema, whole)?;
            comparison(&between.expr, &between.high, schema, whole)
        }
        Logical::InList(list) => list.list.iter().try_for_each(|item| comparison(&list.expr, item, schema, || show(expr))),
        Logical::AggregateFunction(function) if matches!(function.func.name(), "sum" | "avg" | "var" | "stddev") => {
            let data_type = type_of(&function.params.args[0], schema)?;
            if is_text(&data_type) || data_type == DataType::Boolean {
                let message = format!("cannot take {} of {}", show(expr), type_name(&data_type));
                let help = format!("cast it: col({:?}).cast(\"f64\")", show(&function.params.args[0]));
                return Err(Error::new(ErrorKind::TypeMismatch, message).with_help(help));
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn comparison(left: &Logical, right: &Logical, schema: &DFSchema, whole: impl Fn() -> String) -> Result<()> {
    let (left_type, right_type) = (type_of(left, schema)?, type_of(right, schema)?);
    let clash = |text: &DataType, other: &DataType| is_text(text) && (is_number(other) || *other == DataType::Boolean);
    let (text, other, other_type) = match (clash(&left_type, &right_type), clash(&right_type, &left_type)) {
        (true, _) => (left, right, type_name(&right_type)),
        (_, true) => (right, left, type_name(&left_type)),
        _ => return Ok(()),
    };
    let message = format!("cannot compare {} with {} in {}", type_name(&left_type), type_name(&right_type), whole());
    let help = match (text, other) {
        (Logical::Literal(..), other) => format!("compare with {other_type}, or cast one side: {}.cast(\"str\")", source(other)),
        (text, Logical::Literal(value, _)) => {
            format!("cast one side: {}.cast({other_type:?}), or compare with text: {:?}", source(text), value.to_string())
        }
        (text, other) => format!("cast one side: {}.cast({other_type:?}), or {}.cast(\"str\")", source(text), source(other)),
    };
    Err(Error::new(ErrorKind::TypeMismatch, message).with_help(help))
}

fn arithmetic(binary: &BinaryExpr, schema: &DFSchema) -> Result<()> {
    let (left, right) = (type_of(&binary.left, schema)?, type_of(&binary.right, schema)?);
    let unfit = |data_type: &DataType| is_text(data_type) || *data_type == DataType::Boolean;
    let (culprit, fit) = match (unfit(&left), unfit(&right)) {
        (true, _) => (&binary.left, &right),
        (_, true) => (&binary.right, &left),
        _ => return Ok(()),
    };
    let whole = show(&Logical::BinaryExpr(binary.clone()));
    let message = format!("cannot compute {} {} {} in {whole}", type_name(&left), binary.op, type_name(&right));
    let fit = if is_number(fit) { type_name(fit) } else { "f64".to_owned() };
    Err(Error::new(ErrorKind::TypeMismatch, message).with_help(format!("cast it: {}.cast({fit:?})", source(culprit))))
}

/// The expression as it is written in a program, as far as a help needs it.
fn source(expr: &Logical) -> String {
    match expr {
        Logical::Column(column) => format!("col({:?})", column.name),
        other => format!("({})", show(other)),
    }
}
