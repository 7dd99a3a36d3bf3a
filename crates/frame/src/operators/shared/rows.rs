//! [`SharedRows`]: what the places of one attempt share that read the same rows.
//!
//! The first place that asks brings its copy of the plan, which makes the rows of all partitions. Whichever place comes to the end
//! of what was made so far polls the source itself, so that none waits for one that does not move: each batch is given to the
//! place that polled, and kept for those that have still to read it. A place that is dropped in the middle leaves the source to
//! the others.
//!
//! What is kept is accounted with the memory of all operators. Where that is refused, or all that is shared is more than [`SHARE`] of
//! the limit (or [`UNLIMITED`]) while a place has not asked for a row yet, the rows are given up for such places: they execute their own copies,
//! and nothing is kept for them any more. A place that has read is served to the end, whatever it takes, since its own copy might
//! give the rows in another order.

use super::{
    Open,
    part::{Next, Part},
};
use crate::{error::to_datafusion, operators::bytes_of};
use arrow_array::{Array, ArrayRef, RecordBatch, cast::AsArray};
use arrow_schema::DataType;
use datafusion::{
    error::DataFusionError,
    execution::{
        SendableRecordBatchStream,
        memory_pool::{MemoryConsumer, MemoryLimit, MemoryPool, MemoryReservation},
    },
};
use futures::StreamExt;
use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Waker},
};
use stratal_core::Error;

/// The part of the memory limit that may be kept for places which have not begun: one of so many.
const SHARE: usize = 4;

/// The bytes that may be kept for these where there is no limit: 1 GiB.
const UNLIMITED: usize = 1 << 30;

/// The rows of all partitions.
pub(super) struct SharedRows {
    /// What may be kept for places that have not begun, of all that is shared.
    limit: usize,
    /// What is kept of all that is shared in the attempt.
    all: Arc<AtomicUsize>,
    /// What is kept.
    memory: MemoryReservation,
    state: Mutex<State>,
}

struct State {
    /// Of each place, whether it has asked for a row of any partition.
    begun: Vec<Begun>,
    /// The copy of the plan that makes the rows: that of the place that was first.
    source: Option<Open>,
    parts: Vec<Part>,
}

#[derive(Clone, Copy, PartialEq)]
enum Begun {
    No,
    Yes,
    /// It makes its rows itself.
    Apart,
}

/// What a place is told that asks.
pub(super) enum Told {
    Rows(RecordBatch),
    /// There are no more, or there was this error.
    End(Option<DataFusionError>),
    /// It is to make its rows itself.
    Apart,
}

impl SharedRows {
    /// `all` counts what is kept of all that is shared in the attempt.
    pub(super) fn new(readers: usize, partitions: usize, all: Arc<AtomicUsize>, pool: &Arc<dyn MemoryPool>) -> Self {
        let limit = match pool.memory_limit() {
            MemoryLimit::Finite(limit) => limit / SHARE,
            MemoryLimit::Infinite | MemoryLimit::Unknown => UNLIMITED,
        };
        let parts = (0..partitions).map(|_| Part::new(readers)).collect();
        let state = State { begun: vec![Begun::No; readers], source: None, parts };
        SharedRows { limit, all, memory: MemoryConsumer::new("shared rows").register(pool), state: Mutex::new(state) }
    }

    /// A place will read a partition; not if it did before, or makes its rows itself.
    pub(super) fn sit_down(&self, reader: usize, partition: usize) -> bool {
        self.lock().parts[partition].sit_down(reader)
    }

    /// What a place gets of a partition. `own` begins a partition of its own copy of the plan.
    pub(super) fn poll_next(&self, (reader, partition): (usize, usize), own: &Open, cx: &mut Context<'_>) -> Poll<Told> {
        let (rows, source, waker) = {
            let mut state = self.lock();
            let Some(source) = state.begin(reader, own) else { return Poll::Ready(Told::Apart) };
            let part = &mut state.parts[partition];
            match part.next(reader) {
                Next::Batch(batch) => {
                    self.shrink(part.trim());
                    return Poll::Ready(Told::Rows(batch));
                }
                Next::End(error) => return Poll::Ready(Told::End(error.as_ref().map(DataFusionError::from))),
                Next::Wait => {
                    part.bell.wait(reader, cx.waker());
                    return Poll::Pending;
                }
                Next::Turn(rows) => {
                    part.bell.wait(reader, cx.waker());
                    (rows, source, Waker::from(part.bell.clone()))
                }
            }
        };
        // The source is polled outside of the lock: others ask for what is kept meanwhile.
        let turn = Turn { rows: self, reader, partition, is_over: false };
        let mut rows = match rows.map_or_else(|| source(partition), Ok) {
            Ok(rows) => rows,
            Err(error) => return Poll::Ready(turn.end(Some(error))),
        };
        match rows.poll_next_unpin(&mut Context::from_waker(&waker)) {
            Poll::Pending => {
                turn.wait(rows);
                Poll::Pending
            }
            Poll::Ready(Some(Ok(batch))) => Poll::Ready(turn.give(rows, batch)),
            Poll::Ready(Some(Err(error))) => Poll::Ready(turn.end(Some(error))),
            Poll::Ready(None) => Poll::Ready(turn.end(None)),
        }
    }

    /// A place reads no more of a partition.
    pub(super) fn leave(&self, reader: usize, partition: usize) {
        let (unwanted, bell) = {
            let mut state = self.lock();
            let part = &mut state.parts[partition];
            part.leave(reader);
            self.shrink(part.trim());
            (part.unwanted(), part.bell.clone())
        };
        // Outside of the lock, since it may be the end of other shared rows below.
        drop(unwanted);
        bell.forget(reader);
    }

    /// Keeps a batch that a place was given for those that want it too. What is returned is to be dropped outside of the lock.
    fn keep(&self, state: &mut State, (reader, partition): (usize, usize), batch: &RecordBatch) -> Vec<SendableRecordBatchStream> {
        if !state.parts[partition].is_wanted_besides(reader) {
            return Vec::new();
        }
        let (bytes, mut unwanted) = (bytes_kept(batch), Vec::new());
        let may_give_up = state.begun.contains(&Begun::No);
        let fits = || self.all.load(Ordering::Relaxed) + bytes <= self.limit && self.try_grow(bytes);
        if !may_give_up {
            self.grow(bytes);
        } else if !fits() {
            let (freed, rest) = state.give_up();
            self.shrink(freed);
            unwanted = rest;
            if !state.parts[partition].is_wanted_besides(reader) {
                return unwanted;
            }
            self.grow(bytes);
        }
        state.parts[partition].keep(batch.clone(), bytes);
        unwanted
    }

    fn grow(&self, bytes: usize) {
        self.memory.grow(bytes);
        self.all.fetch_add(bytes, Ordering::Relaxed);
    }

    fn try_grow(&self, bytes: usize) -> bool {
        let grows = self.memory.try_grow(bytes).is_ok();
        if grows {
            self.all.fetch_add(bytes, Ordering::Relaxed);
        }
        grows
    }

    fn shrink(&self, bytes: usize) {
        self.memory.shrink(bytes);
        self.all.fetch_sub(bytes, Ordering::Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for SharedRows {
    fn drop(&mut self) {
        self.all.fetch_sub(self.memory.size(), Ordering::Relaxed);
    }
}

impl fmt::Debug for SharedRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SharedRows({} bytes kept)", self.memory.size())
    }
}

impl State {
    /// A place asks for rows: what makes them, unless it is to do that itself. One decision holds for all of its partitions.
    fn begin(&mut self, reader: usize, own: &Open) -> Option<Open> {
        match self.begun[reader] {
            Begun::Apart => return None,
            Begun::No => self.begun[reader] = Begun::Yes,
            Begun::Yes => {}
        }
        Some(self.source.get_or_insert_with(|| own.clone()).clone())
    }

    /// Leaves the places that have not begun to themselves: the bytes that were kept for them alone, and what nobody reads now.
    fn give_up(&mut self) -> (usize, Vec<SendableRecordBatchStream>) {
        let (mut freed, mut unwanted) = (0, Vec::new());
        let State { begun, parts, .. } = self;
        for (reader, begun) in begun.iter_mut().enumerate().filter(|(_, begun)| **begun == Begun::No) {
            *begun = Begun::Apart;
            parts.iter_mut().for_each(|part| part.leave(reader));
        }
        for part in parts {
            freed += part.trim();
            unwanted.extend(part.unwanted());
        }
        (freed, unwanted)
    }
}

/// The bytes of a batch's rows, and of the texts that its views point at: these are held as long as the views.
fn bytes_kept(batch: &RecordBatch) -> usize {
    let of_views = |column: &ArrayRef| match column.data_type() {
        DataType::Utf8View => column.as_string_view().total_buffer_bytes_used(),
        DataType::BinaryView => column.as_binary_view().total_buffer_bytes_used(),
        _ => 0,
    };
    bytes_of(batch) + batch.columns().iter().map(of_views).sum::<usize>()
}

/// A place that polls the source of a partition, until it has put that back.
struct Turn<'a> {
    rows: &'a SharedRows,
    reader: usize,
    partition: usize,
    is_over: bool,
}

impl Turn<'_> {
    /// The source has nothing yet, and will ring the bell.
    fn wait(mut self, rows: SendableRecordBatchStream) {
        let bell = {
            let mut state = self.rows.lock();
            let part = &mut state.parts[self.partition];
            if part.put_back(rows) { Some(part.bell.clone()) } else { None }
        };
        self.is_over = true;
        // Those that came meanwhile may have missed the bell: it may have rung before they were on its list.
        if let Some(bell) = bell {
            bell.ring_others(self.reader);
        }
    }

    /// The source gave a batch.
    fn give(mut self, rows: SendableRecordBatchStream, batch: RecordBatch) -> Told {
        let unwanted = {
            let mut state = self.rows.lock();
            state.parts[self.partition].gave(self.reader, rows);
            self.rows.keep(&mut state, (self.reader, self.partition), &batch)
        };
        self.is_over = true;
        drop(unwanted);
        self.ring();
        Told::Rows(batch)
    }

    /// The source is at its end, which every place comes to that reads so far.
    fn end(mut self, error: Option<DataFusionError>) -> Told {
        let error = error.map(Arc::new);
        self.rows.lock().parts[self.partition].ended(error.clone());
        self.is_over = true;
        self.ring();
        Told::End(error.as_ref().map(DataFusionError::from))
    }

    /// There is something for those that wait.
    fn ring(&self) {
        let bell = self.rows.lock().parts[self.partition].bell.clone();
        bell.forget(self.reader);
        bell.ring_others(self.reader);
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            // The source panicked, and is gone: no other place may wait for it, or take what it gave for all.
            let error = to_datafusion(Error::internal("rows that several places of a plan read broke off"));
            self.rows.lock().parts[self.partition].ended(Some(Arc::new(error)));
            self.ring();
        }
    }
}
