//! Keys of a step that are computed: columns that stand below it alone.

use crate::{
    bind::{build, refuse_aggregates, resolve},
    expr::{Expr, spread},
};
use datafusion::logical_expr::{Expr as Logical, LogicalPlan};
use stratal_core::Result;

/// What computed keys are called, before a number.
const KEY: &str = "__key";

/// Keys over a plan.
pub(super) struct Keyed {
    /// The plan, with computed keys as its last columns.
    pub(super) plan: LogicalPlan,
    /// The names of all keys.
    pub(super) names: Vec<String>,
    /// The number of columns before computed keys.
    pub(super) width: usize,
}

/// The plan with its keys, each a column of it or one more; one for each column of a selection.
pub(super) fn keyed(input: LogicalPlan, keys: &[Expr]) -> Result<Keyed> {
    let width = input.schema().fields().len();
    let keys = spread(keys, input.schema(), &[])?;
    let keys: Vec<Logical> = keys.iter().map(|key| Ok(resolve(key, input.schema())?.unalias())).collect::<Result<_>>()?;
    refuse_aggregates(&keys)?;
    let (plan, names) = as_columns(input, keys, KEY)?;
    Ok(Keyed { plan, names, width })
}

/// The plan with these values as columns, and the names of the columns: those of plain columns, and `prefix` with a number for what
/// is computed.
pub(super) fn as_columns(plan: LogicalPlan, exprs: Vec<Logical>, prefix: &str) -> Result<(LogicalPlan, Vec<String>)> {
    let is_taken = |name: &str| plan.schema().fields().iter().any(|field| field.name() == name);
    let (mut names, mut computed) = (Vec::with_capacity(exprs.len()), Vec::new());
    for expr in exprs {
        match expr {
            Logical::Column(column) => names.push(column.name),
            other => {
                let mut name = format!("{prefix}{}", names.len());
                while is_taken(&name) {
                    name.push('_');
                }
                computed.push(other.alias(&name));
                names.push(name);
            }
        }
    }
    if computed.is_empty() {
        return Ok((plan, names));
    }
    let all: Vec<Logical> = plan.schema().columns().into_iter().map(Logical::Column).chain(computed).collect();
    Ok((build(plan, |plan| plan.project(all))?, names))
}

/// The first columns of a plan.
pub(super) fn first(plan: LogicalPlan, width: usize) -> Result<LogicalPlan> {
    let columns = plan.schema().columns();
    if columns.len() == width {
        return Ok(plan);
    }
    build(plan, |plan| plan.project(columns.into_iter().take(width).map(Logical::Column).collect::<Vec<_>>()))
}
