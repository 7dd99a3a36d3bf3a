//! The files that suites read: generated on the spot, the same for the same settings wherever that is.
//!
//! `tpch`: the tables of TPC-H. `groups`: those of the group-by questions and joins. `csv`: text of three shapes. `arrays`: numbers in
//! memory, and arrays in storage. `random`: numbers by their place. `files`: directories that are made once, and files in them.

mod arrays;
mod csv;
mod files;
mod groups;
mod random;
mod tpch;

pub(crate) use arrays::{line, numbers, plane, zarr};
pub(crate) use csv::{SHAPES, csv};
pub(crate) use files::size;
pub(crate) use groups::groups;
pub(crate) use tpch::tpch;
