//! Aggregates: where they may stand, and expressions of them (`sum / count`) as an aggregate and a projection over it.

use super::{build, named, unique_names};
use crate::expr::show;
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

/// Refuses an aggregate where every row stands for itself.
pub(crate) fn refuse_aggregates<'a>(exprs: impl IntoIterator<Item = &'a Logical>) -> Result<()> {
    match find_aggregate_exprs(exprs).first() {
        None => Ok(()),
        Some(aggregate) => {
            let message = format!("{} is one value for many rows and cannot stand here", show(aggregate));
            Err(Error::new(ErrorKind::TypeMismatch, message).with_help("use group_by(..).agg(..), or agg(..) for one row"))
        }
    }
}

/// One row for each group of equal `keys` (one row in all, without keys): the keys, then `values`.
/// Both are resolved and named.
pub(crate) fn aggregate(input: LogicalPlan, keys: Vec<Logical>, values: Vec<Logical>) -> Result<LogicalPlan> {
    refuse_aggregates(&keys)?;
    unique_names(keys.iter().chain(&values))?;
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
