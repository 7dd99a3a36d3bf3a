//! Arrow IPC files, of the file format and of the stream format: looked at once, decoded column by column.
//!
//! - [`IpcOptions`]: what to read and how. `open`: lists files and agrees on columns, as a source. `head`: what a file says
//!   of itself.
//! - `table`: files, columns and partitions. `exec`: the scan as a plan's leaf. `scan`: the rows of a partition as columns of
//!   the table. `rows`: the record batches of a file.
//!
//! Only columns that are wanted are decoded, and texts stay as they are stored. A file of the file format is cut between
//! record batches where it is large; a stream is read by one task.

mod exec;
mod head;
mod open;
mod options;
mod rows;
mod scan;
mod table;

pub(crate) use exec::IpcScanExec;
pub(crate) use open::Ipc;
pub use options::IpcOptions;
