//! Who needs what: tasks become needed, ready, and dropped when nobody needs them any more.
//!
//! All transitions are [`Step`]s on one worklist, so that a chain of 10^5 tasks needs no deep stack.

use super::{
    Sched,
    state::{LayerIx, NOWHERE, Rank, State, TaskIx},
};
use crate::{Error, ErrorKind, WorkerId, graph::Repeat};
use smallvec::SmallVec;

/// One transition to be made, if it still applies when its turn comes.
#[derive(Debug)]
pub(super) enum Step {
    /// Somebody needs the task.
    Need(TaskIx),
    /// Somebody stopped needing it; perhaps nobody does now.
    Drop(TaskIx),
    /// The root of an alias is done.
    Mirror(TaskIx),
    /// It will never be done.
    Fail(TaskIx, Error),
}

/// A worklist of transitions.
pub(super) type Steps = Vec<Step>;

impl Sched {
    pub(super) fn take_steps(&mut self, mut steps: Steps) {
        while let Some(step) = steps.pop() {
            match step {
                Step::Need(task) => self.need(task, &mut steps),
                Step::Drop(task) => self.drop_unneeded(task, &mut steps),
                Step::Mirror(task) => self.mirror_done(task, &mut steps),
                Step::Fail(task, error) => self.fail(task, error, &mut steps),
            }
        }
    }

    /// What a task reads over point edges, and the root behind a task of an alias; once for each time it is read.
    pub(super) fn sources((ix, rank): TaskIx, sched: &Sched) -> SmallVec<[TaskIx; 2]> {
        let layer = sched.layer(ix);
        let mut sources: SmallVec<[TaskIx; 2]> = layer.root(rank).into_iter().collect();
        let mut index = None;
        for (input, from) in layer.spec.inputs.iter().zip(&layer.inputs) {
            if input.map.is_shared() {
                continue;
            }
            let source = sched.layer(*from);
            let index = *index.get_or_insert_with(|| layer.index(rank));
            input.map.visit_sources(index, input.sources, &mut |range| {
                sources.extend(range.map(|index| (*from, source.rank(index).expect("what a selected task reads is selected"))));
            });
        }
        sources
    }

    /// The layers that a layer reads over shared edges.
    pub(super) fn shared_inputs(&self, ix: LayerIx) -> SmallVec<[LayerIx; 2]> {
        let layer = self.layer(ix);
        layer.spec.inputs.iter().zip(&layer.inputs).filter(|(input, _)| input.map.is_shared()).map(|(_, from)| *from).collect()
    }

    /// The layers that read a layer over shared edges.
    pub(super) fn shared_readers(&self, ix: LayerIx) -> SmallVec<[LayerIx; 4]> {
        self.layer(ix).readers.iter().filter(|reader| reader.dependents.is_none()).map(|reader| reader.layer).collect()
    }

    fn need(&mut self, task @ (ix, rank): TaskIx, steps: &mut Steps) {
        // The one who needed it may be gone by now.
        if self.task(task).state != State::Idle || !self.layer(ix).is_needed(rank) {
            return;
        }
        let (opened, run) = {
            let layer = self.layer_mut(ix);
            layer.tasks[rank as usize].state = State::Waiting;
            layer.open += 1;
            (layer.open == 1, layer.run)
        };
        self.run_mut(run).open += 1;
        let layer = self.layer(ix);
        match layer.errors.values().next().filter(|_| layer.is_gang()) {
            // The gang has lost a member and will never run.
            Some(error) => steps.push(Step::Fail(task, error.clone())),
            // The first member needs the others.
            None if opened => steps.extend(layer.gang_of(rank).map(|rank| Step::Need((ix, rank)))),
            None => {}
        }
        if let Some(error) = &layer.unregistered {
            steps.push(Step::Fail(task, error.clone()));
        }
        if layer.spec.repeat == Repeat::Commit && layer.tasks[rank as usize].attempt > 0 {
            let name = format!("{}[{}]", layer.spec.name, layer.index(rank));
            let error = Error::new(ErrorKind::WorkerLost, format!("{name} ran before, its result was dropped, and it may not run again"))
                .with_help("hold the result of what has an effect for as long as something that reads it may be made again");
            steps.push(Step::Fail(task, error));
        }
        let shared = self.shared_inputs(ix);
        for from in &shared {
            if opened {
                self.layer_mut(*from).shared_demand += 1;
            }
            let source = self.layer(*from);
            if let Some(error) = source.errors.values().next() {
                steps.push(Step::Fail(task, error.clone()));
            } else if opened && !source.is_full() {
                let idle = (0..source.len()).rev().filter(|rank| source.tasks[*rank as usize].state == State::Idle);
                steps.extend(idle.map(|rank| Step::Need((*from, rank))));
            }
        }
        let sources = Sched::sources(task, self);
        let mut missing = 0;
        for source in sources.iter().rev() {
            self.layer_mut(source.0).add_ref(source.1);
            match self.task(*source).state {
                State::Done => continue,
                State::Failed => steps.push(Step::Fail(task, self.error_of(*source))),
                State::Idle => steps.push(Step::Need(*source)),
                _ => {}
            }
            missing += 1;
        }
        self.task_mut(task).missing = missing;
        if missing == 0 {
            self.inputs_are_there(task, steps);
        }
    }

    /// A waiting task has all its inputs over point edges.
    pub(super) fn inputs_are_there(&mut self, task: TaskIx, steps: &mut Steps) {
        if self.layer(task.0).alias.is_some() {
            steps.push(Step::Mirror(task));
        } else {
            self.make_ready(task);
        }
    }

    fn make_ready(&mut self, task @ (ix, rank): TaskIx) {
        let suspect = !self.trouble.is_empty() && self.trouble.contains_key(&task);
        let home = if suspect || self.workers.len() < 2 { None } else { self.home(task) };
        let layer = self.layer_mut(ix);
        layer.tasks[rank as usize].state = State::Ready;
        layer.tasks[rank as usize].worker = home.unwrap_or(NOWHERE);
        layer.ready_count += 1;
        match home {
            Some(worker) => {
                layer.local.entry(worker).or_default().insert(rank);
            }
            None if suspect && !layer.is_gang() => {
                self.suspects.insert(task);
            }
            None => layer.ready.insert(rank),
        }
        self.dirty.layers.insert(ix);
    }

    /// The worker that has the first input of a task; none where several have it.
    fn home(&self, task: TaskIx) -> Option<WorkerId> {
        let source = *Sched::sources(task, self).first()?;
        let root = self.layer(source.0).root(source.1).unwrap_or(source);
        if self.copies.contains_key(&root) {
            return None;
        }
        let worker = self.task(root).worker;
        self.workers.contains_key(&worker).then_some(worker)
    }

    /// Takes a ready task out of wherever it stands.
    pub(super) fn unready(&mut self, task @ (ix, rank): TaskIx, to: State) {
        let layer = self.layer_mut(ix);
        layer.tasks[rank as usize].state = to;
        layer.ready_count -= 1;
        if !layer.leave_home(rank) && !layer.ready.remove(rank) {
            self.suspects.remove(&task);
        }
        self.dirty.layers.insert(ix);
    }

    /// A task stops being open, for whatever reason: its layer may close, and its inputs lose a reader.
    pub(super) fn leave_open(&mut self, task @ (ix, _): TaskIx, keeps_inputs: bool, steps: &mut Steps) {
        let (closed, run) = {
            let layer = self.layer_mut(ix);
            layer.open -= 1;
            (layer.open == 0, layer.run)
        };
        self.dirty.layers.insert(ix);
        let open = {
            let run = self.run_mut(run);
            run.open -= 1;
            run.open
        };
        if open == 0 {
            self.dirty.runs.insert(run);
        }
        if closed {
            for from in self.shared_inputs(ix) {
                let source = self.layer_mut(from);
                source.shared_demand -= 1;
                if source.shared_demand == 0 {
                    let alive = (0..source.len()).filter(|rank| !matches!(source.tasks[*rank as usize].state, State::Idle | State::Failed));
                    steps.extend(alive.map(|rank| Step::Drop((from, rank))));
                }
            }
        }
        if !keeps_inputs {
            for source in Sched::sources(task, self) {
                if self.layer_mut(source.0).drop_ref(source.1) {
                    steps.push(Step::Drop(source));
                }
            }
        }
    }

    fn drop_unneeded(&mut self, task @ (ix, rank): TaskIx, steps: &mut Steps) {
        // What is idle was dropped, and its gang with it.
        if self.task(task).state == State::Idle || self.layer(ix).is_needed(rank) {
            return;
        }
        for rank in self.layer(ix).gang_of(rank) {
            self.make_idle((ix, rank), steps);
        }
        self.make_idle(task, steps);
    }

    fn make_idle(&mut self, task @ (ix, rank): TaskIx, steps: &mut Steps) {
        match self.task(task).state {
            State::Idle | State::Failed => {}
            State::Waiting => {
                self.task_mut(task).state = State::Idle;
                self.leave_open(task, false, steps);
            }
            State::Ready => {
                self.unready(task, State::Idle);
                self.leave_open(task, false, steps);
            }
            State::Assigned => {
                let worker = self.task(task).worker;
                self.task_mut(task).state = State::Idle;
                self.dirty.cancels.insert((worker, ix, rank));
                self.leave_open(task, false, steps);
            }
            State::Done => {
                self.undone(task, State::Idle);
                match self.layer(ix).root(rank) {
                    Some(root) => {
                        self.layer_mut(root.0).drop_ref(root.1);
                        steps.push(Step::Drop(root));
                    }
                    None => self.release_result(task),
                }
            }
        }
    }

    /// A done task stops being done. Its worker is without its result, and readers over shared edges see that the layer
    /// is no longer whole.
    pub(super) fn undone(&mut self, (ix, rank): TaskIx, to: State) {
        self.drop_copies((ix, rank));
        let layer = self.layers[ix as usize].as_mut().expect("an index in use names a layer");
        let was_full = layer.is_full();
        let was = layer.tasks[rank as usize];
        if layer.alias.is_none()
            && let Some(worker) = self.workers.get_mut(&was.worker)
        {
            worker.held = worker.held.saturating_sub(was.bytes());
        }
        layer.tasks[rank as usize].state = to;
        layer.done -= 1;
        layer.epoch += 1;
        if was_full {
            self.block_shared_readers(ix);
        }
    }

    fn block_shared_readers(&mut self, ix: LayerIx) {
        for reader in self.shared_readers(ix) {
            self.layer_mut(reader).blocked += 1;
            self.dirty.layers.insert(reader);
        }
    }

    /// Tells the worker of a task that was done to drop its result.
    pub(super) fn release_result(&mut self, task @ (ix, rank): TaskIx) {
        let layer = self.layer(ix);
        let index = layer.index(rank);
        let was = *self.task(task);
        let key = (was.worker, layer.run, layer.id, crate::Attempt(was.attempt));
        self.dirty.releases.entry(key).or_default().push(index);
    }

    /// The readers of a task over point edges, once for each time they read it.
    pub(super) fn dependents(&self, (ix, rank): TaskIx) -> SmallVec<[TaskIx; 2]> {
        let layer = self.layer(ix);
        let mut dependents = SmallVec::new();
        let mut index = None;
        for reader in &layer.readers {
            let Some(inverse) = &reader.dependents else { continue };
            let reading = self.layer(reader.layer);
            inverse.visit(*index.get_or_insert_with(|| layer.index(rank)), &mut |index| {
                dependents.extend(reading.rank(index).map(|rank: Rank| (reader.layer, rank)));
            });
        }
        dependents
    }

    pub(super) fn task(&self, (ix, rank): TaskIx) -> &super::state::Task {
        &self.layer(ix).tasks[rank as usize]
    }

    pub(super) fn task_mut(&mut self, (ix, rank): TaskIx) -> &mut super::state::Task {
        &mut self.layer_mut(ix).tasks[rank as usize]
    }

    pub(super) fn run_mut(&mut self, run: crate::RunId) -> &mut super::state::Run {
        self.runs.get_mut(&run).expect("a layer's run is remembered")
    }

    pub(super) fn error_of(&self, (ix, rank): TaskIx) -> Error {
        self.layer(ix).errors.get(&rank).cloned().unwrap_or_else(|| Error::internal("a task failed without an error"))
    }
}
