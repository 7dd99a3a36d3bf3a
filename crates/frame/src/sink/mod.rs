//! Rows to files: every partition writes, hidden; one task commits.
//!
//! - [`CsvWrite`], [`JsonWrite`], [`ParquetWrite`], [`IpcWrite`], [`Mode`]: what is asked for. `format`: what files hold.
//! - `prepare`: options to a `target`, with everything that can be wrong found before anything runs; `found`: what is there
//!   already; `overlap`: whether it is what the same frame reads. `plan`: the graph.
//! - `operator`: the end of a plan that writes. `partition`: the rows of a partition to files, apart by keys (`hive`).
//!   `encode`, `compress`: rows to bytes. `output`: bytes to a hidden file or an upload. `piece`: what was written, told.
//! - `commit`: what was written becomes what is there. `manifest`: what a directory holds.

mod commit;
mod compress;
mod encode;
mod format;
mod found;
mod hive;
mod manifest;
mod operator;
mod options;
mod output;
mod overlap;
mod partition;
mod piece;
mod plan;
mod prepare;
mod target;

pub use commit::WriteSummary;
pub(crate) use operator::WriteFiles;
pub(crate) use options::Job;
pub use options::{CsvWrite, IpcWrite, JsonWrite, Mode, ParquetWrite};
pub(crate) use plan::Unfinished;
