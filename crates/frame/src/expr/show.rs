//! An expression as errors print it: `name > 5`, as it was written, and not `?table?.name > Int64(5)`.

use super::{
    aggregate::{is_cast_aggregate, show_aggregate},
    every::Every,
    later::Later,
    map::Mapped,
    same_float,
    window::{Marker, show_marker},
};
use crate::types::type_name;
use arrow_cast::display::array_value_to_string;
use arrow_schema::DataType;
use datafusion::{
    common::ScalarValue,
    logical_expr::{Case, Expr as Logical, Operator},
};

/// The expression for people.
pub(crate) fn show(expr: &Logical) -> String {
    if let Some((marker, arguments)) = Marker::of_expr(expr) {
        return show_marker(marker, arguments);
    }
    match expr {
        Logical::Column(column) => column.name.clone(),
        Logical::Alias(alias) => format!("{} as {}", show(&alias.expr), alias.name),
        Logical::Literal(value, _) if value.is_null() => "null".to_owned(),
        Logical::Literal(value, _) => literal(value),
        Logical::BinaryExpr(binary) => {
            format!("{} {} {}", operand(&binary.left, &binary.op), symbol(&binary.op), operand(&binary.right, &binary.op))
        }
        Logical::Not(inner) => format!("!({})", show(inner)),
        Logical::Negative(inner) => format!("-({})", show(inner)),
        Logical::IsNull(inner) => format!("{} is null", show(inner)),
        Logical::IsNotNull(inner) => format!("{} is not null", show(inner)),
        Logical::Between(between) => format!("{} between {} and {}", show(&between.expr), show(&between.low), show(&between.high)),
        Logical::InList(list) => format!("{} in [{}]", show(&list.expr), show_all(&list.list)),
        Logical::Like(like) => {
            let verb = if like.case_insensitive { "ilike" } else { "like" };
            format!("{} {verb} {}", show(&like.expr), show(&like.pattern))
        }
        Logical::Case(case) if case.expr.is_none() => show_when(case),
        Logical::TryCast(cast) => format!("try_cast({}, {})", show(&cast.expr), type_name(cast.field.data_type())),
        Logical::Cast(cast) if is_cast_aggregate(&cast.expr) => show(&cast.expr),
        Logical::Cast(cast) => format!("cast({}, {})", show(&cast.expr), type_name(cast.field.data_type())),
        Logical::ScalarFunction(function) => match (Later::of(function), Mapped::of(function)) {
            (Some(later), _) => later.show(&function.args),
            (_, Some(mapped)) => format!("{}.map({})", show_all(&function.args), mapped.short_name()),
            _ => match same_float::before(function) {
                Some(value) => show(value),
                None => format!("{}({})", function.name(), show_all(&function.args)),
            },
        },
        Logical::AggregateFunction(function) => show_aggregate(function),
        other => other.human_display().to_string(),
    }
}

/// A value that is there.
fn literal(value: &ScalarValue) -> String {
    if let Some(Some(text)) = value.try_as_str() {
        return format!("{text:?}");
    }
    if let Some(Ok(span)) = Every::of_scalar(value) {
        return format!("every({span})");
    }
    let is_time = matches!(value.data_type(), DataType::Timestamp(..) | DataType::Time32(_) | DataType::Time64(_));
    let time = value.to_array().ok().filter(|_| is_time).and_then(|array| array_value_to_string(&array, 0).ok());
    time.unwrap_or_else(|| value.to_string())
}

fn show_all(exprs: &[Logical]) -> String {
    exprs.iter().map(show).collect::<Vec<_>>().join(", ")
}

/// A method as it is called: `name.str().len()`. One whose name does not begin with a dot is called as a function.
pub(super) fn show_method(name: &str, arguments: &[Logical]) -> String {
    match (name.strip_prefix('.'), arguments) {
        (Some(method), [own, rest @ ..]) => format!("{}.{method}({})", receiver(own), show_all(rest)),
        _ => format!("{name}({})", show_all(arguments)),
    }
}

/// What a method is called on.
fn receiver(expr: &Logical) -> String {
    match expr {
        Logical::Column(_) | Logical::Literal(..) | Logical::ScalarFunction(_) | Logical::AggregateFunction(_) => show(expr),
        Logical::Cast(_) | Logical::TryCast(_) | Logical::Case(_) => show(expr),
        _ => format!("({})", show(expr)),
    }
}

/// The expression as it is written in a program, as far as a help needs it.
pub(crate) fn source(expr: &Logical) -> String {
    match expr {
        Logical::Column(column) => format!("col({:?})", column.name),
        other => format!("({})", show(other)),
    }
}

fn show_when(case: &Case) -> String {
    let branches = case.when_then_expr.iter().map(|(when, then)| format!("when({}).then({})", show(when), show(then)));
    let otherwise = case.else_expr.iter().map(|value| format!("otherwise({})", show(value)));
    branches.chain(otherwise).collect::<Vec<_>>().join(".")
}

/// An operator as Rust writes it, where it does.
fn symbol(operator: &Operator) -> String {
    match operator {
        Operator::BitwiseXor => "^".to_owned(),
        Operator::IsNotDistinctFrom => "is".to_owned(),
        other => other.to_string(),
    }
}

/// How tightly an operator binds, as in Rust.
fn strength(operator: &Operator) -> u8 {
    match operator {
        Operator::Multiply | Operator::Divide | Operator::Modulo => 6,
        Operator::Plus | Operator::Minus => 5,
        Operator::BitwiseAnd => 3,
        Operator::BitwiseXor => 2,
        Operator::And => 3,
        Operator::BitwiseOr | Operator::Or => 1,
        _ => 4,
    }
}

fn operand(expr: &Logical, within: &Operator) -> String {
    match expr {
        Logical::BinaryExpr(binary) if strength(&binary.op) < strength(within) => format!("({})", show(expr)),
        _ => show(expr),
    }
}
