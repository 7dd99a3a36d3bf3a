//! Steps to a logical plan, once: names found exactly, types checked, mistakes named by step and line.
//!
//! A plan is kept in the step that it ends with, so that frames which begin with the same steps bind them once.
//!
//! - `resolve`: names to columns. `aggregate`: where aggregates may stand, and what expressions of them come to. `window`: windows as
//!   columns.
//! - `check`: types that an operation cannot take; `aggregate_types`: that an aggregate cannot. `branches`: values of which a row takes
//!   one. `common_type`: one type for two columns. `temporal`: dates and times beside other things.

mod aggregate;
mod aggregate_types;
mod branches;
mod check;
mod common_type;
mod resolve;
mod temporal;
mod window;

pub(crate) use aggregate::{aggregate, is_aggregate, refuse_aggregates, refuse_bare_aggregates};
pub(crate) use common_type::{cast, common_type};
pub(crate) use resolve::{column, named, resolve, resolve_all, resolve_besides, unique_names};
pub(crate) use window::{difference_type, stage, sum_type};

use crate::{
    error::of_datafusion,
    steps::{Op, Step, Steps},
};
use datafusion::{
    common::TableReference,
    datasource::{TableProvider, provider_as_source},
    logical_expr::{Expr as Logical, LogicalPlan, LogicalPlanBuilder, Projection, expr::Alias},
};
use std::sync::Arc;
use stratal_core::{Error, Result, config::Config};

/// The plan of all steps.
pub(crate) fn bind(steps: &[Arc<Step>], config: &Config) -> Result<LogicalPlan> {
    let bound = steps.iter().rposition(|step| step.bound().is_some());
    let mut plan = bound.and_then(|at| steps[at].bound().cloned());
    for (at, step) in steps.iter().enumerate().skip(bound.map_or(0, |at| at + 1)) {
        let next = match (step.op(), plan.take()) {
            (Op::Source(source), None) => source.open(config).and_then(|table| scan(source.name(), table)),
            (Op::Transform(transform), Some(input)) => transform.apply(input),
            (Op::Combine(combine, others), Some(input)) => together(input, others, config).and_then(|inputs| combine.apply(inputs)),
            _ => Err(Error::internal("a frame begins with one source")),
        };
        let next = next.map_err(|error| step.blame(error, at))?;
        plan = Some(step.keep(next));
    }
    plan.ok_or_else(|| Error::internal("a frame without steps"))
}

/// The plan of a frame, and those of the frames that a step takes in.
fn together(first: LogicalPlan, others: &[Steps], config: &Config) -> Result<Vec<LogicalPlan>> {
    let others = others.iter().map(|steps| bind(steps, config));
    [Ok(first)].into_iter().chain(others).collect()
}

/// The plan that reads a table. `name` is shown by `explain`.
pub(crate) fn scan(name: &str, table: Arc<dyn TableProvider>) -> Result<LogicalPlan> {
    LogicalPlanBuilder::scan(TableReference::bare(name), provider_as_source(table), None)
        .and_then(LogicalPlanBuilder::build)
        .map_err(of_datafusion)
}

/// Builds on a plan, with errors in our terms.
pub(crate) fn build(
    input: LogicalPlan,
    change: impl FnOnce(LogicalPlanBuilder) -> datafusion::error::Result<LogicalPlanBuilder>,
) -> Result<LogicalPlan> {
    let plan = change(LogicalPlanBuilder::from(input)).and_then(LogicalPlanBuilder::build);
    plan.and_then(set_apart).map_err(of_datafusion)
}

/// What the columns that a projection computes are qualified by, before a number.
const STEP: &str = "step";

/// Tells the columns that a projection computes from those of the same name that it reads.
///
/// DataFusion drops a projection whose expressions are those of the projection below, which is wrong for every one that is
/// not idempotent: `x + 1 as x`, or `b as a, a as b`. With a qualifier of its own for what each computes, two are equal only
/// where neither reads what the other computes.
fn set_apart(plan: LogicalPlan) -> datafusion::error::Result<LogicalPlan> {
    let LogicalPlan::Projection(projection) = plan else { return Ok(plan) };
    let number = |table: &TableReference| table.table().strip_prefix(STEP)?.parse::<u64>().ok();
    let below = projection.input.schema().iter().filter_map(|(table, _)| table.and_then(number)).max();
    let own = TableReference::bare(format!("{STEP}{}", below.map_or(0, |number| number + 1)));
    let exprs = projection.expr.into_iter().map(|expr| match expr {
        Logical::Alias(alias) if alias.relation.is_none() => Logical::Alias(Alias { relation: Some(own.clone()), ..alias }),
        expr => expr,
    });
    Projection::try_new(exprs.collect(), projection.input).map(LogicalPlan::Projection)
}
