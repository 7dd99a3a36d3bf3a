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
use std::{collections::VecDeque, error::Error as StdError, io, sync::Arc};
use stratal_core::{Error, ErrorKind};
use tokio::task::JoinError;

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
            Error::new(ErrorKind::BadValue, format!("a filter cannot be evaluated: {}", bare(why))).in_file(&*file.shown, None, None)
        }
        Some((why, None)) => damaged(file, why),
        None => known.in_file(&*file.shown, None, None),
    }
}

/// What the decoder says that it cannot read, or evaluate.
fn damage(error: &DataFusionError) -> Option<String> {
    match error.find_root() {
        DataFusionError::ParquetError(cause) => match &**cause {
            // The decoder wraps what its filters say, and what its decompressors do.
            ParquetError::External(cause) => Some(cause.to_string()).filter(|text| text.contains(FILTER) || !is_outside(&**cause)),
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

/// Whether it has another cause than what stands in the file: reading it, or running tasks. Decompressors give errors of
/// input as well, but not the operating system's.
fn is_outside(error: &(dyn StdError + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(cause) = next {
        let is_system = cause.downcast_ref::<io::Error>().is_some_and(|error| error.raw_os_error().is_some());
        if is_system || cause.is::<Error>() || cause.is::<DataFusionError>() || cause.is::<object_store::Error>() || cause.is::<JoinError>()
        {
            return true;
        }
        next = cause.source();
    }
    false
}

/// What a filter says, which the decoder reports as it is printed for programmers: `ArrowError(DivideByZero, Some(""))`.
fn bare(why: &str) -> &str {
    let inner = why.strip_prefix("ArrowError(").and_then(|rest| rest.rsplit_once(", Some(").or_else(|| rest.rsplit_once(", None")));
    inner.map_or(why, |(inner, _)| inner)
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
        let wrapped = ArrowError::ComputeError(format!("{FILTER}{:?}", DataFusionError::from(ArrowError::DivideByZero)));
        let wrapped = of(ParquetError::from(wrapped).into());
        assert_eq!((wrapped.kind(), wrapped.message()), (ErrorKind::BadValue, "a filter cannot be evaluated: DivideByZero"));
        assert_eq!(wrapped.file(), Some("s3://lake/x.parquet"));
        let own = Error::new(ErrorKind::Io, "the file changed after it was listed").in_file("x.parquet", None, None);
        assert!(of(ParquetError::External(Box::new(own.clone())).into()).is_same(&own));
        // Bytes that are no text, and what a decompressor says of its input.
        let texts: ParquetError = String::from_utf8(vec![0xff]).unwrap_err().into();
        let packed: ParquetError = io::Error::new(io::ErrorKind::InvalidData, "corrupt deflate stream").into();
        for error in [texts, packed] {
            let damaged = of(error.into());
            assert_eq!((damaged.kind(), damaged.file()), (ErrorKind::BadValue, Some("s3://lake/x.parquet")));
            assert!(damaged.message().starts_with("the Parquet file is damaged: "), "{damaged}");
        }
        let disk: ParquetError = io::Error::from_raw_os_error(5).into();
        let store: ParquetError = object_store::Error::NotImplemented { operation: "get".to_owned(), implementer: "x".to_owned() }.into();
        for error in [disk, store] {
            let outside = of(error.into());
            assert!(!outside.message().contains("damaged") && outside.file() == Some("s3://lake/x.parquet"), "{outside}");
        }
        let memory = of(DataFusionError::ResourcesExhausted("join needs 1 GiB".to_owned()));
        assert_eq!((memory.kind(), memory.file()), (ErrorKind::Memory, None));
    }
}
