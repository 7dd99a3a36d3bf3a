//! [`Part`]: the bookkeeping of one partition of shared rows. Nothing is executed here, and nobody is woken.

use super::bell::Bell;
use arrow_array::RecordBatch;
use datafusion::{error::DataFusionError, execution::SendableRecordBatchStream};
use std::{collections::VecDeque, mem, sync::Arc};

/// One partition.
pub(super) struct Part {
    source: Source,
    /// How many batches the source has given.
    given: usize,
    /// The last of them, as far as somebody has still to read them.
    kept: VecDeque<Kept>,
    /// The number of the first that is kept, if any is.
    first: usize,
    /// Where each reader is.
    seats: Vec<Seat>,
    /// Who waits for the source.
    pub(super) bell: Arc<Bell>,
}

/// What makes the rows.
enum Source {
    Unopened,
    Idle(SendableRecordBatchStream),
    /// A reader polls it, and others may have come meanwhile.
    Busy {
        has_others: bool,
    },
    /// With the error that it ended in, if it did.
    Ended(Option<Arc<DataFusionError>>),
}

struct Kept {
    batch: RecordBatch,
    bytes: usize,
}

#[derive(Clone, Copy)]
enum Seat {
    /// The reader has not come yet.
    Free,
    /// The reader has had so many batches.
    Taken(usize),
    /// The reader wants no more.
    Left,
}

/// What there is for a reader.
pub(super) enum Next {
    Batch(RecordBatch),
    End(Option<Arc<DataFusionError>>),
    /// Another reader is polling the source.
    Wait,
    /// It is this reader's turn to poll the source, which must be put back; none was opened yet.
    Turn(Option<SendableRecordBatchStream>),
}

impl Part {
    pub(super) fn new(readers: usize) -> Self {
        let (source, kept) = (Source::Unopened, VecDeque::new());
        Part { source, given: 0, kept, first: 0, seats: vec![Seat::Free; readers], bell: Arc::default() }
    }

    /// A reader comes; not if it was here before, or wants nothing.
    pub(super) fn sit_down(&mut self, reader: usize) -> bool {
        let seat = &mut self.seats[reader];
        let is_free = matches!(seat, Seat::Free);
        if is_free {
            *seat = Seat::Taken(0);
        }
        is_free
    }

    /// A reader wants no more.
    pub(super) fn leave(&mut self, reader: usize) {
        self.seats[reader] = Seat::Left;
    }

    /// What a reader gets now.
    pub(super) fn next(&mut self, reader: usize) -> Next {
        let at = match self.seats[reader] {
            Seat::Free => 0,
            Seat::Taken(at) => at,
            Seat::Left => return Next::End(None),
        };
        if let Some(kept) = at.checked_sub(self.first).and_then(|nth| self.kept.get(nth)) {
            self.seats[reader] = Seat::Taken(at + 1);
            return Next::Batch(kept.batch.clone());
        }
        match mem::replace(&mut self.source, Source::Busy { has_others: false }) {
            Source::Unopened => Next::Turn(None),
            Source::Idle(rows) => Next::Turn(Some(rows)),
            Source::Busy { .. } => {
                self.source = Source::Busy { has_others: true };
                Next::Wait
            }
            Source::Ended(error) => {
                self.source = Source::Ended(error.clone());
                Next::End(error)
            }
        }
    }

    /// Puts the source back, and says whether others came meanwhile.
    pub(super) fn put_back(&mut self, rows: SendableRecordBatchStream) -> bool {
        let before = mem::replace(&mut self.source, Source::Idle(rows));
        matches!(before, Source::Busy { has_others: true })
    }

    /// Puts the source back, which gave a batch to the reader that polled it.
    pub(super) fn gave(&mut self, reader: usize, rows: SendableRecordBatchStream) {
        self.source = Source::Idle(rows);
        self.given += 1;
        self.seats[reader] = Seat::Taken(self.given);
    }

    /// The source is at its end.
    pub(super) fn ended(&mut self, error: Option<Arc<DataFusionError>>) {
        self.source = Source::Ended(error);
    }

    /// Whether another reader may still want the batch that this one was given last.
    pub(super) fn is_wanted_besides(&self, reader: usize) -> bool {
        self.seats.iter().enumerate().any(|(at, seat)| at != reader && !matches!(seat, Seat::Left))
    }

    /// Keeps the batch that was given last.
    pub(super) fn keep(&mut self, batch: RecordBatch, bytes: usize) {
        if self.kept.is_empty() {
            self.first = self.given - 1;
        }
        self.kept.push_back(Kept { batch, bytes });
    }

    /// Drops what nobody has still to read, and says how many bytes that were.
    pub(super) fn trim(&mut self) -> usize {
        let wants = |seat: &Seat| match seat {
            Seat::Free => Some(0),
            Seat::Taken(at) => Some(*at),
            Seat::Left => None,
        };
        let wanted = self.seats.iter().filter_map(wants).min().unwrap_or(usize::MAX);
        let mut freed = 0;
        while self.first < wanted
            && let Some(kept) = self.kept.pop_front()
        {
            freed += kept.bytes;
            self.first += 1;
        }
        freed
    }

    /// The source, if nobody will ask for more of it.
    pub(super) fn unwanted(&mut self) -> Option<SendableRecordBatchStream> {
        if !matches!(self.source, Source::Idle(_)) || self.seats.iter().any(|seat| !matches!(seat, Seat::Left)) {
            return None;
        }
        match mem::replace(&mut self.source, Source::Ended(None)) {
            Source::Idle(rows) => Some(rows),
            _ => None,
        }
    }
}
