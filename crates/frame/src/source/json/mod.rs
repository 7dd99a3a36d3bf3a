//! JSON files: one object a line, or one array of objects. Typed by samples of every file, cut at newlines, every mistake
//! named by file, line and column.
//!
//! - [`JsonOptions`]: what to read and how.
//! - `records`: bytes to objects. `kind`: what values may be, and the narrowest type for all of them. `sample`: types from
//!   samples. `open`: files, types and partitions as a table. `table`: that table for DataFusion.
//! - `decode`: objects to arrays. `fault`: which object and which column is wrong. `scan`: the rows of one partition, as a
//!   plan's leaf.

mod decode;
mod fault;
mod kind;
mod open;
mod options;
mod records;
mod sample;
mod scan;
mod table;

pub(crate) use open::Json;
pub use options::JsonOptions;
pub(crate) use scan::JsonScan;
