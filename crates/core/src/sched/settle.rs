//! Tasks that are done, failed, or lost after they were done.

use super::{
    Sched,
    demand::{Step, Steps},
    event::TaskStats,
    state::{LayerIx, State, TaskIx},
};
use crate::{Error, ErrorKind, WorkerId, graph::Repeat};
use smallvec::SmallVec;

impl Sched {
    /// A worker finished a task that it was assigned.
    pub(super) fn finish(&mut self, task: TaskIx, worker: WorkerId, stats: TaskStats, steps: &mut Steps) {
        self.set_bytes(task, stats.bytes);
        if let Some(worker) = self.workers.get_mut(&worker) {
            worker.held += self.layers[task.0 as usize].as_ref().map_or(0, |layer| layer.tasks[task.1 as usize].bytes());
        }
        self.counters.done += 1;
        self.layer_mut(task.0).rows_written += stats.rows;
        self.layer_mut(task.0).ran += 1;
        self.trouble.remove(&task);
        self.done(task, false, steps);
    }

    pub(super) fn set_bytes(&mut self, task: TaskIx, bytes: u64) {
        self.task_mut(task).log_bytes = (64 - bytes.leading_zeros()) as u8;
    }

    /// The root of an alias's task is done, and so is the task.
    pub(super) fn mirror_done(&mut self, task: TaskIx, steps: &mut Steps) {
        let root = self.layer(task.0).root(task.1);
        if self.task(task).state == State::Waiting && root.is_some_and(|root| self.task(root).state == State::Done) {
            self.done(task, true, steps);
        }
    }

    /// An open task is done. An alias keeps its hold on its root, whose result is its own.
    fn done(&mut self, task @ (ix, rank): TaskIx, alias: bool, steps: &mut Steps) {
        let (full, output) = {
            let layer = self.layer_mut(ix);
            layer.tasks[rank as usize].state = State::Done;
            layer.tasks[rank as usize].missing = 0;
            layer.done += 1;
            layer.epoch += 1;
            (layer.is_full(), layer.output && layer.held(rank) > 0)
        };
        self.leave_open(task, alias, steps);
        if full {
            let readers: SmallVec<[LayerIx; 4]> =
                self.layer(ix).readers.iter().filter(|reader| reader.dependents.is_none()).map(|reader| reader.layer).collect();
            for reader in readers {
                self.layer_mut(reader).blocked -= 1;
                self.dirty.layers.insert(reader);
            }
        }
        for reader in self.dependents(task) {
            let waiting = self.task_mut(reader);
            if waiting.state == State::Waiting {
                waiting.missing -= 1;
                if waiting.missing == 0 {
                    self.inputs_are_there(reader, steps);
                }
            }
        }
        for alias in self.watching(task) {
            let waiting = self.task_mut(alias);
            if waiting.state == State::Waiting {
                waiting.missing = 0;
                steps.push(Step::Mirror(alias));
            }
        }
        if output {
            self.dirty.ready.push(task);
        }
        steps.push(Step::Drop(task));
    }

    /// The tasks of aliases that mirror a task.
    fn watching(&self, (ix, rank): TaskIx) -> SmallVec<[TaskIx; 2]> {
        let covering = |range: &super::state::AliasRange| range.root_start <= rank && rank - range.root_start < range.len;
        let watchers = self.layer(ix).watchers.iter().filter(|watcher| covering(&watcher.range));
        watchers.map(|watcher| (watcher.alias, watcher.range.start + (rank - watcher.range.root_start))).collect()
    }

    /// The result of a done task is not where it was. If somebody needs it, it is made again.
    pub(super) fn lost(&mut self, task: TaskIx, reason: &str) {
        if self.task(task).state != State::Done {
            return;
        }
        let mut steps = Steps::new();
        self.counters.lost += 1;
        let layer = self.layer(task.0);
        if matches!(layer.spec.repeat, Repeat::Varies | Repeat::Commit) {
            let name = format!("{}[{}]", layer.spec.name, layer.index(task.1));
            let error = Error::new(ErrorKind::WorkerLost, format!("the result of {name} was lost and cannot be made again: {reason}"))
                .with_help("persist or write what cannot be repeated, or run the whole work again");
            self.undone(task, State::Waiting);
            self.reopen(task);
            Sched::sources(task, self).into_iter().for_each(|source| self.task_mut(source).refs += 1);
            self.unsettle_readers(task);
            steps.push(Step::Fail(task, error));
            return self.take_steps(steps);
        }
        self.lose(task, &mut steps);
        if self.layer(task.0).is_gang() {
            // A gang shares state, so that a part of it made anew may not go with the rest of the old.
            let rest = (0..self.layer(task.0).len()).map(|rank| (task.0, rank));
            for task in rest.filter(|task| self.task(*task).state == State::Done).collect::<Vec<_>>() {
                self.release_result(task);
                self.lose(task, &mut steps);
            }
        }
        self.take_steps(steps);
    }

    /// A done task, and the aliases that mirror it, wait for its result again.
    fn lose(&mut self, task: TaskIx, steps: &mut Steps) {
        self.undone(task, State::Idle);
        self.layer_mut(task.0).ran_again = true;
        self.unsettle_readers(task);
        for alias in self.watching(task) {
            if self.task(alias).state == State::Done {
                // It keeps its hold on the root, and waits for it again.
                self.undone(alias, State::Waiting);
                self.task_mut(alias).missing = 1;
                self.reopen(alias);
                self.unsettle_readers(alias);
            }
        }
        steps.push(Step::Need(task));
    }

    /// Counts a task as open again that became waiting without having been idle.
    fn reopen(&mut self, (ix, _): TaskIx) {
        let layer = self.layer_mut(ix);
        layer.open += 1;
        let (opened, run) = (layer.open == 1, layer.run);
        self.run_mut(run).open += 1;
        if opened {
            // Aliases and failing tasks alone come here: the first have no inputs, the second leave at once.
            for from in self.shared_inputs(ix) {
                self.layer_mut(from).shared_demand += 1;
            }
        }
    }

    /// Waiting and ready readers of a result that is gone wait for it again. Assigned ones go on: they have it, or will
    /// say that they could not get it.
    fn unsettle_readers(&mut self, task: TaskIx) {
        for reader in self.dependents(task) {
            match self.task(reader).state {
                State::Ready => {
                    self.unready(reader, State::Waiting);
                    self.task_mut(reader).missing = 1;
                }
                State::Waiting => self.task_mut(reader).missing += 1,
                _ => {}
            }
        }
        let layer = self.layer(task.0);
        if layer.output && layer.held(task.1) > 0 {
            self.dirty.lost.push(task);
        }
    }

    /// An assigned task goes back among those that wait.
    pub(super) fn wait_again(&mut self, task @ (ix, _): TaskIx, steps: &mut Steps) {
        let shared_error = self.shared_inputs(ix).into_iter().find_map(|from| self.layer(from).errors.values().next().cloned());
        if let Some(error) = shared_error {
            return steps.push(Step::Fail(task, error));
        }
        let mut missing = 0;
        for source in Sched::sources(task, self) {
            match self.task(source).state {
                State::Done => {}
                State::Failed => return steps.push(Step::Fail(task, self.error_of(source))),
                _ => missing += 1,
            }
        }
        let again = self.task_mut(task);
        again.state = State::Waiting;
        again.missing = missing;
        if missing == 0 {
            self.inputs_are_there(task, steps);
        }
    }

    pub(super) fn fail(&mut self, task @ (ix, rank): TaskIx, error: Error, steps: &mut Steps) {
        let state = self.task(task).state;
        if !state.is_open() {
            return;
        }
        match state {
            State::Ready => self.unready(task, State::Failed),
            State::Assigned => {
                let worker = self.task(task).worker;
                self.dirty.cancels.insert((worker, ix, rank));
            }
            _ => {}
        }
        self.task_mut(task).state = State::Failed;
        self.trouble.remove(&task);
        self.leave_open(task, false, steps);
        steps.extend(self.layer(ix).gang_of(rank).map(|rank| Step::Fail((ix, rank), error.clone())));
        let (run, token, output) = {
            let layer = self.layer_mut(ix);
            layer.errors.insert(rank, error.clone());
            (layer.run, layer.spec.token, layer.output && layer.held(rank) > 0)
        };
        if let Some(token) = token
            && self.tokens.get(&token) == Some(&ix)
        {
            self.tokens.remove(&token);
        }
        let mut fail_waiting = |sched: &Sched, task: TaskIx| {
            if matches!(sched.task(task).state, State::Waiting | State::Ready) {
                steps.push(Step::Fail(task, error.clone()));
            }
        };
        for reader in self.dependents(task).into_iter().chain(self.watching(task)) {
            fail_waiting(self, reader);
        }
        let shared: SmallVec<[LayerIx; 4]> =
            self.layer(ix).readers.iter().filter(|reader| reader.dependents.is_none()).map(|reader| reader.layer).collect();
        for reader in shared {
            (0..self.layer(reader).len()).for_each(|rank| fail_waiting(self, (reader, rank)));
        }
        if output {
            self.dirty.failed.push(task);
            let run = self.run_mut(run);
            let first = run.error.is_none();
            run.error.get_or_insert_with(|| error.clone());
            if first && run.options.fail_fast {
                let outputs: Vec<LayerIx> = run.outputs.iter().map(|output| run.layers[output.layer.0 as usize]).collect();
                for ix in outputs {
                    let open = (0..self.layer(ix).len()).filter(|rank| self.task((ix, *rank)).state.is_open());
                    steps.extend(open.map(|rank| Step::Fail((ix, rank), error.clone())).collect::<Vec<_>>());
                }
            }
        }
    }
}
