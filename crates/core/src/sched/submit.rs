//! How a graph enters: layers are laid out, equal work is recognised, outputs are needed.

use super::{
    Outbox, Sched,
    able::function_id,
    demand::Steps,
    event::{RunOptions, TaskStats},
    layer::{Layer, Reader},
    message::{Message, ToClient},
    ready::ReadySet,
    state::{LayerIx, Run, State, Task},
    watchers::{AliasRange, Watchers},
};
use crate::{
    ClientId, Error, ErrorKind, LayerId, RunId, WorkerId,
    graph::{LayerSpec, Outline, Ranges, Repeat, static_order},
};
use rustc_hash::FxHashMap;
use std::{collections::BTreeMap, sync::Arc};

/// The ranges that an alias mirrors, and whether it was asked for by name.
type Alias = (Vec<AliasRange>, bool);

impl Sched {
    pub(super) fn submit(&mut self, client: ClientId, run: RunId, outline: &Outline, options: RunOptions, out: &mut Outbox) {
        if self.runs.contains_key(&run) {
            return;
        }
        let aliases = match self.aliases(outline) {
            Ok(aliases) => aliases,
            Err(error) => return refuse(client, run, outline, &error, out),
        };
        let (order, window) = (static_order(outline), options.window);
        let layers: Vec<LayerIx> =
            outline.layers.iter().enumerate().map(|(id, spec)| self.lay_out(run, id, spec.clone(), order[id])).collect();
        let mut uses = Vec::new();
        for (id, ix) in layers.iter().enumerate() {
            self.connect(*ix, &layers);
            let Some((ranges, by_name)) = aliases[id].clone() else {
                self.layer_mut(*ix).unregistered = self.unregistered(&outline.layers[id]);
                continue;
            };
            for range in &ranges {
                uses.push(self.layer(range.root).run);
                self.layer_mut(range.root).watchers.insert(*ix, range, by_name);
            }
            self.layer_mut(*ix).alias = Some(ranges);
        }
        uses.sort_unstable();
        uses.dedup();
        for used in &uses {
            self.runs.get_mut(used).expect("an alias's root is in a run").lineage += 1;
        }
        self.runs_seen += 1;
        self.runs.insert(
            run,
            Run {
                client,
                options,
                layers: layers.clone(),
                outputs: outline.outputs.clone(),
                open: 0,
                finished: false,
                error: None,
                outstanding: 0,
                holds: 0,
                lineage: 0,
                uses,
                pickable: Default::default(),
                place: None,
                seq: self.runs_seen,
                workers: Default::default(),
            },
        );
        if let Some(window) = window {
            for output in &outline.outputs {
                let layer = self.layer_mut(layers[output.layer.0 as usize]);
                if layer.readers.is_empty() {
                    layer.window_end = window;
                }
            }
        }
        for ix in &layers {
            let layer = self.layer(*ix);
            // What waits for its own reader is nothing for others to wait for.
            if let Some(token) = layer.spec.token
                && layer.alias.is_none()
                && layer.window_end == u32::MAX
            {
                self.tokens.insert(token, *ix);
            }
        }
        self.dirty.runs.insert(run);
        self.warn_of_lacking(layers);
        // All are held before the first is needed, which may fail at once and then takes the others along.
        let mut steps = Steps::new();
        for output in outline.outputs.iter().rev() {
            self.take_hold(client, run, output.layer, &output.tasks, &mut steps);
        }
        self.take_steps(steps);
    }

    /// A value that a client put on a worker: a layer of one task that is done already.
    pub(super) fn scattered(&mut self, client: ClientId, run: RunId, worker: WorkerId, stats: TaskStats, out: &mut Outbox) {
        let mut spec = LayerSpec::new("scatter", 1);
        spec.repeat = Repeat::Commit;
        let outline = Outline { layers: vec![Arc::new(spec)], outputs: Vec::new() };
        self.submit(client, run, &outline, RunOptions::default(), out);
        let Some(ix) = self.find(run, LayerId(0)) else { return };
        let present = self.workers.contains_key(&worker);
        let layer = self.layer_mut(ix);
        layer.tasks[0] = Task { state: State::Done, worker, ..Task::NEW };
        layer.done = 1;
        self.takes_bytes((ix, 0), worker, stats.bytes);
        self.hold(client, run, LayerId(0), &Ranges::full(1));
        match present {
            true => self.dirty.ready.push((ix, 0)),
            false => self.lost((ix, 0), "the worker was gone before it had the value"),
        }
    }

    /// For each layer that stands for results of others, which: asked for by name, or found by its token.
    fn aliases(&self, outline: &Outline) -> Result<Vec<Option<Alias>>, Error> {
        outline
            .layers
            .iter()
            .map(|spec| {
                if spec.held.is_some() {
                    self.held_ranges(spec).map(|ranges| Some((ranges, true)))
                } else {
                    Ok(self.twin(spec).map(|ranges| (ranges, false)))
                }
            })
            .collect()
    }

    fn held_ranges(&self, spec: &LayerSpec) -> Result<Vec<AliasRange>, Error> {
        let mut ranges = Vec::new();
        let mut start = 0;
        for held in spec.held.iter().flat_map(|held| held.iter()) {
            let gone = || {
                Error::new(ErrorKind::NotFound, format!("{}: result {}/{}/{} was released", spec.name, held.run, held.layer, held.start))
                    .with_help("keep the future or the persisted collection until the work that reads it was submitted")
            };
            let root = self.find(held.run, held.layer).ok_or_else(gone)?;
            for step in 0..held.len {
                let (index, target) = (start + step, held.start + step);
                let Some(rank) = spec.selected.rank(index) else { continue };
                let root_rank = self.layer(root).rank(target).ok_or_else(gone)?;
                // An alias of an alias is one of its root.
                let (root, root_rank) = self.layer(root).root(root_rank).unwrap_or((root, root_rank));
                match ranges.last_mut() {
                    Some(AliasRange { start, len, root: of, root_start })
                        if *of == root && *start + *len == rank && *root_start + *len == root_rank =>
                    {
                        *len += 1
                    }
                    _ => ranges.push(AliasRange { start: rank, len: 1, root, root_start: root_rank }),
                }
            }
            start += held.len;
        }
        Ok(ranges)
    }

    /// A live layer that does the same work for all these tasks, none of them failed.
    fn twin(&self, spec: &LayerSpec) -> Option<Vec<AliasRange>> {
        let root = *self.tokens.get(&spec.token?)?;
        let twin = self.layer(root);
        if !twin.errors.is_empty() || spec.emits != twin.spec.emits || spec.tasks != twin.spec.tasks {
            return None;
        }
        let mut start = 0;
        let ranges = spec.selected.parts().map(|part| {
            let (first, last) = (twin.rank(part.start)?, twin.rank(part.end - 1)?);
            let range = AliasRange { start, len: part.len() as u32, root, root_start: first };
            start += range.len;
            (last - first + 1 == range.len).then_some(range)
        });
        ranges.collect()
    }

    fn lay_out(&mut self, run: RunId, id: usize, spec: Arc<LayerSpec>, order: u32) -> LayerIx {
        let tasks = spec.selected.len();
        let inputs = spec.inputs.len();
        let layer = Layer {
            run,
            id: LayerId(id as u32),
            tasks: vec![Task::NEW; tasks as usize],
            inputs: Vec::with_capacity(inputs),
            readers: Vec::new(),
            alias: None,
            watchers: Watchers::default(),
            done: 0,
            open: 0,
            ready_count: 0,
            ready: ReadySet::new(tasks),
            local: BTreeMap::new(),
            blocked: 0,
            shared_demand: 0,
            holders: BTreeMap::new(),
            holds: Vec::new(),
            wanted: 0,
            output: false,
            window_end: u32::MAX,
            order,
            task_us: 0.0,
            epoch: 0,
            told: FxHashMap::default(),
            errors: FxHashMap::default(),
            rows_written: 0,
            rows_read: vec![Some(0); inputs],
            ran: 0,
            ran_again: false,
            functions: spec.needs.functions.iter().map(|(name, hash)| function_id(name, *hash)).collect(),
            unregistered: None,
            spec,
        };
        match self.free.pop() {
            Some(ix) => {
                self.layers[ix as usize] = Some(layer);
                ix
            }
            None => {
                self.layers.push(Some(layer));
                self.layers.len() as LayerIx - 1
            }
        }
    }

    /// Enters a layer among the readers of the layers it reads.
    fn connect(&mut self, ix: LayerIx, layers: &[LayerIx]) {
        let spec = self.layer(ix).spec.clone();
        for input in &spec.inputs {
            let from = layers[input.from.0 as usize];
            let source = self.layer_mut(from);
            let shared = input.map.is_shared();
            let dependents = (!shared).then(|| input.map.dependents(input.sources, spec.tasks));
            source.readers.push(Reader { layer: ix, dependents });
            let waits = shared && !source.is_full();
            let layer = self.layer_mut(ix);
            layer.inputs.push(from);
            layer.blocked += waits as u32;
        }
    }
}

fn refuse(client: ClientId, run: RunId, outline: &Outline, error: &Error, out: &mut Outbox) {
    for output in &outline.outputs {
        let failed = ToClient::Failed { run, layer: output.layer, tasks: output.tasks.clone(), error: error.clone() };
        out.push(Message::Client(client, failed));
    }
    out.push(Message::Client(client, ToClient::Finished { run, error: Some(error.clone()) }));
    out.push(Message::RunDropped(run));
}
