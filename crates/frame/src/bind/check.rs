//! Types that an operation cannot take, named before anything runs and as the user wrote them.
//!
//! DataFusion would compare a text with a number by turning the number into a text; here that is an error.

use super::{aggregate_types, branches::one_type};
use crate::{
    error::of_datafusion,
    expr::{Later, Mapped, show, source},
    types::type_name,
};
use arrow_cast::can_cast_types;
use arrow_schema::DataType;
use datafusion::{
    common::DFSchema,
    logical_expr::{BinaryExpr, Expr as Logical, ExprSchemable, Operator, expr::ScalarFunction, type_coercion::binary::BinaryTypeCoercer},
};
use stratal_core::{Error, ErrorKind, Result};

pub(super) fn type_of(expr: &Logical, schema: &DFSchema) -> Result<DataType> {
    expr.get_type(schema).map_err(of_datafusion)
}

pub(super) fn is_text(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

fn is_number(data_type: &DataType) -> bool {
    data_type.is_numeric()
}

/// Comparisons of a text with what is no text, arithmetic on texts and truth values, and what has no meaning at all.
pub(super) fn binary(binary: &BinaryExpr, schema: &DFSchema) -> Result<()> {
    use Operator::{Divide, Eq, Gt, GtEq, IsDistinctFrom, IsNotDistinctFrom, Lt, LtEq, Minus, Modulo, Multiply, NotEq, Plus};
    let verb = match binary.op {
        Eq | NotEq | Lt | LtEq | Gt | GtEq | IsDistinctFrom | IsNotDistinctFrom => {
            comparison(&binary.left, &binary.right, schema, || show(&Logical::BinaryExpr(binary.clone())))?;
            "compare"
        }
        Plus | Minus | Multiply | Divide | Modulo => {
            arithmetic(binary, schema)?;
            "compute"
        }
        _ => "compute",
    };
    meaningful(verb, binary, schema)
}

/// Refuses what DataFusion has no operator for.
fn meaningful(verb: &str, binary: &BinaryExpr, schema: &DFSchema) -> Result<()> {
    let (left, right) = (type_of(&binary.left, schema)?, type_of(&binary.right, schema)?);
    if BinaryTypeCoercer::new(&left, &binary.op, &right).get_result_type().is_ok() {
        return Ok(());
    }
    let whole = show(&Logical::BinaryExpr(binary.clone()));
    let between = if verb == "compare" { "with".to_owned() } else { binary.op.to_string() };
    let message = format!("cannot {verb} {} {between} {} in {whole}", type_name(&left), type_name(&right));
    Err(Error::new(ErrorKind::TypeMismatch, message).with_help("cast one side: .cast(..)"))
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
        Logical::AggregateFunction(function) => aggregate_types::check(expr, function, schema),
        Logical::Like(like) => [&like.expr, &like.pattern].into_iter().try_for_each(|side| {
            let data_type = type_of(side, schema)?;
            if crate::types::is_text(&data_type) || data_type.is_null() {
                return Ok(());
            }
            let message = format!("like takes str, and {} is {}", show(side), type_name(&data_type));
            Err(Error::new(ErrorKind::TypeMismatch, message).with_help(format!("cast it: {}.cast(\"str\")", source(side))))
        }),
        Logical::Cast(cast) => castable(&cast.expr, cast.field.data_type(), schema),
        Logical::TryCast(cast) => castable(&cast.expr, cast.field.data_type(), schema),
        Logical::ScalarFunction(function) => scalar(expr, function, schema),
        _ => Ok(()),
    }
}

fn castable(expr: &Logical, to: &DataType, schema: &DFSchema) -> Result<()> {
    let from = type_of(expr, schema)?;
    // Fields of structs go by their names, which DataFusion sees to.
    if can_cast_types(&from, to) || matches!((&from, to), (DataType::Struct(_), DataType::Struct(_))) {
        return Ok(());
    }
    let message = format!("{} is {}, which has no {}", show(expr), type_name(&from), type_name(to));
    Err(Error::new(ErrorKind::TypeMismatch, message).with_help("cast it to another type, or take what it is made of"))
}

/// Methods, functions of single values, and what takes one of several values.
fn scalar(expr: &Logical, function: &ScalarFunction, schema: &DFSchema) -> Result<()> {
    if let Some(later) = Later::of(function) {
        return later.bind(function.args.clone(), schema).map(drop);
    }
    if let (Some(mapped), [column]) = (Mapped::of(function), &function.args[..]) {
        return mapped.check(column, &type_of(column, schema)?);
    }
    match function.name() {
        "coalesce" | "greatest" | "least" => one_type(&function.args, schema, || show(expr)).map(drop),
        _ => Ok(()),
    }
}

fn comparison(left: &Logical, right: &Logical, schema: &DFSchema, whole: impl Fn() -> String) -> Result<()> {
    let (left_type, right_type) = (type_of(left, schema)?, type_of(right, schema)?);
    let clash =
        |text: &DataType, other: &DataType| is_text(text) && (is_number(other) || *other == DataType::Boolean || other.is_temporal());
    let (text, other, other_type) = match (clash(&left_type, &right_type), clash(&right_type, &left_type)) {
        (true, _) => (left, right, type_name(&right_type)),
        (_, true) => (right, left, type_name(&left_type)),
        _ => return Ok(()),
    };
    let message = format!("cannot compare {} with {} in {}", type_name(&left_type), type_name(&right_type), whole());
    let help = match (text, other) {
        (text, _) if left_type.is_temporal() || right_type.is_temporal() => {
            let reads = match (&left_type, &right_type) {
                (DataType::Timestamp(..), _) | (_, DataType::Timestamp(..)) => "to_datetime",
                (DataType::Time32(_) | DataType::Time64(_), _) | (_, DataType::Time32(_) | DataType::Time64(_)) => "to_time",
                _ => "to_date",
            };
            format!("read it: {}.str().{reads}(\"%Y-%m-%d\"), with the format that it has", source(text))
        }
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
    let is_day = |data_type: &DataType| matches!(data_type, DataType::Date32 | DataType::Date64);
    if (is_day(&left) && is_number(&right)) || (is_number(&left) && is_day(&right)) {
        let whole = show(&Logical::BinaryExpr(binary.clone()));
        let message = format!("cannot compute {} {} {} in {whole}", type_name(&left), binary.op, type_name(&right));
        return Err(Error::new(ErrorKind::TypeMismatch, message).with_help("add a span of time: every(\"1d\")"));
    }
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
