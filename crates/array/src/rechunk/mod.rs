//! From one grid to another without a task that reads too much.
//!
//! A chunk is read whole, however little of it is wanted. So where every chunk of the result touches many chunks of the source,
//! as from rows to columns, going there directly would read the whole array for each of them. Then chunks are first cut to
//! *boxes*, along the cuts of both grids: each of these tasks reads the one chunk that it cuts, where that is. A chunk of the
//! result is put together of its boxes: together they are no more than itself. Where there were too many boxes, the way goes
//! through a grid half way between the two. Every layer goes on as soon as what it reads is there; nothing waits for all.

use crate::{
    assembly::{Assembly, Piece, Read, Walk},
    grid::{Axis, Grid},
};
use stratal_core::{graph::GridMap, value::DType};

/// Chunks that a task reads at most, and that a chunk is cut to at most.
const FAN: u64 = 256;
/// How many times a task may read what it leaves, or one chunk of the source where that is larger.
const WASTE: u64 = 4;
/// How often the way may be halved. With each time the fan becomes its root.
const HALVES: u32 = 4;

/// What a chunk reads at most.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Reads {
    chunks: u64,
    elements: u64,
}

/// What a chunk that reads over this edge reads at most.
fn reads(map: &GridMap, source: &Grid) -> Reads {
    let mut most = Reads { chunks: 1, elements: 1 };
    for (ranges, axis) in map.axes.iter().zip(&source.axes) {
        let elements = |range: &std::ops::Range<u32>| match range.is_empty() {
            true => 0,
            false => axis.bounds(range.end as usize - 1).end - axis.bounds(range.start as usize).start,
        };
        let chunks = ranges.iter().map(ExactSizeIterator::len).max().unwrap_or(0);
        let elements = ranges.iter().map(elements).max().unwrap_or(0);
        most.chunks = most.chunks.saturating_mul(chunks as u64);
        most.elements = most.elements.saturating_mul(elements as u64);
    }
    most
}

/// Whether chunks may be put together directly.
fn is_light(piece: &Piece, grid: &Grid) -> bool {
    let reads = reads(&piece.edge(grid), &piece.source);
    let fair = grid.largest().max(piece.source.largest()).saturating_mul(WASTE);
    reads.chunks <= 1 || reads.chunks <= FAN && reads.elements <= fair
}

/// The array of one grid in another.
fn regrid(source: &Grid, grid: &Grid, dtype: DType) -> Assembly {
    let axes = source.axes.iter().enumerate().map(|(at, axis)| Read::Along(Walk::whole(at, axis.len()))).collect();
    Assembly { grid: grid.clone(), dtype, fill: None, pieces: vec![Piece { input: 0, source: source.clone(), axes }] }
}

/// An axis with the cuts of both.
fn cut_by_both(a: &Axis, b: &Axis) -> Axis {
    if a == b {
        return a.clone();
    }
    if let (Axis::Regular { len, chunk: a }, Axis::Regular { chunk: b, .. }) = (a, b) {
        let (small, large) = (*a.min(b), *a.max(b));
        if large.is_multiple_of(small) || large >= *len {
            return Axis::regular(*len, small);
        }
    }
    let mut cuts: Vec<usize> = [a, b].iter().flat_map(|axis| (0..axis.count()).map(|chunk| axis.bounds(chunk).end)).collect();
    cuts.sort_unstable();
    cuts.dedup();
    let starts = std::iter::once(0).chain(cuts.iter().copied());
    Axis::of_lens(starts.zip(&cuts).map(|(start, end)| end - start).filter(|len| *len > 0).collect::<Vec<usize>>())
}

/// A grid half way between two: its chunks are about as large as the larger of theirs, and less elongated.
fn half_way(source: &Grid, target: &Grid) -> Grid {
    let axis = |(a, b): (&Axis, &Axis)| match a == b {
        true => a.clone(),
        false => Axis::regular(a.len(), (a.largest() as f64 * b.largest() as f64).sqrt().round() as usize),
    };
    Grid::new(source.axes.iter().zip(&target.axes).map(axis).collect())
}

/// The grids to go through, the last one among them.
fn route(source: &Grid, target: &Grid, halves: u32) -> Vec<Grid> {
    if source == target {
        return Vec::new();
    }
    let takes = |source: &Grid, target: &Grid| {
        let plain = regrid(source, target, DType::U8);
        reads(&plain.pieces[0].edge(target), source)
    };
    if is_light(&regrid(source, target, DType::U8).pieces[0], target) {
        return vec![target.clone()];
    }
    let boxes = Grid::new(source.axes.iter().zip(&target.axes).map(|(a, b)| cut_by_both(a, b)).collect());
    let middle = half_way(source, target);
    let few = takes(&boxes, target).chunks <= FAN && takes(&boxes, source).chunks <= FAN && boxes.tasks().is_ok();
    if few || halves == 0 || middle == *source || middle == *target {
        return vec![boxes, target.clone()];
    }
    let mut grids = route(source, &middle, halves - 1);
    grids.extend(route(&middle, target, halves - 1));
    grids
}

/// The grid in which a piece is cut as its source is: each chunk of it is one of the source's, or a part. None for what repeats
/// elements, is not all of the result, or has more cuts than are listed.
fn own_grid(piece: &Piece, grid: &Grid) -> Option<Grid> {
    let axis = |at: usize| {
        let len = grid.axes[at].len();
        let walked = piece.axes.iter().zip(&piece.source.axes).find_map(|(read, source)| match read {
            Read::Along(walk) if walk.axis == at => Some((walk, source)),
            _ => None,
        });
        let Some((walk, source)) = walked else { return (len <= 1).then(|| Axis::regular(len, len)) };
        if *walk == Walk::whole(at, source.len()) && len == source.len() {
            return Some(source.clone());
        }
        if (walk.first, walk.len, walk.every) != (0, len, 1) || walk.step == 0 {
            return None;
        }
        source.walked(walk.start, walk.step, len).ok()
    };
    (0..grid.ndim()).map(axis).collect::<Option<Vec<Axis>>>().map(Grid::new)
}

/// An assembly as several, each over the one before it; none where it is light as it is.
pub(crate) fn hops(assembly: &Assembly) -> Option<Vec<Assembly>> {
    let [piece] = &assembly.pieces[..] else { return None };
    if is_light(piece, &assembly.grid) {
        return None;
    }
    let own = own_grid(piece, &assembly.grid)?;
    let plain = regrid(&piece.source, &piece.source, assembly.dtype);
    let mut hops = Vec::new();
    if own != piece.source || plain.pieces[0].axes != piece.axes {
        hops.push(Assembly { grid: own.clone(), ..assembly.clone() });
    }
    let mut from = own;
    for grid in route(&from, &assembly.grid, HALVES) {
        hops.push(regrid(&from, &grid, assembly.dtype));
        from = grid;
    }
    Some(hops)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(len: usize, rows: usize, columns: usize) -> Grid {
        Grid::new(vec![Axis::regular(len, rows), Axis::regular(len, columns)])
    }

    /// The most that a task reads on the way, in chunks and in elements.
    fn worst(source: &Grid, hops: &[Assembly]) -> Reads {
        let mut worst = Reads { chunks: 0, elements: 0 };
        let mut from = source.clone();
        for hop in hops {
            assert_eq!(hop.pieces[0].source, from);
            let reads = reads(&hop.pieces[0].edge(&hop.grid), &from);
            worst = Reads { chunks: worst.chunks.max(reads.chunks), elements: worst.elements.max(reads.elements) };
            from = hop.grid.clone();
        }
        worst
    }

    #[test]
    fn a_light_change_is_one_step() {
        for (source, target) in [(square(1000, 100, 100), square(1000, 150, 90)), (square(1000, 10, 1000), square(1000, 40, 250))] {
            assert_eq!(hops(&regrid(&source, &target, DType::F64)), None);
        }
    }

    #[test]
    fn rows_become_columns_through_boxes() {
        let (source, target) = (square(1000, 10, 1000), square(1000, 1000, 10));
        let hops = hops(&regrid(&source, &target, DType::F64)).unwrap();
        let grids: Vec<Vec<usize>> = hops.iter().map(|hop| hop.grid.counts()).collect();
        assert_eq!(grids, [vec![100, 100], vec![1, 100]]);
        assert_eq!(worst(&source, &hops), Reads { chunks: 100, elements: 10_000 });
    }

    #[test]
    fn very_many_rows_become_columns_half_way_first() {
        let (source, target) = (square(100_000, 10, 100_000), square(100_000, 100_000, 10));
        let hops = hops(&regrid(&source, &target, DType::F64)).unwrap();
        assert_eq!(hops.last().map(|hop| &hop.grid), Some(&target));
        let worst = worst(&source, &hops);
        assert!(hops.len() <= 8 && worst.chunks <= FAN && worst.elements <= 2 * source.largest(), "{} {worst:?}", hops.len());
        assert!(hops.iter().all(|hop| hop.grid.tasks().is_ok_and(|tasks| tasks < 2_000_000)));
    }

    #[test]
    fn a_slice_that_is_cut_anew_is_taken_first() {
        let source = square(1000, 10, 1000);
        let grid = Grid::new(vec![Axis::regular(500, 500), Axis::regular(1000, 10)]);
        let back = Walk { axis: 0, first: 0, len: 500, start: 999, step: -2, every: 1 };
        let piece = Piece { input: 0, source, axes: vec![Read::Along(back), Read::Along(Walk::whole(1, 1000))] };
        let hops = hops(&Assembly { grid, dtype: DType::F64, fill: None, pieces: vec![piece] }).unwrap();
        let grids: Vec<Vec<usize>> = hops.iter().map(|hop| hop.grid.counts()).collect();
        assert_eq!(grids, [vec![100, 1], vec![100, 100], vec![1, 100]]);
    }

    #[test]
    fn cuts_of_both_are_regular_where_they_can_be() {
        let regular = |chunk| Axis::regular(100, chunk);
        assert_eq!((cut_by_both(&regular(10), &regular(5)), cut_by_both(&regular(100), &regular(7))), (regular(5), regular(7)));
        assert_eq!(cut_by_both(&Axis::regular(10, 4), &Axis::regular(10, 6)).lens(), [4, 2, 2, 2]);
        assert_eq!(cut_by_both(&Axis::of_lens([0, 4]), &Axis::of_lens([1, 3, 0])).lens(), [1, 3]);
        assert_eq!(cut_by_both(&Axis::of_lens([0, 0]), &Axis::regular(0, 1)).len(), 0);
    }
}
