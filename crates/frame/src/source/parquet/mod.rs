//! Parquet files: listed and looked at once, their footers kept, decoded by DataFusion.
//!
//! - [`ParquetOptions`]: what to read and how. `open`: lists files and agrees on columns, as a source. `footers`: read and
//!   kept. `columns`: what stands in a file. `statistics`: what footers say of rows.
//! - `table`: the files as a table for DataFusion. `prune`: files that cannot have a row that is wanted.
//! - `exec`: the scan as a plan's leaf. `filter`: what it may be given to filter by. `late`: who evaluates that.
//! - `slice`: what a partition reads of a file. `stream`: the rows of a partition. `reader`: the bytes of a file.
//!
//! Numbers of rows and extremes come from footers: the plan of `count()` reads nothing. Filters, columns and limits are
//! pushed into the scan; a filter rules out files when a plan is made, then row groups and pages. Where the columns that only
//! the result needs are most of what is read, the decoder evaluates it before it decodes them; else it stays above the scan.

mod columns;
mod exec;
mod filter;
mod footers;
mod late;
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
