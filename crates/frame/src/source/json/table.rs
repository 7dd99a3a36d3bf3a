//! [`JsonTable`]: files, types and partitions, fixed when they were bound. It travels to whoever reads a partition.

use super::scan::JsonScan;
use crate::{
    error::to_datafusion,
    lower::OperatorExec,
    source::files::{Compression, Extra, FileTable, Listed, Part, keep},
};
use arrow_schema::SchemaRef;
use datafusion::{common::Result as DfResult, physical_plan::ExecutionPlan};
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

impl FileTable for JsonTable {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn extra(&self) -> &Extra {
        &self.extra
    }

    fn files(&self) -> impl Iterator<Item = &Listed> {
        self.files.iter().map(|file| &file.listed)
    }

    fn only(&self, kept: &[bool]) -> Self {
        let (files, parts) = keep(&self.files, &self.parts, kept);
        JsonTable { files, parts, ..self.clone() }
    }

    fn scan(self: Arc<Self>, projection: Vec<usize>) -> DfResult<Arc<dyn ExecutionPlan>> {
        Ok(Arc::new(OperatorExec::new(JsonScan { table: self, projection }, Vec::new()).map_err(to_datafusion)?))
    }
}
