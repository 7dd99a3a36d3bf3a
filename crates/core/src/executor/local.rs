//! The scheduler and one runner in this process: a driver thread between them, channels instead of sockets.

use super::{Executor, Place, RunHandle, Signal, Topology};
use crate::{
    ClientId, Error, LayerId, Result, RunId, WorkerId,
    config::Config,
    graph::{LayeredGraph, Outline, Work},
    registry::Registry,
    runner::{Command, Environment, FetchError, LayerWork, NoFetch, Runner, Wanted},
    sched::{Counters, Event, Message, Outbox, RunOptions, Sched, ToClient, ToWorker, WorkerInfo},
    store::{Budget, Part, Store},
    value::Data,
};
use futures::{FutureExt, future::BoxFuture};
use rustc_hash::{FxHashMap, FxHashSet};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
        mpsc,
    },
    time::{Duration, Instant},
};

/// The only worker.
const HERE: WorkerId = WorkerId(0);
/// The only client.
const ME: ClientId = ClientId(0);
/// How often clients hear of progress.
const PROGRESS_EVERY: Duration = Duration::from_millis(100);
/// Events that are handled before work is handed out.
const BATCH: usize = 1024;

enum ToDriver {
    Event(Event),
    Submit { handle: Arc<RunHandle>, outline: Arc<Outline>, works: Vec<Work>, options: RunOptions },
    Counters(tokio::sync::oneshot::Sender<Counters>),
    Stop,
}

/// Runs graphs on the cores of this process.
pub struct LocalExecutor {
    inbox: mpsc::Sender<ToDriver>,
    env: Arc<Environment>,
    slots: u32,
    next_run: AtomicU64,
}

impl LocalExecutor {
    /// An executor of as many slots as `config` says, with a store within its memory limit.
    pub fn new(config: Arc<Config>, registry: Arc<Registry>) -> Self {
        let slots = config.thread_count() as u32;
        let store = Store::new(Budget::new(config.memory.limit.bytes()));
        let env = Arc::new(Environment::new(registry, Arc::new(store), config));
        let (inbox, events) = mpsc::channel();
        let tell = inbox.clone();
        let runner = Runner::new(HERE, slots, env.clone(), Arc::new(NoFetch), move |event| {
            // The driver is gone only when nobody waits for the answer.
            let _ = tell.send(ToDriver::Event(event));
        });
        let memory = env.store().budget().limit().unwrap_or(0);
        let info = WorkerInfo { name: "local".into(), address: String::new(), slots, memory, resources: BTreeMap::new() };
        let mut sched = Sched::new();
        sched.handle(Event::WorkerUp { worker: HERE, info }, &mut Outbox::new());
        let driver = Driver { sched, runner, runs: FxHashMap::default(), out: Outbox::new() };
        let spawned = std::thread::Builder::new().name("stratal-sched".into()).spawn(move || driver.work(&events));
        if let Err(error) = spawned {
            tracing::error!(%error, "the operating system refuses the scheduler's thread");
        }
        LocalExecutor { inbox, env, slots, next_run: AtomicU64::new(1) }
    }

    /// What the tasks share.
    pub fn env(&self) -> &Arc<Environment> {
        &self.env
    }

    fn tell(&self, message: ToDriver) -> Result<()> {
        self.inbox.send(message).map_err(|_| Error::internal("the local scheduler has stopped"))
    }
}

impl Executor for LocalExecutor {
    fn submit(&self, graph: LayeredGraph, mut options: RunOptions) -> Result<Arc<RunHandle>> {
        graph.validate()?;
        graph.check_memory(self.env.store().budget().limit())?;
        options.depth = crate::runner::depth();
        let run = RunId(self.next_run.fetch_add(1, Relaxed));
        let outline = Arc::new(graph.outline());
        let names = outline.layers.iter().map(|spec| spec.name.clone()).collect();
        let handle = Arc::new(RunHandle::new(run, graph.outputs, names));
        let works = graph.layers.into_iter().map(|layer| layer.work).collect();
        self.tell(ToDriver::Submit { handle: handle.clone(), outline, works, options })?;
        Ok(handle)
    }

    fn read(&self, place: Place) -> BoxFuture<'static, Result<Data, FetchError>> {
        let wanted = Wanted { result: place.result, attempt: place.attempt };
        let gone = || FetchError::Missing(wanted, Error::internal(format!("result {} was released while it was read", place.result)));
        let data = self.env.store().get(place.result, place.attempt, Part::All).ok_or_else(gone);
        futures::future::ready(data).boxed()
    }

    fn signal(&self, signal: Signal) {
        // Without a driver there is nothing left to hold or release.
        let _ = self.tell(ToDriver::Event(signal.into_event(ME)));
    }

    fn topology(&self) -> Topology {
        Topology { slots: self.slots, workers: 1, memory: self.env.store().budget().limit(), same_process: true }
    }

    fn counters(&self) -> BoxFuture<'static, Result<Counters>> {
        let (tell, told) = tokio::sync::oneshot::channel();
        let asked = self.tell(ToDriver::Counters(tell));
        async move {
            asked?;
            told.await.map_err(|_| Error::internal("the local scheduler has stopped"))
        }
        .boxed()
    }
}

impl Drop for LocalExecutor {
    fn drop(&mut self) {
        let _ = self.inbox.send(ToDriver::Stop);
    }
}

impl Signal {
    /// What the scheduler is told.
    pub fn into_event(self, client: ClientId) -> Event {
        match self {
            Signal::Hold(run, layer, tasks) => Event::Hold { client, run, layer, tasks },
            Signal::Release(run, layer, tasks) => Event::Release { client, run, layer, tasks },
            Signal::Cancel(run) => Event::Cancel { run },
            Signal::Consumed(run, tasks) => Event::Consumed { run, tasks },
            Signal::Missing(result, attempt, holder) => Event::ReadFailed { result, attempt, holder },
        }
    }
}

struct LocalRun {
    handle: Arc<RunHandle>,
    outline: Arc<Outline>,
    works: Vec<Work>,
    sent: FxHashSet<LayerId>,
}

struct Driver {
    sched: Sched,
    runner: Runner,
    runs: FxHashMap<RunId, LocalRun>,
    out: Outbox,
}

impl Driver {
    fn work(mut self, inbox: &mpsc::Receiver<ToDriver>) {
        let mut told = Instant::now();
        loop {
            let active = self.runs.values().any(|run| !run.handle.is_finished());
            let first =
                if active { inbox.recv_timeout(PROGRESS_EVERY) } else { inbox.recv().map_err(|_| mpsc::RecvTimeoutError::Disconnected) };
            let mut next = match first {
                Ok(message) => Some(message),
                Err(mpsc::RecvTimeoutError::Timeout) => None,
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
            };
            for _ in 0..BATCH {
                match next.take() {
                    None => break,
                    Some(ToDriver::Stop) => return self.stop(),
                    Some(message) => self.take(message),
                }
                next = inbox.try_recv().ok();
            }
            match next {
                Some(ToDriver::Stop) => return self.stop(),
                Some(message) => self.take(message),
                None => {}
            }
            self.sched.schedule(&mut self.out);
            self.send();
            if told.elapsed() >= PROGRESS_EVERY {
                told = Instant::now();
                for (id, run) in self.runs.iter().filter(|(_, run)| !run.handle.is_finished()) {
                    run.handle.update(ToClient::Progress { run: *id, layers: self.sched.progress(*id) });
                }
            }
        }
        self.stop();
    }

    fn stop(self) {
        let error = Error::new(crate::ErrorKind::Cancelled, "the client was closed");
        self.runs.values().for_each(|run| run.handle.fail(&error));
    }

    fn take(&mut self, message: ToDriver) {
        match message {
            ToDriver::Event(event) => self.sched.handle(event, &mut self.out),
            ToDriver::Submit { handle, outline, works, options } => {
                let run = handle.id();
                self.runs.insert(run, LocalRun { handle, outline: outline.clone(), works, sent: FxHashSet::default() });
                self.sched.handle(Event::Submit { client: ME, run, outline, options }, &mut self.out);
            }
            ToDriver::Counters(tell) => drop(tell.send(self.sched.counters())),
            ToDriver::Stop => {}
        }
    }

    fn send(&mut self) {
        for message in std::mem::take(&mut self.out) {
            match message {
                Message::Worker(_, message) => {
                    if let ToWorker::Run { slice, .. } = &message {
                        tracing::debug!(
                            run = slice.run.0,
                            layer = slice.layer.0,
                            start = slice.start,
                            len = slice.len,
                            attempt = slice.attempt.0,
                            "run"
                        );
                        self.send_layer(slice.run, slice.layer);
                    }
                    self.runner.handle(Command::Sched(message));
                }
                Message::Client(_, message) => {
                    if let Some(run) = self.runs.get(&message.run()) {
                        run.handle.update(message);
                    }
                }
                Message::RunDropped(run) => {
                    self.runs.remove(&run);
                }
            }
        }
    }

    /// Hands the runner a layer's work, before its first slice.
    fn send_layer(&mut self, run: RunId, layer: LayerId) {
        let Some(local) = self.runs.get_mut(&run) else { return };
        if local.sent.insert(layer) {
            let (spec, work) = (local.outline.layers[layer.0 as usize].clone(), local.works[layer.0 as usize].clone());
            self.runner.handle(Command::Layer { run, layer, spec, work: LayerWork::Live(work) });
        }
    }
}
