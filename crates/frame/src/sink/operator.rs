//! [`WriteFiles`]: the end of a plan that writes. Its rows say what was written where, and the commit reads them.
//!
//! Rows stream into files as they come; nothing is collected. What a partition leaves is hidden until the commit, and tells its
//! attempt, so that one that failed, or was lost when it was done, is of no consequence.

use super::{
    partition::PartitionWriter,
    piece::{self, to_batch},
    target::Target,
};
use crate::{
    error::{of_datafusion, to_datafusion},
    lower::{Operator, OperatorExec},
};
use arrow_schema::SchemaRef;
use datafusion::{
    execution::{SendableRecordBatchStream, TaskContext as SessionTask, memory_pool::MemoryConsumer},
    physical_plan::stream::RecordBatchStreamAdapter,
};
use futures::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use stratal_core::{Result, runner::TaskContext};

/// Writes each partition of its input to files of its own.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct WriteFiles(pub(super) Target);

impl Operator for WriteFiles {
    const NAME: &'static str = "WriteExec";

    fn layer(&self) -> Option<String> {
        Some(self.0.format.layer().to_owned())
    }

    fn arguments(&self) -> String {
        self.0.shown()
    }

    fn schema(&self, _: &[SchemaRef]) -> Result<SchemaRef> {
        Ok(piece::schema())
    }

    fn sees_order(&self) -> bool {
        true
    }

    fn takes_by_place(&self) -> bool {
        false
    }

    fn is_blocking(&self) -> bool {
        true
    }

    fn open(&self, partition: usize, node: &OperatorExec<Self>, context: Arc<SessionTask>) -> Result<SendableRecordBatchStream> {
        let mut rows = node.input(0, partition, &context)?;
        let attempt = context.session_config().get_extension::<TaskContext>().map_or(0, |cx| cx.slice().attempt.0);
        let memory = MemoryConsumer::new("write").register(context.memory_pool());
        let (target, schema) = (self.0.clone(), rows.schema());
        let writing = async move {
            let mut writer = PartitionWriter::new(target, partition as u32, attempt.to_string(), schema, memory)?;
            while let Some(batch) = rows.next().await {
                writer.write(&batch.map_err(of_datafusion)?).await?;
            }
            to_batch(&writer.finish().await?)
        };
        let told = stream::once(async move { writing.await.map_err(to_datafusion) });
        Ok(Box::pin(RecordBatchStreamAdapter::new(piece::schema(), told)))
    }
}
