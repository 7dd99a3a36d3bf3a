//! [`Subgraph`]: layers of some other kind among lazy calls. They read results of calls, and calls read theirs.
//!
//! A dataframe is such layers. Its partitions are [`parts`](Subgraph::parts), lazy values like any other; where its rows are
//! results of calls, these calls are its sources. Whatever is wanted of it in one graph, its layers stand there once.

use super::{
    Delayed, Node,
    lower::whole,
    node::{Args, Part},
};
use crate::{
    Error, Index, Key, LayerId, Result,
    client::Lease,
    function::Recorded,
    graph::{LayeredGraph, Output},
};
use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

/// Layers that stand among lazy calls.
pub struct Subgraph {
    graph: LayeredGraph,
    output: Output,
    sources: Vec<Source>,
    leases: Vec<Lease>,
    number: u64,
}

/// A layer that stands for results of calls until these are put in its place.
pub(crate) struct Source {
    /// The layer: one task for each call.
    pub(crate) layer: LayerId,
    pub(super) calls: Args,
}

impl Source {
    /// The calls, in the order of the tasks.
    pub(super) fn calls(&self) -> &[Recorded] {
        &self.calls.0
    }
}

impl Subgraph {
    /// Layers of which the tasks of the only output can be read.
    ///
    /// `sources` are layers of the graph without any work, each with as many calls as it has tasks: what reads the layer reads
    /// the results of the calls. `leases` keep the results of other runs that the graph reads.
    ///
    /// # Errors
    /// `Internal` for a graph of several outputs, and for sources that are no such layers.
    pub fn new(graph: LayeredGraph, sources: Vec<(LayerId, Vec<Arc<Node>>)>, leases: Vec<Lease>) -> Result<Arc<Self>> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let [output] = &graph.outputs[..] else { return Err(Error::internal("a subgraph has other than one output")) };
        let output = output.clone();
        let fits = |(layer, calls): &(LayerId, Vec<Arc<Node>>)| {
            graph.layers.get(layer.0 as usize).is_some_and(|layer| layer.spec.tasks as usize == calls.len())
        };
        if !sources.iter().all(fits) {
            return Err(Error::internal("a layer of a subgraph stands for other calls than it has tasks"));
        }
        let source = |(layer, calls): (LayerId, Vec<Arc<Node>>)| Source { layer, calls: Args::of_calls(calls) };
        let sources = sources.into_iter().map(source).collect();
        Ok(Arc::new(Subgraph { graph, output, sources, leases, number: NEXT.fetch_add(1, Relaxed) }))
    }

    /// The results of its output as lazy values, in order. `T` is what they are.
    pub fn parts<T>(self: &Arc<Self>) -> Vec<Delayed<T>> {
        let part = |index: Index| {
            let key = Key::from((self.output.key.name(), index));
            Delayed::from_node(Arc::new(Node::part(Part { of: self.clone(), index }).with_key(key)))
        };
        self.output.tasks.iter().map(part).collect()
    }

    /// The graph, with the calls that it reads.
    ///
    /// # Errors
    /// As [`lower`](super::lower).
    pub fn lower(self: &Arc<Self>) -> Result<LayeredGraph> {
        if self.sources.is_empty() { Ok(self.graph.clone()) } else { whole(self) }
    }

    pub(crate) fn graph(&self) -> &LayeredGraph {
        &self.graph
    }

    /// What can be read of it.
    pub(crate) fn output(&self) -> &Output {
        &self.output
    }

    pub(crate) fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// What keeps the results of other runs that it reads.
    pub(super) fn leases(&self) -> &[Lease] {
        &self.leases
    }

    /// Tells it from all others of this process.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Takes it apart.
    pub(super) fn into_calls(self) -> impl Iterator<Item = Args> {
        self.sources.into_iter().map(|source| source.calls)
    }
}

impl fmt::Debug for Subgraph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Subgraph({} layers, {} sources)", self.graph.layers.len(), self.sources.len())
    }
}
