//! Aggregates: where they may stand, and expressions of them (`sum / count`) as an aggregate and a projection over it.

use super::{build, named, unique_names, window::stage};
use crate::expr::{Marker, show};
use datafusion::{
    common::{
        Column,
        tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion},
    },
    logical_expr::{Expr as Logical, LogicalPlan, utils::find_aggregate_exprs},
};
use stratal_core::{Error, ErrorKind, Result};

/// Whether there is an aggregate in it.
pub(crate) fn is_aggregate(expr: &Logical) -> bool {
    !find_aggregate_exprs([expr]).is_empty()
}

/// Refuses what is computed over rows where every row stands for itself: aggregates and windows.
pub(crate) fn refuse_aggregates<'a>(exprs: impl IntoIterator<Item = &'a Logical>) -> Result<()> {
    let exprs: Vec<&Logical> = exprs.into_iter().collect();
    refuse_bare_aggregates(exprs.iter().copied())?;
    match exprs.into_iter().find_map(outside_aggregates) {
        None => Ok(()),
        Some(window) => {
            let message = format!("{window} is computed over rows and cannot stand here");
            Err(Error::new(ErrorKind::BadValue, message).with_help("make it a column first: with_column(\"name\", ..)"))
        }
    }
}

/// A window that is not inside of an aggregate, as it was written.
fn outside_aggregates(expr: &Logical) -> Option<String> {
    let mut found = None;
    // The visitor never fails.
    let _ = expr.apply(|node| {
        Ok(match (node, Marker::of_expr(node)) {
            (Logical::AggregateFunction(_), _) => TreeNodeRecursion::Jump,
            (_, Some((Marker::Call(call), _))) => {
                found = Some(call.shown.clone());
                TreeNodeRecursion::Stop
            }
            _ => TreeNodeRecursion::Continue,
        })
    });
    found
}

/// Refuses an aggregate where every row stands for itself, unless it has a window.
pub(crate) fn refuse_bare_aggregates<'a>(exprs: impl IntoIterator<Item = &'a Logical>) -> Result<()> {
    match find_aggregate_exprs(exprs).first() {
        None => Ok(()),
        Some(aggregate) => {
            let message = format!("{} is one value for many rows and cannot stand here", show(aggregate));
            let help = "use group_by(..).agg(..), or agg(..) for one row, or give it a window: .over(Window::all())";
            Err(Error::new(ErrorKind::TypeMismatch, message).with_help(help))
        }
    }
}

/// One row for each group of equal `keys` (one row in all, without keys): the keys, then `values`.
/// Both are resolved and named.
pub(crate) fn aggregate(input: LogicalPlan, keys: Vec<Logical>, values: Vec<Logical>) -> Result<LogicalPlan> {
    refuse_bare_aggregates(&keys)?;
    unique_names(keys.iter().chain(&values))?;
    if let Some(window) = values.iter().find_map(outside_aggregates) {
        let message = format!("{window} is one value for each row, and a group gives one for all of them");
        return Err(
            Error::new(ErrorKind::TypeMismatch, message).with_help("aggregate it, for example by .max(), or make it a column before")
        );
    }
    let width = keys.len();
    let (input, mut keys, _) = stage(input, keys.into_iter().chain(values).collect())?;
    let values = keys.split_off(width);
    let aggregates = find_aggregate_exprs(&values);
    let grouped = build(input, |plan| plan.aggregate(keys.clone(), aggregates.clone()))?;
    // The first columns of the aggregate are the keys, in order.
    let key_columns: Vec<Column> = grouped.schema().columns().into_iter().take(keys.len()).collect();
    let over = |expr: Logical| {
        let name = crate::expr::output_name(&expr);
        let replaced = expr.unalias().transform_down(|node| {
            if aggregates.contains(&node) {
                let column = Column::from_name(node.schema_name().to_string());
                return Ok(Transformed::new(Logical::Column(column), true, TreeNodeRecursion::Jump));
            }
            match keys.iter().position(|key| key.clone().unalias() == node) {
                Some(at) => Ok(Transformed::new(Logical::Column(key_columns[at].clone()), true, TreeNodeRecursion::Jump)),
                None => Ok(Transformed::no(node)),
            }
        });
        replaced.data().map(|expr| expr.alias(name)).map_err(crate::error::of_datafusion)
    };
    let mut columns: Vec<Logical> = key_columns.iter().cloned().map(Logical::Column).map(named).collect();
    for value in values {
        let replaced = over(value.clone())?;
        let stray = replaced.column_refs().into_iter().find(|column| !grouped.schema().has_column(column)).cloned();
        if let Some(column) = stray {
            let message = format!("column {:?} in {} is neither a key nor aggregated", column.name, show(&value.unalias()));
            let help = format!("aggregate it, for example col({0:?}).max(), or add {0:?} to the keys", column.name);
            return Err(Error::new(ErrorKind::TypeMismatch, message).with_help(help));
        }
        columns.push(replaced);
    }
    build(grouped, |plan| plan.project(columns))
}
