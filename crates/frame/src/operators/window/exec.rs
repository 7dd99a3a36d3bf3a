//! The operator: sorted rows in, the same rows with more columns out, partition after partition.

use super::{
    Direction, Window,
    gather::{Complete, Gathered},
};
use crate::{
    error::{of_datafusion, to_datafusion},
    lower::{Operator, OperatorExec, Plan},
    operators::{Rows, batch_of, column, streamed},
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef, SortOptions};
use datafusion::{
    common::Result as DfResult,
    execution::{
        SendableRecordBatchStream, TaskContext,
        memory_pool::{MemoryConsumer, MemoryReservation},
    },
    physical_expr::{LexOrdering, LexRequirement, OrderingRequirements, PhysicalSortExpr, PhysicalSortRequirement},
    physical_plan::{Distribution, ExecutionPlan},
};
use futures::TryStreamExt;
use std::{collections::VecDeque, sync::Arc};
use stratal_core::Result;

/// The columns of its input, and those that a window adds.
pub(crate) type WindowExec = OperatorExec<Window<usize>>;

/// Columns in the order that rows with equal `keys` come together in, and in `order` among each other.
fn sorted_by(input: &Plan, keys: &[usize], order: &[(usize, Direction)]) -> Vec<PhysicalSortExpr> {
    let sorted = |at: usize, options: SortOptions| PhysicalSortExpr::new(column(input, at), options);
    let keys = keys.iter().map(|key| sorted(*key, SortOptions { descending: false, nulls_first: false }));
    keys.chain(order.iter().map(|(key, direction)| sorted(*key, (*direction).into()))).collect()
}

/// The partitions in which rows with equal `keys` are together.
pub(in crate::operators) fn distribution(input: &Plan, keys: &[usize]) -> Distribution {
    match keys {
        [] => Distribution::SinglePartition,
        keys => Distribution::KeyPartitioned(keys.iter().map(|key| column(input, *key)).collect()),
    }
}

/// The order in which rows with equal `keys` are together, if that takes one.
pub(in crate::operators) fn ordering(input: &Plan, keys: &[usize], order: &[(usize, Direction)]) -> Option<LexOrdering> {
    LexOrdering::new(sorted_by(input, keys, order))
}

/// [`ordering`] as what an operator wants of its input.
pub(in crate::operators) fn wanted_ordering(input: &Plan, keys: &[usize], order: &[(usize, Direction)]) -> Option<OrderingRequirements> {
    let sorted = sorted_by(input, keys, order).into_iter().map(PhysicalSortRequirement::from);
    LexRequirement::new(sorted).map(OrderingRequirements::new)
}

impl Operator for Window<usize> {
    const NAME: &'static str = "WindowExec";

    fn layer(&self) -> Option<String> {
        Some("window".to_owned())
    }

    fn arguments(&self) -> String {
        self.to_string()
    }

    fn schema(&self, inputs: &[SchemaRef]) -> Result<SchemaRef> {
        let input = &inputs[0];
        let added = self.added.iter().map(|added| {
            let args: Vec<DataType> = added.args.iter().map(|arg| input.field(*arg).data_type().clone()).collect();
            Arc::new(Field::new(&added.name, added.function.output(&args), true))
        });
        let fields: Vec<_> = input.fields().iter().cloned().chain(added).collect();
        Ok(Arc::new(Schema::new(fields)))
    }

    fn ordering(&self, inputs: &[Plan]) -> Option<LexOrdering> {
        ordering(&inputs[0], &self.keys, &self.order)
    }

    fn distributions(&self, inputs: &[Plan]) -> Vec<Distribution> {
        vec![distribution(&inputs[0], &self.keys)]
    }

    fn orderings(&self, inputs: &[Plan]) -> Vec<Option<OrderingRequirements>> {
        vec![wanted_ordering(&inputs[0], &self.keys, &self.order)]
    }

    /// All rows belong together where there are no keys.
    fn is_blocking(&self) -> bool {
        self.keys.is_empty()
    }

    /// Without keys and an order, rows come out as they come in.
    fn sees_order(&self) -> bool {
        self.keys.is_empty() && self.order.is_empty()
    }

    /// Rows that are equal in their order are told apart by their places.
    fn takes_by_place(&self) -> bool {
        !self.order.is_empty()
    }

    fn open(&self, partition: usize, node: &OperatorExec<Self>, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let input = node.input(0, partition, &context)?;
        let gathered = Gathered::new(self.keys.clone(), node.inputs()[0].schema());
        let work = Work {
            window: self.clone(),
            schema: node.schema(),
            input: Some(input),
            gathered,
            ready: VecDeque::new(),
            batch_rows: context.session_config().batch_size(),
            memory: MemoryConsumer::new("window").register(context.memory_pool()),
        };
        Ok(streamed(node.schema(), work))
    }
}

/// A window over one partition of its input, under way.
struct Work {
    window: Window<usize>,
    schema: SchemaRef,
    /// None once all was read.
    input: Option<SendableRecordBatchStream>,
    gathered: Gathered,
    ready: VecDeque<RecordBatch>,
    batch_rows: usize,
    memory: MemoryReservation,
}

impl Rows for Work {
    async fn next(&mut self) -> DfResult<Option<RecordBatch>> {
        loop {
            if let Some(batch) = self.ready.pop_front() {
                return Ok(Some(batch));
            }
            let Some(input) = &mut self.input else { return Ok(None) };
            match input.try_next().await? {
                Some(batch) => {
                    self.gathered.push(&batch).map_err(to_datafusion)?;
                    if self.gathered.done_rows() >= self.batch_rows {
                        self.compute().map_err(to_datafusion)?;
                    }
                }
                None => {
                    self.input = None;
                    self.gathered.close();
                    self.compute().map_err(to_datafusion)?;
                }
            }
            self.memory.try_resize(self.gathered.bytes())?;
        }
    }
}

impl Work {
    /// Puts complete partitions, with what the window adds to them, where they are given out.
    fn compute(&mut self) -> Result<()> {
        let Some(Complete { rows, parts }) = self.gathered.take()? else { return Ok(()) };
        let added = self.window.compute(&rows, &parts)?;
        let columns: Vec<ArrayRef> = rows.columns().iter().cloned().chain(added).collect();
        let all = batch_of(&self.schema, columns, rows.num_rows()).map_err(of_datafusion)?;
        let step = self.batch_rows.max(1);
        self.ready.extend((0..all.num_rows()).step_by(step).map(|at| all.slice(at, step.min(all.num_rows() - at))));
        Ok(())
    }
}
