//! Regions, reductions, assemblies, scans and stored arrays as layers.

use super::{
    Nodes,
    compile::{Compiled, compile},
    cross::crossed,
    in_place::{Apart, Boxed, InPlace, Reads},
    memory::{Bytes, Cost, of_assembly, of_region, states},
    region::{Place, regions, walked},
};
use crate::{
    assembly::{Assembly, Piece},
    fold::Reduction,
    grid::Grid,
    io::{Source, Target},
    job::{Assemble, Combine, Folded, Job, Leaf, Prefix, Program, ReadStored, Scanned, Src, Tiles, WriteStored},
    node::{Node, Op, Scan},
    rechunk::hops,
    rewrite::Fired,
};
use rustc_hash::FxHashMap;
use std::{ops::Range, sync::Arc};
use stratal_core::{
    Error, LayerId, Result,
    client::Lease,
    delayed::Node as Call,
    graph::{EdgeMap, GridMap, Layer, LayerSpec, LayeredGraph},
};

/// States that one task of a tree merges, over all axes.
const FAN_IN: usize = 16;
/// Names that a layer's name is made of, of more the first and the last; and names that are listed.
const NAMES: usize = 4;

/// A graph, and what was done to get there.
pub(crate) struct Lowered {
    pub(crate) graph: LayeredGraph,
    /// The expression that was lowered, after the rewrites.
    pub(crate) root: Arc<Node>,
    /// How often each rule fired.
    pub(crate) fired: Fired,
    /// What the tasks of its layers take.
    pub(crate) costs: Vec<Cost>,
    /// One line for each layer in which several operations are fused.
    pub(crate) fused: Vec<String>,
    /// One line for each operation that was not fused.
    pub(crate) refused: Vec<String>,
    /// One line for each choice between several ways.
    pub(crate) told: Vec<String>,
    /// The layers that read boxes of chunks in place.
    pub(super) boxed: Vec<Boxed>,
    /// The layers that stand for results of lazy values, and these.
    pub(crate) sources: Vec<(LayerId, Vec<Arc<Call>>)>,
    /// What keeps the results of earlier runs that it reads.
    pub(crate) leases: Vec<Lease>,
}

/// The edges of a layer, each once.
#[derive(Default)]
struct Edges {
    all: Vec<(LayerId, EdgeMap)>,
    /// The numbers of those from a layer.
    of: FxHashMap<LayerId, Vec<usize>>,
}

impl Edges {
    /// The number of an edge, and whether there was none like it.
    fn add(&mut self, from: LayerId, map: EdgeMap) -> (u32, bool) {
        let known = self.of.entry(from).or_default();
        match known.iter().find(|edge| self.all[**edge].1 == map) {
            Some(edge) => (*edge as u32, false),
            None => {
                known.push(self.all.len());
                self.all.push((from, map));
                (self.all.len() as u32 - 1, true)
            }
        }
    }

    /// The boxes of chunks that are read over an edge. Axes that the source does not have come last in them.
    fn map(&self, edge: u32) -> Option<Arc<GridMap>> {
        match &self.all.get(edge as usize)?.1 {
            EdgeMap::Boxes(map) | EdgeMap::Crossed(map, _) => Some(map.clone()),
            _ => None,
        }
    }
}

pub(super) struct Lowering<'a> {
    pub(super) nodes: Nodes<'a>,
    pub(super) graph: LayeredGraph,
    /// The layers that leave the chunks of nodes.
    layers: Vec<Option<LayerId>>,
    fused: Vec<String>,
    pub(super) costs: Vec<Cost>,
    pub(super) told: Vec<String>,
    boxed: Vec<Boxed>,
    pub(super) sources: Vec<(LayerId, Vec<Arc<Call>>)>,
    leases: Vec<Lease>,
}

/// The layers of an expression as it is, with a layer for each assembly. Its chunks are those of the rewritten one: it is the
/// oracle of the tests.
pub(crate) fn lower_as_written(root: &Arc<Node>) -> Result<Lowered> {
    lowered(root, &Apart::All)
}

/// The layers of an expression, in which boxes of chunks are read in place but for those that are put together.
pub(super) fn lowered(root: &Arc<Node>, apart: &Apart) -> Result<Lowered> {
    let nodes = Nodes::of(root);
    let regions = regions(&nodes, apart);
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); nodes.all.len()];
    for (at, place) in regions.places.iter().enumerate() {
        if let Place::Region(end) = place {
            members[*end].push(at);
        }
    }
    let count = nodes.all.len();
    let (graph, fused, costs, told, boxed, sources, leases) = Default::default();
    let mut lowering = Lowering { layers: vec![None; count], nodes, graph, fused, costs, told, boxed, sources, leases };
    for (end, members) in members.iter().enumerate().filter(|(_, members)| !members.is_empty()) {
        let node = lowering.nodes.all[end].clone();
        let layer = match &node.op {
            Op::Held(held) => {
                lowering.leases.push(held.lease.clone());
                lowering.graph.push(Layer::held(node.name, held.ranges.clone()))
            }
            Op::Calls(calls) => lowering.calls(&node, calls)?,
            Op::Read(source) => lowering.read(&node, source)?,
            Op::Write(target) => lowering.write(&node, target)?,
            Op::Assemble(_) => lowering.assemble(&node)?,
            Op::Scan(scan) => lowering.scan(&node, scan)?,
            Op::Contract(planned) => lowering.contract(&node, planned)?,
            Op::Reshape => lowering.reshape(&node)?,
            Op::Map(function) => lowering.map(&node, function)?,
            _ => {
                let compiled = compile(&lowering.nodes, &regions, members, end)?;
                lowering.region(&node, compiled)?
            }
        };
        lowering.layers[end] = Some(layer);
    }
    let Lowering { mut graph, layers, fused, costs, told, boxed, sources, leases, .. } = lowering;
    if let Some(Some(last)) = layers.last() {
        graph.want(*last, root.name);
    }
    let (root, fired, refused) = (root.clone(), Fired::default(), regions.refused);
    Ok(Lowered { graph, root, fired, costs, fused, refused, told, boxed, sources, leases })
}

/// A layer's name from those of its operations.
fn name_of(names: &[&'static str]) -> String {
    match names {
        [first, .., last] if names.len() > NAMES => format!("{first}+…+{last}"),
        _ => names.join("+"),
    }
}

/// Names as they are listed; of many, the first, and how many more.
fn listed(names: impl ExactSizeIterator<Item = &'static str>) -> String {
    let more = names.len().saturating_sub(NAMES);
    let shown = names.take(NAMES).collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{shown} and {more} more") } else { shown }
}

/// How a chunk of `walked` reads an array that is broadcast to its shape.
fn broadcast_edge(walked: &Grid, of: &Grid) -> EdgeMap {
    if walked == of {
        return EdgeMap::OneToOne;
    }
    let new = walked.ndim() - of.ndim();
    let (mut source, mut axes) = (Vec::new(), Vec::new());
    for (at, axis) in walked.axes.iter().enumerate() {
        let count = axis.count();
        match at.checked_sub(new).map(|at| &of.axes[at]) {
            Some(own) if own.len() == axis.len() => {
                source.push(own.count() as u32);
                axes.push((0..count as u32).map(|chunk| chunk..chunk + 1).collect());
            }
            own => {
                // The chunk with the one element that stands for all.
                let chunk = own.map_or(0, |own| own.find(0).min(own.count() - 1)) as u32;
                source.push(own.map_or(1, |own| own.count() as u32));
                axes.push(vec![chunk..chunk + 1; count]);
            }
        }
    }
    EdgeMap::Boxes(Arc::new(GridMap { source, axes }))
}

impl Lowering<'_> {
    pub(super) fn layer_of(&self, at: usize) -> Result<LayerId> {
        self.layers[at].ok_or_else(|| Error::internal(format!("{} was not lowered", self.nodes.all[at].name)))
    }

    fn region(&mut self, node: &Node, compiled: Compiled) -> Result<LayerId> {
        let grid = walked(node).clone();
        let mut name = name_of(&compiled.names);
        if name.is_empty() {
            name = node.name.to_owned();
        }
        let mut spec = LayerSpec::new(name.clone(), grid.tasks()?);
        let (mut leaves, mut edges) = (Vec::with_capacity(compiled.leaves.len()), Edges::default());
        let (mut read, mut in_place, mut boxes) = (Vec::new(), Vec::new(), Vec::new());
        for at in &compiled.leaves {
            let leaf = self.nodes.all[*at];
            if let (Op::Assemble(assembly), None) = (&leaf.op, self.layers[*at]) {
                let (leaf_of, reads) = self.read_in_place(leaf, assembly, &mut edges)?;
                leaves.push(leaf_of);
                in_place.push(InPlace { assembly, reads });
                boxes.push(*at);
                continue;
            }
            read.push(&**leaf);
            leaves.push(match (&leaf.op, self.layers[*at]) {
                (Op::Made(made), None) => Leaf::Made(made.clone(), leaf.grid.shape()),
                _ => Leaf::Edge(edges.add(self.layer_of(*at)?, broadcast_edge(&grid, &leaf.grid)).0),
            });
        }
        for (from, map) in edges.all {
            spec = spec.reads(from, map);
        }
        if compiled.names.len() > 1 {
            self.fused.push(format!("{name}: {} operations in one pass", compiled.names.len()));
        }
        spec.parts = compiled.names.iter().map(|name| (*name).to_owned()).collect();
        if spec.parts.is_empty() {
            spec.parts.push(name.clone());
        }
        self.costs.push(Cost::promise(&mut spec, node, &grid, of_region(node, &grid, &compiled, &read, &in_place)));
        if !boxes.is_empty() {
            let names = listed(boxes.iter().map(|at| self.nodes.all[*at].name));
            self.fused.push(format!("{name}: reads {names} where {}", if boxes.len() > 1 { "they lie" } else { "it lies" }));
            self.boxed.push(Boxed { name: name.clone(), bytes: spec.needs.bytes, names, nodes: boxes });
        }
        let tiles = |fold| Tiles { name: name.clone(), grid: (*grid).clone(), program: compiled.program, leaves, fold };
        match &node.op {
            Op::Reduce(how) => {
                let in_one = grid.counts().iter().zip(&how.axes).all(|(count, reduced)| !reduced || *count == 1);
                let whole = in_one.then(|| (*node.grid).clone());
                let template = tiles(Some(Folded { how: how.clone(), whole })).template();
                let layer = self.graph.push(Layer::uniform(spec, template));
                if in_one { Ok(layer) } else { self.tree(layer, node, how, &grid) }
            }
            _ => {
                let template = tiles(None).template();
                Ok(self.graph.push(Layer::uniform(spec, template)))
            }
        }
    }

    /// An assembly as a leaf that is read in place, and what its pieces read.
    fn read_in_place(&self, node: &Node, assembly: &Arc<Assembly>, edges: &mut Edges) -> Result<(Leaf, Vec<Reads>)> {
        let counts = assembly.grid.counts();
        let (mut over, mut reads) = (Vec::with_capacity(assembly.pieces.len()), Vec::with_capacity(assembly.pieces.len()));
        for piece in &assembly.pieces {
            let from = self.layer_of(self.nodes.index(&node.inputs[piece.input]))?;
            let (edge, is_new) = edges.add(from, crossed(piece.edge(&assembly.grid), &piece.order(counts.len()), &counts));
            let map = edges.map(edge).ok_or_else(|| Error::internal("boxes are read over an edge of another kind"))?;
            over.push(edge);
            reads.push(Reads { from, map, is_new });
        }
        Ok((Leaf::Boxes(assembly.clone(), over), reads))
    }

    /// Merges states, level by level, until each reduced axis is one chunk.
    fn tree(&mut self, mut below: LayerId, node: &Node, how: &Reduction, grid: &Grid) -> Result<LayerId> {
        let mut counts: Vec<usize> = grid.counts();
        loop {
            let open = counts.iter().zip(&how.axes).filter(|(count, reduced)| **reduced && **count > 1).count();
            if open == 0 {
                return Ok(below);
            }
            // The axes share the fan-in.
            let by = ((FAN_IN as f64).powf(1.0 / open as f64).floor() as usize).max(2);
            let source: Vec<u32> = counts.iter().map(|count| *count as u32).collect();
            let mut axes = Vec::with_capacity(counts.len());
            for (count, reduced) in counts.iter_mut().zip(&how.axes) {
                let (step, end) = (if *reduced { by as u32 } else { 1 }, *count as u32);
                *count = count.div_ceil(step as usize);
                axes.push((0..*count as u32).map(|at| at * step..((at + 1) * step).min(end)).collect());
            }
            let top = counts.iter().zip(&how.axes).all(|(count, reduced)| !reduced || *count == 1);
            let tasks = counts.iter().product::<usize>() as u32;
            let mut spec = LayerSpec::new(node.name, tasks).reads(below, EdgeMap::Boxes(Arc::new(GridMap { source, axes })));
            let merged = by.saturating_pow(open as u32) as u64 + 1;
            let bytes = Bytes { chunks: states(how, grid).saturating_mul(merged), fixed: 0 };
            self.costs.push(Cost::promise(&mut spec, node, grid, bytes));
            let combine = Combine { name: node.name.to_owned(), how: how.clone(), top: top.then(|| (*node.grid).clone()) };
            below = self.graph.push(Layer::uniform(spec, combine.template()));
        }
    }

    fn read(&mut self, node: &Node, source: &Arc<Source>) -> Result<LayerId> {
        let mut spec = LayerSpec::new(node.name, node.grid.tasks()?);
        let chunk = source.largest(&node.grid).saturating_mul(node.dtype.size() as u64);
        // What is stored, and what it becomes.
        self.costs.push(Cost::promise(&mut spec, node, &node.grid, Bytes { chunks: chunk.saturating_mul(2), fixed: 0 }));
        let job = ReadStored { name: node.name.to_owned(), grid: (*node.grid).clone(), source: source.clone() };
        Ok(self.graph.push(Layer::uniform(spec, job.template())))
    }

    fn write(&mut self, node: &Node, target: &Arc<Target>) -> Result<LayerId> {
        let source = &node.inputs[0];
        let from = self.layer_of(self.nodes.index(source))?;
        let mut spec = LayerSpec::new(node.name, node.grid.tasks()?).reads(from, EdgeMap::OneToOne);
        let chunk = source.grid.largest().saturating_mul(source.dtype.size() as u64);
        self.costs.push(Cost::promise(&mut spec, node, &node.grid, Bytes { chunks: chunk.saturating_mul(2), fixed: 0 }));
        let job = WriteStored { name: node.name.to_owned(), grid: (*node.grid).clone(), target: target.clone() };
        Ok(self.graph.push(Layer::uniform(spec, job.template())))
    }

    fn assemble(&mut self, node: &Node) -> Result<LayerId> {
        let Op::Assemble(assembly) = &node.op else { return Err(Error::internal("an assembly without pieces")) };
        // What its chunks read is listed along each axis.
        assembly.grid.axes.iter().try_for_each(|axis| axis.listed())?;
        let inputs = node.inputs.iter().map(|input| self.layer_of(self.nodes.index(input))).collect::<Result<Vec<LayerId>>>()?;
        let Some(hops) = hops(assembly) else { return self.assembled(node, node.name, assembly.clone(), &inputs) };
        let through: Vec<String> = hops.iter().map(|hop| hop.grid.show()).collect();
        self.told.push(format!("{}: in {} steps, {}", node.name, hops.len(), through.join("; ")));
        let [piece] = &assembly.pieces[..] else { return Err(Error::internal("several pieces are assembled in steps")) };
        let (mut below, last) = (inputs[piece.input], hops.len() - 1);
        for (nth, hop) in hops.into_iter().enumerate() {
            // Each step reads the one before it, as its only input.
            let pieces = hop.pieces.iter().cloned().map(|piece| Piece { input: 0, ..piece }).collect();
            let name = if nth == last { node.name.to_owned() } else { format!("{}-{}", node.name, nth + 1) };
            below = self.assembled(node, &name, Arc::new(Assembly { pieces, ..hop }), &[below])?;
        }
        Ok(below)
    }

    /// A layer of chunks built from boxes of those of other layers.
    fn assembled(&mut self, node: &Node, name: &str, assembly: Arc<Assembly>, inputs: &[LayerId]) -> Result<LayerId> {
        let mut spec = LayerSpec::new(name, assembly.grid.tasks()?);
        let edges: Vec<GridMap> = assembly.pieces.iter().map(|piece| piece.edge(&assembly.grid)).collect();
        self.costs.push(Cost::promise(&mut spec, node, &assembly.grid, of_assembly(&assembly, &edges)));
        let counts = assembly.grid.counts();
        for (piece, edge) in assembly.pieces.iter().zip(edges) {
            spec = spec.reads(inputs[piece.input], crossed(edge, &piece.order(counts.len()), &counts));
        }
        let job = Assemble { name: name.to_owned(), assembly };
        Ok(self.graph.push(Layer::uniform(spec, job.template())))
    }

    fn scan(&mut self, node: &Node, scan: &Scan) -> Result<LayerId> {
        let source = &node.inputs[0];
        let from = self.layer_of(self.nodes.index(source))?;
        let (how, grid) = (&scan.how, &source.grid);
        let tasks = grid.tasks()?;
        let leaf = Program { instrs: vec![], consts: vec![], regs: 0, result: Src::Leaf(0), dtype: source.dtype };
        let totals = Tiles {
            name: "totals".to_owned(),
            grid: (**grid).clone(),
            program: leaf,
            leaves: vec![Leaf::Edge(0)],
            fold: Some(Folded { how: how.clone(), whole: None }),
        };
        let mut spec = LayerSpec::new("totals", tasks).reads(from, EdgeMap::OneToOne);
        let (line, chunk) = (states(how, grid), grid.largest().saturating_mul(source.dtype.size() as u64));
        self.costs.push(Cost::promise(&mut spec, node, grid, Bytes { chunks: chunk.saturating_add(line.saturating_mul(2)), fixed: 0 }));
        let totals = self.graph.push(Layer::uniform(spec, totals.template()));
        // One task for each line of chunks along the axis.
        let counts: Vec<u32> = grid.counts().iter().map(|count| *count as u32).collect();
        let with_axis = |line: Vec<Range<u32>>| -> Vec<Vec<Range<u32>>> {
            let mut axes: Vec<Vec<Range<u32>>> = counts.iter().map(|count| (0..*count).map(|at| at..at + 1).collect()).collect();
            axes[scan.axis] = line;
            axes
        };
        let chunks = counts[scan.axis];
        let lines = tasks / chunks;
        let gather = GridMap { source: counts.clone(), axes: with_axis(std::iter::once(0..chunks).collect()) };
        let mut spec = LayerSpec::new("prefix", lines).reads(totals, EdgeMap::Boxes(Arc::new(gather)));
        self.costs.push(Cost::promise(&mut spec, node, grid, Bytes { chunks: line.saturating_mul(2 * chunks as u64), fixed: 0 }));
        let prefix = self.graph.push(Layer::uniform(spec, Prefix { how: how.clone() }.template()));
        let mut one = counts.clone();
        one[scan.axis] = 1;
        let spread = GridMap { source: one, axes: with_axis(vec![0..1; chunks as usize]) };
        let mut spec = LayerSpec::new(node.name, tasks).reads(from, EdgeMap::OneToOne).reads(prefix, EdgeMap::Boxes(Arc::new(spread)));
        // What is read, the running results before they are of their dtype, and these.
        let made = grid.largest().saturating_mul(node.dtype.size() as u64);
        let bytes = chunk.saturating_add(made.saturating_mul(2)).saturating_add(line.saturating_mul(chunks as u64));
        self.costs.push(Cost::promise(&mut spec, node, grid, Bytes { chunks: bytes, fixed: 0 }));
        let job = Scanned { name: node.name.to_owned(), how: how.clone(), grid: (**grid).clone(), axis: scan.axis };
        Ok(self.graph.push(Layer::uniform(spec, job.template())))
    }
}
