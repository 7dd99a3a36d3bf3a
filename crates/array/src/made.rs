//! [`Made`]: arrays whose elements are known by their place. Any box of them can be made anywhere.

use crate::{assembly::Read, element::with_item, grid::Grid, random::Random, scalar::Scalar};
use arrow_buffer::MutableBuffer;
use bytemuck::cast_slice_mut;
use serde::{Deserialize, Serialize};
use std::{ops::Range, sync::Arc};
use stratal_core::{
    Error, Result,
    value::{Chunk, DType},
};

/// What the elements are.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Made {
    /// All the same.
    Fill(Scalar),
    /// `start + i * step` along the one axis. Integers wrap.
    Range { start: Scalar, step: Scalar },
    /// `n` values from `start` to `end`, both included.
    Linspace { dtype: DType, start: f64, end: f64, n: usize },
    /// One on the diagonal, else zero.
    Eye(DType),
    /// In memory, whole.
    Memory(Chunk),
    /// In memory, chunk by chunk of a grid.
    Chunks(Grid, Vec<Chunk>),
    /// What plain walks through another take of it: each axis of the result is walked from its beginning, or new.
    Part(Arc<Made>, Vec<Read>),
    /// Drawn by their place.
    Random(Random),
}

impl Made {
    /// The chunk of a box.
    pub(crate) fn block(&self, bounds: &[Range<usize>]) -> Result<Chunk> {
        let shape = crate::grid::lens(bounds);
        match self {
            Made::Fill(value) => Chunk::filled(value.dtype(), &shape, value.bytes()),
            Made::Range { .. } | Made::Linspace { .. } => self.line(bounds.iter().flat_map(Clone::clone), &shape),
            Made::Part(of, reads) => part(of, reads, bounds, &shape),
            Made::Random(random) => random.block(bounds),
            Made::Eye(dtype) => {
                let mut out = MutableBuffer::from_len_zeroed(shape.iter().product::<usize>() * dtype.size());
                let one = Scalar::of(DType::U8, 1u8).cast(*dtype)?;
                if let [rows, columns] = bounds {
                    for at in rows.start.max(columns.start)..rows.end.min(columns.end) {
                        let flat = ((at - rows.start) * columns.len() + at - columns.start) * dtype.size();
                        out.as_slice_mut()[flat..flat + dtype.size()].copy_from_slice(one.bytes());
                    }
                }
                Chunk::new(*dtype, &shape, out.into())
            }
            Made::Memory(chunk) => within(chunk, &vec![0; shape.len()], bounds),
            Made::Chunks(grid, chunks) => {
                // The box of a chunk, or one element of an axis that is broadcast: it always lies in one chunk.
                let at = grid.axes.iter().zip(bounds).fold(0, |at, (axis, range)| {
                    let last = axis.len().saturating_sub(1);
                    let near = axis.find(range.start.min(last)).min(axis.count() - 1);
                    // Only an empty chunk is not where its elements are.
                    let here = match range.is_empty() {
                        true => (0..axis.count()).find(|chunk| axis.bounds(*chunk) == *range).unwrap_or(near),
                        false => near,
                    };
                    at * axis.count() + here
                });
                let starts: Vec<usize> = grid.bounds(at as u32).iter().map(|range| range.start).collect();
                within(&chunks[at], &starts, bounds)
            }
        }
    }

    /// The elements at these places of its one axis, as a chunk of a shape.
    fn line(&self, places: impl Iterator<Item = usize>, shape: &[usize]) -> Result<Chunk> {
        match self {
            Made::Range { start, step } => range(start, step, places, shape),
            Made::Linspace { dtype, start, end, n } => {
                let step = (end - start) / (n.saturating_sub(1).max(1)) as f64;
                // The last is the end itself, whatever the steps add up to.
                let value = |i: usize| if i + 1 == *n && *n > 1 { *end } else { start + i as f64 * step };
                floats(*dtype, shape, places.map(value))
            }
            _ => Err(Error::internal("an array is no line of numbers")),
        }
    }
}

/// The chunk of a box of what walks take of an array.
fn part(of: &Made, reads: &[Read], bounds: &[Range<usize>], shape: &[usize]) -> Result<Chunk> {
    if matches!(of, Made::Range { .. } | Made::Linspace { .. }) {
        // Place by place: a long step makes nothing that is not wanted.
        return match reads {
            [Read::Along(walk)] => of.line(bounds[walk.axis].clone().map(|at| walk.element(at)), shape),
            [Read::At(element)] => of.line(std::iter::once(*element), shape),
            _ => Err(Error::internal("a part of one axis does not read one")),
        };
    }
    walked(reads, bounds, |bounds| of.block(bounds))
}

/// The chunk of a box of what walks take of an array of which any box can be had.
pub(crate) fn walked(reads: &[Read], bounds: &[Range<usize>], block: impl FnOnce(&[Range<usize>]) -> Result<Chunk>) -> Result<Chunk> {
    let (axes, shape) = (reads.len(), crate::grid::lens(bounds));
    let (mut source, mut start, mut len, mut step) = (Vec::new(), vec![0; axes], vec![1; axes], vec![1; axes]);
    let mut order = vec![None; shape.len()];
    for (axis, read) in reads.iter().enumerate() {
        source.push(match read {
            Read::At(element) => *element..*element + 1,
            Read::Along(walk) => {
                let out = &bounds[walk.axis];
                (len[axis], step[axis], order[walk.axis]) = (out.len(), walk.step, Some(axis));
                match out.is_empty() {
                    true => 0..0,
                    false => {
                        let (first, last) = (walk.element(out.start), walk.element(out.end - 1));
                        start[axis] = first - first.min(last);
                        first.min(last)..first.max(last) + 1
                    }
                }
            }
        });
    }
    let chunk = block(&source)?.view(&start, &len, &step)?.with_axes(&order)?;
    // A new axis may have empty chunks beside its one element.
    if chunk.shape() == shape { Ok(chunk) } else { chunk.view(&vec![0; shape.len()], &shape, &vec![1; shape.len()]) }
}

/// Elements of the largest box that plain walks go through for a chunk of a grid: more than they take where they pass some over.
pub(crate) fn gone_through(reads: &[Read], grid: &Grid) -> u64 {
    reads.iter().fold(1u64, |elements, read| match read {
        Read::At(_) => elements,
        Read::Along(walk) => {
            let steps = grid.axes[walk.axis].largest().saturating_sub(1) as u64;
            elements.saturating_mul(steps.saturating_mul(walk.step.unsigned_abs() as u64).saturating_add(1))
        }
    })
}

/// The part of a chunk, which begins at `starts`, that a box is.
fn within(chunk: &Chunk, starts: &[usize], bounds: &[Range<usize>]) -> Result<Chunk> {
    let first: Vec<usize> = bounds.iter().zip(starts).map(|(range, start)| range.start - start).collect();
    chunk.view(&first, &crate::grid::lens(bounds), &vec![1; bounds.len()])
}

fn range(start: &Scalar, step: &Scalar, places: impl Iterator<Item = usize>, shape: &[usize]) -> Result<Chunk> {
    let dtype = start.dtype();
    if !dtype.is_integer() {
        let (start, step) = (start.float()?, step.float()?);
        return floats(dtype, shape, places.map(|i| start + i as f64 * step));
    }
    // Two's complement: what wraps in 64 bits wraps alike in fewer, and without a sign.
    let (start, step) = (integer(start)?, integer(step)?);
    let mut out = MutableBuffer::from_len_zeroed(shape.iter().product::<usize>() * dtype.size());
    with_item!(dtype, T => {
        let items: &mut [T] = cast_slice_mut(out.as_slice_mut());
        for (item, i) in items.iter_mut().zip(places) {
            *item = Truncated::of(start.wrapping_add((i as i64).wrapping_mul(step)));
        }
    });
    Chunk::new(dtype, shape, out.into())
}

fn integer(scalar: &Scalar) -> Result<i64> {
    let wide = if scalar.dtype().is_unsigned() { DType::U64 } else { DType::I64 };
    scalar.cast(wide).map(|scalar| scalar.bits())
}

fn floats(dtype: DType, shape: &[usize], values: impl Iterator<Item = f64>) -> Result<Chunk> {
    let mut out = MutableBuffer::from_len_zeroed(shape.iter().product::<usize>() * dtype.size());
    if dtype == DType::F32 {
        let items: &mut [f32] = cast_slice_mut(out.as_slice_mut());
        items.iter_mut().zip(values).for_each(|(item, value)| *item = value as f32);
    } else {
        let items: &mut [f64] = cast_slice_mut(out.as_slice_mut());
        items.iter_mut().zip(values).for_each(|(item, value)| *item = value);
    }
    Chunk::new(dtype, shape, out.into())
}

/// The low bits of an integer.
trait Truncated {
    fn of(wide: i64) -> Self;
}

macro_rules! truncated {
    ($($type:ty)*) => {$(
        impl Truncated for $type {
            fn of(wide: i64) -> Self {
                wide as $type
            }
        }
    )*};
}

truncated!(i8 i16 i32 i64 u8 u16 u32 u64 f32 f64);

impl<T: Truncated + Default> Truncated for num_complex::Complex<T> {
    fn of(wide: i64) -> Self {
        num_complex::Complex { re: T::of(wide), im: T::default() }
    }
}
