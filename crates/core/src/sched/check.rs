//! The invariants, recomputed from scratch. For tests and for hunting bugs; never needed for running.

use super::{
    Sched,
    state::{Rank, State},
};
use crate::graph::Slicing;
use rustc_hash::FxHashMap;

impl Sched {
    /// Recomputes every counter from the tasks' states and compares.
    ///
    /// # Errors
    /// The first invariant that does not hold, in words.
    pub fn sanity_check(&self) -> Result<(), String> {
        let live = || self.layers.iter().enumerate().filter_map(|(ix, layer)| Some((ix as u32, layer.as_ref()?)));
        let mut refs: FxHashMap<(u32, Rank), u32> = FxHashMap::default();
        let mut demand: FxHashMap<u32, u32> = FxHashMap::default();
        for (ix, layer) in live() {
            for rank in 0..layer.len() {
                let state = layer.tasks[rank as usize].state;
                let keeps_root = layer.alias.is_some() && state == State::Done;
                if state.is_open() || keeps_root {
                    Sched::sources((ix, rank), self).into_iter().for_each(|source| *refs.entry(source).or_default() += 1);
                }
            }
            if layer.open > 0 {
                self.shared_inputs(ix).into_iter().for_each(|from| *demand.entry(from).or_default() += 1);
            }
        }
        let mut open_of_run: FxHashMap<crate::RunId, u64> = FxHashMap::default();
        for (ix, layer) in live() {
            let name = format!("{}/{} ({})", layer.run, layer.id, layer.spec.name);
            let count = |wanted: fn(State) -> bool| layer.tasks.iter().filter(|task| wanted(task.state)).count() as u32;
            let same = |what: &str, kept: u32, counted: u32| match kept == counted {
                true => Ok(()),
                false => Err(format!("{name}: {what} is {kept} and should be {counted}")),
            };
            same("open", layer.open, count(State::is_open))?;
            same("done", layer.done, count(|state| state == State::Done))?;
            same("ready_count", layer.ready_count, count(|state| state == State::Ready))?;
            same("shared_demand", layer.shared_demand, demand.get(&ix).copied().unwrap_or(0))?;
            let blocked = self.shared_inputs(ix).into_iter().filter(|from| !self.layer(*from).is_full()).count() as u32;
            same("blocked", layer.blocked, blocked)?;
            let suspects = self.suspects.iter().filter(|(of, _)| *of == ix).count() as u32;
            let standing = layer.ready.len() + layer.local.values().map(|home| home.len() as u32).sum::<u32>() + suspects;
            same("the ready sets", standing, layer.ready_count)?;
            *open_of_run.entry(layer.run).or_default() += layer.open as u64;
            for rank in 0..layer.len() {
                let task = &layer.tasks[rank as usize];
                let at = format!("refs of {rank}");
                same(&at, task.refs, refs.get(&(ix, rank)).copied().unwrap_or(0))?;
                let needed = layer.is_needed(rank);
                if needed == (task.state == State::Idle) {
                    let settled = matches!(task.state, State::Failed);
                    if !settled {
                        return Err(format!("{name}: task {rank} is {:?} and {}needed", task.state, if needed { "" } else { "not " }));
                    }
                }
                if matches!(task.state, State::Waiting | State::Ready) {
                    let missing =
                        Sched::sources((ix, rank), self).into_iter().filter(|source| self.task(*source).state != State::Done).count()
                            as u32;
                    same(&format!("missing of {rank}"), task.missing, missing)?;
                    if layer.alias.is_none() && (missing == 0) != (task.state == State::Ready) {
                        return Err(format!("{name}: task {rank} is {:?} with {missing} missing", task.state));
                    }
                }
                if task.state == State::Assigned {
                    let index = layer.index(rank);
                    let has = |slice: &super::Slice| {
                        (slice.run, slice.layer, slice.attempt.0) == (layer.run, layer.id, task.attempt)
                            && slice.start <= index
                            && index - slice.start < slice.len
                    };
                    if !self.workers.get(&task.worker).is_some_and(|worker| worker.slices.keys().any(has)) {
                        return Err(format!("{name}: task {rank} is assigned to {} and has no slice there", task.worker));
                    }
                }
                if task.state == State::Done && layer.alias.is_none() && !self.workers.contains_key(&task.worker) {
                    return Err(format!("{name}: the result of {rank} is on {}, which is gone", task.worker));
                }
                if let Some(root) = layer.root(rank)
                    && task.state == State::Done
                    && self.task(root).state != State::Done
                {
                    return Err(format!("{name}: alias {rank} is done and its root is {:?}", self.task(root).state));
                }
            }
        }
        for (id, run) in &self.runs {
            let open = open_of_run.get(id).copied().unwrap_or(0);
            if run.open != open {
                return Err(format!("{id}: open is {} and should be {open}", run.open));
            }
            let outstanding = self.workers.values().flat_map(|worker| worker.slices.keys()).filter(|slice| slice.run == *id).count() as u32;
            if run.outstanding != outstanding {
                return Err(format!("{id}: outstanding is {} and should be {outstanding}", run.outstanding));
            }
            if run.open == 0 && run.holds == 0 && run.outstanding == 0 && run.lineage == 0 {
                return Err(format!("{id} is over and still remembered"));
            }
        }
        for (id, worker) in &self.workers {
            let load: u32 = worker.slices.values().sum();
            if worker.load != load {
                return Err(format!("{id}: load is {} and should be {load}", worker.load));
            }
        }
        Ok(())
    }

    /// One line a layer of a run: how many tasks are in each state, and what holds it up.
    pub fn describe(&self, run: crate::RunId) -> String {
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
            text.push('\n');
        }
        text
    }

    /// Whether some worker has room for a task that is ready, eligible and was not handed out: after
    /// [`schedule`](Self::schedule) this must not be.
    pub fn forgotten_work(&self) -> bool {
        let room = self.workers.values().any(|worker| worker.room() > 0 && worker.slices.is_empty() && worker.info.memory == 0);
        let waiting = self.layers.iter().flatten().any(|layer| {
            let anyone =
                layer.spec.needs == crate::graph::Needs::default() && layer.window_end == u32::MAX && layer.spec.slicing != Slicing::Whole;
            anyone && layer.is_pickable()
        });
        room && waiting && self.suspects.is_empty()
    }
}
