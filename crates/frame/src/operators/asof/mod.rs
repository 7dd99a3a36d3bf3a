//! [`Asof`]: to every row of the left the row of the right that is nearest in time, in one pass over both.
//!
//! Both sides come sorted by their keys and then by their time, and with keys spread by them alike: DataFusion's sort, which
//! spills, does the heavy work. What is held here is a batch of the left and a few of the right.

mod merge;

use super::{Rows, bytes_of, column, streamed};
use crate::lower::{Operator, OperatorExec, Plan};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{Field, FieldRef, Schema, SchemaRef, SortOptions};
use datafusion::{
    arrow::row::{RowConverter, SortField},
    common::Result as DfResult,
    execution::{
        SendableRecordBatchStream, TaskContext,
        memory_pool::{MemoryConsumer, MemoryReservation},
    },
    physical_expr::{LexOrdering, OrderingRequirements, PhysicalSortExpr},
    physical_plan::{Distribution, ExecutionPlanProperties, Partitioning},
};
use futures::TryStreamExt;
use merge::{Merge, Moment, Run, Wants};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use stratal_core::Result;

/// Where the row of the right may stand in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Direction {
    /// At or before the row of the left.
    Backward,
    /// At or after it.
    Forward,
    /// Either; before, where both are as near.
    Nearest,
}

/// The largest distance in time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Within {
    /// In units of a time that is a whole number.
    Whole(u64),
    /// Of a time that is a float.
    Float(f64),
}

/// The columns that a side is sorted by.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Sorted {
    pub(crate) by: Vec<usize>,
    pub(crate) time: usize,
}

/// Ascending, nulls last.
const ORDER: SortOptions = SortOptions { descending: false, nulls_first: false };

impl Sorted {
    fn ordering(&self, input: &Plan) -> Option<LexOrdering> {
        LexOrdering::new(self.by.iter().chain([&self.time]).map(|at| PhysicalSortExpr::new(column(input, *at), ORDER)))
    }

    fn keys(&self, batch: &RecordBatch) -> Vec<ArrayRef> {
        self.by.iter().map(|at| batch.column(*at).clone()).collect()
    }
}

/// All columns of the left, then all of the right, which are null where it has no row. Keys and times of both sides are of
/// one type. No time of the right is null or `NaN`, and no key of it null.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Asof {
    pub(crate) left: Sorted,
    pub(crate) right: Sorted,
    pub(crate) direction: Direction,
    /// Whether the same time is no match.
    pub(crate) is_strict: bool,
    pub(crate) within: Option<Within>,
}

/// A column of the right, as it comes out.
pub(crate) fn nullable(field: &FieldRef) -> FieldRef {
    Arc::new(Field::clone(field).with_nullable(true))
}

impl Operator for Asof {
    const NAME: &'static str = "AsofJoinExec";

    fn layer(&self) -> Option<String> {
        Some("join-asof".to_owned())
    }

    fn arguments(&self) -> String {
        let strict = if self.is_strict { ", strict" } else { "" };
        let within = self.within.map_or_else(String::new, |within| format!(", within={within:?}"));
        format!("{:?}, left={:?}, right={:?}{strict}{within}", self.direction, self.left, self.right)
    }

    fn schema(&self, inputs: &[SchemaRef]) -> Result<SchemaRef> {
        let right = inputs[1].fields().iter().map(nullable);
        Ok(Arc::new(Schema::new(inputs[0].fields().iter().cloned().chain(right).collect::<Vec<FieldRef>>())))
    }

    fn partitioning(&self, inputs: &[Plan]) -> Partitioning {
        // The columns of the left stand where they stood.
        inputs[0].output_partitioning().clone()
    }

    fn ordering(&self, inputs: &[Plan]) -> Option<LexOrdering> {
        self.left.ordering(&inputs[0])
    }

    fn distributions(&self, inputs: &[Plan]) -> Vec<Distribution> {
        let of_side = |(side, input): (&Sorted, &Plan)| match side.by.is_empty() {
            true => Distribution::SinglePartition,
            false => Distribution::KeyPartitioned(side.by.iter().map(|at| column(input, *at)).collect()),
        };
        [&self.left, &self.right].into_iter().zip(inputs).map(of_side).collect()
    }

    fn is_co_partitioned(&self) -> bool {
        !self.left.by.is_empty()
    }

    fn orderings(&self, inputs: &[Plan]) -> Vec<Option<OrderingRequirements>> {
        let of_side = |(side, input): (&Sorted, &Plan)| side.ordering(input).map(OrderingRequirements::from);
        [&self.left, &self.right].into_iter().zip(inputs).map(of_side).collect()
    }

    /// Of several rows at one time the last is taken.
    fn takes_by_place(&self) -> bool {
        true
    }

    fn open(&self, partition: usize, node: &OperatorExec<Self>, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let input = &node.inputs()[0].schema();
        match input.field(self.left.time).data_type().is_floating() {
            true => self.merged::<f64>(partition, node, &context),
            false => self.merged::<i128>(partition, node, &context),
        }
    }
}

impl Asof {
    fn merged<T: Moment>(
        &self,
        partition: usize,
        node: &OperatorExec<Self>,
        context: &Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let schema = self.schema(&[node.inputs()[0].schema(), node.inputs()[1].schema()])?;
        let of_keys = |at: &usize| SortField::new_with_options(schema.field(*at).data_type().clone(), ORDER);
        let converter = match self.left.by.is_empty() {
            true => None,
            false => Some(RowConverter::new(self.left.by.iter().map(of_keys).collect())?),
        };
        let rows = Joined::<T> {
            left: node.input(0, partition, context)?,
            right: node.input(1, partition, context)?,
            asof: self.clone(),
            converter,
            merge: Merge::new(self.direction, self.is_strict, self.within.map(T::distance_of), schema.clone()),
            memory: MemoryConsumer::new("join_asof").register(context.memory_pool()),
        };
        Ok(streamed(schema, rows))
    }
}

/// A partition at work.
struct Joined<T> {
    left: SendableRecordBatchStream,
    right: SendableRecordBatchStream,
    asof: Asof,
    converter: Option<RowConverter>,
    merge: Merge<T>,
    memory: MemoryReservation,
}

impl<T: Moment> Joined<T> {
    /// The batch with its keys and times to be compared by. A row without a key or a time has no time.
    fn run(&self, batch: RecordBatch, sorted: &Sorted) -> DfResult<Run<T>> {
        let keys = sorted.keys(&batch);
        let mut times = T::read(batch.column(sorted.time))?;
        for nulls in keys.iter().filter_map(|key| key.logical_nulls()) {
            times.iter_mut().zip(nulls.iter()).filter(|(_, is_there)| !is_there).for_each(|(time, _)| *time = None);
        }
        let keys = self.converter.as_ref().map(|converter| converter.convert_columns(&keys)).transpose()?;
        let bytes = bytes_of(&batch) + times.len() * size_of::<Option<T>>() + keys.as_ref().map_or(0, |keys| keys.size());
        Ok(Run { batch, keys, times, bytes })
    }
}

impl<T: Moment> Rows for Joined<T> {
    async fn next(&mut self) -> DfResult<Option<RecordBatch>> {
        loop {
            match self.merge.go() {
                Wants::Left => match self.left.try_next().await? {
                    None => return Ok(None),
                    Some(batch) => {
                        let run = self.run(batch, &self.asof.left)?;
                        self.merge.set_left(run);
                    }
                },
                Wants::Right => match self.right.try_next().await? {
                    None => self.merge.end_right(),
                    Some(batch) => {
                        let run = self.run(batch, &self.asof.right)?;
                        self.merge.push_right(run);
                    }
                },
                Wants::Out => return self.merge.emit().map(Some),
            }
            self.memory.try_resize(self.merge.bytes())?;
        }
    }
}
