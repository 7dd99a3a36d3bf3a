//! [`Unpivot`]: a row for each of some columns, with the column's name and its value.

use super::node::{Node, NodeKind};
use crate::{
    lower::{Operator, OperatorExec, Plan},
    operators,
};
use datafusion::logical_expr::LogicalPlan;
use std::sync::Arc;
use stratal_core::Result;

/// The number of columns that stay.
#[derive(Debug)]
struct Unpivot(usize);

/// The first `index` columns, then the name and the value of each of the others, which are of one type.
pub(crate) fn unpivot(input: LogicalPlan, index: usize) -> Result<LogicalPlan> {
    let schema = operators::Unpivot { index }.schema(&[input.schema().inner().clone()])?;
    Node::with_schema(Unpivot(index), vec![input], &schema)
}

impl NodeKind for Unpivot {
    fn name(&self) -> &'static str {
        "Unpivot"
    }

    fn arguments(&self) -> String {
        format!("index={}", self.0)
    }

    fn plan(&self, inputs: Vec<Plan>) -> Result<Plan> {
        Ok(Arc::new(OperatorExec::new(operators::Unpivot { index: self.0 }, inputs)?))
    }
}
