//! Results that several workers have. One of them is the holder, whom everybody is told of; the others took copies, read
//! their own, and the first of them takes the holder's place when it is lost.

use super::{
    Sched,
    state::{State, TaskIx},
};
use crate::{Attempt, ResultId, WorkerId};

impl Sched {
    /// A worker took a copy of a result. One that nobody keeps any more is dropped again.
    pub(super) fn copied(&mut self, id: WorkerId, result: ResultId, attempt: Attempt) {
        if !self.workers.contains_key(&id) {
            return;
        }
        let known = self.find(result.run, result.layer).and_then(|ix| Some((ix, self.layer(ix).rank(result.index)?)));
        let kept = known.filter(|task| {
            let (layer, task) = (self.layer(task.0), self.task(*task));
            layer.alias.is_none() && task.state == State::Done && task.attempt == attempt.0
        });
        match kept {
            Some(task) if self.task(task).worker == id => {}
            Some(task) => {
                self.copies.entry(task).or_default().insert(id);
                self.run_mut(result.run).workers.insert(id);
                self.counters.copied += 1;
            }
            None => self.dirty.releases.entry((id, result.run, result.layer, attempt)).or_default().push(result.index),
        }
    }

    /// Whether a worker has a copy of a result.
    pub(super) fn has_copy(&self, task: TaskIx, id: WorkerId) -> bool {
        !self.copies.is_empty() && self.copies.get(&task).is_some_and(|copies| copies.contains(&id))
    }

    /// A result is dropped, and its copies with it.
    pub(super) fn drop_copies(&mut self, task: TaskIx) {
        if self.copies.is_empty() {
            return;
        }
        let Some(copies) = self.copies.remove(&task) else { return };
        let layer = self.layer(task.0);
        let (run, id, index, attempt) = (layer.run, layer.id, layer.index(task.1), Attempt(self.task(task).attempt));
        for worker in copies {
            self.dirty.releases.entry((worker, run, id, attempt)).or_default().push(index);
        }
    }

    /// A worker does not have its copy any more. Whether it was said to.
    pub(super) fn copy_gone(&mut self, task: TaskIx, id: WorkerId) -> bool {
        let Some(copies) = self.copies.get_mut(&task) else { return false };
        if !copies.remove(&id) {
            return false;
        }
        if copies.is_empty() {
            self.copies.remove(&task);
        }
        // It may have been told of its own.
        self.layer_mut(task.0).epoch += 1;
        true
    }

    /// A worker is gone, and its copies with it.
    pub(super) fn copies_gone(&mut self, id: WorkerId) {
        self.copies.retain(|_, copies| {
            copies.remove(&id);
            !copies.is_empty()
        });
    }

    /// The holder of a result does not have it any more: who has a copy is the holder now. Whether there is one.
    pub(super) fn promote(&mut self, task @ (ix, rank): TaskIx) -> bool {
        if self.task(task).state != State::Done {
            return false;
        }
        let Some(copies) = self.copies.get_mut(&task) else { return false };
        let Some(heir) = copies.pop_first() else { return false };
        if copies.is_empty() {
            self.copies.remove(&task);
        }
        let bytes = self.task(task).bytes();
        let was = std::mem::replace(&mut self.task_mut(task).worker, heir);
        if let Some(worker) = self.workers.get_mut(&was) {
            worker.held = worker.held.saturating_sub(bytes);
        }
        if let Some(worker) = self.workers.get_mut(&heir) {
            worker.held = worker.held.saturating_add(bytes);
        }
        self.layer_mut(ix).epoch += 1;
        // Clients read where they were told last.
        let aliases = self.layer(ix).watchers.of(rank, false).into_iter().filter(|alias| self.task(*alias).state == State::Done);
        let moved: Vec<TaskIx> = aliases.chain([task]).collect();
        for task in moved {
            let layer = self.layer(task.0);
            if layer.output && layer.held(task.1) > 0 {
                self.dirty.ready.push(task);
            }
        }
        true
    }
}
