//! A result as Flight messages.

use super::{
    Mark,
    compact::{MESSAGE, compact, split},
};
use arrow_array::RecordBatch;
use arrow_flight::FlightData;
use arrow_ipc::writer::{DictionaryTracker, IpcDataGenerator, IpcWriteContext, IpcWriteOptions};
use arrow_schema::SchemaRef;
use bytes::Bytes;
use std::collections::VecDeque;
use stratal_core::{
    Error, Result,
    value::{Batches, Chunk},
};

/// A message that is a mark.
pub(super) fn marked(mark: &Mark, body: Bytes) -> Result<FlightData> {
    let mark = postcard::to_stdvec(mark).map_err(|error| Error::internal(error.to_string()))?;
    Ok(FlightData { app_metadata: mark.into(), data_body: body, ..FlightData::default() })
}

/// A value's wire form in pieces, and its end.
pub(super) fn object(type_name: String, wire: Bytes) -> impl Iterator<Item = Result<FlightData>> + Send {
    pieces(Mark::Object { type_name, bytes: wire.len() as u64 }, wire)
}

/// The elements of a chunk in pieces, and its end. A view is made compact before it leaves.
pub(super) fn chunk(chunk: &Chunk) -> impl Iterator<Item = Result<FlightData>> + Send + use<> {
    let shape = chunk.shape().iter().map(|len| *len as u64).collect();
    pieces(Mark::Chunk { dtype: chunk.dtype(), shape }, chunk.elements())
}

/// Bytes in pieces, the first with its mark, and their end.
fn pieces(first: Mark, mut wire: Bytes) -> impl Iterator<Item = Result<FlightData>> + Send {
    let mut mark = Some(first);
    let mut ended = false;
    std::iter::from_fn(move || {
        if mark.is_some() || !wire.is_empty() {
            let piece = wire.split_to(wire.len().min(MESSAGE));
            return Some(marked(&mark.take().unwrap_or(Mark::Piece), piece));
        }
        (!std::mem::replace(&mut ended, true)).then(|| marked(&Mark::End(1), Bytes::new()))
    })
}

/// Rows as Arrow IPC, and their end.
pub(super) struct Rows {
    schema: Option<SchemaRef>,
    /// Batches as the store has them.
    whole: VecDeque<RecordBatch>,
    /// Slices of the batch that is being sent.
    slices: VecDeque<RecordBatch>,
    /// Dictionaries, and the batch that needs them.
    ready: VecDeque<FlightData>,
    end: Option<Mark>,
    tracker: DictionaryTracker,
    context: IpcWriteContext,
    options: IpcWriteOptions,
}

impl Rows {
    pub(super) fn new(rows: &Batches) -> Self {
        Rows {
            schema: Some(rows.schema.clone()),
            whole: rows.batches.iter().cloned().collect(),
            slices: VecDeque::new(),
            ready: VecDeque::new(),
            end: Some(Mark::End(rows.rows())),
            tracker: DictionaryTracker::new(false),
            context: IpcWriteContext::default(),
            options: IpcWriteOptions::default(),
        }
    }

    fn encode(&mut self, batch: RecordBatch) -> Result<FlightData> {
        let batch = compact(batch)?;
        let (dictionaries, body) = IpcDataGenerator::default().encode(&batch, &mut self.tracker, &self.options, &mut self.context)?;
        self.ready.extend(dictionaries.into_iter().map(FlightData::from));
        self.ready.push_back(body.into());
        self.ready.pop_front().ok_or_else(|| Error::internal("a batch without a message"))
    }
}

impl Iterator for Rows {
    type Item = Result<FlightData>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(schema) = self.schema.take() {
            let schema = IpcDataGenerator::default().schema_to_bytes_with_dictionary_tracker(&schema, &mut self.tracker, &self.options);
            return Some(Ok(schema.into()));
        }
        if let Some(message) = self.ready.pop_front() {
            return Some(Ok(message));
        }
        if self.slices.is_empty()
            && let Some(batch) = self.whole.pop_front()
        {
            self.slices.extend(split(&batch));
        }
        match self.slices.pop_front() {
            Some(slice) => Some(self.encode(slice)),
            None => self.end.take().map(|end| marked(&end, Bytes::new())),
        }
    }
}
