//! From layers as they were written to a graph, with all that can be wrong about them said by name.

use super::{
    Edge,
    edge::Shape,
    layers::{Step, StepArgs},
};
use crate::{
    Error, ErrorKind, Index, LayerId, Result,
    delayed::{lower, lower_map},
    error::nearest,
    function::{ArgSpec, Call, Calls, FnBody, Recorded},
    graph::{EdgeMap, HeldRange, Input, Layer, LayerSpec, LayeredGraph, Lists, Repeat, Work},
};
use rustc_hash::FxHashMap;
use std::{ops::Range, sync::Arc};

/// The graph of these layers.
pub(super) fn build(steps: &[Arc<Step>]) -> Result<LayeredGraph> {
    let mut assembly = Assembly { steps, graph: LayeredGraph::default(), built: FxHashMap::default() };
    for (at, step) in steps.iter().enumerate() {
        if steps[..at].iter().any(|other| other.name == step.name) {
            return Err(fail(format!("two layers are called {:?}", step.name)).with_help("rename one of the two"));
        }
        let id = match &step.args {
            StepArgs::Each(rows) => assembly.source(step, rows)?,
            StepArgs::Same(args) => assembly.layer(at, args)?,
        };
        assembly.built.insert(&step.name, (id, step));
    }
    let mut graph = assembly.graph;
    for step in steps {
        let (id, _) = assembly.built[step.name.as_str()];
        if !graph.layers.iter().any(|layer| layer.spec.inputs.iter().any(|input| input.from == id)) {
            graph.want(id, step.name.as_str());
        }
    }
    Ok(graph)
}

fn fail(message: String) -> Error {
    Error::new(ErrorKind::Graph, format!("graph: {message}"))
}

struct Assembly<'a> {
    steps: &'a [Arc<Step>],
    graph: LayeredGraph,
    built: FxHashMap<&'a str, (LayerId, &'a Arc<Step>)>,
}

/// The inputs of a layer in the making.
struct Inputs<'a> {
    step: &'a Step,
    tasks: u32,
    list: Vec<Input>,
}

impl Inputs<'_> {
    /// The number of an input, made at its first use.
    fn edge(&mut self, from: LayerId, sources: u32, map: EdgeMap) -> Result<u16> {
        map.check(sources, self.tasks).map_err(|error| fail(format!("layer {:?}: {}", self.step.name, error.message())))?;
        let at = self.list.iter().position(|input| input.from == from && input.map == map).unwrap_or_else(|| {
            self.list.push(Input { from, sources, map });
            self.list.len() - 1
        });
        u16::try_from(at).map_err(|_| fail(format!("layer {:?} has too many inputs", self.step.name)))
    }

    /// The number of an input that gives every task the same results.
    fn shared(&mut self, from: LayerId, sources: u32, read: Range<Index>) -> Result<u16> {
        let map = if read == (0..sources) { EdgeMap::All } else { EdgeMap::Ranges(vec![read; self.tasks as usize].into()) };
        self.edge(from, sources, map)
    }
}

impl<'a> Assembly<'a> {
    fn tasks(&self, id: LayerId) -> u32 {
        self.graph.layer(id).spec.tasks
    }

    /// Adds the layers of another graph and says where its last one stands.
    fn append(&mut self, graph: LayeredGraph) -> Option<LayerId> {
        let first = self.graph.layers.len() as u32;
        let mut last = None;
        for mut layer in graph.layers {
            layer.spec.inputs.iter_mut().for_each(|input| input.from.0 += first);
            last = Some(self.graph.push(layer));
        }
        last
    }

    fn source(&mut self, step: &Step, rows: &[Vec<Recorded>]) -> Result<LayerId> {
        let lowered = lower_map(&step.function, rows, step.function.needs(), true)?;
        let id = self.append(lowered).unwrap_or_else(|| {
            let body = FnBody { functions: [step.function.clone()].into(), call: None };
            self.graph.push(Layer { spec: LayerSpec::new("", 0), work: Work::Each(body.template(), Arc::new(Calls::default())) })
        });
        let spec = &mut self.graph.layers[id.0 as usize].spec;
        spec.parts = vec![step.name.clone()];
        spec.name.clone_from(&step.name);
        Ok(id)
    }

    fn layer(&mut self, at: usize, args: &[Recorded]) -> Result<LayerId> {
        let step = &*self.steps[at];
        let mut inputs = Inputs { step, tasks: self.count(at, args)?, list: Vec::new() };
        let numbered = args.iter().zip(&step.parameters).enumerate();
        let specs =
            numbered.map(|(number, (arg, takes))| self.arg(arg, Some(takes.as_str()), number + 1, &mut inputs)).collect::<Result<_>>()?;
        let mut spec = LayerSpec::new(step.name.as_str(), inputs.tasks);
        spec.inputs = inputs.list;
        spec.needs = step.function.needs();
        spec.repeat = if step.function.options().impure { Repeat::Varies } else { Repeat::Pure };
        let body = FnBody { functions: [step.function.clone()].into(), call: Some(Arc::new(Call::new(0, specs))) };
        Ok(self.graph.push(Layer::uniform(spec, body.template())))
    }

    /// The number of tasks that the edges among the arguments make.
    fn count(&self, at: usize, args: &[Recorded]) -> Result<u32> {
        let mut edges = Vec::new();
        each_edge(args, &mut |edge| edges.push(edge));
        let mut made: Option<(u32, &Edge)> = None;
        for edge in edges {
            let (source, _) = self.find(at, edge)?;
            let sources = self.tasks(source);
            let tasks = match &edge.shape {
                Shape::OneToOne => sources,
                Shape::Tree { fan_in } => sources.div_ceil((*fan_in).max(1)),
                Shape::Ranges(ranges) => ranges.len() as u32,
                Shape::Explicit(lists) => lists.len() as u32,
                Shape::All | Shape::Channel => continue,
            };
            match made {
                Some((other, first)) if other != tasks => {
                    let name = &self.steps[at].name;
                    return Err(fail(format!("layer {name:?}: {first} makes {other} tasks, and {edge} makes {tasks}")));
                }
                _ => made = Some((tasks, edge)),
            }
        }
        Ok(made.map_or(1, |(tasks, _)| tasks))
    }

    /// The layer that an edge reads.
    fn find(&self, at: usize, edge: &Edge) -> Result<(LayerId, &'a Arc<Step>)> {
        if let Some(found) = self.built.get(edge.layer()) {
            return Ok(*found);
        }
        let name = &self.steps[at].name;
        let error = match self.steps.iter().position(|step| step.name == edge.layer()) {
            Some(later) => match self.way(later, at) {
                Some(way) => fail(format!("{name:?} depends on itself: {name} -> {way}")).with_help("remove one of these references"),
                None => {
                    let later = &self.steps[later].name;
                    fail(format!("layer {name:?} reads {later:?}, which is added after it")).with_help(format!("add {later:?} first"))
                }
            },
            None => {
                let error = fail(format!("layer {name:?} reads {:?}, which is not there", edge.layer()));
                match nearest(edge.layer(), self.steps.iter().map(|step| step.name.as_str()).filter(|other| other != name)) {
                    Some(near) => error.with_help(format!("did you mean {near:?}?")),
                    None => error,
                }
            }
        };
        Err(error)
    }

    /// A way along edges from one layer to another, as names.
    fn way(&self, from: usize, to: usize) -> Option<String> {
        let mut came_from: FxHashMap<usize, usize> = FxHashMap::default();
        let mut work = vec![from];
        while let Some(at) = work.pop() {
            if at == to {
                let mut way = vec![self.steps[to].name.as_str()];
                let mut back = to;
                while back != from {
                    back = came_from[&back];
                    way.insert(0, &self.steps[back].name);
                }
                return Some(way.join(" -> "));
            }
            let StepArgs::Same(args) = &self.steps[at].args else { continue };
            each_edge(args, &mut |edge| {
                if let Some(next) = self.steps.iter().position(|step| step.name == edge.layer())
                    && next != from
                    && !came_from.contains_key(&next)
                {
                    came_from.insert(next, at);
                    work.push(next);
                }
            });
        }
        None
    }

    /// What the call passes for one argument. `takes` is the type that stands there, where it is known.
    fn arg(&mut self, arg: &Recorded, takes: Option<&str>, number: usize, inputs: &mut Inputs<'_>) -> Result<ArgSpec> {
        let name = &inputs.step.name;
        Ok(match arg {
            Recorded::Literal(data) => ArgSpec::Literal(data.clone()),
            Recorded::Edge(edge) => {
                let Some(&(from, source)) = self.built.get(edge.layer()) else { return Err(Error::internal("an edge was not looked up")) };
                let one = edge.shape == Shape::OneToOne;
                let gives = if one { source.output.clone() } else { format!("Vec<{}>", source.output) };
                if let Some(takes) = takes.filter(|takes| **takes != gives) {
                    let text = format!("graph: layer {name:?}, argument {number}: {edge} gives {gives}, and {takes} is taken");
                    let error = Error::new(ErrorKind::TypeMismatch, text);
                    return Err(match one {
                        true if *takes == format!("Vec<{gives}>") => {
                            error.with_help(format!("did you mean Edge::all({:?})?", edge.layer()))
                        }
                        false if *takes == source.output => error.with_help(format!("did you mean Edge::one_to_one({:?})?", edge.layer())),
                        _ => error,
                    });
                }
                if edge.shape == Shape::Channel {
                    return Err(fail(format!("layer {name:?}: {} leaves whole values, and {edge} reads channels", edge.layer())));
                }
                let edge = inputs.edge(from, self.tasks(from), map(&edge.shape))?;
                if one { ArgSpec::Input { edge, nth: 0 } } else { ArgSpec::Inputs { edge } }
            }
            Recorded::Future(range, _) => ArgSpec::Input { edge: self.held(range, inputs)?, nth: 0 },
            Recorded::Futures(range, _) => ArgSpec::Inputs { edge: self.held(range, inputs)? },
            Recorded::Delayed(node) => {
                let lowered = lower(std::slice::from_ref(node), "delayed")?;
                let Some(place) = lowered.outputs.first().map(|output| (output.layer.0, output.tasks.clone())) else {
                    return Err(Error::internal("a call was lowered to nothing"));
                };
                let from = LayerId(self.graph.layers.len() as u32 + place.0);
                self.append(lowered);
                let index = place.1.end() - 1;
                ArgSpec::Input { edge: inputs.shared(from, self.tasks(from), index..index + 1)?, nth: 0 }
            }
            Recorded::List(items) => {
                let takes = takes.and_then(|takes| takes.strip_prefix("Vec<")?.strip_suffix('>'));
                ArgSpec::List(items.iter().map(|item| self.arg(item, takes, number, inputs)).collect::<Result<_>>()?)
            }
            Recorded::Failed(error) => return Err(error.clone()),
            Recorded::Key(key) => {
                return Err(fail(format!("layer {name:?}: key {key} stands outside of a Graph")).with_help("name the layer by an Edge"));
            }
        })
    }

    /// The number of an input that gives every task the same results of another run.
    fn held(&mut self, range: &HeldRange, inputs: &mut Inputs<'_>) -> Result<u16> {
        let from = self.graph.push(Layer::held("futures", vec![range.clone()]));
        inputs.shared(from, range.len, 0..range.len)
    }
}

fn map(shape: &Shape) -> EdgeMap {
    match shape {
        Shape::OneToOne => EdgeMap::OneToOne,
        Shape::All => EdgeMap::All,
        Shape::Channel => EdgeMap::Channel,
        Shape::Tree { fan_in } => EdgeMap::Tree { fan_in: *fan_in },
        Shape::Ranges(ranges) => EdgeMap::Ranges(ranges.clone().into()),
        Shape::Explicit(lists) => EdgeMap::Explicit(Arc::new(Lists::new(lists.iter().map(|list| list.iter().copied())))),
    }
}

fn each_edge<'a>(args: &'a [Recorded], each: &mut dyn FnMut(&'a Edge)) {
    for arg in args {
        match arg {
            Recorded::Edge(edge) => each(edge),
            Recorded::List(items) => each_edge(items, each),
            _ => {}
        }
    }
}
