//! DataFusion alone as a side: the SQL that a request brings, with DataFusion's own settings but for the number of threads.

use super::{
    answering::{self, Done, Work},
    protocol::Request,
};
use crate::settings::Format;
use arrow_array::RecordBatch;
use datafusion::{
    error::DataFusionError,
    prelude::{CsvReadOptions, ParquetReadOptions, SessionConfig, SessionContext},
};
use std::sync::Arc;
use stratal::{
    Error, ErrorKind, Result,
    frame::{DATAFUSION_VERSION, Frame},
};

/// Answers until stdin ends.
pub(super) fn serve(threads: usize) -> Result<()> {
    let runtime = Arc::new(tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build()?);
    answering::answer(format!("DataFusion {DATAFUSION_VERSION}"), |request| {
        let (runtime, request) = (runtime.clone(), request.clone());
        Ok(Work::new(move || {
            let answer = runtime.block_on(answer(&request, threads));
            let (schema, batches) = answer.map_err(|error| Error::new(ErrorKind::Sql, error.to_string()))?;
            Ok(Done::from(Frame::new(schema, batches)?))
        }))
    })
}

/// The tables are opened for each query, as a frame's are.
async fn answer(request: &Request, threads: usize) -> Result<(arrow_schema::SchemaRef, Vec<RecordBatch>), DataFusionError> {
    let context = SessionContext::new_with_config(SessionConfig::new().with_target_partitions(threads));
    for table in &request.tables {
        let files = format!("{}/{table}.*.{}", request.data, request.format);
        match request.format {
            Format::Csv => context.register_csv(table.as_str(), &files, CsvReadOptions::new()).await?,
            Format::Parquet => context.register_parquet(table.as_str(), &files, ParquetReadOptions::default()).await?,
        }
    }
    let frame = context.sql(&request.sql).await?;
    let planned = frame.schema().inner().clone();
    let batches = frame.collect().await?;
    // What came out is named and typed as planned, but may be less strict about nulls.
    Ok((batches.first().map_or(planned, RecordBatch::schema), batches))
}
