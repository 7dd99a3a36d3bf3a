//! [`ZarrTarget`]: an array that is being written, whole storage chunks by many tasks at once.
//!
//! A marker says that it is not whole; the document comes last, so that no program takes a half-written array for a whole one.

use super::{
    MARKER, Version,
    error::of_array,
    is_group,
    metadata::{Compressor, Document},
    of_units, options,
    store::{self, Objects},
    stored::parsed,
};
use crate::{
    grid::{Axis, Chunks, Grid, lens, show_shape},
    scalar::Scalar,
};
use arrow_buffer::MutableBuffer;
use object_store::ObjectStore;
use serde::{Deserialize, Serialize};
use std::{ops::Range, sync::Arc};
use stratal_core::{
    Error, ErrorKind, Result,
    value::{Chunk, DType},
};
use stratal_stores::{Place, of_store, wait_here};
use zarrs::array::{Array, ArrayBytes};

/// An array that is being written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ZarrTarget {
    place: Place,
    version: Version,
    document: String,
    overwrite: bool,
    dtype: DType,
    shape: Vec<usize>,
    /// What one object holds: a chunk, or a shard.
    unit: Vec<usize>,
    fill: Scalar,
}

/// What users say of the array.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    pub(crate) version: Version,
    pub(crate) chunks: Option<Chunks>,
    pub(crate) shards: Option<Chunks>,
    pub(crate) compressor: String,
    pub(crate) checksum: bool,
    pub(crate) separator: Option<char>,
    pub(crate) fill: Option<Scalar>,
    pub(crate) overwrite: bool,
}

/// The sides of chunks that are all alike.
fn sides(chunks: &Chunks, what: &str, shape: &[usize], item: usize, bytes: u64) -> Result<Vec<usize>> {
    let grid = chunks.grid(shape, item, bytes)?;
    let side = |axis: &Axis| match axis {
        Axis::Regular { chunk, .. } => Ok(*chunk),
        Axis::Cuts(_) => Err(Error::new(ErrorKind::BadValue, format!("{what} of Zarr are all alike, and cuts were given"))
            .with_help("give one length, or one for each axis: [100, 100]")),
    };
    grid.axes.iter().map(side).collect()
}

impl ZarrTarget {
    /// What is to be written, of an array of a grid. Touches nothing. `bytes` is what a chunk aims at where nothing is said.
    ///
    /// # Errors
    /// `BadValue`, `DType` for what no array can be.
    pub(crate) fn plan(place: Place, layout: &Layout, dtype: DType, grid: &Grid, bytes: u64) -> Result<Self> {
        let shape = grid.shape();
        let item = dtype.size();
        let bad = |message: String, help: &str| Err(Error::new(ErrorKind::BadValue, message).with_help(help));
        if place.site.is_web() {
            return bad(format!("{} takes no files", place.show()), "write to a directory or to a bucket");
        }
        let fill = match layout.fill {
            None => Scalar::zero(dtype),
            Some(fill) if fill.dtype() == dtype => fill,
            Some(fill) => {
                return Err(Error::new(ErrorKind::DType, format!("the fill value is {}, and the array is {dtype}", fill.dtype()))
                    .with_help(format!("give the value as {dtype}, or .cast the array")));
            }
        };
        let separator = match (layout.separator, layout.version) {
            (None, Version::V2) => '.',
            (None, Version::V3) => '/',
            (Some(separator @ ('.' | '/')), _) => separator,
            (Some(other), _) => return bad(format!("{other:?} does not separate the numbers of a chunk"), "separators are '/' and '.'"),
        };
        let chunk: Vec<usize> = match &layout.chunks {
            Some(chunks) => sides(chunks, "chunks", &shape, item, bytes)?,
            // Chunks that are not all alike are cut anew, to the largest of them.
            None => grid.axes.iter().map(|axis| axis.largest().max(1)).collect(),
        };
        let (unit, inner) = match &layout.shards {
            None => (chunk, None),
            Some(_) if layout.chunks.is_none() => {
                return bad("shards are given, and no chunks".to_owned(), "say what they are made of: .chunks([100, 100])");
            }
            Some(shards) => {
                let shard = sides(shards, "shards", &shape, item, bytes)?;
                // A shard that is cut to the array's length is rounded up to whole chunks.
                let whole: Vec<usize> = shard
                    .iter()
                    .zip(&chunk)
                    .zip(&shape)
                    .map(|((shard, chunk), len)| if shard == len { shard.next_multiple_of(*chunk) } else { *shard })
                    .collect();
                if whole.iter().zip(&chunk).any(|(shard, chunk)| shard % chunk != 0) {
                    let message = format!("shards of {} are not made of whole chunks of {}", show_shape(&shard), show_shape(&chunk));
                    return bad(message, "the sides of a shard are multiples of those of a chunk");
                }
                (whole, Some(chunk))
            }
        };
        let compressor = Compressor::parse(&layout.compressor)?;
        let (version, checksum) = (layout.version, layout.checksum);
        let document =
            Document { version, dtype, shape: &shape, chunk: &unit, inner: inner.as_deref(), compressor, checksum, separator, fill }
                .write()?;
        parsed(version, &document, &place)?;
        Ok(ZarrTarget { place, version, document, overwrite: layout.overwrite, dtype, shape, unit, fill })
    }

    /// Where it will be.
    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// Whether what is there may be replaced.
    pub(crate) fn overwrites(&self) -> bool {
        self.overwrite
    }

    /// The grid in which the array is written: its own where that is of whole units, so that no two tasks write one.
    pub(crate) fn grid(&self, own: &Grid, bytes: u64) -> Grid {
        let whole = |(axis, unit): (&Axis, &usize)| match axis {
            Axis::Regular { len, chunk } => chunk >= len || chunk % unit == 0,
            Axis::Cuts(cuts) => cuts[..cuts.len() - 1].iter().all(|cut| cut % unit == 0),
        };
        match own.axes.iter().zip(&self.unit).all(whole) {
            true => own.clone(),
            false => of_units(&self.shape, &self.unit, self.dtype.size(), bytes),
        }
    }

    /// Begins to write: removes what may be replaced, and leaves the marker.
    ///
    /// # Errors
    /// `Exists` for what is there and may not be replaced; what the store reports.
    pub(crate) fn begin(&self) -> Result<()> {
        let exists =
            |message: &str, help: &str| Err(Error::new(ErrorKind::Exists, message).in_file(self.place.show(), None, None).with_help(help));
        if self.place.local().is_some_and(|path| path.is_file()) {
            return exists("this is a file, and an array is a directory", "name another path");
        }
        let below = self.place.below()?;
        let there = wait_here(below.list_with_delimiter(None)).map_err(|error| of_store(error, &self.place.show()))?;
        let objects = store::objects(&self.place)?;
        let mark = || store::put(&objects, &self.place, MARKER, "This Zarr array is being written. It is whole when this file is gone.\n");
        let has = |name: &str| there.objects.iter().any(|object| object.location.filename() == Some(name));
        if !there.objects.is_empty() || !there.common_prefixes.is_empty() {
            let third = match has(Version::V3.document()) {
                true => store::text(&objects, &self.place, Version::V3.document())?,
                false => None,
            };
            let is_array = has(Version::V2.document()) || third.as_ref().is_some_and(|document| !is_group(document));
            match (is_array, has(MARKER)) {
                (true, _) | (false, true) if self.overwrite => {}
                (true, _) => return exists("there is an array already", "remove it, or ZarrWrite::new(path).overwrite()"),
                (false, true) => {
                    return exists("an array was not written to the end", "if nobody is writing it: ZarrWrite::new(path).overwrite()");
                }
                (false, false) if has(".zgroup") || third.is_some() => return exists("there is a group of arrays", "name an array in it"),
                (false, false) => return exists("there are files that are no Zarr array", "name another path"),
            }
            // Whatever happens from here on, nothing is taken for an array, and what is there may be replaced.
            mark()?;
            for name in [Version::V3.document(), Version::V2.document(), ".zattrs", ".zmetadata"] {
                store::remove(&objects, &self.place, name)?;
            }
            store::clear(&objects, &self.place)?;
        }
        mark()
    }

    /// Writes a box of whole units, but at the ends of the axes. Done twice, it is the same.
    ///
    /// # Errors
    /// What the store reports.
    pub(crate) fn put(&self, bounds: &[Range<usize>], chunk: &Chunk) -> Result<()> {
        let array: Array<Objects> = parsed(self.version, &self.document, &self.place)?.with_storage(Arc::new(store::objects(&self.place)?));
        let units: Vec<Range<usize>> =
            bounds.iter().zip(&self.unit).map(|(range, unit)| range.start / unit..range.end.div_ceil(*unit)).collect();
        if bounds.iter().any(|range| range.is_empty()) {
            return Ok(());
        }
        let counts = lens(&units);
        for nth in 0..counts.iter().product::<usize>() {
            let mut rest = nth;
            let mut index = vec![0u64; units.len()];
            for axis in (0..units.len()).rev() {
                index[axis] = (units[axis].start + rest % counts[axis]) as u64;
                rest /= counts[axis];
            }
            let (mut from, mut len) = (Vec::with_capacity(index.len()), Vec::with_capacity(index.len()));
            for ((at, unit), range) in index.iter().zip(&self.unit).zip(bounds) {
                let start = *at as usize * unit;
                from.push(start - range.start);
                len.push((start + unit).min(range.end) - start);
            }
            let part = self.padded(&chunk.view(&from, &len, &vec![1; len.len()])?)?;
            let bytes = part.as_bytes().ok_or_else(|| Error::internal("a compact chunk is not contiguous"))?;
            let stored = array.store_chunk_opt(&index, ArrayBytes::new_flen(bytes), &options());
            stored.map_err(|error| of_array(&error, &self.place))?;
        }
        Ok(())
    }

    /// A unit: what an axis is too short for is the fill value.
    fn padded(&self, part: &Chunk) -> Result<Chunk> {
        if part.shape() == self.unit {
            return Ok(part.compact());
        }
        let size = self.dtype.size();
        let mut out = MutableBuffer::from_len_zeroed(self.unit.iter().product::<usize>() * size);
        if self.fill.bytes().iter().any(|byte| *byte != 0) {
            out.as_slice_mut().chunks_exact_mut(size).for_each(|item| item.copy_from_slice(self.fill.bytes()));
        }
        part.write_into(out.as_slice_mut(), &self.unit, &vec![0; self.unit.len()])?;
        Chunk::new(self.dtype, &self.unit, out.into())
    }

    /// Makes it an array, when all boxes are put.
    ///
    /// # Errors
    /// What the store reports.
    pub(crate) fn finish(&self) -> Result<()> {
        let objects = store::objects(&self.place)?;
        store::put(&objects, &self.place, self.version.document(), &self.document)?;
        store::remove(&objects, &self.place, MARKER)
    }
}
