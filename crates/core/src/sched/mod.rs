//! The scheduler: a pure state machine. [`Event`]s in, [`Message`]s out; no socket, clock, lock or thread.
//!
//! One process runs it behind channels, a cluster behind gRPC; tests drive it with random events and replay it from a log.
//!
//! # How it thinks
//! A task runs because somebody **needs** its result: a client that holds it, or a reader that is needed and not finished.
//! Everything follows from this: [`submit`](Event::Submit) needs the outputs and, through the edges, what they read; a
//! result that nobody needs any more is dropped; a lost one that is still needed is made again, and with it whatever of its
//! inputs is not there; an output that a client gives up takes along all that was made for it alone.
//!
//! Over **point** edges (one-to-one, tree, ranges, boxes, explicit) a task counts its unfinished inputs. Over **shared**
//! edges (all, channel) a whole layer waits for a whole layer, so that M x N edges cost M + N.
//!
//! # Files
//! `state`, `layer`, `ready`, `watchers` what is remembered; `submit` how a graph enters; `demand` who needs what; `settle`
//! done, failed, lost, `retry` what failed and is wanted after all; `answers` what workers say; `place` who runs what,
//! `suspects` what went wrong with workers before, `able` who could run it at all; `locate` where results are, `copies` who
//! else has them; `holds` leases of clients; `flush` what follows an event; `check` the invariants; `log` record and replay.

mod able;
mod answers;
mod check;
mod copies;
mod demand;
mod event;
mod flush;
mod holds;
mod layer;
mod locate;
mod log;
mod message;
mod place;
mod ready;
mod retry;
mod settle;
mod state;
mod submit;
mod suspects;
mod watchers;

pub use able::Lack;
pub use event::{Event, RowsRead, RunOptions, Slice, TaskStats, WorkerInfo};
pub use log::{Entry, Log, replay};
pub use message::{Located, Locations, Message, ToClient, ToWorker};
pub(crate) use state::depth_of;

use crate::{Attempt, ClientId, Index, LayerId, RunId, WorkerId, graph::Token};
use layer::Layer;
use rustc_hash::FxHashMap;
use state::{Dirty, LayerIx, Place, Run, State, TaskIx, Trouble, Worker};
use std::collections::{BTreeMap, BTreeSet};

/// Messages to be sent, in order.
pub type Outbox = Vec<Message>;

/// The scheduler's state.
#[derive(Default)]
pub struct Sched {
    runs: FxHashMap<RunId, Run>,
    /// A table with holes: a layer keeps its place for its life.
    layers: Vec<Option<Layer>>,
    free: Vec<LayerIx>,
    workers: BTreeMap<WorkerId, Worker>,
    /// For each client, the layers of which it holds tasks, or did.
    held_layers: BTreeMap<ClientId, BTreeSet<LayerIx>>,
    tokens: FxHashMap<Token, LayerIx>,
    /// Runs that have something to hand out.
    order: BTreeSet<Place>,
    trouble: FxHashMap<TaskIx, Trouble>,
    /// For each result that several workers have, those beside its holder; no set is empty.
    copies: FxHashMap<TaskIx, BTreeSet<WorkerId>>,
    /// Ready tasks with trouble, placed one by one.
    suspects: BTreeSet<TaskIx>,
    dirty: Dirty,
    runs_seen: u64,
    /// Slots of all workers.
    slots: u32,
    /// What was said that no worker has, since the last one joined.
    lacking_said: BTreeSet<String>,
    counters: Counters,
}

/// What happened since the start, over all runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Counters {
    /// Tasks handed to workers, every attempt counted.
    pub assigned: u64,
    /// Tasks done, every time counted.
    pub done: u64,
    /// Failed attempts.
    pub failed: u64,
    /// Results that were lost while they were needed.
    pub lost: u64,
    /// Layers whose work was found to be done or under way already.
    pub merged: u64,
    /// Copies that workers took of results.
    pub copied: u64,
}

impl Sched {
    /// A scheduler without workers.
    pub fn new() -> Self {
        Sched::default()
    }

    /// Takes one event in. What must be said at once is appended to `out`; tasks are handed out by
    /// [`schedule`](Self::schedule), once a batch of events.
    pub fn handle(&mut self, event: Event, out: &mut Outbox) {
        match event {
            Event::Submit { client, run, outline, options } => self.submit(client, run, &outline, options, out),
            Event::Scattered { client, run, worker, stats } => self.scattered(client, run, worker, stats, out),
            Event::WorkerUp { worker, info } => self.worker_up(worker, info),
            Event::WorkerGone { worker, reason } => self.worker_gone(worker, &reason),
            Event::Done { worker, slice, stats, read, busy_us } => self.on_done(worker, slice, &stats, &read, busy_us),
            Event::Failed { worker, slice, done, error } => self.on_failed(worker, slice, &done, error),
            Event::FetchFailed { worker, slice, done, result, attempt, holder } => {
                self.on_fetch_failed(worker, slice, &done, result, attempt, holder);
            }
            Event::Slots { worker, lent, leased } => {
                if let Some(worker) = self.workers.get_mut(&worker) {
                    (worker.lent, worker.leased) = (lent, leased);
                }
            }
            Event::Retracted { worker, slices } => self.on_retracted(worker, &slices),
            Event::Hold { client, run, layer, tasks } => self.hold(client, run, layer, &tasks),
            Event::Release { client, run, layer, tasks } => self.release(client, run, layer, &tasks),
            Event::Consumed { run, tasks } => self.consumed(run, tasks),
            Event::ReadFailed { result, attempt, holder } => self.on_read_failed(result, attempt, holder),
            Event::Copied { worker, result, attempt } => self.copied(worker, result, attempt),
            Event::Cancel { run } => self.cancel(run),
            Event::Retry { client, run, layer, tasks } => self.retry(client, run, layer, &tasks, out),
            Event::ClientGone { client } => self.client_gone(client),
        }
        self.flush(out);
    }

    /// What happened since the start.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// Name, tasks done and needed tasks of each layer of a run, for progress bars; aliases are left out.
    pub fn progress(&self, run: RunId) -> Vec<(LayerId, u32, u32)> {
        let layers = self.runs.get(&run).map(|run| &run.layers[..]).unwrap_or_default();
        let layers = layers.iter().map(|ix| self.layer(*ix)).filter(|layer| layer.alias.is_none());
        layers.map(|layer| (layer.id, layer.len() - layer.open, layer.len())).collect()
    }

    /// The attempt at a task that a worker has, or that has left its result, and whether it has; none while there is neither.
    pub fn standing(&self, run: RunId, layer: LayerId, index: Index) -> Option<(Attempt, bool)> {
        let layer = self.layer(self.find(run, layer)?);
        let task = layer.tasks.get(layer.rank(index)? as usize)?;
        matches!(task.state, State::Assigned | State::Done).then_some((Attempt(task.attempt), task.state == State::Done))
    }

    /// The number of runs that are remembered, and of their tasks.
    pub fn size(&self) -> (usize, u64) {
        (self.runs.len(), self.layers.iter().flatten().map(|layer| layer.len() as u64).sum())
    }

    /// The living workers.
    pub fn workers(&self) -> impl Iterator<Item = (WorkerId, &WorkerInfo)> {
        self.workers.iter().map(|(id, worker)| (*id, &worker.info))
    }

    fn layer(&self, ix: LayerIx) -> &Layer {
        self.layers[ix as usize].as_ref().expect("an index in use names a layer")
    }

    fn layer_mut(&mut self, ix: LayerIx) -> &mut Layer {
        self.layers[ix as usize].as_mut().expect("an index in use names a layer")
    }

    fn find(&self, run: RunId, layer: LayerId) -> Option<LayerIx> {
        self.runs.get(&run)?.layers.get(layer.0 as usize).copied()
    }
}
