//! Who runs what.
//!
//! Runs go by priority, then nested before new and the newest of them first, then fair share, then age; in a run by
//! priority, then the deepest layer first, so that reductions free memory early; in a layer what is at home on the worker,
//! then what is at home nowhere, and at last, if the worker would starve, what is at home on a busy one. Every worker is
//! kept a little ahead of what it can run, as soon as none starves.

use super::{
    Outbox, Sched,
    event::Slice,
    layer::Layer,
    message::{Message, ToWorker},
    state::{Given, LayerIx, Rank, State, TaskIx, Worker},
};
use crate::{Attempt, RunId, WorkerId, graph::Slicing};
use std::{cmp::Reverse, collections::BTreeSet};

/// Time that a slice of tiny tasks should take, in microseconds: long against a message, short against a user's patience.
const SLICE_US: f32 = 5_000.0;
/// The most tasks of a slice, unless they are a gang.
const SLICE_TASKS: u32 = 256;
/// Runs that are looked at for work that is at home on a worker, before any work of any run will do.
const RUNS_LOOKED_AT: usize = 32;
/// Share of a worker's memory that results may take before it is given no more tasks that only produce.
const PRODUCE_BELOW: f64 = 0.6;

/// From where tasks may be taken.
#[derive(Clone, Copy, PartialEq)]
enum From {
    HomeOrNowhere,
    Anywhere,
}

impl Sched {
    /// Hands out work to workers that have room, one slice to each in turn, until there is no work or no room. What could
    /// start at once on one of them queues up on no other.
    pub fn schedule(&mut self, out: &mut Outbox) {
        let drained = self.place_suspects(out);
        let with_room = self.workers.iter().filter(|(id, worker)| worker.room() > 0 && Some(**id) != drained);
        let with_room = with_room.map(|(id, _)| *id);
        let (mut starving, mut others): (Vec<WorkerId>, Vec<WorkerId>) = with_room.partition(|id| self.workers[id].is_starving());
        while !self.order.is_empty() {
            // As long as one starves, a round costs what those that do cost, and not all workers.
            let mut round = std::mem::take(if starving.is_empty() { &mut others } else { &mut starving });
            if round.is_empty() {
                break;
            }
            // Who has least to do first: what was asked back must not return to the worker that gave it.
            round.sort_by_key(|id| {
                let worker = &self.workers[id];
                (worker.room_taken(), worker.leased, *id)
            });
            for id in round {
                // Who finds nothing now is not asked again: nothing becomes ready meanwhile.
                let picked = self.pick(id, From::HomeOrNowhere).or_else(|| self.pick_foreign(id));
                let Some((ix, ranks)) = picked else { continue };
                self.assign(id, ix, &ranks, out);
                let worker = &self.workers[&id];
                if worker.room() > 0 {
                    let again = if worker.is_starving() { &mut starving } else { &mut others };
                    again.push(id);
                }
            }
        }
        // What was handed out is no longer ready.
        self.flush(out);
        self.ask_back(drained, out);
    }

    fn pick_foreign(&mut self, id: WorkerId) -> Option<(LayerIx, Vec<Rank>)> {
        self.workers[&id].is_starving().then(|| self.pick(id, From::Anywhere)).flatten()
    }

    /// Takes the best slice for a worker out of the ready sets.
    fn pick(&mut self, id: WorkerId, from: From) -> Option<(LayerIx, Vec<Rank>)> {
        let most = if from == From::Anywhere { usize::MAX } else { RUNS_LOOKED_AT };
        let mut layers = self.order.iter().take(most).flat_map(|(.., run)| &self.runs[run].pickable);
        let (ix, first) = layers.find_map(|(.., ix)| {
            let layer = self.layer(*ix);
            let first = first_rank(layer, id, from).filter(|_| self.may_run(layer, id))?;
            Some((*ix, first))
        })?;
        let ranks = self.slice_from(ix, id, first);
        ranks.iter().for_each(|rank| self.unready((ix, *rank), State::Assigned));
        Some((ix, ranks))
    }

    pub(super) fn may_run(&self, layer: &Layer, id: WorkerId) -> bool {
        let worker = &self.workers[&id];
        let needs = &layer.spec.needs;
        let produces_only = layer.spec.inputs.is_empty();
        let full = worker.info.memory > 0 && worker.held as f64 > worker.info.memory as f64 * PRODUCE_BELOW;
        (needs.workers.is_empty() || needs.workers.contains(&worker.info.name))
            && needs.resources.iter().all(|(name, amount)| worker.resources.get(name).is_some_and(|free| free >= amount))
            && worker.has_what_it_calls(layer)
            && !(produces_only && full && worker.load > worker.lent)
    }

    /// The tasks that go with the first one: its gang, or as many neighbours at the same attempt as are worth one message.
    fn slice_from(&self, ix: LayerIx, id: WorkerId, first: Rank) -> Vec<Rank> {
        let layer = self.layer(ix);
        let most = match layer.spec.slicing {
            Slicing::Whole => return (0..layer.len()).filter(|rank| layer.tasks[*rank as usize].state == State::Ready).collect(),
            Slicing::AtMost(most) => most.max(1),
            Slicing::Any => SLICE_TASKS,
        };
        let worth = match layer.task_us {
            0.0 => 1,
            us => (SLICE_US / us).clamp(1.0, SLICE_TASKS as f32) as u32,
        };
        let share = layer.ready_count.div_ceil(self.slots.saturating_mul(2).max(1));
        let home = layer.local.get(&id);
        let at_home = home.is_some_and(|home| home.contains(&first));
        let attempt = layer.tasks[first as usize].attempt;
        let goes_along = |rank: &Rank| {
            let together = if at_home { home.is_some_and(|home| home.contains(rank)) } else { layer.ready.contains(*rank) };
            together && layer.tasks[*rank as usize].attempt == attempt && *rank < layer.window_end
        };
        let end = (first + most.min(worth).min(share).max(1)).min(layer.len());
        std::iter::once(first).chain((first + 1..end).take_while(goes_along)).collect()
    }

    pub(super) fn assign(&mut self, id: WorkerId, ix: LayerIx, ranks: &[Rank], out: &mut Outbox) -> Slice {
        let layer = self.layer_mut(ix);
        let attempt = ranks.iter().map(|rank| layer.tasks[*rank as usize].attempt).max().unwrap_or(0) + 1;
        for rank in ranks {
            let task = &mut layer.tasks[*rank as usize];
            task.state = State::Assigned;
            task.worker = id;
            task.attempt = attempt;
        }
        let (first, last) = (ranks[0], ranks[ranks.len() - 1]);
        let start = layer.index(first);
        let slice = Slice { run: layer.run, layer: layer.id, start, len: layer.index(last) + 1 - start, attempt: Attempt(attempt) };
        let spec = layer.spec.clone();
        let order = self.runs[&slice.run].order_of(self.layer(ix));
        let run = self.run_mut(slice.run);
        run.outstanding += 1;
        run.workers.insert(id);
        self.dirty.runs.insert(slice.run);
        let worker = self.workers.get_mut(&id).expect("work is given to living workers");
        let weight = spec.needs.slots.clamp(1, worker.info.slots.max(1));
        worker.slices.insert(slice, Given { slots: weight, begun: false });
        worker.load += weight;
        for (name, amount) in &spec.needs.resources {
            if let Some(free) = worker.resources.get_mut(name) {
                *free -= amount;
            }
        }
        self.counters.assigned += ranks.len() as u64;
        let inputs = self.locations(id, ix, ranks, out);
        out.push(Message::Worker(id, ToWorker::Run { slice, order, inputs }));
        self.place_run(slice.run);
        slice
    }

    /// Asks a worker with slices that it has not started for one of them, when another starves and nothing else is ready:
    /// the fullest that has one which the other could run.
    fn ask_back(&mut self, drained: Option<WorkerId>, out: &mut Outbox) {
        if self.workers.len() < 2 || !self.order.is_empty() {
            return;
        }
        let leases = self.workers.values().any(|worker| worker.leased > 0);
        let starves = |(id, worker): &(&WorkerId, &Worker)| {
            (worker.slices.is_empty() || (leases && worker.is_starving())) && worker.room() > 0 && Some(**id) != drained
        };
        let starving = self.workers.iter().filter(starves).map(|(id, _)| *id);
        let (idle, busy): (Vec<WorkerId>, Vec<WorkerId>) = starving.partition(|id| self.workers[id].slices.is_empty());
        if idle.is_empty() && busy.is_empty() {
            return;
        }
        let full = self.workers.iter().filter(|(_, worker)| worker.retracting.is_none());
        let full = full.map(|(id, worker)| (worker.ahead(), *id)).filter(|(ahead, _)| *ahead > 0);
        let mut full: Vec<(u32, WorkerId)> = full.collect();
        full.sort_unstable_by_key(|full| Reverse(*full));
        self.ask_for(idle, &mut full, out);
        // Of what the others have, most is nothing for one that has something to do: it is not looked through for each of these.
        full.retain(|(_, id)| {
            self.workers[id].leased > 0 && self.workers[id].slices.values().any(|given| !given.begun && given.slots <= 1)
        });
        self.ask_for(busy, &mut full, out);
    }

    /// Asks, for each of some workers that starve, the fullest that has something for it. Who is asked is full no more.
    fn ask_for(&mut self, starving: Vec<WorkerId>, full: &mut Vec<(u32, WorkerId)>, out: &mut Outbox) {
        for starving in starving {
            let last_movable = |id: &WorkerId| {
                let waiting = self.workers[id].slices.iter().filter(|(_, given)| !given.begun).map(|(slice, _)| *slice);
                waiting.filter(|slice| self.may_move(slice, *id, starving)).max_by_key(|slice| (slice.run, slice.layer, slice.start))
            };
            let Some((at, last)) = full.iter().enumerate().find_map(|(at, (_, id))| Some((at, last_movable(id)?))) else { continue };
            let (_, asked) = full.remove(at);
            self.workers.get_mut(&asked).expect("chosen among the living").retracting = Some(last);
            out.push(Message::Worker(asked, ToWorker::Retract { slices: vec![last] }));
        }
    }

    /// Whether a slice that a worker has queued could run on another. One that has something to do is given only what waits
    /// behind leases and can start with it at once; one that has nothing starts whatever it is. So nothing goes to and fro.
    fn may_move(&self, slice: &Slice, from: WorkerId, to: WorkerId) -> bool {
        let Some(ix) = self.find(slice.run, slice.layer) else { return false };
        let layer = self.layer(ix);
        let starts = self.workers[&to].slices.is_empty() || (self.workers[&from].leased > 0 && layer.spec.needs.slots <= 1);
        let first = layer.rank(slice.start);
        first.is_some_and(|rank| {
            starts
                && self.may_run(layer, to)
                && layer.tasks[rank as usize].state == State::Assigned
                && !self.trouble.contains_key(&(ix, rank))
        })
    }

    /// A ready task is at home nowhere any more.
    pub(super) fn unhome(&mut self, (ix, rank): TaskIx) {
        let layer = self.layer_mut(ix);
        if layer.leave_home(rank) {
            layer.ready.insert(rank);
        }
    }

    /// Enters a layer among those that have something to hand out, or takes it out.
    pub(super) fn place_layer(&mut self, ix: LayerIx) {
        let layer = self.layer(ix);
        let firsts = || layer.ready.first().into_iter().chain(layer.local.values().filter_map(|home| home.first().copied()));
        let pickable = layer.is_pickable() && firsts().any(|first| first < layer.window_end);
        let (run, key) = (layer.run, (Reverse(layer.spec.needs.priority), Reverse(layer.order), ix));
        let layers = &mut self.run_mut(run).pickable;
        let changed = if pickable { layers.insert(key) } else { layers.remove(&key) };
        if changed {
            self.place_run(run);
        }
    }

    /// Enters a run among those that have something to hand out, at its present place, or takes it out.
    pub(super) fn place_run(&mut self, id: RunId) {
        let Some(run) = self.runs.get_mut(&id) else { return };
        let wanted = run.wanted_place(id);
        if run.place != wanted {
            if let Some(place) = run.place.take() {
                self.order.remove(&place);
            }
            self.order.extend(wanted);
            run.place = wanted;
        }
    }
}

/// The first task of a layer that a worker may take.
fn first_rank(layer: &Layer, id: WorkerId, from: From) -> Option<Rank> {
    let may_start = |rank: &Rank| *rank < layer.window_end;
    let first_of = |home: &BTreeSet<Rank>| home.first().copied().filter(may_start);
    let home = layer.local.get(&id).and_then(first_of);
    let anywhere = || match from {
        From::HomeOrNowhere => None,
        From::Anywhere => layer.local.values().find_map(first_of),
    };
    home.or_else(|| layer.ready.first().filter(may_start)).or_else(anywhere)
}
