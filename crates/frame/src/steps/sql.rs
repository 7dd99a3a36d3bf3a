//! `DFrame::sql`: a query over frames and files.

use super::Combine;
use crate::sql::{Query, plan};
use datafusion::logical_expr::LogicalPlan;
use stratal_core::Result;

/// A query whose tables are the inputs.
pub(crate) struct Sql {
    pub(crate) text: String,
    /// What could not be parsed is reported by the verb.
    pub(crate) query: Result<Query>,
    /// For each table that the query names, which input it is.
    pub(crate) tables: Vec<(String, usize)>,
}

impl Combine for Sql {
    fn name(&self) -> &'static str {
        "sql"
    }

    fn arguments(&self) -> String {
        format!("{:?}", self.text)
    }

    fn apply(&self, inputs: Vec<LogicalPlan>) -> Result<LogicalPlan> {
        let query = self.query.clone()?;
        plan(&query, self.tables.iter().map(|(name, input)| (name.clone(), inputs[*input].clone())).collect())
    }
}
