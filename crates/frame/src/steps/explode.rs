//! `explode`: a row for each value of a list.

use super::{Transform, listed};
use crate::{
    bind::resolve_all,
    error::of_datafusion,
    expr::{Expr, show},
    nodes,
    operators::item,
    types::type_name,
};
use datafusion::{
    common::{DFSchema, ExprSchema},
    logical_expr::{Expr as Logical, LogicalPlan},
};
use stratal_core::{Error, ErrorKind, Result};

/// The columns that are lists.
pub(crate) struct Explode(pub(crate) Vec<Expr>);

/// The name of the column, which is a list.
fn list(expr: Logical, schema: &DFSchema) -> Result<String> {
    let column = match expr {
        Logical::Column(column) => column,
        other => {
            let message = format!("{} is no column, and only columns are exploded", show(&other));
            return Err(Error::new(ErrorKind::BadValue, message).with_help("make it a column first: with_column(..)"));
        }
    };
    let (name, data_type) = (&column.name, schema.data_type(&column).map_err(of_datafusion)?);
    match item(data_type) {
        Some(_) => Ok(name.clone()),
        None => {
            let message = format!("column {name:?} is {}, not a list", type_name(data_type));
            Err(Error::new(ErrorKind::TypeMismatch, message).with_help("only lists have several values in a row"))
        }
    }
}

impl Transform for Explode {
    fn name(&self) -> &'static str {
        "explode"
    }

    fn arguments(&self) -> String {
        listed(&self.0)
    }

    fn apply(&self, input: LogicalPlan) -> Result<LogicalPlan> {
        let columns = resolve_all(&self.0, input.schema())?;
        if columns.is_empty() {
            return Err(Error::new(ErrorKind::BadValue, "there is nothing to explode").with_help("name a column of lists"));
        }
        let mut lists = Vec::new();
        for column in columns {
            let name = list(column, input.schema())?;
            if !lists.contains(&name) {
                lists.push(name);
            }
        }
        nodes::explode(input, lists)
    }
}
