//! `describe`: a few figures of every column, a row for each figure.
//!
//! One aggregate computes all figures of all columns in one pass, as one row; that row is put beside the numbers of the rows
//! to come, and each row takes its own figures out of it.

use super::{Reach, Transform};
use crate::{
    bind::{aggregate, build, cast, resolve_all},
    error::of_datafusion,
    expr::{Expr, col, count},
};
use arrow_schema::DataType;
use datafusion::{
    common::ScalarValue,
    logical_expr::{Case, Expr as Logical, ExprSchemable, LogicalPlan, LogicalPlanBuilder, SortExpr},
};
use stratal_core::{Error, ErrorKind, Result};

/// The name of the column that names figures.
const STATISTIC: &str = "statistic";

/// The figures, in their order.
const FIGURES: [&str; 9] = ["count", "null_count", "mean", "std", "min", "25%", "50%", "75%", "max"];

pub(crate) struct Describe;

/// A figure of a column; none where it has none.
fn figure(name: &str, column: &Expr, of: &DataType) -> Option<Expr> {
    let is_number = of.is_numeric();
    // Bytes are no text.
    let has_ends = !of.is_nested() && !of.is_binary();
    Some(match name {
        "count" => column.count(),
        "null_count" => count() - column.count(),
        "min" if has_ends => column.min(),
        "max" if has_ends => column.max(),
        "mean" if is_number => column.mean(),
        "std" if is_number => column.std(),
        "25%" if is_number => column.quantile(0.25),
        "50%" if is_number => column.quantile(0.5),
        "75%" if is_number => column.quantile(0.75),
        _ => return None,
    })
}

impl Transform for Describe {
    fn name(&self) -> &'static str {
        "describe"
    }

    fn arguments(&self) -> String {
        String::new()
    }

    fn reach(&self) -> Reach {
        Reach::All
    }

    fn apply(&self, input: LogicalPlan) -> Result<LogicalPlan> {
        let columns: Vec<(String, DataType)> =
            input.schema().fields().iter().map(|field| (field.name().clone(), field.data_type().clone())).collect();
        if columns.iter().any(|(name, _)| name == STATISTIC) {
            let message = format!("two columns are named {STATISTIC:?}");
            return Err(Error::new(ErrorKind::BadValue, message).with_help("rename that of the frame before: .rename(..)"));
        }
        let mut figures: Vec<Expr> = Vec::new();
        // For each column, for each figure, the number of its aggregate.
        let mut places: Vec<[Option<usize>; FIGURES.len()]> = Vec::new();
        for (name, data_type) in &columns {
            places.push(FIGURES.map(|figure_name| {
                let figure = figure(figure_name, &col(name), data_type)?;
                figures.push(figure.alias(format!("__{}", figures.len())));
                Some(figures.len() - 1)
            }));
        }
        let figures = resolve_all(&figures, input.schema())?;
        let computed = match figures.is_empty() {
            true => LogicalPlanBuilder::empty(true).build().map_err(of_datafusion)?,
            false => aggregate(input, Vec::new(), figures)?,
        };
        let computed_columns = computed.schema().columns();
        let numbers = (0..FIGURES.len()).map(|number| vec![Logical::Literal(ScalarValue::Int64(Some(number as i64)), None)]);
        let numbers = LogicalPlanBuilder::values(numbers.collect()).and_then(LogicalPlanBuilder::build).map_err(of_datafusion)?;
        let number = Logical::Column(numbers.schema().columns().remove(0));
        let beside = build(computed, |plan| plan.cross_join(numbers))?;
        let ordered = build(beside, |plan| plan.sort([SortExpr::new(number.clone(), true, false)]))?;
        let mut rows = vec![chosen(&number, FIGURES.iter().map(|name| Some(text(name))).collect()).alias(STATISTIC)];
        for ((name, data_type), places) in columns.iter().zip(places) {
            let to = if data_type.is_numeric() { DataType::Float64 } else { DataType::Utf8 };
            let values = places.into_iter().map(|place| -> Result<Option<Logical>> {
                let Some(place) = place else { return Ok(None) };
                let value = Logical::Column(computed_columns[place].clone());
                let from = value.get_type(ordered.schema()).map_err(of_datafusion)?;
                Ok(Some(cast(value, &from, &to)))
            });
            rows.push(chosen(&number, values.collect::<Result<_>>()?).alias(name));
        }
        build(ordered, |plan| plan.project(rows))
    }
}

fn text(text: &str) -> Logical {
    Logical::Literal(ScalarValue::Utf8(Some(text.to_owned())), None)
}

/// The value whose place is the number.
fn chosen(number: &Logical, values: Vec<Option<Logical>>) -> Logical {
    let branches = values.into_iter().enumerate().filter_map(|(at, value)| {
        let is_it = number.clone().eq(Logical::Literal(ScalarValue::Int64(Some(at as i64)), None));
        value.map(|value| (Box::new(is_it), Box::new(value)))
    });
    Logical::Case(Case::new(None, branches.collect(), None))
}
