//! Rows into channels, by the number that each brings along as its last column.

use super::channels::Channels;
use arrow_array::{RecordBatch, UInt32Array, cast::AsArray, types::UInt32Type};
use arrow_schema::{Schema, SchemaRef};
use arrow_select::take::take_record_batch;
use std::sync::Arc;
use stratal_core::{Error, Index, Result, graph::Emits, runner::TaskContext};

/// Cuts the rows of one task into channels, and takes their numbers off.
pub(super) struct NumberedRouter {
    channels: Channels,
}

impl NumberedRouter {
    /// Into as many channels as the layer leaves. `schema` has the number as its last column.
    pub(super) fn new(cx: &TaskContext, task: Index, schema: &SchemaRef, batch_rows: usize) -> Result<Self> {
        let Emits::Channels(channels) = cx.spec().emits else { return Err(Error::internal("rows have numbers and no channels")) };
        let fields = schema.fields().split_last().map(|(_, fields)| fields.to_vec());
        let fields = fields.ok_or_else(|| Error::internal("rows without a number"))?;
        Ok(NumberedRouter { channels: Channels::new(cx, task, channels, Arc::new(Schema::new(fields)), batch_rows) })
    }

    /// Takes rows in.
    pub(super) fn push(&mut self, cx: &TaskContext, batch: &RecordBatch) -> Result<()> {
        let last = batch.num_columns() - 1;
        let numbers = batch.column(last).as_primitive::<UInt32Type>().values();
        let rows = batch.project(&(0..last).collect::<Vec<_>>())?;
        for (channel, of_channel) in cut(numbers, self.channels.count())? {
            let of_channel = match of_channel.len() == rows.num_rows() {
                true => rows.clone(),
                false => take_record_batch(&rows, &of_channel)?,
            };
            self.channels.push(cx, channel, of_channel)?;
        }
        Ok(())
    }

    /// Leaves everything as the task's result.
    pub(super) fn finish(self, cx: &TaskContext) -> Result<()> {
        self.channels.finish(cx)
    }
}

/// The rows of each channel, in order; channels without rows are left out.
fn cut(numbers: &[u32], channels: usize) -> Result<Vec<(usize, UInt32Array)>> {
    let mut rows: Vec<Vec<u32>> = vec![Vec::new(); channels];
    for (row, channel) in numbers.iter().enumerate() {
        let of_channel = rows.get_mut(*channel as usize);
        of_channel.ok_or_else(|| Error::internal(format!("a row goes to channel {channel} of {channels}")))?.push(row as u32);
    }
    Ok(rows.into_iter().enumerate().filter(|(_, rows)| !rows.is_empty()).map(|(channel, rows)| (channel, rows.into())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_cut_by_their_numbers_in_order() {
        let found = cut(&[2, 0, 2, 2, 0], 4).unwrap();
        assert_eq!(found, [(0, UInt32Array::from(vec![1, 4])), (2, UInt32Array::from(vec![0, 2, 3]))]);
        assert!(cut(&[], 3).unwrap().is_empty());
        assert!(cut(&[3], 3).is_err());
    }
}
