//! Parquet files: listed and looked at once, their footers kept, decoded by DataFusion.
//!
//! - [`ParquetOptions`]: what to read and how. `open`: lists files and agrees on columns, as a source. `footers`: read and
//!   kept. `columns`: what stands in a file. `statistics`: what footers say of rows.
//! - `table`: the files as a table for DataFusion. `prune`: files that cannot have a row that is wanted.
//! - `exec`: the scan as a plan's leaf. `slice`: what a partition reads of a file. `stream`: the rows of a partition.
//!   `reader`: the bytes of a file.
//!
//! Numbers of rows and extremes come from footers: the plan of `count()` reads nothing. Filters, columns and limits are
//! pushed into the scan; a filter rules out files when a plan is made, then row groups and pages, and is evaluated before the
//! columns that it does not need are decoded.

mod columns;
mod exec;
mod footers;
mod open;
mod options;
mod prune;
mod reader;
mod slice;
mod statistics;
mod stream;
mod table;

pub(crate) use exec::ParquetScanExec;
pub(crate) use open::Parquet;
pub use options::ParquetOptions;
