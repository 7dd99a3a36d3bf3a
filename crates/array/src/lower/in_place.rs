//! Which assemblies are read in place: a program that reads one takes its tiles from the chunks that the boxes lie in, and nobody
//! writes chunks of boxes and reads them again. So it is with neighbours of a stencil, which begin beside a cut.

use super::{
    Nodes,
    memory::most,
    region::{Place, walked},
};
use crate::{
    assembly::{Assembly, Piece, Read},
    grid::show_shape,
    node::Node,
    rechunk::hops,
};
use rustc_hash::FxHashSet;
use std::sync::Arc;
use stratal_core::{LayerId, graph::GridMap};

/// The most chunks that the boxes of one chunk lie in: those around a corner of three axes.
const CHUNKS: u64 = 8;
/// How many times as large as a chunk of the assembly those may be that it is cut from: else small boxes are sent, and not these.
const WASTE: u64 = 4;

/// Which assemblies are put together before anybody reads them, whoever could read them in place.
pub(super) enum Apart {
    /// All of them.
    All,
    /// Those of nodes with these numbers.
    Only(FxHashSet<usize>),
}

impl Apart {
    /// Whether that of a node is.
    pub(super) fn has(&self, node: usize) -> bool {
        match self {
            Apart::All => true,
            Apart::Only(nodes) => nodes.contains(&node),
        }
    }
}

/// A layer that reads assemblies in place.
#[derive(Clone, Debug)]
pub(super) struct Boxed {
    pub(super) name: String,
    /// What a task takes.
    pub(super) bytes: u64,
    /// What the assemblies are called.
    pub(super) names: String,
    /// The numbers of their nodes.
    pub(super) nodes: Vec<usize>,
}

/// An assembly that a program reads in place.
pub(super) struct InPlace<'a> {
    pub(super) assembly: &'a Assembly,
    /// What each of its pieces reads.
    pub(super) reads: Vec<Reads>,
}

/// What a piece reads of a layer.
pub(super) struct Reads {
    pub(super) from: LayerId,
    pub(super) map: Arc<GridMap>,
    /// Whether no piece before it reads the same over the same edge.
    pub(super) is_new: bool,
}

/// Why chunks of an assembly are put together for these readers, which all compute tile by tile; none where it is read in place.
pub(super) fn refused(nodes: &Nodes<'_>, places: &[Place], node: &Node, assembly: &Assembly, readers: &[usize]) -> Option<String> {
    let end = |reader: &usize| match places[*reader] {
        Place::Region(end) => Some(end),
        Place::Everywhere => None,
    };
    let mut ends: Vec<usize> = readers.iter().filter_map(end).collect();
    ends.sort_unstable();
    ends.dedup();
    for grid in ends.iter().map(|end| walked(nodes.all[*end])) {
        if !Arc::ptr_eq(grid, &node.grid) && *grid != node.grid {
            let (own, theirs) = (show_shape(&node.grid.shape()), show_shape(&grid.shape()));
            return Some(format!("its {own} is broadcast to {theirs}, and put together once"));
        }
    }
    if ends.len() > 1 && !assembly.pieces.iter().all(is_straight) {
        return Some(format!("it is put together once, for operations in {} layers read it", ends.len()));
    }
    heavy(assembly)
}

/// Whether a piece has its elements in the order of its source: then reading it twice is as good as reading a copy twice.
fn is_straight(piece: &Piece) -> bool {
    let walks = || {
        piece.axes.iter().filter_map(|read| match read {
            Read::At(_) => None,
            Read::Along(walk) => Some(walk),
        })
    };
    walks().all(|walk| walk.step == 1) && walks().is_sorted_by_key(|walk| walk.axis)
}

/// Why it is better to put chunks together than to read boxes, whoever does.
fn heavy(assembly: &Assembly) -> Option<String> {
    let walks = || assembly.pieces.iter().flat_map(|piece| &piece.axes);
    if walks().any(|read| matches!(read, Read::Along(walk) if walk.every != 1)) {
        return Some("its elements are repeated, and put together once".to_owned());
    }
    // What its chunks read is listed along each axis.
    if assembly.grid.axes.iter().any(|axis| axis.listed().is_err()) {
        return Some("its chunks cannot be listed".to_owned());
    }
    let source = assembly.pieces.iter().map(|piece| piece.source.largest()).max().unwrap_or(0);
    if source > assembly.grid.largest().saturating_mul(WASTE) {
        return Some("its chunks are small parts of those that they are cut from".to_owned());
    }
    if hops(assembly).is_some() {
        return Some("its chunks are put together in several steps".to_owned());
    }
    let edges: Vec<GridMap> = assembly.pieces.iter().map(|piece| piece.edge(&assembly.grid)).collect();
    let pieces: Vec<(&Piece, &GridMap)> = assembly.pieces.iter().zip(&edges).collect();
    let chunks = most(&assembly.grid, &pieces, |range, _| range.len() as u64);
    (chunks > CHUNKS).then(|| format!("up to {chunks} chunks are put together to one"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        assembly::Walk,
        grid::{Axis, Grid},
    };
    use stratal_core::value::DType;

    /// An assembly of one axis, of chunks of 10, read from one of 100 elements in chunks of this length.
    fn line(chunk: usize, walks: Vec<Walk>) -> Assembly {
        let source = Grid::new(vec![Axis::regular(100, chunk)]);
        let len = walks.iter().map(|walk| walk.first + walk.len).max().unwrap_or(0);
        let piece = |walk| Piece { input: 0, source: source.clone(), axes: vec![Read::Along(walk)] };
        let grid = Grid::new(vec![Axis::regular(len, 10)]);
        Assembly { grid, dtype: DType::F64, fill: None, pieces: walks.into_iter().map(piece).collect() }
    }

    fn walk(first: usize, len: usize, start: usize, step: isize) -> Walk {
        Walk { axis: 0, first, len, start, step, every: 1 }
    }

    #[test]
    fn what_begins_beside_a_cut_is_read_in_place_and_what_reads_many_chunks_or_large_ones_is_not() {
        assert_eq!(heavy(&line(10, vec![walk(0, 98, 2, 1)])), None);
        assert_eq!(heavy(&line(10, vec![walk(0, 25, 99, -4)])), None);
        assert_eq!(heavy(&line(40, vec![walk(0, 98, 2, 1)])), None);
        let large = heavy(&line(41, vec![walk(0, 98, 2, 1)])).unwrap();
        assert_eq!(large, "its chunks are small parts of those that they are cut from");
        assert_eq!(heavy(&line(1, vec![walk(0, 100, 0, 1)])).unwrap(), "up to 10 chunks are put together to one");
        let repeated = Walk { every: 2, ..walk(0, 100, 0, 1) };
        assert_eq!(heavy(&line(10, vec![repeated])).unwrap(), "its elements are repeated, and put together once");
        // Of twenty pieces each chunk has two.
        let turned = (0..20).map(|at| walk(5 * at, 5, 95 - 5 * at, 1)).collect();
        assert_eq!(heavy(&line(10, turned)), None);
        let long = Assembly { grid: Grid::new(vec![Axis::regular(1 << 40, 1)]), ..line(10, vec![walk(0, 98, 2, 1)]) };
        assert_eq!(heavy(&long).unwrap(), "its chunks cannot be listed");
    }

    #[test]
    fn only_what_keeps_its_order_is_straight() {
        let piece = |axes: Vec<Read>| Piece { input: 0, source: Grid::whole(&[10, 10]), axes };
        let along = |axis: usize, step: isize| Read::Along(Walk { axis, ..walk(0, 5, 5, step) });
        assert!(is_straight(&piece(vec![along(0, 1), along(1, 1)])) && is_straight(&piece(vec![Read::At(3), along(0, 1)])));
        assert!(!is_straight(&piece(vec![along(1, 1), along(0, 1)])) && !is_straight(&piece(vec![along(0, 1), along(1, -1)])));
    }
}
