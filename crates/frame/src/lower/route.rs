//! Rows into channels, by the hash that DataFusion's own exchange uses.

use super::channels::Channels;
use crate::error::of_datafusion;
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use datafusion::physical_plan::{Partitioning, metrics::Time, repartition::BatchPartitioner};
use stratal_core::{Error, Index, Result, runner::TaskContext};

/// Cuts the rows of one task into channels.
pub(crate) struct Router {
    partitioner: BatchPartitioner,
    channels: Channels,
}

impl Router {
    pub(crate) fn new(cx: &TaskContext, task: Index, partitioning: &Partitioning, schema: &SchemaRef, batch_rows: usize) -> Result<Self> {
        let Partitioning::Hash(keys, channels) = partitioning else {
            return Err(Error::internal(format!("rows cannot be routed by {partitioning}")));
        };
        let partitioner = BatchPartitioner::new_hash_partitioner(keys.clone(), *channels, Time::new()).map_err(of_datafusion)?;
        Ok(Router { partitioner, channels: Channels::new(cx, task, *channels as u32, schema.clone(), batch_rows) })
    }

    /// Takes rows in.
    pub(crate) fn push(&mut self, cx: &TaskContext, batch: RecordBatch) -> Result<()> {
        for routed in self.partitioner.partition_iter(batch).map_err(of_datafusion)? {
            let (channel, rows) = routed.map_err(of_datafusion)?;
            self.channels.push(cx, channel, rows)?;
        }
        Ok(())
    }

    /// Leaves everything as the task's result.
    pub(crate) fn finish(self, cx: &TaskContext) -> Result<()> {
        self.channels.finish(cx)
    }
}
