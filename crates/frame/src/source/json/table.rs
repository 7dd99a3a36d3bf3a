//! [`JsonTable`]: files, types and partitions, fixed when they were bound. It travels to whoever reads a partition.

use super::scan::JsonScan;
use crate::{
    error::to_datafusion,
    lower::OperatorExec,
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
pub(super) struct JsonFile {
    pub(super) listed: Listed,
    pub(super) compression: Option<Compression>,
}

/// JSON files as one table.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct JsonTable {
    /// The columns of the files, then those that do not stand in them.
    #[serde(with = "crate::ipc::schema")]
    pub(super) schema: SchemaRef,
    /// Columns that stand in the files.
    pub(super) own: usize,
    pub(super) extra: Extra,
    pub(super) files: Vec<JsonFile>,
    /// In row order.
    pub(super) parts: Vec<Part>,
    /// Rows and files that types were inferred from; none if they were given.
    pub(super) sampled: Option<(u64, usize)>,
}

impl JsonTable {
    /// The same with some of its files.
    fn only(&self, kept: &[bool]) -> Self {
        let (files, parts) = keep(&self.files, &self.parts, kept);
        JsonTable { files, parts, ..self.clone() }
    }
}

/// The table for DataFusion.
#[derive(Debug)]
pub(super) struct JsonProvider(pub(super) Arc<JsonTable>);

#[async_trait]
impl TableProvider for JsonProvider {
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
        let scan = OperatorExec::new(JsonScan { table, projection }, Vec::new()).map_err(to_datafusion)?;
        Ok(Arc::new(scan))
    }
}
