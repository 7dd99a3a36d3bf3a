//! `.npy` and `.npz` files, lazily: headers when the array is made, and of the elements the bytes that a task's box needs.
//!
//! `header`: what files begin with. `boxes`: which bytes a box is. `zip`: arrays inside archives. `write`: arrays to files.

mod boxes;
mod header;
mod write;
mod zip;

pub(crate) use write::NpyTarget;

use crate::{
    grid::{Axis, Grid, show_shape},
    io::glob,
};
use arrow_buffer::MutableBuffer;
use header::Header;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use stratal_core::{
    Error, ErrorKind, Result, runtime,
    value::{Chunk, DType},
};
use stratal_stores::{Place, Site, is_glob, wait_here};
use tokio::task::JoinSet;
use zip::{Packed, Stored};

/// Headers that are asked for at once.
const AT_ONCE: usize = 64;
/// How many times its own bytes reading a chunk may cost before it is read in another shape and cut.
const EXCESS: f64 = 4.0;

/// Files as an array.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct NpyFiles {
    site: Site,
    files: Vec<NpyFile>,
    /// Whether the files are stacked on a new first axis.
    stacked: bool,
    dtype: DType,
    /// Of one file.
    shape: Vec<usize>,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct NpyFile {
    path: String,
    /// Where the first element stands.
    offset: u64,
    fortran: bool,
    swapped: bool,
    /// An entry of an archive that is compressed; `offset` counts in what it unpacks to.
    packed: Option<Packed>,
}

impl NpyFiles {
    /// The files of a path, a URL or a pattern.
    ///
    /// # Errors
    /// `NotFound` where there is none; `BadValue`, `DType` for a file that is no array that is read, and for files that differ.
    pub(crate) fn open(path: &str, storage: &[(String, String)]) -> Result<Self> {
        let place = Place::of(path, storage)?;
        let is_file = place.local().is_some_and(|path| path.is_file());
        let stacked = is_glob(&place.path) && !is_file;
        let places = if stacked { glob::files(&place)? } else { vec![place] };
        let headers = headers(&places)?;
        let Some((first, header)) = places.first().zip(headers.first()) else {
            return Err(Error::internal("a pattern without files"));
        };
        let file = |place: &Place, header: &Header| NpyFile {
            path: place.path.clone(),
            offset: header.len as u64,
            fortran: header.fortran,
            swapped: header.swapped,
            packed: None,
        };
        for (place, other) in places.iter().zip(&headers) {
            if (other.dtype, &other.shape) != (header.dtype, &header.shape) {
                let (dtype, shape) = (other.dtype, show_shape(&other.shape));
                let message = format!("it is {dtype} {shape}, and {} is {} {}", first.show(), header.dtype, show_shape(&header.shape));
                return Err(Error::new(ErrorKind::Shape, message)
                    .in_file(place.show(), None, None)
                    .with_help("files that are stacked are all alike: name a pattern that means those"));
            }
        }
        let files = places.iter().zip(&headers).map(|(place, header)| file(place, header)).collect();
        Ok(NpyFiles { site: first.site.clone(), files, stacked, dtype: header.dtype, shape: header.shape.clone() })
    }

    /// An array of an archive.
    ///
    /// # Errors
    /// `NotFound` where there is no such file or array; `BadValue`, `DType` for what is no array that is read.
    pub(crate) fn open_npz(path: &str, name: &str, storage: &[(String, String)]) -> Result<Self> {
        let place = Place::of(path, storage)?;
        let named = |error: Error| if error.file().is_some() { error } else { error.in_file(place.show(), None, None) };
        let (at, header, packed) = match zip::find(&place, name).map_err(named)? {
            Stored::Plain { at, size } => (at, header_at(&place, at, size).map_err(named)?, None),
            Stored::Packed(packed) => {
                let header = zip::header_of(&packed.unpack(&place)?).map_err(named)?;
                complete(&header, packed.size(), &place)?;
                (0, header, Some(packed))
            }
        };
        let Header { dtype, swapped, fortran, shape, len } = header;
        let file = NpyFile { path: place.path.clone(), offset: at + len as u64, fortran, swapped, packed };
        Ok(NpyFiles { site: place.site, files: vec![file], stacked: false, dtype, shape })
    }

    pub(crate) fn dtype(&self) -> DType {
        self.dtype
    }

    /// The grid of chunks of about so many bytes, cut across the axis that runs slowest: each is one piece of a file.
    pub(crate) fn grid(&self, bytes: u64) -> Grid {
        let first = &self.files[0];
        let most = match first.packed {
            // Of what is compressed, every task would read everything.
            Some(_) => usize::MAX,
            None => (bytes / self.dtype.size() as u64).max(1) as usize,
        };
        let ndim = self.shape.len();
        let order: Vec<usize> = if first.fortran { (0..ndim).collect() } else { (0..ndim).rev().collect() };
        let (sides, rest) = sides(&self.shape, &order, most);
        let inner = self.shape.iter().zip(sides).map(|(len, side)| Axis::regular(*len, side));
        match self.stacked {
            false => Grid::new(inner.collect()),
            true => Grid::new(std::iter::once(Axis::regular(self.files.len(), rest)).chain(inner).collect()),
        }
    }

    /// Whether chunks of a grid are read from the files without reading much else.
    pub(crate) fn suits(&self, grid: &Grid) -> bool {
        let largest: Vec<Range<usize>> = grid.axes.iter().skip(usize::from(self.stacked)).map(|axis| 0..axis.largest()).collect();
        let first = &self.files[0];
        if first.packed.is_some() {
            return grid.axes.iter().all(|axis| axis.count() == 1);
        }
        let reversed = |shape: &[usize]| shape.iter().rev().copied().collect::<Vec<usize>>();
        let (shape, bounds) = match first.fortran {
            true => (reversed(&self.shape), largest.into_iter().rev().collect()),
            false => (self.shape.clone(), largest),
        };
        boxes::excess(&self.place(first), &shape, &bounds, self.dtype.size()) <= EXCESS
    }

    fn place(&self, file: &NpyFile) -> Place {
        Place { site: self.site.clone(), path: file.path.clone() }
    }

    /// The elements of a box.
    ///
    /// # Errors
    /// `BadValue` where a file ends too soon; what the store reports.
    pub(crate) fn block(&self, bounds: &[Range<usize>]) -> Result<Chunk> {
        if !self.stacked {
            return self.of_file(&self.files[0], bounds);
        }
        let Some((files, inner)) = bounds.split_first() else { return Err(Error::internal("stacked files without an axis")) };
        let shape = crate::grid::lens(bounds);
        let mut out = MutableBuffer::from_len_zeroed(shape.iter().product::<usize>() * self.dtype.size());
        for (nth, file) in files.clone().enumerate() {
            let chunk = self.of_file(&self.files[file], inner)?;
            let one: Vec<Option<usize>> = std::iter::once(None).chain((0..inner.len()).map(Some)).collect();
            let mut at = vec![0; shape.len()];
            at[0] = nth;
            chunk.with_axes(&one)?.write_into(out.as_slice_mut(), &shape, &at)?;
        }
        Chunk::new(self.dtype, &shape, out.into())
    }

    fn of_file(&self, file: &NpyFile, bounds: &[Range<usize>]) -> Result<Chunk> {
        let ndim = self.shape.len();
        let (shape, turned): (Vec<usize>, Vec<Range<usize>>) = match file.fortran {
            true => (self.shape.iter().rev().copied().collect(), bounds.iter().rev().cloned().collect()),
            false => (self.shape.clone(), bounds.to_vec()),
        };
        let place = self.place(file);
        let chunk = match &file.packed {
            None => boxes::read(&place, file.offset, self.dtype, &shape, &turned)?,
            Some(packed) => {
                let bytes = packed.unpack(&place)?;
                let len = shape.iter().product::<usize>() * self.dtype.size();
                let elements = bytes.get(file.offset as usize..file.offset as usize + len);
                let elements = elements.ok_or_else(|| place.cut_off(file.offset, len as u64, Some(bytes.len() as u64)))?;
                let start: Vec<usize> = turned.iter().map(|range| range.start).collect();
                Chunk::new(self.dtype, &shape, elements.into())?.view(&start, &crate::grid::lens(&turned), &vec![1; ndim])?
            }
        };
        let chunk = as_written(chunk, file.swapped)?;
        match file.fortran {
            true => chunk.with_axes(&(0..ndim).rev().map(Some).collect::<Vec<_>>()),
            false => Ok(chunk),
        }
    }

    /// Whether the files are in a place, or it in one of them.
    pub(crate) fn overlaps(&self, place: &Place) -> bool {
        self.files.iter().any(|file| self.place(file).overlaps(place))
    }
}

/// The sides of boxes of at most so many elements that are one piece of a file, and how many such boxes fit. `order` has the
/// axes, the fastest first.
fn sides(shape: &[usize], order: &[usize], mut most: usize) -> (Vec<usize>, usize) {
    let mut sides = vec![1; shape.len()];
    for axis in order {
        let len = shape[*axis].max(1);
        // Nearly equal parts.
        let side = len.div_ceil(len.div_ceil(most.min(len)));
        sides[*axis] = side;
        most = if side < len { 1 } else { (most / side).max(1) };
    }
    (sides, most)
}

/// Elements as they are kept here: in this machine's order of bytes, and booleans as 0 and 1.
fn as_written(chunk: Chunk, swapped: bool) -> Result<Chunk> {
    let (dtype, shape) = (chunk.dtype(), chunk.shape().to_vec());
    let word = if dtype.is_complex() { dtype.size() / 2 } else { dtype.size() };
    if !swapped && !dtype.is_bool() {
        return Ok(chunk);
    }
    let mut out = MutableBuffer::from_len_zeroed(chunk.len() * dtype.size());
    chunk.read(0, out.as_slice_mut());
    match dtype.is_bool() {
        true => out.as_slice_mut().iter_mut().for_each(|byte| *byte = u8::from(*byte != 0)),
        false => out.as_slice_mut().chunks_exact_mut(word).for_each(<[u8]>::reverse),
    }
    Chunk::new(dtype, &shape, out.into())
}

/// The header that stands at a place of a file, of which it and the elements are `size` bytes.
fn header_at(place: &Place, at: u64, size: u64) -> Result<Header> {
    let mut bytes = place.bytes(at, size.min(header::FIRST as u64) as usize)?;
    let len = header::length(&bytes)?;
    if len as u64 > size {
        return Err(place.cut_off(at, len as u64, Some(at + size)));
    }
    if len > bytes.len() {
        bytes = place.bytes(at, len)?;
    }
    let header = header::parse(&bytes[..len])?;
    complete(&header, size, place)?;
    Ok(header)
}

/// Fails where header and elements are more than there is.
fn complete(header: &Header, size: u64, place: &Place) -> Result<()> {
    let (start, bytes) = (header.len as u64, header.bytes()?);
    match start.checked_add(bytes).is_some_and(|end| end <= size) {
        true => Ok(()),
        false => Err(place.cut_off(start, bytes, Some(size))),
    }
}

fn header_of_file(place: &Place) -> Result<Header> {
    let read = || header_at(place, 0, place.size()?);
    read().map_err(|error| if error.file().is_some() { error } else { error.in_file(place.show(), None, None) })
}

/// The headers of all files, some at once.
fn headers(places: &[Place]) -> Result<Vec<Header>> {
    if let [one] = places {
        return Ok(vec![header_of_file(one)?]);
    }
    let mut headers: Vec<Option<Header>> = vec![None; places.len()];
    for (first, some) in (0..).step_by(AT_ONCE).zip(places.chunks(AT_ONCE)) {
        let read = async {
            let mut reading = JoinSet::new();
            for (nth, place) in some.iter().enumerate() {
                let place = place.clone();
                reading.spawn_blocking_on(move || header_of_file(&place).map(|header| (first + nth, header)), runtime::io());
            }
            let mut done = Vec::with_capacity(some.len());
            while let Some(header) = reading.join_next().await {
                done.push(header.map_err(|error| Error::internal(format!("reading a header broke off: {error}")))?);
            }
            // Of several mistakes, that of the first file is told.
            Ok::<Vec<Result<(usize, Header)>>, Error>(done)
        };
        let mut failed = None;
        for header in wait_here(read)? {
            match header {
                Ok((nth, header)) => headers[nth] = Some(header),
                Err(error) => failed = failed.into_iter().chain([error]).min_by_key(|error: &Error| error.file().map(str::to_owned)),
            }
        }
        if let Some(error) = failed {
            return Err(error);
        }
    }
    headers.into_iter().map(|header| header.ok_or_else(|| Error::internal("a header was not read"))).collect()
}
