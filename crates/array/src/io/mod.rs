//! Files: `.npy`, `.npz` and Zarr, here and in buckets. Read lazily by boxes, written by many tasks and never half.
//!
//! `source`: what is read. `target`: what is written. `options`: what users say of both. `npy`, `zarr`: the formats. `glob`:
//! paths with `*`.

mod glob;
mod npy;
mod options;
mod source;
mod target;
mod zarr;

pub(crate) use npy::{NpyFiles, NpyTarget};
pub use options::{NpyOptions, NpyWrite, ZarrOptions, ZarrWrite};
pub(crate) use source::Source;
pub(crate) use target::Target;
pub(crate) use zarr::{ZarrArray, ZarrTarget};
