//! [`Assembly`]: a chunk built from boxes of other chunks. Slices, concatenation, padding, rolling, flipping, tiling and light
//! rechunking are all the same: pieces, each a box of the result that is a straight walk through one source.
//!
//! Only the source chunks that a piece touches are read. A result that is one box of one chunk is a view of it. Programs may read the
//! boxes of a chunk that is never built: `job/operand.rs`.

use crate::{
    grid::{Axis, Grid, lens},
    scalar::Scalar,
};
use arrow_buffer::MutableBuffer;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use stratal_core::{
    Error, Index, Result,
    graph::GridMap,
    value::{Chunk, DType},
};

/// How the chunks of a result are built.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Assembly {
    pub(crate) grid: Grid,
    pub(crate) dtype: DType,
    /// What stands where no piece does.
    pub(crate) fill: Option<Scalar>,
    pub(crate) pieces: Vec<Piece>,
}

/// A box of the result and where its elements come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Piece {
    /// The source's position among the inputs of the node.
    pub(crate) input: usize,
    pub(crate) source: Grid,
    /// For each axis of the source, what is read of it.
    pub(crate) axes: Vec<Read>,
}

/// What a piece reads of one axis of its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Read {
    /// One element; the result has no such axis.
    At(usize),
    Along(Walk),
}

/// A walk along an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Walk {
    /// The axis of the result, `len` elements of it from `first`.
    pub(crate) axis: usize,
    pub(crate) first: usize,
    pub(crate) len: usize,
    /// The source element of the first of them, and how the next ones follow.
    pub(crate) start: usize,
    pub(crate) step: isize,
    /// How often each source element is repeated.
    pub(crate) every: usize,
}

/// Some elements of the result along an axis that lie in one source chunk.
#[derive(Clone, Copy)]
struct Run {
    /// Where in the chunk of the result.
    to: usize,
    len: usize,
    /// Where in the chunk of the source.
    from: usize,
    step: isize,
}

impl Walk {
    /// The whole of an axis as it is.
    pub(crate) fn whole(axis: usize, len: usize) -> Self {
        Walk { axis, first: 0, len, start: 0, step: 1, every: 1 }
    }

    /// The walked source elements, as steps, that elements `out` of the result need.
    fn steps(&self, out: &Range<usize>) -> Range<usize> {
        let (low, high) = (out.start.max(self.first), out.end.min(self.first + self.len));
        if low >= high {
            return 0..0;
        }
        (low - self.first) / self.every..(high - 1 - self.first) / self.every + 1
    }

    /// The source element of a step.
    pub(crate) fn element(&self, step: usize) -> usize {
        (self.start as isize + self.step * step as isize) as usize
    }

    /// The source chunks that elements `out` of the result touch.
    fn touches(&self, source: &Axis, out: &Range<usize>) -> Range<u32> {
        let steps = self.steps(out);
        if steps.is_empty() {
            return 0..0;
        }
        let (one, other) = (self.element(steps.start), self.element(steps.end - 1));
        source.touching(one.min(other)..one.max(other) + 1)
    }

    /// The steps whose elements lie in `chunk`.
    pub(crate) fn inside(&self, chunk: &Range<usize>) -> Range<usize> {
        let (start, low, high) = (self.start as isize, chunk.start as isize, chunk.end as isize);
        let up = |a: isize, b: isize| a.div_euclid(b) + isize::from(a.rem_euclid(b) != 0);
        let (from, to) = match self.step > 0 {
            true => (up(low - start, self.step), up(high - start, self.step)),
            false => (up(start - high + 1, -self.step), up(start - low + 1, -self.step)),
        };
        from.max(0) as usize..to.max(0) as usize
    }

    /// The runs of `out` that lie in `chunk` of the source.
    fn runs(&self, out: &Range<usize>, chunk: &Range<usize>) -> Vec<Run> {
        let (steps, inside) = (self.steps(out), self.inside(chunk));
        let (low, high) = (steps.start.max(inside.start), steps.end.min(inside.end));
        if low >= high {
            return Vec::new();
        }
        if self.every == 1 {
            let (to, from) = (self.first + low - out.start, self.element(low) - chunk.start);
            return vec![Run { to, len: high - low, from, step: self.step }];
        }
        let ends = (out.start.max(self.first), out.end.min(self.first + self.len));
        let one = |step: usize| {
            let (begin, end) = ((self.first + step * self.every).max(ends.0), (self.first + (step + 1) * self.every).min(ends.1));
            Run { to: begin - out.start, len: end - begin, from: self.element(step) - chunk.start, step: 0 }
        };
        (low..high).map(one).collect()
    }
}

impl Piece {
    /// Which chunks of the source each chunk of the result touches.
    pub(crate) fn edge(&self, grid: &Grid) -> GridMap {
        let axis = |(read, source): (&Read, &Axis)| match read {
            Read::At(element) => vec![source.touching(*element..*element + 1)],
            Read::Along(walk) => {
                let out = &grid.axes[walk.axis];
                (0..out.count()).map(|chunk| walk.touches(source, &out.bounds(chunk))).collect()
            }
        };
        let source = self.source.counts().iter().map(|count| *count as u32).collect();
        GridMap { source, axes: self.axes.iter().zip(&self.source.axes).map(axis).collect() }
    }

    /// The box of source chunks that a box of the result touches.
    fn touches(&self, bounds: &[Range<usize>]) -> Vec<Range<usize>> {
        let axis = |(read, source): (&Read, &Axis)| {
            let chunks = match read {
                Read::At(element) => source.touching(*element..*element + 1),
                Read::Along(walk) => walk.touches(source, &bounds[walk.axis]),
            };
            chunks.start as usize..chunks.end as usize
        };
        self.axes.iter().zip(&self.source.axes).map(axis).collect()
    }

    /// For each axis of the result, the axis of the source that it is.
    pub(crate) fn order(&self, ndim: usize) -> Vec<Option<usize>> {
        let is = |axis: usize| self.axes.iter().position(|read| matches!(read, Read::Along(walk) if walk.axis == axis));
        (0..ndim).map(is).collect()
    }
}

/// Calls `each` with every place of a box, in row-major order.
fn each_place(bounds: &[Range<usize>], mut each: impl FnMut(&[usize]) -> Result<()>) -> Result<()> {
    if bounds.iter().any(|range| range.is_empty()) {
        return Ok(());
    }
    let mut at: Vec<usize> = bounds.iter().map(|range| range.start).collect();
    loop {
        each(&at)?;
        let Some(axis) = (0..at.len()).rev().find(|axis| at[*axis] + 1 < bounds[*axis].end) else { return Ok(()) };
        at[axis] += 1;
        for inner in axis + 1..at.len() {
            at[inner] = bounds[inner].start;
        }
    }
}

impl Assembly {
    /// Calls `each` with the boxes of a chunk: where one begins, and its elements. `inputs` has the chunks that each piece touches,
    /// in row-major order.
    pub(crate) fn each_box<'a>(
        &self,
        task: Index,
        inputs: impl IntoIterator<Item = &'a [Chunk]>,
        mut each: impl FnMut(&[usize], Chunk) -> Result<()>,
    ) -> Result<()> {
        let bounds = self.grid.bounds(task);
        if bounds.iter().any(|range| range.is_empty()) {
            return Ok(());
        }
        for (piece, chunks) in self.pieces.iter().zip(inputs) {
            let order = piece.order(bounds.len());
            let mut chunks = chunks.iter();
            each_place(&piece.touches(&bounds), |place| {
                let chunk = chunks.next().ok_or_else(|| Error::internal("an assembled chunk lacks an input"))?;
                let runs = |(axis, read): (usize, &Read)| {
                    let here = piece.source.axes[axis].bounds(place[axis]);
                    match read {
                        Read::At(element) => vec![Run { to: 0, len: 1, from: element - here.start, step: 1 }],
                        Read::Along(walk) => walk.runs(&bounds[walk.axis], &here),
                    }
                };
                let runs: Vec<Vec<Run>> = piece.axes.iter().enumerate().map(runs).collect();
                let all: Vec<Range<usize>> = runs.iter().map(|runs| 0..runs.len()).collect();
                each_place(&all, |nth| {
                    let run: Vec<Run> = runs.iter().zip(nth).map(|(runs, nth)| runs[*nth]).collect();
                    let part = |part: fn(&Run) -> usize| run.iter().map(part).collect::<Vec<usize>>();
                    let steps: Vec<isize> = run.iter().map(|run| run.step).collect();
                    let cut = chunk.view(&part(|run| run.from), &part(|run| run.len), &steps)?.with_axes(&order)?;
                    let at: Vec<usize> = order.iter().map(|axis| axis.map_or(0, |axis| run[axis].to)).collect();
                    each(&at, cut)
                })
            })?;
        }
        Ok(())
    }

    /// Builds a chunk. `inputs` has the chunks that each piece touches, in row-major order.
    pub(crate) fn build(&self, task: Index, inputs: &[Vec<Chunk>]) -> Result<Chunk> {
        let shape = lens(&self.grid.bounds(task));
        let size = self.dtype.size();
        let mut out: Option<MutableBuffer> = None;
        let mut view = None;
        let fresh = || -> MutableBuffer {
            let bytes = shape.iter().product::<usize>() * size;
            let mut buffer = MutableBuffer::from_len_zeroed(bytes);
            if let Some(fill) = self.fill.filter(|fill| fill.bytes().iter().any(|byte| *byte != 0)) {
                buffer.as_slice_mut().chunks_exact_mut(size).for_each(|item| item.copy_from_slice(fill.bytes()));
            }
            buffer
        };
        self.each_box(task, inputs.iter().map(Vec::as_slice), |at, cut| {
            if cut.shape() == shape && out.is_none() {
                view = Some(cut);
                return Ok(());
            }
            cut.write_into(out.get_or_insert_with(&fresh).as_slice_mut(), &shape, at)
        })?;
        match (view, out) {
            (Some(view), _) => Ok(view),
            (None, out) => Chunk::new(self.dtype, &shape, out.unwrap_or_else(fresh).into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_backwards_touches_what_it_reads() {
        // x[100:27:-3] of 104 elements: 100, 97, …, 28.
        let walk = Walk { axis: 0, first: 0, len: 25, start: 100, step: -3, every: 1 };
        assert_eq!((walk.element(0), walk.element(24)), (100, 28));
        assert_eq!([walk.inside(&(83..104)), walk.inside(&(70..83)), walk.inside(&(0..28))], [0..6, 6..11, 25..34]);
        let axis = Axis::of_lens([20, 23, 27, 13, 21]);
        assert_eq!((walk.touches(&axis, &(0..6)), walk.touches(&axis, &(5..7))), (4..5, 3..5));
    }

    #[test]
    fn repeated_elements_are_cut_at_the_edges_of_a_chunk() {
        let walk = Walk { axis: 0, first: 0, len: 12, start: 0, step: 1, every: 3 };
        let runs: Vec<(usize, usize, usize)> = walk.runs(&(2..8), &(0..4)).iter().map(|run| (run.to, run.len, run.from)).collect();
        assert_eq!(runs, [(0, 1, 0), (1, 3, 1), (4, 2, 2)]);
    }
}
