//! Memory that is promised: what each task takes, before any runs. A plan of which a task cannot fit is refused, with chunks that
//! would; tasks that do not fit side by side are given more slots, so that fewer run at once.

use super::{
    compile::Compiled,
    in_place::{InPlace, Reads},
};
use crate::{
    assembly::{Assembly, Piece},
    element::Item,
    fold::{Fold, Reduction, Visit, visit},
    grid::{Axis, Grid, show_shape},
    job::{Src, TILE},
    made::{Made, gone_through},
    node::{Node, Op},
};
use std::{ops::Range, panic::Location, sync::Arc};
use stratal_core::{
    Error, ErrorKind, LayerId, Result,
    config::show_bytes,
    executor::Topology,
    graph::{GridMap, LayerSpec, LayeredGraph},
};

/// What a task of a layer takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Bytes {
    /// What grows with the chunks.
    pub(super) chunks: u64,
    /// What does not.
    pub(super) fixed: u64,
}

/// What a task of a layer takes, and of which operation it is.
#[derive(Clone, Debug)]
pub(crate) struct Cost {
    layer: String,
    bytes: Bytes,
    operation: &'static str,
    at: Option<&'static Location<'static>>,
    /// The largest chunk that is walked.
    shape: Vec<usize>,
}

impl Bytes {
    pub(super) fn all(self) -> u64 {
        self.chunks.saturating_add(self.fixed)
    }
}

impl Cost {
    /// Puts the promise into a layer of an operation that walks a grid.
    pub(super) fn promise(spec: &mut LayerSpec, node: &Node, grid: &Grid, bytes: Bytes) -> Self {
        spec.needs.bytes = bytes.all();
        let shape = grid.axes.iter().map(Axis::largest).collect();
        Cost { layer: spec.name.clone(), bytes, operation: node.name, at: node.at, shape }
    }

    /// The largest chunk, halved until a task fits, and what it takes then.
    fn smaller(&self, limit: u64) -> Option<(Vec<usize>, u64)> {
        let elements = |shape: &[usize]| shape.iter().fold(1u128, |elements, len| elements.saturating_mul(*len as u128));
        let whole = elements(&self.shape).max(1);
        let mut shape = self.shape.clone();
        loop {
            let chunks = (self.bytes.chunks as u128).saturating_mul(elements(&shape)) / whole;
            let bytes = self.bytes.fixed.saturating_add(u64::try_from(chunks).unwrap_or(u64::MAX));
            if bytes <= limit {
                return Some((shape, bytes));
            }
            let longest = (0..shape.len()).max_by_key(|axis| shape[*axis]).filter(|axis| shape[*axis] > 1)?;
            shape[longest] = shape[longest].div_ceil(2);
        }
    }

    fn too_large(&self, limit: u64) -> Error {
        let (needs, most) = (show_bytes(self.bytes.all()), show_bytes(limit));
        let help = match self.smaller(limit) {
            Some((shape, bytes)) => format!("rechunk({shape:?}) needs {}", show_bytes(bytes)),
            None => "use smaller chunks in what it reads, or raise memory.limit".to_owned(),
        };
        let error = Error::new(ErrorKind::Memory, format!("one task needs {needs} and the limit is {most}"));
        at_node(error.with_help(help), self.operation, self.at)
    }
}

fn at_node(error: Error, operation: &'static str, at: Option<&'static Location<'static>>) -> Error {
    let error = error.at_step(0, operation);
    match at {
        Some(at) => error.at(at),
        None => error,
    }
}

/// The graph, where every task of it fits, with as many slots a task as keep those that run at once within the limit.
///
/// # Errors
/// `Memory`, with the operation of the largest task, its size, and chunks that would fit.
pub(crate) fn fitted(mut graph: LayeredGraph, costs: &[Cost], topology: Topology) -> Result<LayeredGraph> {
    let Some(limit) = topology.memory else { return Ok(graph) };
    if let Some(projected) = graph.projected(1)
        && projected.task_bytes > limit
    {
        let spec = &graph.layer(projected.largest).spec;
        return match costs.iter().find(|cost| cost.layer == spec.name && cost.bytes.all() == spec.needs.bytes) {
            Some(cost) => Err(cost.too_large(limit)),
            None => graph.check_memory(Some(limit)).map(|()| graph),
        };
    }
    let slots = (topology.slots / topology.workers.max(1)).max(1);
    for layer in &mut graph.layers {
        let needs = &mut layer.spec.needs;
        let together = needs.bytes.saturating_mul(slots as u64);
        if together > limit {
            needs.slots = needs.slots.max(together.div_ceil(limit).min(slots as u64) as u32);
        }
    }
    Ok(graph)
}

/// Refuses a result that all workers together could not keep; in this process with the array that it is `gathered` into, where
/// its chunks and that array are there at once.
///
/// # Errors
/// `Memory`, with both sizes.
pub(crate) fn check_result(node: &Node, topology: Topology, gathered: bool) -> Result<()> {
    let Some(limit) = topology.memory.map(|limit| limit.saturating_mul(topology.workers.max(1) as u64)) else { return Ok(()) };
    let shape = node.grid.shape();
    let (times, held) = if gathered && topology.same_process { (2, " as chunks and as one array") } else { (1, "") };
    let bytes = shape.iter().fold(times * node.dtype.size() as u64, |bytes, len| bytes.saturating_mul(*len as u64));
    if bytes <= limit {
        return Ok(());
    }
    let (needs, most) = (show_bytes(bytes), show_bytes(limit));
    let error =
        Error::new(ErrorKind::Memory, format!("the result of shape {} needs {needs}{held}, and the limit is {most}", show_shape(&shape)));
    Err(at_node(error.with_help("take a part of it with .slice, or reduce it"), node.name, node.at))
}

/// Words of a state of a reduction.
fn words(how: &Reduction) -> u64 {
    struct Words;

    impl Visit for Words {
        type Out = usize;

        fn visit<T: Item, S: Fold<T>>(self) -> usize {
            S::WORDS
        }
    }

    visit(how.kind, how.of, Words) as u64
}

/// Bytes of the states that a chunk of a grid leaves.
pub(super) fn states(how: &Reduction, grid: &Grid) -> u64 {
    let kept = grid.axes.iter().zip(&how.axes).filter(|(_, reduced)| !**reduced);
    kept.fold(8 * words(how), |bytes, (axis, _)| bytes.saturating_mul(axis.largest() as u64))
}

/// What a task of a region takes that walks a grid: the chunks that it reads or makes, what it leaves, and its registers. Of what
/// it reads in place it takes all that the boxes touch.
pub(super) fn of_region(node: &Node, grid: &Grid, compiled: &Compiled, leaves: &[&Node], in_place: &[InPlace<'_>]) -> Bytes {
    let (program, walked) = (&compiled.program, grid.largest());
    let tile = walked.min(TILE as u64);
    let tiles = in_place.iter().map(|of| tile * of.assembly.dtype.size() as u64).sum::<u64>();
    let mut bytes = Bytes { chunks: of_boxes(in_place), fixed: tiles };
    for leaf in leaves {
        let size = leaf.dtype.size() as u64;
        let made = match &leaf.op {
            Op::Made(made) => match &**made {
                Made::Fill(_) | Made::Memory(_) | Made::Chunks(..) => 0,
                // What a step passes over is made too, but of lines.
                Made::Part(of, reads) if !matches!(**of, Made::Range { .. } | Made::Linspace { .. }) => gone_through(reads, &leaf.grid),
                _ => leaf.grid.largest(),
            },
            _ => leaf.grid.largest(),
        };
        let made = made.saturating_mul(size);
        bytes.chunks = bytes.chunks.saturating_add(made);
        bytes.fixed += tile * size;
    }
    bytes.chunks = bytes.chunks.saturating_add(match (&node.op, program.result) {
        // What is done, and what is being done.
        (Op::Reduce(how), _) => states(how, grid).saturating_mul(2),
        (_, Src::Reg(_)) => walked.saturating_mul(node.dtype.size() as u64),
        _ => 0,
    });
    let widest = program.instrs.iter().map(|instr| instr.out_size()).max().unwrap_or(0) as u64;
    bytes.fixed += tile * (program.regs as u64 * widest + program.consts.iter().map(|value| value.dtype().size() as u64).sum::<u64>());
    bytes
}

/// The elements of the chunks of an axis in a range.
fn touched(range: &Range<u32>, source: &Axis) -> u64 {
    match range.is_empty() {
        true => 0,
        false => (source.bounds(range.end as usize - 1).end - source.bounds(range.start as usize).start) as u64,
    }
}

/// The most that a task of a grid reads over the edges of pieces, by a measure of each axis of which it is the product.
pub(super) fn most(grid: &Grid, pieces: &[(&Piece, &GridMap)], measure: impl Fn(&Range<u32>, &Axis) -> u64) -> u64 {
    let mut sides: Vec<Vec<u64>> = Vec::with_capacity(pieces.len());
    for (piece, edge) in pieces {
        let axes = edge.axes.iter().zip(&piece.source.axes);
        sides.push(axes.map(|(ranges, axis)| ranges.iter().map(|range| measure(range, axis)).max().unwrap_or(0)).collect());
    }
    let product = |sides: &[u64], but: Option<usize>| {
        let others = sides.iter().enumerate().filter(|(axis, _)| Some(*axis) != but);
        others.fold(1u64, |product, (_, side)| product.saturating_mul(*side))
    };
    let mut read = sides.iter().fold(0u64, |sum, sides| sum.saturating_add(product(sides, None)));
    if pieces.len() > 1 {
        // A task touches only some of many pieces: what those at one place of an axis read together bounds it more closely.
        for (axis, of) in grid.axes.iter().enumerate() {
            let mut at = vec![0u64; of.count()];
            for ((piece, edge), sides) in pieces.iter().zip(&sides) {
                let own = piece.order(grid.ndim())[axis];
                let others = product(sides, own);
                for (place, sum) in at.iter_mut().enumerate() {
                    let along = own.map_or(1, |own| edge.axes[own].get(place).map_or(0, |range| measure(range, &piece.source.axes[own])));
                    *sum = sum.saturating_add(along.saturating_mul(others));
                }
            }
            read = read.min(at.into_iter().max().unwrap_or(0));
        }
    }
    read
}

/// Makes a map read all that lies between what it and another one read.
fn enclose(map: &mut GridMap, other: &GridMap) {
    for (ranges, others) in map.axes.iter_mut().zip(&other.axes) {
        for (range, other) in ranges.iter_mut().zip(others).filter(|(_, other)| !other.is_empty()) {
            *range = if Range::is_empty(range) { other.clone() } else { range.start.min(other.start)..range.end.max(other.end) };
        }
    }
}

/// Bytes of the chunks that a task touches which reads assemblies in place.
fn of_boxes(in_place: &[InPlace<'_>]) -> u64 {
    /// Pieces of one layer that walk it in the same order, and all that lies between them.
    struct Near<'a> {
        from: LayerId,
        order: Vec<Option<usize>>,
        of: &'a Assembly,
        piece: &'a Piece,
        map: Arc<GridMap>,
    }

    let (mut apart, mut near): (u64, Vec<Near<'_>>) = (0, Vec::new());
    for InPlace { assembly, reads } in in_place {
        let new = assembly.pieces.iter().zip(reads).filter(|(_, reads)| reads.is_new);
        let new: Vec<(&Piece, &GridMap)> = new.map(|(piece, reads)| (piece, &*reads.map)).collect();
        let elements = most(&assembly.grid, &new, touched);
        apart = apart.saturating_add(elements.saturating_mul(assembly.dtype.size() as u64));
        for (piece, Reads { from, map, .. }) in assembly.pieces.iter().zip(reads) {
            let order = piece.order(assembly.grid.ndim());
            match near.iter_mut().find(|near| near.from == *from && near.order == order) {
                Some(near) => enclose(Arc::make_mut(&mut near.map), map),
                None => near.push(Near { from: *from, order, of: assembly, piece, map: map.clone() }),
            }
        }
    }
    // Neighbours of a stencil touch the same chunks.
    let together = near.iter().fold(0u64, |bytes, near| {
        let elements = most(&near.of.grid, &[(near.piece, &*near.map)], touched);
        bytes.saturating_add(elements.saturating_mul(near.of.dtype.size() as u64))
    });
    apart.min(together)
}

/// What a task of an assembly takes: the chunks that its pieces touch, `edges`, and the chunk that it leaves.
pub(super) fn of_assembly(assembly: &Assembly, edges: &[GridMap]) -> Bytes {
    let size = assembly.dtype.size() as u64;
    let pieces: Vec<(&Piece, &GridMap)> = assembly.pieces.iter().zip(edges).collect();
    let read = most(&assembly.grid, &pieces, touched);
    let (read, left) = (read.saturating_mul(size), assembly.grid.largest().saturating_mul(size));
    // A box of one chunk is a view of it, and copied only where it would keep much more alive than it is.
    let is_view = assembly.pieces.len() == 1 && edges.iter().all(|edge| edge.axes.iter().flatten().all(|range| range.len() <= 1));
    let repeats = assembly.grid.largest() > read / size.max(1);
    Bytes { chunks: read.saturating_add(if is_view && !repeats { left.min(read / 2) } else { left }), fixed: 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(shape: &[usize], chunks: u64, fixed: u64) -> Cost {
        Cost { layer: "matmul".to_owned(), bytes: Bytes { chunks, fixed }, operation: "matmul", at: None, shape: shape.to_vec() }
    }

    #[test]
    fn chunks_are_halved_on_the_longest_axis_until_a_task_fits() {
        assert_eq!(cost(&[1000, 10], 80_000, 100).smaller(30_000), Some((vec![250, 10], 20_100)));
        assert_eq!(cost(&[1000, 10], 80_000, 100).smaller(100), None);
        assert_eq!(cost(&[], 80, 0).smaller(8), None);
        let error = cost(&[1000, 10], 80_000, 0).too_large(30_000);
        assert_eq!(error.to_string(), "matmul: one task needs 78.1 KiB and the limit is 29.3 KiB\nhelp: rechunk([250, 10]) needs 19.5 KiB");
    }

    #[test]
    fn tasks_that_do_not_fit_side_by_side_take_more_slots() {
        let mut spec = LayerSpec::new("large", 8);
        spec.needs.bytes = 40;
        let mut graph = LayeredGraph::default();
        graph.push(stratal_core::graph::Layer { spec, work: stratal_core::graph::Work::Held });
        let topology = |memory| Topology { slots: 8, workers: 2, memory, same_process: true };
        let slots = |memory| fitted(graph.clone(), &[], topology(memory)).map(|graph| graph.layers[0].spec.needs.slots);
        assert_eq!((slots(None).unwrap(), slots(Some(160)).unwrap(), slots(Some(100)).unwrap(), slots(Some(40)).unwrap()), (1, 1, 2, 4));
        assert_eq!(slots(Some(39)).unwrap_err().kind(), ErrorKind::Memory);
    }
}
