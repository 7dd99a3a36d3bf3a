//! [`Tail`]: the last rows, in partition order.

use datafusion::{
    common::{DFSchemaRef, Result as DfResult},
    logical_expr::{Expr as Logical, Extension, LogicalPlan, UserDefinedLogicalNodeCore},
};
use std::{fmt, sync::Arc};

/// The last `rows` rows, and of these the first `take`.
#[derive(Debug, PartialEq, Eq, PartialOrd, Hash)]
pub(super) struct Tail {
    input: LogicalPlan,
    pub(super) rows: usize,
    pub(super) take: Option<usize>,
}

/// The last `rows` rows. With `take`, as many of them from the front; where there are fewer than `rows`, those that are
/// missing count as taken.
pub(crate) fn tail(input: LogicalPlan, rows: usize, take: Option<usize>) -> LogicalPlan {
    LogicalPlan::Extension(Extension { node: Arc::new(Tail { input, rows, take }) })
}

impl UserDefinedLogicalNodeCore for Tail {
    fn name(&self) -> &str {
        "Tail"
    }

    fn inputs(&self) -> Vec<&LogicalPlan> {
        vec![&self.input]
    }

    fn schema(&self) -> &DFSchemaRef {
        self.input.schema()
    }

    fn expressions(&self) -> Vec<Logical> {
        Vec::new()
    }

    fn fmt_for_explain(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tail: rows={}, take={:?}", self.rows, self.take)
    }

    fn with_exprs_and_inputs(&self, _: Vec<Logical>, mut inputs: Vec<LogicalPlan>) -> DfResult<Self> {
        Ok(Tail { input: inputs.swap_remove(0), rows: self.rows, take: self.take })
    }

    fn necessary_children_exprs(&self, output_columns: &[usize]) -> Option<Vec<Vec<usize>>> {
        Some(vec![output_columns.to_vec()])
    }
}
