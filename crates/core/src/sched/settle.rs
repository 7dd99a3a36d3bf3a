//! Tasks that are done, failed, or lost after they were done.

use super::{
    Sched,
    demand::{Step, Steps},
    event::TaskStats,
    state::{State, TaskIx},
};
use crate::{Error, ErrorKind, WorkerId, graph::Repeat};

impl Sched {
    /// A worker finished a task that it was assigned.
    pub(super) fn finish(&mut self, task: TaskIx, worker: WorkerId, stats: TaskStats, steps: &mut Steps) {
        self.takes_bytes(task, worker, stats.bytes);
        self.counters.done += 1;
        let layer = self.layer_mut(task.0);
        layer.rows_written = layer.rows_written.saturating_add(stats.rows);
        layer.ran += 1;
        self.trouble.remove(&task);
        self.done(task, false, steps);
    }

    /// The result of a task is on a worker and takes so many bytes there.
    pub(super) fn takes_bytes(&mut self, task: TaskIx, worker: WorkerId, bytes: u64) {
        self.task_mut(task).set_bytes(bytes);
        let bytes = self.task(task).bytes();
        if let Some(worker) = self.workers.get_mut(&worker) {
            worker.held = worker.held.saturating_add(bytes);
        }
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
            for reader in self.shared_readers(ix) {
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
        for alias in self.layer(ix).watchers.of(rank, false) {
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
            Sched::sources(task, self).into_iter().for_each(|source| self.layer_mut(source.0).add_ref(source.1));
            self.unsettle_readers(task);
            self.reopen_aliases(task);
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
    pub(super) fn lose(&mut self, task: TaskIx, steps: &mut Steps) {
        self.undone(task, State::Idle);
        self.layer_mut(task.0).ran_again = true;
        self.unsettle_readers(task);
        self.reopen_aliases(task);
        steps.push(Step::Need(task));
    }

    /// The aliases of a result that is gone keep their hold on the root, and wait for it again.
    fn reopen_aliases(&mut self, (ix, rank): TaskIx) {
        for alias in self.layer(ix).watchers.of(rank, false) {
            if self.task(alias).state == State::Done {
                self.undone(alias, State::Waiting);
                self.task_mut(alias).missing = 1;
                self.reopen(alias);
                self.unsettle_readers(alias);
            }
        }
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
        let layer = self.layer_mut(ix);
        let first = layer.errors.is_empty();
        layer.errors.insert(rank, error.clone());
        if let Some(token) = layer.spec.token
            && self.tokens.get(&token) == Some(&ix)
        {
            self.tokens.remove(&token);
        }
        let mut fail_waiting = |sched: &Sched, task: TaskIx| {
            if matches!(sched.task(task).state, State::Waiting | State::Ready) {
                steps.push(Step::Fail(task, error.clone()));
            }
        };
        for reader in self.dependents(task).into_iter().chain(self.layer(ix).watchers.of(rank, false)) {
            fail_waiting(self, reader);
        }
        if first {
            // Those that open later look for errors themselves.
            for reader in self.shared_readers(ix) {
                (0..self.layer(reader).len()).for_each(|rank| fail_waiting(self, (reader, rank)));
            }
            steps.extend(self.layer(ix).gang_of(rank).map(|rank| Step::Fail((ix, rank), error.clone())));
        }
        if self.layer(ix).held(rank) > 0 {
            self.dirty.failed.push(task);
            self.fails_run(task, error, steps);
        }
    }

    /// A run whose own client holds what failed fails with it.
    fn fails_run(&mut self, (ix, rank): TaskIx, error: Error, steps: &mut Steps) {
        let layer = self.layer(ix);
        let (id, run) = (layer.run, &self.runs[&layer.run]);
        if run.error.is_none() && layer.held_by(run.client, rank) > 0 {
            let fail_fast = run.options.fail_fast;
            self.run_mut(id).error = Some(error.clone());
            if fail_fast {
                self.give_up(id, &error, steps);
            }
        }
    }
}
