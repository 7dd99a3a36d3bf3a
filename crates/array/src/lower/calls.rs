//! Contractions, reshaped chunks, functions on chunks and results of lazy values as layers; and graphs that stand among lazy values.

use super::{
    layers::{Lowered, Lowering},
    memory::{Bytes, Cost},
};
use crate::{
    contract::{Contraction, Planned},
    job::{Contract, Job, Map, Reshape, Stream, Sum, Taken},
    node::Node,
};
use std::{ops::Range, sync::Arc};
use stratal_core::{
    Error, ErrorKind, LayerId, Result,
    delayed::{Node as Call, Subgraph},
    executor::Executor,
    function::Function,
    graph::{EdgeMap, GridMap, Layer, LayerSpec, LayeredGraph, Repeat, Work},
};

/// Partial sums that one task adds up.
const FAN_IN: u32 = 8;

impl Lowering<'_> {
    /// The layer of an input.
    fn input(&self, node: &Node, nth: usize) -> Result<LayerId> {
        self.layer_of(self.nodes.index(&node.inputs[nth]))
    }

    pub(super) fn contract(&mut self, node: &Node, planned: &Planned) -> Result<LayerId> {
        let of = &planned.contraction;
        let mut spec = LayerSpec::new(node.name, of.tasks()?);
        spec = spec.reads(self.input(node, 0)?, of.edge(true)).reads(self.input(node, 1)?, of.edge(false));
        self.costs.push(Cost::promise(&mut spec, node, &of.out, Bytes { chunks: of.bytes(), fixed: 0 }));
        self.told.push(format!("{}: {}", node.name, planned.told));
        let job = Contract { name: node.name.to_owned(), contraction: of.clone() };
        let products = self.graph.push(Layer::uniform(spec, job.template()));
        self.added_up(node, of, products)
    }

    /// Adds up the parts of each tile, level by level.
    fn added_up(&mut self, node: &Node, of: &Contraction, mut below: LayerId) -> Result<LayerId> {
        let tiles = of.out.tasks()?;
        let counts: Vec<u32> = of.out.counts().iter().map(|count| *count as u32).collect();
        let mut parts = of.parts.count() as u32;
        while parts > 1 {
            let left = parts.div_ceil(FAN_IN);
            let mut axes: Vec<Vec<Range<u32>>> = counts.iter().map(|count| (0..*count).map(|at| at..at + 1).collect()).collect();
            axes.push((0..left).map(|at| at * FAN_IN..((at + 1) * FAN_IN).min(parts)).collect());
            let source = counts.iter().copied().chain([parts]).collect();
            let map = EdgeMap::Boxes(Arc::new(GridMap { source, axes }));
            let mut spec = LayerSpec::new("sum", tiles * left).reads(below, map);
            let tile = of.out.largest().saturating_mul(of.dtype.size() as u64);
            self.costs.push(Cost::promise(&mut spec, node, &of.out, Bytes { chunks: tile.saturating_mul(2), fixed: 0 }));
            let job = Sum { name: node.name.to_owned(), dtype: of.dtype };
            below = self.graph.push(Layer::uniform(spec, job.template()));
            parts = left;
        }
        Ok(below)
    }

    pub(super) fn reshape(&mut self, node: &Node) -> Result<LayerId> {
        let mut spec = LayerSpec::new(node.name, node.grid.tasks()?).reads(self.input(node, 0)?, EdgeMap::OneToOne);
        // A chunk that does not lie in rows is copied.
        let bytes = node.grid.largest().saturating_mul(2 * node.dtype.size() as u64);
        self.costs.push(Cost::promise(&mut spec, node, &node.grid, Bytes { chunks: bytes, fixed: 0 }));
        let job = Reshape { name: node.name.to_owned(), grid: (*node.grid).clone() };
        Ok(self.graph.push(Layer::uniform(spec, job.template())))
    }

    pub(super) fn map(&mut self, node: &Node, function: &Arc<Function>) -> Result<LayerId> {
        let mut spec = LayerSpec::new(node.name, node.grid.tasks()?).reads(self.input(node, 0)?, EdgeMap::OneToOne);
        spec.needs = function.needs();
        if function.options().impure {
            spec.repeat = Repeat::Varies;
        }
        // The chunk, the array that the function is given, and what it gives.
        let source = &node.inputs[0];
        let given = source.grid.largest().saturating_mul(2 * source.dtype.size() as u64);
        let bytes = given.saturating_add(node.grid.largest().saturating_mul(node.dtype.size() as u64));
        self.costs.push(Cost::promise(&mut spec, node, &source.grid, Bytes { chunks: bytes, fixed: 0 }));
        let job = Map { function: function.clone(), grid: (*node.grid).clone(), dtype: node.dtype };
        Ok(self.graph.push(Layer::uniform(spec, job.template())))
    }

    /// What lazy values give, held to what was promised of it.
    pub(super) fn calls(&mut self, node: &Node, calls: &[Arc<Call>]) -> Result<LayerId> {
        let tasks = node.grid.tasks()?;
        let source = self.graph.push(Layer { spec: LayerSpec::new("delayed", tasks), work: Work::Held });
        self.sources.push((source, calls.to_vec()));
        let mut spec = LayerSpec::new(node.name, tasks).reads(source, EdgeMap::OneToOne);
        let bytes = node.grid.largest().saturating_mul(2 * node.dtype.size() as u64);
        self.costs.push(Cost::promise(&mut spec, node, &node.grid, Bytes { chunks: bytes, fixed: 0 }));
        let job = Taken { grid: (*node.grid).clone(), dtype: node.dtype };
        Ok(self.graph.push(Layer::uniform(spec, job.template())))
    }
}

impl Lowered {
    /// The layers among lazy values: what they read of calls, and their chunks as lazy values.
    pub(crate) fn subgraph(self) -> Result<Arc<Subgraph>> {
        Subgraph::new(self.graph, self.sources, self.leases)
    }

    /// The graph with the calls that it reads.
    pub(crate) fn whole(self) -> Result<LayeredGraph> {
        if self.sources.is_empty() { Ok(self.graph) } else { self.subgraph()?.lower() }
    }

    /// The graph for this executor, and what the tasks of the array's layers take.
    ///
    /// # Errors
    /// `Graph` where it reads what another executor keeps: the results of a run have a name there alone.
    pub(crate) fn run_by(mut self, executor: &Arc<dyn Executor>) -> Result<(LayeredGraph, Vec<Cost>)> {
        if self.leases.iter().any(|lease| !Arc::ptr_eq(lease.executor(), executor)) {
            return Err(Error::new(ErrorKind::Graph, "an array that another client keeps is read")
                .with_help("run it by the client that persisted it, or persist it by this one"));
        }
        let costs = std::mem::take(&mut self.costs);
        Ok((self.whole()?, costs))
    }
}
