//! [`Fence`]: conditions above it stay above it. It is gone once a plan is physical.

use datafusion::{
    common::{DFSchemaRef, Result as DfResult},
    logical_expr::{Expr as Logical, Extension, LogicalPlan, UserDefinedLogicalNodeCore},
};
use std::{fmt, sync::Arc};

/// Rows as they come.
#[derive(Debug, PartialEq, Eq, PartialOrd, Hash)]
pub(super) struct Fence(LogicalPlan);

/// The same rows; no condition that is put on them is made a part of what is below.
pub(crate) fn fence(input: LogicalPlan) -> LogicalPlan {
    LogicalPlan::Extension(Extension { node: Arc::new(Fence(input)) })
}

impl UserDefinedLogicalNodeCore for Fence {
    fn name(&self) -> &str {
        "Fence"
    }

    fn inputs(&self) -> Vec<&LogicalPlan> {
        vec![&self.0]
    }

    fn schema(&self) -> &DFSchemaRef {
        self.0.schema()
    }

    fn expressions(&self) -> Vec<Logical> {
        Vec::new()
    }

    fn fmt_for_explain(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fence")
    }

    fn with_exprs_and_inputs(&self, _: Vec<Logical>, mut inputs: Vec<LogicalPlan>) -> DfResult<Self> {
        Ok(Fence(inputs.swap_remove(0)))
    }

    fn necessary_children_exprs(&self, output_columns: &[usize]) -> Option<Vec<Vec<usize>>> {
        Some(vec![output_columns.to_vec()])
    }
}
