//! [`CsvTable`]: files, types and partitions, fixed when they were bound. It travels to whoever reads a partition.

use super::{exec::CsvScanExec, options::OnMismatch, record::Dialect};
use arrow_schema::SchemaRef;
use async_trait::async_trait;
use datafusion::{
    catalog::Session,
    common::Result as DfResult,
    datasource::{TableProvider, TableType},
    logical_expr::Expr as Logical,
    physical_plan::ExecutionPlan,
};
use serde::{Deserialize, Serialize};
use std::{path::PathBuf, sync::Arc};

/// One file, as it was when the table was bound.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct CsvFile {
    /// The path as the user wrote it, for errors.
    pub(super) path: String,
    /// The same, wherever a process was started.
    pub(super) absolute: PathBuf,
    pub(super) size: u64,
    pub(super) modified: Option<u64>,
    /// Fields of a record.
    pub(super) width: usize,
    /// Which field each column of the table is.
    pub(super) order: Vec<usize>,
}

/// A part of a file that begins with a record and ends after one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Part {
    /// Which file.
    pub(super) file: usize,
    pub(super) start: u64,
    pub(super) end: u64,
}

/// CSV files as one table.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct CsvTable {
    #[serde(with = "crate::ipc::schema")]
    pub(super) schema: SchemaRef,
    pub(super) files: Vec<CsvFile>,
    /// In row order.
    pub(super) parts: Vec<Part>,
    pub(super) dialect: Dialect,
    pub(super) nulls: Vec<String>,
    pub(super) on_mismatch: OnMismatch,
    /// For each column, whether its type was inferred.
    pub(super) inferred: Vec<bool>,
    /// Rows that types were inferred from.
    pub(super) sampled: u64,
}

/// The table for DataFusion.
#[derive(Debug)]
pub(super) struct CsvProvider(pub(super) Arc<CsvTable>);

#[async_trait]
impl TableProvider for CsvProvider {
    fn schema(&self) -> SchemaRef {
        self.0.schema.clone()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        _: &[Logical],
        _: Option<usize>,
    ) -> DfResult<Arc<dyn ExecutionPlan>> {
        let all = || (0..self.0.schema.fields().len()).collect();
        let projection = projection.cloned().unwrap_or_else(all);
        Ok(Arc::new(CsvScanExec::new(self.0.clone(), projection)?))
    }
}
