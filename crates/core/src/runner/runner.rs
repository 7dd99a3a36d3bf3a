//! The runner: commands in, events out.

use super::{CancelToken, Environment, Fetch, Inputs, TaskContext, slots::Slots};
use crate::{
    Error, ErrorKind, Index, LayerId, Result, Retry, RunId, WorkerId,
    function::Calls,
    graph::{LayerSpec, Work},
    kind::{Body, InputMode, Running, TaskKind},
    sched::{Event, Located, Locations, Slice, ToWorker},
};
use bytes::Bytes;
use futures::FutureExt;
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use std::{
    any::Any,
    collections::BTreeMap,
    panic::AssertUnwindSafe,
    sync::{Arc, OnceLock},
    time::Instant,
};

/// What a runner is told.
#[derive(Debug)]
pub enum Command {
    /// What the tasks of a layer do; comes before the first slice of it.
    Layer {
        /// The run.
        run: RunId,
        /// The layer.
        layer: LayerId,
        /// All but the work.
        spec: Arc<LayerSpec>,
        /// The work.
        work: LayerWork,
    },
    /// Some of the calls of a layer; comes before the first slice that makes one of them.
    Calls {
        /// The run.
        run: RunId,
        /// The layer.
        layer: LayerId,
        /// Their wire form.
        block: Bytes,
    },
    /// From the scheduler.
    Sched(ToWorker),
}

/// The work of a layer: live in the process that made it, encoded elsewhere.
#[derive(Clone, Debug)]
pub enum LayerWork {
    /// As the client made it.
    Live(Work),
    /// As it came over the wire.
    Wire {
        /// The task kind's name.
        kind: String,
        /// The body's wire form. The calls of a layer of calls follow, as they are needed.
        body: Bytes,
    },
}

/// A layer that is ready to be run.
struct Loaded {
    spec: Arc<LayerSpec>,
    kind: Arc<dyn TaskKind>,
    body: Arc<dyn Body>,
}

struct PendingLayer {
    spec: Arc<LayerSpec>,
    work: LayerWork,
    loaded: OnceLock<Result<Arc<Loaded>>>,
    /// The calls that came, block by block, by the first task of each.
    blocks: Mutex<BTreeMap<Index, Arc<Calls>>>,
}

impl PendingLayer {
    /// Decodes the work, once.
    fn load(&self, env: &Environment) -> Result<Arc<Loaded>> {
        self.loaded
            .get_or_init(|| {
                let spec = self.spec.clone();
                let (kind, body) = match &self.work {
                    LayerWork::Live(Work::Uniform(template) | Work::Each(template, _)) => {
                        (env.registry().kind(template.kind)?, template.body.clone())
                    }
                    LayerWork::Live(Work::Held) => return Err(Error::internal("a held layer was sent to be run")),
                    LayerWork::Wire { kind, body } => {
                        let kind = env.registry().kind(kind)?;
                        let body = kind.decode(body)?;
                        (kind, body)
                    }
                };
                Ok(Arc::new(Loaded { spec, kind, body }))
            })
            .clone()
    }

    /// The calls of the tasks of a slice; none for a layer without.
    fn calls(&self, slice: Slice) -> Result<Option<Arc<Calls>>> {
        if let LayerWork::Live(work) = &self.work {
            return Ok(match work {
                Work::Each(_, calls) => Some(calls.clone()),
                Work::Uniform(_) | Work::Held => None,
            });
        }
        let blocks = self.blocks.lock();
        let Some((_, first)) = blocks.range(..=slice.start).next_back() else { return Ok(None) };
        if first.get(slice.start + slice.len - 1).is_ok() {
            return Ok(Some(first.clone()));
        }
        let of = |task: Index| {
            blocks.range(..=task).next_back().ok_or_else(|| Error::internal("a block of calls is missing"))?.1.get(task).cloned()
        };
        let rows = (slice.start..slice.start + slice.len).filter(|task| self.spec.selected.contains(*task));
        // Tasks that are not selected have no call; the rows between stay those of their neighbours.
        let mut all = Calls { first: slice.start, rows: Vec::new() };
        for task in rows {
            let call = of(task)?;
            all.rows.resize((task - slice.start) as usize, call.clone());
            all.rows.push(call);
        }
        Ok(Some(Arc::new(all)))
    }
}

type Emit = Arc<dyn Fn(Event) + Send + Sync>;

struct Shared {
    here: WorkerId,
    env: Arc<Environment>,
    fetch: Arc<dyn Fetch>,
    emit: Emit,
    layers: Mutex<FxHashMap<(RunId, LayerId), Arc<PendingLayer>>>,
    sources: Mutex<FxHashMap<(RunId, LayerId), Arc<[Located]>>>,
    /// Slices that were not answered yet, and whether they started.
    live: Mutex<FxHashMap<Slice, Live>>,
}

struct Live {
    cancel: CancelToken,
    started: bool,
}

/// Runs slices on its slots and reports by events. Dropping it lets running slices end and their reports go nowhere.
pub struct Runner {
    shared: Arc<Shared>,
    slots: Slots,
}

impl Runner {
    /// A runner of `slots` slots that is known to the scheduler as `here`.
    pub fn new(
        here: WorkerId,
        slots: u32,
        env: Arc<Environment>,
        fetch: Arc<dyn Fetch>,
        emit: impl Fn(Event) + Send + Sync + 'static,
    ) -> Self {
        let emit: Emit = Arc::new(emit);
        let lent = emit.clone();
        let slots = Slots::new(slots, move |lent_now| lent(Event::Lent { worker: here, slots: lent_now }));
        let (layers, sources, live) = Default::default();
        Runner { shared: Arc::new(Shared { here, env, fetch, emit, layers, sources, live }), slots }
    }

    /// The process's environment.
    pub fn env(&self) -> &Arc<Environment> {
        &self.shared.env
    }

    /// Does as told. Never blocks.
    pub fn handle(&self, command: Command) {
        match command {
            Command::Layer { run, layer, spec, work } => {
                let pending = PendingLayer { spec, work, loaded: OnceLock::new(), blocks: Mutex::default() };
                self.shared.layers.lock().insert((run, layer), Arc::new(pending));
            }
            Command::Calls { run, layer, block } => {
                let pending = self.shared.layers.lock().get(&(run, layer)).cloned();
                match (pending, Calls::decode(&block)) {
                    (Some(pending), Ok(calls)) => {
                        pending.blocks.lock().insert(calls.first, Arc::new(calls));
                    }
                    // The slices that need it will say what is missing.
                    (_, Err(error)) => tracing::error!(%error, %run, %layer, "a block of calls is damaged"),
                    (None, _) => tracing::debug!(%run, %layer, "a block of calls came for a layer that is gone"),
                }
            }
            Command::Sched(message) => self.handle_sched(message),
        }
    }

    fn handle_sched(&self, message: ToWorker) {
        match message {
            ToWorker::Sources { run, layer, located } => {
                self.shared.sources.lock().insert((run, layer), located);
            }
            ToWorker::Run { slice, order, inputs } => self.start(slice, order, inputs),
            ToWorker::Release { run, layer, attempt, tasks } => self.shared.env.store().release(run, layer, attempt, &tasks),
            ToWorker::Retract { slices } => {
                let mut live = self.shared.live.lock();
                let slices: Vec<Slice> = slices.into_iter().filter(|slice| live.remove_if_waiting(slice)).collect();
                drop(live);
                (self.shared.emit)(Event::Retracted { worker: self.shared.here, slices });
            }
            ToWorker::Cancel { slices } => {
                let live = self.shared.live.lock();
                slices.iter().filter_map(|slice| live.get(slice)).for_each(|live| live.cancel.cancel());
            }
            ToWorker::Forget { run } => {
                self.shared.layers.lock().retain(|(of, _), _| *of != run);
                self.shared.sources.lock().retain(|(of, _), _| *of != run);
                self.shared.env.store().forget(run);
            }
        }
    }

    fn start(&self, slice: Slice, order: u64, inputs: Vec<Locations>) {
        let shared = self.shared.clone();
        let cancel = CancelToken::default();
        shared.live.lock().insert(slice, Live { cancel: cancel.clone(), started: false });
        let prepared = shared.prepare(slice, inputs, cancel);
        let (loaded, cx) = match prepared {
            Ok(prepared) => prepared,
            Err(error) => return shared.answer(Event::Failed { worker: shared.here, slice, done: Vec::new(), error }),
        };
        let weight = loaded.spec.needs.slots;
        if loaded.kind.inputs() == InputMode::Stream || cx.all_here() {
            return self.slots.push(order, weight, move || shared.work(&loaded, &cx));
        }
        // Inputs that are wanted whole are fetched before the slice takes a slot.
        let slots = self.slots.clone();
        crate::runtime::io().spawn(async move {
            match cx.gather().await {
                Ok(()) => slots.push(order, weight, move || shared.work(&loaded, &cx)),
                Err(error) => shared.answer(shared.failure(&cx, error)),
            }
        });
    }
}

trait RemoveIfWaiting {
    fn remove_if_waiting(&mut self, slice: &Slice) -> bool;
}

impl RemoveIfWaiting for FxHashMap<Slice, Live> {
    fn remove_if_waiting(&mut self, slice: &Slice) -> bool {
        let waiting = self.get(slice).is_some_and(|live| !live.started);
        waiting && self.remove(slice).is_some()
    }
}

impl Shared {
    fn prepare(&self, slice: Slice, inputs: Vec<Locations>, cancel: CancelToken) -> Result<(Arc<Loaded>, TaskContext)> {
        let pending = self.layers.lock().get(&(slice.run, slice.layer)).cloned();
        let pending = pending.ok_or_else(|| Error::internal(format!("a slice of {}/{} came before its layer", slice.run, slice.layer)))?;
        let loaded = pending.load(&self.env)?;
        let sources = self.sources.lock();
        let told = |from: LayerId| {
            let told = sources.get(&(slice.run, from)).cloned();
            told.ok_or_else(|| Error::internal(format!("the results of {}/{from} are nowhere", slice.run)))
        };
        let inputs: Inputs = inputs
            .into_iter()
            .zip(&loaded.spec.inputs)
            .map(|(locations, input)| match locations {
                Locations::Here(located) => Ok(located.into()),
                Locations::Told => told(input.from),
            })
            .collect::<Result<_>>()?;
        drop(sources);
        let (env, fetch) = (self.env.clone(), self.fetch.clone());
        let cx = TaskContext::new(env, loaded.spec.clone(), pending.calls(slice)?, slice, inputs, self.here, fetch, cancel);
        Ok((loaded, cx))
    }

    /// Runs a slice on the calling thread, a slot's, and answers for it.
    fn work(&self, loaded: &Loaded, cx: &TaskContext) {
        let slice = cx.slice();
        match self.live.lock().get_mut(&slice) {
            // Retracted while it waited.
            None => return,
            Some(live) => live.started = true,
        }
        let started = Instant::now();
        let result = cx.checkpoint().and_then(|()| execute(&*loaded.kind, &loaded.body, cx));
        let event = match result {
            Ok(()) => {
                let busy_us = started.elapsed().as_micros() as u64;
                Event::Done { worker: self.here, slice, stats: cx.left(), read: cx.rows_read(), busy_us }
            }
            Err(error) => self.failure(cx, error),
        };
        self.answer(event);
    }

    fn failure(&self, cx: &TaskContext, error: Error) -> Event {
        let (worker, slice) = (self.here, cx.slice());
        let done = match cx.spec().slicing {
            crate::graph::Slicing::Whole => Vec::new(),
            _ => cx.left(),
        };
        cx.discard(cx.tasks().skip(done.len()));
        match cx.missing() {
            Some((wanted, holder)) if !cx.cancel_token().is_cancelled() => {
                Event::FetchFailed { worker, slice, done, result: wanted.result, attempt: wanted.attempt, holder }
            }
            _ => {
                let failed = cx.tasks().nth(done.len()).unwrap_or(slice.start);
                let error = error.in_task(&cx.spec().name, failed);
                Event::Failed { worker, slice, done, error }
            }
        }
    }

    fn answer(&self, event: Event) {
        let slice = match &event {
            Event::Done { slice, .. } | Event::Failed { slice, .. } | Event::FetchFailed { slice, .. } => *slice,
            _ => return (self.emit)(event),
        };
        self.live.lock().remove(&slice);
        (self.emit)(event);
    }
}

/// Runs one attempt at a slice on the calling thread. A panic becomes an error; a task without a result is one.
pub fn execute(kind: &dyn TaskKind, body: &Arc<dyn Body>, cx: &TaskContext) -> Result<()> {
    let attempt = AssertUnwindSafe(|| match kind.run(body, cx.clone())? {
        Running::Blocking(run) => run(),
        Running::Async(future) => {
            crate::runtime::compute().block_on(AssertUnwindSafe(future).catch_unwind()).unwrap_or_else(|panic| Err(panicked(&*panic)))
        }
    });
    std::panic::catch_unwind(attempt).unwrap_or_else(|panic| Err(panicked(&*panic)))?;
    let (left, tasks) = (cx.left().len(), cx.tasks().count());
    match left == tasks {
        true => Ok(()),
        false => Err(Error::internal(format!("{} of {tasks} tasks of {} left no result", tasks - left, cx.spec().name))),
    }
}

fn panicked(panic: &(dyn Any + Send)) -> Error {
    let message = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    Error::new(ErrorKind::Task, format!("panicked: {}", message.unwrap_or("without a message"))).with_retry(Retry::Again)
}
