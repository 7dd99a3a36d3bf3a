//! What one task of a contraction multiplies: pairs of chunks, panel by panel, and where their products are added.

use super::{Contraction, Side, chunks_along};
use crate::grid::{Axis, Grid, lens};
use std::ops::Range;
use stratal_core::Index;

/// What a task makes: a tile, or a part of the sum for one.
#[derive(Debug)]
pub(crate) struct Tile {
    /// Its lengths.
    pub(crate) shape: Vec<usize>,
    /// Rows and columns of each of its matrices.
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    /// One after another along the contracted axes. Nothing where the tile, or the sum, is empty.
    pub(crate) panels: Vec<Panel>,
}

/// Products over the same stretch of the contracted axes.
#[derive(Debug)]
pub(crate) struct Panel {
    pub(crate) products: Vec<Product>,
}

/// A product of parts of two chunks.
#[derive(Debug, PartialEq)]
pub(crate) struct Product {
    pub(crate) left: Factor,
    pub(crate) right: Factor,
    /// Where the product is added: the first row and column.
    pub(crate) at: (usize, usize),
}

/// A part of a chunk.
#[derive(Debug, PartialEq)]
pub(crate) struct Factor {
    /// The chunk's number.
    pub(crate) chunk: Index,
    /// The box of it, counted from its own beginning.
    pub(crate) part: Vec<Range<usize>>,
}

/// A stretch of a contracted axis that lies in one chunk of each side.
#[derive(Clone, Debug, PartialEq)]
struct Stretch {
    elements: Range<usize>,
    left: usize,
    right: usize,
}

/// The stretches of some elements of an axis that two sides cut in their own ways.
fn stretches(left: &Axis, right: &Axis, within: Range<usize>) -> Vec<Stretch> {
    let (mut all, mut start) = (Vec::new(), within.start);
    while start < within.end {
        let (l, r) = (left.find(start), right.find(start));
        let end = left.bounds(l).end.min(right.bounds(r).end).min(within.end);
        all.push(Stretch { elements: start..end, left: l, right: r });
        start = end;
    }
    all
}

/// Every choice of one of each.
fn choices<T: Clone>(of: &[Vec<T>]) -> Vec<Vec<T>> {
    of.iter().fold(vec![Vec::new()], |chosen, next| {
        let with = |chosen: &Vec<T>| {
            let chosen = chosen.clone();
            next.iter().map(move |one| chosen.iter().cloned().chain([one.clone()]).collect::<Vec<T>>()).collect::<Vec<_>>()
        };
        chosen.iter().flat_map(with).collect()
    })
}

/// The number of a chunk in its grid.
fn number(grid: &Grid, at: &[usize]) -> Index {
    at.iter().zip(grid.counts()).fold(0, |sum, (at, count)| sum * count + at) as Index
}

impl Contraction {
    /// What a task makes, and of what.
    pub(crate) fn tile(&self, task: Index) -> Tile {
        let parts = self.parts.count() as Index;
        let (tile, part) = (self.out.coordinates(task / parts), (task % parts) as usize);
        let bounds: Vec<Range<usize>> = self.out.axes.iter().zip(&tile).map(|(axis, at)| axis.bounds(*at)).collect();
        let shape = lens(&bounds);
        let (first_left, first_right) = (self.first_free(true), self.first_free(false));
        let (rows, columns) = (shape[first_left..first_right].iter().product(), shape[first_right..].iter().product());
        let mut made = Tile { rows, columns, panels: Vec::new(), shape };
        if made.shape.contains(&0) {
            return made;
        }
        let pairs = self.left.contracted.iter().zip(&self.right.contracted).enumerate();
        let along: Vec<Vec<Stretch>> = pairs
            .map(|(nth, (left, right))| {
                let (left, right) = (&self.left.grid.axes[*left], &self.right.grid.axes[*right]);
                let within = if nth == 0 { self.parts.bounds(part) } else { 0..left.len() };
                stretches(left, right, within)
            })
            .collect();
        let lefts = self.chunks(&self.left, first_left, &tile);
        let rights = self.chunks(&self.right, first_right, &tile);
        for stretch in choices(&along) {
            let left_stretch: Vec<(usize, Range<usize>)> = stretch.iter().map(|s| (s.left, s.elements.clone())).collect();
            let right_stretch: Vec<(usize, Range<usize>)> = stretch.iter().map(|s| (s.right, s.elements.clone())).collect();
            let mut products = Vec::with_capacity(lefts.len() * rights.len());
            for left in &lefts {
                for right in &rights {
                    products.push(Product {
                        left: self.left.factor(left, &left_stretch),
                        right: self.right.factor(right, &right_stretch),
                        at: (self.left.start(left, &bounds, first_left), self.right.start(right, &bounds, first_right)),
                    });
                }
            }
            made.panels.push(Panel { products });
        }
        made
    }

    /// The chunks of a side that a tile reads, as places on all its axes. The contracted ones are filled in later.
    fn chunks(&self, side: &Side, first: usize, tile: &[usize]) -> Vec<Vec<usize>> {
        let mut along: Vec<Vec<usize>> = vec![vec![0]; side.grid.ndim()];
        let mut set = |own: usize, out: usize| {
            let chunks = chunks_along(&self.out.axes[out], &side.grid.axes[own], tile[out]);
            along[own] = (chunks.start as usize..chunks.end as usize).collect();
        };
        side.batch.iter().enumerate().filter_map(|(at, own)| Some(((*own)?, at))).for_each(|(own, at)| set(own, at));
        side.free.iter().zip(first..).for_each(|(own, at)| set(*own, at));
        choices(&along)
    }
}

impl Side {
    /// The part of a chunk that lies in these stretches of the contracted axes.
    fn factor(&self, at: &[usize], stretches: &[(usize, Range<usize>)]) -> Factor {
        let mut at = at.to_vec();
        for (axis, (chunk, _)) in self.contracted.iter().zip(stretches) {
            at[*axis] = *chunk;
        }
        let mut part: Vec<Range<usize>> = self.grid.axes.iter().zip(&at).map(|(axis, at)| 0..axis.bounds(*at).len()).collect();
        for (axis, (chunk, elements)) in self.contracted.iter().zip(stretches) {
            let start = self.grid.axes[*axis].bounds(*chunk).start;
            part[*axis] = elements.start - start..elements.end - start;
        }
        Factor { chunk: number(&self.grid, &at), part }
    }

    /// The row or column of the tile at which a chunk begins. Of several axes that stay none is coarser in the tile than here.
    fn start(&self, at: &[usize], tile: &[Range<usize>], first: usize) -> usize {
        match self.free[..] {
            [axis] => self.grid.axes[axis].bounds(at[axis]).start - tile[first].start,
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use stratal_core::value::DType;

    #[test]
    fn cuts_that_differ_are_taken_together() {
        let (left, right) = (Axis::of_lens([2, 3]), Axis::of_lens([0, 4, 1]));
        let taken: Vec<(Range<usize>, usize, usize)> =
            stretches(&left, &right, 1..5).into_iter().map(|stretch| (stretch.elements, stretch.left, stretch.right)).collect();
        assert_eq!(taken, [(1..2, 0, 1), (2..4, 1, 1), (4..5, 1, 2)]);
        assert!(stretches(&left, &right, 5..5).is_empty());
    }

    #[test]
    fn a_tile_over_several_chunks_adds_each_product_in_its_place() {
        let side = |rows: Axis, columns: Axis, free: usize, contracted: usize| Side {
            grid: Grid::new(vec![rows, columns]),
            batch: Vec::new(),
            free: vec![free],
            contracted: vec![contracted],
        };
        let contraction = Contraction {
            dtype: DType::F64,
            left: side(Axis::of_lens([2, 1]), Axis::of_lens([2, 3]), 0, 1),
            right: side(Axis::of_lens([4, 1]), Axis::of_lens([1, 1]), 0, 1),
            out: Grid::new(vec![Axis::of_lens([2, 1]), Axis::regular(2, 2)]),
            parts: Axis::regular(5, 5),
        };
        let contraction = Contraction { right: Side { free: vec![1], contracted: vec![0], ..contraction.right.clone() }, ..contraction };
        let tile = contraction.tile(1);
        assert_eq!((tile.rows, tile.columns, tile.panels.len()), (1, 2, 3));
        let second: Vec<(Index, Index, (usize, usize))> =
            tile.panels[1].products.iter().map(|product| (product.left.chunk, product.right.chunk, product.at)).collect();
        assert_eq!(second, [(3, 0, (0, 0)), (3, 1, (0, 1))]);
        assert_eq!(tile.panels[1].products[0].left.part, [0..1, 0..2]);
        assert_eq!(tile.panels[1].products[0].right.part, [2..4, 0..1]);
    }
}
