//! [`Gather`]: all partitions as one, in order, and all of them made at once.

use super::suit::partitions;
use crate::lower::{Operator, OperatorExec, Plan};
use arrow_array::RecordBatch;
use datafusion::{
    common::{Result as DfResult, runtime::SpawnedTask, utils::memory::RecordBatchMemoryCounter},
    error::DataFusionError,
    execution::{
        SendableRecordBatchStream, TaskContext,
        memory_pool::{MemoryConsumer, MemoryReservation},
    },
    physical_plan::stream::RecordBatchStreamAdapter,
};
use futures::{Stream, StreamExt, stream};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use stratal_core::Result;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// The rows of all partitions of its input, one partition after another. What comes early waits in memory and is counted there,
/// as a result of the query that is whole is anyway.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Gather;

impl Operator for Gather {
    const NAME: &'static str = "GatherExec";

    fn layer(&self) -> Option<String> {
        Some("gather".to_owned())
    }

    fn partitions(&self, _: &[Plan]) -> usize {
        1
    }

    fn open(&self, _: usize, node: &OperatorExec<Self>, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let input = &node.inputs()[0];
        let begin = |partition| {
            let memory = MemoryConsumer::new("gather").register(context.memory_pool());
            node.input(0, partition, &context).map(|rows| Part::begin(rows, memory))
        };
        let parts = (0..partitions(input)).map(begin).collect::<Result<Vec<_>>>()?;
        let rows = stream::iter(parts).flat_map(Part::rows);
        Ok(Box::pin(RecordBatchStreamAdapter::new(input.schema(), rows)))
    }
}

/// A batch, and the memory that it takes while it waits.
type Waiting = (RecordBatch, MemoryReservation);

/// A partition in the making. It ends when it is dropped.
struct Part {
    made: UnboundedReceiver<DfResult<Waiting>>,
    maker: Option<SpawnedTask<()>>,
}

impl Part {
    fn begin(mut rows: SendableRecordBatchStream, memory: MemoryReservation) -> Self {
        let (give, made) = unbounded_channel();
        let maker = SpawnedTask::spawn(async move {
            // Slices of one batch share its memory.
            let mut counter = RecordBatchMemoryCounter::new();
            while let Some(batch) = rows.next().await {
                let waiting = batch.and_then(|batch| {
                    let own = memory.new_empty();
                    own.try_grow(counter.count_batch(&batch))?;
                    Ok((batch, own))
                });
                let is_last = waiting.is_err();
                if give.send(waiting).is_err() || is_last {
                    return;
                }
            }
        });
        Part { made, maker: Some(maker) }
    }

    /// Its rows. They are whole only if it ended by itself.
    fn rows(self) -> impl Stream<Item = DfResult<RecordBatch>> + Send {
        stream::unfold(self, |mut part| async move {
            if let Some(waiting) = part.made.recv().await {
                // Whoever takes it counts it from here on.
                return Some((waiting.map(|(batch, _)| batch), part));
            }
            let broke_off = part.maker.take()?.join().await.err()?;
            Some((Err(DataFusionError::ExecutionJoin(Box::new(broke_off))), part))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{super::fault::of_query, *};
    use arrow_array::{ArrayRef, Int64Array, cast::AsArray, types::Int64Type};
    use datafusion::{
        datasource::memory::MemorySourceConfig,
        execution::{
            memory_pool::{GreedyMemoryPool, MemoryPool},
            runtime_env::RuntimeEnvBuilder,
        },
    };
    use futures::TryStreamExt;
    use stratal_core::{ErrorKind, client::wait_for};

    /// The values of three partitions of two batches, gathered within so many bytes; and the bytes that are counted afterwards.
    fn gathered(bytes: usize) -> (DfResult<Vec<i64>>, usize) {
        let batch = |first: i64| {
            let values: ArrayRef = Arc::new(Int64Array::from_iter_values(first..first + 100));
            RecordBatch::try_from_iter([("x", values)]).unwrap()
        };
        let parts: Vec<Vec<RecordBatch>> = (0..3).map(|part| vec![batch(200 * part), batch(200 * part + 100)]).collect();
        let schema = parts[0][0].schema();
        let rows: Plan = MemorySourceConfig::try_new_exec(&parts, schema, None).unwrap();
        let all: Plan = Arc::new(OperatorExec::new(Gather, vec![rows]).unwrap());
        let pool: Arc<dyn MemoryPool> = Arc::new(GreedyMemoryPool::new(bytes));
        let runtime = RuntimeEnvBuilder::new().with_memory_pool(pool.clone()).build_arc().unwrap();
        let context = Arc::new(TaskContext::default().with_runtime(runtime));
        let given = wait_for(async move { all.execute(0, context)?.try_collect::<Vec<RecordBatch>>().await });
        let values =
            given.map(|batches| batches.iter().flat_map(|batch| batch.column(0).as_primitive::<Int64Type>().values().to_vec()).collect());
        (values, pool.reserved())
    }

    #[test]
    fn all_partitions_come_in_order_and_nothing_is_counted_afterwards() {
        let (values, counted) = gathered(1 << 20);
        assert_eq!((values.unwrap(), counted), ((0..600).collect(), 0));
    }

    #[test]
    fn rows_that_wait_have_to_fit_in_memory() {
        // A batch takes 800.
        let (values, _) = gathered(700);
        assert_eq!(of_query(values.unwrap_err()).kind(), ErrorKind::Memory);
    }
}
