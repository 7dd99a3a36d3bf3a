//! What follows an event, once it is handled: what clients and workers are told, and runs that are over.

use super::{
    Outbox, Sched,
    message::{Message, ToClient, ToWorker},
    state::{LayerIx, Rank, State, TaskIx},
};
use crate::{ClientId, RunId, graph::Ranges};

impl Sched {
    pub(super) fn flush(&mut self, out: &mut Outbox) {
        for ix in std::mem::take(&mut self.dirty.layers) {
            if self.layers[ix as usize].is_some() {
                self.place_layer(ix);
            }
        }
        self.tell_workers(out);
        self.tell_clients(out);
        let mut runs: Vec<RunId> = std::mem::take(&mut self.dirty.runs).into_iter().collect();
        runs.sort_unstable();
        while let Some(id) = runs.pop() {
            self.place_run(id);
            self.close_run(id, &mut runs, out);
        }
    }

    fn tell_workers(&mut self, out: &mut Outbox) {
        for (id, ix, rank) in std::mem::take(&mut self.dirty.cancels) {
            let Some(layer) = self.layers[ix as usize].as_ref() else { continue };
            let (run, of, index) = (layer.run, layer.id, layer.index(rank));
            let Some(worker) = self.workers.get(&id) else { continue };
            let within =
                |slice: &super::Slice| slice.run == run && slice.layer == of && slice.start <= index && index - slice.start < slice.len;
            let Some(slice) = worker.slices.keys().find(|slice| within(slice)).copied() else { continue };
            let tasks = layer
                .rank(slice.start)
                .into_iter()
                .flat_map(|first| first..layer.len())
                .take_while(|rank| layer.index(*rank) < slice.start + slice.len);
            let wanted = tasks.into_iter().any(|rank| self.is_assigned((ix, rank), id, slice.attempt));
            let repeated =
                matches!(out.last(), Some(Message::Worker(to, ToWorker::Cancel { slices })) if *to == id && slices.contains(&slice));
            if !wanted && !repeated {
                out.push(Message::Worker(id, ToWorker::Cancel { slices: vec![slice] }));
            }
        }
        for ((worker, run, layer, attempt), indexes) in std::mem::take(&mut self.dirty.releases) {
            if self.workers.contains_key(&worker) {
                out.push(Message::Worker(worker, ToWorker::Release { run, layer, attempt, tasks: Ranges::from_indexes(indexes) }));
            }
        }
    }

    fn tell_clients(&mut self, out: &mut Outbox) {
        let sorted = |mut tasks: Vec<TaskIx>| {
            tasks.sort_unstable();
            tasks.dedup();
            tasks
        };
        // In this order: what was lost and is back is ready, what came back failed is failed.
        let lost = sorted(std::mem::take(&mut self.dirty.lost));
        for (ix, client, ranks) in self.by_holder(&lost) {
            let layer = self.layer(ix);
            let tasks = Ranges::from_indexes(ranks.iter().map(|rank| layer.index(*rank)));
            out.push(Message::Client(client, ToClient::Lost { run: layer.run, layer: layer.id, tasks }));
        }
        let ready = sorted(std::mem::take(&mut self.dirty.ready));
        for (ix, client, ranks) in self.by_holder(&ready) {
            let ranks = ranks.into_iter().filter(|rank| self.task((ix, *rank)).state == State::Done);
            let located = self.located(ix, ranks, None);
            if !located.is_empty() {
                let layer = self.layer(ix);
                out.push(Message::Client(client, ToClient::Ready { run: layer.run, layer: layer.id, located }));
            }
        }
        let failed = sorted(std::mem::take(&mut self.dirty.failed));
        for (ix, client, ranks) in self.by_holder(&failed) {
            let layer = self.layer(ix);
            let mut at = 0;
            while at < ranks.len() {
                // Neighbours that failed for one reason are told together.
                let error = self.error_of((ix, ranks[at]));
                let same = ranks[at..].iter().take_while(|rank| self.error_of((ix, **rank)).is_same(&error)).count().max(1);
                let tasks = Ranges::from_indexes(ranks[at..at + same].iter().map(|rank| layer.index(*rank)));
                out.push(Message::Client(client, ToClient::Failed { run: layer.run, layer: layer.id, tasks, error }));
                at += same;
            }
        }
        out.append(&mut self.dirty.given_up);
    }

    /// Sorted tasks by their layer and whoever holds them.
    fn by_holder(&self, tasks: &[TaskIx]) -> Vec<(LayerIx, ClientId, Vec<Rank>)> {
        let mut groups = Vec::new();
        for tasks in tasks.chunk_by(|(one, _), (other, _)| one == other) {
            let ix = tasks[0].0;
            for (client, holds) in &self.layer(ix).holders {
                let held: Vec<Rank> = tasks.iter().map(|(_, rank)| *rank).filter(|rank| holds[*rank as usize] > 0).collect();
                if !held.is_empty() {
                    groups.push((ix, *client, held));
                }
            }
        }
        groups
    }

    /// Tells the client when nothing of a run is open any more, and forgets the run when nobody holds anything of it.
    fn close_run(&mut self, id: RunId, more: &mut Vec<RunId>, out: &mut Outbox) {
        let Some(run) = self.runs.get_mut(&id) else { return };
        if run.open > 0 {
            return;
        }
        if !run.finished {
            run.finished = true;
            out.push(Message::Client(run.client, ToClient::Finished { run: id, error: run.error.clone() }));
        }
        if run.holds > 0 || run.outstanding > 0 || run.lineage > 0 {
            return;
        }
        let Some(run) = self.runs.remove(&id) else { return };
        if let Some(place) = run.place {
            self.order.remove(&place);
        }
        for ix in &run.layers {
            let Some(layer) = self.layers[*ix as usize].take() else { continue };
            self.free.push(*ix);
            if let Some(token) = layer.spec.token
                && self.tokens.get(&token) == Some(ix)
            {
                self.tokens.remove(&token);
            }
            for range in layer.alias.iter().flatten() {
                if let Some(root) = self.layers[range.root as usize].as_mut() {
                    root.watchers.remove(*ix, range);
                }
            }
            for client in layer.holders.keys() {
                if let Some(layers) = self.held_layers.get_mut(client) {
                    layers.remove(ix);
                }
            }
            self.trouble.retain(|(of, _), _| of != ix);
            self.copies.retain(|(of, _), _| of != ix);
        }
        for worker in run.workers.iter().filter(|id| self.workers.contains_key(id)) {
            out.push(Message::Worker(*worker, ToWorker::Forget { run: id }));
        }
        out.push(Message::RunDropped(id));
        for used in run.uses {
            if let Some(used_run) = self.runs.get_mut(&used) {
                used_run.lineage -= 1;
                more.push(used);
            }
        }
    }
}
