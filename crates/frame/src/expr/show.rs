//! An expression as errors print it: `name > 5`, as it was written, and not `?table?.name > Int64(5)`.

use super::aggregate::is_count_of_rows;
use crate::types::type_name;
use datafusion::logical_expr::{Expr as Logical, Operator};

/// The expression for people.
pub(crate) fn show(expr: &Logical) -> String {
    match expr {
        Logical::Column(column) => column.name.clone(),
        Logical::Alias(alias) => format!("{} as {}", show(&alias.expr), alias.name),
        Logical::Literal(value, _) if value.is_null() => "null".to_owned(),
        Logical::Literal(value, _) => match value.try_as_str() {
            Some(Some(text)) => format!("{text:?}"),
            _ => value.to_string(),
        },
        Logical::BinaryExpr(binary) => {
            format!("{} {} {}", operand(&binary.left, &binary.op), binary.op, operand(&binary.right, &binary.op))
        }
        Logical::Not(inner) => format!("!({})", show(inner)),
        Logical::Negative(inner) => format!("-({})", show(inner)),
        Logical::IsNull(inner) => format!("{} is null", show(inner)),
        Logical::IsNotNull(inner) => format!("{} is not null", show(inner)),
        Logical::Between(between) => format!("{} between {} and {}", show(&between.expr), show(&between.low), show(&between.high)),
        Logical::InList(list) => format!("{} in [{}]", show(&list.expr), show_all(&list.list)),
        Logical::Cast(cast) => format!("cast({}, {})", show(&cast.expr), type_name(cast.field.data_type())),
        Logical::ScalarFunction(function) => format!("{}({})", function.name(), show_all(&function.args)),
        Logical::AggregateFunction(function) if is_count_of_rows(function) => "count()".to_owned(),
        Logical::AggregateFunction(function) => {
            let name = match (function.func.name(), function.params.distinct) {
                ("avg", _) => "mean",
                ("count", true) => "n_unique",
                ("var", _) => "var",
                ("stddev", _) => "std",
                (name, _) => name,
            };
            format!("{name}({})", show_all(&function.params.args))
        }
        other => other.human_display().to_string(),
    }
}

fn show_all(exprs: &[Logical]) -> String {
    exprs.iter().map(show).collect::<Vec<_>>().join(", ")
}

/// How tightly an operator binds, as in Rust.
fn strength(operator: &Operator) -> u8 {
    match operator {
        Operator::Multiply | Operator::Divide | Operator::Modulo => 6,
        Operator::Plus | Operator::Minus => 5,
        Operator::BitwiseAnd => 2,
        Operator::And => 2,
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
