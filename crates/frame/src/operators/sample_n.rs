//! [`SampleN`]: so many rows, each as likely as any other.
//!
//! Every row draws a number, and the rows with the smallest are taken, in the order in which they came. The smallest of all
//! are among the smallest of each partition: [`SampleN::of_all`] plans it twice, and numbers travel in a column of their own
//! between the two. What is held is about twice the rows that are wanted.

use super::{Rows, bytes_of, sample::Draws, streamed};
use crate::lower::{ConcatExec, Operator, OperatorExec, Plan};
use arrow_array::{BooleanArray, RecordBatch, UInt64Array, cast::AsArray, types::UInt64Type};
use arrow_schema::{DataType, Field, FieldRef, Schema, SchemaRef};
use arrow_select::{concat::concat_batches, filter::filter_record_batch};
use datafusion::{
    common::Result as DfResult,
    execution::{
        SendableRecordBatchStream, TaskContext,
        memory_pool::{MemoryConsumer, MemoryReservation},
    },
    physical_plan::{Distribution, ExecutionPlanProperties},
};
use futures::TryStreamExt;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use stratal_core::Result;

/// Rows above what is wanted that are held before the largest are thrown away, at least.
const SLACK: usize = 8192;

/// Which rows it sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Stage {
    /// All of them.
    Whole,
    /// Those of a partition. Their numbers come out as the last column.
    Part,
    /// Those of all partitions that were chosen there, with their numbers.
    Parts,
}

/// So many rows of its input; all of them, if there are fewer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SampleN {
    rows: usize,
    seed: u64,
    stage: Stage,
}

impl SampleN {
    /// Of the rows of all partitions.
    pub(crate) fn of_all(input: Plan, rows: usize, seed: u64) -> Result<Plan> {
        let (parts, stage): (Plan, Stage) = match input.output_partitioning().partition_count() {
            1 => (input, Stage::Whole),
            _ => (Arc::new(OperatorExec::new(SampleN { rows, seed, stage: Stage::Part }, vec![input])?), Stage::Parts),
        };
        let in_order: Plan = Arc::new(ConcatExec::new(parts, None));
        Ok(Arc::new(OperatorExec::new(SampleN { rows, seed, stage }, vec![in_order])?))
    }
}

impl Operator for SampleN {
    const NAME: &'static str = "SampleNExec";

    fn layer(&self) -> Option<String> {
        Some("sample-n".to_owned())
    }

    fn arguments(&self) -> String {
        format!("rows={}, seed={}, of={:?}", self.rows, self.seed, self.stage)
    }

    fn schema(&self, inputs: &[SchemaRef]) -> Result<SchemaRef> {
        let mut fields: Vec<FieldRef> = inputs[0].fields().to_vec();
        match self.stage {
            Stage::Whole => {}
            Stage::Part => fields.push(Arc::new(Field::new("drawn", DataType::UInt64, false))),
            Stage::Parts => {
                fields.pop();
            }
        }
        Ok(Arc::new(Schema::new(fields)))
    }

    fn distributions(&self, _: &[Plan]) -> Vec<Distribution> {
        vec![if self.stage == Stage::Part { Distribution::UnspecifiedDistribution } else { Distribution::SinglePartition }]
    }

    fn sees_order(&self) -> bool {
        true
    }

    fn is_blocking(&self) -> bool {
        true
    }

    fn open(&self, partition: usize, node: &OperatorExec<Self>, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let input = node.inputs()[0].schema();
        let drawing = Drawing {
            input: Some(node.input(0, partition, &context)?),
            draws: Draws::new(self.seed, partition),
            stage: self.stage,
            smallest: Smallest::new(self.rows, drawn(&input, self.stage)),
            memory: MemoryConsumer::new("sample_n").register(context.memory_pool()),
        };
        Ok(streamed(self.schema(&[input])?, drawing))
    }
}

/// The columns of rows with their numbers as the last.
fn drawn(input: &SchemaRef, stage: Stage) -> SchemaRef {
    match stage {
        Stage::Parts => input.clone(),
        Stage::Whole | Stage::Part => {
            let number = Arc::new(Field::new("drawn", DataType::UInt64, false));
            Arc::new(Schema::new(input.fields().iter().cloned().chain([number]).collect::<Vec<FieldRef>>()))
        }
    }
}

/// A partition at work.
struct Drawing {
    /// None once its rows came out.
    input: Option<SendableRecordBatchStream>,
    draws: Draws,
    stage: Stage,
    smallest: Smallest,
    memory: MemoryReservation,
}

impl Drawing {
    /// The batch, with the number of each row as the last column.
    fn number(&mut self, batch: RecordBatch) -> DfResult<RecordBatch> {
        if self.stage == Stage::Parts {
            return Ok(batch);
        }
        let numbers = UInt64Array::from_iter_values(self.draws.by_ref().take(batch.num_rows()));
        let mut columns = batch.columns().to_vec();
        columns.push(Arc::new(numbers));
        Ok(RecordBatch::try_new(self.smallest.schema.clone(), columns)?)
    }
}

impl Rows for Drawing {
    async fn next(&mut self) -> DfResult<Option<RecordBatch>> {
        let Some(mut input) = self.input.take() else { return Ok(None) };
        while let Some(batch) = input.try_next().await? {
            let batch = self.number(batch)?;
            self.smallest.push(&batch)?;
            self.memory.try_resize(self.smallest.bytes)?;
        }
        let chosen = self.smallest.finish()?;
        Ok(Some(match self.stage {
            Stage::Part => chosen,
            Stage::Whole | Stage::Parts => chosen.project(&(0..chosen.num_columns() - 1).collect::<Vec<_>>())?,
        }))
    }
}

/// The rows with the smallest numbers of those that were pushed so far; of equal ones the first.
struct Smallest {
    wanted: usize,
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
    rows: usize,
    bytes: usize,
    /// No row with this number or a larger one is among the smallest.
    limit: u64,
}

fn numbers(batch: &RecordBatch) -> &[u64] {
    batch.column(batch.num_columns() - 1).as_primitive::<UInt64Type>().values()
}

/// The rows for which it is true.
fn keep(batch: &RecordBatch, is_kept: impl FnMut(u64) -> bool) -> DfResult<RecordBatch> {
    let is_kept: BooleanArray = numbers(batch).iter().copied().map(is_kept).map(Some).collect();
    Ok(filter_record_batch(batch, &is_kept)?)
}

impl Smallest {
    fn new(wanted: usize, schema: SchemaRef) -> Self {
        Smallest { wanted, schema, batches: Vec::new(), rows: 0, bytes: 0, limit: u64::MAX }
    }

    fn push(&mut self, batch: &RecordBatch) -> DfResult<()> {
        let limit = self.limit;
        let candidates = if limit == u64::MAX { batch.clone() } else { keep(batch, |number| number < limit)? };
        if candidates.num_rows() == 0 || self.wanted == 0 {
            return Ok(());
        }
        self.rows += candidates.num_rows();
        self.bytes += bytes_of(&candidates);
        self.batches.push(candidates);
        if self.rows >= self.wanted.saturating_mul(2).saturating_add(SLACK) { self.shrink() } else { Ok(()) }
    }

    /// Throws away what is not among the smallest.
    fn shrink(&mut self) -> DfResult<()> {
        if self.rows > self.wanted {
            let mut all: Vec<u64> = self.batches.iter().flat_map(numbers).copied().collect();
            let (others, limit, _) = all.select_nth_unstable(self.wanted - 1);
            let limit = *limit;
            let mut equal = self.wanted - others.iter().filter(|number| **number < limit).count();
            let mut is_kept = |number: u64| {
                let is_first = number == limit && equal > 0;
                equal -= usize::from(is_first);
                number < limit || is_first
            };
            let kept = self.batches.iter().map(|batch| keep(batch, &mut is_kept)).collect::<DfResult<Vec<_>>>()?;
            self.limit = limit;
            self.batches = kept;
        }
        let whole = concat_batches(&self.schema, &self.batches)?;
        (self.rows, self.bytes) = (whole.num_rows(), bytes_of(&whole));
        self.batches = vec![whole];
        Ok(())
    }

    fn finish(&mut self) -> DfResult<RecordBatch> {
        self.shrink()?;
        Ok(self.batches.pop().unwrap_or_else(|| RecordBatch::new_empty(self.schema.clone())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::ArrayRef;

    /// The last column is what was drawn, the first which row it was.
    fn chosen(numbers: &[u64], wanted: usize, length: usize) -> Vec<u64> {
        let rows = UInt64Array::from_iter_values(0..numbers.len() as u64);
        let numbers = UInt64Array::from(numbers.to_vec());
        let batch = RecordBatch::try_from_iter([("row", Arc::new(rows) as ArrayRef), ("drawn", Arc::new(numbers) as ArrayRef)]).unwrap();
        let mut smallest = Smallest::new(wanted, batch.schema());
        for start in (0..batch.num_rows()).step_by(length) {
            smallest.push(&batch.slice(start, length.min(batch.num_rows() - start))).unwrap();
            assert!(smallest.rows < wanted * 2 + SLACK, "no more is held than told");
        }
        smallest.finish().unwrap().column(0).as_primitive::<UInt64Type>().values().to_vec()
    }

    /// By sorting everything.
    fn expected(numbers: &[u64], wanted: usize) -> Vec<u64> {
        let mut rows: Vec<u64> = (0..numbers.len() as u64).collect();
        rows.sort_by_key(|row| numbers[*row as usize]);
        rows.truncate(wanted);
        rows.sort_unstable();
        rows
    }

    #[test]
    fn the_smallest_come_out_in_the_order_in_which_they_came() {
        let few = [5, 1, 9, 1, 3, 1, 7];
        for wanted in 0..9 {
            for length in 1..8 {
                assert_eq!(chosen(&few, wanted, length), expected(&few, wanted), "{wanted} {length}");
            }
        }
        let many: Vec<u64> = Draws::new(3, 0).take(40_000).map(|number| number % 5000).collect();
        for wanted in [1, 10, 6000] {
            assert_eq!(chosen(&many, wanted, 1000), expected(&many, wanted), "{wanted}");
        }
    }
}
