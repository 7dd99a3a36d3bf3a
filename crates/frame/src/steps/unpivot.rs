//! `unpivot`: a row for each of some columns, with the column's name and its value.

use super::{Transform, listed};
use crate::{
    bind::{build, cast, common_type, refuse_aggregates, resolve_all, unique_names},
    error::of_datafusion,
    expr::{Expr, output_name},
    nodes,
    operators::UNPIVOTED,
    types::type_name,
};
use arrow_schema::DataType;
use datafusion::{
    common::{Column, DFSchema},
    logical_expr::{Expr as Logical, ExprSchemable, LogicalPlan},
};
use stratal_core::{Error, ErrorKind, Result};

pub(crate) struct Unpivot {
    /// The columns that become rows; all that are not in `index`, if there are none.
    pub(crate) on: Vec<Expr>,
    /// The columns that stay.
    pub(crate) index: Vec<Expr>,
}

impl Transform for Unpivot {
    fn name(&self) -> &'static str {
        "unpivot"
    }

    fn arguments(&self) -> String {
        format!("[{}], [{}]", listed(&self.on), listed(&self.index))
    }

    fn apply(&self, input: LogicalPlan) -> Result<LogicalPlan> {
        let schema: &DFSchema = input.schema();
        let index = resolve_all(&self.index, schema)?;
        let on = match &self.on[..] {
            [] => schema.columns().into_iter().map(Logical::Column).filter(|column| !index.contains(column)).collect(),
            some => resolve_all(some, schema)?,
        };
        refuse_aggregates(index.iter().chain(&on))?;
        unique_names(index.iter().chain(&on))?;
        unique_names(index.iter().chain(&UNPIVOTED.map(|name| Logical::Column(Column::from_name(name)))))?;
        let (stay, values) = (index.len(), as_one_type(on, schema)?);
        let narrow = build(input, |plan| plan.project(index.into_iter().chain(values)))?;
        nodes::unpivot(narrow, stay)
    }
}

/// The columns as the type that all are widened to.
fn as_one_type(columns: Vec<Logical>, schema: &DFSchema) -> Result<Vec<Logical>> {
    let types = columns.iter().map(|column| column.get_type(schema).map_err(of_datafusion)).collect::<Result<Vec<DataType>>>()?;
    let mut all: Option<DataType> = None;
    for (column, data_type) in columns.iter().zip(&types) {
        all = Some(match all {
            None => data_type.clone(),
            Some(so_far) => common_type(&so_far, data_type).ok_or_else(|| {
                let message =
                    format!("column {:?} is {}, and those before it {}", output_name(column), type_name(data_type), type_name(&so_far));
                let help = format!("all values become one column; cast it: .cast([({:?}, {:?})])", output_name(column), type_name(&so_far));
                Error::new(ErrorKind::TypeMismatch, message).with_help(help)
            })?,
        });
    }
    let nothing = || Error::new(ErrorKind::BadValue, "there is nothing to unpivot").with_help("name the columns that become rows");
    let all = all.ok_or_else(nothing)?;
    let cast = |(column, data_type): (Logical, &DataType)| {
        let name = output_name(&column);
        cast(column.unalias(), data_type, &all).alias(name)
    };
    Ok(columns.into_iter().zip(&types).map(cast).collect())
}
