//! [`Source`]: stored arrays that are read where a task needs a box of them.

use super::{npy::NpyFiles, zarr::ZarrArray};
use crate::{
    assembly::Read,
    grid::Grid,
    made::{gone_through, walked},
};
use serde::{Deserialize, Serialize};
use std::{ops::Range, sync::Arc};
use stratal_core::{
    Result,
    value::{Chunk, DType},
};
use stratal_stores::Place;

/// A stored array. It travels to whoever reads: paths and settings, no elements.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Source {
    Npy(NpyFiles),
    Zarr(ZarrArray),
    /// What plain walks through another take of it, as of an array that is made by its place.
    Part(Arc<Source>, Vec<Read>),
}

impl Source {
    /// What its elements are.
    pub(crate) fn dtype(&self) -> DType {
        match self {
            Source::Npy(files) => files.dtype(),
            Source::Zarr(array) => array.dtype(),
            Source::Part(of, _) => of.dtype(),
        }
    }

    /// Whether chunks of a grid can be read as they are, without reading much twice.
    pub(crate) fn suits(&self, grid: &Grid) -> bool {
        match self {
            Source::Npy(files) => files.suits(grid),
            Source::Zarr(array) => array.suits(grid),
            // Where its chunks are in the whole is not known here.
            Source::Part(..) => false,
        }
    }

    /// The elements of a box.
    ///
    /// # Errors
    /// What is wrong with the file, or what its store reports.
    pub(crate) fn block(&self, bounds: &[Range<usize>]) -> Result<Chunk> {
        match self {
            Source::Npy(files) => files.block(bounds),
            Source::Zarr(array) => array.block(bounds),
            Source::Part(of, reads) => walked(reads, bounds, |bounds| of.block(bounds)),
        }
    }

    /// Elements of the largest box that is read for a chunk of a grid.
    pub(crate) fn largest(&self, grid: &Grid) -> u64 {
        match self {
            Source::Part(_, reads) => gone_through(reads, grid),
            _ => grid.largest(),
        }
    }

    /// Whether a place is in what is read, or that in it.
    pub(crate) fn overlaps(&self, place: &Place) -> bool {
        match self {
            Source::Npy(files) => files.overlaps(place),
            Source::Zarr(array) => array.overlaps(place),
            Source::Part(of, _) => of.overlaps(place),
        }
    }
}
