//! Contractions: sums of products over axes that two arrays share. Matrix products, `tensordot` and pairs of `einsum` are these.
//!
//! A task makes a tile of the result: it takes its panels along the contracted axes one after another and adds each product in
//! place, so that it holds the tile and one panel of each side, whatever their length. Which tiles there are follows from how
//! many bytes are read. Transposes are strides, and cuts of the contracted axes that differ are no matter: where they differ, a
//! part of a chunk is multiplied.
//!
//! `plan`: which tiles, and what is read for them. `panels`: what a task multiplies, and where it adds it. `product`: one product.

mod panels;
mod plan;
mod product;

pub(crate) use plan::{Planned, plan};
pub(crate) use product::{add, multiply};

use crate::{
    grid::{Axis, Grid},
    lower::crossed,
};
use serde::{Deserialize, Serialize};
use std::ops::Range;
use stratal_core::{
    Result,
    graph::{EdgeMap, GridMap},
    value::DType,
};

/// One side: an array, and what each of its axes is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Side {
    pub(crate) grid: Grid,
    /// For each batch axis of the result, the own axis; none where this side is the same along it.
    pub(crate) batch: Vec<Option<usize>>,
    /// Axes that stay, in the order of the result.
    pub(crate) free: Vec<usize>,
    /// Axes that are summed over, in the order of the other side's.
    pub(crate) contracted: Vec<usize>,
}

/// A contraction and the tiles that its tasks make.
///
/// The axes of the result are the batch axes, then those that stay of the left, then those of the right. There are as many tasks
/// as tiles, times the parts: a task's number is that of its tile times the number of parts, plus that of its part.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Contraction {
    pub(crate) dtype: DType,
    pub(crate) left: Side,
    pub(crate) right: Side,
    pub(crate) out: Grid,
    /// How the first contracted axis is shared out; one part where each task sums over all of it.
    pub(crate) parts: Axis,
}

impl Side {
    /// What it is over some of its axes, one after another multiplied.
    fn product(&self, axes: impl IntoIterator<Item = usize>, of: impl Fn(&Axis) -> usize) -> u64 {
        axes.into_iter().fold(1, |product, axis| product.saturating_mul(of(&self.grid.axes[axis]) as u64))
    }

    /// The batch axes that it has.
    fn own_batch(&self) -> impl Iterator<Item = usize> + '_ {
        self.batch.iter().filter_map(|axis| *axis)
    }

    /// Its axes in the order batch, those that stay, those that are summed over, or these two the other way round.
    fn order(&self, summed_last: bool) -> Vec<Option<usize>> {
        let (first, last) = if summed_last { (&self.free, &self.contracted) } else { (&self.contracted, &self.free) };
        self.batch.iter().copied().chain(first.iter().chain(last).map(|axis| Some(*axis))).collect()
    }
}

impl Contraction {
    /// The number of tasks, of which each makes a tile, or a part of the sum for one.
    pub(crate) fn tasks(&self) -> Result<u32> {
        self.tasks_grid().tasks()
    }

    /// The grid of the tasks: that of the result, and the parts.
    pub(crate) fn tasks_grid(&self) -> Grid {
        Grid::new(self.out.axes.iter().chain([&self.parts]).cloned().collect())
    }

    /// The axis of the result on which the axes that stay of a side begin.
    fn first_free(&self, is_left: bool) -> usize {
        self.left.batch.len() + if is_left { 0 } else { self.left.free.len() }
    }

    /// The chunks of a side that each task reads.
    pub(crate) fn edge(&self, is_left: bool) -> EdgeMap {
        let side = if is_left { &self.left } else { &self.right };
        let axes = &side.grid.axes;
        let all = |axis: &Axis| 0..axis.count() as u32;
        let mut reads: Vec<Vec<Range<u32>>> = axes.iter().map(|axis| vec![all(axis)]).collect();
        // For each axis of the tasks' grid, the axis of the side that it is.
        let mut order: Vec<Option<usize>> = vec![None; self.out.ndim() + 1];
        let along = |out: &Axis, own: &Axis| (0..out.count()).map(|at| chunks_along(out, own, at)).collect::<Vec<_>>();
        for (at, axis) in side.batch.iter().enumerate() {
            if let Some(axis) = axis {
                reads[*axis] = along(&self.out.axes[at], &axes[*axis]);
                order[at] = Some(*axis);
            }
        }
        for (at, axis) in (self.first_free(is_left)..).zip(&side.free) {
            reads[*axis] = along(&self.out.axes[at], &axes[*axis]);
            order[at] = Some(*axis);
        }
        if let Some(axis) = side.contracted.first() {
            reads[*axis] = (0..self.parts.count()).map(|part| axes[*axis].touching(self.parts.bounds(part))).collect();
            order[self.out.ndim()] = Some(*axis);
        }
        let source = axes.iter().map(|axis| axis.count() as u32).collect();
        crossed(GridMap { source, axes: reads }, &order, &self.tasks_grid().counts())
    }

    /// Bytes that a task holds at once: its tile, and a panel of each side.
    pub(crate) fn bytes(&self) -> u64 {
        let panel = |side: &Side, is_left: bool| {
            let tile = &self.out.axes[self.first_free(is_left)..];
            let free = side.free.iter().zip(tile).map(|(own, out)| out.largest().max(side.grid.axes[*own].largest()) as u64);
            let rest = side.product(side.own_batch().chain(side.contracted.iter().copied()), Axis::largest);
            free.fold(rest, |elements, len| elements.saturating_mul(len))
        };
        let elements = self.out.largest().saturating_add(panel(&self.left, true)).saturating_add(panel(&self.right, false));
        elements.saturating_mul(self.dtype.size() as u64)
    }
}

/// The chunks of a side that a tile reads along an axis that both have. Where they are cut alike it is the same one, empty or not.
fn chunks_along(out: &Axis, own: &Axis, tile: usize) -> Range<u32> {
    match out == own {
        true => tile as u32..tile as u32 + 1,
        false => own.touching(out.bounds(tile)),
    }
}
