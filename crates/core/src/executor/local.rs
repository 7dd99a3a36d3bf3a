//! The scheduler and one runner in this process: a driver thread between them, channels instead of sockets.

use super::{Executor, ME, NAME, Place, RunHandle, Signal, Topology, closed, next_run, only_one_joins, only_worker, read_here};
use crate::{
    ClientId, Error, ErrorKind, LayerId, Result, RunId, WorkerId,
    config::Config,
    coordination::{Asking, Commons, Outcome, Said},
    graph::{LayerSpec, LayeredGraph, Outline, Ranges, Work},
    progress::{Report, Reports},
    registry::Registry,
    runner::{Command, Environment, FetchError, LayerWork, NoFetch, Runner, let_go},
    sched::{Counters, Event, Lack, Message, Outbox, RunOptions, Sched, ToClient, ToWorker, WorkerInfo},
    store::{Budget, Store},
    value::Data,
};
use futures::{FutureExt, future::BoxFuture};
use rustc_hash::{FxHashMap, FxHashSet};
use std::{
    collections::BTreeSet,
    sync::{Arc, mpsc},
    time::{Duration, Instant},
};

/// The only worker.
const HERE: WorkerId = WorkerId(0);
/// How often clients hear of progress.
const PROGRESS_EVERY: Duration = Duration::from_millis(100);
/// Events that are handled before work is handed out.
const BATCH: usize = 1024;

enum ToDriver {
    Event(Event),
    Submit(LocalRun, RunOptions),
    Retry(Again),
    Said(Said),
    Report(Report),
    Counters(tokio::sync::oneshot::Sender<Counters>),
    Stop,
}

/// Runs graphs on the cores of this process.
pub struct LocalExecutor {
    inbox: mpsc::Sender<ToDriver>,
    env: Arc<Environment>,
    asking: Arc<Asking>,
    worker: WorkerInfo,
}

impl LocalExecutor {
    /// An executor of as many slots as `config` says, with a store within its memory limit. The verbs inside its tasks run
    /// on it too.
    pub fn new(config: Arc<Config>, registry: Arc<Registry>) -> Arc<Self> {
        let slots = config.thread_count() as u32;
        let store = Store::new(Budget::new(config.memory.limit.bytes()));
        let env = Arc::new(Environment::new(registry, Arc::new(store), config));
        let (inbox, events) = mpsc::channel();
        let tell = inbox.clone();
        let runner = Runner::new(HERE, slots, env.clone(), Arc::new(NoFetch), move |event| {
            // The driver is gone only when nobody waits for the answer.
            let _ = tell.send(ToDriver::Event(event));
        });
        let tell = inbox.clone();
        // Whoever reports after the end is heard by nobody.
        env.set_reports(move |report| drop(tell.send(ToDriver::Report(report))));
        let tell = inbox.clone();
        let asking = Arc::new(Asking::new(move |said| tell.send(ToDriver::Said(said)).map_err(|_| closed())));
        let worker = only_worker(slots, env.store().budget().limit());
        let mut sched = Sched::new();
        sched.handle(Event::WorkerUp { worker: HERE, info: worker.clone() }, &mut Outbox::new());
        let (runs, unfinished, reports, out, commons) = Default::default();
        let driver = Driver { sched, runner, runs, unfinished, reports, out, commons, asking: asking.clone() };
        let spawned = std::thread::Builder::new().name("stratal-sched".into()).spawn(move || driver.work(&events));
        if let Err(error) = spawned {
            tracing::error!(%error, "the operating system refuses the scheduler's thread");
        }
        let executor = Arc::new(LocalExecutor { inbox, env, asking, worker });
        let weak = Arc::downgrade(&executor);
        executor.env.set_client(move || weak.upgrade().map(|executor| executor as Arc<dyn Executor>).ok_or_else(closed));
        executor
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
        graph.layers.iter().try_for_each(|layer| check_place(&layer.spec, &self.worker))?;
        options.depth = crate::runner::depth();
        let outline = Arc::new(graph.outline());
        let names = outline.layers.iter().map(|spec| spec.name.clone()).collect();
        let handle = Arc::new(RunHandle::new(next_run(), graph.outputs, names));
        let works = graph.layers.into_iter().map(|layer| layer.work).collect();
        let run = LocalRun { handle: handle.clone(), outline, works, sent: FxHashSet::default() };
        self.tell(ToDriver::Submit(run, options))?;
        Ok(handle)
    }

    fn read(&self, place: Place) -> BoxFuture<'static, Result<Data, FetchError>> {
        read_here(self.env.store(), place)
    }

    fn signal(&self, signal: Signal) {
        // Without a driver there is nothing left to hold or release.
        let _ = self.tell(ToDriver::Event(signal.into_event(ME)));
    }

    fn retry(&self, handle: &Arc<RunHandle>, layer: LayerId, tasks: Ranges) {
        handle.reopen(layer, &tasks);
        // However it ends, whoever waits hears of it.
        let _ = self.tell(ToDriver::Retry(Again { handle: Some(handle.clone()), layer, tasks }));
    }

    fn asking(&self) -> &Arc<Asking> {
        &self.asking
    }

    fn topology(&self) -> Topology {
        Topology { slots: self.worker.slots, workers: 1, memory: self.env.store().budget().limit(), same_process: true }
    }

    fn workers(&self) -> Vec<WorkerInfo> {
        vec![self.worker.clone()]
    }

    fn joined(&self, workers: usize) -> BoxFuture<'static, Result<()>> {
        only_one_joins(workers)
    }

    fn scheduler(&self) -> Option<String> {
        None
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

/// Refuses tasks that would wait for ever: this worker has no resources, and is the only one.
fn check_place(spec: &LayerSpec, here: &WorkerInfo) -> Result<()> {
    let Some(lack) = here.lacks(&spec.needs).filter(|_| !spec.selected.is_empty()) else { return Ok(()) };
    let (what, help) = match lack {
        Lack::Resource { name, takes } => (
            format!("needs {} of resource {name:?}", takes as f64 / 1000.0),
            "connect to a cluster with a worker that has the resource, or do not ask for it",
        ),
        Lack::Name => {
            (format!("may run on {} only", spec.needs.workers.join(", ")), "connect to the cluster of these workers, or name none")
        }
        Lack::Function(name) => (format!("calls {name}"), "connect to a cluster with a worker that has the function"),
        Lack::Service(name) => (format!("needs the service {name}"), "connect to a cluster with a worker that has the service"),
    };
    let message = format!("layer {:?} {what}; the only worker is this process, {NAME:?}, which has no resources", spec.name);
    Err(Error::new(ErrorKind::Graph, message).with_help(help))
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

/// Results that are to be made after all.
struct Again {
    /// None once the scheduler knows.
    handle: Option<Arc<RunHandle>>,
    layer: LayerId,
    tasks: Ranges,
}

/// However the driver ends, nobody waits in vain for what it was to make.
impl Drop for Again {
    fn drop(&mut self) {
        if let Some(handle) = &self.handle {
            handle.fail(&closed());
        }
    }
}

/// However the driver ends, and wherever the run is then, nobody waits for it in vain.
impl Drop for LocalRun {
    fn drop(&mut self) {
        if !self.handle.is_settled() {
            let panicked = || Error::internal("the local scheduler panicked; its message is above");
            self.handle.fail(&if std::thread::panicking() { panicked() } else { closed() });
        }
        let_go(std::mem::take(&mut self.works));
    }
}

struct Driver {
    sched: Sched,
    runner: Runner,
    runs: FxHashMap<RunId, LocalRun>,
    /// The runs of which an output is pending.
    unfinished: BTreeSet<RunId>,
    /// What tasks say of how far they are, where they say it.
    reports: FxHashMap<RunId, Reports>,
    out: Outbox,
    commons: Commons,
    asking: Arc<Asking>,
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.asking.fail(&closed());
    }
}

impl Driver {
    fn work(mut self, inbox: &mpsc::Receiver<ToDriver>) {
        let mut told = Instant::now();
        loop {
            let first = match self.unfinished.is_empty() {
                true => inbox.recv().map_err(|_| mpsc::RecvTimeoutError::Disconnected),
                false => inbox.recv_timeout(PROGRESS_EVERY),
            };
            let mut next = match first {
                Ok(message) => Some(message),
                Err(mpsc::RecvTimeoutError::Timeout) => None,
                Err(mpsc::RecvTimeoutError::Disconnected) => return,
            };
            let mut taken = 0;
            while let Some(message) = next {
                if matches!(message, ToDriver::Stop) {
                    return;
                }
                self.take(message);
                taken += 1;
                next = if taken < BATCH { inbox.try_recv().ok() } else { None };
            }
            self.sched.schedule(&mut self.out);
            self.send();
            if told.elapsed() >= PROGRESS_EVERY {
                told = Instant::now();
                for run in self.unfinished.clone() {
                    self.tell_progress(run);
                }
            }
        }
    }

    /// Tells a run's handle how far it is.
    fn tell_progress(&mut self, run: RunId) {
        let (sched, reports) = (&self.sched, self.reports.get_mut(&run));
        let layers = sched.progress(run);
        // Of a run that was dropped as it ended nothing is known, and what was told last stays.
        if layers.is_empty() {
            return;
        }
        let tasks = reports.map(|reports| reports.update(|layer, task| sched.standing(run, layer, task)));
        if let Some(local) = self.runs.get(&run) {
            local.handle.update(ToClient::Progress { run, layers, tasks: tasks.unwrap_or_default() });
        }
    }

    fn take(&mut self, message: ToDriver) {
        match message {
            ToDriver::Event(event) => self.sched.handle(event, &mut self.out),
            ToDriver::Submit(local, options) => {
                let (run, outline) = (local.handle.id(), local.outline.clone());
                self.runs.insert(run, local);
                self.unfinished.insert(run);
                self.sched.handle(Event::Submit { client: ME, run, outline, options }, &mut self.out);
            }
            ToDriver::Retry(again) => self.retry(again),
            ToDriver::Said(said) => {
                let mut outcome = Outcome::default();
                self.commons.handle(ME, said, &mut outcome);
                outcome.events.into_iter().for_each(|event| self.sched.handle(event, &mut self.out));
                outcome.answers.into_iter().for_each(|((_, number), answer)| self.asking.answer(number, answer));
            }
            ToDriver::Report(report) if self.runs.contains_key(&report.result.run) => {
                self.reports.entry(report.result.run).or_default().take(report);
            }
            ToDriver::Report(_) => {}
            ToDriver::Counters(tell) => drop(tell.send(self.sched.counters())),
            ToDriver::Stop => {}
        }
    }

    fn retry(&mut self, mut again: Again) {
        let Some(handle) = again.handle.take() else { return };
        let run = handle.id();
        if !self.runs.contains_key(&run) {
            let error = Error::new(ErrorKind::NotFound, format!("{run} is not known any more, so that nothing of it can run again"));
            return handle.fail(&error.with_help("submit the work once more"));
        }
        self.unfinished.insert(run);
        let (layer, tasks) = (again.layer, std::mem::take(&mut again.tasks));
        self.sched.handle(Event::Retry { client: ME, run, layer, tasks }, &mut self.out);
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
                // What is published is kept by nobody whom it would have to be told.
                Message::Client(client, _) if client != ME => {}
                Message::Client(_, message) => {
                    if let ToClient::Finished { run, .. } = &message {
                        // What its tasks said last is told before anybody hears of the end.
                        if self.reports.contains_key(run) {
                            self.tell_progress(*run);
                        }
                        self.unfinished.remove(run);
                    }
                    if let Some(run) = self.runs.get(&message.run()) {
                        run.handle.update(message);
                    }
                }
                Message::RunDropped(run) => {
                    self.unfinished.remove(&run);
                    self.reports.remove(&run);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{Output, Ranges};

    #[test]
    fn whoever_waits_for_a_run_hears_of_it_however_the_driver_ends() {
        let run = || {
            let output = Output { layer: LayerId(0), tasks: Ranges::full(1), key: "x".into() };
            let handle = Arc::new(RunHandle::new(next_run(), vec![output], Vec::new()));
            let outline = Arc::new(Outline::default());
            (handle.clone(), LocalRun { handle, outline, works: Vec::new(), sent: FxHashSet::default() })
        };
        let (send, inbox) = mpsc::channel();
        let (handle, waiting) = run();
        send.send(ToDriver::Submit(waiting, RunOptions::default())).unwrap();
        drop(inbox);
        assert_eq!(handle.wait(LayerId(0), 0, None).unwrap().unwrap_err().kind(), ErrorKind::Cancelled);
        let (handle, taken) = run();
        let driver = std::thread::spawn(move || {
            let _taken = taken;
            panic!("a bug of the scheduler");
        });
        assert!(driver.join().is_err());
        assert_eq!(handle.wait(LayerId(0), 0, None).unwrap().unwrap_err().kind(), ErrorKind::Internal);
    }
}
