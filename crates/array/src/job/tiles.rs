//! The kind `array.tiles`: a fused region, chunk by chunk, and where it ends in a reduction, the states of that chunk.

use super::{
    Job, JobKind, Program, Src, only,
    operand::Operand,
    program::{Machine, TILE},
};
use crate::{
    assembly::Assembly,
    fold::{self, Reduction},
    grid::{Grid, lens},
    made::Made,
};
use arrow_buffer::MutableBuffer;
use serde::{Deserialize, Serialize};
use std::{ops::Range, sync::Arc};
use stratal_core::{Error, Index, Result, runner::TaskContext, value::Chunk};

stratal_core::register_kind!(JobKind::<Tiles>::new());

/// Tiles between two looks at whether the task was cancelled.
const OFTEN: usize = 64;

/// A fused region.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Tiles {
    /// The names of what was fused.
    pub(crate) name: String,
    /// The grid that is walked.
    pub(crate) grid: Grid,
    pub(crate) program: Program,
    pub(crate) leaves: Vec<Leaf>,
    pub(crate) fold: Option<Folded>,
}

/// What a program reads.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Leaf {
    /// Made where it is needed; of this shape.
    Made(Arc<Made>, Vec<usize>),
    /// The one chunk of an edge.
    Edge(u32),
    /// Boxes of chunks. Of each piece the edge over which these come; the grid of the result is the one that is walked.
    Boxes(Arc<Assembly>, Vec<u32>),
}

/// The reduction at the end of a region.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Folded {
    pub(crate) how: Reduction,
    /// The grid of the result, where each chunk has all elements that its results are of; else states are left.
    pub(crate) whole: Option<Grid>,
}

impl Leaf {
    fn operand(&self, task: Index, bounds: &[Range<usize>], inputs: &[Vec<Chunk>]) -> Result<Operand> {
        let chunk = match self {
            Leaf::Boxes(assembly, edges) => {
                let chunks = edges.iter().map(|edge| inputs.get(*edge as usize).map(Vec::as_slice).unwrap_or_default());
                return Operand::assembled(assembly, task, chunks);
            }
            Leaf::Edge(edge) => only(inputs, *edge as usize)?.clone(),
            Leaf::Made(made, shape) => {
                let new = bounds.len().checked_sub(shape.len()).ok_or_else(|| Error::internal("a leaf has more axes than its region"))?;
                // Where an axis is broadcast, its one element is needed everywhere.
                let part = |(range, len): (&Range<usize>, &usize)| if *len == 1 { 0..range.len().min(1) } else { range.clone() };
                let part: Vec<Range<usize>> = bounds[new..].iter().zip(shape).map(part).collect();
                match &**made {
                    // A value needs no place, and an empty chunk no value.
                    Made::Fill(value) => return Chunk::filled(value.dtype(), &lens(bounds), value.bytes()).map(Operand::Chunk),
                    made => made.block(&part)?,
                }
            }
        };
        chunk.broadcast_to(&lens(bounds)).map(Operand::Chunk)
    }
}

impl Job for Tiles {
    const KIND: &'static str = "array.tiles";

    fn describe(&self) -> String {
        self.name.clone()
    }

    fn run(&self, task: Index, inputs: &[Vec<Chunk>], cx: &TaskContext) -> Result<Chunk> {
        let bounds = self.grid.bounds(task);
        let leaves = self.leaves.iter().map(|leaf| leaf.operand(task, &bounds, inputs)).collect::<Result<Vec<Operand>>>()?;
        match &self.fold {
            None => self.map(&leaves, &lens(&bounds), cx),
            Some(folded) => self.reduce(folded, leaves, &bounds, task, cx),
        }
    }
}

impl Tiles {
    /// Calls `each` with the results of the program, tile by tile.
    fn each_tile(&self, leaves: &[Operand], elements: usize, cx: &TaskContext, mut each: impl FnMut(&[u8], usize)) -> Result<()> {
        let mut machine = Machine::new(&self.program, leaves, elements);
        for (nth, start) in (0..elements).step_by(TILE).enumerate() {
            if nth % OFTEN == OFTEN - 1 {
                cx.checkpoint()?;
            }
            each(machine.run(start, TILE.min(elements - start))?, start);
        }
        Ok(())
    }

    fn map(&self, leaves: &[Operand], shape: &[usize], cx: &TaskContext) -> Result<Chunk> {
        // What is computed nowhere is a view.
        if let Src::Leaf(leaf) = self.program.result {
            return match leaves.get(leaf as usize) {
                Some(Operand::Chunk(chunk)) => Ok(chunk.clone()),
                _ => Err(Error::internal("a program that computes nothing is given no chunk")),
            };
        }
        if let Src::Const(at) = self.program.result {
            return Chunk::filled(self.program.dtype, shape, self.program.consts[at as usize].bytes());
        }
        let (elements, size) = (shape.iter().product::<usize>(), self.program.dtype.size());
        // Tiles come in order: no byte is written twice, as it would be in a buffer of zeros.
        let mut out = MutableBuffer::with_capacity(elements * size);
        self.each_tile(leaves, elements, cx, |tile, _| out.extend_from_slice(tile))?;
        Chunk::new(self.program.dtype, shape, out.into())
    }

    fn reduce(&self, folded: &Folded, leaves: Vec<Operand>, bounds: &[Range<usize>], task: Index, cx: &TaskContext) -> Result<Chunk> {
        let how = &folded.how;
        let axes = |reduced: bool| (0..bounds.len()).filter(move |axis| how.axes[*axis] == reduced);
        let count = |reduced: bool| axes(reduced).map(|axis| bounds[axis].len()).product::<usize>();
        let (kept, reduced) = (count(false), count(true));
        // The last axis of more than one element decides which order reads memory in rows.
        let last = (0..bounds.len()).rev().find(|axis| bounds[*axis].len() > 1);
        let in_runs = last.is_none_or(|axis| how.axes[axis]);
        let order: Vec<Option<usize>> = axes(!in_runs).chain(axes(in_runs)).map(Some).collect();
        let leaves = leaves.iter().map(|leaf| leaf.with_axes(&order)).collect::<Result<Vec<Operand>>>()?;
        let mut folder = fold::folder(how, kept, reduced, in_runs);
        self.each_tile(&leaves, kept * reduced, cx, |tile, start| folder.feed(tile, start))?;
        let states = folder.finish(&|at| place(how, &self.grid, bounds, at))?;
        match &folded.whole {
            None => Ok(states),
            Some(grid) => fold::finish(how, &states, &lens(&grid.bounds(task))),
        }
    }
}

/// The place in the array, over the reduced axes alone, of a reduced element of a chunk.
fn place(how: &Reduction, grid: &Grid, bounds: &[Range<usize>], at: u64) -> u64 {
    let (mut rest, mut unit, mut sum) = (at, 1u64, 0u64);
    for axis in (0..bounds.len()).rev().filter(|axis| how.axes[*axis]) {
        let len = bounds[axis].len().max(1) as u64;
        sum += (bounds[axis].start as u64 + rest % len) * unit;
        rest /= len;
        unit *= grid.axes[axis].len() as u64;
    }
    sum
}
