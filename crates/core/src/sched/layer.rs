//! A layer of a run as the scheduler remembers it, and the counts that must change together.

use super::{
    ready::ReadySet,
    state::{LayerIx, NOWHERE, Rank, Task, TaskIx},
    watchers::{AliasRange, Watchers},
};
use crate::{
    ClientId, Error, Index, LayerId, RunId, WorkerId,
    graph::{Dependents, LayerSpec, Ranges, Slicing},
};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// A layer that reads another.
#[derive(Debug)]
pub(super) struct Reader {
    pub(super) layer: LayerIx,
    /// Who reads what, over a point edge; none over a shared one.
    pub(super) dependents: Option<Dependents>,
}

/// A layer of a run.
#[derive(Debug)]
pub(super) struct Layer {
    pub(super) run: RunId,
    pub(super) id: LayerId,
    pub(super) spec: Arc<LayerSpec>,
    /// The functions that its worker must have, each in one number.
    pub(super) functions: SmallVec<[u64; 1]>,
    /// Why nothing of it can run: no worker had its functions and services when it was handed in, or retried, and none has joined since.
    pub(super) unregistered: Option<Error>,
    pub(super) tasks: Vec<Task>,
    /// For each input, the layer it reads.
    pub(super) inputs: Vec<LayerIx>,
    pub(super) readers: Vec<Reader>,
    /// Whose results these are, where nothing runs.
    pub(super) alias: Option<Vec<AliasRange>>,
    pub(super) watchers: Watchers,
    /// Tasks that are done.
    pub(super) done: u32,
    /// Tasks that are needed and not finished.
    pub(super) open: u32,
    /// Tasks that are ready, wherever they stand.
    pub(super) ready_count: u32,
    /// Ready tasks that may run anywhere.
    pub(super) ready: ReadySet,
    /// Ready tasks whose input is on a worker; no set is empty.
    pub(super) local: BTreeMap<WorkerId, BTreeSet<Rank>>,
    /// Inputs over shared edges that are not all done.
    pub(super) blocked: u32,
    /// Shared out-edges whose reader has open tasks.
    pub(super) shared_demand: u32,
    /// Holds of clients on each task: of each client, and of all together. Empty where nobody ever held any.
    pub(super) holders: BTreeMap<ClientId, Vec<u32>>,
    pub(super) holds: Vec<u32>,
    /// Tasks that are held or have needed readers over point edges.
    pub(super) wanted: u32,
    /// Whether clients ever held some of the tasks.
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

    /// Those of some tasks that are selected.
    pub(super) fn ranks(&self, tasks: &Ranges) -> Vec<Rank> {
        tasks.intersect(&self.spec.selected).iter().filter_map(|index| self.rank(index)).collect()
    }

    pub(super) fn held(&self, rank: Rank) -> u32 {
        self.holds.get(rank as usize).copied().unwrap_or(0)
    }

    pub(super) fn held_by(&self, client: ClientId, rank: Rank) -> u32 {
        self.holders.get(&client).map_or(0, |own| own[rank as usize])
    }

    /// One more hold of a client on a task.
    pub(super) fn hold(&mut self, client: ClientId, rank: Rank) {
        let n = self.tasks.len();
        self.holders.entry(client).or_insert_with(|| vec![0; n])[rank as usize] += 1;
        self.holds.resize(n, 0);
        self.recounting(rank, |layer| layer.holds[rank as usize] += 1);
    }

    /// Takes holds of a client from a task: of those it has, as many as `which` says. Gives how many these were.
    pub(super) fn unhold(&mut self, client: ClientId, rank: Rank, which: impl Fn(u32) -> u32) -> u32 {
        let Some(own) = self.holders.get_mut(&client).map(|own| &mut own[rank as usize]) else { return 0 };
        let fewer = which(*own);
        *own -= fewer;
        self.recounting(rank, |layer| layer.holds[rank as usize] -= fewer);
        fewer
    }

    /// One more needed reader of a task over a point edge.
    pub(super) fn add_ref(&mut self, rank: Rank) {
        self.recounting(rank, |layer| layer.tasks[rank as usize].refs += 1);
    }

    /// One reader less. Whether it was the last.
    pub(super) fn drop_ref(&mut self, rank: Rank) -> bool {
        self.recounting(rank, |layer| layer.tasks[rank as usize].refs -= 1);
        self.tasks[rank as usize].refs == 0
    }

    fn recounting(&mut self, rank: Rank, change: impl FnOnce(&mut Self)) {
        let before = self.is_wanted(rank);
        change(self);
        self.wanted = self.wanted + self.is_wanted(rank) as u32 - before as u32;
    }

    pub(super) fn is_wanted(&self, rank: Rank) -> bool {
        self.tasks[rank as usize].refs > 0 || self.held(rank) > 0
    }

    /// Whether somebody needs the task's result. A gang is needed as a whole, since it runs as a whole.
    pub(super) fn is_needed(&self, rank: Rank) -> bool {
        self.shared_demand > 0 || if self.is_gang() { self.wanted > 0 } else { self.is_wanted(rank) }
    }

    /// Whether somebody else than this client needs the task's result.
    pub(super) fn is_needed_but_for(&self, client: ClientId, rank: Rank) -> bool {
        let by_others = |rank: Rank| self.tasks[rank as usize].refs > 0 || self.held(rank) > self.held_by(client, rank);
        self.shared_demand > 0 || if self.is_gang() { (0..self.len()).any(by_others) } else { by_others(rank) }
    }

    /// Takes a ready task out of the home where it stands. False if it is at home nowhere.
    pub(super) fn leave_home(&mut self, rank: Rank) -> bool {
        let home = std::mem::replace(&mut self.tasks[rank as usize].worker, NOWHERE);
        let Some(set) = self.local.get_mut(&home) else { return false };
        let there = set.remove(&rank);
        if set.is_empty() {
            self.local.remove(&home);
        }
        there
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
