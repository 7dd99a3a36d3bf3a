//! [`Channels`]: the rows of one task on their way into its channels.

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use arrow_select::coalesce::BatchCoalescer;
use stratal_core::{Index, Result, runner::TaskContext, store::ChannelWriter};

/// Rows of one channel are gathered before they are written, so that a thousand channels do not mean a thousand slivers of each
/// batch.
pub(super) struct Channels {
    gathered: Vec<BatchCoalescer>,
    writer: ChannelWriter,
}

impl Channels {
    /// So many channels of one task.
    pub(super) fn new(cx: &TaskContext, task: Index, channels: u32, schema: SchemaRef, batch_rows: usize) -> Self {
        let gathered = (0..channels).map(|_| BatchCoalescer::new(schema.clone(), batch_rows)).collect();
        Channels { gathered, writer: cx.channels(task, channels, schema) }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.gathered.len()
    }

    /// Takes in rows of one channel.
    pub(super) fn push(&mut self, cx: &TaskContext, channel: usize, rows: RecordBatch) -> Result<()> {
        let gathered = &mut self.gathered[channel];
        gathered.push_batch(rows)?;
        while let Some(full) = gathered.next_completed_batch() {
            cx.append(&mut self.writer, channel as u32, full)?;
        }
        Ok(())
    }

    /// Leaves everything as the task's result.
    pub(super) fn finish(mut self, cx: &TaskContext) -> Result<()> {
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
