//! [`ZarrArray`]: an array that is there. Tasks read boxes of it, and of the storage only what these touch.

use super::{
    MARKER, Version,
    error::{of_array, of_opening},
    is_group, of_units, options, store,
};
use crate::grid::{Axis, Grid, lens};
use arrow_buffer::Buffer;
use serde::{Deserialize, Serialize};
use std::{ops::Range, sync::Arc};
use stratal_core::{
    Error, ErrorKind, Result,
    value::{Chunk, DType},
};
use stratal_stores::Place;
use zarrs::{
    array::{Array, ArrayBytes, ArrayShardedExt, ArraySubset},
    plugin::ExtensionName,
    storage::{ReadableStorageTraits, store::MemoryStore},
};

/// How many times what is wanted may be decoded before an array is read in its own chunks and then cut.
const EXCESS: f64 = 2.0;

/// An array in storage.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct ZarrArray {
    place: Place,
    version: Version,
    document: String,
    dtype: DType,
    shape: Vec<usize>,
    /// What one object holds: a chunk, or a shard of several.
    chunk: Vec<usize>,
    /// What is decoded at once, in shards.
    inner: Option<Vec<usize>>,
}

/// The array of a document, over no storage.
pub(super) fn parsed(version: Version, document: &str, place: &Place) -> Result<Array<MemoryStore>> {
    let memory = MemoryStore::new();
    store::put(&memory, place, version.document(), document)?;
    Array::open(Arc::new(memory), "/").map_err(|error| of_opening(&error, place))
}

fn dtype_of(array: &Array<MemoryStore>, place: &Place) -> Result<DType> {
    let name = array.data_type().name_v3();
    match name.as_deref() {
        Some("bool") => Ok(DType::Bool),
        Some("int8") => Ok(DType::I8),
        Some("int16") => Ok(DType::I16),
        Some("int32") => Ok(DType::I32),
        Some("int64") => Ok(DType::I64),
        Some("uint8") => Ok(DType::U8),
        Some("uint16") => Ok(DType::U16),
        Some("uint32") => Ok(DType::U32),
        Some("uint64") => Ok(DType::U64),
        Some("float32") => Ok(DType::F32),
        Some("float64") => Ok(DType::F64),
        Some("complex64" | "complex_float32") => Ok(DType::C64),
        Some("complex128" | "complex_float64") => Ok(DType::C128),
        _ => {
            let error = Error::new(ErrorKind::DType, format!("elements of the type {} are not read", array.data_type()));
            Err(error.in_file(place.show(), None, None).with_help("write them as numbers or booleans"))
        }
    }
}

fn counted(lens: &[u64], place: &Place) -> Result<Vec<usize>> {
    let bad = || Error::new(ErrorKind::Shape, format!("a shape {lens:?} cannot be counted")).in_file(place.show(), None, None);
    lens.iter().map(|len| usize::try_from(*len).map_err(|_| bad())).collect()
}

impl ZarrArray {
    /// The array at a path or a URL.
    ///
    /// # Errors
    /// `NotFound` where there is none; `BadValue` for one that is half written, or of a kind that is not read.
    pub(crate) fn open(path: &str, storage: &[(String, String)]) -> Result<Self> {
        let place = Place::of(path, storage)?;
        let store = store::readable(&place)?;
        for version in [Version::V3, Version::V2] {
            let Some(document) = store::text(&*store, &place, version.document())? else { continue };
            // The document of a group of version 3 has the same name.
            if version == Version::V3 && is_group(&document) {
                return Err(group(&place));
            }
            return ZarrArray::of(place, version, document);
        }
        let error = |kind, message: &str| Error::new(kind, message).in_file(place.show(), None, None);
        if store::text(&*store, &place, MARKER)?.is_some() {
            return Err(error(ErrorKind::BadValue, "the array was not written to the end")
                .with_help("write it again with ZarrWrite::new(path).overwrite(), or wait for whoever is writing it"));
        }
        if store::text(&*store, &place, ".zgroup")?.is_some() {
            return Err(group(&place));
        }
        Err(error(ErrorKind::NotFound, "there is no Zarr array").with_help("an array is a directory with zarr.json or .zarray in it"))
    }

    fn of(place: Place, version: Version, document: String) -> Result<Self> {
        let array = parsed(version, &document, &place)?;
        let dtype = dtype_of(&array, &place)?;
        let shape = counted(array.shape(), &place)?;
        let first = vec![0; shape.len()];
        let lens = |lens: &[std::num::NonZeroU64]| counted(&lens.iter().map(|len| len.get()).collect::<Vec<u64>>(), &place);
        // Where an axis is empty, it has no first chunk.
        let chunk = match array.chunk_shape(&first) {
            Ok(chunk) => lens(&chunk)?,
            Err(_) => shape.iter().map(|len| (*len).max(1)).collect(),
        };
        let inner = match array.is_sharded() {
            true => array.effective_subchunk_shape().map(|inner| lens(&inner)).transpose()?,
            false => None,
        };
        Ok(ZarrArray { dtype, shape, chunk, inner, place, version, document })
    }

    pub(crate) fn dtype(&self) -> DType {
        self.dtype
    }

    /// What is decoded together: a chunk, a shard, or where shards are larger than so many bytes, a chunk in them.
    fn unit(&self, bytes: u64) -> &[usize] {
        let size = self.chunk.iter().fold(self.dtype.size() as u64, |size, len| size.saturating_mul(*len as u64));
        match &self.inner {
            Some(inner) if size > bytes => inner,
            _ => &self.chunk,
        }
    }

    /// The grid of chunks of about so many bytes, each of whole storage chunks.
    pub(crate) fn grid(&self, bytes: u64) -> Grid {
        of_units(&self.shape, self.unit(bytes), self.dtype.size(), bytes)
    }

    /// Whether chunks of a grid are read without decoding much twice.
    pub(crate) fn suits(&self, grid: &Grid) -> bool {
        let unit = self.inner.as_deref().unwrap_or(&self.chunk);
        grid.axes.iter().zip(unit).map(|(axis, unit)| excess(axis, *unit)).product::<f64>() <= EXCESS
    }

    /// The elements of a box.
    ///
    /// # Errors
    /// `BadValue` for a damaged chunk; what the store reports.
    pub(crate) fn block(&self, bounds: &[Range<usize>]) -> Result<Chunk> {
        let shape = lens(bounds);
        if shape.contains(&0) {
            return Chunk::new(self.dtype, &shape, Buffer::from_vec(Vec::<u8>::new()));
        }
        let array: Array<dyn ReadableStorageTraits> =
            parsed(self.version, &self.document, &self.place)?.with_storage(store::readable(&self.place)?);
        let ranges: Vec<Range<u64>> = bounds.iter().map(|range| range.start as u64..range.end as u64).collect();
        let subset = ArraySubset::new_with_ranges(&ranges);
        let bytes: ArrayBytes<'static> =
            array.retrieve_array_subset_opt(&subset, &options()).map_err(|error| of_array(&error, &self.place))?;
        let bytes = bytes.into_fixed().map_err(|error| Error::internal(error.to_string()))?;
        let mut bytes = bytes.into_owned();
        if self.dtype.is_bool() {
            bytes.iter_mut().for_each(|byte| *byte = u8::from(*byte != 0));
        }
        Chunk::new(self.dtype, &shape, Buffer::from_vec(bytes))
    }

    /// Whether it is in a place, or that in it.
    pub(crate) fn overlaps(&self, place: &Place) -> bool {
        self.place.overlaps(place)
    }
}

fn group(place: &Place) -> Error {
    Error::new(ErrorKind::BadValue, "this is a group of arrays, and one array is read")
        .in_file(place.show(), None, None)
        .with_help(format!("name an array in it: {}/NAME", place.show()))
}

/// How many times each unit along an axis is touched by the chunks of a grid, on average.
fn excess(axis: &Axis, unit: usize) -> f64 {
    let units = axis.len().div_ceil(unit).max(1) as f64;
    match axis {
        Axis::Regular { len, chunk } if chunk >= len || chunk % unit == 0 => 1.0,
        Axis::Regular { chunk, .. } if unit.is_multiple_of(*chunk) => unit as f64 / *chunk as f64,
        Axis::Regular { chunk, .. } => 1.0 + unit as f64 / *chunk as f64,
        Axis::Cuts(cuts) => {
            let touched = cuts.windows(2).map(|cut| if cut[0] == cut[1] { 0 } else { (cut[1] - 1) / unit - cut[0] / unit + 1 });
            touched.sum::<usize>() as f64 / units
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_units_that_several_chunks_touch_are_counted() {
        assert_eq!(excess(&Axis::regular(100, 20), 10), 1.0);
        assert_eq!(excess(&Axis::regular(100, 5), 10), 2.0);
        assert_eq!(excess(&Axis::of_lens([15, 5, 20]), 10), 1.25);
        assert_eq!(excess(&Axis::of_lens([0, 10, 10, 20]), 10), 1.0);
        assert!(excess(&Axis::regular(100, 15), 10) > 1.3);
        assert_eq!(excess(&Axis::regular(0, 1), 10), 1.0);
    }
}
