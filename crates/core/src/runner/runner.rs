//! The runner: commands in, events out.

use super::{
    CancelToken, Environment, Fetch, Inputs, LayerWork, TaskContext,
    layers::{Loaded, PendingLayer, RunWork},
    panics::{let_go, panicked},
    running::Inside,
    slots::Slots,
};
use crate::{
    Error, ErrorKind, LayerId, Result, RunId, WorkerId,
    function::Calls,
    graph::LayerSpec,
    kind::{Body, InputMode, Running, TaskKind},
    sched::{Event, Locations, Slice, ToWorker, depth_of},
};
use bytes::Bytes;
use futures::FutureExt;
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use std::{panic::AssertUnwindSafe, sync::Arc, time::Instant};

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

type Emit = Arc<dyn Fn(Event) + Send + Sync>;

struct Shared {
    here: WorkerId,
    env: Arc<Environment>,
    fetch: Arc<dyn Fetch>,
    emit: Emit,
    runs: Mutex<FxHashMap<RunId, RunWork>>,
    /// Slices that were not answered yet, and whether they started.
    live: Mutex<FxHashMap<Slice, Live>>,
}

struct Live {
    cancel: CancelToken,
    started: bool,
}

/// Runs slices on its slots and reports by events. Dropping it cancels them; their reports go nowhere.
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
        let tell = emit.clone();
        let slots = Slots::new(slots, move |lent, leased| tell(Event::Slots { worker: here, lent, leased }));
        env.set_slots(slots.lessor());
        let (runs, live) = Default::default();
        Runner { shared: Arc::new(Shared { here, env, fetch, emit, runs, live }), slots }
    }

    /// The process's environment.
    pub fn env(&self) -> &Arc<Environment> {
        &self.shared.env
    }

    /// Does as told. Never blocks.
    pub fn handle(&self, command: Command) {
        match command {
            Command::Layer { run, layer, spec, work } => {
                let pending = Arc::new(PendingLayer::new(spec, work));
                self.shared.runs.lock().entry(run).or_default().layers.insert(layer, pending);
            }
            Command::Calls { run, layer, block } => {
                match (self.shared.layer(run, layer), Calls::decode(&block)) {
                    (Some(pending), Ok(calls)) => pending.add(calls),
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
                self.shared.runs.lock().entry(run).or_default().sources.insert(layer, located);
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
                let forgotten = self.shared.runs.lock().remove(&run);
                let_go(forgotten);
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
        let depth = depth_of(order);
        if loaded.kind.inputs() == InputMode::Stream || cx.all_here() {
            return self.slots.push(order, weight, move || shared.work(&loaded, &cx, depth));
        }
        // Inputs that are wanted whole are fetched before the slice takes a slot.
        let slots = self.slots.clone();
        crate::runtime::io().spawn(async move {
            let gathered = AssertUnwindSafe(cx.gather()).catch_unwind().await;
            match gathered.unwrap_or_else(|panic| Err(panicked(&*panic))) {
                Ok(()) => slots.push(order, weight, move || shared.work(&loaded, &cx, depth)),
                Err(error) => shared.answer(shared.failure(&cx, error)),
            }
        });
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        self.shared.live.lock().values().for_each(|live| live.cancel.cancel());
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
    fn layer(&self, run: RunId, layer: LayerId) -> Option<Arc<PendingLayer>> {
        self.runs.lock().get(&run)?.layers.get(&layer).cloned()
    }

    fn prepare(&self, slice: Slice, inputs: Vec<Locations>, cancel: CancelToken) -> Result<(Arc<Loaded>, TaskContext)> {
        let early = || Error::internal(format!("a slice of {}/{} came before its layer", slice.run, slice.layer));
        let pending = self.layer(slice.run, slice.layer).ok_or_else(early)?;
        let loaded = pending.load(&self.env)?;
        let runs = self.runs.lock();
        let told = |from: LayerId| {
            let told = runs.get(&slice.run).and_then(|run| run.sources.get(&from)).cloned();
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
        drop(runs);
        let (env, fetch) = (self.env.clone(), self.fetch.clone());
        let cx = TaskContext::new(env, loaded.spec.clone(), pending.calls(slice)?, slice, inputs, self.here, fetch, cancel);
        Ok((loaded, cx))
    }

    /// Runs a slice on the calling thread, a slot's, and answers for it.
    fn work(&self, loaded: &Loaded, cx: &TaskContext, depth: u32) {
        let slice = cx.slice();
        match self.live.lock().get_mut(&slice) {
            // Retracted while it waited.
            None => return,
            Some(live) => live.started = true,
        }
        let started = Instant::now();
        let inside = Inside::enter(self.env.clone(), depth, cx.cancel_token().clone());
        let result = cx.checkpoint().and_then(|()| execute(&*loaded.kind, &loaded.body, cx));
        drop(inside);
        for copy in cx.copies() {
            (self.emit)(Event::Copied { worker: self.here, result: copy.result, attempt: copy.attempt });
        }
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
        let error = match error.kind() {
            // Nobody cancelled this slice: it read something that was, and would read it again for ever.
            ErrorKind::Cancelled if !cx.cancel_token().is_cancelled() => {
                Error::new(ErrorKind::Task, "a result that it waited for was cancelled")
            }
            _ => error,
        };
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

/// Runs one attempt at a slice on the calling thread. A panic becomes an error; a task without a result is one. What waits
/// in an async body is dropped by a cancel.
pub fn execute(kind: &dyn TaskKind, body: &Arc<dyn Body>, cx: &TaskContext) -> Result<()> {
    let attempt = AssertUnwindSafe(|| match kind.run(body, cx.clone())? {
        Running::Blocking(run) => run(),
        Running::Async(future) => {
            let cancelled = cx.cancel_token().cancelled();
            crate::runtime::compute().block_on(async {
                tokio::select! {
                    result = AssertUnwindSafe(future).catch_unwind() => result.unwrap_or_else(|panic| Err(panicked(&*panic))),
                    () = cancelled => Err(Error::cancelled()),
                }
            })
        }
    });
    std::panic::catch_unwind(attempt).unwrap_or_else(|panic| Err(panicked(&*panic)))?;
    let (left, tasks) = (cx.left().len(), cx.tasks().count());
    match left == tasks {
        true => Ok(()),
        false => Err(Error::internal(format!("{} of {tasks} tasks of {} left no result", tasks - left, cx.spec().name))),
    }
}
