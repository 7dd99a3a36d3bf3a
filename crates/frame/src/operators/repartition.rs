//! [`Repartition`]: rows in other partitions.
//!
//! Where there are to be fewer, some of those before are put together. For more, and by keys, rows are sent to where they
//! belong, and the cutter makes layers of it. What stands here does the same by reading all of its input for every
//! partition: simple, slow, and what the layers are held against.

use super::{
    assign::pieces,
    bounds::{Ranges, bounds_of},
    by::{By, Key, evenly, hashing, keys, ranged},
};
use crate::lower::{Class, Operator, OperatorExec, Plan};
use arrow_array::{BooleanArray, RecordBatch, UInt64Array};
use arrow_schema::{DataType, Field, FieldRef, Schema};
use arrow_select::{concat::concat_batches, filter::filter_record_batch};
use datafusion::{
    common::Result as DfResult,
    error::DataFusionError,
    execution::{SendableRecordBatchStream, TaskContext},
    physical_plan::{ExecutionPlanProperties, Partitioning, stream::RecordBatchStreamAdapter},
};
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use std::{ops::Range, sync::Arc};
use stratal_core::Result;

/// The rows of its input in so many partitions.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Repartition {
    pub(crate) by: By,
    pub(crate) into: usize,
}

/// The number of a plan's partitions.
pub(super) fn count(plan: &Plan) -> usize {
    plan.output_partitioning().partition_count()
}

/// The rows of some partitions, in their order.
pub(super) fn one_after_another(plan: &Plan, partitions: Range<usize>, context: Arc<TaskContext>) -> SendableRecordBatchStream {
    let (schema, plan) = (plan.schema(), plan.clone());
    let rows = stream::iter(partitions).map(move |partition| plan.execute(partition, context.clone())).try_flatten();
    Box::pin(RecordBatchStreamAdapter::new(schema, rows))
}

impl Repartition {
    /// For each of its partitions, those of `all` of the input that it is; none where rows of one go to several.
    pub(crate) fn runs(&self, all: usize) -> Option<Vec<Range<usize>>> {
        (self.by == By::Order && self.into <= all).then(|| evenly(all, self.into).collect())
    }

    /// What DataFusion calls it, where it is by hash.
    pub(crate) fn hashed(&self, input: &Plan) -> Option<Partitioning> {
        match &self.by {
            By::Hash(columns) => Some(Partitioning::Hash(keys(input, columns), self.into)),
            By::Order | By::Range(_) => None,
        }
    }
}

impl Operator for Repartition {
    const NAME: &'static str = "PartitionedExec";

    fn layer(&self) -> Option<String> {
        Some("repartition".to_owned())
    }

    fn arguments(&self) -> String {
        format!("by={:?}, into={}", self.by, self.into)
    }

    fn class(&self, inputs: &[&Plan]) -> Class {
        let all = count(inputs[0]);
        match self.runs(all) {
            Some(_) if self.into == all => Class::Local,
            Some(_) => Class::Regroup,
            None => Class::Exchange,
        }
    }

    fn partitions(&self, _: &[Plan]) -> usize {
        self.into
    }

    fn sees_order(&self) -> bool {
        self.by == By::Order
    }

    /// Where it stands in a plan that runs, whole partitions are put together.
    fn takes_by_place(&self) -> bool {
        false
    }

    fn open(&self, partition: usize, node: &OperatorExec<Self>, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let (input, into) = (node.inputs()[0].clone(), self.into);
        let all = count(&input);
        if let Some(mut runs) = self.runs(all) {
            return Ok(one_after_another(&input, runs.swap_remove(partition), context));
        }
        let (schema, by) = (input.schema(), self.by.clone());
        let chosen = async move {
            let rows = match &by {
                By::Order => of_order(&input, partition, into, context).await?,
                By::Hash(columns) => of_hash(&input, partition, into, columns, context).await?,
                By::Range(keys) => of_range(&input, partition, into, keys, context).await?,
            };
            Ok::<_, DataFusionError>(stream::iter(rows.into_iter().map(Ok::<_, DataFusionError>)))
        };
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, stream::once(chosen).try_flatten())))
    }
}

/// The piece of an input's partition that is this one of more.
async fn of_order(input: &Plan, partition: usize, into: usize, context: Arc<TaskContext>) -> DfResult<Vec<RecordBatch>> {
    let source = evenly(into, count(input)).enumerate().find(|(_, own)| own.contains(&partition));
    let Some((source, own)) = source else { return Ok(Vec::new()) };
    let rows: Vec<RecordBatch> = one_after_another(input, source..source + 1, context).try_collect().await?;
    Ok(pieces(&rows, own.len()).into_iter().filter(|(piece, _)| own.start + piece == partition).map(|(_, rows)| rows).collect())
}

/// The rows of all partitions that the hash of some columns sends here.
async fn of_hash(input: &Plan, partition: usize, into: usize, columns: &[usize], context: Arc<TaskContext>) -> DfResult<Vec<RecordBatch>> {
    let mut rows = one_after_another(input, 0..count(input), context);
    let (mut hashing, mut chosen) = (hashing(input, columns, into)?, Vec::new());
    while let Some(batch) = rows.try_next().await? {
        for routed in hashing.partition_iter(batch)? {
            let (channel, rows) = routed?;
            if channel == partition {
                chosen.push(rows);
            }
        }
    }
    Ok(chosen)
}

/// The rows of all partitions whose keys are in this range, of ranges that are as even as their keys let them be.
async fn of_range(input: &Plan, partition: usize, into: usize, keys: &[Key], context: Arc<TaskContext>) -> DfResult<Vec<RecordBatch>> {
    let rows: Vec<RecordBatch> = one_after_another(input, 0..count(input), context).try_collect().await?;
    let columns: Vec<usize> = keys.iter().map(|key| key.column).collect();
    let only = concat_batches(&input.schema(), &rows)?.project(&columns)?;
    let weight: FieldRef = Arc::new(Field::new("weight", DataType::UInt64, false));
    let schema = Schema::new(only.schema().fields().iter().cloned().chain([weight]).collect::<Vec<_>>());
    let mut weighed = only.columns().to_vec();
    weighed.push(Arc::new(UInt64Array::from(vec![1; only.num_rows()])));
    let ranges = Ranges::new(&bounds_of(&RecordBatch::try_new(Arc::new(schema), weighed)?, keys, into)?, keys)?;
    let of_batch = |batch: &RecordBatch| -> DfResult<RecordBatch> {
        let is_here = ranged(&ranges, batch, keys)?.into_iter().map(|range| Some(range as usize == partition));
        Ok(filter_record_batch(batch, &is_here.collect::<BooleanArray>())?)
    };
    rows.iter().map(of_batch).collect()
}
