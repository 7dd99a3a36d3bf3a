//! [`CsvTable`]: files, types and partitions, fixed when they were bound. It travels to whoever reads a partition.

use super::{
    exec::CsvScanExec,
    head::Preamble,
    options::{OnMismatch, RaggedRows},
    record::Dialect,
};
use crate::{
    error::to_datafusion,
    source::files::{Compression, Extra, Listed, Part, keep, prune, pushdown},
};
use arrow_schema::SchemaRef;
use async_trait::async_trait;
use datafusion::{
    catalog::Session,
    common::Result as DfResult,
    datasource::{TableProvider, TableType},
    logical_expr::{Expr as Logical, TableProviderFilterPushDown},
    physical_plan::ExecutionPlan,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// One file, as it was when the table was bound.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct CsvFile {
    pub(super) listed: Listed,
    pub(super) compression: Option<Compression>,
    /// None for a file that was not looked at; whoever reads it finds out.
    pub(super) layout: Option<Layout>,
}

/// How the columns of a table stand in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Layout {
    /// Fields of a record; 0 for a file without records and header.
    pub(super) width: usize,
    /// Which field each column is; none for a column that the file does not have.
    pub(super) order: Vec<Option<usize>>,
}

/// CSV files as one table.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct CsvTable {
    /// The columns of the files, then those that do not stand in them.
    #[serde(with = "crate::ipc::schema")]
    pub(super) schema: SchemaRef,
    pub(super) extra: Extra,
    pub(super) files: Vec<CsvFile>,
    /// In row order.
    pub(super) parts: Vec<Part>,
    pub(super) dialect: Dialect,
    pub(super) preamble: Preamble,
    pub(super) nulls: Vec<String>,
    pub(super) on_mismatch: OnMismatch,
    pub(super) ragged: RaggedRows,
    pub(super) union_by_name: bool,
    /// For each column of the files, whether its type was inferred.
    pub(super) inferred: Vec<bool>,
    /// Rows and files that types were inferred from.
    pub(super) sampled: (u64, usize),
    /// The file whose columns the others are compared with, as errors call it.
    pub(super) reference: String,
}

impl CsvTable {
    /// Columns that stand in the files.
    pub(super) fn own(&self) -> usize {
        self.inferred.len()
    }

    /// The same with some of its files.
    fn only(&self, kept: &[bool]) -> Self {
        let (files, parts) = keep(&self.files, &self.parts, kept);
        CsvTable { files, parts, ..self.clone() }
    }
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

    fn supports_filters_pushdown(&self, filters: &[&Logical]) -> DfResult<Vec<TableProviderFilterPushDown>> {
        Ok(pushdown(filters, &self.0.extra))
    }

    async fn scan(
        &self,
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Logical],
        _: Option<usize>,
    ) -> DfResult<Arc<dyn ExecutionPlan>> {
        let all = || (0..self.0.schema.fields().len()).collect();
        let projection = projection.cloned().unwrap_or_else(all);
        let kept = prune(self.0.files.iter().map(|file| &file.listed), &self.0.extra, filters).map_err(to_datafusion)?;
        let table = if kept.iter().all(|kept| *kept) { self.0.clone() } else { Arc::new(self.0.only(&kept)) };
        Ok(Arc::new(CsvScanExec::new(table, projection)?))
    }
}
