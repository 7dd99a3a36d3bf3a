//! Reading the sources of one input in order, whoever holds them.
//!
//! There is one stream for each holder, not one for each source; all are opened at once and read ahead, and their pieces
//! are given out in the order of the sources, so that rows come in the same order wherever tasks ran.

use super::{FetchError, Piece, TaskContext, Wanted};
use crate::{
    Error, Index, Result, WorkerId,
    store::Part,
    value::{Batches, Data},
};
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use futures::{FutureExt, StreamExt};
use rustc_hash::FxHashMap;
use std::collections::VecDeque;
use tokio::sync::mpsc;

/// Pieces that a holder's stream may be ahead of its reader.
const READ_AHEAD: usize = 8;

type Pieces = mpsc::Receiver<Result<Piece, FetchError>>;

/// Reads sources one after another.
pub(super) struct SourceReader {
    cx: TaskContext,
    part: Part,
    sources: VecDeque<(Wanted, WorkerId)>,
    remote: FxHashMap<WorkerId, Pieces>,
    /// What is left of a local source that is being read.
    local: VecDeque<RecordBatch>,
    rows: u64,
    rows_of_source: u64,
}

impl SourceReader {
    pub(super) fn new(cx: TaskContext, input: usize, task: Index, sources: &[Index]) -> Result<Self> {
        let part = cx.part(input, task);
        let sources = sources.iter().map(|source| cx.locate(input, *source)).collect::<Result<VecDeque<_>>>()?;
        let mut by_holder: FxHashMap<WorkerId, Vec<Wanted>> = FxHashMap::default();
        for (wanted, holder) in sources.iter().filter(|(_, holder)| !cx.is_here(*holder)) {
            by_holder.entry(*holder).or_default().push(*wanted);
        }
        let remote = by_holder.into_iter().map(|(holder, wanted)| (holder, read_ahead(&cx, holder, wanted, part))).collect();
        Ok(SourceReader { cx, part, sources, remote, local: VecDeque::new(), rows: 0, rows_of_source: 0 })
    }

    /// Rows that [`next_batch`](Self::next_batch) gave so far.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// The next rows, over all sources.
    pub(super) async fn next_batch(&mut self) -> Result<Option<RecordBatch>> {
        loop {
            self.cx.checkpoint()?;
            if let Some(batch) = self.local.pop_front() {
                self.rows += batch.num_rows() as u64;
                return Ok(Some(batch));
            }
            let Some((wanted, holder)) = self.sources.front().copied() else { return Ok(None) };
            if self.cx.is_here(holder) {
                self.sources.pop_front();
                match self.cx.local(wanted, self.part)? {
                    Data::Batches(rows) => self.local = rows.batches.iter().cloned().collect(),
                    other => return Err(not_rows(&other)),
                }
                continue;
            }
            match self.next_piece(wanted, holder).await? {
                Piece::Batch(batch) => {
                    self.rows += batch.num_rows() as u64;
                    return Ok(Some(batch));
                }
                Piece::Schema(_) | Piece::End(_) => {}
                Piece::Chunk(chunk) => return Err(not_rows(&Data::Chunk(chunk))),
                Piece::Object(object) => return Err(not_rows(&Data::Object(object))),
            }
        }
    }

    /// The next source, whole.
    pub(super) async fn next_data(&mut self) -> Result<Option<Data>> {
        self.cx.checkpoint()?;
        let Some((wanted, holder)) = self.sources.front().copied() else { return Ok(None) };
        if self.cx.is_here(holder) {
            self.sources.pop_front();
            return self.cx.local(wanted, self.part).map(Some);
        }
        let (mut schema, mut batches, mut data): (Option<SchemaRef>, Vec<RecordBatch>, Data) = (None, Vec::new(), Data::Unit);
        loop {
            match self.next_piece(wanted, holder).await? {
                Piece::Schema(of) => schema = Some(of),
                Piece::Batch(batch) => batches.push(batch),
                Piece::Chunk(chunk) => data = Data::Chunk(chunk),
                Piece::Object(object) => data = Data::Object(object),
                Piece::End(_) => break,
            }
        }
        Ok(Some(match schema {
            Some(schema) => Data::Batches(Batches { schema, batches: batches.into() }),
            None => data,
        }))
    }

    /// The next piece of the source in front, which a holder elsewhere has. Its end takes it off, and is checked.
    async fn next_piece(&mut self, wanted: Wanted, holder: WorkerId) -> Result<Piece> {
        let broken_off = || {
            FetchError::Missing(
                wanted,
                Error::new(crate::ErrorKind::WorkerLost, format!("{holder} broke off while {} was read", wanted.result)),
            )
        };
        let pieces = self.remote.get_mut(&holder).ok_or_else(|| Error::internal("a holder without a stream"))?;
        let cancel = self.cx.cancel_token().clone();
        let received = match pieces.recv().now_or_never() {
            Some(received) => received,
            None => tokio::select! {
                received = pieces.recv() => received,
                () = cancel.cancelled() => return Err(Error::cancelled()),
            },
        };
        let piece = received.unwrap_or_else(|| Err(broken_off())).map_err(|error| self.cx.lost(error, holder))?;
        match &piece {
            Piece::Batch(batch) => self.rows_of_source += batch.num_rows() as u64,
            Piece::Chunk(_) | Piece::Object(_) => self.rows_of_source = 1,
            Piece::Schema(_) => {}
            Piece::End(rows) => {
                let unit = self.rows_of_source == 0 && *rows == 1;
                if self.rows_of_source != *rows && !unit {
                    return Err(Error::internal(format!(
                        "{} of {} was written with {rows} rows and read with {}",
                        self.cx.spec().name,
                        wanted.result,
                        self.rows_of_source
                    )));
                }
                self.rows_of_source = 0;
                self.sources.pop_front();
            }
        }
        Ok(piece)
    }
}

/// Opens a holder's stream on the I/O runtime and reads ahead of the consumer.
fn read_ahead(cx: &TaskContext, holder: WorkerId, wanted: Vec<Wanted>, part: Part) -> Pieces {
    let mut stream = cx.fetch().fetch(holder, wanted, part);
    let (send, receive) = mpsc::channel(READ_AHEAD);
    crate::runtime::io().spawn(async move {
        while let Some(piece) = stream.next().await {
            if send.send(piece).await.is_err() {
                break;
            }
        }
    });
    receive
}

fn not_rows(data: &Data) -> Error {
    Error::new(crate::ErrorKind::TypeMismatch, format!("rows were expected, and the input is {}", data.type_name()))
}
