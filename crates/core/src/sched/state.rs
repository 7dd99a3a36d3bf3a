//! What the scheduler remembers: runs, tasks, workers. Plain data; transitions stand in the neighbouring files.

use super::{
    event::{RunOptions, Slice, WorkerInfo},
    layer::Layer,
    message::Message,
};
use crate::{Attempt, ClientId, Error, Index, LayerId, ResultId, RunId, WorkerId, graph::Output};
use rustc_hash::{FxHashMap, FxHashSet};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

/// Where a layer stands in the scheduler's table, over all runs.
pub(super) type LayerIx = u32;
/// A task's position among the selected tasks of its layer.
pub(super) type Rank = u32;
/// A task.
pub(super) type TaskIx = (LayerIx, Rank);
/// Where a ready task is at home that may run anywhere.
pub(super) const NOWHERE: WorkerId = WorkerId(u32::MAX);

/// The life of a task.
///
/// ```text
///  Idle -> Waiting -> Ready -> Assigned -> Done -> Idle (dropped: nobody needs its result any more)
///             ^---------^---------'          '---> Waiting (its result was lost and is still needed)
///                                    any open state -> Failed, or Idle when nobody needs it any more
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Nobody needs it, and its result is not kept.
    Idle,
    /// Needed; some inputs over point edges are not there.
    Waiting,
    /// Needed; all inputs over point edges are there.
    Ready,
    /// A worker has it.
    Assigned,
    /// Its result is on a worker.
    Done,
    /// It will never be done; the layer has the error.
    Failed,
}

impl State {
    /// Needed and not finished.
    pub(super) fn is_open(self) -> bool {
        matches!(self, State::Waiting | State::Ready | State::Assigned)
    }
}

/// One task: 24 bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Task {
    pub(super) state: State,
    /// The binary logarithm of the bytes of its result, rounded up.
    pub(super) log_bytes: u8,
    /// Raised at every assignment.
    pub(super) attempt: u32,
    /// Who has it, where `state` is `Assigned` or `Done`; at whose home it stands, or `NOWHERE`, where it is `Ready`.
    pub(super) worker: WorkerId,
    /// Inputs over point edges that are not done, where `state` is `Waiting` or `Ready`.
    pub(super) missing: u32,
    /// Needed readers over point edges, and aliases, that have not read it yet.
    pub(super) refs: u32,
}

impl Task {
    pub(super) const NEW: Task = Task { state: State::Idle, log_bytes: 0, attempt: 0, worker: WorkerId(0), missing: 0, refs: 0 };

    /// About how many bytes its result holds.
    pub(super) fn bytes(&self) -> u64 {
        (1u64 << self.log_bytes) & !1
    }

    pub(super) fn set_bytes(&mut self, bytes: u64) {
        // One byte counts as two: the logarithm 0 is that of nothing.
        self.log_bytes = if bytes == 0 { 0 } else { (64 - (bytes.max(2) - 1).leading_zeros()).min(63) as u8 };
    }
}

/// A submitted graph.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) client: ClientId,
    pub(super) options: RunOptions,
    pub(super) layers: Vec<LayerIx>,
    pub(super) outputs: Vec<Output>,
    /// Tasks that are needed and not finished, over all layers.
    pub(super) open: u64,
    /// Whether the client was told that it is finished.
    pub(super) finished: bool,
    pub(super) error: Option<Error>,
    /// Slices that workers have not answered.
    pub(super) outstanding: u32,
    /// Holds of clients on its results.
    pub(super) holds: u64,
    /// Runs that have aliases of its layers.
    pub(super) lineage: u32,
    /// Runs whose layers its aliases mirror.
    pub(super) uses: Vec<RunId>,
    /// Layers that have something to hand out: by priority, then the deepest first.
    pub(super) pickable: BTreeSet<(Reverse<i32>, Reverse<u32>, LayerIx)>,
    /// Its place among the runs that have something to hand out; none while it has nothing.
    pub(super) place: Option<Place>,
    pub(super) seq: u64,
    /// Workers that were sent slices.
    pub(super) workers: BTreeSet<WorkerId>,
}

/// The order of runs: priority, its own and that of its first layer; then those submitted by tasks of others, the deepest
/// first and the newest among them, so that what was begun is ended; then fair share, then age.
pub(super) type Place = (Reverse<i32>, Reverse<u32>, u32, u64, RunId);

impl Run {
    pub(super) fn wanted_place(&self, id: RunId) -> Option<Place> {
        let (Reverse(first), ..) = self.pickable.first()?;
        let (priority, depth) = (self.options.priority.saturating_add(*first), self.options.depth);
        let (share, age) = if depth > 0 { (0, u64::MAX - self.seq) } else { (self.outstanding, self.seq) };
        Some((Reverse(priority), Reverse(depth), share, age, id))
    }

    /// The same order for the queue of a worker, and then the deepest layer first; in one number, of which each part ends
    /// at its largest.
    pub(super) fn order_of(&self, layer: &Layer) -> u64 {
        let priority = self.options.priority.saturating_add(layer.spec.needs.priority).clamp(-128, 127);
        let depth = self.options.depth.min(u8::MAX as u32) as u8;
        let age = if depth > 0 { !(self.seq as u32) } else { self.seq as u32 };
        let deepest = u16::MAX - layer.order.min(u16::MAX as u32) as u16;
        ((127 - priority) as u64) << 56 | ((u8::MAX - depth) as u64) << 48 | (age as u64) << 16 | deepest as u64
    }
}

/// How deep the run of a slice stands, by what [`Run::order_of`] put into its second byte.
pub(crate) fn depth_of(order: u64) -> u32 {
    u32::from(u8::MAX - (order >> 48) as u8)
}

/// A slice that a worker has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Given {
    /// The slots that it takes.
    pub(super) slots: u32,
    /// It was asked back in vain: it runs, or has its answer on the way.
    pub(super) begun: bool,
}

/// A worker.
#[derive(Debug)]
pub(super) struct Worker {
    pub(super) info: WorkerInfo,
    /// Slices that it has not answered.
    pub(super) slices: FxHashMap<Slice, Given>,
    /// The sum of their slots.
    pub(super) load: u32,
    /// Slots that blocked tasks gave back.
    pub(super) lent: u32,
    /// Slots that work has which is no task.
    pub(super) leased: u32,
    /// Bytes of results on it, by the tasks' own account.
    pub(super) held: u64,
    pub(super) resources: BTreeMap<String, u64>,
    /// The functions that it has, each in one number; none for whatever comes.
    pub(super) functions: Option<FxHashSet<u64>>,
    /// The suspect that it runs alone.
    pub(super) alone: Option<Slice>,
    /// The slice that it was asked to give back and has not answered for.
    pub(super) retracting: Option<Slice>,
}

impl Worker {
    /// Slots that may be handed out now, a few more than it can run at once so that it never waits for the network.
    pub(super) fn room(&self) -> u32 {
        if self.alone.is_some() && !self.is_idle() {
            return 0;
        }
        self.at_once().saturating_add(self.unleased().max(2)).saturating_sub(self.load)
    }

    /// Slots that leases leave to its tasks: one at least.
    fn unleased(&self) -> u32 {
        self.info.slots.saturating_sub(self.leased).max(1)
    }

    /// Slots of what it can run at once. A single task that takes more than leases leave runs where nothing else does.
    pub(super) fn at_once(&self) -> u32 {
        self.unleased().saturating_add(self.lent)
    }

    /// Slots of what it has and cannot run yet.
    pub(super) fn ahead(&self) -> u32 {
        if self.leased == 0 {
            return self.load.saturating_sub(self.at_once());
        }
        // What runs may have begun before the leases, and a single task may take more than they leave.
        let waiting: u32 = self.slices.values().filter(|given| !given.begun).map(|given| given.slots).sum();
        let heaviest = self.slices.values().map(|given| given.slots).max().unwrap_or(0);
        self.load.saturating_sub(self.at_once().max(heaviest.saturating_add(self.lent))).min(waiting)
    }

    /// Slots at work: leased ones count, those of tasks that wait do not.
    pub(super) fn at_work(&self) -> u32 {
        self.load.saturating_sub(self.lent).saturating_add(self.leased)
    }

    /// Whether no task runs there, but for those that wait for others. Leases do not count: who waited for their end might
    /// wait for ever.
    pub(super) fn is_idle(&self) -> bool {
        self.load <= self.lent
    }

    /// How much of what it can run at once is taken, in thousandths.
    pub(super) fn room_taken(&self) -> u32 {
        (self.load as u64 * 1000 / self.at_once().max(1) as u64) as u32
    }

    /// Whether it could start something at once.
    pub(super) fn is_starving(&self) -> bool {
        self.load < self.at_once()
    }
}

/// What went wrong with a task so far; kept only for the few with which something did.
#[derive(Clone, Debug, Default)]
pub(super) struct Trouble {
    /// Failures of its own.
    pub(super) failures: u32,
    /// Workers that died with it.
    pub(super) kills: u32,
    /// Inputs that were not where they were said to be.
    pub(super) fetches: u32,
    /// The worker it should keep away from.
    pub(super) avoid: Option<WorkerId>,
}

/// Everything that was touched by an event and is looked at when the event is handled.
#[derive(Debug, Default)]
pub(super) struct Dirty {
    /// Runs that may be finished or over.
    pub(super) runs: FxHashSet<RunId>,
    /// Layers that may have become pickable, or stopped being.
    pub(super) layers: FxHashSet<LayerIx>,
    /// Outputs that became ready.
    pub(super) ready: Vec<TaskIx>,
    /// Outputs that were lost.
    pub(super) lost: Vec<TaskIx>,
    /// Outputs that failed.
    pub(super) failed: Vec<TaskIx>,
    /// What clients are told of runs that they give up.
    pub(super) given_up: Vec<Message>,
    /// Results to be dropped: by worker, layer and attempt.
    pub(super) releases: BTreeMap<(WorkerId, RunId, LayerId, Attempt), Vec<Index>>,
    /// Slices that may have no wanted task any more.
    pub(super) cancels: BTreeSet<(WorkerId, LayerIx, Rank)>,
}

/// Where a result is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) result: ResultId,
    pub(super) attempt: Attempt,
    pub(super) worker: WorkerId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_power_of_two_of_bytes_counts_as_itself() {
        let counted = |bytes: u64| {
            let mut task = Task::NEW;
            task.set_bytes(bytes);
            task.bytes()
        };
        assert_eq!([0, 1, 2, 3, 4, 5, 1 << 40].map(counted), [0, 2, 2, 4, 4, 8, 1 << 40]);
        assert_eq!(counted(u64::MAX), 1 << 63);
    }
}
