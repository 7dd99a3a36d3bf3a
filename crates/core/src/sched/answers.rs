//! What workers say: joined, gone, done, failed, could not fetch, gave back.
//!
//! An answer counts for a task only if the task is assigned to that worker at that attempt. The slots of a slice are
//! freed by its one answer, whatever became of its tasks meanwhile.

use super::{
    Sched,
    demand::{Step, Steps},
    event::{RowsRead, Slice, TaskStats, WorkerInfo},
    layer::Layer,
    state::{LayerIx, NOWHERE, Rank, State, TaskIx, Worker},
};
use crate::{
    Attempt, Error, ErrorKind, ResultId, Retry, WorkerId,
    graph::{EdgeMap, Repeat},
};

/// How often a task may miss an input before that is held against it.
const FETCH_FAILURES: u32 = 16;

impl Sched {
    pub(super) fn worker_up(&mut self, id: WorkerId, info: WorkerInfo) {
        let (resources, functions, slices) = (info.resources.clone(), info.known_functions(), Default::default());
        let worker = Worker { info, slices, load: 0, lent: 0, leased: 0, held: 0, resources, functions, alone: None, retracting: None };
        self.workers.insert(id, worker);
        self.lacking_said.clear();
        self.layers.iter_mut().flatten().for_each(|layer| layer.unregistered = None);
        self.count_slots();
    }

    fn count_slots(&mut self) {
        self.slots = self.workers.values().fold(0, |sum, worker| sum.saturating_add(worker.info.slots));
    }

    pub(super) fn worker_gone(&mut self, id: WorkerId, reason: &str) {
        let Some(worker) = self.workers.remove(&id) else { return };
        self.count_slots();
        let mut steps = Steps::new();
        let mut theirs = Vec::new();
        for (ix, layer) in self.layers.iter_mut().enumerate().filter_map(|(ix, layer)| Some((ix as LayerIx, layer.as_mut()?))) {
            layer.told.remove(&id);
            for rank in layer.local.remove(&id).into_iter().flatten() {
                layer.tasks[rank as usize].worker = NOWHERE;
                layer.ready.insert(rank);
            }
            if layer.open > 0 && worker.info.is_able(&layer.spec.needs) {
                theirs.push(ix);
            }
        }
        self.warn_of_lacking(theirs);
        // In the order of their names, so that a replay does the same.
        let mut slices: Vec<Slice> = worker.slices.keys().copied().collect();
        slices.sort_unstable();
        for slice in slices {
            self.run_mut(slice.run).outstanding -= 1;
            self.dirty.runs.insert(slice.run);
            for task in self.assigned(id, slice) {
                self.died_with(task, &worker.info.name, reason, &mut steps);
            }
        }
        let lost: Vec<TaskIx> = self
            .layers
            .iter()
            .enumerate()
            .filter_map(|(ix, layer)| Some((ix as LayerIx, layer.as_ref().filter(|layer| layer.alias.is_none())?)))
            .flat_map(|(ix, layer)| {
                let there = layer.tasks.iter().enumerate().filter(|(_, task)| task.state == State::Done && task.worker == id);
                there.map(move |(rank, _)| (ix, rank as Rank))
            })
            .collect();
        self.copies_gone(id);
        self.take_steps(steps);
        for task in lost {
            if !self.promote(task) {
                self.lost(task, reason);
            }
        }
    }

    /// A task was on a worker that is gone. Who was there at too many deaths is blamed; until then it is tried alone.
    fn died_with(&mut self, task @ (ix, rank): TaskIx, worker: &str, reason: &str, steps: &mut Steps) {
        let retries = self.retries(ix);
        let layer = self.layer(ix);
        let (name, index, repeat) = (layer.spec.name.clone(), layer.index(rank), layer.spec.repeat);
        let trouble = self.trouble.entry(task).or_default();
        trouble.kills += 1;
        let kills = trouble.kills;
        if repeat == Repeat::Commit {
            let error = Error::new(ErrorKind::WorkerLost, format!("{worker} was lost while {name}[{index}] was under way: {reason}"))
                .with_help("its effect may or may not have happened; look before you run it again");
            steps.push(Step::Fail(task, error.on_worker(worker)));
        } else if kills > retries {
            let error = Error::new(
                ErrorKind::WorkerLost,
                format!("task {name}[{index}] was on {kills} workers when they were lost, the last {worker}: {reason}"),
            )
            .with_help("it may kill its workers: look for what it takes of memory, and try that input alone with Client::synchronous()");
            steps.push(Step::Fail(task, error.on_worker(worker).in_task(&name, index)));
        } else {
            self.wait_again(task, steps);
        }
    }

    pub(super) fn retries(&self, ix: LayerIx) -> u32 {
        let layer = self.layer(ix);
        layer.spec.needs.retries.unwrap_or_else(|| self.runs[&layer.run].options.retries())
    }

    /// Takes a slice off its worker. Nothing, if the worker does not have it.
    fn answered(&mut self, id: WorkerId, slice: Slice) -> Option<()> {
        let worker = self.workers.get_mut(&id)?;
        worker.load -= worker.slices.remove(&slice)?.slots;
        worker.alone = worker.alone.filter(|alone| *alone != slice);
        let layer = self.find(slice.run, slice.layer);
        if let Some(spec) = layer.map(|ix| self.layer(ix).spec.clone()) {
            let worker = self.workers.get_mut(&id)?;
            for (name, amount) in &spec.needs.resources {
                *worker.resources.entry(name.clone()).or_default() += amount;
            }
        }
        let run = self.run_mut(slice.run);
        run.outstanding -= 1;
        let run = slice.run;
        self.dirty.runs.insert(run);
        Some(())
    }

    /// The selected tasks of a slice, by rank.
    fn ranks_of(&self, slice: Slice) -> Option<(LayerIx, std::ops::Range<Rank>)> {
        let ix = self.find(slice.run, slice.layer)?;
        let selected = &self.layer(ix).spec.selected;
        let first = selected.rank(slice.start)?;
        let last = selected.rank(slice.start + slice.len - 1)?;
        Some((ix, first..last + 1))
    }

    /// The tasks of a slice that are still assigned to the worker at the slice's attempt.
    fn assigned(&self, id: WorkerId, slice: Slice) -> Vec<TaskIx> {
        let Some((ix, ranks)) = self.ranks_of(slice) else { return Vec::new() };
        ranks.map(|rank| (ix, rank)).filter(|task| self.is_assigned(*task, id, slice.attempt)).collect()
    }

    pub(super) fn is_assigned(&self, task: TaskIx, id: WorkerId, attempt: Attempt) -> bool {
        let task = self.task(task);
        task.state == State::Assigned && task.worker == id && task.attempt == attempt.0
    }

    /// The first tasks of a slice are done. Results that are no longer wanted are dropped again.
    fn first_are_done(&mut self, id: WorkerId, slice: Slice, stats: &[TaskStats], steps: &mut Steps) {
        let Some((ix, ranks)) = self.ranks_of(slice) else { return };
        for (rank, stats) in ranks.zip(stats) {
            if self.is_assigned((ix, rank), id, slice.attempt) {
                self.finish((ix, rank), id, *stats, steps);
            } else {
                let index = self.layer(ix).index(rank);
                self.dirty.releases.entry((id, slice.run, slice.layer, slice.attempt)).or_default().push(index);
            }
        }
    }

    pub(super) fn on_done(&mut self, id: WorkerId, slice: Slice, stats: &[TaskStats], read: &[RowsRead], busy_us: u64) {
        if self.answered(id, slice).is_none() {
            return;
        }
        let tasks = self.ranks_of(slice).map_or(0, |(_, ranks)| ranks.len());
        if stats.len() < tasks {
            let error = Error::internal(format!("its worker says that it is done and answers for {} of {tasks} tasks", stats.len()));
            return self.partly_done(id, slice, stats, error);
        }
        let mut steps = Steps::new();
        if let Some(ix) = self.find(slice.run, slice.layer) {
            let layer = self.layer_mut(ix);
            let each = busy_us as f32 / stats.len().max(1) as f32;
            layer.task_us = if layer.task_us == 0.0 { each } else { layer.task_us * 0.8 + each * 0.2 };
            for (sum, read) in layer.rows_read.iter_mut().zip(read) {
                *sum = match (*sum, read) {
                    (Some(sum), RowsRead::All(rows)) => Some(sum.saturating_add(*rows)),
                    _ => None,
                };
            }
        }
        match self.rows_disagree(slice, stats.len() as u32) {
            None => self.first_are_done(id, slice, stats, &mut steps),
            Some(message) => {
                let error = Error::internal(message);
                steps.extend(self.assigned(id, slice).into_iter().map(|task| Step::Fail(task, error.clone())));
            }
        }
        self.take_steps(steps);
    }

    /// When the last tasks of a layer are done, and it and its sources ran once and to the end, the rows it read over its
    /// channels must be the rows that were written.
    fn rows_disagree(&self, slice: Slice, last: u32) -> Option<String> {
        let layer = self.layer(self.find(slice.run, slice.layer)?);
        let once = |layer: &Layer, ran: u32| !layer.ran_again && ran == layer.spec.tasks;
        if layer.open != last || !once(layer, layer.ran + last) {
            return None;
        }
        layer.spec.inputs.iter().zip(&layer.inputs).zip(&layer.rows_read).find_map(|((input, from), read)| {
            let source = self.layer(*from);
            let (written, read) = (source.rows_written, (*read)?);
            let counts = input.map == EdgeMap::Channel && once(source, source.ran);
            (counts && written != read).then(|| format!("{} wrote {written} rows and {} read {read}", source.spec.name, layer.spec.name))
        })
    }

    pub(super) fn on_failed(&mut self, id: WorkerId, slice: Slice, done: &[TaskStats], error: Error) {
        if self.answered(id, slice).is_some() {
            self.partly_done(id, slice, done, error);
        }
    }

    /// The first tasks of an answered slice are done, the next one failed, and the rest did not run.
    fn partly_done(&mut self, id: WorkerId, slice: Slice, done: &[TaskStats], error: Error) {
        let mut steps = Steps::new();
        self.first_are_done(id, slice, done, &mut steps);
        let Some((ix, ranks)) = self.ranks_of(slice) else { return self.take_steps(steps) };
        self.layer_mut(ix).ran_again = true;
        let name = self.workers.get(&id).map(|worker| worker.info.name.clone()).unwrap_or_default();
        let gang = self.layer(ix).is_gang();
        for (nth, task) in ranks.map(|rank| (ix, rank)).enumerate().skip(done.len()) {
            if !self.is_assigned(task, id, slice.attempt) {
                continue;
            }
            let blamed = nth == done.len() || gang;
            if !blamed || error.kind() == ErrorKind::Cancelled {
                self.wait_again(task, &mut steps);
                continue;
            }
            self.counters.failed += 1;
            let retries = self.retries(ix);
            let trouble = self.trouble.entry(task).or_default();
            trouble.failures += 1;
            trouble.avoid = Some(id);
            let failures = trouble.failures;
            if error.retry() == Retry::Never || failures > retries {
                let error = error.clone().on_worker(&name).after_tries(failures);
                steps.push(Step::Fail(task, error));
            } else {
                self.wait_again(task, &mut steps);
            }
        }
        self.take_steps(steps);
    }

    pub(super) fn on_fetch_failed(
        &mut self,
        id: WorkerId,
        slice: Slice,
        done: &[TaskStats],
        result: ResultId,
        attempt: Attempt,
        holder: WorkerId,
    ) {
        if self.answered(id, slice).is_none() {
            return;
        }
        let mut steps = Steps::new();
        self.first_are_done(id, slice, done, &mut steps);
        self.take_steps(steps);
        self.on_read_failed(result, attempt, holder);
        let mut steps = Steps::new();
        for task in self.assigned(id, slice) {
            self.layer_mut(task.0).ran_again = true;
            let trouble = self.trouble.entry(task).or_default();
            trouble.fetches += 1;
            if trouble.fetches > FETCH_FAILURES {
                let error =
                    Error::new(ErrorKind::WorkerLost, format!("result {result} could not be read from {holder} {FETCH_FAILURES} times"))
                        .with_help("look at the network between the workers and at the log of the one named");
                steps.push(Step::Fail(task, error));
            } else {
                self.wait_again(task, &mut steps);
            }
        }
        self.take_steps(steps);
    }

    /// A result was not where it was said to be. It counts as lost if it is still said to be there.
    pub(super) fn on_read_failed(&mut self, result: ResultId, attempt: Attempt, holder: WorkerId) {
        let Some(ix) = self.find(result.run, result.layer) else { return };
        let Some(rank) = self.layer(ix).rank(result.index) else { return };
        let task = self.task((ix, rank));
        if task.state != State::Done || task.attempt != attempt.0 {
            return;
        }
        let is_holder = task.worker == holder;
        if !self.copy_gone((ix, rank), holder) && is_holder && !self.promote((ix, rank)) {
            self.lost((ix, rank), "it could not be read from its worker");
        }
    }

    pub(super) fn on_retracted(&mut self, id: WorkerId, slices: &[Slice]) {
        let mut steps = Steps::new();
        for slice in slices {
            if self.answered(id, *slice).is_some() {
                for task in self.assigned(id, *slice) {
                    self.wait_again(task, &mut steps);
                    // Whoever starves takes it, not the worker that gave it back.
                    if self.task(task).state == State::Ready {
                        self.unhome(task);
                    }
                }
            }
        }
        // What was asked for and not given is not asked for again.
        if let Some(worker) = self.workers.get_mut(&id)
            && let Some(asked) = worker.retracting.take()
            && let Some(given) = worker.slices.get_mut(&asked)
        {
            given.begun = true;
        }
        self.take_steps(steps);
    }
}
