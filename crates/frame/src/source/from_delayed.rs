//! Rows that calls of functions give: the results of lazy values, each a partition.

use super::Source;
use crate::{
    declared::DeclaredSchema,
    error::{of_datafusion, to_datafusion},
    leaf::{LeafTable, streaming, without_inputs},
};
use arrow_schema::SchemaRef;
use datafusion::{
    catalog::MemTable,
    common::Result as DfResult,
    datasource::TableProvider,
    execution::{SendableRecordBatchStream, TaskContext},
    physical_expr::EquivalenceProperties,
    physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties},
};
use std::{fmt, sync::Arc};
use stratal_core::{Error, Result, config::Config, delayed::Node};

/// Results of calls as a source.
pub(crate) struct FromDelayed {
    /// The method that recorded it.
    pub(crate) name: &'static str,
    /// What makes the partitions, in order.
    pub(crate) calls: Arc<[Arc<Node>]>,
    /// The columns that they are said to have.
    pub(crate) schema: DeclaredSchema,
}

impl Source for FromDelayed {
    fn name(&self) -> &'static str {
        self.name
    }

    fn arguments(&self) -> String {
        let what = self.calls.first().map_or_else(String::new, |call| format!("{}, ", call.function().label()));
        format!("{what}{} partitions, {}", self.calls.len(), self.schema)
    }

    fn open(&self, _: &Config) -> Result<Arc<dyn TableProvider>> {
        let schema = self.schema.alone()?;
        if self.calls.is_empty() {
            return Ok(Arc::new(MemTable::try_new(schema, vec![Vec::new()]).map_err(of_datafusion)?));
        }
        Ok(Arc::new(LeafTable::new(DelayedExec::new(self.calls.clone(), schema))))
    }
}

/// A leaf that stands for results of calls until the cutter puts an input in its place. It cannot be executed.
pub(crate) struct DelayedExec {
    calls: Arc<[Arc<Node>]>,
    properties: Arc<PlanProperties>,
}

impl DelayedExec {
    fn new(calls: Arc<[Arc<Node>]>, schema: SchemaRef) -> Self {
        let partitioning = Partitioning::UnknownPartitioning(calls.len());
        let equivalence = EquivalenceProperties::new(schema);
        DelayedExec { calls, properties: streaming(equivalence, partitioning) }
    }

    /// What makes the partitions.
    pub(crate) fn calls(&self) -> &[Arc<Node>] {
        &self.calls
    }
}

impl fmt::Debug for DelayedExec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DelayedExec({})", self.calls.len())
    }
}

impl DisplayAs for DelayedExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DelayedExec: partitions={}", self.calls.len())
    }
}

impl ExecutionPlan for DelayedExec {
    fn name(&self) -> &'static str {
        "DelayedExec"
    }

    without_inputs!();

    fn execute(&self, _: usize, _: Arc<TaskContext>) -> DfResult<SendableRecordBatchStream> {
        Err(to_datafusion(Error::internal("results of calls were not put in place")))
    }
}
