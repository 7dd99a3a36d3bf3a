//! The place of every row in the order of rows, as a column.

use super::adding::{Adding, add};
use crate::{
    lower::{OperatorExec, Plan},
    operators,
};
use arrow_schema::{DataType, Field};
use datafusion::{common::DFSchema, logical_expr::LogicalPlan};
use std::{collections::HashSet, sync::Arc};
use stratal_core::Result;

/// The columns of `input`, and one of this name that grows from row to row.
pub(crate) fn row_ids(input: LogicalPlan, name: &str) -> Result<LogicalPlan> {
    add(RowIds(name.to_owned()), input)
}

/// Numbers in a column of this name.
#[derive(Debug)]
struct RowIds(String);

impl Adding for RowIds {
    fn name(&self) -> &'static str {
        "RowIds"
    }

    fn arguments(&self) -> String {
        self.0.clone()
    }

    fn reads(&self) -> HashSet<&str> {
        HashSet::new()
    }

    /// Rows that are left keep their order.
    fn passes(&self, _: &str) -> bool {
        true
    }

    fn adds(&self, _: &DFSchema) -> Result<Vec<Field>> {
        Ok(vec![Field::new(&self.0, DataType::Int64, true)])
    }

    fn plan(&self, input: Plan) -> Result<Plan> {
        Ok(Arc::new(OperatorExec::new(operators::RowIds(self.0.clone()), vec![input])?))
    }
}
