//! Rows into channels, by the hash that DataFusion's own exchange uses.

use crate::error::of_datafusion;
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use arrow_select::coalesce::BatchCoalescer;
use datafusion::physical_plan::{Partitioning, metrics::Time, repartition::BatchPartitioner};
use stratal_core::{Error, Index, Result, runner::TaskContext, store::ChannelWriter};

/// Cuts the rows of one task into channels. Rows of one channel are gathered before they are written, so that a thousand
/// channels do not mean a thousand slivers of each batch.
pub(crate) struct Router {
    partitioner: BatchPartitioner,
    gathered: Vec<BatchCoalescer>,
    writer: ChannelWriter,
}

impl Router {
    pub(crate) fn new(cx: &TaskContext, task: Index, partitioning: &Partitioning, schema: &SchemaRef, batch_rows: usize) -> Result<Self> {
        let Partitioning::Hash(keys, channels) = partitioning else {
            return Err(Error::internal(format!("rows cannot be routed by {partitioning}")));
        };
        let partitioner = BatchPartitioner::new_hash_partitioner(keys.clone(), *channels, Time::new()).map_err(of_datafusion)?;
        let gathered = (0..*channels).map(|_| BatchCoalescer::new(schema.clone(), batch_rows)).collect();
        Ok(Router { partitioner, gathered, writer: cx.channels(task, *channels as u32, schema.clone()) })
    }

    /// Takes rows in.
    pub(crate) fn push(&mut self, cx: &TaskContext, batch: RecordBatch) -> Result<()> {
        for routed in self.partitioner.partition_iter(batch).map_err(of_datafusion)? {
            let (channel, rows) = routed.map_err(of_datafusion)?;
            let gathered = &mut self.gathered[channel];
            gathered.push_batch(rows)?;
            while let Some(full) = gathered.next_completed_batch() {
                cx.append(&mut self.writer, channel as u32, full)?;
            }
        }
        Ok(())
    }

    /// Leaves everything as the task's result.
    pub(crate) fn finish(mut self, cx: &TaskContext) -> Result<()> {
        for (channel, gathered) in self.gathered.iter_mut().enumerate() {
            gathered.finish_buffered_batch()?;
            while let Some(rows) = gathered.next_completed_batch() {
                cx.append(&mut self.writer, channel as u32, rows)?;
            }
        }
        cx.finish(self.writer);
        Ok(())
    }
}
