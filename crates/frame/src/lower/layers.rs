//! [`Layers`]: a graph in the making, and what of it is made elsewhere: results that other runs left, and calls of functions.

use super::{Plan, call::CallExec, call_kind::CallBody, repeat};
use crate::source::{DelayedExec, HeldExec};
use std::{collections::HashMap, sync::Arc};
use stratal_core::{
    LayerId, Result,
    client::Lease,
    delayed::{Node, Subgraph},
    graph::{EdgeMap, Layer, LayerSpec, LayeredGraph, Repeat, Work},
};

/// Layers so far.
#[derive(Default)]
pub(super) struct Layers {
    pub(super) graph: LayeredGraph,
    /// The layers that stand for results of calls, and the calls.
    sources: Vec<(LayerId, Vec<Arc<Node>>)>,
    leases: Vec<Lease>,
    /// The layers that stand for results of other runs, and what making these again gives.
    held: HashMap<LayerId, Repeat>,
}

impl Layers {
    /// The layer of the results that a leaf stands for; none for any other node.
    pub(super) fn stored(&mut self, plan: &Plan, name: Option<&str>) -> Option<LayerId> {
        if let Some(held) = plan.downcast_ref::<HeldExec>() {
            self.leases.push(held.lease().clone());
            let layer = self.graph.push(Layer::held(name.unwrap_or("persisted"), held.ranges().to_vec()));
            self.held.insert(layer, held.repeat());
            return Some(layer);
        }
        let calls = plan.downcast_ref::<DelayedExec>()?.calls().to_vec();
        let spec = LayerSpec::new(name.unwrap_or("delayed"), calls.len() as u32);
        let layer = self.graph.push(Layer { spec, work: Work::Held });
        self.sources.push((layer, calls));
        Some(layer)
    }

    /// The layer that calls a function on the partitions that another left.
    pub(super) fn call(&mut self, node: &CallExec, input: LayerId) -> LayerId {
        let call = node.call();
        let tasks = self.graph.layer(input).spec.tasks;
        let mut spec = LayerSpec::new(call.how.layer(), tasks).reads(input, EdgeMap::OneToOne);
        spec.needs = call.function.needs();
        // A function sees the order of rows.
        if call.function.options().impure || self.given(input) != Repeat::Pure {
            spec.repeat = Repeat::Varies;
        }
        let body = CallBody::new(call.clone(), node.input().schema());
        self.graph.push(Layer::uniform(spec, body.template()))
    }

    /// What running the tasks of a layer again gives, which do `plan` and have all their inputs.
    pub(super) fn repeat(&self, plan: &Plan, spec: &LayerSpec) -> Repeat {
        let inputs: Vec<Repeat> = spec.inputs.iter().map(|input| self.given(input.from)).collect();
        repeat::of(plan, &inputs, spec.emits)
    }

    /// What those that read a layer are given if it is made again.
    fn given(&self, layer: LayerId) -> Repeat {
        match self.held.get(&layer) {
            // What another run keeps is not dropped, and what varies is not made again: it is there, or the reader fails.
            Some(Repeat::Varies | Repeat::Commit) => Repeat::Pure,
            Some(held) => *held,
            None => self.graph.layer(layer).spec.repeat,
        }
    }

    /// The graph, of which the last layer is wanted.
    pub(super) fn finish(mut self, last: LayerId) -> Result<Arc<Subgraph>> {
        let name = self.graph.layer(last).spec.name.clone();
        self.graph.want(last, name);
        Subgraph::new(self.graph, self.sources, self.leases)
    }
}
