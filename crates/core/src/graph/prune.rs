//! Keeps what the outputs need and nothing else: tasks of a layer as ranges, whole layers away.

use super::{EdgeMap, Layer, LayeredGraph, Output, Ranges};
use crate::{Key, LayerId, Result};

impl LayeredGraph {
    /// The part of the graph that these results need. A key is an output's, a layer's name, or a layer's name and an index.
    ///
    /// # Errors
    /// `Graph` for a name that is nowhere, with the nearest; for layers, edges or outputs that do not fit each other.
    pub fn cull<K: Into<Key>>(&self, keys: impl IntoIterator<Item = K>) -> Result<LayeredGraph> {
        self.outline().check()?;
        let mut graph = self.clone();
        graph.outputs = keys.into_iter().map(|key| self.find_output(&key.into())).collect::<Result<Vec<Output>>>()?;
        Ok(graph.prune())
    }

    /// The part of the graph that its outputs need. Indexes of tasks stay what they were; layers that nothing needs are gone.
    /// For a graph that is [valid](Self::validate).
    pub fn prune(&self) -> LayeredGraph {
        let needed = self.needed(self.outputs.iter().map(|output| (output.layer, &output.tasks)));
        let mut moved = vec![None; self.layers.len()];
        let mut graph = LayeredGraph::default();
        for (id, (layer, selected)) in self.layers.iter().zip(needed).enumerate() {
            if selected.is_empty() {
                continue;
            }
            moved[id] = Some(LayerId(graph.layers.len() as u32));
            let Layer { mut spec, work } = layer.clone();
            spec.selected = selected;
            for input in &mut spec.inputs {
                input.from = moved[input.from.0 as usize].unwrap_or_else(|| graph.keep_empty(self, input.from, &mut moved));
            }
            moved[id] = Some(LayerId(graph.layers.len() as u32));
            for input in spec.inputs.iter_mut().zip(&layer.spec.inputs).filter(|(_, was)| was.from.0 as usize == id) {
                input.0.from = LayerId(graph.layers.len() as u32);
            }
            graph.layers.push(Layer { spec, work });
        }
        let outputs = self.outputs.iter().filter(|output| !output.tasks.is_empty());
        graph.outputs = outputs.filter_map(|output| Some(Output { layer: moved[output.layer.0 as usize]?, ..output.clone() })).collect();
        graph
    }

    /// The tasks of each layer that some results need. For a graph that is [valid](Self::validate).
    pub(crate) fn needed<'a>(&self, wanted: impl IntoIterator<Item = (LayerId, &'a Ranges)>) -> Vec<Ranges> {
        let mut needed = vec![Ranges::none(); self.layers.len()];
        for (layer, tasks) in wanted {
            let needed = &mut needed[layer.0 as usize];
            *needed = needed.union(tasks);
        }
        // Layers read earlier ones, so that backwards every reader comes before what it reads.
        for id in (0..self.layers.len()).rev() {
            let layer = &self.layers[id].spec;
            let own: Vec<&EdgeMap> = layer.inputs.iter().filter(|input| input.from.0 as usize == id).map(|input| &input.map).collect();
            if !own.is_empty() {
                needed[id] = closure(&needed[id], &own, layer.tasks);
            }
            for input in layer.inputs.iter().filter(|input| input.from.0 as usize != id) {
                let from = input.from.0 as usize;
                needed[from] = needed[from].union(&input.map.sources_of(&needed[id], input.sources));
            }
        }
        needed
    }

    /// Keeps a layer of which nothing is read, because an edge to it must lead somewhere.
    fn keep_empty(&mut self, from: &LayeredGraph, id: LayerId, moved: &mut [Option<LayerId>]) -> LayerId {
        let mut layer = from.layer(id).clone();
        layer.spec.selected = Ranges::none();
        layer.spec.inputs.clear();
        self.layers.push(layer);
        *moved[id.0 as usize].insert(LayerId(self.layers.len() as u32 - 1))
    }
}

/// The tasks that are needed in a layer that reads itself at lower indexes, over all its edges to itself: one sweep down.
fn closure(needed: &Ranges, maps: &[&EdgeMap], tasks: u32) -> Ranges {
    let mut wanted = vec![false; tasks as usize];
    needed.iter().for_each(|index| wanted[index as usize] = true);
    for index in (0..tasks).rev() {
        if wanted[index as usize] {
            for map in maps {
                map.visit_sources(index, tasks, &mut |range| range.for_each(|source| wanted[source as usize] = true));
            }
        }
    }
    let mut ranges = Vec::new();
    let mut start = None;
    for index in 0..=tasks {
        match (wanted.get(index as usize).copied().unwrap_or(false), start) {
            (true, None) => start = Some(index),
            (false, Some(from)) => {
                ranges.push(from..index);
                start = None;
            }
            _ => {}
        }
    }
    Ranges::union_of(ranges)
}

#[cfg(test)]
mod tests {
    use crate::graph::{EdgeMap, Layer, LayerSpec, LayeredGraph, Ranges, Work};

    fn layer(spec: LayerSpec) -> Layer {
        Layer { spec, work: Work::Held }
    }

    #[test]
    fn a_layer_of_ten_million_tasks_is_culled_to_one() {
        let mut graph = LayeredGraph::default();
        let read = graph.push(layer(LayerSpec::new("read", 10_000_000)));
        let unused = graph.push(layer(LayerSpec::new("unused", 10).reads(read, EdgeMap::All)));
        let add = graph.push(layer(LayerSpec::new("add", 10_000_000).reads(read, EdgeMap::OneToOne)));
        graph.want(unused, "unused");
        graph.want(add, "add");
        let one = graph.cull([("add", 9_999_999)]).unwrap();
        assert_eq!(one.summary(), "read[1] -> add[1]");
        assert_eq!(one.layers[0].spec.selected, Ranges::from(9_999_999..10_000_000));
        assert_eq!(one.layers[1].spec.inputs[0].from.0, 0);
        assert_eq!(graph.cull(["ad"]).unwrap_err().help(), Some("did you mean \"add\"?"));
    }

    #[test]
    fn a_layer_that_reads_itself_keeps_the_chain_below() {
        let mut graph = LayeredGraph::default();
        let chain = EdgeMap::explicit((0..100_000u32).map(|i| i.checked_sub(2)));
        let id = graph.push(layer(LayerSpec::new("step", 100_000).reads(crate::LayerId(0), chain)));
        graph.want(id, "step");
        let culled = graph.cull([("step", 9)]).unwrap();
        assert_eq!(culled.layers[0].spec.selected.to_string(), "1,3,5,7,9");
        assert_eq!(culled.layers[0].spec.inputs[0].from.0, 0);
    }

    #[test]
    fn a_layer_that_reads_itself_twice_keeps_what_both_edges_lead_to() {
        let mut graph = LayeredGraph::default();
        let back = |steps: u32| EdgeMap::explicit((0..10u32).map(|i| i.checked_sub(steps).filter(|_| i % 2 == steps % 2)));
        let itself = crate::LayerId(0);
        let id = graph.push(layer(LayerSpec::new("step", 10).reads(itself, back(3)).reads(itself, back(4))));
        graph.want(id, "step");
        let culled = graph.cull([("step", 9)]).unwrap();
        assert_eq!(culled.layers[0].spec.selected.to_string(), "2,6,9", "9 reads 6 over the one edge, and 6 reads 2 over the other");
        culled.outline().validate().unwrap();
    }

    #[test]
    fn an_edge_that_leads_nowhere_is_an_error_and_no_panic() {
        let mut graph = LayeredGraph::default();
        let id = graph.push(layer(LayerSpec::new("lost", 2).reads(crate::LayerId(7), EdgeMap::OneToOne)));
        graph.want(id, "lost");
        assert_eq!(graph.cull(["lost"]).unwrap_err().message(), "layer \"lost\": it reads layer-7, and there are 1 layers");
    }
}
