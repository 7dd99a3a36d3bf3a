//! What the scheduler tells a client: how its runs are, who the workers are. Ends when the stream does, and with it
//! every run that was waiting.

use crate::{
    flight::FlightFetch,
    wire::{ForClient, Inbox, Peer},
};
use parking_lot::{Condvar, Mutex};
use rustc_hash::FxHashMap;
use std::{
    collections::BTreeMap,
    sync::{Arc, Weak},
    time::{Duration, Instant},
};
use stratal_core::{
    Error, ErrorKind, Result, RunId, WorkerId,
    coordination::Asking,
    executor::RunHandle,
    program,
    runner::blocking,
    sched::{Counters, ToClient, WorkerInfo},
};
use tokio::sync::{Notify, oneshot};

/// What is known of the cluster.
pub(super) struct Session {
    address: String,
    fetch: Arc<FlightFetch>,
    asking: Arc<Asking>,
    state: Mutex<State>,
    /// Workers joined or left, or the stream has ended.
    changed: Condvar,
    /// The same, for who waits async.
    notified: Notify,
}

#[derive(Default)]
struct State {
    /// Runs that somebody may still look at.
    runs: FxHashMap<RunId, Weak<RunHandle>>,
    workers: BTreeMap<WorkerId, WorkerInfo>,
    questions: FxHashMap<u64, oneshot::Sender<Counters>>,
    asked: u64,
    /// Why the stream has ended.
    lost: Option<Error>,
}

impl Session {
    pub(super) fn new(address: &str, fetch: Arc<FlightFetch>, asking: Asking) -> Self {
        let (state, changed, notified) = (Mutex::default(), Condvar::new(), Notify::new());
        Session { address: address.to_owned(), fetch, asking: Arc::new(asking), state, changed, notified }
    }

    /// What is asked of the scheduler beside runs.
    pub(super) fn asking(&self) -> &Arc<Asking> {
        &self.asking
    }

    fn tell_of_change(&self) {
        self.changed.notify_all();
        self.notified.notify_waiters();
    }

    /// Takes in what the scheduler says, until the stream ends.
    pub(super) async fn listen(self: Arc<Self>, mut inbox: Inbox<ForClient>) {
        let why = loop {
            match inbox.next().await {
                Ok(Some(messages)) => messages.into_iter().for_each(|message| self.take(message)),
                Ok(None) => break "it was closed there".to_owned(),
                Err(error) => break error.message().to_owned(),
            }
        };
        self.lose(&why);
    }

    fn take(&self, message: ForClient) {
        match message {
            ForClient::Sched(message) => {
                let run = self.state.lock().runs.get(&message.run()).and_then(Weak::upgrade);
                if let Some(run) = run {
                    run.update(self.with_command(message));
                }
            }
            ForClient::Answer(number, answer) => self.asking.answer(number, answer),
            ForClient::Up(peer) => self.up(peer),
            ForClient::Gone(worker) => {
                self.fetch.gone(worker);
                self.state.lock().workers.remove(&worker);
                self.tell_of_change();
            }
            ForClient::Counters(number, counters) => {
                if let Some(tell) = self.state.lock().questions.remove(&number) {
                    // Whoever asked may have stopped waiting.
                    let _ = tell.send(counters);
                }
            }
        }
    }

    /// A worker joined.
    pub(super) fn up(&self, peer: Peer) {
        self.fetch.up(peer.clone());
        self.state.lock().workers.insert(peer.0, peer.1);
        self.tell_of_change();
    }

    /// The scheduler says that no worker has a function; this program has it, and what it is called is known here.
    fn with_command(&self, message: ToClient) -> ToClient {
        let helped = |error: Error| match error.kind() {
            ErrorKind::Unregistered if error.message().starts_with("no worker has the function") => {
                let start = format!("start workers with this program: {} worker {}", program::name(), self.address);
                error.with_help(match program::has_commands() {
                    true => start,
                    false => format!("let main go through stratal::cli::main_or, and {start}"),
                })
            }
            _ => error,
        };
        match message {
            ToClient::Failed { run, layer, tasks, error } => ToClient::Failed { run, layer, tasks, error: helped(error) },
            ToClient::Finished { run, error } => ToClient::Finished { run, error: error.map(helped) },
            message => message,
        }
    }

    fn lose(&self, why: &str) {
        let error = Error::new(ErrorKind::Io, format!("the stream to the scheduler at {} has ended: {why}", self.address))
            .with_help("start the scheduler and the workers again, and run the work once more: its results are gone");
        let mut state = self.state.lock();
        state.lost = Some(error.clone());
        state.workers.clear();
        // Their senders are dropped, which their receivers see.
        state.questions.clear();
        let runs: Vec<Arc<RunHandle>> = state.runs.drain().filter_map(|(_, run)| run.upgrade()).collect();
        drop(state);
        self.tell_of_change();
        self.asking.fail(&error);
        runs.iter().for_each(|run| run.fail(&error));
    }

    /// Why the stream has ended, if it has.
    pub(super) fn lost(&self) -> Option<Error> {
        self.state.lock().lost.clone()
    }

    /// Keeps a run informed, as long as somebody keeps it.
    pub(super) fn watch(&self, run: &Arc<RunHandle>) -> Result<()> {
        let mut state = self.state.lock();
        if let Some(error) = &state.lost {
            return Err(error.clone());
        }
        // Now and then, so that it costs nothing in the long run.
        if state.runs.len().is_power_of_two() {
            state.runs.retain(|_, run| run.strong_count() > 0);
        }
        state.runs.insert(run.id(), Arc::downgrade(run));
        Ok(())
    }

    /// Enters a question for the scheduler's counters and gives its number.
    pub(super) fn ask(&self, tell: oneshot::Sender<Counters>) -> Result<u64> {
        let mut state = self.state.lock();
        if let Some(error) = &state.lost {
            return Err(error.clone());
        }
        state.asked += 1;
        let number = state.asked;
        state.questions.insert(number, tell);
        Ok(number)
    }

    /// The living workers.
    pub(super) fn workers(&self) -> Vec<WorkerInfo> {
        self.state.lock().workers.values().cloned().collect()
    }

    /// Done as soon as there are so many workers.
    pub(super) async fn joined(&self, workers: usize) -> Result<()> {
        loop {
            let mut changed = std::pin::pin!(self.notified.notified());
            // Registered before the state is read, so that no change between the two is missed.
            changed.as_mut().enable();
            {
                let state = self.state.lock();
                if let Some(error) = &state.lost {
                    return Err(error.clone());
                }
                if state.workers.len() >= workers {
                    return Ok(());
                }
            }
            changed.await;
        }
    }

    pub(super) fn wait_for_workers(&self, n: usize, within: Duration) -> Result<()> {
        let deadline = Instant::now() + within;
        blocking(|| {
            let mut state = self.state.lock();
            loop {
                if let Some(error) = &state.lost {
                    return Err(error.clone());
                }
                let here = state.workers.len();
                if here >= n {
                    return Ok(());
                }
                if self.changed.wait_until(&mut state, deadline).timed_out() {
                    let message = format!("{here} of {n} workers have joined {} within {} s", self.address, within.as_secs_f64());
                    return Err(
                        Error::new(ErrorKind::Timeout, message).with_help(format!("start them with: stratal worker {}", self.address))
                    );
                }
            }
        })
    }
}
