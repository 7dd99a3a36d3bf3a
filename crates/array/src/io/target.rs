//! [`Target`]: stored arrays that are written, box by box by many tasks.
//!
//! The order of calls is `begin` where the verb is, `put` in the tasks, and `finish` where the verb is, or `abandon`.

use super::{npy::NpyTarget, zarr::ZarrTarget};
use crate::grid::Grid;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use stratal_core::{Result, value::Chunk};
use stratal_stores::Place;

/// An array that is being written. It travels to whoever writes: paths and settings, no elements.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Target {
    Npy(NpyTarget),
    Zarr(ZarrTarget),
}

impl Target {
    /// The grid in which an array is written: its own where that does.
    pub(crate) fn grid(&self, own: &Grid, bytes: u64) -> Grid {
        match self {
            Target::Npy(target) => target.grid(own, bytes),
            Target::Zarr(target) => target.grid(own, bytes),
        }
    }

    /// The place, where what is there is replaced.
    pub(crate) fn replaces(&self) -> Option<&Place> {
        match self {
            Target::Npy(target) => target.overwrites().then(|| target.place()),
            Target::Zarr(target) => target.overwrites().then(|| target.place()),
        }
    }

    /// Makes room.
    ///
    /// # Errors
    /// `Exists` for what is there and may not be replaced; what the store reports.
    pub(crate) fn begin(&self) -> Result<()> {
        match self {
            Target::Npy(target) => target.begin(),
            Target::Zarr(target) => target.begin(),
        }
    }

    /// Writes a box. Done twice, it is the same.
    ///
    /// # Errors
    /// What the store reports.
    pub(crate) fn put(&self, bounds: &[Range<usize>], chunk: &Chunk) -> Result<()> {
        match self {
            Target::Npy(target) => target.put(bounds, chunk),
            Target::Zarr(target) => target.put(bounds, chunk),
        }
    }

    /// Makes of what was written a whole.
    ///
    /// # Errors
    /// Where it is none; what the store reports.
    pub(crate) fn finish(&self) -> Result<()> {
        match self {
            Target::Npy(target) => target.finish(),
            Target::Zarr(target) => target.finish(),
        }
    }

    /// Gives up. Of a Zarr array the marker stays, for tasks may still be at work.
    pub(crate) fn abandon(&self) {
        if let Target::Npy(target) = self {
            target.abandon();
        }
    }
}
