//! [`IpcTable`]: files, columns and partitions of a scan. It travels to whoever reads a partition.

use super::{exec::IpcScanExec, head::Layout};
use crate::{
    error::to_datafusion,
    source::{
        files::{Extra, Listed, prune, pushdown},
        parts::parts,
    },
};
use arrow_schema::SchemaRef;
use async_trait::async_trait;
use datafusion::{
    catalog::Session,
    common::Result as DfResult,
    datasource::{TableProvider, TableType},
    logical_expr::{Expr as Logical, TableProviderFilterPushDown},
    physical_plan::{ExecutionPlan, empty::EmptyExec},
};
use serde::{Deserialize, Serialize};
use std::{ops::Range, sync::Arc};

/// One file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct IpcFile {
    pub(super) listed: Listed,
    pub(super) layout: Layout,
}

/// Record batches of one file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Piece {
    /// Which file.
    pub(super) file: usize,
    /// Which of its record batches; of a stream, all.
    pub(super) batches: Range<usize>,
}

/// Files of a scan.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct IpcTable {
    /// The columns of the files, then those that do not stand in them.
    #[serde(with = "crate::ipc::schema")]
    pub(super) schema: SchemaRef,
    pub(super) extra: Extra,
    pub(super) files: Vec<IpcFile>,
    /// In row order.
    pub(super) parts: Vec<Vec<Piece>>,
}

impl IpcTable {
    /// Columns that stand in the files.
    pub(super) fn own(&self) -> usize {
        self.schema.fields().len() - self.extra.fields().len()
    }
}

/// All files, for DataFusion.
#[derive(Debug)]
pub(super) struct IpcProvider {
    pub(super) schema: SchemaRef,
    pub(super) extra: Extra,
    /// Each with the bytes of its record batches.
    pub(super) files: Vec<(IpcFile, Vec<u64>)>,
    pub(super) partition_bytes: u64,
}

#[async_trait]
impl TableProvider for IpcProvider {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(&self, filters: &[&Logical]) -> DfResult<Vec<TableProviderFilterPushDown>> {
        Ok(pushdown(filters, &self.extra))
    }

    async fn scan(
        &self,
        session: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Logical],
        _: Option<usize>,
    ) -> DfResult<Arc<dyn ExecutionPlan>> {
        let projection = projection.cloned().unwrap_or_else(|| (0..self.schema.fields().len()).collect());
        let passes = prune(self.files.iter().map(|(file, _)| &file.listed), &self.extra, filters).map_err(to_datafusion)?;
        let wanted: Vec<&(IpcFile, Vec<u64>)> = self.files.iter().zip(passes).filter(|(_, passes)| *passes).map(|(file, _)| file).collect();
        let batches: Vec<&[u64]> = wanted.iter().map(|(_, batches)| &**batches).collect();
        let parts = parts(&batches, self.partition_bytes, session.config().options().execution.target_partitions);
        if parts.is_empty() {
            return Ok(Arc::new(EmptyExec::new(Arc::new(self.schema.project(&projection)?))));
        }
        let bytes = batches.iter().flat_map(|batches| batches.iter()).sum();
        let parts = parts.into_iter().map(|part| part.into_iter().map(|piece| Piece { file: piece.file, batches: piece.groups }).collect());
        let table = IpcTable {
            schema: self.schema.clone(),
            extra: self.extra.clone(),
            parts: parts.collect(),
            files: wanted.into_iter().map(|(file, _)| file.clone()).collect(),
        };
        Ok(Arc::new(IpcScanExec::new(Arc::new(table), projection, bytes)?))
    }
}
