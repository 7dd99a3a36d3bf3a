//! Zarr arrays, versions 2 and 3, on file systems and in buckets.
//!
//! `stored`: an array that is there, read by boxes. `metadata`: the document of one that is made. `write`: whole storage chunks
//! by many tasks. `store`: files and objects as `zarrs` sees them. `error`: what it reports, in our terms.
//!
//! Inside a task `zarrs` keeps to one thread: tasks are what runs at once. The document travels with the tasks, so that
//! none of them asks for it.

mod error;
mod metadata;
mod store;
mod stored;
mod write;

pub(crate) use stored::ZarrArray;
pub(crate) use write::{Layout, ZarrTarget};

use crate::grid::{Axis, Grid, auto_chunks};
use serde::{Deserialize, Serialize};
use zarrs::array::CodecOptions;

/// A version of the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Version {
    V2,
    V3,
}

impl Version {
    /// The file with the document.
    fn document(self) -> &'static str {
        match self {
            Version::V2 => ".zarray",
            Version::V3 => "zarr.json",
        }
    }
}

/// Says, while an array is being written, that it is not whole.
const MARKER: &str = ".stratal-writing";

/// Whether a document of version 3 is that of a group.
fn is_group(document: &str) -> bool {
    document.split_whitespace().collect::<String>().contains("\"node_type\":\"group\"")
}

/// One thread.
fn options() -> CodecOptions {
    CodecOptions::default().with_concurrent_target(1).with_chunk_concurrent_minimum(1)
}

/// Chunks of about so many bytes, each of whole units of storage.
fn of_units(shape: &[usize], unit: &[usize], item: usize, bytes: u64) -> Grid {
    let counts: Vec<usize> = shape.iter().zip(unit).map(|(len, unit)| len.div_ceil(*unit)).collect();
    let size = unit.iter().fold(item, |bytes, len| bytes.saturating_mul(*len));
    let axes = auto_chunks(&counts, &[], size, bytes);
    let side = |((axis, len), unit): ((&Axis, &usize), &usize)| Axis::regular(*len, axis.largest().max(1).saturating_mul(*unit));
    Grid::new(axes.iter().zip(shape).zip(unit).map(side).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_told_from_an_array() {
        assert!(is_group("{\n  \"shape\": 1, \"node_type\" : \"group\" }") && !is_group("{\"node_type\": \"array\"}"));
    }

    #[test]
    fn chunks_are_of_whole_units() {
        assert_eq!(of_units(&[100, 10], &[7, 10], 8, 2000).axes, [Axis::regular(100, 14), Axis::regular(10, 10)]);
        assert_eq!(of_units(&[100], &[30], 8, 1).axes, [Axis::regular(100, 30)]);
        assert_eq!(of_units(&[0, 5], &[1, 5], 8, 1000).axes, [Axis::regular(0, 1), Axis::regular(5, 5)]);
        assert!(of_units(&[], &[], 8, 1).axes.is_empty());
    }
}
