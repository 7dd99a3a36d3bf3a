//! What must be true of a graph before anything of it runs. The wire is checked by it too.

use super::{EdgeMap, Emits, LayerSpec, LayeredGraph, Outline, Slicing, Work};
use crate::{Error, ErrorKind, LayerId, Result};

/// The most tasks of a layer, and the most of a run that are selected: some 6 GiB in the scheduler.
const MOST_TASKS: u32 = 1 << 28;

impl LayeredGraph {
    /// Checks layers, edges, calls and outputs.
    ///
    /// # Errors
    /// `Graph`, with the layer's name: an unknown layer, a cycle, an index out of range, an edge that does not fit the
    /// lengths of its layers, a call of a missing function, an output that is not there.
    pub fn validate(&self) -> Result<()> {
        self.outline().validate()?;
        for layer in &self.layers {
            let fail = |message: String| Err(Error::new(ErrorKind::Graph, format!("layer {:?}: {message}", layer.spec.name)));
            match (&layer.work, &layer.spec.held) {
                (Work::Held, None) => return fail("it has no work and holds no results".into()),
                (Work::Uniform(_) | Work::Each(..), Some(_)) => return fail("it has work and stands for results of others".into()),
                (Work::Each(_, calls), None) if calls.rows.len() != layer.spec.tasks as usize => {
                    return fail(format!("it lists {} calls for {} tasks", calls.rows.len(), layer.spec.tasks));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

impl Outline {
    /// As [`LayeredGraph::validate`], without the work.
    pub fn validate(&self) -> Result<()> {
        self.check()?;
        let selected: u64 = self.layers.iter().map(|spec| spec.selected.len() as u64).sum();
        if selected > MOST_TASKS as u64 {
            return Err(Error::new(ErrorKind::Graph, format!("the graph has {selected} tasks, and a run may have {MOST_TASKS}"))
                .with_help("use fewer and larger partitions"));
        }
        Ok(())
    }

    /// Whether layers, edges and outputs fit each other; before culling, when there may be more tasks than can run.
    pub(super) fn check(&self) -> Result<()> {
        for (id, spec) in self.layers.iter().enumerate() {
            self.check_layer(LayerId(id as u32), spec)
                .map_err(|error| Error::new(error.kind(), format!("layer {:?}: {}", spec.name, error.message())))?;
        }
        for output in &self.outputs {
            let fail = |message: String| Err(Error::new(ErrorKind::Graph, format!("output {:?}: {message}", output.key)));
            match self.layers.get(output.layer.0 as usize) {
                None => return fail(format!("there is no {} among {} layers", output.layer, self.layers.len())),
                Some(spec) if output.tasks.end() > spec.tasks => {
                    return fail(format!("it wants task {} and layer {:?} has {} tasks", output.tasks.end() - 1, spec.name, spec.tasks));
                }
                Some(spec) if output.tasks.intersect(&spec.selected) != output.tasks => {
                    return fail(format!("it wants tasks of layer {:?} that were culled", spec.name));
                }
                Some(spec) if spec.emits != Emits::Value => {
                    return fail(format!("layer {:?} leaves channels, which only an edge reads", spec.name));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    fn check_layer(&self, id: LayerId, spec: &LayerSpec) -> Result<()> {
        let fail = |message: String| Err(Error::new(ErrorKind::Graph, message));
        if spec.tasks > MOST_TASKS {
            return fail(format!("it has {} tasks, and a layer may have {MOST_TASKS}", spec.tasks));
        }
        if spec.selected.end() > spec.tasks {
            return fail(format!("task {} is selected of {}", spec.selected.end() - 1, spec.tasks));
        }
        if let Some(held) = &spec.held {
            let sum: u64 = held.iter().map(|range| range.len as u64).sum();
            if sum != spec.tasks as u64 || !spec.inputs.is_empty() {
                return fail(format!("it stands for {sum} results of others, has {} tasks and {} inputs", spec.tasks, spec.inputs.len()));
            }
            if let Some(range) = held.iter().find(|range| range.start.checked_add(range.len).is_none()) {
                return fail(format!("it stands for {} results of {} from {}", range.len, range.run, range.start));
            }
        }
        for input in &spec.inputs {
            let Some(source) = self.layers.get(input.from.0 as usize) else {
                return fail(format!("it reads {}, and there are {} layers", input.from, self.layers.len()));
            };
            if input.from > id {
                return fail(format!(
                    "it reads layer {:?}, which comes after it: a cycle, or an order that is not topological",
                    source.name
                ));
            }
            if input.sources != source.tasks {
                return fail(format!("its edge says that layer {:?} has {} tasks; it has {}", source.name, input.sources, source.tasks));
            }
            input.map.check(source.tasks, spec.tasks)?;
            if input.from == id {
                if spec.slicing == Slicing::Whole {
                    return fail("its tasks start together and read each other: a cycle".into());
                }
                check_self_edge(&input.map, spec.tasks)?;
            }
            if source.selected.len() < source.tasks {
                let reads = input.map.sources_of(&spec.selected, source.tasks);
                if reads.intersect(&source.selected) != reads {
                    return fail(format!("it reads tasks of layer {:?} that were culled", source.name));
                }
            }
            match (&input.map, source.emits) {
                (EdgeMap::Channel, Emits::Channels(n)) if n < spec.tasks => {
                    return fail(format!("it has {} tasks and layer {:?} leaves {n} channels", spec.tasks, source.name));
                }
                (EdgeMap::Channel, Emits::Value) => {
                    return fail(format!("it reads channels of layer {:?}, which leaves values", source.name));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// A layer may read itself at lower indexes only.
fn check_self_edge(map: &EdgeMap, tasks: u32) -> Result<()> {
    if !matches!(map, EdgeMap::Explicit(_) | EdgeMap::Ranges(_)) {
        return Err(Error::new(ErrorKind::Graph, format!("it reads itself over a {} edge: a cycle", map.name())));
    }
    for task in 0..tasks {
        let mut highest = None;
        map.visit_sources(task, tasks, &mut |range| highest = highest.max(range.end.checked_sub(1)));
        if let Some(source) = highest.filter(|source| *source >= task) {
            return Err(Error::new(ErrorKind::Graph, format!("task {task} reads task {source} of the same layer: a cycle")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RunId;
    use crate::graph::{GridMap, HeldRange, Layer, Ranges};

    fn held(name: &str, tasks: u32) -> Layer {
        Layer::held(name, vec![HeldRange { run: RunId(1), layer: LayerId(0), start: 0, len: tasks }])
    }

    fn error_of(change: impl FnOnce(&mut LayeredGraph)) -> String {
        let mut graph = LayeredGraph::default();
        let a = graph.push(held("a", 4));
        let spec = LayerSpec::new("b", 4).reads(a, EdgeMap::OneToOne);
        let b = graph.push(Layer { spec, work: Work::Held });
        graph.want(b, "b");
        change(&mut graph);
        graph.outline().validate().map_or_else(|error| error.message().to_owned(), |()| "fine".to_owned())
    }

    #[test]
    fn every_fault_of_a_graph_is_named() {
        assert_eq!(error_of(|_| {}), "fine");
        assert_eq!(
            error_of(|graph| graph.layers[1].spec.inputs[0].from = LayerId(7)),
            "layer \"b\": it reads layer-7, and there are 2 layers"
        );
        assert_eq!(error_of(|graph| graph.layers.swap(0, 1)), "layer \"b\": it reads itself over a one-to-one edge: a cycle");
        assert_eq!(
            error_of(|graph| graph.layers[1].spec.inputs[0].map = EdgeMap::explicit([[0], [1], [9], [3]])),
            "layer \"b\": an explicit edge reads task 9 of a layer of 4"
        );
        assert_eq!(
            error_of(|graph| graph.layers[1].spec.inputs[0].map = EdgeMap::explicit([[0], [1]])),
            "layer \"b\": an explicit edge lists the inputs of 2 tasks and the layer has 4"
        );
        assert_eq!(
            error_of(|graph| graph.layers[1].spec.inputs[0].map = EdgeMap::Channel),
            "layer \"b\": it reads channels of layer \"a\", which leaves values"
        );
        assert_eq!(error_of(|graph| graph.outputs[0].tasks = Ranges::full(5)), "output b: it wants task 4 and layer \"b\" has 4 tasks");
        let itself = |lists: [Vec<u32>; 4]| {
            error_of(|graph| {
                graph.layers[1].spec.inputs[0].from = LayerId(1);
                graph.layers[1].spec.inputs[0].map = EdgeMap::explicit(lists);
            })
        };
        assert_eq!(itself([vec![], vec![0], vec![1], vec![2]]), "fine");
        assert_eq!(itself([vec![], vec![0], vec![2], vec![]]), "layer \"b\": task 2 reads task 2 of the same layer: a cycle");
        let gang = error_of(|graph| {
            graph.layers[1].spec.slicing = Slicing::Whole;
            graph.layers[1].spec.inputs[0].from = LayerId(1);
            graph.layers[1].spec.inputs[0].map = EdgeMap::explicit([vec![], vec![0], vec![], vec![]]);
        });
        assert_eq!(gang, "layer \"b\": its tasks start together and read each other: a cycle");
    }

    #[test]
    fn what_only_the_wire_could_bring_is_refused_before_it_costs_anything() {
        let culled = error_of(|graph| graph.layers[0].spec.selected = Ranges::from(0..3));
        assert_eq!(culled, "layer \"b\": it reads tasks of layer \"a\" that were culled");
        assert_eq!(
            error_of(|graph| graph.layers[1].spec.tasks = u32::MAX),
            "layer \"b\": it has 4294967295 tasks, and a layer may have 268435456"
        );
        let many = error_of(|graph| graph.layers.extend([held("many", 1 << 27), held("many", 1 << 27)]));
        assert_eq!(many, "the graph has 268435464 tasks, and a run may have 268435456");
        let held = error_of(|graph| {
            graph.layers[0].spec.held = Some([HeldRange { run: RunId(1), layer: LayerId(0), start: u32::MAX, len: 4 }].into());
        });
        assert_eq!(held, "layer \"a\": it stands for 4 results of run-1 from 4294967295");
        let grid = error_of(|graph| {
            let (source, axes) = (vec![1 << 16; 4], vec![vec![0..1; 1 << 16]; 4]);
            graph.layers[1].spec.inputs[0].map = EdgeMap::Boxes(GridMap { source, axes }.into());
        });
        assert_eq!(grid, format!("layer \"b\": a boxes edge maps {0} chunks to {0} and the layers have 4 and 4", u64::MAX));
    }
}
