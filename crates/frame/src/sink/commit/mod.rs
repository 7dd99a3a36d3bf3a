//! The task kind `frame.commit`: one task that makes what was written a file or a data set, at once, when all of it is there.
//!
//! It is never run again after it has begun to change anything: [`Repeat::Commit`](stratal_core::graph::Repeat), and no error
//! of it is tried again. What it cannot complete it takes back. Several commits to one directory are as if each came after the
//! other.
//!
//! - `local`: on a file system, by renaming. `claim`: who may do so in a directory. `moves`: how it is taken back, also when the
//!   process has died in which it was done.
//! - `remote`: on an object store, by completing uploads.

mod claim;
mod local;
mod moves;
mod remote;
#[cfg(test)]
mod tests;

use super::{
    manifest::{Entry, Manifest},
    options::Mode,
    piece::{Piece, of_data},
    target::{Layout, Target, joined},
};
use arrow_array::{ArrayRef, RecordBatch, UInt64Array};
use bytes::Bytes;
use std::sync::Arc;
use stratal_core::{
    Error, ErrorKind, Result, Retry,
    kind::{Body, InputMode, Running, TaskKind, Template},
    runner::TaskContext,
    value::Data,
};

/// The name under which templates refer to the kind.
const KIND: &str = "frame.commit";

stratal_core::register_kind!(CommitKind);

/// What a write left.
///
/// ```
/// use stratal_frame::{WriteSummary, frame};
/// let directory = std::env::temp_dir().join(format!("stratal-summary-{}", std::process::id()));
/// let WriteSummary { files, rows, bytes } = frame! { "x" => [1i64, 2] }.write_csv(directory.join("x.csv"))?;
/// assert_eq!((files, rows, bytes), (1, 2, 6));
/// # std::fs::remove_dir_all(directory)?;
/// # Ok::<(), stratal_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WriteSummary {
    /// Files, the manifest of a directory apart.
    pub files: u64,
    /// Rows in them.
    pub rows: u64,
    /// Bytes of them.
    pub bytes: u64,
}

impl WriteSummary {
    fn of(pieces: &[Piece], files: usize) -> Self {
        let (rows, bytes) = (pieces.iter().map(|piece| piece.rows).sum(), pieces.iter().map(|piece| piece.bytes).sum());
        WriteSummary { files: files as u64, rows, bytes }
    }

    fn to_batch(self) -> Result<RecordBatch> {
        let column = |value: u64| -> ArrayRef { Arc::new(UInt64Array::from(vec![value])) };
        let columns = [("files", column(self.files)), ("rows", column(self.rows)), ("bytes", column(self.bytes))];
        Ok(RecordBatch::try_from_iter(columns)?)
    }

    /// The summary in the result of a commit.
    pub(crate) fn of_data(data: &Data) -> Result<Self> {
        let told = || Error::internal("a commit does not say what it did");
        let Data::Batches(rows) = data else { return Err(told()) };
        let frame = crate::Frame::from(rows.batches.first().cloned().ok_or_else(told)?);
        Ok(WriteSummary { files: frame.value(0, "files")?, rows: frame.value(0, "rows")?, bytes: frame.value(0, "bytes")? })
    }
}

/// What is to be committed.
pub(super) struct CommitBody(pub(super) Target);

impl CommitBody {
    pub(super) fn template(self) -> Template {
        Template { kind: KIND, body: Arc::new(self) }
    }
}

impl Body for CommitBody {
    fn encode(&self) -> Result<Bytes> {
        let bytes = postcard::to_stdvec(&self.0);
        bytes.map(Bytes::from).map_err(|error| Error::internal(format!("a target cannot be encoded: {error}")))
    }

    fn describe(&self) -> String {
        format!("commit({})", self.0.shown())
    }
}

/// Commits.
struct CommitKind;

impl TaskKind for CommitKind {
    fn name(&self) -> &'static str {
        KIND
    }

    fn decode(&self, bytes: &[u8]) -> Result<Arc<dyn Body>> {
        let target = postcard::from_bytes(bytes);
        Ok(Arc::new(CommitBody(target.map_err(|_| Error::new(ErrorKind::BadValue, "the wire form of a target is damaged"))?)))
    }

    fn inputs(&self) -> InputMode {
        InputMode::Whole
    }

    fn run(&self, body: &Arc<dyn Body>, cx: TaskContext) -> Result<Running> {
        let body = body.downcast_ref::<CommitBody>();
        let target = body.ok_or_else(|| Error::internal("frame.commit was given the body of another kind"))?.0.clone();
        Ok(Running::Blocking(Box::new(move || {
            for task in cx.tasks().collect::<Vec<_>>() {
                let pieces = of_data(&cx.ready(0, task)?)?;
                if let Err(cancelled) = cx.checkpoint() {
                    give_up(&target, &pieces);
                    return Err(cancelled);
                }
                // An effect that failed half-way is taken back, and it is for the user to try again.
                let done = commit(&target, &pieces, &|| cx.checkpoint().is_ok()).map_err(|error| error.with_retry(Retry::Never))?;
                let batch = done.to_batch()?;
                cx.put_batches(task, batch.schema(), vec![batch])?;
            }
            Ok(())
        })))
    }
}

/// Makes these pieces what is there, as long as it `may_wait` for others.
fn commit(target: &Target, pieces: &[Piece], may_wait: &dyn Fn() -> bool) -> Result<WriteSummary> {
    match target.site.is_local() {
        true => local::commit(target, pieces, may_wait),
        false => remote::commit(target, pieces),
    }
}

/// Removes what was written and is not committed.
fn give_up(target: &Target, pieces: &[Piece]) {
    match target.site.is_local() {
        true => target.sweep(),
        false => remote::give_up(target, pieces),
    }
}

/// Takes back a commit that has begun and that nobody completes, as far as that can be done now; else the next one to the same
/// directory does it.
pub(super) fn take_back(target: &Target) {
    if target.site.is_local() && target.layout == Layout::Directory {
        local::take_back(target);
    }
}

/// Where a piece belongs, below the directory of the data set.
fn place_of(target: &Target, piece: &Piece) -> String {
    joined(&piece.directory, &target.names.name(piece.partition, piece.nth))
}

/// What a write adds to the manifest of a directory.
fn entries(target: &Target, pieces: &[Piece]) -> Vec<Entry> {
    let entry = |piece: &Piece| Entry { path: place_of(target, piece), rows: piece.rows, bytes: piece.bytes };
    pieces.iter().map(entry).collect()
}

/// What the directory's manifest will say, where it says `old` now, and which files of earlier writes go.
fn next(target: &Target, old: Option<Manifest>, own: &[Entry]) -> (Manifest, Vec<Entry>) {
    let old = old.map(|old| old.files).unwrap_or_default();
    let (kept, gone) = if target.mode == Mode::Append { (old, Vec::new()) } else { (Vec::new(), old) };
    (Manifest::new(target.columns.clone(), kept.into_iter().chain(own.iter().cloned()).collect()), gone)
}
