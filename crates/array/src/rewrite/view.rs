//! [`View`]: an assembly that is one plain walk through one source. Slices, indexes, flips, new axes, transposes and other
//! chunks are all views, and so is what several of them make together.

use super::remade;
use crate::{
    assembly::{Assembly, Piece, Read, Walk},
    grid::Grid,
    node::{Node, Op},
};
use std::{
    hash::{Hash, Hasher},
    panic::Location,
    sync::Arc,
};

/// Every axis of the result is walked from its beginning to its end, or is new and has length 1.
#[derive(Clone, Debug)]
pub(super) struct View {
    /// The operation that the user wrote, and where.
    pub(super) name: &'static str,
    pub(super) at: Option<&'static Location<'static>>,
    pub(super) grid: Arc<Grid>,
    /// For each axis of the source, what is read of it.
    pub(super) reads: Vec<Read>,
}

/// Views are equal where they give the same elements in the same chunks.
impl PartialEq for View {
    fn eq(&self, other: &Self) -> bool {
        self.reads == other.reads && self.grid == other.grid
    }
}

impl Eq for View {}

impl Hash for View {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.reads.hash(state);
        self.grid.shape().hash(state);
    }
}

/// The number of elements of an array.
pub(super) fn elements(grid: &Grid) -> u128 {
    grid.axes.iter().fold(1u128, |elements, axis| elements.saturating_mul(axis.len() as u128))
}

/// A walk of which what does not matter is always the same: equal walks look equal.
fn plain(walk: &Walk) -> Walk {
    match walk.len {
        0 => Walk { start: 0, step: 1, every: 1, ..*walk },
        1 => Walk { step: 1, every: 1, ..*walk },
        _ => *walk,
    }
}

impl View {
    /// The view that an assembly is, and which input of its node it is of.
    pub(super) fn of(
        name: &'static str,
        at: Option<&'static Location<'static>>,
        grid: &Arc<Grid>,
        assembly: &Assembly,
    ) -> Option<(usize, View)> {
        let [piece] = &assembly.pieces[..] else { return None };
        let mut walked = vec![false; grid.ndim()];
        let mut reads = Vec::with_capacity(piece.axes.len());
        for read in &piece.axes {
            reads.push(match read {
                Read::At(element) => Read::At(*element),
                Read::Along(walk) => {
                    let walk = plain(walk);
                    let is_whole = walk.first == 0 && walk.every == 1 && walk.step != 0 && walk.len == grid.axes[walk.axis].len();
                    if !is_whole || std::mem::replace(&mut walked[walk.axis], true) {
                        return None;
                    }
                    Read::Along(walk)
                }
            });
        }
        let covers = walked.iter().zip(&grid.axes).all(|(walked, axis)| *walked || axis.len() == 1);
        covers.then(|| (piece.input, View { name, at, grid: grid.clone(), reads }))
    }

    /// The view that a node is of its input.
    pub(super) fn of_node(node: &Node) -> Option<(usize, View)> {
        match &node.op {
            Op::Assemble(assembly) => View::of(node.name, node.at, &node.grid, assembly),
            _ => None,
        }
    }

    /// It as a piece that reads an array of this grid.
    pub(super) fn piece(&self, source: &Grid) -> Piece {
        Piece { input: 0, source: source.clone(), axes: self.reads.clone() }
    }

    /// It as a node that reads another.
    pub(super) fn node(&self, over: &Arc<Node>) -> Arc<Node> {
        let pieces = vec![self.piece(&over.grid)];
        let assembly = Assembly { grid: (*self.grid).clone(), dtype: over.dtype, fill: None, pieces };
        remade(self.name, self.at, &self.grid, over.dtype, Op::Assemble(Arc::new(assembly)), vec![over.clone()])
    }

    /// Whether every element stays in its place, though maybe in another chunk.
    pub(super) fn keeps_places(&self, source: &Grid) -> bool {
        let whole = |(axis, read): (usize, &Read)| match read {
            Read::At(_) => false,
            Read::Along(walk) => *walk == plain(&Walk::whole(axis, source.axes[axis].len())),
        };
        self.grid.ndim() == source.ndim() && self.reads.iter().enumerate().all(whole)
    }

    /// Whether it is its source.
    pub(super) fn is_whole(&self, source: &Grid) -> bool {
        self.keeps_places(source) && *self.grid == *source
    }

    /// Whether it has less elements than its source.
    pub(super) fn shrinks(&self, source: &Grid) -> bool {
        elements(&self.grid) < elements(source)
    }

    /// Whether the axes of the result are those of the source in their order, some of them gone.
    pub(super) fn keeps_order(&self) -> bool {
        let walked = self.reads.iter().filter_map(|read| match read {
            Read::At(_) => None,
            Read::Along(walk) => Some(walk.axis),
        });
        walked.eq(0..self.grid.ndim())
    }
}
