//! [`IpcScanExec`]: the leaf of a plan that reads Arrow files.

use super::{scan::Scan, table::IpcTable};
use crate::{
    error::{of_datafusion, to_datafusion},
    leaf::{streaming, without_inputs},
    lower::{Class, OwnNode, Plan},
};
use datafusion::{
    common::{Result as DfResult, Statistics, stats::Precision},
    execution::{SendableRecordBatchStream, TaskContext},
    physical_expr::EquivalenceProperties,
    physical_plan::{
        DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties, StatisticsArgs, coop::make_cooperative,
        stream::RecordBatchStreamAdapter,
    },
};
use futures::stream;
use std::{fmt, sync::Arc};
use stratal_core::Result;

/// Reads some columns of an [`IpcTable`]. It keeps nothing between executions.
#[derive(Debug)]
pub(crate) struct IpcScanExec {
    table: Arc<IpcTable>,
    projection: Vec<usize>,
    /// Of all files together.
    bytes: u64,
    properties: Arc<PlanProperties>,
}

impl IpcScanExec {
    /// A scan of the columns in `projection`, of files of so many bytes.
    pub(super) fn new(table: Arc<IpcTable>, projection: Vec<usize>, bytes: u64) -> DfResult<Self> {
        let equivalence = EquivalenceProperties::new(Arc::new(table.schema.project(&projection)?));
        let partitioning = Partitioning::UnknownPartitioning(table.parts.len());
        Ok(IpcScanExec { table, projection, bytes, properties: streaming(equivalence, partitioning) })
    }
}

impl OwnNode for IpcScanExec {
    type Wire = (IpcTable, Vec<usize>, u64);
    const NAME: &'static str = "IpcScanExec";

    fn class(&self) -> Class {
        Class::Local
    }

    fn layer(&self) -> Option<String> {
        Some("read-ipc".to_owned())
    }

    fn wire(&self) -> Self::Wire {
        ((*self.table).clone(), self.projection.clone(), self.bytes)
    }

    fn of_wire((table, projection, bytes): Self::Wire, _: Vec<Plan>) -> Result<Self> {
        IpcScanExec::new(Arc::new(table), projection, bytes).map_err(of_datafusion)
    }
}

impl DisplayAs for IpcScanExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let schema = self.schema();
        let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        write!(f, "IpcScanExec: files={}, partitions={}, columns=[{}]", self.table.files.len(), self.table.parts.len(), names.join(", "))
    }
}

impl ExecutionPlan for IpcScanExec {
    fn name(&self) -> &'static str {
        "IpcScanExec"
    }

    without_inputs!();

    /// How large it is; how many rows it has only its batches know.
    fn statistics_from_inputs(&self, _: &[Arc<Statistics>], args: &StatisticsArgs) -> DfResult<Arc<Statistics>> {
        let share = (self.projection.len() as u64).max(1).saturating_mul(self.bytes) / (self.table.schema.fields().len() as u64).max(1);
        let unknown = Statistics::new_unknown(&self.schema());
        Ok(Arc::new(match args.partition() {
            None => unknown.with_total_byte_size(Precision::Inexact(usize::try_from(share).unwrap_or(usize::MAX))),
            Some(_) => unknown,
        }))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> DfResult<SendableRecordBatchStream> {
        let batch_rows = context.session_config().batch_size();
        let scan = Scan::new(self.table.clone(), partition, self.projection.clone(), self.schema(), batch_rows);
        let rows = stream::try_unfold(scan, |mut scan| async move {
            let next = scan.next_batch().await.map_err(to_datafusion)?;
            Ok(next.map(|batch| (batch, scan)))
        });
        Ok(make_cooperative(Box::pin(RecordBatchStreamAdapter::new(self.schema(), rows))))
    }
}
