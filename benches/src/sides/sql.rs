//! What engines that are asked by SQL have in common as sides: the text that a request brings, over its files.
//!
//! Each request has a session of its own: tables are opened for each query, as a frame's are.

use super::{
    answering::{self, Done, Work},
    protocol::Request,
};
use crate::settings::Format;
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use datafusion::{
    error::DataFusionError,
    prelude::{CsvReadOptions, ParquetReadOptions, SessionContext},
};
use std::rc::Rc;
use stratal::{Error, ErrorKind, Result, frame::Frame};

/// Answers until stdin ends, on so many threads. Making a session is timed with the query.
pub(super) fn serve(version: String, threads: usize, session: impl Fn() -> SessionContext + 'static) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build()?;
    let engine = Rc::new((runtime, session));
    answering::answer(version, |request| {
        let (engine, request) = (engine.clone(), request.clone());
        Ok(Work::new(move || {
            let (runtime, session) = &*engine;
            Ok(Done::from(runtime.block_on(answer(&session(), &request))?))
        }))
    })
}

/// What a request asks for.
///
/// # Errors
/// Why the engine has no answer.
pub(super) async fn answer(session: &SessionContext, request: &Request) -> Result<Frame> {
    let (schema, batches) = rows(session, request).await.map_err(|error| Error::new(ErrorKind::Sql, error.to_string()))?;
    Frame::new(schema, batches)
}

async fn rows(session: &SessionContext, request: &Request) -> std::result::Result<(SchemaRef, Vec<RecordBatch>), DataFusionError> {
    for table in &request.tables {
        let files = format!("{}/{table}.*.{}", request.data, request.format);
        match request.format {
            Format::Csv => session.register_csv(table.as_str(), &files, CsvReadOptions::new()).await?,
            Format::Parquet => session.register_parquet(table.as_str(), &files, ParquetReadOptions::default()).await?,
        }
    }
    let frame = session.sql(&request.sql).await?;
    let planned = frame.schema().inner().clone();
    let batches = frame.collect().await?;
    // What came out is named and typed as planned, but may be less strict about nulls.
    Ok((batches.first().map_or(planned, RecordBatch::schema), batches))
}
