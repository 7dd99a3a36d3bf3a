//! Regions, reductions, assemblies and scans as layers.

use super::{
    Nodes,
    compile::{Compiled, compile},
    region::{Place, regions, walked},
};
use crate::{
    fold::Reduction,
    grid::Grid,
    job::{Assemble, Combine, Folded, Job, Leaf, Prefix, Program, Scanned, Src, Tiles},
    node::{Node, Op, Scan},
};
use std::{ops::Range, sync::Arc};
use stratal_core::{
    Error, LayerId, Result,
    graph::{EdgeMap, GridMap, Layer, LayerSpec, LayeredGraph},
    value::DType,
};

/// States that one task of a tree merges, over all axes.
const FAN_IN: usize = 16;
/// Names that a layer's name is made of; of more, the first and the last.
const NAMES: usize = 4;

/// A graph, and what was done to get there.
pub(crate) struct Lowered {
    pub(crate) graph: LayeredGraph,
    /// One line for each layer in which several operations are fused.
    pub(crate) fused: Vec<String>,
    /// One line for each operation that was not fused.
    pub(crate) refused: Vec<String>,
}

struct Lowering<'a> {
    nodes: Nodes<'a>,
    graph: LayeredGraph,
    /// The layers that leave the chunks of nodes.
    layers: Vec<Option<LayerId>>,
    fused: Vec<String>,
}

/// The layers of an expression; its chunks are the one output.
pub(crate) fn lower(root: &Arc<Node>) -> Result<Lowered> {
    let nodes = Nodes::of(root);
    let regions = regions(&nodes);
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); nodes.all.len()];
    for (at, place) in regions.places.iter().enumerate() {
        if let Place::Region(end) = place {
            members[*end].push(at);
        }
    }
    let count = nodes.all.len();
    let mut lowering = Lowering { layers: vec![None; count], nodes, graph: LayeredGraph::default(), fused: Vec::new() };
    for (end, members) in members.iter().enumerate().filter(|(_, members)| !members.is_empty()) {
        let node = lowering.nodes.all[end].clone();
        let layer = match &node.op {
            Op::Held(held) => lowering.graph.push(Layer::held(node.name, held.ranges.clone())),
            Op::Assemble(_) => lowering.assemble(&node)?,
            Op::Scan(scan) => lowering.scan(&node, scan)?,
            _ => {
                let compiled = compile(&lowering.nodes, &regions, members, end)?;
                lowering.region(&node, compiled)?
            }
        };
        lowering.layers[end] = Some(layer);
    }
    let Lowering { mut graph, layers, fused, .. } = lowering;
    if let Some(Some(last)) = layers.last() {
        graph.want(*last, root.name);
    }
    Ok(Lowered { graph, fused, refused: regions.refused })
}

/// A layer's name from those of its operations.
fn name_of(names: &[&'static str]) -> String {
    match names {
        [first, .., last] if names.len() > NAMES => format!("{first}+…+{last}"),
        _ => names.join("+"),
    }
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
    fn layer_of(&self, at: usize) -> Result<LayerId> {
        self.layers[at].ok_or_else(|| Error::internal(format!("{} was not lowered", self.nodes.all[at].name)))
    }

    fn region(&mut self, node: &Node, compiled: Compiled) -> Result<LayerId> {
        let grid = walked(node).clone();
        let mut name = name_of(&compiled.names);
        if name.is_empty() {
            name = node.name.to_owned();
        }
        let mut spec = LayerSpec::new(name.clone(), grid.tasks()?);
        let mut bytes = node.dtype.size() as u64;
        let mut leaves = Vec::with_capacity(compiled.leaves.len());
        for at in &compiled.leaves {
            let leaf = self.nodes.all[*at];
            bytes += leaf.dtype.size() as u64;
            leaves.push(match (&leaf.op, self.layers[*at]) {
                (Op::Made(made), None) => Leaf::Made(made.clone(), leaf.grid.shape()),
                _ => {
                    let edge = spec.inputs.len() as u32;
                    spec = spec.reads(self.layer_of(*at)?, broadcast_edge(&grid, &leaf.grid));
                    Leaf::Edge(edge)
                }
            });
        }
        if compiled.names.len() > 1 {
            self.fused.push(format!("{name}: {} operations in one pass", compiled.names.len()));
        }
        spec.parts = compiled.names.iter().map(|name| (*name).to_owned()).collect();
        if spec.parts.is_empty() {
            spec.parts.push(name.clone());
        }
        spec.needs.bytes = grid.largest().saturating_mul(bytes);
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
            let spec = LayerSpec::new(node.name, tasks).reads(below, EdgeMap::Boxes(Arc::new(GridMap { source, axes })));
            let combine = Combine { name: node.name.to_owned(), how: how.clone(), top: top.then(|| (*node.grid).clone()) };
            below = self.graph.push(Layer::uniform(spec, combine.template()));
        }
    }

    fn assemble(&mut self, node: &Node) -> Result<LayerId> {
        let Op::Assemble(assembly) = &node.op else { return Err(Error::internal("an assembly without pieces")) };
        let mut spec = LayerSpec::new(node.name, node.grid.tasks()?);
        for piece in &assembly.pieces {
            let from = self.layer_of(self.nodes.index(&node.inputs[piece.input]))?;
            spec = spec.reads(from, EdgeMap::Boxes(Arc::new(piece.edge(&assembly.grid))));
        }
        spec.needs.bytes = node.grid.largest().saturating_mul(2 * node.dtype.size() as u64);
        let job = Assemble { name: node.name.to_owned(), assembly: assembly.clone() };
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
        let spec = LayerSpec::new("totals", tasks).reads(from, EdgeMap::OneToOne);
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
        let spec = LayerSpec::new("prefix", lines).reads(totals, EdgeMap::Boxes(Arc::new(gather)));
        let prefix = self.graph.push(Layer::uniform(spec, Prefix { how: how.clone() }.template()));
        let mut one = counts.clone();
        one[scan.axis] = 1;
        let spread = GridMap { source: one, axes: with_axis(vec![0..1; chunks as usize]) };
        let mut spec = LayerSpec::new(node.name, tasks).reads(from, EdgeMap::OneToOne).reads(prefix, EdgeMap::Boxes(Arc::new(spread)));
        spec.needs.bytes = grid.largest().saturating_mul((source.dtype.size() + node.dtype.size() + DType::F64.size()) as u64);
        let job = Scanned { name: node.name.to_owned(), how: how.clone(), grid: (**grid).clone(), axis: scan.axis };
        Ok(self.graph.push(Layer::uniform(spec, job.template())))
    }
}
