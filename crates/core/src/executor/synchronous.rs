//! Everything in order on one thread: for debugging, and as the oracle of the other executors. No scheduler, no overlap.

mod again;

use super::{Executor, ME, Place, RunHandle, Signal, Topology, closed, next_run, only_one_joins, only_worker, read_here};
use crate::{
    Attempt, Error, ErrorKind, Index, LayerId, Result, ResultId, Retry, RunId, WorkerId,
    config::Config,
    coordination::{Asking, Commons, Outcome, Said},
    graph::{Emits, Layer, LayeredGraph, Ranges, Slicing, Work},
    registry::Registry,
    runner::{CancelToken, Environment, FetchError, Inside, NoFetch, TaskContext, blocking, execute},
    sched::{Counters, Event, Located, RunOptions, Slice, ToClient, WorkerInfo},
    store::{Budget, Store},
    value::Data,
};
use futures::{FutureExt, future::BoxFuture};
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use std::{
    collections::BTreeMap,
    sync::{Arc, Weak},
};

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
    /// Runs with failures, which may be asked for once more while their outputs are held.
    failed: Mutex<FxHashMap<RunId, Progress>>,
    counters: Mutex<Counters>,
    commons: Mutex<Commons>,
    asking: Arc<Asking>,
}

/// A graph, and the results and errors of its run so far.
struct Progress {
    graph: Arc<LayeredGraph>,
    run: RunId,
    options: RunOptions,
    handle: Weak<RunHandle>,
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
        let (holds, roots, failures, failed, counters, commons) = Default::default();
        Arc::new_cyclic(|weak: &Weak<SynchronousExecutor>| {
            let (runs, hears) = (weak.clone(), weak.clone());
            env.set_client(move || runs.upgrade().map(|executor| executor as Arc<dyn Executor>).ok_or_else(closed));
            let hear = move |said| hears.upgrade().map(|executor| executor.hear(said)).ok_or_else(closed);
            SynchronousExecutor { env, holds, roots, failures, failed, counters, commons, asking: Arc::new(Asking::new(hear)) }
        })
    }

    fn run(&self, mut progress: Progress, handle: &RunHandle) {
        let graph = progress.graph.clone();
        for (id, layer) in graph.layers.iter().enumerate() {
            self.run_layer(&mut progress, LayerId(id as u32), layer, &layer.spec.selected);
        }
        self.settle(&progress, handle);
        self.keep_failed(progress);
    }

    /// Runs those of some tasks of a layer whose results are not there.
    fn run_layer(&self, progress: &mut Progress, id: LayerId, layer: &Layer, wanted: &Ranges) {
        if layer.spec.held.is_some() {
            for index in wanted.iter() {
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
            Slicing::Whole if wanted.iter().all(|index| self.is_there(progress, id, index)) => Vec::new(),
            Slicing::Whole => {
                let start = layer.spec.selected.nth(0).unwrap_or(0);
                vec![(start, layer.spec.selected.end() - start)]
            }
            _ => wanted.iter().filter(|index| !self.is_there(progress, id, *index)).map(|index| (index, 1)).collect(),
        };
        let retries = layer.spec.needs.retries.unwrap_or_else(|| progress.options.retries());
        for (start, len) in slices {
            let tasks: Vec<Index> = (start..start + len).filter(|index| layer.spec.selected.contains(*index)).collect();
            let before = tasks.iter().filter_map(|task| progress.attempts[id.0 as usize].get(task)).max().map_or(0, |attempt| attempt.0);
            let mut attempt = before;
            let result = loop {
                attempt += 1;
                let slice = Slice { run: progress.run, layer: id, start, len, attempt: Attempt(attempt) };
                self.counters.lock().assigned += tasks.len() as u64;
                match self.run_slice(progress, layer, slice, &tasks) {
                    Err(error) if error.retry() != Retry::Never && attempt - before <= retries => self.counters.lock().failed += 1,
                    Err(error) => break Err(error.after_tries(attempt - before)),
                    Ok(()) => break Ok(()),
                }
            };
            for task in tasks {
                match &result {
                    Ok(()) => {
                        self.counters.lock().done += 1;
                        progress.attempts[id.0 as usize].insert(task, Attempt(attempt));
                        progress.failed[id.0 as usize].remove(&task);
                    }
                    Err(error) => {
                        progress.failed[id.0 as usize].insert(task, error.clone());
                    }
                }
            }
        }
    }

    fn run_slice(&self, progress: &Progress, layer: &Layer, slice: Slice, tasks: &[Index]) -> Result<()> {
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
        let _inside = Inside::enter(self.env.clone(), 0, cx.cancel_token().clone());
        execute(&*kind, &template.body, &cx).map_err(|error| error.in_task(&layer.spec.name, slice.start))
    }

    /// Whether a task of a run has left its result, and it is still kept.
    fn is_there(&self, progress: &Progress, layer: LayerId, index: Index) -> bool {
        let kept = self.env.store().attempt(ResultId { run: progress.run, layer, index });
        kept.is_some() && kept == progress.attempts[layer.0 as usize].get(&index).copied()
    }

    /// Where a result is, in this run or, for a held layer, in another.
    fn locate(&self, progress: &Progress, layer: LayerId, index: Index) -> Option<Place> {
        let spec = &progress.graph.layer(layer).spec;
        if spec.held.is_none() {
            let attempt = *progress.attempts[layer.0 as usize].get(&index)?;
            return Some(Place { result: ResultId { run: progress.run, layer, index }, attempt, worker: HERE });
        }
        let result = self.held_result(progress.graph.layer(layer), index)?;
        self.env.store().attempt(result).map(|attempt| Place { result, attempt, worker: HERE })
    }

    /// Holds every output, tells the handle of them, and drops the rest.
    fn settle(&self, progress: &Progress, handle: &RunHandle) {
        for output in &progress.graph.outputs {
            let id = |index| ResultId { run: progress.run, layer: output.layer, index };
            output.tasks.iter().for_each(|index| self.hold(id(index)));
        }
        self.tell_outputs(progress, Some(handle));
        self.drop_unheld(progress);
    }

    /// Tells the handle how it stands with every output that is held.
    fn tell_outputs(&self, progress: &Progress, handle: Option<&RunHandle>) {
        let (run, mut first) = (progress.run, None);
        let tell = |message: ToClient| {
            if let Some(handle) = handle {
                handle.update(message);
            }
        };
        for output in &progress.graph.outputs {
            for index in output.tasks.iter().filter(|index| self.is_held(ResultId { run, layer: output.layer, index: *index })) {
                let layer = output.layer;
                let id = ResultId { run, layer, index };
                match (progress.failed[layer.0 as usize].get(&index), self.locate(progress, layer, index)) {
                    (None, Some(place)) => {
                        self.failures.lock().remove(&id);
                        if place.result != id && self.roots.lock().insert(id, place.result).is_none() {
                            self.hold(place.result);
                        }
                        let located = Located { start: index, len: 1, result: place.result, attempt: place.attempt, worker: HERE };
                        tell(ToClient::Ready { run, layer, located: vec![located] });
                    }
                    (error, _) => {
                        let error = error.cloned().unwrap_or_else(|| Error::internal("an output is neither there nor failed"));
                        first.get_or_insert_with(|| error.clone());
                        self.failures.lock().insert(id, error.clone());
                        tell(ToClient::Failed { run, layer, tasks: (index..index + 1).into(), error });
                    }
                }
            }
        }
        tell(ToClient::Finished { run, error: first });
    }

    fn drop_unheld(&self, progress: &Progress) {
        let run = progress.run;
        for (id, layer) in progress.graph.layers.iter().enumerate() {
            let holds = self.holds.lock();
            let held = holds.get(&(run, LayerId(id as u32)));
            let unheld = layer.spec.selected.iter().filter(|index| held.is_none_or(|held| !held.contains_key(index)));
            unheld.for_each(|index| self.env.store().drop_result(ResultId { run, layer: LayerId(id as u32), index }));
        }
    }

    fn is_held(&self, id: ResultId) -> bool {
        self.holds.lock().get(&(id.run, id.layer)).is_some_and(|held| held.contains_key(&id.index))
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
        self.forget_failed(id.run);
        let root = self.roots.lock().remove(&id);
        if let Some(root) = root {
            self.release(root);
        }
    }

    /// Takes in what is asked, and answers what can be answered.
    fn hear(&self, said: Said) {
        let mut outcome = Outcome::default();
        self.commons.lock().handle(ME, said, &mut outcome);
        for event in outcome.events {
            match event {
                Event::Hold { run, layer, tasks, .. } => self.signal(Signal::Hold(run, layer, tasks)),
                Event::Release { run, layer, tasks, .. } => self.signal(Signal::Release(run, layer, tasks)),
                _ => {}
            }
        }
        outcome.answers.into_iter().for_each(|((_, number), answer)| self.asking.answer(number, answer));
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
        let (run, layers) = (next_run(), graph.layers.len());
        let names = graph.layers.iter().map(|layer| layer.spec.name.clone()).collect();
        let handle = Arc::new(RunHandle::new(run, graph.outputs.clone(), names));
        let (failed, attempts) = (vec![BTreeMap::new(); layers], vec![FxHashMap::default(); layers]);
        let progress = Progress { graph: Arc::new(graph), run, options, handle: Arc::downgrade(&handle), failed, attempts };
        on_a_thread(|| self.run(progress, &handle))?;
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

    fn retry(&self, handle: &Arc<RunHandle>, layer: LayerId, tasks: Ranges) {
        handle.reopen(layer, &tasks);
        if let Err(error) = on_a_thread(|| self.run_again(handle, layer, &tasks)) {
            handle.fail(&error);
        }
    }

    fn asking(&self) -> &Arc<Asking> {
        &self.asking
    }

    fn topology(&self) -> Topology {
        Topology { slots: 1, workers: 1, memory: self.env.store().budget().limit(), same_process: true }
    }

    fn workers(&self) -> Vec<WorkerInfo> {
        vec![only_worker(1, self.env.store().budget().limit())]
    }

    fn joined(&self, workers: usize) -> BoxFuture<'static, Result<()>> {
        only_one_joins(workers)
    }

    fn scheduler(&self) -> Option<String> {
        None
    }

    fn counters(&self) -> BoxFuture<'static, Result<Counters>> {
        futures::future::ready(Ok(*self.counters.lock())).boxed()
    }
}

impl Drop for SynchronousExecutor {
    fn drop(&mut self) {
        self.asking.fail(&closed());
    }
}

/// Runs something on a thread of its own: a plan may not be polled where a runtime is already running.
fn on_a_thread(work: impl FnOnce() + Send) -> Result<()> {
    let ran = blocking(|| std::thread::scope(|scope| scope.spawn(work).join()));
    ran.map_err(|_| Error::internal("the synchronous executor panicked"))
}
