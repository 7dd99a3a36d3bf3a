//! Writing a result that is cut into channels, as a shuffle needs it.

use super::{Budget, Reservation, Shortage};
use crate::{Attempt, ResultId, value::Batches};
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

/// Collects the rows of each channel of one task's result. Dropped unfinished, it leaves nothing behind.
pub struct ChannelWriter {
    id: ResultId,
    attempt: Attempt,
    schema: SchemaRef,
    channels: Vec<Vec<RecordBatch>>,
    rows: u64,
    reservation: Reservation,
}

impl ChannelWriter {
    pub(super) fn new(budget: Budget, id: ResultId, attempt: Attempt, channels: u32, schema: SchemaRef) -> Self {
        let reservation = budget.try_reserve(0).expect("zero bytes always fit");
        ChannelWriter { id, attempt, schema, channels: vec![Vec::new(); channels as usize], rows: 0, reservation }
    }

    /// The task whose result this is.
    pub fn id(&self) -> ResultId {
        self.id
    }

    /// Rows written so far, over all channels.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Adds rows to a channel. The batch should own its buffers: a slice keeps its whole parent alive.
    ///
    /// # Errors
    /// [`Shortage`] when the budget has no room.
    ///
    /// # Panics
    /// If there is no such channel.
    pub fn append(&mut self, channel: u32, batch: RecordBatch) -> Result<(), Shortage> {
        if batch.num_rows() > 0 {
            self.reservation.try_grow(batch.get_array_memory_size() as u64)?;
            self.rows += batch.num_rows() as u64;
            self.channels[channel as usize].push(batch);
        }
        Ok(())
    }

    pub(super) fn into_parts(self) -> (ResultId, Attempt, Vec<Batches>, Reservation) {
        let schema = self.schema;
        let channels = self.channels.into_iter().map(|batches| Batches { schema: schema.clone(), batches: batches.into() }).collect();
        (self.id, self.attempt, channels, self.reservation)
    }
}
