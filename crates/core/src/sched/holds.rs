//! Leases of clients: what they hold is kept, what they give up is dropped.

use super::{
    Sched,
    demand::{Step, Steps},
    message::{Message, ToClient},
    state::{LayerIx, Rank, State, TaskIx},
};
use crate::{ClientId, Error, ErrorKind, LayerId, RunId, graph::Ranges};
use std::collections::BTreeSet;

impl Sched {
    /// One more hold of a client on each of these results. Those that are not there are made.
    pub(super) fn hold(&mut self, client: ClientId, run: RunId, layer: LayerId, tasks: &Ranges) {
        let mut steps = Steps::new();
        self.take_hold(client, run, layer, tasks, &mut steps);
        self.take_steps(steps);
    }

    pub(super) fn take_hold(&mut self, client: ClientId, run: RunId, layer: LayerId, tasks: &Ranges, steps: &mut Steps) {
        let Some(ix) = self.find(run, layer) else { return };
        let ranks = self.layer(ix).ranks(tasks);
        if ranks.is_empty() {
            return;
        }
        self.held_layers.entry(client).or_default().insert(ix);
        let layer = self.layer_mut(ix);
        layer.output = true;
        ranks.iter().for_each(|rank| layer.hold(client, *rank));
        self.run_mut(run).holds += ranks.len() as u64;
        for rank in &ranks {
            // Whoever holds what is settled already is told so.
            match self.task((ix, *rank)).state {
                State::Done => self.dirty.ready.push((ix, *rank)),
                State::Failed => self.dirty.failed.push((ix, *rank)),
                _ => {}
            }
        }
        steps.extend(ranks.into_iter().rev().map(|rank| Step::Need((ix, rank))));
    }

    /// One hold of a client less on each of these results.
    pub(super) fn release(&mut self, client: ClientId, run: RunId, layer: LayerId, tasks: &Ranges) {
        let Some(ix) = self.find(run, layer) else { return };
        let ranks = self.layer(ix).ranks(tasks);
        let steps = self.unhold(client, ix, ranks, |held| held.min(1));
        self.take_steps(steps);
    }

    /// Gives up holds of a client: of those it has on a task, as many as `which` says.
    fn unhold(&mut self, client: ClientId, ix: LayerIx, ranks: impl IntoIterator<Item = Rank>, which: impl Fn(u32) -> u32) -> Steps {
        let mut steps = Steps::new();
        let layer = self.layer_mut(ix);
        let mut given_up = 0;
        for rank in ranks {
            let fewer = layer.unhold(client, rank, &which);
            given_up += fewer as u64;
            if fewer > 0 && layer.held(rank) == 0 {
                steps.push(Step::Drop((ix, rank)));
            }
        }
        let run = layer.run;
        self.run_mut(run).holds -= given_up;
        self.dirty.runs.insert(run);
        steps
    }

    /// A client gives up the outputs of a run that are not there yet. What others need of it goes on; what nobody else needs
    /// has failed, and is remembered while the client holds it, since it may yet be retried. The client knows that it was it.
    pub(super) fn cancel(&mut self, run: RunId) {
        let Some(state) = self.runs.get_mut(&run) else { return };
        let error = Error::new(ErrorKind::Cancelled, "cancelled by its client");
        state.error.get_or_insert_with(|| error.clone());
        let (client, layers) = (state.client, state.layers.clone());
        // Readers before what they read, so that what only they need is needed no longer when its turn comes.
        for ix in layers.iter().rev().copied() {
            if !self.layer(ix).output {
                continue;
            }
            for rank in (0..self.layer(ix).len()).rev() {
                if self.task((ix, rank)).state.is_open() {
                    self.cancel_task(client, (ix, rank), &error);
                }
            }
        }
        self.dirty.failed.retain(|(ix, _)| !layers.contains(ix));
        self.dirty.runs.insert(run);
    }

    fn cancel_task(&mut self, client: ClientId, task @ (ix, rank): TaskIx, error: &Error) {
        // Whoever asked for it by name is given up with it.
        let named = self.layer(ix).watchers.of(rank, true);
        self.take_steps(named.into_iter().map(|alias| Step::Fail(alias, error.clone())).collect());
        let layer = self.layer(ix);
        if !layer.tasks[rank as usize].state.is_open() || layer.held_by(client, rank) == 0 {
            return;
        }
        let steps = match layer.is_needed_but_for(client, rank) {
            true => self.unhold(client, ix, [rank], |held| held),
            false => vec![Step::Fail(task, error.clone())],
        };
        self.take_steps(steps);
    }

    /// The first output that failed takes the rest with it: the client gives up what is not there, and is told so. What
    /// others need of it goes on.
    pub(super) fn give_up(&mut self, run: RunId, error: &Error, steps: &mut Steps) {
        let state = self.run_mut(run);
        let (client, told) = (state.client, std::mem::replace(&mut state.finished, true));
        let layers: BTreeSet<LayerId> = state.outputs.iter().map(|output| output.layer).collect();
        for id in layers {
            let Some(ix) = self.find(run, id) else { continue };
            let layer = self.layer(ix);
            let settled = |rank: Rank| matches!(layer.tasks[rank as usize].state, State::Done | State::Failed);
            let is_given_up = |rank: &Rank| layer.held_by(client, *rank) > 0 && !settled(*rank);
            let ranks: Vec<Rank> = (0..layer.len()).filter(is_given_up).collect();
            let tasks = Ranges::from_indexes(ranks.iter().map(|rank| layer.index(*rank)));
            if !ranks.is_empty() {
                let failed = ToClient::Failed { run, layer: id, tasks, error: error.clone() };
                self.dirty.given_up.push(Message::Client(client, failed));
                steps.extend(self.unhold(client, ix, ranks, |held| held));
            }
        }
        if !told {
            self.dirty.given_up.push(Message::Client(client, ToClient::Finished { run, error: Some(error.clone()) }));
        }
    }

    pub(super) fn client_gone(&mut self, client: ClientId) {
        let mut steps = Steps::new();
        for ix in self.held_layers.remove(&client).unwrap_or_default() {
            let all = 0..self.layer(ix).len();
            steps.extend(self.unhold(client, ix, all, |held| held));
            self.layer_mut(ix).holders.remove(&client);
        }
        self.take_steps(steps);
    }

    /// The reader of a windowed output has taken some of its tasks; as many more may start.
    pub(super) fn consumed(&mut self, run: RunId, tasks: u32) {
        let layers = self.runs.get(&run).map(|run| run.layers.clone()).unwrap_or_default();
        for ix in layers {
            let layer = self.layer_mut(ix);
            if layer.window_end != u32::MAX {
                layer.window_end = layer.window_end.saturating_add(tasks);
                self.dirty.layers.insert(ix);
            }
        }
    }
}
