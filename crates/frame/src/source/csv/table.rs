//! [`CsvTable`]: files, types and partitions, fixed when they were bound. It travels to whoever reads a partition.

use super::{
    exec::CsvScanExec,
    head::Preamble,
    options::{OnMismatch, RaggedRows},
    record::Dialect,
};
use crate::source::files::{Compression, Extra, FileTable, Listed, Part, keep};
use arrow_schema::SchemaRef;
use datafusion::{common::Result as DfResult, physical_plan::ExecutionPlan};
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
}

impl FileTable for CsvTable {
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
        CsvTable { files, parts, ..self.clone() }
    }

    fn scan(self: Arc<Self>, projection: Vec<usize>) -> DfResult<Arc<dyn ExecutionPlan>> {
        Ok(Arc::new(CsvScanExec::new(self, projection)?))
    }
}
