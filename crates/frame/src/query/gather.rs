//! [`Gather`]: all partitions as one, in order, and all of them made at once.

use super::suit::partitions;
use crate::lower::{Operator, OperatorExec, Plan};
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use datafusion::{
    common::{Result as DfResult, runtime::SpawnedTask},
    error::DataFusionError,
    execution::{SendableRecordBatchStream, TaskContext},
    physical_plan::stream::RecordBatchStreamAdapter,
};
use futures::{Stream, StreamExt, stream};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use stratal_core::Result;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// The rows of all partitions of its input, one partition after another. What comes early waits in memory, as a result of the
/// query that is whole does anyway.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Gather;

impl Operator for Gather {
    const NAME: &'static str = "GatherExec";

    fn layer(&self) -> Option<String> {
        Some("gather".to_owned())
    }

    fn arguments(&self) -> String {
        String::new()
    }

    fn schema(&self, inputs: &[SchemaRef]) -> Result<SchemaRef> {
        Ok(inputs[0].clone())
    }

    fn partitions(&self, _: &[Plan]) -> usize {
        1
    }

    fn open(&self, _: usize, node: &OperatorExec<Self>, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let input = &node.inputs()[0];
        let parts = (0..partitions(input)).map(|partition| node.input(0, partition, &context).map(Part::begin));
        let parts = parts.collect::<Result<Vec<_>>>()?;
        let rows = stream::iter(parts).flat_map(Part::rows);
        Ok(Box::pin(RecordBatchStreamAdapter::new(input.schema(), rows)))
    }
}

/// A partition in the making. It ends when it is dropped.
struct Part {
    made: UnboundedReceiver<DfResult<RecordBatch>>,
    maker: Option<SpawnedTask<()>>,
}

impl Part {
    fn begin(mut rows: SendableRecordBatchStream) -> Self {
        let (give, made) = unbounded_channel();
        let maker = SpawnedTask::spawn(async move {
            while let Some(batch) = rows.next().await {
                if give.send(batch).is_err() {
                    return;
                }
            }
        });
        Part { made, maker: Some(maker) }
    }

    /// Its rows. They are whole only if it ended by itself.
    fn rows(self) -> impl Stream<Item = DfResult<RecordBatch>> + Send {
        stream::unfold(self, |mut part| async move {
            if let Some(batch) = part.made.recv().await {
                return Some((batch, part));
            }
            let broke_off = part.maker.take()?.join().await.err()?;
            Some((Err(DataFusionError::ExecutionJoin(Box::new(broke_off))), part))
        })
    }
}
