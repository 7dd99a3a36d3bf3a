//! Tasks with which something went wrong: kept away from where it went wrong, and alone where too many workers died.

use super::{
    Outbox, Sched,
    state::{State, TaskIx},
};
use crate::WorkerId;

/// Deaths of workers after which a task runs alone, so that it takes no neighbours along and cannot be blamed for theirs.
const ALONE_AFTER: u32 = 2;

impl Sched {
    /// Places suspects one by one. Gives the worker that is drained for one of them, and is to get nothing else now.
    pub(super) fn place_suspects(&mut self, out: &mut Outbox) -> Option<WorkerId> {
        let mut drained = None;
        if self.suspects.is_empty() || !self.workers.values().any(|worker| worker.room() > 0) {
            return drained;
        }
        let suspects: Vec<TaskIx> = self.suspects.iter().copied().collect();
        for task @ (ix, rank) in suspects {
            let layer = self.layer(ix);
            if layer.blocked > 0 || rank >= layer.window_end {
                continue;
            }
            let alone = self.must_be_alone(task);
            let able = || self.workers.keys().copied().filter(|id| self.may_run(layer, *id));
            let avoid = self.trouble.get(&task).and_then(|trouble| trouble.avoid).filter(|avoid| able().any(|id| id != *avoid));
            let fits = |id: &WorkerId| Some(*id) != avoid && Some(*id) != drained && self.workers[id].room() > 0;
            let idle = |id: &WorkerId| !alone || self.workers[id].is_idle();
            let at_work = |id: &WorkerId| self.workers[id].at_work();
            let Some(id) = able().filter(fits).filter(idle).min_by_key(at_work) else {
                if alone && drained.is_none() {
                    drained = able().filter(fits).min_by_key(at_work);
                }
                continue;
            };
            self.unready(task, State::Assigned);
            let slice = self.assign(id, ix, &[rank], out);
            if alone {
                self.workers.get_mut(&id).expect("chosen among the living").alone = Some(slice);
            }
        }
        drained
    }

    /// Whether the next death of a worker would be the task's fault, as far as can be told.
    fn must_be_alone(&self, task: TaskIx) -> bool {
        let kills = self.trouble.get(&task).map_or(0, |trouble| trouble.kills);
        kills > 0 && kills >= self.retries(task.0).min(ALONE_AFTER)
    }
}
