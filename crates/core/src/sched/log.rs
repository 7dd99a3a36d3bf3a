//! A log of what came into the scheduler. Replayed, it gives the same messages: every wrong run can be run again.

use super::{Event, Outbox, Sched};
use crate::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};

/// One line of the log.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Entry {
    /// An event was handled.
    Event(Event),
    /// Work was handed out.
    Schedule,
}

/// A log in memory, entry after entry in their wire form.
#[derive(Clone, Debug, Default)]
pub struct Log {
    bytes: Vec<u8>,
}

impl Log {
    /// Appends an entry.
    pub fn push(&mut self, entry: &Entry) -> Result<()> {
        let encoded = postcard::to_stdvec(entry).map_err(|error| Error::internal(error.to_string()))?;
        self.bytes.extend_from_slice(&(encoded.len() as u32).to_le_bytes());
        self.bytes.extend_from_slice(&encoded);
        Ok(())
    }

    /// The log as it may be written to a file.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// A log as it was read from a file.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Log { bytes }
    }

    /// The entries, in order.
    ///
    /// # Errors
    /// `BadValue` at a damaged entry.
    pub fn entries(&self) -> impl Iterator<Item = Result<Entry>> + '_ {
        let mut rest = &self.bytes[..];
        std::iter::from_fn(move || {
            let (length, after) = rest.split_first_chunk::<4>()?;
            let length = u32::from_le_bytes(*length) as usize;
            let damaged = || Error::new(ErrorKind::BadValue, "the scheduler's log is damaged");
            let entry = after.get(..length).ok_or_else(damaged).and_then(|bytes| postcard::from_bytes(bytes).map_err(|_| damaged()));
            rest = after.get(length..).unwrap_or_default();
            Some(entry)
        })
    }
}

/// Runs a new scheduler through a log and gives what it said.
pub fn replay(log: &Log) -> Result<(Sched, Outbox)> {
    let (mut sched, mut out) = (Sched::new(), Outbox::new());
    for entry in log.entries() {
        match entry? {
            Entry::Event(event) => sched.handle(event, &mut out),
            Entry::Schedule => sched.schedule(&mut out),
        }
    }
    Ok((sched, out))
}
