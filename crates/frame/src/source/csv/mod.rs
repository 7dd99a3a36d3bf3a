//! CSV files: typed by samples of every file, cut where records begin, every mistake named by file, line and column.
//!
//! - [`CsvOptions`]: what to read and how.
//! - `record`: bytes to records and fields; the only place that knows about quotes. `many`: many records at once. `records`: the
//!   records of a part of a file. `head`: what stands before them.
//! - `sample`, `infer`: types from samples. `columns`: names of several files as those of one table. `cuts`: where large
//!   files are cut. `open`: all of that together, as a table. `table`: that table for DataFusion.
//! - `parse`: fields to arrays. `scan`: the rows of one partition. `exec`: the scan as a plan's leaf.
//!
//! DataFusion's own CSV reader is not used: it cannot tell an empty text (`""`) from a missing value, reads columns by
//! position, and does not know the line of what it refuses.

mod columns;
mod cuts;
mod exec;
mod head;
mod infer;
mod many;
mod open;
mod options;
mod parse;
mod record;
mod records;
mod sample;
mod scan;
mod table;

pub(crate) use exec::CsvScanExec;
pub(crate) use open::Csv;
pub use options::{CsvOptions, OnMismatch, RaggedRows};
