//! The events of a scheduler, written to a file as core's log reads them.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::Path,
};
use stratal_core::{
    Error, ErrorKind, Result,
    sched::{Entry, Log},
};

/// A file that entries are appended to. One that cannot be written ends the recording, not the scheduler.
pub(super) struct Record(Option<BufWriter<File>>);

impl Record {
    /// An empty file.
    pub(super) fn create(path: &Path) -> Result<Self> {
        let file =
            File::create(path).map_err(|error| Error::new(ErrorKind::Io, format!("cannot record to {}: {error}", path.display())))?;
        Ok(Record(Some(BufWriter::new(file))))
    }

    /// Appends an entry.
    pub(super) fn push(&mut self, entry: &Entry) {
        let Some(file) = &mut self.0 else { return };
        let mut log = Log::default();
        let written = log.push(entry).and_then(|()| Ok(file.write_all(log.as_bytes())?));
        if let Err(error) = written {
            tracing::warn!(%error, "recording ends");
            self.0 = None;
        }
    }

    /// Hands what was appended to the operating system, so that a log of a killed scheduler is whole up to there.
    pub(super) fn flush(&mut self) {
        if let Some(file) = &mut self.0
            && let Err(error) = file.flush()
        {
            tracing::warn!(%error, "recording ends");
            self.0 = None;
        }
    }
}
