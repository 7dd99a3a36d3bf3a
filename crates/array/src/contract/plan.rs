//! Which tiles a contraction is made in: the choice of which the fewest bytes are read, among those that have work for many.
//!
//! With tiles of the chunks of both sides every panel of the left is read once for each column of tiles, and every panel of the
//! right once for each row. A side that is read whole by each task, *broadcast*, lets the other be read once. Where the result is
//! small and the sum long, the sum is cut in *parts*: every part is read once, and the partial results are added up in a tree.

use super::{Contraction, Side};
use crate::grid::{Axis, Grid};
use std::cmp::Reverse;
use stratal_core::{config::show_bytes, value::DType};

/// Tasks that are enough: fewer may leave machines idle.
const ENOUGH: u64 = 64;
/// Chunks along the contracted axis that a part has at least, so that sums are mostly made in place.
const FEW: u64 = 4;

/// A contraction, and what was chosen for it.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) contraction: Contraction,
    /// For people: the choice, and what it was chosen over.
    pub(crate) told: String,
}

/// One way to cut the work.
#[derive(Clone, Debug, PartialEq)]
struct Way {
    /// Whether a tile is over all chunks of a side.
    whole_left: bool,
    whole_right: bool,
    /// Rows and columns of tiles, for each place on the batch axes.
    rows: u64,
    columns: u64,
    parts: u64,
    tasks: u64,
    /// Bytes that all tasks read together, partial results among them.
    read: u64,
}

impl Way {
    fn name(&self) -> String {
        let tiles = match (self.rows, self.columns) {
            (1, 1) => "one tile".to_owned(),
            (rows, 1) => format!("the right is broadcast to {rows} rows of tiles"),
            (1, columns) => format!("the left is broadcast to {columns} columns of tiles"),
            (rows, columns) => format!("{rows} x {columns} tiles stay where they are made"),
        };
        match self.parts {
            1 => tiles,
            parts => format!("{tiles}, the sum in {parts} parts"),
        }
    }
}

/// The grid of the result. A side that is whole has one axis that stays.
fn grid(left: &Side, right: &Side, whole_left: bool, whole_right: bool) -> Grid {
    let batch = left.batch.iter().zip(&right.batch).filter_map(|(l, r)| match (l, r) {
        (Some(axis), _) => Some(left.grid.axes[*axis].clone()),
        (None, Some(axis)) => Some(right.grid.axes[*axis].clone()),
        (None, None) => None,
    });
    let free = |side: &Side, whole: bool| {
        let axis = |axis: &usize| match (&side.grid.axes[*axis], whole) {
            (own, true) => Axis::regular(own.len(), own.len()),
            (own, false) => own.clone(),
        };
        side.free.iter().map(axis).collect::<Vec<Axis>>()
    };
    Grid::new(batch.chain(free(left, whole_left)).chain(free(right, whole_right)).collect())
}

/// An axis in about so many parts, cut where it is cut.
fn parts_of(axis: &Axis, parts: u64) -> Axis {
    let (chunks, parts) = (axis.count(), parts as usize);
    let first = |part: usize| match part * chunks / parts {
        chunk if chunk >= chunks => axis.len(),
        chunk => axis.bounds(chunk).start,
    };
    match parts {
        1 => Axis::regular(axis.len(), axis.len()),
        _ => Axis::of_lens((0..parts).map(|part| first(part + 1) - first(part)).filter(|len| *len > 0)),
    }
}

/// All ways that there are, the one with the smallest tiles first.
fn ways(left: &Side, right: &Side, dtype: DType, most: u64) -> Vec<Way> {
    let size = dtype.size() as u64;
    let bytes = |side: &Side| side.product(0..side.grid.ndim(), Axis::len).saturating_mul(size);
    let free = |side: &Side| side.product(side.free.iter().copied(), Axis::count);
    // Along a batch axis that a side does not have, it is read again and again.
    let again = |side: &Side, other: &Side| {
        let missing = side.batch.iter().zip(&other.batch).filter(|(own, _)| own.is_none()).filter_map(|(_, other)| *other);
        other.product(missing, Axis::count)
    };
    let finest = match (left.contracted.first(), right.contracted.first()) {
        (Some(l), Some(r)) => left.grid.axes[*l].count().max(right.grid.axes[*r].count()) as u64,
        _ => 1,
    };
    let tile = |grid: &Grid| grid.largest().saturating_mul(size);
    let smallest = grid(left, right, false, false);
    let result = smallest.axes.iter().fold(size, |bytes, axis| bytes.saturating_mul(axis.len() as u64));
    let batch: u64 = smallest.axes[..left.batch.len()].iter().fold(1, |count, axis| count.saturating_mul(axis.count() as u64));
    let most = most.max(tile(&smallest));
    let way = |(whole_left, whole_right): (bool, bool)| {
        let coarser = |side: &Side, whole: bool| !whole || side.free.len() == 1 && free(side) > 1;
        if !coarser(left, whole_left) || !coarser(right, whole_right) || tile(&grid(left, right, whole_left, whole_right)) > most {
            return None;
        }
        let (rows, columns) = (if whole_left { 1 } else { free(left) }, if whole_right { 1 } else { free(right) });
        let tiles = batch.saturating_mul(rows).saturating_mul(columns);
        let parts = if tiles < ENOUGH { ENOUGH.div_ceil(tiles).min(finest / FEW).max(1) } else { 1 };
        let once = |side: &Side, other: &Side, times: u64| bytes(side).saturating_mul(again(side, other)).saturating_mul(times);
        let partial = if parts > 1 { result.saturating_mul(2 * parts) } else { 0 };
        let read = once(left, right, columns).saturating_add(once(right, left, rows)).saturating_add(partial);
        Some(Way { whole_left, whole_right, rows, columns, parts, tasks: tiles.saturating_mul(parts), read })
    };
    [(false, false), (false, true), (true, false), (true, true)].into_iter().filter_map(way).collect()
}

/// The place of the way that is taken.
fn chosen(ways: &[Way]) -> usize {
    let wanted = ways.iter().map(|way| way.tasks).max().unwrap_or(0).min(ENOUGH);
    let enough = ways.iter().enumerate().filter(|(_, way)| way.tasks >= wanted);
    enough.min_by_key(|(at, way)| (way.read, Reverse(way.tasks), *at)).map_or(0, |(at, _)| at)
}

/// Plans a contraction. Batch axes of both sides are cut alike; a tile over all of a side has at most `most` bytes.
pub(crate) fn plan(left: Side, right: Side, dtype: DType, most: u64) -> Planned {
    let ways = ways(&left, &right, dtype, most);
    let at = chosen(&ways);
    let told = |way: &Way| format!("{}, {} read", way.name(), show_bytes(way.read));
    // The smallest tiles are always a way.
    let (whole_left, whole_right, parts, mut text) = match ways.get(at) {
        Some(way) => (way.whole_left, way.whole_right, way.parts, told(way)),
        None => (false, false, 1, String::new()),
    };
    let over: Vec<String> = ways.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, way)| told(way)).collect();
    if !over.is_empty() {
        text = format!("{text}; not: {}", over.join("; "));
    }
    let parts = match (left.contracted.first(), right.contracted.first()) {
        (Some(l), Some(r)) => {
            let (l, r) = (&left.grid.axes[*l], &right.grid.axes[*r]);
            parts_of(if l.count() >= r.count() { l } else { r }, parts)
        }
        _ => Axis::regular(1, 1),
    };
    let out = grid(&left, &right, whole_left, whole_right);
    Planned { contraction: Contraction { dtype, left, right, out, parts }, told: text }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A plan for matrices of such chunks: rows, sum, columns as length and chunk.
    fn matrices(rows: (usize, usize), sum: (usize, usize), columns: (usize, usize)) -> Planned {
        let axis = |(len, chunk): (usize, usize)| Axis::regular(len, chunk);
        let left = Side { grid: Grid::new(vec![axis(rows), axis(sum)]), batch: vec![], free: vec![0], contracted: vec![1] };
        let right = Side { grid: Grid::new(vec![axis(sum), axis(columns)]), batch: vec![], free: vec![1], contracted: vec![0] };
        plan(left, right, DType::F64, 128 << 20)
    }

    #[test]
    fn large_squares_stay_in_tiles() {
        let planned = matrices((40_000, 4000), (40_000, 4000), (40_000, 4000));
        assert_eq!((planned.contraction.out.counts(), planned.contraction.parts.count()), (vec![10, 10], 1));
        assert!(planned.told.starts_with("10 x 10 tiles stay where they are made, 238.4 GiB read"), "{}", planned.told);
    }

    #[test]
    fn a_small_side_is_broadcast() {
        let planned = matrices((1_000_000, 1000), (2000, 1000), (40, 10));
        assert_eq!(planned.contraction.out.counts(), [1000, 1]);
        assert!(planned.told.starts_with("the right is broadcast to 1000 rows of tiles"), "{}", planned.told);
    }

    #[test]
    fn a_long_sum_for_a_small_result_is_cut_in_parts() {
        let planned = matrices((50, 50), (10_000_000, 10_000), (50, 50));
        assert_eq!((planned.contraction.out.counts(), planned.contraction.parts.count()), (vec![1, 1], 64));
        assert!(planned.told.starts_with("one tile, the sum in 64 parts"), "{}", planned.told);
        let (parts, sum) = (&planned.contraction.parts, Axis::regular(10_000_000, 10_000));
        assert!((0..64).all(|part| parts.bounds(part).start % 10_000 == 0) && parts.len() == sum.len());
    }

    #[test]
    fn a_few_chunks_are_worked_on_side_by_side() {
        assert_eq!(matrices((20, 10), (20, 10), (20, 10)).contraction.out.counts(), [2, 2]);
    }
}
