//! The thread that owns `Sched`. A round: take events in, hand out work, put messages into outboxes, send each peer its own.
//!
//! It is a thread and no task, so that a graph of a million tasks does not hold up the connections that feed it.

use super::{
    record::Record,
    services::disagreements,
    works::{Sent, Works},
};
use crate::wire::{ClientWelcome, ForClient, ForWorker, FromClient, FromWorker, Outbox, Peer, WorkerWelcome};
use rustc_hash::FxHashMap;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
        mpsc::{self, Receiver, RecvTimeoutError, Sender},
    },
    time::{Duration, Instant},
};
use stratal_core::{
    ClientId, Error, ErrorKind, Result, RunId, WorkerId,
    coordination::Commons,
    executor::Updates,
    graph::Outline,
    progress::Reports,
    sched::{Entry, Event, Message, RunOptions, Sched, Slice, ToClient, ToWorker, WorkerInfo},
};
use tokio::sync::oneshot;

/// How often clients hear of progress and silent workers are looked for.
const TICK: Duration = Duration::from_millis(250);
/// Messages that are taken in before work is handed out.
const BATCH: usize = 1024;

/// What reaches the driver.
pub(super) enum Inbound {
    /// A worker has greeted.
    WorkerJoins { info: WorkerInfo, heard: Arc<Heard>, tell: Outbox<ForWorker>, say: oneshot::Sender<Result<WorkerWelcome>> },
    /// A worker says something.
    Worker(WorkerId, Vec<FromWorker>),
    /// A worker's stream has ended.
    WorkerLeft(WorkerId, String),
    /// A client has greeted.
    ClientJoins { of: Option<WorkerId>, tell: Outbox<ForClient>, say: oneshot::Sender<ClientWelcome> },
    /// A client says something.
    Client(ClientId, Vec<FromClient>),
    /// A client's stream has ended.
    ClientLeft(ClientId),
}

/// When a peer was last heard: set where its messages arrive, so that a busy driver takes nobody for silent.
pub(super) struct Heard {
    start: Instant,
    millis: AtomicU64,
}

impl Heard {
    /// Heard now.
    pub(super) fn now() -> Arc<Self> {
        Arc::new(Heard { start: Instant::now(), millis: AtomicU64::new(0) })
    }

    /// Heard again.
    pub(super) fn touch(&self) {
        self.millis.store(self.start.elapsed().as_millis() as u64, Relaxed);
    }

    fn silence(&self) -> Duration {
        self.start.elapsed().saturating_sub(Duration::from_millis(self.millis.load(Relaxed)))
    }
}

struct WorkerPeer {
    info: WorkerInfo,
    heard: Arc<Heard>,
    tell: Outbox<ForWorker>,
    out: Vec<ForWorker>,
    sent: Sent,
}

pub(super) struct ClientPeer {
    /// The worker whose tasks it serves, if it does.
    of: Option<WorkerId>,
    tell: Outbox<ForClient>,
    pub(super) out: Vec<ForClient>,
}

/// The scheduler and what stands around it.
pub(super) struct Driver {
    sched: Sched,
    out: Vec<Message>,
    workers: BTreeMap<WorkerId, WorkerPeer>,
    pub(super) clients: BTreeMap<ClientId, ClientPeer>,
    pub(super) runs: FxHashMap<RunId, Works>,
    /// Runs whose clients still hear of progress, and what they heard last.
    pub(super) unfinished: BTreeMap<RunId, Updates>,
    /// What tasks say of how far they are, for runs in which some do.
    reports: FxHashMap<RunId, Reports>,
    pub(super) commons: Commons,
    /// Workers and clients so far: their ids are never used again.
    joined: (u32, u32),
    silence: Duration,
    record: Option<Record>,
}

impl Driver {
    /// Starts the thread. It ends when nobody can send any more; the receiver is told when it ends.
    pub(super) fn start(silence: Duration, record: Option<Record>) -> Result<(Sender<Inbound>, oneshot::Receiver<()>)> {
        let (send, inbox) = mpsc::channel();
        let (stop, stopped) = oneshot::channel::<()>();
        let work = move || {
            let _stop = stop;
            let (sched, out, workers, clients, runs, unfinished, reports, commons) = Default::default();
            Driver { sched, out, workers, clients, runs, unfinished, reports, commons, joined: (0, 0), silence, record }.work(&inbox);
        };
        std::thread::Builder::new().name("stratal-sched".into()).spawn(work)?;
        Ok((send, stopped))
    }

    fn work(mut self, inbox: &Receiver<Inbound>) {
        let mut ticked = Instant::now();
        loop {
            match inbox.recv_timeout(TICK) {
                Ok(inbound) => self.take(inbound),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            inbox.try_iter().take(BATCH).for_each(|inbound| self.take(inbound));
            if ticked.elapsed() >= TICK {
                ticked = Instant::now();
                self.look_for_silence();
                self.tell_progress();
            }
            self.sched.schedule(&mut self.out);
            if let Some(record) = &mut self.record {
                record.push(&Entry::Schedule);
                record.flush();
            }
            self.put_into_outboxes();
            self.send();
        }
    }

    fn take(&mut self, inbound: Inbound) {
        match inbound {
            Inbound::WorkerJoins { info, heard, tell, say } => drop(say.send(self.worker_joins(info, heard, tell))),
            Inbound::Worker(id, messages) => messages.into_iter().for_each(|message| self.hear_worker(id, message)),
            Inbound::WorkerLeft(id, reason) => self.worker_leaves(id, reason),
            Inbound::ClientJoins { of: Some(worker), .. } if !self.workers.contains_key(&worker) => {
                tracing::info!(%worker, "a client of a worker that was given up was refused");
            }
            Inbound::ClientJoins { of, tell, say } => {
                self.joined.1 += 1;
                let client = ClientId(self.joined.1);
                tracing::info!(%client, "client joined");
                let welcome = ClientWelcome { client, peers: self.peers() };
                self.clients.insert(client, ClientPeer { of, tell, out: Vec::new() });
                let _ = say.send(welcome);
            }
            Inbound::Client(id, messages) => messages.into_iter().for_each(|message| self.hear_client(id, message)),
            Inbound::ClientLeft(client) => self.client_leaves(client),
        }
    }

    fn client_leaves(&mut self, client: ClientId) {
        if self.clients.remove(&client).is_none() {
            return;
        }
        tracing::info!(%client, "client left");
        self.runs.retain(|_, works| works.client != client || works.outline.is_some());
        self.let_go_of(client);
        self.handle(Event::ClientGone { client });
    }

    pub(super) fn handle(&mut self, event: Event) {
        if let Some(record) = &mut self.record {
            record.push(&Entry::Event(event.clone()));
        }
        self.sched.handle(event, &mut self.out);
    }

    fn peers(&self) -> Vec<Peer> {
        self.workers.iter().map(|(id, worker)| (*id, worker.info.clone())).collect()
    }

    fn tell_everybody(&mut self, of_worker: impl Fn() -> ForWorker, of_client: impl Fn() -> ForClient) {
        self.workers.values_mut().for_each(|worker| worker.out.push(of_worker()));
        self.clients.values_mut().for_each(|client| client.out.push(of_client()));
    }

    fn worker_joins(&mut self, mut info: WorkerInfo, heard: Arc<Heard>, tell: Outbox<ForWorker>) -> Result<WorkerWelcome> {
        let taken = |name: &str| self.workers.values().any(|worker| worker.info.name == name);
        if taken(&info.name) {
            return Err(Error::new(ErrorKind::Exists, format!("worker {0} refused: a worker named {0} is here already", info.name))
                .with_help("give it another --name, or none"));
        }
        self.joined.0 += 1;
        let worker = WorkerId(self.joined.0);
        if info.name.is_empty() {
            info.name = (self.joined.0..).map(|number| format!("w{number}")).find(|name| !taken(name)).unwrap_or_default();
        }
        tracing::info!(worker = info.name.as_str(), address = info.address.as_str(), slots = info.slots, "worker joined");
        for differ in disagreements(&info, self.workers.values().map(|worker| &worker.info)) {
            tracing::warn!("{differ}");
        }
        let welcome = WorkerWelcome { worker, name: info.name.clone(), peers: self.peers() };
        self.handle(Event::WorkerUp { worker, info: info.clone() });
        info.functions = None;
        self.tell_everybody(|| ForWorker::Up((worker, info.clone())), || ForClient::Up((worker, info.clone())));
        self.workers.insert(worker, WorkerPeer { info, heard, tell, out: Vec::new(), sent: Sent::default() });
        Ok(welcome)
    }

    fn worker_leaves(&mut self, worker: WorkerId, reason: String) {
        let Some(gone) = self.workers.remove(&worker) else { return };
        tracing::info!(worker = gone.info.name.as_str(), reason = reason.as_str(), "worker left");
        self.tell_everybody(|| ForWorker::Gone(worker), || ForClient::Gone(worker));
        self.handle(Event::WorkerGone { worker, reason });
        // What its tasks hold is free, and what they submitted is wanted no more.
        let own: Vec<ClientId> = self.clients.iter().filter(|(_, client)| client.of == Some(worker)).map(|(id, _)| *id).collect();
        own.into_iter().for_each(|client| self.client_leaves(client));
    }

    fn hear_worker(&mut self, id: WorkerId, message: FromWorker) {
        match message {
            FromWorker::Beat => {}
            // A late word of one that was given up.
            FromWorker::Event(_) | FromWorker::Report(_) if !self.workers.contains_key(&id) => {}
            FromWorker::Event(event) if speaker(&event) == Some(id) => self.handle(event),
            FromWorker::Event(event) => tracing::warn!(worker = %id, ?event, "an event that no worker sends was ignored"),
            FromWorker::Report(report) => {
                let run = report.result.run;
                if self.runs.get(&run).is_some_and(|works| works.outline.is_some()) {
                    self.reports.entry(run).or_default().take(report);
                }
            }
        }
    }

    fn hear_client(&mut self, id: ClientId, message: FromClient) {
        if !self.clients.contains_key(&id) {
            return;
        }
        match message {
            FromClient::Work { run, layer, kind, body } => {
                if let Some(works) = self.works(id, run) {
                    works.add(layer, kind, body);
                }
            }
            FromClient::Calls { run, layer, first, rows, block } => {
                if let Some(works) = self.works(id, run) {
                    works.add_calls(layer, first, rows, block);
                }
            }
            FromClient::Submit { run, outline, options } => self.submit(id, run, outline, options),
            FromClient::Counters(number) => {
                let counters = ForClient::Counters(number, self.sched.counters());
                if let Some(client) = self.clients.get_mut(&id) {
                    client.out.push(counters);
                }
            }
            FromClient::Said(said) => self.hear_said(id, said),
            FromClient::Event(Event::Retry { client, run, layer, tasks }) if client == id => self.retry(id, run, layer, tasks),
            FromClient::Event(event) => match &event {
                Event::Hold { client, .. } | Event::Release { client, .. } if *client == id => self.handle(event),
                Event::Cancel { .. } | Event::Consumed { .. } | Event::ReadFailed { .. } => self.handle(event),
                _ => tracing::warn!(client = %id, ?event, "an event that no client sends was ignored"),
            },
        }
    }

    /// The work of a run that a client is about to submit.
    fn works(&mut self, client: ClientId, run: RunId) -> Option<&mut Works> {
        let works = self.runs.entry(run).or_insert_with(|| Works::new(client));
        (works.client == client && works.outline.is_none()).then_some(works)
    }

    fn submit(&mut self, client: ClientId, run: RunId, outline: Arc<Outline>, options: RunOptions) {
        let Some(works) = self.works(client, run) else {
            tracing::warn!(%client, %run, "a run was submitted twice");
            return;
        };
        if let Err(error) = works.check(&outline) {
            self.runs.remove(&run);
            return self.refuse(client, run, &outline, &error);
        }
        works.outline = Some(outline.clone());
        let tasks: u64 = outline.layers.iter().filter(|spec| spec.held.is_none()).map(|spec| u64::from(spec.selected.len())).sum();
        tracing::info!(run = run.0, %client, name = options.name.as_str(), layers = outline.layers.len(), tasks, "submitted");
        self.unfinished.insert(run, Updates::new());
        self.handle(Event::Submit { client, run, outline, options });
    }

    fn refuse(&mut self, client: ClientId, run: RunId, outline: &Outline, error: &Error) {
        let Some(client) = self.clients.get_mut(&client) else { return };
        for output in &outline.outputs {
            let failed = ToClient::Failed { run, layer: output.layer, tasks: output.tasks.clone(), error: error.clone() };
            client.out.push(ForClient::Sched(failed));
        }
        client.out.push(ForClient::Sched(ToClient::Finished { run, error: Some(error.clone()) }));
    }

    fn look_for_silence(&mut self) {
        let silent = |worker: &WorkerPeer| worker.heard.silence() > self.silence;
        let silent: Vec<WorkerId> = self.workers.iter().filter(|(_, worker)| silent(worker)).map(|(id, _)| *id).collect();
        let reason = format!("it was not heard for {} s", self.silence.as_secs_f64());
        silent.into_iter().for_each(|id| self.worker_leaves(id, reason.clone()));
    }

    fn tell_progress(&mut self) {
        // What workers say of a run that is finished comes late, and is told nevertheless.
        let late = self.reports.iter().filter(|(_, reports)| reports.has_news()).map(|(run, _)| *run);
        let runs: BTreeSet<RunId> = self.unfinished.keys().copied().chain(late).collect();
        runs.into_iter().for_each(|run| self.tell_progress_of(run));
    }

    /// Tells the client how far a run is, if that is something else than it heard last.
    fn tell_progress_of(&mut self, run: RunId) {
        let sched = &self.sched;
        let layers = sched.progress(run);
        // Of a run that was dropped as it ended nothing is known, and what was told last stays.
        if layers.is_empty() {
            return;
        }
        let tasks = self.reports.get_mut(&run).map(|reports| reports.update(|layer, task| sched.standing(run, layer, task)));
        let tasks = tasks.unwrap_or_default();
        let mut is_new = !tasks.is_empty();
        if let Some(told) = self.unfinished.get_mut(&run).filter(|told| **told != layers) {
            told.clone_from(&layers);
            is_new = true;
        }
        let client = self.runs.get(&run).and_then(|works| self.clients.get_mut(&works.client));
        if let Some(client) = client.filter(|_| is_new) {
            client.out.push(ForClient::Sched(ToClient::Progress { run, layers, tasks }));
        }
    }

    fn put_into_outboxes(&mut self) {
        for message in std::mem::take(&mut self.out) {
            match message {
                Message::Worker(id, message) => {
                    let Some(worker) = self.workers.get_mut(&id) else { continue };
                    match &message {
                        ToWorker::Run { slice, .. } => {
                            if let Some(works) = self.runs.get(&slice.run) {
                                log_slice(works, slice, &worker.info.name);
                                works.complete(slice, &mut worker.sent, &mut worker.out);
                            }
                        }
                        ToWorker::Forget { run } => worker.sent.forget(*run),
                        _ => {}
                    }
                    worker.out.push(ForWorker::Sched(message));
                }
                Message::Client(id, message) => {
                    if let ToClient::Finished { run, .. } = &message {
                        // What its tasks said last is told before the end.
                        if self.reports.contains_key(run) {
                            self.tell_progress_of(*run);
                        }
                        self.unfinished.remove(run);
                    }
                    if let Some(client) = self.clients.get_mut(&id) {
                        client.out.push(ForClient::Sched(message));
                    }
                }
                Message::RunDropped(run) => {
                    self.runs.remove(&run);
                    self.reports.remove(&run);
                    self.unfinished.remove(&run);
                }
            }
        }
    }

    /// Sends what stands in the outboxes. A peer whose stream has ended is taken out by its session.
    fn send(&mut self) {
        for worker in self.workers.values_mut().filter(|worker| !worker.out.is_empty()) {
            let _ = worker.tell.send(std::mem::take(&mut worker.out));
        }
        for client in self.clients.values_mut().filter(|client| !client.out.is_empty()) {
            let _ = client.tell.send(std::mem::take(&mut client.out));
        }
    }
}

/// A slice that is handed out, so that a log shows which tasks ran where and which of them again.
fn log_slice(works: &Works, slice: &Slice, worker: &str) {
    let Slice { run, layer, start, len, attempt } = *slice;
    let layer = works.layer_name(layer);
    tracing::debug!(target: "stratal::sched", run = run.0, layer, start, len, attempt = attempt.0, worker, "run");
}

/// The worker that says an event, for events that workers say.
fn speaker(event: &Event) -> Option<WorkerId> {
    match event {
        Event::Done { worker, .. }
        | Event::Failed { worker, .. }
        | Event::FetchFailed { worker, .. }
        | Event::Slots { worker, .. }
        | Event::Copied { worker, .. }
        | Event::Retracted { worker, .. } => Some(*worker),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
