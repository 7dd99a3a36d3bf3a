//! Rows that an earlier run left in the stores and that a lease keeps there.

use super::Source;
use crate::{
    error::to_datafusion,
    leaf::{LeafTable, streaming, without_inputs},
};
use arrow_schema::SchemaRef;
use datafusion::{
    common::Result as DfResult,
    datasource::TableProvider,
    execution::{SendableRecordBatchStream, TaskContext},
    physical_expr::EquivalenceProperties,
    physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties},
};
use std::{fmt, sync::Arc};
use stratal_core::{
    Error, Result,
    client::Lease,
    config::Config,
    graph::{HeldRange, LayeredGraph, Repeat},
};

/// Results of a run as a source.
#[derive(Clone, Debug)]
pub(crate) struct Persisted {
    pub(crate) schema: SchemaRef,
    pub(crate) ranges: Vec<HeldRange>,
    /// Keeps them.
    pub(crate) lease: Lease,
    /// What making them again gives, if they are lost.
    repeat: Repeat,
}

impl Persisted {
    /// What a run of a graph of one output left.
    pub(crate) fn new(schema: SchemaRef, graph: &LayeredGraph, (ranges, lease): (Vec<HeldRange>, Lease)) -> Self {
        let repeat = graph.outputs.first().map_or(Repeat::Pure, |output| graph.layer(output.layer).spec.repeat);
        Persisted { schema, ranges, lease, repeat }
    }

    fn partitions(&self) -> usize {
        self.ranges.iter().map(|range| range.len as usize).sum()
    }
}

impl Source for Persisted {
    fn name(&self) -> &'static str {
        "persist"
    }

    fn arguments(&self) -> String {
        format!("{} partitions, {:?}", self.partitions(), self.lease)
    }

    fn open(&self, _: &Config) -> Result<Arc<dyn TableProvider>> {
        Ok(Arc::new(LeafTable::new(HeldExec::new(self.clone()))))
    }
}

/// A leaf that stands for held results until the cutter puts an input in its place. It cannot be executed.
#[derive(Debug)]
pub(crate) struct HeldExec {
    held: Persisted,
    properties: Arc<PlanProperties>,
}

impl HeldExec {
    fn new(held: Persisted) -> Self {
        let partitioning = Partitioning::UnknownPartitioning(held.partitions());
        let equivalence = EquivalenceProperties::new(held.schema.clone());
        HeldExec { held, properties: streaming(equivalence, partitioning) }
    }

    /// The results.
    pub(crate) fn ranges(&self) -> &[HeldRange] {
        &self.held.ranges
    }

    /// What keeps them.
    pub(crate) fn lease(&self) -> &Lease {
        &self.held.lease
    }

    /// What making the results again gives, if they are lost.
    pub(crate) fn repeat(&self) -> Repeat {
        self.held.repeat
    }
}

impl DisplayAs for HeldExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HeldExec: partitions={}", self.held.partitions())
    }
}

impl ExecutionPlan for HeldExec {
    fn name(&self) -> &'static str {
        "HeldExec"
    }

    without_inputs!();

    fn execute(&self, _: usize, _: Arc<TaskContext>) -> DfResult<SendableRecordBatchStream> {
        Err(to_datafusion(Error::internal("held results were not put in place")))
    }
}
