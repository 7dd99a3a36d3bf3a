//! The chunk and its views.

use super::{DType, copy};
use crate::{Error, ErrorKind, Result};
use arrow_buffer::{Buffer, MutableBuffer};
use serde::{Deserialize, Serialize};
use smallvec::{SmallVec, smallvec};
use std::fmt;

/// A box of an array: elements of one type in a buffer, and how they are walked. Cheap to clone; views share the buffer.
///
/// Strides count elements and may be negative, or 0 where one element stands for a whole axis.
///
/// ```
/// use stratal_core::value::{Chunk, DType};
/// let chunk = Chunk::new(DType::I32, &[2, 3], vec![1i32, 2, 3, 4, 5, 6].into())?;
/// let backwards = chunk.view(&[0, 2], &[2, 3], &[1, -1])?;
/// assert_eq!(backwards.compact().as_bytes().map(|bytes| bytes[0]), Some(3));
/// assert!(Chunk::filled(DType::U8, &[1000, 1000], &[7])?.bytes() < 1000);
/// # Ok::<(), stratal_core::Error>(())
/// ```
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "super::wire::Wire", into = "super::wire::Wire")]
pub struct Chunk {
    dtype: DType,
    shape: SmallVec<[usize; 4]>,
    strides: SmallVec<[isize; 4]>,
    /// Where the first element stands, counted in elements.
    offset: usize,
    buffer: Buffer,
}

/// The number of elements of a shape, where it can be counted.
fn elements(shape: &[usize]) -> Result<usize> {
    shape
        .iter()
        .try_fold(1usize, |product, len| product.checked_mul(*len))
        .filter(|count| *count <= isize::MAX as usize / 16)
        .ok_or_else(|| Error::new(ErrorKind::Shape, format!("shape {shape:?} has more elements than can be counted")))
}

/// The strides of a shape in row-major order.
fn row_major(shape: &[usize]) -> SmallVec<[isize; 4]> {
    let mut strides: SmallVec<[isize; 4]> = smallvec![1; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis].wrapping_mul(shape[axis].max(1) as isize);
    }
    strides
}

impl Chunk {
    /// A chunk over a buffer that holds its elements in row-major order.
    ///
    /// # Errors
    /// `Shape` where the buffer does not hold so many elements.
    pub fn new(dtype: DType, shape: &[usize], buffer: Buffer) -> Result<Self> {
        let count = elements(shape)?;
        if count.checked_mul(dtype.size()) != Some(buffer.len()) {
            return Err(Error::new(
                ErrorKind::Shape,
                format!("{} bytes are not the {count} elements of {dtype} of shape {shape:?}", buffer.len()),
            ));
        }
        // What came over a wire stands anywhere.
        let buffer = match (buffer.as_ptr() as usize).is_multiple_of(dtype.align()) {
            true => buffer,
            false => Buffer::from(buffer.as_slice()),
        };
        Ok(Chunk { dtype, shape: shape.into(), strides: row_major(shape), offset: 0, buffer })
    }

    /// A chunk of which all elements are this one, which is kept once.
    ///
    /// # Errors
    /// `Shape` for more elements than can be counted; `Internal` for an element of another size.
    pub fn filled(dtype: DType, shape: &[usize], element: &[u8]) -> Result<Self> {
        elements(shape)?;
        if element.len() != dtype.size() {
            return Err(Error::internal(format!("an element of {dtype} is given as {} bytes", element.len())));
        }
        Ok(Chunk { dtype, shape: shape.into(), strides: smallvec![0; shape.len()], offset: 0, buffer: Buffer::from(element) })
    }

    /// What its elements are.
    pub fn dtype(&self) -> DType {
        self.dtype
    }

    /// The lengths of its axes.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// How far apart neighbours on each axis are, in elements.
    pub fn strides(&self) -> &[isize] {
        &self.strides
    }

    /// Where the first element stands in the buffer, in elements.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// The buffer, which other chunks may share.
    pub fn buffer(&self) -> &Buffer {
        &self.buffer
    }

    /// The number of elements.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether there is no element.
    pub fn is_empty(&self) -> bool {
        self.shape.contains(&0)
    }

    /// Bytes of memory that it keeps alive.
    pub fn bytes(&self) -> u64 {
        self.buffer.capacity() as u64
    }

    /// Whether its elements stand one after another in row-major order.
    pub fn is_contiguous(&self) -> bool {
        let mut expected = 1;
        self.is_empty()
            || self.shape.iter().zip(&self.strides).rev().all(|(len, stride)| {
                let fits = *len == 1 || *stride == expected;
                expected *= *len as isize;
                fits
            })
    }

    /// The bytes of its elements, where they stand one after another.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        if self.is_empty() {
            // Aligned, as the buffer is: there are types that no other slice can be read as.
            return Some(&self.buffer.as_slice()[..0]);
        }
        let (size, start) = (self.dtype.size(), self.offset * self.dtype.size());
        self.is_contiguous().then(|| &self.buffer.as_slice()[start..start + self.len() * size])
    }

    /// The same elements in a buffer of their own, in row-major order; itself where it is that already.
    #[must_use]
    pub fn compact(&self) -> Chunk {
        let bytes = self.len() * self.dtype.size();
        if self.is_contiguous() && self.offset == 0 && self.buffer.len() == bytes {
            return self.clone();
        }
        let mut out = MutableBuffer::from_len_zeroed(bytes);
        self.read(0, out.as_slice_mut());
        Chunk { dtype: self.dtype, shape: self.shape.clone(), strides: row_major(&self.shape), offset: 0, buffer: out.into() }
    }

    /// Itself, or a compact copy where it keeps more than twice the memory alive that it needs.
    #[must_use]
    pub fn trimmed(&self) -> Chunk {
        match self.buffer.len() > 64 && self.buffer.len() / 2 > self.len() * self.dtype.size() {
            true => self.compact(),
            false => self.clone(),
        }
    }

    /// Writes elements from the one with the number `start`, in row-major order, until `out` is full.
    ///
    /// `out` is a whole number of elements, and no more than there are from `start` on.
    pub fn read(&self, start: usize, out: &mut [u8]) {
        if !out.is_empty() {
            copy::gather(self, start, out);
        }
    }

    /// Writes all elements into a box of a row-major array of shape `shape`, given as bytes. The box begins at `at`.
    ///
    /// # Errors
    /// `Internal` where the box does not fit.
    pub fn write_into(&self, out: &mut [u8], shape: &[usize], at: &[usize]) -> Result<()> {
        let fits = self.shape.len() == shape.len()
            && at.len() == shape.len()
            && (0..shape.len()).all(|axis| at[axis].checked_add(self.shape[axis]).is_some_and(|end| end <= shape[axis]))
            && elements(shape)?.checked_mul(self.dtype.size()) == Some(out.len());
        if !fits {
            return Err(Error::internal(format!("a box of {:?} at {at:?} does not fit {shape:?}", &self.shape[..])));
        }
        if !self.is_empty() {
            copy::scatter(self, out, &row_major(shape), at);
        }
        Ok(())
    }

    /// A view of `len` elements on each axis, from `start` in steps of `step`.
    ///
    /// # Errors
    /// `Internal` where it leaves the chunk; `Shape` for more elements than can be counted.
    pub fn view(&self, start: &[usize], len: &[usize], step: &[isize]) -> Result<Chunk> {
        let axes = self.shape.len();
        let inside = |axis: usize| {
            let last = || step[axis].checked_mul(isize::try_from(len[axis]).ok()? - 1)?.checked_add(start[axis] as isize);
            let reaches = || last().is_some_and(|last| (0..self.shape[axis] as isize).contains(&last));
            len[axis] == 0 || (start[axis] < self.shape[axis] && reaches())
        };
        if [start.len(), len.len(), step.len()] != [axes; 3] || !(0..axes).all(inside) {
            return Err(Error::internal(format!("a view of {len:?} from {start:?} by {step:?} leaves {:?}", &self.shape[..])));
        }
        elements(len)?;
        let empty = len.contains(&0);
        let moved: isize = if empty { 0 } else { (0..axes).map(|axis| start[axis] as isize * self.strides[axis]).sum() };
        Ok(Chunk {
            dtype: self.dtype,
            shape: len.into(),
            // Of one element the step is never taken, and may be anything.
            strides: (0..axes).map(|axis| self.strides[axis].wrapping_mul(step[axis])).collect(),
            offset: (self.offset as isize + moved) as usize,
            buffer: self.buffer.clone(),
        })
    }

    /// The chunk with axes of length 1 stretched, and new ones put in front, to fill `shape`.
    ///
    /// # Errors
    /// `Shape` where an axis has another length.
    pub fn broadcast_to(&self, shape: &[usize]) -> Result<Chunk> {
        elements(shape)?;
        let refuse = || Error::new(ErrorKind::Shape, format!("a chunk of {:?} does not broadcast to {shape:?}", &self.shape[..]));
        let new = shape.len().checked_sub(self.shape.len()).ok_or_else(refuse)?;
        let mut strides: SmallVec<[isize; 4]> = smallvec![0; shape.len()];
        for (axis, (len, stride)) in self.shape.iter().zip(&self.strides).enumerate() {
            match (*len, shape[new + axis]) {
                (have, want) if have == want => strides[new + axis] = *stride,
                (1, _) => {}
                _ => return Err(refuse()),
            }
        }
        Ok(Chunk { shape: shape.into(), strides, ..self.clone() })
    }

    /// The chunk with other axes: `axes[i]` is the old axis that the new axis `i` is, or none for a new one of length 1.
    /// Old axes that are not named must have length 1.
    ///
    /// # Errors
    /// `Internal` for an axis that is not there, is named twice, or is left out and longer than 1.
    pub fn with_axes(&self, axes: &[Option<usize>]) -> Result<Chunk> {
        let mut used = vec![false; self.shape.len()];
        let mut shape: SmallVec<[usize; 4]> = SmallVec::new();
        let mut strides: SmallVec<[isize; 4]> = SmallVec::new();
        let refuse = || Error::internal(format!("a chunk of {:?} cannot have the axes {axes:?}", &self.shape[..]));
        for axis in axes {
            match axis {
                None => {
                    shape.push(1);
                    strides.push(0);
                }
                Some(axis) => {
                    if std::mem::replace(used.get_mut(*axis).ok_or_else(refuse)?, true) {
                        return Err(refuse());
                    }
                    shape.push(self.shape[*axis]);
                    strides.push(self.strides[*axis]);
                }
            }
        }
        match used.iter().zip(&self.shape).all(|(used, len)| *used || *len == 1) {
            true => Ok(Chunk { shape, strides, ..self.clone() }),
            false => Err(refuse()),
        }
    }
}

impl fmt::Debug for Chunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Chunk<{}>({:?})", self.dtype, &self.shape[..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn numbers(chunk: &Chunk) -> Vec<i32> {
        let compact = chunk.compact();
        let (items, _) = compact.as_bytes().unwrap().as_chunks::<4>();
        items.iter().map(|bytes| i32::from_le_bytes(*bytes)).collect()
    }

    fn counted(shape: &[usize]) -> Chunk {
        let count = shape.iter().product::<usize>() as i32;
        Chunk::new(DType::I32, shape, (0..count).collect::<Vec<i32>>().into()).unwrap()
    }

    /// For one axis: its length, and start, number and step of a view.
    fn axis() -> impl Strategy<Value = (usize, usize, usize, isize)> {
        (1usize..7).prop_flat_map(|len| (Just(len), 0..len, -3isize..4)).prop_flat_map(|(len, start, step)| {
            let most = match step {
                0 => 4,
                step if step > 0 => (len - 1 - start) / step as usize + 1,
                step => start / step.unsigned_abs() + 1,
            };
            (Just(len), Just(start), 0..=most, Just(step))
        })
    }

    proptest! {
        #[test]
        fn views_read_and_write_what_indexes_say(axes in prop::collection::vec(axis(), 0..4), from in any::<prop::sample::Index>()) {
            let pick = |f: fn(&(usize, usize, usize, isize)) -> usize| axes.iter().map(f).collect::<Vec<usize>>();
            let (shape, start, len) = (pick(|a| a.0), pick(|a| a.1), pick(|a| a.2));
            let step: Vec<isize> = axes.iter().map(|axis| axis.3).collect();
            let view = counted(&shape).view(&start, &len, &step).unwrap();
            let total: usize = len.iter().product();
            let expected: Vec<i32> = (0..total).map(|flat| {
                let (mut rest, mut at, mut unit) = (flat, 0isize, 1isize);
                for axis in (0..len.len()).rev() {
                    at += (start[axis] as isize + (rest % len[axis]) as isize * step[axis]) * unit;
                    unit *= shape[axis] as isize;
                    rest /= len[axis];
                }
                at as i32
            }).collect();
            prop_assert_eq!(&numbers(&view), &expected);
            if total > 0 {
                let first = from.index(total);
                let mut part = vec![0; (total - first) * 4];
                view.read(first, &mut part);
                let part: Vec<i32> = part.as_chunks::<4>().0.iter().map(|bytes| i32::from_le_bytes(*bytes)).collect();
                prop_assert_eq!(&part[..], &expected[first..]);
            }
            // A frame of one element around it stays as it was.
            let around: Vec<usize> = len.iter().map(|len| len + 2).collect();
            let mut out = vec![0xff; around.iter().product::<usize>() * 4];
            view.write_into(&mut out, &around, &vec![1; len.len()]).unwrap();
            let back = Chunk::new(DType::I32, &around, out.as_slice().into()).unwrap();
            let inner = back.view(&vec![1; len.len()], &len, &vec![1; len.len()]).unwrap();
            prop_assert_eq!(&numbers(&inner), &expected);
            let outside = numbers(&back).into_iter().filter(|x| *x == -1).count();
            prop_assert_eq!(outside, back.len() - total);
        }
    }

    #[test]
    fn a_row_is_stretched_and_axes_come_and_go() {
        let row = counted(&[1, 3]);
        assert_eq!(numbers(&row.broadcast_to(&[2, 2, 3]).unwrap()), [0, 1, 2].repeat(4));
        assert!(row.broadcast_to(&[2, 4]).is_err());
        assert_eq!(numbers(&counted(&[2, 3]).with_axes(&[Some(1), None, Some(0)]).unwrap()), [0, 3, 1, 4, 2, 5]);
        assert_eq!(row.with_axes(&[Some(1)]).unwrap().shape(), [3]);
        assert!(row.with_axes(&[Some(0)]).is_err());
    }

    #[test]
    fn a_view_that_leaves_the_chunk_is_an_error() {
        let chunk = counted(&[4]);
        assert!(chunk.view(&[2], &[3], &[1]).is_err());
        assert!(chunk.view(&[0], &[2], &[-1]).is_err());
        assert!(chunk.view(&[4], &[0], &[1]).unwrap().is_empty());
        assert!(Chunk::new(DType::I32, &[3], vec![1i32, 2].into()).is_err());
        assert!(Chunk::filled(DType::U8, &[usize::MAX, 2], &[1]).is_err());
    }

    #[test]
    fn steps_and_places_past_all_counting_leave_the_chunk() {
        let chunk = counted(&[4, 3]);
        for (len, step) in [([3, 1], isize::MAX), ([2, 1], isize::MIN), ([usize::MAX, 1], 0), ([usize::MAX, 1], 1)] {
            assert!(chunk.view(&[2, 0], &len, &[step, 1]).is_err(), "{len:?} {step}");
        }
        let one = chunk.view(&[2, 0], &[1, 3], &[isize::MIN, 1]).unwrap();
        assert_eq!(numbers(&one), [6, 7, 8]);
        assert!(chunk.write_into(&mut [0; 48], &[4, 3], &[usize::MAX, 0]).is_err());
    }

    #[test]
    fn a_small_view_of_a_large_buffer_lets_go_of_it() {
        let large = counted(&[10_000]);
        let small = large.view(&[5], &[2], &[1]).unwrap();
        assert!(small.bytes() > 30_000 && small.trimmed().bytes() < 200);
        assert!(large.trimmed().buffer().ptr_eq(large.buffer()));
    }
}
