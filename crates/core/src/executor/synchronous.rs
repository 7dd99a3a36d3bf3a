//! Everything in order on one thread: for debugging, and as the oracle of the other executors. No scheduler, no overlap.

use super::{Executor, Place, RunHandle, Signal, Topology, closed, next_run, read_here};
use crate::{
    Attempt, Error, ErrorKind, Index, LayerId, Result, ResultId, Retry, RunId, WorkerId,
    config::Config,
    graph::{Emits, Layer, LayeredGraph, Slicing, Work},
    registry::Registry,
    runner::{CancelToken, Environment, FetchError, Inside, NoFetch, TaskContext, blocking, execute},
    sched::{Counters, Located, RunOptions, Slice, ToClient},
    store::{Budget, Store},
    value::Data,
};
use futures::{FutureExt, future::BoxFuture};
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use std::{collections::BTreeMap, sync::Arc};

const HERE: WorkerId = WorkerId(0);

/// Runs graphs layer by layer, task by task, while they are submitted.
pub struct SynchronousExecutor {
    env: Arc<Environment>,
    /// Holds on results, by run and layer; what is not held is dropped when its run ends.
    holds: Mutex<FxHashMap<(RunId, LayerId), BTreeMap<Index, u32>>>,
    /// The results of other runs that held outputs stand for; they are held as long.
    roots: Mutex<FxHashMap<ResultId, ResultId>>,
    /// Why held outputs failed.
    failures: Mutex<FxHashMap<ResultId, Error>>,
    counters: Mutex<Counters>,
}

/// The results and errors of a run so far.
struct Progress<'a> {
    graph: &'a LayeredGraph,
    run: RunId,
    /// For each layer, the tasks that failed.
    failed: Vec<BTreeMap<Index, Error>>,
    /// For each layer, the attempt that left each result; the same for most.
    attempts: Vec<FxHashMap<Index, Attempt>>,
}

impl SynchronousExecutor {
    /// An executor with a store within the memory limit of `config`. The verbs inside its tasks run on it too.
    pub fn new(config: Arc<Config>, registry: Arc<Registry>) -> Arc<Self> {
        let store = Store::new(Budget::new(config.memory.limit.bytes()));
        let env = Arc::new(Environment::new(registry, Arc::new(store), config));
        let (holds, roots, failures, counters) = Default::default();
        let executor = Arc::new(SynchronousExecutor { env, holds, roots, failures, counters });
        let weak = Arc::downgrade(&executor);
        executor.env.set_client(move || weak.upgrade().map(|executor| executor as Arc<dyn Executor>).ok_or_else(closed));
        executor
    }

    fn run(&self, graph: &LayeredGraph, run: RunId, options: &RunOptions, handle: &RunHandle) {
        let layers = graph.layers.len();
        let mut progress = Progress { graph, run, failed: vec![BTreeMap::new(); layers], attempts: vec![FxHashMap::default(); layers] };
        for (id, layer) in graph.layers.iter().enumerate() {
            self.run_layer(&mut progress, LayerId(id as u32), layer, options);
        }
        self.settle(&progress, handle);
    }

    fn run_layer(&self, progress: &mut Progress<'_>, id: LayerId, layer: &Layer, options: &RunOptions) {
        if layer.spec.held.is_some() {
            for index in layer.spec.selected.iter() {
                if self.locate(progress, id, index).is_none() {
                    let released = || {
                        Error::new(ErrorKind::NotFound, format!("{}: result {index} was released", layer.spec.name))
                            .with_help("keep the future or the persisted collection until the work that reads it was submitted")
                    };
                    let failed = self.held_result(layer, index).and_then(|result| self.failures.lock().get(&result).cloned());
                    let error = failed.unwrap_or_else(released);
                    progress.failed[id.0 as usize].insert(index, error);
                }
            }
            return;
        }
        let slices: Vec<(Index, u32)> = match layer.spec.slicing {
            Slicing::Whole => {
                let start = layer.spec.selected.nth(0).unwrap_or(0);
                vec![(start, layer.spec.selected.end() - start)]
            }
            _ => layer.spec.selected.iter().map(|index| (index, 1)).collect(),
        };
        for (start, len) in slices {
            let tasks: Vec<Index> = (start..start + len).filter(|index| layer.spec.selected.contains(*index)).collect();
            let mut attempt = 0;
            let result = loop {
                attempt += 1;
                let slice = Slice { run: progress.run, layer: id, start, len, attempt: Attempt(attempt) };
                self.counters.lock().assigned += tasks.len() as u64;
                match self.run_slice(progress, layer, slice, &tasks) {
                    Err(error)
                        if error.retry() != Retry::Never && attempt <= layer.spec.needs.retries.unwrap_or_else(|| options.retries()) =>
                    {
                        self.counters.lock().failed += 1;
                    }
                    Err(error) => break Err(error.after_tries(attempt)),
                    Ok(()) => break Ok(()),
                }
            };
            for task in tasks {
                match &result {
                    Ok(()) => {
                        self.counters.lock().done += 1;
                        progress.attempts[id.0 as usize].insert(task, Attempt(attempt));
                    }
                    Err(error) => {
                        progress.failed[id.0 as usize].insert(task, error.clone());
                    }
                }
            }
        }
    }

    fn run_slice(&self, progress: &Progress<'_>, layer: &Layer, slice: Slice, tasks: &[Index]) -> Result<()> {
        let mut inputs = Vec::with_capacity(layer.spec.inputs.len());
        for input in &layer.spec.inputs {
            let mut sources: Vec<Index> = Vec::new();
            tasks.iter().for_each(|task| input.map.visit_sources(*task, input.sources, &mut |range| sources.extend(range)));
            sources.sort_unstable();
            sources.dedup();
            let mut located = Vec::with_capacity(sources.len());
            for source in sources {
                if let Some(error) = progress.failed[input.from.0 as usize].get(&source) {
                    return Err(error.clone().with_retry(Retry::Never));
                }
                let place = self
                    .locate(progress, input.from, source)
                    .ok_or_else(|| Error::internal("a source that is neither there nor failed"))?;
                located.push(Located { start: source, len: 1, result: place.result, attempt: place.attempt, worker: HERE });
            }
            inputs.push(located.into());
        }
        let (template, calls) = match &layer.work {
            Work::Uniform(template) => (template, None),
            Work::Each(template, calls) => (template, Some(calls.clone())),
            Work::Held => return Err(Error::internal("a held layer was to be run")),
        };
        let kind = self.env.registry().kind(template.kind)?;
        let spec = Arc::new(layer.spec.clone());
        let cx = TaskContext::new(self.env.clone(), spec, calls, slice, inputs, HERE, Arc::new(NoFetch), CancelToken::default());
        let _inside = Inside::enter(self.env.clone(), 0);
        execute(&*kind, &template.body, &cx).map_err(|error| error.in_task(&layer.spec.name, slice.start))
    }

    /// Where a result is, in this run or, for a held layer, in another.
    fn locate(&self, progress: &Progress<'_>, layer: LayerId, index: Index) -> Option<Place> {
        let spec = &progress.graph.layer(layer).spec;
        if spec.held.is_none() {
            let attempt = *progress.attempts[layer.0 as usize].get(&index)?;
            return Some(Place { result: ResultId { run: progress.run, layer, index }, attempt, worker: HERE });
        }
        let result = self.held_result(progress.graph.layer(layer), index)?;
        self.env.store().attempt(result).map(|attempt| Place { result, attempt, worker: HERE })
    }

    /// Tells the handle of every output, holds them, and drops the rest.
    fn settle(&self, progress: &Progress<'_>, handle: &RunHandle) {
        let (run, mut first) = (progress.run, None);
        for output in &progress.graph.outputs {
            for index in output.tasks.iter() {
                let layer = output.layer;
                let id = ResultId { run, layer, index };
                self.hold(id);
                match (progress.failed[layer.0 as usize].get(&index), self.locate(progress, layer, index)) {
                    (None, Some(place)) => {
                        if place.result != id && self.roots.lock().insert(id, place.result).is_none() {
                            self.hold(place.result);
                        }
                        let located = Located { start: index, len: 1, result: place.result, attempt: place.attempt, worker: HERE };
                        handle.update(ToClient::Ready { run, layer, located: vec![located] });
                    }
                    (error, _) => {
                        let error = error.cloned().unwrap_or_else(|| Error::internal("an output is neither there nor failed"));
                        first.get_or_insert_with(|| error.clone());
                        self.failures.lock().insert(id, error.clone());
                        handle.update(ToClient::Failed { run, layer, tasks: (index..index + 1).into(), error });
                    }
                }
            }
        }
        for (id, layer) in progress.graph.layers.iter().enumerate() {
            let holds = self.holds.lock();
            let held = holds.get(&(run, LayerId(id as u32)));
            let unheld = layer.spec.selected.iter().filter(|index| held.is_none_or(|held| !held.contains_key(index)));
            unheld.for_each(|index| self.env.store().drop_result(ResultId { run, layer: LayerId(id as u32), index }));
        }
        handle.update(ToClient::Finished { run, error: first });
    }

    fn hold(&self, id: ResultId) {
        *self.holds.lock().entry((id.run, id.layer)).or_default().entry(id.index).or_default() += 1;
    }

    fn release(&self, id: ResultId) {
        let mut holds = self.holds.lock();
        let Some(tasks) = holds.get_mut(&(id.run, id.layer)) else { return };
        let Some(held) = tasks.get_mut(&id.index) else { return };
        *held -= 1;
        if *held > 0 {
            return;
        }
        tasks.remove(&id.index);
        if tasks.is_empty() {
            holds.remove(&(id.run, id.layer));
        }
        drop(holds);
        self.failures.lock().remove(&id);
        self.env.store().drop_result(id);
        let root = self.roots.lock().remove(&id);
        if let Some(root) = root {
            self.release(root);
        }
    }

    /// The result of another run behind a task of a held layer.
    fn held_result(&self, layer: &Layer, index: Index) -> Option<ResultId> {
        let mut before = 0;
        let held = layer.spec.held.iter().flat_map(|held| held.iter()).find_map(|range| {
            let at = index.checked_sub(before);
            before += range.len;
            at.filter(|at| *at < range.len).map(|at| ResultId { run: range.run, layer: range.layer, index: range.start + at })
        })?;
        Some(self.roots.lock().get(&held).copied().unwrap_or(held))
    }
}

impl Executor for SynchronousExecutor {
    fn submit(&self, graph: LayeredGraph, options: RunOptions) -> Result<Arc<RunHandle>> {
        graph.validate()?;
        graph.check_memory(self.env.store().budget().limit())?;
        let graph = graph.prune();
        if graph.layers.iter().any(|layer| layer.spec.emits != Emits::Value && layer.spec.tasks == 0) {
            return Err(Error::new(ErrorKind::Graph, "a layer leaves channels and has no tasks"));
        }
        let run = next_run();
        let names = graph.layers.iter().map(|layer| layer.spec.name.clone()).collect();
        let handle = Arc::new(RunHandle::new(run, graph.outputs.clone(), names));
        // A thread of its own: a plan may not be polled where a runtime is already running.
        let ran = blocking(|| std::thread::scope(|scope| scope.spawn(|| self.run(&graph, run, &options, &handle)).join()));
        ran.map_err(|_| Error::internal("the synchronous executor panicked"))?;
        Ok(handle)
    }

    fn read(&self, place: Place) -> BoxFuture<'static, Result<Data, FetchError>> {
        read_here(self.env.store(), place)
    }

    fn signal(&self, signal: Signal) {
        match signal {
            Signal::Hold(run, layer, tasks) => tasks.iter().for_each(|index| self.hold(ResultId { run, layer, index })),
            Signal::Release(run, layer, tasks) => tasks.iter().for_each(|index| self.release(ResultId { run, layer, index })),
            Signal::Cancel(_) | Signal::Consumed(..) | Signal::Missing(..) => {}
        }
    }

    fn topology(&self) -> Topology {
        Topology { slots: 1, workers: 1, memory: self.env.store().budget().limit(), same_process: true }
    }

    fn counters(&self) -> BoxFuture<'static, Result<Counters>> {
        futures::future::ready(Ok(*self.counters.lock())).boxed()
    }
}
