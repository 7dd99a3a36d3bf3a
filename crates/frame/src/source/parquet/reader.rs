//! [`Readers`]: the bytes of files for DataFusion's decoder: footers from those that are kept, all else as it is wanted.

use super::{footers::footer, slice::Slice};
use crate::source::{
    files::Listed,
    ranges::{range, ranges},
};
use bytes::Bytes;
use datafusion::{
    common::Result as DfResult,
    datasource::{listing::PartitionedFile, physical_plan::ParquetFileReaderFactory},
    physical_plan::metrics::{Count, ExecutionPlanMetricsSet, MetricBuilder},
};
use futures::{FutureExt, future::BoxFuture};
use parquet::{
    arrow::{arrow_reader::ArrowReaderOptions, async_reader::AsyncFileReader},
    errors::{ParquetError, Result},
    file::metadata::ParquetMetaData,
};
use std::{ops::Range, sync::Arc};

/// Opens the files of a scan.
#[derive(Debug)]
pub(super) struct Readers;

impl ParquetFileReaderFactory for Readers {
    fn create_reader(
        &self,
        partition: usize,
        file: PartitionedFile,
        _: Option<usize>,
        metrics: &ExecutionPlanMetricsSet,
    ) -> DfResult<Box<dyn AsyncFileReader + Send>> {
        let fetched = MetricBuilder::new(metrics).counter("bytes_fetched", partition);
        Ok(Box::new(Reader { file: Slice::of(&file)?.file.clone(), fetched }))
    }
}

/// One file. Its errors are ours, and name it.
struct Reader {
    file: Arc<Listed>,
    fetched: Count,
}

fn outside(error: stratal_core::Error) -> ParquetError {
    ParquetError::External(Box::new(error))
}

impl AsyncFileReader for Reader {
    fn get_bytes(&mut self, wanted: Range<u64>) -> BoxFuture<'_, Result<Bytes>> {
        self.fetched.add((wanted.end - wanted.start) as usize);
        async move { range(&self.file, wanted).await.map_err(outside) }.boxed()
    }

    fn get_byte_ranges(&mut self, wanted: Vec<Range<u64>>) -> BoxFuture<'_, Result<Vec<Bytes>>> {
        self.fetched.add(wanted.iter().map(|range| (range.end - range.start) as usize).sum());
        async move { ranges(&self.file, wanted).await.map_err(outside) }.boxed()
    }

    fn get_metadata<'a>(&'a mut self, _: Option<&'a ArrowReaderOptions>) -> BoxFuture<'a, Result<Arc<ParquetMetaData>>> {
        async move { footer(&self.file).await.map_err(outside) }.boxed()
    }
}
