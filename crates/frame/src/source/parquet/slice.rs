//! [`Slice`]: row groups of a file, as DataFusion carries them through its scan.

use crate::{error::to_datafusion, source::files::Listed};
use chrono::{DateTime, Utc};
use datafusion::{
    common::{Result as DfResult, ScalarValue},
    datasource::{
        listing::PartitionedFile,
        physical_plan::parquet::{ParquetAccessPlan, RowGroupAccess},
    },
};
use object_store::ObjectMeta;
use serde::{Deserialize, Serialize};
use std::{ops::Range, sync::Arc};
use stratal_core::Error;

/// Row groups of a file.
#[derive(Clone, Debug)]
pub(super) struct Slice {
    pub(super) file: Arc<Listed>,
    pub(super) groups: Groups,
}

/// Some of the row groups of a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Groups {
    pub(super) chosen: Range<usize>,
    /// How many the file has.
    pub(super) of: usize,
}

impl Slice {
    /// The slice that DataFusion carries.
    pub(super) fn of(file: &PartitionedFile) -> DfResult<&Slice> {
        file.extension().ok_or_else(|| to_datafusion(Error::internal("a scan reads a file that it was not given")))
    }

    /// As DataFusion carries it; `values` are those of the columns that do not stand in the file.
    pub(super) fn partitioned(self, values: Vec<ScalarValue>) -> DfResult<PartitionedFile> {
        let modified = self.file.modified.and_then(|micros| i64::try_from(micros).ok()).and_then(DateTime::<Utc>::from_timestamp_micros);
        let file = ObjectMeta {
            location: self.file.location().map_err(to_datafusion)?,
            last_modified: modified.unwrap_or_default(),
            size: self.file.size,
            e_tag: None,
            version: None,
        };
        let file = PartitionedFile::new_from_meta(file).with_partition_values(values);
        let Groups { chosen, of } = &self.groups;
        if *chosen == (0..*of) {
            return Ok(file.with_extension(self));
        }
        let access = (0..*of).map(|group| if chosen.contains(&group) { RowGroupAccess::Scan } else { RowGroupAccess::Skip });
        let access = ParquetAccessPlan::new(access.collect());
        Ok(file.with_extension(access).with_extension(self))
    }
}
