//! One-to-one neighbours become one layer, where their kind knows how. Every refusal says why.

use super::{EdgeMap, Emits, Layer, LayeredGraph, Output, Ranges, Slicing, Work};
use crate::{
    LayerId,
    function::{FnBody, fuse_calls},
    kind::{Refusal, Template},
    registry::Registry,
};

/// A graph after fusion, and the pairs that stayed apart.
#[derive(Clone, Debug)]
pub struct Fused {
    /// The graph.
    pub graph: LayeredGraph,
    /// One-to-one neighbours that were not fused.
    pub refused: Vec<Refused>,
}

/// Two one-to-one neighbours that stayed apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The layer that is read.
    pub up: String,
    /// The layer that reads it.
    pub down: String,
    /// Why.
    pub reason: String,
}

impl LayeredGraph {
    /// Fuses one-to-one neighbours, by the task kinds of `registry`. The names of the parts stay in
    /// [`LayerSpec::parts`](super::LayerSpec::parts).
    pub fn fuse(&self, registry: &Registry) -> Fused {
        let mut layers: Vec<Option<Layer>> = self.layers.iter().cloned().map(Some).collect();
        let mut refused = Vec::new();
        for down_id in 0..layers.len() {
            let mut edge = 0;
            while let Some(input) = layers[down_id].as_ref().and_then(|down| down.spec.inputs.get(edge)).cloned() {
                let up_id = input.from.0 as usize;
                if input.map != EdgeMap::OneToOne {
                    edge += 1;
                    continue;
                }
                let readers = layers.iter().flatten().flat_map(|layer| &layer.spec.inputs).filter(|other| other.from == input.from).count();
                let wanted = self.outputs.iter().any(|output| output.layer == input.from);
                let (Some(up), Some(down)) = (&layers[up_id], &layers[down_id]) else { break };
                match fuse_pair(up, down, edge, readers, wanted, registry) {
                    Ok(fused) => {
                        layers[down_id] = Some(fused);
                        layers[up_id] = None;
                    }
                    Err(Refusal(reason)) => {
                        refused.push(Refused { up: up.spec.name.clone(), down: down.spec.name.clone(), reason });
                        edge += 1;
                    }
                }
            }
        }
        Fused { graph: self.renumbered(layers), refused }
    }

    /// The graph of the layers that are left.
    fn renumbered(&self, layers: Vec<Option<Layer>>) -> LayeredGraph {
        let mut moved = vec![LayerId(0); layers.len()];
        let mut graph = LayeredGraph::default();
        for (id, layer) in layers.into_iter().enumerate() {
            moved[id] = LayerId(graph.layers.len() as u32);
            if let Some(mut layer) = layer {
                layer.spec.inputs.iter_mut().for_each(|input| input.from = moved[input.from.0 as usize]);
                graph.layers.push(layer);
            }
        }
        graph.outputs = self.outputs.iter().map(|output| Output { layer: moved[output.layer.0 as usize], ..output.clone() }).collect();
        graph
    }
}

fn fuse_pair(up: &Layer, down: &Layer, edge: usize, readers: usize, wanted: bool, registry: &Registry) -> Result<Layer, Refusal> {
    let refuse = |reason: String| Err(Refusal(reason));
    let (above, below) = (&up.spec, &down.spec);
    if wanted {
        return refuse(format!("{} is wanted itself", above.name));
    }
    if readers > 1 {
        return refuse(format!("{} is read {readers} times", above.name));
    }
    if above.held.is_some() {
        return refuse(format!("{} stands for results that are there", above.name));
    }
    if above.selected != below.selected || above.tasks != below.tasks {
        return refuse(format!("{} runs {} tasks and {} runs {}", above.name, show(&above.selected), below.name, show(&below.selected)));
    }
    if above.slicing == Slicing::Whole || below.slicing == Slicing::Whole {
        return refuse("a gang stays what it is".into());
    }
    if above.emits != Emits::Value || above.repeat != below.repeat {
        return refuse("they repeat differently".into());
    }
    if above.needs.resources != below.needs.resources || above.needs.workers != below.needs.workers {
        return refuse("they need different workers".into());
    }
    let (work, inputs) = match (&up.work, &down.work) {
        (Work::Uniform(one), Work::Uniform(two)) if one.kind == two.kind => {
            let kind = registry.kind(one.kind).map_err(|error| Refusal(error.message().to_owned()))?;
            let body = kind.fuse(&one.body, &two.body, edge, above.inputs.len())?;
            let mut inputs = below.inputs.clone();
            inputs.splice(edge..=edge, above.inputs.iter().cloned());
            (Work::Uniform(Template { kind: one.kind, body }), inputs)
        }
        (Work::Each(one, _), Work::Each(two, _) | Work::Uniform(two)) | (Work::Uniform(one), Work::Each(two, _))
            if one.kind == FnBody::KIND && two.kind == FnBody::KIND =>
        {
            let fused = fuse_calls(up, down, edge)?;
            (fused.work, fused.spec.inputs)
        }
        _ => return refuse("they are of different kinds".into()),
    };
    let mut spec = below.clone();
    spec.inputs = inputs;
    spec.parts = above.parts.iter().chain(&below.parts).cloned().collect();
    spec.name = spec.parts.join("+");
    spec.needs.slots = above.needs.slots.max(below.needs.slots);
    spec.needs.bytes = above.needs.bytes.saturating_add(below.needs.bytes);
    spec.needs.retries = above.needs.retries.max(below.needs.retries);
    Ok(Layer { spec, work })
}

fn show(selected: &Ranges) -> String {
    selected.len().to_string()
}
