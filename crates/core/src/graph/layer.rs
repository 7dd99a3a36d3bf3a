//! The one graph that everything is lowered to: layers, each one step over all partitions.
//!
//! A layer is symbolic: its size does not depend on its number of tasks, unless it lists calls or explicit edges.
//! [`LayerSpec`] is all that the scheduler sees; the [`Work`] goes past it, straight to whoever runs the tasks.

use super::{EdgeMap, Input, Ranges, Token};
use crate::{Index, Key, LayerId, RunId, function::Calls, kind::Template};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};

/// A graph of layers in topological order, and which of their results are wanted.
#[derive(Clone, Debug, Default)]
pub struct LayeredGraph {
    /// The layers; each reads only earlier ones, or itself at lower indexes.
    pub layers: Vec<Layer>,
    /// What the graph is run for.
    pub outputs: Vec<Output>,
}

/// Results that are wanted, under the user's name for them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// Which layer leaves them.
    pub layer: LayerId,
    /// Which of its tasks.
    pub tasks: Ranges,
    /// The user's name.
    pub key: Key,
}

/// One step over all partitions: what the scheduler must know, and what is to be done.
#[derive(Clone, Debug)]
pub struct Layer {
    /// Name, number of tasks, edges, needs.
    pub spec: LayerSpec,
    /// What its tasks do.
    pub work: Work,
}

/// Everything of a layer but its work. This is what travels to the scheduler and to the workers that run it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LayerSpec {
    /// The name shown to users: `read-csv`, `filter`, the function's name.
    pub name: String,
    /// The names of the steps that fusion put together; one for a layer that was not fused.
    pub parts: Vec<String>,
    /// The number of tasks, before culling. Indexes keep this numbering for ever.
    pub tasks: u32,
    /// The tasks that are wanted; [`cull`](LayeredGraph::cull) narrows it.
    pub selected: Ranges,
    /// What the tasks read.
    pub inputs: Vec<Input>,
    /// What a task leaves.
    pub emits: Emits,
    /// How many tasks may be run together.
    pub slicing: Slicing,
    /// What running a task again gives.
    pub repeat: Repeat,
    /// What a task takes of the machine.
    pub needs: Needs,
    /// Equal tokens mean equal results; none for an impure layer.
    pub token: Option<Token>,
    /// Results that exist already or are being made by other runs: nothing runs for such a layer.
    pub held: Option<Arc<[HeldRange]>>,
}

/// Consecutive results of another run that stand for consecutive tasks of a held layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeldRange {
    /// The run that makes or made them.
    pub run: RunId,
    /// Their layer there.
    pub layer: LayerId,
    /// The first result.
    pub start: Index,
    /// How many.
    pub len: u32,
}

/// What the tasks of a layer do.
#[derive(Clone, Debug)]
pub enum Work {
    /// The same body for all tasks, which differ by their index.
    Uniform(Template),
    /// One call a task, of the functions in the body.
    Each(Template, Arc<Calls>),
    /// Nothing: see [`LayerSpec::held`].
    Held,
}

/// What a task leaves behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Emits {
    /// One value.
    Value,
    /// Rows cut into `n` channels, by the task itself.
    Channels(u32),
}

/// How many tasks of a layer may run as one slice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Slicing {
    /// Any number; the scheduler chooses by how long they take.
    Any,
    /// At most so many.
    AtMost(u32),
    /// All selected tasks, as one gang on one worker: they share state.
    Whole,
}

/// What running a task a second time gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Repeat {
    /// The same result.
    Pure,
    /// The same rows in another order.
    OrderVaries,
    /// Another result (random numbers, a limit without order): if it is lost after it was read, its readers run again.
    Varies,
    /// An effect on the world: never run twice at once, never again after it was done.
    Commit,
}

/// What one task takes of the machine and where it may run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Needs {
    /// Slots it occupies, at least 1.
    pub slots: u32,
    /// Bytes it is expected to hold at its peak.
    pub bytes: u64,
    /// Named resources (`gpu`), in thousandths.
    pub resources: BTreeMap<String, u64>,
    /// The only workers that may run it; empty for any.
    pub workers: Vec<String>,
    /// Functions that its worker must have: names and hashes of signatures. Executors that send work away fill it in.
    pub functions: Vec<(String, u64)>,
    /// Services that its worker must have: names and versions. Executors that send work away fill it in.
    pub services: Vec<(String, String)>,
    /// How often it is tried again after a failure; the configuration's `tasks.retries` where none.
    pub retries: Option<u32>,
    /// Larger runs first.
    pub priority: i32,
}

impl Default for Needs {
    fn default() -> Self {
        let (resources, workers, functions, services) = Default::default();
        Needs { slots: 1, bytes: 0, resources, workers, functions, services, retries: None, priority: 0 }
    }
}

impl LayerSpec {
    /// A layer of `tasks` tasks that reads nothing, leaves values and is pure.
    pub fn new(name: impl Into<String>, tasks: u32) -> Self {
        let name = name.into();
        LayerSpec {
            parts: vec![name.clone()],
            name,
            tasks,
            selected: Ranges::full(tasks),
            inputs: Vec::new(),
            emits: Emits::Value,
            slicing: Slicing::Any,
            repeat: Repeat::Pure,
            needs: Needs::default(),
            token: None,
            held: None,
        }
    }

    /// Adds an input.
    #[must_use]
    pub fn reads(mut self, from: LayerId, map: EdgeMap) -> Self {
        self.inputs.push(Input { from, sources: 0, map });
        self
    }
}

impl Layer {
    /// A layer whose tasks share one body.
    pub fn uniform(spec: LayerSpec, template: Template) -> Self {
        Layer { spec, work: Work::Uniform(template) }
    }

    /// A layer that stands for results of other runs.
    pub fn held(name: impl Into<String>, ranges: Vec<HeldRange>) -> Self {
        let tasks = ranges.iter().map(|range| range.len).sum();
        let mut spec = LayerSpec::new(name, tasks);
        spec.held = Some(ranges.into());
        Layer { spec, work: Work::Held }
    }
}

impl LayeredGraph {
    /// Adds a layer and says where it stands.
    pub fn push(&mut self, mut layer: Layer) -> LayerId {
        let own = (LayerId(self.layers.len() as u32), layer.spec.tasks);
        for input in &mut layer.spec.inputs {
            let from = self.layers.get(input.from.0 as usize).map(|layer| layer.spec.tasks);
            input.sources = from.or((input.from == own.0).then_some(own.1)).unwrap_or(0);
        }
        self.layers.push(layer);
        LayerId(self.layers.len() as u32 - 1)
    }

    /// Wants all tasks of `layer`, under `key`.
    pub fn want(&mut self, layer: LayerId, key: impl Into<Key>) {
        let tasks = Ranges::full(self.layers[layer.0 as usize].spec.tasks);
        self.outputs.push(Output { layer, tasks, key: key.into() });
    }

    /// The layer with this position.
    pub fn layer(&self, id: LayerId) -> &Layer {
        &self.layers[id.0 as usize]
    }

    /// The number of tasks that would run.
    pub fn tasks(&self) -> u64 {
        self.layers.iter().filter(|layer| layer.spec.held.is_none()).map(|layer| layer.spec.selected.len() as u64).sum()
    }

    /// What the scheduler sees of the graph.
    pub fn outline(&self) -> Outline {
        Outline { layers: self.layers.iter().map(|layer| Arc::new(layer.spec.clone())).collect(), outputs: self.outputs.clone() }
    }
}

/// A graph without its work: all that the scheduler sees.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Outline {
    /// The layers, in the order of the graph.
    pub layers: Vec<Arc<LayerSpec>>,
    /// What is wanted.
    pub outputs: Vec<Output>,
}
