//! `pivot`: values of a column become columns.
//!
//! One group-by, whose aggregates see the rows of one value each (SQL's `FILTER`): the input is read once, and the names are
//! known before anything runs.

use super::{Reach, Transform, listed};
use crate::{
    bind::{aggregate, is_aggregate, refuse_aggregates, resolve, resolve_all},
    dframe::PivotOptions,
    error::of_datafusion,
    expr::{Expr, show},
};
use datafusion::{
    common::{
        DFSchema, ScalarValue,
        tree_node::{Transformed, TransformedResult, TreeNode},
    },
    logical_expr::{Expr as Logical, LogicalPlan},
};
use stratal_core::{Error, ErrorKind, Result};

pub(crate) struct Pivot(pub(crate) PivotOptions);

impl Transform for Pivot {
    fn name(&self) -> &'static str {
        "pivot"
    }

    fn arguments(&self) -> String {
        let PivotOptions { index, on, values, agg } = &self.0;
        format!("[{}], {}, [{}], {agg:?}", listed(index), listed(on), listed(values))
    }

    fn reach(&self) -> Reach {
        Reach::All
    }

    fn apply(&self, input: LogicalPlan) -> Result<LogicalPlan> {
        let PivotOptions { index, on, values, agg } = &self.0;
        let schema: &DFSchema = input.schema();
        let [on] = &on[..] else {
            let message = format!("there are {} columns whose values become columns, and pivot(..) takes one", on.len());
            return Err(Error::new(ErrorKind::BadValue, message).with_help("name one, or make one of them: with_column(..)"));
        };
        if values.is_empty() {
            let help = "list the values; distinct_values(..) finds them";
            return Err(Error::new(ErrorKind::BadValue, "there are no values to become columns").with_help(help));
        }
        let agg = resolve(agg, schema)?.unalias();
        if !is_aggregate(&agg) {
            let message = format!("{} is no aggregate, and several rows become one value", show(&agg));
            return Err(Error::new(ErrorKind::TypeMismatch, message).with_help("aggregate it, for example col(\"x\").sum()"));
        }
        let on = resolve(on, schema)?.unalias();
        refuse_aggregates([&on])?;
        let (on, keys) = (Expr::from(on), resolve_all(index, schema)?);
        let columns = values.iter().map(|value| {
            let (value, name) = named_value(value)?;
            let is_value = resolve(&equal(&on, value), schema)?;
            Ok(filtered(agg.clone(), &is_value)?.alias(name))
        });
        let columns = columns.collect::<Result<Vec<Logical>>>()?;
        aggregate(input, keys, columns)
    }
}

/// A value and what its column is called: its alias, else its text.
fn named_value(value: &Expr) -> Result<(Logical, String)> {
    match value.to_datafusion()? {
        Logical::Alias(alias) => Ok((*alias.expr, alias.name)),
        Logical::Literal(value, metadata) => {
            let text = value.try_as_str().flatten().map(str::to_owned);
            let value = Logical::Literal(value, metadata);
            let name = text.unwrap_or_else(|| show(&value));
            Ok((value, name))
        }
        other => {
            let message = format!("{} is no value, and the name of its column is not known", show(&other));
            Err(Error::new(ErrorKind::BadValue, message).with_help("give values, or name it: .alias(\"…\")"))
        }
    }
}

/// Whether the column has the value; null has null.
fn equal(on: &Expr, value: Logical) -> Expr {
    match &value {
        Logical::Literal(ScalarValue::Null, _) => on.is_null(),
        Logical::Literal(nothing, _) if nothing.is_null() => on.is_null(),
        _ => on.eq(Expr::from(value)),
    }
}

/// The expression with every aggregate in it over the rows for which the condition is true.
fn filtered(agg: Logical, condition: &Logical) -> Result<Logical> {
    let narrow = |node: Logical| match node {
        Logical::AggregateFunction(mut function) => {
            let both = match function.params.filter.take() {
                Some(own) => own.and(condition.clone()),
                None => condition.clone(),
            };
            function.params.filter = Some(Box::new(both));
            Ok(Transformed::yes(Logical::AggregateFunction(function)))
        }
        node => Ok(Transformed::no(node)),
    };
    agg.transform_up(narrow).data().map_err(of_datafusion)
}
