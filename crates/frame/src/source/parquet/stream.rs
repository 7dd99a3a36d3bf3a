//! The rows of one partition: its files one after another, in order. An error names the file.

use super::{footers::damaged, slice::Slice};
use crate::{
    error::{of_datafusion, to_datafusion},
    source::files::Listed,
};
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
use datafusion::{
    common::Result as DfResult,
    datasource::{
        listing::PartitionedFile,
        physical_plan::{FileScanConfigBuilder, FileSource, FileStreamBuilder},
    },
    error::DataFusionError,
    execution::{SendableRecordBatchStream, object_store::ObjectStoreUrl},
};
use futures::StreamExt;
use object_store::local::LocalFileSystem;
use parquet::errors::ParquetError;
use std::{collections::VecDeque, sync::Arc};
use stratal_core::{Error, ErrorKind};

/// What stands before the error of a filter that the decoder evaluates.
const FILTER: &str = "Error evaluating filter predicate: ";

/// One reading of one partition.
pub(super) struct Files {
    pub(super) source: Arc<dyn FileSource>,
    pub(super) partition: usize,
    pub(super) waiting: VecDeque<PartitionedFile>,
    pub(super) open: Option<(SendableRecordBatchStream, Arc<Listed>)>,
    /// Rows that are still wanted, if not all are.
    pub(super) left: Option<usize>,
}

impl Files {
    /// The next rows, and what reads those after them; none at the end.
    pub(super) async fn next(mut self) -> DfResult<Option<(RecordBatch, Self)>> {
        while self.left != Some(0) {
            let Some((rows, file)) = &mut self.open else {
                let Some(file) = self.waiting.pop_front() else { return Ok(None) };
                self.open = Some(self.begin(file)?);
                continue;
            };
            match rows.next().await {
                Some(Ok(batch)) => {
                    self.left = self.left.map(|left| left.saturating_sub(batch.num_rows()));
                    return Ok(Some((batch, self)));
                }
                Some(Err(error)) => return Err(to_datafusion(named(error, file))),
                None => self.open = None,
            }
        }
        Ok(None)
    }

    fn begin(&self, file: PartitionedFile) -> DfResult<(SendableRecordBatchStream, Arc<Listed>)> {
        let listed = Slice::of(&file)?.file.clone();
        let scan = FileScanConfigBuilder::new(ObjectStoreUrl::local_filesystem(), self.source.clone());
        let scan = scan.with_file(file).with_limit(self.left).with_preserve_order(true).build();
        // Bytes come from the source's own readers; the store is asked for nothing.
        let morsels = self.source.create_morselizer(Arc::new(LocalFileSystem::new()), &scan, self.partition)?;
        let rows = FileStreamBuilder::new(&scan).with_partition(0).with_morselizer(morsels).with_metrics(self.source.metrics());
        let rows: SendableRecordBatchStream = Box::pin(rows.build()?);
        Ok((rows, listed))
    }
}

/// The error with the file that it comes from, and what it means.
fn named(error: DataFusionError, file: &Listed) -> Error {
    let damage = damage(&error);
    let known = of_datafusion(error);
    if known.file().is_some() || matches!(known.kind(), ErrorKind::Memory | ErrorKind::Cancelled) {
        return known;
    }
    match damage.as_deref().map(|text| (text, text.split_once(FILTER))) {
        Some((_, Some((_, why)))) => {
            Error::new(ErrorKind::BadValue, format!("a filter cannot be evaluated: {why}")).in_file(&*file.shown, None, None)
        }
        Some((why, None)) => damaged(file, why),
        None => known.in_file(&*file.shown, None, None),
    }
}

/// What the decoder says that it cannot read, or evaluate.
fn damage(error: &DataFusionError) -> Option<String> {
    match error.find_root() {
        DataFusionError::ParquetError(cause) => match &**cause {
            ParquetError::External(_) => None,
            other => Some(other.to_string()),
        },
        DataFusionError::ArrowError(cause, _) => match &**cause {
            ArrowError::ParquetError(text) | ArrowError::ComputeError(text) if text.contains(FILTER) => Some(text.clone()),
            ArrowError::ParquetError(text) => Some(text.clone()),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use stratal_stores::Site;

    #[test]
    fn errors_say_which_file_and_what_is_wrong_with_it() {
        let (site, path) = Site::of("s3://lake/x.parquet", &[]).unwrap();
        let file = Listed { shown: site.show(&path), site, path: path.into(), size: 0, modified: None, hive: Vec::new() };
        let of = |error: DataFusionError| named(error, &file);
        let page = of(ParquetError::EOF("not all of a page".to_owned()).into());
        assert_eq!(page.message(), "the Parquet file is damaged: EOF: not all of a page");
        let filter = ArrowError::ComputeError(format!("{FILTER}DivideByZero"));
        let filter = of(ParquetError::ArrowError(filter.to_string()).into());
        assert_eq!((filter.message(), filter.file()), ("a filter cannot be evaluated: DivideByZero", Some("s3://lake/x.parquet")));
        let own = Error::new(ErrorKind::Io, "the file changed after it was listed").in_file("x.parquet", None, None);
        assert!(of(ParquetError::External(Box::new(own.clone())).into()).is_same(&own));
        let memory = of(DataFusionError::ResourcesExhausted("join needs 1 GiB".to_owned()));
        assert_eq!((memory.kind(), memory.file()), (ErrorKind::Memory, None));
    }
}
