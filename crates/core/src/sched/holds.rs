//! Leases of clients: what they hold is kept, what they give up is dropped.

use super::{
    Outbox, Sched,
    demand::{Step, Steps},
    state::{LayerIx, Rank, State, TaskIx},
};
use crate::{ClientId, Error, ErrorKind, LayerId, RunId, graph::Ranges};

impl Sched {
    /// One more hold of a client on each of these results. Those that are not there are made.
    pub(super) fn hold(&mut self, client: ClientId, run: RunId, layer: LayerId, tasks: &Ranges, _: &mut Outbox) {
        let Some(ix) = self.find(run, layer) else { return };
        let n = self.layer(ix).len() as usize;
        let ranks: Vec<Rank> = tasks.iter().filter_map(|index| self.layer(ix).rank(index)).collect();
        let own = self.holds.entry(client).or_default().entry(ix).or_insert_with(|| vec![0; n]);
        let layer = self.layers[ix as usize].as_mut().expect("found above");
        layer.holds.resize(n, 0);
        layer.output = true;
        for rank in &ranks {
            own[*rank as usize] += 1;
            layer.holds[*rank as usize] += 1;
        }
        self.run_mut(run).holds += ranks.len() as u64;
        for rank in &ranks {
            // Whoever holds what is settled already is told so.
            match self.task((ix, *rank)).state {
                State::Done => self.dirty.ready.push((ix, *rank)),
                State::Failed => self.dirty.failed.push((ix, *rank)),
                _ => {}
            }
        }
        self.take_steps(ranks.into_iter().rev().map(|rank| Step::Need((ix, rank))).collect());
    }

    /// One hold of a client less on each of these results.
    pub(super) fn release(&mut self, client: ClientId, run: RunId, layer: LayerId, tasks: &Ranges) {
        let Some(ix) = self.find(run, layer) else { return };
        let ranks: Vec<Rank> = tasks.iter().filter_map(|index| self.layer(ix).rank(index)).collect();
        let steps = self.unhold(client, ix, ranks, |held| held.min(1));
        self.take_steps(steps);
    }

    /// Gives up holds of a client: of those it has on a task, as many as `which` says.
    fn unhold(&mut self, client: ClientId, ix: LayerIx, ranks: impl IntoIterator<Item = Rank>, which: impl Fn(u32) -> u32) -> Steps {
        let mut steps = Steps::new();
        let Some(own) = self.holds.get_mut(&client).and_then(|layers| layers.get_mut(&ix)) else { return steps };
        let layer = self.layers[ix as usize].as_mut().expect("a held layer is remembered");
        let mut given_up = 0;
        for rank in ranks {
            let fewer = which(own[rank as usize]);
            own[rank as usize] -= fewer;
            layer.holds[rank as usize] -= fewer;
            given_up += fewer as u64;
            if fewer > 0 && layer.holds[rank as usize] == 0 {
                steps.push(Step::Drop((ix, rank)));
            }
        }
        let run = layer.run;
        let run_state = self.runs.get_mut(&run).expect("a layer's run is remembered");
        run_state.holds -= given_up;
        self.dirty.runs.insert(run);
        steps
    }

    /// A client gives up the outputs of a run that are not there yet. What others need of it goes on.
    pub(super) fn cancel(&mut self, run: RunId, _: &mut Outbox) {
        let Some(state) = self.runs.get_mut(&run) else { return };
        let error = Error::new(ErrorKind::Cancelled, "cancelled by its client");
        state.error.get_or_insert_with(|| error.clone());
        let (client, layers) = (state.client, state.layers.clone());
        let mut steps = Steps::new();
        for ix in layers {
            if !self.layer(ix).output {
                continue;
            }
            let open: Vec<Rank> = (0..self.layer(ix).len()).filter(|rank| self.task((ix, *rank)).state.is_open()).collect();
            steps.extend(self.unhold(client, ix, open.iter().copied(), |held| held));
            for rank in open {
                steps.extend(self.asked_for_by_name((ix, rank)).into_iter().map(|alias| Step::Fail(alias, error.clone())));
            }
        }
        self.take_steps(steps);
        self.dirty.runs.insert(run);
    }

    /// Tasks of other runs that were given this one's result by name.
    fn asked_for_by_name(&self, (ix, rank): TaskIx) -> Vec<TaskIx> {
        let watchers = self.layer(ix).watchers.iter().filter(|watcher| watcher.explicit);
        let covering = watchers.filter(|watcher| watcher.range.root_start <= rank && rank - watcher.range.root_start < watcher.range.len);
        covering.map(|watcher| (watcher.alias, watcher.range.start + (rank - watcher.range.root_start))).collect()
    }

    pub(super) fn client_gone(&mut self, client: ClientId) {
        let layers: Vec<LayerIx> = self.holds.get(&client).map(|layers| layers.keys().copied().collect()).unwrap_or_default();
        let mut steps = Steps::new();
        for ix in layers {
            let all = 0..self.layer(ix).len();
            steps.extend(self.unhold(client, ix, all, |held| held));
        }
        self.take_steps(steps);
        self.holds.remove(&client);
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
