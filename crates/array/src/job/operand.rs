//! [`Operand`]: what a tile program reads: a chunk, or boxes of several that nobody puts together.
//!
//! Tiles are taken in row-major order. Axes at the end that all boxes span are one with the axis before them: a *row* is as long
//! as these are together. A tile that lies within a row of one box is borrowed. Others are copied, part of a row by part of a row,
//! to memory that stays in the nearest cache.

use crate::{assembly::Assembly, grid::lens, scalar::Scalar};
use std::ops::Range;
use stratal_core::{
    Index, Result,
    value::{Chunk, DType},
};

/// What a program reads.
pub(crate) enum Operand {
    Chunk(Chunk),
    Boxes(Boxes),
}

/// A chunk in boxes, of which none has an element of another.
pub(crate) struct Boxes {
    dtype: DType,
    shape: Vec<usize>,
    /// What stands where no box does, if there is such a place.
    fill: Option<Scalar>,
    /// Where each begins, and its elements.
    boxes: Vec<(Vec<usize>, Chunk)>,
}

impl Operand {
    /// A chunk of an assembly. `inputs` has the chunks that each piece touches, in row-major order.
    pub(crate) fn assembled<'a>(assembly: &Assembly, task: Index, inputs: impl IntoIterator<Item = &'a [Chunk]>) -> Result<Self> {
        let (dtype, shape) = (assembly.dtype, lens(&assembly.grid.bounds(task)));
        let mut boxes: Vec<(Vec<usize>, Chunk)> = Vec::new();
        assembly.each_box(task, inputs, |at, chunk| {
            boxes.push((at.to_vec(), chunk));
            Ok(())
        })?;
        let fill = assembly.fill.unwrap_or_else(|| Scalar::zero(dtype));
        if boxes.is_empty() {
            return Chunk::filled(dtype, &shape, fill.bytes()).map(Operand::Chunk);
        }
        if let Some((_, whole)) = boxes.iter().find(|(_, chunk)| chunk.shape() == shape) {
            return Ok(Operand::Chunk(whole.clone()));
        }
        let covered = boxes.iter().map(|(_, chunk)| chunk.len()).sum::<usize>();
        let fill = (covered < shape.iter().product::<usize>()).then_some(fill);
        Ok(Operand::Boxes(Boxes { dtype, shape, fill, boxes }))
    }

    pub(crate) fn dtype(&self) -> DType {
        match self {
            Operand::Chunk(chunk) => chunk.dtype(),
            Operand::Boxes(boxes) => boxes.dtype,
        }
    }

    /// The operand with its axes in another order.
    pub(crate) fn with_axes(&self, order: &[Option<usize>]) -> Result<Self> {
        let of = match self {
            Operand::Chunk(chunk) => return chunk.with_axes(order).map(Operand::Chunk),
            Operand::Boxes(boxes) => boxes,
        };
        let moved = |of: &[usize], new: usize| order.iter().map(|axis| axis.map_or(new, |axis| of[axis])).collect::<Vec<usize>>();
        let one = |(at, chunk): &(Vec<usize>, Chunk)| -> Result<(Vec<usize>, Chunk)> { Ok((moved(at, 0), chunk.with_axes(order)?)) };
        let boxes = of.boxes.iter().map(one).collect::<Result<Vec<(Vec<usize>, Chunk)>>>()?;
        Ok(Operand::Boxes(Boxes { dtype: of.dtype, shape: moved(&of.shape, 1), fill: of.fill, boxes }))
    }

    pub(crate) fn reader(&self) -> Reader<'_> {
        match self {
            Operand::Chunk(chunk) => match chunk.as_bytes() {
                Some(bytes) => Reader::Line(bytes, chunk.dtype().size()),
                None => Reader::Chunk(chunk),
            },
            Operand::Boxes(boxes) => Reader::Rows(boxes.rows()),
        }
    }
}

impl Boxes {
    fn rows(&self) -> Rows<'_> {
        let is_spanned = |axis: &usize| self.boxes.iter().all(|(_, chunk)| chunk.shape()[*axis] == self.shape[*axis]);
        // A box that is not all of the chunk does not span some axis.
        let outer = (0..self.shape.len()).rev().find(|axis| !is_spanned(axis)).unwrap_or(0);
        let inner = self.shape[outer + 1..].iter().product::<usize>();
        let parts = self.boxes.iter().map(|(at, chunk)| {
            let first = at[outer] * inner;
            let columns = first..first + chunk.shape()[outer] * inner;
            let elements = has_lines(chunk, outer).then(|| chunk.buffer().as_slice());
            Part { at: &at[..outer], chunk, columns, elements }
        });
        Rows {
            size: self.dtype.size(),
            fill: self.fill.as_ref().map(Scalar::bytes),
            outer: &self.shape[..outer],
            row: self.shape[outer] * inner,
            parts: parts.collect(),
        }
    }
}

/// Whether elements that differ in the axes from `first` on alone stand one after another.
fn has_lines(chunk: &Chunk, first: usize) -> bool {
    let mut expected = 1isize;
    chunk.shape()[first..].iter().zip(&chunk.strides()[first..]).rev().all(|(len, stride)| {
        let fits = *len == 1 || *stride == expected;
        expected *= *len as isize;
        fits
    })
}

/// An operand as one tile after another.
pub(crate) enum Reader<'a> {
    /// Elements that stand one after another, each of so many bytes.
    Line(&'a [u8], usize),
    Chunk(&'a Chunk),
    Rows(Rows<'a>),
}

impl<'a> Reader<'a> {
    /// Whether no tile is ever copied.
    pub(crate) fn is_line(&self) -> bool {
        matches!(self, Reader::Line(..))
    }

    /// The `len` elements from the one with the number `start`, where they stand one after another.
    pub(crate) fn lies(&self, start: usize, len: usize) -> Option<&'a [u8]> {
        match self {
            Reader::Line(bytes, size) => Some(&bytes[start * size..(start + len) * size]),
            Reader::Chunk(_) => None,
            Reader::Rows(rows) => rows.lies(start, len),
        }
    }

    /// Writes the elements from the one with the number `start` until `out` is full.
    pub(crate) fn read(&self, start: usize, out: &mut [u8]) {
        match self {
            Reader::Line(bytes, size) => out.copy_from_slice(&bytes[start * size..start * size + out.len()]),
            Reader::Chunk(chunk) => chunk.read(start, out),
            Reader::Rows(rows) => rows.read(start, out),
        }
    }
}

/// Boxes as parts of rows.
pub(crate) struct Rows<'a> {
    /// Bytes of an element.
    size: usize,
    fill: Option<&'a [u8]>,
    /// The lengths of the axes along which rows are counted.
    outer: &'a [usize],
    /// Elements of a row.
    row: usize,
    parts: Vec<Part<'a>>,
}

/// A box, which has the same part of some rows.
struct Part<'a> {
    /// Its first row: the place along each of the outer axes.
    at: &'a [usize],
    chunk: &'a Chunk,
    columns: Range<usize>,
    /// The chunk's buffer, where its part of a row is one piece of that.
    elements: Option<&'a [u8]>,
}

impl Part<'_> {
    fn has(&self, index: &[usize]) -> bool {
        index.iter().zip(self.at).zip(self.chunk.shape()).all(|((index, at), len)| (*at..at + len).contains(index))
    }

    /// Where in the buffer an element stands of a row that is one piece.
    fn element(&self, index: &[usize], column: usize) -> usize {
        let steps = index.iter().zip(self.at).zip(self.chunk.strides());
        let row = steps.map(|((index, at), stride)| (index - at) as isize * stride).sum::<isize>();
        (self.chunk.offset() as isize + row) as usize + column - self.columns.start
    }

    /// Writes the elements of a row from one on until `out` is full.
    fn read(&self, index: &[usize], column: usize, size: usize, out: &mut [u8]) {
        match self.elements {
            Some(bytes) => {
                let first = self.element(index, column) * size;
                out.copy_from_slice(&bytes[first..first + out.len()]);
            }
            None => {
                let steps = index.iter().zip(self.at).zip(self.chunk.shape());
                let row = steps.fold(0usize, |row, ((index, at), len)| row * len + (index - at));
                self.chunk.read(row * self.columns.len() + column - self.columns.start, out);
            }
        }
    }
}

impl<'a> Rows<'a> {
    /// The places of a row along the outer axes.
    fn index(&self, row: usize) -> Vec<usize> {
        let (mut rest, mut index) = (row, vec![0; self.outer.len()]);
        for (at, len) in index.iter_mut().zip(self.outer).rev() {
            *at = rest % len;
            rest /= len;
        }
        index
    }

    /// Goes to the next row; from the last to the first.
    fn advance(&self, index: &mut [usize]) {
        for (at, len) in index.iter_mut().zip(self.outer).rev() {
            *at += 1;
            if *at < *len {
                return;
            }
            *at = 0;
        }
    }

    fn lies(&self, start: usize, len: usize) -> Option<&'a [u8]> {
        let (column, index) = (start % self.row, self.index(start / self.row));
        let has = |part: &&Part<'a>| part.columns.start <= column && column + len <= part.columns.end && part.has(&index);
        let part = self.parts.iter().find(has)?;
        let bytes = part.elements?;
        let first = part.element(&index, column);
        Some(&bytes[first * self.size..(first + len) * self.size])
    }

    fn read(&self, start: usize, out: &mut [u8]) {
        if let Some(fill) = self.fill {
            out.chunks_exact_mut(self.size).for_each(|item| item.copy_from_slice(fill));
        }
        let (mut column, mut index) = (start % self.row, self.index(start / self.row));
        let mut rest = out;
        while !rest.is_empty() {
            let len = (self.row - column).min(rest.len() / self.size);
            let (here, next) = std::mem::take(&mut rest).split_at_mut(len * self.size);
            for part in self.parts.iter().filter(|part| part.has(&index)) {
                let (first, end) = (part.columns.start.max(column), part.columns.end.min(column + len));
                if first < end {
                    part.read(&index, first, self.size, &mut here[(first - column) * self.size..(end - column) * self.size]);
                }
            }
            (rest, column) = (next, 0);
            self.advance(&mut index);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        assembly::{Piece, Read, Walk},
        grid::{Axis, Grid},
    };
    use proptest::prelude::*;

    /// An axis of the result: its cuts, those of the source, and walks that have no element in common.
    #[derive(Clone, Debug)]
    struct Line {
        grid: Axis,
        source: Axis,
        walks: Vec<Walk>,
    }

    fn cuts(len: usize) -> impl Strategy<Value = Axis> {
        prop::collection::vec(0..=len, 0..4).prop_map(move |mut at| {
            at.extend([0, len]);
            at.sort_unstable();
            Axis::of_lens(at.windows(2).map(|pair| pair[1] - pair[0]))
        })
    }

    /// A gap, a walk in any direction, a gap, and maybe another walk.
    fn lines(axis: usize) -> impl Strategy<Value = Line> {
        let walk = move || (0usize..3, 1usize..6, 1usize..4, any::<bool>());
        (prop::collection::vec(walk(), 1..3), 0usize..3)
            .prop_flat_map(move |(walks, after)| {
                let (mut first, mut longest, mut all) = (0usize, 1usize, Vec::new());
                for (gap, len, step, back) in walks {
                    first += gap;
                    let reach = (len - 1) * step;
                    let (start, step) = if back { (reach, -(step as isize)) } else { (0, step as isize) };
                    all.push(Walk { axis, first, len, start, step, every: 1 });
                    first += len;
                    longest = longest.max(reach + 1);
                }
                (cuts(first + after), cuts(longest), Just(all))
            })
            .prop_map(|(grid, source, walks)| Line { grid, source, walks })
    }

    /// The chunks of a source with its own number in each element.
    fn chunks(source: &Grid) -> Vec<Chunk> {
        let shape = source.shape();
        let count = shape.iter().product::<usize>() as i32;
        let all = Chunk::new(DType::I32, &shape, (1..=count).collect::<Vec<i32>>().into()).unwrap();
        let chunk = |task: u32| {
            let bounds = source.bounds(task);
            let start: Vec<usize> = bounds.iter().map(|range| range.start).collect();
            // An empty chunk may begin where the source ends.
            let start: Vec<usize> = if lens(&bounds).contains(&0) { vec![0; start.len()] } else { start };
            all.view(&start, &lens(&bounds), &vec![1; start.len()]).unwrap().compact()
        };
        (0..source.tasks().unwrap()).map(chunk).collect()
    }

    fn numbers(bytes: &[u8]) -> Vec<i32> {
        bytes.as_chunks::<4>().0.iter().map(|bytes| i32::from_le_bytes(*bytes)).collect()
    }

    /// All elements, tile by tile, borrowed where they can be.
    fn tiles(operand: &Operand, elements: usize, tile: usize) -> Vec<i32> {
        let reader = operand.reader();
        let tile_of = |start: usize| {
            let len = tile.min(elements - start);
            let mut copy = vec![0xff; 4 * len];
            reader.read(start, &mut copy);
            if let Some(bytes) = reader.lies(start, len) {
                assert_eq!(bytes, copy);
            }
            numbers(&copy)
        };
        (0..elements).step_by(tile).flat_map(tile_of).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]

        #[test]
        fn tiles_of_boxes_are_those_of_the_chunk_that_they_would_make(
            lines in (0usize..4).prop_flat_map(|ndim| (0..ndim).map(lines).collect::<Vec<_>>()),
            turned in any::<bool>(),
            fill in prop::option::of(Just(-7i32)),
            tile in 1usize..20,
        ) {
            let ndim = lines.len();
            let grid = Grid::new(lines.iter().map(|line| line.grid.clone()).collect());
            // The axes of the source stand in the other order, or in that of the result.
            let order: Vec<usize> = if turned { (0..ndim).rev().collect() } else { (0..ndim).collect() };
            let source = Grid::new(order.iter().map(|axis| lines[*axis].source.clone()).collect());
            let mut pieces: Vec<Vec<Read>> = vec![Vec::new()];
            for axis in &order {
                let with = |piece: &Vec<Read>| {
                    let one = |walk: &Walk| piece.iter().copied().chain([Read::Along(*walk)]).collect::<Vec<Read>>();
                    lines[*axis].walks.iter().map(one).collect::<Vec<_>>()
                };
                pieces = pieces.iter().flat_map(with).collect();
            }
            let pieces = pieces.into_iter().map(|axes| Piece { input: 0, source: source.clone(), axes }).collect();
            let assembly = Assembly { grid: grid.clone(), dtype: DType::I32, fill: fill.map(|fill| Scalar::of(DType::I32, fill)), pieces };
            let chunks = chunks(&source);
            for task in 0..grid.tasks().unwrap() {
                let at: Vec<usize> = grid.coordinates(task);
                let read = |piece: &Piece| {
                    let map = piece.edge(&grid);
                    let ranges: Vec<Range<u32>> = order.iter().zip(&map.axes).map(|(axis, ranges)| ranges[at[*axis]].clone()).collect();
                    let all = (0..source.tasks().unwrap()).filter(|chunk| {
                        source.coordinates(*chunk).iter().zip(&ranges).all(|(at, range)| range.contains(&(*at as u32)))
                    });
                    all.map(|chunk| chunks[chunk as usize].clone()).collect::<Vec<Chunk>>()
                };
                let inputs: Vec<Vec<Chunk>> = assembly.pieces.iter().map(read).collect();
                let built = assembly.build(task, &inputs).unwrap();
                let operand = Operand::assembled(&assembly, task, inputs.iter().map(Vec::as_slice)).unwrap();
                prop_assert_eq!(operand.dtype(), DType::I32);
                prop_assert_eq!(tiles(&operand, built.len(), tile), numbers(built.compact().as_bytes().unwrap()));
                let back: Vec<Option<usize>> = (0..ndim).rev().map(Some).collect();
                let (operand, built) = (operand.with_axes(&back).unwrap(), built.with_axes(&back).unwrap());
                prop_assert_eq!(tiles(&operand, built.len(), tile), numbers(built.compact().as_bytes().unwrap()));
            }
        }
    }

    /// Of chunks of 6 by 4, what begins one row, or one column, after the beginning of the first.
    fn shifted(axis: usize) -> Operand {
        let source = Grid::new(vec![Axis::regular(12, 6), Axis::regular(8, 4)]);
        let walk = |at: usize| {
            let start = if at == axis { 1 } else { 0 };
            Read::Along(Walk { axis: at, first: 0, len: if at == 0 { 6 } else { 4 }, start, step: 1, every: 1 })
        };
        let piece = Piece { input: 0, source: source.clone(), axes: vec![walk(0), walk(1)] };
        let assembly = Assembly { grid: Grid::whole(&[6, 4]), dtype: DType::I32, fill: None, pieces: vec![piece] };
        let chunks = chunks(&source);
        let read = if axis == 0 { [chunks[0].clone(), chunks[2].clone()] } else { [chunks[0].clone(), chunks[1].clone()] };
        Operand::assembled(&assembly, 0, [&read[..]]).unwrap()
    }

    #[test]
    fn what_lies_in_one_box_is_borrowed() {
        // Rows that are whole are one row: all but the last of them lie in the first chunk.
        let down = shifted(0);
        let reader = down.reader();
        assert!(reader.lies(0, 20).is_some() && reader.lies(20, 4).is_some() && reader.lies(16, 8).is_none());
        // Of each row three columns lie in the first chunk.
        let across = shifted(1);
        let reader = across.reader();
        assert!(reader.lies(4, 3).is_some() && reader.lies(7, 1).is_some() && reader.lies(2, 2).is_none() && reader.lies(4, 4).is_none());
        assert!(!reader.is_line());
    }
}
