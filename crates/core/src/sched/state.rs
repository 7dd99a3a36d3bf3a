//! What the scheduler remembers: runs, layers, tasks, workers. Plain data; transitions stand in the neighbouring files.

use super::{
    event::{RunOptions, Slice, WorkerInfo},
    ready::ReadySet,
};
use crate::{
    Attempt, ClientId, Error, Index, LayerId, ResultId, RunId, WorkerId,
    graph::{Dependents, LayerSpec, Output, Slicing},
};
use rustc_hash::{FxHashMap, FxHashSet};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Where a layer stands in the scheduler's table, over all runs.
pub(super) type LayerIx = u32;
/// A task's position among the selected tasks of its layer.
pub(super) type Rank = u32;
/// A task.
pub(super) type TaskIx = (LayerIx, Rank);

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
    /// Who has it, where `state` is `Assigned` or `Done`.
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
        1u64.checked_shl(self.log_bytes as u32).unwrap_or(0) & !1
    }
}

/// A layer that reads another.
#[derive(Debug)]
pub(super) struct Reader {
    pub(super) layer: LayerIx,
    /// Who reads what, over a point edge; none over a shared one.
    pub(super) dependents: Option<Dependents>,
}

/// Consecutive tasks of an alias and whose results they are.
#[derive(Clone, Copy, Debug)]
pub(super) struct AliasRange {
    pub(super) start: Rank,
    pub(super) len: u32,
    pub(super) root: LayerIx,
    pub(super) root_start: Rank,
}

/// An alias that mirrors some tasks of a layer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Watcher {
    pub(super) alias: LayerIx,
    pub(super) range: AliasRange,
    /// The alias was asked for by name (a future as an argument), not found by its token: a cancel reaches it.
    pub(super) explicit: bool,
}

/// A layer of a run.
#[derive(Debug)]
pub(super) struct Layer {
    pub(super) run: RunId,
    pub(super) id: LayerId,
    pub(super) spec: Arc<LayerSpec>,
    pub(super) tasks: Vec<Task>,
    /// For each input, the layer it reads.
    pub(super) inputs: Vec<LayerIx>,
    pub(super) readers: Vec<Reader>,
    /// Whose results these are, where nothing runs.
    pub(super) alias: Option<Vec<AliasRange>>,
    pub(super) watchers: Vec<Watcher>,
    /// Tasks that are done.
    pub(super) done: u32,
    /// Tasks that are needed and not finished.
    pub(super) open: u32,
    /// Tasks that are ready, wherever they stand.
    pub(super) ready_count: u32,
    /// Ready tasks that may run anywhere.
    pub(super) ready: ReadySet,
    /// Ready tasks whose input is on a worker.
    pub(super) local: BTreeMap<WorkerId, BTreeSet<Rank>>,
    /// Inputs over shared edges that are not all done.
    pub(super) blocked: u32,
    /// Shared out-edges whose reader has open tasks.
    pub(super) shared_demand: u32,
    /// Holds of clients on each task; empty where nobody holds any.
    pub(super) holds: Vec<u32>,
    /// Which of the tasks are outputs of the run.
    pub(super) output: bool,
    /// For an output with a window: ranks below may start.
    pub(super) window_end: u32,
    /// Its depth: among the layers of a run the deepest goes first.
    pub(super) order: u32,
    /// Running mean of the time of a task, in microseconds.
    pub(super) task_us: f32,
    /// Raised when a result moves; `told` has the last epoch each worker was told.
    pub(super) epoch: u32,
    pub(super) told: FxHashMap<WorkerId, u32>,
    pub(super) errors: FxHashMap<Rank, Error>,
    /// Rows written, and rows read over each input: compared when the layer and its sources ran once and to the end.
    pub(super) rows_written: u64,
    pub(super) rows_read: Vec<Option<u64>>,
    /// Tasks that were done, every time counted.
    pub(super) ran: u32,
    pub(super) ran_again: bool,
}

impl Layer {
    pub(super) fn len(&self) -> u32 {
        self.tasks.len() as u32
    }

    pub(super) fn index(&self, rank: Rank) -> Index {
        self.spec.selected.nth(rank).expect("a rank is below the number of selected tasks")
    }

    pub(super) fn rank(&self, index: Index) -> Option<Rank> {
        self.spec.selected.rank(index)
    }

    pub(super) fn held(&self, rank: Rank) -> u32 {
        self.holds.get(rank as usize).copied().unwrap_or(0)
    }

    /// Whether somebody needs the task's result. A gang is needed as a whole, since it runs as a whole.
    pub(super) fn is_needed(&self, rank: Rank) -> bool {
        let alone = |rank: Rank| self.tasks[rank as usize].refs > 0 || self.held(rank) > 0;
        self.shared_demand > 0 || alone(rank) || (self.is_gang() && (0..self.len()).any(alone))
    }

    pub(super) fn is_gang(&self) -> bool {
        self.spec.slicing == Slicing::Whole
    }

    /// The other tasks of a gang.
    pub(super) fn gang_of(&self, rank: Rank) -> impl Iterator<Item = Rank> + use<> {
        let all = if self.is_gang() { self.len() } else { 0 };
        (0..all).filter(move |other| *other != rank)
    }

    pub(super) fn is_full(&self) -> bool {
        self.done == self.len()
    }

    /// The root task behind a task of an alias.
    pub(super) fn root(&self, rank: Rank) -> Option<TaskIx> {
        let ranges = self.alias.as_ref()?;
        let range = ranges.get(ranges.partition_point(|range| range.start + range.len <= rank))?;
        Some((range.root, range.root_start + (rank - range.start)))
    }

    /// Whether a slice of it could be handed out.
    pub(super) fn is_pickable(&self) -> bool {
        self.blocked == 0 && self.ready_count > 0 && (!self.is_gang() || self.ready_count == self.open)
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
    /// Layers that have something to hand out, deepest first.
    pub(super) pickable: BTreeSet<(Reverse<u32>, LayerIx)>,
    /// Its place among the runs that have something to hand out; none while it has nothing.
    pub(super) place: Option<Place>,
    pub(super) seq: u64,
    /// Workers that were sent slices.
    pub(super) workers: BTreeSet<WorkerId>,
}

/// The order of runs: priority, then those submitted by tasks of others, then fair share, then age.
pub(super) type Place = (Reverse<i32>, Reverse<u32>, u32, u64, RunId);

impl Run {
    pub(super) fn wanted_place(&self, id: RunId) -> Option<Place> {
        let options = &self.options;
        (!self.pickable.is_empty()).then_some((Reverse(options.priority), Reverse(options.depth), self.outstanding, self.seq, id))
    }
}

/// A worker.
#[derive(Debug)]
pub(super) struct Worker {
    pub(super) info: WorkerInfo,
    /// Slices that it has not answered, with the slots they take.
    pub(super) slices: FxHashMap<Slice, u32>,
    /// The sum of these slots.
    pub(super) load: u32,
    /// Slots that blocked tasks gave back.
    pub(super) lent: u32,
    /// Bytes of results on it, by the tasks' own account.
    pub(super) held: u64,
    pub(super) resources: BTreeMap<String, u64>,
    /// It runs a suspect alone and takes nothing else.
    pub(super) exclusive: bool,
    /// It was asked to give slices back and has not answered.
    pub(super) retracting: bool,
}

impl Worker {
    /// Slots that may be handed out now, a few more than it can run at once so that it never waits for the network.
    pub(super) fn room(&self) -> u32 {
        if self.exclusive {
            return 0;
        }
        (self.info.slots + self.lent + self.info.slots.max(2)).saturating_sub(self.load)
    }

    /// How much of what it can run at once is taken, in thousandths.
    pub(super) fn room_taken(&self) -> u32 {
        self.load * 1000 / (self.info.slots + self.lent).max(1)
    }

    /// Whether it could start something at once.
    pub(super) fn is_starving(&self) -> bool {
        self.load < self.info.slots + self.lent
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
