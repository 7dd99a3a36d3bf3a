//! Boxes of an array that stands in a file element by element in row-major order: which bytes are read, and how they are
//! put in place.
//!
//! A box is read as slabs: of the axes up to some axis one index each, of that axis the box's range, of the axes after it
//! everything. With a late axis there are many small reads, with an early one few that bring bytes nobody wants; the cheapest
//! is chosen.

use crate::grid::lens;
use arrow_buffer::MutableBuffer;
use std::ops::Range;
use stratal_core::{
    Result,
    value::{Chunk, DType},
};
use stratal_stores::Place;

/// Bytes that could be read in the time that a read takes to begin, of a file here and of one elsewhere.
const BEGIN_HERE: u64 = 16 << 10;
const BEGIN_ELSEWHERE: u64 = 256 << 10;
/// Bytes of slabs that are in memory at once beside the result.
const BATCH: usize = 16 << 20;
/// A slab has at most so many bytes, or as many as the box.
const LARGEST: u64 = 64 << 20;

/// How a box is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Slabs {
    /// The axis of which the box's range is read.
    axis: usize,
    count: u64,
    bytes: u64,
    cost: u64,
}

fn slabs(shape: &[usize], bounds: &[Range<usize>], size: usize, begin: u64) -> Slabs {
    let own = bounds.iter().fold(size as u64, |bytes, range| bytes.saturating_mul(range.len() as u64));
    let mut count = 1u64;
    let mut best: Option<Slabs> = None;
    for (axis, range) in bounds.iter().enumerate() {
        let after = shape[axis + 1..].iter().fold(size as u64, |bytes, len| bytes.saturating_mul(*len as u64));
        let bytes = after.saturating_mul(range.len() as u64);
        let cost = count.saturating_mul(begin.saturating_add(bytes));
        if bytes <= own.max(LARGEST) && best.is_none_or(|best| cost < best.cost) {
            best = Some(Slabs { axis, count, bytes, cost });
        }
        count = count.saturating_mul(range.len() as u64);
    }
    best.unwrap_or(Slabs { axis: 0, count: 1, bytes: size as u64, cost: begin })
}

fn begin(place: &Place) -> u64 {
    if place.site.is_local() { BEGIN_HERE } else { BEGIN_ELSEWHERE }
}

/// How many times its own bytes reading a box costs.
pub(super) fn excess(place: &Place, shape: &[usize], bounds: &[Range<usize>], size: usize) -> f64 {
    let own = bounds.iter().map(|range| range.len() as f64).product::<f64>() * size as f64;
    let begin = begin(place);
    slabs(shape, bounds, size, begin).cost as f64 / (own + begin as f64)
}

/// Reads a box of an array of shape `shape` whose first element stands `offset` bytes into the file.
pub(super) fn read(place: &Place, offset: u64, dtype: DType, shape: &[usize], bounds: &[Range<usize>]) -> Result<Chunk> {
    let out_shape = lens(bounds);
    let size = dtype.size();
    let mut out = MutableBuffer::from_len_zeroed(out_shape.iter().product::<usize>() * size);
    if out.is_empty() {
        return Chunk::new(dtype, &out_shape, out.into());
    }
    // An axis of length 1 in front, so that there always is one.
    let shape: Vec<usize> = std::iter::once(1).chain(shape.iter().copied()).collect();
    let bounds: Vec<Range<usize>> = std::iter::once(0..1).chain(bounds.iter().cloned()).collect();
    let Slabs { axis, count, bytes, .. } = slabs(&shape, &bounds, size, begin(place));
    let strides: Vec<u64> =
        (0..shape.len()).map(|axis| shape[axis + 1..].iter().map(|len| *len as u64).product::<u64>() * size as u64).collect();
    let slab_at = |nth: u64| {
        let mut rest = nth;
        let mut at = offset + bounds[axis].start as u64 * strides[axis];
        for outer in (0..axis).rev() {
            let len = bounds[outer].len() as u64;
            at += (bounds[outer].start as u64 + rest % len) * strides[outer];
            rest /= len;
        }
        at
    };
    let (count, bytes) = (count as usize, bytes as usize);
    let whole = (axis + 1..shape.len()).all(|after| bounds[after].len() == shape[after]);
    // What is in place as it is read needs no memory beside the result.
    let batch = if whole { count } else { (BATCH / bytes).max(1) };
    let inner: Vec<usize> = std::iter::once(bounds[axis].len()).chain(shape[axis + 1..].iter().copied()).collect();
    let wanted: Vec<usize> = bounds[axis..].iter().map(ExactSizeIterator::len).collect();
    let target: Vec<usize> = std::iter::once(count).chain(wanted.iter().copied()).collect();
    for first in (0..count).step_by(batch) {
        let many = batch.min(count - first);
        let places: Vec<u64> = (first..first + many).map(|nth| slab_at(nth as u64)).collect();
        if whole {
            place.fill(&places, &mut out.as_slice_mut()[first * bytes..(first + many) * bytes])?;
            continue;
        }
        let mut slabs = MutableBuffer::from_len_zeroed(many * bytes);
        place.fill(&places, slabs.as_slice_mut())?;
        let of: Vec<usize> = std::iter::once(many).chain(inner.iter().copied()).collect();
        let from: Vec<usize> = [0, 0].into_iter().chain(bounds[axis + 1..].iter().map(|range| range.start)).collect();
        let len: Vec<usize> = std::iter::once(many).chain(wanted.iter().copied()).collect();
        let view = Chunk::new(dtype, &of, slabs.into())?.view(&from, &len, &vec![1; len.len()])?;
        let mut at = vec![0; len.len()];
        at[0] = first;
        view.write_into(out.as_slice_mut(), &target, &at)?;
    }
    Chunk::new(dtype, &out_shape, out.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_are_few_where_little_is_wasted_and_many_where_much_would_be() {
        // Rows of 8 bytes out of rows of 80: one read of everything.
        let narrow = slabs(&[1, 100, 10], &[0..1, 0..100, 0..1], 8, BEGIN_HERE);
        assert_eq!((narrow.axis, narrow.count, narrow.bytes), (0, 1, 8000));
        // Whole rows of a large array: one read.
        let rows = slabs(&[1, 1000, 1000], &[0..1, 10..20, 0..1000], 8, BEGIN_HERE);
        assert_eq!((rows.axis, rows.count, rows.bytes), (1, 1, 80_000));
        // Half of each of ten rows of 8 MB: ten reads.
        let halves = slabs(&[1, 1000, 1_000_000], &[0..1, 0..10, 0..500_000], 8, BEGIN_HERE);
        assert_eq!((halves.axis, halves.count, halves.bytes), (2, 10, 4_000_000));
    }

    #[test]
    fn every_box_is_the_one_that_indexes_say() {
        let path = std::env::temp_dir().join(format!("stratal-boxes-{}", std::process::id()));
        let shape = [4usize, 5, 6];
        let numbers: Vec<u8> = std::iter::repeat_n(0, 3).chain((0..120u32).flat_map(u32::to_ne_bytes)).collect();
        std::fs::write(&path, numbers).unwrap();
        let place = Place::of(path.to_str().unwrap(), &[]).unwrap();
        for bounds in
            [[0..4, 0..5, 0..6], [1..3, 0..5, 0..6], [1..4, 2..4, 0..6], [0..4, 1..5, 2..3], [2..3, 4..5, 5..6], [1..1, 0..5, 0..6]]
        {
            let chunk = read(&place, 3, DType::U32, &shape, &bounds).unwrap();
            let mut expected: Vec<u32> = Vec::new();
            for a in bounds[0].clone() {
                for b in bounds[1].clone() {
                    expected.extend(bounds[2].clone().map(|c| (a * 30 + b * 6 + c) as u32));
                }
            }
            let found: Vec<u32> = bytemuck::cast_slice(chunk.as_bytes().unwrap()).to_vec();
            assert_eq!((found, chunk.shape()), (expected, &lens(&bounds)[..]), "{bounds:?}");
        }
        let one = read(&place, 3, DType::U32, &[], &[]).unwrap();
        assert_eq!((one.len(), one.as_bytes().unwrap()), (1, &[0, 0, 0, 0][..]));
        std::fs::remove_file(&path).unwrap();
    }
}
