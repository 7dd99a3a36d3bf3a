//! [`Assign`]: rows with the number of the partition that each goes to, as their last column.
//!
//! It stands at the end of a layer that leaves channels: what follows it takes the numbers off.

use super::{
    Rows, batch_of,
    bounds::Ranges,
    by::{By, Key, evenly, ranged},
    bytes_of,
    repartition::count,
    streamed,
};
use crate::lower::{Operator, OperatorExec, Plan};
use arrow_array::{RecordBatch, UInt32Array};
use arrow_schema::{DataType, Field, FieldRef, Schema, SchemaRef};
use datafusion::{
    common::Result as DfResult,
    execution::{
        SendableRecordBatchStream, TaskContext,
        memory_pool::{MemoryConsumer, MemoryReservation},
    },
};
use futures::TryStreamExt;
use serde::{Deserialize, Serialize};
use std::{collections::VecDeque, ops::Range, sync::Arc};
use stratal_core::{Error, Result};

/// The rows of its first input with the number of a partition. By ranges, it has a second input, which gives their bounds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Assign {
    pub(crate) by: By,
    /// The number of partitions.
    pub(crate) into: usize,
}

impl Operator for Assign {
    const NAME: &'static str = "AssignExec";

    fn layer(&self) -> Option<String> {
        Some(if self.by == By::Order { "split" } else { "assign" }.to_owned())
    }

    fn arguments(&self) -> String {
        format!("by={:?}, into={}", self.by, self.into)
    }

    fn schema(&self, inputs: &[SchemaRef]) -> Result<SchemaRef> {
        let number: FieldRef = Arc::new(Field::new("partition", DataType::UInt32, false));
        Ok(Arc::new(Schema::new(inputs[0].fields().iter().cloned().chain([number]).collect::<Vec<_>>())))
    }

    fn takes_by_place(&self) -> bool {
        self.by == By::Order
    }

    fn open(&self, partition: usize, node: &OperatorExec<Self>, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let (input, schema) = (node.input(0, partition, &context)?, self.schema(&[node.inputs()[0].schema()])?);
        match &self.by {
            By::Order => {
                let own = evenly(self.into, count(&node.inputs()[0])).nth(partition).unwrap_or(0..1);
                let memory = MemoryConsumer::new("repartition").register(context.memory_pool());
                let split = Split { input: Some(input), schema: schema.clone(), own, pieces: VecDeque::new(), memory };
                Ok(streamed(schema, split))
            }
            By::Range(keys) => {
                let bounds = node.inputs().get(1).ok_or_else(|| Error::internal("ranges without bounds"))?.clone();
                let ranging = Ranging { input, schema: schema.clone(), keys: keys.clone(), bounds, context, ranges: None };
                Ok(streamed(schema, ranging))
            }
            By::Hash(_) => Err(Error::internal("DataFusion numbers rows by their hash")),
        }
    }
}

/// The rows with one number for all of them, or with a number for each.
fn numbered(schema: &SchemaRef, batch: &RecordBatch, numbers: Vec<u32>) -> DfResult<RecordBatch> {
    let mut columns = batch.columns().to_vec();
    columns.push(Arc::new(UInt32Array::from(numbers)));
    batch_of(schema, columns, batch.num_rows())
}

/// A partition that is cut into as many even pieces as there are partitions for it.
struct Split {
    /// None once all of it was read.
    input: Option<SendableRecordBatchStream>,
    schema: SchemaRef,
    own: Range<usize>,
    pieces: VecDeque<RecordBatch>,
    memory: MemoryReservation,
}

/// The batches cut at the ends of even pieces, each with the number of its piece.
pub(super) fn pieces(batches: &[RecordBatch], into: usize) -> Vec<(usize, RecordBatch)> {
    let rows = batches.iter().map(RecordBatch::num_rows).sum();
    let mut cut = Vec::new();
    for (piece, wanted) in evenly(rows, into).enumerate() {
        let mut before = 0;
        for batch in batches {
            let (start, end) = (wanted.start.max(before), wanted.end.min(before + batch.num_rows()));
            if start < end {
                cut.push((piece, batch.slice(start - before, end - start)));
            }
            before += batch.num_rows();
        }
    }
    cut
}

impl Rows for Split {
    async fn next(&mut self) -> DfResult<Option<RecordBatch>> {
        if let Some(mut input) = self.input.take() {
            let mut batches = Vec::new();
            while let Some(batch) = input.try_next().await? {
                self.memory.try_grow(bytes_of(&batch))?;
                batches.push(batch);
            }
            for (piece, rows) in pieces(&batches, self.own.len()) {
                let number = (self.own.start + piece) as u32;
                self.pieces.push_back(numbered(&self.schema, &rows, vec![number; rows.num_rows()])?);
            }
        }
        Ok(self.pieces.pop_front())
    }
}

/// A partition whose rows go where their keys belong.
struct Ranging {
    input: SendableRecordBatchStream,
    schema: SchemaRef,
    keys: Vec<Key>,
    bounds: Plan,
    context: Arc<TaskContext>,
    /// None before the first batch.
    ranges: Option<Ranges>,
}

impl Rows for Ranging {
    async fn next(&mut self) -> DfResult<Option<RecordBatch>> {
        let Some(batch) = self.input.try_next().await? else { return Ok(None) };
        let ranges = match self.ranges.take() {
            Some(ranges) => ranges,
            None => Ranges::read(self.bounds.clone(), &self.keys, self.context.clone()).await?,
        };
        let numbers = ranged(&ranges, &batch, &self.keys)?;
        self.ranges = Some(ranges);
        numbered(&self.schema, &batch, numbers).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{ArrayRef, Int64Array, cast::AsArray, types::Int64Type};

    #[test]
    fn pieces_are_even_and_in_order_whatever_the_batches_are() {
        for lengths in [&[10i64][..], &[3, 0, 4, 3], &[1; 10], &[]] {
            let mut next = 0;
            let batches = lengths.iter().map(|length| {
                let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(next..next + length));
                next += length;
                RecordBatch::try_from_iter([("x", numbers)]).unwrap()
            });
            let batches: Vec<RecordBatch> = batches.collect();
            for into in [1, 3, 20] {
                let mut found = vec![Vec::new(); into];
                for (piece, rows) in pieces(&batches, into) {
                    found[piece].extend(rows.column(0).as_primitive::<Int64Type>().values().iter().copied());
                }
                let all = lengths.iter().sum::<i64>() as usize;
                let expected: Vec<Vec<i64>> = evenly(all, into).map(|part| part.map(|x| x as i64).collect()).collect();
                assert_eq!(found, expected, "{lengths:?} {into}");
            }
        }
    }
}
