//! A window: columns computed over rows with equal keys, in an order.

use super::{
    adding::{Adding, add},
    node::place,
};
use crate::{
    error::of_datafusion,
    lower::{ConcatExec, OperatorExec, Plan},
    operators::window::Window,
};
use arrow_schema::{DataType, Field};
use datafusion::{common::DFSchema, logical_expr::LogicalPlan};
use std::{collections::HashSet, sync::Arc};
use stratal_core::Result;

/// The columns of `input`, and those of the window. Without keys and an order, rows stay in their order; otherwise none is
/// promised.
pub(crate) fn window(input: LogicalPlan, window: Window<String>) -> Result<LogicalPlan> {
    add(window, input)
}

impl Adding for Window<String> {
    fn name(&self) -> &'static str {
        "Window"
    }

    fn arguments(&self) -> String {
        self.to_string()
    }

    fn reads(&self) -> HashSet<&str> {
        Window::reads(self).map(String::as_str).collect()
    }

    /// Rows with equal keys stay or go together.
    fn passes(&self, column: &str) -> bool {
        self.keys.iter().any(|key| key == column)
    }

    fn adds(&self, input: &DFSchema) -> Result<Vec<Field>> {
        let added = self.added.iter().map(|added| {
            let args = added.args.iter().map(|arg| input.field_with_unqualified_name(arg).map(|field| field.data_type().clone()));
            let args: Vec<DataType> = args.collect::<datafusion::common::Result<_>>().map_err(of_datafusion)?;
            Ok(Field::new(&added.name, added.function.output(&args), true))
        });
        added.collect()
    }

    fn plan(&self, input: Plan) -> Result<Plan> {
        let window = self.map(|column| place(column, &input))?;
        let is_ordered = !window.keys.is_empty() || !window.order.is_empty();
        let input: Plan = if is_ordered { input } else { Arc::new(ConcatExec::new(input, None)) };
        Ok(Arc::new(OperatorExec::new(window, vec![input])?))
    }
}
