//! The invariants, recomputed from scratch. For tests and for hunting bugs; never needed for running.

use super::{
    Sched, Slice,
    layer::Layer,
    state::{LayerIx, NOWHERE, Rank, State, Task},
};
use crate::{RunId, WorkerId, graph::Slicing};
use rustc_hash::FxHashMap;
use std::fmt::{Debug, Display};

type Checked = Result<(), String>;

/// What is counted from scratch over all tasks.
#[derive(Default)]
struct Counted {
    refs: FxHashMap<(LayerIx, Rank), u32>,
    demand: FxHashMap<LayerIx, u32>,
    open: FxHashMap<RunId, u64>,
    holds: FxHashMap<RunId, u64>,
    held: FxHashMap<WorkerId, u64>,
}

impl Sched {
    /// Recomputes every counter from the tasks' states and compares.
    ///
    /// # Errors
    /// The first invariant that does not hold, in words.
    pub fn sanity_check(&self) -> Checked {
        let counted = self.counted();
        for (ix, layer) in self.live() {
            self.check_layer(ix, layer, &counted)?;
            for (rank, task) in (0..).zip(&layer.tasks) {
                self.check_task((ix, rank), layer, task, &counted)?;
            }
        }
        self.check_runs(&counted)?;
        self.check_copies()?;
        self.check_workers(&counted)
    }

    fn live(&self) -> impl Iterator<Item = (LayerIx, &Layer)> {
        self.layers.iter().enumerate().filter_map(|(ix, layer)| Some((ix as LayerIx, layer.as_ref()?)))
    }

    fn counted(&self) -> Counted {
        let mut counted = Counted::default();
        for (ix, layer) in self.live() {
            for (rank, task) in (0..).zip(&layer.tasks) {
                let keeps_root = layer.alias.is_some() && task.state == State::Done;
                if task.state.is_open() || keeps_root {
                    Sched::sources((ix, rank), self).into_iter().for_each(|source| *counted.refs.entry(source).or_default() += 1);
                }
                if layer.alias.is_none() && task.state == State::Done {
                    *counted.held.entry(task.worker).or_default() += task.bytes();
                }
            }
            if layer.open > 0 {
                self.shared_inputs(ix).into_iter().for_each(|from| *counted.demand.entry(from).or_default() += 1);
            }
            *counted.open.entry(layer.run).or_default() += layer.open as u64;
            *counted.holds.entry(layer.run).or_default() += layer.holds.iter().map(|holds| *holds as u64).sum::<u64>();
        }
        counted
    }

    fn check_layer(&self, ix: LayerIx, layer: &Layer, counted: &Counted) -> Checked {
        let name = name_of(layer);
        let count = |wanted: fn(State) -> bool| layer.tasks.iter().filter(|task| wanted(task.state)).count() as u32;
        same(&name, "open", layer.open, count(State::is_open))?;
        same(&name, "done", layer.done, count(|state| state == State::Done))?;
        same(&name, "ready_count", layer.ready_count, count(|state| state == State::Ready))?;
        same(&name, "wanted", layer.wanted, (0..layer.len()).filter(|rank| layer.is_wanted(*rank)).count() as u32)?;
        same(&name, "shared_demand", layer.shared_demand, counted.demand.get(&ix).copied().unwrap_or(0))?;
        let blocked = self.shared_inputs(ix).into_iter().filter(|from| !self.layer(*from).is_full()).count() as u32;
        same(&name, "blocked", layer.blocked, blocked)?;
        let suspects = self.suspects.iter().filter(|(of, _)| *of == ix).count() as u32;
        let standing = layer.ready.len() + layer.local.values().map(|home| home.len() as u32).sum::<u32>() + suspects;
        same(&name, "the ready sets", standing, layer.ready_count)?;
        let homes = layer.local.iter().filter(|(id, home)| self.workers.contains_key(id) && !home.is_empty()).count();
        same(&name, "homes", layer.local.len(), homes)?;
        let of_run = self.runs[&layer.run].pickable.iter().any(|(.., of)| *of == ix);
        let firsts = layer.ready.first().into_iter().chain(layer.local.values().filter_map(|home| home.first().copied()));
        same(&name, "pickable", of_run, layer.is_pickable() && firsts.min().is_some_and(|first| first < layer.window_end))
    }

    fn check_task(&self, task_ix @ (ix, rank): (LayerIx, Rank), layer: &Layer, task: &Task, counted: &Counted) -> Checked {
        let name = format!("{} {rank}", name_of(layer));
        same(&name, "refs", task.refs, counted.refs.get(&task_ix).copied().unwrap_or(0))?;
        same(&name, "holds", layer.held(rank), layer.holders.values().map(|own| own[rank as usize]).sum())?;
        // A gang that lost a member makes nothing any more.
        let settled = task.state == State::Failed || (layer.is_gang() && !layer.errors.is_empty());
        if !settled {
            same(&name, "being needed", task.state != State::Idle, layer.is_needed(rank))?;
        }
        match task.state {
            State::Waiting | State::Ready => {
                let sources = Sched::sources(task_ix, self).into_iter();
                let missing = sources.filter(|source| self.task(*source).state != State::Done).count() as u32;
                same(&name, "missing", task.missing, missing)?;
                if layer.alias.is_none() {
                    same(&name, "being ready", task.state == State::Ready, missing == 0)?;
                }
            }
            State::Assigned => {
                let index = layer.index(rank);
                let has = |slice: &Slice| {
                    (slice.run, slice.layer, slice.attempt.0) == (layer.run, layer.id, task.attempt)
                        && slice.start <= index
                        && index - slice.start < slice.len
                };
                let there = self.workers.get(&task.worker).is_some_and(|worker| worker.slices.keys().any(has));
                same(&name, "its slice", there, true)?;
            }
            State::Done if layer.alias.is_none() => {
                same(&name, "its worker", self.workers.contains_key(&task.worker), true)?;
            }
            _ => {}
        }
        if task.state == State::Ready {
            let stands = match task.worker {
                NOWHERE => layer.ready.contains(rank) || self.suspects.contains(&task_ix),
                home => layer.local.get(&home).is_some_and(|home| home.contains(&rank)),
            };
            same(&name, "its home", stands, true)?;
        }
        if let Some(root) = layer.root(rank) {
            same(&name, "being watched", self.layer(root.0).watchers.of(root.1, false).contains(&(ix, rank)), true)?;
            if task.state == State::Done {
                same(&name, "the state of its root", self.task(root).state, State::Done)?;
            }
        }
        Ok(())
    }

    fn check_runs(&self, counted: &Counted) -> Checked {
        for (id, run) in &self.runs {
            same(id, "open", run.open, counted.open.get(id).copied().unwrap_or(0))?;
            same(id, "holds", run.holds, counted.holds.get(id).copied().unwrap_or(0))?;
            let outstanding = self.workers.values().flat_map(|worker| worker.slices.keys()).filter(|slice| slice.run == *id).count();
            same(id, "outstanding", run.outstanding, outstanding as u32)?;
            same(id, "its place", run.place, run.wanted_place(*id))?;
            same(id, "being in order", run.place.is_none_or(|place| self.order.contains(&place)), true)?;
            if run.open == 0 && run.holds == 0 && run.outstanding == 0 && run.lineage == 0 {
                return Err(format!("{id} is over and still remembered"));
            }
        }
        same(&"the scheduler", "runs in order", self.order.len(), self.runs.values().filter(|run| run.place.is_some()).count())
    }

    fn check_copies(&self) -> Checked {
        for ((ix, rank), copies) in &self.copies {
            let layer = self.layers[*ix as usize].as_ref().ok_or_else(|| format!("copies of a layer that is gone, {ix}"))?;
            let (name, task) = (format!("{} {rank}", name_of(layer)), self.task((*ix, *rank)));
            same(&name, "being copied", task.state == State::Done && layer.alias.is_none(), true)?;
            let sound = |id: &WorkerId| *id != task.worker && self.workers.contains_key(id);
            same(&name, "who has copies", !copies.is_empty() && copies.iter().all(sound), true)?;
        }
        Ok(())
    }

    fn check_workers(&self, counted: &Counted) -> Checked {
        for (id, worker) in &self.workers {
            same(id, "load", worker.load, worker.slices.values().map(|given| given.slots).sum())?;
            // Whatever is leased, one task runs, and who has none is given one.
            same(id, "a slot for a task", worker.at_once() > worker.lent, true)?;
            same(id, "having room with nothing to do", !worker.slices.is_empty() || worker.room() > 0, true)?;
            same(id, "held", worker.held, counted.held.get(id).copied().unwrap_or(0))?;
            same(id, "being alone", worker.alone.is_none_or(|slice| worker.slices.contains_key(&slice)), true)?;
            let mut free = worker.info.resources.clone();
            for slice in worker.slices.keys() {
                let layer = self.find(slice.run, slice.layer).ok_or_else(|| format!("{id}: {slice:?} is of no layer"))?;
                for (name, amount) in &self.layer(layer).spec.needs.resources {
                    free.entry(name.clone()).and_modify(|free| *free -= amount);
                }
            }
            same(id, "free resources", &worker.resources, &free)?;
        }
        same(&"the scheduler", "slots", self.slots, self.workers.values().map(|worker| worker.info.slots).sum())
    }

    /// One line a layer of a run: how many tasks are in each state, and what holds it up.
    pub fn describe(&self, run: RunId) -> String {
        let Some(state) = self.runs.get(&run) else { return format!("{run} is not known\n") };
        let mut text = format!("{run}: {} open, {} slices outstanding, {} holds\n", state.open, state.outstanding, state.holds);
        for layer in state.layers.iter().map(|ix| self.layer(*ix)) {
            let count = |state: State| layer.tasks.iter().filter(|task| task.state == state).count();
            let states = [State::Idle, State::Waiting, State::Ready, State::Assigned, State::Done, State::Failed];
            let counts: Vec<String> =
                states.into_iter().filter(|state| count(*state) > 0).map(|state| format!("{} {state:?}", count(state))).collect();
            text += &format!("  {}: {}", layer.spec.name, counts.join(", "));
            if layer.blocked > 0 {
                text += &format!("; waits for {} whole inputs", layer.blocked);
            }
            if layer.window_end != u32::MAX {
                text += &format!("; may start below {}", layer.window_end);
            }
            if layer.alias.is_some() {
                text += "; results of other runs";
            }
            if let Some(lacking) = self.lacking(layer) {
                text += &format!("; no worker has what it needs, {lacking}");
            }
            text.push('\n');
        }
        text
    }

    /// Whether some worker could start a task at once that is ready, eligible and was not handed out: after
    /// [`schedule`](Self::schedule) this must not be.
    pub fn forgotten_work(&self) -> bool {
        let room = self.workers.values().any(|worker| worker.room() > 0 && worker.is_starving() && worker.info.memory == 0);
        let waiting = self.layers.iter().flatten().any(|layer| {
            let needs = &layer.spec.needs;
            let calls = !needs.functions.is_empty() || !needs.services.is_empty();
            let anyone = needs.workers.is_empty() && needs.resources.is_empty() && !calls;
            anyone && layer.window_end == u32::MAX && layer.spec.slicing != Slicing::Whole && layer.is_pickable()
        });
        room && waiting && self.suspects.is_empty()
    }
}

fn name_of(layer: &Layer) -> String {
    format!("{}/{} ({})", layer.run, layer.id, layer.spec.name)
}

fn same<T: PartialEq + Debug>(of: &dyn Display, what: &str, kept: T, counted: T) -> Checked {
    match kept == counted {
        true => Ok(()),
        false => Err(format!("{of}: {what} is {kept:?} and should be {counted:?}")),
    }
}
