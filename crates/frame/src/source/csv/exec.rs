//! [`CsvScanExec`]: the leaf of a plan that reads CSV files, a part of a file a partition.

use super::{scan::Scan, table::CsvTable};
use crate::{
    error::{of_datafusion, to_datafusion},
    leaf::{streaming, without_inputs},
    lower::{Class, OwnNode, Plan},
};
use datafusion::{
    common::Result as DfResult,
    execution::{SendableRecordBatchStream, TaskContext},
    physical_expr::EquivalenceProperties,
    physical_plan::{
        DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties, coop::make_cooperative, stream::RecordBatchStreamAdapter,
    },
};
use futures::stream;
use std::{fmt, sync::Arc};
use stratal_core::Result;

/// Reads some columns of a [`CsvTable`]. It keeps nothing between executions.
#[derive(Debug)]
pub(crate) struct CsvScanExec {
    table: Arc<CsvTable>,
    projection: Vec<usize>,
    properties: Arc<PlanProperties>,
}

impl CsvScanExec {
    /// A scan of the columns in `projection`.
    pub(crate) fn new(table: Arc<CsvTable>, projection: Vec<usize>) -> DfResult<Self> {
        let equivalence = EquivalenceProperties::new(Arc::new(table.schema.project(&projection)?));
        // Where no file is wanted, there is one partition of nothing.
        let partitioning = Partitioning::UnknownPartitioning(table.parts.len().max(1));
        Ok(CsvScanExec { table, projection, properties: streaming(equivalence, partitioning) })
    }

    /// Bytes of what it reads of files.
    pub(crate) fn bytes(&self) -> u64 {
        self.table.parts.iter().map(|part| part.end.saturating_sub(part.start)).sum()
    }
}

impl OwnNode for CsvScanExec {
    type Wire = (CsvTable, Vec<usize>);
    const NAME: &'static str = "CsvScanExec";

    fn class(&self) -> Class {
        Class::Local
    }

    fn layer(&self) -> Option<String> {
        Some("read-csv".to_owned())
    }

    fn wire(&self) -> Self::Wire {
        ((*self.table).clone(), self.projection.clone())
    }

    fn of_wire((table, projection): Self::Wire, _: Vec<Plan>) -> Result<Self> {
        CsvScanExec::new(Arc::new(table), projection).map_err(of_datafusion)
    }
}

impl DisplayAs for CsvScanExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let schema = self.schema();
        let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        write!(f, "CsvScanExec: files={}, partitions={}, columns=[{}]", self.table.files.len(), self.table.parts.len(), names.join(", "))
    }
}

impl ExecutionPlan for CsvScanExec {
    fn name(&self) -> &'static str {
        "CsvScanExec"
    }

    without_inputs!();

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> DfResult<SendableRecordBatchStream> {
        let (table, schema, projection) = (self.table.clone(), self.schema(), self.projection.clone());
        let batch_rows = context.session_config().batch_size();
        let open = {
            let schema = schema.clone();
            move || Scan::open(table.clone(), partition, projection.clone(), schema.clone(), batch_rows)
        };
        // The file is opened at the first poll, so that a plan of a thousand partitions does not open a thousand files.
        let batches = stream::try_unfold(None, move |scan: Option<Scan>| {
            let opening = if scan.is_none() { Some(open()) } else { None };
            async move {
                let mut scan = match (scan, opening) {
                    (Some(scan), _) => scan,
                    (None, Some(opening)) => match opening.await.map_err(to_datafusion)? {
                        Some(scan) => scan,
                        None => return Ok(None),
                    },
                    (None, None) => return Ok(None),
                };
                Ok(scan.next_batch().await.map_err(to_datafusion)?.map(|batch| (batch, Some(scan))))
            }
        });
        Ok(make_cooperative(Box::pin(RecordBatchStreamAdapter::new(schema, batches))))
    }
}
