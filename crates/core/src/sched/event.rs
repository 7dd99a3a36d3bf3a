//! What comes into the scheduler. Every change of its state is one of these, so that a log of events replays a run.

use crate::{
    Attempt, ClientId, Error, Index, LayerId, ResultId, RunId, WorkerId,
    graph::{Outline, Ranges},
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};

/// Tasks of one layer that run together, and which attempt at them this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Slice {
    /// The run.
    pub run: RunId,
    /// The layer.
    pub layer: LayerId,
    /// The first task.
    pub start: Index,
    /// The number of tasks.
    pub len: u32,
    /// All tasks of a slice are at the same attempt.
    pub attempt: Attempt,
}

/// What a worker brings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorkerInfo {
    /// Name, unique among living workers.
    pub name: String,
    /// Where its results can be fetched.
    pub address: String,
    /// Tasks that it runs at once.
    pub slots: u32,
    /// Bytes of results and reservations that it may hold; 0 for no limit.
    pub memory: u64,
    /// Named resources, in thousandths.
    pub resources: BTreeMap<String, u64>,
    /// The functions that it has by name, with the hashes of their signatures; none for whatever comes.
    pub functions: Option<BTreeMap<String, u64>>,
    /// What other crates serve beside its results, by name, with their versions.
    pub services: BTreeMap<String, String>,
}

/// What the submitter of a run asks for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RunOptions {
    /// Shown to users.
    pub name: String,
    /// Larger runs first.
    pub priority: i32,
    /// How many tasks stand above: 1 for a run submitted by a task, so that it goes before new tasks of its parent.
    pub depth: u32,
    /// The first output that fails cancels the rest. Without it, what does not depend on a failure still finishes.
    pub fail_fast: bool,
    /// Output tasks that may be done but not yet consumed; none for no limit.
    pub window: Option<u32>,
    /// How often a task is tried again where its layer does not say: a client puts in its `tasks.retries` where none.
    pub retries: Option<u32>,
}

impl RunOptions {
    /// How often a task is tried again where its layer does not say.
    pub(crate) fn retries(&self) -> u32 {
        self.retries.unwrap_or(3)
    }
}

/// What one finished task left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskStats {
    /// Bytes held for its result.
    pub bytes: u64,
    /// Rows written, over all channels.
    pub rows: u64,
}

/// Rows that a slice read over one edge, where it read to the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RowsRead {
    /// All rows of its part.
    All(u64),
    /// It stopped early, or does not count.
    Some,
}

/// Something that happened outside.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Event {
    /// A client hands in a graph. Its outputs are held for the client until released.
    Submit {
        /// The submitter.
        client: ClientId,
        /// The name of the run, new.
        run: RunId,
        /// The graph without its work.
        outline: Arc<Outline>,
        /// What is asked for.
        options: RunOptions,
    },
    /// A value that a client put on a worker becomes the only task of a layer that nothing can make again.
    Scattered {
        /// The owner.
        client: ClientId,
        /// The name of the run, new; the result is its layer 0, index 0.
        run: RunId,
        /// Where it is.
        worker: WorkerId,
        /// Its size.
        stats: TaskStats,
    },
    /// A worker joined.
    WorkerUp {
        /// Its name in this scheduler, never used before.
        worker: WorkerId,
        /// What it brings.
        info: WorkerInfo,
    },
    /// A worker is given up.
    WorkerGone {
        /// Which.
        worker: WorkerId,
        /// Why, for errors and logs.
        reason: String,
    },
    /// A slice is done and its results are published on the worker.
    Done {
        /// Who did it.
        worker: WorkerId,
        /// What.
        slice: Slice,
        /// One entry a task.
        stats: Vec<TaskStats>,
        /// One entry an input of the layer.
        read: Vec<RowsRead>,
        /// Time spent in it, in microseconds.
        busy_us: u64,
    },
    /// A slice failed. Its tasks ran in order: those in `done` are published, the next one failed, the rest did not run.
    /// A gang ([`Slicing::Whole`](crate::graph::Slicing)) fails as one.
    Failed {
        /// Where.
        worker: WorkerId,
        /// What.
        slice: Slice,
        /// What the tasks before the failed one left.
        done: Vec<TaskStats>,
        /// What happened, and whether to try again.
        error: Error,
    },
    /// A slice could not get an input.
    FetchFailed {
        /// Who asked.
        worker: WorkerId,
        /// For which slice.
        slice: Slice,
        /// What the tasks before the one that missed it left.
        done: Vec<TaskStats>,
        /// What was missing.
        result: ResultId,
        /// Which version of it.
        attempt: Attempt,
        /// Who should have had it.
        holder: WorkerId,
    },
    /// The slots that tasks of this worker may have are more or fewer than before.
    Slots {
        /// Where.
        worker: WorkerId,
        /// How many were given back by tasks that wait for other tasks, in all.
        lent: u32,
        /// How many work that is no task has taken, in all. One task runs at once even where these are all.
        leased: u32,
    },
    /// Slices that were asked back and had not started.
    Retracted {
        /// Who gave them back.
        worker: WorkerId,
        /// Which.
        slices: Vec<Slice>,
    },
    /// A client wants results to stay.
    Hold {
        /// Who.
        client: ClientId,
        /// The run.
        run: RunId,
        /// The layer.
        layer: LayerId,
        /// Which results.
        tasks: Ranges,
    },
    /// A client gives up one hold on each of these.
    Release {
        /// Who.
        client: ClientId,
        /// The run.
        run: RunId,
        /// The layer.
        layer: LayerId,
        /// Which results.
        tasks: Ranges,
    },
    /// A client has read results of a run with a window.
    Consumed {
        /// The run.
        run: RunId,
        /// How many more output tasks.
        tasks: u32,
    },
    /// A client found that a held result is not where it was said to be.
    ReadFailed {
        /// What was missing.
        result: ResultId,
        /// Which version of it.
        attempt: Attempt,
        /// Who should have had it.
        holder: WorkerId,
    },
    /// A worker has a copy of a result that another one holds.
    Copied {
        /// Who.
        worker: WorkerId,
        /// Of what.
        result: ResultId,
        /// Which version of it.
        attempt: Attempt,
    },
    /// A client gives up a run.
    Cancel {
        /// The run.
        run: RunId,
    },
    /// A client wants results that failed, or that it gave up, to be made after all.
    Retry {
        /// Who.
        client: ClientId,
        /// The run.
        run: RunId,
        /// The layer.
        layer: LayerId,
        /// Which results.
        tasks: Ranges,
    },
    /// A client is gone; its unfinished runs are cancelled and its holds released.
    ClientGone {
        /// Which.
        client: ClientId,
    },
}
